"""Tables of contents on PDF pages: entries with leader dots, and titles with page numbers in a column of their own."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from extractors.readers.layout_words import load_layout_words
from extractors.readers.lines import roman_value
from extractors.readers.pdf_lines import Line

FEWEST_ENTRIES = 5
"""So many page numbers below each other make a table of contents, and `FEWEST_TITLED` below a title that says so."""

FEWEST_TITLED = 2
FEWEST_UNNUMBERED = 4
"""So many short lines below such a title make one without page numbers."""

ALIGNED = 3.0
"""Page numbers of one table end within so many points of each other."""

ROMAN_BEFORE = 1000
"""Pages with Roman numbers come before those with others."""

_LEADER = re.compile(r"(?:\.\s?){4,}\s*(?:\d+|[ivxlc]+)?\s*$|\s…+\s*[\divxlc]+\s*$|_{6,}\s*\d+\s*$", re.IGNORECASE)
_PAGE = re.compile(r"(?:.*\s)?(?P<page>\d{1,3}|[ivxl]{1,6}|[IVXL]{1,6})(?:\s?[–-]\s?(?:\d{1,3}|[ivxlIVXL]{1,6}))?\s*")
_WORDS = load_layout_words()
_TITLE = re.compile(rf"\W*(?:[\w’']+\s+)?(?:{_WORDS.either('contents')})(?:\s+\w+)?\W*", re.IGNORECASE)


def join_entries(lines: list[Line], *, pages: int) -> list[Line]:
    """Return the lines of a page with the entries of a table of contents joined to one line each, and marked.

    Args:
        lines: of one page, as they come.
        pages: how many pages the document has: page numbers are not much higher.
    """
    title = next((line for line in lines if len(line.text) < 40 and _TITLE.fullmatch(line.text)), None)
    rows = _find_rows(lines, pages=pages, fewest=FEWEST_TITLED if title else FEWEST_ENTRIES)
    if not rows:
        return _mark_below(title, lines) if title else lines
    joined: dict[int, Line] = {}
    taken: set[int] = set()
    for row in rows:
        line = Line.of([word for part in row for word in part.words], row[0].page)
        line.is_entry = True
        joined[id(row[0])] = line
        taken |= {id(part) for part in row}
    out = [joined.get(id(line), line) for line in lines if id(line) in joined or id(line) not in taken]
    return _mark_between(out)


def _find_rows(lines: Sequence[Line], *, pages: int, fewest: int) -> list[list[Line]]:
    """Return the rows of a table of contents, each from left to right."""
    leaders = [line for line in lines if _LEADER.search(line.text[-160:]) and any(c.isalpha() for c in line.text)]
    ends = [(line, number) for line in lines if (number := _page_number(line, highest=2 * pages + 50)) is not None]
    rows = [_row_of(_after(line, ends), lines) for line in leaders] if len(leaders) >= 3 else []
    held = {id(part) for row in rows for part in row}
    for column in [*_columns(ends, _end), *_columns(ends, _start)]:
        entries = []
        for line, number in sorted(column, key=_height):
            row = _row_of(line, lines)
            if any(c.isalpha() for part in row for c in part.text) and not held & {id(part) for part in row}:
                entries.append((row, number))
        found = _growing(entries)
        if len(found) >= max(fewest, 0.75 * len(entries)) and _are_most_rows(found, lines):
            rows += [row for row, _ in found]
            held |= {id(part) for row, _ in found for part in row}
    return rows


def _columns(
    ends: Sequence[tuple[Line, int]], edge: Callable[[tuple[Line, int]], float]
) -> list[list[tuple[Line, int]]]:
    """Return the numbers that stand below each other, aligned at one edge."""
    columns: list[list[tuple[Line, int]]] = []
    for entry in sorted(ends, key=edge):
        if columns and edge(entry) - edge(columns[-1][-1]) < ALIGNED:
            columns[-1].append(entry)
        else:
            columns.append([entry])
    return columns


def _after(leader: Line, ends: Sequence[tuple[Line, int]]) -> Line:
    """Return the page number right of leader dots where that is a line part of its own, else the line itself."""
    right = [line for line, _ in ends if line.x0 >= leader.x1 - 1 and line.top < leader.middle < line.bottom]
    return min(right, key=_right, default=leader)


def _end(entry: tuple[Line, int]) -> float:
    return entry[0].x1


def _start(entry: tuple[Line, int]) -> float:
    return entry[0].words[-1].x0


def _height(entry: tuple[Line, int]) -> float:
    return entry[0].top


def _page_number(line: Line, *, highest: int) -> int | None:
    """Return the page number that a line is, or ends in behind a gap, None for other lines; Roman ones are below 0."""
    match = _PAGE.fullmatch(line.text) if len(line.text) < 160 else None
    if match is None:
        return None
    printed = match.group("page")
    number = int(printed) if printed.isdecimal() else roman_value(printed)
    if number is None or not 0 < number <= highest:
        return None
    if not printed.isdecimal():
        number -= ROMAN_BEFORE
    alone = len(line.words) == 1
    if not alone and (not printed.isdecimal() or line.words[-1].x0 - line.words[-2].x1 < 0.6 * line.size):
        return None
    return number


def _row_of(line: Line, lines: Sequence[Line]) -> list[Line]:
    """Return the parts of the row that ends in `line`: the nearest title to its left, and what is close before that."""
    row = [line]
    left = [
        part
        for part in lines
        if part is not line and part.x1 <= line.x0 + 1 and part.top < line.middle < part.bottom and part.words
    ]
    for part in sorted(left, key=_right, reverse=True):
        has_title = any(c.isalpha() for held in row for c in held.text)
        if has_title and row[0].x0 - part.x1 > 5 * max(line.size, 6):
            break
        row.insert(0, part)
    return row


def _right(line: Line) -> float:
    return line.x1


def _growing(entries: Sequence[tuple[list[Line], int]]) -> list[tuple[list[Line], int]]:
    """Return the longest run of entries whose page numbers never fall; one that falls begins anew."""
    runs: list[list[tuple[list[Line], int]]] = [[]]
    for entry in entries:
        if runs[-1] and entry[1] < runs[-1][-1][1]:
            runs.append([])
        runs[-1].append(entry)
    best = max(runs, key=len)
    numbers = [number for _, number in best]
    counts_itself = all(b - a == 1 for a, b in pairwise(numbers)) and numbers[:1] == [1]
    return [] if counts_itself and len(best) > 3 else best


def _are_most_rows(found: Sequence[tuple[list[Line], int]], lines: Sequence[Line]) -> bool:
    """Whether the entries are most of what stands between the first and the last of them, and no running text."""
    rows = [row for row, _ in found]
    top, bottom = min(row[-1].top for row in rows), max(row[-1].bottom for row in rows)
    x0, x1 = min(row[0].x0 for row in rows), max(row[-1].x1 for row in rows)
    held = {id(part) for row in rows for part in row}
    others = [line for line in lines if top < line.middle < bottom and x0 - 2 < line.x0 < x1 and id(line) not in held]
    long = sum(1 for row in rows if sum(len(part.text) for part in row) > 140)
    return len(others) <= 1.2 * len(rows) and long * 4 < len(rows)


def _mark_below(title: Line, lines: list[Line]) -> list[Line]:
    """Mark what stands below the title of a table of contents without page numbers: short lines, no sentences."""
    entries: list[Line] = []
    above = title
    for line in sorted(lines, key=_top):
        if line.top < title.bottom or line.x0 < title.x0 - 2 * title.size:
            continue
        is_title = len(line.text) < 100 and not line.text[:1].islower() and line.text[-1:] not in ".:;,"
        near = line.top - above.bottom < 3 * title.size
        if not is_title or not near or (entries and line.size > entries[0].size + 0.5) or line.size > title.size:
            break
        entries.append(line)
        above = line
    if len(entries) >= FEWEST_UNNUMBERED:
        for line in entries:
            line.is_entry = True
    return lines


def _top(line: Line) -> float:
    return line.top


def _mark_between(lines: list[Line]) -> list[Line]:
    """Mark the lines between entries too: titles of parts, and the first lines of titles that run on."""
    entries = [line for line in lines if line.is_entry]
    top, bottom = min(line.top for line in entries), max(line.bottom for line in entries)
    x0, x1 = min(line.x0 for line in entries), max(line.x1 for line in entries)
    size = max(line.size for line in entries)
    for line in lines:
        within = top - 1.8 * size < line.top and line.bottom < bottom + 1 and x0 - 2 <= line.x0 < x1
        if line.is_entry or not within or line.size > size + 0.5 or not line.words:
            continue
        if line.top >= top or not _TITLE.fullmatch(line.text):
            line.is_entry = line.top >= top or line.size <= size
    return lines
