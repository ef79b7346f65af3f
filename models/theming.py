"""Assigning themes by meaning: a linear model over the vectors of texts, made from example sentences of each theme.

The examples are in two languages. The mean vector of each language's examples is taken out of examples and texts, for
an encoder such as multilingual-e5 strongly prefers texts of one language to lie together. It comes from the examples
and not from the texts at hand, so that a text gets the same themes whatever else was read.

Per theme the weights are those of a ridge regression of “is an example of the theme” on the vectors; what all themes
share is thereby worth little, and what tells one theme from the others much. Source: Hoerl and Kennard, "Ridge
Regression" (1970). A logistic curve makes the values into scores; its two constants were fitted on judged statements
(`flows/theme_evaluation.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from models.embedding import Vectors

SCORING_VERSION: Final = 2
"""Raise this when the same examples and vectors should give other scores."""

NO_THEME: Final = -1
"""The theme of an example that is about none."""

_RIDGE: Final = 0.005
_STEEPNESS: Final = 31.0
_MIDDLE: Final = 0.157


class ThemeModel:
    """The examples of t themes as vectors of d dimensions.

    `examples` is float32 of shape (n, d), unit rows; `theme_of` int of shape (n,) gives the theme (0 to t - 1, or
    `NO_THEME`) of each and `languages` its language. Every theme must have an example.
    """

    def __init__(self, examples: Vectors, theme_of: Sequence[int], languages: Sequence[str]) -> None:
        owners = np.asarray(theme_of, np.int64)
        if examples.ndim != 2 or len(examples) != len(owners) or len(owners) != len(languages):
            raise ValueError(
                f"examples of themes: found vectors of shape {examples.shape}, {len(owners)} themes and "
                f"{len(languages)} languages; expected one of each per example"
            )
        if len(owners) and set(owners.tolist()) - {NO_THEME} != set(range(int(owners.max()) + 1)):
            raise ValueError("examples of themes: found a theme without examples; expected one at least for each")
        self.size = int(owners.max()) + 1 if len(owners) else 0
        self._dimension = examples.shape[1]
        self._means, self._overall = _means(examples, languages)
        self._weights = np.zeros((self._dimension, self.size), np.float32)
        if self.size:
            rows = self._centred(examples, languages).astype(np.float64)
            wanted = (owners[:, None] == np.arange(self.size)).astype(np.float64)
            spread = rows.T @ rows / len(rows) + _RIDGE * np.eye(self._dimension)
            shared = rows.T @ (wanted - wanted.mean(axis=0)) / len(rows)
            self._weights = np.linalg.solve(spread, shared).astype(np.float32)

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
        values = self._centred(vectors, languages) @ self._weights
        scores: Vectors = (1.0 / (1.0 + np.exp(-_STEEPNESS * (values - _MIDDLE)))).astype(np.float32)
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
