"""The search API: a FastAPI application under `/api`, beside Datasette's pages and in the same process."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any, Final

from fastapi import FastAPI

from datasette_config.answers import HealthAnswer
from datasette_config.api_downloads import make_download_router
from datasette_config.api_problems import add_problem_handlers
from datasette_config.api_records import make_record_router
from datasette_config.api_search import make_search_router
from datasette_config.api_sources import make_source_router
from datasette_config.service import SearchService

_DESCRIPTION: Final = (
    "Search and look up findings, conclusions, recommendations and lessons from public reports. Every statement is a "
    "quotation with its report and page. Errors are problem documents (RFC 9457)."
)


def make_api(service: SearchService) -> FastAPI:
    """Return the application; its paths begin with ``/api``. `LimitedApi` goes around it."""
    api = FastAPI(
        title="Rode Draad",
        version=version("rodedraad"),
        description=_DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,  # FastAPI's page loads its scripts from the internet; ours is /api/docs in pages.py
        redoc_url=None,
    )
    add_problem_handlers(api)
    api.include_router(make_search_router(service))
    api.include_router(make_record_router(service))
    api.include_router(make_download_router(service))
    api.include_router(make_source_router(service))

    @api.get(
        "/api/health",
        response_model=HealthAnswer,
        summary="Health",
        response_description="The answer.",
        tags=["service"],
    )
    async def read_health() -> dict[str, Any]:
        """Return how the service is doing: which build is shown, and whether questions are searched by meaning."""
        health = service.health()
        return {
            "status": "degraded" if health.is_degraded else "ok",
            "build_id": health.build_id,
            "built_at": health.built_at,
            "counts": health.counts,
            "model_id": health.model_id,
            "encoder": {"model_id": health.encoder_model_id, "state": health.encoder_state},
            "messages": list(health.messages),
        }

    return api
