"""`rodedraad schedule` in earnest: Prefect's own server, its runner, and runs that are seen through its API."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from invented_sources import make_report

from warehouse.source_status import load_status

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 300.0
"""Seconds: machines that run tests are busy."""

SOURCES = """
[source.bron]
publisher = "Verzonnen rekenkamer"
language = "nl"
expect_at_least = 1
schedule = "0 5 1 1 *"
[source.bron.folder]
path = "rapporten"

[source.weg]
publisher = "Verdwenen inspectie"
language = "nl"
expect_at_least = 1
[source.weg.folder]
path = "is-er-niet"
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """The command with a home and two sources; `log.txt` has its lines."""
    home = tmp_path_factory.mktemp("schedule")
    (home / "sources.toml").write_text(SOURCES)
    (home / "rapporten").mkdir()
    for number in range(3):
        (home / "rapporten" / f"{number}.md").write_bytes(make_report(number))
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "PYTEST_"))}
    environment |= {
        "RODEDRAAD_HOME": str(home / "data"), "RODEDRAAD_MODEL": "hashing", "RODEDRAAD_SECOND_MODEL": "none",
        "PREFECT_RUNNER_POLL_FREQUENCY": "2", "PREFECT_FLOWS_DEFAULT_RETRIES": "0", "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }  # fmt: skip
    command = [sys.executable, "-c", "from flows.cli import main; main()", "schedule", "--port", "0"]
    log = (home / "log.txt").open("w")
    with subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log, text=True) as process:
        try:
            yield process, home
        finally:
            if process.poll() is None:
                process.kill()
            log.close()


def wait_for(find: Callable[[], Any], home: Path) -> Any:
    """Return what `find` finds, as soon as it finds something."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := find():
            return found
        time.sleep(0.3)
    raise AssertionError((home / "log.txt").read_text()[-4000:])


def test_a_source_runs_by_itself_and_is_seen_in_prefect(
    running: tuple[subprocess.Popen[str], Path],
) -> None:
    """A short interval: the second run finds nothing new; a source that is gone fails; SIGTERM ends all of it."""
    process, home = running

    def find_address() -> str | None:
        log = (home / "log.txt").read_text()
        found = re.search(r"Prefect: (http://127\.0\.0\.1:\d+)", log)
        return found[1] if found and "weg: by hand" in log else None

    address = wait_for(find_address, home)
    with httpx.Client(base_url=f"{address}/api", timeout=60, trust_env=False) as prefect:

        def send(path: str, content: Any) -> Any:
            def attempt() -> httpx.Response | None:
                answer = prefect.post(path, json=content)
                return None if answer.status_code == 503 else answer  # its database is busy

            answered = wait_for(attempt, home).raise_for_status()
            return answered.json() if answered.content else None

        def ask(path: str, **content: Any) -> Any:
            return send(path, content)

        def ended(deployment_id: str, *states: str) -> list[dict[str, Any]]:
            wanted = {"id": {"any_": [deployment_id]}}
            runs = ask("/flow_runs/filter", deployments=wanted, sort="START_TIME_ASC")
            return [run for run in runs if run["state_type"] in states]

        deployments = {found["name"]: found["id"] for found in ask("/deployments/filter")}
        assert set(deployments) == {"bron", "weg"}

        # Prefect's shortest cron is a minute; an interval beside it is as good and sooner.
        schedules = [{"active": True, "schedule": {"interval": 15}}]
        send(f"/deployments/{deployments['bron']}/schedules", schedules)

        def completed() -> list[dict[str, Any]] | None:
            found = ended(deployments["bron"], "COMPLETED")
            return found if len(found) > 1 else None

        first, second, *_ = wait_for(completed, home)
        assert first["state"]["message"] == "3 documents, 3 new, 0 with problems"
        assert second["state"]["message"] == "3 documents, 0 new, 0 with problems"
        assert first["end_time"] <= second["start_time"]
        send(f"/deployments/{deployments['bron']}/pause_deployment", None)

        ask(f"/deployments/{deployments['weg']}/create_flow_run")
        (failed,) = wait_for(lambda: ended(deployments["weg"], "FAILED", "COMPLETED", "CRASHED"), home)
        assert failed["state_type"] == "FAILED"
        assert "Nothing was published; the last good site stays." in failed["state"]["message"]

        def logged() -> bool:  # lines are sent a little later
            lines = ask("/logs/filter", logs={"flow_run_id": {"any_": [failed["id"]]}})
            return any("Asking source weg" in line["message"] for line in lines)

        assert wait_for(logged, home)
        tables = {artifact["key"]: artifact["data"] for artifact in ask("/artifacts/latest/filter")}
        assert "blocked: " in tables["source-weg"] and "nothing new to publish" in tables["source-bron"]

    status = load_status(home / "data" / "site")
    assert status and {s.source_id: s.last_outcome for s in status.sources} == {"bron": "succeeded", "weg": "failed"}

    children = psutil.Process(process.pid).children(recursive=True)
    assert children
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=90) == 0, (home / "log.txt").read_text()[-3000:]
    assert not psutil.wait_procs(children, timeout=30)[1]
    assert (home / "log.txt").read_text().rstrip().endswith("Stopped")
