"""Writes the published tables as Parquet and as `kb.duckdb`, and the vectors as `vectors.npy`."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import duckdb
import numpy as np

from warehouse.columns import Table, View
from warehouse.opening import CONFIG
from warehouse.schema import PUBLISHED_TABLES
from warehouse.search_tables import PASSAGES
from warehouse.tables import PAGES, STATEMENTS
from warehouse.vectors import CONTEXT_HASH

_CHUNK: Final = 4_096
_VECTOR: Final = np.dtype("<f4")
# A message says where the file lies on the operator's disk; the public sees its name only.
_EXPRESSIONS: Final = {
    ("problems", "message"): "replace(message, address, subject)",
    ("problems", "what_to_do"): "replace(what_to_do, address, subject)",
}

# Formats without pages have their text all the same: on page 1, as their statements say.
_PAGES_QUERY: Final = """
    SELECT {shown} FROM (
        SELECT p.*, substr(d.text, p.start_offset + 1, p.end_offset - p.start_offset) AS text
        FROM pages p JOIN documents d ON d.document_id = p.document_id AND d.is_current
        UNION ALL
        SELECT d.document_id, 1, 0.0, 0.0, d.is_scanned, 0, length(d.text), d.text
        FROM documents d WHERE d.is_current AND d.page_count = 0
    ) ORDER BY document_id, page
"""


_PASSAGES_QUERY: Final = """
    SELECT {shown} FROM (
        SELECT p.*, substr(d.text, p.start_offset + 1, p.end_offset - p.start_offset) AS text,
               (SELECT max_by(s.title, s.start_offset) FROM sections s
                WHERE s.document_id = p.document_id AND s.start_offset <= p.start_offset
                  AND s.end_offset > p.start_offset) AS section
        FROM published_passages p JOIN documents d ON d.document_id = p.document_id
    ) ORDER BY place
"""


def number_vectors(connection: duckdb.DuckDBPyConnection, model_id: str) -> int:
    """Make the temporary tables `published_statements` and `published_passages`, in order, each row with its place.

    Statements whose text has no vector of `model_id` have none. Returns the number of vectors.
    """
    stored = ", ".join(f"s.{column.name}" for column in STATEMENTS.published_columns if column.is_stored)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE published_statements AS
        SELECT {stored}, s.text_hash, {CONTEXT_HASH} AS context_hash,
               CASE WHEN s.start_offset < p.end_offset THEN p.text_hash END AS passage_hash,
               row_number() OVER (ORDER BY {_order(STATEMENTS, "s")}) AS place,
               CASE WHEN e.text_hash IS NOT NULL THEN
                    (count(e.text_hash) OVER (ORDER BY {_order(STATEMENTS, "s")} ROWS UNBOUNDED PRECEDING) - 1)::INTEGER
               END AS vector_row
        FROM statements s JOIN reports r USING (report_id)
        ASOF LEFT JOIN passages p ON p.document_id = s.document_id AND s.start_offset >= p.start_offset
        LEFT JOIN embeddings e ON e.text_hash = s.text_hash AND e.model_id = ?
        """,
        [model_id],
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE published_passages AS "
        f"SELECT p.*, row_number() OVER (ORDER BY {_order(PASSAGES, 'p')}) AS place FROM passages p "
        "JOIN documents d ON d.document_id = p.document_id AND d.is_current"
    )
    row = connection.execute("SELECT count(vector_row) FROM published_statements").fetchone()
    return int(row[0]) if row else 0


def write_parquet(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Write one Parquet file per published table to `folder`; `number_vectors` comes first."""
    folder.mkdir()
    for table in PUBLISHED_TABLES:
        shown = ", ".join(
            f"{_EXPRESSIONS.get((table.name, column.name), column.name)} AS {column.name}"
            for column in table.published_columns
        )
        if table is STATEMENTS:
            query = f"SELECT {shown} FROM published_statements ORDER BY place"
        elif table is PAGES:
            query = _PAGES_QUERY.format(shown=shown)
        elif table is PASSAGES:
            query = _PASSAGES_QUERY.format(shown=shown)
        else:
            query = f"SELECT {shown} FROM {table.name} ORDER BY {_order(table)}"
        connection.execute(f"COPY ({query}) TO {_quoted(folder / f'{table.name}.parquet')} (FORMAT parquet)")


def write_vectors(connection: duckdb.DuckDBPyConnection, path: Path, *, model_id: str, count: int) -> int:
    """Write the float32 matrix (count, dimension) with row i for the statement whose `vector_row` is i.

    Returns the dimension, 0 when the model has no vectors. The file can be read with ``np.load(mmap_mode="r")``.
    """
    found = connection.execute("SELECT max(dimension) FROM embeddings WHERE model_id = ?", [model_id]).fetchone()
    dimension = int(found[0]) if found and found[0] is not None else 0
    with path.open("wb") as file:
        header = {"descr": _VECTOR.str, "fortran_order": False, "shape": (count, dimension)}
        np.lib.format.write_array_header_1_0(file, header)
        rows = connection.execute(
            "SELECT e.vector FROM published_statements p JOIN embeddings e ON e.text_hash = p.text_hash "
            "AND e.model_id = ? WHERE p.vector_row IS NOT NULL ORDER BY p.vector_row",
            [model_id],
        )
        while chunk := rows.fetchmany(_CHUNK):
            file.write(b"".join(vector for (vector,) in chunk))
    return dimension


def write_duckdb(path: Path, *, parquet: Path, views: tuple[View, ...]) -> None:
    """Write the tables of the Parquet files to a new DuckDB file, with keys, and descriptions as comments."""
    with duckdb.connect(str(path), config=CONFIG) as connection:
        for table in PUBLISHED_TABLES:
            connection.execute(_table_ddl(table))
            connection.execute(
                f"INSERT INTO {table.name} SELECT * FROM read_parquet({_quoted(parquet / f'{table.name}.parquet')})"
            )
            connection.execute(f"COMMENT ON TABLE {table.name} IS {_quoted(table.description)}")
            for column in table.published_columns:
                connection.execute(f"COMMENT ON COLUMN {table.name}.{column.name} IS {_quoted(column.description)}")
        for view in views:
            # SQLite numbers rows from 1, DuckDB from 0.
            connection.execute(f"CREATE VIEW {view.name} AS {view.query.format(statement_row='s.rowid + 1')}")
            connection.execute(f"COMMENT ON VIEW {view.name} IS {_quoted(view.description)}")


def _table_ddl(table: Table) -> str:
    columns = table.published_columns
    lines = [f"{column.name} {column.sql_type}{' NOT NULL' if column.is_required else ''}" for column in columns]
    if set(table.key) <= {column.name for column in columns}:
        lines.append(f"PRIMARY KEY ({', '.join(table.key)})")
    return f"CREATE TABLE {table.name} ({', '.join(lines)})"


def _order(table: Table, alias: str | None = None) -> str:
    parts = (table.order or ", ".join(table.key)).split(", ")
    return ", ".join(f"{alias}.{part}" if alias else part for part in parts)


def _quoted(value: Path | str) -> str:
    return "'" + str(value).replace("'", "''") + "'"
