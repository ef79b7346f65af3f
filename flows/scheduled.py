"""The flow that Prefect runs by schedule: one source, with a summary to look at and a state that says how it went.

`rodedraad schedule` imports this too, and stays: what reads documents is imported when the flow runs.
"""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from prefect import flow, get_run_logger
from prefect.artifacts import create_table_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.errors import SourcesFailed
from flows.settings import Settings
from flows.sources import choose_sources, load_sources
from flows.status import format_age
from warehouse.source_status import SourcesStatus, load_status

if TYPE_CHECKING:
    from flows.ingestion import IngestSummary

FLOW_NAME: Final = "ingest source"
PATIENCE: Final = 6 * 3600.0
"""Seconds that a planned run waits for another one that writes."""

_SHOWN: Final = 20
"""Failed documents that the log of a run names."""


@flow(name=FLOW_NAME, flow_run_name="{source_id}", persist_result=False)
def ingest_source(source_id: str) -> State[Any]:
    """Ingest what is new or changed in a source, and publish.

    The run ends FAILED when the source was stopped or publication was blocked, so that Prefect's automations can tell
    somebody, and with a table of what it did as an artifact. A planned run that a later one has made up for already,
    because the machine was off or busy, does nothing. The file of sources is read anew each time.
    """
    from flows.ingest import ingest
    from flows.ingestion import IngestSummary

    logger = get_run_logger()
    settings = Settings()
    chosen = choose_sources(load_sources(settings.sources), [source_id])
    planned, attempt = flow_run.get_scheduled_start_time(), flow_run.get_run_count()
    if attempt <= 1 and is_made_up_for(source_id, planned, load_status(settings.site_dir)):
        return Completed(name="Skipped", message=f"The run planned for {planned:%Y-%m-%d %H:%M} UTC was made up for.")
    summary = IngestSummary()
    try:
        ingest.fn([], settings, summary, logger.info, logger.debug, True, chosen, PATIENCE)
    except SourcesFailed as error:
        logger.error("%s", error)
    finally:
        create_table_artifact(
            describe_run(summary), key=f"source-{source_id}", description=f"What the last run of {source_id} did."
        )
    failed = [outcome for outcome in summary.outcomes if outcome.status == "failed"]
    for outcome in failed[:_SHOWN]:
        logger.warning("%s", outcome.message)
    if summary.blocked:
        return Failed(message=f"Nothing was published; the last good site stays. {summary.blocked}")
    counts = f"{len(summary.outcomes)} documents, {summary.count('new')} new, {len(failed)} with problems"
    return Completed(message=counts)


def is_made_up_for(source_id: str, planned: datetime.datetime | None, status: SourcesStatus | None) -> bool:
    """Return whether a run of the source began after the time for which one was planned, and came to its end."""
    for source in status.sources if status and planned else ():
        if source.source_id == source_id:
            began = source.last_started_at
            return began is not None and planned is not None and began > planned and source.last_outcome != "running"
    return False


def describe_run(summary: IngestSummary) -> list[dict[str, Any]]:
    """Return what a run did, as the rows of a table."""
    listed = [source.listed_count for source in summary.sources if source.listed_count is not None]
    rows: dict[str, Any] = {
        "documents listed": sum(listed) if listed else "none",
        "documents seen": len(summary.outcomes),
        "new or changed": summary.count("new"),
        "unchanged": summary.count("unchanged"),
        "with problems": summary.count("failed"),
        "texts embedded": summary.embedded,
        "duration": format_age(datetime.timedelta(seconds=summary.seconds)),
        "publication": describe_publication(summary),
    }
    return [{"what": what, "how much": value} for what, value in rows.items()]


def describe_publication(summary: IngestSummary) -> str:
    """Return whether a run published, in words."""
    if summary.blocked:
        return f"blocked: {summary.blocked}"
    if summary.publication is None:
        return "not reached: the run broke off"
    return f"published {summary.publication.build_id}" if summary.publication.is_new else "nothing new to publish"
