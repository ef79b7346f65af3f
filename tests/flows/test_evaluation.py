"""The scorer, on a small invented gold set, and against the project's own scorer where that is at hand."""

from __future__ import annotations

import datetime
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flows.errors import NothingToRead
from flows.evaluation import (
    Evaluation,
    evaluate_folder,
    find_shortfalls,
    make_figures,
    name_figures,
    run_evaluate,
    write_between,
)
from flows.figures import as_figures, format_figures, interval, mean_f1, measure_all, pooled_f1
from flows.reliability import format_reliability, rate_statements
from flows.scoring import DocumentScore, match_statements, score_document
from warehouse.store import Warehouse

ROOT = Path(__file__).parent.parent.parent
SCORER = ROOT.parent / "shared" / "score.py"
GOLD = ROOT / "examples" / "gold"
REPORTS = ROOT / "examples" / "reports"


@pytest.fixture(scope="module")
def examples() -> Evaluation:
    return evaluate_folder(GOLD, REPORTS)


@pytest.fixture(scope="module")
def example_figures(examples: Evaluation) -> dict[str, float]:
    return make_figures(examples.measure())


def statement(ident: str, text: str, kind: str = "recommendation", **more: Any) -> dict[str, Any]:
    return {"id": ident, "type": kind, "label": None, "page": 1, "text": text, "addressees": [], "also": [], **more}


FERRY = "the council should let the ferry sail on sundays"
ROPES = "the board should replace the ropes every second year"
BELL = "the bell should be tuned by somebody who can hear it"


def score_one(
    gold: list[dict[str, Any]], found: list[dict[str, Any]], *, language: str = "en", **more: Any
) -> DocumentScore:
    gold_file = {
        "language": language, "report": {}, "annotated_types": ["recommendation"], "statements": gold, **more,
    }  # fmt: skip
    return score_document(gold_file, {"report": {}, "statements": found}, name="invented")


def scored(gold: list[dict[str, Any]], found: list[dict[str, Any]], **more: Any) -> dict[str, float]:
    return make_figures(measure_all([score_one(gold, found, **more)]))


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
    """One document gives none; six give one around the figure, the same each time; documents are what is resampled."""
    counts = np.array([[1, 0, 0], [0, 1, 1]] * 3, np.float64)
    assert interval(counts[:1], pooled_f1) is None
    low, high = interval(counts, pooled_f1) or (1.0, 0.0)
    assert 0.0 <= low < 0.5 < high <= 1.0
    assert interval(counts, pooled_f1) == (low, high)
    # One long document among short ones: most of the pooled figure, one part in six of the mean.
    counts[0] = (100, 0, 0)
    assert pooled_f1(counts[None])[0] > 0.97
    assert mean_f1(counts[None])[0] == pytest.approx(0.5)


@pytest.mark.system
def test_every_figure_has_a_name_of_its_own_and_an_interval_where_there_are_documents(examples: Evaluation) -> None:
    """Names are unique, values lie in their intervals, and one document has no interval."""
    measured = examples.measure()
    assert len({m.name for m in measured}) == len(measured)
    for m in measured:
        assert (m.low is None) == (m.document_count < 2), m.name
        if m.low is not None and m.high is not None:
            assert 0 <= m.low <= m.value <= m.high <= 1, m.name


def test_languages_add_up_to_all() -> None:
    """The figures per language are about the documents in that language."""
    dutch = score_one([statement("g", FERRY)], [statement("p", FERRY)], language="nl")
    english = score_one([statement("g", FERRY)], [statement("p", BELL)], language="en")
    measured = {m.name: m for m in measure_all([dutch, english])}
    assert [measured[f"recommendation/{code}/recall"].value for code in ("all", "en", "nl")] == [0.5, 0.0, 1.0]
    assert [measured[f"recommendation/{code}/recall"].case_count for code in ("all", "en", "nl")] == [2, 1, 1]
    assert "page/en" not in measured
    assert measured["page/nl"].value == 1.0


def test_the_table_has_an_interval_for_every_figure() -> None:
    """What is printed shows value, interval and counts."""
    right, wrong = (score_one([statement("g", FERRY)], [statement("p", text)]) for text in (FERRY, BELL))
    table = format_figures(measure_all([right, wrong]), [right, wrong])
    row = "| recommendation | all | 0.500 (0.00–1.00) | 0.500 (0.00–1.00) | 0.500 (0.00–1.00) | 2 | 2 |"
    assert row in table.splitlines()


