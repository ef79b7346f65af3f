"""Our own pages beside Datasette's: what the templates are given."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.registry import get_service
from datasette_config.service import SearchService
from datasette_config.site import DATABASE
from warehouse.search_lookup import count_reports_of_source, find_newest_reports, find_problems, find_statement
from warehouse.search_records import FILTERS, MODES, InvalidSearch, SearchRequest, SearchResults, UnknownRecord

EXAMPLES_SOURCE: Final = "examples"
"""The name of the source under which the invented reports of the repository are ingested."""

_PAGE_SIZE: Final = 20
_FACET_SIZE: Final = 8
_NEWEST: Final = 8
_SIMILAR: Final = 5
_LABELS: Final = {
    "kind": "Kind",
    "publisher": "Publisher",
    "year": "Year",
    "language": "Language",
    "addressee": "Addressed to",
    "case": "Case",
    "theme": "Theme",
    "report": "Report",
}
_MODES: Final = {"hybrid": "Words and meaning", "semantic": "Meaning", "lexical": "Words"}
_MATCHED_BY: Final = {
    "words": "by its words",
    "meaning": "by its meaning",
    "both": "by words and meaning",
    "filters": "by the filters",
}
_LANGUAGES: Final = {"nl": "Dutch", "en": "English", "de": "German", "fr": "French", "und": "unknown"}

Pair = tuple[str, str]


async def search_page(datasette: Datasette, request: Any) -> Response:
    """Show the answer to the question in the address, with filters as links; works without scripts."""
    service = get_service(datasette)
    asked: list[Pair] = [(name, value) for name in FILTERS for value in request.args.getlist(name) if value.strip()]
    query, mode = request.args.get("q") or "", request.args.get("mode") or "hybrid"
    context: dict[str, Any] = {"query": query, "mode": mode, "filters": asked, "found": None, "error": None}
    status = 200
    if query.strip() or asked:
        try:
            wanted = _make_request(query, mode, asked, request.args.get("offset") or "0")
        except InvalidSearch as error:
            context["error"], status = str(error), 400
        else:
            found = await service.search(wanted, facet_limit=_FACET_SIZE)
            context |= _describe_answer(found, asked, wanted)
    context["modes"] = [(name, _MODES[name], name == mode) for name in MODES]
    context["health"] = service.health()
    html = await datasette.render_template("search.html", context, request=request, view_name="search")
    return Response.html(html, status=status)


async def docs_page(datasette: Datasette, request: Any) -> Response:
    """Show the description of the API, made from its OpenAPI document; needs nothing from the internet."""
    service = get_service(datasette)
    document = service.api.openapi() if service.api else {}
    schemas = document.get("components", {}).get("schemas", {})
    context = {
        "document": document,
        "operations": list(_describe_operations(document)),
        "schemas": {name: _describe_schema(schema) for name, schema in schemas.items() if _is_ours(name)},
        "host": request.host,
        "scheme": request.scheme,
    }
    return Response.html(await datasette.render_template("api_docs.html", context, request=request, view_name="docs"))


async def describe_home(service: SearchService) -> dict[str, Any]:
    """Return what the home page shows: how much there is, how fresh, what is new, and what went wrong."""
    index, health = service.build.index, service.health()

    def read() -> dict[str, Any]:
        connection = index.connections.get()
        return {
            "newest": find_newest_reports(connection, limit=_NEWEST),
            "problems": find_problems(connection, limit=5),
            "invented_count": count_reports_of_source(connection, EXAMPLES_SOURCE),
        }

    kinds = index.columns.coded("kind")
    counts = [(name, int((kinds.codes == code).sum())) for code, name in enumerate(kinds.values)]
    return {
        "home": {
            **await service.run(read),
            "counts": health.counts,
            "kinds": sorted(counts, key=_by_count),
            "publisher_count": len(index.columns.coded("publisher").values),
            "languages": [_LANGUAGES.get(code, code) for code in index.languages],
            "years": _span(int(year) for year in index.columns.years if year),
            "built_at": _show_time(health.built_at),
            "health": health,
        }
    }


async def describe_row(service: SearchService, request: Any) -> dict[str, Any]:
    """Return what the page of a statement shows beside its columns; nothing for the rows of other tables."""
    place = request.url_vars
    if place.get("database") != DATABASE or place.get("table") != "statements":
        return {}
    index = service.build.index

    def read() -> dict[str, Any]:
        try:
            statement = find_statement(index.connections.get(), place["pks"])
            similar = index.similar(place["pks"], limit=_SIMILAR)
        except UnknownRecord:
            return {}
        return {"statement": statement, "similar": similar.results}

    return await service.run(read)


def _make_request(query: str, mode: str, filters: Sequence[Pair], offset: str) -> SearchRequest:
    held = {name: tuple(value for given, value in filters if given == name) for name in FILTERS}
    if mode not in MODES:
        raise InvalidSearch(f"mode: found {mode[:40]!r}; expected one of {', '.join(MODES)}", field="mode")
    # Only digits of the first pages: what is not a number is the first page.
    start = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0
    return SearchRequest(
        query,
        mode=mode,
        kind=held["kind"],
        publisher=held["publisher"],
        year=held["year"],
        language=held["language"],
        addressee=held["addressee"],
        case=held["case"],
        theme=held["theme"],
        report=held["report"],
        limit=_PAGE_SIZE,
        offset=start,
    )


def _describe_answer(found: SearchResults, asked: Sequence[Pair], wanted: SearchRequest) -> dict[str, Any]:
    kept = [("q", found.query), ("mode", wanted.mode)]

    def link(filters: Iterable[Pair], offset: int = 0) -> str:
        return "/search?" + urlencode([*kept, *filters, *([("offset", str(offset))] if offset else [])])

    facets = []
    for name, counted in found.facets.items():
        values = [
            {
                "value": facet.value,
                "label": _LANGUAGES.get(facet.value, facet.label) if name == "language" else facet.label,
                "count": facet.count,
                "url": link([*asked, (name, facet.value)]),
            }
            for facet in counted
            if not facet.is_chosen
        ]
        if len(values) + sum(given == name for given, _ in asked) > 1:
            facets.append({"label": _LABELS[name], "values": values})
    last = found.offset + len(found.results)
    return {
        "found": found,
        "is_by_words_only": found.mode != wanted.mode,
        "matched_by": _MATCHED_BY,
        "languages": _LANGUAGES,
        "facets": facets,
        "chosen": [
            {
                "label": f"{_LABELS[name]}: {_LANGUAGES.get(value, value) if name == 'language' else value}",
                "url": link([pair for pair in asked if pair != (name, value)]),
            }
            for name, value in asked
        ],
        "first": found.offset + 1,
        "last": last,
        "previous_url": link(asked, max(0, found.offset - _PAGE_SIZE)) if found.offset else None,
        "next_url": link(asked, last) if found.results and last < found.total else None,
        "json_url": "/api" + link(asked),
    }


def _describe_operations(document: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            yield {
                "method": method.upper(),
                "path": path,
                "summary": operation.get("summary", ""),
                "description": operation.get("description", ""),
                "parameters": [_describe_parameter(parameter) for parameter in operation.get("parameters", [])],
                "body": _name_type(body) if body else None,
                "answers": [
                    {
                        "status": status,
                        "description": answer.get("description", ""),
                        "types": [_name_type(kind.get("schema", {})) for kind in answer.get("content", {}).values()],
                    }
                    for status, answer in operation.get("responses", {}).items()
                ],
            }


def _describe_parameter(parameter: Mapping[str, Any]) -> dict[str, Any]:
    schema = parameter.get("schema", {})
    return {
        "name": parameter["name"],
        "is_required": parameter.get("required", False),
        "place": parameter["in"],
        "type": _name_type(schema),
        "choices": schema.get("enum", []),
        "default": schema.get("default"),
        "least": schema.get("minimum"),
        "most": schema.get("maximum"),
        "description": parameter.get("description") or schema.get("description", ""),
        "example": next(iter(schema.get("examples", [])), ""),
    }


def _describe_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    fields = [
        {"name": name, "type": _name_type(field), "description": field.get("description", "")}
        for name, field in schema.get("properties", {}).items()
    ]
    return {"description": schema.get("description", ""), "fields": fields}


def _name_type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"]).rsplit("/", 1)[-1]
    if "anyOf" in schema:
        return " or ".join(_name_type(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_name_type(schema.get('items', {}))}"
    return str(schema.get("type", "any"))


def _is_ours(name: str) -> bool:
    return name not in ("HTTPValidationError", "ValidationError")


def _show_time(clock: str) -> str:
    try:
        time = datetime.datetime.fromisoformat(clock)
    except ValueError:
        return clock
    return f"{time.day} {time:%B %Y, %H:%M} UTC"


def _span(years: Iterable[int]) -> str:
    held = sorted(set(years))
    if not held:
        return ""
    return str(held[0]) if len(held) == 1 else f"{held[0]}–{held[-1]}"


def _by_count(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]
