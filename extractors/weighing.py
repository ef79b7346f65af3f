"""Weighing: which candidates count, in view of how the whole document presents its statements.

A report that lists its recommendations formally, with labels or numbers, argues for them in prose elsewhere; that prose
repeats or explains and is no recommendation of its own. A report without such a list makes them in its prose.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from extractors.kinds import ROLE_OF_KIND
from extractors.records import StatementKind
from extractors.rules import FORMAL, SPOKEN, Candidate
from extractors.sections import Outline

MOST_ADVICE = 40
"""A document with more sentences that say what must be done tells what the law demands, not what it advises."""

LONG_CHAPTER = 9000
"""Characters from which on a chapter argues, and does not only list."""

FEWEST_LABELLED = 2
"""So many labelled statements has a section that presents its statements by labels."""

EXPLAINING: Final[frozenset[str]] = frozenset({"list in section", "lead sentence in section", "sentence in section"})
"""Rules whose candidates explain the labelled statements of their section."""

FORMAL_LIST = 4
"""From so many formally presented, numbered statements of a kind on, the document has a formal list of them."""


def weigh_candidates(outline: Outline, candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates that count, in the order given.

    Left out are: statements in annexes of a kind that the body presents formally; sentences that call for action
    beside formally presented recommendations of their section; and, in a document with a formal list of
    recommendations, sentences outside it (they stay as mentions where they repeat one of the list, see `merging`).
    """
    kept = [c for c in candidates if not _is_in_annex(outline, c)]
    formal_in_body = Counter(c.kind for c in kept if c.rule in FORMAL)
    if any(_is_in_annex(outline, c) and not formal_in_body[c.kind] for c in candidates):
        kept = [c for c in candidates if not _is_in_annex(outline, c) or not formal_in_body[c.kind]]
    if has_formal_list(kept, "recommendation"):
        chapters = {_chapter_of_kind(outline, c) for c in kept if c.kind == "recommendation" and c.rule in FORMAL}
        kept = [
            c
            for c in kept
            if not (c.kind == "recommendation" and c.rule in SPOKEN and _chapter_of_kind(outline, c) in chapters)
        ]
    advised = sum(c.rule == "call in advice" for c in kept)
    if formal_in_body["recommendation"] >= FORMAL_LIST or advised > MOST_ADVICE:
        kept = [c for c in kept if c.rule != "call in advice"]
    if sum(c.kind == "finding" and not is_distant(outline, c) for c in kept) >= FORMAL_LIST:
        kept = [c for c in kept if not (c.kind == "finding" and c.rule == "list in section" and is_distant(outline, c))]
    kept = [c for c in kept if c.rule != "call in text"]
    first_formal: dict[tuple[int | None, StatementKind], int] = {}
    labelled: dict[tuple[int | None, StatementKind], list[int]] = {}
    for c in kept:
        place = (c.section, c.kind)
        if c.rule in FORMAL:
            first_formal[place] = min(c.start, first_formal.get(place, c.start))
        if c.rule == "label" and c.label:
            labelled.setdefault(place, []).append(c.start)
    return [
        c
        for c in kept
        if not (c.rule == "call in section" and c.start >= first_formal.get((c.section, c.kind), c.end))
        and not (c.rule in EXPLAINING and _stands_below_labels(c, labelled))
    ]


def _stands_below_labels(c: Candidate, labelled: dict[tuple[int | None, StatementKind], list[int]]) -> bool:
    """Whether a candidate without a label stands between labelled statements of its section: there it explains them."""
    starts = labelled.get((c.section, c.kind), [])
    return len(starts) >= FEWEST_LABELLED and not c.label and min(starts) < c.start


def has_formal_list(candidates: Sequence[Candidate], kind: StatementKind) -> bool:
    """Whether the document presents its statements of `kind` in a numbered list or under numbered labels."""
    return sum(c.kind == kind and c.rule in FORMAL and bool(c.label) for c in candidates) >= FORMAL_LIST


def _chapter_of_kind(outline: Outline, c: Candidate) -> int | None:
    """Return the outermost section around a candidate that still is about its kind of statement."""
    if c.section is None:
        return None
    return outline.owner(c.section, frozenset({ROLE_OF_KIND[c.kind]}) & outline.roles[c.section])


def is_distant(outline: Outline, c: Candidate) -> bool:
    """Whether a candidate has its role only from a long chapter above, whose sections have titles of their own.

    Such sections explain, where the document also has a short list of the same kind.
    """
    index = c.section
    role = ROLE_OF_KIND[c.kind]
    if index is None or c.rule == "label" or role in outline.titled[index]:
        return False
    above = outline.parents[index]
    if above is None or role not in outline.roles[above]:
        return False
    over = outline.parents[above]
    while over is not None and outline.roles[over] == outline.roles[above]:
        above, over = over, outline.parents[over]
    chapter = outline.sections[above]
    return chapter.end - chapter.start > LONG_CHAPTER


def _is_in_annex(outline: Outline, c: Candidate) -> bool:
    return "annex" in outline.roles_of(c.section)
