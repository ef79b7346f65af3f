"""Odd and hostile input: what no publisher means to print loses no report."""

from __future__ import annotations

import datetime

import pytest
from reportlab.pdfgen.canvas import Canvas

from extractors.deadlines import DeadlineFinder, find_date
from extractors.extraction import extract_report
from extractors.lexicon import load_lexicons
from extractors.readers.html_properties import iso_date
from extractors.readers.lines import page_number
from extractors.readers.markdown import split_front_matter
from extractors.reading import read_document
from extractors.records import Extraction, find_valid_date
from tests.extractors.invented_pages import read, words

BODY = "# The ferry of Oldmere\n\n## Recommendations\n\n- We recommend that the harbour office replaces the ropes.\n"


def extract(text: str, name: str = "invented.md") -> Extraction:
    return extract_report(read_document(text.encode(), name=name))


@pytest.mark.parametrize(
    ("printed", "valid"),
    [
        ("2024-02-29", "2024-02-29"),
        ("2024-02-31", "2024-02"),
        ("2024-13-45", "2024"),
        ("2024-05-03T10:00:00Z", "2024-05-03"),
        ("2024", "2024"),
        ("20240503", None),
        ("20٢٤-01-01", None),
        ("0000-01-01", None),
        ("soon", None),
    ],
)
def test_the_part_of_a_date_that_exists_is_kept(printed: str, valid: str | None) -> None:
    assert find_valid_date(printed) == valid


@pytest.mark.parametrize(
    ("front_matter", "published"),
    [("date: 2024-02-29", "2024-02-29"), ("date: '2024-13-45'", "2024"), ("date: '2024-02-31'", "2024-02")],
)
def test_an_impossible_date_of_a_file_costs_no_report(front_matter: str, published: str) -> None:
    found = extract(f"---\n{front_matter}\n---\n{BODY}")

    assert found.report.published_date == published
    assert len(found.statements) == 1


def test_an_impossible_date_of_a_page_is_its_month() -> None:
    assert iso_date("2024-02-31") == "2024-02"
    assert iso_date("31-02-2024") == "2024-02"


@pytest.mark.parametrize(
    "front_matter",
    [
        "date: 2024-02-31",  # YAML makes a date of it, or fails
        "a: &a [*a]",
        "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "a: " + "[" * 2000,
    ],
    ids=["no day", "in itself", "many times", "deep"],
)
def test_front_matter_that_cannot_be_read_stays_text(front_matter: str) -> None:
    text = f"---\n{front_matter}\n---\n{BODY}"

    assert split_front_matter(text) == ({}, text)


def test_a_number_that_cannot_be_printed_is_no_property() -> None:
    assert split_front_matter(f"---\na: 0x{'f' * 9000}\nb: 12\n---\n{BODY}") == ({"b": "12"}, BODY)


def test_a_property_of_a_file_is_no_book() -> None:
    properties, _ = split_front_matter(f"---\nnote: {'word ' * 9000}\n---\n{BODY}")

    assert len(properties["note"]) <= 10_000


@pytest.mark.parametrize(
    ("language", "printed", "date"),
    [
        ("en", "before auguſt 2025", "2025-08"),
        ("nl", "vóór 1 aprİl 2025", "2025-04-01"),
        ("en", "by 1 January 20٢٤", None),
        ("nl", "1 januari 20٢٤", None),
    ],
)
def test_letters_and_digits_of_other_scripts_are_read_or_left(language: str, printed: str, date: str | None) -> None:
    """Patterns without case take a long s for an s and a Turkish i for an i; digits are those of figures only."""
    lexicon = load_lexicons()[language]
    deadline = DeadlineFinder(lexicon, published=datetime.date(2024, 5, 1)).find(printed)

    assert find_date(printed, lexicon) == date
    assert (deadline is not None and deadline.date is not None) == (date is not None)


@pytest.mark.parametrize("odd", ["ı", "İ", "xı"])
def test_a_turkish_letter_is_no_page_number(odd: str) -> None:
    assert page_number(odd) is None


def test_notes_with_raised_digits_are_read() -> None:
    """A page with eight lines and more that begin with a raised digit apart from their text is read."""

    def draw(c: Canvas) -> None:
        for i in range(10):
            words(c, (60, "¹²³"[i % 3]), (100, f"the note of rope {i} on the ferry of the lake"), y=700 - 14 * i)

    assert "the ferry of the lake" in read(draw).text


def test_tables_of_headers_in_each_other_are_read() -> None:
    """Cells in cells without end are read as running text."""
    nested = "<table><tr><th><div>" * 200 + "the ropes of the ferry" + "</div></th></tr></table>" * 200
    document = read_document(f"<h1>The ferry</h1><p>It crosses the lake.</p>{nested}".encode(), name="a.html")

    assert "It crosses the lake." in document.text
