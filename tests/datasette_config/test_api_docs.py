"""The examples of docs/api.md are run as they stand there, against a served site."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from running_servers import running

pytestmark = pytest.mark.system

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```(bash|python|r)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
BASE = "http://127.0.0.1:8001"


@pytest.fixture(scope="module")
def address(site_dir: Path) -> Iterator[str]:
    """Return the address of a running server."""
    with running(site_dir) as base:
        yield base


def test_the_page_has_examples_in_each_language() -> None:
    """Shell, Python and R."""
    languages = [language for language, _ in EXAMPLES]
    assert languages.count("bash") > 3 and languages.count("python") > 1 and languages.count("r") > 0


@pytest.mark.parametrize(("language", "example"), EXAMPLES, ids=[language for language, _ in EXAMPLES])
def test_an_example_runs(address: str, tmp_path: Path, language: str, example: str) -> None:
    """It ends well and prints something, or leaves a file; only the address and the ids are those of the site here."""
    if language == "r" and shutil.which("Rscript") is None:
        pytest.skip("Rscript is not installed")
    if language == "bash" and shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    with urllib.request.urlopen(f"{address}/api/search?kind=recommendation", timeout=20) as answer:
        found = json.load(answer)["results"][0]
    written = example.replace(BASE, address)
    written = re.sub(r"\bs[0-9a-f]{16}\b", found["statement_id"], written)
    written = re.sub(r"\br[0-9a-f]{16}\b", found["report"]["report_id"], written)
    (tmp_path / ".curlrc").write_text("fail\nsilent\nshow-error\n")
    command = {"bash": ["bash", "-eu", "-c"], "python": [sys.executable, "-c"], "r": ["Rscript", "-e"]}[language]
    environment = {**os.environ, "CURL_HOME": str(tmp_path), "no_proxy": "*", "PYTHONIOENCODING": "utf-8"}
    ended = subprocess.run(
        [*command, written], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 0, ended.stderr
    files = [path for path in tmp_path.iterdir() if path.name != ".curlrc"]
    assert ended.stdout.strip() or files
    assert all(path.stat().st_size > 100 for path in files)
    if language == "bash" and "api/search'" in written:
        assert json.loads(ended.stdout)["results"]
