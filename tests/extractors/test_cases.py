"""Cases: affairs that reports are about, and those that a report lists."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.cases import MIN_MENTIONS, find_cases, read_affairs
from extractors.errors import InvalidLexicon
from extractors.lexicon import load_lexicons

LEXICONS = load_lexicons()
LISTED = "Wij vergeleken de hersteltrajecten voor de zeeramp, de Duinaffaire, schade door stormvloed en Kamp Noord."
PATIENTS = "The hospital saw few cases of Morbus A, patients without treatment, children and Group B."


@pytest.mark.parametrize(
    ("language", "title", "text", "found"),
    [
        ("nl", "", LISTED, ("zeeramp", "Duinaffaire", "schade door stormvloed", "Kamp Noord")),
        ("en", "", PATIENTS, ()),
        ("nl", "Lessen uit de Q-koorts", "Over vee.", ("Q-koorts",)),
        ("nl", "Lessen over vee", "De Q-koorts brak uit.", ()),
        ("nl", "Lessen over vee", "De Q-koorts brak uit. " * MIN_MENTIONS, ("Q-koorts",)),
        ("en", "Lessons", "The childcare benefits scandal. " * MIN_MENTIONS, ("toeslagenaffaire",)),
        ("nl", "Herstel na de Q-koorts", "Deze zaken betreffen de Q-koorts, de Duinaffaire en een zeeramp.",
         ("Q-koorts", "Duinaffaire", "zeeramp")),
        ("nl", "", "", ()),
    ],
)  # fmt: skip
def test_cases_are_affairs(language: str, title: str, text: str, found: tuple[str, ...]) -> None:
    """A list of cases is read as printed; a known affair counts by the title or where the text keeps naming it."""
    assert find_cases(text, LEXICONS[language], title=title) == found


def test_a_long_text_must_keep_naming_an_affair() -> None:
    """What a long report compares with a few times is not its subject."""
    text = "The committee spoke with many people about the rules. " * 4_000 + "It recalls Hillsborough. " * MIN_MENTIONS
    assert find_cases(text, LEXICONS["en"]) == ()


@pytest.mark.parametrize(
    "table", ['[[affair]]\nname = "x"', "[[affair]", "", '[[affair]]\nname = "x"\nforms = ["x"]\n' * 2]
)
def test_a_broken_file_of_affairs_says_what_is_wrong(tmp_path: Path, table: str) -> None:
    """The message names the file and what to do."""
    path = tmp_path / "affairs.toml"
    path.write_text(table, "utf-8")
    with pytest.raises(InvalidLexicon, match=r"affairs\.toml: .*; (correct the file|join the two)"):
        read_affairs(path)
