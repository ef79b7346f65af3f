"""Problem documents (RFC 9457): the one form of every error of the API."""

from __future__ import annotations

import logging
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from datasette_config.answers import Problem
from warehouse.search_records import InvalidSearch, SiteUnreadable, UnknownRecord

PROBLEM_TYPE: Final = "application/problem+json"

Responses = dict[int | str, dict[str, Any]]

UNKNOWN: Final[Responses] = {404: {"model": Problem, "description": "No record has this id."}}
INVALID: Final[Responses] = {422: {"model": Problem, "description": "The request cannot be answered."}}
UNREADABLE: Final[Responses] = {
    400: {"model": Problem, "description": "The body is not text."},
    413: {"model": Problem, "description": "The body is larger than a question can be."},
}
LIMITED: Final[Responses] = {
    414: {"model": Problem, "description": "The address is longer than a question can be."},
    503: {"model": Problem, "description": "Too much is asked at once, or it took too long; try again later."},
}

_log = logging.getLogger(__name__)


def add_problem_handlers(api: FastAPI) -> None:
    """Let `api` answer every error with a problem document, and describe them so."""
    api.add_exception_handler(RequestValidationError, _answer_invalid)
    api.add_exception_handler(InvalidSearch, _answer_invalid)
    api.add_exception_handler(UnknownRecord, _answer_unknown)
    api.add_exception_handler(SiteUnreadable, _answer_unreadable)
    api.add_exception_handler(HTTPException, _answer_http_error)
    api.add_exception_handler(Exception, _answer_defect)
    api.openapi = _with_problem_type(api.openapi)  # type: ignore[method-assign]


def make_problem(
    status: HTTPStatus, detail: str, *, headers: dict[str, str] | None = None, **more: Any
) -> JSONResponse:
    """Return a problem document."""
    content = {"type": "about:blank", "title": status.phrase, "status": int(status), "detail": detail, **more}
    return JSONResponse(
        content, int(status), {"cache-control": "no-store", **(headers or {})}, media_type=PROBLEM_TYPE
    )  # fmt: skip


def _with_problem_type(describe: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """Return `describe` with the media type of problem documents; FastAPI describes all answers as plain JSON."""

    def describe_with_problems() -> dict[str, Any]:
        document = describe()
        for operations in document["paths"].values():
            for operation in operations.values():
                for status, answer in operation["responses"].items():
                    content = answer.get("content", {})
                    if status >= "400" and "application/json" in content:
                        answer["content"] = {PROBLEM_TYPE: content["application/json"]}
        return document

    return describe_with_problems


async def _answer_invalid(_request: Request, error: Exception) -> JSONResponse:
    # What was sent is not sent back: it may be anything.
    if isinstance(error, RequestValidationError):
        errors = [
            {"field": ".".join(str(part) for part in found["loc"][1:])[:100], "message": str(found["msg"])}
            for found in error.errors()
        ]
        detail = "; ".join(f"{found['field']}: {found['message']}" for found in errors)
        return make_problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, errors=errors)
    field = error.field if isinstance(error, InvalidSearch) else ""
    errors = [{"field": "q" if field == "query" else field, "message": str(error)}]
    return make_problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), errors=errors)


async def _answer_unknown(_request: Request, error: Exception) -> JSONResponse:
    return make_problem(HTTPStatus.NOT_FOUND, f"{error}; it may have been in an earlier one")


async def _answer_unreadable(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s: %s", request.url.path, error)
    detail = "site: found files of the knowledge base that cannot be read; the operator must publish again"
    return make_problem(HTTPStatus.SERVICE_UNAVAILABLE, detail)


async def _answer_http_error(_request: Request, error: Exception) -> JSONResponse:
    status, headers = HTTPStatus.INTERNAL_SERVER_ERROR, None
    if isinstance(error, HTTPException):
        status, headers = HTTPStatus(error.status_code), dict(error.headers or {})
    detail = {
        HTTPStatus.NOT_FOUND: "path: found none of the API's paths; see /api/docs",
        HTTPStatus.METHOD_NOT_ALLOWED: "method: found one that this path does not take; see /api/docs",
    }.get(status, status.description or status.phrase)
    return make_problem(status, detail, headers=headers)


async def _answer_defect(request: Request, error: Exception) -> JSONResponse:
    _log.error("%s: the answer failed (%s); this is a defect of the program", request.url.path, type(error).__name__)
    return make_problem(
        HTTPStatus.INTERNAL_SERVER_ERROR, "answer: found a defect of the program; the operator's log says more"
    )
