"""The warehouse: one DuckDB file with everything that was read, found and embedded.

Everything of one document is one transaction, and everything is keyed by content, so a process that is killed at any
moment and started again ends in the same warehouse as one that was not disturbed.
"""

from __future__ import annotations

import contextlib
import datetime
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from extractors.records import Extraction
from warehouse import journal, passages, quality, saving, themes, twins, vectors
from warehouse.entries import Build, Origin, Outcome, Problem, Version, WarehouseStatus
from warehouse.migration import find_migrations, read_schema_version
from warehouse.opening import connect, explained
from warehouse.places import StatementPlace
from warehouse.quality import Figure
from warehouse.source_book import SourceBook
from warehouse.tables import TABLES
from warehouse.themes import ThemeBacklog, ThemeCounts, ThemeSet


class Warehouse:
    """An open warehouse. Use it as a context manager; it may be shared between threads, which then take turns.

    Every method that writes raises `WarehouseUnwritable` when the disk is full or refuses; what was saved before is
    safe then.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._connection = connection
        self._lock = threading.RLock()
        self.path = path
        self.sources = SourceBook(self._reading, self._writing)

    @classmethod
    def open(cls, path: Path | str, *, read_only: bool = False) -> Warehouse:
        """Open the warehouse at `path`; for writing it is created and brought up to date where needed.

        Raises `WarehouseMissing` (nothing to read), `WarehouseMismatch` (damaged, or of another program or version),
        `WarehouseLocked` (in use by another process) and `WarehouseUnwritable`. Never overwrites a file.
        """
        path = Path(path)
        return cls(connect(path, read_only=read_only, migrations=find_migrations()), path)

    def close(self) -> None:
        """Write everything to the file and let go of it."""
        with self._lock, explained(self.path):
            self._connection.close()

    def __enter__(self) -> Warehouse:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- reports and documents ------------------------------------------------------------------------------------

    def report_id_for(self, document_id: str, origin: Origin) -> str:
        """Return the id of the report that a document at `origin` belongs to; ask before extracting.

        A known document keeps its report. A new document in the place of a report's current version is a new version
        of that report. Any other document founds a report.
        """
        with self._reading() as connection:
            return saving.find_report_id(connection, document_id, origin)

    def has_extraction(self, document_id: str, *, version: Version, origin: Origin | None = None) -> bool:
        """Return whether nothing is left to extract from a document that was found at `origin`.

        `version` names the reader, rules, lexicons and judge together. A superseded version of a report needs nothing
        while a newer one is current; when it comes back in the place of the newer one, it does.
        """
        with self._reading() as connection:
            return saving.has_extraction(connection, document_id, version=version, origin=origin)

    def save_extraction(
        self, extraction: Extraction, *, origin: Origin, version: Version, seen_at: datetime.datetime
    ) -> bool:
        """Save all that was found in one document, in one transaction; return whether any row changed.

        Earlier rows of the same report are replaced; first-seen times stay. Saving the same again changes nothing.
        The problems of `origin` at the stages up to extraction are solved by this. Raises `ValueError` for an
        extraction that contradicts itself and for a `seen_at` without a zone.
        """
        with self._writing() as connection:
            is_changed = saving.save_extraction(connection, extraction, origin=origin, version=version, seen_at=seen_at)
            if is_changed:
                passages.cut_report_of(connection, extraction.document.document_id)
            is_solved = journal.clear_problems(connection, origin.address, stages=("fetch", "read", "extract"))
            return is_changed or is_solved

    def add_origin(self, document_id: str, *, origin: Origin, seen_at: datetime.datetime) -> bool:
        """Note that a document that is known was found at `origin`; return whether that was news.

        Solves the problems of `origin` up to extraction. Raises `ValueError` when the document is not known.
        """
        with self._writing() as connection:
            is_changed = saving.save_origin(connection, document_id, origin=origin, seen_at=seen_at)
            is_solved = journal.clear_problems(connection, origin.address, stages=("fetch", "read", "extract"))
            return is_changed or is_solved

    def link_twins(self) -> int:
        """Let every scan name its text version, in one transaction; return how many changed (`warehouse/twins.py`)."""
        with self._writing() as connection:
            return twins.link_twins(connection)

    # --- problems and runs ----------------------------------------------------------------------------------------

    def save_problem(self, problem: Problem) -> None:
        """Save a problem; one row per origin and stage, whose first-seen time stays."""
        with self._writing() as connection:
            journal.save_problem(connection, problem)

    def clear_problem(self, origin: Origin | str) -> bool:
        """Remove all problems of an origin (or its address); return whether there were any."""
        address = origin.address if isinstance(origin, Origin) else origin
        with self._writing() as connection:
            return journal.clear_problems(connection, address)

    def list_problems(self) -> tuple[Problem, ...]:
        """Return the open problems, the newest first; empty when all is well."""
        with self._reading() as connection:
            return journal.list_problems(connection)

    def start_build(self, *, started_at: datetime.datetime, note: str | None = None) -> int:
        """Note that a run begins and return its number; runs that were cut off before become `interrupted`."""
        with self._writing() as connection:
            return journal.start_build(connection, started_at=started_at, note=note)

    def finish_build(
        self,
        build_id: int,
        *,
        finished_at: datetime.datetime,
        outcome: Outcome,
        document_count: int,
        new_document_count: int,
        problem_count: int,
        note: str | None = None,
    ) -> None:
        """Note how a run ended; `note` None keeps the one it began with. Raises `ValueError` for an unknown run."""
        with self._writing() as connection:
            journal.finish_build(
                connection,
                build_id,
                finished_at=finished_at,
                outcome=outcome,
                counts=(document_count, new_document_count, problem_count),
                note=note,
            )

    def last_build(self) -> Build | None:
        """Return the last run, None before the first."""
        with self._reading() as connection:
            return journal.last_build(connection)

    # --- quality --------------------------------------------------------------------------------------------------

    def save_quality(self, figures: Sequence[Figure]) -> bool:
        """Save figures that were measured here, in one transaction; return whether any row changed.

        They replace the own figures of the same area and set. Raises `ValueError` when two have the same name and set.
        """
        with self._writing() as connection:
            return quality.save_figures(connection, figures, origin="own")

    def refresh_shipped_quality(self) -> bool:
        """Take the figures that this version of the program brings, for the earlier ones; return whether any changed.

        Own figures stay.
        """
        with self._writing() as connection:
            return quality.save_figures(connection, quality.read_shipped(), origin="shipped")

    # --- vectors --------------------------------------------------------------------------------------------------

    def cut_passages(self) -> int:
        """Cut every report that was not cut by the present rule, in one transaction; return the number of passages.

        Saving an extraction cuts its report; this is for reports that an earlier version of the program saved.
        """
        with self._writing() as connection:
            return passages.save_missing_passages(connection)

    def count_uncut_reports(self) -> int:
        """Return how many reports were not cut into passages by the present rule."""
        with self._reading() as connection:
            return passages.count_uncut(connection)

    def count_vectors(self, model_id: str) -> int:
        """Return how many texts have a vector of `model_id`."""
        with self._reading() as connection:
            return _number(connection, "SELECT count(*) FROM embeddings WHERE model_id = ?", model_id)

    def unembedded_texts(self, model_id: str, roles: Sequence[vectors.Role] = ("text",)) -> list[tuple[str, str, str]]:
        """Return (text hash, text, language) of each distinct text that `model_id` has no vector of.

        `roles` says which texts: those of the statements, these in their context, and those of the passages. The order
        is that of the hashes; an empty list when nothing is left.
        """
        with self._reading() as connection:
            return vectors.find_unembedded(connection, model_id, roles)

    def save_embeddings(self, model_id: str, hashes: Sequence[str], matrix: NDArray[np.float32]) -> int:
        """Save one batch of vectors in one transaction and return how many were new.

        `matrix` is float32 of shape (len(hashes), dimension) with rows of length 1; a batch of no rows does nothing.
        A vector that is there already stays as it is. Raises `WrongDimension` when the model's earlier vectors have
        another length, and `ValueError` for another shape, type or row length.
        """
        with self._writing() as connection:
            return vectors.save_embeddings(connection, model_id, hashes, matrix)

    def read_embeddings(self, model_id: str) -> tuple[tuple[str, ...], NDArray[np.float32]]:
        """Return the text hashes, in order, and the float32 matrix (n, dimension) aligned with them; (0, 0) if none."""
        with self._reading() as connection:
            return vectors.read_embeddings(connection, model_id)

    # --- themes ---------------------------------------------------------------------------------------------------

    def has_current_themes(self, wanted: ThemeSet, *, model_id: str) -> bool:
        """Return whether every statement with a vector of `model_id` was compared with these themes."""
        with self._reading() as connection:
            return themes.is_up_to_date(connection, wanted, model_id)

    def count_theme_backlog(self, wanted: ThemeSet, *, model_id: str) -> ThemeBacklog:
        """Return how many statements were not compared with these themes by vectors of `model_id`."""
        with self._reading() as connection:
            return themes.count_backlog(connection, wanted, model_id)

    def missing_theme_examples(self, wanted: ThemeSet, *, model_id: str) -> list[tuple[str, str]]:
        """Return (text hash, sentence) of the examples without a vector of `model_id`; save theirs before assigning."""
        with self._reading() as connection:
            return themes.find_missing_examples(connection, wanted, model_id)

    def assign_themes(self, wanted: ThemeSet, *, model_id: str) -> ThemeCounts:
        """Save the themes and give them to the statements that were not compared with them, in one transaction.

        Where the themes, the model or the way of scoring differ from before, all statements are compared again;
        statements without a vector of `model_id` get no theme. Raises `ValueError` when an example has no vector.
        """
        with self._writing() as connection:
            return themes.assign_themes(connection, wanted, model_id)

    def score_themes(self, wanted: ThemeSet, *, model_id: str) -> list[tuple[StatementPlace, NDArray[np.float32]]]:
        """Return every statement with a vector of `model_id`, by id, with its score for each theme: float32 (t,).

        Raises `ValueError` when an example has no vector.
        """
        with self._reading() as connection:
            return themes.score_themes(connection, wanted, model_id)

    # --- the whole ------------------------------------------------------------------------------------------------

    def counts(self) -> dict[str, int]:
        """Return the number of rows per table."""
        with self._reading() as connection:
            return {table.name: _number(connection, f"SELECT count(*) FROM {table.name}") for table in TABLES}

    def status(self) -> WarehouseStatus:
        """Return how the warehouse stands: rows per table, open problems and the last run."""
        with self._reading() as connection:
            return WarehouseStatus(
                schema_version=read_schema_version(connection),
                counts=self.counts(),
                problems=journal.list_problems(connection),
                last_build=journal.last_build(connection),
            )

    def fingerprint(self) -> str:
        """Return a hash over the content of all tables but clocks and journals; the order of the rows does not matter.

        Vectors count by their keys only: the last bits of a vector depend on the batch it was computed in, and a
        vector never changes once it is written.
        """
        with self._reading() as connection:
            return saving.fingerprint(connection)

    def query(self, query: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query that only reads."""
        with self._reading() as connection:
            return connection.execute(query, list(parameters)).fetchall()

    @contextlib.contextmanager
    def transaction(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend the connection inside one transaction, to write many rows at once."""
        with self._writing() as connection:
            yield connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Lend the connection inside one transaction that is rolled back, to read many tables as of one moment."""
        with self._lock, explained(self.path):
            self._connection.execute("BEGIN TRANSACTION")
            try:
                yield self._connection
            finally:
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock, explained(self.path):
            yield self._connection

    @contextlib.contextmanager
    def _writing(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._lock, explained(self.path):
            self._connection.execute("BEGIN TRANSACTION")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                # A commit that failed has rolled back already, and a full disk closes the whole database.
                with contextlib.suppress(duckdb.Error):
                    self._connection.execute("ROLLBACK")
                raise


def _number(connection: duckdb.DuckDBPyConnection, query: str, *parameters: str) -> int:
    row = connection.execute(query, list(parameters)).fetchone()
    return int(row[0]) if row else 0