@pytest.mark.system
def test_figures_become_rows_that_explain_themselves(examples: Evaluation) -> None:
    """Each row of the table quality has a sentence, the set and its hash, and no two rows are the same figure."""
    moment = datetime.datetime(2024, 3, 1, tzinfo=datetime.UTC)
    rows = as_figures(
        examples.measure(), measured_on="examples", measured_on_hash="abc", version="1", measured_at=moment
    )
    assert len({row.name for row in rows}) == len(rows) > 100
    meanings = {row.name: row.meaning for row in rows}
    assert meanings["extraction/recommendation/nl/precision"] == (
        "Share of the recommendations found in Dutch reports that are right."
    )
    assert meanings["extraction/all/all/published_date"] == "Share of the publication dates of reports that are right."
    assert all(meaning.endswith(".") and "  " not in meaning for meaning in meanings.values())


def test_the_reliability_table_tells_statements_from_candidates() -> None:
    """Statements and the review list are counted by confidence; what the gold excuses is in neither."""
    gold = {"language": "en", "statements": [statement("g1", FERRY), statement("g2", ROPES)],
            "optional_statements": [statement("o", BELL)]}  # fmt: skip
    predicted = {
        "statements": [statement("p1", FERRY, confidence=0.95), statement("p2", BELL, confidence=0.95)],
        "review": [statement("r1", ROPES, confidence=0.25), statement("r2", "nothing of the kind", confidence=0.28)],
    }
    score = score_document(gold, predicted, name="invented")
    rated = rate_statements([score])
    assert [(r.confidence, r.is_right, r.is_statement) for r in rated] == [
        (0.95, True, True), (0.25, True, False), (0.28, False, False),
    ]  # fmt: skip
    lines = format_reliability([score]).splitlines()
    assert "| 0.2–0.3 | 0 | – | – | 2 | 0.27 | 0.50 |" in lines
    assert "| 0.9–1.0 | 1 | 0.95 | 1.00 | 0 | – | – |" in lines
    assert any(line.startswith("| none set | 1.00 / 0.50 |") for line in lines)
    assert any(line.startswith("| with the review list | 0.67 / 1.00 |") for line in lines)


def test_figures_are_written_between_their_markers(tmp_path: Path) -> None:
    """What stands around the markers stays; a page without them is refused and stays as it was."""
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- figures:begin -->\nold\n<!-- figures:end -->\nafter\n", encoding="utf-8")
    write_between(page, "figures", "new")
    assert page.read_text(encoding="utf-8") == ("before\n<!-- figures:begin -->\nnew\n<!-- figures:end -->\nafter\n")
    with pytest.raises(NothingToRead, match="put these markers"):
        write_between(page, "reliability", "new")


@pytest.mark.system
def test_own_figures_are_saved_in_the_warehouse(
    examples: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--save` writes one row per figure, with its set; measuring again replaces them."""
    monkeypatch.setenv("RODEDRAAD_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("flows.evaluation.evaluate_folder", lambda gold, docs: examples)
    for _ in range(2):
        assert run_evaluate(GOLD, REPORTS, save_as="invented examples") == 0
    assert "rodedraad publish" in capsys.readouterr().err
    with Warehouse.open(tmp_path / "home" / "warehouse.duckdb", read_only=True) as warehouse:
        query = "SELECT origin, area, measured_on, measured_on_hash, count(*) FROM quality GROUP BY ALL"
        count = len(name_figures(examples, examples.measure(), measured_on="x"))
        assert warehouse.query(query) == [("own", "extraction", "invented examples", examples.content_hash, count)]


def test_a_figure_below_its_floor_is_named(tmp_path: Path) -> None:
    floors = tmp_path / "floors.toml"
    floors.write_text('"recommendation/all/f1" = 0.9\n"title" = 0.5\n', encoding="utf-8")

    (line,) = find_shortfalls({"recommendation/all/f1": 0.8, "title": 0.6}, floors)
    assert "recommendation/all/f1" in line


@pytest.mark.system
def test_the_examples_score_as_they_should(example_figures: dict[str, float]) -> None:
    figures = example_figures

    assert figures["recommendation/all/f1"] >= 0.9  # the scan is read only where there is OCR
    assert figures["title"] >= 0.8
    assert figures["response/f1"] == 1.0


def test_no_gold_is_one_clear_message(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"found no .*gold|no gold|nothing"):
        run_evaluate(tmp_path, REPORTS)


@pytest.mark.system
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
