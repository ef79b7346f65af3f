"""Intervals by resampling: Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979), percentile method."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

RESAMPLES: Final = 1000
SEED: Final = 0


def draw_samples(count: int, *, seed: int = SEED) -> NDArray[np.int64]:
    """Return `RESAMPLES` samples with replacement of `count` rows, as row numbers of shape (RESAMPLES, count)."""
    return np.random.default_rng(seed).integers(0, count, size=(RESAMPLES, count))


def middle_of(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the limits between which 95 % of the values lie; raises `IndexError` for no values."""
    low, high = np.quantile(values, (0.025, 0.975))
    return float(low), float(high)
