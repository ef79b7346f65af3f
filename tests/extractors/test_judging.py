"""Judging: which candidates become statements, which go to review, and that nothing is lost in between."""

from __future__ import annotations

import numpy as np
import pytest

from extractors.extraction import extract_report
from extractors.judging import read_meant_roles
from extractors.lexicon import load_lexicons
from extractors.reading import read_document
from extractors.records import STATEMENT_KINDS, Extraction
from extractors.sections import unnamed_titles
from models.embedding import HashingEmbedder
from models.judging import Judge, KindModel
from models.roles import RoleModel
from models.wording import LABELS, WordingModel

REPORT = """# Wachten op hulp

Een verzonnen rapport van de Rekenkamer Noordwoude.

## Werkwijze

Wij spraken met twaalf medewerkers. De gemeente moet binnen acht weken beslissen.

## Conclusies

De gemeente heeft onvoldoende zicht op de wachttijden. Het onderzoek duurde vier maanden.

## Aanbevelingen

Een eigen loket voor ouderen in elk van de vier dorpen.

1. Geef iedere aanvrager een vaste contactpersoon.
2. Meet de wachttijden en maak ze elk kwartaal openbaar.
"""
D = 8


def make_judge(weights: dict[str, float], *, keep_from: float = 0.5, add_from: float = 0.9) -> Judge:
    """A judge that looks at the named features alone; the same for every kind."""
    embedder = HashingEmbedder(D)
    wording = WordingModel(
        embedder,
        weights=np.zeros((3 * D, len(LABELS)), np.float32),
        bias=np.zeros(len(LABELS), np.float32),
        alone=np.zeros((D, len(LABELS)), np.float32),
        alone_bias=np.zeros(len(LABELS), np.float32),
        means={"en": np.zeros((3, D), np.float32)},
    )
    roles = RoleModel(
        embedder,
        roles=("other",),
        weights=np.zeros((D, 1), np.float32),
        bias=np.zeros(1, np.float32),
        means={"en": np.zeros(D, np.float32)},
    )
    names = tuple(name for name in weights if name != "offset")
    row = np.array([[*(weights[name] for name in names), weights.get("offset", 0.0)]], np.float32)
    model = KindModel(row, (1.0, 0.0, 0.0), keep_from=(keep_from,) * 3, add_from=add_from)
    return Judge(wording, roles, kinds=dict.fromkeys(STATEMENT_KINDS, model), features=names, folds={})


def extract(judge: Judge | None, *, min_confidence: float | None = None) -> Extraction:
    document = read_document(REPORT.encode(), name="verzonnen.md")
    return extract_report(document, judge=judge, min_confidence=min_confidence)


def test_a_judge_that_agrees_with_the_rules_changes_nothing_but_the_confidence() -> None:
    """With a judge that is sure of whatever the rules take, the statements are theirs."""
    by_rules = extract(None)
    judged = extract(make_judge({"offset": 3.0}, add_from=1.01))
    assert [(s.kind, s.text) for s in judged.statements] == [(s.kind, s.text) for s in by_rules.statements]
    assert {round(s.confidence, 2) for s in judged.statements} == {0.95}


def test_what_the_judge_refuses_goes_to_review_and_not_away() -> None:
    """Every statement of the rules is still there, for a person to look at."""
    taken = extract(None).statements
    refused = extract(make_judge({"offset": -1.0}))
    assert refused.statements == ()
    assert {s.text for s in taken} <= {s.text for s in refused.review}
    assert {round(s.confidence, 2) for s in refused.review} == {0.27}


def test_a_sentence_that_no_rule_took_is_added_when_the_judge_is_sure() -> None:
    """The model finds what the rules miss, and says that no rule found it."""
    sure = extract(make_judge({"rule=sentence": 4.0, "offset": 1.0}))
    added = [s for s in sure.statements if s.rule == "sentence"]
    assert added
    assert all(s.confidence > 0.9 for s in added)


def test_a_threshold_trades_recall_for_precision() -> None:
    """A higher demand leaves fewer statements; those that fall below are in the review list."""
    judge = make_judge({"is item": 3.0, "offset": 0.5}, add_from=1.01)
    easy, strict = extract(judge), extract(judge, min_confidence=0.9)
    assert {s.text for s in strict.statements} < {s.text for s in easy.statements}
    below = {s.text for s in easy.statements} - {s.text for s in strict.statements}
    assert below <= {s.text for s in strict.review}


def test_statements_and_review_share_no_text() -> None:
    """A range of the text is a statement or up for review, not both."""
    extraction = extract(make_judge({"is item": 3.0, "offset": -1.0}))
    taken = {(s.start, s.end) for s in extraction.statements}
    assert taken
    assert not taken & {(s.start, s.end) for s in extraction.review}


@pytest.mark.parametrize(
    ("named", "probability", "role"),
    [
        ("lessons", 0.8, "lessons"),
        ("lessons", 0.7, None),
        ("response", 0.75, "response"),
        ("recommendations", 0.75, None),
        ("findings", 0.99, None),
        ("method", 0.99, None),
    ],
)
def test_a_title_has_a_role_by_its_meaning_only_where_the_model_is_sure(
    named: str, probability: float, role: str | None
) -> None:
    """Each role that may be read so has its own demand; titles that mean findings or a method are left as they are."""
    report = REPORT.replace("## Werkwijze", "## Wat de schipper ons zei")
    document = read_document(report.encode(), name="verzonnen.md")
    judge = make_judge({"offset": 3.0})
    bias = np.array([np.log(probability / (1 - probability)), 0.0], np.float32)
    roles = RoleModel(
        judge.roles._embedder,
        roles=(named, "other"),
        weights=np.zeros((D, 2), np.float32),
        bias=bias,
        means={"en": np.zeros(D, np.float32)},
    )
    judge = Judge(judge.wording, roles, kinds=judge._kinds, features=judge.features, folds={})
    lexicon = load_lexicons()[document.language]
    meant = read_meant_roles(document, lexicon, judge)
    assert meant == (dict.fromkeys(unnamed_titles(document, lexicon), role) if role else {})
    assert role is None or "Wat de schipper ons zei" in meant


def test_the_law_of_quotation_holds_for_review_too() -> None:
    """What is up for review is quoted word for word as well."""
    extraction = extract(make_judge({"offset": -1.0}))
    assert {s.kind for s in extraction.review} >= {"recommendation", "conclusion"}
    for s in extraction.review:
        assert extraction.document.text[s.start : s.end] == s.text
