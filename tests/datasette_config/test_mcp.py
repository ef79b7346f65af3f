"""Assistants ask over MCP, through a real server and the official client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from mcp.client.client import Client
from running_servers import running

from warehouse.search_records import FILTERS

pytestmark = pytest.mark.system

MCP = "/-/mcp"


@pytest.fixture(scope="module")
def address(site_dir: Path) -> Iterator[str]:
    """Return the address of the endpoint of a running server."""
    with running(site_dir) as base:
        yield base + MCP


async def call(client: Client, tool: str, **arguments: Any) -> Any:
    """Return what a tool answers."""
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result
    return result.structured_content or json.loads(result.content[0].text)  # type: ignore[union-attr]


async def test_an_assistant_can_search_and_read(address: str) -> None:
    """Our tools and those for SQL stand side by side, and a statement is found, read and seen in its place."""
    async with Client(address) as client:
        listed = (await client.list_tools()).tools
        [search] = [tool for tool in listed if tool.name == "search_statements"]
        assert set(FILTERS) <= search.input_schema["properties"].keys()
        tools = {tool.name for tool in listed}
        assert {"search_statements", "get_statement", "find_similar_statements", "get_report_page", "execute_sql",
                "get_database_schema", "list_canned_queries"} <= tools  # fmt: skip
        found = await call(client, "search_statements", q="beloften aan gedupeerden", kind=["recommendation"])
        first = found["results"][0]
        assert first["text"].startswith("Doe alleen beloften")
        statement = await call(client, "get_statement", statement_id=first["statement_id"])
        assert statement["report"]["publisher"] == "Verzonnen ombudsman"
        page = await call(client, "get_report_page", report_id=statement["report_id"], page=statement["page"])
        assert first["text"] in page["text"]
        assert await call(client, "find_similar_statements", statement_id=first["statement_id"], limit=1)
        counted = await call(client, "execute_sql", database="kb", sql="select count(*) as n from statements")
        assert counted["rows"] == [{"n": 6}]
        asked = await call(client, "execute_canned_query", database="kb", query="newest_reports")
        assert len(asked["rows"]) == 2


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("search_statements", {"q": ""}, "nothing to search for"),
        ("get_statement", {"statement_id": "s0"}, "found none"),
        ("find_similar_statements", {"statement_id": "s0"}, "found none"),
        ("get_report_page", {"report_id": "r0", "page": 1}, "found none"),
        ("execute_sql", {"database": "kb", "sql": "delete from statements"}, "SELECT"),
        ("execute_sql", {"database": "kb", "sql": "select * from pragma_database_list"}, "authorized"),
        ("execute_sql", {"database": "_internal", "sql": "select 1"}, "not available"),
    ],
)
async def test_what_cannot_be_asked_is_explained(
    address: str, tool: str, arguments: dict[str, Any], reason: str
) -> None:
    """Errors come as results that an assistant can read; SQL only reads."""
    async with Client(address) as client:
        result = await client.call_tool(tool, arguments)
        assert result.is_error
        assert reason in result.content[0].text  # type: ignore[union-attr]
