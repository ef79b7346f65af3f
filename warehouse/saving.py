"""Saves extractions and origins. Each function works inside a transaction that its caller holds."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Sequence
from typing import Any, Final

import duckdb

from extractors.records import Extraction, make_report_id
from warehouse.delivery import Delivery
from warehouse.entries import Origin, Version, as_utc, version_for
from warehouse.rows import Row, RowsByTable, hash_rows, move_to_report, rows_of
from warehouse.schema import find_table
from warehouse.tables import TABLES

_OF_STATEMENTS: Final = ("mentions", "addressees")
_OF_REPORTS: Final = ("sections", "statements", "review", "cases", "responses")


def find_report_id(connection: duckdb.DuckDBPyConnection, document_id: str, origin: Origin) -> str:
    """Return the report of a document at `origin`; see `Warehouse.report_id_for`."""
    known = _one(connection, "SELECT report_id FROM documents WHERE document_id = ?", document_id)
    if known:
        return str(known[0])
    # Where the report has moved on through another origin, the two have parted and this is another report. Two
    # addresses that both gave a "page not found" at first are no versions of each other.
    replaced = _one(
        connection,
        "SELECT d.report_id FROM origins o JOIN documents d USING (document_id) WHERE o.origin_id = ? AND d.is_current",
        origin.origin_id,
    )
    return str(replaced[0]) if replaced else make_report_id(document_id)


def has_extraction(
    connection: duckdb.DuckDBPyConnection, document_id: str, *, version: Version, origin: Origin | None
) -> bool:
    """Return whether nothing is left to extract; see `Warehouse.has_extraction`."""
    known = _one(
        connection,
        "SELECT report_id, is_current, extraction_version, language FROM documents WHERE document_id = ?",
        document_id,
    )
    if not known or known[2] != version_for(version, known[3]):
        return False
    return bool(known[1]) or not _takes_over(connection, document_id, str(known[0]), origin)


def save_extraction(
    connection: duckdb.DuckDBPyConnection,
    extraction: Extraction | Delivery,
    *,
    origin: Origin,
    version: Version,
    seen_at: datetime.datetime,
) -> bool:
    """Save an extraction and its origin and return whether any row changed; see `Warehouse.save_extraction`."""
    found = extraction if isinstance(extraction, Delivery) else extraction.document
    document_id, version = found.document_id, version_for(version, found.language)
    # Asked again, for another document may have taken the report's place since the flow asked.
    report_id = find_report_id(connection, document_id, origin)
    rows = _rows_for(extraction, report_id)
    [document] = rows["documents"]
    document |= {"extraction_version": version, "extraction_hash": document.get("extraction_hash") or hash_rows(rows)}
    takes_over = _takes_over(connection, document_id, report_id, origin)
    clock = as_utc(seen_at)

    before = _one(
        connection,
        "SELECT first_seen_at, extraction_hash, extraction_version, is_current, superseded_by FROM documents "
        "WHERE document_id = ?",
        document_id,
    )
    is_changed = before is None or before[1:4] != (document["extraction_hash"], version, takes_over)
    if is_changed:
        document |= {
            "is_current": takes_over,
            "superseded_by": before[4] if before and not takes_over else None,
            "first_seen_at": before[0] if before else clock,
        }
        for table in ("documents", "pages"):
            connection.execute(f"DELETE FROM {table} WHERE document_id = ?", [document_id])
            insert_rows(connection, table, rows[table])
        if takes_over and (before is None or before[1] != document["extraction_hash"] or not before[3]):
            connection.execute(
                "UPDATE documents SET is_current = false, superseded_by = ? "
                "WHERE report_id = ? AND document_id <> ? AND is_current",
                [document_id, report_id, document_id],
            )
            _replace_findings(connection, report_id, rows, clock)
    return save_origin(connection, document_id, origin=origin, seen_at=seen_at) or is_changed


def is_current(connection: duckdb.DuckDBPyConnection, document_id: str) -> bool:
    """Return whether a document is the current version of its report."""
    found = _one(connection, "SELECT is_current FROM documents WHERE document_id = ?", document_id)
    return found is not None and bool(found[0])


def save_origin(
    connection: duckdb.DuckDBPyConnection, document_id: str, *, origin: Origin, seen_at: datetime.datetime
) -> bool:
    """Note that a known document was found at `origin` and return whether that was news."""
    owner = _one(connection, "SELECT report_id FROM documents WHERE document_id = ?", document_id)
    if not owner:
        raise ValueError(
            f"origin {origin.shown}: found document {document_id[:12]}, against a document that was saved before"
        )
    clock = as_utc(seen_at)
    columns = "document_id, source, publisher, licence, first_seen_at, document_seen_at, report_id"
    before = _one(connection, f"SELECT {columns} FROM origins WHERE origin_id = ?", origin.origin_id)
    row: Row = {
        "origin_id": origin.origin_id,
        "address": origin.address,
        "url": origin.url,
        "file_name": origin.file_name,
        "source": origin.source,
        "publisher": origin.publisher,
        "licence": origin.licence,
        "document_id": document_id,
        "report_id": str(owner[0]),
        "first_seen_at": before[4] if before else clock,
        "document_seen_at": before[5] if before and before[0] == document_id else clock,
    }
    if before and before[:4] == (document_id, origin.source, origin.publisher, origin.licence):
        refresh_report(connection, str(owner[0]))
        return False
    connection.execute("DELETE FROM origins WHERE origin_id = ?", [origin.origin_id])
    insert_rows(connection, "origins", [row])
    for report_id in {str(owner[0]), str(before[6]) if before else str(owner[0])}:
        refresh_report(connection, report_id)
    return True


def insert_rows(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Row]) -> None:
    """Insert `rows` in one go: one list per column, unnested by DuckDB; row by row is far slower."""
    if not rows:
        return
    columns = [column for column in find_table(table).stored_columns if column.name in rows[0]]
    query = (
        f"INSERT INTO {table} ({', '.join(column.name for column in columns)}) "
        f"SELECT {', '.join(f'unnest(?::{column.sql_type}[])' for column in columns)}"
    )
    connection.execute(query, [[row[column.name] for row in rows] for column in columns])


def fingerprint(connection: duckdb.DuckDBPyConnection) -> str:
    """Return a hash over all rows but clocks, journals and the values of vectors; see `Warehouse.fingerprint`."""
    parts = []
    for table in TABLES:
        if table.is_journal:
            continue
        names = [column.name for column in table.stored_columns if column.kind not in ("clock", "vector")]
        row = f"to_json([{', '.join(f'{name}::VARCHAR' for name in names)}])::VARCHAR"
        # Exclusive or forgets the order; rows differ, for each table has a key.
        query = f"SELECT count(*), coalesce(bit_xor(md5_number({row})), 0)::VARCHAR FROM {table.name}"
        parts.append((table.name, *(_one(connection, query) or ())))
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _rows_for(extraction: Extraction | Delivery, report_id: str) -> RowsByTable:
    if not isinstance(extraction, Delivery):
        return rows_of(move_to_report(extraction, report_id))
    if extraction.report_id != report_id:
        raise ValueError(
            f"delivery of {extraction.document_id[:12]}: found one of report {extraction.report_id}, against "
            f"{report_id}; read the document again"
        )
    return extraction.copy_rows()


def _takes_over(connection: duckdb.DuckDBPyConnection, document_id: str, report_id: str, origin: Origin | None) -> bool:
    """Return whether a document found at `origin` is (or becomes) the current version of its report.

    It is when the report has no other; when it comes in the place of the current version; and when nobody holds the
    current version any more. A copy of an older version that lies about elsewhere changes nothing.
    """
    current = _one(connection, "SELECT document_id FROM documents WHERE report_id = ? AND is_current", report_id)
    if current is None or current[0] == document_id:
        return True
    holders = {
        str(origin_id)
        for (origin_id,) in connection.execute(
            "SELECT origin_id FROM origins WHERE document_id = ?", [current[0]]
        ).fetchall()
    }
    return not holders or (origin is not None and origin.origin_id in holders)


def _replace_findings(
    connection: duckdb.DuckDBPyConnection, report_id: str, rows: dict[str, list[Row]], clock: datetime.datetime
) -> None:
    seen = dict(
        connection.execute(
            "SELECT statement_id, first_seen_at FROM statements WHERE report_id = ?", [report_id]
        ).fetchall()
    )
    report = _one(connection, "SELECT first_seen_at FROM reports WHERE report_id = ?", report_id)
    if report:
        _delete_findings(connection, report_id)
    for row in rows["statements"]:
        row["first_seen_at"] = seen.get(row["statement_id"], clock)
    rows["reports"][0] |= {"is_withdrawn": False, "first_seen_at": report[0] if report else clock}
    for table in (*_OF_REPORTS, *_OF_STATEMENTS, "links", "reports"):
        insert_rows(connection, table, rows[table])
    _save_parties(connection, rows["parties"])


def _delete_findings(connection: duckdb.DuckDBPyConnection, report_id: str) -> None:
    own = "(SELECT statement_id FROM statements WHERE report_id = ?)"
    parties = connection.execute(
        f"SELECT DISTINCT party_id FROM addressees WHERE statement_id IN {own} AND party_id IS NOT NULL", [report_id]
    ).fetchall()
    for table in (*_OF_STATEMENTS, "statement_themes", "themed"):
        connection.execute(f"DELETE FROM {table} WHERE statement_id IN {own}", [report_id])
    connection.execute(f"DELETE FROM links WHERE recommendation_id IN {own}", [report_id])
    for table in (*_OF_REPORTS, "reports"):
        connection.execute(f"DELETE FROM {table} WHERE report_id = ?", [report_id])
    if parties:
        connection.execute(
            "DELETE FROM parties WHERE party_id IN (SELECT unnest(?::VARCHAR[])) "
            "AND party_id NOT IN (SELECT party_id FROM addressees WHERE party_id IS NOT NULL)",
            [[party_id for (party_id,) in parties]],
        )


def _save_parties(connection: duckdb.DuckDBPyConnection, rows: Sequence[Row]) -> None:
    if not rows:
        return
    held = set(
        connection.execute(
            "SELECT party_id, name, kind FROM parties WHERE party_id IN (SELECT unnest(?::VARCHAR[]))",
            [[row["party_id"] for row in rows]],
        ).fetchall()
    )
    news = [row for row in rows if (row["party_id"], row["name"], row["kind"]) not in held]
    connection.execute(
        "DELETE FROM parties WHERE party_id IN (SELECT unnest(?::VARCHAR[]))", [[row["party_id"] for row in news]]
    )
    insert_rows(connection, "parties", news)


def refresh_report(connection: duckdb.DuckDBPyConnection, report_id: str) -> None:
    """Let a report cite one of the origins that hold its current version, and take over what its origins say.

    One that is not withdrawn comes first, an address on the web before a local file, one that states a licence before
    one that does not, and then the lowest address, so that the order in which origins were found does not matter. The
    report is withdrawn when all its origins are, also those that hold an earlier version. Where no origin holds its
    current version any more, because the address now holds another report, it cites none.
    """
    holds_current = (
        "SELECT 1 FROM origins o JOIN documents d USING (document_id) WHERE d.report_id = $report_id AND d.is_current"
    )
    connection.execute(
        "UPDATE reports SET origin_id = NULL, origin = NULL, licence = NULL, is_withdrawn = coalesce("
        "(SELECT bool_and(withdrawn_because IS NOT NULL) FROM origins WHERE report_id = $report_id), TRUE) "
        f"WHERE report_id = $report_id AND origin_id IS NOT NULL AND NOT EXISTS ({holds_current})",
        {"report_id": report_id},
    )
    connection.execute(
        """
        UPDATE reports SET origin_id = cited.origin_id, origin = cited.shown, licence = cited.licence,
               publisher = coalesce(printed_publisher, cited.publisher), is_withdrawn = cited.is_withdrawn
        FROM (
            SELECT o.origin_id, coalesce(o.url, o.file_name) AS shown, o.licence, o.publisher,
                   (SELECT bool_and(withdrawn_because IS NOT NULL) FROM origins
                    WHERE report_id = $report_id) AS is_withdrawn
            FROM origins o JOIN documents d USING (document_id)
            WHERE d.report_id = $report_id AND d.is_current
            ORDER BY o.withdrawn_because IS NOT NULL, o.url IS NULL, o.licence IS NULL, o.publisher IS NULL, o.address
            LIMIT 1
        ) AS cited
        WHERE reports.report_id = $report_id
          AND (reports.origin_id, reports.licence, reports.publisher, reports.is_withdrawn)
              IS DISTINCT FROM (cited.origin_id, cited.licence, coalesce(printed_publisher, cited.publisher),
                                cited.is_withdrawn)
        """,
        {"report_id": report_id},
    )


def _one(connection: duckdb.DuckDBPyConnection, query: str, *parameters: Any) -> tuple[Any, ...] | None:
    return connection.execute(query, list(parameters)).fetchone()
