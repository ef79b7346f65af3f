"""The threshold moves statements to the review list and loses none; the version tells when to read again."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report, extraction_version
from extractors.output import as_prediction
from extractors.reading import read_document

REPORT = """# Verzonnen rapport over de pont

## Conclusies

Wij concluderen dat de pont in de winter te vaak uitvalt en dat niemand de reizigers vertelt waarom.

## Aanbevelingen

1. Laat de pont ook op zondag varen, zodat de eilanders naar de markt kunnen.
2. De gemeente moet de touwen elk jaar laten keuren door iemand die er verstand van heeft.
"""


@pytest.mark.parametrize("least", [0.5, 0.85, 0.86, 0.99])
def test_what_is_below_the_threshold_goes_to_review(least: float) -> None:
    """Whatever the threshold, statements and review together are what is found without one."""
    document = read_document(REPORT.encode(), name="pont.md")
    every = {s.text for s in extract_report(document).statements}
    strict = extract_report(document, min_confidence=least)
    assert {s.text for s in strict.statements} | {s.text for s in strict.review} == every
    assert all(s.confidence >= least for s in strict.statements)
    assert all(s.confidence < least and s.doubt == "below_setting" for s in strict.review)
    assert all(s.doubt is None for s in strict.statements)


def test_extract_prints_the_review_list_with_its_reasons() -> None:
    """The JSON has the candidates in the form of statements, with `why`."""
    document = read_document(REPORT.encode(), name="pont.md")
    prediction = as_prediction(extract_report(document, min_confidence=0.99))
    assert prediction["statements"] == []
    assert {s["why"] for s in prediction["review"]} == {"below_setting"}
    assert {s["type"] for s in prediction["review"]} >= {"recommendation"}


def test_the_version_changes_with_mode_threshold_and_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of the three makes another version; the same settings make the same one."""
    versions = [
        extraction_version(),
        extraction_version(min_confidence=0.5),
        extraction_version(min_confidence=0.6),
        extraction_version(is_judged=True),
        extraction_version(is_judged=True, min_confidence=0.5),
    ]
    assert extraction_version(is_judged=True) == versions[3]
    monkeypatch.setattr("extractors.extraction._judge_hash", lambda: "0123456789ab")
    versions.append(extraction_version(is_judged=True))
    assert len(set(versions)) == len(versions)
