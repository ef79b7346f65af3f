"""The site that is shown: one build at a time, and the next one as soon as it is published."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import threading
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from datasette.app import Datasette
from datasette.database import Database

from warehouse.read_only import guard_connection
from warehouse.search import SearchIndex
from warehouse.search_records import Row, SiteUnreadable
from warehouse.site_lookup import find_themes
from warehouse.site_rows import SiteDatabaseError

DATABASE: Final = "kb"
_PATIENCE: Final = 3.0
"""Seconds that a request waits for a new build to be opened; after that the old one answers once more."""
_UNLIMITED: Final = 3_600_000

_log = logging.getLogger(__name__)
_Found = TypeVar("_Found")


class SiteMissing(Exception):
    """There is no published site to show. Tell the operator to ingest first."""


class _BuildGone(SiteUnreadable):
    """The files of a build were removed, two publications after it was shown. Ask the build that is shown now."""


class BuildDatabase(Database):  # type: ignore[misc]
    """The `kb.db` of one build. Whoever asks it can read its tables, and nothing else.

    Datasette keeps connections per thread and database name, so a new build under the old name would be read through
    old connections. Here they belong to the build: requests under way finish on theirs, which close with the build.
    """

    def __init__(self, datasette: Datasette, path: Path, *, build_id: str, site: ServedSite) -> None:
        super().__init__(datasette, path=str(path), is_mutable=False)
        self._site = site
        self.name = self.route = DATABASE
        # Datasette would read the whole file to compute a hash.
        self.cached_hash = hashlib.sha256(build_id.encode()).hexdigest()
        self._of_thread = threading.local()

    async def execute_fn(self, fn: Callable[[Any], _Found]) -> _Found:
        """Run `fn` on this thread's connection to the build, in Datasette's executor.

        A request that waited so long that its build was removed is answered from the one that is shown now.
        """
        if self.ds.executor is None:
            found: _Found = await super().execute_fn(fn)
            return found

        def run_in_thread() -> _Found:
            connection = getattr(self._of_thread, "connection", None)
            if connection is None:
                if not Path(self.path).exists():
                    raise _BuildGone(f"site {self.path}: found no such file any more, against a whole build")
                connection = self.connect()
                self.ds._prepare_connection(connection, self.name)
                guard_connection(connection)
                self._of_thread.connection = connection
            return fn(connection)

        try:
            return await asyncio.get_running_loop().run_in_executor(self.ds.executor, run_in_thread)
        except _BuildGone:
            await self._site.refresh()
            newest = self.ds.databases[DATABASE]
            if newest is self:
                raise
        answer: _Found = await newest.execute_fn(fn)
        return answer

    async def attached_databases(self) -> list[Any]:
        """Return none: nothing can be attached, and the list would tell where the file lies."""
        return []


@dataclass(frozen=True, slots=True, eq=False)
class Build:
    """One opened build: where the link `current` pointed, its folder, its search index, what Datasette is told.

    `themes` are the themes by their id, each with its name in every language.
    """

    target: str
    folder: Path
    index: SearchIndex
    metadata: Mapping[str, Any]
    settings: Mapping[str, Any]
    themes: Mapping[str, Row]


class ServedSite:
    """The build that is shown now. `refresh` is called at each request."""

    def __init__(self, site_dir: Path) -> None:
        """Open the current build, or the last whole one when that is broken; `problem` says so then.

        Raises `SiteMissing` when nothing is published, and `SiteUnreadable` when no build is whole.
        """
        self.site_dir = site_dir
        self.problem: str | None = None
        """What is wrong with the newest build, without saying where on the disk it is; the log does."""
        self._broken_target: str | None = None
        target = _read_target(site_dir)
        if target is None:
            raise SiteMissing(
                f"site {site_dir}: found no published knowledge base, against a folder with a link named current; "
                "run `rodedraad ingest` with a folder of reports first"
            )
        try:
            self.build = _open_build(site_dir, target)
        except SiteUnreadable as error:
            self.build = _open_last_whole(site_dir, but=target, error=error)
            self._note_broken(target, error)
        self._opening: asyncio.Task[None] | None = None
        self._datasette: Callable[[], Datasette | None] = _nobody

    def attach(self, datasette: Datasette) -> None:
        """Show the build, and those that follow it, in `datasette`."""
        # Datasette holds its databases, which hold this: a weak reference, so that all of it can go together.
        self._datasette = weakref.ref(datasette)
        self._show(datasette, self._make_database(datasette, self.build))

    async def refresh(self) -> None:
        """Show the newest build; without a new one this costs reading a link.

        Raises nothing: a build that cannot be opened leaves the old one up, and `problem` says so.
        """
        target = _read_target(self.site_dir)
        datasette = self._datasette()
        if target is None or datasette is None or target in (self.build.target, self._broken_target):
            return
        if self._opening is None or self._opening.done():
            self._opening = asyncio.create_task(self._open_next(datasette, target))
        await asyncio.wait({self._opening}, timeout=_PATIENCE)

    async def _open_next(self, datasette: Datasette, target: str) -> None:
        try:
            build = await asyncio.to_thread(_open_build, self.site_dir, target)
            database = self._make_database(datasette, build)
            # Datasette counts the tables of a database once, but only those it knows at its start without a limit.
            await database.table_counts(limit=_UNLIMITED)
        except (SiteUnreadable, OSError, SiteDatabaseError) as error:
            self._note_broken(target, error)
            return
        self._show(datasette, database)
        self.build, self.problem = build, None
        _log.info("showing build %s with %d statements", build.index.build_id, len(build.index))

    def _note_broken(self, target: str, error: Exception) -> None:
        self._broken_target = target
        self.problem = (
            f"new build {Path(target).name}: found one that cannot be read; an older one is shown; publish again, the "
            "log of the server says what is wrong"
        )
        _log.warning("new build %s cannot be shown: %s", target, error)

    def _make_database(self, datasette: Datasette, build: Build) -> BuildDatabase:
        return BuildDatabase(datasette, build.folder / "kb.db", build_id=build.index.build_id, site=self)

    @staticmethod
    def _show(datasette: Datasette, database: BuildDatabase) -> None:
        # A new dictionary in one step: requests under way go over the old one.
        others = {name: held for name, held in datasette.databases.items() if name not in (DATABASE, "_memory")}
        datasette.databases = {DATABASE: database, **others}


def _nobody() -> None:
    return None


def _read_target(site_dir: Path) -> str | None:
    try:
        return str((site_dir / "current").readlink())
    except OSError:
        return None


def _open_build(site_dir: Path, target: str) -> Build:
    folder = (site_dir / target).resolve()
    try:
        index = SearchIndex.open(folder)
        metadata = yaml.safe_load((folder / "metadata.yaml").read_text("utf-8"))
        settings = json.loads((folder / "settings.json").read_text("utf-8"))
        index.connections.get().execute("SELECT count(*) FROM reports").fetchone()
        themes = {theme["theme_id"]: theme for theme in find_themes(index.connections.get())}
    except (OSError, EOFError, ValueError, TypeError, LookupError, yaml.YAMLError, SiteDatabaseError) as error:
        raise SiteUnreadable(f"site {folder}: {error}, against a whole build; publish again") from error
    if not isinstance(metadata, dict) or not isinstance(settings, dict):
        raise SiteUnreadable(
            f"site {folder}: found no names in metadata.yaml or settings.json, against a whole build; publish again"
        )
    return Build(target, folder, index, metadata, settings, themes)


def _open_last_whole(site_dir: Path, *, but: str, error: SiteUnreadable) -> Build:
    """Return the newest of the other builds that can be opened; raises `error` when there is none."""
    folders = [folder for folder in (site_dir / "builds").glob("[!.]*") if folder.name != Path(but).name]
    for folder in sorted(folders, reverse=True):  # their names begin with a time
        try:
            return _open_build(site_dir, str(folder.relative_to(site_dir)))
        except SiteUnreadable as other:
            _log.warning("%s", other)
    raise error
