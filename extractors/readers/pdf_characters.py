"""Characters of a PDF page to words: what PDFium gives, cleaned and with places.

Coordinates are converted here, once: from PDF user space (origin bottom left, before rotation) to points from the top
left corner of the page as it is shown.
"""

from __future__ import annotations

import ctypes
import unicodedata
from collections import deque
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any, Final

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

BROKEN: Final[str] = "\ufffe"
"""Stands for a hyphen at the end of a line, as PDFium marks it."""

_BREAK_CODES: Final[tuple[int, ...]] = (0x02, 0xAD, 0xFFFE)
_SPACE_CODES: Final[tuple[int, ...]] = (
    0x20,
    0xA0,
    0x09,
    0x0A,
    0x0D,
    0x0C,
    0x0B,
    0x2002,
    0x2003,
    0x2009,
    0x202F,
    0x3000,
)
_MARKS: Final[frozenset[str]] = frozenset("0123456789*†‡,")
_FOLDED: Final[dict[int, str]] = {
    **{code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB00, 0xFB07), 0x132, 0x133)},
    **dict.fromkeys(_BREAK_CODES, BROKEN),
    **dict.fromkeys((0xFFFD, *range(0x7F, 0xA0)), ""),
}


@dataclass(frozen=True, slots=True)
class Style:
    """How characters are set: size in points as shown, and what the font says of itself."""

    size: float
    is_bold: bool
    is_italic: bool
    color: str | None
    is_vertical: bool
    is_symbol: bool = False
    """Whether the font holds signs, not letters: a character of it is a bullet."""


@dataclass(slots=True)
class Word:
    """A word as it stands in one line of a page."""

    text: str
    x0: float
    top: float
    x1: float
    bottom: float
    style: Style
    breaks: bool = False
    """Whether PDFium ended the line after this word."""


