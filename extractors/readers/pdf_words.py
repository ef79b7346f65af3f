"""Characters of a PDF page to words: doubled letters, footnote marks and false spaces left out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from extractors.readers.pdf_characters import Characters, Style

BROKEN: Final[str] = "\ufffe"
"""Stands for a hyphen at the end of a line, as PDFium marks it."""

SPACE_GAP: Final = 0.28
"""A gap of so many font sizes between two characters parts words where the file has no space."""

FALSE_SPACE_GAP: Final = 0.15
"""A space that PDFium adds over a smaller gap is kerning, not a space."""

LINE_GAP: Final = 1.6
"""A gap of so many font sizes between two words ends a line part: the next stands in another column or cell."""

RAISED_SIZE: Final = 0.9
"""Characters that are smaller than so many times the one before may be a raised mark."""

_SPACE, _INVISIBLE, _LIGATURE, _LINE_END = 1, 2, 3, 4


def _make_classes() -> NDArray[np.uint8]:
    classes = np.zeros(0x10000, np.uint8)
    classes[[0x20, 0xA0, 0x09, 0x0B, 0x0C, 0x2002, 0x2003, 0x2009, 0x202F, 0x3000]] = _SPACE
    classes[[0x0A, 0x0D]] = _LINE_END
    classes[[*range(0x02), *range(0x03, 0x09), *range(0x0E, 0x20), *range(0x7F, 0xA0)]] = _INVISIBLE
    classes[[*range(0x200B, 0x2010), *range(0xD800, 0xE000), 0x2060, 0xFEFF, 0xFFFD, 0xFFFF]] = _INVISIBLE
    classes[[*range(0xFB00, 0xFB07), 0x132, 0x133]] = _LIGATURE
    return classes


_CLASSES: Final = _make_classes()
"""What each code of the basic plane is: 0 for a character that is read as it stands."""

_LIGATURES: Final = {
    code: unicodedata.normalize("NFKC", chr(code)) for code in np.flatnonzero(_CLASSES == _LIGATURE).tolist()
}
_MARK: Final = re.compile(
    r"(?:\d{1,3}(?:\s?[,;–-]?\s?\d{1,3})*|[*†‡§]{1,3})[,.]?|[\[(](?:[^\W\d_]{1,12}\s?)?\d{1,3}[\])]"
)
"""What a raised mark may be: numbers, signs, or a bracket with a number, also behind a word ("[footnote 3]")."""
_EXPONENT: Final = re.compile(r"(?:^|.*\W)(?:(?:[cdkm]?m|ha)\^[23]|10\^-?\d{1,2})", re.DOTALL)
"""An exponent, with a sign for the rise before it: a raised 2 or 3 behind a metre, or a power of ten."""
_STOPS: Final = np.array([ord(c) for c in ".,;:!?)]”’\"'"])
"""What stands right behind a word, also where a mark was left out between them."""

_RAISED_DIGITS: Final = "¹²³⁰⁴⁵⁶⁷⁸⁹"
_PRINTED_MARK: Final = re.compile(rf"(?:(?<=[^\W\d_][^\W\d_][^\W\d_])|(?<=[.,;:!?)\]”’\"']))[{_RAISED_DIGITS}]+$")


@dataclass(slots=True)
class Word:
    """A word as it stands in one line of a page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    style: Style
    follows: bool = False
    """Whether it stands in one line with the word before, without a gap as between columns."""


