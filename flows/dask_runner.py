"""Beyond one machine: documents are read by the workers of a Dask cluster, and one loader writes the warehouse.

prefect-dask makes or joins the cluster. What a worker does is a plain function, not a task of Prefect, so that workers
need to reach the scheduler and the exchange only, not Prefect's server; the task of a document is the loader's.
"""

from __future__ import annotations

import logging
import os
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from types import TracebackType
from typing import Any, Final

from extractors.records import make_document_id
from flows.cluster_choice import ClusterChoice
from flows.cluster_worker import (
    ClusterJob,
    WorkerVersion,
    check_worker,
    deliver,
    describe_version,
    stop_pools,
)
from flows.errors import ClusterUnfit, DocumentStopped
from flows.exchange import Exchange, delivery_name, open_exchange, original_name, sweep
from flows.settings import Settings
from flows.workers import ExtractionJob, choose_worker_count
from warehouse.delivery import Delivery, read_delivery
from warehouse.errors import DeliveryUnreadable

CONNECT_SECONDS: Final = 30.0
"""How long a scheduler may take to answer, and to have a worker."""


class ClusterReaders:
    """Reads documents on a cluster; use it as a context manager. It stands in for `Workers`.

    What workers deliver is removed from the exchange by `discard`, when it was saved. What a killed run left there is
    used when the version is the same, and removed otherwise.
    """

    def __init__(self, settings: Settings, choice: ClusterChoice) -> None:
        self._settings = settings
        self._choice = choice
        self._version: WorkerVersion = describe_version(settings)
        self.exchange: Exchange = open_exchange(
            choice.exchange or str(settings.home / "exchange"), settings.warehouse_path
        )
        self._exits = ExitStack()
        self._client: Any = None
        self._threads: ThreadPoolExecutor | None = None
        self._begun: dict[tuple[str, str | None], Future[Delivery]] = {}
        self._lock = threading.Lock()
        self.sent_count = 0

    def __enter__(self) -> ClusterReaders:
        with ExitStack() as exits:
            self._client = _connect(self._settings, self._choice, exits)
            self._check_workers()
            sweep(self.exchange, self._version.key)
            exits.callback(self._stop_workers)
            self._threads = ThreadPoolExecutor(max(1, 4 * self.count), thread_name_prefix="cluster")
            self._exits = exits.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._threads is not None
        self._threads.shutdown(wait=False, cancel_futures=True)
        if error is None:
            self.exchange.remove_all()
        self._exits.close()
        self._threads.shutdown(wait=True)

    @property
    def count(self) -> int:
        """How many documents the cluster reads at once, as it is now."""
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return max(1, sum(int(worker["nthreads"]) for worker in workers.values()))

    def submit(self, job: ExtractionJob) -> Future[Delivery]:
        """Begin to read a document; one that is being read already is not sent again."""
        assert self._threads is not None
        content = job.path.read_bytes() if job.content is None else job.content
        document_id = make_document_id(content)
        key = (document_id, job.report_id)
        with self._lock:
            if key not in self._begun:
                self._begun[key] = self._threads.submit(self._deliver, job.name, document_id, job.report_id, content)
            return self._begun[key]

    def extract(self, job: ExtractionJob) -> Delivery:
        """Read and extract one document.

        Raises:
            UnreadableDocument: when it cannot be read.
            DocumentStopped: when it took too much time or memory, or ended its worker.
            ClusterUnfit: when the cluster or the exchange cannot be used; the run must stop.
        """
        return self.submit(job).result()

    def discard(self, delivery: Delivery) -> None:
        """Remove a delivery that was saved, or is not wanted, from the exchange."""
        with self._lock:
            keys = [key for key in self._begun if key[0] == delivery.document_id]
            for key in keys:
                del self._begun[key]
        for _, report_id in keys:
            self.exchange.remove(delivery_name(self._version.key, delivery.document_id, report_id))

    def _deliver(self, name: str, document_id: str, report_id: str | None, content: bytes) -> Delivery:
        place = delivery_name(self._version.key, document_id, report_id)
        if self.exchange.has(place):
            try:
                return self._load(place)
            except DeliveryUnreadable:
                self.exchange.remove(place)
        self.exchange.write(original_name(document_id), content)
        job = ClusterJob(name, document_id, report_id, place, self.exchange, self._version)
        self.sent_count += 1
        try:
            self._ask(job)
        finally:
            self.exchange.remove(original_name(document_id))
        return self._load(place)

    def _ask(self, job: ClusterJob) -> None:
        from distributed import CancelledError, KilledWorker

        asked = self._client.submit(deliver, job, self._settings, pure=False)
        try:
            asked.result()
        except KilledWorker as error:
            raise DocumentStopped(
                f"{job.name}: the workers of the cluster that read it ended, against one that answers",
                reason="worker_ended",
                what_to_do="Look at the logs of the workers: report this message together with the document.",
            ) from error
        except CancelledError as error:
            raise ClusterUnfit(
                f"cluster {self._choice.address or 'on this machine'}: it dropped {job.name}, against an answer; look "
                "whether its scheduler runs, and ingest again"
            ) from error

    def _load(self, place: str) -> Delivery:
        with self.exchange.lend_file(place) as path:
            return read_delivery(path)

    def _check_workers(self) -> None:
        """Raise `ClusterUnfit` when a worker has another version, or does not share the exchange with the run."""
        question = f"question-{uuid.uuid4().hex[:8]}"
        self.exchange.write(question, b"rodedraad")
        answers = self._client.run(
            check_worker, self.exchange, self._version, self._settings, question, on_error="return"
        )
        for worker, answer in answers.items():
            if isinstance(answer, ClusterUnfit):
                raise answer
            if isinstance(answer, BaseException):
                raise ClusterUnfit(
                    f"worker {worker}: found {type(answer).__name__} ({answer}), against one with rodedraad[dask] of "
                    "this version; install it there"
                ) from answer
            if not self.exchange.has(answer):
                raise ClusterUnfit(
                    f"exchange {self.exchange.url}: what worker {worker} wrote cannot be seen here, against a folder "
                    "that all share; give another with --exchange"
                )
            self.exchange.remove(answer)
        self.exchange.remove(question)

    def _stop_workers(self) -> None:
        self._client.run(stop_pools, on_error="ignore")


