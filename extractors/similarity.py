"""Similarity: how far two texts say the same, by the words that they share."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CONTENT_LETTERS = 5
"""A word with fewer letters says little about what a text is about."""

FEWEST_CONTENT = 5
"""With fewer longer words nothing can be said of the share that is found elsewhere."""

STEM = 7
"""Letters by which longer words are compared."""


def count_words(text: str) -> Counter[str]:
    """Return the lower-case words of `text` with their counts."""
    return Counter(_words(text))


def word_f1(left: Counter[str], right: Counter[str]) -> float:
    """Return the F1 of the words that two texts share: 0 when one has none, 1 when all are shared."""
    size = sum(left.values()) + sum(right.values())
    return 2 * sum((left & right).values()) / size if left and right else 0.0


class SharedWords:
    """How far each of a list of texts shares its words with every other one.

    For each word the texts that have it are listed once, so that a text is compared with thousands in one pass over its
    own words.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        self._counts = [count_words(text) for text in texts]
        self._sizes = np.array([sum(words.values()) for words in self._counts], np.int64)
        held: dict[str, tuple[list[int], list[int]]] = {}
        for place, words in enumerate(self._counts):
            for word, count in words.items():
                places, counts = held.setdefault(word, ([], []))
                places.append(place)
                counts.append(count)
        self._held = {word: (np.array(places), np.array(counts)) for word, (places, counts) in held.items()}

    def scores_of(self, place: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return what the text at `place` shares with each text, itself included: two arrays of shape (n,).

        The first is the F1 of all words, the second the share of its own longer words that the other text has too: 0
        when it has too few of them (`FEWEST_CONTENT`).
        """
        common, longer = np.zeros_like(self._sizes), np.zeros_like(self._sizes)
        total = 0
        for word, count in self._counts[place].items():
            places, counts = self._held[word]
            shared = np.minimum(counts, count)
            common[places] += shared
            if len(word) >= CONTENT_LETTERS:
                longer[places] += shared
                total += count
        scores = 2 * common / np.maximum(1, self._sizes[place] + self._sizes)
        return scores, longer / total if total >= FEWEST_CONTENT else np.zeros(len(scores))


def content_stems(text: str) -> frozenset[str]:
    """Return the beginnings of the longer words of `text`; inflected forms begin alike."""
    return frozenset(word[:STEM] for word in _words(text) if len(word) >= CONTENT_LETTERS)


def stem_share(left: frozenset[str], right: frozenset[str]) -> float:
    """Return which share of the stems of the shorter of two texts the other has too; 0 when one has none."""
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
