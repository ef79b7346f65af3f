"""A real ingest that is killed and run again ends as one that was not disturbed; `rodedraad bench --kills 50` has more."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from flows.kill_benchmark import compare_content, read_content
from warehouse.entries import Origin, Problem
from warehouse.store import Warehouse


@pytest.mark.system
def test_two_kills_end_as_if_there_were_none(tmp_path: Path) -> None:
    """One from nothing and one from an earlier state: no row, original or file differs, and the exit code says so."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "bench", "--kills", "2"],
        env={**env, "RODEDRAAD_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("ended as undisturbed") == 2
    assert "ends that differ 0" in done.stdout


def test_what_is_lost_or_doubled_is_named() -> None:
    """Each table that differs is a sentence with an example; a table that is missing counts as empty."""
    expected = {"reports": Counter(["a", "b"]), "files": Counter(["x"])}
    assert compare_content(expected, {"reports": Counter(["b", "a"]), "files": Counter(["x"])}) == ()
    assert compare_content(expected, {"reports": Counter(["a", "a"])}) == (
        "files: 1 missing, 0 too many, such as x",
        "reports: 1 missing, 1 too many, such as b",
    )


def test_the_content_leaves_out_clocks_and_runs(tmp_path: Path) -> None:
    """Two homes that differ in their times only have the same content."""
    from flows.clock import now

    found = []
    for name in ("one", "two"):
        home = tmp_path / name
        (home / "raw" / "ab").mkdir(parents=True)
        (home / "site").mkdir()
        (home / "raw" / "ab" / f"{'ab' * 32}.pdf").write_bytes(b"other bytes than its name says")
        with Warehouse.open(home / "warehouse.duckdb") as warehouse:
            for _ in range(len(found) + 1):
                warehouse.start_build(started_at=now())
            address = Origin("/inbox/a.pdf").address
            warehouse.save_problem(Problem(address, "read", "empty", "found no bytes", "send it again", now()))
        found.append(read_content(home))
    assert found[0] == found[1]
    assert found[0]["problems"].total() == 1
    assert found[0]["originals"] == Counter([f"raw/ab/{'ab' * 32}.pdf False"])
