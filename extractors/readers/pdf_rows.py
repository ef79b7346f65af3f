"""Rows of a region that stand in columns without ruling lines: labels with their values, and tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.readers.pdf_lines import Bounds, Line, is_marker
from extractors.readers.pdf_words import Word

ALIGNED = 4.0
"""Cells of one column begin, or end, within so many points of each other."""

TAB = 0.9
"""A gap of so many font sizes behind a label of at most `TAB_WORDS` words is a tab where a neighbour has one too."""

TAB_WORDS = 4
SENTENCE_WORDS = 4
"""A line of so many words may hold a sentence that goes on in the row below."""

FEWEST_ROWS = 2
FEWEST_TABLE_ROWS = 3
FEWEST_TABLE_COLUMNS = 3
"""So many aligned rows and columns make a table; two columns do below a bold head, else they are labels and values."""


@dataclass(slots=True)
class _Row:
    """The parts of a row by the number of their column, each with the lines that it goes on with."""

    cells: dict[int, list[Line]]


@dataclass(slots=True)
class _Run:
    """Rows below each other, and the extent of each of their columns."""

    columns: list[tuple[float, float]]
    rows: list[_Row] = field(default_factory=list)
    bottom: float = 0.0


def split_tabs(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with those cut in two that have a gap as of a tab at the same place as a neighbour has one."""
    tabs = [_find_tab(line) for line in lines]
    if not any(tabs):
        return list(lines)
    parts: list[Line] = []
    for i, (line, tab) in enumerate(zip(lines, tabs, strict=True)):
        if tab and any(_is_same_tab(lines[j], tabs[j], line, tab) for j in (i - 1, i + 1) if 0 <= j < len(lines)):
            parts += [Line.of(line.words[:tab], line.page), Line.of(line.words[tab:], line.page)]
        else:
            parts.append(line)
    return parts


def _find_tab(line: Line) -> int:
    """Return the number of the word behind the one wide gap of a line, that after its label; 0 without such a gap."""
    words = line.words
    if len(words) < 2 or line.is_entry or is_marker(words[0].text):
        return 0
    for i in range(1, min(len(words), TAB_WORDS + 1)):
        gap = words[i].x0 - words[i - 1].x1
        if gap > TAB * line.size:
            others = [b.x0 - a.x1 for k, (a, b) in enumerate(pairwise(words), start=1) if k != i]
            return i if max(others, default=0.0) < 0.6 * gap else 0
    return 0


def _is_same_tab(other: Line, other_tab: int, line: Line, tab: int) -> bool:
    near = abs(other.x0 - line.x0) < ALIGNED and abs(other.top - line.top) < 2.5 * max(line.size, 6)
    return bool(other_tab) and near and abs(other.words[other_tab].x0 - line.words[tab].x0) < 2


def arrange_rows(rows: Sequence[list[Line]]) -> list[list[Line]]:
    """Return the rows of a region as groups of lines: what stands in aligned columns is one group per row or table.

    A table comes as one line without words that holds its cells. A label and its value come as one line, marked as a
    row, with the lines that the value goes on with. Everything else stays one group from one such to the next.
    """
    groups: list[list[Line]] = [[]]
    i = 0
    while i < len(rows):
        run, taken = _take_run(rows, i)
        if run is None:
            groups[-1] += rows[i]
            i += 1
            continue
        groups += [[_make_table(run)]] if _is_table(run) else [_make_pair(row) for row in run.rows]
        groups.append([])
        i += taken
    return [group for group in groups if group]


def _take_run(rows: Sequence[list[Line]], start: int) -> tuple[_Run | None, int]:
    """Return the run of aligned rows that begins at `start` and how many rows it takes; None where none begins."""
    first = rows[start]
    if not _is_split(first):
        return None, 0
    run = _Run([(line.x0, line.x1) for line in first])
    i = start
    while i < len(rows):
        row = rows[i]
        if any(not line.words or line.is_entry or line.is_aside for line in row):
            break
        if run.rows and min(line.top for line in row) - run.bottom > 3 * max(row[0].size, 6):
            break
        if _is_split(row):
            cells = _align(run, row)
            if cells is None:
                break
            run.rows.append(_Row({column: [line] for column, line in cells.items()}))
        elif not _goes_on(run, row):
            break
        run.bottom = max(run.bottom, *[line.bottom for line in row])
        i += 1
    return (run, i - start) if len(run.rows) >= FEWEST_ROWS and not _is_text(run) else (None, 0)


def _is_split(row: Sequence[Line]) -> bool:
    return len(row) >= 2 and all(line.words and not line.is_entry and not line.is_aside for line in row)


