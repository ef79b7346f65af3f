"""Which sentences of an invented report are statements, and which only explain, repeat or belong to others."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report
from extractors.reading import read_document
from extractors.records import Extraction


def extract(markdown: str, name: str = "invented.md") -> Extraction:
    return extract_report(read_document(markdown.encode(), name=name))


def found(markdown: str, kind: str = "recommendation") -> list[str]:
    return [s.text for s in extract(markdown).statements if s.kind == kind]


PADDING_NL = (
    "De veerdienst van Oudemeer vaart sinds jaar en dag tussen de twee oevers van het meer. "
    "Bewoners gebruiken de pont om naar school, naar het werk en naar de markt te gaan. "
)


PADDING_EN = (
    "The ferry of Oldmere has crossed the lake for as long as anybody remembers. "
    "People on both banks take it to school, to their work and to the market. "
)


def test_sentences_beside_a_list_of_recommendations_only_explain() -> None:
    texts = found(
        f"# De pont van Oudemeer\n\n## Inleiding\n\n{PADDING_NL}\n\n## Aanbevelingen\n\n"
        "1. Laat de pont ook op zondag varen.\n2. Maak de dienstregeling bekend op de steiger.\n\n"
        "Daarbij moet de gemeente rekening houden met de stroming van het meer.\n"
    )

    assert texts == ["Laat de pont ook op zondag varen.", "Maak de dienstregeling bekend op de steiger."]


def test_a_call_in_the_text_that_repeats_the_list_is_a_mention_of_it() -> None:
    extraction = extract(
        f"# De pont van Oudemeer\n\n## De dienstregeling\n\n{PADDING_NL}Wij bevelen de gemeente aan om de dienstregeling "
        "van de pont bekend te maken op de steiger.\n\n## Aanbevelingen\n\n"
        "1. Maak de dienstregeling van de pont bekend op de steiger.\n2. Laat de pont ook op zondag varen.\n"
    )

    (first, second) = (s for s in extraction.statements if s.kind == "recommendation")
    assert [len(first.mentions), len(second.mentions)] == [1, 0]


@pytest.mark.parametrize(
    "sentence",
    [
        "“Wij bevelen aan om de pont te vervangen door een brug.”",
        "Het waterschap heeft eerder aanbevolen om de pont te vervangen.",
        "De belangengroep Meerzicht adviseert over de dienstregeling van de pont.",
        "Waarom wordt aanbevolen om de pont te vervangen?",
    ],
)
def test_what_others_say_or_ask_is_no_recommendation(sentence: str) -> None:
    assert found(f"# De pont van Oudemeer\n\n## Bevaring\n\n{PADDING_NL}\n\n{sentence}\n") == []


def test_points_below_a_bold_statement_explain_it() -> None:
    texts = found(
        f"# The ferry of Oldmere\n\n## Context\n\n{PADDING_EN}\n\n## Lessons to be learned\n\n"
        "- **A timetable is a promise to the people who wait.**\n"
        "    - In the winter of the storm nobody told them that the ferry had stopped.\n"
        "- **Nobody should have to ask twice.**\n"
        "    - Passengers telephoned three offices before one of them answered.\n",
        "lesson",
    )

    assert texts == ["A timetable is a promise to the people who wait.", "Nobody should have to ask twice."]


def test_an_item_that_opens_with_a_colon_holds_the_points_that_complete_it() -> None:
    (text,) = found(
        f"# The ferry of Oldmere\n\n## Context\n\n{PADDING_EN}\n\n## Recommendations\n\n"
        "1. The council should, before the summer:\n"
        "    - repair the landing stage;\n    - replace the ropes.\n"
    )

    assert text.startswith("The council should") and text.endswith("replace the ropes.")


def test_a_number_at_the_end_is_the_label_and_no_part_of_the_text() -> None:
    (statement,) = extract(
        f"# The ferry of Oldmere\n\n## Context\n\n{PADDING_EN}\n\n## Recommendations\n\n"
        "The Board recommends that the council repair the landing stage. (014/22)\n"
    ).statements

    assert (statement.label, statement.text[-6:]) == ("014/22", "stage.")


def test_a_statement_below_a_labelled_heading_has_its_number() -> None:
    statements = extract(
        f"# The ferry of Oldmere\n\n## Context\n\n{PADDING_EN}\n\n## Finding B-2: The ropes were worn\n\n"
        "The ropes had not been replaced in eleven years.\n\n### Recommendation: New ropes\n\n"
        "Replace the ropes of the ferry every second year.\n"
    ).statements

    assert {(s.kind, s.label) for s in statements} >= {("recommendation", "B-2")}


def test_sections_below_a_list_of_findings_are_one_finding_each() -> None:
    sections = "".join(
        f"### 2.{n} ABC-00{n} — Door {n} is open\n\nThe door of shed {n} could be opened without any key.\n\n"
        f"We found the key of shed {n} under the mat.\n\n"
        for n in range(1, 5)
    )
    statements = extract(f"# The sheds of Oldmere\n\n## 1 Scope\n\n{PADDING_EN}\n\n## 2 List of findings\n\n{sections}")

    findings = [s for s in statements.statements if s.kind == "finding"]
    assert [f.label for f in findings] == ["ABC-001", "ABC-002", "ABC-003", "ABC-004"]
    assert findings[0].text == "The door of shed 1 could be opened without any key."


def test_a_letter_and_a_text_without_advice_give_nothing() -> None:
    assert found(f"# De pont van Oudemeer\n\n## Geschiedenis\n\n{PADDING_NL}\n") == []


def test_a_recommendation_is_linked_to_the_finding_that_it_names_and_to_the_one_it_stands_below() -> None:
    extraction = extract(
        f"# The ferry of Oldmere\n\n## Context\n\n{PADDING_EN}\n\n## Finding 1: The ropes were worn\n\n"
        "The ropes had not been replaced in eleven years.\n\n## Finding 2: Nobody knew the timetable\n\n"
        "The timetable hung in the office of the harbour master only.\n\n### Recommendation: Show it\n\n"
        "Publish the timetable on the landing stage.\n\n## Recommendations\n\n"
        "1. Replace the ropes every second year. This rests on finding 1.\n2. Let the ferry sail on Sundays.\n"
    )
    text = {s.statement_id: s.text for s in extraction.statements}

    assert {(text[x.recommendation_id][:7], text[x.based_on_id][:13], x.evidence) for x in extraction.links} == {
        ("Replace", "The ropes had", "explicit"),
        ("Publish", "The timetable", "structural"),
    }
