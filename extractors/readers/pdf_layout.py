"""Lines of a page in reading order: columns, boxes and margins taken apart.

Source of the method: Nagy & Seth, "Hierarchical representation of optically scanned documents" (1984), on lines instead
of pixels: where columns begin, the lines that cross their edge cut the page into bands; the tallest band with text on
both sides is read column by column, what is above and below it likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from extractors.readers.pdf_lines import Line, is_marker
from extractors.readers.pdf_rows import arrange_rows, split_tabs

DEEPEST: Final = 8
"""So often a page is cut at most."""

FEWEST_LINES: Final = 3
"""A column has so many lines at least."""

LABEL_SHARE: Final = 0.12
"""A side with a smaller share of the text than this holds labels of the other, such as numbers of paragraphs."""

FULL: Final = 0.75
"""A line that fills so much of its column is running text; rows of cells seldom are that long."""

ASIDE_SIZE: Final = 0.93
"""Text beside the column is a note in the margin where it is smaller than so many times the text in it."""


@dataclass(frozen=True, slots=True)
class _Band:
    """Lines on both sides of a column edge, by their numbers, and how tall and wide what parts them is."""

    left: list[int]
    right: list[int]
    height: float
    gutter: float
    is_rows: bool = False
    """Whether the left holds labels of several lines: what stands on one height is read before what is below."""


def order_lines(lines: list[Line]) -> list[Line]:
    """Return the lines in reading order and number their regions; notes in the margin follow the text beside them."""
    ordered: list[Line] = []
    _cut(sorted(lines, key=_by_place), ordered, depth=0)
    return ordered


def _by_place(line: Line) -> tuple[float, float]:
    return (line.top, line.x0)


def _cut(lines: list[Line], ordered: list[Line], *, depth: int) -> None:
    if not lines:
        return
    band = _find_band(lines) if depth < DEEPEST and _stand_side_by_side(lines) else None
    if band is None:
        _read_rows(lines, ordered)
        return
    inside = {*band.left, *band.right}
    top = min(lines[i].top for i in inside)
    outside = [line for i, line in enumerate(lines) if i not in inside]
    left, right = [lines[i] for i in band.left], [lines[i] for i in band.right]
    _cut([line for line in outside if line.middle < top], ordered, depth=depth + 1)
    if band.is_rows:
        for row in _cut_rows([*left, *right]):
            names = {id(line) for line in left}
            _cut([line for line in row if id(line) in names], ordered, depth=DEEPEST)
            _cut([line for line in row if id(line) not in names], ordered, depth=depth + 1)
    else:
        aside = _aside(left, right)
        for line in aside or ():
            line.is_aside = True
        for side in (right, left) if aside is left else (left, right):
            _cut(side, ordered, depth=depth + 1)
    _cut([line for line in outside if line.middle >= top], ordered, depth=depth + 1)


def _stand_side_by_side(lines: Sequence[Line]) -> bool:
    return any(below.top < above.bottom - 0.3 * (above.bottom - above.top) for above, below in pairwise(lines))


def _read_rows(lines: list[Line], ordered: list[Line]) -> None:
    """Add the lines of one region row by row, those of one height from left to right."""
    rows: list[list[Line]] = []
    for line in split_tabs(lines):
        if rows and line.middle <= rows[-1][0].bottom - 0.2 * (rows[-1][0].bottom - rows[-1][0].top):
            rows[-1].append(line)
        else:
            rows.append([line])
    region = ordered[-1].region if ordered else 0
    if all(len(row) == 1 for row in rows):
        groups = [[row[0] for row in rows]]
    else:
        groups = arrange_rows([_join_markers(sorted(row, key=_left)) if len(row) > 1 else row for row in rows])
    for group in groups:
        region += 1
        for line in group:
            line.region = region
        ordered += group


def _left(line: Line) -> float:
    return line.x0


def _join_markers(row: list[Line]) -> list[Line]:
    """Join a number or bullet that stands alone with the text right of it in its row."""
    first, second, *rest = row
    near = second.x0 - first.x1 < 6 * max(second.size, 6) and bool(second.words) and not second.is_entry
    if near and len(first.words) == 1 and is_marker(first.text) and any(c.isalpha() for c in second.text[:20]):
        joined = Line.of(first.words + second.words, first.page)
        joined.is_aside = first.is_aside
        return [joined, *rest]
    return row


def _find_band(lines: Sequence[Line]) -> _Band | None:
    """Return the tallest band of two columns of text, the one with the widest gutter where several are as tall.

    Where there is none, a band of labels beside their text.
    """
    boxes = np.array([line.bounds for line in lines])
    size = float(np.median([line.size for line in lines if line.words] or [10.0])) or 10.0
    best: dict[str, _Band] = {}
    for edge in _edges(boxes):
        for band in _bands(lines, boxes, edge, 0.6 * size):
            kind = _relation([lines[i] for i in band.left], [lines[i] for i in band.right], band.gutter)
            held = best.get(kind or "")
            if kind is None or (held is not None and not _is_better(band, held)):
                continue
            best[kind] = replace(band, is_rows=kind == "rows")
    return best.get("columns") or best.get("rows")


def _is_better(band: _Band, held: _Band) -> bool:
    if band.height > 1.1 * held.height:
        return True
    return band.height > 0.9 * held.height and band.gutter > held.gutter


def _edges(boxes: NDArray[np.float64]) -> list[float]:
    """Return where columns may begin: left edges of lines that have another line to their left, the commonest first."""
    x0, top, x1, bottom = boxes.T
    overlap = np.minimum(bottom[:, None], bottom) - np.maximum(top[:, None], top)
    beside = (overlap > 0.3 * np.minimum(bottom - top, (bottom - top)[:, None])) & (x1 <= x0[:, None] + 1)
    counts = Counter(np.round(x0[beside.any(axis=1)] / 2).astype(int).tolist())
    edges: list[float] = []
    for bin_, _ in counts.most_common(24):
        near = x0[np.abs(x0 - 2 * bin_) <= 2]
        edge = float(near.min())
        if all(abs(edge - other) > 3 for other in edges):
            edges.append(edge)
    return edges[:12]


def _bands(lines: Sequence[Line], boxes: NDArray[np.float64], edge: float, gutter: float) -> list[_Band]:
    """Return the bands between the lines that cross the white space of width `gutter` left of `edge`."""
    x0, top, x1, bottom = boxes.T
    middle = (top + bottom) / 2
    crossing = np.flatnonzero((x0 < edge - 2) & (x1 > edge - gutter))
    bounds = [-np.inf, *sorted(middle[crossing].tolist()), np.inf]
    bands = []
    for above, below in pairwise(bounds):
        within = (middle > above) & (middle < below)
        if int(within.sum()) < 2:
            continue
        within[crossing] = False
        left, right = np.flatnonzero(within & (x0 < edge - 2)), np.flatnonzero(within & (x0 >= edge - 2))
        for edge_line, order in ((above, 1), (below, -1)):
            if np.isfinite(edge_line) and len(left) and len(right):
                crossed = lines[crossing[middle[crossing] == edge_line][0]]
                left = _without_lines_of(lines, left[::order], right, crossed, order)[::order]
        if not len(left) or not len(right):
            continue
        height = min(bottom[left].max(), bottom[right].max()) - max(top[left].min(), top[right].min())
        if height > 0:
            gap = float(x0[right].min() - x1[left].max())
            bands.append(_Band(left.tolist(), right.tolist(), float(height), gap))
    return bands


def _without_lines_of(
    lines: Sequence[Line], left: NDArray[np.int64], right: NDArray[np.int64], crossing: Line, order: int
) -> NDArray[np.int64]:
    """Leave out lines of the paragraph of a crossing line: tight to it, at its edge, and with nothing beside them.

    Args:
        lines: the lines that the numbers stand for.
        left: the lines left of the gutter, the nearest to the crossing line first.
        right: those right of it.
        crossing: the line across the gutter.
        order: 1 where it stands above the lines, -1 where below.
    """
    start, end = min(lines[i].top for i in right), max(lines[i].bottom for i in right)
    reach = crossing
    taken = 0
    for i in left:
        line = lines[i]
        gap = line.top - reach.bottom if order > 0 else reach.top - line.bottom
        alone = line.bottom <= start if order > 0 else line.top >= end
        tight = gap < 0.6 * line.size and abs(line.size - crossing.size) < 0.6
        if not tight or not alone or abs(line.x0 - crossing.x0) > 2:
            break
        reach = line
        taken += 1
    return left[taken:]


def _relation(left: list[Line], right: list[Line], gutter: float) -> Literal["columns", "rows"] | None:
    """Return how what stands on both sides is read: one side after the other, or row by row; None if it is a grid."""
    if _aside(left, right) is not None:
        return "columns"
    if len(left) < FEWEST_LINES or len(right) < FEWEST_LINES:
        return None
    amounts = _amount(left), _amount(right)
    full = _is_full(left), _is_full(right)
    if full == (False, True) and _are_rows(left, right):
        return "rows" if _have_labels(left, right) else None
    if min(amounts) < LABEL_SHARE * max(amounts) or not any(full):
        return None
    size = left[0].size or 10.0
    is_spread = gutter > 5 * size and min(len(left), len(right)) >= 5 and min(amounts) > 100
    return "columns" if all(full) or is_spread or not _are_rows(left, right) else None


def _have_labels(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether labels of several lines stand on the left, each beside a text of its own."""
    names = {id(line) for line in left}
    rows = [[id(line) in names for line in row] for row in _cut_rows([*left, *right])]
    labelled = [row for row in rows if any(row) and not all(row)]
    return len(labelled) >= 2 and len(labelled) * 2 > len(rows) and any(sum(row) > 1 for row in labelled)


