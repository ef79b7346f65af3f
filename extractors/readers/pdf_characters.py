"""Characters of a PDF page as PDFium gives them: codes, places and styles, as arrays over the whole page."""

from __future__ import annotations

import ctypes
from collections import deque
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from extractors.readers.pdf_fonts import FontKind, FontReader
from extractors.readers.pdf_frame import Frame

STRAIGHT = 0.2
"""Text that rises or falls by a larger share of its length is askew: a watermark, or writing along a curve."""

TILTED = 4
"""Stands for such text among the quarter turns."""

TURNED_SHARE = 0.6
"""So much of the text must run sideways for the page to be read that way."""


@dataclass(frozen=True, slots=True)
class Style:
    """How characters are set: size in points as shown, and what the font says of itself."""

    size: float
    is_bold: bool
    is_italic: bool
    color: str | None
    is_sideways: bool
    """Whether the text runs up, down or askew on the page as it is read."""

    is_symbol: bool = False
    """Whether the font holds signs, not letters: a character of it is a bullet."""

    is_medium: bool = False
    """Whether the font is a little heavier than plain: headings are, where the text is not."""


@dataclass(frozen=True, slots=True)
class Characters:
    """The characters of a page in the order of PDFium: codes (n,), boxes (n, 4) in the frame, style numbers (n,)."""

    codes: NDArray[np.int64]
    boxes: NDArray[np.float64]
    style_of: NDArray[np.int32]
    styles: list[Style]
    frame: Frame


