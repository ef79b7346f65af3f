"""What holds for every request to the API: how much may be sent, how long it may take, and what need not be sent again.

An answer depends on the build, the address and the state of the encoder only, so the ETag (RFC 9110, 8.8.3) is made of
those, and a client that has the answer already is told so before anything is searched.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response

from datasette_config.api_problems import make_problem
from datasette_config.service import SearchService

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES: Final = 256 * 1024
"""Bytes of a body."""
LONGEST_ADDRESS: Final = 16 * 1024
"""Bytes of the part of an address after the question mark."""
MOST_SECONDS: Final = 30.0
"""Seconds until an answer must begin."""
MOST_AT_ONCE: Final = 200
"""Requests under way; more are asked to come again."""

_UNCACHED: Final = frozenset(("/api/health", "/api/sources"))
_TAG: Final = re.compile(r'(?:W/)?("[^"]*")')


class _Finished(BaseException):
    """The rest of an answer is not wanted. Not an error, so that no handler of errors takes it."""


class LimitedApi:
    """The application `app` with limits, ETags and HEAD."""

    def __init__(
        self,
        app: App,
        service: SearchService,
        *,
        version: str,
        most_seconds: float = MOST_SECONDS,
        most_at_once: int = MOST_AT_ONCE,
    ) -> None:
        self._app = app
        self._service = service
        self._version = version
        self._most_seconds = most_seconds
        self._most_at_once = most_at_once
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        if len(scope.get("query_string", b"")) > LONGEST_ADDRESS:
            detail = f"address: found more than {LONGEST_ADDRESS} bytes after the question mark; send it by POST"
            await make_problem(HTTPStatus.REQUEST_URI_TOO_LONG, detail)(scope, receive, send)
        elif self._under_way >= self._most_at_once:
            await _ask_again("requests: found too many at once")(scope, receive, send)
        else:
            self._under_way += 1
            try:
                await self._answer(scope, receive, send)
            finally:
                self._under_way -= 1

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        has_begun = False
        clock = asyncio.timeout(self._most_seconds)
        try:
            async with clock:

                async def begin(message: Message) -> None:
                    nonlocal has_begun
                    if message["type"] == "http.response.start":
                        has_begun = True
                        clock.reschedule(None)  # a large file may take its time
                    await send(message)

                if scope["method"] in ("GET", "HEAD"):
                    await self._answer_reader(scope, receive, begin)
                    return
                body = await _read_body(receive, Headers(scope=scope))
                if body is None:
                    detail = f"body: found more than {MOST_BYTES} bytes; shorten the text"
                    await make_problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)(scope, receive, begin)
                else:
                    await self._app(scope, _replay(body, receive), begin)
        except TimeoutError:
            if has_begun or not clock.expired():
                raise
            await _ask_again(f"time: found no answer within {self._most_seconds:g} seconds")(scope, receive, send)

    async def _answer_reader(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        known = _TAG.findall(headers.get("if-none-match", ""))
        is_cached = scope["path"] not in _UNCACHED
        tag = self._make_tag(scope)
        scope = _check_range(scope, tag)
        is_head = scope["method"] == "HEAD"
        if is_cached and tag in known:
            await _unchanged(tag)(scope, receive, send)
            return

        async def send_with_tag(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields = MutableHeaders(scope=message)
                if not is_cached:
                    fields["cache-control"] = "no-store"
                elif message["status"] in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
                    if "cache-control" not in fields:
                        fields["cache-control"] = "no-cache"  # may be kept, and is asked for again
                        fields["etag"] = tag
                    if headers.get("if-none-match", "").strip() == "*":
                        await _unchanged(tag)(scope, receive, send)
                        raise _Finished
                await send(message)
                if is_head:
                    await send({"type": "http.response.body", "body": b""})
                    raise _Finished
            else:
                await send(message)

        try:
            await self._app({**scope, "method": "GET"}, receive, send_with_tag)
        except _Finished:
            return

    def _make_tag(self, scope: Scope) -> str:
        parts = (
            self._service.build.index.build_id,
            self._version,
            self._service.encoder.state,
            scope["path"],
            scope.get("query_string", b"").decode("latin-1"),
            Headers(scope=scope).get("host", ""),  # feeds hold whole addresses
        )
        return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def _check_range(scope: Scope, tag: str) -> Scope:
    """Return `scope` without ``If-Range``: a part is sent if the rest of it that the client has is of the same `tag`.

    Whoever sends the file compares with an ETag of its own, so this is decided here (RFC 9110, 13.1.5).
    """
    given = Headers(scope=scope).get("if-range")
    if given is None:
        return scope
    dropped = {b"if-range"} if given.strip() == tag else {b"if-range", b"range"}
    return {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() not in dropped]}


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers={"etag": tag, "cache-control": "no-cache"})


def _ask_again(what: str) -> Response:
    return make_problem(HTTPStatus.SERVICE_UNAVAILABLE, f"{what}; try again later", headers={"retry-after": "2"})


async def _read_body(receive: Receive, headers: Headers) -> bytes | None:
    """Return the whole body, None when it is too large."""
    declared = headers.get("content-length", "0")
    if declared.isdigit() and len(declared) < 20 and int(declared) > MOST_BYTES:
        return None
    body = b""
    while True:
        message = await receive()
        body += bytes(message.get("body", b""))
        if len(body) > MOST_BYTES:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return body


def _replay(body: bytes, receive: Receive) -> Receive:
    is_sent = False

    async def replay() -> Message:
        nonlocal is_sent
        if is_sent:
            return await receive()
        is_sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay
