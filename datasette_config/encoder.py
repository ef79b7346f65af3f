"""Encodes questions beside the event loop, and says how the encoder is doing."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

EncoderState = Literal["asleep", "loading", "ready", "unavailable"]

_PATIENCE: Final = 20.0
"""Seconds that a question waits for the model to be loaded before it is searched by words."""
_REMEMBERED: Final = 512

_log = logging.getLogger(__name__)


class EncodesQueries(Protocol):
    """The part of `models.embedding.Embedder` that search needs."""

    @property
    def model_id(self) -> str:
        """The name of the model and its settings."""

    def encode_queries(self, texts: list[str]) -> NDArray[np.float32]:
        """Return unit rows, float32 of shape (len(texts), d)."""


class QueryEncoder:
    """Loads an embedder once, when it is first wanted, and encodes one question at a time in a thread of its own.

    Nothing is raised: a question that cannot be encoded has no vector, and `message` says why.
    """

    def __init__(self, load: Callable[[], EncodesQueries], *, patience: float = _PATIENCE) -> None:
        self._load = load
        self._patience = patience
        # One thread: the model uses all cores for one question already.
        self._executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix="encode")
        self._lock = threading.Lock()
        self._loading: Future[EncodesQueries] | None = None
        self._vectors: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._failure: str | None = None

    def warm_up(self) -> Future[EncodesQueries]:
        """Begin to load the model unless that has begun already."""
        with self._lock:
            if self._loading is None:
                self._loading = self._executor.submit(self._load_and_try)
            return self._loading

    @property
    def state(self) -> EncoderState:
        """Whether questions can be encoded now."""
        if self._loading is None:
            return "asleep"
        if not self._loading.done():
            return "loading"
        return "unavailable" if self._loading.exception() else "ready"

    @property
    def model_id(self) -> str | None:
        """The id of the loaded model, None until it is ready."""
        return self._loading.result().model_id if self._loading and self.state == "ready" else None

    @property
    def message(self) -> str | None:
        """What is wrong, None when nothing is known to be."""
        error = self._loading.exception() if self._loading and self._loading.done() else None
        return str(error) if error else self._failure

    async def encode(self, question: str, *, model_id: str) -> NDArray[np.float32] | None:
        """Return the vector of `question`, float32 of shape (d,), None when there is none by the model `model_id`."""
        loading = asyncio.wrap_future(self.warm_up())
        await asyncio.wait({loading}, timeout=self._patience)
        if not loading.done() or loading.exception() or loading.result().model_id != model_id:
            return None
        with self._lock:
            if (known := self._vectors.get(question)) is not None:
                self._vectors.move_to_end(question)
                return known
        encoding = asyncio.wrap_future(self._executor.submit(_encode_one, loading.result(), question))
        await asyncio.wait({encoding})
        if error := encoding.exception():
            _log.warning("a question could not be encoded: %s", error)
            self._failure = f"question: encoding failed ({error}); it was searched by words"
            return None
        vector = encoding.result()
        with self._lock:
            self._vectors[question] = vector
            while len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        return vector

    def close(self) -> None:
        """Stop the thread; questions asked later have no vector."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _load_and_try(self) -> EncodesQueries:
        try:
            embedder = self._load()
            embedder.encode_queries(["eerste vraag"])  # the first one is slow, so nobody should have to ask it
        except Exception as error:
            _log.warning("the model that encodes questions cannot be loaded: %s", error)
            raise
        return embedder


def _encode_one(embedder: EncodesQueries, question: str) -> NDArray[np.float32]:
    vector: NDArray[np.float32] = np.asarray(embedder.encode_queries([question]), np.float32)[0]
    return vector
