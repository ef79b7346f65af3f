"""What `rodedraad schedule` decides: what was missed, what was made up for, and who waits for whom."""

from __future__ import annotations

import datetime
import os
import socket
import threading
from pathlib import Path

import pytest
from invented_runs import keep_run, make_description
from invented_sources import make_settings, make_source
from typer.testing import CliRunner

from flows.cli import app
from flows.errors import AlreadyScheduled, ServerUnavailable
from flows.ingestion import DocumentOutcome, IngestSummary, SourceSummary
from flows.prefect_settings import prepare_schedule
from flows.schedule import _only_one, plan_catch_up
from flows.settings import Settings
from flows.sources import Source
from flows.temporary_server import TemporaryServer
from flows.waiting import open_when_free
from warehouse.errors import WarehouseLocked
from warehouse.source_entries import SourceRun
from warehouse.source_status import SourcesStatus, describe_sources, read_sources
from warehouse.store import Warehouse

UTC = datetime.UTC
DAY = datetime.timedelta(days=1)
FIVE = datetime.datetime(2026, 6, 1, 5, 0, 7, tzinfo=UTC)
ZONE = {"schedule": "0 5 * * *", "time_zone": "UTC"}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


def make_scheduled(source_id: str = "bron", **changes: str | None) -> Source:
    """A source of a folder that is asked at five."""
    return make_source("folder", changes={"source_id": source_id, **ZONE, **changes}, path="x")


def read(settings: Settings) -> SourcesStatus:
    """How the sources stand."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        return read_sources(warehouse, now=FIVE)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (FIVE + datetime.timedelta(hours=23), []),
        (FIVE + DAY, [datetime.datetime(2026, 6, 2, 5, tzinfo=UTC)]),
        (FIVE + 9 * DAY, [datetime.datetime(2026, 6, 10, 5, tzinfo=UTC)]),
    ],
)
def test_however_many_runs_were_missed_one_is_made_up_for(
    settings: Settings, at: datetime.datetime, expected: list[datetime.datetime]
) -> None:
    """By the record of the last run in the warehouse; a run that went badly counts too, for it was no missed one."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        keep_run(warehouse, make_description(**ZONE), at=FIVE, outcome="failed", message="x")
    found = plan_catch_up([make_scheduled()], read(settings), at=at)
    assert [(missed.why, missed.planned) for missed in found] == [("missed", planned) for planned in expected]


def test_a_run_that_was_cut_off_is_made_up_for(settings: Settings) -> None:
    """It began after the planned time, but never came to its end."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        warehouse.sources.start_run(make_description(**ZONE), started_at=FIVE)
    (found,) = plan_catch_up([make_scheduled()], read(settings), at=FIVE)
    assert found.why == "cut_off" and "cut off" in found.sentence


def test_a_source_that_never_ran_has_missed_what_was_planned_since_it_was_named(settings: Settings) -> None:
    """A machine that is off every night runs it next morning; one without a schedule is left alone."""
    with Warehouse.open(settings.warehouse_path) as warehouse:
        described = [make_description(name, **ZONE) for name in ("bron", "met-de-hand")]
        describe_sources(warehouse, described, seen_at=FIVE)
    sources = [make_scheduled(), make_scheduled("met-de-hand", schedule=None), make_scheduled("nieuw")]
    assert plan_catch_up(sources, read(settings), at=FIVE + datetime.timedelta(hours=9)) == []
    (found,) = plan_catch_up(sources, read(settings), at=FIVE + DAY)
    assert (found.source_id, found.why) == ("bron", "missed")
    assert "2026-06-02 05:00 UTC" in found.sentence


def test_a_planned_run_does_nothing_when_a_later_one_made_up_for_it(settings: Settings) -> None:
    """Of the runs that gathered while the machine slept the first works, the others have nothing to do."""
    from flows.scheduled import is_made_up_for

    with Warehouse.open(settings.warehouse_path) as warehouse:
        keep_run(warehouse, make_description(**ZONE), at=FIVE)
    status = read(settings)
    assert is_made_up_for("bron", FIVE - DAY, status)
    assert not is_made_up_for("bron", FIVE + DAY, status)
    assert not is_made_up_for("anders", FIVE - DAY, status)
    assert not is_made_up_for("bron", None, status)
    assert not is_made_up_for("bron", FIVE, None)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        warehouse.sources.start_run(make_description(**ZONE), started_at=FIVE)
    assert not is_made_up_for("bron", FIVE - DAY, read(settings))


def test_a_run_waits_until_the_warehouse_is_free(settings: Settings) -> None:
    """It says once for whom, and goes on as soon as the other has ended; without patience it stops."""
    # In one process, reading counts as another use of the file.
    Warehouse.open(settings.warehouse_path).close()
    holder = Warehouse.open(settings.warehouse_path, read_only=True)
    with pytest.raises(WarehouseLocked):
        open_when_free(settings.warehouse_path, patience=0, report=str)
    told: list[str] = []
    timer = threading.Timer(0.3, holder.close)
    timer.start()
    with open_when_free(settings.warehouse_path, patience=30, report=told.append, pause=0.05) as warehouse:
        warehouse.sources.start_run(make_description(), started_at=FIVE)
        warehouse.sources.finish_run("bron", SourceRun("succeeded"), finished_at=FIVE)
    timer.join()
    assert len(told) == 1 and "in this same process" in told[0]


def test_two_schedules_of_one_home_are_one_too_many(tmp_path: Path) -> None:
    """The second says so; after the first has ended there may be another."""
    with _only_one(tmp_path), pytest.raises(AlreadyScheduled, match="stop that one"), _only_one(tmp_path):
        pass
    with _only_one(tmp_path):
        pass


def test_a_port_that_is_taken_is_named() -> None:
    """Before anything is started."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ServerUnavailable, match=f"port {port} taken"):
            TemporaryServer(port)


