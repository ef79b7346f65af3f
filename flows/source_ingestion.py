"""Ingesting one source: list its documents, fetch what is new or changed, take it in, and keep how that went."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from flows.adapter import Page
from flows.clock import now
from flows.discovery import DocumentSource, is_web_address
from flows.errors import FetchFailed, SourceChanged
from flows.fetching import Fetcher
from flows.ingestion import DocumentOutcome, ObtainedDocument, record_failure, take_in
from flows.settings import Settings
from flows.sources import Source
from warehouse.entries import Problem, name_of
from warehouse.source_entries import FetchPurpose, KnownDocument, ListedDocument, SourceRun
from warehouse.store import Warehouse

TakeIn = Callable[[ObtainedDocument], DocumentOutcome]
"""Reads, extracts and saves one document."""


@dataclass(slots=True)
class SourceSummary:
    """What a run of one source did. `failure` is why the source was stopped, None when it was not."""

    source_id: str
    listed_count: int | None = None
    outcomes: list[DocumentOutcome] = field(default_factory=list)
    failure: str | None = None

    def count(self, status: str) -> int:
        """Return how many documents ended with `status`."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def run(self) -> SourceRun:
        """How the run ended, for the warehouse."""
        return SourceRun(
            "failed" if self.failure else "succeeded",
            self.failure,
            self.listed_count,
            self.count("new"),
            self.count("unchanged"),
            self.count("failed"),
        )


class SourceSurroundings:
    """What the adapter of a source may ask: pages by the fetcher, and what it listed before."""

    def __init__(self, source: Source, fetcher: Fetcher, remembered: Iterable[ListedDocument] = ()) -> None:
        self._source = source
        self._fetcher = fetcher
        self._by_entry: dict[tuple[str, str | None], list[ListedDocument]] = {}
        for document in remembered:
            if document.entry_url is not None:
                self._by_entry.setdefault((document.entry_url, document.stamp), []).append(document)

    @property
    def folder(self) -> Path:
        """The folder of the file of sources."""
        return self._source.folder

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        """Return a page; raises `FetchFailed`."""
        return self._fetcher.fetch_page(
            url, source_id=self._source.source_id, purpose=purpose, delay=self._source.delay_seconds
        )

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...]:
        """Return the documents that were found on a page before, when its stamp is the same; empty otherwise."""
        return tuple(self._by_entry.get((entry_url, stamp), ()))


def ingest_source(
    source: Source,
    *,
    warehouse: Warehouse,
    settings: Settings,
    fetcher: Fetcher,
    take_in: TakeIn | None = None,
    advance: Callable[[str], None] | None = None,
) -> SourceSummary:
    """Ingest what is new or changed in one source, and keep its listing, its fetches and how the run ended.

    A source that is not what its settings say is stopped: that is recorded in `problems` and in the summary, and
    nothing is raised. `take_in` replaces the reading and saving of one document; `advance` is told the name of each
    document that is done.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
        InvalidLexicon: when a lexicon is malformed; the run must stop.
    """
    summary = SourceSummary(source.source_id)
    warehouse.start_source_run(source.description, started_at=now())
    try:
        documents = list_source(source, warehouse=warehouse, fetcher=fetcher)
    except SourceChanged as error:
        summary.listed_count = error.found_count
        summary.failure = f"{error}. {error.what_to_do}"
        _record_stop(source, error.reason, str(error), error.what_to_do, warehouse)
    except FetchFailed as error:
        summary.failure = f"{error}. {error.what_to_do}"
        _record_stop(source, error.reason, str(error), error.what_to_do, warehouse)
    else:
        warehouse.clear_problem(_address_of(source))
        summary.listed_count = len(documents)
        _ingest_documents(source, documents, summary, warehouse, settings, fetcher, take_in, advance)
    warehouse.finish_source_run(source.source_id, summary.run, finished_at=now())
    return summary


def list_source(source: Source, *, warehouse: Warehouse, fetcher: Fetcher) -> list[ListedDocument]:
    """Return the documents that a source lists, each address once, and keep them as its listing.

    Raises:
        SourceChanged: when it lists fewer than it should, or the listing is not what the settings describe.
        FetchFailed: when its listing cannot be fetched.
    """
    remembered = warehouse.listed_documents(source.source_id)
    documents = discover_source(source, fetcher=fetcher, remembered=remembered)
    warehouse.save_listing(
        source.source_id, documents, is_complete=source.adapter.lists_everything, seen_at=now()
    )
    return documents


def discover_source(
    source: Source, *, fetcher: Fetcher, remembered: Iterable[ListedDocument] = ()
) -> list[ListedDocument]:
    """Return the documents that a source lists, each address once; see `list_source`. Nothing is kept."""
    surroundings = SourceSurroundings(source, fetcher, remembered)
    found: dict[str, ListedDocument] = {}
    for document in source.adapter.discover_documents(surroundings):
        found.setdefault(document.address, document)
    if len(found) < source.expect_at_least:
        raise SourceChanged(
            f"source {source.source_id}: found {len(found)} documents, against at least {source.expect_at_least}",
            reason="too_few",
            what_to_do="Look whether the site has changed and mend the source, or lower expect_at_least.",
            found_count=len(found),
        )
    return list(found.values())


def _ingest_documents(
    source: Source,
    documents: list[ListedDocument],
    summary: SourceSummary,
    warehouse: Warehouse,
    settings: Settings,
    fetcher: Fetcher,
    take_in_document: TakeIn | None,
    advance: Callable[[str], None] | None,
) -> None:
    known = warehouse.known_documents([d.address for d in documents if is_web_address(d.address)])
    for listed in documents:
        document = _describe(source, listed)
        try:
            obtained = _obtain(source, document, known.get(listed.address), settings, fetcher)
        except FetchFailed as error:
            outcome = record_failure(document, error, warehouse=warehouse)
        else:
            outcome = _take_in_news(obtained, warehouse, settings, take_in_document)
        summary.outcomes.append(outcome)
        if advance is not None:
            advance(document.name)
