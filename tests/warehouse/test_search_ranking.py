"""How words, meaning and the best texts put the others in order; exact products; the commonest values of a facet."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from warehouse.search_columns import FacetNames
from warehouse.search_meaning import multiply_exact
from warehouse.search_ranking import rank_by_both
from warehouse.search_words import NO_HITS, WordHits

Floats = NDArray[np.float32]

COSINES = np.array([0.9, 0.5, 0.6, 0.4, 0.3], np.float32)
CODES = np.array([0, 0, 0, 1, 1], np.int32)


def _order(scores: Floats) -> list[int]:
    return [int(row) for row in np.argsort(-scores, kind="stable")]


def test_what_is_near_the_best_moves_up_within_its_language() -> None:
    """The best texts are examples of an answer; each language keeps the scores that it had."""

    def nearness(seeds: NDArray[np.int64], weights: Floats, rows: NDArray[np.int64]) -> Floats:
        assert seeds.tolist() == [0, 2]
        assert np.allclose(weights, [0.9, 0.6])
        return np.array([1.0, 0.9, 0.1, 0.0, 0.9], np.float32)[rows]

    plain = rank_by_both(COSINES, NO_HITS, CODES, [1.0, 1.0])
    assert _order(plain.scores) == [0, 2, 1, 3, 4]
    fed = rank_by_both(COSINES, NO_HITS, CODES, [1.0, 1.0], nearness=nearness)
    assert _order(fed.scores) == [0, 1, 2, 4, 3]
    assert sorted(fed.scores.tolist()) == sorted(plain.scores.tolist())


def test_what_the_words_found_is_told_from_what_the_meaning_found() -> None:
    """A demand leaves rows out on both sides; the scores by words stay with their rows."""
    hits = WordHits(
        np.array([1, 4], np.int32), np.array([0.5, 0.7], np.float32), np.array([True, False]),
        np.array([False, True, False, True, True]),
    )  # fmt: skip
    found = rank_by_both(np.array([0.9, 0.5, 0.6, 0.4, 0.0], np.float32), hits, CODES, [1.0, 0.0])
    assert found.rows.tolist() == [1, 3, 4]
    assert np.allclose(found.words, [0.5, 0.0, 0.7])
    assert found.found_by.tolist() == [3, 2, 1]


def test_nothing_found_is_no_error() -> None:
    """An empty site, and a question that finds nothing, give no rows."""

    def nearness(seeds: NDArray[np.int64], weights: Floats, rows: NDArray[np.int64]) -> Floats:
        raise AssertionError("nothing to compare")

    for cosines in (np.zeros(0, np.float32), np.zeros(5, np.float32)):
        assert not len(rank_by_both(cosines, NO_HITS, CODES[: len(cosines)], [1.0, 1.0], nearness=nearness).rows)


def test_rows_in_half_precision_are_multiplied_exactly() -> None:
    """The product of half-precision rows with a question is that of NumPy in double precision, but for rounding."""
    generator = np.random.default_rng(1)
    rows = generator.standard_normal((50, 896)).astype(np.float16)
    question = generator.standard_normal(896).astype(np.float32)
    wanted = rows.astype(np.float64) @ question.astype(np.float64)
    assert np.abs(multiply_exact(rows, question) - wanted).max() < 1e-3
    assert np.allclose(multiply_exact(rows.astype(np.float32), question), wanted, atol=1e-3)
    assert multiply_exact(rows[:0], question).shape == (0,)


def test_the_commonest_values_come_first_and_equal_ones_by_label() -> None:
    """No more than asked for, none that nothing has, whatever ties there are."""
    names = FacetNames.of(["a", "b", "c", "d", "e"], ["Zee", "Dijk", "Berg", "Dal", "Meer"])
    counts = np.array([2, 3, 2, 0, 2])
    assert [names.values[code] for code in names.commonest(counts, 3)] == ["b", "c", "e"]
    assert [names.values[code] for code in names.commonest(counts, 9)] == ["b", "c", "e", "a"]
    assert not len(names.commonest(np.zeros(5, np.int64), 3))
