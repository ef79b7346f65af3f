"""Guards a connection on which strangers may run SQL: it reads the published tables, and nothing else.

The file is opened as one that never changes already, and Datasette admits SELECT only. This is the second wall: SQLite
itself asks before every action (https://sqlite.org/c3ref/set_authorizer.html), so that nothing hangs on how a query is
written; and single values stay small enough for the memory.
"""

from __future__ import annotations

import sqlite3
from typing import Final

_READING: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
# Of the settings only those that describe tables; database_list is not among them, for it tells where the file lies.
_DESCRIBING: Final = frozenset(
    ("table_info", "table_xinfo", "table_list", "foreign_key_list", "index_list", "index_info", "index_xinfo",
     "function_list")
)  # fmt: skip
_COUNTING: Final = frozenset(("schema_version", "data_version", "page_count", "max_page_count", "page_size"))
_FUNCTIONS: Final = frozenset(("load_extension", "readfile", "writefile", "edit", "fts3_tokenizer"))

LARGEST_VALUE: Final = 32_000_000
"""Bytes of one value or row: the text of the longest page is far below it."""
_LONGEST_PATTERN: Final = 1_000
"""Characters of a LIKE pattern: long ones of many % take exponential time in one step, which no time limit ends."""


def guard_connection(connection: sqlite3.Connection) -> None:
    """Let `connection` read only, from now on: no other file, no setting, no change, no extension, no huge value.

    What is not allowed raises `sqlite3.DatabaseError` (“not authorized”) when the query is prepared.
    """
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST_VALUE)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH, _LONGEST_PATTERN)
    connection.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    connection.set_authorizer(_authorize)


def _authorize(action: int, first: str | None, second: str | None, _schema: str | None, _by: str | None) -> int:
    if action == sqlite3.SQLITE_FUNCTION:
        is_allowed = (second or "").lower() not in _FUNCTIONS
    elif action == sqlite3.SQLITE_PRAGMA:
        name = (first or "").lower()
        is_allowed = name in _DESCRIBING or (name in _COUNTING and second is None)  # with a value it would be set
    elif action == sqlite3.SQLITE_UPDATE:
        # So SQLite asks when it opens a full-text table; the schema itself is written by nobody, for the file is fixed.
        is_allowed = first in ("sqlite_master", "sqlite_temp_master")
    else:
        is_allowed = action in _READING
    return sqlite3.SQLITE_OK if is_allowed else sqlite3.SQLITE_DENY
