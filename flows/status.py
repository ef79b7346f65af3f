"""How the sources stand, for the operator: kept at the end of every run, and read for `rodedraad status`."""

from __future__ import annotations

import datetime
from typing import Final

from flows.clock import now
from flows.errors import InvalidSources
from flows.settings import Settings
from flows.sources import load_sources
from warehouse.punctuality import Punctuality, split_age
from warehouse.source_status import SourcesStatus, SourceStatus, save_status
from warehouse.store import Warehouse

WORDS: Final[dict[str, str]] = {
    "on_time": "on time",
    "failed": "the last run failed",
    "late": "one planned run is missing",
    "overdue": "at least two planned runs are missing",
    "not_due": "was not due yet",
    "by_hand": "run by hand only",
    "by_hand_failed": "run by hand only; the last run failed",
    "not_named": "no longer in the file of sources",
}
"""What each reason of `Punctuality` means."""


def save_sources_status(warehouse: Warehouse, settings: Settings, *, is_by_source: bool) -> SourcesStatus:
    """Keep how the sources stand beside the site; the file of sources is looked at when a run was `is_by_source`."""
    named = None
    if is_by_source:
        try:
            named = {source.source_id for source in load_sources(settings.sources)}
        except InvalidSources:
            named = None  # it was changed since the run began, and whoever asks for a source next is told
    return save_status(warehouse, settings.site_dir, now=now(), named=named)


def describe_state(source: SourceStatus, punctuality: Punctuality, *, at: datetime.datetime) -> list[str]:
    """Return how one source stands, in lines for a terminal."""
    success = f"{format_age(at - source.last_success_at)} ago" if source.last_success_at else "never"
    planned = f", next {punctuality.next_at:%Y-%m-%d %H:%M} UTC" if punctuality.next_at else ""
    lines = [f"{WORDS[punctuality.reason]}; last success {success}{planned}"]
    if source.listed_count is not None:
        lines.append(
            f"last run: {source.listed_count} documents, {source.new_count or 0} new, {source.failed_count or 0} "
            f"failed; {source.document_count} in the warehouse"
        )
    if source.last_message:
        lines.append(f"stopped: {source.last_message}")
    if source.problem_count:
        lines.append(f"{source.problem_count} open problems")
    return lines


def format_age(age: datetime.timedelta) -> str:
    """Return how long something is ago: 47 hours, 2 days."""
    count, unit = split_age(age)
    return f"{count} {unit}"
