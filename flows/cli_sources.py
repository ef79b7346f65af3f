"""The commands `rodedraad sources …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_messages import STOPPED, messages, read_settings

if TYPE_CHECKING:
    from flows.settings import Settings
    from flows.source_check import Verdict
    from flows.sources import Source
    from warehouse.source_entries import SourceState

app = typer.Typer(help="Look at the named sources.", no_args_is_help=True, rich_markup_mode=None)


@app.command("list")
def list_sources(
    presets: Annotated[bool, typer.Option("--presets", help="The sources that the program brings along.")] = False,
) -> None:
    """List the sources, when they are asked, and how their last run went."""
    settings = read_settings()
    with messages():
        from flows.sources import load_presets, load_sources

        sources = load_presets() if presets else load_sources(settings.sources)
        states = {} if presets else _read_states(settings)
    for source in sources:
        _print_source(source, states.get(source.source_id))


@app.command("check")
def check_sources(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="ID…", help="The sources; all if none is named.")
    ] = None,
    presets: Annotated[bool, typer.Option("--presets", help="The sources that the program brings along.")] = False,
) -> None:
    """Check that sources can be reached, may be, list what they should, and that their first document can be read."""
    settings = read_settings()
    with messages():
        from flows.source_check import check_source
        from flows.sources import ALL, choose_sources, load_presets, load_sources

        known = load_presets() if presets else load_sources(settings.sources)
        chosen = choose_sources(known, sources or [ALL])
        if not settings.contact:
            typer.echo("RODEDRAAD_CONTACT is empty, so that publishers cannot reach you; set it.", err=True)
        failed = []
        for source in chosen:
            verdict = check_source(source, settings=settings)
            _print_verdict(verdict)
            if not verdict.holds:
                failed.append(source.source_id)
    typer.echo(f"{len(chosen) - len(failed)} of {len(chosen)} sources are as described")
    if failed:
        raise typer.Exit(STOPPED)


def _print_verdict(verdict: Verdict) -> None:
    typer.echo(f"{verdict.source_id}: {'OK' if verdict.holds else 'FAILED'}")
    for step in verdict.steps:
        typer.echo(f"  {'ok ' if step.holds else 'NOT'} {step.name:<10} {step.finding}")
        if step.what_to_do:
            typer.echo(f"                 {step.what_to_do}")


def _read_states(settings: Settings) -> dict[str, SourceState]:
    from warehouse.errors import WarehouseMissing
    from warehouse.store import Warehouse

    try:
        with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
            return {state.description.source_id: state for state in warehouse.sources.states()}
    except WarehouseMissing:
        return {}  # nothing was ingested yet


def _print_source(source: Source, state: SourceState | None) -> None:
    typer.echo(f"{source.source_id:<28} {source.adapter_name:<8} {source.schedule or 'by hand':<14} {source.publisher}")
    if source.verified:
        typer.echo(f"  verified: {source.verified}")
    if state is None or state.last_run is None or state.last_started_at is None:
        return
    run = state.last_run
    typer.echo(
        f"  last run {state.last_started_at:%Y-%m-%d %H:%M} {run.outcome}: {run.listed_count or 0} listed (at least "
        f"{source.expect_at_least} expected), {run.new_count or 0} new, {run.failed_count or 0} with problems"
    )
    if run.message:
        typer.echo(f"  {run.message}")
