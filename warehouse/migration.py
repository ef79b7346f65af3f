"""Brings the tables of a warehouse up to date with numbered SQL files, each in one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING, Final

from warehouse.errors import WarehouseMismatch

if TYPE_CHECKING:
    import duckdb

_NAME: Final = re.compile(r"(?P<version>\d{4})_(?P<name>[a-z0-9_]+)\.sql")


@dataclass(frozen=True, slots=True)
class Migration:
    """One numbered step: `version` counts from 1 without gaps, `script` is its SQL."""

    version: int
    name: str
    script: str


def find_migrations() -> tuple[Migration, ...]:
    """Return the migrations that this program brings along, in order; raises `ValueError` when two share a number.

    Numbers may have gaps: branches that are written side by side take theirs beforehand.
    """
    found = [
        Migration(int(match["version"]), match["name"], entry.read_text("utf-8"))
        for entry in resources.files("warehouse.migrations").iterdir()
        if (match := _NAME.fullmatch(entry.name))
    ]
    found.sort(key=_version_of)
    numbers = [migration.version for migration in found]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"migrations: found the numbers {numbers}; expected each once")
    return tuple(found)


def read_schema_version(connection: duckdb.DuckDBPyConnection) -> int:
    """Return the number of the last migration that was applied, 0 for a file without tables.

    Raises `WarehouseMismatch` for a DuckDB file that was made by another program.
    """
    query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' AND table_type = 'BASE TABLE'"
    names = {name for (name,) in connection.execute(query).fetchall()}
    if "schema_migrations" not in names:
        if names:
            raise WarehouseMismatch(
                f"warehouse: found a DuckDB file with the tables {', '.join(sorted(names)[:5])}, against the tables of "
                "Rode Draad; give another path"
            )
        return 0
    row = connection.execute("SELECT coalesce(max(version), 0) FROM schema_migrations").fetchone()
    return int(row[0]) if row else 0


def find_pending(connection: duckdb.DuckDBPyConnection, *, migrations: Sequence[Migration]) -> tuple[Migration, ...]:
    """Return the migrations that the file has not had yet, in order; a lower number may come after a higher one."""
    if read_schema_version(connection) == 0:
        return tuple(migrations)
    applied = {version for (version,) in connection.execute("SELECT version FROM schema_migrations").fetchall()}
    return tuple(migration for migration in migrations if migration.version not in applied)


def migrate(connection: duckdb.DuckDBPyConnection, *, migrations: Sequence[Migration]) -> int:
    """Apply the migrations that the file has not had and return how many there were.

    Each one is a transaction, so a killed process leaves the file at a version, never between two. Raises
    `WarehouseMismatch` when the file is newer than the last of `migrations`.
    """
    check_not_newer(read_schema_version(connection), migrations=migrations)
    pending = find_pending(connection, migrations=migrations)
    for migration in pending:
        connection.execute("BEGIN TRANSACTION")
        try:
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name VARCHAR NOT NULL)"
            )
            connection.execute(migration.script)
            connection.execute("INSERT INTO schema_migrations VALUES (?, ?)", [migration.version, migration.name])
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise
    return len(pending)


def check_not_newer(version: int, *, migrations: Sequence[Migration]) -> None:
    """Raise `WarehouseMismatch` when a file of schema `version` was written by a newer program than this one."""
    known = latest_version(migrations)
    if version > known:
        raise WarehouseMismatch(
            f"warehouse: found schema version {version}, against {known} that this program knows; "
            "install the newer Rode Draad that wrote it, or give another path"
        )


def latest_version(migrations: Sequence[Migration]) -> int:
    """Return the highest number among `migrations`, 0 when there are none."""
    return max((migration.version for migration in migrations), default=0)


def _version_of(migration: Migration) -> int:
    return migration.version
