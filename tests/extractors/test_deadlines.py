"""Dates, terms and deadlines in Dutch, English and German."""

from __future__ import annotations

import datetime

import pytest

from extractors.deadlines import DeadlineFinder, find_date
from extractors.lexicon import load_lexicons

PUBLISHED = datetime.date(2023, 10, 24)

DEADLINES: list[tuple[str, str, str, str | None]] = [
    ("nl", "Doe dit vóór 1 juli 2024.", "vóór 1 juli 2024", "2024-07-01"),
    ("nl", "Stel het plan uiterlijk 1 januari 2025 vast.", "uiterlijk 1 januari 2025", "2025-01-01"),
    ("nl", "Voer dit per 1 januari in.", "per 1 januari", "2024-01-01"),
    ("nl", "Voer dit in per 1 januari 2025.", "per 1 januari 2025", "2025-01-01"),
    ("nl", "Begin uiterlijk eind 2023 hiermee.", "uiterlijk eind 2023", "2023-12-31"),
    ("nl", "Regel dit voor 2030 goed.", "voor 2030", "2029-12-31"),
    (
        "nl",
        "Meld dit binnen zes maanden na publicatie van dit rapport.",
        "binnen zes maanden na publicatie van dit rapport",
        "2024-04-24",
    ),
    ("nl", "Besluit hierover binnen 6 weken.", "binnen 6 weken", "2023-12-05"),
    ("nl", "Besluit hierover binnen een half jaar.", "binnen een half jaar", "2024-04-24"),
    ("nl", "Rond dit binnen anderhalf jaar af.", "binnen anderhalf jaar", "2025-04-24"),
    ("nl", "Rond dit binnen zes tot twaalf maanden af.", "binnen zes tot twaalf maanden", "2024-10-24"),
    ("nl", "Rond dit binnen enkele maanden af.", "binnen enkele maanden", None),
    ("nl", "Doe dit in de komende twee jaar.", "in de komende twee jaar", "2025-10-24"),
    ("nl", "Evalueer de pont in de eerste helft van 2025.", "in de eerste helft van 2025", "2025-06-30"),
    ("nl", "Evalueer de pont in het derde kwartaal van 2025.", "in het derde kwartaal van 2025", "2025-09-30"),
    ("nl", "Kom uiterlijk eerste kwartaal 2025 met een plan.", "uiterlijk eerste kwartaal 2025", "2025-03-31"),
    ("nl", "Kom in Q3 2025 met een plan.", "in Q3 2025", "2025-09-30"),
    ("nl", "Kom voor het zomerreces van 2024 met een plan.", "voor het zomerreces van 2024", None),
    ("nl", "Kom voor het zomerreces met een plan.", "voor het zomerreces", None),
    ("nl", "Kom vóór de verkiezingen van 2026 met een plan.", "vóór de verkiezingen van 2026", None),
    ("nl", "Kom nog deze kabinetsperiode met een plan.", "nog deze kabinetsperiode", None),
    ("nl", "Kom voor het einde van 2025 met een plan.", "voor het einde van 2025", "2025-12-31"),
    ("nl", "Kom vóór het einde van dit jaar met een plan.", "vóór het einde van dit jaar", "2023-12-31"),
    ("nl", "Kom nog dit jaar met een plan.", "nog dit jaar", "2023-12-31"),
    ("nl", "Kom medio 2024 met een plan.", "medio 2024", "2024-06-30"),
    ("nl", "Kom in het voorjaar van 2024 met een plan.", "in het voorjaar van 2024", "2024-03-31"),
    ("nl", "Kom in de loop van 2024 met een plan.", "in de loop van 2024", "2024-12-31"),
    ("nl", "Stop hiermee met onmiddellijke ingang.", "met onmiddellijke ingang", None),
    ("nl", "Stop hier per direct mee.", "per direct", None),
    ("nl", "Stop hiermee onmiddellijk.", "onmiddellijk", None),
    ("nl", "Vul de registers met ingang van 1 april 2024.", "met ingang van 1 april 2024", "2024-04-01"),
    ("nl", "Vul de registers vanaf 2025.", "vanaf 2025", "2025-01-01"),
    ("nl", "Herstel de kade. Streefdatum: 1 mei 2025", "Streefdatum: 1 mei 2025", "2025-05-01"),
    ("nl", "Herstel de kade. Termijn: Q2 2025.", "Termijn: Q2 2025", "2025-06-30"),
    ("nl", "Lever het verslag jaarlijks vóór 1 april.", "vóór 1 april", None),
    ("nl", "Lever het verslag vóór 1 april.", "vóór 1 april", "2024-04-01"),
    ("nl", "Lever uiterlijk 15-03-2024 het verslag.", "uiterlijk 15-03-2024", "2024-03-15"),
    ("nl", "Beslis binnen vier weken na de aanvraag; regel dat vóór 2026.", "vóór 2026", "2025-12-31"),
    ("en", "Publish it by the end of 2025.", "by the end of 2025", "2025-12-31"),
    ("en", "Publish it by March 2024.", "by March 2024", "2024-03-31"),
    ("en", "Publish it by 31 March.", "by 31 March", "2024-03-31"),
    ("en", "Report no later than 31 March 2025.", "no later than 31 March 2025", "2025-03-31"),
    ("en", "Start before July 2024.", "before July 2024", "2024-06-30"),
    ("en", "Start by March 3, 2026.", "by March 3, 2026", "2026-03-03"),
    ("en", "Report within 12 months of the publication.", "within 12 months of the publication", "2024-10-24"),
    ("en", "Report within 12 months.", "within 12 months", "2024-10-24"),
    ("en", "Within the next 12 months, paint the pier.", "Within the next 12 months", "2024-10-24"),
    ("en", "Report within 12 months of this Report, and again later.", "within 12 months of this Report", "2024-10-24"),
    ("en", "Paint the pier in the next six months.", "in the next six months", "2024-04-24"),
    ("en", "Paint the pier within a year.", "within a year", "2024-10-24"),
    ("en", "Paint the pier within 30 working days.", "within 30 working days", "2023-11-23"),
    ("en", "Do it by autumn 2023.", "by autumn 2023", "2023-09-30"),
    ("en", "Report by Q3 2025.", "by Q3 2025", "2025-09-30"),
    ("en", "Report in the third quarter of 2025.", "in the third quarter of 2025", "2025-09-30"),
    ("en", "Report by mid-2025.", "by mid-2025", "2025-06-30"),
    ("en", "Paint the pier (Timeframe: by mid-2025).", "Timeframe: by mid-2025", "2025-06-30"),
    ("en", "Paint the pier. Target implementation date: 2026", "Target implementation date: 2026", "2026-12-31"),
    ("en", "Charge nothing from April 2025.", "from April 2025", "2025-04-01"),
    ("en", "Charge nothing with effect from 1 April 2024.", "with effect from 1 April 2024", "2024-04-01"),
    ("en", "Report before the 2026 elections.", "before the 2026 elections", None),
    ("en", "Report before the end of this year.", "before the end of this year", "2023-12-31"),
    ("en", "Report by the end of next year.", "by the end of next year", "2024-12-31"),
    ("en", "Report within the next financial year.", "within the next financial year", None),
    ("en", "Report by the end of the financial year 2024/25.", "by the end of the financial year 2024/25", None),
    ("en", "Report before the summer recess.", "before the summer recess", None),
    ("en", "The board should immediately paint the pier.", "immediately", None),
    ("en", "Paint the pier with immediate effect.", "with immediate effect", None),
    ("en", "Review it in or before 2027.", "in or before 2027", "2027-12-31"),
    ("en", "Review it by the year 2030.", "by the year 2030", "2030-12-31"),
    ("en", "Review it in early 2025.", "in early 2025", "2025-03-31"),
    ("en", "Review it by late 2025.", "by late 2025", "2025-12-31"),
    ("en", "Review it by 2025-06-30.", "by 2025-06-30", "2025-06-30"),
    ("en", "Report by 28 February each year.", "by 28 February", None),
    ("de", "Erledigen Sie dies bis Ende 2025.", "bis Ende 2025", "2025-12-31"),
    (
        "de",
        "Berichten Sie innerhalb von sechs Monaten nach Veröffentlichung.",
        "innerhalb von sechs Monaten nach Veröffentlichung",
        "2024-04-24",
    ),
]

