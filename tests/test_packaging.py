"""A wheel brings all that the program needs, and what is imported is declared."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("flows", "extractors", "models", "warehouse", "datasette_config")
NOT_SHIPPED = ("models/training_rows/",)


def tracked(*folders: str) -> list[str]:
    """The files of these folders that git knows, or would take."""
    done = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *folders],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [name for name in done.stdout.splitlines() if (ROOT / name).is_file()]


@pytest.mark.system
def test_a_wheel_has_every_file_of_the_rooms(tmp_path: Path) -> None:
    """Code, lexicons, templates and weights are in a wheel; only the rows for training are not."""
    for name in [*tracked(*PACKAGES), "pyproject.toml", "README.md", "LICENSE"]:
        copy = tmp_path / "source" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", tmp_path, tmp_path / "source"], check=True, capture_output=True)

    (wheel,) = tmp_path.glob("rodedraad-*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name for name in tracked(*PACKAGES) if not name.startswith(NOT_SHIPPED)}
    assert "models/weights/statements.safetensors" in wanted
    assert wanted - packed == set()


def test_what_is_imported_is_declared() -> None:
    """Every distribution that the rooms import is among the dependencies, not only brought along by another."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    declared = {_plain(_name_of(requirement)) for requirement in asked}
    brought_by = packages_distributions()
    undeclared = {
        module: brought_by[module]
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for module in _imported(path)
        if module in brought_by and module not in PACKAGES
        if not declared & {_plain(name) for name in brought_by[module]}
    }
    assert undeclared == {}


def _imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _name_of(requirement: str) -> str:
    name = re.match(r"[\w.-]+", requirement)
    assert name, requirement
    return name[0]


def _plain(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")
