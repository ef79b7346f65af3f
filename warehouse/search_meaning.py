"""The search by meaning: exact cosine over the vectors of texts, with each language's mean taken out where that helps.

An encoder such as multilingual-e5 strongly prefers the language of the question: the vectors of a language lie
together, whatever they mean. Subtracting the mean vector of each language from the texts and from the question, and
making the rows unit vectors again, mends most of that. A row is a weighted mean of the vectors of several models
(`Block`) and, for statements, of several readings of a text (`SHARES`), so that one product with the question gives the
weighted mean of all their cosines.

Many rows are first compared in eight bits, and the best of them again exactly; the error of the first is far below what
parts the ranks that are shown.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FLOOR: Final = 0.15
"""The least cosine at which a text counts as found by its meaning."""

LEAST: Final = 0.05
"""The least cosine at which a text counts as found where its language has few above `FLOOR`."""

FEWEST_FOUND: Final = 100
"""So many texts of each language are found by their meaning, if they reach `LEAST`: a question finds little in another
language, and all of that lies low."""

MEAN_SHARE: Final = 0.9
"""How much of the mean is taken out; all of it costs a little in the language of the question."""

FEW_ROWS: Final = 20_000
"""Up to so many rows are held as they are and compared exactly at once."""

_REFINED: Final = 2_000
"""So many of the best are compared exactly, where there are more rows."""

_ROWS_PER_THREAD: Final = 200_000
"""Of more rows another thread compares as many, up to the cores that a small server has."""
_MOST_THREADS: Final = 2

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The part of a row that one model gave: `means` per language and `overall` are taken out of its questions.

    Both are None for a model whose vectors are taken as they are. `weight` is the block's share in the cosine.
    """

    model_id: str
    dimension: int
    weight: float
    means: Mapping[str, Floats] | None = None
    overall: Floats | None = None

    def question(self, vector: Floats, languages: Mapping[str, float]) -> Floats:
        """Return the part (dimension,) of a question that this model gave, with the mean of its language taken out."""
        if self.means is not None and self.overall is not None:
            # What no text is in gets the mean over languages.
            rest = max(0.0, 1.0 - sum(languages.values()))
            vector = vector - np.float32(rest) * self.overall
            for language, probability in languages.items():
                vector = vector - np.float32(probability) * self.means.get(language, self.overall)
        row: Floats = unit_rows(vector[None, :])[0] * np.float32(self.weight)
        return row


@dataclass(frozen=True, slots=True, eq=False)
class MeaningIndex:
    """The rows of n texts: `exact` float16 or float32 of shape (n, d).

    `rough` int8 (n, d) times `scales` float32 (n,) is nearly the same; None where there are few rows. A text without a
    vector has a row of zeros, which is like nothing.
    """

    exact: NDArray[np.float16] | Floats
    rough: NDArray[np.int8] | None
    scales: Floats | None
    blocks: tuple[Block, ...]

    @classmethod
    def open(cls, folder: Path) -> MeaningIndex:
        """Map the index in `folder`. Raises `OSError`, `KeyError` and `ValueError` when it is not whole."""
        about = json.loads((folder / "meanings.json").read_text("utf-8"))
        means = np.load(folder / "means.npy")
        exact = np.load(folder / "exact.npy", mmap_mode="r")
        blocks, start = [], 0
        for part in about["blocks"]:
            end = start + int(part["dimension"])
            own = {language: means[i, start:end] for i, language in enumerate(about["languages"])}
            blocks.append(
                Block(
                    str(part["model_id"]),
                    end - start,
                    float(part["weight"]),
                    own if part["is_centred"] else None,
                    means[-1, start:end] if part["is_centred"] else None,
                )
            )
            start = end
        if exact.ndim != 2 or exact.shape[1] != start:
            raise ValueError(f"vectors {folder}: found shape {exact.shape}; expected rows of {start} values")
        if len(exact) <= FEW_ROWS:
            return cls(np.asarray(exact, np.float32), None, None, tuple(blocks))
        rough = np.load(folder / "rough.npy", mmap_mode="r")
        return cls(exact, rough, np.load(folder / "scales.npy"), tuple(blocks))

    @property
    def dimension(self) -> int:
        """The length of a question's vector: that of all blocks; 0 when no text has a vector."""
        return int(self.exact.shape[1])

    @property
    def model_id(self) -> str:
        """The ids of the models, joined as an encoder of questions for them joins its own."""
        return " + ".join(block.model_id for block in self.blocks)

    def question(self, vector: Floats, languages: Mapping[str, float]) -> Floats:
        """Return what `cosines` compares with, from the `vector` (d,) of a question and its probable languages."""
        parts, start = [], 0
        for block in self.blocks:
            parts.append(block.question(vector[start : start + block.dimension].astype(np.float32), languages))
            start += block.dimension
        return np.concatenate(parts) if parts else vector

    def row(self, number: int) -> Floats:
        """Return the row of one text as something to compare with: its cosine to itself is 1."""
        row = np.asarray(self.exact[number], np.float32)
        found: Floats = row / np.float32(max(float(row @ row), 1e-9))
        return found

    def nearness(self, seeds: NDArray[np.int64], weights: Floats, rows: NDArray[np.int64]) -> Floats:
        """Return the cosine of each of `rows` to the weighted mean of the rows `seeds`, as float32 of shape (rows,)."""
        mean = (np.asarray(self.exact[seeds], np.float32) * weights[:, None]).sum(axis=0)
        parts, start = [], 0
        for block in self.blocks:
            part = unit_rows(mean[None, start : start + block.dimension])[0]
            parts.append(part * np.float32(block.weight))
            start += block.dimension
        return multiply_exact(self.exact[rows], np.concatenate(parts) if parts else mean)

    def cosines(self, question: Floats) -> Floats:
        """Return the cosine of each text to `question`, float32 of shape (n,), which came from `question` or `row`."""
        if self.rough is None or self.scales is None:
            found: Floats = np.asarray(self.exact, np.float32) @ question
            return found
        largest = float(np.abs(question).max(initial=0.0))
        if not largest:
            return np.zeros(len(self.exact), np.float32)
        products = multiply_rough(self.rough, np.rint(question * (127 / largest)).astype(np.int8))
        scores: Floats = products * self.scales
        scores *= np.float32(largest / 127)
        best = np.flatnonzero(scores >= np.partition(scores, -_REFINED)[-_REFINED])[: 2 * _REFINED]
        scores[best] = multiply_exact(self.exact[best], question)
        return scores


