"""`rodedraad bench`: speed and memory of the whole chain, as ratios measured in one run on this machine."""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from extractors.benchmark import measure_reading
from extractors.extraction import extract_report
from extractors.reading import read_document
from flows.discovery import DocumentSource, discover_documents
from flows.ingestion import embed_statements, ingest_document, publish
from flows.settings import Settings
from flows.source_benchmark import measure_source
from warehouse.publication import read_current
from warehouse.search import SearchIndex
from warehouse.search_records import SearchRequest
from warehouse.store import Warehouse

if TYPE_CHECKING:
    from models.joined import JoinedEncoder

QUERIES = (
    "promises made to victims",
    "beloften aan gedupeerden",
    "share knowledge between organisations",
    "vaste contactpersoon voor inwoners",
    "deadline for the minister",
    "algoritmen en discriminatie",
    "lessons for recovery operations",
    "wachttijden in de jeugdhulp",
)
ROUNDS = 5


def run_bench(docs: Path, *, home: Path) -> int:
    """Print the figures for the documents of a folder; returns 0. Nothing is written to `home`."""
    del home
    sources = discover_documents([str(docs)])
    paths = [Path(source.address) for source in sources]
    say(f"{len(paths)} documents in {docs}")
    _bench_reading(paths)
    with tempfile.TemporaryDirectory(prefix="rodedraad-bench-") as folder:
        _bench_chain(sources, Settings(home=Path(folder)))
    _bench_prefect()
    _bench_source()
    return 0


def _bench_source() -> None:
    figures = measure_source()
    say(
        f"nightly run      {figures.documents} documents, {figures.new} new: {figures.downloads} downloads in "
        f"{figures.seconds:.1f} s beyond the polite delays, {figures.ratio:.1f} times plain requests"
    )


def say(line: str) -> None:
    """Print one line of the report."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _bench_reading(paths: Sequence[Path]) -> None:
    figures = measure_reading(paths)
    if figures.pages:
        say(
            f"reading          {figures.pages / figures.seconds:.0f} pages/s, "
            f"{figures.ratio:.1f} times pdfplumber's words "
            f"({figures.pages / figures.reference_seconds:.1f} pages/s); {figures.files} files, {figures.pages} pages"
        )
    largest = max(paths, key=lambda path: path.stat().st_size)
    say(f"peak memory      {_peak_of_reading(largest):.0f} MB to read and extract {largest.name} in its own process")


def _peak_of_reading(path: Path) -> float:
    code = (
        "import json, resource, sys, pathlib\n"
        "from extractors.errors import UnreadableDocument\n"
        "from extractors.extraction import extract_report\n"
        "from extractors.reading import read_document\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "try:\n    extract_report(read_document(path.read_bytes(), name=path.name))\n"
        "except UnreadableDocument:\n    pass\n"
        "print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout)) / 1024


def _bench_chain(sources: Sequence[DocumentSource], settings: Settings) -> None:
    from models.benchmark import measure_precisions
    from models.embedding import load_embedder
    from models.joined import load_query_encoder

    document = read_document(Path(sources[0].address).read_bytes(), name=sources[0].name)
    extract_report(document)  # loads the lexicons and pipelines
    embedder = load_embedder(settings.model, cache_dir=settings.cache_dir, precision=settings.model_precision)
    started = time.perf_counter()
    settings.home.mkdir(exist_ok=True)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        outcomes = [ingest_document(source, warehouse=warehouse, settings=settings) for source in sources]
        read_seconds = time.perf_counter() - started
        embedded = embed_statements(warehouse, settings=settings, report=lambda _: None, embedder=embedder)
        embed_seconds = time.perf_counter() - started - read_seconds
        publish(warehouse, settings=settings)
        seconds = time.perf_counter() - started
        texts = [row[0] for row in warehouse.query("SELECT DISTINCT text FROM statements LIMIT 200")]
        again = time.perf_counter()
        for source in sources:
            ingest_document(source, warehouse=warehouse, settings=settings)
        publish(warehouse, settings=settings)
        again = time.perf_counter() - again
    pages = sum(outcome.pages for outcome in outcomes)
    say(f"read and extract {pages / read_seconds:.1f} pages/s, saving included")
    say(f"end to end       {pages / seconds:.1f} pages/s: {pages} pages, {embedded} texts embedded, {seconds:.1f} s")
    say(f"embedding        {embedded / embed_seconds:.0f} statements/s in the chain")
    for row in measure_precisions(texts, cache_dir=settings.cache_dir):
        say(f"  {row.setting:<24} {row.per_second:6.1f}/s, {row.ratio:.2f} × plain, cosine ≥ {row.least_cosine:.5f}")
    say(f"second ingest    {again:.2f} s without changes")
    _bench_search(
        settings,
        load_query_encoder(
            settings.model,
            settings.second_model,
            cache_dir=settings.cache_dir,
            precision=settings.model_precision,
        ),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"peak memory      {peak:.0f} MB of this process, models included")


def _bench_search(settings: Settings, encoder: JoinedEncoder) -> None:
    current = read_current(settings.site_dir)
    assert current is not None
    index = SearchIndex.open(current[0])
    times = []
    for query in QUERIES * ROUNDS:
        started = time.perf_counter()
        request = SearchRequest(query=query)
        index.search(request, query_vector=encoder.encode_queries([request.question])[0])
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    late = times[int(0.95 * len(times))]
    say(
        f"search           median {statistics.median(times):.0f} ms, 95 % below {late:.0f} ms; "
        "hybrid, embedding of the query included"
    )


def _bench_prefect() -> None:
    with tempfile.TemporaryDirectory(prefix="rodedraad-bench-") as folder:
        report = Path(folder) / "one.txt"
        report.write_text(
            "Verzonnen rapport\n\nAanbevelingen\n\n1. Houd de pont elke dag in de vaart.\n", encoding="utf-8"
        )
        environment = {"RODEDRAAD_HOME": folder, "RODEDRAAD_MODEL": "hashing"}
        times = []
        for _ in range(2):
            started = time.perf_counter()
            subprocess.run(
                [sys.executable, "-m", "flows.cli", "ingest", str(report)],
                env={**_environment(), **environment},
                capture_output=True,
                check=True,
            )
            times.append(time.perf_counter() - started)
    say(
        f"start-up         {times[1]:.1f} s for a whole run on one small file, with Prefect ({times[0]:.1f} s at first)"
    )


def _environment() -> dict[str, str]:
    import os

    return {k: v for k, v in os.environ.items() if not k.startswith(("RODEDRAAD_", "PREFECT_"))}
