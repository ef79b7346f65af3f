"""The review list: candidates that are no statements are kept, published, and follow their report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from invented_extractions import LATER, MODEL, NOON, ask, make_extraction

from extractors.records import make_report_id
from warehouse.entries import Origin
from warehouse.publication import publish_site
from warehouse.store import Warehouse

HERE = Origin("https://ombudsman.example/beloofd.pdf")


def test_candidates_are_kept_with_their_place_and_published(tmp_path: Path) -> None:
    """A candidate has its quotation, place, confidence and reason in the warehouse and in the site."""
    extraction = make_extraction(with_review=True)
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.save_extraction(extraction, origin=HERE, version="1", seen_at=NOON)
        published = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
        assert warehouse.counts()["review"] == 1
    [(text, start, end, confidence, why, section)] = ask(
        published.path,
        "SELECT r.text, r.start_offset, r.end_offset, r.confidence, r.why, s.title FROM review r JOIN sections s "
        "USING (section_id)",
    )
    assert extraction.document.text[start:end] == text == section == "Conclusies en aanbevelingen"
    assert (confidence, why) == (0.25, "unsure")


def test_a_new_version_of_a_report_replaces_its_candidates(tmp_path: Path) -> None:
    """Candidates of a replaced document go; those of the new one carry the id of the report."""
    first, second = make_extraction(with_review=True), make_extraction("Een bevinding.", with_review=True)
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.save_extraction(first, origin=HERE, version="1", seen_at=NOON)
        before = warehouse.query("SELECT review_id FROM review")
        warehouse.save_extraction(second, origin=HERE, version="1", seen_at=LATER)
        [(review_id, report_id, document_id)] = warehouse.query("SELECT review_id, report_id, document_id FROM review")
        assert (report_id, document_id) == (
            make_report_id(first.document.document_id),
            second.document.document_id,
        )
        assert before == [(review_id,)]  # the same words in the same report


def test_a_candidate_without_a_reason_is_a_mistake(tmp_path: Path) -> None:
    """The program must say why a passage is in the list."""
    extraction = make_extraction(with_review=True)
    silent = tuple(dataclasses.replace(candidate, doubt=None) for candidate in extraction.review)
    with (
        Warehouse.open(tmp_path / "w.duckdb") as warehouse,
        pytest.raises(ValueError, match="have no doubt"),
    ):
        warehouse.save_extraction(
            dataclasses.replace(extraction, review=silent), origin=HERE, version="1", seen_at=NOON
        )
