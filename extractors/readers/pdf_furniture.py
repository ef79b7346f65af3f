"""Furniture of a PDF: running heads, running feet and page numbers, told apart over all pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from extractors.readers.layout_words import load_layout_words
from extractors.readers.pdf_lines import Line
from extractors.records import Page

MARGIN = 0.13
"""Share of the page height at the top and at the bottom where furniture may stand."""

_WORDS = load_layout_words()
_NUMBER = re.compile(
    rf"^\W*(?:(?:{_WORDS.either('pages')})\s*)?(?:[ivxlc]+|\d{{1,4}})"
    rf"(?:\s*(?:{_WORDS.either('of')}|/|\||-)\s*\d{{1,4}})?\W*$",
    re.IGNORECASE,
)

FurnitureKind = Literal["running_head", "page_number"]


def find_furniture(pages: Sequence[Page], lines_of: Sequence[list[Line]]) -> dict[int, FurnitureKind]:
    """Return the lines that are furniture, by their `id`; empty for a document without repeated lines.

    A line is a running head when it stands in the margin and its text, numbers aside, stands at about the same height
    on at least three pages (two of a two-page letter, a tenth of a long report), and a page number when nothing but
    a number stands there.
    """
    counts: Counter[tuple[str, int]] = Counter()
    for page, lines in zip(pages, lines_of, strict=True):
        signatures = {_signature(line, page) for line in lines if _in_margin(line, page)}
        counts.update({(text, band + shift) for text, band in signatures for shift in (-1, 0, 1)})
    least = max(min(3, len(pages)), min(6, len(pages) // 10), 2)
    found: dict[int, FurnitureKind] = {}
    for page, lines in zip(pages, lines_of, strict=True):
        outermost = _outermost(lines, page)
        for line in lines:
            if not _in_margin(line, page):
                continue
            if _NUMBER.match(line.text) and id(line) in outermost and len(pages) > 1:
                found[id(line)] = "page_number"
            elif counts[_signature(line, page)] >= least and len(line.text) < 200 and not line.text.endswith(":"):
                # A colon announces what stands below: a label that happens to begin several pages.
                found[id(line)] = "running_head"
    return found


def _in_margin(line: Line, page: Page) -> bool:
    return line.bottom < MARGIN * page.height or line.top > (1 - MARGIN) * page.height


def _signature(line: Line, page: Page) -> tuple[str, int]:
    text = re.sub(r"\d+|\b[ivxlc]+\b", "#", line.text.lower())
    return re.sub(r"\s+", " ", text).strip(), round(line.top / (0.015 * page.height))


def _outermost(lines: Sequence[Line], page: Page) -> set[int]:
    """Return the ids of the first and last rows of a page, where a page number stands."""
    if not lines:
        return set()
    first, last = min(line.top for line in lines), max(line.bottom for line in lines)
    reach = 0.045 * page.height
    return {id(line) for line in lines if line.top < first + reach or line.bottom > last - reach}