def _fast(function: Any, result: Any, *arguments: Any) -> Any:
    """Return a PDFium function that takes and gives plain integers: half a million calls per report make that count."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_GET_UNICODE = _fast(pdfium.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_GET_TEXT = _fast(pdfium.FPDFText_GetText, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_GET_LOOSE_BOX = _fast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_GET_TEXT_OBJECT = _fast(pdfium.FPDFText_GetTextObject, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)


_GET_FONT_SIZE = _fast(pdfium.FPDFText_GetFontSize, ctypes.c_double, ctypes.c_void_p, ctypes.c_int)
_GET_MATRIX = _fast(pdfium.FPDFText_GetMatrix, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_GET_FONT = _fast(pdfium.FPDFTextObj_GetFont, ctypes.c_size_t, ctypes.c_void_p)
_GET_FILL_COLOR = _fast(
    pdfium.FPDFText_GetFillColor, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4
)


class PageReader:
    """Reads the words of the pages of one document, and remembers what its fonts are."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}
        self._kinds: list[tuple[bool, bool, bool]] = []

    def read_words(self, page: Any, textpage: Any, *, size: tuple[float, float]) -> list[Word]:
        """Return the words of a page in the order of PDFium; an empty list for a page without text.

        Args:
            page: raw PDFium page handle.
            textpage: raw PDFium text page handle of that page.
            size: width and height of the page as shown, in points.
        """
        count = pdfium.FPDFText_CountChars(textpage)
        if count <= 0:
            return []
        address = ctypes.cast(textpage, ctypes.c_void_p).value
        codes = _read_codes(address, count)
        buffer = np.zeros((count, 4), np.float32)  # left, top, right, bottom, as FS_RECTF has them
        first = buffer.ctypes.data
        deque(map(_GET_LOOSE_BOX, repeat(address), range(count), range(first, first + 16 * count, 16)), maxlen=0)
        boxes = buffer[:, (0, 3, 2, 1)].astype(np.float64)
        style_of, styles = self._read_styles(address, count)
        boxes = _show(boxes, page, styles, style_of, size)
        keep = ~_doubled(codes, boxes)
        fake_bold = int(count - keep.sum()) > 0
        return _group_words(codes, boxes, style_of, styles, keep, fake_bold=fake_bold)

    def _read_styles(self, address: int | None, count: int) -> tuple[NDArray[np.int32], list[Style]]:
        """Return the index of each character's style, and the styles; generated characters take that before them."""
        objects = np.fromiter(map(_GET_TEXT_OBJECT, repeat(address), range(count)), np.uint64, count)
        real = np.flatnonzero(objects)
        if not len(real):
            return np.zeros(count, np.int32), [Style(0.0, False, False, None, False)]
        changes = real[np.flatnonzero(np.diff(objects[real], prepend=np.uint64(0)) != 0)]
        table = self._read_settings(address, changes, objects[changes])
        unique, numbers = np.unique(table, axis=0, return_inverse=True)
        styles = [self._make_style(row) for row in unique.tolist()]
        runs = np.searchsorted(changes, np.arange(count), "right") - 1
        return numbers.reshape(-1).astype(np.int32)[np.maximum(runs, 0)], styles

    def _read_settings(
        self, address: int | None, changes: NDArray[np.int64], objects: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return a row per change of text object: half points of size, font number, colour, whether it is vertical."""
        n, places = len(changes), changes.tolist()
        sizes = np.fromiter(map(_GET_FONT_SIZE, repeat(address), places), np.float64, n)
        matrices = np.zeros((n, 6), np.float32)
        first = matrices.ctypes.data
        deque(map(_GET_MATRIX, repeat(address), places, range(first, first + 24 * n, 24)), maxlen=0)
        colors = np.zeros((n, 4), np.uint32)
        at = colors.ctypes.data
        channels = [range(at + 4 * c, at + 4 * c + 16 * n, 16) for c in range(4)]
        deque(map(_GET_FILL_COLOR, repeat(address), places, *channels), maxlen=0)
        fonts = np.fromiter(map(_GET_FONT, objects.tolist()), np.uint64, n)
        scale = np.sqrt(matrices[:, 2] ** 2 + matrices[:, 3] ** 2)
        vertical = np.abs(matrices[:, 1]) > np.abs(matrices[:, 0])
        dark = colors[:, :3].max(axis=1) < 60
        packed = (colors[:, 0].astype(np.int64) << 16) | (colors[:, 1] << 8) | colors[:, 2]
        numbers = np.array([self._number_font(handle) for handle in fonts.tolist()], np.int64)
        return np.stack(
            (np.round(2 * sizes * scale).astype(np.int64), numbers, np.where(dark, -1, packed), vertical), axis=1
        )

    def _number_font(self, handle: int) -> int:
        if handle not in self._numbers:
            self._numbers[handle] = len(self._kinds)
            self._kinds.append(_read_font(ctypes.cast(handle, pdfium.FPDF_FONT)) if handle else (False, False, False))
        return self._numbers[handle]

    def _make_style(self, row: list[int]) -> Style:
        half_points, font, color, vertical = row
        is_bold, is_italic, is_symbol = self._kinds[font]
        printed = None if color < 0 else f"#{color:06x}"
        return Style(half_points / 2, is_bold, is_italic, printed, bool(vertical), is_symbol)


def _read_codes(address: int | None, count: int) -> NDArray[np.int64]:
    """Return the code of every character; in one call, unless some have none or lie outside the basic plane."""
    units = np.zeros(count + 1, np.uint16)
    written = _GET_TEXT(address, 0, count, units.ctypes.data)
    if written == count + 1 and not ((units >= 0xD800) & (units <= 0xDFFF)).any():
        return units[:count].astype(np.int64)
    return np.fromiter(map(_GET_UNICODE, repeat(address), range(count)), np.uint32, count).astype(np.int64)


def _read_font(font: Any) -> tuple[bool, bool, bool]:
    """Return whether a font is bold, italic, and one of signs, by its name, weight and flags."""
    buffer = ctypes.create_string_buffer(256)
    pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
    name = buffer.value.decode("utf-8", "replace").lower().rsplit("+", maxsplit=1)[-1]
    weight, flags = pdfium.FPDFFont_GetWeight(font), pdfium.FPDFFont_GetFlags(font)
    bold = any(w in name for w in ("bold", "black", "heavy", "semibold", "demi")) or weight >= 600
    italic = any(w in name for w in ("italic", "oblique")) or bool(flags > 0 and flags & 64)
    symbol = any(w in name for w in ("wingding", "webding", "dingbat", "symbol", "bullet"))
    return bold and "light" not in name, italic, symbol


def _show(
    boxes: NDArray[np.float64], page: Any, styles: list[Style], style_of: NDArray[np.int32], size: tuple[float, float]
) -> NDArray[np.float64]:
    """Turn user-space boxes into boxes from the top left of the shown page: columns x0, top, x1, bottom."""
    edges = [ctypes.c_float() for _ in range(4)]
    references = [ctypes.byref(e) for e in edges]
    if not pdfium.FPDFPage_GetCropBox(page, *references) and not pdfium.FPDFPage_GetMediaBox(page, *references):
        left, bottom, right, top = 0.0, 0.0, size[0], size[1]
    else:
        left, bottom, right, top = (e.value for e in edges)
    rotation = pdfium.FPDFPage_GetRotation(page)
    vertical = np.array([s.is_vertical for s in styles])[style_of]
    if rotation == 0 and vertical.mean() > 0.6:
        rotation = 1  # the page is printed sideways: read it as its reader turns it
        right, top = left + (right - left), bottom + (top - bottom)
    x0, y0, x1, y1 = boxes.T
    if rotation == 1:
        shown = (y0 - bottom, x0 - left, y1 - bottom, x1 - left)
    elif rotation == 2:
        shown = (right - x1, y0 - bottom, right - x0, y1 - bottom)
    elif rotation == 3:
        shown = (top - y1, right - x1, top - y0, right - x0)
    else:
        shown = (x0 - left, top - y1, x1 - left, top - y0)
    return np.stack(shown, axis=1)


def _doubled(codes: NDArray[np.int64], boxes: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Mark characters that are printed twice in nearly the same place to look bold."""
    doubled = np.zeros(len(codes), np.bool_)
    if len(codes) < 2:
        return doubled
    width = np.maximum(boxes[:-1, 2] - boxes[:-1, 0], 0.5)
    same = (
        (codes[1:] == codes[:-1])
        & (codes[1:] > 0x20)
        & (np.abs(boxes[1:, 0] - boxes[:-1, 0]) < 0.3 * width)
        & (np.abs(boxes[1:, 1] - boxes[:-1, 1]) < 1.0)
    )
    doubled[1:] = same
    # One pair alone is a ligature that PDFium took apart ("ff"): letters of a doubled word come pair after pair.
    before, after = np.roll(doubled, 2), np.roll(doubled, -2)
    before[:2], after[-2:] = False, False
    return doubled & (before | after)


def _group_words(
    codes: NDArray[np.int64],
    boxes: NDArray[np.float64],
    style_of: NDArray[np.int32],
    styles: list[Style],
    keep: NDArray[np.bool_],
    *,
    fake_bold: bool,
) -> list[Word]:
    """Cut the characters into words at spaces, line ends and wide gaps."""
    space = np.isin(codes, _SPACE_CODES)
    newline = np.isin(codes, (0x0A, 0x0D))
    visible = keep & ~space & ((codes >= 0x20) | np.isin(codes, _BREAK_CODES)) & (codes != 0xFFFD)
    index = np.flatnonzero(visible)
    if not len(index):
        return []
    sizes = np.array([s.size for s in styles])[style_of]
    gap = boxes[index[1:], 0] - boxes[index[:-1], 2]
    height = np.maximum(sizes[index[1:]], 4.0)
    middle = (boxes[index, 1] + boxes[index, 3]) / 2
    # A space or line end between two visible characters, a gap that only a missing space explains, or another line.
    passed = np.concatenate(([0], np.cumsum(space)))
    apart = (
        (passed[index[1:]] > passed[index[:-1]])
        | (gap > 0.28 * height)
        | (gap < -2.5 * height)
        | (np.abs(middle[1:] - middle[:-1]) > 0.75 * height)
    )
    passed_lines = np.concatenate(([0], np.cumsum(newline)))
    breaks = passed_lines[index[1:]] > passed_lines[index[:-1]]
    starts = np.concatenate(([0], np.flatnonzero(apart) + 1))
    ends = np.concatenate((starts[1:], [len(index)]))
    kept = boxes[index]
    x0 = np.minimum.reduceat(kept[:, 0], starts)
    top = np.minimum.reduceat(kept[:, 1], starts)
    x1 = np.maximum.reduceat(kept[:, 2], starts)
    bottom = np.maximum.reduceat(kept[:, 3], starts)
    letters = _letters(codes[index])
    style_index = style_of[index]
    low, high = np.minimum.reduceat(style_index, starts), np.maximum.reduceat(style_index, starts)
    thickened = np.zeros(len(starts), np.bool_)
    if fake_bold:
        doubled_next = ~keep[np.minimum(index + 1, len(keep) - 1)]
        thickened = np.add.reduceat(doubled_next.astype(np.int32), starts) * 2 > ends - starts
    ended = np.zeros(len(starts), np.bool_)
    ended[:-1] = breaks[ends[:-1] - 1]
    words: list[Word] = []
    columns = (starts, ends, low, high, thickened, ended, x0, top, x1, bottom)
    for a, b, least, most, thick, ends_line, left, upper, right, lower in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        style = styles[least]
        if least != most:
            own = style_index[a:b]
            values, counts = np.unique(own, return_counts=True)
            style = styles[int(values[counts.argmax()])]
            a, b = _without_mark(a, b, letters, own, styles, kept)
        if thick and not style.is_bold:
            style = replace(style, is_bold=True)
        text = letters[a:b].translate(_FOLDED)
        if not text:
            continue
        if style.is_symbol and len(text) == 1:
            text = "•"  # such fonts print a bullet for the code of a letter
        words.append(Word(text, left, upper, right, lower, style, ends_line))
    return words


def _letters(codes: NDArray[np.int64]) -> str:
    """Return the characters as a string of the same length; what is no character is left for `_FOLDED` to drop."""
    odd = ((codes >= 0xD800) & (codes <= 0xDFFF)) | (codes > 0x10FFFF)
    return np.where(odd, 0xFFFD, codes).astype("<u4").tobytes().decode("utf-32-le")


def _without_mark(
    a: int,
    b: int,
    letters: str,
    own: NDArray[np.int32],
    styles: list[Style],
    boxes: NDArray[np.float64],
) -> tuple[int, int]:
    """Leave out a footnote mark at the end (or beginning) of a word: small, raised digits."""
    base = max(styles[int(s)].size for s in own)
    end = b
    while end > a and letters[end - 1] in _MARKS and styles[int(own[end - 1 - a])].size < 0.8 * base:
        end -= 1
    if end < b and end > a:
        body_bottom = float(np.median(boxes[a:end, 3]))
        if float(boxes[end:b, 3].max()) < body_bottom - 0.05 * base:
            return a, end
    return a, b
