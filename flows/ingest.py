"""The Prefect flow `ingest`: discover, a task per document, embed, assign themes, publish. Tasks wrap functions."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from prefect import flow, task
from prefect.cache_policies import NO_CACHE

from flows.clock import now
from flows.discovery import DocumentSource
from flows.errors import STOPS_THE_RUN, SourcesFailed
from flows.fetch_journal import open_fetcher
from flows.fetching import Fetcher
from flows.ingestion import (
    Begun,
    DocumentOutcome,
    IngestSummary,
    Progress,
    SourceSummary,
    begin_document,
    embed_statements,
    finish_document,
    publish,
    record_crash,
    why_blocked,
)
from flows.settings import Settings
from flows.source_ingestion import ingest_source, make_intake
from flows.sources import Source
from flows.status import save_sources_status
from flows.theming import assign_themes
from flows.waiting import open_when_free
from flows.workers import Workers, choose_worker_count
from warehouse.store import Warehouse


@task(name="ingest document", task_run_name="{source.name}", cache_policy=NO_CACHE, persist_result=False)
def ingest_document_task(
    source: DocumentSource, begun: Begun, warehouse: Warehouse, settings: Settings
) -> DocumentOutcome:
    """Wrap `finish_document`, and turn a failure that nobody foresaw into a row in `problems`."""
    try:
        return finish_document(source, begun, warehouse=warehouse, settings=settings)
    except STOPS_THE_RUN:
        raise
    except Exception as error:  # noqa: BLE001 - a bug met on one document must not lose the others; it is recorded
        return record_crash(source, error, warehouse=warehouse)


def ingest_documents(
    sources: Iterable[DocumentSource], *, warehouse: Warehouse, settings: Settings, fetcher: Fetcher, workers: Workers
) -> Iterator[tuple[DocumentSource, DocumentOutcome]]:
    """Ingest documents and yield what became of each, in the order given: one task each, which saves it.

    While one is saved the workers read the next ones, so many that none of them waits.
    """
    begun: deque[tuple[DocumentSource, Begun]] = deque()
    for source in sources:
        begun.append((source, begin_document(source, warehouse, settings, fetcher, workers)))
        if len(begun) > 2 * workers.count:
            source, first = begun.popleft()
            yield source, ingest_document_task(source, first, warehouse, settings)
    for source, rest in begun:
        yield source, ingest_document_task(source, rest, warehouse, settings)


@task(name="ingest source", task_run_name="{source.source_id}", cache_policy=NO_CACHE, persist_result=False)
def ingest_source_task(
    source: Source, warehouse: Warehouse, settings: Settings, fetcher: Fetcher, workers: Workers, advance: Progress
) -> SourceSummary:
    """Wrap `ingest_source`; each document that is read is a task of its own, which saves it."""

    def finish(document: DocumentSource, begun: Begun) -> DocumentOutcome:
        return ingest_document_task(document, begun, warehouse, settings)

    intake = replace(make_intake(warehouse, settings, workers), finish=finish)
    return ingest_source(
        source, warehouse=warehouse, settings=settings, fetcher=fetcher, intake=intake, advance=advance
    )


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
    named_sources: Sequence[Source] = (),
    patience: float = 0.0,
) -> None:
    """Ingest documents and named sources into the warehouse and publish; `summary` is filled as the run goes on.

    `report` is told what takes long, `advance` the name of each document that is done. While another
    run holds the warehouse, this one waits up to `patience` seconds. Raises what stops a run, and `SourcesFailed` at
    the end when a source was stopped; nothing is published then.
    """
    started = time.perf_counter()
    settings.home.mkdir(parents=True, exist_ok=True)
    with open_when_free(settings.warehouse_path, patience=patience, report=report) as warehouse:
        build_id = warehouse.start_build(started_at=now())
        warehouse.refresh_shipped_quality()
        outcome = "failed"
        try:
            count = choose_worker_count(settings, None if named_sources else len(sources))
            with open_fetcher(settings, warehouse) as fetcher, Workers(settings, count) as workers:
                for document, done in ingest_documents(
                    sources, warehouse=warehouse, settings=settings, fetcher=fetcher, workers=workers
                ):
                    summary.outcomes.append(done)
                    advance(document.name)
                for source in named_sources:
                    report(f"Asking source {source.source_id}")
                    asked = ingest_source_task(source, warehouse, settings, fetcher, workers, advance)
                    summary.sources.append(asked)
                    summary.outcomes.extend(asked.outcomes)
            summary.embedded = embed_task(warehouse, settings, report)
            assign_themes_task(warehouse, settings, report)
            summary.blocked = why_blocked(summary, settings)
            if with_publication and not summary.blocked:
                report("Publishing the knowledge base")
                summary.publication = publish_task(warehouse, settings)  # type: ignore[assignment]
            summary.kinds.update(dict(warehouse.query("SELECT kind, count(*) FROM statements GROUP BY kind")))
            outcome = "failed" if summary.blocked else "succeeded"
        finally:
            warehouse.finish_build(
                build_id,
                finished_at=now(),
                outcome="succeeded" if outcome == "succeeded" else "failed",
                document_count=len(summary.outcomes),
                new_document_count=summary.count("new"),
                problem_count=summary.count("failed"),
                note=summary.blocked,
            )
            save_sources_status(warehouse, settings, is_by_source=bool(named_sources))
            summary.seconds = time.perf_counter() - started
    if summary.failed_sources:
        raise SourcesFailed(
            f"{', '.join(source.source_id for source in summary.failed_sources)}: the source was stopped, against one "
            "that lists its documents; see the problems. Nothing was published"
        )
