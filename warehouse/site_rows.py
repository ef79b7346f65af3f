"""Reads rows of a published `kb.db`: what all look-ups share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, Final

from warehouse.search_records import Row, UnknownRecord

SiteDatabaseError: Final = sqlite3.DatabaseError
"""What SQLite raises where a published file cannot be read; rooms that do not import SQLite catch it by this name."""

_MOST_PARAMETERS: Final = 400
"""Ids in one query: SQLite takes 999 parameters where it is old, and each id may be there twice."""


def read_rows(connection: sqlite3.Connection, query: str, *parameters: Any) -> list[Row]:
    """Return the rows of a query by column name; empty if none."""
    cursor = connection.execute(query, parameters)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def read_record(connection: sqlite3.Connection, query: str, record_id: str, *, what: str) -> Row:
    """Return the one row of a query for an id. Raises `UnknownRecord`, which names `what` is not there."""
    rows = read_rows(connection, query, record_id)
    if not rows:
        raise unknown_record(what, record_id)
    return rows[0]


def unknown_record(what: str, record_id: str) -> UnknownRecord:
    """Return the error that says that there is no such record."""
    return UnknownRecord(f"{what} {record_id:.80}: found none in this build")


def read_number(connection: sqlite3.Connection, query: str, *parameters: Any) -> int:
    """Return the number that a query counts."""
    return int(connection.execute(query, parameters).fetchone()[0])


def places_for(values: Sequence[Any]) -> str:
    """Return a question mark per value, for ``IN (…)``."""
    return ", ".join("?" * len(values))


def split_ids(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield `ids` in parts that a query can take; nothing for none."""
    for start in range(0, len(ids), _MOST_PARAMETERS):
        yield ids[start : start + _MOST_PARAMETERS]


def has_tables(connection: sqlite3.Connection, *names: str) -> bool:
    """Return whether the site has all these tables: those published by earlier versions of the program have fewer."""
    query = f"SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ({places_for(names)})"
    return read_number(connection, query, *names) == len(names)


def has_themes(connection: sqlite3.Connection) -> bool:
    """Return whether the site has themes."""
    return has_tables(connection, "themes", "statement_themes")
