"""The status page and `/api/sources`: how each source stands, worked out when it is asked for."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import pytest
from datasette.app import Datasette
from invented_runs import keep_run, make_description
from served_sites import publish

from warehouse.source_status import save_status
from warehouse.store import Warehouse

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def served_sources(tmp_path: Path, serve_site: Callable[..., Datasette]) -> Datasette:
    """A site with a source that is well, one that was stopped, and one that nobody ran for weeks."""
    site_dir = publish(tmp_path)
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        build = warehouse.start_build(started_at=NOW)
        keep_run(warehouse, make_description("goed", publisher="Rekenkamer <A>"), at=NOW, failed=1)
        keep_run(warehouse, make_description("gestopt"), at=NOW, outcome="failed", message="source gestopt: 0 found")
        keep_run(warehouse, make_description("oud"), at=NOW - 20 * DAY)
        warehouse.finish_build(
            build, finished_at=NOW, outcome="failed", document_count=6, new_document_count=2, problem_count=1,
            note="source gestopt: 0 found",
        )  # fmt: skip
        save_status(warehouse, site_dir, now=NOW)
    return serve_site(site_dir)


async def test_the_api_says_how_each_source_stands(served_sources: Datasette) -> None:
    """Colour, reason, counts, age and what to do, never from a cache."""
    answer = await served_sources.client.get("/api/sources")
    assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers
    found = answer.json()
    assert (found["colour"], found["last_run"]["note"]) == ("red", "source gestopt: 0 found")
    by_id = {source["source_id"]: source for source in found["sources"]}
    assert {name: (source["colour"], source["why"]) for name, source in by_id.items()} == {
        "goed": ("green", "on_time"),
        "gestopt": ("amber", "failed"),
        "oud": ("red", "overdue"),
    }
    assert by_id["oud"]["success_age_seconds"] >= 20 * 86400
    assert (by_id["goed"]["listed_count"], by_id["goed"]["failed_count"]) == (3, 1)
    assert by_id["goed"]["problems"][0]["what_to_do"] == "Mend the source."


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Status of the sources", "at least two planned runs are missing", "20 days ago", "Wrong"]),
        ("nl", ["Stand van de bronnen", "ten minste twee geplande rondes ontbreken", "20 dagen geleden", "Mis"]),
    ],
)
async def test_the_page_says_it_in_words(served_sources: Datasette, language: str, words: list[str]) -> None:
    """In the reader's language, with a word beside each colour, and names escaped."""
    answer = await served_sources.client.get(f"/status?lang={language}")
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    for word in (*words, "Rekenkamer &lt;A&gt;", "Mend the source.", "source gestopt: 0 found", "rd-state-red"):
        assert word in answer.text, word


async def test_a_new_file_is_seen_at_once(served_sources: Datasette, tmp_path: Path) -> None:
    """Without a new build, for how sources stand changes when nothing is published."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        keep_run(warehouse, make_description("oud"), at=NOW)
        save_status(warehouse, tmp_path / "site", now=NOW)
    found = (await served_sources.client.get("/api/sources")).json()
    assert {source["source_id"]: source["colour"] for source in found["sources"]}["oud"] == "green"


async def test_without_sources_the_page_says_so(served: Datasette) -> None:
    """And the API answers with an empty list."""
    assert "No source has been run yet" in (await served.client.get("/status")).text
    found = (await served.client.get("/api/sources")).json()
    assert (found["sources"], found["colour"], found["written_at"]) == ([], "grey", None)


async def test_home_and_footer_link_to_it(served: Datasette) -> None:
    """On every page at the bottom, and among the rest on the home page."""
    assert (await served.client.get("/")).text.count('href="/status"') == 2
    assert 'href="/status"' in (await served.client.get("/kb/reports")).text
