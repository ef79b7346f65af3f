"""Kinds: by which section roles and which words a statement is a recommendation, conclusion, finding or lesson."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from extractors.records import SectionRole, StatementKind
from models.pipeline import Sentence

KIND_OF_ROLE: Final[dict[SectionRole, StatementKind]] = {
    "recommendations": "recommendation",
    "conclusions": "conclusion",
    "findings": "finding",
    "lessons": "lesson",
}
"""The kind of statement that a section of each role is about."""

ROLE_OF_KIND: Final[dict[StatementKind, SectionRole]] = {kind: role for role, kind in KIND_OF_ROLE.items()}

STATEMENT_ROLES: Final[frozenset[SectionRole]] = frozenset(KIND_OF_ROLE)

CUE_OF_KIND: Final[dict[StatementKind, str]] = {
    "recommendation": "recommend",
    "conclusion": "conclude",
    "finding": "find",
    "lesson": "learn",
}
"""The group of cues by which a sentence is outright of each kind."""

CALLS: Final = ("recommend", "ought", "imperative")
"""Cues by which a sentence calls for action."""


def kinds_of_roles(roles: frozenset[SectionRole]) -> list[StatementKind]:
    """Return the kinds of statement that `roles` are about, recommendations first; empty for other roles."""
    return [kind for role, kind in KIND_OF_ROLE.items() if role in roles]


def calls(sentences: Iterable[Sentence]) -> bool:
    """Whether any of the sentences calls for action: it recommends, says what should be done, or tells to do it."""
    return any(s.has(*CALLS) for s in sentences)


def demands(sentences: Iterable[Sentence]) -> bool:
    """Whether any of the sentences calls for action, or says what must be done."""
    return any(s.has(*CALLS, "must") for s in sentences)


def says(sentence: Sentence, kind: StatementKind) -> bool:
    """Whether a sentence is of a kind by its own words; any call for action says a recommendation."""
    return calls((sentence,)) if kind == "recommendation" else sentence.has(CUE_OF_KIND[kind])
