"""The pages of single records: a statement in its place, a report, a party, a theme."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from urllib.parse import urlencode

from datasette.app import Datasette

from datasette_config.citations import cite_as_bibtex, cite_as_text
from datasette_config.licences import allows_download
from datasette_config.messages import KINDS, Messages
from datasette_config.pages_files import statement_address
from datasette_config.quoting import mark_statements
from datasette_config.service import SearchService
from datasette_config.site import DATABASE
from warehouse.page_lookup import (
    find_context,
    find_page_size,
    find_page_text,
    find_report_documents,
    find_report_origins,
    find_responses,
    find_scans,
)
from warehouse.search_lookup import find_report, find_statement
from warehouse.search_records import Row, UnknownRecord
from warehouse.site_lookup import find_party, find_relations, find_statements_of, find_theme, find_themes_of

_SIMILAR: Final = 6
_MOST: Final = 300
"""Statements of each kind on the page of a party or theme; the search shows them all."""
_MARGIN: Final = 2.0
"""Points around the words of a mark."""
_CHARACTERS: Final = 60_000
"""Of a report's text on one page of the site."""
_SURE: Final = 0.8
_FAIRLY_SURE: Final = 0.5

Describe = Callable[[SearchService, Datasette, Any, Messages, str], Row]


async def describe_row(service: SearchService, datasette: Datasette, request: Any, t: Messages) -> dict[str, Any]:
    """Return what the page of a record shows beside its columns; nothing for the rows of other tables."""
    place = request.url_vars
    describe = _PAGES.get(place.get("table", ""))
    if place.get("database") != DATABASE or describe is None:
        return {}

    def read() -> dict[str, Any]:
        try:
            return describe(service, datasette, request, t, place["pks"])
        except UnknownRecord:
            return {}  # Datasette says that there is no such record

    return await service.run(read)


def _describe_statement(
    service: SearchService, datasette: Datasette, request: Any, t: Messages, statement_id: str
) -> Row:
    index = service.build.index
    connection = index.connections.get()
    statement = find_statement(connection, statement_id)
    address = statement_address(datasette, request, statement_id)
    return {
        "statement": statement,
        "context": find_context(
            connection, statement["document_id"], start=statement["start_offset"], end=statement["end_offset"]
        ),
        "pictures": _find_pictures(service, statement),
        **find_relations(connection, statement_id),
        "similar": index.similar(statement_id, limit=_SIMILAR, elsewhere=True).results,
        "certainty": _name_certainty(statement["confidence"]),
        "address": address,
        "citation": cite_as_text(statement, address=address, t=t),
        "bibtex": cite_as_bibtex(statement, address=address, t=t),
    }


def _find_pictures(service: SearchService, statement: Row) -> list[dict[str, Any]]:
    """Return the pages on which a statement stands, each with its size and the rectangles of its lines."""
    if service.originals is None:
        return []
    connection = service.build.index.connections.get()
    pictures = []
    for page, boxes in groupby(statement["boxes"], _page_of):
        size = find_page_size(connection, statement["document_id"], page)
        if size:
            marks = [
                {
                    "x": round(x0 - _MARGIN, 1),
                    "y": round(top - _MARGIN, 1),
                    "width": round(x1 - x0 + 2 * _MARGIN, 1),
                    "height": round(bottom - top + 2 * _MARGIN, 1),
                }
                for _, x0, top, x1, bottom in boxes
            ]
            pictures.append({"page": page, "width": size[0], "height": size[1], "marks": marks})
    return pictures


def _page_of(box: Sequence[float]) -> int:
    return int(box[0])


def _name_certainty(confidence: float) -> str:
    return "sure" if confidence >= _SURE else "fairly_sure" if confidence >= _FAIRLY_SURE else "unsure"


