"""Keeps sources, their listings and the fetches. Each function works inside a transaction that its caller holds."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from warehouse.entries import Origin, Version, as_utc, from_utc, version_for
from warehouse.saving import insert_rows
from warehouse.source_entries import (
    SUCCESSFUL,
    Fetch,
    KnownDocument,
    ListedDocument,
    PageVisits,
    SourceDescription,
    SourceRun,
    SourceState,
)

_DESCRIPTION = [field.name for field in dataclasses.fields(SourceDescription)]
_RUN_COLUMNS = "last_outcome, last_message, listed_count, new_count, unchanged_count, failed_count"


def save_fetches(connection: duckdb.DuckDBPyConnection, fetches: Sequence[Fetch]) -> None:
    """Save rows of the journal of fetches; one that is there already is left alone."""
    rows: dict[str, dict[str, Any]] = {}
    for fetch in fetches:
        row = dataclasses.asdict(fetch) | {"fetch_id": fetch.fetch_id, "fetched_at": as_utc(fetch.fetched_at)}
        rows[fetch.fetch_id] = row
    held = connection.execute(
        "SELECT fetch_id FROM fetches WHERE fetch_id IN (SELECT unnest(?::VARCHAR[]))", [list(rows)]
    ).fetchall()
    for (fetch_id,) in held:
        del rows[fetch_id]
    insert_rows(connection, "fetches", list(rows.values()))


def prune_fetches(connection: duckdb.DuckDBPyConnection, *, before: datetime.datetime) -> int:
    """Remove old rows of the journal and return how many; see `SourceBook.prune_fetches`."""
    clock = as_utc(before)
    if connection.execute("SELECT 1 FROM fetches WHERE fetched_at < ? LIMIT 1", [clock]).fetchone() is None:
        return 0
    removed = connection.execute(
        """
        WITH needed AS (
            SELECT unnest([
                arg_max(fetch_id, fetched_at),
                arg_max(fetch_id, fetched_at) FILTER (document_id IS NOT NULL AND outcome <> 'failed'),
                arg_max(fetch_id, fetched_at) FILTER (document_id IS NOT NULL
                                                      AND outcome NOT IN ('failed', 'not_modified')),
                arg_min(fetch_id, fetched_at) FILTER (outcome = 'read' AND purpose = 'page')
            ]) AS fetch_id
            FROM fetches GROUP BY url, purpose, source_id
        )
        DELETE FROM fetches WHERE fetched_at < ?
          AND fetch_id NOT IN (SELECT fetch_id FROM needed WHERE fetch_id IS NOT NULL)
        RETURNING fetch_id
        """,
        [clock],
    ).fetchall()
    return len(removed)


def find_known_documents(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> dict[str, KnownDocument]:
    """Return what is known of the documents at `urls`; addresses that never gave a document are left out."""
    found = connection.execute(
        """
        SELECT url, arg_max(document_id, fetched_at), max_by(struct_pack(e := etag, m := last_modified), fetched_at),
               max(fetched_at) FILTER (WHERE outcome <> 'not_modified'), max(fetched_at)
        FROM fetches
        WHERE purpose = 'document' AND document_id IS NOT NULL AND outcome IN (SELECT unnest(?::VARCHAR[]))
          AND url IN (SELECT unnest(?::VARCHAR[]))
        GROUP BY url
        """,
        [list(SUCCESSFUL), list(urls)],
    ).fetchall()
    return {
        url: KnownDocument(
            url, document_id, validators["e"], validators["m"], from_utc(fetched or checked), from_utc(checked)
        )
        for url, document_id, validators, fetched, checked in found
    }


def start_run(
    connection: duckdb.DuckDBPyConnection, source: SourceDescription, *, started_at: datetime.datetime
) -> None:
    """Note that a run of a source begins; what its last success was stays."""
    describe_source(connection, source, seen_at=started_at)
    connection.execute(
        f"UPDATE sources SET ({_RUN_COLUMNS}) = ('running', NULL, NULL, NULL, NULL, NULL), last_started_at = ?, "
        "last_finished_at = NULL WHERE source_id = ?",
        [as_utc(started_at), source.source_id],
    )


def describe_source(
    connection: duckdb.DuckDBPyConnection, source: SourceDescription, *, seen_at: datetime.datetime
) -> None:
    """Keep what a source is; how its runs went stays."""
    values = dataclasses.asdict(source)
    known = connection.execute("SELECT 1 FROM sources WHERE source_id = ?", [source.source_id]).fetchone()
    if known is None:
        insert_rows(connection, "sources", [values | {"first_seen_at": as_utc(seen_at)}])
        return
    connection.execute(
        f"UPDATE sources SET {', '.join(f'{name} = ?' for name in _DESCRIPTION[1:])} WHERE source_id = ?",
        [*(values[name] for name in _DESCRIPTION[1:]), source.source_id],
    )


def finish_run(
    connection: duckdb.DuckDBPyConnection, source_id: str, run: SourceRun, *, finished_at: datetime.datetime
) -> None:
    """Note how the run of a source ended. Raises `ValueError` when no run of it began."""
    found = connection.execute(
        f"UPDATE sources SET ({_RUN_COLUMNS}) = (?, ?, ?, ?, ?, ?), last_finished_at = ?, "
        "last_success_at = CASE WHEN ? = 'succeeded' THEN last_started_at ELSE last_success_at END "
        "WHERE source_id = ? AND last_started_at IS NOT NULL RETURNING source_id",
        [
            *(run.outcome, run.message, run.listed_count, run.new_count, run.unchanged_count, run.failed_count),
            *(as_utc(finished_at), run.outcome, source_id),
        ],
    ).fetchall()
    if not found:
        raise ValueError(f"source {source_id}: found no run, against one that start_run began")


def list_states(connection: duckdb.DuckDBPyConnection) -> tuple[SourceState, ...]:
    """Return every source that was ever run, by id; empty when there are none."""
    found = connection.execute(
        f"SELECT {', '.join(_DESCRIPTION)}, {_RUN_COLUMNS}, last_started_at, last_finished_at, last_success_at "
        "FROM sources ORDER BY source_id"
    ).fetchall()
    states = []
    for row in found:
        described, run, clocks = row[: len(_DESCRIPTION)], row[len(_DESCRIPTION) : -3], row[-3:]
        started, finished, success = (from_utc(clock) if clock else None for clock in clocks)
        states.append(
            SourceState(SourceDescription(*described), SourceRun(*run) if run[0] else None, started, finished, success)
        )
    return tuple(states)


def save_listing(
    connection: duckdb.DuckDBPyConnection,
    source_id: str,
    documents: Iterable[ListedDocument],
    *,
    is_complete: bool,
    seen_at: datetime.datetime,
) -> None:
    """Keep what a source lists; see `SourceBook.save_listing`."""
    clock = as_utc(seen_at)
    rows = {
        document.address: dataclasses.asdict(document)
        | {"source_id": source_id, "is_listed": True, "first_listed_at": clock, "last_listed_at": clock}
        for document in documents
    }
    before = connection.execute(
        "SELECT address, first_listed_at FROM listings "
        "WHERE source_id = ? AND address IN (SELECT unnest(?::VARCHAR[]))",
        [source_id, list(rows)],
    ).fetchall()
    for address, first in before:
        rows[address]["first_listed_at"] = first
    connection.execute(
        "DELETE FROM listings WHERE source_id = ? AND address IN (SELECT unnest(?::VARCHAR[]))", [source_id, list(rows)]
    )
    insert_rows(connection, "listings", list(rows.values()))
    if is_complete:
        connection.execute(
            "UPDATE listings SET is_listed = false WHERE source_id = ? AND is_listed AND last_listed_at < ?",
            [source_id, clock],
        )
    else:
        # Also when it was taken for complete before: marks that this left behind go with the next run.
        connection.execute("UPDATE listings SET is_listed = true WHERE source_id = ? AND NOT is_listed", [source_id])


def find_listed(connection: duckdb.DuckDBPyConnection, source_id: str) -> tuple[ListedDocument, ...]:
    """Return what a source listed the last times, by address; what a whole listing no longer had is left out."""
    found = connection.execute(
        "SELECT address, title, published_date, stamp, entry_url FROM listings WHERE source_id = ? AND is_listed "
        "ORDER BY address",
        [source_id],
    ).fetchall()
    return tuple(ListedDocument(*row) for row in found)


def find_page_visits(connection: duckdb.DuckDBPyConnection, source_id: str) -> dict[str, PageVisits]:
    """Return when the pages that link to documents of a source were read, by URL; empty before the first."""
    found = connection.execute(
        "SELECT url, min(fetched_at), max(fetched_at) FROM fetches "
        "WHERE source_id = ? AND purpose = 'page' AND outcome = 'read' GROUP BY url",
        [source_id],
    ).fetchall()
    return {url: PageVisits(from_utc(first), from_utc(last)) for url, first, last in found}


def clear_page_problems(connection: duckdb.DuckDBPyConnection, source_id: str, *, still: Sequence[str]) -> None:
    """Remove the problems of pages that link to documents of a source, but for the pages in `still`."""
    connection.execute(
        """
        DELETE FROM problems WHERE stage = 'discover'
          AND address IN (SELECT url FROM fetches WHERE source_id = ? AND purpose = 'page')
          AND address NOT IN (SELECT unnest(?::VARCHAR[]))
        """,
        [source_id, list(still)],
    )


def find_settled(connection: duckdb.DuckDBPyConnection, origin: Origin, *, version: Version) -> dict[str, str]:
    """Return the documents by address with which nothing is left to do; see `SourceBook.settled_documents`."""
    found = connection.execute(
        """
        SELECT o.address, o.document_id, d.extraction_version, d.language
        FROM origins o JOIN documents d USING (document_id)
        WHERE o.source = ? AND o.publisher IS NOT DISTINCT FROM ? AND o.licence IS NOT DISTINCT FROM ?
          AND d.is_current AND o.address NOT IN (SELECT address FROM problems)
        """,
        [origin.source, origin.publisher, origin.licence],
    ).fetchall()
    return {
        address: document_id for address, document_id, by, language in found if by == version_for(version, language)
    }
