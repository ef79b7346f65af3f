"""Turns the bytes of a text file into text: byte order mark, declared encoding, UTF-8, a guess, Windows-1252."""

from __future__ import annotations

import codecs
import unicodedata
from typing import Final

from extractors.errors import UnreadableDocument

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark is its first half
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GUESSED_FROM: Final = 64_000
"""Bytes that the guess looks at."""


def decode_text(content: bytes, *, name: str, declared: str | None = None) -> str:
    """Return the text of `content`, composed (NFC) and with single line feeds.

    Tried in turn: a byte order mark, the `declared` encoding, UTF-8, UTF-16 where NUL bytes show it, the guess of
    charset-normalizer, Windows-1252. Raises `UnreadableDocument` (damaged) for bytes that are no text in any of them.
    """
    text = _decode_marked(content, name) or _decode_declared(content, declared) or _decode_unmarked(content, name)
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", text)


def _decode_marked(content: bytes, name: str) -> str | None:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError as error:
                if encoding == "utf-8":
                    return None  # a mark that lies; the other ways may still read it
                raise _damaged(name, f"a mark of {encoding} and bytes that are not ({error.reason})") from None
    return None


def _decode_declared(content: bytes, declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        codec = codecs.lookup(declared).name
    except LookupError:
        return None
    if codec in ("iso8859-1", "ascii"):
        # Browsers read both as Windows-1252 (WHATWG Encoding Standard), and publishers rely on it. UTF-8 goes first:
        # text that happens to be valid UTF-8 with multi-byte characters is hardly ever anything else.
        return _decode_strict(content, "utf-8") or _decode_strict(content, "cp1252")
    if codec.startswith(("utf-16", "utf-32")) and b"\0" not in content:
        return None  # a declaration that could be read as ASCII cannot be true
    return _decode_strict(content, codec)


def _decode_unmarked(content: bytes, name: str) -> str:
    if b"\0" in content:
        return _decode_wide(content, name)
    text = _decode_strict(content, "utf-8")
    if text is not None:
        if not _is_text(text):
            raise _damaged(name, "mostly control characters")
        return text
    mended = _decode_nearly_utf8(content)
    if mended is not None:
        return mended
    guess = _guess_encoding(content)
    for encoding in (guess, "cp1252"):
        text = _decode_strict(content, encoding) if encoding else None
        if text is not None and _is_text(text):
            return text
    # Five byte values mean nothing in Windows-1252; a file with a few of them is still read, with the loss visible.
    text = content.decode("cp1252", errors="replace")
    if not _is_text(text):
        raise _damaged(name, "bytes that are no text in UTF-8, UTF-16 or Windows-1252")
    return text


def _decode_strict(content: bytes, encoding: str) -> str | None:
    try:
        return content.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _decode_nearly_utf8(content: bytes) -> str | None:
    """Return UTF-8 text with a few broken bytes (a cut at the end, one bad paste) replaced by U+FFFD, else None."""
    text = content.decode("utf-8", errors="replace")
    broken = text.count("\ufffd")
    whole = sum(1 for char in text if ord(char) > 127) - broken
    # In other encodings bytes hardly ever form the sequences of UTF-8 by chance, let alone twice as often as not.
    return text if whole >= 3 and broken * 2 <= whole else None


def _guess_encoding(content: bytes) -> str | None:
    from charset_normalizer import from_bytes

    # West European pages only: in short texts the guess otherwise wanders to code pages of other scripts.
    best = from_bytes(content[:_GUESSED_FROM], cp_isolation=["cp1252", "iso8859_15", "mac_roman", "cp850"]).best()
    # The same bytes often fit several; the one in use on the web wins unless another is clearly different.
    return best.encoding if best is not None else None


def _decode_wide(content: bytes, name: str) -> str:
    """Return UTF-16 text without a mark; NUL bytes stand at every second place where it is mostly Latin letters."""
    even, odd = content[0::2].count(0), content[1::2].count(0)
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) * 4 > len(content) and min(even, odd) * 20 <= max(even, odd):
        text = _decode_strict(content[: len(content) // 2 * 2], encoding)
        if text is not None and _is_text(text):
            return text
    raise _damaged(name, f"{content.count(0)} NUL bytes that are not those of UTF-16")


def _is_text(text: str) -> bool:
    strange = sum(1 for char in text if (ord(char) < 32 and char not in "\t\n\r\f\v\x1b") or char == "\ufffd")
    return strange * 100 <= len(text)


def _damaged(name: str, found: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name}: found {found}, against readable text; fetch the file again or save it as UTF-8", reason="damaged"
    )
