"""Shows how far a run is: a bar on a terminal, a line now and then elsewhere, each with the rate and what remains."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast documents are done: `done` of `total` (None when nobody knows) in `seconds`."""

    done: int
    total: int | None
    seconds: float

    @property
    def per_minute(self) -> float:
        """Documents a minute, 0 before the first."""
        return 60 * self.done / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds until all are done at this pace, None when that cannot be told."""
        if self.total is None or not self.done:
            return None
        return self.seconds / self.done * max(self.total - self.done, 0)

    def __str__(self) -> str:
        rate = f"{self.per_minute:.1f} a minute"
        return rate if self.remaining is None else f"{rate}, {format_seconds(self.remaining)} to go"


def format_seconds(seconds: float) -> str:
    """Return a length of time as people say it: 45 s, 3 min 20 s, 2 h 5 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def say_nothing(line: str) -> None:
    """Take a line of progress and show it nowhere."""
    del line


@contextmanager
def show_progress(total: int | None, *, clock: Callable[[], float] = time.monotonic) -> Iterator[tuple[Tell, Tell]]:
    """Lend two functions: one takes a line to show, one the name of each document that is done.

    `total` is the number of documents, None when nobody knows it.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    console = Console(stderr=True)
    started, done = clock(), 0

    def count() -> Pace:
        nonlocal done
        done += 1
        return Pace(done, total, clock() - started)

    if not console.is_terminal:

        def advance_quietly(name: str) -> None:
            del name
            pace = count()
            if pace.done == total or pace.done % (10 if total else 100) == 0:
                whole = f" of {total}" if total else ""
                console.print(f"Read {pace.done}{whole} documents, {pace}", highlight=False, soft_wrap=True)

        yield lambda line: console.print(line, highlight=False, markup=False), advance_quietly
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[pace]}"),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("Reading", total=total, pace="")

        def advance(name: str) -> None:
            bar.update(task, advance=1, description=name[:40], pace=str(count()))

        yield lambda line: bar.console.print(line, highlight=False, markup=False), advance
