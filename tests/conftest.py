"""What all tests share: no model hub, settings of the machine they run on left out, and in CI no chance and no skips."""

from __future__ import annotations

import os
from collections.abc import Generator

import pytest
from hypothesis import settings

os.environ.setdefault("HF_HUB_OFFLINE", "1")
for name in [name for name in os.environ if name.startswith(("RODEDRAAD_", "PREFECT_"))]:
    del os.environ[name]
os.environ["RODEDRAAD_OCR"] = "false"  # the same on machines with and without the tools; its own tests turn it on
os.environ["RODEDRAAD_WORKERS"] = "0"  # processes take seconds to start; their own tests start some
os.environ["RODEDRAAD_EXTRACTION"] = "rules"  # no model is loaded for it; test_shipped_judge.py brings the default back

IS_CI = os.environ.get("CI") == "1"
MAY_BE_SKIPPED = ("the project's scorer is not beside this checkout",)
"""Reasons that hold on a clean clone as well; any other skip fails where CI is 1, for there the tools are installed."""

settings.register_profile("here", deadline=None)  # a busy machine is no mistake
settings.register_profile("ci", deadline=None, derandomize=True)  # the same examples in every run
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci" if IS_CI else "here"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that rewrites the goldens; a test that runs under it fails."""
    parser.addoption("--rewrite-goldens", action="store_true", help="write the goldens again, and fail")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Make a skip a failure in CI, so that nobody believes a test was run that was not."""
    report = yield
    reason = str(call.excinfo.value) if call.excinfo else ""
    if IS_CI and report.skipped and not hasattr(report, "wasxfail") and reason not in MAY_BE_SKIPPED:
        report.outcome = "failed"
        report.longrepr = f"skipped although CI is 1: {reason}"
    return report
