"""The commands `rodedraad sources …`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_messages import messages, read_settings

if TYPE_CHECKING:
    from flows.settings import Settings
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
