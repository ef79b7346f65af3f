"""Documents that hang, swell or end their process cost a row in `problems`; the others are read."""

from __future__ import annotations

import io
import multiprocessing
import os
import zlib
from pathlib import Path

import pikepdf
import pytest
from invented_pdfs import make_pdf

from extractors.errors import UnreadableDocument
from flows.discovery import discover_documents
from flows.errors import DocumentStopped
from flows.fetch_journal import open_fetcher
from flows.ingestion import DocumentOutcome, IngestSummary, begin_document, finish_document, why_blocked
from flows.settings import Settings
from flows.workers import ExtractionJob, Workers, choose_worker_count
from warehouse.store import Warehouse

pytestmark = pytest.mark.system

REPORT = "# Verzonnen rapport\n\n## Aanbevelingen\n\n1. Houd de pont naar het eiland elke dag in de vaart.\n"
BOMB_BYTES = 1_500_000_000
MEMORY = 1_200_000_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    home = tmp_path / "home"
    home.mkdir()
    return Settings(home=home, model="hashing", workers=1, document_memory=MEMORY, _env_file=None)  # type: ignore[call-arg]


def bomb() -> bytes:
    """Return a small PDF whose page unpacks to `BOMB_BYTES` bytes of drawing."""
    with pikepdf.open(io.BytesIO(make_pdf(["Verzonnen bladzijde"]))) as pdf:
        packer = zlib.compressobj(9)
        chunk = b"0 0 m 9 9 l S\n" * 100_000
        packed = b"".join(packer.compress(chunk) for _ in range(BOMB_BYTES // len(chunk))) + packer.flush()
        stream = pikepdf.Stream(pdf, packed)
        stream.Filter = pikepdf.Name.FlateDecode
        pdf.pages[0].Contents = pdf.make_indirect(stream)
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_a_document_that_swells_is_stopped_and_the_next_one_is_read(settings: Settings, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    (inbox / "1-bom.pdf").write_bytes(bomb())
    (inbox / "2-goed.md").write_text(REPORT, encoding="utf-8")

    with (
        Warehouse.open(settings.warehouse_path) as warehouse,
        open_fetcher(settings, warehouse) as fetcher,
        Workers(settings, 1) as workers,
    ):
        begun = [
            (source, begin_document(source, warehouse, settings, fetcher, workers))
            for source in discover_documents([str(inbox)])
        ]
        outcomes = {
            source.name: finish_document(source, document, warehouse=warehouse, settings=settings)
            for source, document in begun
        }
        (problem,) = warehouse.list_problems()

    assert outcomes["2-goed.md"].status == "new"
    assert outcomes["1-bom.pdf"].status == "failed"
    assert problem.reason in ("too_much_memory", "too_slow") and "RODEDRAAD_DOCUMENT_" in problem.what_to_do


class DeadlyJob(ExtractionJob):
    """Ends the process that receives it, as a fault in a library for file formats would."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return os._exit, (7,)


def test_a_worker_is_stopped_at_its_time_and_replaced_when_it_ends(settings: Settings) -> None:
    job = ExtractionJob(Path("r.md"), "r.md", content=REPORT.encode())
    hurried = settings.model_copy(update={"document_seconds": 1e-6})

    with Workers(hurried, 1) as workers, pytest.raises(DocumentStopped) as slow:
        workers.extract(ExtractionJob(Path("r.md"), "r.md", content=(REPORT * 2000).encode()))
    with Workers(settings, 1) as workers:
        (statement,) = workers.extract(job).statements
        (process,) = multiprocessing.active_children()
        process.kill()
        again = workers.extract(job)
        with pytest.raises(DocumentStopped, match="exit code 7") as ended:
            workers.extract(DeadlyJob(Path("r.md"), "r.md"))
        with pytest.raises(UnreadableDocument) as unreadable:
            workers.extract(ExtractionJob(Path("r.pdf"), "r.pdf", content=b"%PDF-1.7 nothing"))

    assert (slow.value.reason, ended.value.reason, unreadable.value.reason) == ("too_slow", "worker_ended", "damaged")
    assert again.statements == (statement,)
    assert not multiprocessing.active_children()


def test_without_workers_the_run_reads_itself(settings: Settings) -> None:
    with Workers(settings, 0) as workers:
        future = workers.submit(ExtractionJob(Path("r.md"), "r.md", content=REPORT.encode()))
        assert len(future.result().statements) == 1


def test_few_documents_have_one_worker_and_the_setting_decides(settings: Settings) -> None:
    free = settings.model_copy(update={"workers": None})

    assert choose_worker_count(free, 9) == 1
    assert choose_worker_count(free.model_copy(update={"workers": 3}), 9) == 3


@pytest.mark.parametrize(("failed", "total", "is_blocked"), [(4, 4, False), (5, 100, False), (21, 100, True)])
def test_many_failed_documents_block_publication(settings: Settings, failed: int, total: int, is_blocked: bool) -> None:
    summary = IngestSummary()
    summary.outcomes = [DocumentOutcome(str(n), "failed" if n < failed else "new") for n in range(total)]

    reason = why_blocked(summary, settings)

    assert (reason is not None) == is_blocked
    assert not reason or f"{failed} of {total} documents failed" in reason
