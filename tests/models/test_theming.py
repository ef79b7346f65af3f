"""Scores of themes: nearness to examples, with the language's own direction taken out."""

from __future__ import annotations

import numpy as np
import pytest

from models.theming import ThemeModel


def unit(*rows: list[float]) -> np.ndarray:
    matrix = np.array(rows, np.float32)
    return matrix / np.linalg.norm(matrix, axis=1, keepdims=True)


# The first axis is the language, the second one theme and the third the other.
EXAMPLES = unit([2, 1, 0], [2, 0, 1], [-2, 1, 0], [-2, 0, 1])
MODEL = ThemeModel(EXAMPLES, [0, 1, 0, 1], ["nl", "nl", "en", "en"])


def test_a_text_gets_the_theme_of_its_examples_in_either_language() -> None:
    """What is like the examples of a theme scores high for it and low for another, whatever its language."""
    scores = MODEL.score(unit([2, 1, 0.1], [-2, 0.1, 1]), ["nl", "en"])
    assert scores.shape == (2, 2)
    assert scores.dtype == np.float32
    assert scores[0, 0] > 0.9 > 0.1 > scores[0, 1]
    assert scores[1, 1] > 0.9 > 0.1 > scores[1, 0]


def test_a_text_that_is_like_no_example_gets_no_theme() -> None:
    """A text between all themes, or in a direction of its own, scores below the middle everywhere."""
    model = ThemeModel(np.hstack([EXAMPLES, np.zeros((4, 1), np.float32)]), [0, 1, 0, 1], ["nl", "nl", "en", "en"])
    scores = model.score(unit([2, 0.5, 0.5, 0], [0, 0, 0, 1]), ["nl", "de"])
    assert (scores < 0.5).all()


def test_no_texts_give_no_scores() -> None:
    """No texts give an array without rows; no examples one without columns."""
    assert MODEL.score(np.zeros((0, 3), np.float32), []).shape == (0, 2)
    empty = ThemeModel(np.zeros((0, 3), np.float32), [], [])
    assert empty.score(unit([1, 0, 0]), ["nl"]).shape == (1, 0)


def test_wrong_shapes_are_refused() -> None:
    """Vectors of another length, examples that do not match, and themes without examples are errors."""
    with pytest.raises(ValueError, match=r"expected \(texts, 3\)"):
        MODEL.score(unit([1, 0]), ["nl"])
    with pytest.raises(ValueError, match="expected one of each per example"):
        ThemeModel(EXAMPLES, [0, 1], ["nl", "en"])
    with pytest.raises(ValueError, match="a theme without examples"):
        ThemeModel(EXAMPLES, [0, 2, 0, 2], ["nl", "nl", "en", "en"])
