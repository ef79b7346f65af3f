"""SQL of strangers reads the published tables and nothing else, however it is written."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from invented_extractions import MODEL, NOON, embed, fill

from warehouse.publication import publish_site
from warehouse.read_only import LARGEST_VALUE, guard_connection
from warehouse.store import Warehouse


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a published build."""
    home = tmp_path_factory.mktemp("read-only")
    with Warehouse.open(home / "warehouse.duckdb") as warehouse:
        fill(warehouse)
        embed(warehouse)
        return publish_site(warehouse, home / "site", model_id=MODEL, built_at=NOON).path


@pytest.fixture
def connection(site: Path) -> Iterator[sqlite3.Connection]:
    """Return a guarded connection that SQLite itself would let write: the guard alone holds it back."""
    with closing(sqlite3.connect(site / "kb.db")) as opened:
        guard_connection(opened)
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "SELECT count(*) FROM statements_full",
        "SELECT text FROM statements_text_fts WHERE statements_text_fts MATCH 'beloften'",
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 9) SELECT sum(i) FROM n",
        "SELECT json_group_array(name) FROM pragma_table_info('reports')",
        "PRAGMA table_xinfo(statements)",
        "PRAGMA schema_version",
        "EXPLAIN QUERY PLAN SELECT * FROM statements WHERE kind LIKE 're%' ORDER BY text",
        "SELECT publisher, count(*) OVER (PARTITION BY publisher) FROM reports",
    ],
)
def test_reading_is_allowed(connection: sqlite3.Connection, query: str) -> None:
    """Tables, views, full-text search, recursion, JSON and descriptions."""
    assert connection.execute(query).fetchall()


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM statements",
        "WITH x AS (SELECT 1) UPDATE reports SET title = ''",
        "INSERT INTO statements_fts(statements_fts) VALUES ('delete-all')",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE VIRTUAL TABLE temp.x USING fts5vocab(main, statements_fts, row)",
        "DROP VIEW findings",
        "ATTACH DATABASE '/etc/passwd' AS x",
        "ATTACH DATABASE ':memory:' AS x",
        "VACUUM INTO '{tmp}/copy.db'",
        "PRAGMA database_list",
        "SELECT file FROM pragma_database_list",
        "PRAGMA writable_schema = 1",
        "PRAGMA journal_mode = WAL",
        "PRAGMA schema_version = 7",
        "PRAGMA temp_store_directory = '/tmp'",
        "SELECT load_extension('x')",
        "BEGIN",
        "REINDEX",
        "ANALYZE",
    ],
)
def test_everything_else_is_refused(connection: sqlite3.Connection, tmp_path: Path, query: str) -> None:
    """Changing, other files, settings, places on the disk and extensions."""
    with pytest.raises(sqlite3.DatabaseError, match=r"not authorized|prohibited|authorization denied"):
        connection.execute(query.replace("{tmp}", str(tmp_path))).fetchall()
    assert not list(tmp_path.iterdir())
    assert connection.execute("SELECT count(*) FROM statements").fetchone()[0] == 7


def test_values_that_fill_the_memory_are_refused(connection: sqlite3.Connection) -> None:
    """A blob, a text that grows, and a long pattern of wildcards; what is formatted too long is empty."""
    for query in (f"SELECT zeroblob({LARGEST_VALUE * 2})",
                  "SELECT replace(hex(zeroblob(10000000)), '0', 'xxxxxxxx')",
                  "SELECT 'a' LIKE '" + "%a" * 600 + "'"):  # fmt: skip
        with pytest.raises(sqlite3.DatabaseError, match=r"too big|too complex"):
            connection.execute(query).fetchall()
    assert connection.execute(f"SELECT printf('%.*c', {LARGEST_VALUE * 2}, 'x')").fetchone() == (None,)
