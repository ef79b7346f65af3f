"""The model of section roles: what a section is for, by the meaning of its title.

A lexicon knows the usual titles; this model reads the others ("Wat moet er beter?", "What the evidence adds up to").
It is a multinomial logistic regression on the sentence embedding of the title, trained by `flows/training.py` on
invented headings (`models/training_rows/headings.toml`).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from models.embedding import Embedder, Vectors
from models.errors import ModelUnavailable
from models.wording import SCALE, softmax

TITLE_WORDS: Final = 14
"""So many first words of a title are read."""


class RoleModel:
    """A linear model over the embedding of a title.

    `weights` is float32 of shape (dimension, roles), `bias` of shape (roles,); `means` has per language the mean of the
    embeddings of titles, which is taken out.
    """

    def __init__(
        self,
        embedder: Embedder,
        *,
        roles: Sequence[str],
        weights: Vectors,
        bias: Vectors,
        means: dict[str, Vectors],
    ) -> None:
        size, count = embedder.dimension, len(roles)
        found = [weights.shape, bias.shape, *(mean.shape for mean in means.values())]
        if found != [(size, count), (count,), *[(size,)] * len(means)] or "en" not in means:
            raise ModelUnavailable(
                f"role model: arrays of shapes {found} for {', '.join(means)} against vectors of {size}, {count} roles "
                "and English among the languages; it reads multilingual-e5-small only"
            )
        self._embedder = embedder
        self.roles = tuple(roles)
        self._weights, self._bias, self._means = weights, bias, means

    def read(self, titles: Sequence[str], *, language: str) -> list[tuple[str, float]]:
        """Return the likeliest role of each title and its probability, in order; an empty list for no titles."""
        if not titles:
            return []
        rows = embed_titles(self._embedder, titles) - self._means.get(language, self._means["en"])
        logits: Vectors = ((rows * SCALE) @ self._weights + self._bias).astype(np.float32)
        probabilities = softmax(logits)
        return [(self.roles[int(row.argmax())], float(row.max())) for row in probabilities]


def embed_titles(embedder: Embedder, titles: Sequence[str]) -> Vectors:
    """Return the embeddings of titles, float32 of shape (n, dimension); capitals throughout are read as small."""
    short = [" ".join(title.split()[:TITLE_WORDS]) for title in titles]
    return embedder.encode_passages([title.capitalize() if title.isupper() else title for title in short])


def save_role_model(
    path: Path, *, roles: Sequence[str], weights: Vectors, bias: Vectors, means: dict[str, Vectors]
) -> None:
    """Write the model to a safetensors file."""
    from safetensors.numpy import save_file

    arrays = {"weights": weights, "bias": bias, **{f"mean.{language}": mean for language, mean in means.items()}}
    save_file(
        {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()},
        path,
        metadata={"roles": json.dumps(list(roles))},
    )


def load_role_model(path: Path, embedder: Embedder) -> RoleModel:
    """Read the model from a safetensors file.

    Raises:
        ModelUnavailable: when the file is missing or damaged, or was made for other vectors.
    """
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="numpy") as file:
            roles = json.loads(file.metadata()["roles"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
        weights, bias = arrays["weights"], arrays["bias"]
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{path}: {error}; expected the weights that the repository brings") from error
    means = {name.removeprefix("mean."): array for name, array in arrays.items() if name.startswith("mean.")}
    return RoleModel(embedder, roles=roles, weights=weights, bias=bias, means=means)
