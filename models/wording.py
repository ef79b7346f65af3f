"""The model of wording: what a sentence is by its words, its heading and the sentence before it.

A linear model on sentence embeddings tells ten kinds of sentences apart: four kinds of statements, and six kinds that
look like them (what somebody promised, what a norm demands, what others said, what a guide advises, what only
describes, what asks). It was trained by `flows/training.py` on sentences invented for this purpose, in Dutch and
English (`models/training_rows/wording`). Source of the method: multinomial logistic regression on frozen sentence
embeddings, as in Conneau and Kiela, "SentEval" (2018).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.embedding import Embedder, Vectors
from models.errors import ModelUnavailable

LABELS: Final[tuple[str, ...]] = (
    "cited",
    "conclusion",
    "description",
    "finding",
    "guidance",
    "lesson",
    "norm",
    "promise",
    "question",
    "recommendation",
)

TEXT_WORDS: Final = 48
"""So many words of a text are read; what a longer one is, shows at its beginning."""

HEADING_WORDS: Final = 30
BEFORE_WORDS: Final = 40
"""So many words of the heading, and so many last words of the text before, are read."""

EMPTY: Final = "-"
"""What is embedded where there is no heading or nothing before."""

SCALE: Final = np.float32(10.0)
"""Differences between centred unit vectors are small; this brings them near 1, as the training expects."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text to judge: its words, the heading that it stands under and the text before it (both may be empty)."""

    text: str
    heading: str = ""
    before: str = ""


class WordingModel:
    """A linear model over three embeddings: of the text, of its heading, of what stands before it.

    `weights` is float32 of shape (3 × dimension, 10), `bias` of shape (10,), `alone` of shape (dimension, 10) and
    `alone_bias` of shape (10,) judge the text without its surroundings. `means` gives per language the mean of each of
    the three embeddings, float32 of shape (3, dimension), which is taken out so that languages lie together.
    """

    def __init__(
        self,
        embedder: Embedder,
        *,
        weights: Vectors,
        bias: Vectors,
        alone: Vectors,
        alone_bias: Vectors,
        means: dict[str, Vectors],
    ) -> None:
        size, count = embedder.dimension, len(LABELS)
        found = [weights.shape, bias.shape, alone.shape, alone_bias.shape, *(mean.shape for mean in means.values())]
        if (
            found != [(3 * size, count), (count,), (size, count), (count,), *[(3, size)] * len(means)]
            or "en" not in means
        ):
            raise ModelUnavailable(
                f"wording model: arrays of shapes {found} for {', '.join(means)} against vectors of {size}, {count} "
                "labels and English among the languages; it reads multilingual-e5-small only"
            )
        self._embedder = embedder
        self._weights, self._bias = weights, bias
        self._alone, self._alone_bias = alone, alone_bias
        self._means = means

    def read(self, wordings: Sequence[Wording], *, language: str) -> tuple[Vectors, Vectors]:
        """Return the probabilities of the ten labels, in context and of the text alone.

        Both are float32 of shape (n, 10), rows that sum to 1; (0, 10) for no wordings. A language without means of its
        own is read with those of English.
        """
        rows = embed_wordings(self._embedder, wordings)
        if not len(rows):
            return np.zeros((0, len(LABELS)), np.float32), np.zeros((0, len(LABELS)), np.float32)
        centred = centre(rows, self._means.get(language, self._means["en"]))
        alone = centred[:, : self._embedder.dimension]
        return softmax(centred @ self._weights + self._bias), softmax(alone @ self._alone + self._alone_bias)


def embed_wordings(embedder: Embedder, wordings: Sequence[Wording]) -> NDArray[np.float32]:
    """Return the three embeddings of each wording, float32 of shape (n, 3, dimension).

    Equal texts are embedded once; no wordings give an array of length 0.
    """
    parts = [
        (
            " ".join(w.text.split()[:TEXT_WORDS]) or EMPTY,
            " ".join(w.heading.split()[:HEADING_WORDS]) or EMPTY,
            " ".join(w.before.split()[-BEFORE_WORDS:]) or EMPTY,
        )
        for w in wordings
    ]
    texts = sorted({text for part in parts for text in part}, key=lambda text: (len(text), text))
    vectors = embedder.encode_passages(texts)
    place = {text: i for i, text in enumerate(texts)}
    rows = np.zeros((len(parts), 3, embedder.dimension), np.float32)
    for i, part in enumerate(parts):
        rows[i] = vectors[[place[text] for text in part]]
    return rows


def centre(rows: NDArray[np.float32], means: Vectors) -> NDArray[np.float32]:
    """Return embeddings (n, 3, d) as one row each, (n, 3 × d), with `means` (3, d) taken out and scaled."""
    centred: NDArray[np.float32] = ((rows - means) * SCALE).reshape(len(rows), -1)
    return centred


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the probabilities of each row of `logits`."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float32] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def save_wording_model(
    path: Path,
    *,
    weights: Vectors,
    bias: Vectors,
    alone: Vectors,
    alone_bias: Vectors,
    means: dict[str, Vectors],
    card: dict[str, object],
) -> None:
    """Write the arrays to a safetensors file; `card` says how they were made."""
    from safetensors.numpy import save_file

    arrays = {"weights": weights, "bias": bias, "alone": alone, "alone_bias": alone_bias}
    arrays.update({f"mean.{language}": mean for language, mean in means.items()})
    save_file(
        {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()},
        path,
        metadata={"labels": json.dumps(LABELS), "card": json.dumps(card)},
    )


def load_wording_model(path: Path, embedder: Embedder) -> WordingModel:
    """Read the model from a safetensors file.

    Raises:
        ModelUnavailable: when the file is missing or damaged, or was made for other vectors.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            labels = tuple(json.loads(file.metadata()["labels"]))
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        weights, bias, alone, alone_bias = (arrays[name] for name in ("weights", "bias", "alone", "alone_bias"))
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{path}: {error!r}; expected the weights that the repository brings") from error
    if labels != LABELS:
        raise ModelUnavailable(
            f"{path}: found the labels {', '.join(labels)}, expected {', '.join(LABELS)}; train anew"
        )
    means = {name.removeprefix("mean."): array for name, array in arrays.items() if name.startswith("mean.")}
    return WordingModel(embedder, weights=weights, bias=bias, alone=alone, alone_bias=alone_bias, means=means)
