"""A run tells how far it is, how fast it goes and how long it will take."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from flows.progress import Pace, format_seconds, show_progress


@pytest.mark.parametrize(
    ("done", "total", "seconds", "said"),
    [
        (10, 40, 20.0, "30.0 a minute, 1 min 0 s to go"),
        (40, 40, 20.0, "120.0 a minute, 0 s to go"),
        (30, None, 60.0, "30.0 a minute"),
        (0, 40, 5.0, "0.0 a minute"),
        (1, 1001, 36.0, "1.7 a minute, 10 h 0 min to go"),
        (3, 2, 3.0, "60.0 a minute, 0 s to go"),
    ],
)
def test_the_pace_tells_the_rate_and_what_remains(done: int, total: int | None, seconds: float, said: str) -> None:
    assert str(Pace(done, total, seconds)) == said


def test_lengths_of_time_are_said_as_people_do() -> None:
    assert [format_seconds(s) for s in (0, 59.4, 200, 7500)] == ["0 s", "59 s", "3 min 20 s", "2 h 5 min"]


def ticking(step: float) -> Callable[[], float]:
    """Return a clock that goes on by `step` seconds whenever it is read."""
    times = iter(range(1000))
    return lambda: next(times) * step


@pytest.mark.parametrize("is_terminal", [False, True])
def test_a_run_shows_rate_and_remaining_time(
    is_terminal: bool, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Documents of two seconds each: of twenty, ten are left after the tenth."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("TERM", "xterm")
    if is_terminal:
        monkeypatch.setenv("FORCE_COLOR", "1")

    with show_progress(20, clock=ticking(2.0)) as (report, advance):
        report("Asking source [verzonnen]")
        for n in range(10):
            advance(f"[rapport] {n}.pdf")

    printed = capsys.readouterr().err
    assert "Asking source [verzonnen]" in printed
    assert "10 of 20" in printed or "10/20" in printed
    assert "30.0 a minute, 20 s to go" in printed
