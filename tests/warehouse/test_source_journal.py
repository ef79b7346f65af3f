"""The journal of fetches: what is kept of it."""

from __future__ import annotations

import datetime
from pathlib import Path

from invented_extractions import NOON

from warehouse.source_entries import Fetch, FetchOutcome, FetchPurpose
from warehouse.store import Warehouse

DOCUMENT = "d" * 64
URL = "https://bron.example.org"


def fetch(path: str, days: int, outcome: FetchOutcome, *, purpose: FetchPurpose = "document") -> Fetch:
    """A fetch so many days after the first."""
    has_document = outcome not in ("failed", "read")
    return Fetch(
        URL + path,
        purpose,
        NOON + datetime.timedelta(days=days),
        0.1,
        1,
        outcome,
        document_id=DOCUMENT if has_document else None,
        etag=f"e{days}" if has_document else None,
    )


def test_old_fetches_go_but_for_those_that_later_runs_need(tmp_path: Path) -> None:
    """What is known of an address, and when a page was first read, is as before."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        assert warehouse.sources.prune_fetches(before=NOON) == 0
        warehouse.sources.save_fetches(
            [
                *(fetch("/a.pdf", day, "new" if day == 1 else "not_modified") for day in range(10)),
                fetch("/weg.pdf", 0, "new"),
                *(fetch("/weg.pdf", day, "failed") for day in range(1, 4)),
                *(fetch("/p", day, "read", purpose="page") for day in range(4)),
                *(fetch("/robots.txt", day, "read", purpose="robots") for day in range(10)),
            ]
        )
        urls = [f"{URL}/a.pdf", f"{URL}/weg.pdf"]
        before = warehouse.sources.known_documents(urls)
        removed = warehouse.sources.prune_fetches(before=NOON + datetime.timedelta(days=8))
        kept = warehouse.query("SELECT url, fetched_at FROM fetches ORDER BY ALL")
        assert warehouse.sources.known_documents(urls) == before
        assert warehouse.sources.prune_fetches(before=NOON + datetime.timedelta(days=8)) == 0
    days = [(url.removeprefix(URL), (clock - NOON.replace(tzinfo=None)).days) for url, clock in kept]
    assert days == [
        *(("/a.pdf", day) for day in (1, 8, 9)),
        *(("/p", day) for day in (0, 3)),
        *(("/robots.txt", day) for day in (8, 9)),
        *(("/weg.pdf", day) for day in (0, 3)),
    ]
    assert removed == 28 - len(days)
