"""Whether a source is on time, by its own schedule: what colour it has, and why.

The clock is given by the caller, and everything is worked out when it is asked for, so that a source turns red although
nothing runs any more.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

from cronsim import CronSim

Colour = Literal["green", "amber", "red", "grey"]
Reason = Literal["on_time", "failed", "late", "overdue", "not_due", "by_hand", "by_hand_failed", "not_named"]

_SEVERITY: Final[tuple[Colour, ...]] = ("grey", "green", "amber", "red")
_UNITS: Final = ((86400, "days"), (3600, "hours"), (60, "minutes"))
_LEAST_SLACK: Final = datetime.timedelta(minutes=10)
_MOST_SLACK: Final = datetime.timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Punctuality:
    """How a source keeps to its schedule. Times are in UTC.

    `missed` is the first planned run since the last success that has not been made up for, None when there is none;
    `next_at` the next planned run, None without a schedule.
    """

    colour: Colour
    reason: Reason
    missed: datetime.datetime | None = None
    next_at: datetime.datetime | None = None


def judge_punctuality(
    schedule: str | None,
    time_zone: str,
    *,
    now: datetime.datetime,
    first_seen_at: datetime.datetime,
    last_success_at: datetime.datetime | None,
    has_failed: bool,
    is_named: bool = True,
) -> Punctuality:
    """Return how a source keeps to its schedule.

    Green: the latest planned run went well, or a later one did. Amber: one planned run is missing, or the last run
    failed. Red: two are, so that the last success is older than twice the interval. A run may take a quarter of the
    interval, from 10 minutes to 6 hours, before it counts as missing. A source that never succeeded is judged from
    when it was first seen. Grey: nothing is planned or due yet, or the source is named no more.
    """
    if not is_named:
        return Punctuality("grey", "not_named")
    if schedule is None:
        return Punctuality("amber", "by_hand_failed") if has_failed else Punctuality("grey", "by_hand")
    next_at = find_next(schedule, time_zone, now)
    due = find_due(schedule, time_zone, now)
    since = last_success_at or first_seen_at
    missing = [planned for planned in due if planned > since]
    missed = find_next(schedule, time_zone, since) if missing else None
    if len(missing) > 1:
        return Punctuality("red", "overdue", missed, next_at)
    if has_failed:
        return Punctuality("amber", "failed", missed, next_at)
    if missing:
        return Punctuality("amber", "late", missed, next_at)
    if last_success_at is None:
        return Punctuality("grey", "not_due", None, next_at)
    return Punctuality("green", "on_time", None, next_at)


def find_due(schedule: str, time_zone: str, now: datetime.datetime) -> tuple[datetime.datetime, ...]:
    """Return the last two planned runs that must be over by `now`, the latest first; fewer where there were none."""
    recent = _find_previous(schedule, time_zone, now, count=3)
    if len(recent) < 2:
        return ()
    slack = min(max((recent[0] - recent[1]) / 4, _LEAST_SLACK), _MOST_SLACK)
    return _find_previous(schedule, time_zone, now - slack, count=2)


def find_missed(
    schedule: str, time_zone: str, *, since: datetime.datetime, now: datetime.datetime
) -> datetime.datetime | None:
    """Return the latest planned run after `since` and up to `now`, None when nothing was planned in between."""
    latest = _find_previous(schedule, time_zone, now, count=1)
    return latest[0] if latest and latest[0] > since else None


def find_next(schedule: str, time_zone: str, after: datetime.datetime) -> datetime.datetime | None:
    """Return the first planned run after a moment, in UTC; None for a schedule that never comes."""
    planned = next(iter(CronSim(schedule, after.astimezone(ZoneInfo(time_zone)))), None)
    return planned.astimezone(datetime.UTC) if planned else None


def split_age(age: datetime.timedelta) -> tuple[int, str]:
    """Return how long something is ago in its largest unit from two on: 47 hours, 2 days; below that in seconds.

    An age below zero counts as none.
    """
    seconds = max(int(age.total_seconds()), 0)
    for size, unit in _UNITS:
        if seconds >= 2 * size:
            return seconds // size, unit
    return seconds, "seconds"


def find_worst(colours: Iterable[Colour]) -> Colour:
    """Return the most serious of some colours; grey for none."""
    return max(colours, key=_SEVERITY.index, default="grey")


def _find_previous(
    schedule: str, time_zone: str, now: datetime.datetime, *, count: int
) -> tuple[datetime.datetime, ...]:
    """Return the last `count` planned runs up to and including `now`, the latest first, in UTC."""
    # The library leaves out the moment at which it begins; so begin a little later, and leave out what is later.
    begin = (now + datetime.timedelta(minutes=1)).astimezone(ZoneInfo(time_zone))
    planned = (moment for moment in CronSim(schedule, begin, reverse=True) if moment <= now)
    return tuple(moment.astimezone(datetime.UTC) for moment in itertools.islice(planned, count))
