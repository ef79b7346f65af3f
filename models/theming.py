"""Assigning themes by meaning: how near a text is to the examples of a theme, and how much nearer than to others.

A theme is a handful of example sentences in two languages. The mean vector of each language's examples is taken out of
examples and texts, for an encoder such as multilingual-e5 strongly prefers texts of one language to lie together. It
comes from the examples and not from the texts at hand, so that a text gets the same themes whatever else was read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from models.embedding import Vectors

SCORING_VERSION: Final = 1
"""Raise this when the same examples and vectors should give other scores."""

NEAREST: Final = 3
"""So many examples of a theme that are nearest to a text decide, beside the middle of all of them."""
_STEEPNESS: Final = 20.0
_MIDDLE: Final = 0.25


class ThemeModel:
    """The examples of t themes as vectors of d dimensions.

    `examples` is float32 of shape (n, d), unit rows; `theme_of` int of shape (n,) gives the theme (0 to t - 1) of each
    and `languages` its language. Every theme must have an example.
    """

    def __init__(self, examples: Vectors, theme_of: Sequence[int], languages: Sequence[str]) -> None:
        owners = np.asarray(theme_of, np.int64)
        if examples.ndim != 2 or len(examples) != len(owners) or len(owners) != len(languages):
            raise ValueError(
                f"examples of themes: found vectors of shape {examples.shape}, {len(owners)} themes and "
                f"{len(languages)} languages; expected one of each per example"
            )
        if len(owners) and set(owners.tolist()) != set(range(int(owners.max()) + 1)):
            raise ValueError("examples of themes: found a theme without examples; expected one at least for each")
        self.size = int(owners.max()) + 1 if len(owners) else 0
        self._dimension = examples.shape[1]
        self._means, self._overall = _means(examples, languages)
        self._examples = self._centred(examples, languages) if len(owners) else examples
        self._owners = owners
        centres = np.zeros((self.size, self._dimension), np.float32)
        for theme in range(self.size):
            centres[theme] = self._examples[owners == theme].mean(axis=0)
        self._centres = _unit(centres)

    def score(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        """Return how likely each text is about each theme: float32 of shape (m, t), 0 to 1.

        `vectors` are unit rows of shape (m, d), `languages` the language of each; (0, t) for no texts. Raises
        `ValueError` for vectors of another length.
        """
        if vectors.ndim != 2 or vectors.shape[1] != self._dimension:
            raise ValueError(
                f"vectors to give themes: found shape {vectors.shape}; expected (texts, {self._dimension})"
            )
        if not len(vectors) or not self.size:
            return np.zeros((len(vectors), self.size), np.float32)
        texts = self._centred(vectors, languages)
        to_centres = texts @ self._centres.T
        to_examples = texts @ self._examples.T
        nearest = np.zeros_like(to_centres)
        for theme in range(self.size):
            own = to_examples[:, self._owners == theme]
            count = min(NEAREST, own.shape[1])
            nearest[:, theme] = np.partition(own, own.shape[1] - count, axis=1)[:, -count:].mean(axis=1)
        together = (to_centres + nearest) / 2
        scores: Vectors = (1.0 / (1.0 + np.exp(-_STEEPNESS * (together - _MIDDLE)))).astype(np.float32)
        return scores

    def _centred(self, vectors: Vectors, languages: Sequence[str]) -> Vectors:
        means = np.stack([self._means.get(language, self._overall) for language in languages])
        return _unit(vectors - means)


def _means(examples: Vectors, languages: Sequence[str]) -> tuple[Mapping[str, Vectors], Vectors]:
    names = np.asarray(languages)
    means = {str(name): examples[names == name].mean(axis=0).astype(np.float32) for name in dict.fromkeys(languages)}
    if not means:
        return {}, np.zeros(examples.shape[1], np.float32)
    return means, np.mean(list(means.values()), axis=0).astype(np.float32)


def _unit(rows: Vectors) -> Vectors:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Vectors = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found
