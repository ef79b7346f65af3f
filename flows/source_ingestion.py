"""Ingesting one source: list its documents, fetch what is new or changed, take it in, and keep how that went."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

from flows.adapter import Page, Surroundings
from flows.clock import now
from flows.discovery import DocumentSource, is_web_address
from flows.errors import FetchFailed, SourceChanged
from flows.fetching import Fetcher
from flows.ingestion import (
    DocumentOutcome,
    ObtainedDocument,
    SourceSummary,
    note_unchanged,
    obtain_file,
    record_failure,
    version_of,
)
from flows.raw_store import find_original
from flows.settings import Settings
from flows.sources import Source
from warehouse.entries import Origin, Problem, name_of
from warehouse.source_entries import FetchPurpose, KnownDocument, ListedDocument, PageVisits
from warehouse.store import Warehouse

_YOUNG: Final = datetime.timedelta(days=14)
"""For how long a page without a document is looked at in every run; documents are often added a little later."""

TakeIn = Callable[[ObtainedDocument], DocumentOutcome]
"""Reads, extracts and saves one document."""


class SourceSurroundings:
    """What the adapter of a source may ask: pages by the fetcher, and what was found on a page before."""

    def __init__(
        self,
        source: Source,
        fetcher: Fetcher,
        *,
        remembered: Iterable[ListedDocument] = (),
        visits: Mapping[str, PageVisits] | None = None,
    ) -> None:
        self._source = source
        self._fetcher = fetcher
        self._visits = visits or {}
        self._by_entry: dict[str, list[ListedDocument]] = {}
        for document in remembered:
            if document.entry_url is not None:
                self._by_entry.setdefault(document.entry_url, []).append(document)

    @property
    def folder(self) -> Path:
        """The folder of the file of sources."""
        return self._source.folder

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        """Return a page; raises `FetchFailed`."""
        return self._fetcher.fetch_page(
            url, source_id=self._source.source_id, purpose=purpose, delay=self._source.delay_seconds
        )

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...] | None:
        """Return the documents that were found on a page before, None when the page must be read.

        It must when its stamp changed, after `recheck_days`, and every time while it is young and has no document yet.
        """
        visits = self._visits.get(entry_url)
        found = tuple(self._by_entry.get(entry_url, ()))
        if visits is None or now() - visits.last_at >= datetime.timedelta(days=self._source.recheck_days):
            return None
        if any(document.stamp != stamp for document in found):
            return None
        return found if found or now() - visits.first_at > _YOUNG else None


def ingest_source(
    source: Source,
    *,
    warehouse: Warehouse,
    settings: Settings,
    fetcher: Fetcher,
    take_in: TakeIn,
    advance: Callable[[str], None],
) -> SourceSummary:
    """Ingest what is new or changed in one source, and keep its listing, its fetches and how the run ended.

    A source that is not what its settings say is stopped: that is recorded in `problems` and in the summary, and
    nothing is raised. `take_in` reads and saves one document that is new or changed; `advance` is told the name of each
    document that is done.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
        InvalidLexicon: when a lexicon is malformed; the run must stop.
    """
    summary = SourceSummary(source.source_id)
    warehouse.sources.start_run(source.description, started_at=now())
    stamps = {document.address: document.stamp for document in warehouse.sources.listed_documents(source.source_id)}
    try:
        documents = list_source(source, warehouse=warehouse, fetcher=fetcher)
    except (SourceChanged, FetchFailed) as error:
        summary.listed_count = error.found_count if isinstance(error, SourceChanged) else None
        summary.failure = f"{error}. {error.what_to_do}"
        _record_stop(source, error, warehouse)
    else:
        warehouse.clear_problem(_address_of(source))
        summary.listed_count = len(documents)
        settled = _settled(source, warehouse, settings)
        known = warehouse.sources.known_documents([d.address for d in documents if is_web_address(d.address)])
        present: list[str] = []
        for listed in documents:
            document = _describe(source, listed)
            before = stamps.get(listed.address), listed.stamp
            try:
                obtained = _find_unchanged(source, document, before, known.get(listed.address), settings)
                if obtained is None:
                    obtained = _obtain(source, document, known.get(listed.address), settings, fetcher)
                    present.append(listed.address)
            except FetchFailed as error:
                outcome = record_failure(document, error, warehouse=warehouse)
            else:
                if settled.get(document.address) == obtained.document_id:
                    outcome = DocumentOutcome(document.name, "unchanged")
                else:
                    outcome = note_unchanged(obtained, warehouse=warehouse, settings=settings) or take_in(obtained)
            summary.outcomes.append(outcome)
            advance(document.name)
        marked = warehouse.sources.mark_withdrawn(source.source_id, present=present, seen_at=now())
        summary.withdrawn_count, summary.returned_count = marked.withdrawn, marked.returned
    warehouse.sources.finish_run(source.source_id, summary.run, finished_at=now())
    return summary


def list_source(source: Source, *, warehouse: Warehouse, fetcher: Fetcher) -> list[ListedDocument]:
    """Return the documents that a source lists, each address once, and keep them as its listing.

    Raises:
        SourceChanged: when it lists fewer than it should, or the listing is not what the settings describe.
        FetchFailed: when its listing cannot be fetched.
    """
    surroundings = SourceSurroundings(
        source,
        fetcher,
        remembered=warehouse.sources.listed_documents(source.source_id),
        visits=warehouse.sources.page_visits(source.source_id),
    )
    documents = discover_source(source, surroundings)
    warehouse.sources.save_listing(source.source_id, documents, is_complete=source.is_whole_listing, seen_at=now())
    return documents


def discover_source(source: Source, surroundings: Surroundings) -> list[ListedDocument]:
    """Return the documents that a source lists, each address once; see `list_source`. Nothing is kept."""
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


def _find_unchanged(
    source: Source,
    document: DocumentSource,
    stamps: tuple[str | None, str | None],
    known: KnownDocument | None,
    settings: Settings,
) -> ObtainedDocument | None:
    """Return a document about which nothing need be asked, None for all others.

    That is, with `trust_dates`, one of which the listing gives the same stamp of the last change as before.
    """
    before, stamp = stamps
    if known is None or not _is_fresh(source, known) or not source.trust_dates or stamp is None or stamp != before:
        return None
    kept = find_original(settings.raw_dir, known.document_id)
    return ObtainedDocument(document, known.document_id, kept.name, kept) if kept else None


def _obtain(
    source: Source, document: DocumentSource, known: KnownDocument | None, settings: Settings, fetcher: Fetcher
) -> ObtainedDocument:
    """Return a document with its bytes; raises `FetchFailed`.

    After `recheck_days` a document is fetched whole, whatever its server and its listing say.
    """
    if not document.is_web:
        return obtain_file(document, settings=settings)
    fetched = fetcher.fetch_document(
        document.address,
        source_id=source.source_id,
        known=known,
        is_conditional=known is not None and _is_fresh(source, known),
        delay=source.delay_seconds,
    )
    return ObtainedDocument(document, fetched.document_id, fetched.name, fetched.path)


def _is_fresh(source: Source, known: KnownDocument) -> bool:
    return now() - known.fetched_at < datetime.timedelta(days=source.recheck_days)


def _settled(source: Source, warehouse: Warehouse, settings: Settings) -> dict[str, str]:
    """Return the documents by address with which nothing is left to do; asked once, for it is most of them."""
    promised = Origin(source.source_id, source.source_id, source.publisher, source.licence)
    return warehouse.sources.settled_documents(promised, version=version_of(settings))


def _describe(source: Source, listed: ListedDocument) -> DocumentSource:
    return DocumentSource(
        listed.address,
        name_of(listed.address),
        source_id=source.source_id,
        publisher=source.publisher,
        licence=source.licence,
    )


def _address_of(source: Source) -> str:
    """Return the address under which problems of a source itself are kept."""
    return source.adapter.entry_page() or f"source {source.source_id}"


def _record_stop(source: Source, error: FetchFailed | SourceChanged, warehouse: Warehouse) -> None:
    message = str(error) if source.source_id in str(error) else f"source {source.source_id}: {error}"
    warehouse.save_problem(
        Problem(_address_of(source), "discover", error.reason, message, error.what_to_do, first_seen_at=now())
    )
