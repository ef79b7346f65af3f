"""Labelling: the label under which a document prints a statement, where it does not stand before the statement.

It may end the statement in brackets ("… (012/22)"), or stand in the heading of the section that the statement belongs
to ("Finding B-2", "5.3.2 ABC-013 — Open door").
"""

from __future__ import annotations

import re

from extractors.finding import Candidate, find_identifier
from extractors.records import Document
from extractors.sections import Outline

TRAILING = re.compile(
    r"\s*[(\[](?:[^()\[\]]{0,40}?\s)?(?P<label>(?=[^()\[\]\s]*\d)(?=[^()\[\]\s]*[A-Z/])[A-Z0-9]+(?:[-/.][A-Z0-9]+)+)[)\]]\W*$"
)
"""An identifier in brackets at the end: capitals and digits in two or more parts."""


PART = re.compile(r"\(?([a-z])[.)]\s")
"""The letter of a heading that divides what a labelled heading above it names."""


def split_trailing_label(document: Document, candidate: Candidate) -> tuple[int, str | None]:
    """Return where a statement ends without the identifier in brackets behind it, and that identifier.

    The end stays, and the label is None, for a statement that ends in no identifier.
    """
    text = document.text[candidate.start : candidate.end]
    match = TRAILING.search(text)
    if match:
        return candidate.start + match.start(), match.group("label")
    behind = TRAILING.match(document.text[candidate.end : candidate.end + 60])
    return candidate.end, behind.group("label") if behind and "\n" not in behind.group() else None


def label_from_headings(outline: Outline, candidate: Candidate, label: re.Pattern[str]) -> str | None:
    """Return the label that the nearest heading above gives to a statement without one of its own, None without."""
    index = labelling_section(outline, candidate, label)
    if index is None:
        return None
    letter = ""
    below = candidate.section
    while below is not None and below != index:
        part = PART.match(outline.sections[below].title)
        letter = f".{part.group(1)}" if part else letter
        below = outline.parents[below]
    title = outline.sections[index].title
    match = label.match(title)
    if match and match.group("number"):
        return str(match.group("number")) + letter
    return find_identifier(title) or outline.sections[index].number


def labelling_section(outline: Outline, candidate: Candidate, label: re.Pattern[str]) -> int | None:
    """Return the nearest section around a statement whose heading labels it, None without one.

    That is a heading with a label and number ("Finding B-2") or an identifier ("ABC-013"), and for a statement that
    stands below a bare label ("Recommendation:") also any numbered heading.
    """
    index = candidate.section
    while index is not None:
        section = outline.sections[index]
        match = label.match(section.title)
        if (match and match.group("number")) or find_identifier(section.title):
            return index
        if candidate.rule in ("label", "first in subsection") and section.number:
            return index
        index = outline.parents[index]
    return None
