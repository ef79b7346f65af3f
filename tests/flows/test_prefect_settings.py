"""Prefect gets its settings before it is imported, and what the operator has set stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows import prefect_settings
from flows.prefect_settings import prepare_prefect


def test_a_prefect_home_that_is_not_there_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder that the operator names may be new, as with Prefect itself."""
    named = tmp_path / "new" / "prefect"
    with monkeypatch.context() as environment:
        for name in ("PREFECT_API_URL", "PREFECT_SERVER_DATABASE_CONNECTION_URL"):
            environment.setenv(name, "")
            environment.delenv(name)
        environment.setenv("PREFECT_HOME", str(named))
        for name in prefect_settings._QUIET:
            environment.setenv(name, prefect_settings._QUIET[name])
        environment.setattr(prefect_settings, "database_template", lambda: tmp_path / "prefect-0.db")
        (tmp_path / "prefect-0.db").write_bytes(b"")
        prepare_prefect(tmp_path / "home")

    assert (named / "prefect-0.db").is_file()
