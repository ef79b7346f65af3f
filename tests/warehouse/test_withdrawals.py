"""What a source no longer offers is marked, never deleted, and the mark goes when it is back."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path

import pytest
from invented_extractions import ADVICE, FINDING, LATER, NOON, make_extraction

from warehouse.entries import Origin
from warehouse.source_entries import Fetch, ListedDocument
from warehouse.store import Warehouse
from warehouse.withdrawals import Withdrawals

FIRST = Origin("https://ombudsman.example/1.pdf", source="ombudsman")
SECOND = Origin("https://ombudsman.example/2.pdf", source="ombudsman")
ELSEWHERE = Origin("https://archief.example/1.pdf", source="archief", licence="CC0-1.0")


@pytest.fixture()
def warehouse(tmp_path: Path):
    """A warehouse with two reports of one source, which lists both."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        for origin, sentence in ((FIRST, FINDING), (SECOND, ADVICE[0])):
            opened.save_extraction(make_extraction(sentence), origin=origin, version="1", seen_at=NOON)
        list_again(opened, FIRST, SECOND)
        yield opened


def list_again(
    warehouse: Warehouse,
    *origins: Origin,
    source: str = "ombudsman",
    at: datetime.datetime = NOON,
    is_complete: bool = True,
    present: Sequence[str] = (),
) -> Withdrawals:
    """Let a source list `origins` in a run that went well."""
    listed = [ListedDocument(origin.address) for origin in origins]
    warehouse.sources.save_listing(source, listed, is_complete=is_complete, seen_at=at)
    return warehouse.sources.mark_withdrawn(source, present=present, seen_at=at)


def marks(warehouse: Warehouse) -> list[tuple[str, str | None, bool]]:
    """Return file name, reason and whether its report is withdrawn, of each origin."""
    return warehouse.query(
        "SELECT o.file_name, o.withdrawn_because, r.is_withdrawn FROM origins o JOIN reports r USING (report_id) "
        "ORDER BY o.address"
    )


def test_what_is_no_longer_listed_is_marked_and_comes_back(warehouse: Warehouse) -> None:
    """The mark tells when and why, the report and its statements stay; listed again, the mark is gone."""
    before = warehouse.fingerprint()
    assert list_again(warehouse, SECOND, at=LATER) == Withdrawals(1, 0)
    assert marks(warehouse) == [("1.pdf", "not_listed", True), ("2.pdf", None, False)]
    assert warehouse.query("SELECT withdrawn_at FROM origins WHERE withdrawn_at IS NOT NULL") == [
        (LATER.replace(tzinfo=None),)
    ]
    assert warehouse.counts()["statements"] == 2
    assert warehouse.fingerprint() != before, "so that the site is published anew"
    assert list_again(warehouse, SECOND, at=LATER + datetime.timedelta(days=1)) == Withdrawals(0, 0)
    assert list_again(warehouse, FIRST, SECOND, at=LATER + datetime.timedelta(days=2)) == Withdrawals(0, 1)
    assert marks(warehouse) == [("1.pdf", None, False), ("2.pdf", None, False)]
    assert warehouse.fingerprint() == before


def test_a_listing_of_the_newest_marks_nothing(warehouse: Warehouse) -> None:
    """What is missing there may just be older; and marks that it made while it counted as whole are taken back."""
    assert list_again(warehouse, SECOND, at=LATER, is_complete=False) == Withdrawals(0, 0)
    list_again(warehouse, SECOND, at=LATER + datetime.timedelta(days=1))
    assert list_again(warehouse, SECOND, at=LATER + datetime.timedelta(days=2), is_complete=False) == Withdrawals(0, 1)
    assert {reason for _, reason, _ in marks(warehouse)} == {None}


def test_a_report_that_is_offered_elsewhere_is_not_withdrawn(warehouse: Warehouse) -> None:
    """One of two origins is withdrawn: the report cites the other, until that one is withdrawn as well."""
    warehouse.add_origin(make_extraction(FINDING).document.document_id, origin=ELSEWHERE, seen_at=NOON)
    list_again(warehouse, ELSEWHERE, source="archief")
    list_again(warehouse, SECOND, at=LATER)
    query = "SELECT origin, is_withdrawn FROM reports JOIN origins USING (report_id) WHERE origins.address = ?"
    assert warehouse.query(query, [FIRST.address]) == [(ELSEWHERE.address, False)]
    list_again(warehouse, source="archief", at=LATER)
    assert warehouse.query(query, [FIRST.address]) == [(ELSEWHERE.address, True)]


def test_an_address_that_two_sources_list_is_kept_by_either(warehouse: Warehouse) -> None:
    """One source drops an address that another one still lists: it is still offered."""
    list_again(warehouse, FIRST, source="archief")
    assert list_again(warehouse, SECOND, at=LATER) == Withdrawals(0, 0)


def test_a_new_extraction_keeps_the_mark(warehouse: Warehouse) -> None:
    """Reading a withdrawn document again by new rules, from its original, does not bring it back."""
    list_again(warehouse, SECOND, at=LATER)
    again = make_extraction(FINDING, name="Anders gelezen")
    changed = make_extraction(FINDING)
    object.__setattr__(changed, "report", again.report)
    warehouse.save_extraction(changed, origin=FIRST, version="2", seen_at=LATER)
    assert marks(warehouse)[0] == ("1.pdf", "not_listed", True)


def fail(warehouse: Warehouse, status: int, *, days: float) -> None:
    """Note that the server answered that the first document is gone, some days after noon."""
    at = NOON + datetime.timedelta(days=days)
    warehouse.sources.save_fetches(
        [Fetch(FIRST.address, "document", at, 0.1, 1, "failed", "ombudsman", status=status, reason="gone")]
    )


def test_a_404_counts_after_a_day_and_a_410_at_once(warehouse: Warehouse) -> None:
    """404 in one run may be a site that is being rebuilt; after another one a day later the document is gone."""
    fail(warehouse, 404, days=1)
    fail(warehouse, 404, days=1.5)
    assert list_again(warehouse, FIRST, SECOND) == Withdrawals(0, 0)
    fail(warehouse, 404, days=2)
    assert list_again(warehouse, FIRST, SECOND) == Withdrawals(1, 0)
    assert marks(warehouse)[0] == ("1.pdf", "gone", True)
    assert list_again(warehouse, FIRST, SECOND, present=[FIRST.address]) == Withdrawals(0, 1)
    found = Fetch(FIRST.address, "document", NOON + datetime.timedelta(days=3), 0.1, 1, "same", "ombudsman")
    warehouse.sources.save_fetches([found])
    fail(warehouse, 404, days=4)
    assert list_again(warehouse, FIRST, SECOND) == Withdrawals(0, 0), "counted from the last time that it was there"
    fail(warehouse, 410, days=4.1)
    assert list_again(warehouse, FIRST, SECOND) == Withdrawals(1, 0)


def test_a_report_does_not_cite_an_address_that_holds_another(warehouse: Warehouse) -> None:
    """When an address gives a report that is known already, the one it gave before cites no address and no licence."""
    known = warehouse.query("SELECT document_id FROM origins WHERE address = ?", [SECOND.address])[0][0]

    warehouse.add_origin(known, origin=FIRST, seen_at=LATER)

    assert warehouse.query(
        "SELECT origin_id, origin, licence, is_withdrawn FROM reports WHERE report_id NOT IN "
        "(SELECT report_id FROM documents WHERE document_id = ?)",
        [known],
    ) == [(None, None, None, True)]
    assert warehouse.query("SELECT count(*) FROM origins WHERE document_id = ?", [known]) == [(2,)]
