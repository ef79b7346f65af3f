"""Prefect's thread for events starts before the flow, so that it does not keep what the flow was given."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import cli, ingest, prefect_settings
from flows.settings import Settings


def test_the_thread_for_events_starts_before_the_flow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Started inside, it kept DuckDB until the program ended, which then printed lines about leaks."""
    calls: list[str] = []
    monkeypatch.setattr(prefect_settings, "start_event_worker", lambda: calls.append("events"))
    monkeypatch.setattr(ingest, "ingest", lambda *given, **options: calls.append("flow"))

    cli._run_flow([], (), Settings(home=tmp_path), with_publication=False, server=None)

    assert calls == ["events", "flow"]
