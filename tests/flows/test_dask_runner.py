"""Documents that are read on a cluster give the warehouse of a run on one machine, and nothing is done twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows import dask_runner
from flows.cluster_choice import ClusterChoice
from flows.cluster_worker import ClusterJob, check_version, deliver, deliver_here, describe_version
from flows.dask_runner import ClusterReaders
from flows.discovery import discover_documents
from flows.errors import ClusterUnfit, DocumentStopped
from flows.exchange import Exchange, delivery_name, open_exchange, sweep
from flows.fetch_journal import open_fetcher
from flows.ingestion import DocumentOutcome, begin_document, embed_statements, finish_document
from flows.settings import Settings
from flows.workers import Reader, Workers
from models.embedding import describe_model
from warehouse.store import Warehouse
from warehouse.tables import TABLES

pytest.importorskip("prefect_dask")

REPORTS = {
    "1-pont.md": "# Verzonnen rapport over de pont\n\n## Aanbevelingen\n\n1. Houd de pont elke dag in de vaart.\n"
    "2. De gemeente moet de dienstregeling voor 1 mei 2027 bekendmaken.\n",
    "2-ferry.md": "# Invented review of the ferry\n\n## Conclusions\n\n1. The council did not answer its letters.\n\n"
    "## Recommendations\n\n1. The council should answer every letter within two weeks.\n",
    "3-kapot.pdf": "%PDF-1.7 niets",
    "4-weer-de-pont.md": "",  # the same bytes as the first
}


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    for name, text in REPORTS.items():
        (folder / name).write_text(text or REPORTS["1-pont.md"], encoding="utf-8")
    return folder


def make_settings(home: Path) -> Settings:
    home.mkdir(exist_ok=True)
    return Settings(home=home, model="hashing", extraction="rules", workers=2, _env_file=None)  # type: ignore[call-arg]


def ingest(inbox: Path, settings: Settings, reader: Reader) -> list[DocumentOutcome]:
    with Warehouse.open(settings.warehouse_path) as warehouse, open_fetcher(settings, warehouse) as fetcher:
        begun = [
            (source, begin_document(source, warehouse, settings, fetcher, reader))
            for source in discover_documents([str(inbox)])
        ]
        outcomes = [finish_document(s, b, warehouse=warehouse, settings=settings) for s, b in begun]
        embed_statements(warehouse, settings=settings, report=str)
        return outcomes


def dump(settings: Settings) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of all tables, in order, without times and vectors."""
    rows = {}
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        for table in TABLES:
            names = [c.name for c in table.stored_columns if c.kind not in ("clock", "vector")]
            rows[table.name] = sorted(warehouse.query(f"SELECT {', '.join(names)} FROM {table.name}"), key=repr)
    return rows


def vectors(settings: Settings) -> tuple[tuple[str, ...], Any]:
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        return warehouse.read_embeddings(describe_model(settings.model))


def assert_same(one: Settings, other: Settings) -> None:
    assert dump(one) == dump(other)
    (hashes, matrix), (other_hashes, other_matrix) = vectors(one), vectors(other)
    assert hashes == other_hashes and len(hashes) > 3
    np.testing.assert_allclose(matrix, other_matrix, atol=1e-5)


class Answer:
    def __init__(self, compute: Callable[[], object]) -> None:
        self._compute = compute

    def result(self) -> object:
        return self._compute()


class ClientHere:
    """Stands in for the client of a cluster: works in this process; `before` is called with each job first."""

    def __init__(self) -> None:
        self.before: Callable[[ClusterJob], object] = str
        self.sent: list[str] = []

    def scheduler_info(self, n_workers: int = 5) -> dict[str, Any]:
        return {"workers": {"tcp://one": {"nthreads": 2}}}

    def submit(self, function: object, job: ClusterJob, settings: Settings, *, pure: bool) -> Answer:
        assert function is deliver and not pure

        def compute() -> object:
            self.before(job)
            return deliver_here(job, settings)

        self.sent.append(job.name)
        return Answer(compute)

    def run(self, function: Callable[..., object], *given: object, on_error: str) -> dict[str, object]:
        try:
            return {"tcp://one": function(*given)}
        except Exception as error:  # noqa: BLE001 - as Dask returns them
            return {"tcp://one": error}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[ClientHere]:
    here = ClientHere()
    monkeypatch.setattr(dask_runner, "_connect", lambda *given: here)
    yield here


