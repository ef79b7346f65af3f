"""Search from the command line: the same search over the same published site as the API."""

from __future__ import annotations

from typing import Any

from flows.errors import NothingToRead
from flows.settings import Settings


def search_site(
    query: str,
    *,
    settings: Settings,
    mode: str = "hybrid",
    kind: tuple[str, ...] = (),
    publisher: tuple[str, ...] = (),
    year: tuple[str, ...] = (),
    language: tuple[str, ...] = (),
    addressee: tuple[str, ...] = (),
    limit: int = 10,
) -> dict[str, Any]:
    """Return ``query``, ``total`` and ``results`` in the form of the API.

    Raises:
        NothingToRead: when nothing has been published yet.
        InvalidSearch: for a query or mode that cannot be searched.
        ModelUnavailable: when the question cannot be encoded.
    """
    from datasette_config.answers import make_search_answer
    from models.joined import load_query_encoder
    from warehouse.publication import read_current
    from warehouse.search import SearchIndex
    from warehouse.search_records import SearchRequest

    current = read_current(settings.site_dir)
    if current is None:
        raise NothingToRead(f"{settings.site_dir}: found no published knowledge base; run rodedraad ingest first")
    index = SearchIndex.open(current[0])
    request = SearchRequest(
        query=query,
        mode=mode,  # type: ignore[arg-type]  # checked by the request itself
        kind=kind,
        publisher=publisher,
        year=year,
        language=language,
        addressee=addressee,
        limit=limit,
        offset=0,
    )
    vector = None
    if request.mode != "lexical" and request.question:
        embedder = load_query_encoder(
            settings.model,
            settings.second_model,
            cache_dir=settings.cache_dir,
            precision=settings.model_precision,
            allow_hub=settings.allow_hub,
        )
        if embedder.model_id == index.model_id:
            vector = embedder.encode_queries([request.question])[0]
    # Facets are not asked for here, so no theme is named.
    return make_search_answer(index.search(request, query_vector=vector), themes={})
