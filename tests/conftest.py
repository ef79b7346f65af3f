"""What all tests share: no model hub, and settings of the machine they run on left out."""

from __future__ import annotations

import os

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")
for name in [name for name in os.environ if name.startswith(("RODEDRAAD_", "PREFECT_"))]:
    del os.environ[name]
os.environ["RODEDRAAD_OCR"] = "false"  # the same on machines with and without the tools; its own tests turn it on
os.environ["RODEDRAAD_WORKERS"] = "0"  # processes take seconds to start; their own tests start some
os.environ["RODEDRAAD_EXTRACTION"] = "rules"  # no model is loaded for it; the tests of the judge bring one of their own


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the flag that rewrites the goldens; a test that runs under it fails."""
    parser.addoption("--rewrite-goldens", action="store_true", help="write examples/expected again, and fail")
