"""The command line: `rodedraad`. Heavy modules are imported inside the commands, so that help comes at once."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli_messages import STOPPED, WITH_PROBLEMS, WRONG_USE, fail
from flows.cli_messages import messages as _messages
from flows.cli_messages import read_settings as _settings
from flows.cli_schedule import deploy, schedule
from flows.cli_sources import app as sources_app

if TYPE_CHECKING:
    from flows.discovery import DocumentSource
    from flows.ingestion import IngestSummary
    from flows.reprocessing import ReprocessingPlan
    from flows.settings import Settings
    from flows.sources import Source
    from flows.temporary_server import TemporaryServer

_NAMED = 50
"""So many documents of a plan are named."""

app = typer.Typer(
    name="rodedraad",
    help="Reads public reports, finds what they found, concluded and recommended, and publishes a knowledge base.",
    epilog="Exit codes: 0 all well; 1 stopped, or a source was; 2 wrong use; 3 done, with documents in problems.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def main() -> None:
    """Run the command line."""
    app()


def _print_version(value: bool) -> None:
    if value:
        from importlib.metadata import version

        typer.echo(f"rodedraad {version('rodedraad')}")
        raise typer.Exit


@app.callback()
def common(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Hold what all commands share."""
    del version


@app.command()
def ingest(
    inputs: Annotated[
        list[str] | None, typer.Argument(metavar="PATH|URL…", help="Files, folders, URLs, or @list.txt.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option("--source", "--sources", metavar="ID", help="A source from the file of sources, or all."),
    ] = None,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Publish the knowledge base after it.")
    ] = True,
) -> None:
    """Read documents into the warehouse and publish the knowledge base."""
    from flows.prefect_settings import prepare_prefect
    from flows.temporary_server import start_temporary_server

    settings = _settings()
    with _messages():
        from flows.discovery import discover_documents
        from flows.sources import choose_sources, load_sources

        named = choose_sources(load_sources(settings.sources), source) if source else ()
        documents = discover_documents(inputs or [], report=_report_line) if inputs or not named else []
        prepare_prefect(settings.home)
        with start_temporary_server() as server:
            summary = _run_flow(documents, named, settings, with_publication=publish, server=server)
    _print_summary(summary, settings)
    if summary.blocked:
        raise typer.Exit(STOPPED)
    if summary.count("failed"):
        raise typer.Exit(WITH_PROBLEMS)


@app.command()
def extract(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One document.")],
    as_json: Annotated[bool, typer.Option("--json", help="JSON in the scorer's form instead of a list.")] = False,
) -> None:
    """Extract one document and print the result; nothing is stored."""
    settings = _settings()
    with _messages():
        from extractors.extraction import extract_report
        from extractors.output import as_prediction
        from extractors.reading import read_document
        from flows.judges import load_judge_for

        document = read_document(_read_file(file), name=file.name, max_pages=settings.max_pages, ocr=settings.ocr)
        judge = load_judge_for(settings)
        prediction = as_prediction(extract_report(document, judge=judge, min_confidence=settings.min_confidence))
    if as_json:
        sys.stdout.write(json.dumps(prediction, ensure_ascii=False, indent=1) + "\n")
        return
    report = prediction["report"]
    typer.echo(
        f"{report['title'] or file.name} — {report['publisher'] or 'publisher unknown'}, {report['publication_date']}"
    )
    for s in prediction["statements"]:
        typer.echo(f"{s['type']:<15} p{s['page']:<4} {s['label'] or '':<20} {s['text']}")
    if prediction["review"]:
        typer.echo(f"{len(prediction['review'])} passages below the threshold are for review; --json shows them")


@app.command()
def publish(
    force: Annotated[bool, typer.Option("--force", help="Publish although the last run went badly.")] = False,
) -> None:
    """Publish the warehouse as a knowledge base, beside the old one, and swap."""
    settings = _settings()
    with _messages():
        from flows.ingestion import publish as publish_warehouse
        from flows.theming import complete_warehouse
        from warehouse.errors import WarehouseMissing
        from warehouse.store import Warehouse

        if not settings.warehouse_path.exists():
            raise WarehouseMissing(
                f"warehouse {settings.warehouse_path}: found no file, against one to publish; ingest a report first "
                "(rodedraad ingest PATH)"
            )
        with Warehouse.open(settings.warehouse_path) as warehouse:
            complete_warehouse(warehouse, settings=settings, report=_report_line)
            publication = publish_warehouse(warehouse, settings=settings, force=force)
    done = "published" if publication.is_new else "unchanged"
    typer.echo(f"{done}: {publication.path} with {publication.counts.get('statements', 0)} statements")


