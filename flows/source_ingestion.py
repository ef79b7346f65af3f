"""Ingesting one source: list its documents, fetch what is new or changed, take it in, and keep how that went."""

from __future__ import annotations

import datetime
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

from flows.adapter import Page, Surroundings
from flows.clock import now
from flows.discovery import DocumentSource
from flows.errors import STOPS_THE_RUN, FetchFailed, SourceChanged
from flows.fetching import Fetcher
from flows.ingestion import (
    Begun,
    BegunDocument,
    DocumentOutcome,
    ObtainedDocument,
    SourceSummary,
    begin_reading,
    finish_document,
    obtain_file,
    record_crash,
    record_failure,
    version_of,
)
from flows.raw_store import find_original
from flows.settings import Settings
from flows.sources import Source
from flows.workers import Workers
from warehouse.entries import Origin, Problem, name_of
from warehouse.source_entries import FetchPurpose, KnownDocument, ListedDocument, PageVisits
from warehouse.store import Warehouse

_YOUNG: Final = datetime.timedelta(days=14)
"""For how long a page without a document is looked at in every run; documents are often added a little later."""

_OF_THE_PAGE: Final = frozenset(
    (
        *("bad_address", "private_address", "robots", "too_many_redirects"),
        *("gone", "http_status", "too_large", "truncated", "no_page"),
    )
)
"""Reasons that concern one page only; a host that does not answer would not answer for its other pages either."""


@dataclass(frozen=True, slots=True)
class Intake:
    """How the documents of a source are read and saved, while the next ones are downloaded.

    `begin` starts to read a document, or says at once what became of it; `finish` waits for one that was begun and
    saves it. They are finished one by one in the order of the listing, and at most `ahead` are begun beside that.
    """

    begin: Callable[[ObtainedDocument], Begun]
    finish: Callable[[DocumentSource, BegunDocument], DocumentOutcome]
    ahead: int = 0


def make_intake(warehouse: Warehouse, settings: Settings, workers: Workers) -> Intake:
    """Return an intake whose documents `workers` read, so many ahead that none of them waits while one is saved.

    Without worker processes each document is read before the next one is downloaded.
    """

    def begin(obtained: ObtainedDocument) -> Begun:
        return begin_reading(obtained, warehouse, settings, workers)

    def finish(document: DocumentSource, begun: BegunDocument) -> DocumentOutcome:
        return finish_document(document, begun, warehouse=warehouse, settings=settings)

    return Intake(begin, finish, ahead=2 * workers.count)


class SourceSurroundings:
    """What the adapter of a source may ask: pages by the fetcher, and what was found on a page before.

    `missed` are the pages that could not be used, with the reason.
    """

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
        self.missed: dict[str, FetchFailed] = {}
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

    def miss_page(self, entry_url: str, error: FetchFailed) -> tuple[ListedDocument, ...]:
        """Note that a page cannot be used, and return what was found on it before; see `Surroundings`."""
        if error.reason not in _OF_THE_PAGE:
            raise error
        self.missed[entry_url] = error
        return tuple(self._by_entry.get(entry_url, ()))


def ingest_source(
    source: Source,
    *,
    warehouse: Warehouse,
    settings: Settings,
    fetcher: Fetcher,
    intake: Intake,
    advance: Callable[[str], None],
) -> SourceSummary:
    """Ingest what is new or changed in one source, and keep its listing, its fetches and how the run ended.

    A source that is not what its settings say is stopped: that is recorded in `problems` and in the summary, and
    nothing is raised. Documents are downloaded one by one; `intake` reads and saves those that are new or changed
    meanwhile. `advance` is told the name of each document that is done.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
        InvalidLexicon: when a lexicon is malformed; the run must stop.
    """
    summary = SourceSummary(source.source_id)
    warehouse.sources.start_run(source.description, started_at=now())
    try:
        _ingest_listed(source, summary, warehouse, settings, fetcher, intake, advance)
    except BaseException as error:
        summary.failure = f"source {source.source_id}: the run was stopped ({_describe_error(error)})"
        raise
    finally:
        warehouse.sources.finish_run(source.source_id, summary.run, finished_at=now())
    return summary


