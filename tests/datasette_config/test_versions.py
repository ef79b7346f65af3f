"""A report shows its versions, where each was found, and that its publisher withdrew it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from datasette.app import Datasette
from invented_extractions import LATER, NOON, make_extraction
from served_sites import EN, MODEL_ID, NL

from warehouse.entries import Origin
from warehouse.publication import publish_site
from warehouse.source_entries import ListedDocument
from warehouse.store import Warehouse

ORIGIN = Origin("https://ombudsman.example/beloofd.pdf", source="ombudsman")


@pytest.fixture()
def withdrawn(tmp_path: Path, serve_site: Callable[..., Datasette]) -> tuple[Datasette, str]:
    """A site with one report in two versions, which its source lists no more; and the id of the report."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        for sentences, seen_at in ((NL, NOON), (EN, LATER)):
            document_id = make_extraction(*sentences).document.document_id
            report_id = warehouse.report_id_for(document_id, ORIGIN)
            extraction = make_extraction(*sentences, report_id=report_id)
            warehouse.save_extraction(extraction, origin=ORIGIN, version="test", seen_at=seen_at)
        for listed, at in (([ListedDocument(ORIGIN.address)], NOON), ([], LATER)):
            warehouse.sources.save_listing("ombudsman", listed, is_complete=True, seen_at=at)
        warehouse.sources.mark_withdrawn("ombudsman", present=(), seen_at=at)
        publish_site(warehouse, tmp_path / "site", model_id=MODEL_ID, built_at=NOON)
    return serve_site(tmp_path / "site"), report_id


async def test_the_page_of_a_report_says_that_it_is_withdrawn(withdrawn: tuple[Datasette, str]) -> None:
    """A note above, and below it both versions, the earlier with its successor, and where they were found."""
    served, report_id = withdrawn
    page = (await served.client.get(f"/kb/reports/{report_id}")).text
    assert "The publisher no longer offers this report" in page
    assert "Current version" in page and "Earlier version" in page and "its successor" in page
    assert "no longer listed by its source, found on 31 March 2024" in page
    statement = (await served.client.get(f"/api/reports/{report_id}")).json()["statements"][0]["statement_id"]
    assert "withdrawn by its source" in (await served.client.get(f"/kb/statements/{statement}")).text


async def test_the_api_tells_versions_and_origins(withdrawn: tuple[Datasette, str]) -> None:
    """Both in the record of a report, the mark in every list of reports too."""
    served, report_id = withdrawn
    report = (await served.client.get(f"/api/reports/{report_id}")).json()
    assert report["is_withdrawn"] is True
    current, earlier = report["versions"]
    assert (current["is_current"], current["superseded_by"]) == (True, None)
    assert (earlier["is_current"], earlier["superseded_by"]) == (False, current["document_id"])
    [origin] = report["origins"]
    assert (origin["shown"], origin["withdrawn_because"]) == (ORIGIN.address, "not_listed")
    [listed] = (await served.client.get("/api/reports")).json()["reports"]
    assert listed["is_withdrawn"] is True
