"""The API's searches: as JSON, as files for a spreadsheet, and as feeds."""

from __future__ import annotations

import inspect
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from datasette_config.answers import (
    MOST_FACETS,
    MOST_PASSAGES,
    MOST_VALUES,
    ModeName,
    SearchAnswer,
    SearchBody,
    SimilarAnswer,
    SortName,
    make_search_answer,
    make_statement_answers,
)
from datasette_config.api_problems import INVALID, LIMITED, UNKNOWN, UNREADABLE
from datasette_config.exports import XLSX_TYPE, make_export_rows, write_csv, write_workbook
from datasette_config.feeds import ATOM_TYPE, write_feed
from datasette_config.service import SearchService
from warehouse.search import SearchIndex
from warehouse.search_records import FILTERS, LARGEST_OFFSET, MOST_RESULTS, Row, SearchRequest, SearchResults
from warehouse.site_lookup import find_full_statements, find_newest_statement_ids

LONGEST_QUESTION: Final = 2_000
"""Characters of a question in an address; longer ones go by POST."""
MOST_EXPORTED: Final = 2_000
"""Statements in one file; all of them are in the downloads."""
_WATCHED: Final = 200
"""Of the best answers to a question so many are looked at for new ones."""
_CLOSE: Final = 0.6
"""Score of an answer against the best one from which it belongs in the feed of a question."""
_ANSWER: Final = "The answer."
_FILTERS: Final = "Repeat it for several values; one of them must fit. A value that nothing has gives an empty list."


Values = Annotated[list[str], Query(description=_FILTERS, max_length=MOST_VALUES, default_factory=list)]
Years = Annotated[
    list[str],
    Query(
        description=f"A year, or a range such as 2019-2021. {_FILTERS}", max_length=MOST_VALUES, default_factory=list
    ),
]
Question = Annotated[
    str,
    Query(
        description='The question or words; "a phrase", beginn*, AND, OR, NOT and field:value are understood. It may '
        "be empty where a filter is set.",
        max_length=LONGEST_QUESTION,
        examples=["promises made to victims"],
    ),
]
Mode = Annotated[ModeName, Query(description="By words and meaning, by meaning, or by words.")]
Sort = Annotated[SortName, Query(description="The best first, or the newest report first.")]
Fold = Annotated[bool, Query(description="Whether near-identical statements come as one result.")]
StatementId = Annotated[str, Path(max_length=100, description="Id of a statement.")]


def read_filters(**given: list[str]) -> dict[str, Any]:
    """Return the filters of an address that hold something: a form sends its empty fields too."""
    return {name: tuple(value for value in given[name] if value.strip()) for name in FILTERS}


# FastAPI reads the parameters of an address from a signature: one for each filter that search has.
read_filters.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
    [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=Years if name == "year" else Values)
        for name in FILTERS
    ]
)


Filters = Annotated[dict[str, Any], Depends(read_filters)]


def read_export(
    filters: Filters, q: Question = "", mode: Mode = "hybrid", sort: Sort = "relevance", fold: Fold = True
) -> SearchRequest:
    """Return the search whose answers are to be a file."""
    return SearchRequest(q, mode=mode, sort=sort, fold=fold, limit=MOST_RESULTS, **filters)


Exported = Annotated[SearchRequest, Depends(read_export)]