@app.command()
def reprocess(
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this the plan is shown.")] = False,
    publish: Annotated[
        bool, typer.Option("--publish/--no-publish", help="Publish the knowledge base after it.")
    ] = True,
) -> None:
    """Do again what depends on a changed reader, rule, lexicon, judge, threshold, model or theme, and nothing else."""
    from flows.prefect_settings import prepare_prefect
    from flows.temporary_server import start_temporary_server

    settings = _settings()
    with _messages():
        from flows.reprocessing import plan_reprocessing
        from warehouse.store import Warehouse

        with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
            plan = plan_reprocessing(warehouse, settings)
        _print_plan(plan)
        if not yes or plan.is_empty:
            return
        prepare_prefect(settings.home)
        with start_temporary_server() as server:
            summary = _run_flow(list(plan.documents), (), settings, with_publication=publish, server=server)
    _print_summary(summary, settings)
    if summary.blocked:
        raise typer.Exit(STOPPED)
    if summary.count("failed"):
        raise typer.Exit(WITH_PROBLEMS)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; the setting RODEDRAAD_HOST otherwise.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on; the setting RODEDRAAD_PORT otherwise.")] = None,
) -> None:
    """Serve the knowledge base and the search API."""
    settings = _settings()
    where = f"http://{host or settings.host}:{port if port is not None else settings.port}"
    with _messages():
        from datasette_config.server import serve as serve_site
        from flows.originals import StoredOriginals

        typer.echo(
            f"Knowledge base: {where}\nSearch API:     {where}/api/search?q=…   docs: {where}/api/docs\nStop: Ctrl+C"
        )
        serve_site(
            settings.site_dir,
            host=host or settings.host,
            port=port if port is not None else settings.port,
            model=settings.model,
            second_model=settings.second_model,
            cache_dir=settings.cache_dir,
            precision=settings.model_precision,
            allow_hub=settings.allow_hub,
            originals=StoredOriginals(
                settings.raw_dir, cache_dir=settings.page_image_dir, max_bytes=settings.page_image_bytes
            ),
        )


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A question or words.")],
    mode: Annotated[str, typer.Option(help="hybrid, semantic or lexical.")] = "hybrid",
    kind: Annotated[list[str] | None, typer.Option(help="recommendation, conclusion, finding or lesson.")] = None,
    publisher: Annotated[list[str] | None, typer.Option(help="Who issued the report.")] = None,
    year: Annotated[list[str] | None, typer.Option(help="Year of publication.")] = None,
    language: Annotated[list[str] | None, typer.Option(help="Language of the report, as nl or en.")] = None,
    addressee: Annotated[list[str] | None, typer.Option(help="Who must act.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many results.")] = 10,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of text.")] = False,
) -> None:
    """Search the published knowledge base by meaning and by word."""
    settings = _settings()
    with _messages():
        from flows.searching import search_site

        results = search_site(
            query,
            settings=settings,
            mode=mode,
            kind=tuple(kind or ()),
            publisher=tuple(publisher or ()),
            year=tuple(year or ()),
            language=tuple(language or ()),
            addressee=tuple(addressee or ()),
            limit=limit,
        )
    if as_json:
        sys.stdout.write(json.dumps(results, ensure_ascii=False, indent=1) + "\n")
        return
    typer.echo(f"{results['total']} statements for “{query}”")
    for n, result in enumerate(results["results"], start=1):
        report = result["report"]
        typer.echo(f"\n{n}. [{result['kind']}] {result['text']}")
        typer.echo(f"   {report['title']} — {report['publisher']}, {report['published_date']}, p. {result['page']}")


@app.command()
def status(
    check: Annotated[bool, typer.Option("--check", help="End with 1 when a source is red.")] = False,
) -> None:
    """Show what the warehouse holds, the last run, how each source stands, and the open problems."""
    settings = _settings()
    with _messages():
        from flows.cli_status import print_status

        is_red = print_status(settings)
    if check and is_red:
        raise typer.Exit(STOPPED)


@app.command()
def evaluate(
    gold: Annotated[Path, typer.Argument(metavar="GOLD", help="Folder with gold files.")],
    docs: Annotated[Path, typer.Argument(metavar="DOCS", help="Folder with the documents they are about.")],
    by_document: Annotated[bool, typer.Option("--by-document", help="Also one line per document and kind.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON instead of a table.")] = False,
    floors: Annotated[Path | None, typer.Option(help="TOML file; exit 1 when a figure is below its floor.")] = None,
    errors: Annotated[Path | None, typer.Option(metavar="FILE.html", help="Write a page to browse the errors.")] = None,
    save: Annotated[bool, typer.Option("--save", help="Save the figures in the warehouse, table quality.")] = False,
    set_name: Annotated[
        str | None, typer.Option("--set", help="Name under which they are saved; the folder GOLD otherwise.")
    ] = None,
) -> None:
    """Extract the documents of a gold set and score the result."""
    with _messages():
        from flows.evaluation import run_evaluate

        code = run_evaluate(
            gold,
            docs,
            as_json=as_json,
            by_document=by_document,
            floors=floors,
            errors=errors,
            save_as=(set_name or gold.resolve().name) if save else None,
        )
    if code:
        raise typer.Exit(code)


