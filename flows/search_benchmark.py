"""`rodedraad bench --statements N`: search, publication and memory over N invented statements, on this machine.

Times are set beside that of one plain exact comparison of all vectors with NumPy, so that the figures of two machines
can be compared, and beside the processor time, which says what an idle machine would take.
"""

from __future__ import annotations

import cProfile
import datetime
import json
import os
import pstats
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from flows.settings import Settings
from warehouse.publication import publish_site
from warehouse.search import SearchIndex
from warehouse.search_records import SearchRequest
from warehouse.store import Warehouse
from warehouse.synthetic import SyntheticWords, fill_synthetic, make_question_vector
from warehouse.vectors import Role

if TYPE_CHECKING:
    from models.joined import JoinedEncoder

_QUESTIONS: Final = 40
_AT_ONCE: Final = 20
_ALL_READINGS: Final = 200_000
"""Up to so many statements have every reading that real ones have; more have their own text only, to fit a disk."""
_PARTS: Final = {
    "encoding": ("joined.encode_queries",),
    "language": ("search.guess_languages",),
    "words": ("search_words.find",),
    "vectors": ("search_meaning.cosines",),
    "fusion": ("search_ranking.rank_by_both",),
    "folding": ("search_ranking.cut_page",),
    "reading": ("search_reading.read_results", "search_reading.read_passages"),
    "facets": ("search_columns.count_values",),
}
"""What is timed by itself within a question: the functions that do it, as ``module.function``."""


def run_search_bench(statement_count: int, *, settings: Settings) -> None:
    """Print the figures; everything is made in a folder beside `settings.home` that is removed in the end."""
    from models.embedding import describe_model
    from models.joined import describe_second_model

    first, second = describe_model(settings.model), describe_second_model(settings.model, settings.second_model)
    dimensions = [(first, 256 if first.startswith("hashing") else 384), *([(second, 512)] if second else [])]
    roles: tuple[Role, ...] = ("text", "context") if statement_count <= _ALL_READINGS else ("text",)
    settings.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="bench-", dir=settings.home) as folder:
        home = Path(folder)
        with Warehouse.open(home / "warehouse.duckdb") as warehouse:
            started = time.monotonic()
            fill_synthetic(warehouse, statement_count=statement_count, models=dimensions, roles=roles)
            _say(f"filling        {time.monotonic() - started:.1f} s for {statement_count} invented statements")
            started = time.monotonic()
            published = publish_site(
                warehouse, home / "site", model_id=first, second_model_id=second, built_at=_built_at()
            )
        seconds = time.monotonic() - started
        size = sum(path.stat().st_size for path in published.path.rglob("*") if path.is_file())
        _say(f"publication    {seconds:.1f} s, {published.counts['passages']} passages, {size / 1e6:.0f} MB on disk")
        # In a process of its own, so that its memory is that of search alone.
        environment = {**os.environ, "RODEDRAAD_HOME": str(home)}
        code = "import sys; from flows.search_benchmark import measure_search; measure_search(sys.argv[1])"
        subprocess.run([sys.executable, "-c", code, str(published.path)], env=environment, check=True)