def test_what_a_run_did_is_a_table() -> None:
    """Listed, seen, new, failed, how long, and whether it published or why not."""
    from flows.scheduled import describe_run

    outcomes = [DocumentOutcome("a", "new"), DocumentOutcome("b", "unchanged"), DocumentOutcome("c", "failed")]
    summary = IngestSummary(outcomes=outcomes, seconds=130, sources=[SourceSummary("bron", 3, outcomes)])
    summary.blocked = "source bron: found 3 documents, against at least 9"
    table = {row["what"]: row["how much"] for row in describe_run(summary)}
    assert table == {
        "documents listed": 3, "documents seen": 3, "new or changed": 1, "unchanged": 1, "with problems": 1,
        "texts embedded": 0, "duration": "2 minutes",
        "publication": "blocked: source bron: found 3 documents, against at least 9",
    }  # fmt: skip
    assert {row["what"]: row["how much"] for row in describe_run(IngestSummary())}["documents listed"] == "none"


def test_the_server_that_stays_has_a_database_of_its_own_and_tells_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs go to it, it schedules and watches, nothing is reported outside; what the operator has set stays."""
    for name in [name for name in os.environ if name.startswith(("PREFECT_", "DO_NOT_TRACK"))]:
        monkeypatch.delenv(name)
    with monkeypatch.context() as patched:
        patched.setattr(os, "environ", {"PREFECT_FLOWS_DEFAULT_RETRIES": "0"})
        prepare_schedule(tmp_path)
        found = dict(os.environ)
    assert found["PREFECT_SERVER_DATABASE_CONNECTION_URL"].endswith("/prefect/schedule.db")
    assert (found["DO_NOT_TRACK"], found["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")
    assert found["PREFECT_LOGGING_TO_API_ENABLED"] == "true"
    assert found["PREFECT_FLOWS_DEFAULT_RETRIES"] == "0"
    assert not any("SERVICES" in name for name in found)


def test_a_deployment_of_a_source() -> None:
    """Its schedule in its zone, one run at a time, and code that any machine with the program finds."""
    from flows.deploying import make_deployment

    deployment = make_deployment(make_scheduled(time_zone="Europe/Amsterdam"))
    assert (deployment.full_name, deployment.entrypoint) == ("ingest source/bron", "flows.scheduled.ingest_source")
    assert deployment.parameters == {"source_id": "bron"}
    (planned,) = deployment.schedules or []
    assert (planned.schedule.cron, planned.schedule.timezone) == ("0 5 * * *", "Europe/Amsterdam")
    options = deployment.concurrency_options
    assert deployment.concurrency_limit == 1 and options and options.collision_strategy.value == "CANCEL_NEW"
    assert not make_deployment(make_scheduled(schedule=None)).schedules


def test_workers_of_a_pool_get_what_the_operator_has_set(tmp_path: Path) -> None:
    """Home and sources with whole paths, and no more than what was set."""
    from flows.deploying import make_deployment

    settings = make_settings(tmp_path / "home", contact="beheer@example.org")
    deployment = make_deployment(make_scheduled(), pool="verzonnen", settings=settings)
    assert deployment.work_pool_name == "verzonnen"
    given = deployment.job_variables["env"]
    assert given["RODEDRAAD_HOME"] == str(tmp_path / "home")
    assert given["RODEDRAAD_SOURCES"] == str(Path("sources.toml").resolve())
    assert given["RODEDRAAD_CONTACT"] == "beheer@example.org"
    assert "RODEDRAAD_MAX_PAGES" not in given


def test_deploy_asks_for_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """It never registers at a server that goes away again."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    found = CliRunner().invoke(app, ["deploy"])
    assert found.exit_code == 2 and "PREFECT_API_URL" in found.output