@app.command()
def bench(
    docs: Annotated[Path, typer.Argument(metavar="DOCS", help="Folder with documents.")] = Path("examples/reports"),
    statements: Annotated[
        int, typer.Option(min=0, help="Measure search and publication over so many invented statements instead.")
    ] = 0,
    kills: Annotated[
        int, typer.Option(min=0, help="Kill so many ingests of invented reports instead, and compare how each ends.")
    ] = 0,
) -> None:
    """Measure reading, embedding, the whole chain, memory and search, as ratios in one run."""
    settings = _settings()
    with _messages():
        if kills:
            from flows.kill_benchmark import run_kill_bench

            if run_kill_bench(kills):
                raise typer.Exit(STOPPED)
            return
        if statements:
            from flows.search_benchmark import run_search_bench

            run_search_bench(statements, settings=settings)
            return
        from flows.benchmark import run_bench
        from flows.prefect_settings import prepare_prefect

        prepare_prefect(settings.home)
        code = run_bench(docs, home=settings.home)
    if code:
        raise typer.Exit(code)


def _report_line(line: str) -> None:
    typer.echo(line, err=True)


app.command()(schedule)
app.command()(deploy)
app.add_typer(sources_app, name="sources")


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        fail(f"{path}: the file cannot be opened ({error.strerror or error}); correct the path", WRONG_USE)
        raise  # not reached: fail leaves


def _run_flow(
    documents: list[DocumentSource],
    named: tuple[Source, ...],
    settings: Settings,
    *,
    with_publication: bool,
    server: TemporaryServer | None,
) -> IngestSummary:
    from flows.errors import SourcesFailed
    from flows.ingest import ingest as ingest_flow
    from flows.ingestion import IngestSummary

    summary = IngestSummary()
    if server:
        server.wait()
    is_done = False
    try:
        with _progress(None if named else len(documents)) as (report, advance):
            ingest_flow(documents, settings, summary, report, advance, with_publication, named)
        is_done = True
    except SourcesFailed:
        is_done = True  # the run went on to its end; the summary tells which sources failed
    finally:
        if not is_done:
            typer.echo(
                f"Stopped after {len(summary.outcomes)} documents. What was saved is safe, what was published stays; "
                "the same command goes on from here.",
                err=True,
            )
    return summary


@contextmanager
def _progress(total: int | None) -> Iterator[tuple[Callable[[str], None], Callable[[str], None]]]:
    """Show a bar on a terminal, and a line now and then elsewhere."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        done = 0

        def advance_quietly(name: str) -> None:
            nonlocal done
            done += 1
            if done == total or done % (10 if total else 100) == 0:
                console.print(f"Read {done}{f' of {total}' if total else ''} documents", highlight=False)

        yield lambda line: console.print(line, highlight=False, markup=False), advance_quietly
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Reading", total=total)

        def advance(name: str) -> None:
            bar.update(task, advance=1, description=name[:40])

        yield lambda line: bar.console.print(line, highlight=False, markup=False), advance


def _print_plan(plan: ReprocessingPlan) -> None:
    for stage in plan.stages:
        total = f" of {plan.total}" if stage.kind == "documents" else ""
        typer.echo(f"{stage.stage}: {f'{stage.count}{total} {stage.kind}' if stage.count else 'nothing'}")
        for reason, count in stage.reasons:
            typer.echo(f"  {count:>6}  {reason}")
    for address in plan.missing:
        typer.echo(f"  no original is kept of {address}; ingest it again")
    if plan.documents:
        typer.echo("What a new extraction finds is cut, embedded and compared as well, as far as it is new:")
    for document in plan.documents[:_NAMED]:
        typer.echo(f"  {document.name}")
    if len(plan.documents) > _NAMED:
        typer.echo(f"  and {len(plan.documents) - _NAMED} more")
    if not plan.is_empty:
        typer.echo("Do it with: rodedraad reprocess --yes")


def _print_summary(summary: IngestSummary, settings: Settings) -> None:
    typer.echo(
        f"{len(summary.outcomes)} documents: {summary.count('new')} new, {summary.count('unchanged')} unchanged, "
        f"{summary.count('failed')} with problems; {summary.embedded} texts embedded; {summary.seconds:.1f} s"
    )
    if summary.kinds:
        typer.echo("In the knowledge base: " + ", ".join(f"{n} {kind}s" for kind, n in sorted(summary.kinds.items())))
    for source in summary.sources:
        typer.echo(
            f"Source {source.source_id}: {_or_none(source.listed_count)} listed, {source.count('new')} new, "
            f"{source.count('unchanged')} unchanged, {source.count('failed')} with problems"
        )
        if source.withdrawn_count or source.returned_count:
            typer.echo(
                f"  {source.withdrawn_count} are no longer offered there and marked as withdrawn, "
                f"{source.returned_count} are back"
            )
        if source.failure:
            typer.echo(f"  stopped: {source.failure}")
    if summary.blocked:
        typer.echo(
            f"Nothing was published; the last good site stays. {summary.blocked[:1].upper()}{summary.blocked[1:]}"
        )
    for outcome in summary.outcomes:
        if outcome.status == "failed":
            typer.echo(f"  problem: {outcome.message}")
    if summary.publication:
        state = "published" if summary.publication.is_new else "already published"
        typer.echo(f"Knowledge base {state} in {settings.site_dir}; look at it with: rodedraad serve")


def _or_none(count: int | None) -> str:
    return "none" if count is None else str(count)


if __name__ == "__main__":
    main()
