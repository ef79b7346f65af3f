"""The views of the published site, described as the tables are."""

from __future__ import annotations

from typing import Final

from warehouse.columns import Column, View
from warehouse.tables import PROBLEMS, REPORTS, STATEMENTS


def _of(table_column: Column, name: str | None = None, description: str | None = None) -> Column:
    return Column(
        name or table_column.name, table_column.sql_type, description or table_column.description, table_column.kind
    )


_FULL_COLUMNS: Final = (
    *(_of(STATEMENTS.column(name)) for name in ("statement_id", "kind", "text", "label")),
    Column("addressees", "VARCHAR", "Who must act, as printed; several are parted by “; ”.", "text"),
    Column("parties", "VARCHAR", "Those that the gazetteer knows, by their name there; parted by “; ”.", "text"),
    *(_of(STATEMENTS.column(name)) for name in ("deadline_text", "deadline_date", "page", "section", "section_role")),
    _of(REPORTS.column("title"), "report_title", "Title of the report, as printed."),
    *(_of(REPORTS.column(name)) for name in ("publisher", "published_date")),
    *(_of(STATEMENTS.column(name)) for name in ("published_year", "language", "confidence", "rule")),
    _of(REPORTS.column("origin")),
    _of(REPORTS.column("licence")),
    _of(STATEMENTS.column("report_id")),
    Column("statement_row", "INTEGER", "Row of the statement, by which full-text search finds it.", "number"),
)

_FULL_QUERY: Final = """
SELECT s.statement_id, s.kind, s.text, s.label,
       (SELECT group_concat(a.text, '; ') FROM addressees a WHERE a.statement_id = s.statement_id) AS addressees,
       (SELECT group_concat(p.name, '; ') FROM addressees a JOIN parties p ON p.party_id = a.party_id
        WHERE a.statement_id = s.statement_id) AS parties,
       s.deadline_text, s.deadline_date, s.page, s.section, s.section_role,
       r.title AS report_title, r.publisher, r.published_date,
       s.published_year, s.language, s.confidence, s.rule, r.origin, r.licence, s.report_id,
       {statement_row} AS statement_row
FROM statements s JOIN reports r ON r.report_id = s.report_id
"""

STATEMENTS_FULL: Final = View(
    "statements_full",
    "Statements with their report, publisher, date and addressees: everything that a citation needs.",
    _FULL_COLUMNS,
    _FULL_QUERY,
)


def _kind_view(name: str, kind: str, description: str) -> View:
    columns = tuple(column for column in _FULL_COLUMNS if column.name != "kind")
    names = ", ".join(column.name for column in columns)
    return View(name, description, columns, f"SELECT {names} FROM statements_full WHERE kind = '{kind}'")


_PROBLEM_COLUMNS: Final = tuple(
    _of(PROBLEMS.column(name))
    for name in ("subject", "stage", "reason", "message", "what_to_do", "first_seen_at", "last_seen_at")
)

VIEWS: Final[tuple[View, ...]] = (
    STATEMENTS_FULL,
    _kind_view("recommendations", "recommendation", "What should be done, by whom and by when."),
    _kind_view("conclusions", "conclusion", "What the publisher concludes from its findings."),
    _kind_view("findings", "finding", "What the publisher established."),
    _kind_view("lessons", "lesson", "What should be done better another time."),
    View(
        "open_problems",
        "What could not be taken in, the latest first, and what to do about it.",
        _PROBLEM_COLUMNS,
        f"SELECT {', '.join(column.name for column in _PROBLEM_COLUMNS)} FROM problems ORDER BY last_seen_at DESC",
    ),
)
"""In the order in which they are created: the later ones build on the first."""
