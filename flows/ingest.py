"""The Prefect flow `ingest`: discover, a task per document, embed, assign themes, publish. Tasks wrap functions."""

from __future__ import annotations

import time

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from extractors.errors import InvalidLexicon
from flows.discovery import DocumentSource
from flows.ingestion import (
    DocumentOutcome,
    IngestSummary,
    Progress,
    embed_statements,
    ingest_document,
    now,
    publish,
    record_crash,
)
from flows.settings import Settings
from flows.theming import assign_themes
from warehouse.errors import InvalidThemes, WarehouseLocked, WarehouseMismatch, WarehouseUnwritable
from warehouse.store import Warehouse

_STOPS_THE_RUN = (WarehouseLocked, WarehouseMismatch, WarehouseUnwritable, InvalidLexicon, InvalidThemes, MemoryError)


@task(name="ingest document", task_run_name="{source.name}", cache_policy=NO_CACHE, persist_result=False)
def ingest_document_task(source: DocumentSource, warehouse: Warehouse, settings: Settings) -> DocumentOutcome:
    """Wrap `ingest_document`, and turn a failure that nobody foresaw into a row in `problems`."""
    try:
        return ingest_document(source, warehouse=warehouse, settings=settings)
    except _STOPS_THE_RUN:
        raise
    except Exception as error:  # noqa: BLE001 - a bug met on one document must not lose the others; it is recorded
        return record_crash(source, error, warehouse=warehouse)


@task(name="embed", cache_policy=NO_CACHE, persist_result=False)
def embed_task(warehouse: Warehouse, settings: Settings, report: Progress) -> int:
    """Wrap `embed_statements`."""
    return embed_statements(warehouse, settings=settings, report=report)


@task(name="assign themes", cache_policy=NO_CACHE, persist_result=False)
def assign_themes_task(warehouse: Warehouse, settings: Settings, report: Progress) -> object:
    """Wrap `assign_themes`."""
    return assign_themes(warehouse, settings=settings, report=report)


@task(name="publish", cache_policy=NO_CACHE, persist_result=False)
def publish_task(warehouse: Warehouse, settings: Settings) -> object:
    """Wrap `publish`."""
    return publish(warehouse, settings=settings)


@flow(name="ingest", validate_parameters=False, persist_result=False)
def ingest(
    sources: list[DocumentSource],
    settings: Settings,
    summary: IngestSummary,
    report: Progress,
    advance: Progress,
    with_publication: bool = True,
) -> None:
    """Ingest `sources` into the warehouse and publish; `summary` is filled as the run goes on.

    `report` is told what takes long, `advance` the name of each document that is done. Raises what stops a run.
    """
    started = time.perf_counter()
    settings.home.mkdir(parents=True, exist_ok=True)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        build_id = warehouse.start_build(started_at=now())
        warehouse.refresh_shipped_quality()
        outcome = "failed"
        try:
            for source in sources:
                summary.outcomes.append(ingest_document_task(source, warehouse, settings))
                advance(source.name)
            summary.embedded = embed_task(warehouse, settings, report)
            assign_themes_task(warehouse, settings, report)
            if with_publication:
                report("Publishing the knowledge base")
                summary.publication = publish_task(warehouse, settings)  # type: ignore[assignment]
            summary.kinds.update(dict(warehouse.query("SELECT kind, count(*) FROM statements GROUP BY kind")))
            outcome = "succeeded"
        finally:
            warehouse.finish_build(
                build_id,
                finished_at=now(),
                outcome="succeeded" if outcome == "succeeded" else "failed",
                document_count=len(summary.outcomes),
                new_document_count=summary.count("new"),
                problem_count=summary.count("failed"),
            )
            summary.seconds = time.perf_counter() - started
