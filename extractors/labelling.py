"""Labelling: the label under which a document prints a statement.

It may begin the block ("Recommendation 3: …"), end the statement in brackets ("… (012/22)"), or stand in the heading of
the section that the statement belongs to ("Finding B-2", "5.3.2 ABC-013 — Open door").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from extractors.kinds import KIND_OF_ROLE
from extractors.lexicon import Lexicon
from extractors.records import Document, StatementKind
from extractors.rules import Candidate
from extractors.sections import Outline

TRAILING = re.compile(
    r"\s*[(\[](?:[^()\[\]]{0,40}?\s)?(?P<label>(?=[^()\[\]\s]*\d)(?=[^()\[\]\s]*[A-Z/])[A-Z0-9]+(?:[-/.][A-Z0-9]+)+)[)\]]\W*$"
)
"""An identifier in brackets at the end: capitals and digits in two or more parts."""

PART = re.compile(r"\(?([a-z])[.)]\s")
"""The letter of a heading that divides what a labelled heading above it names."""


@dataclass(frozen=True, slots=True)
class PrintedLabel:
    """A label at the beginning of a text: its word, the number and colon behind it, and where it ends in that text.

    `colon` is the colon, dash or stop, empty without one.
    """

    kind: StatementKind
    word: str
    number: str | None
    colon: str
    end: int

    @property
    def text(self) -> str | None:
        """The word and the number ("Recommendation 3"); None without a number, for a bare word labels nothing."""
        return f"{self.word} {self.number}" if self.number else None


def label_regex(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what matches a printed label ("Aanbeveling 3:") at the beginning of a block, with one group per kind."""
    words = []
    for kind in KIND_OF_ROLE.values():
        forms = "|".join(re.escape(w) for w in sorted(lexicon.text.labels.get(kind, []), key=len, reverse=True))
        words.append(rf"(?P<{kind}>{forms or '(?!)'})")
    number = (
        r"(?:(?:no|nr)\.?\s*)?(?P<number>(?:[A-Z]{1,2}[-–. ]?)?\d+(?:[.\-–/]\d+)*(?:\s?\(?[a-z]\)?(?=[\s:.)–-]|$))?"
        r"|[A-Z](?=[\s:.)]|$)|[ivx]{1,4}(?=[\s:.)]|$))"
    )
    return re.compile(rf"^\W*(?:{'|'.join(words)})(?!\w)(?:\s+{number})?\s*(?P<colon>[:.–—\-|)]|$)?\s*", re.IGNORECASE)


def read_label(label: re.Pattern[str], text: str) -> PrintedLabel | None:
    """Return the label that `text` begins with, None without one; `label` is what `label_regex` gives."""
    match = label.match(text)
    if match is None:
        return None
    kind: StatementKind = next(k for k in KIND_OF_ROLE.values() if match.group(k))
    return PrintedLabel(kind, match.group(kind), match.group("number"), match.group("colon") or "", match.end())


def find_identifier(title: str) -> str | None:
    """Return the identifier that a heading gives to what it describes ("4.2 ABC-013 — Open door"), None without one."""
    match = re.match(r"[\d.\s]*\b([A-Z]{2,6}-\d{1,4})\b", title)
    return match.group(1) if match else None


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
    for below in outline.around(candidate.section):
        if below == index:
            break
        part = PART.match(outline.sections[below].title)
        letter = f".{part.group(1)}" if part else letter
    title = outline.sections[index].title
    printed = read_label(label, title)
    if printed and printed.number:
        return printed.number + letter
    return find_identifier(title) or outline.sections[index].number


def labelling_section(outline: Outline, candidate: Candidate, label: re.Pattern[str]) -> int | None:
    """Return the nearest section around a statement whose heading labels it, None without one.

    That is a heading with a label and number ("Finding B-2") or an identifier ("ABC-013"), and for a statement that
    stands below a bare label ("Recommendation:") also any numbered heading.
    """
    for index in outline.around(candidate.section):
        section = outline.sections[index]
        printed = read_label(label, section.title)
        if (printed and printed.number) or find_identifier(section.title):
            return index
        if candidate.rule in ("label", "first in subsection") and section.number:
            return index
    return None
