"""Deliveries: all that another machine found in one document, vectors included, as one Parquet file.

The file has one row; each column is a table of the warehouse and holds the rows of the document as a list. One file per
document moves into place in one step, whatever it is moved to.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from warehouse.errors import DeliveryUnreadable
from warehouse.opening import CONFIG
from warehouse.rows import Row, RowsByTable
from warehouse.schema import find_table

if TYPE_CHECKING:
    from warehouse.store import Warehouse

FINDINGS: Final = (
    "documents",
    "pages",
    "sections",
    "statements",
    "mentions",
    "addressees",
    "parties",
    "cases",
    "responses",
    "links",
    "review",
    "reports",
)
"""The tables that come from an extraction."""
_EMBEDDINGS: Final = "embeddings"
_OF_ORIGINS: Final = frozenset({"origin_id", "origin", "licence"})
"""What the loader fills in: only it knows the origins of a report."""


@dataclass(frozen=True, slots=True, eq=False)
class ModelVectors:
    """The vectors of one model: text hashes, and float32 of shape (len(hashes), dimension) aligned with them."""

    model_id: str
    hashes: tuple[str, ...]
    matrix: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Delivery:
    """The rows of one document by table, without clocks and without what the origin says, and its vectors."""

    document_id: str
    report_id: str
    rows: RowsByTable
    vectors: tuple[ModelVectors, ...]

    @property
    def language(self) -> str:
        """The language of the document."""
        return str(self.rows["documents"][0]["language"])

    def copy_rows(self) -> RowsByTable:
        """Return the rows, to be completed by whoever saves them."""
        return {table: [dict(row) for row in found] for table, found in self.rows.items()}


def write_delivery(warehouse: Warehouse, path: Path) -> None:
    """Write all that `warehouse` holds, which must be one document, to a new Parquet file."""
    columns = ", ".join(_as_list(table) for table in (*FINDINGS, _EMBEDDINGS))
    place = str(path).replace("'", "''")
    with warehouse.snapshot() as connection:
        connection.execute(f"COPY (SELECT {columns}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")


def read_delivery(path: Path) -> Delivery:
    """Return what `write_delivery` wrote.

    Raises:
        DeliveryUnreadable: when the file is cut off, or is no delivery of this version of the warehouse.
    """
    connection = duckdb.connect(":memory:", config=CONFIG)
    try:
        rows = {table: _read_rows(connection, path, table) for table in FINDINGS}
        embeddings = _read_rows(connection, path, _EMBEDDINGS)
    except duckdb.Error as error:
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise DeliveryUnreadable(f"delivery {path.name}: found a file that is none ({first}); send it again") from error
    finally:
        connection.close()
    if len(rows["documents"]) != 1 or len(rows["reports"]) != 1:
        raise DeliveryUnreadable(f"delivery {path.name}: found {len(rows['documents'])} documents, against one")
    [document] = rows["documents"]
    return Delivery(document["document_id"], document["report_id"], rows, _group_vectors(embeddings))


def _as_list(table: str) -> str:
    names = [column.name for column in find_table(table).stored_columns if _is_delivered(column.name, column.kind)]
    packed = ", ".join(f"{name} := {name}" for name in names)
    return f"(SELECT coalesce(list(struct_pack({packed})), []) FROM {table}) AS {table}"


def _is_delivered(name: str, kind: str) -> bool:
    return kind != "clock" and name not in _OF_ORIGINS


def _read_rows(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> list[Row]:
    cursor = connection.execute(f"SELECT unnest({table}, max_depth := 2) FROM read_parquet(?)", [str(path)])
    names = [described[0] for described in cursor.description or ()]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def _group_vectors(rows: Sequence[Row]) -> tuple[ModelVectors, ...]:
    by_model: dict[str, list[tuple[str, Any]]] = {}
    for row in rows:
        by_model.setdefault(row["model_id"], []).append((row["text_hash"], row["vector"]))
    return tuple(
        ModelVectors(
            model_id,
            tuple(text_hash for text_hash, _ in held),
            np.frombuffer(b"".join(vector for _, vector in held), "<f4").reshape(len(held), -1).astype(np.float32),
        )
        for model_id, held in sorted(by_model.items())
    )


def describe_schema() -> tuple[str, ...]:
    """Return the names of the columns that a delivery has, for the check that two programs agree."""
    return tuple(
        f"{table}.{column.name}" for table in (*FINDINGS, _EMBEDDINGS) for column in find_table(table).stored_columns
    )