def fast(function: Any, result: Any, *arguments: Any) -> Any:
    """Return a PDFium function that takes and gives plain integers: half a million calls per report make that count."""
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_GET_UNICODE = fast(pdfium.FPDFText_GetUnicode, ctypes.c_uint, ctypes.c_void_p, ctypes.c_int)
_GET_TEXT = fast(pdfium.FPDFText_GetText, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p)
_GET_LOOSE_BOX = fast(pdfium.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_GET_TEXT_OBJECT = fast(pdfium.FPDFText_GetTextObject, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_int)
_GET_FONT_SIZE = fast(pdfium.FPDFText_GetFontSize, ctypes.c_double, ctypes.c_void_p, ctypes.c_int)
_GET_MATRIX = fast(pdfium.FPDFText_GetMatrix, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)
_GET_FONT = fast(pdfium.FPDFTextObj_GetFont, ctypes.c_size_t, ctypes.c_void_p)
_GET_FILL_COLOR = fast(
    pdfium.FPDFText_GetFillColor, ctypes.c_int, ctypes.c_void_p, ctypes.c_int, *[ctypes.c_void_p] * 4
)


class CharacterReader:
    """Reads the characters of the pages of one document."""

    def __init__(self) -> None:
        self._fonts = FontReader()
        self._kinds: list[FontKind] = []
        self._numbers: dict[int, int] = {}

    def read(self, page: Any, textpage: Any, *, size: tuple[float, float]) -> Characters | None:
        """Return the characters of a page, None for a page without text.

        Args:
            page: raw PDFium page handle.
            textpage: raw PDFium text page handle of that page.
            size: width and height of the page as shown, in points.
        """
        count = pdfium.FPDFText_CountChars(textpage)
        if count <= 0:
            return None
        self._kinds, self._numbers = [], {}  # a handle may be another font on the next page
        address = ctypes.cast(textpage, ctypes.c_void_p).value
        codes = _read_codes(address, count)
        buffer = np.zeros((count, 4), np.float32)  # left, top, right, bottom, as FS_RECTF has them
        first = buffer.ctypes.data
        deque(map(_GET_LOOSE_BOX, repeat(address), range(count), range(first, first + 16 * count, 16)), maxlen=0)
        style_of, table = self._read_styles(address, codes)
        frame = Frame.of(page, size)
        turns = np.where(table[:, 3] == TILTED, TILTED, (table[:, 3] - frame.rotation) % 4)
        shares = np.bincount(turns[style_of], minlength=TILTED + 1) / count
        turn = int(shares[:TILTED].argmax())
        if turn and shares[turn] > TURNED_SHARE:
            frame = frame.turned(turn)
        styles = [self._make_style(row, frame) for row in table.tolist()]
        return Characters(codes, frame.place(buffer[:, (0, 3, 2, 1)].astype(np.float64)), style_of, styles, frame)

    def _read_styles(
        self, address: int | None, codes: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the row of each character's settings, and the rows; spaces take that of the character before them.

        A word that begins and ends in one text object is in it altogether; only of others every character is asked.
        """
        visible = np.flatnonzero(codes > 0x20)
        if not len(visible):
            return np.zeros(len(codes), np.int32), np.zeros((1, 4), np.int64)
        is_first = np.diff(visible, prepend=-2) > 1
        firsts = np.flatnonzero(is_first)
        lengths = np.diff(firsts, append=len(visible))
        ends = visible[firsts + lengths - 1]
        begins = self._read_objects(address, visible[firsts])
        mixed = (begins != self._read_objects(address, ends)) | (begins == 0)
        asked = is_first | np.repeat(mixed, lengths)
        objects = np.zeros(int(asked.sum()), np.uint64)
        of_mixed = np.repeat(mixed, lengths)[asked]
        objects[~of_mixed] = begins[~mixed]
        objects[of_mixed] = self._read_objects(address, visible[asked][of_mixed])
        places, objects = visible[asked][objects != 0], objects[objects != 0]
        if not len(objects):
            return np.zeros(len(codes), np.int32), np.zeros((1, 4), np.int64)
        changed = np.diff(objects, prepend=np.uint64(0)) != 0
        changes = places[changed]
        table = self._read_settings(address, changes, objects[changed])
        unique, numbers = np.unique(table, axis=0, return_inverse=True)
        runs = np.searchsorted(changes, np.arange(len(codes)), "right") - 1
        return numbers.reshape(-1).astype(np.int32)[np.maximum(runs, 0)], unique

    @staticmethod
    def _read_objects(address: int | None, places: NDArray[np.int64]) -> NDArray[np.uint64]:
        """Return the text object of each character, 0 for one that PDFium made."""
        return np.fromiter(map(_GET_TEXT_OBJECT, repeat(address), places.tolist()), np.uint64, len(places))

    def _read_settings(
        self, address: int | None, changes: NDArray[np.int64], objects: NDArray[np.uint64]
    ) -> NDArray[np.int64]:
        """Return a row per change of text object: half points of size, font number, colour, quarter turns of the text.

        Turns are counted counterclockwise in user space, from 0 to 3; text askew has `TILTED`.
        """
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
        a, b, c, d = matrices[:, 0], matrices[:, 1], matrices[:, 2], matrices[:, 3]
        scale = np.sqrt(c**2 + d**2)
        turns = np.where(np.abs(b) > np.abs(a), np.where(b > 0, 1, 3), np.where(a < 0, 2, 0))
        turns[np.minimum(np.abs(a), np.abs(b)) > STRAIGHT * np.maximum(np.abs(a), np.abs(b))] = TILTED
        dark = colors[:, :3].max(axis=1) < 60
        packed = (colors[:, 0].astype(np.int64) << 16) | (colors[:, 1] << 8) | colors[:, 2]
        numbers = np.array([self._number_font(handle) for handle in fonts.tolist()], np.int64)
        return np.stack(
            (np.round(2 * sizes * scale).astype(np.int64), numbers, np.where(dark, -1, packed), turns), axis=1
        )

    def _number_font(self, handle: int) -> int:
        if handle not in self._numbers:
            self._numbers[handle] = len(self._kinds)
            kind = self._fonts.read(ctypes.cast(handle, pdfium.FPDF_FONT)) if handle else FontKind()
            self._kinds.append(kind)
        return self._numbers[handle]

    def _make_style(self, row: list[int], frame: Frame) -> Style:
        half_points, font, color, turns = row
        if not self._kinds:
            return Style(0.0, False, False, None, False)
        kind = self._kinds[font]
        printed = None if color < 0 else f"#{color:06x}"
        is_sideways = turns == TILTED or (turns - frame.rotation) % 2 == 1
        return Style(
            half_points / 2, kind.is_bold, kind.is_italic, printed, is_sideways, kind.is_symbol, kind.is_medium
        )


def _read_codes(address: int | None, count: int) -> NDArray[np.int64]:
    """Return the code of every character; in one call, unless some have none or lie outside the basic plane."""
    units = np.zeros(count + 1, np.uint16)
    written = _GET_TEXT(address, 0, count, units.ctypes.data)
    if written == count + 1 and not ((units >= 0xD800) & (units <= 0xDFFF)).any():
        return units[:count].astype(np.int64)
    return np.fromiter(map(_GET_UNICODE, repeat(address), range(count)), np.uint32, count).astype(np.int64)
