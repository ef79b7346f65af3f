"""Reviewing: which candidates a person should look at, and why they are no statements."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from extractors.judging import Judged, choose_candidates
from extractors.records import ReviewReason
from extractors.rules import Candidate

if TYPE_CHECKING:
    from models.judging import Judgement

FindReason = Callable[[Candidate], ReviewReason]


def split_by_confidence(
    taken: Sequence[Candidate], *, min_confidence: float | None
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the candidates of the rules that are sure enough, and those for review; all are when there is no limit."""
    least = min_confidence or 0.0
    return [c for c in taken if c.confidence >= least], [c for c in taken if c.confidence < least]


def find_reasons(judged: Sequence[Judged], judgements: Sequence[Judgement]) -> FindReason:
    """Return what tells why a candidate of the review list is no statement, from what rules and judge say of it.

    Without judgements the rules decided, and only the operator's threshold keeps a candidate from being a statement.
    """
    if not judged:
        return _below_setting
    taken, _ = choose_candidates(judged, judgements)
    by_judge = set(map(_key, taken))
    by_rules = {_key(j.candidate) for j in judged if j.found_by_rules}

    def find_reason(candidate: Candidate) -> ReviewReason:
        if _key(candidate) in by_judge:
            return "below_setting"
        return "rules_only" if _key(candidate) in by_rules else "unsure"

    return find_reason


def _below_setting(candidate: Candidate) -> ReviewReason:
    return "below_setting"


def _key(candidate: Candidate) -> tuple[str, int, int]:
    return candidate.kind, candidate.start, candidate.end
