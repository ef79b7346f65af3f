"""Merging: the same statement in the summary, the body and the list at the end is one statement with mentions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np

from extractors.finding import Candidate
from extractors.records import Document, StatementKind
from extractors.sections import Outline

SAME = 0.72
"""Token F1 from which two statements of one kind in different sections are the same."""

SAME_IN_SUMMARY = 0.58
"""The same for a statement of the summary, which says in fewer words what the body says."""

SAME_IN_PROSE = 0.4
"""The same for a sentence of the argument that repeats a formally listed statement in other words."""

HELD_IN_PROSE = 0.55
"""Share of the longer words of such a sentence that stand in the listed statement."""

SAME_LABEL = 0.3
"""The same for two statements that are printed with one and the same label."""

FORMAL: Final[frozenset[str]] = frozenset({"label", "list in section", "table in section", "lead sentence in section"})
"""Rules by which the layout itself presents a statement."""

SPOKEN: Final[frozenset[str]] = frozenset({"cue", "cue in section"})
"""Rules by which a sentence says itself that it is a statement."""

LISTED: Final[frozenset[str]] = frozenset({"label", "list in section", "list after lead-in", "table in section"})
"""Rules that read the members of a list."""

FEWEST_IN_LIST = 3
"""Two shorter lists are alike by chance."""

MOST_ALIKE = 0.6
"""Share of the members of the shorter list that must have their like in the other, in order."""

SURELY_ALIKE = 0.75
"""The same share for two lists of equal length to be paired by position."""

ALIKE = 0.25
"""Mean share of longer words that such members must have in common."""

STEM = 7
"""Letters by which words are compared."""

RULE_RANK = {
    "label": 0,
    "list after lead-in": 1,
    "list in section": 1,
    "table in section": 1,
    "lead sentence in section": 2,
    "cue in section": 2,
    "call in section": 3,
    "sentence in section": 3,
    "cue": 4,
    "call in advice": 5,
    "call in text": 6,
    "sentence": 7,
    "first in subsection": 2,
}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A statement and its other occurrences, in reading order."""

    main: Candidate
    others: tuple[Candidate, ...]


def similarity_tokens(text: str) -> Counter[str]:
    """Return the lower-case words of `text` with their counts."""
    return Counter(re.findall(r"\w+", text.lower()))


def token_f1(a: Counter[str], b: Counter[str]) -> float:
    """Return the F1 of the words that two texts share: 0 when one has none, 1 when all are shared."""
    size = sum(a.values()) + sum(b.values())
    return 2 * sum((a & b).values()) / size if a and b else 0.0


def _held(short: Counter[str], long: Counter[str]) -> float:
    """Return which share of the longer words of `short` also stands in `long`; 0 when `short` has too few of them."""
    content = Counter({word: n for word, n in short.items() if len(word) > 4})
    total = sum(content.values())
    return sum((content & long).values()) / total if total >= 5 else 0.0


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
            lists.setdefault((c.kind, None if named else _chapter(outline, c), named), []).append(c)
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
    words = [[_longer_words(document.text[c.start : c.end]) for c in group] for group in (first, second)]
    shared = np.array([[_share(a, b) for b in words[1]] for a in words[0]])
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


def _longer_words(text: str) -> frozenset[str]:
    """Return the beginnings of the words of more than four letters; inflected forms begin alike."""
    return frozenset(word[:STEM] for word in re.findall(r"\w+", text.lower()) if len(word) > 4)


def _share(a: frozenset[str], b: frozenset[str]) -> float:
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def drop_overlaps(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Keep the best of candidates that share text, in reading order."""
    kept: list[Candidate] = []
    for c in sorted(candidates, key=lambda c: (RULE_RANK[c.rule], c.start, -c.end)):
        if not any(c.start < k.end and k.start < c.end for k in kept):
            kept.append(c)
    return sorted(kept, key=lambda c: c.start)


def merge_candidates(document: Document, outline: Outline, candidates: Sequence[Candidate]) -> list[Cluster]:
    """Group equal statements; the one by the strongest rule outside a summary leads its group."""

    def in_summary(c: Candidate) -> bool:
        return c.section is not None and "summary" in outline.roles[c.section]

    kept = drop_overlaps(candidates)
    gathered = Counter((_chapter(outline, c), c.kind) for c in kept)

    def rank(c: Candidate) -> tuple[bool, int, int, int]:
        # Of equals, the one in the chapter that gathers most statements of the kind: it numbers them through.
        return in_summary(c), RULE_RANK[c.rule], -gathered[_chapter(outline, c), c.kind], c.start

    ordered = sorted(kept, key=rank)
    paired = align_lists(document, outline, kept)
    tokens = {c: similarity_tokens(document.text[c.start : c.end]) for c in ordered}
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
            score = token_f1(tokens[c], tokens[leader])
            if c.rule == leader.rule == "label" and c.label and c.label == leader.label and score >= SAME_LABEL:
                score = 1.0
            if c.rule in SPOKEN and leader.rule in FORMAL and not in_summary(leader):
                score = max(score + SAME - SAME_IN_PROSE, _held(tokens[c], tokens[leader]) + SAME - HELD_IN_PROSE)
            if in_summary(c) and not in_summary(leader):
                score = max(score + SAME - SAME_IN_SUMMARY, _held(tokens[c], tokens[leader]))
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


def _chapter(outline: Outline, c: Candidate) -> int | None:
    """Return the outermost section around a candidate below the title of the whole, None before the first heading."""
    index = c.section
    while index is not None and (above := outline.parents[index]) is not None and outline.roles[above]:
        index = above
    return index


def _numbered_section(outline: Outline, c: Candidate) -> int | None:
    """Return the innermost section around a candidate that has a number of its own, None without one."""
    index = c.section
    while index is not None and not outline.sections[index].number:
        index = outline.parents[index]
    return index


def _above(outline: Outline, index: int | None) -> int | None:
    return outline.parents[index] if index is not None else None


def _told_apart(outline: Outline, a: Candidate, b: Candidate) -> bool:
    """Whether the document itself presents two statements as different.

    That are two labels, two items of one list, or the same field of a form that is filled in for each of its sections
    ("Recommendation: …" in section 14 and again in section 15).
    """
    if a.rule == b.rule == "first in subsection":
        return True
    if a.rule == b.rule == "label" and not (a.label and a.label == b.label):
        forms = [_numbered_section(outline, c) for c in (a, b)]
        if None not in forms and forms[0] != forms[1] and _above(outline, forms[0]) == _above(outline, forms[1]):
            return True
    if a.section == b.section and a.rule == b.rule and abs(a.start - b.start) < 3000:
        return True
    return bool(a.label and b.label and a.label.lower() != b.label.lower() and a.section == b.section)
