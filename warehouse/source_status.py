"""How the sources stand, as a small file beside the published site.

The site is built anew only when its content changes, and not at all when publication is blocked; how the sources stand
must be seen then above all. So it is written at the end of every run, and whoever reads it works out what is late.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import json
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from warehouse import source_journal
from warehouse.punctuality import Colour, Punctuality, find_worst, judge_punctuality
from warehouse.search_records import SiteUnreadable
from warehouse.source_entries import SourceDescription, SourceOutcome
from warehouse.store import Warehouse

FILE_NAME: Final = "sources.json"
MOST_PROBLEMS: Final = 50
"""Open problems of a source that the file holds; `problem_count` counts all of them."""

_CLOCKS: Final = frozenset(
    (
        "first_seen_at",
        "last_seen_at",
        "last_started_at",
        "last_finished_at",
        "last_success_at",
        "started_at",
        "finished_at",
        "written_at",
    )
)
_PROBLEMS: Final = """
    SELECT named.source_id, p.subject, p.stage, p.reason, replace(p.message, p.address, p.subject),
           replace(p.what_to_do, p.address, p.subject), p.first_seen_at, p.last_seen_at
    FROM problems p
    JOIN (SELECT source_id, address FROM listings
          UNION SELECT source_id, url FROM fetches WHERE source_id IS NOT NULL
          UNION SELECT source_id, 'source ' || source_id FROM sources) named USING (address)
    ORDER BY p.last_seen_at DESC, p.address, p.stage