def _cut_rows(lines: Sequence[Line]) -> list[list[Line]]:
    """Cut lines of both sides where white space runs right across."""
    rows: list[list[Line]] = []
    reach = 0.0
    for line in sorted(lines, key=_by_place):
        if rows and line.top < reach + 0.3 * line.size:
            rows[-1].append(line)
        else:
            rows.append([line])
        reach = max(reach, line.bottom)
    return rows


def _amount(lines: Sequence[Line]) -> int:
    return sum(len(line.text) if line.words else 200 for line in lines)


def _is_full(lines: Sequence[Line]) -> bool:
    """Whether lines are running text: many of them fill the width of the column, and hold several words."""
    texts = [line for line in lines if line.words]
    if not texts:
        return True
    start = float(np.median([line.x0 for line in texts]))
    # Words in a picture beside a long column must not make it seem wider than it is.
    end = float(np.quantile([line.x1 for line in texts], 0.75 if len(texts) > 12 else 0.9))
    full = sum(1 for line in texts if line.x1 - start > FULL * (end - start) and len(line.text) > 14)
    return full >= 0.4 * len(texts)


def _are_rows(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Whether what stands on the left begins at the height of something on the right, group after group."""
    starts = [left[0]]
    starts += [below for above, below in pairwise(left) if below.top - above.bottom > 0.5 * below.size]
    tops = [line.top for line in right]
    level = sum(1 for line in starts if any(abs(top - line.top) < 0.6 * line.size for top in tops))
    return len(starts) > 1 and level >= 0.7 * len(starts)


def _aside(left: list[Line], right: list[Line]) -> list[Line] | None:
    """Return the side that is a note in the margin of the other: much less text, and smaller or in italics."""
    note, text = (left, right) if _amount(left) < _amount(right) else (right, left)
    if _amount(note) > 0.3 * _amount(text) or len(text) < FEWEST_LINES or any(not line.words for line in note):
        return None
    main = Counter({line.size: 0 for line in text})
    for line in text:
        main[line.size] += len(line.text)
    size = main.most_common(1)[0][0]
    upright = sum(line.style.is_italic for line in text) * 2 < len(text)
    if note is left and len(note) > 1 and all(len(line.words) <= 3 for line in note) and _are_rows(left, right):
        return None  # labels of what stands beside them
    if sum(is_marker(line.text) for line in note) * 2 > len(note) or not _is_full(text):
        return None
    slanted = upright and all(line.style.is_italic and line.size <= size for line in note)
    return note if slanted or all(line.size < ASIDE_SIZE * size for line in note) else None
