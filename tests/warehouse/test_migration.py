"""Migrations bring a warehouse up to date, step by step and never half."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from warehouse.errors import WarehouseMismatch
from warehouse.migration import Migration, find_migrations, migrate, read_schema_version
from warehouse.opening import connect
from warehouse.store import Warehouse

ONE = Migration(1, "one", "CREATE TABLE things (name VARCHAR); INSERT INTO things VALUES ('first');")
TWO = Migration(2, "two", "ALTER TABLE things ADD COLUMN size INTEGER;")
BROKEN = Migration(2, "broken", "CREATE TABLE more (name VARCHAR); SELECT no_such_column FROM things;")


def test_the_migrations_of_the_program_are_numbered() -> None:
    """The program's own migrations have a number each, in order, and a new warehouse has them all."""
    migrations = find_migrations()
    numbers = [migration.version for migration in migrations]
    assert numbers == sorted(set(numbers))
    with duckdb.connect() as connection:
        assert read_schema_version(connection) == 0
        assert migrate(connection, migrations=migrations) == len(migrations)
        assert read_schema_version(connection) == numbers[-1]
        assert migrate(connection, migrations=migrations) == 0


def test_an_older_file_is_brought_up_to_date(tmp_path: Path) -> None:
    """Opening for writing applies what is missing and keeps what is there; opening for reading asks for that first."""
    path = tmp_path / "things.duckdb"
    connect(path, read_only=False, migrations=[ONE]).close()
    with pytest.raises(WarehouseMismatch, match="found schema version 1, against 2; open it once for writing"):
        connect(path, read_only=True, migrations=[ONE, TWO])
    with connect(path, read_only=False, migrations=[ONE, TWO]) as connection:
        assert connection.execute("SELECT * FROM things").fetchall() == [("first", None)]
    connect(path, read_only=True, migrations=[ONE, TWO]).close()


def test_a_lower_number_that_comes_later_is_applied(tmp_path: Path) -> None:
    """A file that had the migration of one branch gets the lower numbered one of another when both are merged."""
    path = tmp_path / "things.duckdb"
    three = Migration(3, "three", "CREATE TABLE more (name VARCHAR);")
    connect(path, read_only=False, migrations=[ONE, three]).close()
    with pytest.raises(WarehouseMismatch, match="open it once for writing"):
        connect(path, read_only=True, migrations=[ONE, TWO, three])
    with connect(path, read_only=False, migrations=[ONE, TWO, three]) as connection:
        assert connection.execute("SELECT name, size FROM things").fetchall() == [("first", None)]
        assert read_schema_version(connection) == 3


def test_a_migration_that_fails_leaves_the_version_before(tmp_path: Path) -> None:
    """A step that breaks half-way is undone as a whole."""
    path = tmp_path / "things.duckdb"
    connect(path, read_only=False, migrations=[ONE]).close()
    with pytest.raises(duckdb.Error, match="no_such_column"):
        connect(path, read_only=False, migrations=[ONE, BROKEN])
    with connect(path, read_only=True, migrations=[ONE]) as connection:
        assert read_schema_version(connection) == 1
        assert connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall() == [
            ("schema_migrations",),
            ("things",),
        ]


@pytest.mark.parametrize("read_only", [False, True])
def test_a_newer_file_is_refused(tmp_path: Path, read_only: bool) -> None:
    """A warehouse that a newer program wrote is refused with what to do, and stays as it was."""
    path = tmp_path / "warehouse.duckdb"
    newer = find_migrations()[-1].version + 1
    later = [*find_migrations(), Migration(newer, "later", "CREATE TABLE later (name VARCHAR);")]
    connect(path, read_only=False, migrations=later).close()
    before = path.read_bytes()
    with pytest.raises(WarehouseMismatch, match=f"found schema version {newer}.*install the newer Rode Draad"):
        Warehouse.open(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_filled_warehouse_learns_which_version_took_which_place(tmp_path: Path) -> None:
    """A warehouse from before: its old version is superseded by the current one, and all passages are cut anew."""
    path = tmp_path / "warehouse.duckdb"
    earlier = [migration for migration in find_migrations() if migration.version < 10]
    with connect(path, read_only=False, migrations=earlier) as connection:
        for document_id, is_current in (("aa", False), ("bb", True)):
            connection.execute(
                "INSERT INTO documents (document_id, report_id, is_current, media_type, language, page_count, "
                "character_count, is_scanned, properties, bookmarks, text, extraction_version, extraction_hash, "
                "first_seen_at) VALUES (?, 'r', ?, 'text/plain', 'nl', 0, 0, false, '{}', '[]', ?, '1', 'h', now())",
                [document_id, is_current, "Woorden over de pont naar het eiland. " * 5],
            )
        connection.execute("INSERT INTO passages VALUES ('p', 'r', 'bb', 0, 1, 0, 5, 'hash')")
    with Warehouse.open(path) as warehouse:
        assert warehouse.query("SELECT document_id, superseded_by FROM documents ORDER BY 1") == [
            ("aa", "bb"),
            ("bb", None),
        ]
        assert warehouse.counts()["passages"] == 0
        assert warehouse.cut_passages() == 1
        assert warehouse.cut_passages() == 0
