"""Tells which language a question is in, also when it is three words long.

Short questions say little, and a wrong certainty costs more than a doubt: then the question is taken for both. The
letters are judged by a trained identifier, the words by how often the texts of each language in the knowledge base hold
them; small words give a language away, and so do its nouns.
"""

from __future__ import annotations

import functools
import math
import re
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_TEMPERATURE: Final = 6.0
_LARGEST_EVIDENCE: Final = 2.5
"""What one word can say at most, as a logarithm of odds: it may be a name, or stand in one text by chance."""
_LETTERS_PER_WORD: Final = 1.2
"""What the letters of one word can say at most."""
_MOST_WORDS: Final = 40
_ALWAYS_TOLD_APART: Final = ("en", "nl")

Frequency = Callable[[str, str], float]
"""The share of the texts in a language that hold a word."""


def guess_languages(question: str, languages: Sequence[str], *, frequency: Frequency | None = None) -> dict[str, float]:
    """Return how probable it is that `question` is in each of `languages`, Dutch and English; they add up to 1.

    `frequency` tells how usual a word is in the texts of a language, for those of `languages`. A question without
    letters gives all the same probability.
    """
    with _guessing:
        identifier = _identifier(frozenset({*_ALWAYS_TOLD_APART, *languages}))
        ranks = dict(identifier.rank(question))
    scores = {language: float(ranks[language]) / _TEMPERATURE for language in ranks}
    top = max(scores.values())
    # A trained identifier is as sure of one word, or of a name, as of a sentence.
    least = -_LETTERS_PER_WORD * max(1, min(len(_WORD.findall(question)), 4))
    scores = {language: max(score - top, least) for language, score in scores.items()}
    known = [language for language in languages if language in scores]
    if frequency is not None and len(known) > 1:
        for word in dict.fromkeys(_WORD.findall(question)[:_MOST_WORDS]):
            logs = {language: math.log(frequency(word, language)) for language in known}
            mean = sum(logs.values()) / len(logs)
            for language, log in logs.items():
                scores[language] += max(-_LARGEST_EVIDENCE, min(_LARGEST_EVIDENCE, log - mean))
    top = max(scores.values())
    weights = {language: math.exp(score - top) for language, score in scores.items()}
    total = sum(weights.values())
    return {language: weight / total for language, weight in weights.items()}


# The identifier changes its own state while it ranks.
_guessing: Final = threading.Lock()


@functools.lru_cache(maxsize=4)
def _identifier(languages: frozenset[str]) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(languages & set(identifier.labels))
    return identifier
