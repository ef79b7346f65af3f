"""What a page costs: seconds of one core per step and bytes per report, and what that makes of a million reports.

python -m flows.costs DOCS [--write docs/scaling.md]
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from extractors.errors import UnreadableDocument
from extractors.extraction import extract_report
from extractors.reading import read_document
from flows.clock import now
from flows.discovery import discover_documents
from flows.evaluation import write_between
from flows.ingestion import embed_statements, publish, version_of
from flows.judges import load_judge_for
from flows.progress import say_nothing
from flows.settings import Settings
from models.embedding import Embedder, load_embedder
from models.universal_encoder import UniversalEncoder
from warehouse.entries import Origin
from warehouse.store import Warehouse

REPORTS: Final = 1_000_000
STEPS: Final = ("reading", "extraction", "embedding", "loading", "publication")
SPREAD: Final = ("reading", "extraction", "embedding")
"""The steps that workers do; the others are done by one process."""
CORES: Final = (2, 64, 256)


@dataclass(frozen=True, slots=True)
class Costs:
    """What a sample cost: seconds of one core by step (all threads counted), and bytes by what keeps them."""

    documents: int
    pages: int
    statements: int
    seconds: dict[str, float]
    kept_bytes: dict[str, int]

    def per_page(self, step: str) -> float:
        """Seconds of one core per page."""
        return self.seconds[step] / max(self.pages, 1)

    def per_report(self, kept: str) -> float:
        """Bytes per report."""
        return self.kept_bytes[kept] / max(self.documents, 1)


def measure_costs(paths: Sequence[Path], settings: Settings) -> Costs:
    """Take documents in, step by step, into the home of `settings`, which must be empty, and return what it cost.

    Seconds are of processor time, so that what else the machine does disturbs little. Loading the models is not
    counted. What cannot be read is left out; no documents give zeros.
    """
    judge, embedder, second = load_judge_for(settings), _load(settings), UniversalEncoder()
    warm = read_document(b"# Invented\n\n## Recommendations\n\n1. The council should answer.\n", name="warm.md")
    extract_report(warm, judge=judge)
    seconds = dict.fromkeys(STEPS, 0.0)
    documents = pages = statements = raw = 0
    settings.home.mkdir(parents=True, exist_ok=True)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        for path in paths:
            content = path.read_bytes()
            started = time.process_time()
            try:
                document = read_document(content, name=path.name, ocr=False)
            except UnreadableDocument:
                continue
            read = time.process_time()
            extraction = extract_report(document, judge=judge)
            extracted = time.process_time()
            warehouse.save_extraction(extraction, origin=Origin(str(path)), version=version_of(settings), seen_at=now())
            saved = time.process_time()
            seconds["reading"] += read - started
            seconds["extraction"] += extracted - read
            seconds["loading"] += saved - extracted
            documents, pages, raw = documents + 1, pages + len(document.pages), raw + len(content)
            statements += len(extraction.statements)
        started = time.process_time()
        embed_statements(
            warehouse, settings=settings, report=say_nothing, embedder=embedder, load_second=lambda: second
        )
        embedded = time.process_time()
        if documents:
            publish(warehouse, settings=settings)
        seconds["embedding"] = embedded - started
        seconds["publication"] = time.process_time() - embedded
    kept = {
        "originals": raw,
        "warehouse": settings.warehouse_path.stat().st_size,
        "site": sum(file.stat().st_size for file in settings.site_dir.rglob("*") if file.is_file()),
    }
    return Costs(documents, pages, statements, seconds, kept)


def format_costs(costs: Costs, *, machine: str) -> str:
    """Return the tables for the docs: what was measured, and what it makes of a million reports."""
    pages = costs.pages / max(costs.documents, 1)
    total = pages * REPORTS
    lines = [
        f"Measured on {machine}: {costs.documents} reports with {costs.pages} pages "
        f"({pages:.0f} each) and {costs.statements} statements.",
        "",
        "| step | done by | core-seconds per page | core-days for a million reports |",
        "|---|---|---:|---:|",
    ]
    for step in STEPS:
        who = "workers" if step in SPREAD else "one process"
        each = costs.per_page(step)
        lines.append(f"| {step} | {who} | {each:.4f} | {each * total / 86_400:,.0f} |")
    spread = sum(costs.per_page(step) for step in SPREAD) * total
    alone = costs.per_page("loading") * total
    lines += [
        "",
        "| cores for the workers | days to read, extract and embed | days of the loader |",
        "|---:|---:|---:|",
    ]
    lines += [f"| {cores} | {spread / cores / 86_400:,.1f} | {alone / 86_400:,.1f} |" for cores in CORES]
    lines += ["", "| kept | MB per report | TB for a million reports |", "|---|---:|---:|"]
    for kept in costs.kept_bytes:
        each = costs.per_report(kept)
        lines.append(f"| {kept} | {each / 1e6:.2f} | {each * REPORTS / 1e12:.2f} |")
    return "\n".join(lines)


def describe_machine() -> str:
    """Return what these figures were measured on: cores, kind, and how busy it was besides."""
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return f"{os.cpu_count()} cores ({platform.machine()}), load average {load:.0f} at the end"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables, and write them into the docs when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("docs", type=Path, help="folder with documents")
    parser.add_argument("--limit", type=int, default=10, help="how many of them, spread by name; 10 by default")
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page of the docs with the markers")
    options = parser.parse_args(arguments)
    found = [Path(source.address) for source in discover_documents([str(options.docs)])]
    paths = found[:: max(1, len(found) // options.limit)][: options.limit]
    with tempfile.TemporaryDirectory(prefix="rodedraad-costs-") as folder:
        costs = measure_costs(paths, Settings(home=Path(folder) / "home"))
    text = format_costs(costs, machine=describe_machine())
    sys.stdout.write(text + "\n")
    if options.write:
        write_between(options.write, "costs", text)
    return 0


def _load(settings: Settings) -> Embedder:
    return load_embedder(settings.model, cache_dir=settings.cache_dir, precision=settings.model_precision)


if __name__ == "__main__":
    sys.exit(main())
