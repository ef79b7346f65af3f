"""Looks up what the API and the feeds show: pages of a report, parties, themes, and what came in last."""

from __future__ import annotations

import sqlite3
from collections.abc import Container, Sequence
from typing import Final

from warehouse.search_lookup import read_report
from warehouse.search_records import Row, UnknownRecord
from warehouse.site_rows import (
    has_themes,
    places_for,
    read_number,
    read_record,
    read_rows,
    split_ids,
    unknown_record,
)

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
    "f.statement_id, f.kind, f.text, f.label, f.page, f.section, f.language, f.confidence, f.addressees, "
    "f.deadline_text, f.deadline_date, f.report_id, f.report_title, f.publisher, f.published_date"
)
_SOURCE_COLUMNS: Final = "r.report_id, r.title, r.publisher, r.published_date"
_THEME_COLUMNS: Final = "t.theme_id, t.name, t.name_en"

_OF_PARTY: Final = "f.statement_id IN (SELECT statement_id FROM addressees WHERE party_id = ?)"
_OF_THEME: Final = "f.statement_id IN (SELECT statement_id FROM statement_themes WHERE theme_id = ?)"


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
            conditions.append(f"{column} IN ({places_for(values)})")
            parameters += values
    where = " AND ".join(conditions)
    total = read_number(connection, f"SELECT count(*) FROM reports r WHERE {where}", *parameters)
    rows = read_rows(
        connection,
        f"SELECT {_REPORT_COLUMNS}, (SELECT count(*) FROM statements s WHERE s.report_id = r.report_id) "
        f"AS statement_count FROM reports r WHERE {where} "
        "ORDER BY r.published_date IS NULL, r.published_date DESC, r.report_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return total, rows


def find_pages(connection: sqlite3.Connection, report_id: str) -> Row:
    """Return the pages of a report's current version without their text; raises `UnknownRecord` for an unknown one."""
    report = read_report(connection, report_id)
    pages = read_rows(
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
    report = read_report(connection, report_id)
    rows = read_rows(connection, "SELECT * FROM pages WHERE document_id = ? AND page = ?", report["document_id"], page)
    if not rows:
        raise UnknownRecord(f"page {page} of report {report_id:.80}: found none in this build")
    found = rows[0]
    start, end = found["start_offset"], found["end_offset"]
    statements = read_rows(
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
        conditions.append(f"p.kind IN ({places_for(kind)})")
        parameters += kind
    where = " AND ".join(conditions)
    total = read_number(connection, f"SELECT count(*) FROM parties p WHERE {where}", *parameters)
    rows = read_rows(
        connection,
        f"{_COUNTED_PARTIES} WHERE {where} GROUP BY p.party_id "
        "ORDER BY recommendation_count DESC, statement_count DESC, p.name, p.party_id LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return total, rows


def find_party(
    connection: sqlite3.Connection, party_id: str, *, kind: Sequence[str] = (), limit: int, offset: int = 0
) -> Row:
    """Return a party with what was said to it: counts per kind, publisher, year and theme, and `limit` statements.

    `names` are the commonest ways to print its name. The statements are as `find_statements_of` gives them. Raises
    `UnknownRecord` when there is none with that id.
    """
    party = read_record(
        connection, f"{_COUNTED_PARTIES} WHERE p.party_id = ? GROUP BY p.party_id", party_id, what="party"
    )  # fmt: skip
    names = read_rows(
        connection,
        "SELECT min(text) AS text, count(*) FROM addressees WHERE party_id = ? GROUP BY lower(text) "
        "ORDER BY 2 DESC, 1 LIMIT 8",
        party_id,
    )
    themes = []
    if has_themes(connection):
        themes = read_rows(
            connection,
            f"SELECT {_THEME_COLUMNS}, count(*) AS count FROM addressees a "
            "JOIN statement_themes st ON st.statement_id = a.statement_id JOIN themes t ON t.theme_id = st.theme_id "
            "WHERE a.party_id = ? GROUP BY t.theme_id ORDER BY count DESC, t.name",
            party_id,
        )
    total, statements = find_statements_of(connection, party_id=party_id, kind=kind, limit=limit, offset=offset)
    return {
        **party,
        "names": [row["text"] for row in names],
        "kinds": _count_statements(connection, "kind", _OF_PARTY, party_id),
        "publishers": _count_statements(connection, "publisher", _OF_PARTY, party_id),
        "years": _count_statements(connection, "published_year", _OF_PARTY, party_id),
        "themes": themes,
        "total": total,
        "statements": statements,
    }


def find_themes(connection: sqlite3.Connection) -> list[Row]:
    """Return all themes with their number of statements and reports, the largest first; none on a site without."""
    if not has_themes(connection):
        return []
    return read_rows(
        connection,
        "SELECT t.*, count(st.statement_id) AS statement_count, count(DISTINCT s.report_id) AS report_count "
        "FROM themes t LEFT JOIN statement_themes st ON st.theme_id = t.theme_id "
        "LEFT JOIN statements s ON s.statement_id = st.statement_id "
        "GROUP BY t.theme_id ORDER BY statement_count DESC, t.theme_id",
    )


def find_theme(
    connection: sqlite3.Connection, theme_id: str, *, kind: Sequence[str] = (), limit: int, offset: int = 0
) -> Row:
    """Return a theme with its counts per kind and publisher, and `limit` statements as `find_statements_of` gives them.

    Raises `UnknownRecord` for an unknown one.
    """
    if not has_themes(connection):
        raise unknown_record("theme", theme_id)
    theme = read_record(connection, "SELECT * FROM themes WHERE theme_id = ?", theme_id, what="theme")
    total, statements = find_statements_of(connection, theme_id=theme_id, kind=kind, limit=limit, offset=offset)
    return {
        **theme,
        "kinds": _count_statements(connection, "kind", _OF_THEME, theme_id),
        "publishers": _count_statements(connection, "publisher", _OF_THEME, theme_id),
        "total": total,
        "statements": statements,
    }


def find_statements_of(
    connection: sqlite3.Connection,
    *,
    party_id: str | None = None,
    theme_id: str | None = None,
    kind: Sequence[str] = (),
    limit: int,
    offset: int = 0,
) -> tuple[int, list[Row]]:
    """Return how many statements are addressed to a party and of a theme, and `limit` of them, the newest first.

    Each has the `stance` of the first response to it, None where none is known. `kind` limits them where it is given.
    """
    conditions: list[str] = ["1"]
    parameters: list[str] = []
    for condition, value in ((_OF_PARTY, party_id), (_OF_THEME, theme_id)):
        if value is not None:
            conditions.append(condition)
            parameters.append(value)
    if kind:
        conditions.append(f"f.kind IN ({places_for(kind)})")
        parameters += kind
    where = " AND ".join(conditions)
    total = read_number(connection, f"SELECT count(*) FROM statements f WHERE {where}", *parameters)
    statements = read_rows(
        connection,
        f"SELECT {_STATEMENT_COLUMNS}, (SELECT stance FROM responses a WHERE a.statement_id = f.statement_id "
        "ORDER BY a.position LIMIT 1) AS stance "
        f"FROM statements_full f JOIN statements s ON s.statement_id = f.statement_id WHERE {where} "
        "ORDER BY f.published_date IS NULL, f.published_date DESC, f.report_id, s.position LIMIT ? OFFSET ?",
        *parameters,
        limit,
        offset,
    )
    return total, statements


def find_themes_of(connection: sqlite3.Connection, statement_ids: Sequence[str]) -> dict[str, list[Row]]:
    """Return the themes of each statement, by its id, with the score of each; an empty list where it has none."""
    found: dict[str, list[Row]] = {statement_id: [] for statement_id in statement_ids}
    if has_themes(connection):
        for part in split_ids(statement_ids):
            for row in read_rows(
                connection,
                f"SELECT st.statement_id, st.score, {_THEME_COLUMNS} FROM statement_themes st "
                f"JOIN themes t ON t.theme_id = st.theme_id WHERE st.statement_id IN ({places_for(part)}) "
                "ORDER BY t.name",
                *part,
            ):
                found[row.pop("statement_id")].append(row)
    return found


def find_relations(connection: sqlite3.Connection, statement_id: str) -> Row:
    """Return what a statement is tied to: `responses`, `based_on`, `basis_of` and `themes`; lists, empty where none.

    Statements and responses have the columns of their report that a citation needs.
    """
    linked = (
        f"SELECT s.statement_id, s.kind, s.text, s.page, s.label, s.language, {_SOURCE_COLUMNS}, l.evidence "
        "FROM links l JOIN statements s ON s.statement_id = l.{there} JOIN reports r ON r.report_id = s.report_id "
        "WHERE l.{here} = ? ORDER BY s.position"
    )
    return {
        "responses": read_rows(
            connection,
            f"SELECT a.response_id, a.stance, a.text, a.page, r.language, {_SOURCE_COLUMNS} FROM responses a "
            "JOIN reports r ON r.report_id = a.report_id WHERE a.statement_id = ? "
            "ORDER BY r.published_date, a.position",
            statement_id,
        ),
        "based_on": read_rows(connection, linked.format(there="based_on_id", here="recommendation_id"), statement_id),
        "basis_of": read_rows(connection, linked.format(there="recommendation_id", here="based_on_id"), statement_id),
        "themes": find_themes_of(connection, [statement_id])[statement_id],
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
    rows = connection.execute(f"SELECT rowid, statement_id FROM statements WHERE rowid IN ({places_for(found)})", found)
    id_of = dict(rows.fetchall())
    return [str(id_of[rowid]) for rowid in found]


def find_full_statements(connection: sqlite3.Connection, statement_ids: Sequence[str]) -> list[Row]:
    """Return what a citation, a feed or an export needs of each statement, in the order of the ids."""
    found: dict[str, Row] = {}
    for part in split_ids(statement_ids):
        for row in read_rows(
            connection,
            "SELECT f.*, s.first_seen_at FROM statements_full f JOIN statements s ON s.statement_id = f.statement_id "
            f"WHERE f.statement_id IN ({places_for(part)})",
            *part,
        ):
            found[row["statement_id"]] = row
    return [found[statement_id] for statement_id in statement_ids if statement_id in found]


def _count_statements(connection: sqlite3.Connection, column: str, condition: str, record_id: str) -> list[Row]:
    """Return the values of a column with their number of statements, the most first; without those that are empty."""
    return read_rows(
        connection,
        f"SELECT {column} AS value, count(*) AS count FROM statements_full f WHERE {condition} "
        f"AND {column} IS NOT NULL GROUP BY {column} ORDER BY count DESC, value",
        record_id,
    )
