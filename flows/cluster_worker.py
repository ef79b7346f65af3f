"""What the workers of a cluster do: read, extract and embed one document, and put it into the exchange as Parquet.

A worker of Dask keeps processes of our own (`flows/workers.py`) that do the reading, so that a document that hangs or
swells costs one of these and not the worker.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import socket
import tempfile
import threading
from dataclasses import dataclass, fields
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from extractors.lexicon import load_lexicons
from flows.errors import ClusterUnfit
from flows.exchange import Exchange, original_name
from flows.ingestion import embed_statements, version_of
from flows.judges import load_default_embedder
from flows.progress import say_nothing
from flows.settings import Settings
from flows.workers import ExtractionJob, WorkerPool, extract_here
from models.embedding import DEFAULT_MODEL, Embedder, describe_model, load_embedder
from models.joined import describe_second_model
from models.universal_encoder import UniversalEncoder
from warehouse.delivery import describe_schema, write_delivery
from warehouse.entries import version_for
from warehouse.scratch import fill_scratch
from warehouse.store import Warehouse


@dataclass(frozen=True, slots=True)
class WorkerVersion:
    """What must be the same on all machines for the same document to give the same rows."""

    program: str
    rules: str
    model: str
    second_model: str
    schema: str

    @property
    def key(self) -> str:
        """Twelve digits that change when any of it does."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:12]

    def differences(self, other: WorkerVersion) -> str:
        """Return what differs, `other` being what was expected; empty when nothing does."""
        pairs = ((field.name, getattr(self, field.name), getattr(other, field.name)) for field in fields(self))
        return ", ".join(f"{name} {found} against {wanted}" for name, found, wanted in pairs if found != wanted)


def describe_version(settings: Settings) -> WorkerVersion:
    """Return the version of the program, rules and models on this machine."""
    return WorkerVersion(
        program=version("rodedraad"),
        rules="/".join(sorted({version_for(version_of(settings), language) for language in load_lexicons()})),
        model=describe_model(settings.model),
        second_model=describe_second_model(settings.model, settings.second_model) or "none",
        schema=hashlib.sha256(repr(describe_schema()).encode()).hexdigest()[:8],
    )


@dataclass(frozen=True, slots=True)
class ClusterJob:
    """One document for a worker: its original is in the exchange, and `delivery` is where to put what was found."""

    name: str
    document_id: str
    report_id: str | None
    delivery: str
    exchange: Exchange
    version: WorkerVersion


def deliver_here(job: ClusterJob, settings: Settings) -> str:
    """Read, extract and embed one document in this process, put the delivery into the exchange and return its name.

    Raises:
        UnreadableDocument: when it cannot be read.
        ClusterUnfit: when the exchange cannot be used, or this machine has another version than the run.
        ModelUnavailable: when a model is not to be had here.
    """
    check_version(job.version, settings)
    content = job.exchange.read(original_name(job.document_id))
    extraction = extract_here(ExtractionJob(Path(job.name), job.name, job.report_id, content), settings)
    with Warehouse.open_scratch() as scratch, tempfile.TemporaryDirectory(prefix="rodedraad-delivery-") as folder:
        fill_scratch(scratch, extraction, version=version_for(version_of(settings), extraction.document.language))
        embed_statements(
            scratch,
            settings=settings,
            report=say_nothing,
            embedder=_load_embedder(settings),
            load_second=_load_second,
        )
        path = Path(folder) / "delivery.parquet"
        write_delivery(scratch, path)
        job.exchange.write(job.delivery, path)
    return job.delivery


def check_version(wanted: WorkerVersion, settings: Settings) -> None:
    """Raise `ClusterUnfit` when this machine has another version than `wanted`."""
    if found := describe_version(settings).differences(wanted):
        raise ClusterUnfit(
            f"worker on {socket.gethostname()}: found {found} of the run; install the same version of rodedraad and of "
            "its models on every machine"
        )


def check_worker(exchange: Exchange, wanted: WorkerVersion, settings: Settings, question: str) -> str:
    """Check that this worker can take part: its version, and that it reads what the run wrote and can write.

    Returns the name of the file that it wrote, which the run removes.

    Raises:
        ClusterUnfit: when it cannot.
    """
    check_version(wanted, settings)
    asked = exchange.read(question)
    answer = f"{question}-{socket.gethostname()}-{os.getpid()}"
    exchange.write(answer, asked)
    return answer


_LOCK: Final = threading.Lock()
_POOLS: Final[dict[Settings, WorkerPool[ClusterJob, str]]] = {}


def deliver(job: ClusterJob, settings: Settings, count: int = 1) -> str:
    """Do `deliver_here` in a process of its own with limits on time and memory; at most `count` at once."""
    with _LOCK:
        if settings not in _POOLS:
            # Dask's workers are daemons by default, and a daemon may not start processes.
            multiprocessing.current_process().daemon = False
            _POOLS[settings] = WorkerPool(settings, count, deliver_here)
        pool = _POOLS[settings]
    return pool.extract(job)


def stop_pools() -> None:
    """Stop the processes that `deliver` started."""
    with _LOCK:
        while _POOLS:
            _, pool = _POOLS.popitem()
            pool.__exit__(None, None, None)


def _load_embedder(settings: Settings) -> Embedder:
    return _embedder(settings.model, settings.cache_dir, settings.model_precision, settings.allow_hub)


@lru_cache(maxsize=1)
def _embedder(model: str, cache_dir: Path, precision: str, allow_hub: bool) -> Embedder:
    if model == DEFAULT_MODEL:
        return load_default_embedder(cache_dir, precision, allow_hub)  # which the judge has loaded
    return load_embedder(model, cache_dir=cache_dir, precision=precision, allow_hub=allow_hub)


@lru_cache(maxsize=1)
def _load_second() -> Embedder:
    return UniversalEncoder()
