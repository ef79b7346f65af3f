"""Merging: the same statement in the summary, the body and the list at the end is one statement with mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from extractors.records import Document, StatementKind
from extractors.rules import FORMAL, LISTED, RULE_RANK, SPOKEN, Candidate
from extractors.sections import Outline
from extractors.similarity import content_stems, count_words, held_share, stem_share, word_f1

SAME = 0.72
"""Word F1 from which two statements of one kind in different sections are the same."""

SAME_IN_SUMMARY = 0.58
"""The same for a statement of the summary, which says in fewer words what the body says."""

SAME_IN_PROSE = 0.4
"""The same for a sentence of the argument that repeats a formally listed statement in other words."""

HELD_IN_PROSE = 0.55
"""Share of the longer words of such a sentence that stand in the listed statement."""

SAME_LABEL = 0.3
"""The same for two statements that are printed with one and the same label."""

FEWEST_IN_LIST = 3
"""Two shorter lists are alike by chance."""

MOST_ALIKE = 0.6
"""Share of the members of the shorter list that must have their like in the other, in order."""

SURELY_ALIKE = 0.75
"""The same share for two lists of equal length to be paired by position."""

ALIKE = 0.25
"""Mean share of longer words that such members must have in common."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """A statement and its other occurrences, in reading order."""

    main: Candidate
    others: tuple[Candidate, ...]


def align_lists(document: Document, outline: Outline, candidates: Sequence[Candidate]) -> dict[Candidate, int]:
    """Return the number of the pair for candidates that stand in two lists of the document saying the same.

    A summary lists in its own words what the body lists at length. That two lists are the same shows when most of
    their members are each other's nearest by the longer words that they share, in the same order; then lists of equal
    length are paired by position, others by those nearest pairs. Empty where no two lists are alike.
    """
    lists: dict[tuple[StatementKind, int | None, bool], list[Candidate]] = {}
    for c in candidates:
        if c.rule in LISTED:
            # Labelled statements are one list wherever they stand; the items of a list share a chapter.
            named = c.rule == "label" and bool(c.label)
            lists.setdefault((c.kind, None if named else outline.chapter(c.section), named), []).append(c)
    paired: dict[Candidate, int] = {}
    groups = [members for members in lists.values() if len(members) >= FEWEST_IN_LIST]
    for first, second in combinations(groups, 2):
        if first[0].kind != second[0].kind or first[0] in paired or second[0] in paired:
            continue
        for a, b in _pair(document, first, second):
            number = paired.get(a, paired.get(b, len(paired)))
            paired[a] = paired[b] = number
    return paired


def _pair(
    document: Document, first: Sequence[Candidate], second: Sequence[Candidate]
) -> list[tuple[Candidate, Candidate]]:
    words = [[content_stems(document.text[c.start : c.end]) for c in group] for group in (first, second)]
    shared = np.array([[stem_share(a, b) for b in words[1]] for a in words[0]])
    nearest = [
        (i, int(row.argmax()))
        for i, row in enumerate(shared)
        if row.max() > 0 and shared[:, row.argmax()].argmax() == i
    ]
    in_order = [pair for n, pair in enumerate(nearest) if all(pair[1] > other[1] for other in nearest[:n])]
    least = min(len(first), len(second))
    if len(in_order) < MOST_ALIKE * least or np.mean([shared[pair] for pair in in_order]) < ALIKE:
        return []
    if len(first) == len(second) and len(in_order) >= SURELY_ALIKE * least:
        return list(zip(first, second, strict=True))
    return [(first[i], second[j]) for i, j in in_order if shared[i, j] >= ALIKE]


def drop_overlaps(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep the best of candidates that share text, in reading order."""
    kept: list[Candidate] = []
    for c in sorted(candidates, key=lambda c: (RULE_RANK[c.rule], c.start, -c.end)):
        if not any(map(c.overlaps, kept)):
            kept.append(c)
    return sorted(kept, key=lambda c: c.start)


def merge_candidates(document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Cluster]:
    """Group equal statements; the one by the strongest rule outside a summary leads its group."""

    def in_summary(c: Candidate) -> bool:
        return "summary" in outline.roles_of(c.section)

    kept = drop_overlaps(candidates)
    gathered = Counter((outline.chapter(c.section), c.kind) for c in kept)

    def rank(c: Candidate) -> tuple[bool, int, int, int]:
        # Of equals, the one in the chapter that gathers most statements of the kind: it numbers them through.
        return in_summary(c), RULE_RANK[c.rule], -gathered[outline.chapter(c.section), c.kind], c.start

    ordered = sorted(kept, key=rank)
    paired = align_lists(document, outline, kept)
    tokens = {c: count_words(document.text[c.start : c.end]) for c in ordered}
    leaders: list[Candidate] = []
    members: dict[Candidate, list[Candidate]] = {}
    for c in ordered:
        best, best_score = None, 0.0
        for leader in leaders:
            if c in paired and paired[c] == paired.get(leader):
                best, best_score = leader, 1.0
                break
            if leader.kind != c.kind or _told_apart(outline, leader, c):
                continue
            score = word_f1(tokens[c], tokens[leader])
            if c.rule == leader.rule == "label" and c.label and c.label == leader.label and score >= SAME_LABEL:
                score = 1.0
            if c.rule in SPOKEN and leader.rule in FORMAL and not in_summary(leader):
                score = max(score + SAME - SAME_IN_PROSE, held_share(tokens[c], tokens[leader]) + SAME - HELD_IN_PROSE)
            if in_summary(c) and not in_summary(leader):
                score = max(score + SAME - SAME_IN_SUMMARY, held_share(tokens[c], tokens[leader]))
            if score >= max(best_score, SAME):
                best, best_score = leader, score
        if best is None:
            leaders.append(c)
            members[c] = []
        else:
            members[best].append(c)
    return [
        Cluster(leader, tuple(sorted(members[leader], key=lambda c: c.start)))
        for leader in sorted(leaders, key=lambda c: c.start)
    ]


def _told_apart(outline: Outline, a: Candidate, b: Candidate) -> bool:
    """Whether the document itself presents two statements as different.

    That are two labels, two items of one list, or the same field of a form that is filled in for each of its sections
    ("Recommendation: …" in section 14 and again in section 15).
    """
    if a.rule == b.rule == "first in subsection":
        return True
    is_same_label = bool(a.label and a.label == b.label)
    if a.rule == b.rule == "label" and not is_same_label and _stand_in_two_forms(outline, a, b):
        return True
    if a.section == b.section and a.rule == b.rule and abs(a.start - b.start) < 3000:
        return True
    return bool(a.label and b.label and a.label.lower() != b.label.lower() and a.section == b.section)


def _stand_in_two_forms(outline: Outline, a: Candidate, b: Candidate) -> bool:
    """Whether two candidates stand in two numbered sections side by side."""
    first, second = _numbered_section(outline, a), _numbered_section(outline, b)
    if first is None or second is None or first == second:
        return False
    return outline.parents[first] == outline.parents[second]


def _numbered_section(outline: Outline, c: Candidate) -> int | None:
    """Return the innermost section around a candidate that has a number of its own, None without one."""
    return next((i for i in outline.around(c.section) if outline.sections[i].number), None)
