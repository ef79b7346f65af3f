"""Makes Datasette's `metadata.yaml` and `settings.json` from the descriptions of the tables.

Datasette itself is not imported here: it only reads what is written.
"""

from __future__ import annotations

from dataclasses import dataclass
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
        facets=("publisher", "kind", "language", "published_year"), sort_desc="published_date", label_column="title"
    ),
    "documents": Display(facets=("media_type", "language", "is_scanned", "is_current"), sort_desc="first_seen_at"),
    "origins": Display(facets=("source", "publisher"), label_column="file_name"),
    "sections": Display(facets=("role",), label_column="title"),
    "parties": Display(label_column="name", sort="name", facets=("kind",)),
    "addressees": Display(facets=("party_id",)),
    "cases": Display(facets=("name",)),
    "responses": Display(facets=("stance",)),
    "links": Display(facets=("evidence",)),
    "themes": Display(facets=("collection",), label_column="name", sort="position", size=100),
    "statement_themes": Display(facets=("theme_id",), sort_desc="score"),
    "review": Display(facets=("kind", "why", "language"), sort_desc="confidence", label_column="text"),
    "quality": Display(facets=("area", "origin", "kind", "language"), label_column="meaning", size=200),
    "pages": Display(facets=("is_scanned",), size=10),
    "problems": Display(facets=("stage", "reason"), sort_desc="last_seen_at"),
    "builds": Display(sort_desc="build_id", size=20),
    "statements_full": Display(facets=("kind", *_STATEMENT_FACETS), sort_desc="published_date"),
    "recommendations": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "conclusions": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "findings": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "lessons": Display(facets=_STATEMENT_FACETS, sort_desc="published_date"),
    "open_problems": Display(facets=("stage", "reason")),
}

# The tables of statistics that ANALYZE leaves behind.
HIDDEN: Final = ("sqlite_stat1", "sqlite_stat4")

QUERIES: Final[dict[str, dict[str, str]]] = {
    "recommendations_per_addressee": {
        "title": "Recommendations per addressee",
        "description": "How many recommendations each body got, from how many reports, and when the last one was.",
        "sql": """
SELECT coalesce(p.name, a.text) AS addressee, count(DISTINCT s.statement_id) AS recommendation_count,
       count(DISTINCT s.report_id) AS report_count, max(r.published_date) AS last_published_date
FROM addressees a
JOIN statements s ON s.statement_id = a.statement_id AND s.kind = 'recommendation'
JOIN reports r ON r.report_id = s.report_id
LEFT JOIN parties p ON p.party_id = a.party_id
GROUP BY coalesce(p.name, a.text)
ORDER BY recommendation_count DESC, addressee
""".strip(),
    },
    "recommendations_to": {
        "title": "Recommendations to one body",
        "description": "Everything that was recommended to a body whose name contains these words.",
        "sql": """
SELECT text, addressees, deadline_text, report_title, publisher, published_date, page, statement_id
FROM recommendations
WHERE :addressee <> '' AND (addressees LIKE '%' || :addressee || '%' OR parties LIKE '%' || :addressee || '%')
ORDER BY published_date DESC
""".strip(),
    },
    "statements_with_deadline": {
        "title": "Statements with a deadline",
        "description": "What had to be done by when, the latest deadline first; those without a date come last.",
        "sql": """
SELECT deadline_date, deadline_text, addressees, text, report_title, publisher, published_date, page, statement_id
FROM statements_full
WHERE deadline_text IS NOT NULL
ORDER BY deadline_date IS NULL, deadline_date DESC
""".strip(),
    },
    "newest_reports": {
        "title": "Newest reports",
        "description": "The reports by date, with the number of statements of each kind.",
        "sql": """
SELECT r.published_date, r.title, r.publisher, r.kind, r.language,
       count(*) FILTER (WHERE s.kind = 'recommendation') AS recommendation_count,
       count(*) FILTER (WHERE s.kind = 'conclusion') AS conclusion_count,
       count(*) FILTER (WHERE s.kind = 'finding') AS finding_count,
       count(*) FILTER (WHERE s.kind = 'lesson') AS lesson_count,
       r.report_id
FROM reports r LEFT JOIN statements s ON s.report_id = r.report_id
GROUP BY r.report_id
ORDER BY r.published_date DESC
""".strip(),
    },
    "reports_per_case": {
        "title": "Reports per case",
        "description": "Which reports name the same affair, disaster or operation.",
        "sql": """
SELECT c.name AS case_name, count(*) AS report_count, group_concat(coalesce(r.title, r.origin), '; ') AS reports
FROM cases c JOIN reports r ON r.report_id = c.report_id
GROUP BY c.name
ORDER BY report_count DESC, case_name
""".strip(),
    },
}


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
                "queries": QUERIES,
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
