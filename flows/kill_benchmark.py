"""`rodedraad bench --kills N`: an ingest that is killed at any moment and run again ends as one that was not disturbed.

Each time a real ingest is killed (SIGKILL) at a random moment and then run to its end. What is in the warehouse then,
row by row but for clocks, the originals and the published site must be what an undisturbed run gives, and nothing may
lie about beside it. Half of the runs begin with nothing; the others with a warehouse from before one report changed,
one was withdrawn, one came to a second address, and some were added.
"""

from __future__ import annotations

import hashlib
import http.server
import multiprocessing
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Literal

from flows.cli_messages import WITH_PROBLEMS
from warehouse.errors import WarehouseMismatch, WarehouseMissing
from warehouse.publication import read_current
from warehouse.store import Warehouse
from warehouse.tables import TABLES

Start = Literal["nothing", "an earlier state"]
STARTS: Final[tuple[Start, ...]] = ("nothing", "an earlier state")
SEED: Final = 20240301
_SECONDS: Final = 600.0
_ATTEMPTS: Final = 5
_MODEL: Final = "hashing"
_FORKSERVER: Final = multiprocessing.get_context("forkserver")
_PRELOADED: Final = ["flows.cli", "flows.ingest", "flows.source_ingestion", "flows.theming", "extractors.reading"]

Content = dict[str, Counter[str]]
"""What there is, by table or kind of file: each row as text, and how often."""


@dataclass(frozen=True, slots=True)
class Kill:
    """One kill: after how many seconds, what the run was doing, and how the end differs from an undisturbed one."""

    start: Start
    seconds: float
    phase: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KillFigures:
    """All kills, and how many seconds an undisturbed run takes by what it begins with."""

    kills: tuple[Kill, ...]
    seconds: dict[Start, float]

    @property
    def failed(self) -> tuple[Kill, ...]:
        """The kills after which something was lost, doubled or left lying about."""
        return tuple(kill for kill in self.kills if kill.differences)


def run_kill_bench(count: int, *, seed: int = SEED) -> int:
    """Kill an ingest `count` times and print what came of it; returns 1 when any end differs, else 0."""
    figures = measure_kills(count, seed=seed, report=_say)
    phases = Counter(kill.phase for kill in figures.kills)
    _say(f"kills            {len(figures.kills)}: {', '.join(f'{n} while {phase}' for phase, n in phases.items())}")
    for start, seconds in figures.seconds.items():
        _say(f"undisturbed run  {seconds:.1f} s from {start}")
    _say(f"ends that differ {len(figures.failed)}")
    return 1 if figures.failed else 0


def measure_kills(count: int, *, seed: int = SEED, report: Callable[[str], None]) -> KillFigures:
    """Kill an ingest `count` times at random moments, and compare each end with that of an undisturbed run.

    One temporary Prefect server is shared by all runs, and they are forked from a process that has the program loaded:
    what is measured begins when the command does.
    """
    from flows.prefect_settings import prepare_prefect
    from flows.temporary_server import start_temporary_server

    chance = random.Random(seed)  # noqa: S311 - the moments of the kills must repeat
    with tempfile.TemporaryDirectory(prefix="rodedraad-kills-") as place:
        folder = Path(place)
        prepare_prefect(folder / "prefect-of-all")
        with start_temporary_server() as server, _serve(folder / "web") as url:
            if server:
                server.wait()
            _FORKSERVER.set_forkserver_preload(_PRELOADED)
            scene = _Scene(folder, url)
            expected, seconds = scene.prepare()
            for start in STARTS:
                report(f"Undisturbed from {start}: {seconds[start]:.1f} s")
            durations = {start: [seconds[start]] for start in STARTS}
            kills: list[Kill] = []
            for number in range(count):
                start = STARTS[number % len(STARTS)]
                kill, took = scene.kill(start, chance, statistics.median(durations[start]), expected[start])
                durations[start].append(took)
                kills.append(kill)
                told = "; ".join(kill.differences) or "ended as undisturbed"
                report(f"{number + 1:>3} from {start}: killed after {kill.seconds:.2f} s while {kill.phase}: {told}")
    return KillFigures(tuple(kills), seconds)


