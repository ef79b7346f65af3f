"""The words in which a table is described: columns, tables and views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

ColumnKind = Literal[
    "id", "text", "name", "code", "json", "number", "count", "offset", "page", "score", "date", "year", "clock", "flag",
    "points", "vector", "hash", "url",
]  # fmt: skip
"""What a value means: `offset` is in characters of the document's text, `page` counts from 1, `score` is 0 to 1,
`points` are PDF points (1/72 inch), `clock` is a UTC time at which the program did something."""


QUOTED: Final = (
    "Quotations from public reports; the rights stay with the publisher named in reports.publisher, under the licence "
    "in reports.licence where that is known. Cite report, page and quotation."
)
FACTS: Final = "Facts about public reports, gathered by Rode Draad; free to reuse."
"""What a user must know of the rights on the content of a table."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `references` is ``table.column`` where the value is the key of another table.

    `is_stored` is False for a column that exists in the published site only; `is_published` is False for one that the
    site leaves out.
    """

    name: str
    sql_type: str
    description: str
    kind: ColumnKind
    references: str | None = None
    is_required: bool = False
    is_published: bool = True
    is_stored: bool = True
    is_indexed: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: its key, its columns in order, and what a user must know of the rights on its content."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    licence: str
    is_published: bool = True
    order: str | None = None
    """The order in which rows are published, as SQL; by key when None."""
    is_journal: bool = False
    """Whether it tells of runs rather than of reports; two warehouses with the same reports may differ here."""

    @property
    def stored_columns(self) -> tuple[Column, ...]:
        """The columns that the warehouse holds."""
        return tuple(column for column in self.columns if column.is_stored)

    @property
    def published_columns(self) -> tuple[Column, ...]:
        """The columns that the site shows; none for a table that is not published."""
        return tuple(column for column in self.columns if column.is_published) if self.is_published else ()

    def column(self, name: str) -> Column:
        """Return the column called `name`; raises `KeyError` when there is none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"table {self.name}: no column {name}; it has {', '.join(c.name for c in self.columns)}")


@dataclass(frozen=True, slots=True)
class View:
    """A view of the published site. `query` is SQL that SQLite and DuckDB both read.

    ``{statement_row}`` in it stands for the row number of a statement from 1, which the two spell differently.
    """

    name: str
    description: str
    columns: tuple[Column, ...]
    query: str
