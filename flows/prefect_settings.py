"""Prefect without a server of one's own: its temporary one starts and stops quietly; nothing is reported outside."""

from __future__ import annotations

import os
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Final

_QUIET: Final[dict[str, str]] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_ROOT_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SERVER_EPHEMERAL_ENABLED": "true",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "60",
    # A temporary server schedules nothing.
    "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_LATE_RUNS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_PAUSE_EXPIRATIONS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_CANCELLATION_CLEANUP_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_FOREMAN_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_TRIGGERS_ENABLED": "false",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_ENABLED": "false",
}

_SCHEDULE: Final[dict[str, str]] = {
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLOUD_ENABLE_ORCHESTRATION_TELEMETRY": "false",
    "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    "PREFECT_LOGGING_LEVEL": "INFO",
    "PREFECT_LOGGING_TO_API_ENABLED": "true",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
    "PREFECT_CLI_PROMPT": "false",
    # Who holds the place of a source survives a restart of the server; in memory it would be held for ever.
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
    # A run that failed is tried once more: what may pass, such as a server that was down, mostly has.
    "PREFECT_FLOWS_DEFAULT_RETRIES": "1",
    "PREFECT_FLOWS_DEFAULT_RETRY_DELAY_SECONDS": "600",
}
"""For a server that stays: it schedules, keeps logs, and watches for automations."""


def database_template() -> Path:
    """Return where this environment keeps an empty database of its Prefect (``flows.temporary_server --prepare``).

    Prefect makes a new database by replaying every schema change it ever had, which takes 6 of the 9 seconds that its
    first start takes; a copy of the result costs nothing.
    """
    return Path(sys.prefix) / "share" / "rodedraad" / f"prefect-{version('prefect')}.db"


def prepare_prefect(home: Path) -> None:
    """Set what Prefect reads at its import; call before anything imports it. What the operator has set stays.

    Its database is named after its version: another version neither has to convert it nor stumbles over it.
    """
    folder = (home / "prefect").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(folder))
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    _choose_database(database_template().name)


def prepare_schedule(home: Path) -> None:
    """Set what Prefect reads at its import, for a server that stays; call before anything imports it.

    Its database is kept over versions, for it holds what ran when; Prefect brings it up to date at its start. It is
    another one than that of the temporary servers, so that a run by hand does not disturb it.
    """
    folder = (home / "prefect").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PREFECT_HOME", str(folder))
    for name, value in _SCHEDULE.items():
        os.environ.setdefault(name, value)
    _choose_database("schedule.db")


def _choose_database(name: str) -> None:
    if any(known in os.environ for known in ("PREFECT_API_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL")):
        return
    template, database = database_template(), Path(os.environ["PREFECT_HOME"]) / name
    os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{database}"
    database.parent.mkdir(parents=True, exist_ok=True)  # a PREFECT_HOME that the operator named may not be there yet
    if template.is_file() and not database.exists():
        draft = database.with_suffix(f".new-{os.getpid()}")
        shutil.copyfile(template, draft)
        draft.replace(database)


def start_event_worker() -> None:
    """Start the thread in which Prefect sends its events; call before a flow, when the server answers.

    The thread keeps what was current when it started for as long as the program lives. Prefect would start it inside
    the flow, and keep the flow and all that it was given: DuckDB then complains of leaks as the program ends.
    """
    from prefect.events.worker import EventsWorker

    EventsWorker.instance()
