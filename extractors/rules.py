"""Rules: what the rules that find statements give, and how sure and how strong each of them is."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import Final

from extractors.records import StatementKind

CONFIDENCE: Final[dict[str, float]] = {
    "label": 0.95,
    "list in section": 0.85,
    "list after lead-in": 0.85,
    "table in section": 0.8,
    "cue": 0.8,
    "cue in section": 0.9,
    "call in section": 0.7,
    "sentence in section": 0.6,
    "lead sentence in section": 0.65,
    "call in advice": 0.5,
    "first in subsection": 0.7,
    "call in text": 0.1,
}
"""How sure each rule is, set by hand."""

RULE_RANK: Final[dict[str, int]] = {
    "label": 0,
    "list after lead-in": 1,
    "list in section": 1,
    "table in section": 1,
    "first in subsection": 2,
    "lead sentence in section": 2,
    "cue in section": 2,
    "call in section": 3,
    "sentence in section": 3,
    "cue": 4,
    "call in advice": 5,
    "call in text": 6,
    "sentence": 7,
}
"""Which rule prevails where two found the same text, the strongest first.

The last is that of sentences that no rule took (`extractors.judging`).
"""

FORMAL: Final[frozenset[str]] = frozenset({"label", "list in section", "table in section", "lead sentence in section"})
"""Rules by which the layout itself presents a statement."""

SPOKEN: Final[frozenset[str]] = frozenset({"cue", "cue in section"})
"""Rules by which a sentence says itself that it is a statement."""

LISTED: Final[frozenset[str]] = frozenset({"label", "list in section", "list after lead-in", "table in section"})
"""Rules that read the members of a list."""

ANNOUNCED: Final[frozenset[str]] = frozenset({"label", "list after lead-in"})
"""Rules by which a label or a sentence before it announces a statement."""

SET_OUT: Final[frozenset[str]] = frozenset(
    {"list in section", "table in section", "first in subsection", "lead sentence in section"}
)
"""Rules by which the layout of a section of statements sets them out."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A range of the text that a rule takes for a statement.

    `lead_in` is the text that announced it, `address` the line above it that only says to whom it goes.
    """

    kind: StatementKind
    start: int
    end: int
    page: int
    rule: str
    confidence: float
    section: int | None
    label: str | None = None
    lead_in: str = ""
    address: str = ""

    def overlaps(self, other: Candidate) -> bool:
        """Whether two candidates share text."""
        return self.start < other.end and other.start < self.end


@dataclass(slots=True)
class Taken:
    """Ranges of text that are taken by candidates and share none, so that a look-up asks the two beside a place."""

    _starts: list[int] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)

    def take(self, candidate: Candidate) -> bool:
        """Take the range of a candidate and return True; False where text of it is taken already."""
        if self.holds_text_of(candidate):
            return False
        i = bisect_left(self._starts, candidate.start)
        self._starts.insert(i, candidate.start)
        self._ends.insert(i, candidate.end)
        return True

    def holds_text_of(self, candidate: Candidate) -> bool:
        """Whether text of a candidate is taken."""
        i = bisect_left(self._starts, candidate.end)  # those from here on begin behind it
        return i > 0 and self._ends[i - 1] > candidate.start