def group_words(characters: Characters) -> list[Word]:
    """Return the words of a page in the order of PDFium; an empty list where there is nothing to see.

    Words that run sideways are left out where most of the page does not.
    """
    boxes, style_of, styles = characters.boxes, characters.style_of, characters.styles
    codes = np.where((characters.codes == 0x02) | (characters.codes == 0xAD), 0xFFFE, characters.codes)
    classes = np.where(codes < 0x10000, _CLASSES[codes & 0xFFFF], 0)
    doubled = _doubled(codes, boxes)
    visible = ((classes == 0) | (classes == _LIGATURE)) & ~doubled
    sideways = np.array([s.is_sideways for s in styles])
    if sideways.any():
        aside = visible & sideways[style_of]
        visible &= ~aside if aside.sum() * 2 < visible.sum() else True
    sizes = np.array([s.size for s in styles])
    marks = _marks(codes, boxes, sizes[style_of], np.flatnonzero(visible)) if len(styles) > 1 else doubled & False
    visible &= ~marks
    index = np.flatnonzero(visible)
    if not len(index):
        return []
    kept, style_index = boxes[index], style_of[index]
    height = np.maximum(sizes[style_index], 4.0)
    starts = np.concatenate(([0], _boundaries(codes, classes, boxes, index, height, marks) + 1))
    ends = np.concatenate((starts[1:], [len(index)]))
    x0, x1 = np.minimum.reduceat(kept[:, 0], starts), np.maximum.reduceat(kept[:, 2], starts)
    top, bottom = np.minimum.reduceat(kept[:, 1], starts), np.maximum.reduceat(kept[:, 3], starts)
    low, high = np.minimum.reduceat(style_index, starts), np.maximum.reduceat(style_index, starts)
    passed = np.concatenate(([0], np.cumsum(marks)[index]))
    behind = passed[starts + 1] > passed[starts]
    follows = _follows(x0, top, x1, bottom, np.maximum(sizes[low], sizes[high]), behind)
    letters = codes[index].astype("<u4").tobytes().decode("utf-32-le")
    thick: NDArray[np.bool_] | None = None
    if doubled.any():
        thick = np.add.reduceat(doubled[np.minimum(index + 1, len(doubled) - 1)].astype(np.int32), starts) * 2 > (
            ends - starts
        )
    has_ligature = bool((classes == _LIGATURE).any())
    texts = [letters[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
    if has_ligature:
        texts = [text.translate(_LIGATURES) for text in texts]
    if any(digit in letters for digit in _RAISED_DIGITS):
        texts = [_PRINTED_MARK.sub("", text) for text in texts]
    looks = list(map(styles.__getitem__, low.tolist()))
    for i in np.flatnonzero(low != high).tolist():
        looks[i] = styles[int(np.bincount(style_index[starts[i] : ends[i]]).argmax())]
    edges = (column.tolist() for column in (x0, top, x1, bottom))
    words = list(map(Word, texts, *edges, looks, follows.tolist()))
    if thick is not None:
        _thicken(words, thick.tolist())
    return _without_second_print(words, x0, top)


def _without_second_print(words: list[Word], x0: NDArray[np.float64], top: NDArray[np.float64]) -> list[Word]:
    """Leave out words that are printed twice in one place to look bold."""
    places = x0.astype(np.int64) * 100_000 + top.astype(np.int64)
    if len(np.unique(places)) == len(words):
        return words
    kept: list[Word] = []
    seen: set[tuple[str, int]] = set()
    for word, place in zip(words, places.tolist(), strict=True):
        if (word.text, place) not in seen or len(word.text) == 1:
            kept.append(word)
            seen.add((word.text, place))
    return kept


def _thicken(words: list[Word], thick: list[bool]) -> None:
    """Make the words bold whose letters are printed twice."""
    bold: dict[Style, Style] = {}
    for word, is_thick in zip(words, thick, strict=True):
        if is_thick and not word.style.is_bold:
            word.style = bold.setdefault(word.style, replace(word.style, is_bold=True))


def _doubled(codes: NDArray[np.int64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark characters that are printed twice in nearly the same place to look bold."""
    doubled = np.zeros(len(codes), np.bool_)
    same = (codes[1:] == codes[:-1]) & (codes[1:] > 0x20)
    if not same.any():
        return doubled
    width = np.maximum(boxes[:-1, 2] - boxes[:-1, 0], 0.5)
    doubled[1:] = (
        same & (np.abs(boxes[1:, 0] - boxes[:-1, 0]) < 0.3 * width) & (np.abs(boxes[1:, 1] - boxes[:-1, 1]) < 1.0)
    )
    # One pair alone is a ligature that PDFium took apart ("ff"): letters of a doubled word come pair after pair.
    before, after = np.roll(doubled, 2), np.roll(doubled, -2)
    before[:2], after[-2:] = False, False
    return doubled & (before | after)


def _marks(
    codes: NDArray[np.int64], boxes: NDArray[np.float64], sizes: NDArray[np.float64], index: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Mark the characters of footnote marks: small raised numbers or signs behind a word of the same line.

    Exponents stay, and so do marks at the beginning of a line, which are the numbers of the notes themselves.
    """
    marks = np.zeros(len(codes), np.bool_)
    if len(index) < 2:
        return marks
    size, box = sizes[index], boxes[index]
    gap, rise = box[1:, 0] - box[:-1, 2], box[:-1, 3] - box[1:, 3]
    smaller = (size[1:] < RAISED_SIZE * size[:-1]) & (gap > -0.5 * size[:-1]) & (gap < size[:-1])
    for i in (np.flatnonzero(smaller & (rise > 0.12 * size[:-1]) & (rise < size[:-1])) + 1).tolist():
        base, bottom = size[i - 1], box[i, 3]
        end = i + 1
        while end < len(index) and size[end] < RAISED_SIZE * base and abs(box[end, 3] - bottom) < 0.3 * base:
            end += 1
        first, last = int(index[i]), int(index[end - 1])
        text = "".join(map(chr, codes[first : last + 1].tolist())).strip()
        before = "".join(map(chr, codes[max(0, first - 4) : first].tolist()))
        if _MARK.fullmatch(text) and not _EXPONENT.fullmatch(f"{before}^{text}"):
            marks[first : last + 1] = True
    return marks


def _boundaries(
    codes: NDArray[np.int64],
    classes: NDArray[np.uint8],
    boxes: NDArray[np.float64],
    index: NDArray[np.int64],
    height: NDArray[np.float64],
    marks: NDArray[np.bool_],
) -> NDArray[np.int64]:
    """Return after which of the visible characters at `index` a word ends, the last one aside.

    That is at a space or line end, at a gap that only a missing space explains, and where the text moves elsewhere.
    The gap that a mark leaves is none.
    """
    kept, above = boxes[index], height[1:]
    gap = kept[1:, 0] - kept[:-1, 2]
    middle = kept[:, 1] + kept[:, 3]
    moved = (gap < -2.5 * above) | (np.abs(middle[1:] - middle[:-1]) > 1.5 * above)
    between = np.cumsum((classes == _SPACE) | (classes == _LINE_END))
    spaced = between[index[1:]] > between[index[:-1]]
    narrow = spaced & (gap < FALSE_SPACE_GAP * above) & ~moved
    if narrow.any():
        real = _real_spaces(classes, boxes)
        spaced &= ~narrow | (real[index[1:]] > real[index[:-1]])
    wide = gap > SPACE_GAP * above
    if marks.any():
        passed = np.cumsum(marks)
        behind = (passed[index[1:]] > passed[index[:-1]]) & ~moved
        wide &= ~behind
        spaced &= ~(behind & np.isin(codes[index[1:]], _STOPS))
    singles = np.flatnonzero(wide & ~moved)
    if len(singles) > 2 and (singles[2:] - singles[:-2] == 2).any():
        real = _real_spaces(classes, boxes)
        bare = singles[real[index[singles + 1]] == real[index[singles]]]
        letters = _letterspaced(bare, gap, above, codes[index])
        wide[letters] = spaced[letters] = False
    return np.flatnonzero(spaced | wide | moved)


def _real_spaces(classes: NDArray[np.uint8], boxes: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many spaces and line ends stand up to each character; those of PDFium's own making have no width."""
    return np.cumsum((classes == _LINE_END) | ((classes == _SPACE) & (boxes[:, 2] - boxes[:, 0] > 0.01)))


def _letterspaced(
    bare: NDArray[np.int64], gap: NDArray[np.float64], height: NDArray[np.float64], codes: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return which of the gaps without a space part the letters of one spaced word: three or more alike in a row."""
    found: list[int] = []
    for run in np.split(bare, np.flatnonzero(np.diff(bare) != 1) + 1):
        if len(run) < 3:
            continue
        usual = float(np.median(gap[run]))
        alike = np.abs(gap[run] - usual) < 0.35 * usual
        are_letters = all(chr(code).isalpha() for code in codes[run[0] : run[-1] + 2].tolist())
        if are_letters and usual < height[run[0]]:
            found += run[alike].tolist()
    return np.array(found, np.int64)


def _follows(
    x0: NDArray[np.float64],
    top: NDArray[np.float64],
    x1: NDArray[np.float64],
    bottom: NDArray[np.float64],
    sizes: NDArray[np.float64],
    behind: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """Return which words stand in one line with the word before them, or `behind` a mark that was left out."""
    follows = np.zeros(len(x0), np.bool_)
    overlap = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    height = np.minimum(bottom[1:] - top[1:], bottom[:-1] - top[:-1])
    size = np.maximum(np.maximum(sizes[1:], sizes[:-1]), 4.0)
    gap = x0[1:] - x1[:-1]
    follows[1:] = (overlap > 0.4 * height) & (gap > -0.5 * size) & ((gap < LINE_GAP * size) | behind[1:])
    return follows