NO_DEADLINES: list[tuple[str, str]] = [
    ("nl", "De steiger is in 2019 gebouwd."),
    ("nl", "Beslis binnen vier weken na de aanvraag."),
    ("nl", "Er zijn 12 boten."),
    ("nl", ""),
    ("nl", "Volg het rapport uit 2023 op."),
    ("nl", "Gebruik de evaluatie over de periode 2021-2024."),
    ("nl", "Verhoog het budget voor 2026."),
    ("nl", "De regeling trad per 1 januari 2015 in werking en moet beter."),
    ("nl", "Vaar minstens één keer per week."),
    ("nl", "Sinds 1 januari 2020 vaart de pont niet."),
    ("nl", "De termijn van zes weken moet worden nageleefd."),
    ("nl", "Houd de gegevens vanaf 2010 bij."),
    ("nl", "Onderzoek de jaren 2019 tot en met 2022."),
    ("nl", "Meld het onmiddellijk na het ongeval."),
    ("nl", "Zorg voor de reizigers."),
    ("en", "Report to us within three months of the end of the exercise."),
    ("en", "Report at least every three years."),
    ("en", "Use the data from 2015 to 2019."),
    ("en", "Use the data from 2019."),
    ("en", "The pier that was built in 2019 should be painted."),
    ("en", "Report to those who may be affected by may flies."),
    ("en", "Patients treated before 1996 should be told."),
    ("en", "Inspect it immediately after a collision."),
    ("en", "Keep the strategy for 2021-2024."),
    ("en", "Continue until 2030."),
    ("nl", "Zie de evaluatie van de zomer van 2001/2002."),
    ("nl", "De kosten namen vooral toe in de eerste helft van 2019."),
    ("nl", "Sinds eind 2023 vaart de pont niet."),
    ("nl", "Stel in de komende jaren geen eisen aan de pont."),
    ("nl", "De ambities voor 2030 moeten worden bijgesteld."),
    ("en", "During 14 March the ferry should sail."),
    ("en", "Learn from the campaign during the 2024 season."),
    ("en", "Charge nothing from April 2025 to March 2026."),
]


