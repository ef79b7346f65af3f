"""The bundled examples give the statements that their gold files have: the goldens of the whole extraction.

`python -m pytest tests/examples/test_goldens.py --rewrite-goldens` writes `examples/expected/` again, and fails.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from extractors.extraction import extract_report
from extractors.output import as_prediction
from extractors.reading import read_document
from flows.evaluation import make_figures
from flows.figures import measure_all
from flows.scoring import score_document

ROOT = Path(__file__).resolve().parents[2]
REPORTS = sorted(p for p in (ROOT / "examples" / "reports").iterdir() if not p.stem.startswith("scan-"))
EXPECTED = ROOT / "examples" / "expected"


def extract(path: Path) -> dict[str, object]:
    return as_prediction(extract_report(read_document(path.read_bytes(), name=path.name)))


def shorten(prediction: dict[str, object]) -> dict[str, object]:
    """Leave out what only says where on the page: the goldens are read by people."""
    statements = [
        {k: v for k, v in s.items() if k not in ("boxes", "start", "end", "confidence")}
        for s in prediction["statements"]  # type: ignore[attr-defined]
    ]
    return {**prediction, "statements": statements}


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem[:30])
def test_the_extraction_of_an_example_is_as_it_was(path: Path, request: pytest.FixtureRequest) -> None:
    """What is extracted from a bundled report changes only together with its golden."""
    golden = EXPECTED / f"{path.stem}.json"
    found = json.dumps(shorten(extract(path)), ensure_ascii=False, indent=1) + "\n"
    if request.config.getoption("--rewrite-goldens"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(found, encoding="utf-8")
        pytest.fail("golden rewritten; look at the difference, and run again without --rewrite-goldens")
    assert json.loads(found) == json.loads(golden.read_text(encoding="utf-8"))


def test_the_examples_score_well_against_their_gold() -> None:
    """All findings, lessons and responses of the examples are found, and nearly all recommendations."""
    scores = []
    for path in REPORTS:
        gold = json.loads((ROOT / "examples" / "gold" / f"{path.stem}.json").read_text(encoding="utf-8"))
        scores.append(score_document(gold, extract(path), name=path.stem))
    figures = make_figures(measure_all(scores))
    assert figures["recommendation/all/f1"] >= 0.95
    assert figures["conclusion/all/f1"] >= 0.9
    assert figures["finding/all/f1"] == 1.0
    assert figures["lesson/all/f1"] == 1.0
    assert figures["response/f1"] == 1.0
    assert figures["page"] == 1.0


@pytest.mark.parametrize("path", REPORTS, ids=lambda path: path.stem[:30])
def test_every_statement_is_a_quotation_in_its_place(path: Path) -> None:
    """The offsets give the text, the page is one of the report, and in PDFs the boxes lie on that page."""
    document = read_document(path.read_bytes(), name=path.name)
    for s in extract_report(document).statements:
        assert document.text[s.start : s.end] == s.text
        assert 1 <= s.page <= len(document.pages)
        if path.suffix == ".pdf":
            assert s.boxes
            assert s.boxes[0].page == s.page
            size = document.pages[s.page - 1]
            for placed in s.boxes:
                assert 0 <= placed.box.x0 < placed.box.x1 <= size.width
                assert 0 <= placed.box.top < placed.box.bottom <= size.height
