"""Publishes the warehouse: a site folder is built beside the old one and put in its place in one step.

``site_dir/builds/<build id>/`` holds one build, the link ``site_dir/current`` points at the one to show. A reader that
has files of the old build open keeps them; a killed run leaves the old site as it was.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import yaml

from warehouse.datasette_metadata import SETTINGS, make_metadata
from warehouse.errors import PublicationFailed, WarehouseUnwritable
from warehouse.schema import PUBLISHED_TABLES
from warehouse.search_publication import VectorFiles, write_search
from warehouse.site_tables import number_vectors, write_duckdb, write_parquet, write_vectors
from warehouse.sqlite_site import write_sqlite
from warehouse.views import VIEWS

if TYPE_CHECKING:
    from warehouse.store import Warehouse

SITE_VERSION: Final = 5
"""Raise this when the same warehouse should give another site for a reason that `_content_key` does not see."""

FILES: Final = ("kb.db", "kb.duckdb", "vectors.npy", "site.json", "metadata.yaml", "settings.json", "parquet", "search")
_PARTIAL: Final = ".partial-"
_KEPT: Final = 2

ReportProgress = Callable[[str, int, int], None]
"""Called with the step that begins, its number from 1, and the number of steps."""

_STEPS: Final = ("vectors", "parquet", "kb.duckdb", "kb.db", "search", "metadata", "swap")


@dataclass(frozen=True, slots=True)
class Publication:
    """A build of the site. `is_new` is False when the current build already showed the same content."""

    build_id: str
    path: Path
    is_new: bool
    counts: Mapping[str, int]
    vector_count: int


def publish_site(
    warehouse: Warehouse,
    site_dir: Path,
    *,
    model_id: str,
    second_model_id: str | None = None,
    built_at: datetime.datetime,
    report_progress: ReportProgress | None = None,
) -> Publication:
    """Build the site of `warehouse` with the vectors of `model_id`, and show it in place of the old one.

    The search compares meanings by `second_model_id` as well, where there is one.

    Nothing is built when the current site already has this content. The last two builds are kept. Raises
    `PublicationFailed` when the site cannot be written; the old one stays up then.
    """
    try:
        with _sole_publisher(site_dir):
            model_ids = (model_id,) if second_model_id is None else (model_id, second_model_id)
            content = _content_key(warehouse, model_ids)
            current = read_current(site_dir)
            if current is not None and current[1].get("content") == content:
                folder, site = current
                _remove_leftovers(site_dir, keep=folder, previous=None)
                return _publication(folder, site, is_new=False)
            folder = _build(warehouse, site_dir, content, model_ids, built_at, report_progress)
            _announce(report_progress, "swap")
            _swap(site_dir, folder)
            _remove_leftovers(site_dir, keep=folder, previous=current[0] if current else None)
            return _publication(folder, _read_site(folder), is_new=True)
    except (OSError, sqlite3.Error, duckdb.Error, WarehouseUnwritable) as error:
        reason = str(error.__cause__ if isinstance(error, WarehouseUnwritable) else error).partition("\n")[0]
        raise PublicationFailed(
            f"site {site_dir}: writing failed ({reason}), against a folder with room where you may write; free space "
            "or mend the permissions and publish again. The old site stays up"
        ) from error


def read_current(site_dir: Path) -> tuple[Path, dict[str, Any]] | None:
    """Return the folder of the build that is shown and its `site.json`, None when there is no whole build."""
    with contextlib.suppress(OSError, ValueError):
        folder = (site_dir / "current").resolve(strict=True)
        if all((folder / name).exists() for name in FILES):
            return folder, _read_site(folder)
    return None


def _build(
    warehouse: Warehouse,
    site_dir: Path,
    content: str,
    model_ids: tuple[str, ...],
    built_at: datetime.datetime,
    report_progress: ReportProgress | None,
) -> Path:
    builds = site_dir / "builds"
    build_id = _free_build_id(builds, built_at, content)
    partial = builds / f"{_PARTIAL}{build_id}"
    partial.mkdir(parents=True)
    model_id = model_ids[0]
    vectors_dir = partial / "vectors"
    vectors_dir.mkdir()
    vectors = VectorFiles(vectors_dir)
    try:
        with warehouse.snapshot() as connection:
            _announce(report_progress, "vectors")
            vector_count = number_vectors(connection, model_id)
            dimension = write_vectors(connection, partial / "vectors.npy", model_id=model_id, count=vector_count)
            vectors.read(connection, model_ids)
            _announce(report_progress, "parquet")
            write_parquet(connection, partial / "parquet")
        _announce(report_progress, "kb.duckdb")
        write_duckdb(partial / "kb.duckdb", parquet=partial / "parquet", views=VIEWS)
        _announce(report_progress, "kb.db")
        with duckdb.connect(str(partial / "kb.duckdb"), read_only=True) as source:
            words = write_sqlite(partial / "kb.db", source=source, tables=PUBLISHED_TABLES, views=VIEWS)
            counts = {table.name: _count(source, table.name) for table in PUBLISHED_TABLES}
        _announce(report_progress, "search")
        write_search(partial / "search", kb=partial / "kb.db", words=words, vectors=vectors)
        shutil.rmtree(vectors_dir)
        _announce(report_progress, "metadata")
        site = {
            "build_id": build_id,
            "built_at": built_at.astimezone(datetime.UTC).isoformat(timespec="seconds"),
            "model_id": model_id,
            "dimension": dimension,
            "vector_count": vector_count,
            "counts": counts,
            "content": content,
        }
        (partial / "site.json").write_text(json.dumps(site, indent=2) + "\n", "utf-8")
        (partial / "metadata.yaml").write_text(_metadata_yaml(), "utf-8")
        (partial / "settings.json").write_text(json.dumps(SETTINGS, indent=2) + "\n", "utf-8")
        _sync(partial)
        folder = builds / build_id
        partial.rename(folder)
        _sync_folder(builds)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return folder


def _content_key(warehouse: Warehouse, model_ids: tuple[str, ...]) -> str:
    # Whatever decides what the site looks like: what is in the warehouse, the model, and how both are shown.
    shape = [table.published_columns for table in PUBLISHED_TABLES], VIEWS
    stems = resources.files("warehouse").joinpath("stems.toml").read_text("utf-8")
    parts = (warehouse.fingerprint(), model_ids, SITE_VERSION, _metadata_yaml(), SETTINGS, repr(shape), stems)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _metadata_yaml() -> str:
    return yaml.safe_dump(make_metadata(), sort_keys=False, allow_unicode=True, width=120)


def _free_build_id(builds: Path, built_at: datetime.datetime, content: str) -> str:
    wanted = f"{built_at.astimezone(datetime.UTC):%Y%m%dT%H%M%SZ}-{content[:8]}"
    build_id, attempt = wanted, 1
    while (builds / build_id).exists():
        attempt += 1
        build_id = f"{wanted}-{attempt}"
    return build_id


def _swap(site_dir: Path, folder: Path) -> None:
    link = site_dir / f".current-{os.getpid()}"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("builds") / folder.name)
    link.replace(site_dir / "current")  # one step: there is always a current site
    _sync_folder(site_dir)


def _remove_leftovers(site_dir: Path, *, keep: Path, previous: Path | None) -> None:
    """Remove what killed runs left and all builds but the current one and the one before."""
    for link in site_dir.glob(".current-*"):
        link.unlink()
    builds = site_dir / "builds"
    others = sorted(entry.name for entry in builds.iterdir() if entry.is_dir() and entry.name != keep.name)
    whole = [name for name in others if not name.startswith(_PARTIAL)]
    kept = {previous.name} if previous else set(whole[-(_KEPT - 1) :])
    for name in others:
        if name not in kept:
            doomed = builds / name
            # What cannot be removed now is removed by the next publication; the site is up already.
            with contextlib.suppress(OSError):
                if not name.startswith(_PARTIAL):
                    # A build that is half removed must never look like a whole one.
                    doomed = doomed.rename(builds / f"{_PARTIAL}{name}")
                shutil.rmtree(doomed)


@contextlib.contextmanager
def _sole_publisher(site_dir: Path) -> Iterator[None]:
    (site_dir / "builds").mkdir(parents=True, exist_ok=True)
    with (site_dir / ".publishing").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise PublicationFailed(
                f"site {site_dir}: found another publication going on, against none; wait until that one ends"
            ) from error
        yield


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
    for path in (*folder.rglob("*"), folder):
        if path.is_dir():
            _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _publication(folder: Path, site: Mapping[str, Any], *, is_new: bool) -> Publication:
    return Publication(site["build_id"], folder, is_new, dict(site["counts"]), int(site["vector_count"]))


def _read_site(folder: Path) -> dict[str, Any]:
    site: dict[str, Any] = json.loads((folder / "site.json").read_text("utf-8"))
    return site


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _announce(report_progress: ReportProgress | None, step: str) -> None:
    if report_progress is not None:
        report_progress(step, _STEPS.index(step) + 1, len(_STEPS))
