"""`rodedraad schedule`: keeps Prefect running, so that each source is asked when its schedule says.

Prefect's runner starts each run in a process of its own. This module gives it the deployments, makes up for what was
missed while nothing ran, and follows changes of the file of sources.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import fcntl
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from uuid import UUID

from flows.clock import now
from flows.errors import AlreadyScheduled, InvalidSources, ServerUnavailable
from flows.settings import Settings
from flows.sources import Source, load_sources
from flows.status import save_sources_status
from flows.waiting import open_when_free
from warehouse.errors import WarehouseLocked
from warehouse.punctuality import find_missed, find_next
from warehouse.source_status import SourcesStatus, describe_sources

if TYPE_CHECKING:
    from prefect.client.orchestration import PrefectClient
    from prefect.client.schemas.filters import DeploymentFilter
    from prefect.client.schemas.objects import FlowRun, State, StateType
    from prefect.runner import Runner

    from flows.temporary_server import TemporaryServer

Report = Callable[[str], None]

RUNS_AT_ONCE: Final = 4
"""Runs that have a process at the same time; one of them writes, the others wait for it or for their second try."""

LOOK_SECONDS: Final = 5.0
"""Seconds between two looks at the file of sources and at the server."""

_SERVER_PATIENCE: Final = 300.0
"""Seconds for which the start waits for Prefect's server; a machine that has just been switched on is busy."""

_START_PATIENCE: Final = 3600.0
"""Seconds for which the start waits for a run by hand that holds the warehouse."""


@dataclass(frozen=True, slots=True)
class CatchUp:
    """A run that must be made up for: it was `missed` when nothing ran, or a run was `cut_off`."""

    source_id: str
    why: Literal["missed", "cut_off"]
    planned: datetime.datetime | None

    @property
    def sentence(self) -> str:
        """Why it is run now."""
        if self.planned is None:
            return f"{self.source_id}: the last run was cut off; it is made up for now"
        return f"{self.source_id}: the run of {self.planned:%Y-%m-%d %H:%M} UTC was missed; it is made up for now"


def plan_catch_up(sources: Iterable[Source], status: SourcesStatus, *, at: datetime.datetime) -> list[CatchUp]:
    """Return the sources to run at once: one run each, however many were missed.

    The warehouse's own record of the last run decides. A source that was never run has missed what was planned since
    it was first seen.
    """
    states = {state.source_id: state for state in status.sources}
    found = []
    for source in sources:
        state = states.get(source.source_id)
        if source.schedule is None or state is None:
            continue
        if state.last_outcome == "running":
            found.append(CatchUp(source.source_id, "cut_off", None))
            continue
        since = state.last_started_at or state.first_seen_at
        if missed := find_missed(source.schedule, source.time_zone, since=since, now=at):
            found.append(CatchUp(source.source_id, "missed", missed))
    return found


def run_schedule(settings: Settings, *, port: int, report: Report) -> None:
    """Ask the sources by their schedules until SIGTERM or SIGINT.

    Prefect's server is started unless `PREFECT_API_URL` is set.

    Raises:
        InvalidSources: when the file of sources is missing or has a mistake.
        AlreadyScheduled: when another process does this for the same home.
        ServerUnavailable: when the server does not start, its port is taken, or it ends.
        WarehouseLocked: when another run holds the warehouse for an hour.
    """
    from flows.temporary_server import start_temporary_server

    sources = load_sources(settings.sources)
    with _only_one(settings.home), start_temporary_server(port) as server:
        where = f"http://127.0.0.1:{server.port}" if server else os.environ["PREFECT_API_URL"]
        report(f"Prefect: {where} (runs, logs, and tables of what each did). Stop: Ctrl+C")
        with open_when_free(settings.warehouse_path, patience=_START_PATIENCE, report=report) as warehouse:
            describe_sources(warehouse, [source.description for source in sources], seen_at=now())
            status = save_sources_status(warehouse, settings, is_by_source=True)
        if server:
            server.wait(_SERVER_PATIENCE)
        asyncio.run(_Scheduler(settings, sources, server, report).run(status))


@contextlib.contextmanager
def _only_one(home: Path) -> Iterator[None]:
    home.mkdir(parents=True, exist_ok=True)
    with (home / ".schedule").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise AlreadyScheduled(
                f"schedule of {home}: found another one running, against none; stop that one first"
            ) from error
        yield


