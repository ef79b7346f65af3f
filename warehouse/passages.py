"""Cuts the text of reports into passages, so that search finds what a report discusses without stating it.

A passage is a few paragraphs of one section, some hundred words: less has no subject, and an encoder blurs more.
"""

from __future__ import annotations

import bisect
import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Final

import duckdb

from warehouse.rows import Row, make_text_hash
from warehouse.saving import insert_rows

WANTED_LENGTH: Final = 900
"""Characters after which a passage ends with its paragraph."""
LONGEST: Final = 1_400
"""A longer paragraph is cut between two sentences."""
CUTTING_VERSION: Final = "1"
"""Raise when the same text and sections give other passages."""

_FEWEST_LETTERS: Final = 60
_PARAGRAPH: Final = re.compile(r"\S(?:.*?\S)??(?=\s*\n\s*\n|\s*\Z)", re.DOTALL)
_SENTENCE_END: Final = re.compile(r"[.!?…][”’\")]*\s+(?=[^\W\d_a-z])|\n")
_LETTER: Final = re.compile(r"[^\W\d_]")

_UNCUT: Final = "FROM documents WHERE is_current AND passages_version IS DISTINCT FROM ?"

Range = tuple[int, int]


def cut_passages(text: str, section_starts: Sequence[int] = ()) -> list[Range]:
    """Return the passages of `text` as `[start, end)` ranges, in order, without overlap; none for an empty text.

    A passage never begins in one section and ends in another. Scraps without words (numbers, rules) are left out.
    """
    starts = sorted(section_starts)
    passages: list[Range] = []
    section_of_last = -1
    for start, end in _paragraphs(text):
        section = bisect.bisect_right(starts, start)
        is_joined = (
            passages
            and section == section_of_last
            and passages[-1][1] - passages[-1][0] < WANTED_LENGTH
            and end - passages[-1][0] <= LONGEST
        )
        if is_joined:
            passages[-1] = (passages[-1][0], end)
        else:
            passages.append((start, end))
        section_of_last = section
    return [(start, end) for start, end in passages if len(_LETTER.findall(text[start:end])) >= _FEWEST_LETTERS]


def _paragraphs(text: str) -> Iterator[Range]:
    for match in _PARAGRAPH.finditer(text):
        start, end = match.span()
        while end - start > LONGEST:
            cuts = [found.end() for found in _SENTENCE_END.finditer(text, start + WANTED_LENGTH // 2, start + LONGEST)]
            # A list without sentences is cut between words.
            cut = next((cut for cut in cuts if cut - start >= WANTED_LENGTH), cuts[-1] if cuts else 0)
            cut = cut or max(text.rfind(" ", start + 1, start + LONGEST), 0) or start + LONGEST
            yield start, start + len(text[start:cut].rstrip())
            start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
        if end > start:
            yield start, end


def save_missing_passages(connection: duckdb.DuckDBPyConnection) -> int:
    """Cut the current version of every report that was not cut by this rule yet; return how many passages are new."""
    missing = connection.execute(f"SELECT document_id {_UNCUT} ORDER BY 1", [CUTTING_VERSION]).fetchall()
    return sum(cut_report_of(connection, document_id) for (document_id,) in missing)


def count_uncut(connection: duckdb.DuckDBPyConnection) -> int:
    """Return how many reports were not cut by this rule."""
    row = connection.execute(f"SELECT count(*) {_UNCUT}", [CUTTING_VERSION]).fetchone()
    return int(row[0]) if row else 0


def cut_report_of(connection: duckdb.DuckDBPyConnection, document_id: str) -> int:
    """Cut the current version of the report of a document anew, and return how many passages it has.

    The offsets of passages count in the text and end with the sections, so whoever saves these calls this in the same
    transaction. A report without a current version, or without text, has none. The vectors need no care: they are
    kept by the hash of the text, so a passage that stayed keeps its vector and another is embedded.
    """
    ((report_id,),) = connection.execute(
        "SELECT report_id FROM documents WHERE document_id = ?", [document_id]
    ).fetchall()
    connection.execute("DELETE FROM passages WHERE report_id = ?", [report_id])
    current = connection.execute(
        "SELECT document_id, text FROM documents WHERE report_id = ? AND is_current", [report_id]
    ).fetchone()
    if current is None:
        return 0
    rows = _rows_of(connection, current[0], report_id, current[1])
    insert_rows(connection, "passages", rows)
    connection.execute(
        "UPDATE documents SET passages_version = CASE WHEN is_current THEN ? END WHERE report_id = ?",
        [CUTTING_VERSION, report_id],
    )
    return len(rows)


def _rows_of(connection: duckdb.DuckDBPyConnection, document_id: str, report_id: str, text: str) -> list[Row]:
    sections = [
        row[0]
        for row in connection.execute(
            "SELECT start_offset FROM sections WHERE document_id = ? ORDER BY start_offset", [document_id]
        ).fetchall()
    ]
    pages = connection.execute(
        "SELECT start_offset, page FROM pages WHERE document_id = ? AND end_offset > start_offset "
        "ORDER BY start_offset",
        [document_id],
    ).fetchall()
    page_starts = [start for start, _ in pages]
    rows: list[Row] = []
    for position, (start, end) in enumerate(cut_passages(text, sections)):
        page = pages[max(bisect.bisect_right(page_starts, start) - 1, 0)][1] if pages else 1
        key = f"{document_id}\x1f{start}\x1f{end}"
        rows.append(
            {
                "passage_id": "p" + hashlib.sha256(key.encode()).hexdigest()[:16],
                "report_id": report_id,
                "document_id": document_id,
                "position": position,
                "page": page,
                "start_offset": start,
                "end_offset": end,
                "text_hash": make_text_hash(text[start:end]),
            }
        )
    return rows
