"""Who must act, in invented sentences."""

from __future__ import annotations

import pytest

from extractors.addressees import AddresseeFinder
from extractors.extraction import lexicon_for
from extractors.parties import load_gazetteer


@pytest.fixture(scope="module", params=["nl", "en"])
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def names(text: str, language: str, **context: str) -> list[str]:
    finder = AddresseeFinder(lexicon_for(language), load_gazetteer())
    return [a.text for a in finder.find(text, **context)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("De gemeente moet de pont elke dag laten varen.", ["De gemeente"]),
        ("Wij bevelen de minister van Financiën aan om de kade te herstellen.", ["minister van Financiën"]),
        ("De kosten moeten worden gedragen door de provincie.", ["de provincie"]),
        ("In overleg met de gemeente moet het waterschap de kade herstellen.", ["het waterschap"]),
        ("Stel samen met de gemeente een dienstregeling vast.", []),
    ],
)
def test_who_acts_in_dutch(text: str, expected: list[str]) -> None:
    found = names(text, "nl")
    assert [name.removeprefix("de ") for name in found] == [name.removeprefix("de ") for name in expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Department of Ferries should publish its timetable.", ["The Department of Ferries"]),
        ("We recommend that the Ferry Board, in consultation with the council, repair the stage.", ["the Ferry Board"]),
        ("New ropes should be bought by the harbour authority.", ["the harbour authority"]),
        ("Provide support to the council in repairing the stage.", []),
    ],
)
def test_who_acts_in_english(text: str, expected: list[str]) -> None:
    found = names(text, "en")
    assert len(found) == len(expected)
    assert all(want.split()[-1] in got for want, got in zip(expected, found, strict=True))


def test_the_line_above_goes_before_what_the_sentence_names() -> None:
    found = names("Provide support to the council.", "en", address="To the Ferry Board, Donors and to Member States")

    assert found == ["the Ferry Board", "Donors", "Member States"]


def test_nobody_is_named(language: str) -> None:
    assert names("", language) == []
