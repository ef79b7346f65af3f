"""Where the statements of a published site stand, for joining them with judgements that were made by place."""

from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class StatementPlace:
    """A statement's place: `[start, end)` in the text of its document; `themes` are those that it was given."""

    statement_id: str
    document_id: str
    language: str
    start: int
    end: int
    themes: frozenset[str] = frozenset()


def list_places(build_dir: Path) -> tuple[StatementPlace, ...]:
    """Return the places of all statements of the build in `build_dir`, in their order; none for an empty site."""
    path = build_dir.resolve() / "kb.db"
    with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
        themes: dict[str, set[str]] = {}
        for statement_id, theme_id in connection.execute("SELECT statement_id, theme_id FROM statement_themes"):
            themes.setdefault(statement_id, set()).add(theme_id)
        rows = connection.execute(
            "SELECT statement_id, document_id, language, start_offset, end_offset FROM statements ORDER BY rowid"
        ).fetchall()
    return tuple(
        StatementPlace(statement_id, document_id, language, start, end, frozenset(themes.get(statement_id, ())))
        for statement_id, document_id, language, start, end in rows
    )
