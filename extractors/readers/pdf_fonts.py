"""What the fonts of a PDF are: bold, italic, or one of signs, by their names, their flags and the font files in it."""

from __future__ import annotations

import ctypes
import struct
from dataclasses import dataclass, replace
from typing import Any, Final

import pypdfium2.raw as pdfium

FORCED: Final = 1 << 18
"""The flag of a font that is set bold whatever its name (ISO 32000-1, table 123)."""

ITALIC: Final = 1 << 6
BOLD_WEIGHTS: Final = range(600, 1001)
"""Weights of bold type; PDFium gives higher ones where it guesses from the thickness of stems."""

MEDIUM_WEIGHT: Final = 500
_PLAIN: Final = ("light", "regular", "book", "roman", "italic", "oblique", "medium")
_SFNT: Final = (b"\0\1\0\0", b"true", b"OTTO")
"""How the font files begin that have tables (OpenType specification, "Organization of an OpenType Font")."""


@dataclass(frozen=True, slots=True)
class FontKind:
    """How a font looks."""

    is_bold: bool = False
    is_italic: bool = False
    is_symbol: bool = False
    """Whether the font holds signs, not letters."""

    is_medium: bool = False
    """Whether the font is a little heavier than plain."""


class FontReader:
    """Tells what fonts are, and remembers it for fonts that look the same from outside."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int, int, int], FontKind] = {}

    def read(self, font: Any) -> FontKind:
        """Return what the font of a raw PDFium handle is; plain for one that says nothing."""
        buffer = ctypes.create_string_buffer(256)
        pdfium.FPDFFont_GetBaseFontName(font, buffer, 256)
        name = buffer.value.decode("utf-8", "replace").lower().rsplit("+", maxsplit=1)[-1]
        weight, flags = pdfium.FPDFFont_GetWeight(font), pdfium.FPDFFont_GetFlags(font)
        size = ctypes.c_size_t(0)
        pdfium.FPDFFont_GetFontData(font, None, 0, ctypes.byref(size))
        key = (name, weight, flags, size.value)
        if key not in self._known:
            self._known[key] = _tell(font, *key)
        return self._known[key]


def _tell(font: Any, name: str, weight: int, flags: int, size: int) -> FontKind:
    kind = _by_name(name)
    kind = replace(
        kind,
        is_bold=kind.is_bold or bool(flags > 0 and flags & FORCED),
        is_italic=kind.is_italic or bool(flags > 0 and flags & ITALIC),
    )
    if kind.is_bold or any(w in name for w in _PLAIN):
        return kind
    # The name says nothing: the font file in the PDF knows.
    file = _read_file(font, size) if size and (weight in BOLD_WEIGHTS or not 0 < weight <= 1000) else None
    if file is None:
        return replace(kind, is_bold=weight in BOLD_WEIGHTS)
    own = _by_name(file.name)
    return FontKind(
        is_bold=own.is_bold or file.is_bold or file.weight in BOLD_WEIGHTS,
        is_italic=kind.is_italic or own.is_italic or file.is_italic,
        is_symbol=kind.is_symbol or own.is_symbol,
        is_medium=own.is_medium or file.weight == MEDIUM_WEIGHT,
    )


def _by_name(name: str) -> FontKind:
    return FontKind(
        is_bold=any(w in name for w in ("bold", "black", "heavy", "demi")) and "light" not in name,
        is_italic=any(w in name for w in ("italic", "oblique")),
        is_symbol=any(w in name for w in ("wingding", "webding", "dingbat", "symbol", "bullet")),
        is_medium="medium" in name,
    )


@dataclass(frozen=True, slots=True)
class _FontFile:
    """What a font file says of itself: its full name in lower case, its style, and its weight (0 where it has none)."""

    name: str
    is_bold: bool
    is_italic: bool
    weight: int


def _read_file(font: Any, size: int) -> _FontFile | None:
    """Return what the font file in the PDF says; None for one without tables, or a damaged one.

    Source: OpenType specification, `macStyle` of the table "head", `usWeightClass` of "OS/2", the full name of "name".
    """
    buffer = (ctypes.c_uint8 * size)()
    written = ctypes.c_size_t(0)
    if not pdfium.FPDFFont_GetFontData(font, buffer, size, ctypes.byref(written)):
        return None
    content = bytes(buffer)
    if content[:4] not in _SFNT:
        return None
    try:
        (count,) = struct.unpack_from(">H", content, 4)
        entries = [struct.unpack_from(">4sIII", content, 12 + 16 * i) for i in range(count)]
        places = {tag: offset for tag, _, offset, _ in entries}
        (style,) = struct.unpack_from(">H", content, places[b"head"] + 44)
        weight = struct.unpack_from(">H", content, places[b"OS/2"] + 4)[0] if b"OS/2" in places else 0
        name = _full_name(content, places[b"name"]) if b"name" in places else ""
    except (struct.error, KeyError):
        return None
    return _FontFile(name, bool(style & 1), bool(style & 2), weight)


def _full_name(content: bytes, table: int) -> str:
    """Return the full name of a font (name 4) in lower case, empty without one."""
    _, count, texts = struct.unpack_from(">HHH", content, table)
    for i in range(count):
        platform, _, _, kind, length, offset = struct.unpack_from(">6H", content, table + 6 + 12 * i)
        if kind == 4:
            raw = content[table + texts + offset :][:length]
            return raw.decode("utf-16-be" if platform in (0, 3) else "latin-1", "replace").lower()
    return ""
