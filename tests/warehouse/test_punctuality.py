"""When a source is on time, late or overdue, by its own schedule and an invented clock."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from warehouse.punctuality import find_missed, find_next, find_worst, judge_punctuality

UTC = datetime.UTC
DAILY = "0 5 * * *"
WEEKDAYS = "0 5 * * 1-5"


def at(text: str) -> datetime.datetime:
    """A moment in UTC."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


def judge(now: str, success: str | None, schedule: str | None = DAILY, **changes: Any) -> tuple[str, str]:
    """Colour and reason of a source that was first seen on 1 June 2026."""
    given = {"has_failed": False, "time_zone": "UTC", "first_seen_at": at("2026-06-01T12:00"), **changes}
    found = judge_punctuality(schedule, now=at(now), last_success_at=at(success) if success else None, **given)
    return found.colour, found.reason


@pytest.mark.parametrize(
    ("now", "success", "schedule", "expected"),
    [
        ("2026-06-10T12:00", "2026-06-10T05:00", DAILY, ("green", "on_time")),
        ("2026-06-10T12:00", "2026-06-10T05:00:07", DAILY, ("green", "on_time")),
        # Six hours are left to a nightly run before it counts as missing.
        ("2026-06-11T10:59", "2026-06-10T05:00:07", DAILY, ("green", "on_time")),
        ("2026-06-11T11:00", "2026-06-10T05:00:07", DAILY, ("amber", "late")),
        ("2026-06-12T10:59", "2026-06-10T05:00:07", DAILY, ("amber", "late")),
        ("2026-06-12T11:00", "2026-06-10T05:00:07", DAILY, ("red", "overdue")),
        ("2026-09-01T00:00", "2026-06-10T05:00:07", DAILY, ("red", "overdue")),
        # A catch-up or a run by hand after the planned one makes up for it.
        ("2026-06-12T12:00", "2026-06-12T09:30", DAILY, ("green", "on_time")),
        # Over a weekend nothing is missing.
        ("2026-06-15T04:00", "2026-06-12T05:00:07", WEEKDAYS, ("green", "on_time")),
        ("2026-06-15T12:00", "2026-06-12T05:00:07", WEEKDAYS, ("amber", "late")),
        ("2026-06-16T12:00", "2026-06-12T05:00:07", WEEKDAYS, ("red", "overdue")),
        # Every minute: ten minutes are left to it.
        ("2026-06-10T12:10", "2026-06-10T12:00", "* * * * *", ("green", "on_time")),
        ("2026-06-10T12:11", "2026-06-10T12:00", "* * * * *", ("amber", "late")),
        ("2026-06-10T12:12", "2026-06-10T12:00", "* * * * *", ("red", "overdue")),
        # One that never succeeded is judged from when it was first seen.
        ("2026-06-01T13:00", None, DAILY, ("grey", "not_due")),
        ("2026-06-02T12:00", None, DAILY, ("amber", "late")),
        ("2026-06-03T12:00", None, DAILY, ("red", "overdue")),
        ("2026-09-01T12:00", None, None, ("grey", "by_hand")),
        # A day that comes every four years was missed twice only after eight.
        ("2026-06-10T12:00", "2020-03-01T00:00", "0 5 29 2 *", ("amber", "late")),
    ],
)  # fmt: skip
def test_colours_follow_the_schedule_of_the_source(
    now: str, success: str | None, schedule: str | None, expected: tuple[str, str]
) -> None:
    """Green, then amber when one planned run is missing, and red from twice the interval on."""
    assert judge(now, success, schedule) == expected


def test_a_failed_run_is_amber_at_once_and_red_in_time() -> None:
    """Nobody waits for the next planned run to hear of a source that was stopped."""
    assert judge("2026-06-10T06:00", "2026-06-09T05:00:07", has_failed=True) == ("amber", "failed")
    assert judge("2026-06-11T12:00", "2026-06-09T05:00:07", has_failed=True) == ("red", "overdue")
    assert judge("2026-06-11T12:00", None, None, has_failed=True) == ("amber", "by_hand_failed")


def test_a_source_that_is_named_no_more_is_grey() -> None:
    """It is not waited for."""
    assert judge("2027-01-01T00:00", "2026-06-09T05:00", is_named=False) == ("grey", "not_named")


def test_schedules_keep_the_clock_of_their_zone() -> None:
    """Five in the morning in Amsterdam is 03:00 UTC in summer and 04:00 in winter."""
    assert find_next(DAILY, "Europe/Amsterdam", at("2026-06-10T00:00")) == at("2026-06-10T03:00")
    assert find_next(DAILY, "Europe/Amsterdam", at("2026-12-10T00:00")) == at("2026-12-10T04:00")
    assert judge("2026-10-25T05:00", "2026-10-25T04:00:02", time_zone="Europe/Amsterdam") == ("green", "on_time")


@pytest.mark.parametrize(
    ("since", "now", "expected"),
    [
        ("2026-06-09T05:00:07", "2026-06-10T04:59:59", None),
        ("2026-06-09T05:00:07", "2026-06-10T05:00:00", "2026-06-10T05:00"),
        # Ten nights without the machine are one missed run, the last.
        ("2026-06-01T05:00:07", "2026-06-11T12:00", "2026-06-11T05:00"),
    ],
)
def test_of_many_missed_runs_the_last_is_caught_up(since: str, now: str, expected: str | None) -> None:
    """And none when nothing was planned in between."""
    found = find_missed(DAILY, "UTC", since=at(since), now=at(now))
    assert found == (at(expected) if expected else None)


def test_the_first_missing_run_is_named() -> None:
    """So that a person sees since when."""
    found = judge_punctuality(
        DAILY, "UTC", now=at("2026-06-20T12:00"), first_seen_at=at("2026-06-01T00:00"),
        last_success_at=at("2026-06-10T05:00:07"), has_failed=True,
    )  # fmt: skip
    assert (found.missed, found.next_at) == (at("2026-06-11T05:00"), at("2026-06-21T05:00"))


def test_the_worst_colour_counts() -> None:
    """Grey for no sources."""
    assert find_worst(["green", "red", "amber"]) == "red"
    assert find_worst(["grey", "green"]) == "green"
    assert find_worst([]) == "grey"