@dataclass(slots=True)
class _Scene:
    """The sources, the home in an earlier state, and what there is to compare with."""

    folder: Path
    url: str
    runs: int = 0
    earlier: Path = field(init=False)

    def __post_init__(self) -> None:
        self.earlier = self.folder / "earlier"

    def prepare(self) -> tuple[dict[Start, Content], dict[Start, float]]:
        """Make the earlier state, change the sources, and run undisturbed; returns content and seconds by start."""
        _write_documents(self.folder, self.url, is_later=False)
        self.earlier.mkdir()
        self._run_to_end(self.earlier)
        _write_documents(self.folder, self.url, is_later=True)
        expected: dict[Start, Content] = {}
        seconds: dict[Start, float] = {}
        for start in STARTS:
            home = self._home_for(start)
            seconds[start] = self._run_to_end(home)
            expected[start] = read_content(home)
            shutil.rmtree(home)
        return expected, seconds

    def kill(self, start: Start, chance: random.Random, usual: float, expected: Content) -> tuple[Kill, float]:
        """Kill one run, run to the end, compare; returns the kill and the seconds of the run to the end."""
        for _ in range(_ATTEMPTS):
            home = self._home_for(start)
            moment = chance.uniform(0.0, usual)
            process = self._begin(home)
            process.join(moment)
            if process.exitcode is None:
                process.kill()
                process.join()
                break
            shutil.rmtree(home)  # it had ended already: sooner next time
            usual *= 0.7
        else:
            raise RuntimeError(f"kills: found {_ATTEMPTS} runs that ended before the kill, against one that goes on")
        phase = _find_phase(home, run=1 + STARTS.index(start))
        took = self._run_to_end(home)
        differences = compare_content(expected, read_content(home))
        shutil.rmtree(home)
        return Kill(start, moment, phase, differences), took

    def _home_for(self, start: Start) -> Path:
        self.runs += 1
        home = self.folder / f"home-{self.runs}"
        if start == "nothing":
            home.mkdir()
        else:
            shutil.copytree(self.earlier, home, symlinks=True)
        return home

    def _begin(self, home: Path) -> multiprocessing.process.BaseProcess:
        # Now and then with a worker process, which must notice by itself that its run is gone; it costs a second load.
        workers = 1 if self.runs % 10 == 0 else 0
        process = _FORKSERVER.Process(target=_ingest, args=(home, self.folder, workers), daemon=False)
        process.start()
        return process

    def _run_to_end(self, home: Path) -> float:
        started = time.perf_counter()
        process = self._begin(home)
        process.join(_SECONDS)
        if process.exitcode is None:
            process.kill()
            process.join()
        if process.exitcode not in (0, WITH_PROBLEMS):
            log = (home / "run.log").read_text("utf-8", "replace")[-2_000:]
            raise RuntimeError(f"kills: found exit code {process.exitcode}, against 0 or {WITH_PROBLEMS}:\n{log}")
        return time.perf_counter() - started


def read_content(home: Path) -> Content:
    """Return what is kept in a home: the rows of the warehouse without clocks, the originals, the site, and the files.

    Raises `WarehouseMissing` when there is none.
    """
    content: Content = {}
    with Warehouse.open(home / "warehouse.duckdb", read_only=True) as warehouse:
        for table in TABLES:
            # Journals tell of the runs, of which there was one more; what sources list must be the same all the same.
            if not table.is_journal or table.name == "listings":
                columns = [column for column in table.stored_columns if column.kind != "clock"]
                shown = ", ".join(
                    f"md5({column.name})" if column.kind == "vector" else column.name for column in columns
                )
                rows = warehouse.query(f"SELECT {shown} FROM {table.name}")  # noqa: S608 - our own tables
                content[table.name] = Counter(repr(row) for row in rows)
    content["originals"] = Counter(
        f"{path.relative_to(home)} {hashlib.sha256(path.read_bytes()).hexdigest() == path.stem}"
        for path in (home / "raw").rglob("*")
        if path.is_file()
    )
    current = read_current(home / "site")
    content["site"] = Counter(
        [f"{current[1]['content']} {current[1]['counts'].get('statements')}" if current else "none"]
    )
    content["files"] = Counter(path.name for path in (*home.iterdir(), *(home / "site").iterdir()))
    content["half builds"] = Counter(path.name for path in (home / "site" / "builds").glob(".*"))
    return content


def compare_content(expected: Content, found: Content) -> tuple[str, ...]:
    """Return how `found` differs, one sentence per table; nothing when they are the same."""
    differences = []
    for name in sorted({*expected, *found}):
        missing = expected.get(name, Counter()) - found.get(name, Counter())
        surplus = found.get(name, Counter()) - expected.get(name, Counter())
        if missing or surplus:
            example = next(iter(missing or surplus))
            differences.append(
                f"{name}: {missing.total()} missing, {surplus.total()} too many, such as {example[:160]}"
            )
    return tuple(differences)