class _Scheduler:
    """The runner with what goes on beside it."""

    def __init__(
        self, settings: Settings, sources: Sequence[Source], server: TemporaryServer | None, report: Report
    ) -> None:
        self._settings = settings
        self._sources = tuple(sources)
        self._server = server
        self._report = report
        self._deployments: dict[str, UUID] = {}
        self._seen = self._look_at_file()
        self._undescribed: tuple[Source, ...] = ()

    async def run(self, status: SourcesStatus) -> None:
        """Register the sources, make up for what was missed, and run until a signal or the end of the server."""
        from prefect.client.orchestration import get_client
        from prefect.runner import Runner

        runner = Runner(name="rodedraad schedule", limit=RUNS_AT_ONCE, pause_on_shutdown=False)
        async with get_client() as client:
            for source in self._sources:
                await self._register(runner, source)
            await self._tidy(client)
            for missed in plan_catch_up(self._sources, status, at=now()):
                self._report(missed.sentence)
                await self._start_now(client, missed)
            with self._signals_stop(runner):
                running = asyncio.create_task(runner.start())
                watching = asyncio.create_task(self._watch(runner, client))
                await asyncio.wait({running, watching}, return_when=asyncio.FIRST_COMPLETED)
                if not running.done():
                    await runner.astop()
                    await running
                watching.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watching
        await running  # raises what ended it

    @contextlib.contextmanager
    def _signals_stop(self, runner: Runner) -> Iterator[None]:
        """Let SIGINT end the runner as SIGTERM does; a second one ends it at once."""
        before = signal.getsignal(signal.SIGINT)

        def stop(number: int, frame: object) -> None:
            signal.signal(signal.SIGINT, before)
            runner.handle_sigterm(number, frame)

        signal.signal(signal.SIGINT, stop)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    async def _register(self, runner: Runner, source: Source) -> None:
        from flows.deploying import make_deployment

        self._deployments[source.source_id] = await runner.aadd_deployment(make_deployment(source))
        planned = find_next(source.schedule, source.time_zone, now()) if source.schedule else None
        when = f"{source.schedule} {source.time_zone}, next {planned:%Y-%m-%d %H:%M} UTC" if planned else "by hand"
        self._report(f"{source.source_id}: {when}")

    async def _tidy(self, client: PrefectClient) -> None:
        """Put away what an earlier process left: runs that nobody runs any more, and planned ones whose time is over.

        On the operator's own server runs of others may go on, so there only the latter.
        """
        from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
        from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterId
        from prefect.client.schemas.objects import StateType
        from prefect.states import Cancelled, Crashed

        ours = DeploymentFilter(id=DeploymentFilterId(any_=list(self._deployments.values())))
        left = [StateType.RUNNING, StateType.PENDING, StateType.CANCELLING] if self._server else []
        for run in await _read_runs(client, ours, [StateType.SCHEDULED, *left]):
            if run.state_type != StateType.SCHEDULED:
                state: State[Any] = Crashed(message="The program ended before this run did.")
            elif run.expected_start_time and run.expected_start_time <= now():
                state = Cancelled(name="Missed", message="Nothing ran at the planned time.")
            else:
                continue
            await client.set_flow_run_state(run.id, state, force=True)
        if self._server:
            for deployment_id in self._deployments.values():
                # What a process that was killed held would keep its source from ever running again.
                await client.update_global_concurrency_limit(
                    f"deployment:{deployment_id}", GlobalConcurrencyLimitUpdate(active_slots=0)
                )

    async def _start_now(self, client: PrefectClient, missed: CatchUp) -> None:
        from prefect.states import Scheduled

        await client.create_flow_run_from_deployment(
            self._deployments[missed.source_id], state=Scheduled(), tags=["catch-up"]
        )

    async def _watch(self, runner: Runner, client: PrefectClient) -> None:
        """Follow the file of sources; raises `ServerUnavailable` when the server ends."""
        import httpx

        while True:
            await asyncio.sleep(LOOK_SECONDS)
            if self._server and not self._server.is_running:
                raise ServerUnavailable(
                    "Prefect: its server has ended, against one that runs as long as the schedule; start it again"
                )
            if (seen := self._look_at_file()) != self._seen:
                try:
                    await self._follow_file(runner, client)
                except httpx.HTTPError as error:
                    self._report(f"Prefect: did not take the change ({error}); it is asked again")
                else:
                    self._seen = seen
            if self._undescribed:
                await asyncio.to_thread(self._describe)

    async def _follow_file(self, runner: Runner, client: PrefectClient) -> None:
        """Register what the changed file says; with a mistake in it, say so and go on as before."""
        try:
            sources = load_sources(self._settings.sources)
        except InvalidSources as error:
            self._report(f"{error}. The schedule goes on as before")
            return
        before = {source.source_id: source for source in self._sources}
        for source in sources:
            if before.pop(source.source_id, None) != source:
                await self._register(runner, source)
        for source_id in before.keys() & self._deployments.keys():
            await client.delete_deployment(self._deployments[source_id])
            del self._deployments[source_id]
            self._report(f"{source_id}: no longer in {self._settings.sources}")
        self._sources = self._undescribed = sources

    def _describe(self) -> None:
        """Keep in the warehouse what the sources are now; tried again later while a run holds it."""
        try:
            with open_when_free(self._settings.warehouse_path, patience=0, report=self._report) as warehouse:
                described = [source.description for source in self._undescribed]
                describe_sources(warehouse, described, seen_at=now())
                save_sources_status(warehouse, self._settings, is_by_source=True)
        except WarehouseLocked:
            return  # the next look tries again
        self._undescribed = ()

    def _look_at_file(self) -> tuple[int, int] | None:
        try:
            found = self._settings.sources.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


async def _read_runs(client: PrefectClient, deployments: DeploymentFilter, kinds: list[StateType]) -> list[FlowRun]:
    """Return all runs of deployments whose state is of one of some kinds."""
    from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType

    wanted = FlowRunFilter(state=FlowRunFilterState(type=FlowRunFilterStateType(any_=kinds)))
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            deployment_filter=deployments, flow_run_filter=wanted, limit=200, offset=len(found)
        )
        found += page
        if len(page) < 200:
            return found
