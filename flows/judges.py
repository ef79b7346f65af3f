"""The judge of statements for a run: loaded once per process, or none where the operator wants the rules alone."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from flows.settings import Settings

if TYPE_CHECKING:
    from models.embedding import Embedder
    from models.judging import Judge


def load_judge_for(settings: Settings) -> Judge | None:
    """Return the judge that decides which candidates are statements, None where the settings say ``rules``.

    Raises:
        ModelUnavailable: when the encoder or the weights are not to be had; the message says what to do.
    """
    if settings.extraction == "rules":
        return None
    return _load_judge(settings.cache_dir, settings.model_precision, settings.allow_hub)


@lru_cache(maxsize=1)
def _load_judge(cache_dir: Path, precision: str, allow_hub: bool) -> Judge:
    from models.judging import load_judge

    return load_judge(load_default_embedder(cache_dir, precision, allow_hub))


@lru_cache(maxsize=1)
def load_default_embedder(cache_dir: Path, precision: str, allow_hub: bool) -> Embedder:
    """Return multilingual-e5-small, which the judge reads whatever model is set for the search."""
    from models.embedding import load_embedder

    return load_embedder(cache_dir=cache_dir, precision=precision, allow_hub=allow_hub)
