"""Characters of a PDF page to words: what PDFium gives, cleaned and with places.

Coordinates are converted here, once: from PDF user space (origin bottom left, before rotation) to points from the top
left corner of the page as it is shown.
"""

from __future__ import annotations

import ctypes
import unicodedata
from dataclasses import dataclass, replace
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
    code: unicodedata.normalize("NFKC", chr(code)) for code in (*range(0xFB00, 0xFB07), 0x132, 0x133)
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


class PageReader:
    """Reads the words of pages; holds the buffers that are used again for every page, and the styles of the fonts."""

    def __init__(self) -> None:
        self._box = pdfium.FS_RECTF()
        self._matrix = pdfium.FS_MATRIX()
        self._fonts: dict[Any, tuple[bool, bool, bool]] = {}

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
        codes = np.fromiter((pdfium.FPDFText_GetUnicode(textpage, i) for i in range(count)), np.int64, count)
        boxes, style_of, styles = self._read_places(textpage, count)
        boxes = _show(boxes, page, styles, style_of, size)
        keep = ~_doubled(codes, boxes)
        fake_bold = int(count - keep.sum()) > 0
        return _group_words(codes, boxes, style_of, styles, keep, fake_bold=fake_bold)

    def _read_places(self, textpage: Any, count: int) -> tuple[NDArray[np.float64], NDArray[np.int32], list[Style]]:
        """Return boxes (count, 4) as left, bottom, right, top in user space, and the index of each character's style."""
        flat = np.empty((count, 4), np.float64)
        style_of = np.empty(count, np.int32)
        styles: list[Style] = []
        seen: dict[Style, int] = {}
        box, get_box, get_object = self._box, pdfium.FPDFText_GetLooseCharBox, pdfium.FPDFText_GetTextObject
        reference = ctypes.byref(box)
        last_address, current = -1, -1
        for i in range(count):
            get_box(textpage, i, reference)
            flat[i] = (box.left, box.bottom, box.right, box.top)
            handle = get_object(textpage, i)
            address = ctypes.cast(handle, ctypes.c_void_p).value if handle else None
            if address is None:
                style_of[i] = max(current, 0)
                continue
            if address != last_address:
                last_address = address
                style = self._read_style(textpage, i, handle)
                if style not in seen:
                    seen[style] = len(styles)
                    styles.append(style)
                current = seen[style]
            style_of[i] = current
        if not styles:
            styles.append(Style(0.0, False, False, None, False))
        return flat, style_of, styles

    def _read_style(self, textpage: Any, index: int, handle: Any) -> Style:
        size = pdfium.FPDFText_GetFontSize(textpage, index)
        is_vertical = False
        if pdfium.FPDFText_GetMatrix(textpage, index, ctypes.byref(self._matrix)):
            m = self._matrix
            size *= (m.c * m.c + m.d * m.d) ** 0.5
            is_vertical = abs(m.b) > abs(m.a)
        font = pdfium.FPDFTextObj_GetFont(handle)
        is_bold, is_italic, is_symbol = self._read_font(font)
        return Style(round(size * 2) / 2, is_bold, is_italic, _read_color(textpage, index), is_vertical, is_symbol)

    def _read_font(self, font: Any) -> tuple[bool, bool, bool]:
        address = ctypes.cast(font, ctypes.c_void_p).value if font else None
        if address is None:
            return False, False, False
        if address not in self._fonts:
            buffer = ctypes.create_string_buffer(256)
            pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
            name = buffer.value.decode("utf-8", "replace").lower().rsplit("+", maxsplit=1)[-1]
            weight, flags = pdfium.FPDFFont_GetWeight(font), pdfium.FPDFFont_GetFlags(font)
            bold = any(w in name for w in ("bold", "black", "heavy", "semibold", "demi")) or weight >= 600
            italic = any(w in name for w in ("italic", "oblique")) or bool(flags > 0 and flags & 64)
            symbol = any(w in name for w in ("wingding", "webding", "dingbat", "symbol", "bullet"))
            self._fonts[address] = (bold and "light" not in name, italic, symbol)
        return self._fonts[address]

    def forget_fonts(self) -> None:
        """Forget the fonts of a closed document, whose addresses may be used again."""
        self._fonts.clear()


def _read_color(textpage: Any, index: int) -> str | None:
    r, g, b, a = (ctypes.c_uint() for _ in range(4))
    ok = pdfium.FPDFText_GetFillColor(
        textpage, index, ctypes.byref(r), ctypes.byref(g), ctypes.byref(b), ctypes.byref(a)
    )
    if not ok or max(r.value, g.value, b.value) < 60:
        return None
    return f"#{r.value:02x}{g.value:02x}{b.value:02x}"


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
    letters = [_letter(int(c)) for c in codes[index]]
    style_index = style_of[index]
    doubled_next = ~keep[np.minimum(index + 1, len(keep) - 1)]
    words: list[Word] = []
    for n, (a, b) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        own = style_index[a:b]
        style = styles[int(own[0])]
        if (own != own[0]).any():
            values, counts = np.unique(own, return_counts=True)
            style = styles[int(values[counts.argmax()])]
            a, b = _without_mark(a, b, letters, own, styles, kept, style)
        if fake_bold and doubled_next[a:b].mean() > 0.5 and not style.is_bold:
            style = replace(style, is_bold=True)
        text = "".join(letters[a:b])
        if not text:
            continue
        if style.is_symbol and len(text) == 1:
            text = "•"  # such fonts print a bullet for the code of a letter
        words.append(
            Word(
                text,
                float(x0[n]),
                float(top[n]),
                float(x1[n]),
                float(bottom[n]),
                style,
                bool(n + 1 < len(starts) and breaks[ends[n] - 1]),
            )
        )
    return words


def _letter(code: int) -> str:
    if code in _BREAK_CODES:
        return BROKEN
    if code in _FOLDED:
        return _FOLDED[code]
    if 0xD800 <= code <= 0xDFFF or (0x7F <= code < 0xA0):
        return ""
    return chr(code)


def _without_mark(
    a: int,
    b: int,
    letters: list[str],
    own: NDArray[np.int32],
    styles: list[Style],
    boxes: NDArray[np.float64],
    style: Style,
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
