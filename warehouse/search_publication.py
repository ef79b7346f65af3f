"""Writes the folder `search` of a site: for statements and for passages their columns, words and meanings."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from warehouse.search_building import BlockPlan, Reading, WordIndexBuilder, write_meanings
from warehouse.search_columns import write_columns
from warehouse.search_folding import fold_groups
from warehouse.search_meaning import Floats
from warehouse.vectors import Role

SHARES: Final[tuple[Mapping[Role, float], ...]] = (
    {"text": 0.5, "context": 0.5},
    {"text": 0.4, "context": 0.3, "passage": 0.3},
)
"""What each reading of a statement counts for, by the first model and by the second; see docs/search.md."""

WEIGHTS: Final = (1.0, 0.8)
"""What the cosine of each model counts for."""

_CHUNK: Final = 4_096
_VECTOR: Final = np.dtype("<f4")
_HASHES: Final[Mapping[Role, str]] = {"text": "text_hash", "context": "context_hash", "passage": "passage_hash"}


class VectorFiles:
    """Vectors of the texts in the order of the site, in files beside it that are removed in the end.

    Made inside the snapshot of the warehouse, used after it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.statements: tuple[BlockPlan, ...] = ()
        self.passages: tuple[BlockPlan, ...] = ()

    def read(self, connection: duckdb.DuckDBPyConnection, model_ids: Sequence[str]) -> None:
        """Read what the models gave for the statements in `published_statements` and for the passages."""
        plans = []
        for number, model_id in enumerate(model_ids):
            shares = SHARES[number]
            readings = [
                Reading(share, vectors)
                for role, share in shares.items()
                if (vectors := self._read(connection, "published_statements", _HASHES[role], model_id)) is not None
            ]
            if readings:
                plans.append(BlockPlan(model_id, WEIGHTS[number], number == 0, tuple(readings)))
        self.statements = tuple(plans)
        if len(model_ids) > 1:
            vectors = self._read(connection, "published_passages", "text_hash", model_ids[1])
            if vectors is not None:
                self.passages = (BlockPlan(model_ids[1], 1.0, False, (Reading(1.0, vectors),)),)

    def _read(
        self, connection: duckdb.DuckDBPyConnection, table: str, column: str, model_id: str
    ) -> NDArray[np.float32] | None:
        row = connection.execute(
            f"SELECT (SELECT count(*) FROM {table}), max(e.dimension) FROM {table} p "
            f"JOIN embeddings e ON e.text_hash = p.{column} AND e.model_id = ?",
            [model_id],
        ).fetchone()
        if not row or row[1] is None:
            return None
        path = self._folder / f"{table}-{column}-{len(list(self._folder.iterdir()))}.npy"
        vectors = np.lib.format.open_memmap(path, "w+", np.float32, (int(row[0]), int(row[1])))
        found = connection.execute(
            f"SELECT p.place - 1, e.vector FROM {table} p "
            f"JOIN embeddings e ON e.text_hash = p.{column} AND e.model_id = ?",
            [model_id],
        )
        while chunk := found.fetchmany(_CHUNK):
            rows = np.frombuffer(b"".join(vector for _, vector in chunk), _VECTOR).reshape(len(chunk), -1)
            vectors[[place for place, _ in chunk]] = rows
        return vectors


def write_search(folder: Path, *, kb: Path, words: Mapping[str, WordIndexBuilder], vectors: VectorFiles) -> None:
    """Write the search over the database `kb` to `folder`, which is made; `words` are the stems of each table."""
    folder.mkdir()
    with contextlib.closing(sqlite3.connect(kb)) as connection:
        for table, plans in (("statements", vectors.statements), ("passages", vectors.passages)):
            own = folder / table
            own.mkdir()
            codes, languages = _languages(connection, table)
            groups = None
            if table == "statements":
                groups = fold_groups(
                    words[table].first_field_terms(),
                    codes,
                    _own_vectors(plans, codes, len(languages)),
                    is_number=words[table].number_terms(),
                )
            write_columns(own, connection, table, groups)
            words[table].write(own)
            write_meanings(own, plans, codes, languages)


def _languages(connection: sqlite3.Connection, table: str) -> tuple[NDArray[np.int32], list[str]]:
    language = "t.language" if table == "statements" else "r.language"
    query = f"SELECT {language} FROM {table} t JOIN reports r ON r.report_id = t.report_id ORDER BY t.rowid"
    found = [row[0] or "und" for row in connection.execute(query)]
    languages = sorted(set(found))
    code_of = {language: code for code, language in enumerate(languages)}
    return np.fromiter((code_of[language] for language in found), np.int32, len(found)), languages


def _own_vectors(plans: Sequence[BlockPlan], codes: NDArray[np.int32], language_count: int) -> OwnVectors | None:
    return OwnVectors(plans[0].readings[0].vectors, codes, language_count) if plans else None


class OwnVectors:
    """The vectors of the statements' own texts with the plain mean of each language taken out, a few rows at a time."""

    def __init__(self, vectors: NDArray[np.float32], codes: NDArray[np.int32], language_count: int) -> None:
        self._vectors, self._codes = vectors, codes
        self._means = np.zeros((language_count, vectors.shape[1]), np.float32)
        for code in range(language_count):
            rows = np.flatnonzero(codes == code)
            # A sample is enough for a mean; a few texts have none worth taking out.
            rows = rows[:: max(1, len(rows) // 20_000)]
            if len(rows) > _FEWEST_FOR_A_MEAN:
                self._means[code] = np.asarray(vectors[rows]).mean(axis=0)

    def __call__(self, rows: NDArray[np.int64]) -> Floats:
        """Return the vectors of `rows`, float32 (n, d); a row of zeros for a text without a vector."""
        held: Floats = np.asarray(self._vectors[rows], np.float32)
        is_there = np.asarray(held.any(axis=1), np.float32)[:, None]
        found: Floats = (held - self._means[self._codes[rows]]) * is_there
        return found


_FEWEST_FOR_A_MEAN: Final = 50
