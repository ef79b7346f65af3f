"""Dates and terms in Dutch and English."""

from __future__ import annotations

import datetime

import pytest

from extractors.deadlines import find_date, find_deadline
from extractors.lexicon import load_lexicons

PUBLISHED = datetime.date(2023, 10, 24)


@pytest.mark.parametrize(
    ("language", "text", "printed", "date"),
    [
        ("nl", "Doe dit vóór 1 juli 2024.", "vóór 1 juli 2024", "2024-07-01"),
        ("nl", "Begin uiterlijk eind 2023 hiermee.", "uiterlijk eind 2023", "2023-12-31"),
        ("nl", "Regel dit voor 2030 goed.", "voor 2030", "2029-12-31"),
        ("nl", "Meld dit binnen zes maanden na publicatie van dit rapport.", "binnen zes maanden", "2024-04-24"),
        ("nl", "Besluit hierover binnen 6 weken.", "binnen 6 weken", "2023-12-05"),
        ("en", "Publish it by the end of 2025.", "by the end of 2025", "2025-12-31"),
        ("en", "Report no later than 31 March 2025.", "no later than 31 March 2025", "2025-03-31"),
        ("en", "Start before July 2024.", "before July 2024", "2024-06-30"),
        ("en", "Start by March 3, 2026.", "by March 3, 2026", "2026-03-03"),
        ("en", "Report within 12 months of the publication.", "within 12 months", "2024-10-24"),
        ("en", "Do it by autumn 2023.", "by autumn 2023", "2023-09-30"),
    ],
)
def test_a_deadline_is_kept_as_printed_and_dated_where_possible(
    language: str, text: str, printed: str, date: str | None
) -> None:
    """A deadline keeps its words; it has a date when that is absolute or counted from the publication."""
    deadline = find_deadline(text, load_lexicons()[language], published=PUBLISHED)
    assert deadline is not None
    assert deadline.text == printed
    assert (deadline.date.isoformat() if deadline.date else None) == date


@pytest.mark.parametrize(
    "text", ["De steiger is in 2019 gebouwd.", "Beslis binnen vier weken na de aanvraag.", "Er zijn 12 boten.", ""]
)
def test_a_mere_date_is_no_deadline(text: str) -> None:
    """A year without a word such as "before" is no deadline, and an empty text has none."""
    assert find_deadline(text, load_lexicons()["nl"]) is None


def test_a_term_has_no_date_when_the_publication_date_is_unknown() -> None:
    """Without a publication date "within six months of publication" stays words."""
    deadline = find_deadline("Report within six months of publication.", load_lexicons()["en"])
    assert deadline is not None
    assert deadline.date is None


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("nl", "Gepubliceerd op 24 oktober 2023 in Den Haag", "2023-10-24"),
        ("nl", "Gouda, mei 2003", "2003-05"),
        ("en", "March 1996", "1996-03"),
        ("en", "Printed 5.4.2011", "2011-04-05"),
        ("en", "Edition 2019", "2019"),
        ("en", "no date at all", None),
        ("en", "Report AOW 2023-08 of 7 June 2023, edition 2024", "2023-06-07"),
        ("nl", "31 februari 2020", "2020-02"),
    ],
)
def test_dates_keep_their_printed_precision(language: str, text: str, expected: str | None) -> None:
    """A date is a year, a month or a day, as printed; an impossible day is left out."""
    assert find_date(text, load_lexicons()[language]) == expected
