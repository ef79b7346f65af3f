"""Tools for assistants beside those of datasette-mcp, at ``/-/mcp``: search, statements and pages of reports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from datasette_config.answers import ModeName, make_search_answer, make_statement_answers
from datasette_config.registry import get_service
from warehouse.search import SearchIndex
from warehouse.search_lookup import find_statement
from warehouse.search_records import FILTERS, InvalidSearch, Row, SearchRequest, SearchResults, UnknownRecord
from warehouse.site_lookup import find_page, find_relations

if TYPE_CHECKING:
    from datasette.app import Datasette

_READING: Final = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_MOST: Final = 50

Values = Annotated[list[str] | None, Field(description="One of the values must fit.")]
Limit = Annotated[int, Field(ge=1, le=_MOST)]


def register_tools(datasette: Datasette, server: MCPServer) -> None:
    """Add our tools to `server`. They answer as the API does; what cannot be asked is told to the assistant."""

    @server.tool(annotations=_READING)
    async def search_statements(
        q: Annotated[str, Field(description="A question or words, in Dutch or English.")],
        mode: ModeName = "hybrid",
        kind: Values = None,
        publisher: Values = None,
        year: Values = None,
        addressee: Values = None,
        case: Values = None,
        theme: Values = None,
        language: Values = None,
        report: Values = None,
        limit: Limit = 10,
    ) -> dict[str, Any]:
        """Find findings, conclusions, recommendations and lessons from public reports, by words and meaning.

        Every result is a quotation: cite it word for word with report, publisher, date and page. kind is
        recommendation, conclusion, finding or lesson; year may be a range such as 2019-2021.
        """
        given = {"kind": kind, "publisher": publisher, "year": year, "addressee": addressee, "case": case,
                 "theme": theme, "language": language, "report": report}  # fmt: skip
        filters: dict[str, Any] = {name: tuple(given[name] or ()) for name in FILTERS}
        service = get_service(datasette)
        try:
            found = await service.search(SearchRequest(q, mode=mode, limit=limit, **filters))
        except InvalidSearch as error:
            raise ToolError(str(error)) from None
        return make_search_answer(found, service.build.themes)

    @server.tool(annotations=_READING)
    async def get_statement(statement_id: str) -> dict[str, Any]:
        """Return a statement with its report, addressees, deadline, responses, and what it rests on."""

        def read(index: SearchIndex) -> Row:
            connection = index.connections.get()
            return {**find_statement(connection, statement_id), **find_relations(connection, statement_id)}

        try:
            return await get_service(datasette).ask(read)
        except UnknownRecord as error:
            raise ToolError(str(error)) from None

    @server.tool(annotations=_READING)
    async def find_similar_statements(statement_id: str, limit: Limit = 10) -> dict[str, Any]:
        """Return the statements of other reports that say nearly the same as this one."""

        def read(index: SearchIndex) -> SearchResults:
            return index.similar(statement_id, limit=limit, elsewhere=True)

        try:
            found = await get_service(datasette).ask(read)
        except UnknownRecord as error:
            raise ToolError(str(error)) from None
        return {"statement_id": statement_id, "results": make_statement_answers(found.results)}

    @server.tool(annotations=_READING)
    async def get_report_page(report_id: str, page: Annotated[int, Field(ge=1)]) -> dict[str, Any]:
        """Return the text of one page of a report, to read a statement in its place."""

        def read(index: SearchIndex) -> Row:
            return find_page(index.connections.get(), report_id, page)

        try:
            return await get_service(datasette).ask(read)
        except UnknownRecord as error:
            raise ToolError(str(error)) from None
