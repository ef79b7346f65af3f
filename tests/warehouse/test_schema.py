"""Every table and column is described once, and the database, the docs and the site follow that description."""

from __future__ import annotations

from pathlib import Path

import pytest

from warehouse import schema
from warehouse.datasette_metadata import DISPLAYS, make_metadata
from warehouse.store import Warehouse
from warehouse.tables import TABLES
from warehouse.views import VIEWS

DOCS = Path(__file__).parents[2] / "docs" / "tables.md"


def test_the_database_has_exactly_the_described_tables(tmp_path: Path) -> None:
    """Each table and column of a new warehouse is described, with its type, and nothing else is."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        found = warehouse.query(
            "SELECT table_name, column_name, data_type, NOT is_nullable FROM duckdb_columns() "
            "WHERE table_name <> 'schema_migrations' AND NOT internal"
        )
        keys = warehouse.query(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() "
            "WHERE constraint_type = 'PRIMARY KEY' AND table_name <> 'schema_migrations'"
        )
    assert set(found) == {
        (table.name, column.name, column.sql_type, column.is_required or column.name in table.key)
        for table in TABLES
        for column in table.stored_columns
    }
    assert {name: tuple(columns) for name, columns in keys} == {table.name: table.key for table in TABLES}


@pytest.mark.parametrize("table", TABLES, ids=[table.name for table in TABLES])
def test_a_table_is_described_in_plain_words(table) -> None:
    """Names are unique, descriptions are sentences, rights are stated, and references point at a published key."""
    names = [column.name for column in table.columns]
    assert len(names) == len(set(names))
    assert table.licence.endswith(".")
    for described in (table, *table.columns):
        assert described.description.endswith((".", "…")), described.name
        assert len(described.description) > 10
    assert set(table.key) <= {column.name for column in table.stored_columns}
    for column in table.columns:
        if column.references:
            other, key = column.references.split(".")
            assert schema.find_table(other).key == (key,)
            assert not column.is_published or not table.is_published or schema.find_table(other).is_published


def test_the_docs_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    """docs/tables.md is what the command makes now; if not: python -m warehouse.schema --write docs/tables.md."""
    assert schema.main([]) == 0
    assert DOCS.read_text("utf-8") == capsys.readouterr().out


def test_the_docs_can_be_written(tmp_path: Path) -> None:
    """The command writes the page, in which each table, view and column is named."""
    assert schema.main(["--write", str(tmp_path / "tables.md")]) == 0
    page = (tmp_path / "tables.md").read_text("utf-8")
    for described in (*TABLES, *VIEWS):
        assert f"### {described.name}\n" in page
        for column in described.columns:
            assert f"| `{column.name}` |" in page


def test_local_paths_are_not_published() -> None:
    """The columns that hold paths on the operator's disk stay in the warehouse."""
    kept_back = {("origins", "address"), ("problems", "address"), ("builds", "note")}
    published = {(table.name, column.name) for table in TABLES for column in table.published_columns}
    assert not kept_back & published


def test_the_metadata_names_only_what_is_there() -> None:
    """Facets, sorting and labels of Datasette name columns of their table, and everything has a description."""
    described = {table.name: {c.name for c in table.published_columns} for table in schema.PUBLISHED_TABLES}
    described |= {view.name: {c.name for c in view.columns} for view in VIEWS}
    assert set(DISPLAYS) == set(described) - {"mentions"}
    for name, display in DISPLAYS.items():
        wanted = {*display.facets, display.sort, display.sort_desc, display.label_column} - {None}
        assert wanted <= described[name], name
    tables = make_metadata()["databases"]["kb"]["tables"]
    for name, columns in described.items():
        assert set(tables[name]["columns"]) == columns
        assert all(tables[name][part] for part in ("description", "license", "source", "source_url"))
