"""Merging: the same statement in the summary, the body and the list at the end is one statement with mentions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from extractors.records import Document, StatementKind
from extractors.rules import FORMAL, LISTED, RULE_RANK, SPOKEN, Candidate, Taken
from extractors.sections import Outline
from extractors.similarity import SharedWords, content_stems, stem_share

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
    taken = Taken()
    kept = [c for c in sorted(candidates, key=lambda c: (RULE_RANK[c.rule], c.start, -c.end)) if taken.take(c)]
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
    shared = SharedWords([document.text[c.start : c.end] for c in ordered])
    is_leader = np.zeros(len(ordered), np.bool_)
    leads: dict[int, int] = {}  # the number of a pair → the place of its leader
    members: dict[int, list[Candidate]] = {}
    for n, c in enumerate(ordered):
        scores, shares = shared.scores_of(n)
        best, best_score = leads.get(paired.get(c, -1)), 0.0
        # Whatever the two are, no pair with less in common is the same.
        near = np.flatnonzero(is_leader & ((scores >= SAME_LABEL) | (shares >= HELD_IN_PROSE)))
        for place in near.tolist() if best is None else ():
            leader, score, share = ordered[place], float(scores[place]), float(shares[place])
            if leader.kind != c.kind or _told_apart(outline, leader, c):
                continue
            if c.rule == leader.rule == "label" and c.label and c.label == leader.label and score >= SAME_LABEL:
                score = 1.0
            if c.rule in SPOKEN and leader.rule in FORMAL and not in_summary(leader):
                score = max(score + SAME - SAME_IN_PROSE, share + SAME - HELD_IN_PROSE)
            if in_summary(c) and not in_summary(leader):
                score = max(score + SAME - SAME_IN_SUMMARY, share)
            if score >= max(best_score, SAME):
                best, best_score = place, score
        if best is None:
            is_leader[n] = True
            members[n] = []
            if c in paired:
                leads.setdefault(paired[c], n)
        else:
            members[best].append(c)
    clusters = [
        Cluster(ordered[place], tuple(sorted(others, key=lambda c: c.start))) for place, others in members.items()
    ]
    return sorted(clusters, key=lambda cluster: cluster.main.start)


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
