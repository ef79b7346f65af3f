"""`rodedraad status`: how the sources stand, in a terminal."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest
from invented_runs import keep_run, make_description
from invented_sources import make_settings
from typer.testing import CliRunner

from flows.cli import app
from flows.cli_status import print_status
from flows.settings import Settings
from flows.status import format_age, save_sources_status
from warehouse.errors import WarehouseLocked
from warehouse.source_status import load_status
from warehouse.store import Warehouse

NOW = datetime.datetime.now(datetime.UTC)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home whose sources are well, stopped and forgotten; the file of sources names the first two."""
    file = tmp_path / "sources.toml"
    file.write_text(
        "".join(
            f'[source.{name}]\npublisher = "Verzonnen"\nlanguage = "nl"\nexpect_at_least = 1\n'
            f'[source.{name}.folder]\npath = "x"\n'
            for name in ("goed", "gestopt")
        )
    )
    settings = make_settings(tmp_path / "home", sources=file)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        keep_run(warehouse, make_description("goed"), at=NOW, failed=1)
        keep_run(warehouse, make_description("gestopt"), at=NOW, outcome="failed", message="source gestopt: 0 found")
        keep_run(warehouse, make_description("oud"), at=NOW - 20 * DAY)
    return settings


def test_each_source_has_a_colour_in_words(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """With when it last went well, what it listed, why it was stopped, and its problems."""
    assert print_status(settings)
    printed = capsys.readouterr().out
    assert "GREEN  goed" in printed and "AMBER  gestopt" in printed and "RED    oud" in printed
    assert "at least two planned runs are missing; last success 20 days ago, next " in printed
    assert "last run: 3 documents, 2 new, 1 failed" in printed
    assert "stopped: source gestopt: 0 found" in printed and "Mend the source." in printed


def test_a_source_that_is_named_no_more_is_not_waited_for(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A run by source keeps which sources the file names; nothing is red any more."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        save_sources_status(warehouse, settings, is_by_source=True)
    assert not print_status(settings)
    assert "GREY   oud" in capsys.readouterr().out
    kept = load_status(settings.site_dir)
    assert kept and [s.is_named for s in kept.sources] == [True, True, False]


def test_while_a_run_holds_the_warehouse_the_earlier_state_is_shown(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the error of the warehouse where there is no earlier one."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        with pytest.raises(WarehouseLocked):
            print_status(settings)
        save_sources_status(warehouse, settings, is_by_source=False)
        assert print_status(settings)
    assert "as of " in capsys.readouterr().out


def test_the_check_ends_with_one_when_a_source_is_red(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """For a program that watches."""
    monkeypatch.setenv("RODEDRAAD_HOME", str(settings.home))
    assert CliRunner().invoke(app, ["status"]).exit_code == 0
    assert CliRunner().invoke(app, ["status", "--check"]).exit_code == 1


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        ({"seconds": -3}, "0 seconds"), ({"seconds": 90}, "90 seconds"), ({"minutes": 2}, "2 minutes"),
        ({"hours": 47}, "47 hours"), ({"days": 2}, "2 days"),
    ],
)  # fmt: skip
def test_ages_are_in_their_largest_unit(age: dict[str, int], expected: str) -> None:
    """From two of it on."""
    assert format_age(datetime.timedelta(**age)) == expected
