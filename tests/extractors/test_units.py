"""What one statement is: a number with its points, a point of its own, or the part of an item that calls."""

from __future__ import annotations

from extractors.extraction import extract_report
from extractors.reading import read_document
from extractors.records import Statement

INTRODUCTION = (
    "The ferry of Oldmere has crossed the lake for as long as anybody remembers. "
    "People on both banks take it to school, to their work and to the market. "
)


def recommendations(markdown: str) -> list[Statement]:
    extraction = extract_report(read_document(markdown.encode(), name="invented.md"))
    return [s for s in extraction.statements if s.kind == "recommendation"]


def test_a_number_stands_for_all_the_points_below_it() -> None:
    (one, two) = recommendations(
        f"# The ferry of Oldmere\n\n## Context\n\n{INTRODUCTION}\n\n## Recommendation 1\n\n"
        "The harbour board has a part of its own to play. We recommend the following steps to it:\n\n"
        "- the board should publish the timetable on both banks\n- the board should count its passengers every day\n\n"
        "## Recommendation 2\n\nThe council should keep the jetty free of ice.\n"
    )

    assert (one.label, two.label) == ("Recommendation 1", "Recommendation 2")
    assert one.text.startswith("The harbour board") and one.text.endswith("every day")


def test_every_block_below_a_number_belongs_to_it_where_all_of_them_call() -> None:
    (one, _) = recommendations(
        f"# The ferry of Oldmere\n\n## Context\n\n{INTRODUCTION}\n\n## Recommendation 1: One owner\n\n"
        "The council should name one owner of the jetty.\n\nThe owner should be:\n\n- an officer of the council; and\n"
        "- somebody who can close the jetty.\n\nThis should be done before the winter.\n\n"
        "## Recommendation 2: Ice\n\nThe council should keep the jetty free of ice.\n"
    )

    assert one.text.startswith("The council should name") and one.text.endswith("before the winter.")


def test_points_that_say_each_what_should_be_done_are_statements() -> None:
    found = recommendations(
        f"# The ferry of Oldmere\n\n## Context\n\n{INTRODUCTION}\n\n## Recommendations\n\nI recommend:\n\n"
        "(a) All who cross the lake in the dark months should be given the following:\n"
        "    (i) those who cross every day should be told in the evening before whether the ferry sails in the morning\n"
        "    (ii) those who cross with a bicycle should be given a place on deck where it stays dry in the rain\n"
    )

    assert [(s.label, s.text.split()[2]) for s in found] == [("a(i)", "cross"), ("a(ii)", "cross")]


def test_a_title_in_a_paragraph_announces_the_list_below_it() -> None:
    found = recommendations(
        "# De pont van Oudemeer\n\n## Toegang\n\nDe pont vaart sinds jaar en dag tussen de twee oevers van het meer.\n\n"
        "Aanbevelingen:\n\n- Het is van belang dat ook wie slecht ziet de steiger kan vinden.\n"
        "- De kaartjes zouden ook met muntgeld te betalen moeten zijn.\n"
    )

    assert [s.rule for s in found] == ["list after lead-in"] * 2


def test_the_letters_of_a_series_are_no_points_of_each_other() -> None:
    found = recommendations(
        f"# The ferry of Oldmere\n\n## Context\n\n{INTRODUCTION}\n\n## Recommendations\n\nThis leads me to recommend:\n\n"
        "(a) that the council should decide on the ferry itself, but where it does not do so, then:\n\n"
        "(b) if the harbour board asks for it, the question should be put to the people of both banks.\n\n"
        "(c) The answer to earlier recommendations of the board should not wait for this.\n"
    )

    assert [s.label for s in found] == ["a", "b", "c"]


def test_what_a_named_expert_recommends_is_cited() -> None:
    assert not recommendations(
        f"# The ferry of Oldmere\n\n## Evidence\n\n{INTRODUCTION}\n\nProfessor Ina Reed recommends that the ferry be "
        "replaced by a bridge. He recommends that the bridge be built of oak.\n"
    )
