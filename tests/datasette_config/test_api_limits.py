"""What the API refuses, what it need not send again, and how long it tries."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from invented_extractions import make_extraction
from served_sites import NL, publish

from datasette_config.api_limits import LONGEST_ADDRESS, MOST_BYTES, LimitedApi
from datasette_config.registry import get_service

ServeSite = Callable[..., Datasette]

PATHS = ("/api/search?q=dijk", "/api/reports", "/api/feed", "/api/search.csv?q=dijk", "/api/downloads/kb.db",
         "/api/openapi.json")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
async def test_an_answer_that_is_known_is_not_sent_again(served: Datasette, path: str) -> None:
    """304 without a body for the ETag that came with the answer; another address has another ETag."""
    await served.client.get("/api/search?q=eerste")  # the encoder is ready from here on
    first = await served.client.get(path)
    assert (first.status_code, first.headers["cache-control"]) == (200, "no-cache")
    tag = first.headers["etag"]
    for condition in (tag, f'"other", W/{tag}', "*"):
        again = await served.client.get(path, headers={"if-none-match": condition})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await served.client.get(path, headers={"if-none-match": '"other"'})).content == first.content
    elsewhere = await served.client.get("/api/parties", headers={"if-none-match": tag})
    assert elsewhere.status_code == 200 and elsewhere.headers["etag"] != tag


async def test_the_rest_of_a_file_is_asked_for_by_its_etag(served: Datasette) -> None:
    """A part has the ETag of the whole; with another one, or a date, the whole comes again."""
    await served.client.get("/api/search?q=eerste")
    path = "/api/downloads/kb.db"
    whole = await served.client.get(path)
    tag = whole.headers["etag"]
    for headers in ({}, {"if-range": tag}):
        part = await served.client.get(path, headers={"range": "bytes=16-31", **headers})
        assert (part.status_code, part.headers["etag"], part.content) == (206, tag, whole.content[16:32])
    for condition in ('"other"', f"W/{tag}", "Wed, 21 Oct 2015 07:28:00 GMT"):
        again = await served.client.get(path, headers={"range": "bytes=16-31", "if-range": condition})
        assert (again.status_code, again.headers["etag"], again.content) == (200, tag, whole.content)


async def test_a_new_build_has_new_etags(tmp_path: Path, serve_site: ServeSite) -> None:
    """What was known of the old site is sent anew."""
    served = serve_site(publish(tmp_path, make_extraction(*NL)))
    first = await served.client.get("/api/reports")
    publish(tmp_path, make_extraction("De brug wordt nieuw.", name="Bruggen"))
    second = await served.client.get("/api/reports", headers={"if-none-match": first.headers["etag"]})
    assert second.status_code == 200 and second.json()["total"] == 2


async def test_errors_and_health_are_not_kept(served: Datasette) -> None:
    """Neither has an ETag, not even for whoever claims to know anything."""
    for path in ("/api/health", "/api/reports/r0", "/api/search?limit=0", "/api/nothing"):
        answer = await served.client.get(path, headers={"if-none-match": "*"})
        assert answer.status_code != 304
        assert answer.headers["cache-control"] == "no-store" and "etag" not in answer.headers


async def test_a_search_for_want_of_an_encoder_is_not_kept(site_dir: Path, serve_site: ServeSite) -> None:
    """Found by words where meaning was asked for: next time it may be better."""

    def fail() -> Any:
        raise OSError("no model")

    served = serve_site(site_dir, load_encoder=fail)
    assert (await served.client.get("/api/search?q=dijk")).headers["cache-control"] == "no-store"
    assert (await served.client.get("/api/search?q=dijk&mode=lexical")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PATHS)
async def test_head_is_get_without_the_body(served: Datasette, path: str) -> None:
    """The same status and headers."""
    await served.client.get("/api/search?q=eerste")
    whole, head = await served.client.get(path), await served.client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers} == {**whole.headers}


async def test_long_texts_are_searched_and_longer_ones_refused(served: Datasette) -> None:
    """By POST up to 20,000 characters; by GET up to 2,000; and never more than can be meant."""
    text = "De dijk van het waterschap. " * 300
    found = await served.client.post("/api/search", json={"q": text, "facets": 3})
    assert found.status_code == 200 and found.json()["results"][0]["text"] == NL[0]
    assert found.json()["facets"]["kind"]
    assert (await served.client.get("/api/search", params={"q": text})).status_code == 422
    assert (await served.client.post("/api/search", json={"q": "a" * 20_001})).status_code == 422
    longest = await served.client.get("/api/search?q=" + "a" * LONGEST_ADDRESS)
    assert (longest.status_code, longest.json()["status"]) == (414, 414)
    for content in (b"x" * (MOST_BYTES + 1), _in_parts(b"x" * 65_536, 5)):
        refused = await served.client.post("/api/search", content=content)
        assert (refused.status_code, refused.headers["content-type"]) == (413, "application/problem+json")


async def _in_parts(part: bytes, count: int) -> Any:
    for _ in range(count):
        yield part


async def test_what_takes_too_long_or_is_too_much_is_asked_to_come_again(served: Datasette) -> None:
    """503 with a problem document and Retry-After, and nothing hangs."""

    async def sleep(_scope: Any, _receive: Any, _send: Any) -> None:
        await asyncio.sleep(30)

    service = get_service(served)
    slow = LimitedApi(sleep, service, version="1", most_seconds=0.2, most_at_once=1)
    answers = await asyncio.gather(_ask(slow), _ask(slow))
    assert [status for status, _, _ in answers] == [503, 503]
    assert {headers[b"retry-after"] for _, headers, _ in answers} == {b"2"}
    assert ["time" in problem["detail"] for _, _, problem in answers] == [True, False]


async def test_a_defect_is_a_problem_document_without_its_secrets(served: Datasette) -> None:
    """The answer names no file and no value; the log does."""
    service = get_service(served)

    async def fail(*_: Any) -> Any:
        raise RuntimeError("/geheim/pad")

    service.ask = fail  # type: ignore[method-assign]
    with pytest.raises(RuntimeError):  # the server logs it
        await served.client.get("/api/reports")
    status, headers, problem = await _ask(service.api, "/api/reports", is_failing=True)
    assert (status, headers[b"content-type"]) == (500, b"application/problem+json")
    assert "geheim" not in json.dumps(problem)


async def _ask(
    app: Any, path: str = "/api/reports", *, is_failing: bool = False
) -> tuple[int, dict[bytes, bytes], Any]:
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [], "scheme": "http", "server": ("localhost", 80), "root_path": ""}  # fmt: skip
    try:
        await app(scope, receive, send)
    except RuntimeError:
        assert is_failing
    body = b"".join(message.get("body", b"") for message in messages)
    return messages[0]["status"], dict(messages[0]["headers"]), json.loads(body)
