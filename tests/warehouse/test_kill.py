"""A process that is killed at any moment and run again ends in the same warehouse, and the same site."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from invented_extractions import MODEL, NOON

from warehouse.publication import publish_site, read_current
from warehouse.store import Warehouse

pytestmark = pytest.mark.system

HERE = Path(__file__).parent

INGEST = f"""
import os, signal, sys
sys.path.insert(0, {str(HERE)!r})
from invented_extractions import MODEL, NOON, embed_texts, make_extraction
from warehouse.entries import Origin, Problem
from warehouse.store import Warehouse

import warehouse as room

# Kills itself when the code of warehouse/ has run so many lines: everywhere once, also inside transactions.
last, count = int(sys.argv[2]), 0

def count_line(frame, event, argument):
    global count
    if event == "line":
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
    return count_line

def enter(frame, event, argument):
    return count_line if frame.f_code.co_filename.startswith(room.__path__[0]) else None

sys.settrace(enter)
with Warehouse.open(sys.argv[1]) as warehouse:
    warehouse.start_build(started_at=NOON)
    for i in range(16):
        # Four addresses, each with four versions of its report, and now and then a document that cannot be read.
        origin = Origin(f"/reports/{{i % 4}}.pdf")
        sentences = [f"Versie {{i // 4}} van rapport {{i % 4}}."]
        sentences += [f"Rapport {{i % 4}}, zin {{j}}." for j in range(60)]
        document = make_extraction(*sentences).document
        if i % 4 == 3:
            problem = Problem(origin.address, "read", "encrypted", "found a password", "remove it", NOON)
            warehouse.save_problem(problem)
        elif warehouse.has_extraction(document.document_id, version="1", origin=origin):
            warehouse.add_origin(document.document_id, origin=origin, seen_at=NOON)
        elif not warehouse.query("SELECT 1 FROM documents WHERE document_id = ?", [document.document_id]):
            report_id = warehouse.report_id_for(document.document_id, origin)
            extraction = make_extraction(*sentences, report_id=report_id)
            warehouse.save_extraction(extraction, origin=origin, version="1", seen_at=NOON)
    unembedded = warehouse.unembedded_texts(MODEL)
    for i in range(0, len(unembedded), 16):
        batch = unembedded[i : i + 16]
        hashes, matrix = [row[0] for row in batch], embed_texts([row[1] for row in batch])
        warehouse.save_embeddings(MODEL, hashes, matrix)
print(count)
"""

PUBLISH = f"""
import os, signal, sys
from pathlib import Path
sys.path.insert(0, {str(HERE)!r})
from invented_extractions import LATER, MODEL
from warehouse.publication import publish_site
from warehouse.store import Warehouse

def die_at(step, number, total):
    if step == sys.argv[3]:
        os.kill(os.getpid(), signal.SIGKILL)

with Warehouse.open(sys.argv[1]) as warehouse:
    publish_site(warehouse, Path(sys.argv[2]), model_id=MODEL, built_at=LATER, report_progress=die_at)
"""


def ingest(path: Path, *, kill_at: int = 0, pause: float | None = None) -> int:
    """Run the ingest, and kill it at a line or after a pause in seconds; return how many lines it ran, 0 if killed."""
    command = [sys.executable, "-c", INGEST, str(path), str(kill_at)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        if pause is not None:
            time.sleep(pause)
            process.kill()
        printed, _ = process.communicate(timeout=300)
    assert process.returncode in (0, -signal.SIGKILL)
    return int(printed) if process.returncode == 0 else 0


def test_an_ingest_that_is_killed_is_finished_by_the_next(tmp_path: Path) -> None:
    """Killed again and again, while creating, saving and embedding, it ends as one that was not disturbed."""
    undisturbed, disturbed = tmp_path / "undisturbed.duckdb", tmp_path / "disturbed.duckdb"
    total = ingest(undisturbed)
    for share in (0.01, 0.05, 0.2, 0.3, 0.4):  # each run goes on where the last one was killed
        assert ingest(disturbed, kill_at=int(share * total)) == 0, share
    ingest(disturbed, pause=random.random())  # at any moment, also inside DuckDB: whether it strikes or not
    assert ingest(disturbed)
    with Warehouse.open(undisturbed) as one, Warehouse.open(disturbed) as other:
        assert one.counts()["documents"] == 12
        assert one.counts()["embeddings"] == 3 * 61
        assert {**one.counts(), "builds": 0} == {**other.counts(), "builds": 0}
        assert one.fingerprint() == other.fingerprint()
    assert {entry.name for entry in tmp_path.iterdir()} == {"disturbed.duckdb", "undisturbed.duckdb"}


@pytest.mark.parametrize("step", ["parquet", "kb.db", "swap"])
def test_a_publication_that_is_killed_leaves_the_old_site(tmp_path: Path, step: str) -> None:
    """Killed at any step the old site stays whole; the next publication shows the new one and clears up."""
    path, site_dir = tmp_path / "warehouse.duckdb", tmp_path / "site"
    ingest(path)
    with Warehouse.open(path) as warehouse:
        old = publish_site(warehouse, site_dir, model_id="another model", built_at=NOON)
    killed = subprocess.run([sys.executable, "-c", PUBLISH, path, site_dir, step], timeout=60)
    assert killed.returncode == -signal.SIGKILL
    current = read_current(site_dir)
    assert current is not None
    assert current[0] == old.path
    with Warehouse.open(path) as warehouse:
        new = publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON)
    assert new.is_new
    assert os.path.realpath(site_dir / "current") == str(new.path)
    assert {entry.name for entry in (site_dir / "builds").iterdir()} == {old.build_id, new.build_id}
    assert {entry.name for entry in site_dir.iterdir()} == {"builds", "current", ".publishing"}
