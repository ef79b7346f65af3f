"""Sources on a server of this machine: what a nightly run costs, and that the way of a document changes nothing.

``python -m flows.source_benchmark FOLDER`` reads a folder by its files, by a feed and by a listing, and compares.
"""

from __future__ import annotations

import hashlib
import http.server
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from flows.adapter import SourceAdapter
from flows.adapters.feed import Adapter as FeedAdapter
from flows.adapters.folder import Adapter as FolderAdapter
from flows.adapters.listing import Adapter as ListingAdapter
from flows.adapters.urls import Adapter as UrlsAdapter
from flows.discovery import discover_documents
from flows.fetch_journal import open_fetcher
from flows.ingestion import SourceSummary
from flows.settings import Settings
from flows.source_ingestion import ingest_source, make_intake
from flows.sources import Source
from flows.workers import Workers, choose_worker_count
from warehouse.store import Warehouse

DOCUMENTS: Final = 1_000
NEW: Final = 3
_MARKDOWN: Final = "text/markdown"
_TYPES: Final = {
    ".pdf": "application/pdf",
    ".html": "text/html",
    ".htm": "text/html",
    ".md": _MARKDOWN,
    ".txt": "text/plain",
}

KNOWLEDGE: Final = {
    "statements": "statement_id, report_id, kind, text, label, page, start_offset, confidence",
    "reports": "report_id, title, publisher, published_date, report_number, kind, language, document_id",
    "documents": "document_id, media_type, page_count, character_count, extraction_hash, is_current",
    "addressees": "*",
    "responses": "response_id, stance, text",
    "links": "*",
    "problems": "stage, reason, document_id",
}
"""What a document gives, whatever way it came: columns by table. Where and when it was found are left out."""


