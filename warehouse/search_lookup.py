"""Looks single records up in a published site, for the search API and the pages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

from warehouse.search_records import Row, UnknownRecord


def find_statement(connection: sqlite3.Connection, statement_id: str) -> Row:
    """Return all columns of a statement, with its `report`, `addressees` and `mentions`.

    Raises `UnknownRecord` when there is none with that id.
    """
    statement = _one(connection, "SELECT * FROM statements WHERE statement_id = ?", statement_id)
    if statement is None:
        raise UnknownRecord(f"statement {statement_id:.80}: found none in this build")
    statement["boxes"] = json.loads(statement["boxes"] or "[]")
    statement["report"] = _one(connection, "SELECT * FROM reports WHERE report_id = ?", statement["report_id"])
    statement["addressees"] = _many(
        connection,
        "SELECT a.text, a.party_id, p.name AS party_name FROM addressees a "
        "LEFT JOIN parties p ON p.party_id = a.party_id WHERE a.statement_id = ? ORDER BY a.position",
        statement_id,
    )
    statement["mentions"] = _many(
        connection,
        "SELECT text, page, start_offset, end_offset FROM mentions WHERE statement_id = ? ORDER BY position",
        statement_id,
    )
    return statement


def find_report(connection: sqlite3.Connection, report_id: str) -> Row:
    """Return all columns of a report, with its `cases`, its outline (`sections`) and its `statements`, in order.

    Raises `UnknownRecord` when there is none with that id.
    """
    report = _one(connection, "SELECT * FROM reports WHERE report_id = ?", report_id)
    if report is None:
        raise UnknownRecord(f"report {report_id:.80}: found none in this build")
    cases = _many(connection, "SELECT name FROM cases WHERE report_id = ? ORDER BY position", report_id)
    report["cases"] = [case["name"] for case in cases]
    report["sections"] = _many(
        connection,
        "SELECT title, number, level, role, page FROM sections WHERE report_id = ? ORDER BY position",
        report_id,
    )
    report["statements"] = _many(
        connection,
        "SELECT statement_id, kind, text, label, page, section, confidence, start_offset, end_offset FROM statements "
        "WHERE report_id = ? ORDER BY position",
        report_id,
    )
    return report


def find_newest_reports(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the newest reports with their number of statements, the newest first; those without a date come last."""
    return _many(
        connection,
        "SELECT r.report_id, r.title, r.publisher, r.published_date, r.language, r.origin, "
        "(SELECT count(*) FROM statements s WHERE s.report_id = r.report_id) AS statement_count "
        "FROM reports r ORDER BY r.published_date IS NULL, r.published_date DESC, r.report_id LIMIT ?",
        limit,
    )


def find_problems(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return what could not be taken in, the latest first."""
    return _many(
        connection,
        "SELECT subject, stage, reason, message, what_to_do, last_seen_at FROM problems "
        "ORDER BY last_seen_at DESC LIMIT ?",
        limit,
    )


def count_reports_of_source(connection: sqlite3.Connection, source: str) -> int:
    """Return how many reports come from the source that the operator calls `source`."""
    query = "SELECT count(DISTINCT report_id) FROM origins WHERE source = ?"
    return int(connection.execute(query, (source,)).fetchone()[0])


def _many(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[Row]:
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def _one(connection: sqlite3.Connection, query: str, *parameters: Any) -> Row | None:
    rows: Sequence[Row] = _many(connection, query, *parameters)
    return rows[0] if rows else None
