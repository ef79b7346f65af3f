"""The commands `rodedraad schedule` and `rodedraad deploy`."""

from __future__ import annotations

import os
from typing import Annotated, Final

import typer

from flows.cli_messages import STOPPED, WRONG_USE, fail, messages, read_settings

PORT: Final = 4200


def schedule(
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of Prefect's server and its interface; 0 for any free one.")
    ] = PORT,
) -> None:
    """Ask the sources by their schedules, until it is stopped; Prefect's server is started unless there is one."""
    settings = read_settings()
    with messages():
        from flows.prefect_settings import prepare_schedule
        from flows.schedule import run_schedule

        prepare_schedule(settings.home)
        run_schedule(settings, port=port, report=typer.echo)
    typer.echo("Stopped")


def deploy(
    pool: Annotated[
        str | None, typer.Option(metavar="NAME", help="Work pool whose workers run them; without it `schedule` does.")
    ] = None,
) -> None:
    """Register the sources at the Prefect server of PREFECT_API_URL, with their schedules."""
    settings = read_settings()
    if not os.environ.get("PREFECT_API_URL"):
        fail(
            "PREFECT_API_URL: found nothing, against the address of your Prefect server, such as "
            "http://prefect.example:4200/api; set it, or let `rodedraad schedule` start one",
            WRONG_USE,
        )
    with messages():
        from flows.prefect_settings import prepare_prefect
        from flows.sources import load_sources

        sources = load_sources(settings.sources)
        prepare_prefect(settings.home)
        from prefect.deployments.runner import DeploymentApplyError

        from flows.deploying import deploy_sources

        try:
            names = deploy_sources(sources, pool=pool, settings=settings)
        except DeploymentApplyError as error:
            fail(f"Prefect at {os.environ['PREFECT_API_URL']}: {error}; correct the pool or the server", STOPPED)
    for name in names:
        typer.echo(name)
    runs = f"a worker of the pool does: prefect worker start --pool {pool}" if pool else "rodedraad schedule does"
    typer.echo(f"{len(names)} registered at {os.environ['PREFECT_API_URL']}; to run them, {runs}")
