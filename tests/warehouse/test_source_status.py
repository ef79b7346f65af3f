"""The file beside the site that says how the sources stand."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import pytest
from invented_extractions import NOON
from invented_runs import keep_run, make_description

from warehouse.search_records import SiteUnreadable
from warehouse.source_status import FILE_NAME, describe_sources, load_status, read_sources, save_status
from warehouse.store import Warehouse

DAY = datetime.timedelta(days=1)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        yield opened


def test_what_is_written_is_read_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """Sources with their last run and problems, and the last run of the program, come back as they were."""
    build = warehouse.start_build(started_at=NOON)
    keep_run(warehouse, make_description("goed"), failed=2)
    keep_run(warehouse, make_description("mis"), outcome="failed", message="source mis: found 0 documents")
    warehouse.finish_build(
        build, finished_at=NOON, outcome="failed", document_count=3, new_document_count=1, problem_count=2, note="mis"
    )
    written = save_status(warehouse, tmp_path / "site", now=NOON)
    assert load_status(tmp_path / "site") == written
    good, bad = written.sources
    assert (good.listed_count, good.new_count, good.failed_count, good.problem_count) == (3, 1, 2, 2)
    assert good.problems[0].what_to_do == "Mend the source."
    assert (bad.last_outcome, bad.last_success_at, bad.problem_count) == ("failed", None, 1)
    assert written.last_run and written.last_run.note == "mis"
    assert good.judge(NOON).colour == "green" and written.find_colour(NOON) == "amber"
    assert written.find_colour(NOON + 3 * DAY) == "red"
    assert sorted(path.name for path in (tmp_path / "site").iterdir()) == [FILE_NAME]


def test_before_the_first_run_there_is_nothing(warehouse: Warehouse, tmp_path: Path) -> None:
    """No file, and no sources in it."""
    assert load_status(tmp_path / "site") is None
    assert read_sources(warehouse, now=NOON).sources == ()


def test_a_source_is_known_before_its_first_run(warehouse: Warehouse) -> None:
    """So that one that never runs turns red; describing it again changes nothing of its runs."""
    describe_sources(warehouse, [make_description()], seen_at=NOON)
    (source,) = read_sources(warehouse, now=NOON).sources
    assert (source.last_outcome, source.judge(NOON).reason) == (None, "not_due")
    assert source.judge(NOON + 3 * DAY).colour == "red"
    keep_run(warehouse, make_description(), at=NOON + DAY)
    describe_sources(warehouse, [make_description(publisher="Anders")], seen_at=NOON + 2 * DAY)
    (source,) = read_sources(warehouse, now=NOON).sources
    assert (source.publisher, source.first_seen_at, source.last_success_at) == ("Anders", NOON, NOON + DAY)


def test_a_source_that_was_dropped_stays_so_until_it_is_named_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """A run that does not look at the file of sources keeps what an earlier one saw."""
    keep_run(warehouse, make_description("oud"))
    keep_run(warehouse, make_description("nieuw"))
    for named, expected in ((["nieuw"], [True, False]), (None, [True, False]), (["nieuw", "oud"], [True, True])):
        found = save_status(warehouse, tmp_path, now=NOON, named=named)
        assert [source.is_named for source in found.sources] == expected


def test_paths_of_this_machine_are_not_shown(warehouse: Warehouse) -> None:
    """The public sees the name of a file only."""
    from warehouse.entries import Problem
    from warehouse.source_entries import ListedDocument

    description = make_description(adapter="folder")
    keep_run(warehouse, description)
    listed = [ListedDocument("/srv/geheim/rapport.pdf")]
    warehouse.sources.save_listing("bron", listed, is_complete=False, seen_at=NOON)
    warehouse.save_problem(
        Problem("/srv/geheim/rapport.pdf", "read", "damaged", "/srv/geheim/rapport.pdf: broken", "Mend it.", NOON)
    )
    (problem,) = read_sources(warehouse, now=NOON).sources[0].problems
    assert (problem.subject, problem.message) == ("rapport.pdf", "rapport.pdf: broken")


@pytest.mark.parametrize("content", ["", "[]", '{"sources": [{"source_id": "x"}]}'])
def test_another_file_is_named(tmp_path: Path, content: str) -> None:
    """It is never taken for no sources."""
    (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(SiteUnreadable, match=FILE_NAME):
        load_status(tmp_path)
