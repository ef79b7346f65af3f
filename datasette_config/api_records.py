"""The API's look-ups: statements, reports and their pages, parties and themes."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query

from datasette_config.answers import make_links
from datasette_config.answers_records import (
    PageAnswer,
    PagesAnswer,
    PartiesAnswer,
    PartyAnswer,
    ReportsAnswer,
    StatementRecord,
    ThemeAnswer,
    ThemesAnswer,
    WholeReport,
)
from datasette_config.api_problems import INVALID, LIMITED, UNKNOWN
from datasette_config.service import SearchService
from warehouse.page_lookup import find_report_documents, find_report_origins
from warehouse.search import SearchIndex
from warehouse.search_lookup import find_report, find_statement
from warehouse.search_records import LARGEST_OFFSET, MOST_RESULTS, Row
from warehouse.site_lookup import (
    find_page,
    find_pages,
    find_parties,
    find_party,
    find_relations,
    find_reports,
    find_theme,
    find_themes,
)

_ANSWER: Final = "The answer."
_REPEATED: Final = "Repeat it for several values; one of them must fit."
_LARGEST_PAGE: Final = 1_000_000
_YEAR: Final = re.compile("[0-9]{1,4}")

Identifier = Annotated[str, Path(max_length=100)]
Values = Annotated[list[str], Query(description=_REPEATED, max_length=50, default_factory=list)]
Limit = Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Records in one answer.")]
Offset = Annotated[int, Query(ge=0, le=LARGEST_OFFSET, description="Records to leave out first.")]


def make_record_router(service: SearchService) -> APIRouter:
    """Return the paths of records."""
    router = APIRouter(prefix="/api", tags=["records"], responses={**INVALID, **LIMITED})
    _add_reports(router, service)
    _add_parties_and_themes(router, service)

    @router.get(
        "/statements/{statement_id}",
        response_model=StatementRecord,
        responses=UNKNOWN,
        summary="One statement",
        response_description=_ANSWER,
    )
    async def read_statement(statement_id: Identifier) -> Row:
        """Return a statement with its report, addressees, mentions, responses, links, themes and places on the page."""

        def read(index: SearchIndex) -> Row:
            connection = index.connections.get()
            return {**find_statement(connection, statement_id), **find_relations(connection, statement_id)}

        statement = await service.ask(read)
        return {**statement, "links": make_links(statement_id, statement["report_id"], statement["page"])}

    return router


def _add_reports(router: APIRouter, service: SearchService) -> None:
    @router.get("/reports", response_model=ReportsAnswer, summary="Reports", response_description=_ANSWER)
    async def list_reports(
        publisher: Values,
        year: Values,
        language: Values,
        kind: Values,
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> dict[str, Any]:
        """Return the reports with their number of statements, the newest first; filters are as written."""

        def read(index: SearchIndex) -> tuple[int, list[Row]]:
            return find_reports(
                index.connections.get(),
                publisher=_held(publisher),
                year=[int(value) for value in year if _YEAR.fullmatch(value)] or ([-1] if _held(year) else []),
                language=_held(language),
                kind=_held(kind),
                limit=limit,
                offset=offset,
            )

        total, reports = await service.ask(read)
        for report in reports:
            report["links"] = _report_links(report["report_id"])
        return {"total": total, "limit": limit, "offset": offset, "reports": reports}

    @router.get(
        "/reports/{report_id}",
        response_model=WholeReport,
        responses=UNKNOWN,
        summary="One report",
        response_description=_ANSWER,
    )
    async def read_report(report_id: Identifier) -> Row:
        """Return a report with its outline, its cases, its statements in order, its versions and their origins."""

        def read(index: SearchIndex) -> Row:
            connection = index.connections.get()
            return {
                **find_report(connection, report_id),
                "versions": find_report_documents(connection, report_id),
                "origins": find_report_origins(connection, report_id),
            }

        report = await service.ask(read)
        for statement in report["statements"]:
            statement["links"] = make_links(statement["statement_id"], report_id, statement["page"])
        return {**report, "links": _report_links(report_id)}

    @router.get(
        "/reports/{report_id}/pages",
        response_model=PagesAnswer,
        responses=UNKNOWN,
        summary="Pages of a report",
        response_description=_ANSWER,
    )
    async def list_pages(report_id: Identifier) -> Row:
        """Return the pages of a report, with their size and how much stands on each."""

        def read(index: SearchIndex) -> Row:
            return find_pages(index.connections.get(), report_id)

        answer = await service.ask(read)
        for page in answer["pages"]:
            page["links"] = {"self": f"/api/reports/{report_id}/pages/{page['page']}"}
        return answer

    @router.get(
        "/reports/{report_id}/pages/{page}",
        response_model=PageAnswer,
        responses=UNKNOWN,
        summary="Text of a page",
        response_description=_ANSWER,
    )
    async def read_page(
        report_id: Identifier, page: Annotated[int, Path(ge=1, le=_LARGEST_PAGE, description="Page, from 1.")]
    ) -> Row:
        """Return the text of one page, and where the statements stand in it."""

        def read(index: SearchIndex) -> Row:
            return find_page(index.connections.get(), report_id, page)

        report = f"/api/reports/{report_id}"
        return {**await service.ask(read), "links": {"self": f"{report}/pages/{page}", "report": report}}


def _add_parties_and_themes(router: APIRouter, service: SearchService) -> None:
    @router.get("/parties", response_model=PartiesAnswer, summary="Parties", response_description=_ANSWER)
    async def list_parties(
        kind: Values,
        q: Annotated[str, Query(max_length=200, description="Part of the name, or the id.")] = "",
        limit: Limit = 20,
        offset: Offset = 0,
    ) -> dict[str, Any]:
        """Return the bodies that statements are addressed to, those with the most recommendations first."""

        def read(index: SearchIndex) -> tuple[int, list[Row]]:
            return find_parties(index.connections.get(), q=q, kind=_held(kind), limit=limit, offset=offset)

        total, parties = await service.ask(read)
        for party in parties:
            party["links"] = _party_links(party["party_id"])
        return {"total": total, "limit": limit, "offset": offset, "parties": parties}

    @router.get(
        "/parties/{party_id}",
        response_model=PartyAnswer,
        responses=UNKNOWN,
        summary="One party",
        response_description=_ANSWER,
    )
    async def read_party(party_id: Identifier, kind: Values, limit: Limit = 20, offset: Offset = 0) -> Row:
        """Return what was recommended, concluded and found about a body: by whom, when and on which themes."""

        def read(index: SearchIndex) -> Row:
            return find_party(index.connections.get(), party_id, kind=_held(kind), limit=limit, offset=offset)

        party = await service.ask(read)
        _link(party["statements"])
        return {**party, "limit": limit, "offset": offset, "links": _party_links(party_id)}

    @router.get("/themes", response_model=ThemesAnswer, summary="Themes", response_description=_ANSWER)
    async def list_themes() -> dict[str, Any]:
        """Return the themes, the largest first."""

        def read(index: SearchIndex) -> list[Row]:
            return find_themes(index.connections.get())

        themes = await service.ask(read)
        for theme in themes:
            theme["links"] = _theme_links(theme["theme_id"])
        return {"themes": themes}

    @router.get(
        "/themes/{theme_id}",
        response_model=ThemeAnswer,
        responses=UNKNOWN,
        summary="One theme",
        response_description=_ANSWER,
    )
    async def read_theme(theme_id: Identifier, kind: Values, limit: Limit = 20, offset: Offset = 0) -> Row:
        """Return a theme with its statements, the newest first."""

        def read(index: SearchIndex) -> Row:
            return find_theme(index.connections.get(), theme_id, kind=_held(kind), limit=limit, offset=offset)

        theme = await service.ask(read)
        _link(theme["statements"])
        return {**theme, "limit": limit, "offset": offset, "links": _theme_links(theme_id)}


def _held(values: list[str]) -> list[str]:
    # A form sends its empty fields too: they filter nothing.
    return [value for value in values if value.strip()]


def _link(statements: list[Row]) -> None:
    for statement in statements:
        statement["links"] = make_links(statement["statement_id"], statement["report_id"], statement["page"])


def _report_links(report_id: str) -> dict[str, str]:
    report = f"/api/reports/{report_id}"
    return {"self": report, "page": f"/kb/reports/{report_id}", "pages": f"{report}/pages"}


def _party_links(party_id: str) -> dict[str, str]:
    return {"self": f"/api/parties/{party_id}", "page": f"/kb/parties/{party_id}"}


def _theme_links(theme_id: str) -> dict[str, str]:
    return {"self": f"/api/themes/{theme_id}", "page": f"/kb/themes/{theme_id}"}
