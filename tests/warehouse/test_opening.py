"""A warehouse that cannot be opened or written says why and what to do, and nothing is lost."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import duckdb
import pytest
from invented_extractions import NOON, make_extraction

from warehouse.entries import Origin
from warehouse.errors import WarehouseLocked, WarehouseMismatch, WarehouseMissing, WarehouseUnwritable
from warehouse.store import Warehouse

HERE = Path(__file__).parent


def run(script: str, *arguments: str | Path) -> str:
    """Run a script in another process, in which the invented extractions can be imported; returns what it printed."""
    found = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(HERE)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    return found.stdout


@pytest.mark.parametrize(
    "content", [b"", b"no database" * 500, b"%PDF-1.7\n", bytes(8192)], ids=["empty", "text", "pdf", "zeros"]
)
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, content: bytes) -> None:
    """A file that is no DuckDB database is refused with what to do, and stays as it was."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(content)
    for read_only in (False, True):
        with pytest.raises(WarehouseMismatch, match="move it away and ingest again"):
            Warehouse.open(path, read_only=read_only)
    assert path.read_bytes() == content
    assert [entry.name for entry in tmp_path.iterdir()] == [path.name]


def test_a_damaged_warehouse_is_left_alone(tmp_path: Path) -> None:
    """A warehouse whose blocks were overwritten, or that was cut off, is refused and stays as it was."""
    path = tmp_path / "warehouse.duckdb"
    with Warehouse.open(path) as warehouse:
        for i in range(20):
            warehouse.save_extraction(make_extraction(f"Zin {i}."), origin=Origin(f"/{i}"), version="1", seen_at=NOON)
    whole = path.read_bytes()
    damaged = bytearray(whole)
    for i in range(12_288, len(damaged), 64):
        damaged[i] ^= 0x55
    for content in (bytes(damaged), whole[:20_000]):
        path.write_bytes(content)
        with pytest.raises(WarehouseMismatch, match="restore it from a backup"):
            Warehouse.open(path)
        assert path.read_bytes() == content
    path.write_bytes(whole[: len(whole) // 3])
    # The tables are listed in the part that is left; that their rows are gone shows when they are read.
    with Warehouse.open(path, read_only=True) as warehouse, pytest.raises(WarehouseMismatch, match="is damaged"):
        warehouse.fingerprint()


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    """A DuckDB file with other tables is refused by name, and gets no tables of ours."""
    path = tmp_path / "sales.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE sales (amount INTEGER)")
    with pytest.raises(WarehouseMismatch, match="tables sales"):
        Warehouse.open(path)
    with duckdb.connect(str(path)) as connection:
        assert connection.execute("SHOW TABLES").fetchall() == [("sales",)]


def test_a_folder_is_no_warehouse(tmp_path: Path) -> None:
    """A folder where the file should be is refused."""
    with pytest.raises(WarehouseMismatch, match="found a folder"):
        Warehouse.open(tmp_path)


def test_reading_needs_a_file(tmp_path: Path) -> None:
    """There is nothing to read before the first ingest, and reading creates nothing."""
    with pytest.raises(WarehouseMissing, match="ingest a report first"):
        Warehouse.open(tmp_path / "warehouse.duckdb", read_only=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.system
def test_another_process_holds_the_lock(tmp_path: Path) -> None:
    """While one process writes, another hears which process to wait for."""
    path = tmp_path / "warehouse.duckdb"
    script = """
import sys
from warehouse.errors import WarehouseLocked
from warehouse.store import Warehouse
for read_only in (False, True):
    try:
        Warehouse.open(sys.argv[1], read_only=read_only)
    except WarehouseLocked as error:
        print(error)
"""
    with Warehouse.open(path):
        first, second = run(script, path).splitlines()
    assert f"in use by process {os.getpid()}" in first
    assert "wait until that run ends" in second


def test_this_process_holds_the_lock(tmp_path: Path) -> None:
    """Opening for reading what the same process has open for writing is refused in plain words."""
    path = tmp_path / "warehouse.duckdb"
    with Warehouse.open(path), pytest.raises(WarehouseLocked, match="close that first"):
        Warehouse.open(path, read_only=True)


def test_readers_share(tmp_path: Path) -> None:
    """Two readers may have the warehouse open at once, and cannot write."""
    path = tmp_path / "warehouse.duckdb"
    Warehouse.open(path).close()
    with Warehouse.open(path, read_only=True) as one, Warehouse.open(path, read_only=True) as other:
        assert one.fingerprint() == other.fingerprint()
        with pytest.raises(duckdb.Error, match="read-only"):
            one.start_build(started_at=NOON)


@pytest.mark.system
def test_a_read_only_folder_is_explained(tmp_path: Path) -> None:
    """In a folder where one may not write nothing can be created; an existing warehouse there can still be read."""
    script = """
import os, sys
from pathlib import Path
from warehouse.errors import WarehouseUnwritable
from warehouse.migration import find_migrations
from warehouse.opening import connect
migrations = find_migrations()
if os.getuid() == 0:
    os.setuid(65534)  # permissions do not bind root
for name in ("new.duckdb", "held.duckdb"):
    try:
        connect(Path(sys.argv[1]) / name, read_only=False, migrations=migrations)
    except WarehouseUnwritable as error:
        print(error)
with connect(Path(sys.argv[1]) / "held.duckdb", read_only=True, migrations=migrations) as connection:
    print(connection.execute("SELECT count(*) FROM reports").fetchone()[0])
"""
    del tmp_path  # other users cannot look into it
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Warehouse.open(folder / "held.duckdb").close()
        (folder / "held.duckdb").chmod(0o444)
        folder.chmod(0o555)
        try:
            new, held, count = run(script, folder).splitlines()
        finally:
            folder.chmod(0o755)
        assert "mend the permissions" in new
        assert "mend the permissions" in held
        assert count == "0"
        assert [entry.name for entry in folder.iterdir()] == ["held.duckdb"]


def test_a_place_where_no_folder_can_be_made_is_explained(tmp_path: Path) -> None:
    """A path below a file cannot be created, and the message says so."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(WarehouseUnwritable, match="give another path"):
        Warehouse.open(tmp_path / "file" / "warehouse.duckdb")


@pytest.mark.system
def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """When the disk is full the document at hand is refused, and all earlier ones are still there afterwards."""
    script = """
import random, resource, sys
from invented_extractions import NOON, make_extraction
from warehouse.entries import Origin
from warehouse.errors import WarehouseUnwritable
from warehouse.store import Warehouse
with Warehouse.open(sys.argv[1]) as warehouse:
    warehouse.save_extraction(make_extraction(), origin=Origin("/small"), version="1", seen_at=NOON)
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    noise = ("".join(random.Random(i).choices("abcdefghijklmnopqrstuvwxyz", k=2_000)) for i in range(400))
    try:
        warehouse.save_extraction(make_extraction(*noise), origin=Origin("/large"), version="1", seen_at=NOON)
    except WarehouseUnwritable as error:
        print(error)
"""
    path = tmp_path / "warehouse.duckdb"
    assert "free space or mend the permissions" in run(script, path)
    with Warehouse.open(path) as warehouse:
        assert warehouse.query("SELECT address FROM origins") == [("/small",)]
        assert warehouse.counts()["statements"] == 3
        extraction = make_extraction("Nu is er weer ruimte.")
        assert warehouse.save_extraction(extraction, origin=Origin("/large"), version="1", seen_at=NOON)
