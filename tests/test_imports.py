"""What the repository promises about itself."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "extractors", "models", "warehouse", "datasette_config")


@pytest.mark.parametrize("package", PACKAGES)
def test_packages_are_imported_from_this_checkout(package: str) -> None:
    """The short top-level names are ours, not those of something else that is installed."""
    module = importlib.import_module(package)
    assert module.__file__ is not None
    assert Path(module.__file__).resolve().parent == ROOT / package


@pytest.mark.parametrize("package", PACKAGES)
def test_package_files_re_export_nothing(package: str) -> None:
    """`__init__.py` holds a docstring only, so that importing a record never imports torch."""
    for path in (ROOT / package).rglob("__init__.py"):
        code = compile(path.read_text(encoding="utf-8"), str(path), "exec")
        assert set(code.co_names) <= {"__doc__"}, path


@pytest.mark.system
def test_importing_records_and_readers_imports_no_model() -> None:
    """Records and errors come without torch, spaCy, DuckDB or Prefect."""
    code = (
        "import sys, extractors.records, extractors.errors, models.errors, warehouse.errors, flows.errors;"
        "sys.exit(bool({'torch', 'spacy', 'duckdb', 'prefect', 'pypdfium2'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_no_tracked_file_is_large() -> None:
    """Nothing above 5 MB lies in git."""
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [ROOT / name for name in done.stdout.splitlines()]
    assert ROOT / "pyproject.toml" in files
    assert [f.name for f in files if f.is_file() and f.stat().st_size > 5_000_000] == []
