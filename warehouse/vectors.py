"""Keeps the vectors of texts, keyed by text hash and model. Each function works inside a transaction.

A statement is embedded in three roles: by its own text; in its context, with the title of the report and of the section
before it, because “it is advised to monitor this” says little alone; and by the passage it stands in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, Literal

import duckdb
import numpy as np
from numpy.typing import NDArray

from warehouse.errors import WrongDimension
from warehouse.rows import HASH_DIGITS
from warehouse.saving import insert_rows

_LENGTH_TOLERANCE: Final = 1e-2
_VECTOR: Final = np.dtype("<f4")


Role = Literal["text", "context", "passage"]

CONTEXT: Final = "trim(regexp_replace(concat_ws('. ', r.title, s.section, s.text), '\\s+', ' ', 'g'))"
"""A statement `s` of a report `r` in its context, as SQL."""

CONTEXT_HASH: Final = f"substr(sha256({CONTEXT}), 1, {HASH_DIGITS})"

_TEXTS: Final[Mapping[Role, str]] = {
    "text": "SELECT text_hash, text, language FROM statements",
    "context": f"SELECT {CONTEXT_HASH} AS text_hash, {CONTEXT} AS text, s.language FROM statements s "
    "JOIN reports r USING (report_id)",
    "passage": "SELECT p.text_hash, substr(d.text, p.start_offset + 1, p.end_offset - p.start_offset) AS text, "
    "d.language FROM passages p JOIN documents d USING (document_id)",
}


def find_unembedded(
    connection: duckdb.DuckDBPyConnection, model_id: str, roles: Sequence[Role] = ("text",)
) -> list[tuple[str, str, str]]:
    """Return (text hash, text, language) of each distinct text in one of `roles` without a vector of `model_id`."""
    texts = " UNION ALL ".join(_TEXTS[role] for role in roles)
    return connection.execute(
        f"SELECT t.text_hash, min(t.text), min(t.language) FROM ({texts}) t "
        "WHERE NOT EXISTS (SELECT 1 FROM embeddings e WHERE e.text_hash = t.text_hash AND e.model_id = ?) "
        "GROUP BY t.text_hash ORDER BY t.text_hash",
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
