"""Keeps the problems and the runs. Each function works inside a transaction that its caller holds."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import duckdb

from warehouse.entries import STAGES, Build, Outcome, Problem, Stage, as_utc, from_utc
from warehouse.saving import insert_rows

_BUILD_COLUMNS = (
    "build_id, started_at, finished_at, outcome, document_count, new_document_count, problem_count, note"
)  # fmt: skip


def save_problem(connection: duckdb.DuckDBPyConnection, problem: Problem) -> None:
    """Save a problem: one row per address and stage; the first-seen time of an earlier row stays."""
    where = "WHERE address = ? AND stage = ?"
    before = connection.execute(
        f"SELECT first_seen_at, last_seen_at FROM problems {where}", [problem.address, problem.stage]
    ).fetchone()
    connection.execute(f"DELETE FROM problems {where}", [problem.address, problem.stage])
    first, last = as_utc(problem.first_seen_at), as_utc(problem.last_seen_at or problem.first_seen_at)
    row = {
        "address": problem.address,
        "subject": problem.subject,
        "stage": problem.stage,
        "reason": problem.reason,
        "message": problem.message,
        "what_to_do": problem.what_to_do,
        "document_id": problem.document_id,
        "first_seen_at": min(first, before[0]) if before else first,
        "last_seen_at": max(last, before[1]) if before else last,
    }
    insert_rows(connection, "problems", [row])


def clear_problems(connection: duckdb.DuckDBPyConnection, address: str, *, stages: Sequence[Stage] = STAGES) -> bool:
    """Remove the problems of an address at some stages and return whether there were any."""
    removed = connection.execute(
        "DELETE FROM problems WHERE address = ? AND stage IN (SELECT unnest(?::VARCHAR[])) RETURNING stage",
        [address, list(stages)],
    ).fetchall()
    return bool(removed)


def list_problems(connection: duckdb.DuckDBPyConnection) -> tuple[Problem, ...]:
    """Return the open problems, the newest first."""
    found = connection.execute(
        "SELECT address, stage, reason, message, what_to_do, first_seen_at, last_seen_at, document_id FROM problems "
        "ORDER BY first_seen_at DESC, address, stage"
    ).fetchall()
    return tuple(
        Problem(address, stage, reason, message, what_to_do, from_utc(first), from_utc(last), document_id)
        for address, stage, reason, message, what_to_do, first, last, document_id in found
    )


def start_build(connection: duckdb.DuckDBPyConnection, *, started_at: datetime.datetime, note: str | None) -> int:
    """Note that a run begins and return its number; a run that still counts as running was cut off."""
    connection.execute("UPDATE builds SET outcome = 'interrupted' WHERE outcome = 'running'")
    row = connection.execute("SELECT coalesce(max(build_id), 0) + 1 FROM builds").fetchone()
    build_id = int(row[0]) if row else 1
    connection.execute(
        "INSERT INTO builds (build_id, started_at, outcome, note) VALUES (?, ?, 'running', ?)",
        [build_id, as_utc(started_at), note],
    )
    return build_id


def finish_build(
    connection: duckdb.DuckDBPyConnection,
    build_id: int,
    *,
    finished_at: datetime.datetime,
    outcome: Outcome,
    counts: tuple[int, int, int],
    note: str | None,
) -> None:
    """Note how a run ended; `counts` are documents, new documents and problems."""
    found = connection.execute(
        "UPDATE builds SET finished_at = ?, outcome = ?, document_count = ?, new_document_count = ?, "
        "problem_count = ?, note = coalesce(?, note) WHERE build_id = ? RETURNING build_id",
        [as_utc(finished_at), outcome, *counts, note, build_id],
    ).fetchall()
    if not found:
        raise ValueError(f"build {build_id}: found no such run, against one that start_build began")


def last_build(connection: duckdb.DuckDBPyConnection) -> Build | None:
    """Return the last run, None before the first."""
    row = connection.execute(f"SELECT {_BUILD_COLUMNS} FROM builds ORDER BY build_id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    build_id, started_at, finished_at, *rest = row
    return Build(build_id, from_utc(started_at), from_utc(finished_at) if finished_at else None, *rest)
