"""How the sources stand, as JSON: the status page for programs that watch."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

from fastapi import APIRouter

from datasette_config.answers_sources import SourcesAnswer
from datasette_config.api_problems import LIMITED
from datasette_config.pages_status import read_status
from datasette_config.service import SearchService
from warehouse.source_status import SourceStatus


def make_source_router(service: SearchService) -> APIRouter:
    """Return the path of the sources."""
    router = APIRouter(prefix="/api", tags=["service"], responses=LIMITED)

    @router.get("/sources", response_model=SourcesAnswer, summary="Sources", response_description="The answer.")
    async def read_sources() -> dict[str, Any]:
        """Return how each source stands by its own schedule: green, amber, red or grey, and its open problems."""
        status, now = await read_status(service), datetime.datetime.now(datetime.UTC)
        return {
            "asked_at": now,
            "written_at": status.written_at if status else None,
            "colour": status.find_colour(now) if status else "grey",
            "last_run": dataclasses.asdict(status.last_run) if status and status.last_run else None,
            "sources": [_describe(source, now) for source in status.sources] if status else [],
        }

    return router


def _describe(source: SourceStatus, now: datetime.datetime) -> dict[str, Any]:
    age = now - source.last_success_at if source.last_success_at else None
    punctuality = source.judge(now)
    return {
        **dataclasses.asdict(source),
        "colour": punctuality.colour,
        "why": punctuality.reason,
        "success_age_seconds": int(age.total_seconds()) if age else None,
        "missed_at": punctuality.missed,
        "next_at": punctuality.next_at,
    }
