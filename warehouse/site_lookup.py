"""Looks up what the API and the feeds show: pages of a report, parties, themes, and what came in last."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Sequence
from typing import Any, Final

from warehouse.search_records import Row, UnknownRecord

_PARTS: Final = 400
"""Ids in one query: SQLite takes 999 parameters where it is old."""

_REPORT_COLUMNS: Final = "r.report_id, r.title, r.subtitle, r.publisher, r.published_date, r.report_number, r.kind, r.language, r.licence, r.origin, r.is_withdrawn, r.twin_of"  # fmt: skip  # noqa: E501

_COUNTED_PARTIES: Final = """
SELECT p.*, count(DISTINCT s.statement_id) AS statement_count,
       count(DISTINCT CASE WHEN s.kind = 'recommendation' THEN s.statement_id END) AS recommendation_count,
       count(DISTINCT s.report_id) AS report_count, max(r.published_date) AS last_published_date
FROM parties p
LEFT JOIN addressees a ON a.party_id = p.party_id
LEFT JOIN statements s ON s.statement_id = a.statement_id
LEFT JOIN reports r ON r.report_id = s.report_id
"""

_STATEMENT_COLUMNS: Final = (
    "statement_id, kind, text, label, page, section, language, confidence, addressees, deadline_text, deadline_date, "
    "report_id, report_title, publisher, published_date"
)


def find_reports(
    connection: sqlite3.Connection,
    *,
    publisher: Sequence[str] = (),
    year: Sequence[int] = (),
    language: Sequence[str] = (),
    kind: Sequence[str] = (),
    limit: int,
    offset: int = 0,
) -> tuple[int, list[Row]]:
    """Return how many reports fit the filters, and `limit` of them with their counts, the newest first.

    Within a filter one of the values must fit, as it is written; reports without a date come last.
    """
    wanted: dict[str, Sequence[str] | Sequence[int]] = {
        "r.publisher": publisher,
        "r.published_year": year,
        "r.language": language,
        "r.kind": kind,
    }
    conditions: list[str] = ["1"]
    parameters: list[str | int] = []
    for column, values in wanted.items():
        if values:
            conditions.append(f"{column} IN ({_places(values)})")
            parameters += values
    where = " AND ".join(conditions)
    total = connection.execute(f"SELECT count(*) FROM reports r WHERE {where}", parameters).fetchone()[0]
    rows = _many(
        connection,
        f"SELECT {_REPORT_COLUMNS}, (SELECT count(*) FROM statements s WHERE s.report_id = r.report_id) "
        f"AS statement_count FROM reports r WHERE {where} "
        "ORDER BY r.published_date IS NULL, r.published_date DESC, r.report_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return int(total), rows


def find_pages(connection: sqlite3.Connection, report_id: str) -> Row:
    """Return the pages of a report's current version without their text; raises `UnknownRecord` for an unknown one."""
    report = _report(connection, report_id)
    pages = _many(
        connection,
        "SELECT page, width, height, is_scanned, length(text) AS character_count, "
        "(SELECT count(*) FROM statements s WHERE s.document_id = p.document_id AND s.page = p.page) "
        "AS statement_count FROM pages p WHERE document_id = ? ORDER BY page",
        report["document_id"],
    )
    for page in pages:
        page["is_scanned"] = bool(page["is_scanned"])
    return {"report_id": report_id, "document_id": report["document_id"], "page_count": len(pages), "pages": pages}


def find_page(connection: sqlite3.Connection, report_id: str, page: int) -> Row:
    """Return the text of one page, and the statements on it as ranges of that text.

    `start` and `end` of a statement count characters of the page's text; one that runs on to another page is cut
    there. Raises `UnknownRecord` when the report or the page is not there.
    """
    report = _report(connection, report_id)
    rows = _many(connection, "SELECT * FROM pages WHERE document_id = ? AND page = ?", report["document_id"], page)
    if not rows:
        raise UnknownRecord(f"page {page} of report {report_id:.80}: found none in this build")
    found = rows[0]
    start, end = found["start_offset"], found["end_offset"]
    statements = _many(
        connection,
        "SELECT statement_id, kind, start_offset, end_offset FROM statements "
        "WHERE document_id = ? AND start_offset < ? AND end_offset > ? ORDER BY start_offset",
        report["document_id"],
        end,
        start,
    )
    return {
        "report_id": report_id,
        **found,
        "is_scanned": bool(found["is_scanned"]),
        "licence": report["licence"],
        "statements": [
            {
                "statement_id": statement["statement_id"],
                "kind": statement["kind"],
                "start": max(statement["start_offset"], start) - start,
                "end": min(statement["end_offset"], end) - start,
            }
            for statement in statements
        ],
    }


