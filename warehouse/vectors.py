"""Keeps the vectors of statement texts, keyed by text hash and model. Each function works inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from warehouse.errors import WrongDimension
from warehouse.saving import insert_rows

_LENGTH_TOLERANCE: Final = 1e-2
_VECTOR: Final = np.dtype("<f4")


def find_unembedded(connection: duckdb.DuckDBPyConnection, model_id: str) -> list[tuple[str, str, str]]:
    """Return (text hash, text, language) of each distinct statement text without a vector of `model_id`."""
    return connection.execute(
        "SELECT s.text_hash, min(s.text), min(s.language) FROM statements s "
        "WHERE NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.text_hash = s.text_hash AND e.model_id = ?) "
        "GROUP BY s.text_hash ORDER BY s.text_hash",
        [model_id],
    ).fetchall()


def save_embeddings(
    connection: duckdb.DuckDBPyConnection, model_id: str, hashes: Sequence[str], matrix: NDArray[np.float32]
) -> int:
    """Save the vectors that are not there yet and return how many; see `Warehouse.save_embeddings`."""
    _check_matrix(model_id, hashes, matrix)
    if not len(hashes):
        return 0
    dimension = int(matrix.shape[1])
    earlier = connection.execute(
        "SELECT any_value(dimension) FROM embeddings WHERE model_id = ?", [model_id]
    ).fetchone()
    if earlier and earlier[0] is not None and earlier[0] != dimension:
        raise WrongDimension(
            f"vectors of {model_id}: found {dimension} values each, against {earlier[0]} in the warehouse; give the "
            "changed model another name, or use the earlier one"
        )
    held = {
        text_hash
        for (text_hash,) in connection.execute(
            "SELECT text_hash FROM embeddings WHERE model_id = ? AND text_hash IN (SELECT unnest(?::VARCHAR[]))",
            [model_id, list(hashes)],
        ).fetchall()
    }
    rows = {
        text_hash: {
            "text_hash": text_hash,
            "model_id": model_id,
            "dimension": dimension,
            "vector": vector.astype(_VECTOR).tobytes(),
        }
        for text_hash, vector in zip(hashes, matrix, strict=True)
        if text_hash not in held
    }
    insert_rows(connection, "embeddings", list(rows.values()))
    return len(rows)


def read_embeddings(
    connection: duckdb.DuckDBPyConnection, model_id: str
) -> tuple[tuple[str, ...], NDArray[np.float32]]:
    """Return the text hashes in order and the matrix (n, dimension) aligned with them; shape (0, 0) if none."""
    found = connection.execute(
        "SELECT text_hash, vector FROM embeddings WHERE model_id = ? ORDER BY text_hash", [model_id]
    ).fetchall()
    if not found:
        return (), np.zeros((0, 0), np.float32)
    matrix = np.frombuffer(b"".join(vector for _, vector in found), _VECTOR).reshape(len(found), -1)
    return tuple(text_hash for text_hash, _ in found), matrix.astype(np.float32)


def _check_matrix(model_id: str, hashes: Sequence[str], matrix: NDArray[np.float32]) -> None:
    subject = f"vectors of {model_id}"
    if matrix.ndim != 2 or matrix.shape[0] != len(hashes) or matrix.dtype != np.float32:
        raise ValueError(
            f"{subject}: found {matrix.dtype} of shape {matrix.shape}, "
            f"against float32 of shape ({len(hashes)}, dimension)"
        )
    lengths = np.linalg.norm(matrix, axis=1)
    # Written so that a NaN fails too.
    if len(lengths) and not bool(np.all(np.abs(lengths - 1) <= _LENGTH_TOLERANCE)):
        worst = float(lengths[int(np.argmax(np.abs(lengths - 1)))])
        raise ValueError(f"{subject}: found a row of length {worst:.3f}, against rows of length 1")
