"""What every page has around its content: the language, the menu, and the functions that templates call."""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import parse_qs, parse_qsl, urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Response
from markupsafe import Markup

from datasette_config.charts import DASHBOARD, translate_chart
from datasette_config.messages import COOKIE, LANGUAGES, Messages, load_messages, messages_for
from datasette_config.pages import link_to_search
from datasette_config.pages_home import describe_home
from datasette_config.pages_records import describe_row
from datasette_config.quoting import excerpt, mark_text
from datasette_config.service import SearchService
from warehouse.datasette_metadata import load_queries
from warehouse.search_records import SiteUnreadable
from warehouse.site_rows import SiteDatabaseError
from warehouse.views import VIEWS

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_RECORDS: Final = {"statement_id": "statements", "report_id": "reports", "party_id": "parties", "theme_id": "themes"}
_VIEW_NAMES: Final = frozenset(view.name for view in VIEWS)
_ID: Final = re.compile(r"[a-z][a-z0-9_-]{1,80}")
_REMEMBERED: Final = 365 * 24 * 3600
"""Seconds for which a browser keeps the language that its reader chose."""

_log = logging.getLogger(__name__)


async def describe_page(service: SearchService, datasette: Datasette, request: Any, view_name: str) -> dict[str, Any]:
    """Return what the template of a page needs beside what Datasette gives it."""
    t = messages_for(request)
    found: dict[str, Any] = {
        "t": t,
        "language_links": _link_languages(request, t),
        "metadata_title": _title_of(datasette),
        "build_id": service.build.index.build_id,
        "mark_text": mark_text,
        "excerpt": excerpt,
        "search_link": _link_filter,
        "translate_chart": translate_chart,
    }
    if view_name == "index":
        found |= await describe_home(service, t)
    elif view_name == "row":
        found |= await describe_row(service, datasette, request, t)
    elif question := load_queries().get(request.url_vars.get("table", "") if request is not None else ""):
        # Datasette knows titles in one language only.
        found["metadata"] = {name: t.of(question, name) for name in ("title", "description")}
    return found


async def show_missing(datasette: Datasette, request: Any, message: str) -> Response:
    """Return the answer to an address at which there is nothing: a page, or JSON where that was asked for."""
    return await _show_trouble(datasette, request, "missing", message, 404)


async def show_failed(datasette: Datasette, request: Any, error: Exception) -> Response:
    """Return the answer where a page cannot be made, without what the error says: that is for the log."""
    is_unreadable = isinstance(error, SiteUnreadable | SiteDatabaseError | OSError)
    _log.error("%s: the page could not be made", request.path, exc_info=error)
    if is_unreadable:
        message = "site: found files of the knowledge base that cannot be read; publish again, and look at the log"
    else:
        message = "page: found a defect of the program; the log of the server says more"
    return await _show_trouble(datasette, request, "failed", message, 503 if is_unreadable else 500)


async def _show_trouble(datasette: Datasette, request: Any, name: str, message: str, status: int) -> Response:
    if request.path.endswith(".json"):
        return Response.json({"ok": False, "error": message, "status": status, "title": None}, status=status)
    context = {"error": message, "trouble": name}
    html = await datasette.render_template("trouble.html", context, request=request, view_name="trouble")
    return Response.html(html, status=status)


def link_record(column: str, value: Any, table: str | None) -> Markup | None:
    """Return a link to the record that `value` is the id of; None in tables, and for what is no id of a record."""
    place = _RECORDS.get(column)
    if place is None or not isinstance(value, str) or not _ID.fullmatch(value) or (table and table not in _VIEW_NAMES):
        return None
    return Markup('<a href="/kb/{}/{}">{}</a>').format(place, value, value)


def make_menu(request: Any) -> list[dict[str, str]]:
    """Return the links of the menu in the reader's language."""
    t = messages_for(request)
    places = {
        "search": "/search",
        "reports": "/kb/reports",
        "questions": "/questions",
        "charts": f"/-/dashboards/{DASHBOARD}",
        "tables": "/kb",
        "api": "/api/docs",
    }
    return [{"href": href, "label": str(t(f"frame.{name}"))} for name, href in places.items()]


def remember_language(scope: Mapping[str, Any], send: Send) -> Send:
    """Return `send` with a cookie for the language that the address of this request chooses, if it does.

    Every page also says that it depends on the language that the browser prefers, so that caches keep them apart.
    """
    chosen = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("lang", [""])[-1]

    async def send_with_language(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", [])]
            if any(name.lower() == b"content-type" and value.startswith(b"text/html") for name, value in headers):
                headers.append((b"vary", b"Accept-Language"))
                if chosen in LANGUAGES:
                    cookie = f"{COOKIE}={chosen}; Path=/; Max-Age={_REMEMBERED}; SameSite=Lax"
                    headers.append((b"set-cookie", cookie.encode("ascii")))
            message = {**message, "headers": headers}
        await send(message)

    return send_with_language


def _link_languages(request: Any, t: Messages) -> list[dict[str, Any]]:
    path, query = (request.path, request.query_string) if request is not None else ("/", "")
    # A browser takes what follows two slashes for another server.
    path = f"/{path.lstrip('/')}"
    kept = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
    return [
        {
            "code": code,
            "name": load_messages(code)("frame.this_language"),
            "is_chosen": code == t.language,
            "url": f"{path}?{urlencode([*kept, ('lang', code)])}",
        }
        for code in LANGUAGES
    ]


def _title_of(datasette: Datasette) -> Callable[[], str]:
    def tell_title() -> str:
        return str(datasette.metadata("title") or "Rode Draad")

    return tell_title


def _link_filter(name: str, value: str) -> str:
    return link_to_search([(name, value)])
