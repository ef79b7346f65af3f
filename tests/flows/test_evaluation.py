"""The scorer, on a small invented gold set, and against the project's own scorer where that is at hand."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from flows.evaluation import (
    Scores,
    evaluate_folder,
    find_shortfalls,
    interval,
    make_figures,
    match_statements,
    run_evaluate,
    score_document,
)

ROOT = Path(__file__).parent.parent.parent
SCORER = ROOT.parent / "shared" / "score.py"
GOLD = ROOT / "examples" / "gold"
REPORTS = ROOT / "examples" / "reports"


@pytest.fixture(scope="module")
def example_figures() -> dict[str, float]:
    return make_figures(evaluate_folder(GOLD, REPORTS))


def statement(ident: str, text: str, kind: str = "recommendation", **more: Any) -> dict[str, Any]:
    return {"id": ident, "type": kind, "label": None, "page": 1, "text": text, "addressees": [], "also": [], **more}


FERRY = "the council should let the ferry sail on sundays"
ROPES = "the board should replace the ropes every second year"
BELL = "the bell should be tuned by somebody who can hear it"


def scored(gold: list[dict[str, Any]], found: list[dict[str, Any]], **more: Any) -> dict[str, float]:
    scores = Scores()
    gold_file = {"language": "en", "report": {}, "annotated_types": ["recommendation"], "statements": gold, **more}
    score_document(scores, gold_file, {"report": {}, "statements": found}, name="invented")
    return make_figures(scores)


def test_each_gold_statement_is_hit_once() -> None:
    pairs = match_statements([statement("g", FERRY)], [statement("p1", FERRY), statement("p2", FERRY)])

    assert len(pairs) == 1
    assert pairs[0][2] == 1.0


def test_precision_and_recall_count_what_they_should() -> None:
    figures = scored(
        [statement("g1", FERRY), statement("g2", ROPES)],
        [statement("p1", FERRY), statement("p2", BELL), statement("p3", "nothing of the kind was ever said here")],
    )

    assert figures["recommendation/all/precision"] == pytest.approx(1 / 3)
    assert figures["recommendation/all/recall"] == pytest.approx(1 / 2)
    assert figures["recommendation/all/f1"] == pytest.approx(2 / 5)


def test_optional_statements_and_ignored_pages_are_neither_hits_nor_false_alarms() -> None:
    figures = scored(
        [statement("g1", FERRY)],
        [statement("p1", FERRY), statement("p2", ROPES), statement("p3", BELL, page=9)],
        optional_statements=[statement("o", ROPES)],
        ignore_regions=[{"types": ["recommendation"], "pages": [8, 9], "why": "a questionnaire"}],
    )

    assert figures["recommendation/all/f1"] == 1.0


def test_the_wording_elsewhere_is_as_good() -> None:
    figures = scored([statement("g1", FERRY, also=[{"page": 2, "text": ROPES}])], [statement("p1", ROPES, page=2)])

    assert figures["recommendation/all/f1"] == figures["page"] == 1.0


def test_an_interval_needs_documents_and_holds_the_figure() -> None:
    scores = Scores()
    assert interval([]) is None
    for n in range(6):
        found = [statement("p", FERRY if n % 2 else BELL)]
        gold = {"language": "en", "report": {}, "statements": [statement("g", FERRY)]}
        score_document(scores, gold, {"report": {}, "statements": found}, name=f"invented {n}")
    low, high = interval(scores.documents["recommendation", "all"]) or (1.0, 0.0)
    assert 0.0 <= low <= make_figures(scores)["recommendation/all/f1"] <= high <= 1.0


def test_a_figure_below_its_floor_is_named(tmp_path: Path) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text('"recommendation/all/f1" = 0.9\n"title" = 0.5\n', encoding="utf-8")

    (line,) = find_shortfalls({"recommendation/all/f1": 0.8, "title": 0.6}, floors)
    assert "recommendation/all/f1" in line


def test_the_examples_score_as_they_should(example_figures: dict[str, float]) -> None:
    figures = example_figures

    assert figures["recommendation/all/f1"] >= 0.9  # the scan is read only where there is OCR
    assert figures["title"] >= 0.8
    assert figures["response/f1"] == 1.0


def test_no_gold_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"found no .*gold|no gold|nothing"):
        run_evaluate(tmp_path, REPORTS)


@pytest.mark.skipif(not SCORER.exists(), reason="the project's scorer is not beside this checkout")
def test_the_figures_are_those_of_the_projects_scorer(tmp_path: Path, example_figures: dict[str, float]) -> None:
    from flows.evaluation import extract_prediction

    for gold in sorted(GOLD.glob("*.json")):
        source = next(REPORTS.glob(f"{gold.stem}.*"))
        (tmp_path / gold.name).write_text(json.dumps(extract_prediction(source)), encoding="utf-8")
    out = tmp_path / "figures.out"
    subprocess.run(
        [sys.executable, str(SCORER), str(GOLD), str(tmp_path), "--json", str(out)], check=True, capture_output=True
    )

    theirs = json.loads(out.read_text(encoding="utf-8"))
    ours = example_figures
    theirs = {
        name.replace("/p", "/precision") if name.endswith("/p") else name: value for name, value in theirs.items()
    }
    theirs = {name + "ecall" if name.endswith("/r") else name: value for name, value in theirs.items()}
    common = {name for name in theirs if name in ours and theirs[name] == theirs[name]}
    assert len(common) >= 15
    assert {n: round(ours[n], 6) for n in common} == {n: round(theirs[n], 6) for n in common}
