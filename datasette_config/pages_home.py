"""The home page: what there is, how fresh it is, and how far to trust it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from datasette_config.messages import KINDS, Messages
from datasette_config.service import SearchService
from warehouse.page_lookup import find_largest_parties, find_largest_themes, find_quality
from warehouse.search import SearchIndex
from warehouse.search_lookup import count_reports_of_source, find_newest_reports, find_problems
from warehouse.search_records import Row

EXAMPLES_SOURCE: Final = "examples"
"""The name of the source under which the invented reports of the repository are ingested."""

_NEWEST: Final = 8
_LARGEST: Final = 10


async def describe_home(service: SearchService, t: Messages) -> dict[str, Any]:
    """Return what the home page shows: how much there is, how fresh, what is new, and what went wrong."""
    index, health = service.build.index, service.health()

    def read(shown: SearchIndex) -> dict[str, Any]:
        connection = shown.connections.get()
        extraction = _describe_extraction(find_quality(connection))
        measured = [row[measure] for row in extraction for measure in ("precision", "recall") if row[measure]]
        return {
            "extraction": extraction,
            "extraction_documents": max((int(row["document_count"]) for row in measured), default=0),
            "newest": find_newest_reports(connection, limit=_NEWEST),
            "problems": find_problems(connection, limit=5),
            "themes": find_largest_themes(connection, limit=_LARGEST),
            "parties": find_largest_parties(connection, limit=_LARGEST),
            "invented_count": count_reports_of_source(connection, EXAMPLES_SOURCE),
        }

    kinds = index.columns.coded("kind")
    counts = {name: int((kinds.codes == code).sum()) for code, name in enumerate(kinds.values)}
    return {
        "home": {
            **await service.ask(read),
            "counts": health.counts,
            "kinds": [(kind, counts[kind]) for kind in KINDS if counts.get(kind)],
            "publisher_count": len(index.columns.coded("publisher").values),
            "languages": [t.name("language", code) for code in index.languages],
            "years": _span(int(year) for year in index.columns.years if year),
            "built_at": t.time(health.built_at),
            "health": health,
        }
    }


def _span(years: Iterable[int]) -> str:
    held = sorted(set(years))
    if not held:
        return ""
    return str(held[0]) if len(held) == 1 else f"{held[0]}–{held[-1]}"


def _describe_extraction(figures: list[Row]) -> list[dict[str, Any]]:
    """Return per kind of statement its measured precision and recall; those that were not measured are left out."""
    held = {(row["kind"], row["measure"]): row for row in figures if row["area"] == "extraction"}
    rows = [
        {"kind": kind, "precision": held.get((kind, "precision")), "recall": held.get((kind, "recall"))}
        for kind in (*KINDS, "all")
    ]
    return [row for row in rows if row["precision"] or row["recall"]]
