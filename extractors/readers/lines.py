"""What lines say of themselves: markers of lists, numbers of headings, entries of contents, captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from extractors.readers.assembly import Rich
from extractors.readers.layout_words import load_layout_words

_WORDS: Final = load_layout_words()

ENDS_SENTENCE: Final = re.compile(r"[.!?…;:][\"'”’»)\]]*$")

_CLEAR_BULLETS: Final = "•▪●◦‣■□⁃∙◆◇○➢➤►▶❖✓✔☐\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf06e\uf02d\uf0a8\uf071"
"""Characters that are a bullet wherever they stand before a space; the last are Wingdings."""
_BULLET: Final = re.compile(rf"([{_CLEAR_BULLETS}]|[-–—*·¤›»o](?=\s))\s*(?=\S)")
_INNER_BULLET: Final = re.compile(rf"(?:(?<=\s)|^)[{_CLEAR_BULLETS}]\s+(?=\S)|(?<=\s)·\s+(?=\S)")
_NUMBER: Final = re.compile(r"(\d{1,3}[.)]|\(\d{1,3}\)|[a-z][.)]|\([a-z]\)|[ivx]{2,5}[.)]|\([ivx]{2,5}\))\s+(?=\S)")
_CAPITAL_NUMBER: Final = re.compile(r"([A-Z][.)]|\([A-Z]\)|[IVX]{1,5}[.)])\s+(?=\S)")
_HEADING_NUMBER: Final = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})\.?\s+(?=[^\W\d_]|[‘“\"'(])")
_CHAPTER_LABEL: Final = re.compile(r"([^\W\d_]+)\s+(\d{1,2}|[IVX]{1,5}|[A-Z])[.:]?$")
_LEADERS: Final = re.compile(r"(?:(?:\.\s?){4,}|(?:…\s?){2,}|_{4,})\s*(?:\d+|[ivxl]+)?\s*$", re.IGNORECASE)
_TAIL: Final = 120
"""Characters at the end of a line that show whether it has leader dots: a search from every dot takes time."""
_INNER_ENTRY: Final = re.compile(
    r"(?<=[.…]\s\d)\s+(?=\S)|(?<=[.…]\s\d\d)\s+(?=\S)|(?<=[.…]\s\d\d\d)\s+(?=\S)"  # … 12 Next
    r"|(?<=[^\s\d.]\s\d)\s+(?=\d+\.\d)|(?<=[^\s\d.]\s\d\d)\s+(?=\d+\.\d)|(?<=[^\s\d.]\s\d{3})\s+(?=\d+\.\d)"
)
_ENDS_IN_PAGE: Final = re.compile(
    r"(?=.*[^\W\d_]{3}).*[^\W\d_][\w)’'\"”]*\??[.\s]*\s(?:\d{1,3}|[ivxl]{1,6}|[IVXL]{1,6})$"
)
_CAPTION: Final = re.compile(
    rf"(?:{_WORDS.either('captions')})\s+"
    r"(?:[A-Z]{1,2}[-.]?)?\d*(?:[.-]\d+)*[a-z]?\b",
    re.IGNORECASE,
)
_PAGE_NUMBER: Final = re.compile(
    rf"(?:[-–—|]\s*)?(?:(?:{_WORDS.either('pages')})\s*)?(\d{{1,4}}|[ivxlc]{{1,7}}|[IVXLC]{{1,7}})"
    rf"(?:\s*(?:/|{_WORDS.either('of')})\s*\d{{1,4}})?(?:\s*[-–—|])?",
    re.IGNORECASE,
)


def split_items(body: Rich) -> list[tuple[str | None, Rich]]:
    """Split one paragraph into its items: ``(marker, text)`` in order, the marker None for text before the first item.

    A line that begins with a bullet begins an item; one that begins with a number only where the line before has ended
    or is an item itself, for a number may also come first in a wrapped line. Bullets inside a line begin an item where
    the paragraph begins with one, or has two.
    """
    lines = body.lines()
    found: list[tuple[str | None, list[Rich]]] = []
    capitals = sum(1 for line in lines if _CAPITAL_NUMBER.match(line.text)) > 1
    for line in _at_inner_bullets(lines):
        bullet = _BULLET.match(line.text)
        number = _NUMBER.match(line.text) or (_CAPITAL_NUMBER.match(line.text) if capitals else None)
        free = not found or found[-1][0] is not None or ENDS_SENTENCE.search(found[-1][1][-1].text)
        match = bullet or (number if free and _follows(found, number) else None)
        if match:
            found.append((match.group(1), [line.part(match.end())]))
        elif found:
            found[-1][1].append(line)
        else:
            found.append((None, [line]))
    return [(marker, _with_line_ends(parts)) for marker, parts in found]


def _follows(found: Sequence[tuple[str | None, list[Rich]]], number: re.Match[str] | None) -> bool:
    """Whether a number can be the next marker: it begins the list, or counts on from the item before."""
    if number is None:
        return False
    previous = next((marker for marker, _ in reversed(found) if marker and marker[-1] in ".)"), None)
    if previous is None:
        return True
    old, new = re.sub(r"\W", "", previous), re.sub(r"\W", "", number.group(1))
    if old.isdecimal() and new.isdecimal():
        return 0 <= int(new) - int(old) <= 2
    return True


def _at_inner_bullets(lines: Sequence[Rich]) -> list[Rich]:
    pieces: list[Rich] = []
    for line in lines:
        starts = [match.start() for match in _INNER_BULLET.finditer(line.text)]
        if not starts or (len(starts) == 1 and starts[0] > 0):
            pieces.append(line)
            continue
        edges = [0, *[start for start in starts if start > 0], len(line.text)]
        pieces += [piece for a, b in pairwise(edges) if (piece := line.part(a, b).strip()).text]
    return pieces


def _with_line_ends(parts: Sequence[Rich]) -> Rich:
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces += [Rich.plain("\n", pieces[-1].style[-1] if pieces[-1].style else 0), part]
    return Rich.joined(pieces)


def heading_number(text: str) -> str | None:
    """Return the number that a heading begins with ("3.2"), None where there is none."""
    match = _HEADING_NUMBER.match(text)
    return match.group(1) if match else None


def is_chapter_label(text: str) -> bool:
    """Whether the text is one word and a number ("HOOFDSTUK 5", "Annex B"): the first line of a heading."""
    return bool(_CHAPTER_LABEL.match(text))


def is_caption(text: str) -> bool:
    """Whether the text begins as a caption does ("Figuur 3", "Table A.1")."""
    match = _CAPTION.match(text)
    return bool(match) and bool(re.search(r"\d|\s[A-Z]{1,2}$", match.group())) if match else False


def has_leaders(text: str) -> bool:
    """Whether the line ends in leader dots, as entries of a table of contents do."""
    return bool(_LEADERS.search(text[-_TAIL:]))


def ends_in_page(text: str) -> bool:
    """Whether a short line ends in what may be a page number, as entries of a table of contents do."""
    return len(text) <= 160 and bool(_ENDS_IN_PAGE.match(text))


def split_entries(body: Rich) -> list[Rich]:
    """Return the entries of a table of contents, one per line, also where several stand on one line."""
    entries = []
    for line in body.lines():
        start = 0
        for match in _INNER_ENTRY.finditer(line.text):
            entries.append(line.part(start, match.start()))
            start = match.end()
        entries.append(line.part(start))
    return [entry for entry in entries if entry.text.strip()]


def page_number(text: str) -> int | None:
    """Return the number of a line that is nothing but a page number (Roman ones too), None for other lines."""
    match = _PAGE_NUMBER.fullmatch(text.strip())
    if not match:
        return None
    printed = match.group(1)
    return int(printed) if printed.isdecimal() else roman_value(printed)


def roman_value(printed: str) -> int | None:
    """Return the value of a Roman number, None where the letters are not one."""
    values = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
    letters = printed.lower()
    if not values.keys() >= set(letters):
        return None  # patterns without case take the Turkish "ı" for an "i"
    numbers = [values[letter] for letter in letters]
    total = sum(-a if a < b else a for a, b in zip(numbers, [*numbers[1:], 0], strict=True))
    return total if as_roman(total) == printed.lower() else None


def as_roman(number: int) -> str:
    """Return a number from 1 to 399 in small Roman letters; an empty text for 0."""
    signs = ((100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))
    written = ""
    for value, sign in signs:
        written += sign * (number // value)
        number %= value
    return written
