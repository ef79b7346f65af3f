"""Furniture of a PDF: running heads, running feet and page numbers, told apart over all pages."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Literal

from extractors.readers.layout_words import load_layout_words
from extractors.readers.lines import roman_value
from extractors.readers.pdf_lines import Line
from extractors.records import Page

MARGIN = 0.13
"""Share of the page height at the top and at the bottom where furniture may stand."""

STEADY = 0.6
"""A number in a running head is the same, or counts the pages, on so large a share of the pages that have it."""

FEWEST_IN_SLOT = 5
"""Where so many pages have a running head, other words in its place and type are one too: the title of a chapter."""

_WORDS = load_layout_words()
_NUMBER = re.compile(
    rf"^\W*(?:(?:{_WORDS.either('pages')})\s*)?(?P<number>[ivxlc]+|\d{{1,4}})"
    rf"(?:\s*(?:{_WORDS.either('of')}|/|\||-)\s*\d{{1,4}})?\W*$",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"(?<![^\W_])(?:\d+|[ivxlc]+)(?![^\W_])")

FurnitureKind = Literal["running_head", "page_number"]
_Signature = tuple[str, int, int]


def find_furniture(pages: Sequence[Page], lines_of: Sequence[list[Line]]) -> dict[int, FurnitureKind]:
    """Return the lines that are furniture, by their `id`; empty for a document without repeated lines.

    A line is a running head when it stands in the margin and its text, numbers aside, stands at about the same height
    on at least three pages (two of a two-page letter, a tenth of a long report), or stands where such lines stand on
    other pages. It is a page number when nothing but a number stands there. Lines at the side of the text count like
    those above and below it.
    """
    least = max(min(3, len(pages)), min(6, len(pages) // 10), 2)
    margins = [_margin_lines(page, lines) for page, lines in zip(pages, lines_of, strict=True)]
    sides = [_side_lines(page, lines) for page, lines in zip(pages, lines_of, strict=True)]
    repeated = _find_repeated([[*m, *s] for m, s in zip(margins, sides, strict=True)], pages, least)
    slots = _find_slots(margins, repeated)
    found: dict[int, FurnitureKind] = {}
    numbers = _find_page_numbers(pages, lines_of, margins)
    for page, lines, margin, side in zip(pages, lines_of, margins, sides, strict=True):
        outermost = _outermost(lines, page)
        for line in margin:
            if id(line) in numbers:
                found[id(line)] = "page_number"
            elif id(line) in repeated or (
                _slot(line) in slots and id(line) in outermost and not _is_of_paragraph(line, margin, repeated)
            ):
                found[id(line)] = "running_head"
        found.update({id(line): "running_head" for line in side if id(line) in repeated})
    return found


def _find_page_numbers(
    pages: Sequence[Page], lines_of: Sequence[list[Line]], margins: Sequence[Sequence[Line]]
) -> set[int]:
    """Return the ids of the outermost lines that are nothing but a number and count the pages with those of others."""
    candidates: list[tuple[Line, tuple[bool, int]]] = []
    for page, lines, margin in zip(pages, lines_of, margins, strict=True):
        outermost = _outermost(lines, page)
        for line in margin:
            match = _NUMBER.match(line.text) if id(line) in outermost else None
            if match:
                printed = match.group("number")
                number = int(printed) if printed.isdecimal() else roman_value(printed)
                if number is not None:
                    candidates.append((line, (printed.isdecimal(), number - page.number)))
    counts = Counter(offset for _, offset in candidates)
    return {id(line) for line, offset in candidates if counts[offset] > 1}


def _margin_lines(page: Page, lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.bottom < MARGIN * page.height or line.top > (1 - MARGIN) * page.height]


def _side_lines(page: Page, lines: Sequence[Line]) -> list[Line]:
    """Return the lines beside the text of the page, above and below the margins aside."""
    text = [line for line in lines if len(line.text) > 40]
    if not text:
        return []
    left, right = min(line.x0 for line in text), max(line.x1 for line in text)
    return [
        line
        for line in lines
        if (line.x1 < left + 2 or line.x0 > right - 2)
        and line.bottom >= MARGIN * page.height
        and line.top <= (1 - MARGIN) * page.height
    ]


def _find_repeated(lines_of: Sequence[list[Line]], pages: Sequence[Page], least: int) -> set[int]:
    """Return the ids of the lines that repeat at their height on `least` pages, with numbers that count or stay."""
    places: defaultdict[_Signature, list[tuple[int, Line, list[int]]]] = defaultdict(list)
    for page, lines in zip(pages, lines_of, strict=True):
        for line in lines:
            if len(line.text) < 200 and not line.text.endswith(":"):
                # A colon announces what stands below: a label that happens to begin several pages.
                text, numbers = _mask(line.text)
                places[(text, round(line.top / (0.015 * page.height)), len(numbers))].append(
                    (page.number, line, numbers)
                )
    repeated: set[int] = set()
    for text, band, count in places:
        near = [entry for shift in (-1, 0, 1) for entry in places.get((text, band + shift, count), ())]
        on = {number for number, _, _ in near}
        # One that counts the pages is a head on two pages too: left and right pages may have others.
        counts_pages = len(on) > 1 and any(len({ns[i] - page for page, _, ns in near}) == 1 for i in range(count))
        if (len(on) >= least or counts_pages) and _are_steady(near, count):
            repeated |= {id(line) for _, line, _ in places[(text, band, count)]}
    return repeated


def _mask(text: str) -> tuple[str, list[int]]:
    """Return a text without its numbers, and these numbers: only tokens of their own, Roman ones too."""
    lowered = text.lower()
    numbers = [int(token) if token.isdecimal() else roman_value(token) or 0 for token in _DIGITS.findall(lowered)]
    return " ".join(_DIGITS.sub("#", lowered).split()), numbers


def _are_steady(entries: Sequence[tuple[int, Line, list[int]]], count: int) -> bool:
    """Whether each number of a text stays the same from page to page or counts them: else these are notes or cells."""
    for i in range(count):
        same = Counter(numbers[i] for _, _, numbers in entries)
        counting = Counter(numbers[i] - page for page, _, numbers in entries)
        spreads = Counter((numbers[i] - 2 * page) // 2 for page, _, numbers in entries)  # two pages on each sheet
        if max(_most(same), _most(counting), _most(spreads)) < STEADY * len(entries):
            return False
    return True


def _most(counts: Counter[int]) -> int:
    return counts.most_common(1)[0][1] if counts else 0


def _is_of_paragraph(line: Line, margin: Sequence[Line], repeated: set[int]) -> bool:
    """Whether lines in the same type stand tight above or below a line: then it is no title of a chapter."""
    return any(
        other is not line
        and id(other) not in repeated
        and abs(other.size - line.size) < 0.6
        and max(other.top - line.bottom, line.top - other.bottom) < 0.6 * line.size
        and min(other.x1, line.x1) > max(other.x0, line.x0)
        for other in margin
    )


def _slot(line: Line) -> tuple[int, float, str | None]:
    return round(line.top), line.size, line.style.color


def _find_slots(margins: Iterable[Sequence[Line]], repeated: set[int]) -> set[tuple[int, float, str | None]]:
    """Return the places, with type and colour, where running heads stand on many pages and hardly anything else."""
    heads: Counter[tuple[int, float, str | None]] = Counter()
    others: Counter[tuple[int, float, str | None]] = Counter()
    for lines in margins:
        for line in lines:
            (heads if id(line) in repeated else others)[_slot(line)] += 1
    return {slot for slot, count in heads.items() if count >= FEWEST_IN_SLOT and count > 1.5 * others[slot]}


def _outermost(lines: Sequence[Line], page: Page) -> set[int]:
    """Return the ids of the first and last rows of a page, where a page number stands."""
    if not lines:
        return set()
    first, last = min(line.top for line in lines), max(line.bottom for line in lines)
    reach = 0.045 * page.height
    return {id(line) for line in lines if line.top < first + reach or line.bottom > last - reach}
