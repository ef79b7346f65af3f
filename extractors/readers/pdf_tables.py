"""Tables of a PDF page: closed grids by pdfplumber's machinery, and tables with lines between their rows only.

pdfplumber parses a page with pdfminer before it can find a table, which costs ten times as much as reading the page.
Its functions from edges to cells need the edges only, and those PDFium gives quickly.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from pdfplumber.table import cells_to_tables, edges_to_intersections, intersections_to_cells

from extractors.readers.pdf_drawing import Drawing
from extractors.readers.pdf_lines import Bounds
from extractors.readers.pdf_words import Word

MAX_LINES: Final = 1500
"""A page with more ruling lines is a chart; so is one with more than `MAX_POINTS` places where lines may cross."""

MAX_POINTS: Final = 40_000
TOLERANCE: Final = 3.0
"""Lines within so many points of each other are one, and so are places where they meet."""

FEWEST_RULES: Final = 3
"""So many lines between rows make a table where nothing drawn tells its columns."""

GUTTER: Final = 0.8
"""White space of so many font sizes through all rows parts columns where nothing drawn does."""

SENTENCE_WORDS: Final = 4
"""A cell with so many words may hold a sentence that goes on in the row below: then lines run through text."""

TALLEST_ROW: Final = 250.0
"""A taller row between two lines is running text, unless the lines tell the columns; in points."""


@dataclass(slots=True)
class Table:
    """A table: its bounds, and the words of its cells row by row; every row has as many cells."""

    bounds: Bounds
    rows: list[list[list[Word]]]


@dataclass(frozen=True, slots=True)
class _Band:
    """What stands between two lines across the page: a row, if it is a table."""

    top: float
    bottom: float
    words: list[Word]
    is_open: bool = False
    """Whether it stands above the first line or below the last."""


@dataclass(slots=True)
class _Rule:
    """A line across the page, with the places where the pieces that it is drawn in meet: cell borders do."""

    x0: float
    y: float
    x1: float
    joints: list[float]


def find_tables(drawing: Drawing, words: Sequence[Word]) -> list[Table]:
    """Return the tables of a page whose cells hold text; an empty list without ruling lines.

    A table has two rows and two columns at least, and text in half of its cells; a single cell is a box.
    """
    across = [edge for edge in drawing.edges if edge[3] - edge[1] < edge[2] - edge[0]]
    down = [edge for edge in drawing.edges if edge[3] - edge[1] > edge[2] - edge[0]]
    count = len(drawing.rules) + len(drawing.posts) + len(drawing.edges)
    if not words or len(drawing.rules) + len(across) < 2 or count > MAX_LINES:
        return []
    rules, posts = _merge_rules([*drawing.rules, *across]), _merge_posts([*drawing.posts, *down])
    held = _Held(words)
    filled = [_fill(cells, held) for cells in _closed_cells(rules, posts)]
    filled += [
        table
        for cells in _open_cells(rules, posts, words)
        if (table := _fill(cells, held)) is not None and not _is_text(table)
    ]
    # A grid may be closed in part of its columns only: of tables that overlap, the one with the most text is whole.
    tables: list[Table] = []
    for table in sorted([table for table in filled if table is not None], key=_amount, reverse=True):
        if not any(_overlap(table.bounds, other.bounds) for other in tables):
            tables.append(table)
    return tables


def _is_text(table: Table) -> bool:
    """Whether what looks like a table is text with lines through it: its rows go on from each other."""
    going_on = 0
    for above, below in pairwise(table.rows):
        pairs = [(a[-1].text, b[0].text) for a, b in zip(above, below, strict=True) if len(a) >= SENTENCE_WORDS and b]
        going_on += any(b[:1].islower() and a[-1] not in ".:;!?" for a, b in pairs)
    return going_on * 3 > len(table.rows)


def _amount(table: Table) -> int:
    return sum(len(cell) for row in table.rows for cell in row)


def _overlap(a: Bounds, b: Bounds) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > TOLERANCE and min(a[3], b[3]) - max(a[1], b[1]) > TOLERANCE


def _merge_rules(rules: Iterable[Bounds]) -> list[_Rule]:
    """Join lines across the page that go on from each other, and those that lie on each other."""
    merged: list[_Rule] = []
    row: list[Bounds] = []
    for rule in [*sorted(rules, key=_height), None]:
        if row and (rule is None or rule[1] - row[0][1] > TOLERANCE):
            y = sum(r[1] for r in row) / len(row)
            held: _Rule | None = None
            for x0, _, x1, _ in sorted(row):
                if held is not None and x0 <= held.x1 + TOLERANCE:
                    if x0 > held.x0 + TOLERANCE and x0 >= held.x1 - TOLERANCE:
                        held.joints.append(x0)
                    held.x1 = max(held.x1, x1)
                else:
                    held = _Rule(x0, y, x1, [])
                    merged.append(held)
            row = []
        if rule is not None:
            row.append(rule)
    return merged


def _merge_posts(posts: Iterable[Bounds]) -> list[Bounds]:
    merged: list[Bounds] = []
    column: list[Bounds] = []
    for post in [*sorted(posts), None]:
        if column and (post is None or post[0] - column[0][0] > TOLERANCE):
            x = sum(p[0] for p in column) / len(column)
            held: list[float] = []
            for _, top, _, bottom in sorted(column, key=_height):
                if held and top <= held[1] + TOLERANCE:
                    held[1] = max(held[1], bottom)
                else:
                    if held:
                        merged.append((x, held[0], x, held[1]))
                    held = [top, bottom]
            merged.append((x, held[0], x, held[1]))
            column = []
        if post is not None:
            column.append(post)
    return merged


def _height(bounds: Bounds) -> tuple[float, float]:
    return bounds[1], bounds[0]


def _closed_cells(rules: Sequence[_Rule], posts: Sequence[Bounds]) -> list[list[Bounds]]:
    """Return the cells of each closed grid, by pdfplumber."""
    if not posts or len(rules) * len(posts) > MAX_POINTS:
        return []
    edges: list[dict[str, Any]] = [
        {"x0": r.x0, "x1": r.x1, "top": r.y, "bottom": r.y, "width": r.x1 - r.x0, "height": 0, "orientation": "h"}
        for r in rules
    ]
    edges += [
        {"x0": x, "x1": x, "top": top, "bottom": bottom, "width": 0, "height": bottom - top, "orientation": "v"}
        for x, top, _, bottom in posts
    ]
    cells = intersections_to_cells(edges_to_intersections(edges, TOLERANCE, TOLERANCE))
    return [list(group) for group in cells_to_tables(cells)]


def _open_cells(rules: Sequence[_Rule], posts: Sequence[Bounds], words: Sequence[Word]) -> list[list[Bounds]]:
    """Return the cells of tables that have lines between their rows, but not on all sides of their cells."""
    found: list[list[Bounds]] = []
    for group in _alike(rules):
        x0, x1 = min(r.x0 for r in group), max(r.x1 for r in group)
        inside = [w for w in words if x0 - TOLERANCE <= w.x0 and w.x1 <= x1 + TOLERANCE]
        drawn = [j for r in group for j in r.joints if x0 + 8 < j < x1 - 8]
        drawn += [p[0] for p in posts if x0 + 8 < p[0] < x1 - 8 and p[3] > group[0].y and p[1] < group[-1].y]
        columns = [(x, x) for x in _apart(sorted(drawn))]
        run: list[_Band] = []
        common = columns
        bands = _bands(group, inside)
        for band in [*bands, None]:
            fits = None if band is None else _common(common, band, x0, x1, drawn=bool(columns), first=not run)
            if band is not None and fits:
                run.append(band)
                common = fits
                continue
            if len(run) >= (2 if columns else FEWEST_RULES - 1):
                found.append(_cells(run, common, x0, x1))
            run, common = [], columns
            if band is not None and (fits := _common(common, band, x0, x1, drawn=bool(columns), first=True)):
                run, common = [band], fits
    return found


def _alike(rules: Sequence[_Rule]) -> list[list[_Rule]]:
    """Return the groups of lines that begin and end at the same places, from top to bottom."""
    groups: list[list[_Rule]] = []
    for rule in rules:
        for group in groups:
            if abs(group[0].x0 - rule.x0) < 2 * TOLERANCE and abs(group[0].x1 - rule.x1) < 2 * TOLERANCE:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) >= 2 and group[0].x1 - group[0].x0 > 100]


def _apart(places: Sequence[float]) -> list[float]:
    kept: list[float] = []
    for place in places:
        if not kept or place - kept[-1] > 8:
            kept.append(place)
    return kept


def _bands(group: Sequence[_Rule], words: Sequence[Word]) -> list[_Band]:
    """Return what stands between two lines, with the row above the first line and that below the last."""
    bands = []
    for above, below in pairwise(group):
        if below.y - above.y > 2 * TOLERANCE:
            held = [w for w in words if above.y < (w.top + w.bottom) / 2 < below.y]
            bands.append(_Band(above.y, below.y, held))
    first, last = group[0].y, group[-1].y
    head = _reach([w for w in words if (w.top + w.bottom) / 2 < first], first, down=False)
    tail = _reach([w for w in words if (w.top + w.bottom) / 2 > last], last, down=True)
    if head:
        bands.insert(0, _Band(min(w.top for w in head) - 1, first, head, is_open=True))
    if tail:
        bands.append(_Band(last, max(w.bottom for w in tail) + 1, tail, is_open=True))
    return bands


def _reach(words: Sequence[Word], edge: float, *, down: bool) -> list[Word]:
    """Return the words next to a line, row upon row without a gap of more than a row."""
    taken: list[Word] = []
    for word in sorted(words, key=_top if down else _bottom, reverse=not down):
        distance = word.top - edge if down else edge - word.bottom
        if distance > 1.3 * max(word.style.size, 5):
            break
        taken.append(word)
        edge = max(edge, word.bottom) if down else min(edge, word.top)
    return taken


def _top(word: Word) -> float:
    return word.top


def _bottom(word: Word) -> float:
    return word.bottom


def _common(
    columns: Sequence[tuple[float, float]],
    band: _Band,
    x0: float,
    x1: float,
    *,
    drawn: bool,
    first: bool,
) -> list[tuple[float, float]]:
    """Return the white spaces between columns that a row shares with those above; empty where it is none of theirs.

    A row of one line right across, such as the title of a part, shares them all; it cannot be the first.
    """
    words = band.words
    if not words or (band.bottom - band.top > TALLEST_ROW and not drawn):
        return []
    if drawn:
        crossed = [c for c in columns if any(w.x0 < c[0] - 1 and w.x1 > c[0] + 1 for w in words)]
        x_first, x_last = min(w.x0 for w in words), max(w.x1 for w in words)
        if band.is_open and (crossed or not any(x_first < c[0] < x_last for c in columns)):
            return []
        one_line = max(w.top for w in words) - min(w.top for w in words) < 0.5 * words[0].style.size
        return list(columns) if len(crossed) * 2 < len(columns) or (one_line and not first) else []
    gaps = _gaps(words, x0, x1)
    if not gaps:
        return []
    if first:
        return gaps
    return [
        (max(a[0], b[0]), min(a[1], b[1]))
        for a in columns
        for b in gaps
        if min(a[1], b[1]) - max(a[0], b[0]) > 0.5 * GUTTER * words[0].style.size
    ]


def _gaps(words: Sequence[Word], x0: float, x1: float) -> list[tuple[float, float]]:
    """Return the white spaces through all words, the margins aside."""
    gaps: list[tuple[float, float]] = []
    reach: float | None = None
    for word in sorted(words, key=_left):
        if reach is not None and word.x0 - reach > GUTTER * max(word.style.size, 6):
            gaps.append((reach, word.x0))
        reach = word.x1 if reach is None else max(reach, word.x1)
    return gaps


def _left(word: Word) -> float:
    return word.x0


def _cells(run: Sequence[_Band], columns: Sequence[tuple[float, float]], x0: float, x1: float) -> list[Bounds]:
    """Return the cells of the rows; a word across the space between two columns joins them in its row."""
    cells: list[Bounds] = []
    for band in run:
        edges = [x0 - TOLERANCE]
        for a, b in columns:
            x = max(a, b - 2) if b > a else a
            if not any(w.x0 < x - 1 and w.x1 > x + 1 for w in band.words):
                edges.append(x)
        edges.append(x1 + TOLERANCE)
        cells += [(left, band.top, right, band.bottom) for left, right in pairwise(edges)]
    return cells


def _fill(cells: Sequence[Bounds], words: _Held) -> Table | None:
    """Return the table of the cells with their words, None where it is no table."""
    bounds = (min(c[0] for c in cells), min(c[1] for c in cells), max(c[2] for c in cells), max(c[3] for c in cells))
    tops, lefts = _places(c[1] for c in cells), _places(c[0] for c in cells)
    if len(tops) < 2 or len(lefts) < 2:
        return None
    rows: list[list[list[Word]]] = [[[] for _ in lefts] for _ in tops]
    filled = 0
    for cell in cells:
        held = words.within(cell)
        rows[_index(tops, cell[1])][_index(lefts, cell[0])] += held
        filled += bool(held)
    wide = [row for row in rows if sum(bool(cell) for cell in row) >= 2]
    if filled * 2 < len(cells) or len(wide) < 2:
        return None
    used = [c for c in range(len(lefts)) if any(row[c] for row in rows)]
    if len(used) == 2 and all(not any(ch.isalnum() for w in row[used[0]] for ch in w.text) for row in rows):
        return None  # bullets and their text
    return Table(bounds, [[row[c] for c in used] for row in rows if any(row)])


def _places(values: Iterable[float]) -> list[float]:
    places: list[float] = []
    for value in sorted(values):
        if not places or value - places[-1] > TOLERANCE:
            places.append(value)
    return places


def _index(places: Sequence[float], value: float) -> int:
    return min(range(len(places)), key=[abs(place - value) for place in places].__getitem__)


class _Held:
    """Finds the words of a page by their middles."""

    def __init__(self, words: Sequence[Word]) -> None:
        self._placed = sorted(((w.top + w.bottom) / 2, i) for i, w in enumerate(words))
        self._words = words

    def within(self, bounds: Bounds) -> list[Word]:
        """Return the words inside `bounds`, in their order."""
        first, last = (
            bisect_left(self._placed, (bounds[1], -1)),
            bisect_right(self._placed, (bounds[3], len(self._words))),
        )
        numbers = sorted(i for _, i in self._placed[first:last])
        words = [self._words[i] for i in numbers]
        return [w for w in words if bounds[0] <= (w.x0 + w.x1) / 2 <= bounds[2]]
