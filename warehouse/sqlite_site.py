"""Writes `kb.db`: the published tables in SQLite, with foreign keys, indexes, views and full-text search."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from warehouse.columns import Column, Table, View
from warehouse.errors import PublicationFailed
from warehouse.search_building import WordIndexBuilder
from warehouse.stemming import list_words, stem_text

if TYPE_CHECKING:
    import duckdb

TOKENIZER: Final = "unicode61 remove_diacritics 2"
_CHUNK: Final = 5_000
_TYPES: Final = {"INTEGER": "INTEGER", "BOOLEAN": "INTEGER", "DOUBLE": "REAL"}
# SQLite keeps no times: they become text that sorts and that people and programs read alike.
_CONVERSIONS: Final = {
    "TIMESTAMP": "strftime({name}, '%Y-%m-%dT%H:%M:%SZ')",
    "DATE": "strftime({name}, '%Y-%m-%d')",
    "BOOLEAN": "{name}::INTEGER",
    "JSON": "{name}::VARCHAR",
}
_FIELD_WEIGHTS: Final = (1.0, 0.4, 0.3)
"""What a word counts for in the text, in the title of its section and in that of its report."""
_STEMMED: Final = {
    "statements": "SELECT s.rowid, coalesce(s.language, 'und'), s.text, coalesce(s.section, ''), coalesce(r.title, '') "
    "FROM statements s JOIN reports r USING (report_id) ORDER BY s.rowid",
    "passages": "SELECT p.rowid, coalesce(r.language, 'und'), p.text, coalesce(p.section, ''), coalesce(r.title, '') "
    "FROM passages p JOIN reports r USING (report_id) ORDER BY p.rowid",
}
StemText = Callable[[str, str], str]


def write_sqlite(
    path: Path, *, source: duckdb.DuckDBPyConnection, tables: Sequence[Table], views: Sequence[View]
) -> dict[str, WordIndexBuilder]:
    """Write the `tables` of `source` to a new SQLite file at `path`, row for row in the same order.

    Returns the stems of the texts of each table that is searched, for `write_search`.

    Raises `sqlite3.Error` and `OSError` when writing fails, `PublicationFailed` when a row refers to one that is not
    there.
    """
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # The file is new and is thrown away when anything fails, so no journal; the caller syncs it to the disk.
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "page_size=8192", "cache_size=-65536", "temp_store=FILE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        for table in tables:
            connection.execute(_table_ddl(table))
            _copy_rows(connection, source, table)
        for table in tables:
            for column in table.published_columns:
                if column.is_indexed and column.name != table.key[0]:
                    connection.execute(f"CREATE INDEX idx_{table.name}_{column.name} ON {table.name}({column.name})")
        for view in views:
            connection.execute(f"CREATE VIEW {view.name} AS {view.query.strip().format(statement_row='s.rowid')}")
        _check_references(connection)
        words = _index_text(connection)
        connection.execute("COMMIT")
        connection.execute("VACUUM")  # keeps the row numbers, for they have no gaps
        connection.execute("ANALYZE")
        connection.execute("PRAGMA optimize")
        # No journal beside the file, so that it can be opened as one that never changes.
        connection.execute("PRAGMA journal_mode=DELETE")
    return words


def _table_ddl(table: Table) -> str:
    lines = []
    for column in table.published_columns:
        line = f"{column.name} {_TYPES.get(column.sql_type, 'TEXT')}"
        if column.is_required:
            line += " NOT NULL"
        if table.key == (column.name,):
            line += " PRIMARY KEY"
        if column.references:
            other, key = column.references.split(".")
            line += f" REFERENCES {other}({key})"
        lines.append(line)
    if len(table.key) > 1 and all(name in _names(table.published_columns) for name in table.key):
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f"CREATE TABLE {table.name} (\n  " + ",\n  ".join(lines) + "\n)"


def _copy_rows(connection: sqlite3.Connection, source: duckdb.DuckDBPyConnection, table: Table) -> None:
    columns = table.published_columns
    shown = ", ".join(_CONVERSIONS.get(column.sql_type, "{name}").format(name=column.name) for column in columns)
    found = source.execute(f"SELECT {shown} FROM {table.name} ORDER BY rowid")
    insert = f"INSERT INTO {table.name} VALUES ({', '.join('?' * len(columns))})"
    while chunk := found.fetchmany(_CHUNK):
        connection.executemany(insert, chunk)


def _check_references(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchmany(3)
    if broken:
        places = ", ".join(f"{table} row {row} to {other}" for table, row, other, _ in broken)
        raise PublicationFailed(
            f"site: found rows that refer to nothing ({places} …), against rows that all fit together; the warehouse "
            "is damaged: restore it from a backup, or ingest again into a new one. The old site stays up"
        )


def _index_text(connection: sqlite3.Connection) -> dict[str, WordIndexBuilder]:
    # What people type in Datasette's own search box is not stemmed, so it gets an index of the words as they are.
    connection.execute(
        f"CREATE VIRTUAL TABLE statements_text_fts USING fts5(text, content='statements', tokenize='{TOKENIZER}')"
    )
    connection.execute("INSERT INTO statements_text_fts(statements_text_fts) VALUES ('rebuild')")
    # Our own search stems the question as the index was stemmed, and finds phrases here. The stems are of no use to a
    # reader: not kept.
    words = {}
    for table, query in _STEMMED.items():
        connection.execute(
            f"CREATE VIRTUAL TABLE {table}_fts USING fts5(text, section, title, content='', tokenize='{TOKENIZER}')"
        )
        words[table] = WordIndexBuilder(_FIELD_WEIGHTS)
        connection.executemany(
            f"INSERT INTO {table}_fts(rowid, text, section, title) VALUES (?, ?, ?, ?)",
            _stemmed_rows(connection, query, words[table]),
        )
    for name in ("statements_text_fts", *(f"{table}_fts" for table in _STEMMED)):
        connection.execute(f"INSERT INTO {name}({name}) VALUES ('optimize')")
    return words


def _stemmed_rows(connection: sqlite3.Connection, query: str, words: WordIndexBuilder) -> Iterator[tuple[Any, ...]]:
    stem_heading: StemText = lru_cache(maxsize=10_000)(stem_text)  # the same for all texts of a section
    for row, language, text, section, title in connection.cursor().execute(query):
        stems = (stem_text(text, language), stem_heading(section, language), stem_heading(title, language))
        words.add(language, stems, list_words(text))
        yield row, *stems


def _names(columns: Sequence[Column]) -> set[str]:
    return {column.name for column in columns}
