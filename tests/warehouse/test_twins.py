"""A scan and its text version are recognised as the same report where title, number and publisher agree."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from invented_extractions import ADVICE, FINDING, NOON, make_extraction

from extractors.records import Extraction
from warehouse.entries import Origin
from warehouse.store import Warehouse

TEXT = make_extraction(FINDING, *ADVICE)


@pytest.fixture()
def warehouse(tmp_path: Path):
    """A warehouse with the text version of a report."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        save(opened, TEXT)
        yield opened


def save(warehouse: Warehouse, extraction: Extraction) -> str:
    """Save an extraction from an address of its own and return its report."""
    address = f"/inbox/{extraction.document.document_id[:8]}.pdf"
    warehouse.save_extraction(extraction, origin=Origin(address), version="1", seen_at=NOON)
    return extraction.report.report_id


def make_scan(*sentences: str, scanned_pages: int = 9, **report: str | None) -> Extraction:
    """Return the extraction of a scan, of which so many pages were recognised at most."""
    made = make_extraction(*(sentences or ("Uit het onderzoeк in rapport bl1jkt niets.",)))
    pages = tuple(dataclasses.replace(page, is_scanned=page.number <= scanned_pages) for page in made.document.pages)
    return dataclasses.replace(
        made,
        document=dataclasses.replace(made.document, pages=pages),
        report=dataclasses.replace(made.report, **report),
    )


def twins(warehouse: Warehouse) -> dict[str, str]:
    """Link, and return the text version by scan."""
    warehouse.link_twins()
    return dict(warehouse.query("SELECT report_id, twin_of FROM reports WHERE twin_of IS NOT NULL"))


@pytest.mark.parametrize(
    "report",
    [{}, {"title": "BELOOFD  is beloofd."}, {"title": "Bělóofd ís beloofd"}, {"report_number": "2024-7"}],
    ids=["same", "case and spaces", "accents", "number"],
)
def test_a_scan_names_its_text_version(warehouse: Warehouse, report: dict[str, str]) -> None:
    """Case, accents and punctuation aside; both stay reports of their own, with all their statements."""
    scan = save(warehouse, make_scan(**report))
    assert twins(warehouse) == {scan: TEXT.report.report_id}
    assert warehouse.link_twins() == 0
    assert warehouse.counts()["reports"] == 2


@pytest.mark.parametrize(
    "report",
    [{"title": "Beloofd"}, {"report_number": "2024/8"}, {"report_number": None}, {"publisher": "Andere raad"}],
    ids=["title", "number", "no number", "publisher"],
)
def test_what_does_not_agree_is_another_report(warehouse: Warehouse, report: dict[str, str | None]) -> None:
    """A title, number or publisher that differs, or no number at all, makes no twin."""
    save(warehouse, make_scan(**report))
    assert twins(warehouse) == {}


def test_two_texts_are_no_twins(warehouse: Warehouse) -> None:
    """A text version with one recognised page out of many is no scan; nor is a scan the twin of a scan."""
    save(warehouse, make_scan(FINDING, *ADVICE, *(f"Nog zin {i}." for i in range(9)), scanned_pages=1))
    assert twins(warehouse) == {}


def test_the_longest_of_several_texts_is_named_and_the_link_follows(warehouse: Warehouse) -> None:
    """Another text version that is longer takes over; a scan whose number is read otherwise later loses the link."""
    scan = make_scan()
    save(warehouse, scan)
    longer = save(warehouse, make_extraction(FINDING, *ADVICE, "En nog een zin over de pont."))
    assert twins(warehouse) == {scan.report.report_id: longer}
    changed = dataclasses.replace(scan, report=dataclasses.replace(scan.report, report_number="2024/9"))
    address = f"/inbox/{scan.document.document_id[:8]}.pdf"
    warehouse.save_extraction(changed, origin=Origin(address), version="2", seen_at=NOON)
    assert twins(warehouse) == {}
