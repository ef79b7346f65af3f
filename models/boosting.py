"""Gradient-boosted trees as plain arrays: trained elsewhere, read and applied here with numpy alone.

Source of the method: Friedman, "Greedy Function Approximation: A Gradient Boosting Machine" (2001). The trees are grown
by scikit-learn in `flows/training.py`; the arrays hold no code, so a file of them can be opened without trust.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class BoostedTrees:
    """Trees over the same features, whose leaves are summed to a log-odds.

    The nodes of all trees stand one after another: `feature` int32, `threshold` float64, `left` and `right` int32
    (places in these arrays), `value` float64, all of shape (nodes,). A leaf has ``left == right == -1``. `roots` int32 of
    shape (trees,) says where each tree begins; `base` is the log-odds without any tree.
    """

    feature: NDArray[np.int32]
    threshold: NDArray[np.float64]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    value: NDArray[np.float64]
    roots: NDArray[np.int32]
    base: float

    def log_odds(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return one log-odds per row of `features` (n, f), float64 of shape (n,)."""
        n = len(features)
        total = np.full(n, self.base)
        rows = np.arange(n)
        for root in self.roots:
            node = np.full(n, root)
            while True:
                inner = self.left[node] >= 0
                if not inner.any():
                    break
                goes_left = features[rows, self.feature[node]] <= self.threshold[node]
                node = np.where(inner, np.where(goes_left, self.left[node], self.right[node]), node)
            total += self.value[node]
        return total

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Return the arrays by their names, `base` among them."""
        return {
            "feature": self.feature,
            "threshold": self.threshold,
            "left": self.left,
            "right": self.right,
            "value": self.value,
            "roots": self.roots,
            "base": np.array([self.base]),
        }


def trees_from_arrays(arrays: Mapping[str, NDArray[np.generic]]) -> BoostedTrees:
    """Return the trees that `BoostedTrees.arrays` gave; raises `KeyError` when an array is missing."""
    return BoostedTrees(
        feature=arrays["feature"].astype(np.int32),
        threshold=arrays["threshold"].astype(np.float64),
        left=arrays["left"].astype(np.int32),
        right=arrays["right"].astype(np.int32),
        value=arrays["value"].astype(np.float64),
        roots=arrays["roots"].astype(np.int32),
        base=float(arrays["base"].astype(np.float64)[0]),
    )


def sigmoid(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probability of each log-odds."""
    probability: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(log_odds, -30, 30)))
    return probability
