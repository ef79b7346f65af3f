"""The default way of extraction: the judge whose weights the program brings, alone and in a whole run with workers.

`python -m pytest tests/examples/test_shipped_judge.py --rewrite-goldens` writes `judged.json` again, and fails.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from extractors.extraction import extract_report, extraction_version
from extractors.reading import read_document
from flows.judges import load_judge_for
from flows.settings import Settings
from models.judging import Judge
from warehouse.store import Warehouse

pytestmark = pytest.mark.system

REPORTS = Path(__file__).resolve().parents[2] / "examples" / "reports"
GOLDEN = Path(__file__).with_name("judged.json")
NAMES = (
    "audit-office-westmark-2023-08-keeping-the-water-out.pdf",
    "ombudsman-2023-150-na-het-water-de-wachtkamer.pdf",
    "raad-digitale-zorgvuldigheid-2021-advies-algoritmen.md",
    "westmark-benefits-review-2022-overpayments.txt",
)


@pytest.fixture(scope="module")
def judge() -> Judge:
    """The judge as it is shipped, in the precision that every processor has."""
    judge = load_judge_for(Settings(extraction="learned", model_precision="fp32"))
    assert judge is not None
    return judge


def test_the_shipped_judge_takes_the_statements_expected(judge: Judge, request: pytest.FixtureRequest) -> None:
    """Kind, label and page of each statement, and how many are up for review, change only with the golden."""
    found = {}
    for name in NAMES:
        extraction = extract_report(read_document((REPORTS / name).read_bytes(), name=name), judge=judge)
        found[name] = {
            "statements": [f"{s.kind}, {s.label or 'no label'}, page {s.page}" for s in extraction.statements],
            "review": len(extraction.review),
        }
    if request.config.getoption("--rewrite-goldens"):
        GOLDEN.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        pytest.fail("golden rewritten; look at the difference, and run again without --rewrite-goldens")
    assert found == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_the_shipped_judge_knows_the_recommendations_of_the_gold(judge: Judge) -> None:
    """Whatever the golden says: most recommendations that the gold of an example has are taken, and surely so."""
    name = NAMES[1]
    gold = json.loads((REPORTS.parent / "gold" / f"{Path(name).stem}.json").read_text(encoding="utf-8"))
    wanted = {s["label"] for s in gold["statements"] if s["type"] == "recommendation" and s["label"]}
    extraction = extract_report(read_document((REPORTS / name).read_bytes(), name=name), judge=judge)
    taken = {s.label: s.confidence for s in extraction.statements if s.kind == "recommendation"}
    assert len(wanted & taken.keys()) >= 0.8 * len(wanted) > 0
    assert all(taken[label] > 0.5 for label in wanted & taken.keys())


def test_an_ingest_with_default_settings_is_judged_by_workers_and_published(tmp_path: Path) -> None:
    """What a newcomer gets from `rodedraad ingest`: the judge decides, in processes of their own, and the site is there."""
    chosen = {"RODEDRAAD_OCR", "RODEDRAAD_WORKERS", "RODEDRAAD_EXTRACTION"}  # what conftest.py sets for other tests
    environment = {name: value for name, value in os.environ.items() if name not in chosen}
    environment |= {"RODEDRAAD_HOME": str(tmp_path / "home"), "PREFECT_HOME": str(tmp_path / "prefect")}
    (tmp_path / "prefect").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "ingest", *(str(REPORTS / name) for name in NAMES[2:])],
        env=environment,
        capture_output=True,
        text=True,
        timeout=420,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 documents: 2 new, 0 unchanged, 0 with problems" in done.stdout
    assert (tmp_path / "home" / "site" / "current" / "kb.db").exists()
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    with Warehouse.open(tmp_path / "home" / "warehouse.duckdb", read_only=True) as warehouse:
        kinds = dict(warehouse.query("SELECT kind, count(*) FROM statements GROUP BY 1"))
        ((by_rules,),) = warehouse.query(
            "SELECT count(*) FROM documents WHERE extraction_version = ?", [extraction_version()]
        )
    expected = Counter(s.split(",")[0] for name in NAMES[2:] for s in golden[name]["statements"])
    assert set(kinds) == set(expected)
    assert abs(sum(kinds.values()) - expected.total()) <= 2  # other precisions of a processor may differ at a threshold
    assert by_rules == 0
