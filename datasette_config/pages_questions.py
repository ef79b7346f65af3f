"""The ready-made questions, each with its sentence and fields to fill in; Datasette answers them."""

from __future__ import annotations

from typing import Any, Final

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.messages import messages_for
from datasette_config.pages_records import KINDS
from warehouse.datasette_metadata import load_queries

_CHOICES: Final = {"kind": KINDS, "stance": ("accepted", "partly", "rejected", "noted", "unclear")}
"""What can be chosen for a parameter; others are typed."""


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
    context = {"questions": questions, "choices": _CHOICES}
    html = await datasette.render_template("questions.html", context, request=request, view_name="questions")
    return Response.html(html)