def _connect(settings: Settings, choice: ClusterChoice, exits: ExitStack) -> Any:
    """Return a client of the chosen cluster, which `exits` will close; raises `ClusterUnfit`."""
    try:
        import dask
        from prefect_dask.task_runners import DaskTaskRunner
    except ImportError as error:
        raise ClusterUnfit(
            "runner dask: the packages for it are not installed; install rodedraad[dask] here and on every worker"
        ) from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    limits = {
        # A worker that dies is replaced and its document tried once more, as on one machine.
        "distributed.scheduler.allowed-failures": 1,
        "distributed.comm.timeouts.connect": f"{CONNECT_SECONDS:g}s",
    }
    exits.enter_context(dask.config.set(limits))
    options: dict[str, Any] = {"address": choice.address}
    if choice.address is None:
        count = choose_worker_count(settings) or 1
        options = {
            "cluster_kwargs": {
                "n_workers": count,
                "threads_per_worker": 1,
                "processes": True,
                "memory_limit": 0,  # our own processes hold the memory, and have a limit
                "dashboard_address": None,
                "host": "127.0.0.1",
                "local_directory": os.fspath(settings.home / "dask"),
                "silence_logs": logging.CRITICAL,
            }
        }
    runner = exits.enter_context(DaskTaskRunner(**options))
    try:
        client = runner.client
        client.wait_for_workers(1, timeout=CONNECT_SECONDS)
    except (OSError, TimeoutError, ValueError) as error:
        raise ClusterUnfit(
            f"cluster {choice.address or 'on this machine'}: found no scheduler with workers within "
            f"{CONNECT_SECONDS:g} seconds ({error}), against one that answers; correct --address, or start workers"
        ) from error
    return client
