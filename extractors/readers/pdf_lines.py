"""Words of a page to printed lines, or to the parts of lines that stand in one column or cell."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from extractors.readers.pdf_characters import Style
from extractors.readers.pdf_words import BROKEN, Word

BULLET: Final = "•"
"""Stands for a bullet that is drawn, or that a font of signs prints for the code of a letter."""

BULLET_SIZE: Final = 0.7
"""A drawn shape of more font sizes than this is a picture, not a bullet."""

Bounds = tuple[float, float, float, float]
"""x0, top, x1, bottom in points."""

_MARKS: Final = "-–—\"'‘’“”()[].,;:…"
"""Punctuation is read as such in a font of signs too."""

STRETCHED: Final = 0.03
"""The gaps of a stretched line differ by so much at most."""

_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_MARKER_ALONE: Final = re.compile(r"\W*(?:[A-Za-z]{0,3}[-.]?\d[\d.]{0,7}[a-z]?|[A-Za-z]|[ivxlIVXL]{1,5})?\W*")


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
    is_aside: bool = False
    """Whether it stands in the margin, beside the text."""
    is_entry: bool = False
    """Whether it is a line of a table of contents."""
    is_row: bool = False
    """Whether it is a label with its value, or cells that stand in one row."""
    cells: list[list[list[Word]]] | None = None
    """The words of a table, row by row, for the line without words that stands for it."""
    text: str = field(default="")
    broken: str = ""
    """The text with the hyphens that PDFium marks, where it has any."""

    is_uniform: bool = False
    """Whether all words are in `style`."""

    @staticmethod
    def of(words: list[Word], page: int) -> Line:
        """Return the line that these words make, in order; there must be at least one."""
        first = words[0]
        style, top, bottom = first.style, first.top, first.bottom
        uniform = [word.style for word in words].count(style) == len(words)
        if not uniform:
            weights: Counter[int] = Counter()
            by_id = {}
            for word in words:
                by_id[id(word.style)] = word.style
                weights[id(word.style)] += len(word.text)
            style = by_id[weights.most_common(1)[0][0]]
            # A large bullet or a raised mark does not make the line higher.
            own = [w for w in words if w.style.size == style.size]
            top, bottom = min(w.top for w in own), max(w.bottom for w in own)
        text = " ".join([word.text for word in words])
        broken = ""
        if BROKEN in text:
            text, broken = text.replace(BROKEN, "-"), text
        x1 = max(words[-1].x1, first.x1)
        return Line(page, words, first.x0, top, x1, bottom, style, text=text, broken=broken, is_uniform=uniform)

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

    @property
    def bounds(self) -> Bounds:
        """The box of the line."""
        return self.x0, self.top, self.x1, self.bottom


def group_lines(words: Sequence[Word], page: int, bullets: Sequence[Bounds] = ()) -> list[Line]:
    """Join the words of a page, as they come, into lines; a wide gap ends a line part. An empty list for no words.

    Args:
        words: in the order of PDFium.
        page: number from 1.
        bullets: places of small drawn shapes; one that stands before a line becomes its first word.
    """
    groups: list[list[Word]] = []
    last: Word | None = None
    for word in words:
        if word.follows and last is not None and word.x0 > last.x0:
            groups[-1].append(word)
        else:
            groups.append([word])
        last = word
    lines = [Line.of(group, page) for group in groups]
    signs: dict[int, list[Word]] = {}
    for i, line in enumerate(lines):
        if line.words[0].style.is_symbol or (not line.text.isascii() and _PRIVATE.search(line.text)):
            signs[i] = _read_signs(line.words)
    if signs:
        lines = [
            line if i not in signs else Line.of(signs[i], page) for i, line in enumerate(lines) if signs.get(i, True)
        ]
    return _rejoin(_put_bullets(lines, bullets) if bullets else lines)


def _read_signs(words: list[Word]) -> list[Word]:
    """Read the signs of a line: one before the text is a bullet; codes for private use elsewhere say nothing."""
    first = words[0]
    is_sign = len(first.text) == 1 and (
        bool(_PRIVATE.match(first.text)) or (first.style.is_symbol and first.text not in _MARKS)
    )
    if is_sign and len(words) > 1 and first.style.size > 1.5 * words[1].style.size:
        return _read_signs(words[1:])  # a picture from a font
    if is_sign:
        first.text = BULLET
    elif _PRIVATE.match(first.text):
        words[:1] = [_cut(first, 0, 1, BULLET), _cut(first, 1, len(first.text), _PRIVATE.sub("", first.text[1:]))]
    for word in words:
        if not word.text.isascii() and _PRIVATE.search(word.text):
            word.text = _PRIVATE.sub("", word.text)
    return [word for word in words if word.text]


def _cut(word: Word, start: int, end: int, text: str) -> Word:
    """Return the part of a word from the character `start` to `end`, as `text`, with its share of the width."""
    width = (word.x1 - word.x0) / len(word.text)
    return Word(text, word.x0 + start * width, word.top, word.x0 + end * width, word.bottom, word.style, word.follows)


def _put_bullets(lines: list[Line], bullets: Sequence[Bounds]) -> list[Line]:
    """Put drawn bullets before the lines that they stand before: on its height, left of it, with nothing between."""
    for x0, top, x1, bottom in bullets:
        middle = (top + bottom) / 2
        beside = [line for line in lines if line.top <= middle <= line.bottom and x1 - 1 <= line.x0]
        line = min(beside, key=_left, default=None)
        if line is None or line.x0 - x1 > 3 * line.size or max(x1 - x0, bottom - top) > BULLET_SIZE * line.size:
            continue
        if any(other.top <= middle <= other.bottom and x0 < other.x1 and other.x0 < x0 for other in lines):
            continue  # it stands in text: a sign of a picture
        if not line.text.startswith(BULLET):
            word = Word(BULLET, x0, line.top, x1, line.bottom, line.words[0].style)
            lines[lines.index(line)] = Line.of([word, *line.words], line.page)
    return lines


def _left(line: Line) -> float:
    return line.x0


def _rejoin(lines: list[Line]) -> list[Line]:
    """Join parts of one printed line that came apart: a marker and its text set by a tab, and a stretched line."""
    out: list[Line] = []
    for i, line in enumerate(lines):
        last = out[-1] if out else None
        if last is None:
            out.append(line)
        elif _stands_before(last, line) or _is_stretched(last, line, lines[i + 1] if i + 1 < len(lines) else None):
            out[-1] = Line.of(last.words + line.words, line.page)
        else:
            out.append(line)
    return out


def _is_stretched(last: Line, line: Line, after: Line | None) -> bool:
    """Whether single words of a row stand equally far apart: justified text that its author broke off by hand."""
    if len(line.words) > 1 or abs(last.top - line.top) > 1 or last.style is not line.style or line.x0 < last.x1:
        return False
    gap = line.x0 - last.words[-1].x1
    if len(last.words) > 1:
        return abs(last.words[-1].x0 - last.words[-2].x1 - gap) < STRETCHED * gap
    is_row = after is not None and len(after.words) == 1 and abs(after.top - line.top) <= 1 and after.x0 > line.x1
    return after is not None and is_row and abs(after.x0 - line.x1 - gap) < STRETCHED * gap


def _stands_before(marker: Line, line: Line) -> bool:
    """Whether a line part is the bullet or number of the one that stands right of it."""
    if len(marker.text) > 9 or not 0 <= line.x0 - marker.x1 < 5 * max(marker.size, 6):
        return False
    overlap = min(marker.bottom, line.bottom) - max(marker.top, line.top)
    same = overlap > 0.5 * min(marker.bottom - marker.top, line.bottom - line.top)
    has_text = any(c.isalpha() for c in line.text[:20])  # else these are cells with numbers
    return same and has_text and len(marker.words) == 1 and is_marker(marker.text)


def is_marker(text: str) -> bool:
    """Whether a text may be the bullet, number or letter of an item and nothing else ("4.12", "(a)", "–", "R3")."""
    return len(text) <= 9 and bool(_MARKER_ALONE.fullmatch(text))