"""


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Something that went wrong with a source or a document of it, as the public may see it."""

    subject: str
    stage: str
    reason: str
    message: str
    what_to_do: str
    first_seen_at: datetime.datetime
    last_seen_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source stands. Times and counts are None where no run came to them.

    `is_named` is False for a source that the operator's file of sources names no more. `document_count` counts the
    documents that the warehouse has of it.
    """

    source_id: str
    publisher: str
    homepage: str | None
    schedule: str | None
    time_zone: str
    expected_count: int
    first_seen_at: datetime.datetime
    last_started_at: datetime.datetime | None
    last_finished_at: datetime.datetime | None
    last_success_at: datetime.datetime | None
    last_outcome: SourceOutcome | None
    last_message: str | None
    listed_count: int | None
    new_count: int | None
    unchanged_count: int | None
    failed_count: int | None
    document_count: int
    problem_count: int
    problems: tuple[SourceProblem, ...]
    is_named: bool = True

    def judge(self, now: datetime.datetime) -> Punctuality:
        """Return whether it is on time, by its own schedule."""
        return judge_punctuality(
            self.schedule,
            self.time_zone,
            now=now,
            first_seen_at=self.first_seen_at,
            last_success_at=self.last_success_at,
            has_failed=self.last_outcome == "failed",
            is_named=self.is_named,
        )


@dataclass(frozen=True, slots=True)
class RunStatus:
    """How the last run of the program ended; `note` says why nothing was published, None when all was well."""

    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    outcome: str
    document_count: int | None
    new_document_count: int | None
    problem_count: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class SourcesStatus:
    """How all sources stood at `written_at`, by id; `last_run` is None before the first."""

    written_at: datetime.datetime
    last_run: RunStatus | None
    sources: tuple[SourceStatus, ...]

    def find_colour(self, now: datetime.datetime) -> Colour:
        """Return the most serious colour of the sources; grey for none."""
        return find_worst(source.judge(now).colour for source in self.sources)

    def dropping(self, earlier: SourcesStatus | None) -> SourcesStatus:
        """Return it with the sources that `earlier` says are named no more marked as such."""
        dropped = {source.source_id for source in earlier.sources if not source.is_named} if earlier else set()
        sources = (dataclasses.replace(s, is_named=s.is_named and s.source_id not in dropped) for s in self.sources)
        return dataclasses.replace(self, sources=tuple(sources))


def describe_sources(
    warehouse: Warehouse, descriptions: Sequence[SourceDescription], *, seen_at: datetime.datetime
) -> None:
    """Keep what sources are before they are run for the first time; nothing for none."""
    if not descriptions:
        return
    with warehouse.transaction() as connection:
        for description in descriptions:
            source_journal.describe_source(connection, description, seen_at=seen_at)


def read_sources(
    warehouse: Warehouse, *, now: datetime.datetime, named: Collection[str] | None = None
) -> SourcesStatus:
    """Return how the sources of a warehouse stand; `named` are those of the file of sources, None for all."""
    columns = [
        field.name
        for field in dataclasses.fields(SourceStatus)
        if field.name not in ("document_count", "problem_count", "problems", "is_named")
    ]
    rows = warehouse.query(f"SELECT {', '.join(columns)} FROM sources ORDER BY source_id")
    documents = dict(
        warehouse.query("SELECT source, count(DISTINCT document_id) FROM origins WHERE source IS NOT NULL GROUP BY 1")
    )
    problems: dict[str, list[SourceProblem]] = {}
    for source_id, *problem in warehouse.query(_PROBLEMS):
        problems.setdefault(source_id, []).append(SourceProblem(*map(_with_zone, problem)))
    build = warehouse.last_build()
    return SourcesStatus(
        now,
        RunStatus(
            build.started_at,
            build.finished_at,
            build.outcome,
            build.document_count,
            build.new_document_count,
            build.problem_count,
            build.note,
        )
        if build
        else None,
        tuple(
            SourceStatus(
                **dict(zip(columns, map(_with_zone, row), strict=True)),
                document_count=documents.get(row[0], 0),
                problem_count=len(problems.get(row[0], ())),
                problems=tuple(problems.get(row[0], ())[:MOST_PROBLEMS]),
                is_named=named is None or row[0] in named,
            )
            for row in rows
        ),
    )


def save_status(
    warehouse: Warehouse, site_dir: Path, *, now: datetime.datetime, named: Collection[str] | None = None
) -> SourcesStatus:
    """Write how the sources stand beside the site, in one step, and return it.

    Without `named`, a source counts as named unless the earlier file says that it is not. Raises `OSError` when the
    file cannot be written; the earlier one stays then.
    """
    status = read_sources(warehouse, now=now, named=named)
    if named is None:
        status = status.dropping(load_status(site_dir))
    site_dir.mkdir(parents=True, exist_ok=True)
    draft = site_dir / f".{FILE_NAME}.{os.getpid()}"
    try:
        draft.write_text(json.dumps(dataclasses.asdict(status), default=_write_clock, ensure_ascii=False), "utf-8")
        draft.replace(site_dir / FILE_NAME)
    finally:
        with contextlib.suppress(FileNotFoundError):
            draft.unlink()
    return status


def load_status(site_dir: Path) -> SourcesStatus | None:
    """Return what `save_status` wrote, None when nothing was written yet. Raises `SiteUnreadable` for another file."""
    path = site_dir / FILE_NAME
    try:
        found = json.loads(path.read_text("utf-8"), object_hook=_read_clocks)
        sources = tuple(
            SourceStatus(**{**source, "problems": tuple(SourceProblem(**problem) for problem in source["problems"])})
            for source in found["sources"]
        )
        last_run = RunStatus(**found["last_run"]) if found["last_run"] else None
        return SourcesStatus(found["written_at"], last_run, sources)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise SiteUnreadable(
            f"status {path}: found a file that cannot be read ({error}), against one that a run wrote; it is "
            "written anew by the next one (rodedraad ingest)"
        ) from error


def _write_clock(value: Any) -> str:
    if not isinstance(value, datetime.datetime):
        raise TypeError(f"status: found a {type(value).__name__}, against text, numbers and times")
    return value.astimezone(datetime.UTC).isoformat()


def _read_clocks(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.datetime.fromisoformat(value) if name in _CLOCKS and value is not None else value
        for name, value in values.items()
    }


def _with_zone(value: Any) -> Any:
    return value.replace(tzinfo=datetime.UTC) if isinstance(value, datetime.datetime) else value
