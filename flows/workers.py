"""Workers: documents are read and extracted in processes of their own, with limits on time and memory.

A PDF may be built to hang or to fill the memory, and a bug in a library for file formats can end a process. In a worker
that costs one document: it becomes a row in `problems`, the worker is replaced, and the others go on.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, Self, TypeVar, cast

import psutil

from extractors.extraction import extract_report
from extractors.reading import read_document
from flows.errors import DocumentStopped
from flows.judges import load_judge_for
from flows.settings import Settings

if TYPE_CHECKING:
    from extractors.records import Extraction
    from warehouse.delivery import Delivery

LOOK_EVERY: Final = 0.2
"""Seconds between two looks at the memory of a worker."""

START_SECONDS: Final = 300.0
"""How long a worker may take to start and to load the model; the first one of a machine also unpacks it."""

WORKER_BYTES: Final = 3_000_000_000
"""Memory that the number of workers is chosen by."""

DOCUMENTS_PER_WORKER: Final = 10
"""Another worker starts for every so many documents: it loads the model too, which few documents do not repay."""

_SPAWN: Final = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class ExtractionJob:
    """One document to read and extract. `content` are its bytes, None when the worker reads them from `path`."""

    path: Path
    name: str
    report_id: str | None = None
    content: bytes | None = None


Extract = Callable[[ExtractionJob], "Extraction | Delivery"]
"""Reads and extracts one document; raises `UnreadableDocument` and `DocumentStopped`."""

Discard = Callable[["Delivery"], None]
"""Takes back a delivery that was saved."""


class Reader(Protocol):
    """Reads and extracts documents, several at once: on this machine (`Workers`) or on a cluster."""

    @property
    def count(self) -> int:
        """How many documents are read at once."""

    def submit(self, job: ExtractionJob) -> Future[Extraction] | Future[Delivery]:
        """Begin to read a document; the result of the future, or its error, is that of `extract`."""

    def extract(self, job: ExtractionJob) -> Extraction | Delivery:
        """Read and extract one document."""

    def discard(self, delivery: Delivery) -> None:
        """Take back a delivery that was saved."""


def extract_here(job: ExtractionJob, settings: Settings) -> Extraction:
    """Read and extract one document in this process, without limits on time and memory.

    Raises:
        UnreadableDocument: when it cannot be read.
        ModelUnavailable: when the judge is wanted and cannot be loaded; the run must stop.
    """
    content = job.path.read_bytes() if job.content is None else job.content
    document = read_document(content, name=job.name, max_pages=settings.max_pages, ocr=settings.ocr)
    return extract_report(
        document, report_id=job.report_id, judge=load_judge_for(settings), min_confidence=settings.min_confidence
    )


def choose_worker_count(settings: Settings, document_count: int | None = None) -> int:
    """Return how many workers to start: what the setting says, else by cores, memory and number of documents.

    0 means that this process reads the documents itself. `document_count` is None where nobody knows it yet.
    """
    if settings.workers is not None:
        return settings.workers
    by_memory = int(psutil.virtual_memory().available // WORKER_BYTES)
    by_documents = by_memory if document_count is None else 1 + document_count // DOCUMENTS_PER_WORKER
    return max(1, min(os.cpu_count() or 1, by_memory, by_documents))


class Named(Protocol):
    """A job; its `name` is what messages call it."""

    @property
    def name(self) -> str:
        """What the operator knows the document by."""


Job = TypeVar("Job", bound=Named)
Result = TypeVar("Result")


class WorkerPool(Generic[Job, Result]):
    """A number of worker processes, started when they are first needed and stopped at the end of a `with` block.

    `work` is what they do with a job: a function of a module, which raises what `extract` is to raise.
    """

    def __init__(self, settings: Settings, count: int, work: Callable[[Job, Settings], Result]) -> None:
        self._settings = settings
        self._work = work
        self._count = count
        self._threads = ThreadPoolExecutor(max(1, count), thread_name_prefix="worker")
        self._idle: SimpleQueue[_Worker[Job, Result]] = SimpleQueue()
        self._all: list[_Worker[Job, Result]] = []
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # What waits is dropped first, so that no thread starts a process again that is being stopped.
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._all:
            worker.stop()
        self._threads.shutdown(wait=True)

    @property
    def count(self) -> int:
        """How many processes there are at most; 0 when this one does the work."""
        return self._count

    def submit(self, job: Job) -> Future[Result]:
        """Begin to read and extract a document; the result of the future, or its error, is that of `extract`."""
        return self._threads.submit(self.extract, job)

    def extract(self, job: Job) -> Result:
        """Read and extract one document.

        Raises:
            UnreadableDocument: when it cannot be read.
            DocumentStopped: when it took too much time or memory, or ended its worker.
            ModelUnavailable: when the judge is wanted and cannot be loaded; the run must stop.
        """
        if not self.count:
            return self._work(job, self._settings)
        worker = self._take()
        try:
            return worker.extract(job)
        except DocumentStopped as error:
            if error.reason != "worker_ended":
                raise
            return worker.extract(job)  # it may have been killed for another reason; twice is the document's doing
        finally:
            self._idle.put(worker)

    def _take(self) -> _Worker[Job, Result]:
        with self._lock:
            if self._idle.empty() and len(self._all) < self.count:
                threads = max(1, (os.cpu_count() or 1) // self.count)
                self._all.append(_Worker(self._settings, self._work, threads=threads))
                return self._all[-1]
        return self._idle.get()


class Workers(WorkerPool[ExtractionJob, "Extraction"]):
    """Worker processes that read and extract documents for a run on this machine."""

    def __init__(self, settings: Settings, count: int) -> None:
        super().__init__(settings, count, extract_here)

    def discard(self, delivery: Delivery) -> None:
        """Do nothing: these workers deliver no files."""


class _Worker(Generic[Job, Result]):
    """One process and the pipe to it; a process that was stopped is replaced at the next document."""

    def __init__(self, settings: Settings, work: Callable[[Job, Settings], Result], *, threads: int) -> None:
        self._settings = settings
        self._work = work
        self._thread_count = threads
        self._process: multiprocessing.process.BaseProcess | None = None
        self._pipe: Connection[Any, Any] | None = None

    def extract(self, job: Job) -> Result:
        if self._pipe is None:
            self._start()
        answer = self._ask(job.name, self._settings.document_seconds, job)
        if isinstance(answer, BaseException):
            raise answer
        return cast("Result", answer)

    def _start(self) -> None:
        pipe, theirs = _SPAWN.Pipe()
        self._pipe = pipe
        self._process = _SPAWN.Process(
            target=_work,
            args=(theirs, self._settings, self._thread_count, self._work),
            name="rodedraad worker",
            daemon=False,
        )
        self._process.start()
        theirs.close()
        answer = self._ask("worker", START_SECONDS)
        if isinstance(answer, BaseException):
            self.stop()
            raise answer

    def _ask(self, name: str, seconds: float, job: Job | None = None) -> object:
        """Give the process a job and return its answer; stops it, and raises `DocumentStopped`, at a limit."""
        assert self._pipe is not None and self._process is not None
        until = time.monotonic() + seconds
        limit = self._settings.document_memory
        try:
            if job:
                self._pipe.send(job)
            while not self._pipe.poll(LOOK_EVERY):
                if (held := _measure_memory(self._process.pid)) > limit:
                    raise DocumentStopped(
                        f"{name}: it took {held / 1e9:.1f} GB of memory, against at most {limit / 1e9:.1f}",
                        reason="too_much_memory",
                        what_to_do="Split the document, or raise RODEDRAAD_DOCUMENT_MEMORY.",
                    )
                if time.monotonic() > until:
                    raise DocumentStopped(
                        f"{name}: it was not read within {seconds:g} seconds",
                        reason="too_slow",
                        what_to_do="Split the document, or raise RODEDRAAD_DOCUMENT_SECONDS.",
                    )
            answer: object = self._pipe.recv()
        except DocumentStopped:
            self.stop()
            raise
        except (EOFError, OSError) as error:
            code = self._exit_code()
            self.stop()
            raise DocumentStopped(
                f"{name}: the process that read it ended ({code}), against one that answers",
                reason="worker_ended",
                what_to_do="It was tried twice: report this message together with the document.",
            ) from error
        return answer

    def _exit_code(self) -> str:
        assert self._process is not None
        self._process.join(5)
        code = self._process.exitcode
        if code is not None and code < 0:
            with contextlib.suppress(ValueError):
                return f"by signal {signal.Signals(-code).name}"
        return f"exit code {code}"

    def stop(self) -> None:
        """End the process and what it started (the programs that recognise scans)."""
        process, self._process = self._process, None
        if self._pipe is not None:
            self._pipe.close()
            self._pipe = None
        if process is None or process.pid is None:
            return
        for running in _family(process.pid):
            with contextlib.suppress(psutil.NoSuchProcess):
                running.kill()
        process.join()


def _family(pid: int) -> list[psutil.Process]:
    """Return a process and all that it started; empty when it has ended."""
    try:
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return []


def _measure_memory(pid: int | None) -> int:
    """Return the bytes of memory that a process and its children hold; 0 when it has ended."""
    total = 0
    for running in _family(pid) if pid else ():
        with contextlib.suppress(psutil.NoSuchProcess):
            total += int(running.memory_info().rss)
    return total


def _work(
    pipe: Connection[Any, Any], settings: Settings, threads: int, work: Callable[[Any, Settings], object]
) -> None:
    """Do the work on what comes through the pipe, until it is closed. Runs in a process of its own."""
    os.environ["OMP_NUM_THREADS"] = str(threads)  # read when the model is loaded
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the run, which stops its workers
    try:
        load_judge_for(settings)
    except Exception as error:  # noqa: BLE001 - every failure goes to the run, which tells it
        pipe.send(error)
        return
    pipe.send("ready")
    while True:
        try:
            job = pipe.recv()
        except EOFError:
            return
        try:
            answer: object = work(job, settings)
        except MemoryError:
            answer = DocumentStopped(
                f"{job.name}: the memory did not suffice to read it",
                reason="too_much_memory",
                what_to_do="Split the document, or give the machine more memory.",
            )
        except Exception as error:  # noqa: BLE001 - the run records it and goes on
            answer = error
        pipe.send(answer)