def measure_search(build: str) -> None:
    """Print how fast the search over the build in the folder `build` is, and how much memory it takes."""
    from models.joined import load_query_encoder

    settings = Settings()
    before = _resident()
    started = time.monotonic()
    index = SearchIndex.open(Path(build))
    opening = time.monotonic() - started
    encoder = load_query_encoder(
        settings.model, settings.second_model, cache_dir=settings.cache_dir, precision=settings.model_precision
    )
    words = SyntheticWords()
    report_count = len(index.columns.coded("report").values)
    subjects = {
        words.question("nl" if i % 2 else "en", i % min(report_count, 200)): i % min(report_count, 200)
        for i in range(0, 7 * (_QUESTIONS + 3), 7)
    }
    questions = list(subjects)
    ask = _asker(index, encoder, subjects)
    for question in questions[:3]:
        ask(question)
    _say(f"opening        {opening:.2f} s for {len(index)} statements")
    times = [_milliseconds(ask, question) for question in questions[3:]]
    busy = [processor for _, processor in times]
    median = statistics.median(wall for wall, _ in times)
    plain = _plain_comparison(index)
    slowest = max(wall for wall, _ in times)
    _say(
        f"one question   median {median:.0f} ms, slowest {slowest:.0f} ms, of processor time "
        f"{statistics.median(busy):.0f} ms; with facets, passages and the first twenty results"
    )
    _say(f"               {median / plain:.2f} times one plain comparison in float32 ({plain:.0f} ms)")
    parts = split_by_part(ask, questions[3:])
    _say(f"of which       {', '.join(f'{name} {part:.1f}' for name, part in parts.items())} ms of processor time")
    started = time.monotonic()
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        together = list(pool.map(lambda question: _since(started, ask, question), questions[3 : 3 + _AT_ONCE]))
    _say(f"{_AT_ONCE} at once     all answered, slowest {max(together):.0f} ms")
    files = _resident("RssFile")
    _say(f"memory         {_resident():.0f} MB of the process, {before:.0f} MB before the site was opened")
    _say(f"               {files:.0f} MB of that are pages of files, which the system takes back when it needs them")
    sys.stdout.write(json.dumps({"median_ms": median, "memory_mb": _resident()}) + "\n")


def split_by_part(ask: Callable[[str], object], questions: Sequence[str]) -> dict[str, float]:
    """Return the mean milliseconds of processor time per question in each of `_PARTS`, and ``rest``.

    The profiler itself makes small parts look a little larger. Empty for no questions.
    """
    if not questions:
        return {}
    profile = cProfile.Profile(time.thread_time)
    for question in questions:
        profile.runcall(ask, question)
    spent: dict[str, float] = {}
    own_time = 0.0
    # Keys are (file, line, function), values end with the time inside, callees included, and the callers.
    for (file, _, function), (_, _, own, inside, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        name = f"{Path(file).stem}.{function}"
        spent[name] = spent.get(name, 0.0) + inside
        own_time += own
    each = 1000 / len(questions)
    parts = {part: each * sum(spent.get(name, 0.0) for name in names) for part, names in _PARTS.items()}
    return parts | {"rest": each * own_time - sum(parts.values())}


def _asker(index: SearchIndex, encoder: JoinedEncoder, subjects: Mapping[str, int]) -> Callable[[str], object]:
    one_at_a_time = threading.Lock()
    dimensions = [block.dimension for block in index.statements.meanings.blocks]

    def ask(question: str) -> object:
        request = SearchRequest(question)
        with one_at_a_time:  # as the service does
            encoder.encode_queries([request.question])
        # What is invented means nothing to an encoder: its time counts, the vector is one that has answers.
        vector = make_question_vector(subjects[question], dimensions)
        found = index.search(request, query_vector=vector, facet_limit=10, passage_limit=3)
        if not found.results:
            raise RuntimeError(f"question {question!r}: found nothing, against results; the benchmark is broken")
        return found

    return ask


def _milliseconds(work: Callable[[str], object], question: str) -> tuple[float, float]:
    """Return the milliseconds that `work` took, and those of processor time of the whole process."""
    started, busy = time.monotonic(), time.process_time()
    work(question)
    return 1000 * (time.monotonic() - started), 1000 * (time.process_time() - busy)


def _since(started: float, work: Callable[[str], object], question: str) -> float:
    work(question)
    return 1000 * (time.monotonic() - started)


def _plain_comparison(index: SearchIndex) -> float:
    """Return the median milliseconds of comparing one vector with as many float32 rows as the site has."""
    rows, dimension = len(index), max(index.dimension, 1)
    part = min(rows, 100_000)
    matrix = np.ones((part, dimension), np.float32)
    question = np.ones(dimension, np.float32)
    times = []
    for _ in range(5):
        started = time.monotonic()
        matrix @ question
        times.append(1000 * (time.monotonic() - started))
    return statistics.median(times) * rows / part


def _resident(kind: str = "VmRSS") -> float:
    """Return the memory of this process in MB, mapped files that were read included; ``RssFile`` is that of files."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    return 0.0


def _built_at() -> datetime.datetime:

    return datetime.datetime.now(datetime.UTC)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