def find_parties(
    connection: sqlite3.Connection, *, q: str = "", kind: Sequence[str] = (), limit: int, offset: int = 0
) -> tuple[int, list[Row]]:
    """Return how many parties have `q` in their name or as their id, and `limit` of them, the most addressed first."""
    conditions, parameters = ["1"], []
    if q.strip():
        conditions.append("(instr(lower(p.name), lower(?)) > 0 OR p.party_id = ?)")
        parameters += [q.strip(), q.strip()]
    if kind:
        conditions.append(f"p.kind IN ({_places(kind)})")
        parameters += kind
    where = " AND ".join(conditions)
    total = connection.execute(f"SELECT count(*) FROM parties p WHERE {where}", parameters).fetchone()[0]
    rows = _many(
        connection,
        f"{_COUNTED_PARTIES} WHERE {where} GROUP BY p.party_id "
        "ORDER BY recommendation_count DESC, statement_count DESC, p.name, p.party_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return int(total), rows


def find_party(
    connection: sqlite3.Connection, party_id: str, *, kind: Sequence[str] = (), limit: int, offset: int = 0
) -> Row:
    """Return a party with what was said to it: counts per kind, publisher, year and theme, and `limit` statements.

    The statements are the newest first; `kind` limits which of them are listed and counted in `total`. Raises
    `UnknownRecord` when there is none with that id.
    """
    rows = _many(connection, f"{_COUNTED_PARTIES} WHERE p.party_id = ? GROUP BY p.party_id", party_id)
    if not rows:
        raise UnknownRecord(f"party {party_id:.80}: found none in this build")
    condition, parameters = "statement_id IN (SELECT statement_id FROM addressees WHERE party_id = ?)", [party_id]
    counts = {
        name: _many(
            connection,
            f"SELECT {column} AS value, count(*) AS count FROM statements_full WHERE {condition} "
            f"AND {column} IS NOT NULL GROUP BY {column} ORDER BY count DESC, value",
            party_id,
        )
        for name, column in (("kinds", "kind"), ("publishers", "publisher"), ("years", "published_year"))
    }
    if kind:
        condition += f" AND kind IN ({_places(kind)})"
        parameters += kind
    total = connection.execute(f"SELECT count(*) FROM statements WHERE {condition}", parameters).fetchone()[0]
    statements = _many(
        connection,
        f"SELECT {_STATEMENT_COLUMNS} FROM statements_full WHERE {condition} "
        "ORDER BY published_date IS NULL, published_date DESC, report_id, page, statement_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    themes = []
    if has_themes(connection):
        themes = _many(
            connection,
            "SELECT t.theme_id, t.name, count(*) AS count FROM addressees a "
            "JOIN statement_themes st ON st.statement_id = a.statement_id JOIN themes t ON t.theme_id = st.theme_id "
            "WHERE a.party_id = ? GROUP BY t.theme_id ORDER BY count DESC, t.name",
            party_id,
        )
    return {**rows[0], **counts, "themes": themes, "total": int(total), "statements": statements}


def find_themes(connection: sqlite3.Connection) -> list[Row]:
    """Return all themes with their number of statements and reports, the largest first; none on a site without."""
    if not has_themes(connection):
        return []
    return _many(
        connection,
        "SELECT t.*, count(st.statement_id) AS statement_count, count(DISTINCT s.report_id) AS report_count "
        "FROM themes t LEFT JOIN statement_themes st ON st.theme_id = t.theme_id "
        "LEFT JOIN statements s ON s.statement_id = st.statement_id "
        "GROUP BY t.theme_id ORDER BY statement_count DESC, t.theme_id",
    )


def find_theme(
    connection: sqlite3.Connection, theme_id: str, *, kind: Sequence[str] = (), limit: int, offset: int = 0
) -> Row:
    """Return a theme with `limit` of its statements, the newest first; raises `UnknownRecord` for an unknown one."""
    rows = _many(connection, "SELECT * FROM themes WHERE theme_id = ?", theme_id) if has_themes(connection) else []
    if not rows:
        raise UnknownRecord(f"theme {theme_id:.80}: found none in this build")
    condition, parameters = "statement_id IN (SELECT statement_id FROM statement_themes WHERE theme_id = ?)", [theme_id]
    if kind:
        condition += f" AND kind IN ({_places(kind)})"
        parameters += kind
    total = connection.execute(f"SELECT count(*) FROM statements WHERE {condition}", parameters).fetchone()[0]
    statements = _many(
        connection,
        f"SELECT {_STATEMENT_COLUMNS} FROM statements_full WHERE {condition} "
        "ORDER BY published_date IS NULL, published_date DESC, report_id, page, statement_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return {**rows[0], "total": int(total), "statements": statements}


def find_relations(connection: sqlite3.Connection, statement_id: str) -> Row:
    """Return what a statement is tied to: `responses`, `based_on`, `basis_of` and `themes`; lists, empty where none."""
    linked = (
        "SELECT s.statement_id, s.kind, s.text, s.page, l.evidence FROM links l "
        "JOIN statements s ON s.statement_id = l.{there} WHERE l.{here} = ? ORDER BY s.position"
    )
    themes = []
    if has_themes(connection):
        themes = _many(
            connection,
            "SELECT st.*, t.name FROM statement_themes st JOIN themes t ON t.theme_id = st.theme_id "
            "WHERE st.statement_id = ? ORDER BY t.name",
            statement_id,
        )
        for theme in themes:
            del theme["statement_id"]
    return {
        "responses": _many(
            connection,
            "SELECT response_id, stance, text, page, report_id FROM responses WHERE statement_id = ? ORDER BY position",
            statement_id,
        ),
        "based_on": _many(connection, linked.format(there="based_on_id", here="recommendation_id"), statement_id),
        "basis_of": _many(connection, linked.format(there="recommendation_id", here="based_on_id"), statement_id),
        "themes": themes,
    }


def find_newest_statement_ids(
    connection: sqlite3.Connection, *, wanted: Container[int] | None = None, limit: int
) -> list[str]:
    """Return the ids of the statements that came in last, newest first; only of the row numbers `wanted`, if given."""
    found: list[int] = []
    for (rowid,) in connection.execute("SELECT rowid FROM statements ORDER BY first_seen_at DESC, rowid"):
        if wanted is None or rowid in wanted:
            found.append(rowid)
            if len(found) == limit:
                break
    rows = connection.execute(f"SELECT rowid, statement_id FROM statements WHERE rowid IN ({_places(found)})", found)
    id_of = dict(rows.fetchall())
    return [str(id_of[rowid]) for rowid in found]


def find_full_statements(connection: sqlite3.Connection, statement_ids: Sequence[str]) -> list[Row]:
    """Return what a citation, a feed or an export needs of each statement, in the order of the ids."""
    found: dict[str, Row] = {}
    for start in range(0, len(statement_ids), _PARTS):
        part = statement_ids[start : start + _PARTS]
        for row in _many(
            connection,
            "SELECT f.*, s.first_seen_at FROM statements_full f JOIN statements s ON s.statement_id = f.statement_id "
            f"WHERE f.statement_id IN ({_places(part)})",
            *part,
        ):
            found[row["statement_id"]] = row
    return [found[statement_id] for statement_id in statement_ids if statement_id in found]


def has_themes(connection: sqlite3.Connection) -> bool:
    """Return whether the site has themes: sites that were published before them have not."""
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('themes', 'statement_themes')"
    return bool(connection.execute(query).fetchone()[0] == 2)


def _report(connection: sqlite3.Connection, report_id: str) -> Row:
    rows = _many(connection, "SELECT * FROM reports WHERE report_id = ?", report_id)
    if not rows:
        raise UnknownRecord(f"report {report_id:.80}: found none in this build")
    return rows[0]


def _places(values: Sequence[Any]) -> str:
    return ", ".join("?" * len(values))


def _many(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[Row]:
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
