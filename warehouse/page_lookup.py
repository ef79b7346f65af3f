"""Reads from a published site what the pages for people show: a statement in its place, a report, a party, a theme."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from warehouse.search_records import Row, UnknownRecord

_AROUND: Final = 900
"""Characters of context that are looked at on either side; whole paragraphs of them are shown."""
_PARAGRAPH: Final = re.compile(r"\n\s*\n")
_MOST: Final = 300
"""Statements on the page of one party or theme; the search shows them all."""

_SOURCE: Final = (
    "s.statement_id, s.kind, s.text, s.page, s.label, s.language, r.report_id, r.title, r.publisher, r.published_date"
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A statement in its text: whole paragraphs before and after it, empty at the ends of the report."""

    before: str
    text: str
    after: str


def find_context(connection: sqlite3.Connection, document_id: str, *, start: int, end: int) -> Passage:
    """Return the text ``[start, end)`` of a document with the paragraphs around it, over page breaks as well."""
    first, last = max(0, start - _AROUND), end + _AROUND
    rows = connection.execute(
        "SELECT start_offset, text FROM pages WHERE document_id = ? AND end_offset > ? AND start_offset < ? "
        "ORDER BY page",
        (document_id, first, last),
    ).fetchall()
    if not rows:
        return Passage("", "", "")
    origin = rows[0][0]
    held = ""
    for offset, text in rows:
        held = held.ljust(offset - origin, "\n") + text
    before, after = held[max(0, first - origin) : start - origin], held[end - origin : last - origin]
    if first > 0:
        before = _from_paragraph(before)
    return Passage(
        before, held[start - origin : end - origin], _to_paragraph(after, is_whole=last - origin >= len(held))
    )


def find_page_text(
    connection: sqlite3.Connection, document_id: str, *, first: int, most_characters: int
) -> tuple[list[Row], int]:
    """Return the pages from `first` on, as many as hold `most_characters` and one at least, and the number of pages.

    A `first` beyond the end gives the last page.
    """
    page_count = _number(connection, "SELECT count(*) FROM pages WHERE document_id = ?", document_id)
    pages = _many(
        connection,
        "SELECT page, start_offset, end_offset, text, width, height FROM pages WHERE document_id = ? AND page >= ? "
        "ORDER BY page LIMIT 200",
        document_id, min(first, page_count),
    )  # fmt: skip
    shown: list[Row] = []
    size = 0
    for page in pages:
        size += len(page["text"])
        if shown and size > most_characters:
            break
        shown.append(page)
    return shown, page_count


def find_page_size(connection: sqlite3.Connection, document_id: str, page: int) -> tuple[float, float] | None:
    """Return width and height in points of a page of a report's current version; None where it has none."""
    found = connection.execute(
        "SELECT width, height FROM pages WHERE document_id = ? AND page = ? AND width > 0", (document_id, page)
    ).fetchone()
    return (found[0], found[1]) if found else None


def find_document(connection: sqlite3.Connection, document_id: str) -> Row:
    """Return a document with the `licence` and `file_name` of its report. Raises `UnknownRecord`."""
    found = _many(
        connection,
        "SELECT d.*, r.licence, r.title, o.file_name, o.url FROM documents d "
        "JOIN reports r ON r.report_id = d.report_id LEFT JOIN origins o ON o.origin_id = r.origin_id "
        "WHERE d.document_id = ?",
        document_id,
    )  # fmt: skip
    if not found:
        raise UnknownRecord(f"document {document_id:.80}: found none in this build")
    return found[0]


def find_relations(connection: sqlite3.Connection, statement_id: str) -> dict[str, list[Row]]:
    """Return what a statement `rests_on`, what `follows` from it, the `responses` to it, and its `themes`."""
    linked = (
        f"SELECT {_SOURCE}, l.evidence FROM links l JOIN statements s ON s.statement_id = l.{{other}} "
        "JOIN reports r ON r.report_id = s.report_id WHERE l.{key} = ? ORDER BY s.position"
    )
    return {
        "rests_on": _many(connection, linked.format(other="based_on_id", key="recommendation_id"), statement_id),
        "follows": _many(connection, linked.format(other="recommendation_id", key="based_on_id"), statement_id),
        "responses": _many(
            connection,
            "SELECT a.response_id, a.stance, a.text, a.page, r.report_id, r.title, r.publisher, r.published_date, "
            "r.language FROM responses a JOIN reports r ON r.report_id = a.report_id WHERE a.statement_id = ? "
            "ORDER BY r.published_date, a.position",
            statement_id,
        ),
        "themes": _themes_of(connection, statement_id),
    }