def make_search_router(service: SearchService) -> APIRouter:
    """Return the paths of search."""
    router = APIRouter(prefix="/api", tags=["search"], responses={**INVALID, **LIMITED})

    async def answer(
        request: SearchRequest, response: Response, *, facets: int = 0, passages: int = 0
    ) -> dict[str, Any]:
        found = await service.search(request, facet_limit=facets, passage_limit=passages)
        _mark_makeshift(service, request, found, response)
        return make_search_answer(found, service.build.themes)

    @router.get("/search", response_model=SearchAnswer, summary="Search", response_description=_ANSWER)
    async def search(
        response: Response,
        filters: Filters,
        q: Question = "",
        mode: Mode = "hybrid",
        sort: Sort = "relevance",
        fold: Fold = True,
        facets: Annotated[int, Query(ge=0, le=MOST_FACETS, description="Values to count of each filter.")] = 0,
        passages: Annotated[
            int, Query(ge=0, le=MOST_PASSAGES, description="Passages of the reports' text to look for.")
        ] = 0,
        limit: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Results in one answer.")] = 20,
        offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET, description="Results to leave out first.")] = 0,
    ) -> dict[str, Any]:
        """Find statements by words, by meaning, or by both."""
        request = SearchRequest(q, mode=mode, sort=sort, fold=fold, limit=limit, offset=offset, **filters)
        return await answer(request, response, facets=facets, passages=passages)

    @router.post(
        "/search",
        response_model=SearchAnswer,
        summary="Search with a long question",
        response_description=_ANSWER,
        responses=UNREADABLE,
    )
    async def search_by_body(body: SearchBody, response: Response) -> dict[str, Any]:
        """Find statements, with the question in the body: a paragraph finds what says the same."""
        asked = body.model_dump()
        filters: dict[str, Any] = {
            name: tuple(str(value) for value in asked.pop(name) if str(value).strip()) for name in FILTERS
        }
        facets, passages = asked.pop("facets"), asked.pop("passages")
        request = SearchRequest(asked.pop("q"), **asked, **filters)
        return await answer(request, response, facets=facets, passages=passages)

    @router.get(
        "/statements/{statement_id}/similar",
        response_model=SimilarAnswer,
        summary="Similar statements",
        response_description=_ANSWER,
        responses=UNKNOWN,
        tags=["records"],
    )
    async def find_similar(
        statement_id: StatementId,
        elsewhere: Annotated[bool, Query(description="Whether to look in other reports only.")] = False,
        limit: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Results in one answer.")] = 10,
    ) -> dict[str, Any]:
        """Return the statements that are nearest in meaning."""

        def read(index: SearchIndex) -> SearchResults:
            return index.similar(statement_id, limit=limit, elsewhere=elsewhere)

        found = await service.ask(read)
        return {"statement_id": statement_id, "results": make_statement_answers(found.results)}

    async def find_rows(request: SearchRequest, response: Response) -> list[Row]:
        found = await service.search(request, page_count=MOST_EXPORTED // MOST_RESULTS)
        _mark_makeshift(service, request, found, response)
        ids = [result.statement_id for result in found.results]

        def read(index: SearchIndex) -> list[Row]:
            return find_full_statements(index.connections.get(), ids)

        return make_export_rows(await service.ask(read), {result.statement_id: result for result in found.results})

    file = {"content": {"text/csv": {"schema": {"type": "string"}}}, "description": "The file."}

    @router.get("/search.csv", response_class=Response, responses={200: file}, summary="Search, as CSV", tags=["files"])
    async def export_csv(request: Request, asked: Exported) -> Response:
        """Return the first answers, at most 2,000, as CSV; a cell that begins like a formula gets a ' first."""
        response = Response(media_type="text/csv; charset=utf-8")
        rows = await find_rows(asked, response)
        response.body = write_csv(rows, base=_base(request)).encode("utf-8")
        return _as_file(response, "rode-draad.csv")

    workbook = {"content": {XLSX_TYPE: {"schema": {"type": "string", "format": "binary"}}}, "description": "The file."}

    @router.get(
        "/search.xlsx", response_class=Response, responses={200: workbook}, summary="Search, as XLSX", tags=["files"]
    )
    async def export_xlsx(request: Request, asked: Exported) -> Response:
        """Return the first answers, at most 2,000, as an Excel workbook."""
        response = Response(media_type=XLSX_TYPE)
        rows = await find_rows(asked, response)
        about = {"Question": asked.query, "Build": service.build.index.build_id, "Address": str(request.url)}
        response.body = await run_in_threadpool(write_workbook, rows, about=about, base=_base(request))
        return _as_file(response, "rode-draad.xlsx")

    feed = {"content": {ATOM_TYPE: {"schema": {"type": "string"}}}, "description": "The feed."}

    @router.get("/feed", response_class=Response, responses={200: feed}, summary="Feed (Atom)", tags=["files"])
    async def read_feed(
        request: Request,
        filters: Filters,
        q: Question = "",
        mode: Mode = "hybrid",
        limit: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Entries in the feed.")] = 50,
        closeness: Annotated[
            float, Query(ge=0, le=1, description="Answers must score at least this part of what the best one scores.")
        ] = _CLOSE,
    ) -> Response:
        """Return the statements that came in last, newest first: all, those that fit filters, or answers to a question.

        The feed of a question is an alert: of the 200 best answers it has those that came in last and are close.
        """
        response = Response(media_type=ATOM_TYPE)
        if q.strip():
            asked = SearchRequest(q, mode=mode, limit=MOST_RESULTS, **filters)
            found = await service.search(asked, page_count=_WATCHED // MOST_RESULTS)
            _mark_makeshift(service, asked, found, response)
            least = closeness * max((result.score for result in found.results), default=0.0)
            ids = [result.statement_id for result in found.results if result.score >= least]

            def read(index: SearchIndex) -> list[Row]:
                rows = find_full_statements(index.connections.get(), ids)
                return sorted(rows, key=_first_seen, reverse=True)[:limit]

        else:

            def read(index: SearchIndex) -> list[Row]:
                columns, connection = index.columns, index.connections.get()
                fits = columns.mask(filters)
                wanted = None if fits is None else set((fits.nonzero()[0] + 1).tolist())  # rowids count from 1
                newest = find_newest_statement_ids(connection, wanted=wanted, limit=limit)
                return find_full_statements(connection, newest)

        rows = await service.ask(read)
        built_at = service.health().built_at
        response.body = write_feed(
            rows, question=q.strip(), filters=filters, base=_base(request), address=str(request.url), built_at=built_at
        )
        return _sized(response)

    return router


def _mark_makeshift(service: SearchService, request: SearchRequest, found: SearchResults, response: Response) -> None:
    """Let nobody keep an answer that was searched by words for want of an encoder."""
    if request.question and found.mode != request.mode and service.build.index.dimension:
        response.headers["cache-control"] = "no-store"


def _as_file(response: Response, name: str) -> Response:
    response.headers["content-disposition"] = f'attachment; filename="{name}"'
    return _sized(response)


def _sized(response: Response) -> Response:
    response.headers["content-length"] = str(len(response.body))
    return response


def _base(request: Request) -> str:
    return str(request.base_url).rstrip("/")


def _first_seen(row: Row) -> str:
    return str(row["first_seen_at"])
