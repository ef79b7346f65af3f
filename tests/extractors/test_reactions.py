"""Reactions of the addressed bodies inside invented reports, and that they give no statements of the report."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report
from extractors.lexicon import load_lexicons
from extractors.reactions import find_response_chapters
from extractors.reading import read_document
from extractors.records import Extraction
from extractors.sections import find_sections

REKENKAMER = (
    "# De pont van Oudemeer\n\nRapport van de Rekenkamer Oudemeer over de veiligheid van de pont\n\n"
    "## 1 Conclusies\n\nWij concluderen dat de pont niet veilig vaart.\n\n## 2 Aanbevelingen\n\n"
    "1. Laat de pont ieder jaar keuren.\n2. Vervang de touwen.\n3. Informeer de gemeenteraad over de kosten.\n\n"
)
AUDIT = (
    "# The ferries of Oldmere\n\nReport of the Auditor General to the House\n\n"
    "## Findings\n\nFerries were late on most days of the year.\n\n## Recommendations\n\n"
)


def extract(text: str) -> Extraction:
    return extract_report(read_document(text.encode(), name="report.md"))


def stances(text: str) -> list[tuple[str, str]]:
    return [(r.to.removeprefix("Recommendation ").strip(), r.stance) for r in extract(text).responses]


def test_a_chapter_answers_the_recommendations_of_its_report() -> None:
    """The responses have the labels of the statements; what the body promises or advises is no statement."""
    found = extract(
        REKENKAMER + "## 3 Bestuurlijke reactie college\n\nHet college neemt de aanbevelingen 1 en 2 over. "
        "Aanbeveling 3 neemt het college gedeeltelijk over. Wij bevelen de raad aan om geld beschikbaar te stellen. "
        "Het college concludeert dat de pont veilig is.\n\n## 4 Nawoord\n\nDe rekenkamer dankt het college.\n"
    )

    assert [(r.to, r.stance) for r in found.responses] == [("1", "accepted"), ("2", "accepted"), ("3", "partly")]
    assert [s.text for s in found.statements] == [
        "Wij concluderen dat de pont niet veilig vaart.",
        "Laat de pont ieder jaar keuren.",
        "Vervang de touwen.",
        "Informeer de gemeenteraad over de kosten.",
    ]


@pytest.mark.parametrize(
    ("reaction", "expected"),
    [
        ("De minister neemt alle aanbevelingen over.", ["accepted", "accepted", "accepted"]),
        ("Het college neemt alle aanbevelingen over, behalve aanbeveling 2.", ["accepted", "rejected", "accepted"]),
        ("Wij onderschrijven de aanbevelingen. Aanbeveling 3 volgen wij niet.", ["accepted", "accepted", "rejected"]),
    ],
)
def test_one_sentence_may_answer_them_all(reaction: str, expected: list[str]) -> None:
    """All recommendations at once have the stance of that sentence, but for the one that is named."""
    text = f"{REKENKAMER}## 3 Reactie minister en nawoord Rekenkamer\n\n### Reactie minister\n\n{reaction}\n"

    assert dict(stances(text)) == dict(zip("123", expected, strict=True))


def test_an_afterword_is_said_by_the_authors() -> None:
    """What follows the reaction under a title of its own is not said by others."""
    text = (
        REKENKAMER + "## 3 Reactie college en nawoord\n\n### 3.1 Reactie college\n\nHet college zal alles doen.\n\n"
        "### 3.2 Nawoord\n\nDe rekenkamer dankt het college.\n"
    )
    document = read_document(text.encode(), name="report.md")
    lexicon = load_lexicons()["nl"]
    ((start, end),) = find_response_chapters(document, find_sections(document, lexicon), lexicon)

    assert document.text[start:end].startswith("3 Reactie college en nawoord")
    assert document.text[end:].startswith("3.2 Nawoord")


def test_a_table_in_an_annex_answers() -> None:
    """The numbers are those of the report."""
    text = REKENKAMER + (
        "## Bijlage 1 Reactie van de rederij\n\n| Aanbeveling | Reactie |\n|---|---|\n"
        "| 1 | Akkoord, wij laten de pont keuren. |\n| 2 | Niet akkoord, de touwen zijn nieuw. |\n"
    )

    assert stances(text) == [("1", "accepted"), ("2", "rejected")]


def test_a_reply_below_each_recommendation() -> None:
    """It is marked by a heading in the line, by words before a colon, or by a heading of its own."""
    in_line = (
        "**Recommendation 1.** The Department should publish its timetable.\n\n"
        "**The Department’s response.** Agreed. The timetable will be published by June.\n\n"
        "**Recommendation 2.** The Department should replace the ropes.\n\n"
        "**The Department’s response.** Disagreed. The ropes are new.\n"
    )
    colon = (
        "### Recommendation 1\n\nThe Department should publish its timetable.\n\n"
        "Department of Ferries response: Agreed in principle.\n\n"
        "### Recommendation 2\n\nThe Department should replace the ropes.\n\nDepartment of Ferries response: Not agreed.\n"
    )
    heading = (
        "### Recommendation 1\n\nThe Department should publish its timetable.\n\n#### Management response\n\n"
        "We agree with the recommendation.\n\n### Recommendation 2\n\nThe Department should replace the ropes.\n\n"
        "#### Management response\n\nWe do not agree with the recommendation.\n"
    )

    assert stances(AUDIT + in_line) == [("1", "accepted"), ("2", "rejected")]
    assert stances(AUDIT + colon) == [("1", "partly"), ("2", "rejected")]
    assert stances(AUDIT + heading) == [("1", "accepted"), ("2", "rejected")]


def test_an_announced_reply_answers_all_above_it() -> None:
    """Words such as "replied:" announce the quotation of a letter, which may speak of all or of one."""
    asked = "1. The Authority should publish its timetable.\n2. The Authority should replace the ropes.\n\n"

    both = "On 3 May the Authority replied:\n\nWe will be accepting the recommendations.\n"
    one = "On 3 May the Authority replied:\n\nWe accept recommendation 2, and reject recommendation 1.\n"

    assert stances(AUDIT + asked + both) == [("1", "accepted"), ("2", "accepted")]
    assert sorted(stances(AUDIT + asked + one)) == [("1", "rejected"), ("2", "accepted")]


def test_a_reply_item_by_item_has_the_numbers_of_the_list_above() -> None:
    """Each item answers the one with its number."""
    text = (
        "## Safety actions\n\nThe owner asked of the operator:\n\n3. Replace the ropes.\n4. Tune the bell.\n\n"
        "On 27 June the operator replied in part:\n\n3. Agreed. They are replaced.\n4. We do not agree.\n"
    )

    assert stances(AUDIT + text) == [("3", "accepted"), ("4", "rejected")]


@pytest.mark.parametrize(
    "text",
    [
        "## Emergency response\n\nThe crews responded within an hour. They accepted the risk of the storm.\n",
        "## Research questions\n\nAnswer: the ropes were accepted by the inspector.\n",
        "The chair of the debate replied:\n\n“Many people noted that the lake is deep.”\n",
    ],
)
def test_other_responses_are_no_reactions(text: str) -> None:
    """Emergencies, answers to questions and debates are not reactions to recommendations."""
    text = AUDIT + "1. The Authority should publish its timetable.\n\n## Annexes\n\nThe lake is deep.\n\n" + text

    assert stances(text) == []