def _align(run: _Run, row: Sequence[Line]) -> dict[int, Line] | None:
    """Return the parts of a row by column, None where they do not stand in the columns of the run."""
    cells: dict[int, Line] = {}
    new: list[Line] = []
    for line in [part for whole in row for part in _cut_at_columns(run, whole)]:
        column = _column_of(run, line)
        if column is None:
            new.append(line)
        elif column in cells:
            return None
        else:
            cells[column] = line
    if len(cells) < 2 or len(new) > 1 or (new and len(row) <= len(run.columns)):
        return None
    for line in new:  # a column that the rows above leave empty
        if any(x0 < line.x1 and line.x0 < x1 for x0, x1 in run.columns) or line.x0 < run.columns[-1][1]:
            return None
        run.columns.append((line.x0, line.x1))
        cells[len(run.columns) - 1] = line
    for column, line in cells.items():
        x0, x1 = run.columns[column]
        run.columns[column] = (min(x0, line.x0), max(x1, line.x1))
    return cells


def _cut_at_columns(run: _Run, line: Line) -> list[Line]:
    """Cut a number from its text where each stands in a column of its own: "1" and "Build a bridge"."""
    if len(line.words) < 2 or not is_marker(line.words[0].text) or line.words[1].x0 - line.words[0].x1 < line.size:
        return [line]
    parts = [Line.of(line.words[:1], line.page), Line.of(line.words[1:], line.page)]
    columns = [_column_of(run, part) for part in parts]
    return parts if None not in columns and columns[0] != columns[1] else [line]


def _column_of(run: _Run, line: Line) -> int | None:
    for column, (x0, x1) in enumerate(run.columns):
        middle = abs((line.x0 + line.x1) / 2 - (x0 + x1) / 2)
        if abs(line.x0 - x0) < ALIGNED or abs(line.x1 - x1) < ALIGNED or middle < 0.5 * ALIGNED:
            return column
    return None


def _goes_on(run: _Run, row: Sequence[Line]) -> bool:
    """Whether a row of one part goes on from a cell of the row above; then it is added to it."""
    if len(row) != 1 or not run.rows or row[0].top - run.bottom > 0.7 * row[0].size:
        return False
    line, cells = row[0], run.rows[-1].cells
    column = _column_of(run, line)
    if column is None or column not in cells or abs(line.x0 - run.columns[column][0]) > ALIGNED:
        return False
    above = cells[column][-1]
    if column == 0 and (len(cells[0]) > 1 or line.text[:1].isupper() or line.is_bold != above.is_bold):
        return False
    if column + 1 < len(run.columns) and line.x1 > run.columns[column + 1][0]:
        return False
    cells[column].append(line)
    return True


def _is_text(run: _Run) -> bool:
    """Whether the rows are lines of running text side by side: they go on from each other within sentences."""
    going_on = 0
    for above, below in pairwise(run.rows):
        pairs = [(above.cells[c][-1], below.cells[c][0]) for c in above.cells if c in below.cells]
        going_on += any(
            len(a.words) >= SENTENCE_WORDS and a.text[-1] not in ".:;!?" and b.text[:1].islower() for a, b in pairs
        )
    return going_on * 3 > len(run.rows)


def _is_table(run: _Run) -> bool:
    if len(run.rows) < FEWEST_TABLE_ROWS:
        return False
    head, *rest = run.rows
    bold_head = all(lines[0].is_bold for lines in head.cells.values()) and not any(
        row.cells[max(row.cells)][0].is_bold for row in rest
    )
    return len(run.columns) >= FEWEST_TABLE_COLUMNS or bold_head


def _make_table(run: _Run) -> Line:
    lines = [line for row in run.rows for cell in row.cells.values() for line in cell]
    bounds: Bounds = (
        min(line.x0 for line in lines),
        min(line.top for line in lines),
        max(line.x1 for line in lines),
        max(line.bottom for line in lines),
    )
    cells: list[list[list[Word]]] = [
        [[word for line in row.cells.get(c, ()) for word in line.words] for c in range(len(run.columns))]
        for row in run.rows
    ]
    return Line(lines[0].page, [], *bounds, lines[0].style, cells=cells)


def _make_pair(row: _Row) -> list[Line]:
    columns = sorted(row.cells)
    first = [row.cells[column][0] for column in columns]
    joined = Line.of([word for line in first for word in line.words], first[0].page)
    joined.is_row = True
    return [joined, *(line for column in columns for line in row.cells[column][1:])]