def finder(language: str, published: datetime.date | None = PUBLISHED) -> DeadlineFinder:
    """Return a finder for a report of 24 October 2023."""
    return DeadlineFinder(load_lexicons()[language], published=published)


@pytest.mark.parametrize(("language", "text", "printed", "date"), DEADLINES)
def test_a_deadline_is_kept_as_printed_and_dated_where_possible(
    language: str, text: str, printed: str, date: str | None
) -> None:
    """A deadline keeps its words; it has a date when that is absolute or counted from the publication."""
    deadline = finder(language).find(text)
    assert deadline is not None
    assert deadline.text == printed
    assert (deadline.date.isoformat() if deadline.date else None) == date


@pytest.mark.parametrize(("language", "text"), NO_DEADLINES)
def test_a_mere_date_is_no_deadline(language: str, text: str) -> None:
    """What lies behind, legal terms, periods, plans "for" a year and what returns are no deadlines."""
    assert finder(language).find(text) is None


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Report within six months of publication."),
        ("en", "Report by 1 March."),
        ("nl", "Rond dit voor het einde van dit jaar af."),
        ("nl", "Voer dit per 1 januari in."),
    ],
)
def test_what_counts_from_the_publication_has_no_date_when_that_is_unknown(language: str, text: str) -> None:
    """Without a publication date terms and days without a year stay words."""
    deadline = finder(language, None).find(text)
    assert deadline is not None
    assert deadline.date is None


def test_the_first_deadline_counts() -> None:
    """Of several deadlines the first in the text is that of the statement."""
    deadline = finder("en").find("Paint the pier by 2025 and the stage within two years.")
    assert deadline is not None
    assert deadline.text == "by 2025"


@pytest.mark.parametrize(
    ("language", "row", "printed", "date"),
    [
        ("nl", "Herstel de kade van de haven van de gemeente | Gemeente | juni 2024", "juni 2024", "2024-06-30"),
        ("nl", "Hoog | Q3 2024", "Q3 2024", "2024-09-30"),
        ("nl", "RWS | 2e kwartaal 2024", "2e kwartaal 2024", "2024-06-30"),
        ("nl", "RWS | binnen een jaar", "binnen een jaar", "2024-10-24"),
        ("nl", "RWS | per direct", "per direct", None),
        ("en", "High | mid-2024 | Ferry Board", "mid-2024", "2024-06-30"),
        ("en", "High | 31/03/2024", "31/03/2024", "2024-03-31"),
        ("en", "High | 2025", "2025", "2025-12-31"),
        ("en", "High | May", None, None),
        ("en", "High | the pier was painted in the spring of 2024", None, None),
    ],
)
def test_a_cell_of_its_own_is_a_deadline(language: str, row: str, printed: str | None, date: str | None) -> None:
    """A short cell that holds nothing but a date or a term is the deadline of its row."""
    deadline = finder(language).find_cell(row)
    assert (deadline.text if deadline else None) == printed
    assert (deadline.date.isoformat() if deadline and deadline.date else None) == date


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("nl", "Gepubliceerd op 24 oktober 2023 in Den Haag", "2023-10-24"),
        ("nl", "Gouda, mei 2003", "2003-05"),
        ("en", "March 1996", "1996-03"),
        ("en", "Printed 5.4.2011", "2011-04-05"),
        ("en", "Printed on 2011-04-05", "2011-04-05"),
        ("en", "Edition 2019", "2019"),
        ("en", "no date at all", None),
        ("en", "Report AOW 2023-08 of 7 June 2023, edition 2024", "2023-06-07"),
        ("nl", "31 februari 2020", "2020-02"),
    ],
)
def test_dates_keep_their_printed_precision(language: str, text: str, expected: str | None) -> None:
    """A date is a year, a month or a day, as printed; an impossible day is left out."""
    assert find_date(text, load_lexicons()[language]) == expected
