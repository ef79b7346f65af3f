"""What the tables mean: looks them up, and writes `docs/tables.md`.

``python -m warehouse.schema --write docs/tables.md`` writes the page; without ``--write`` it is printed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from warehouse.columns import Column, Table, View
from warehouse.tables import TABLES
from warehouse.views import VIEWS

PUBLISHED_TABLES: Final[tuple[Table, ...]] = tuple(table for table in TABLES if table.is_published)
_BY_NAME: Final = {table.name: table for table in TABLES}

_INTRODUCTION: Final = """\
# Tables

*This page is made from `warehouse/tables.py` and `warehouse/views.py` by
`python -m warehouse.schema --write docs/tables.md`; do not edit it.*

The warehouse is one DuckDB file. From it a site is published: `kb.db` (SQLite, what Datasette shows), `kb.duckdb` and
one Parquet file per table, with the same names throughout. An empty value means that the publisher does not say. Times
of the program are in UTC. Offsets count characters of the document's text; boxes are in PDF points from the top left
corner of the page.
"""


def find_table(name: str) -> Table:
    """Return the table called `name`; raises `KeyError` when there is none."""
    return _BY_NAME[name]


def render_docs() -> str:
    """Return the documentation of all tables and views as Markdown."""
    parts = [_INTRODUCTION]
    parts.append("## Published tables\n")
    parts += [_render_table(table) for table in PUBLISHED_TABLES]
    parts.append("## Views of the published site\n")
    parts += [_render_view(view) for view in VIEWS]
    parts.append("## Tables that stay in the warehouse\n")
    parts += [_render_table(table) for table in TABLES if not table.is_published]
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the documentation of the tables, or write it to a file; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m warehouse.schema", description=main.__doc__)
    parser.add_argument("--write", type=Path, metavar="FILE", help="the file to write, such as docs/tables.md")
    options = parser.parse_args(arguments)
    if options.write:
        options.write.write_text(render_docs(), "utf-8")
    else:
        sys.stdout.write(render_docs())
    return 0


def _render_table(table: Table) -> str:
    lines = [f"### {table.name}\n", f"{table.description}\n"]
    lines.append(f"Key: {', '.join(f'`{name}`' for name in table.key)}. Rights: {table.licence}\n")
    return "\n".join(lines) + "\n" + _render_columns(table.columns, table=table)


def _render_view(view: View) -> str:
    return f"### {view.name}\n\n{view.description}\n\n" + _render_columns(view.columns, table=None)


def _render_columns(columns: Sequence[Column], *, table: Table | None) -> str:
    lines = ["| column | type | kind | meaning |", "|---|---|---|---|"]
    for column in columns:
        notes = []
        if column.references:
            notes.append(f"Refers to `{column.references}`.")
        if table is not None and table.is_published and not column.is_published:
            notes.append("In the warehouse only.")
        if not column.is_stored:
            notes.append("In the published site only.")
        meaning = " ".join((column.description, *notes)).replace("|", "\\|")
        lines.append(f"| `{column.name}` | {column.sql_type} | {column.kind} | {meaning} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
