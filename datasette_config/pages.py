"""The search page: the answer to the question in the address, with filters as links; works without scripts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.messages import Messages, messages_for
from datasette_config.registry import get_service
from warehouse.search_records import FILTERS, MODES, SORTS, FacetValue, InvalidSearch, Row, SearchRequest, SearchResults

_PAGE_SIZE: Final = 20
_FACET_SIZE: Final = 8
_PASSAGES: Final = 5
_NAMED: Final = ("kind", "language")
"""The filters whose values are codes with a name in the catalogues."""

Pair = tuple[str, str]


async def search_page(datasette: Datasette, request: Any) -> Response:
    """Show the answer to the question in the address."""
    service, t = get_service(datasette), messages_for(request)
    asked = _read_filters(request)
    query, mode, sort = (request.args.get(name) or "" for name in ("q", "mode", "sort"))
    mode, sort = mode or MODES[0], sort or SORTS[0]
    context: dict[str, Any] = {"query": query, "mode": mode, "filters": asked, "found": None, "error": None}
    status = 200
    if query.strip() or asked:
        try:
            wanted = _make_request(query, mode, sort, asked, request.args.get("offset") or "0")
        except InvalidSearch as error:
            context["error"], status = str(error), 400
        else:
            # What the reports discuss besides comes under the first results.
            passages = _PASSAGES if wanted.offset == 0 else 0
            found = await service.search(wanted, facet_limit=_FACET_SIZE, passage_limit=passages)
            context |= _describe_answer(found, asked, wanted, t, service.build.themes)
    context["modes"] = [(name, name == mode) for name in MODES]
    context["sorts"] = [(name, name == sort) for name in SORTS]
    context["health"] = service.health()
    html = await datasette.render_template("search.html", context, request=request, view_name="search")
    return Response.html(html, status=status)


def link_to_search(filters: Iterable[Pair], *, query: str = "", mode: str = "", sort: str = "", offset: int = 0) -> str:
    """Return the address of a search; what is as usual is left out of it."""
    pairs = [("q", query), ("mode", "" if mode == MODES[0] else mode), ("sort", "" if sort == SORTS[0] else sort)]
    kept = [*pairs, *filters, ("offset", str(offset or ""))]
    return "/search?" + urlencode([(name, value) for name, value in kept if value])


def _read_filters(request: Any) -> list[Pair]:
    asked = [(name, value) for name in FILTERS for value in request.args.getlist(name) if value.strip()]
    first, last = ((request.args.get(name) or "").strip()[:4] for name in ("from", "to"))
    # The two fields of the form are one range of years; links hold the range.
    return [*asked, ("year", f"{first}-{last}")] if first or last else asked


def _make_request(query: str, mode: str, sort: str, filters: Sequence[Pair], offset: str) -> SearchRequest:
    held: dict[str, Any] = {name: tuple(value for given, value in filters if given == name) for name in FILTERS}
    for name, value, known in (("mode", mode, MODES), ("sort", sort, SORTS)):
        if value not in known:
            raise InvalidSearch(f"{name}: found {value[:40]!r}; expected one of {', '.join(known)}", field=name)
    # Only digits of the first pages: what is not a number is the first page.
    start = int(offset) if offset.isascii() and offset.isdigit() and len(offset) < 7 else 0
    return SearchRequest(
        query,
        mode=mode,  # type: ignore[arg-type]  # compared with the known ones above
        sort=sort,  # type: ignore[arg-type]
        limit=_PAGE_SIZE,
        offset=start,
        **held,
    )


def _describe_answer(
    found: SearchResults, asked: Sequence[Pair], wanted: SearchRequest, t: Messages, themes: Mapping[str, Row]
) -> dict[str, Any]:
    def link(filters: Iterable[Pair], offset: int = 0) -> str:
        return link_to_search(filters, query=wanted.query, mode=wanted.mode, sort=wanted.sort, offset=offset)

    labels = {
        (name, facet.value): _label(name, facet, t, themes) for name, facets in found.facets.items() for facet in facets
    }
    facets = []
    for name, counted in found.facets.items():
        values = [
            {
                "label": labels[name, facet.value],
                "count": facet.count,
                "is_chosen": (name, facet.value) in asked,
                "url": link(
                    [pair for pair in asked if pair != (name, facet.value)]
                    if (name, facet.value) in asked
                    else [*asked, (name, facet.value)]
                ),
            }
            for facet in counted
        ]
        if len(values) > 1 or any(value["is_chosen"] for value in values):
            facets.append({"name": name, "values": values})
    last = found.offset + len(found.results)
    return {
        "found": found,
        "is_by_words_only": found.mode != wanted.mode,
        "facets": facets,
        "chosen": [
            {
                "label": f"{t(f'filter.{name}')}: {labels.get((name, value), value)}",
                "url": link([pair for pair in asked if pair != (name, value)]),
            }
            for name, value in asked
        ],
        "kept": [
            *[(name, value) for name, value in (("q", wanted.query), ("mode", wanted.mode), ("sort", wanted.sort))],
            *[(name, value) for name, value in asked if name != "year"],
        ],
        "last": last,
        "previous_url": link(asked, max(0, found.offset - _PAGE_SIZE)) if found.offset else None,
        "next_url": link(asked, last) if found.results and last < found.total else None,
        "exports": [
            {"label": label, "url": link(asked).replace("/search", path, 1)}
            for label, path in (
                ("CSV", "/api/search.csv"),
                ("XLSX", "/api/search.xlsx"),
                ("JSON", "/api/search"),
                (t("search.feed"), "/api/feed"),
            )
        ],
        "feed_url": link(asked).replace("/search", "/api/feed", 1),
    }


def _label(name: str, facet: FacetValue, t: Messages, themes: Mapping[str, Row]) -> str:
    if name == "theme" and facet.value in themes:
        return t.of(themes[facet.value], "name")
    return t.name(name, facet.value) if name in _NAMED else facet.label
