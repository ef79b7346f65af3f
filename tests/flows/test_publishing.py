"""What publication brings up to date by itself: vectors of another model, themes, and the figures of the program."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented_extractions import make_extraction
from published_sites import NOON

from flows.ingestion import publish
from flows.settings import Settings
from flows.theming import complete_warehouse
from models.embedding import HashingEmbedder
from warehouse import quality
from warehouse.entries import Origin
from warehouse.quality import Figure
from warehouse.store import Warehouse


def _figure(value: float) -> Figure:
    return Figure(
        area="search", measure="mrr", kind="hybrid", value=value, case_count=1, document_count=1, meaning="Invented.",
        measured_on="invented questions", measured_on_hash="0" * 12, method="none", version="test", measured_at=NOON,
    )  # fmt: skip


def _tell(line: str) -> None:
    del line


def test_publication_takes_new_figures_and_embeds_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No ingestion is needed: statements get vectors, new figures give a new build, and the same again gives none."""
    settings = Settings(home=tmp_path, model="hashing")
    monkeypatch.setattr(quality, "read_shipped", lambda: (_figure(0.5),))
    with Warehouse.open(settings.warehouse_path) as warehouse:
        warehouse.save_extraction(
            make_extraction(), origin=Origin("https://verzonnen.example/1"), version="test", seen_at=NOON
        )
        complete_warehouse(warehouse, settings=settings, report=_tell)
        assert not warehouse.unembedded_texts(HashingEmbedder().model_id, ("text", "context"))
        assert publish(warehouse, settings=settings).is_new
        complete_warehouse(warehouse, settings=settings, report=_tell)
        assert not publish(warehouse, settings=settings).is_new
        monkeypatch.setattr(quality, "read_shipped", lambda: (_figure(0.6),))
        complete_warehouse(warehouse, settings=settings, report=_tell)
        assert publish(warehouse, settings=settings).is_new
        shown = warehouse.query("SELECT value FROM quality WHERE area = 'search'")
    assert shown == [(0.6,)]
