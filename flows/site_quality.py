"""Measures what a published site does: search, and the themes of statements.

    python -m flows.site_quality --docs ../shared/corpus [--floors docs/floors.toml]

ingests the documents into a temporary home first and throws it away; with ``--home`` the site there is measured as it
is, and the figures are saved in its warehouse (table `quality`; publish to show them).
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

from flows.discovery import discover_documents
from flows.errors import NothingToRead
from flows.evaluation import write_between
from flows.ingestion import embed_statements, ingest_document, publish
from flows.search_evaluation import HALVES, PAIRS, Half, format_measured, run_evaluation
from flows.settings import Settings
from flows.theme_evaluation import as_figures as as_theme_figures
from flows.theme_evaluation import format_figures, judge_warehouse, measure_themes
from flows.theming import assign_themes
from warehouse.quality import Figure, write_shipped
from warehouse.search_records import MODES
from warehouse.store import Warehouse


def ingest_folder(docs: Path, settings: Settings) -> None:
    """Read, embed and publish the documents of a folder into the home of `settings`, without Prefect.

    Raises:
        NothingToRead: when the folder holds no document.
    """
    settings.home.mkdir(parents=True, exist_ok=True)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        for source in discover_documents([str(docs)]):
            ingest_document(source, warehouse=warehouse, settings=settings)
        embed_statements(warehouse, settings=settings, report=_tell)
        assign_themes(warehouse, settings=settings, report=_tell)
        publish(warehouse, settings=settings)


def find_shortfalls(values: Mapping[str, float], floors: Path, *, table: str) -> list[str]:
    """Return one line per figure of the floors' `table` that is below its floor, or is missing.

    Raises:
        NothingToRead: when the file of floors cannot be read.
    """
    try:
        wanted = tomllib.loads(floors.read_text(encoding="utf-8")).get(table, {})
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NothingToRead(f"{floors}: {error}; expected a TOML file with a table [{table}]") from error
    return [
        f"{name}: found {values.get(name, 0.0):.3f}, expected at least {floor:.3f}"
        for name, floor in wanted.items()
        if values.get(name, 0.0) < floor
    ]


def measure_site(settings: Settings, *, half: Half, floors: Path | None) -> tuple[list[Figure], list[str]]:
    """Print the figures of search and themes; return them, and what is below its floor.

    Raises:
        NothingToRead: when nothing was published, or nothing that was judged is there.
    """
    measured, figures = run_evaluation(settings, half=half)
    sys.stdout.write(f"Search, {half} half of the questions\n\n{format_measured(measured)}\n")
    with Warehouse.open(settings.warehouse_path) as warehouse:
        themes, judged = judge_warehouse(warehouse, settings)
    of_themes = measure_themes(judged, themes)
    sys.stdout.write(f"\nThemes\n\n{format_figures(of_themes)}\n")
    version = figures[0].version
    figures += as_theme_figures(of_themes, statement_count=len(judged.wanted), version=version)
    if floors is None:
        return figures, []
    shortfalls = find_shortfalls({m.name: m.value for m in measured}, floors, table="search")
    return figures, shortfalls + find_shortfalls({f.name: f.value for f in of_themes}, floors, table="themes")


def format_shown(figures: Sequence[Figure]) -> str:
    """Return the figures of search as a Markdown table for the docs: a row per mode, a column per pair and measure."""
    values = {(f.kind, f.language, f.measure): f.value for f in figures if f.area == "search"}
    columns = [(pair, measure) for measure in ("ndcg_at_10", "recall_at_20") for pair in PAIRS]
    names = {"ndcg_at_10": "nDCG@10", "recall_at_20": "recall@20"}
    lines = [
        "| mode | " + " | ".join(f"{names[measure]} {pair}" for pair, measure in columns) + " |",
        "|---" * (len(columns) + 1) + "|",
    ]
    for mode in MODES:
        cells = [f"{values[mode, *column]:.2f}" if (mode, *column) in values else "–" for column in columns]
        lines.append(f"| {mode} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure search and themes; returns 1 when a figure is below its floor, 2 when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m flows.site_quality", description=main.__doc__)
    place = parser.add_mutually_exclusive_group(required=True)
    place.add_argument("--docs", type=Path, metavar="FOLDER", help="documents to ingest into a temporary home")
    place.add_argument("--home", type=Path, metavar="FOLDER", help="home of a published site; saves the figures there")
    parser.add_argument("--half", choices=HALVES, default="report", help="which questions; report by default")
    parser.add_argument("--floors", type=Path, metavar="FILE", help="TOML file with tables [search] and [themes]")
    parser.add_argument(
        "--ship", action="store_true", help="let the program bring these figures (warehouse/quality.json)"
    )
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page of the docs with the markers")
    options = parser.parse_args(arguments)
    try:
        if options.home:
            settings = Settings(home=options.home)
            figures, shortfalls = measure_site(settings, half=options.half, floors=options.floors)
            with Warehouse.open(settings.warehouse_path) as warehouse:
                warehouse.save_quality(figures)
        else:
            with tempfile.TemporaryDirectory(prefix="rodedraad-quality-") as folder:
                settings = Settings(home=Path(folder))
                ingest_folder(options.docs, settings)
                figures, shortfalls = measure_site(settings, half=options.half, floors=options.floors)
        if options.write:
            write_between(options.write, "figures", format_shown(figures))
    except NothingToRead as error:
        sys.stderr.write(f"{error}\n")
        return 2
    if options.ship:
        write_shipped("search", [figure for figure in figures if figure.area == "search"])
        write_shipped("themes", [figure for figure in figures if figure.area == "themes"])
    for line in shortfalls:
        sys.stderr.write(f"below its floor: {line}\n")
    return 1 if shortfalls else 0


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
