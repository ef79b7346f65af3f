"""Deployments: how Prefect knows of the sources, when to run them, and that two runs of one never overlap."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron, Schedule
from prefect.types.entrypoint import EntrypointType

from flows.errors import InvalidSources
from flows.scheduled import ingest_source
from flows.settings import Settings
from flows.sources import Source

TAG: Final = "rodedraad"


def make_deployment(source: Source, *, pool: str | None = None, settings: Settings | None = None) -> RunnerDeployment:
    """Return the deployment of a source; one without a schedule is run from Prefect's interface only.

    A run that is due while the one before still goes on is left out: the one that goes on sees the same documents.
    With a `pool`, its workers get those of `settings` that the operator has set, with whole paths. Raises
    `InvalidSources` for a schedule that Prefect does not take.
    """
    given: dict[str, Any] = {}
    if pool is not None:
        given = {"work_pool_name": pool, "job_variables": {"env": list_environment(settings) if settings else {}}}
    return RunnerDeployment.from_flow(
        ingest_source,
        name=source.source_id,
        schedules=[_make_schedule(source)] if source.schedule else [],
        parameters={"source_id": source.source_id},
        description=f"{source.publisher}: {source.adapter_name}, at least {source.expect_at_least} documents.",
        tags=[TAG],
        concurrency_limit=ConcurrencyLimitConfig(limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW),
        entrypoint_type=EntrypointType.MODULE_PATH,
        **given,
    )


def deploy_sources(sources: Iterable[Source], *, pool: str | None, settings: Settings) -> list[str]:
    """Register sources at the Prefect server of the operator, and return the full names of their deployments.

    Raises:
        InvalidSources: for a schedule that Prefect does not take.
        DeploymentApplyError: of Prefect, when the server refuses, as for a pool that is not there.
    """
    deployments = [make_deployment(source, pool=pool, settings=settings) for source in sources]
    for deployment in deployments:
        deployment.apply()
    return [deployment.full_name for deployment in deployments]


def list_environment(settings: Settings) -> dict[str, str]:
    """Return the settings that the operator has set as environment variables; paths are whole."""
    chosen = {name: getattr(settings, name) for name in type(settings).model_fields}
    always = {"home", "sources"}
    return {
        f"RODEDRAAD_{name.upper()}": str(value.expanduser().resolve() if isinstance(value, Path) else value)
        for name, value in chosen.items()
        if value is not None and (name in settings.model_fields_set or name in always)
    }


def _make_schedule(source: Source) -> Schedule:
    try:
        return Cron(str(source.schedule), timezone=source.time_zone)
    except ValueError as error:
        raise InvalidSources(
            f"source {source.source_id}: schedule = {source.schedule!r}: found one that Prefect does not take "
            f"({error}), against five fields such as 0 5 * * *; correct it"
        ) from error
