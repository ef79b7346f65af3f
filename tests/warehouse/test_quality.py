"""Figures of quality: shipped and own ones, in the warehouse and in the published site."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path
from typing import Any

import pytest
from invented_extractions import LATER, MODEL, NOON, ask, fill

from warehouse.publication import publish_site
from warehouse.quality import Figure, read_shipped, write_shipped
from warehouse.store import Warehouse


def figure(**changes: Any) -> Figure:
    whole = Figure(
        area="extraction", measure="f1", value=0.8, case_count=40, document_count=4, kind="recommendation",
        language="nl", low=0.7, high=0.9, meaning="How well recommendations are found.", measured_on="invented set",
        measured_on_hash="abc", method="by hand", version="1", measured_at=NOON,
    )  # fmt: skip
    return dataclasses.replace(whole, **changes)


def shown(warehouse: Warehouse) -> list[tuple[Any, ...]]:
    return warehouse.query("SELECT origin, area, measure, measured_on, value FROM quality ORDER BY ALL")


def test_own_figures_replace_those_of_the_same_area_and_set(tmp_path: Path) -> None:
    """Measuring again replaces, measuring another set or area adds, and the same again changes nothing."""
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        assert warehouse.save_quality([figure(), figure(measure="recall")])
        assert not warehouse.save_quality([figure(), figure(measure="recall")])
        assert warehouse.save_quality([figure(value=0.9, measured_at=LATER)])
        warehouse.save_quality([figure(measured_on="another")])
        warehouse.save_quality([figure(area="search", measure="ndcg")])
        assert shown(warehouse) == [
            ("own", "extraction", "f1", "another", 0.8),
            ("own", "extraction", "f1", "invented set", 0.9),
            ("own", "search", "ndcg", "invented set", 0.8),
        ]


def test_the_figures_of_the_program_stand_beside_own_ones(tmp_path: Path) -> None:
    """Refreshing takes exactly what the program brings, leaves own figures, and is idle the second time."""
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.save_quality([figure()])
        warehouse.refresh_shipped_quality()
        assert not warehouse.refresh_shipped_quality()
        counts = dict(warehouse.query("SELECT origin, count(*) FROM quality GROUP BY origin"))
    assert (counts["own"], counts.get("shipped", 0)) == (1, len(read_shipped()))


def test_two_figures_of_one_name_are_refused_and_nothing_is_saved(tmp_path: Path) -> None:
    """A mistake of the caller loses no earlier figure."""
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.save_quality([figure()])
        with pytest.raises(ValueError, match="two of the same name"):
            warehouse.save_quality([figure(value=0.1), figure(value=0.2)])
        assert shown(warehouse) == [("own", "extraction", "f1", "invented set", 0.8)]


def test_the_shipped_file_keeps_the_other_areas(tmp_path: Path) -> None:
    """Writing the figures of one area replaces that area only; what is read is what was written."""
    path = tmp_path / "quality.json"
    assert read_shipped(path) == ()
    write_shipped("extraction", [figure(), figure(measure="recall")], path=path)
    write_shipped("search", [figure(area="search", low=None, high=None)], path=path)
    write_shipped("extraction", [figure(value=0.6)], path=path)
    assert read_shipped(path) == (figure(value=0.6), figure(area="search", low=None, high=None))
    with pytest.raises(ValueError, match="found some of search"):
        write_shipped("themes", [figure(area="search")], path=path)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"area": "weather"}, "expected one of extraction"),
        ({"value": 1.2}, "values from 0 to 1"),
        ({"low": None}, "one end of an interval"),
        ({"measured_on": ""}, "no measure or no set"),
        ({"measured_at": datetime.datetime(2024, 1, 1)}, "no zone"),  # noqa: DTZ001
    ],
)
def test_a_figure_that_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """Each mistake is named when the figure is made."""
    with pytest.raises(ValueError, match=message):
        figure(**changes)


def test_what_the_program_brings_is_whole() -> None:
    """The shipped figures have intervals that hold their value, a set, and a sentence that says what they mean."""
    for one in read_shipped():
        assert one.low is None or one.high is None or one.low - 1e-9 <= one.value <= one.high + 1e-9, one.name
        assert one.meaning.endswith("."), one.name
        assert one.case_count > 0, one.name


def test_figures_are_published(tmp_path: Path) -> None:
    """The site has the figures; a new figure gives a new build."""
    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        fill(warehouse)
        publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
        warehouse.save_quality([figure()])
        published = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=LATER)
    assert published.is_new
    query = "SELECT origin, kind, language, measure, value, low, high, measured_at FROM quality"
    assert ask(published.path, query) == [("own", "recommendation", "nl", "f1", 0.8, 0.7, 0.9, "2024-03-01T12:00:00Z")]
