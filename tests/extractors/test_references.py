"""Numbers by which invented texts speak of recommendations."""

from __future__ import annotations

import pytest

from extractors.lexicon import load_lexicons
from extractors.references import find_references, normalise_number


@pytest.mark.parametrize(
    ("language", "text", "numbers"),
    [
        ("en", "in line with recommendation 4", "4"),
        ("en", "recommendations 2, 5 and 7", "2 5 7"),
        ("en", "Recommendations 1-3, 6 and 8 to 10 of 2019", "1 2 3 6 8 9 10"),
        ("en", "Recommendations 12) a-c)", "12(a) 12(b) 12(c)"),
        ("en", "recommendations 2(a) and 2(c)", "2(a) 2(c)"),
        ("en", "recommendation 4c i of the board", "4(c)(i)"),
        ("en", "recommendations 3a and b", "3(a) 3(b)"),
        ("en", "Recommendation 012/31 asks", "012/31"),
        ("en", "recommendation no. 3", "3"),
        ("en", "recommendations R1 and R2", "R1 R2"),
        ("en", "recommendations 8.3 and 8.4", "8.3 8.4"),
        ("en", "the first and third recommendations", "1 3"),
        ("en", "the first two recommendations", "1 2"),
        ("en", "all 12 recommendations of 2019", ""),
        ("nl", "aanbevelingen 1 t/m 3", "1 2 3"),
        ("nl", "aanbevelingen 1 tot en met 4 en 6", "1 2 3 4 6"),
        ("nl", "De tweede en de derde aanbeveling", "2 3"),
        ("nl", "de eerste drie aanbevelingen", "1 2 3"),
        ("nl", "aanbevelingen nr. 3 en 4", "3 4"),
        ("nl", "aanbeveling 2, pagina 12", "2"),
        ("de", "Empfehlungen 1 bis 3", "1 2 3"),
    ],
)
def test_numbers_are_told_out(language: str, text: str, numbers: str) -> None:
    """Lists, ranges, letters and ordinals each give all the numbers that they stand for."""
    found = find_references(text, load_lexicons()[language])

    assert [n for r in found for n in r.numbers] == numbers.split()


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("as per recommendation 4 of the Oak Report", "Oak Report"),
        ("the Second Oak Report’s recommendation 5", "Second Oak Report"),
        ("as asked by the Oak Report in recommendation 7", "Oak Report"),
        ("recommendation 4 of the Ferry Report", None),
        ("recommendation 4 of the Final Report", None),
        ("recommendation 4 of the report", None),
    ],
)
def test_recommendations_of_another_report_are_known_by_its_name(text: str, source: str | None) -> None:
    """A name that says no more than the title of what is answered names no other report."""
    (reference,) = find_references(text, load_lexicons()["en"], own="Government response to the ferry inquiry")

    assert reference.source == source


@pytest.mark.parametrize(("printed", "number"), [("4a) ii.", "4(a)(ii)"), ("4 (a)", "4(a)"), ("3.", "3"), ("A", "A")])
def test_a_number_has_one_spelling(printed: str, number: str) -> None:
    """However a number is printed, it is compared in one form."""
    assert normalise_number(printed) == number
