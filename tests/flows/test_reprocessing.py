"""What another version extracted is read again from its stored original, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.discovery import discover_documents
from flows.ingestion import ingest_document
from flows.raw_store import find_original
from flows.reprocessing import plan_reprocessing
from flows.settings import Settings
from warehouse.store import Warehouse

REPORT = "# Verzonnen rapport\n\n## Aanbevelingen\n\n1. Houd de pont naar het eiland elke dag in de vaart.\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model="hashing", _env_file=None)  # type: ignore[call-arg]


def test_a_changed_threshold_reads_the_stored_original_again(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir()
    (tmp_path / "inbox").mkdir()
    path = tmp_path / "inbox" / "pont.md"
    path.write_text(REPORT, encoding="utf-8")
    stricter = settings.model_copy(update={"min_confidence": 0.99})

    with Warehouse.open(settings.warehouse_path) as warehouse:
        for source in discover_documents([str(path)]):
            ingest_document(source, warehouse=warehouse, settings=settings)
        nothing = plan_reprocessing(warehouse, settings)
        path.unlink()  # the original that is kept suffices
        plan = plan_reprocessing(warehouse, stricter)
        (outcome,) = [ingest_document(source, warehouse=warehouse, settings=stricter) for source in plan.documents]
        after = plan_reprocessing(warehouse, stricter)
        counts = warehouse.counts()

    assert (nothing.total, nothing.documents) == (1, ())
    assert [source.name for source in plan.documents] == ["pont.md"] and plan.missing == ()
    assert outcome.status == "new" and after.documents == ()
    assert (counts["reports"], counts["documents"], counts["statements"], counts["review"]) == (1, 1, 0, 1)


@pytest.mark.parametrize("name", ["kst-36000-VII-12.5", "besluit.1.md", "rapport"])
def test_a_name_with_a_point_in_it_keeps_its_kind(settings: Settings, tmp_path: Path, name: str) -> None:
    """A name whose end is no known suffix gets that of the stored original."""
    settings.home.mkdir()
    path = tmp_path / "stored.md"
    path.write_text(REPORT, encoding="utf-8")
    with Warehouse.open(settings.warehouse_path) as warehouse:
        for source in discover_documents([str(path)]):
            ingest_document(source, warehouse=warehouse, settings=settings)
        with warehouse.transaction() as connection:
            connection.execute("UPDATE origins SET file_name = ?", [name])
        plan = plan_reprocessing(warehouse, settings.model_copy(update={"min_confidence": 0.99}))
    assert [source.name for source in plan.documents] == [name.removesuffix(".md") + ".md"]


def test_a_document_without_its_original_is_named(settings: Settings, tmp_path: Path) -> None:
    settings.home.mkdir()
    path = tmp_path / "pont.md"
    path.write_text(REPORT, encoding="utf-8")
    with Warehouse.open(settings.warehouse_path) as warehouse:
        for source in discover_documents([str(path)]):
            ingest_document(source, warehouse=warehouse, settings=settings)
        ((document_id,),) = warehouse.query("SELECT document_id FROM documents")
        stored = find_original(settings.raw_dir, document_id)
        assert stored is not None
        stored.unlink()
        plan = plan_reprocessing(warehouse, settings.model_copy(update={"min_confidence": 0.99}))

    assert (plan.documents, plan.missing) == ((), (str(path),))
