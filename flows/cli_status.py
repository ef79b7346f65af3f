"""What `rodedraad status` prints."""

from __future__ import annotations

from typing import Final

import typer

from flows.clock import now
from flows.settings import Settings
from flows.status import describe_state
from warehouse.errors import WarehouseLocked
from warehouse.source_status import SourcesStatus, load_status, read_sources
from warehouse.store import Warehouse

_COLOURS: Final = {"green": typer.colors.GREEN, "amber": typer.colors.YELLOW, "red": typer.colors.RED, "grey": None}
_TABLES: Final = ("reports", "documents", "statements", "review", "embeddings", "problems")


def print_status(settings: Settings) -> bool:
    """Print what the warehouse holds, the last run, the sources and the problems; return whether a source is red.

    While a run holds the warehouse, how the sources stood at the end of the run before is printed. Raises
    `WarehouseLocked` when that is not known, and `WarehouseMissing` before the first run.
    """
    try:
        with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
            state = warehouse.status()
            sources = read_sources(warehouse, now=now())
    except WarehouseLocked as error:
        kept = load_status(settings.site_dir)
        if kept is None:
            raise
        typer.echo(f"{error}; as of {kept.written_at:%Y-%m-%d %H:%M} UTC:")
        return print_sources(kept)
    kept = load_status(settings.site_dir)
    for table in _TABLES:
        typer.echo(f"{table:<12} {state.counts.get(table, 0)}")
    if state.last_build:
        typer.echo(f"last run     {state.last_build.started_at:%Y-%m-%d %H:%M} {state.last_build.outcome}")
        if state.last_build.outcome == "failed" and state.last_build.note:
            typer.echo(f"blocked      {state.last_build.note}; the last good site stays (rodedraad publish --force)")
    is_red = print_sources(sources.dropping(kept))
    for problem in state.problems:
        typer.echo(f"problem      {problem.message}. {problem.what_to_do}")
    return is_red


def print_sources(status: SourcesStatus) -> bool:
    """Print how each source stands, the colour in words too; return whether one is red."""
    at = now()
    for source in status.sources:
        punctuality = source.judge(at)
        first, *rest = describe_state(source, punctuality, at=at)
        colour = typer.style(f"{punctuality.colour.upper():<6}", fg=_COLOURS[punctuality.colour])
        typer.echo(f"{colour} {source.source_id:<28} {first}")
        for line in rest:
            typer.echo(f"       {'':<28} {line}")
    return status.find_colour(at) == "red"
