"""Choosing kinds: a section may be about several kinds of statement, and its sentences tell which they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from extractors.finding_context import Context
from extractors.kinds import CUE_OF_KIND
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import StatementKind
from models.pipeline import Sentence

FEWEST_OUTRIGHT = 5
"""So many paragraphs that recommend outright show that a report says so wherever it recommends."""


class KindChooser:
    """Chooses among the kinds of statement that a section is about."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._body_ought = body_ought_regex(context.lexicon)
        self._is_outright = recommends_outright(context.passages)

    def choose(self, kinds: Sequence[StatementKind], sentences: Sequence[Sentence]) -> StatementKind:
        """Return the kind among `kinds` that the sentences speak for; a call for action decides for recommendation.

        Sentences that all recommend outright are a recommendation in a section of any one kind.
        """
        if len(kinds) == 1:
            recommends = bool(sentences) and all(s.has("recommend") and not s.has("cited") for s in sentences)
            return "recommendation" if recommends else kinds[0]
        if "recommendation" not in kinds:
            return next((k for k in kinds if any(s.has(CUE_OF_KIND[k]) for s in sentences)), kinds[0])
        if any(s.has("recommend", "imperative") for s in sentences):
            return "recommendation"
        others = [k for k in kinds if k != "recommendation"]
        if self._is_outright and not self._bodies_ought(sentences):
            return others[0]
        is_other = any(s.has(*(CUE_OF_KIND[k] for k in others)) for s in sentences)
        return "recommendation" if not is_other and any(s.has("ought") for s in sentences) else others[0]

    def _bodies_ought(self, sentences: Iterable[Sentence]) -> bool:
        """Whether a sentence begins with a body that should do something ("The Department should …")."""
        context = self._context
        told = (s for s in sentences if not context.refers_back(s))
        return any(self._body_ought.match(context.text(s.start, s.end)) for s in told)


def recommends_outright(passages: Iterable[Passage]) -> bool:
    """Whether the sections of conclusions and recommendations say "we recommend" where they recommend."""
    mixed = [p for p in passages if {"recommendations", "conclusions"} <= p.roles]
    return sum(any(s.has("recommend") for s in p.sentences) for p in mixed) >= FEWEST_OUTRIGHT


def body_ought_regex(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what matches a sentence that begins with a body and what it ought to do, at most a clause between."""
    table = lexicon.addressees
    bodies = "|".join(re.escape(b).replace(r"\*", r"[\w’'-]*") for b in table.bodies)
    verbs = "|".join(re.escape(v) for v in table.verbs)
    return re.compile(
        rf"^(?:[^.;:]{{0,60}},\s)?\W*(?:\w+\s+){{0,3}}(?:{bodies})(?!\w)[^.;:]{{0,120}}?\b(?:{verbs})\b", re.IGNORECASE
    )