def _find_phase(home: Path, *, run: int) -> str:
    """Return what a killed run, the first or second of its home, was doing, by what it left."""
    try:
        with Warehouse.open(home / "warehouse.duckdb", read_only=True) as warehouse:
            build = warehouse.last_build()
            if build is None or build.build_id == run - 1:
                return "starting"
            if build.outcome != "running":
                return "ending"
            [(listed, here)] = warehouse.query(
                "SELECT count(*), count(o.address) FROM listings l LEFT JOIN origins o USING (address) WHERE is_listed"
            )
            if not listed or here < listed - 1:  # one of them cannot be read
                return "reading"
            if warehouse.unembedded_texts(_hashing_id(), ("text", "context")):
                return "embedding"
            return "publishing"
    except (WarehouseMissing, WarehouseMismatch):
        return "starting"


def _hashing_id() -> str:
    from models.embedding import describe_model

    return describe_model(_MODEL)


def _ingest(home: Path, folder: Path, workers: int) -> None:
    """Be `rodedraad ingest --sources all`. Runs in a process of its own."""
    log = os.open(home / "run.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(log, stream)
    settings = {
        "home": home,
        "sources": folder / "sources.toml",
        "model": _MODEL,
        "second_model": "none",
        "extraction": "rules",
        "workers": workers,
        "fetch_delay": 0,
        "allow_private_addresses": True,
    }
    os.environ.update({f"RODEDRAAD_{name.upper()}": str(value) for name, value in settings.items()})
    os.chdir(folder)  # no .env of the operator
    from flows.cli import app

    app(["ingest", "--sources", "all"])


def _write_documents(folder: Path, url: str, *, is_later: bool) -> None:
    """Write the documents and the file of sources, as they were at first or as they are later."""
    inbox, web = folder / "inbox", folder / "web"
    inbox.mkdir(exist_ok=True)
    web.mkdir(exist_ok=True)
    (inbox / "pont.md").write_text(_report("de pont", 9 if is_later else 6), "utf-8")
    (inbox / "brug.html").write_text(_as_html("de brug"), "utf-8")
    (inbox / "sluis.txt").write_text(_report("de sluis", 7).replace("#", "").strip(), "utf-8")
    (web / "kade.md").write_text(_report("de kade", 8), "utf-8")
    (web / "haven.md").write_text(_report("de haven", 5 if is_later else 8), "utf-8")
    addresses = ["kade.md", "haven.md"]
    if is_later:
        (inbox / "sluis.txt").unlink()
        (inbox / "steiger.md").write_text(_report("de steiger", 8), "utf-8")
        (inbox / "leeg.pdf").write_bytes(b"")
        (web / "nogmaals.md").write_text(_report("de pont", 9), "utf-8")
        (web / "boei.md").write_text(_report("de boei", 8), "utf-8")
        addresses += ["nogmaals.md", "boei.md"]
    common = 'publisher = "Verzonnen raad"\nlanguage = "nl"\nexpect_at_least = 1\n'
    listed = ", ".join(f'"{url}/{name}"' for name in addresses)
    (folder / "sources.toml").write_text(
        f'[source.map]\n{common}folder.path = "inbox"\n[source.web]\n{common}urls.addresses = [{listed}]\n', "utf-8"
    )


def _report(subject: str, count: int) -> str:
    advice = "\n".join(f"{n}. Leg vóór 1 juni {2020 + n} vast wie {subject} onderhoudt." for n in range(1, count + 1))
    text = "\n\n".join(
        f"In het jaar {2000 + n} is {subject} onderzocht door de verzonnen raad, die toen {n * 7} gebreken zag en er "
        f"met de beheerder over sprak."
        for n in range(count)
    )
    return f"# Verzonnen rapport over {subject}\n\n## Onderzoek\n\n{text}\n\n## Aanbevelingen\n\n{advice}\n"


def _as_html(subject: str) -> str:
    advice = "".join(f"<li>Meet elk jaar hoe {subject} zich houdt, in maand {n}.</li>" for n in range(1, 7))
    return (
        f"<!doctype html><html lang='nl'><head><title>Rapport over {subject}</title></head><body><main>"
        f"<h1>Rapport over {subject}</h1><p>De verzonnen raad onderzocht {subject} in 2021.</p>"
        f"<h2>Aanbevelingen</h2><ol>{advice}</ol></main></body></html>"
    )


class _QuietHandler(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".md": "text/markdown"}  # noqa: RUF012

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def _serve(folder: Path) -> Iterator[str]:
    """Serve the files of a folder on loopback; lends the address."""
    handler = partial(_QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
