"""Reads from a published site what only its pages show: statements in their place, reports, the home page."""

from __future__ import annotations

import re
import sqlite3
from dataclasses import dataclass
from typing import Final

from warehouse.search_records import Row
from warehouse.site_rows import has_tables, has_themes, read_number, read_record, read_rows

_AROUND: Final = 900
"""Characters of context that are looked at on either side; whole paragraphs of them are shown."""
_PARAGRAPH: Final = re.compile(r"\n\s*\n")

_IS_QUOTED: Final = (
    "EXISTS (SELECT 1 FROM statements s WHERE s.document_id = p.document_id "
    "AND s.start_offset < p.end_offset AND s.end_offset > p.start_offset)"
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
    origin = min(offset for offset, _ in rows)
    held = ""
    for offset, text in sorted(rows):
        # Pages overlap where a note or table stands behind a paragraph that goes on over the page; between two pages
        # there is the space within a sentence, or the line breaks between paragraphs, which no page holds.
        gap = offset - origin - len(held)
        held += (" " if gap == 1 else "\n" * gap) + text[max(0, -gap) :]
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

    A `first` beyond the end gives the last page. `is_quoted` says whether a statement stands on a page.
    """
    page_count = read_number(connection, "SELECT count(*) FROM pages WHERE document_id = ?", document_id)
    pages = read_rows(
        connection,
        f"SELECT page, start_offset, end_offset, text, width, height, {_IS_QUOTED} AS is_quoted FROM pages p "
        "WHERE document_id = ? AND page >= ? ORDER BY page LIMIT 200",
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


def is_quoted(connection: sqlite3.Connection, document_id: str, page: int) -> bool:
    """Return whether a statement stands on a page, or on part of it; False for a page that is not there."""
    query = f"SELECT count(*) FROM pages p WHERE document_id = ? AND page = ? AND {_IS_QUOTED}"
    return read_number(connection, query, document_id, page) > 0


def find_document(connection: sqlite3.Connection, document_id: str) -> Row:
    """Return a document with the `licence` and `file_name` of its report. Raises `UnknownRecord`."""
    return read_record(
        connection,
        "SELECT d.*, r.licence, r.title, o.file_name, o.url FROM documents d "
        "JOIN reports r ON r.report_id = d.report_id LEFT JOIN origins o ON o.origin_id = r.origin_id "
        "WHERE d.document_id = ?",
        document_id,
        what="document",
    )


def find_report_documents(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the versions of a report, the current one first, with where each was found and what took its place."""
    return read_rows(
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
    return read_rows(
        connection,
        "SELECT coalesce(url, file_name) AS shown, url, source, document_id, withdrawn_because, withdrawn_at "
        "FROM origins WHERE report_id = ? ORDER BY withdrawn_because IS NOT NULL, url IS NULL, url, file_name",
        report_id,
    )


def find_scans(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the reports that are scans of a report, with their title and origin; none for most."""
    return read_rows(connection, "SELECT report_id, title, origin FROM reports WHERE twin_of = ? ORDER BY 1", report_id)


def find_responses(connection: sqlite3.Connection, report_id: str) -> list[Row]:
    """Return the reactions that a report holds, in order, with the recommendation where it is known."""
    return read_rows(
        connection,
        "SELECT a.answers, a.stance, a.text, a.page, a.statement_id, s.text AS statement_text FROM responses a "
        "LEFT JOIN statements s ON s.statement_id = a.statement_id WHERE a.report_id = ? ORDER BY a.position",
        report_id,
    )


def find_largest_themes(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the themes with the most statements, each with its `statement_count`; empty where none were given."""
    if not has_themes(connection):
        return []
    return read_rows(
        connection,
        "SELECT n.*, count(*) AS statement_count FROM statement_themes t JOIN themes n ON n.theme_id = t.theme_id "
        "GROUP BY n.theme_id ORDER BY statement_count DESC, n.theme_id LIMIT ?",
        limit,
    )


def find_largest_parties(connection: sqlite3.Connection, *, limit: int) -> list[Row]:
    """Return the parties with the most recommendations, each with its `recommendation_count`."""
    return read_rows(
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
    if not has_tables(connection, "quality"):
        return []
    rows = read_rows(
        connection,
        "SELECT area, measure, kind, value, low, high, document_count, meaning, origin FROM quality "
        "WHERE language = 'all' ORDER BY origin = 'own', area, measure, kind",
    )
    return list({(row["area"], row["measure"], row["kind"]): row for row in rows}.values())


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
