"""Linking: which findings and conclusions a recommendation rests on, where the report itself says so.

Explicit: the recommendation, or what stands behind it in its block, names them by label ("based on finding 2").
Structural: the recommendation stands in the section of a labelled finding ("Finding B-2" … "Recommendation").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.labelling import labelling_section
from extractors.lexicon import Lexicon
from extractors.records import Document, Link, Statement, StatementKind
from extractors.rules import Candidate
from extractors.sections import Outline

GROUNDS: tuple[StatementKind, ...] = ("finding", "conclusion")


@dataclass(frozen=True, slots=True)
class Placed:
    """A statement and the candidate that it was made from."""

    statement: Statement
    candidate: Candidate


def find_links(
    document: Document, outline: Outline, placed: Sequence[Placed], lexicon: Lexicon, label: re.Pattern[str]
) -> tuple[Link, ...]:
    """Return the links of a document, the explicit ones of a recommendation before its structural ones.

    A recommendation is linked to each statement once; a document without labels has no links.
    """
    grounds = [p for p in placed if p.statement.kind in GROUNDS]
    by_label = {(p.statement.kind, _number(p.statement.label)): p.statement for p in reversed(grounds)}
    sections: dict[int, list[Statement]] = {}
    for p in grounds:
        index = labelling_section(outline, p.candidate, label)
        if index is not None:
            sections.setdefault(index, []).append(p.statement)
    links: dict[tuple[str, str], Link] = {}
    for p in placed:
        if p.statement.kind != "recommendation":
            continue
        ident = p.statement.statement_id
        for kind, number in _named(document, p.statement, lexicon):
            ground = by_label.get((kind, number))
            if ground:
                links.setdefault((ident, ground.statement_id), Link(ident, ground.statement_id, "explicit"))
        index = labelling_section(outline, p.candidate, label)
        for ground in sections.get(index, ()) if index is not None else ():
            links.setdefault((ident, ground.statement_id), Link(ident, ground.statement_id, "structural"))
    return tuple(links.values())


def _named(document: Document, statement: Statement, lexicon: Lexicon) -> list[tuple[StatementKind, str]]:
    """Return the findings and conclusions that a statement, or the rest of its block, names by their number."""
    block = document.block_at(statement.start)
    text = document.text[statement.start : max(statement.end, block.end if block else 0)]
    found: list[tuple[StatementKind, str]] = []
    for kind in GROUNDS:
        forms = "|".join(re.escape(word) for word in lexicon.text.labels.get(kind, ()))
        if not forms:
            continue
        one = r"[A-Z]{0,2}[-–]?\d+(?:\.\d+)*"
        named = re.compile(rf"(?<!\w)(?:{forms})\w{{0,2}}\s+({one}(?:(?:,\s*|\s+\w{{1,3}}\s+){one})*)", re.IGNORECASE)
        for match in named.finditer(text):
            found += [(kind, _number(number)) for number in re.findall(one, match.group(1))]
    return found


def _number(label: str | None) -> str:
    """Return the number at the end of a printed label, in one spelling: ``b-2`` for "Finding B–2"."""
    return (label or "").replace("–", "-").split()[-1].lower() if (label or "").split() else ""
