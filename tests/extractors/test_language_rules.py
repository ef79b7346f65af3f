"""What is a statement and what is not, as tables of text and outcome. All texts are invented."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report
from extractors.reading import read_document
from extractors.records import Extraction

CHAPTERS = "# Verzonnen rapport over de veerdienst\n\n## 1 Inleiding\n\nDit rapport gaat over de veerdienst naar het eiland.\n\n"
CHAPTERS_EN = (
    "# Invented report on the ferry service\n\n## 1 Introduction\n\nThis report is about the ferry to the island.\n\n"
)


def extract(markdown: str) -> Extraction:
    return extract_report(read_document(markdown.encode(), name="verzonnen.md"))


def found(markdown: str, kind: str) -> list[str]:
    return [" ".join(s.text.split()) for s in extract(markdown).statements if s.kind == kind]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        # A list in a section of recommendations, numbered or not.
        (
            "## 5 Aanbevelingen\n\n1. Zorg voor een vaste contactpersoon per eilandbewoner.\n"
            "2. Publiceer de vaartijden een maand vooraf.\n",
            [
                "Zorg voor een vaste contactpersoon per eilandbewoner.",
                "Publiceer de vaartijden een maand vooraf.",
            ],
        ),
        # A lead-in that announces, outside such a section.
        (
            "## 4 Tot besluit van het onderzoek\n\nDe commissie doet de volgende aanbevelingen:\n\n"
            "- vaar ook in de winter elke ochtend;\n- houd de prijs van een kaartje gelijk.\n",
            ["vaar ook in de winter elke ochtend", "houd de prijs van een kaartje gelijk."],
        ),
        # Outright cues in prose.
        (
            "## 3 Analyse\n\nDe boot vaart vaak te laat. Wij bevelen de rederij aan om een tweede boot te kopen. Dat kost geld.\n",
            ["Wij bevelen de rederij aan om een tweede boot te kopen."],
        ),
        (
            "## 3 Analyse\n\nHet verdient aanbeveling de steiger te verbreden. De steiger is nu twee meter breed.\n",
            ["Het verdient aanbeveling de steiger te verbreden."],
        ),
        # What others recommended, what was done already, and questions are no recommendations of this report.
        ("## 3 Analyse\n\nDe inspectie heeft in 2015 aanbevolen om de steiger te verbreden naar vier meter.\n", []),
        ("## 3 Analyse\n\nIn 2019 adviseerde de raad om de steiger te verbreden naar vier meter.\n", []),
        ("## 5 Aanbevelingen\n\n- Moet de rederij een tweede boot kopen?\n", []),
        # A call inside a section of recommendations; the explanation around it is not one.
        (
            "## 5 Aanbevelingen\n\nDe steiger is nu twee meter breed. De gemeente moet de steiger verbreden tot vier meter.\n",
            ["De gemeente moet de steiger verbreden tot vier meter."],
        ),
        # Outside of it the same sentence is a norm or an opinion.
        ("## 3 Analyse\n\nDe gemeente moet de steiger volgens de verordening elk jaar keuren op veiligheid.\n", []),
    ],
)
def test_dutch_recommendations(body: str, expected: list[str]) -> None:
    """Dutch recommendations are found by section, list, lead-in and cue, and cited ones are left out."""
    assert found(CHAPTERS + body, "recommendation") == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "## Recommendation 1: A second boat\n\nThe ferry company should buy a second boat by the end of 2026.\n\n"
            "A second boat costs four million.\n",
            ["The ferry company should buy a second boat by the end of 2026."],
        ),
        (
            "## 3 Analysis\n\nThe ferry is often late. We recommend that the council widen the pier. It is narrow now.\n",
            ["We recommend that the council widen the pier."],
        ),
        ("## 3 Analysis\n\nThe inspectorate had recommended in 2015 that the pier be widened to four metres.\n", []),
        (
            "## 6 The way forward\n\n- Widen the pier to four metres before the summer.\n- Sell tickets on board of the ship.\n",
            ["Widen the pier to four metres before the summer.", "Sell tickets on board of the ship."],
        ),
        (
            "## 3 Analysis\n\nWe recommend that the council:\n\n- widen the pier to four metres; and\n- light it at night.\n",
            ["widen the pier to four metres; and", "light it at night."],
        ),
    ],
)
def test_english_recommendations(body: str, expected: list[str]) -> None:
    """English recommendations are found by label, section, list and cue, and cited ones are left out."""
    assert found(CHAPTERS_EN + body, "recommendation") == expected


@pytest.mark.parametrize(
    ("body", "kind", "expected"),
    [
        (
            "## 4 Conclusies\n\n- De veerdienst is in de winter niet betrouwbaar.\n- Reizigers worden te laat ingelicht.\n",
            "conclusion",
            ["De veerdienst is in de winter niet betrouwbaar.", "Reizigers worden te laat ingelicht."],
        ),
        (
            "## 4 Bevindingen\n\nBevinding 1: In 2023 viel een op de tien afvaarten uit zonder bericht vooraf.\n",
            "finding",
            ["In 2023 viel een op de tien afvaarten uit zonder bericht vooraf."],
        ),
        (
            "## 6 Geleerde lessen\n\n- Spreek met bewoners voordat de dienstregeling vaststaat.\n- Houd een boot achter de hand.\n",
            "lesson",
            ["Spreek met bewoners voordat de dienstregeling vaststaat.", "Houd een boot achter de hand."],
        ),
    ],
)
def test_the_other_kinds(body: str, kind: str, expected: list[str]) -> None:
    """Conclusions, findings and lessons come from their own sections and labels."""
    assert found(CHAPTERS + body, kind) == expected


def test_the_same_statement_twice_is_one_with_a_mention() -> None:
    """A recommendation of the summary that the last chapter repeats is one statement with one mention."""
    extraction = extract(
        CHAPTERS
        + "## Samenvatting\n\nWij bevelen de gemeente aan om de steiger te verbreden tot vier meter.\n\n"
        + "## 5 Aanbevelingen\n\n1. Wij bevelen de gemeente aan om de steiger te verbreden tot vier meter.\n"
        + "2. Publiceer de vaartijden een maand vooraf op de eigen site.\n"
    )
    first, second = extraction.statements
    assert first.label == "1"
    assert first.section == "5 Aanbevelingen"
    assert [m.text for m in first.mentions] == [
        "Wij bevelen de gemeente aan om de steiger te verbreden tot vier meter."
    ]
    assert second.mentions == ()


def test_addressee_and_deadline_are_read_from_statement_and_lead_in() -> None:
    """Who must act comes from the sentence or from the lead-in above the list; a date is normalised."""
    extraction = extract(
        CHAPTERS
        + "## 5 Aanbevelingen\n\nAan de minister van Financiën:\n\n"
        + "1. Stel vóór 1 juli 2031 geld beschikbaar voor een tweede boot.\n"
        + "2. De gemeente dient de steiger te verbreden tot vier meter.\n"
    )
    money, pier = extraction.statements
    assert [(a.text, a.party_id) for a in money.addressees] == [("de minister van Financiën", "nl-ministry-fin")]
    assert money.deadline is not None
    assert (money.deadline.text, str(money.deadline.date)) == ("vóór 1 juli 2031", "2031-07-01")
    assert [a.text for a in pier.addressees] == ["De gemeente"]


def test_every_statement_is_a_quotation_with_a_stable_id() -> None:
    """The offsets of a statement give its text, and its id depends on report and text only."""
    markdown = (
        CHAPTERS
        + "## 5 Aanbevelingen\n\n- Vaar elke dag ook vroeg in de ochtend.\n- Vaar elke dag ook laat in de avond.\n"
    )
    one, other = extract(markdown), extract(markdown + "\n## 6 Nawoord\n\nWij danken alle bewoners.\n")
    for extraction in (one, other):
        for s in extraction.statements:
            assert extraction.document.text[s.start : s.end] == s.text
    again = extract_report(other.document, report_id=one.report.report_id)
    assert [s.statement_id for s in again.statements] == [s.statement_id for s in one.statements]


def test_a_response_document_quotes_recommendations_and_states_none() -> None:
    """In a government response the recommendations are quotations; its own words are responses with a stance."""
    extraction = extract(
        "# Government response to the invented ferry report\n\n## Recommendation 1\n\n"
        "The council should widen the pier.\n\nThe government accepts this recommendation in full.\n\n"
        "## Recommendation 2\n\nThe company should buy a second boat.\n\nThe government does not accept this recommendation.\n"
    )
    assert extraction.report.kind == "response"
    assert extraction.statements == ()
    assert [(r.to, r.stance) for r in extraction.responses] == [("1", "accepted"), ("2", "rejected")]