def find_report_documents(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the versions of a report, the current one first, with where each was found and what took its place."""
    return _many(
        connection,
        "SELECT d.document_id, d.is_current, d.superseded_by, d.media_type, d.page_count, d.is_scanned, "
        "d.first_seen_at, "
        "(SELECT coalesce(url, file_name) FROM origins o WHERE o.document_id = d.document_id "
        "ORDER BY url IS NULL LIMIT 1) AS origin "
        "FROM documents d WHERE d.report_id = ? ORDER BY d.is_current DESC, d.first_seen_at DESC",
        report_id,
    )  # fmt: skip


def find_report_origins(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return where a report was found, what is still offered first, each with why it counts as withdrawn or None."""
    return _many(
        connection,
        "SELECT coalesce(url, file_name) AS shown, url, source, document_id, withdrawn_because, withdrawn_at "
        "FROM origins WHERE report_id = ? ORDER BY withdrawn_because IS NOT NULL, url IS NULL, url, file_name",
        report_id,
    )


def find_scans(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the reports that are scans of a report, with their title and origin; none for most."""
    return _many(connection, "SELECT report_id, title, origin FROM reports WHERE twin_of = ? ORDER BY 1", report_id)


def find_responses(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the reactions that a report holds, in order, with the recommendation where it is known."""
    return _many(
        connection,
        "SELECT a.answers, a.stance, a.text, a.page, a.statement_id, s.text AS statement_text FROM responses a "
        "LEFT JOIN statements s ON s.statement_id = a.statement_id WHERE a.report_id = ? ORDER BY a.position",
        report_id,
    )


def find_party(connection: sqlite3.Connection, party_id: str) -> Row:
    """Return a party with its number of statements per kind, publisher and year, and what is addressed to it.

    The `statements` are the latest 300, recommendations first, each with the `themes` and the stance of the first
    response. Raises `UnknownRecord`.
    """
    found = _many(connection, "SELECT * FROM parties WHERE party_id = ?", party_id)
    if not found:
        raise UnknownRecord(f"party {party_id:.80}: found none in this build")
    party = found[0]
    addressed = "FROM statements s WHERE s.statement_id IN (SELECT statement_id FROM addressees WHERE party_id = ?)"
    party["kinds"] = _counts(connection, f"SELECT s.kind, count(*) {addressed} GROUP BY 1", party_id)
    party["years"] = _counts(
        connection, f"SELECT s.published_year, count(*) {addressed} AND s.published_year > 0 GROUP BY 1", party_id,
        by_value=True,
    )  # fmt: skip
    party["publishers"] = _counts(
        connection,
        "SELECT r.publisher, count(*) FROM statements s JOIN reports r ON r.report_id = s.report_id "
        "WHERE r.publisher IS NOT NULL AND s.statement_id IN (SELECT statement_id FROM addressees WHERE party_id = ?) "
        "GROUP BY 1",
        party_id,
    )
    party["names"] = [
        row["text"]
        for row in _many(
            connection,
            "SELECT min(text) AS text, count(*) FROM addressees WHERE party_id = ? GROUP BY lower(text) "
            "ORDER BY 2 DESC, 1 LIMIT 8",
            party_id,
        )
    ]
    party["statements"] = _many(
        connection,
        f"SELECT {_SOURCE}, s.deadline_text, s.deadline_date, (SELECT stance FROM responses a "
        "WHERE a.statement_id = s.statement_id ORDER BY a.position LIMIT 1) AS stance FROM statements s "
        "JOIN reports r ON r.report_id = s.report_id "
        "WHERE s.statement_id IN (SELECT statement_id FROM addressees WHERE party_id = ?) "
        "ORDER BY s.kind <> 'recommendation', r.published_date IS NULL, r.published_date DESC, s.report_id, s.position "
        f"LIMIT {_MOST}",
        party_id,
    )
    for statement in party["statements"]:
        statement["themes"] = _themes_of(connection, statement["statement_id"])
    return party


def find_theme(connection: sqlite3.Connection, theme_id: str) -> Row:
    """Return a theme with its number of statements per kind and publisher, and the latest 300 statements.

    Raises `UnknownRecord`.
    """
    found = _many(connection, "SELECT * FROM themes WHERE theme_id = ?", theme_id) if has_themes(connection) else []
    if not found:
        raise UnknownRecord(f"theme {theme_id:.80}: found none in this build")
    theme = found[0]
    of_theme = (
        "FROM statement_themes t JOIN statements s ON s.statement_id = t.statement_id "
        "JOIN reports r ON r.report_id = s.report_id WHERE t.theme_id = ?"
    )
    theme["kinds"] = _counts(connection, f"SELECT s.kind, count(*) {of_theme} GROUP BY 1", theme_id)
    theme["publishers"] = _counts(
        connection, f"SELECT r.publisher, count(*) {of_theme} AND r.publisher IS NOT NULL GROUP BY 1", theme_id
    )
    theme["statements"] = _many(
        connection,
        f"SELECT {_SOURCE} {of_theme} "
        "ORDER BY s.kind <> 'recommendation', r.published_date IS NULL, r.published_date DESC, s.report_id, s.position "
        f"LIMIT {_MOST}",
        theme_id,
    )
    return theme


def find_largest_themes(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the themes with the most statements, each with its `statement_count`; empty where none were given."""
    if not has_themes(connection):
        return []
    return _many(
        connection,
        "SELECT n.*, count(*) AS statement_count FROM statement_themes t JOIN themes n ON n.theme_id = t.theme_id "
        "GROUP BY n.theme_id ORDER BY statement_count DESC, n.theme_id LIMIT ?",
        limit,
    )


def find_largest_parties(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the parties with the most recommendations, each with its `recommendation_count`."""
    return _many(
        connection,
        "SELECT p.party_id, p.name, count(DISTINCT s.statement_id) AS recommendation_count FROM addressees a "
        "JOIN statements s ON s.statement_id = a.statement_id AND s.kind = 'recommendation' "
        "JOIN parties p ON p.party_id = a.party_id GROUP BY p.party_id ORDER BY 3 DESC, 2 LIMIT ?",
        limit,
    )


def find_quality(connection: sqlite3.Connection) -> list[Row]:
    """Return the measured figures over all languages; what the operator measured hides what came with the program.

    Each row has area, measure, kind, value, low, high, document_count, meaning and origin. Empty where nothing was
    measured.
    """
    if not _has_table(connection, "quality"):
        return []
    rows = _many(
        connection,
        "SELECT area, measure, kind, value, low, high, document_count, meaning, origin FROM quality "
        "WHERE language = 'all' ORDER BY origin = 'own', area, measure, kind",
    )
    return list({(row["area"], row["measure"], row["kind"]): row for row in rows}.values())


def has_themes(connection: sqlite3.Connection) -> bool:
    """Return whether this build has themes; those that were published by earlier versions have none."""
    return _has_table(connection, "themes") and _has_table(connection, "statement_themes")


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    return _number(connection, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?", name) == 1


def _themes_of(connection: sqlite3.Connection, statement_id: str) -> list[Row]:
    if not has_themes(connection):
        return []
    return _many(
        connection,
        "SELECT n.* FROM statement_themes t JOIN themes n ON n.theme_id = t.theme_id WHERE t.statement_id = ?",
        statement_id,
    )


def _from_paragraph(text: str) -> str:
    # What was cut off at its start: from the first whole paragraph, or else the first whole sentence or word.
    found = _PARAGRAPH.search(text)
    if found and found.end() < len(text) - 1:
        return text[found.end() :]
    found = re.search(r"(?<=[.!?])\s|\s", text)
    return "… " + text[found.end() :] if found else text


def _to_paragraph(text: str, *, is_whole: bool) -> str:
    if is_whole:
        return text
    breaks = [found.start() for found in _PARAGRAPH.finditer(text) if found.start() > 0]
    if breaks:
        return text[: breaks[-1]]
    return text.rpartition(" ")[0] + " …"


def _counts(
    connection: sqlite3.Connection, query: str, *parameters: Any, by_value: bool = False
) -> list[tuple[Any, int]]:
    rows: Sequence[tuple[Any, int]] = connection.execute(query, parameters).fetchall()
    return sorted(rows, key=_value if by_value else _most)


def _value(counted: tuple[Any, int]) -> Any:
    return counted[0]


def _most(counted: tuple[Any, int]) -> tuple[int, str]:
    return -counted[1], str(counted[0])


def _number(connection: sqlite3.Connection, query: str, *parameters: Any) -> int:
    return int(connection.execute(query, parameters).fetchone()[0])


def _many(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[Row]:
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]