def test_nothing_is_sent_twice_and_nothing_is_left(client: ClientHere, inbox: Path, tmp_path: Path) -> None:
    alone, shared = make_settings(tmp_path / "alone"), make_settings(tmp_path / "shared")
    ingest(inbox, alone, Workers(alone, 0))

    with ClusterReaders(shared, ClusterChoice()) as readers:
        first = ingest(inbox, shared, readers)
        left = readers.exchange.list_names()
        second = ingest(inbox, shared, readers)

    assert [outcome.status for outcome in first] == ["new", "new", "failed", "unchanged"]
    assert [outcome.status for outcome in second] == ["unchanged", "unchanged", "failed", "unchanged"]
    assert [client.sent.count(name) for name in REPORTS] == [1, 1, 1, 0]
    assert left == [] and not list((shared.home / "exchange").iterdir())
    assert_same(alone, shared)


def test_what_a_killed_run_left_is_used_or_removed(client: ClientHere, inbox: Path, tmp_path: Path) -> None:
    """A finished delivery of this version is used; one that is cut off is made again; the rest goes."""
    settings = make_settings(tmp_path / "home")
    with pytest.raises(KeyboardInterrupt), ClusterReaders(settings, ClusterChoice()) as readers:
        for source in discover_documents([str(inbox / "1-pont.md"), str(inbox / "2-ferry.md")]):
            content = Path(source.address).read_bytes()
            with Warehouse.open(settings.warehouse_path) as warehouse, open_fetcher(settings, warehouse) as fetcher:
                begun = begin_document(source, warehouse, settings, fetcher, readers)
            assert not isinstance(begun, (Exception, DocumentOutcome)), (begun, content)
            begun.extraction.result()
        raise KeyboardInterrupt
    kept = [name for name in readers.exchange.list_names() if name.endswith(".parquet")]
    readers.exchange.write(kept[1], b"PAR1 cut off")
    readers.exchange.write(delivery_name("elder", "d", "r"), b"of another version")
    readers.exchange.write("originals/d", b"left")
    client.sent.clear()

    with ClusterReaders(settings, ClusterChoice()) as again:
        assert again.exchange.list_names() == kept
        outcomes = ingest(inbox, settings, again)

    assert [outcome.status for outcome in outcomes] == ["new", "new", "failed", "unchanged"]
    assert len(client.sent) == 2 and "3-kapot.pdf" in client.sent


def test_a_worker_that_dies_costs_its_document(client: ClientHere, inbox: Path, tmp_path: Path) -> None:
    from distributed import KilledWorker

    def die(job: ClusterJob) -> None:
        if job.name == "2-ferry.md":
            raise KilledWorker("deliver-1", None, 2)  # type: ignore[no-untyped-call]

    client.before = die
    settings = make_settings(tmp_path / "home")
    with ClusterReaders(settings, ClusterChoice()) as readers:
        outcomes = ingest(inbox, settings, readers)

    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        reasons = {problem.reason for problem in warehouse.list_problems()}
    assert [outcome.status for outcome in outcomes] == ["new", "failed", "failed", "unchanged"]
    assert reasons == {"worker_ended", "damaged"}


def test_a_document_of_another_report_than_thought_is_read_again(
    client: ClientHere, tmp_path: Path, inbox: Path
) -> None:
    """The first version is saved after the second one was sent: the second belongs to the report of the first."""
    settings = make_settings(tmp_path / "home")
    path = inbox / "1-pont.md"
    with (
        ClusterReaders(settings, ClusterChoice()) as readers,
        Warehouse.open(settings.warehouse_path) as warehouse,
        open_fetcher(settings, warehouse) as fetcher,
    ):
        (source,) = discover_documents([str(path)])
        first = begin_document(source, warehouse, settings, fetcher, readers)
        path.write_text(REPORTS["1-pont.md"] + "3. Stel een klachtenregeling vast.\n", encoding="utf-8")
        second = begin_document(source, warehouse, settings, fetcher, readers)
        for begun in (first, second):
            outcome = finish_document(source, begun, warehouse=warehouse, settings=settings)
            assert outcome.status == "new"
        assert warehouse.counts()["reports"] == 1
        assert warehouse.counts()["documents"] == 2
    assert len(client.sent) == 3


