"""What a nightly run costs: a source of 1,000 documents of which 3 are new, on a server of this machine."""

from __future__ import annotations

import hashlib
import http.server
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx

from flows.adapters.urls import Adapter
from flows.fetch_journal import open_fetcher
from flows.ingestion import DocumentOutcome, ObtainedDocument, SourceSummary, take_in
from flows.settings import Settings
from flows.source_ingestion import ingest_source
from flows.sources import Source
from warehouse.store import Warehouse

DOCUMENTS: Final = 1_000
NEW: Final = 3
_TYPE: Final = "text/markdown"


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
    with _serve(documents) as (url, answered), tempfile.TemporaryDirectory(prefix="rodedraad-bench-") as folder:
        settings = Settings(
            home=Path(folder),
            model="hashing",
            extraction="rules",
            allow_private_addresses=True,
            fetch_delay=0,
        )
        addresses = [f"{url}/{i}.md" for i in range(documents)]
        _run(addresses[:-new], settings)
        answered.statuses.clear()
        started = time.perf_counter()
        summary = _run(addresses, settings)
        seconds = time.perf_counter() - started
        downloads = answered.statuses[200]
        started = time.perf_counter()
        with httpx.Client() as client:
            for address in addresses:
                client.get(address, headers={"If-None-Match": _tag(_content(address.rpartition("/")[2]))})
        reference = time.perf_counter() - started
    return SourceFigures(documents, downloads, summary.count("new"), seconds, reference)


@dataclass(slots=True)
class _Answered:
    statuses: Counter[int] = field(default_factory=Counter)


def _run(addresses: list[str], settings: Settings) -> SourceSummary:
    source = Source(
        source_id="bench",
        publisher="Invented",
        language="nl",
        expect_at_least=1,
        adapter_name="urls",
        adapter=Adapter(addresses=tuple(addresses)),
        folder=settings.home,
    )
    with Warehouse.open(settings.warehouse_path) as warehouse:

        def take_in_document(obtained: ObtainedDocument) -> DocumentOutcome:
            return take_in(obtained, warehouse=warehouse, settings=settings)

        with open_fetcher(settings, warehouse) as fetcher:
            return ingest_source(
                source,
                warehouse=warehouse,
                settings=settings,
                fetcher=fetcher,
                take_in=take_in_document,
                advance=_ignore,
            )


def _ignore(name: str) -> None:
    del name


def _content(name: str) -> bytes:
    return f"# Verzonnen rapport {name}\n\n## Aanbevelingen\n\n1. Houd pont {name} elke dag in de vaart.\n".encode()


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:16]}"'


@contextmanager
def _serve(documents: int) -> Iterator[tuple[str, _Answered]]:
    answered = _Answered()
    known = {f"/{i}.md" for i in range(documents)}

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            """Answer with a document, or that it is as before."""
            content = _content(self.path[1:])
            if self.path not in known:
                self._send(404, b"", "")
            elif self.headers.get("If-None-Match") == _tag(content):
                self._send(304, b"", _tag(content))
            else:
                answered.statuses[200] += 1
                self._send(200, content, _tag(content))

        def _send(self, status: int, content: bytes, tag: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", _TYPE)
            self.send_header("Content-Length", str(len(content)))
            if tag:
                self.send_header("ETag", tag)
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
