"""Fetching from a real server on loopback."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.discovery import DocumentSource
from flows.errors import FetchFailed
from flows.fetching import fetch_document
from flows.ingestion import ingest_document
from flows.settings import Settings
from warehouse.store import Warehouse

REPORT = "# Verzonnen rapport\n\n## 5 Aanbevelingen\n\n1. Houd de pont naar het eiland elke dag in de vaart.\n"


class Site(http.server.BaseHTTPRequestHandler):
    """Answers by path: a report, redirects, a slow and a large body, and 404 for the rest."""

    def do_GET(self) -> None:
        if self.path == "/rapport":
            self._answer(200, REPORT.encode(), {"Content-Type": "text/markdown; charset=utf-8"})
        elif self.path == "/verhuisd":
            self._answer(302, b"", {"Location": "/rapport"})
        elif self.path == "/rondje":
            self._answer(302, b"", {"Location": "/rondje"})
        elif self.path == "/groot":
            self._answer(200, b"x" * 300_000, {})
        elif self.path == "/traag":
            self.send_response(200)
            self.end_headers()
            for _ in range(40):
                self.wfile.write(b"x" * 70_000)
                time.sleep(0.05)
        else:
            self._answer(404, b"", {})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """The address of a running `Site`."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site) as httpd:
        threading.Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_address[1]}"
        httpd.shutdown()


def settings(tmp_path: Path, **changes: object) -> Settings:
    return Settings(
        home=tmp_path / "home", model="hashing", _env_file=None, **{"allow_private_addresses": True, **changes}
    )  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/rapport", "/verhuisd"])
def test_a_document_is_fetched_also_after_a_redirect(tmp_path: Path, server: str, path: str) -> None:
    """The bytes come back as they are, and the name gets the suffix of the content type."""
    content, name = fetch_document(server + path, settings=settings(tmp_path))
    assert content.decode() == REPORT
    assert name == "rapport.md" if path == "/rapport" else name == "rapport.md" or name == "verhuisd.md"


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        ("/weg", {}, "http_status"),
        ("/rondje", {}, "too_many_redirects"),
        ("/groot", {"max_bytes": 100_000}, "too_large"),
        ("/traag", {"fetch_timeout": 0.4}, "too_slow"),
        ("/rapport", {"allow_private_addresses": False}, "private_address"),
    ],
)
def test_what_is_no_document_has_a_reason(
    tmp_path: Path, server: str, path: str, changes: dict[str, object], reason: str
) -> None:
    """Each failure has its stable reason and says what to do."""
    with pytest.raises(FetchFailed) as caught:
        fetch_document(server + path, settings=settings(tmp_path, **changes))
    assert caught.value.reason == reason
    assert caught.value.what_to_do


@pytest.mark.parametrize("url", ["ftp://example.org/x.pdf", "http:///x.pdf"])
def test_only_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    """Another scheme, or no host, is refused before anything is asked."""
    with pytest.raises(FetchFailed) as caught:
        fetch_document(url, settings=settings(tmp_path))
    assert caught.value.reason == "bad_address"


def test_a_failed_url_is_a_problem_and_the_next_is_read(tmp_path: Path, server: str) -> None:
    """Nobody answers at the first address; the second gives a document; the first has a row with stage fetch."""
    chosen = settings(tmp_path)
    chosen.home.mkdir()
    with Warehouse.open(chosen.warehouse_path) as warehouse:
        statuses = [
            ingest_document(DocumentSource(url, url), warehouse=warehouse, settings=chosen).status
            for url in ("http://127.0.0.1:9/x.pdf", f"{server}/rapport")
        ]
        assert statuses == ["failed", "new"]
        assert [(p.stage, p.reason) for p in warehouse.list_problems()] == [("fetch", "unreachable")]
        assert warehouse.counts()["statements"] == 1
