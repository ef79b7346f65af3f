"""Makes Datasette's `metadata.yaml` and `settings.json` from the descriptions of the tables.

Datasette itself is not imported here: it only reads what is written.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from warehouse.columns import Column
from warehouse.schema import PUBLISHED_TABLES
from warehouse.views import VIEWS

DATABASE: Final = "kb"

SETTINGS: Final[dict[str, int | bool]] = {
    "default_page_size": 50,
    "max_returned_rows": 5_000,
    "sql_time_limit_ms": 5_000,
    "facet_time_limit_ms": 1_000,
    "default_facet_size": 30,
    "allow_download": True,
    "truncate_cells_html": 1_000,
}

_TITLE: Final = "Rode Draad"
_DESCRIPTION: Final = (
    "Findings, conclusions, recommendations and lessons from public ombudsman, audit, inquiry and evaluation reports. "
    "Every statement is quoted word for word, with its report and page."
)
_SOURCE: Final = "The public reports named in the table reports"
_SOURCE_URL: Final = f"/{DATABASE}/reports"
_LICENCE: Final = "Quotations keep the licence of their report; see each table"


@dataclass(frozen=True, slots=True)
class Display:
    """How Datasette shows a table or view at first."""

    facets: tuple[str, ...] = ()
    sort: str | None = None
    sort_desc: str | None = None
    size: int | None = None
    label_column: str | None = None
    is_hidden: bool = False


_STATEMENT_FACETS: Final = ("publisher", "published_year", "language", "section_role")

DISPLAYS: Final[dict[str, Display]] = {
    "statements": Display(
        facets=("kind", "language", "section_role", "published_year"), sort_desc="published_year", label_column="text"
    ),
    "reports": Display(
        facets=("publisher", "kind", "language", "published_year", "is_withdrawn"),
        sort_desc="published_date",
        label_column="title",
    ),
    "documents": Display(facets=("media_type", "language", "is_scanned", "is_current"), sort_desc="first_seen_at"),
    "origins": Display(facets=("source", "publisher", "withdrawn_because"), label_column="file_name"),
    "sections": Display(facets=("role",), label_column="title"),
    "parties": Display(label_column="name", sort="name", facets=("kind",)),
    "addressees": Display(facets=("party_id",)),
    "cases": Display(facets=("name",)),
    "responses": Display(facets=("stance",)),
    "links": Display(facets=("evidence",)),
    "themes": Display(facets=("collection",), label_column="name", sort="position", size=100),
    "statement_themes": Display(facets=("theme_id",), sort_desc="score"),
    "review": Display(facets=("kind", "why", "language"), sort_desc="confidence", label_column="text"),
    "quality": Display(facets=("area", "origin", "kind", "language"), label_column="meaning", sort="kind", size=200),
    "pages": Display(facets=("is_scanned",), size=10),
    "passages": Display(facets=("section",), size=20),
    "problems": Display(facets=("stage", "reason"), sort_desc="last_seen_at"),
    "builds": Display(sort_desc="build_id", size=20),
    "sources": Display(facets=("adapter", "last_outcome"), label_column="source_id", sort="source_id"),
    "statements_full": Display(facets=("kind", *_STATEMENT_FACETS), sort_desc="published_date"),
    "recommendations": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "conclusions": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "findings": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "lessons": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "open_problems": Display(facets=("stage", "reason")),
}

# The tables of statistics that ANALYZE leaves behind.
HIDDEN: Final = ("sqlite_stat1", "sqlite_stat4")


@cache
def load_queries() -> dict[str, dict[str, Any]]:
    """Return the ready-made questions of `queries.toml`: title, description, sql and example values per name."""
    queries: dict[str, dict[str, Any]] = tomllib.loads(
        resources.files("warehouse").joinpath("queries.toml").read_text("utf-8")
    )
    return {name: {**query, "sql": query["sql"].strip()} for name, query in queries.items()}


def make_metadata() -> dict[str, Any]:
    """Return the metadata of the published site in the form that Datasette 0.65 reads from `metadata.yaml`."""
    tables: dict[str, Any] = {}
    for table in PUBLISHED_TABLES:
        tables[table.name] = {
            "description": table.description,
            "license": table.licence,
            "source": _SOURCE,
            "source_url": _SOURCE_URL,
            "columns": _describe(table.published_columns),
            **_show(DISPLAYS.get(table.name, Display())),
        }
    for view in VIEWS:
        tables[view.name] = {
            "description": view.description,
            "license": _LICENCE,
            "source": _SOURCE,
            "source_url": _SOURCE_URL,
            "columns": _describe(view.columns),
            **_show(DISPLAYS.get(view.name, Display())),
        }
        if any(column.name == "statement_row" for column in view.columns):
            tables[view.name] |= {"fts_table": "statements_text_fts", "fts_pk": "statement_row"}
    tables["statements"] |= {"fts_table": "statements_text_fts", "fts_pk": "rowid"}
    for name in HIDDEN:
        tables[name] = {"hidden": True}
    return {
        "title": _TITLE,
        "description": _DESCRIPTION,
        "license": _LICENCE,
        "source": _SOURCE,
        "source_url": _SOURCE_URL,
        "databases": {
            DATABASE: {
                "description": _DESCRIPTION,
                "license": _LICENCE,
                "source": _SOURCE,
                "source_url": _SOURCE_URL,
                "tables": tables,
                "queries": {
                    name: {**{part: query[part] for part in ("title", "description", "sql")}, "hide_sql": True}
                    for name, query in load_queries().items()
                },
            }
        },
    }


def _describe(columns: tuple[Column, ...]) -> dict[str, str]:
    return {column.name: column.description for column in columns}


def _show(display: Display) -> dict[str, Any]:
    shown = {
        "facets": list(display.facets),
        "sort": display.sort,
        "sort_desc": display.sort_desc,
        "size": display.size,
        "label_column": display.label_column,
        "hidden": display.is_hidden,
    }
    return {name: value for name, value in shown.items() if value}