def test_a_worker_of_another_version_stops_the_run(tmp_path: Path) -> None:
    settings = make_settings(tmp_path / "home")
    wanted = describe_version(settings)
    check_version(wanted, settings)
    with pytest.raises(ClusterUnfit, match=r"rules .* against 9\.9-elder of the run"):
        check_version(replace(wanted, rules="9.9-elder"), settings)
    assert replace(wanted, model="another").key != wanted.key


def test_workers_are_asked_before_anything_is_sent(
    client: ClientHere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = make_settings(tmp_path / "home")
    elder = replace(describe_version(settings), program="0.0.1")
    monkeypatch.setattr(dask_runner, "describe_version", lambda settings: elder)
    with pytest.raises(ClusterUnfit, match=r"program .* against 0\.0\.1"), ClusterReaders(settings, ClusterChoice()):
        pass
    monkeypatch.undo()
    monkeypatch.setattr(dask_runner, "_connect", lambda *given: client)
    monkeypatch.setattr(client, "run", lambda *given, **options: {"tcp://one": ModuleNotFoundError("flows")})
    with pytest.raises(ClusterUnfit, match=r"worker tcp://one: found ModuleNotFoundError"):
        ClusterReaders(settings, ClusterChoice()).__enter__()
    monkeypatch.setattr(client, "run", lambda *given, **options: {"tcp://one": "written-elsewhere"})
    with pytest.raises(ClusterUnfit, match="cannot be seen here"):
        ClusterReaders(settings, ClusterChoice()).__enter__()


def test_an_exchange_that_cannot_be_written_says_so(client: ClientHere, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    for place, complaint in ((str(tmp_path / "file"), "cannot be written"), ("nowhere://x", "cannot be opened")):
        with pytest.raises(ClusterUnfit, match=complaint):
            ClusterReaders(make_settings(tmp_path / "home"), ClusterChoice(exchange=place)).__enter__()


@pytest.mark.parametrize("kind", ["folder", "memory"])
def test_an_exchange_is_a_folder_or_a_store(tmp_path: Path, kind: str) -> None:
    url = str(tmp_path / "exchange") if kind == "folder" else f"memory://{tmp_path.name}"
    exchange = open_exchange(url, tmp_path / "warehouse.duckdb")

    assert exchange.list_names() == [] and not exchange.has("a/b")
    exchange.write("a/b", b"one")
    exchange.write("a/b", b"two")
    exchange.write(delivery_name("1", "d", None), b"kept")

    assert exchange.read("a/b") == b"two"
    with exchange.lend_file("a/b") as path:
        assert path.read_bytes() == b"two"
    assert sweep(exchange, "1") == 1 and exchange.list_names() == ["deliveries/1/d-new.parquet"]
    exchange.remove("a/b")
    exchange.remove_all()
    assert exchange.list_names() == []
    assert open_exchange(url, tmp_path / "other.duckdb") != exchange
    with pytest.raises(ClusterUnfit, match="cannot be read"):
        Exchange(exchange.url).read("a/b")


@pytest.mark.system
def test_a_cluster_of_two_workers_gives_the_warehouse_of_a_run_on_one_machine(inbox: Path, tmp_path: Path) -> None:
    """Two processes of Dask, each with a process of its own for the documents, which has limits."""
    alone, shared = make_settings(tmp_path / "alone"), make_settings(tmp_path / "shared")
    before = ingest(inbox, alone, Workers(alone, 0))

    with ClusterReaders(shared, ClusterChoice(exchange=str(tmp_path / "exchange"))) as readers:
        assert readers.count == 2
        outcomes = ingest(inbox, shared, readers)
        assert readers.sent_count == 3
        hurried = shared.model_copy(update={"document_seconds": 1e-6})
        readers._settings = hurried
        with pytest.raises(DocumentStopped) as stopped:
            (inbox / "5-lang.md").write_text(REPORTS["1-pont.md"] * 3000, encoding="utf-8")
            ingest_one(inbox / "5-lang.md", hurried, readers)

    assert outcomes == before
    assert stopped.value.reason == "too_slow"
    assert not list((tmp_path / "exchange").iterdir())
    assert_same(alone, shared)


def ingest_one(path: Path, settings: Settings, readers: ClusterReaders) -> None:
    from flows.workers import ExtractionJob

    readers.extract(ExtractionJob(path, path.name))
