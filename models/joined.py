"""Two encoders side by side: their vectors stand one after the other in a row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from models.embedding import (
    HASHING_MODEL,
    Embedder,
    Progress,
    SentenceEmbedder,
    Vectors,
    load_embedder,
    use_one_core,
)
from models.errors import ModelUnavailable
from models.universal_encoder import UNIVERSAL_MODEL, UniversalEncoder, describe_universal

NO_MODEL: Final = "none"
SECOND_MODELS: Final = (UNIVERSAL_MODEL, NO_MODEL)
JOINT: Final = " + "
"""What stands between the ids of two models in the id of both."""


class JoinedEncoder:
    """The vectors of several embedders in one row each: a row is not of length 1, each part of it is."""

    def __init__(self, parts: Sequence[Embedder]) -> None:
        self._parts = tuple(parts)

    @property
    def model_id(self) -> str:
        """The ids of the embedders, joined."""
        return JOINT.join(part.model_id for part in self._parts)

    @property
    def dimension(self) -> int:
        """Length of a whole row."""
        return sum(part.dimension for part in self._parts)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one row per query, float32 of shape (n, dimension); (0, dimension) for no queries."""
        return np.concatenate([part.encode_queries(texts) for part in self._parts], axis=1)


def load_query_encoder(
    model: str,
    second_model: str,
    *,
    cache_dir: Path,
    precision: str = "auto",
    allow_hub: bool = False,
    report_progress: Progress | None = None,
) -> JoinedEncoder:
    """Return the encoder of questions for a site made with these two models; as `load_embedder` otherwise.

    From then on this process encodes on one core: a question is too short to share, and the others search meanwhile.
    """
    parts: list[Embedder] = [
        load_embedder(
            model, cache_dir=cache_dir, precision=precision, allow_hub=allow_hub, report_progress=report_progress
        )
    ]
    if isinstance(parts[0], SentenceEmbedder):
        use_one_core()
    if describe_second_model(model, second_model) is not None:
        parts.append(UniversalEncoder())
    return JoinedEncoder(parts)


def describe_second_model(model: str, second_model: str) -> str | None:
    """Return the id of the second model, None when `second_model` is ``none`` or `model` is the one for trials.

    Raises `ModelUnavailable` for another name, or when the package with the model is not installed.
    """
    if second_model not in SECOND_MODELS:
        raise ModelUnavailable(
            f"second model {second_model!r:.80}: expected one of {', '.join(SECOND_MODELS)}; correct "
            "RODEDRAAD_SECOND_MODEL"
        )
    return None if second_model == NO_MODEL or model == HASHING_MODEL else describe_universal()
