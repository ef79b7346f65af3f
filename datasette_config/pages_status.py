"""The status page: how each source stands, by its own schedule, and what to do about what went wrong."""

from __future__ import annotations

import datetime
from typing import Any, Final

from datasette.app import Datasette
from datasette.utils.asgi import Response

from datasette_config.messages import Messages, messages_for
from datasette_config.registry import get_service
from datasette_config.service import SearchService
from warehouse.punctuality import split_age
from warehouse.source_status import SourcesStatus, SourceStatus, load_status

SHOWN_PROBLEMS: Final = 10


async def status_page(datasette: Datasette, request: Any) -> Response:
    """Show how the sources stand."""
    service, t = get_service(datasette), messages_for(request)
    status, now = await read_status(service), datetime.datetime.now(datetime.UTC)
    context: dict[str, Any] = {"status": status, "sources": []}
    if status is not None:
        context |= {
            "written_at": _tell_time(status.written_at, t),
            "sources": [_describe(source, now, t) for source in status.sources],
            "colour": status.find_colour(now),
            "run_at": _tell_time(status.last_run.started_at, t) if status.last_run else None,
        }
    html = await datasette.render_template("status.html", context, request=request, view_name="status")
    return Response.html(html, headers={"cache-control": "no-store"})


async def read_status(service: SearchService) -> SourcesStatus | None:
    """Return how the sources stood at the end of the last run, None before the first."""

    def read() -> SourcesStatus | None:
        return load_status(service.site.site_dir)

    return await service.run(read)


def _describe(source: SourceStatus, now: datetime.datetime, t: Messages) -> dict[str, Any]:
    punctuality = source.judge(now)
    return {
        "source": source,
        "colour": punctuality.colour,
        "reason": t(f"status.reason_{punctuality.reason}"),
        "success_at": _tell_time(source.last_success_at, t),
        "age": _tell_age(now - source.last_success_at, t) if source.last_success_at else None,
        "run_at": _tell_time(source.last_started_at, t),
        "next_at": _tell_time(punctuality.next_at, t),
        "problems": source.problems[:SHOWN_PROBLEMS],
    }


def _tell_time(moment: datetime.datetime | None, t: Messages) -> str | None:
    return t.time(moment.astimezone(datetime.UTC).isoformat()) if moment else None


def _tell_age(age: datetime.timedelta, t: Messages) -> str:
    count, unit = split_age(age)
    return t("status.minutes_ago", count=count // 60) if unit == "seconds" else t(f"status.{unit}_ago", count=count)
