"""What invented publications say of themselves."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report
from extractors.reading import read_document
from extractors.records import Report


def report(text: str, name: str = "invented.md") -> Report:
    return extract_report(read_document(text.encode(), name=name)).report


BODY = "\n\nDe pont van Oudemeer vaart sinds jaar en dag. Bewoners van beide oevers gebruiken haar om te werken en te leren.\n"


ENGLISH = "\n\nThe ferry of Oldmere has crossed the lake for as long as anybody remembers. People on both banks take it to work.\n"


def test_the_subject_of_a_letter_is_its_title_and_its_signer_the_publisher() -> None:
    found = report(
        "De voorzitter van de Tweede Kamer der Staten-Generaal\n\nDatum 22 december 2022\n\nBetreft De pont van Oudemeer\n\n"
        f"Geachte voorzitter,{BODY}\nHoogachtend,\n\nDE MINISTER VAN VEREN EN KADEN,\n\nA. Veerman\n",
        "brief.txt",
    )

    assert (found.kind, found.title) == ("letter", "De pont van Oudemeer")
    assert (found.publisher, found.published_date) == ("Ministerie van Veren en Kaden", "2022-12-22")


@pytest.mark.parametrize(("generic", "body"), [("Eindrapport", BODY), ("Rapport", BODY), ("Final report", ENGLISH)])
def test_a_word_for_the_kind_of_publication_is_no_title(generic: str, body: str) -> None:
    found = report(f"# {generic}\n\n# AB-2031\n\n# De pont van Oudemeer gewogen\n\n## 1 Begin{body}")

    assert found.title == "De pont van Oudemeer gewogen"


def test_a_line_in_capitals_is_the_title_and_the_notice_above_it_is_not() -> None:
    found = report(
        f"Invented example, for the tests only\n\nTHE FERRY OF OLDMERE\n\nA review of its ropes{ENGLISH}", "a.txt"
    )

    assert (found.title, found.subtitle) == ("THE FERRY OF OLDMERE", "A review of its ropes")


def test_of_two_dates_the_one_of_publication_counts() -> None:
    found = report(f"# The ferry of Oldmere\n\nOrdered to be printed 3 May 2021 and published 19 May 2021{ENGLISH}")

    assert found.published_date == "2021-05-19"


@pytest.mark.parametrize("number", ["RO-2031-010", "AA:2031:02:A", "PK4100"])
def test_a_code_on_the_first_page_is_the_number(number: str) -> None:
    assert report(f"# De pont van Oudemeer gewogen\n\n{number}{BODY}").report_number == number


def test_who_answers_is_the_publisher_of_a_response() -> None:
    found = report(f"# Government response to the report on the ferry of Oldmere{ENGLISH}")

    assert (found.kind, found.publisher) == ("response", "HM Government")


def test_an_empty_report_says_nothing() -> None:
    found = report("Een regel zonder meer.\n", "leeg.txt")

    assert (found.publisher, found.published_date, found.report_number) == (None, None, None)
