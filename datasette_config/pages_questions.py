"""The ready-made questions, each with its sentence and fields to fill in; Datasette answers them."""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any, Final

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.messages import KINDS, STANCES, Messages, messages_for
from datasette_config.registry import get_service
from warehouse.datasette_metadata import load_queries
from warehouse.search_records import Row

_CODES: Final = {"kind": KINDS, "stance": STANCES}


async def questions_page(datasette: Datasette, request: Any) -> Response:
    """Show the questions in the reader's language."""
    t = messages_for(request)
    questions = [
        {
            "name": name,
            "title": query.get(f"title_{t.language}", query["title"]),
            "description": query.get(f"description_{t.language}", query["description"]),
            "parameters": list(query["example"]),
        }
        for name, query in load_queries().items()
    ]
    context = {"questions": questions, "choices": _list_choices(get_service(datasette).build.themes, t)}
    html = await datasette.render_template("questions.html", context, request=request, view_name="questions")
    return Response.html(html)


def _list_choices(themes: Mapping[str, Row], t: Messages) -> dict[str, list[tuple[str, str]]]:
    """Return the values that can be chosen for a parameter, each with its name; other parameters are typed."""
    choices = {name: [(code, t.name(name, code)) for code in codes] for name, codes in _CODES.items()}
    named = [(theme_id, t.of(theme, "name")) for theme_id, theme in themes.items()]
    return {**choices, "theme": sorted(named, key=itemgetter(1))}
