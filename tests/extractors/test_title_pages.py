"""What invented publications of many kinds of publishers say of themselves: the table is `invented_publications.toml`.

In most of them the body that is investigated is named far more often than the one that publishes.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from invented_publications import draw_publication

from extractors.extraction import extract_report
from extractors.front import read_front
from extractors.lexicon import load_lexicons
from extractors.metadata_publisher import rank_publishers
from extractors.organisations import OrganisationReader
from extractors.reading import read_document
from extractors.records import Document

TABLE = tomllib.loads((Path(__file__).parent / "invented_publications.toml").read_text(encoding="utf-8"))
PUBLICATIONS: list[dict[str, Any]] = TABLE["publication"]
FIELDS = {
    "title": "title",
    "subtitle": "subtitle",
    "publisher": "publisher",
    "date": "published_date",
    "number": "report_number",
    "kind": "kind",
}
TEXTS = {
    "nl": (
        "De {about} heeft de pont in beheer. De {about} betaalt de schipper en de {about} verkoopt de kaartjes. Het "
        "bestuur van de {about} heeft ons de gegevens gegeven die wij nodig hadden voor dit onderzoek naar de pont."
    ),
    "en": (
        "The {about} runs the ferry of Oldmere. The {about} pays the crew and the {about} sells the tickets. In 2019 the "
        "{about} told us that the ropes were new, and we have seen that they were not as new as the {about} had said."
    ),
}


def read(publication: dict[str, Any]) -> Document:
    """Return the document of an invented publication, drawn as a PDF unless it is a text."""
    if "text" in publication:
        return read_document(publication["text"].encode(), name=publication["file"])
    given = dict(publication)
    expected, language = given.pop("expected"), given.pop("language")
    given.pop("name")
    body = given.pop("body", "") or TEXTS[language].format(about=given.pop("about"))
    made = f"{expected.get('date') or '2020-06-01'}-06-15"[:10]
    content = draw_publication(given.pop("front"), body=f"{body} {given.pop('ending', '')}".strip(), made=made, **given)
    return read_document(content, name="publication.pdf")


def fold(value: str | None) -> str:
    return " ".join(re.findall(r"\w+", (value or "").lower()))


@pytest.mark.parametrize("publication", PUBLICATIONS, ids=lambda p: p["name"])
def test_what_a_publication_says_of_itself(publication: dict[str, Any]) -> None:
    """Title, publisher, date, number and kind are found; an empty expectation means that nothing is said."""
    report = extract_report(read(publication)).report
    found = {field: fold(getattr(report, FIELDS[field])) for field in publication["expected"]}

    assert found == {field: fold(value) for field, value in publication["expected"].items()}


def test_candidates_carry_their_evidence() -> None:
    """Who reads the ranking sees why one organisation goes before another."""
    publication = next(p for p in PUBLICATIONS if p["name"] == "nl waterschap onderzoek")
    document, lexicon = read(publication), load_lexicons()["nl"]
    first, *others = rank_publishers(document, read_front(document), lexicon, OrganisationReader(lexicon), title="")

    assert first.name == "Rekenkamercommissie Waterschap Meerdelta"
    assert first.evidence["line on the title page"] == first.evidence["reports on others"] == 1
    investigated = next(c for c in others if c.name == "Waterschap Meerdelta")
    assert investigated.score < first.score / 2
    assert investigated.evidence["named in the text"] > first.evidence["named in the text"]


@pytest.mark.parametrize(
    ("language", "line", "names"),
    [
        ("nl", "Nationale ombudsman", ["Nationale ombudsman"]),
        ("nl", "De Rekenkamer Oudemeer, 12 maart 2024", ["Rekenkamer Oudemeer"]),
        ("nl", "Ministerie van Vaarwegen, Kaden en Havens", ["Ministerie van Vaarwegen, Kaden en Havens"]),
        (
            "nl",
            "Universiteit Oudemeer, Instituut voor Waterrecht",
            ["Universiteit Oudemeer", "Instituut voor Waterrecht"],
        ),
        ("nl", "gemeente Oudemeer", ["gemeente Oudemeer"]),
        ("nl", "Deze commissie", []),
        ("nl", "De gemeente", []),
        ("nl", "Eindrapport van de commissie", []),
        ("nl", "Onderzoek naar de pont van de gemeente Oudemeer", []),
        ("en", "Office of the Ombudsman", ["Office of the Ombudsman"]),
        ("en", "Swan & Partners Ltd.", ["Swan & Partners Ltd"]),
        ("en", "The ferry of Oldmere", []),
        ("en", "The Department of Ferries should replace the ropes.", []),
    ],
)
def test_lines_that_are_names_of_organisations(language: str, line: str, names: list[str]) -> None:
    """A line is the name of an organisation when it says nothing else, a date and a place apart."""
    assert OrganisationReader(load_lexicons()[language]).read_line(line) == names
