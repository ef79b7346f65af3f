"""Footnotes of a PDF page: small lines at the foot of the page or of its columns."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from extractors.readers.pdf_lines import Bounds, Line
from extractors.readers.pdf_words import RAISED_SIZE
from extractors.records import Page

SMALL = 0.92
"""Notes are set smaller than so many times the text of their page."""

NEARLY_SMALL = 0.985
"""As small as this they are notes where a rule stands above them or a raised number begins them."""

_TEXT = re.compile(r"[^\W\d_]|[“‘\"'(\[]\w")
RULE_LENGTH = 40.0
"""A rule above notes is so long at least, in points: shorter ones are strokes of pictures."""

_NUMBER = re.compile(r"^(?:\d{1,3}|[*†‡§]{1,3}|\[\d{1,3}\]|[¹²³⁰⁴-⁹]{1,3})[.)]?\s*(?=[^\d\s%.,])(?=.*[^\W\d_])")


def find_notes(
    lines: Sequence[Line], page: Page, *, body_size: float, document_size: float, rules: Sequence[Bounds]
) -> set[int]:
    """Return the ids of the lines of footnotes; empty for a page without.

    Args:
        lines: of one page, in reading order with their regions.
        page: the page they stand on.
        body_size: of the running text of the page, in points.
        document_size: of the running text of the document: a page may hold nothing but notes.
        rules: the horizontal lines that are drawn on the page.
    """
    regions: defaultdict[int, list[Line]] = defaultdict(list)
    for line in lines:
        regions[line.region].append(line)
    notes: set[int] = set()
    for region in regions.values():
        notes |= {id(line) for line in _foot(region, page, body_size, rules)}
        notes |= {id(line) for line in _below_text(region, document_size, rules)}
    return notes


def _below_text(region: Sequence[Line], body_size: float, rules: Sequence[Bounds]) -> list[Line]:
    """Return notes that stand between texts, such as those of a chapter: small, numbered, and below a rule."""
    found: list[Line] = []
    for line in region:
        if not line.words or line.size > SMALL * body_size:
            if found:
                break
        elif found or (_is_raised(line) and _below_rule(line, rules, region)):
            found.append(line)
    return found


def begins_note(line: Line) -> bool:
    """Whether a line begins with the number or sign of a note."""
    return bool(_NUMBER.match(line.text))


def _foot(region: Sequence[Line], page: Page, size: float, rules: Sequence[Bounds]) -> Sequence[Line]:
    """Return the lines at the end of a region that are its notes."""
    start = len(region)
    while start and region[start - 1].words and region[start - 1].size <= NEARLY_SMALL * size:
        start -= 1
    foot = region[start:]
    for i, line in enumerate(foot):
        numbered = begins_note(line)
        # Without a number it is the rest of a note of the page before.
        ruled = (numbered or bool(_TEXT.match(line.text))) and _below_rule(line, rules, region)
        high = 0.4 if numbered else 0.55
        if not (ruled or numbered) or (line.top < high * page.height and not (ruled and _is_raised(line))):
            continue
        nearly = numbered and (ruled or _is_raised(line))
        if max(other.size for other in foot[i:]) <= (NEARLY_SMALL if nearly else SMALL) * size:
            return foot[i:]
    return ()


def _is_raised(line: Line) -> bool:
    """Whether a line begins with a raised number, as that of a note is often set."""
    first = line.words[0]
    return len(line.words) > 1 and first.style.size < RAISED_SIZE * line.size and begins_note(line)


def _below_rule(line: Line, rules: Sequence[Bounds], region: Sequence[Line]) -> bool:
    """Whether a drawn line stands right above the line, and nothing else between."""
    for x0, top, x1, _ in rules:
        if 0 < line.top - top < 2.2 * line.size and x0 < line.x1 and x1 > line.x0 and x1 - x0 > RULE_LENGTH:
            return not any(top < other.middle < line.top for other in region)
    return False
