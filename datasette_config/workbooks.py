"""Gives every table, view and query of Datasette as an Excel workbook: ``/kb/recommendations.xlsx``."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.exports import XLSX_TYPE, write_table

MOST_ROWS: Final = 100_000
"""Rows of a table in one workbook; the downloads have all of them."""
_OWN: Final = ("_next", "_size", "_shape", "_format", "_extra", "_labels")


async def render_workbook(
    datasette: Datasette, request: Any, columns: Sequence[str], rows: Sequence[Any], table: str | None, view_name: str
) -> Response:
    """Return the rows that the page shows, and for a table all that fit its filters, not just the first page."""
    is_cut = False
    if view_name == "table":
        shown, is_cut = await _read_table(datasette, request)
    else:
        shown = [list(row) for row in rows]
    about = {
        "From": str(request.full_path).replace(".xlsx", "", 1),
        "Rows": f"{len(shown)}" + (f" (the first {MOST_ROWS}; /api/downloads has all)" if is_cut else ""),
    }
    body = await asyncio.to_thread(write_table, list(columns), shown, about=about)
    name = re.sub(r"[^\w-]+", "-", table or "query", flags=re.ASCII)
    return Response(
        body, content_type=XLSX_TYPE, headers={"content-disposition": f'attachment; filename="{name}.xlsx"'}
    )


def can_render(view_name: str) -> bool:
    """Return whether a page has rows."""
    return view_name in ("table", "database", "query", "row")


async def _read_table(datasette: Datasette, request: Any) -> tuple[list[list[Any]], bool]:
    # Datasette pages through a table by its key, so the pages are asked for as a client would.
    path = request.path.removesuffix(".xlsx") + ".json"
    kept = [pair for pair in parse_qsl(request.query_string, keep_blank_values=True) if pair[0] not in _OWN]
    asked = [*kept, ("_size", "max"), ("_shape", "arrays"), ("_nocount", "1"), ("_nofacet", "1")]
    rows: list[list[Any]] = []
    following: list[tuple[str, str]] = []
    while True:
        page = (await datasette.client.get(f"{path}?{urlencode([*asked, *following])}")).json()
        rows += page["rows"]
        if len(rows) > MOST_ROWS or not page.get("next"):
            return rows[:MOST_ROWS], len(rows) > MOST_ROWS
        following = [("_next", str(page["next"]))]