@dataclass(frozen=True, slots=True)
class SourceFigures:
    """Of the second run: downloads, seconds without polite delays (there were none), and those of plain requests.

    `reference_seconds` is what httpx takes for the same requests in the same run, with nothing done about the answers.
    """

    documents: int
    downloads: int
    new: int
    seconds: float
    reference_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as long as plain requests take."""
        return self.seconds / self.reference_seconds if self.reference_seconds else 0.0


def measure_source(documents: int = DOCUMENTS, new: int = NEW) -> SourceFigures:
    """Ingest all but `new` of `documents` invented documents, then all of them, and measure the second run."""
    contents = {f"/{i}.md": (_content(f"{i}.md"), _MARKDOWN) for i in range(documents)}
    with _serve(contents) as (url, answered), tempfile.TemporaryDirectory(prefix="rodedraad-bench-") as folder:
        settings = Settings(
            home=Path(folder),
            model="hashing",
            extraction="rules",
            allow_private_addresses=True,
            fetch_delay=0,
        )
        addresses = [f"{url}/{i}.md" for i in range(documents)]
        _run("urls", UrlsAdapter(addresses=tuple(addresses[:-new])), settings)
        answered.statuses.clear()
        started = time.perf_counter()
        summary = _run("urls", UrlsAdapter(addresses=tuple(addresses)), settings)
        seconds = time.perf_counter() - started
        downloads = answered.statuses[200]
        started = time.perf_counter()
        with httpx.Client() as client:
            for address in addresses:
                client.get(address, headers={"If-None-Match": _tag(_content(address.rpartition("/")[2]))})
        reference = time.perf_counter() - started
    return SourceFigures(documents, downloads, summary.count("new"), seconds, reference)


@dataclass(frozen=True, slots=True)
class Way:
    """What a folder gave by one adapter: how its run ended, the seconds it took, and the rows of `KNOWLEDGE`."""

    adapter: str
    summary: SourceSummary
    seconds: float
    rows: dict[str, list[tuple[Any, ...]]]


def read_by_each_way(folder: Path, settings: Settings) -> Iterator[Way]:
    """Yield what the documents of a folder give as files, by a feed and by a listing, each in a warehouse of its own.

    The feed and the listing name the same files on a server of this machine. `settings` say how to read; their home is
    left alone. Raises `NothingToRead` for a folder without documents.
    """
    paths = [Path(found.address) for found in discover_documents([str(folder)])]
    links = {f"/{number}/{quote(path.name)}": path for number, path in enumerate(paths)}
    items = "".join(f"<item><link>{link}</link></item>" for link in links)
    anchors = "".join(f'<li><a href="{link}">Rapport</a></li>' for link in links)
    answers: dict[str, tuple[bytes | Path, str]] = {
        link: (path, _TYPES.get(path.suffix.lower(), "application/octet-stream")) for link, path in links.items()
    }
    answers["/-/feed"] = f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml"
    answers["/-/list"] = f"<ul>{anchors}</ul>".encode(), "text/html"
    with _serve(answers) as (url, _):
        ways = {
            "folder": FolderAdapter(path=folder.resolve()),
            "feed": FeedAdapter(url=f"{url}/-/feed"),
            "listing": ListingAdapter(pages=(f"{url}/-/list",), entries="."),
        }
        for name, adapter in ways.items():
            with tempfile.TemporaryDirectory(prefix="rodedraad-bench-") as home:
                changes = {"home": Path(home), "allow_private_addresses": True, "fetch_delay": 0}
                apart = settings.model_copy(update=changes)
                started = time.perf_counter()
                summary = _run(name, adapter, apart, workers=choose_worker_count(settings, len(paths)))
                seconds = time.perf_counter() - started
                with Warehouse.open(apart.warehouse_path, read_only=True) as warehouse:
                    rows = {
                        table: warehouse.query(f"SELECT {columns} FROM {table} ORDER BY ALL")  # noqa: S608
                        for table, columns in KNOWLEDGE.items()
                    }
            yield Way(name, summary, seconds, rows)


@dataclass(slots=True)
class _Answered:
    statuses: Counter[int] = field(default_factory=Counter)


def _run(name: str, adapter: SourceAdapter, settings: Settings, *, workers: int = 0) -> SourceSummary:
    source = Source(
        source_id="bench",
        publisher="Invented",
        language="nl",
        expect_at_least=1,
        adapter_name=name,
        adapter=adapter,
        folder=settings.home,
    )
    with (
        Warehouse.open(settings.warehouse_path) as warehouse,
        open_fetcher(settings, warehouse) as fetcher,
        Workers(settings, workers) as readers,
    ):
        return ingest_source(
            source,
            warehouse=warehouse,
            settings=settings,
            fetcher=fetcher,
            intake=make_intake(warehouse, settings, readers),
            advance=_ignore,
        )


def _ignore(name: str) -> None:
    del name


def _content(name: str) -> bytes:
    return f"# Verzonnen rapport {name}\n\n## Aanbevelingen\n\n1. Houd pont {name} elke dag in de vaart.\n".encode()


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


@contextmanager
def _serve(answers: Mapping[str, tuple[bytes | Path, str]]) -> Iterator[tuple[str, _Answered]]:
    """Run a server that answers by path with bytes or a file and its media type; 304 to those who have it already."""
    answered = _Answered()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer with a document, or that it is as before."""
            given, media_type = answers.get(self.path, (b"", ""))
            content = given.read_bytes() if isinstance(given, Path) else given
            if not media_type:
                self._send(404, b"", {})
            elif self.headers.get("If-None-Match") == _tag(content):
                self._send(304, b"", {"ETag": _tag(content)})
            else:
                answered.statuses[200] += 1
                self._send(200, content, {"ETag": _tag(content), "Content-Type": media_type})

        def _send(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", answered
        finally:
            server.shutdown()


def main(arguments: Sequence[str]) -> int:
    """Compare the ways for a folder and print what each gave; 1 when they differ, 2 for wrong use."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m flows.source_benchmark FOLDER\n")
        return 2
    first: Way | None = None
    differ = False
    for way in read_by_each_way(Path(arguments[0]), Settings()):
        first = first or way
        different = [table for table in KNOWLEDGE if way.rows[table] != first.rows[table]]
        differ |= bool(different)
        verdict = f"differs from {first.adapter} in {', '.join(different)}" if different else "the same"
        counts = ", ".join(f"{len(rows)} {table}" for table, rows in way.rows.items())
        failed = way.summary.failure or f"{way.summary.count('failed')} failed"
        sys.stdout.write(f"{way.adapter:<8} {verdict}: {counts}; {failed}; {way.seconds:.0f} s\n")
        sys.stdout.flush()
    return int(differ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
