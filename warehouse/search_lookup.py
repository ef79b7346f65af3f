"""Looks single records up in a published site, for the search API and the pages."""

from __future__ import annotations

import json
import sqlite3

from warehouse.search_records import Row
from warehouse.site_rows import read_number, read_record, read_rows


def find_statement(connection: sqlite3.Connection, statement_id: str) -> Row:
    """Return all columns of a statement, with its `report`, `addressees` and `mentions`.

    Raises `UnknownRecord` when there is none with that id.
    """
    statement = read_record(
        connection, "SELECT * FROM statements WHERE statement_id = ?", statement_id, what="statement"
    )  # fmt: skip
    statement["boxes"] = json.loads(statement["boxes"] or "[]")
    statement["report"] = read_report(connection, statement["report_id"])
    statement["addressees"] = read_rows(
        connection,
        "SELECT a.text, a.party_id, p.name AS party_name FROM addressees a "
        "LEFT JOIN parties p ON p.party_id = a.party_id WHERE a.statement_id = ? ORDER BY a.position",
        statement_id,
    )
    statement["mentions"] = read_rows(
        connection,
        "SELECT text, page, start_offset, end_offset FROM mentions WHERE statement_id = ? ORDER BY position",
        statement_id,
    )
    return statement


def read_report(connection: sqlite3.Connection, report_id: str) -> Row:
    """Return all columns of a report. Raises `UnknownRecord` when there is none with that id."""
    return read_record(connection, "SELECT * FROM reports WHERE report_id = ?", report_id, what="report")


def find_report(connection: sqlite3.Connection, report_id: str) -> Row:
    """Return all columns of a report, with its `cases`, its outline (`sections`) and its `statements`, in order.

    Raises `UnknownRecord` when there is none with that id.
    """
    report = read_report(connection, report_id)
    cases = read_rows(connection, "SELECT name FROM cases WHERE report_id = ? ORDER BY position", report_id)
    report["cases"] = [case["name"] for case in cases]
    report["sections"] = read_rows(
        connection,
        "SELECT title, number, level, role, page FROM sections WHERE report_id = ? ORDER BY position",
        report_id,
    )
    report["statements"] = read_rows(
        connection,
        "SELECT statement_id, kind, text, label, page, section, confidence, start_offset, end_offset FROM statements "
        "WHERE report_id = ? ORDER BY position",
        report_id,
    )
    return report


def find_newest_reports(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the newest reports with their number of statements, the newest first; those without a date come last."""
    return read_rows(
        connection,
        "SELECT r.report_id, r.title, r.publisher, r.published_date, r.language, r.origin, "
        "(SELECT count(*) FROM statements s WHERE s.report_id = r.report_id) AS statement_count "
        "FROM reports r ORDER BY r.published_date IS NULL, r.published_date DESC, r.report_id LIMIT ?",
        limit,
    )


def find_problems(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return what could not be taken in, the latest first."""
    return read_rows(
        connection,
        "SELECT subject, stage, reason, message, what_to_do, last_seen_at FROM problems "
        "ORDER BY last_seen_at DESC LIMIT ?",
        limit,
    )


def count_reports_of_source(connection: sqlite3.Connection, source: str) -> int:
    """Return how many reports come from the source that the operator calls `source`."""
    return read_number(connection, "SELECT count(DISTINCT report_id) FROM origins WHERE source = ?", source)