def _ingest_listed(
    source: Source,
    summary: SourceSummary,
    warehouse: Warehouse,
    settings: Settings,
    fetcher: Fetcher,
    intake: Intake,
    advance: Callable[[str], None],
) -> None:
    stamps = {document.address: document.stamp for document in warehouse.sources.listed_documents(source.source_id)}
    try:
        listing = _list_or_stop(source, warehouse, fetcher)
    except (SourceChanged, FetchFailed) as error:
        summary.listed_count = error.found_count if isinstance(error, SourceChanged) else None
        summary.failure = f"{error}. {error.what_to_do}"
        _record_stop(source, error, warehouse)
        return
    warehouse.clear_problem(_address_of(source))
    summary.listed_count = len(listing.documents)
    summary.outcomes.extend(_record_missed(source, listing.missed, warehouse))
    settled = _settled(source, warehouse, settings)
    known = _known(source, listing.documents, warehouse)
    present: list[str] = []
    waiting: deque[tuple[DocumentSource, Begun]] = deque()

    def finish_first() -> None:
        document, begun = waiting.popleft()
        summary.outcomes.append(_finish(document, begun, intake, warehouse))
        advance(document.name)

    for listed in listing.documents:
        document = _describe(source, listed)
        before = stamps.get(listed.address), listed.stamp
        begun: Begun
        try:
            obtained = _find_unchanged(source, document, before, known.get(listed.address), settings)
            if obtained is None:
                obtained = _obtain(source, document, known.get(listed.address), settings, fetcher)
                present.append(listed.address)
            is_settled = settled.get(document.address) == obtained.document_id
            begun = DocumentOutcome(document.name, "unchanged") if is_settled else intake.begin(obtained)
        except STOPS_THE_RUN:
            raise
        except Exception as error:  # noqa: BLE001 - whoever finishes the document records it
            begun = error
        waiting.append((document, begun))
        while waiting and (len(waiting) > intake.ahead or _is_ready(waiting[0][1])):
            finish_first()
    while waiting:
        finish_first()
    marked = warehouse.sources.mark_withdrawn(source.source_id, present=present, seen_at=now())
    summary.withdrawn_count, summary.returned_count = marked.withdrawn, marked.returned


def _is_ready(begun: Begun) -> bool:
    return not isinstance(begun, BegunDocument) or begun.extraction.done()


def _finish(document: DocumentSource, begun: Begun, intake: Intake, warehouse: Warehouse) -> DocumentOutcome:
    """Return what became of a document; a failure that nobody foresaw becomes a row in `problems`."""
    if isinstance(begun, FetchFailed):
        return record_failure(document, begun, warehouse=warehouse)
    if isinstance(begun, Exception):
        return record_crash(document, begun, warehouse=warehouse)
    if isinstance(begun, DocumentOutcome):
        return begun
    try:
        return intake.finish(document, begun)
    except STOPS_THE_RUN:
        raise
    except Exception as error:  # noqa: BLE001 - a bug met on one document must not lose the others; it is recorded
        return record_crash(document, error, warehouse=warehouse)


class Listing(NamedTuple):
    """What a source lists, each address once, and the pages with documents that could not be used, with the reason."""

    documents: list[ListedDocument]
    missed: dict[str, FetchFailed]


def _list_or_stop(source: Source, warehouse: Warehouse, fetcher: Fetcher) -> Listing:
    """Return what `list_source` does, and turn a failure that nobody foresaw into `SourceChanged`."""
    try:
        return list_source(source, warehouse=warehouse, fetcher=fetcher)
    except (SourceChanged, FetchFailed, *STOPS_THE_RUN):
        raise
    except Exception as error:
        raise SourceChanged(
            f"source {source.source_id}: the program failed while it looked for documents ({_describe_error(error)})",
            reason="internal_error",
            what_to_do="Report this message together with the settings of the source.",
        ) from error


def list_source(source: Source, *, warehouse: Warehouse, fetcher: Fetcher) -> Listing:
    """Return what a source lists, and keep it as its listing.

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
    return Listing(documents, surroundings.missed)


def _known(source: Source, documents: list[ListedDocument], warehouse: Warehouse) -> dict[str, KnownDocument]:
    if source.adapter.is_local:
        return {}
    return warehouse.sources.known_documents([document.address for document in documents])


def _record_missed(source: Source, missed: Mapping[str, FetchFailed], warehouse: Warehouse) -> list[DocumentOutcome]:
    """Record the pages with documents that could not be used; those of earlier runs that could are solved."""
    warehouse.sources.clear_page_problems(source.source_id, still=list(missed))
    outcomes = []
    for url, error in missed.items():
        warehouse.save_problem(
            Problem(url, "discover", error.reason, str(error), error.what_to_do, first_seen_at=now())
        )
        outcomes.append(DocumentOutcome(name_of(url), "failed", message=f"{error}. {error.what_to_do}"))
    return outcomes


def discover_source(
    source: Source, surroundings: Surroundings, *, tell: Callable[[ListedDocument], object] | None = None
) -> list[ListedDocument]:
    """Return the documents that a source lists, each address once; see `list_source`. Nothing is kept.

    `tell` is told each document at the moment when it is found.
    """
    found: dict[str, ListedDocument] = {}
    for document in source.adapter.discover_documents(surroundings):
        found.setdefault(document.address, document)
        if tell is not None:
            tell(document)
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
    if source.adapter.is_local:
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


def _describe_error(error: BaseException) -> str:
    words = str(error).encode("utf-8", "replace").decode()  # what a site gave may not be fit to be kept
    return f"{type(error).__name__}: {words}" if words else type(error).__name__


def _record_stop(source: Source, error: FetchFailed | SourceChanged, warehouse: Warehouse) -> None:
    message = str(error) if source.source_id in str(error) else f"source {source.source_id}: {error}"
    warehouse.save_problem(
        Problem(_address_of(source), "discover", error.reason, message, error.what_to_do, first_seen_at=now())
    )
