"""Similarity: how far two texts say the same, by the words that they share."""

from __future__ import annotations

import re
from collections import Counter

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


def held_share(short: Counter[str], long: Counter[str]) -> float:
    """Return which share of the longer words of `short` also stands in `long`; 0 when `short` has too few of them."""
    content = Counter({word: n for word, n in short.items() if len(word) >= CONTENT_LETTERS})
    total = sum(content.values())
    return sum((content & long).values()) / total if total >= FEWEST_CONTENT else 0.0


def content_stems(text: str) -> frozenset[str]:
    """Return the beginnings of the longer words of `text`; inflected forms begin alike."""
    return frozenset(word[:STEM] for word in _words(text) if len(word) >= CONTENT_LETTERS)


def stem_share(left: frozenset[str], right: frozenset[str]) -> float:
    """Return which share of the stems of the shorter of two texts the other has too; 0 when one has none."""
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())
