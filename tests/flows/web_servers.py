"""A real web server on loopback whose answers a test chooses, also wrong ones; it keeps what it was asked."""

from __future__ import annotations

import hashlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

Handler = http.server.BaseHTTPRequestHandler


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]


Answer = Callable[[Handler], None]


@dataclass
class Site:
    """What the server gives: an answer by path (with its query), 404 for the rest."""

    url: str = ""
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    connection_count: int = 0

    def paths(self, method: str = "GET", *, robots: bool = False) -> list[str]:
        """The paths that were asked with a method, without robots.txt."""
        return [a.path for a in self.asked if a.method == method and (robots or a.path != "/robots.txt")]


def body(
    content: bytes, media_type: str = "application/pdf", status: int = 200, *, etag: bool = False, **headers: str
) -> Answer:
    """Answer with content; with `etag`, 304 to those who have it already."""
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'

    def answer(handler: Handler) -> None:
        if etag and handler.headers.get("If-None-Match") == tag:
            send(handler, b"", 304, {"ETag": tag})
            return
        given = {"Content-Type": media_type, **({"ETag": tag} if etag else {})}
        send(handler, content, status, given | {k.replace("_", "-"): v for k, v in headers.items()})

    return answer


def send(handler: Handler, content: bytes, status: int, headers: Mapping[str, str]) -> None:
    """Send a whole answer; no content for HEAD and 304."""
    handler.send_response(status)
    for name, value in headers.items():
        handler.send_header(name, value)
    if status != 304:
        handler.send_header("Content-Length", str(len(content)))
    handler.end_headers()
    if handler.command != "HEAD" and status != 304:
        handler.wfile.write(content)


def redirect(location: str, status: int = 302) -> Answer:
    """Answer with a redirect."""
    return lambda handler: send(handler, b"", status, {"Location": location})


def in_turn(*answers: Answer) -> Answer:
    """Give one answer after the other, and the last one from then on."""
    left = list(answers)

    def answer(handler: Handler) -> None:
        (left.pop(0) if len(left) > 1 else left[0])(handler)

    return answer


def raw(*chunks: bytes, headers: Mapping[str, str], pause: float = 0.0, hang: float = 0.0) -> Answer:
    """Send chunks under any headers, with pauses, then hang or close, whatever was announced."""

    def answer(handler: Handler) -> None:
        handler.close_connection = True
        handler.send_response(200)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        try:
            for chunk in chunks:
                handler.wfile.write(chunk)
                handler.wfile.flush()
                time.sleep(pause)
            time.sleep(hang)
        except OSError:
            pass  # the client has left, as it should

    return answer


@contextmanager
def serve(answers: Mapping[str, Answer] | None = None) -> Iterator[Site]:
    """Run a server for `answers`, which may be changed while it runs."""
    site = Site(answers=dict(answers or {}))

    class Serving(Handler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # noqa: N802 - the name that http.server asks for
            site.asked.append(Asked(self.command, self.path, dict(self.headers)))
            answer = site.answers.get(self.path) or body(b"not here", "text/plain", 404)
            answer(self)

        do_HEAD = do_GET  # noqa: N815

        def setup(self) -> None:
            site.connection_count += 1
            super().setup()

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    class Server(http.server.ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            """Say nothing: clients leave, as they should."""

    with Server(("127.0.0.1", 0), Serving) as httpd:
        httpd.daemon_threads = True
        httpd.block_on_close = False
        site.url = f"http://127.0.0.1:{httpd.server_address[1]}"
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            httpd.shutdown()
