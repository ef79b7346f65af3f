"""The hooks by which Datasette shows our site. They only pass on; an instance without our site is left alone.

Datasette loads this module while it is itself being imported: whatever needs it is imported inside the hooks.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from datasette import hookimpl

from datasette_config.registry import PLUGIN, find_service

if TYPE_CHECKING:
    from datasette.app import Datasette

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

_API = "/api/"
_OTHER_SERVER = re.compile(r"/[/\\]+")
_API_PAGE = "/api/docs"
_Hook = TypeVar("_Hook", bound=Callable[..., Any])


def _hook(function: _Hook) -> _Hook:
    marked: _Hook = hookimpl(function)  # pluggy's decorator has no types
    return marked


@_hook
def asgi_wrapper(datasette: Datasette) -> Callable[[App], App]:
    """Put the API beside Datasette, and look for a new build at each request."""
    service = find_service(datasette)

    def wrap(app: App) -> App:
        if service is None:
            return app
        from datasette_config.api import make_api
        from datasette_config.api_limits import LimitedApi
        from datasette_config.csv_guard import guard_csv, is_csv
        from datasette_config.frame import remember_language

        api = service.api = make_api(service)
        limited = LimitedApi(api, service, version=api.version)

        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            await service.site.refresh()
            scope = _within_this_server(scope)
            path = scope["path"]
            if path.rstrip("/") == "/api":
                await _redirect(send, _API_PAGE)
            elif path.startswith(_API) and path != _API_PAGE:
                await limited(scope, receive, send)
            elif is_csv(scope):
                await app(scope, receive, guard_csv(send))
            else:
                await app(scope, receive, remember_language(scope, send))

        return answer

    return wrap


def _within_this_server(scope: Scope) -> Scope:
    """Return `scope` with one slash before its path: Datasette redirects to paths, and ``//name`` is another server."""
    if not _OTHER_SERVER.match(scope["path"]):
        return scope
    raw_path = scope.get("raw_path") or scope["path"].encode()
    return {
        **scope,
        "path": _OTHER_SERVER.sub("/", scope["path"]),
        "raw_path": _OTHER_SERVER.sub("/", raw_path.decode("latin-1")).encode("latin-1"),
    }


async def _redirect(send: Send, place: str) -> None:
    await send({"type": "http.response.start", "status": 307, "headers": [(b"location", place.encode())]})
    await send({"type": "http.response.body", "body": b""})


@_hook
def register_output_renderer(datasette: Datasette) -> list[dict[str, Any]]:
    """Give tables and queries as Excel workbooks."""
    if not datasette.plugin_config(PLUGIN):
        return []
    from datasette_config import workbooks

    return [{"extension": "xlsx", "render": workbooks.render_workbook, "can_render": workbooks.can_render}]


@_hook
def register_mcp_tools(datasette: Datasette, mcp: Any) -> None:
    """Let assistants search, beside the tools that datasette-mcp has for SQL."""
    if not datasette.plugin_config(PLUGIN):
        return
    from datasette_config.mcp_tools import register_tools

    register_tools(datasette, mcp)


@_hook
def get_metadata(datasette: Datasette) -> dict[str, Any]:
    """Describe the tables of the build that is shown now."""
    service = find_service(datasette)
    if service is None:
        return {}
    from datasette_config.charts import PLUGIN, describe_charts
    from datasette_config.site import DATABASE

    metadata = service.build.metadata
    tables = metadata.get("databases", {}).get(DATABASE, {}).get("tables", {})
    return {**metadata, "plugins": {PLUGIN: describe_charts(tables)}}


@_hook
def register_routes(datasette: Datasette) -> list[tuple[str, Callable[..., Any]]]:
    """Add our own pages."""
    if find_service(datasette) is None:
        return []
    from datasette_config import pages, pages_api, pages_files, pages_questions, pages_status

    return [
        (r"^/search$", pages.search_page),
        (r"^/questions$", pages_questions.questions_page),
        (r"^/status$", pages_status.status_page),
        (rf"^{_API_PAGE}$", pages_api.docs_page),
        (r"^/pages/(?P<document_id>[0-9a-f]{64})/(?P<page>[0-9]{1,6})\.webp$", pages_files.page_picture),
        (r"^/originals/(?P<document_id>[0-9a-f]{64})$", pages_files.original_file),
        (r"^/citations/(?P<statement_id>s[0-9a-f]{1,64})\.bib$", pages_files.citation_file),
    ]


@_hook
def extra_template_vars(datasette: Datasette, view_name: str, request: Any) -> Any:
    """Give our templates what they show."""
    service = find_service(datasette)
    if service is None:
        return {}
    from datasette_config import frame

    return frame.describe_page(service, datasette, request, view_name)


@_hook
def extra_css_urls(datasette: Datasette) -> list[str]:
    """Add our style sheet to every page."""
    return [f"/rodedraad/rodedraad.css?{_css_version()}"] if find_service(datasette) else []


@cache
def _css_version() -> str:
    # So that a browser fetches it anew when it has changed.
    return hashlib.sha256((Path(__file__).parent / "static" / "rodedraad.css").read_bytes()).hexdigest()[:8]


@_hook
def menu_links(datasette: Datasette, request: Any) -> list[dict[str, str]]:
    """Fill the menu, in the reader's language."""
    if find_service(datasette) is None:
        return []
    from datasette_config import frame

    return frame.make_menu(request)


@_hook
def handle_exception(datasette: Datasette, request: Any, exception: Exception) -> Any:
    """Say what is not there in the reader's language, what SQL took too long, and that a page cannot be made.

    Datasette reports what is wrong with a request; of a defect it would show the message, which may name files.
    """
    from datasette.database import QueryInterrupted
    from datasette.utils.asgi import Base400, NotFound, Response
    from datasette.views.base import DatasetteError

    if find_service(datasette) is None:
        return None
    if isinstance(exception, QueryInterrupted):  # pages and JSON say so themselves, CSV would be a server error
        return Response.text(f"query: ended after {datasette.sql_time_limit_ms} ms; ask for less at once", status=400)
    from datasette_config import frame

    if isinstance(exception, NotFound):
        return frame.show_missing(datasette, request, str(exception))
    if isinstance(exception, Base400 | DatasetteError):
        return None
    return frame.show_failed(datasette, request, exception)


@_hook
def render_cell(datasette: Datasette, value: Any, column: str, table: str | None) -> Any:
    """Link the ids in answers to SQL and in views to the pages of their records; tables have links of their own."""
    if find_service(datasette) is None:
        return None
    from datasette_config import frame

    return frame.link_record(column, value, table)
