"""Words of a page to lines in reading order: columns, boxes and margins taken apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.readers.pdf_characters import BROKEN, Style, Word

GUTTER = 1.6
"""A gap between words of one height that is wider than so many times the font size parts two columns or cells."""


@dataclass(slots=True)
class Line:
    """A printed line, or the part of one that stands in one column; places in points."""

    page: int
    words: list[Word]
    x0: float
    top: float
    x1: float
    bottom: float
    style: Style
    region: int = 0
    """Number of the box or column that the layout put the line in."""
    text: str = field(default="")

    @staticmethod
    def of(words: list[Word], page: int) -> Line:
        """Return the line that these words make, in order; there must be at least one."""
        style = words[0].style
        own = words
        if any(word.style is not style for word in words):
            weights: Counter[Style] = Counter()
            for word in words:
                weights[word.style] += len(word.text)
            style = weights.most_common(1)[0][0]
            # A large bullet or a raised mark does not make the line higher.
            own = [w for w in words if w.style.size == style.size]
        return Line(
            page,
            words,
            min(w.x0 for w in words),
            min(w.top for w in own),
            max(w.x1 for w in words),
            max(w.bottom for w in own),
            style,
            text=" ".join(w.text for w in words).replace(BROKEN, "-"),
        )

    @property
    def size(self) -> float:
        """Font size in points."""
        return self.style.size

    @property
    def is_bold(self) -> bool:
        """Whether most of the line is bold."""
        return self.style.is_bold

    @property
    def middle(self) -> float:
        """Vertical middle."""
        return (self.top + self.bottom) / 2


def group_lines(words: Sequence[Word], page: int) -> list[Line]:
    """Join the words of a page into lines; a wide gap ends a line part. An empty list for no words."""
    kept: Sequence[Word] = words
    upright = [w for w in words if not w.style.is_vertical]
    if len(upright) * 2 > len(words):
        kept = upright
    lines: list[Line] = []
    current: list[Word] = []
    seen: set[tuple[str, int, int]] = set()
    for word in kept:
        key = (word.text, int(word.x0), int(word.top))
        if key in seen and len(word.text) > 1:
            continue  # the whole word is printed twice to look bold
        seen.add(key)
        if current and not _continues(current[-1], word):
            lines.append(Line.of(current, page))
            current = []
        current.append(word)
    if current:
        lines.append(Line.of(current, page))
    return _drop_marks(_rejoin(lines))


def _continues(last: Word, word: Word) -> bool:
    size = max(last.style.size, word.style.size, 4.0)
    overlap = min(last.bottom, word.bottom) - max(last.top, word.top)
    height = min(last.bottom - last.top, word.bottom - word.top)
    gap = word.x0 - last.x1
    return overlap > 0.4 * height and -0.5 * size < gap < GUTTER * size


def _rejoin(lines: list[Line]) -> list[Line]:
    """Join parts of one printed line that came apart, such as a bullet and its text set by a tab."""
    out: list[Line] = []
    for line in lines:
        last = out[-1] if out else None
        if last is not None:
            overlap = min(last.bottom, line.bottom) - max(last.top, line.top)
            same = overlap > 0.5 * min(last.bottom - last.top, line.bottom - line.top)
            gap = line.x0 - last.x1
            marker = len(last.text) <= 6 and len(last.words) == 1 and gap < 5 * max(last.size, 6)
            if same and gap >= 0 and marker and (not last.text.isalpha() or len(last.text) == 1):
                out[-1] = Line.of(last.words + line.words, line.page)
                continue
        out.append(line)
    return out


def _drop_marks(lines: list[Line]) -> list[Line]:
    """Take footnote marks that stand as words of their own out of their lines: small raised digits after a word."""
    for line in lines:
        if len(line.words) < 2:
            continue
        kept = [line.words[0]]
        for word in line.words[1:]:
            raised = word.bottom < line.bottom - 0.12 * line.size and word.style.size < 0.8 * line.size
            if raised and len(word.text) <= 4 and all(c.isdigit() or c in "*†‡," for c in word.text):
                continue
            kept.append(word)
        if len(kept) != len(line.words):
            line.words = kept
            line.text = " ".join(w.text for w in kept).replace(BROKEN, "-")
    return lines


def order_lines(lines: list[Line], *, width: float) -> list[Line]:
    """Return the lines in reading order by recursive cuts along white space, and number their regions.

    Source of the method: Nagy & Seth, "Hierarchical representation of optically scanned documents" (1984), on lines
    instead of pixels: a page is cut into bands by horizontal white space where that separates different columnings, and
    a band into columns by a vertical gutter that no line crosses.
    """
    ordered: list[Line] = []
    regions = [0]
    _cut(sorted(lines, key=_by_place), ordered, regions, width, depth=0)
    return ordered


def _by_place(line: Line) -> tuple[float, float]:
    return (line.top, line.x0)


def _cut(lines: list[Line], ordered: list[Line], regions: list[int], width: float, *, depth: int) -> None:
    if not lines:
        return
    columns = _columns(lines, width) if depth < 8 else [lines]
    if len(columns) > 1:
        for column in columns:
            _cut(column, ordered, regions, width, depth=depth + 1)
        return
    bands = _bands(lines, width) if depth < 8 else [lines]
    if len(bands) > 1:
        for band in bands:
            _cut(band, ordered, regions, width, depth=depth + 1)
        return
    regions[0] += 1
    for line in _merge_rows(lines):
        line.region = regions[0]
        ordered.append(line)


def _merge_rows(lines: list[Line]) -> list[Line]:
    """Sort a region by rows: lines of one height from left to right."""
    out: list[Line] = []
    row: list[Line] = []
    for line in sorted(lines, key=_by_place):
        if row and line.middle > row[0].bottom - 0.2 * (row[0].bottom - row[0].top):
            out += sorted(row, key=_by_left)
            row = []
        row.append(line)
    return out + sorted(row, key=_by_left)


def _by_left(line: Line) -> float:
    return line.x0


def _columns(lines: list[Line], width: float) -> list[list[Line]]:
    """Cut by the widest vertical gutter that no line crosses; both sides must hold several lines."""
    if len(lines) < 4:
        return [lines]
    events = sorted((line.x0, line.x1) for line in lines)
    best_gap, best_cut = 0.0, 0.0
    reach = events[0][1]
    for x0, x1 in events[1:]:
        if x0 - reach > best_gap:
            best_gap, best_cut = x0 - reach, (x0 + reach) / 2
        reach = max(reach, x1)
    size = sorted(line.size for line in lines)[len(lines) // 2] or 10.0
    if best_gap < max(0.9 * size, 0.012 * width):
        return [lines]
    left = [line for line in lines if line.x1 <= best_cut]
    right = [line for line in lines if line.x0 >= best_cut]
    if not _is_column(left) or not _is_column(right) or _is_label_column(left, right):
        return [lines]
    return [left, right]


def _is_column(lines: list[Line]) -> bool:
    """Whether lines make a column of text: three or more of them, with words in most."""
    return len(lines) >= 3 and sum(len(line.words) >= 2 for line in lines) * 2 >= len(lines)


def _is_label_column(left: list[Line], right: list[Line]) -> bool:
    """Whether the left side holds labels of the right side, such as numbers of paragraphs."""
    return sum(len(line.text) for line in left) < 0.12 * sum(len(line.text) for line in right)


def _bands(lines: list[Line], width: float) -> list[list[Line]]:
    """Cut out the rows between full-width lines that have columns which the whole has not."""
    rows = sorted(lines, key=_by_place)
    extent = max(line.x1 for line in rows) - min(line.x0 for line in rows)
    start = 0
    for i in range(len(rows) + 1):
        if i < len(rows) and rows[i].x1 - rows[i].x0 <= 0.55 * extent:
            continue
        part = rows[start:i]
        if 6 <= len(part) < len(rows) and len(_columns(part, width)) > 1:
            return [band for band in (rows[:start], part, rows[i:]) if band]
        start = i + 1
    return [lines]
