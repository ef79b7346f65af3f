"""The part of an open warehouse that is about sources; see `Warehouse.sources`."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager

import duckdb

from warehouse import source_journal, withdrawals
from warehouse.entries import Origin, Version
from warehouse.source_entries import (
    Fetch,
    KnownDocument,
    ListedDocument,
    PageVisits,
    SourceDescription,
    SourceRun,
    SourceState,
)
from warehouse.withdrawals import Withdrawals

Lend = Callable[[], AbstractContextManager[duckdb.DuckDBPyConnection]]


class SourceBook:
    """Sources, their listings and fetches. Every method that writes raises `WarehouseUnwritable` like the others."""

    def __init__(self, reading: Lend, writing: Lend) -> None:
        self._reading = reading
        self._writing = writing

    def start_run(self, source: SourceDescription, *, started_at: datetime.datetime) -> None:
        """Note what a source is and that a run of it begins."""
        with self._writing() as connection:
            source_journal.start_run(connection, source, started_at=started_at)

    def finish_run(self, source_id: str, run: SourceRun, *, finished_at: datetime.datetime) -> None:
        """Note how the run of a source ended; raises `ValueError` when none began."""
        with self._writing() as connection:
            source_journal.finish_run(connection, source_id, run, finished_at=finished_at)

    def states(self) -> tuple[SourceState, ...]:
        """Return every source that was ever run, by id, with how its last run went; empty when there are none."""
        with self._reading() as connection:
            return source_journal.list_states(connection)

    def save_listing(
        self, source_id: str, documents: Iterable[ListedDocument], *, is_complete: bool, seen_at: datetime.datetime
    ) -> None:
        """Keep what a source lists; with `is_complete`, what it listed before and not now is marked so.

        Without, everything that it ever listed counts as listed.
        """
        with self._writing() as connection:
            source_journal.save_listing(connection, source_id, documents, is_complete=is_complete, seen_at=seen_at)

    def mark_withdrawn(self, source_id: str, *, present: Collection[str], seen_at: datetime.datetime) -> Withdrawals:
        """Mark what a source withdrew, and take the mark from what is back; call at the end of a run that went well.

        Withdrawn is what a whole listing of the source no longer has and no other source lists, and what its server
        says is gone: 410 at once, 404 when it says so for a day or more, for a site that is being rebuilt says it too.
        `present` are the addresses of which the run just got the document.
        """
        with self._writing() as connection:
            return withdrawals.mark_withdrawn(connection, source_id, present=present, seen_at=seen_at)

    def listed_documents(self, source_id: str) -> tuple[ListedDocument, ...]:
        """Return what a source listed, by address; what a later whole listing no longer had is left out."""
        with self._reading() as connection:
            return source_journal.find_listed(connection, source_id)

    def clear_page_problems(self, source_id: str, *, still: Sequence[str]) -> None:
        """Remove the problems of pages that link to documents of a source, but for the pages in `still`."""
        with self._writing() as connection:
            source_journal.clear_page_problems(connection, source_id, still=still)

    def save_fetches(self, fetches: Sequence[Fetch]) -> None:
        """Save what was asked of web servers, in one transaction; nothing for no fetches."""
        if not fetches:
            return
        with self._writing() as connection:
            source_journal.save_fetches(connection, fetches)

    def prune_fetches(self, *, before: datetime.datetime) -> int:
        """Remove fetches from before a moment and return how many; of each address those that later runs need stay.

        That are the last one, the last one that gave or confirmed a document, the last one that brought its bytes, and
        the first one that read a page. Raises `ValueError` for a moment without a zone.
        """
        with self._writing() as connection:
            return source_journal.prune_fetches(connection, before=before)

    def known_documents(self, urls: Sequence[str]) -> dict[str, KnownDocument]:
        """Return what is known of the documents at `urls`, by URL; those that never gave a document are left out."""
        with self._reading() as connection:
            return source_journal.find_known_documents(connection, urls)

    def settled_documents(self, origin: Origin, *, version: Version) -> dict[str, str]:
        """Return the current documents, by address, of the source of `origin` with which nothing is left to do.

        They were read by `version`, their origins say what `origin` says of the source, and they have no problem.
        """
        with self._reading() as connection:
            return source_journal.find_settled(connection, origin, version=version)

    def page_visits(self, source_id: str) -> Mapping[str, PageVisits]:
        """Return when the pages that link to documents of a source were read, by URL."""
        with self._reading() as connection:
            return source_journal.find_page_visits(connection, source_id)
