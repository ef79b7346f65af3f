"""The search API: a FastAPI application under `/api`, beside Datasette's pages and in the same process."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from importlib.metadata import version
from typing import Annotated, Any

from fastapi import FastAPI, Path, Query, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from datasette_config.answers import (
    HealthAnswer,
    ModeName,
    Problem,
    RecordAnswer,
    SearchAnswer,
    SearchBody,
    make_links,
    make_search_answer,
)
from datasette_config.service import SearchService
from warehouse.search_lookup import find_report, find_statement
from warehouse.search_records import (
    LARGEST_OFFSET,
    LONGEST_QUERY,
    MOST_RESULTS,
    InvalidSearch,
    Row,
    SearchRequest,
    UnknownRecord,
)

_PROBLEM_TYPE = "application/problem+json"
_DESCRIPTION = (
    "Search and look up findings, conclusions, recommendations and lessons from public reports. Every statement is a "
    "quotation with its report and page. Errors are problem documents (RFC 9457)."
)
_ANSWER = "The answer."
_FILTERS = "Repeat it for several values; one of them must fit. A value that nothing has gives an empty list."

Values = Annotated[list[str], Query(description=_FILTERS, max_length=50, default_factory=list)]
Identifier = Annotated[str, Path(max_length=100)]

_UNKNOWN: dict[int | str, dict[str, Any]] = {404: {"model": Problem, "description": "No record has this id."}}
_INVALID: dict[int | str, dict[str, Any]] = {422: {"model": Problem, "description": "The request cannot be answered."}}


def make_api(service: SearchService) -> FastAPI:
    """Return the application; its paths begin with ``/api``."""
    api = FastAPI(
        title="Rode Draad",
        version=version("rodedraad"),
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads its scripts from the internet; ours is /api/docs in pages.py
        redoc_url=None,
    )
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(InvalidSearch, _answer_invalid)
    api.add_exception_handler(UnknownRecord, _answer_unknown)
    api.add_exception_handler(HTTPException, _answer_http_error)

    async def search(
        *,
        q: Annotated[
            str,
            Query(
                description='The question or words; "a phrase" and beginn* are understood.',
                max_length=LONGEST_QUERY,
                examples=["promises made to victims"],
            ),
        ],
        mode: Annotated[ModeName, Query(description="By words and meaning, by meaning, or by words.")] = "hybrid",
        kind: Values,
        publisher: Values,
        year: Values,
        language: Values,
        addressee: Values,
        limit: Annotated[int, Query(ge=1, le=MOST_RESULTS, description="Results in one answer.")] = 20,
        offset: Annotated[int, Query(ge=0, le=LARGEST_OFFSET, description="Results to leave out first.")] = 0,
    ) -> dict[str, Any]:
        """Find statements by words, by meaning, or by both."""
        request = SearchRequest(
            q,
            mode=mode,
            kind=_held(kind),
            publisher=_held(publisher),
            year=_held(year),
            language=_held(language),
            addressee=_held(addressee),
            limit=limit,
            offset=offset,
        )
        return make_search_answer(await service.search(request))

    async def search_by_body(body: SearchBody) -> dict[str, Any]:
        """Find statements, with the question in the body."""
        return await search(**body.model_dump())

    async def read_statement(statement_id: Identifier) -> dict[str, Any]:
        """Return a statement with its report, addressees, mentions and places on the page."""
        statement = await _look_up(service, find_statement, statement_id)
        return {**statement, "links": make_links(statement_id, statement["report_id"])}

    async def read_report(report_id: Identifier) -> dict[str, Any]:
        """Return a report with its outline, the cases it names and its statements, in order."""
        report = await _look_up(service, find_report, report_id)
        for statement in report["statements"]:
            statement["links"] = make_links(statement["statement_id"], report_id)
        return {**report, "links": {"self": f"/api/reports/{report_id}", "page": f"/kb/reports/{report_id}"}}

    async def read_health() -> dict[str, Any]:
        """Return how the service is doing: which build is shown, and whether questions are searched by meaning."""
        health = service.health()
        return {
            "status": "degraded" if health.is_degraded else "ok",
            "build_id": health.build_id,
            "built_at": health.built_at,
            "counts": health.counts,
            "model_id": health.model_id,
            "encoder": {"model_id": health.encoder_model_id, "state": health.encoder_state},
            "messages": list(health.messages),
        }

    api.get(
        "/api/search", response_model=SearchAnswer, responses=_INVALID, summary="Search", response_description=_ANSWER
    )(search)
    api.post(
        "/api/search",
        response_model=SearchAnswer,
        responses=_INVALID,
        summary="Search with a long question",
        response_description=_ANSWER,
    )(search_by_body)
    known = {**_UNKNOWN, **_INVALID}
    api.get(
        "/api/statements/{statement_id}",
        response_model=RecordAnswer,
        responses=known,
        summary="One statement",
        response_description=_ANSWER,
    )(read_statement)
    api.get(
        "/api/reports/{report_id}",
        response_model=RecordAnswer,
        responses=known,
        summary="One report",
        response_description=_ANSWER,
    )(read_report)
    api.get("/api/health", response_model=HealthAnswer, summary="Health", response_description=_ANSWER)(read_health)
    api.openapi = _with_problem_type(api.openapi)  # type: ignore[method-assign]
    return api


def _with_problem_type(describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return `describe` with the media type of problem documents; FastAPI describes all answers as plain JSON."""

    def describe_with_problems() -> dict[str, Any]:
        document = describe()
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if status >= "400" and "application/json" in content:
                        answer["content"] = {_PROBLEM_TYPE: content["application/json"]}
        return document

    return describe_with_problems


def _held(values: list[str]) -> tuple[str, ...]:
    # A form sends its empty fields too: they filter nothing.
    return tuple(value for value in values if value.strip())


async def _look_up(service: SearchService, find: Callable[[Any, str], Row], record_id: str) -> Row:
    connections = service.build.index.connections

    def read() -> Row:
        return find(connections.get(), record_id)

    return await service.run(read)


async def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    # What was sent is not sent back: it may be anything.
    if isinstance(error, RequestValidationError):
        errors = [
            {"field": ".".join(str(part) for part in found["loc"][1:])[:100], "message": str(found["msg"])}
            for found in error.errors()
        ]
        detail = "; ".join(f"{found['field']}: {found['message']}" for found in errors)
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
    field = error.field if isinstance(error, InvalidSearch) else ""
    errors = [{"field": "q" if field == "query" else field, "message": str(error)}]
    return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), errors=errors)


async def _answer_unknown(_request: Request, error: Exception) -> JSONResponse:
    return _problem(HTTPStatus.NOT_FOUND, f"{error}; it may have been in an earlier one")


async def _answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    status, headers = HTTPStatus.INTERNAL_SERVER_ERROR, None
    if isinstance(error, HTTPException):
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    detail = {
        HTTPStatus.NOT_FOUND: "path: found none of the API's paths; see /api/docs",
        HTTPStatus.METHOD_NOT_ALLOWED: "method: found one that this path does not take; see /api/docs",
    }.get(status, status.description or status.phrase)
    return _problem(status, detail, headers=headers)


def _problem(status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None, **more: Any) -> JSONResponse:
    content = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **more}
    return JSONResponse(content, status_code=int(status), media_type=_PROBLEM_TYPE, headers=headers)
