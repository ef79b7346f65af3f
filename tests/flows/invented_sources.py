"""Sources that tests make up, and runs of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flows.adapter import SourceAdapter, find_adapters
from flows.fetch_journal import open_fetcher
from flows.ingestion import SourceSummary
from flows.settings import Settings
from flows.source_ingestion import Intake, ingest_source, make_intake
from flows.sources import Source
from flows.workers import Workers
from warehouse.store import Warehouse


def make_settings(home: Path, **changes: Any) -> Settings:
    """Settings for servers on loopback, without delays."""
    chosen = {"allow_private_addresses": True, "fetch_delay": 0, "fetch_backoff": 0, "fetch_timeout": 20, **changes}
    home.mkdir(exist_ok=True)
    return Settings(home=home, model="hashing", _env_file=None, **chosen)  # type: ignore[call-arg]


def make_adapter(name: str, **settings: Any) -> SourceAdapter:
    """An adapter by its name in the file of sources."""
    return find_adapters()[name].model_validate(settings)


def make_source(adapter: str, *, folder: Path = Path(), changes: dict[str, Any] | None = None, **given: Any) -> Source:
    """A source with an adapter and its settings; `changes` are settings of the source itself."""
    values = {"source_id": "bron", "publisher": "Verzonnen", "language": "nl", "expect_at_least": 1, **(changes or {})}
    return Source(adapter_name=adapter, adapter=make_adapter(adapter, **given), folder=folder, **values)


def run_source(
    source: Source, settings: Settings, *, change_intake: Callable[[Intake], Intake] | None = None
) -> SourceSummary:
    """Ingest a source once, as the flow does; without worker processes, unless `settings` say how many."""
    with (
        Warehouse.open(settings.warehouse_path) as warehouse,
        open_fetcher(settings, warehouse) as fetcher,
        Workers(settings, settings.workers or 0) as workers,
    ):
        intake = make_intake(warehouse, settings, workers)
        return ingest_source(
            source,
            warehouse=warehouse,
            settings=settings,
            fetcher=fetcher,
            intake=change_intake(intake) if change_intake else intake,
            advance=lambda name: None,
        )


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    """Ask the warehouse."""
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        return warehouse.query(query)


def make_report(number: int | str) -> bytes:
    """A small invented report in Markdown with one recommendation."""
    return f"# Verzonnen rapport {number}\n\n## Aanbevelingen\n\n1. Houd pont {number} in de vaart.\n".encode()