def _describe_report(service: SearchService, _datasette: Datasette, request: Any, _t: Messages, report_id: str) -> Row:
    connection = service.build.index.connections.get()
    report = find_report(connection, report_id)
    asked = request.args.get("page") or "1"
    first = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
    pages, page_count = find_page_text(connection, report["document_id"], first=first, most_characters=_CHARACTERS)
    spans = [(row["start_offset"], row["end_offset"], row["statement_id"], row["kind"]) for row in _by_offset(report)]
    for page in pages:
        page["html"] = mark_statements(
            page["text"],
            page["start_offset"],
            [span for span in spans if span[1] > page["start_offset"] and span[0] < page["end_offset"]],
        )
    is_open = allows_download(report["licence"])
    for page in pages:
        page["has_picture"] = bool(service.originals and page["width"] and (is_open or page["is_quoted"]))
    shown = {page["page"] for page in pages}
    documents = find_report_documents(connection, report_id)
    current = documents[0] if documents else None
    has_original = bool(
        current and service.originals and is_open and service.originals.find_original(current["document_id"])
    )
    return {
        "report": report,
        "kinds": [
            (kind, [row for row in report["statements"] if row["kind"] == kind])
            for kind in KINDS
            if any(row["kind"] == kind for row in report["statements"])
        ],
        "pages": pages,
        "page_count": page_count,
        "shown_pages": shown,
        "previous_page": max(1, pages[0]["page"] - len(pages)) if pages and pages[0]["page"] > 1 else None,
        "next_page": pages[-1]["page"] + 1 if pages and pages[-1]["page"] < page_count else None,
        "responses": find_responses(connection, report_id),
        "documents": documents,
        "document": current,
        "origins": find_report_origins(connection, report_id),
        "scans": find_scans(connection, report_id),
        "has_original": has_original,
        "has_pages": bool(pages and pages[0]["width"]),
    }


def _by_offset(report: Row) -> list[Row]:
    rows: list[Row] = sorted(report["statements"], key=_start_of)
    return rows


def _start_of(row: Row) -> int:
    return int(row["start_offset"])


def _describe_party(service: SearchService, _datasette: Datasette, _request: Any, t: Messages, party_id: str) -> Row:
    connection = service.build.index.connections.get()
    party = find_party(connection, party_id, kind=("recommendation",), limit=_MOST)
    recommendations = _with_titles(party["statements"])
    themes_of = find_themes_of(connection, [row["statement_id"] for row in recommendations])
    for row in recommendations:
        row["themes"] = themes_of[row["statement_id"]]
    _, others = find_statements_of(connection, party_id=party_id, kind=KINDS[1:], limit=_MOST)
    most = max((row["count"] for row in party["years"]), default=0)
    return {
        "party": party,
        "shown_count": len(recommendations) + len(others),
        "others": _with_titles(others),
        "themes": _by_theme(recommendations, t),
        "years": [
            (str(row["value"]), row["count"], row["count"] / most)
            for row in sorted(party["years"], key=itemgetter("value"))
        ],
        "search_url": "/search?" + urlencode({"addressee": party_id}),
        "export_url": "/kb/recommendations_to_party?" + urlencode({"party_id": party_id}),
    }


def _by_theme(statements: Sequence[Row], t: Messages) -> list[tuple[Mapping[str, Any], list[Row]]]:
    """Return the themes of `statements`, the largest first, with theirs; those without a theme come last."""
    themes: dict[str, tuple[Mapping[str, Any], list[Row]]] = {}
    for statement in statements:
        for theme in statement["themes"] or [{"theme_id": "", "name": str(t("party.no_theme"))}]:
            shown = {**theme, "name": t.of(theme, "name")}
            themes.setdefault(theme["theme_id"], (shown, []))[1].append(statement)
    return sorted(themes.values(), key=_theme_order)


def _theme_order(entry: tuple[Mapping[str, Any], list[Row]]) -> tuple[bool, int, str]:
    theme, statements = entry
    return not theme["theme_id"], -len(statements), str(theme["name"])


def _describe_theme(service: SearchService, _datasette: Datasette, _request: Any, _t: Messages, theme_id: str) -> Row:
    connection = service.build.index.connections.get()
    theme = find_theme(connection, theme_id, limit=1)
    groups = [(kind, *find_statements_of(connection, theme_id=theme_id, kind=(kind,), limit=_MOST)) for kind in KINDS]
    return {
        "theme": theme,
        "statement_count": theme["total"],
        "groups": [(kind, total, _with_titles(rows)) for kind, total, rows in groups if rows],
        "search_url": "/search?" + urlencode({"theme": theme_id}),
    }


def _with_titles(statements: list[Row]) -> list[Row]:
    # Where a statement stands is shown by one template, from the columns of a report.
    for statement in statements:
        statement["title"] = statement["report_title"]
    return statements


_PAGES: Final[Mapping[str, Describe]] = {
    "statements": _describe_statement,
    "reports": _describe_report,
    "parties": _describe_party,
    "themes": _describe_theme,
}
