"""Fills a warehouse in memory with one extraction, so that a delivery can be made of it."""

from __future__ import annotations

import datetime
from typing import Any, Final

from extractors.records import Extraction
from warehouse.columns import Table
from warehouse.delivery import FINDINGS
from warehouse.rows import hash_rows, rows_of
from warehouse.saving import insert_rows
from warehouse.schema import find_table
from warehouse.store import Warehouse

_NO_TIME: Final = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def fill_scratch(scratch: Warehouse, extraction: Extraction, *, version: str) -> None:
    """Save an extraction as one of the report that it names, without origin; raises `ValueError` as `rows_of` does.

    What only the loader knows (times, which version is current) has a value that it replaces.
    """
    rows = rows_of(extraction)
    [document] = rows["documents"]
    document |= {"extraction_version": version, "extraction_hash": hash_rows(rows), "is_current": True}
    with scratch.transaction() as connection:
        for name in FINDINGS:
            placeholders = _placeholders(find_table(name))
            insert_rows(connection, name, [placeholders | row for row in rows[name]])


def _placeholders(table: Table) -> dict[str, Any]:
    """Return a value for each column that must have one and says when or whether."""
    values: dict[str, Any] = {}
    for column in table.stored_columns:
        if column.is_required and column.kind == "clock":
            values[column.name] = _NO_TIME
        elif column.is_required and column.sql_type == "BOOLEAN":
            values[column.name] = False
    return values
