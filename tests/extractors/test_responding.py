"""Responses in invented answers to invented recommendations."""

from __future__ import annotations

from extractors.extraction import extract_report
from extractors.reading import read_document


def responses(markdown: str) -> list[tuple[str, str]]:
    extraction = extract_report(read_document(markdown.encode(), name="response.md"))
    for r in extraction.responses:
        assert extraction.document.text[r.start : r.end] == r.text
    return [(r.to, r.stance) for r in extraction.responses]


HEAD = "# Government response to the report on the ferry of Oldmere\n\nThe government thanks the Ferry Board for its report.\n\n"


def test_each_labelled_recommendation_has_the_stance_of_its_answer() -> None:
    assert responses(
        HEAD + "## Recommendation 1\n\nThe ferry should sail on Sundays.\n\n### Government response\n\n"
        "The government accepts this recommendation in full.\n\n"
        "## Recommendation 2\n\nThe ropes should be replaced.\n\n### Government response\n\n"
        "The government accepts this recommendation in principle.\n\n"
        "## Recommendation 3\n\nThe ferry should be free.\n\n### Government response\n\n"
        "The government does not accept this recommendation.\n\n"
        "## Recommendation 4\n\nA bridge should be studied.\n\n### Government response\n\n"
        "The government will consider the matter next year.\n\n"
        "## Recommendation 5\n\nThe bell should be tuned.\n\n### Government response\n\nThe bell was cast in 1811.\n"
    ) == [("1", "accepted"), ("2", "partly"), ("3", "rejected"), ("4", "noted"), ("5", "unclear")]


def test_quotations_without_an_answer_of_their_own_share_the_next() -> None:
    assert responses(
        HEAD + "2a. The ferry should sail on Sundays.\n\n2b. The ropes should be replaced.\n\n"
        "These recommendations are accepted by the government.\n\n"
        "3a) i. The ferry should be free.\n\nThis recommendation is not accepted.\n"
    ) == [("2(a)", "accepted"), ("2(b)", "accepted"), ("3(a)(i)", "rejected")]


def test_a_dutch_reaction() -> None:
    assert responses(
        "# Kabinetsreactie op het rapport over de pont van Oudemeer\n\nHet kabinet dankt de ombudsman voor zijn rapport.\n\n"
        "## Aanbeveling 1\n\nLaat de pont ook op zondag varen.\n\nHet kabinet neemt deze aanbeveling over.\n\n"
        "## Aanbeveling 2\n\nVervang de touwen.\n\nHet kabinet neemt deze aanbeveling gedeeltelijk over.\n\n"
        "## Aanbeveling 3\n\nMaak de pont gratis.\n\nHet kabinet neemt deze aanbeveling niet over.\n"
    ) == [("1", "accepted"), ("2", "partly"), ("3", "rejected")]


def test_a_response_that_quotes_nothing_answers_nothing() -> None:
    assert responses(HEAD) == []