def multiply_rough(rows: NDArray[np.int8], question: NDArray[np.int8]) -> Floats:
    """Return the products of `rows` (n, d) with `question` (d,), exact, as float32 of shape (n,)."""
    import simsimd

    threads = min(_MOST_THREADS, 1 + len(rows) // _ROWS_PER_THREAD)
    products: Any = simsimd.cdist(question[None, :], rows, metric="inner", threads=threads, out_dtype="f32")
    found: Floats = np.asarray(products, np.float32).reshape(-1)
    return found


def multiply_exact(rows: NDArray[np.float16] | Floats, question: Floats) -> Floats:
    """Return the products of `rows` (n, d) with `question` (d,) as float32 of shape (n,), exact but for rounding.

    Rows in half precision are multiplied as they are, for widening them costs more than the product: by the question in
    half precision, and by what that rounds off.
    """
    if rows.dtype != np.float16 or not len(rows):
        found: Floats = np.asarray(rows, np.float32) @ question
        return found
    import simsimd

    coarse = question.astype(np.float16)
    halves = np.stack([coarse, (question - coarse.astype(np.float32)).astype(np.float16)])
    products: Any = simsimd.cdist(halves, np.ascontiguousarray(rows), metric="inner")
    both: Floats = np.asarray(products, np.float64).sum(axis=0).astype(np.float32)
    return both


def shrink_means(
    sums: Mapping[str, Floats], counts: Mapping[str, int], dimension: int
) -> tuple[dict[str, Floats], Floats]:
    """Return the mean to take out per language, and the one for a language that no text is in.

    A mean over few texts says more about their subject than about their language, so it counts for n / (n + k).
    """
    held = {language: count for language, count in counts.items() if count}
    if not held:
        return {}, np.zeros(dimension, np.float32)
    own = {language: (sums[language] / held[language]).astype(np.float32) for language in held}
    shares = {language: np.float32(count / (count + _SHRINKAGE)) for language, count in held.items()}
    # What few texts lack in a mean of their own they get from the mean over all languages, and that is shrunk towards
    # nothing where there are few texts altogether.
    count = sum(held.values())
    weight = np.float32(count / (count + _SHRINKAGE) / sum(shares.values()))
    overall = np.zeros(dimension, np.float32)
    for language, mean in own.items():
        overall += weight * shares[language] * mean
    means = {language: shares[language] * mean + (1 - shares[language]) * overall for language, mean in own.items()}
    return means, overall


_SHRINKAGE: Final = 5.0
"""k: the number of texts at which a language's own mean counts for half."""


def unit_rows(rows: Floats) -> Floats:
    """Return `rows` (n, d) with length 1 each; a row of zeros stays one."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Floats = (rows / np.maximum(lengths, 1e-9)).astype(np.float32)
    return found


def quantise(rows: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return `rows` (n, d) in eight bits and what each row must be multiplied with, float32 (n,)."""
    largest = np.abs(rows).max(axis=1, initial=0.0)
    scales = np.maximum(largest, 1e-9) / 127
    return np.rint(rows / scales[:, None]).astype(np.int8), scales.astype(np.float32)


def weigh(weights: Sequence[float]) -> list[float]:
    """Return `weights` with a sum of 1."""
    return [weight / sum(weights) for weight in weights]
