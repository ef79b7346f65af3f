"""Responses in invented answers to invented recommendations: a text in, the stances out."""

from __future__ import annotations

import pytest

from extractors.extraction import extract_report
from extractors.reading import read_document
from extractors.records import Extraction

INITIALS = {"a": "accepted", "p": "partly", "r": "rejected", "n": "noted", "u": "unclear"}


def extract(text: str, name: str = "response.md") -> Extraction:
    extraction = extract_report(read_document(text.encode(), name=name))
    for r in extraction.responses:
        assert extraction.document.text[r.start : r.end] == r.text
    return extraction


def stances(text: str, name: str = "response.md") -> dict[str, str]:
    return {r.to: r.stance for r in extract(text, name).responses}


def told(short: str) -> dict[str, str]:
    """Return what "1a 2r" stands for."""
    return {pair[:-1]: INITIALS[pair[-1]] for pair in short.split()}


ENGLISH = (
    "# Government response to the report on the ferry of Oldmere\n\n"
    "The government thanks the Ferry Board for its report on the ferry.\n\n"
)
DUTCH = (
    "# Kabinetsreactie op het rapport over de pont van Oudemeer\n\n"
    "Het kabinet dankt de ombudsman voor zijn rapport over de pont en de veiligheid van de bewoners.\n\n"
)


@pytest.mark.parametrize(
    ("answer", "stance"),
    [
        ("The government accepts this recommendation in full.", "accepted"),
        ("Accepted.", "accepted"),
        ("We will be accepting this recommendation.", "accepted"),
        ("The Ferry Company concurs with the recommendation.", "accepted"),
        ("This recommendation has been accepted and implemented.", "accepted"),
        ("This is already government policy.", "accepted"),
        ("The ropes have been replaced.", "accepted"),
        ("The government accepts this recommendation in principle.", "partly"),
        ("The Government partially accepts this recommendation.", "partly"),
        ("The department agrees with this recommendation, subject to available funding.", "partly"),
        ("The government does not fully accept this recommendation.", "partly"),
        ("We accept the recommendation. However, we cannot begin before the crew is complete.", "partly"),
        ("We do not support forcing every crew to row. However, we expect them to learn it.", "partly"),
        ("The government does not accept this recommendation.", "rejected"),
        ("The government does not accept this recommendation. However, it will repair the bell.", "rejected"),
        ("Not agreed.", "rejected"),
        ("The Board does not believe that a bell is necessary.", "rejected"),
        ("The Board accepts the risk.", "rejected"),
        ("We disagree with the committee.", "rejected"),
        ("The Australian Government notes this recommendation.", "noted"),
        ("The government will consider the matter next year.", "noted"),
        ("The government agrees that bells matter. It will consider the recommendation next year.", "noted"),
        ("Supported in-principle", "partly"),
        ("The Department is not in a position to accept this recommendation.", "rejected"),
        ("We will not be taking this forward.", "rejected"),
        ("The bell was cast in 1811.", "unclear"),
    ],
)
def test_what_an_english_answer_says(answer: str, stance: str) -> None:
    """The words of an answer decide, with the reservation in the next sentence."""
    text = f"{ENGLISH}## Recommendation 1\n\nThe bell should be tuned.\n\n### Government response\n\n{answer}\n"

    assert stances(text) == {"1": stance}


@pytest.mark.parametrize(
    ("answer", "stance"),
    [
        ("Deze aanbeveling neem ik over.", "accepted"),
        ("Het kabinet onderschrijft deze aanbeveling.", "accepted"),
        ("Ik ben het eens met deze aanbeveling.", "accepted"),
        ("Ik geef gevolg aan de aanbeveling.", "accepted"),
        ("Hieraan kom ik tegemoet aan het einde van het jaar.", "accepted"),
        ("Dit is staand beleid.", "accepted"),
        ("De rederij heeft de touwen inmiddels vervangen.", "accepted"),
        ("Het kabinet neemt deze aanbeveling gedeeltelijk over.", "partly"),
        ("Het kabinet neemt de aanbeveling in beginsel over.", "partly"),
        ("Ik onderschrijf deze aanbeveling. Wel plaats ik de kanttekening dat dit tijd kost.", "partly"),
        ("Ik neem de aanbeveling over, maar niet voor de kleine pont.", "partly"),
        ("Het kabinet neemt deze aanbeveling niet over.", "rejected"),
        ("Deze aanbeveling deel ik niet.", "rejected"),
        ("Ik zie geen aanleiding om de pont gratis te maken.", "rejected"),
        ("Dit is een bewuste keuze.", "rejected"),
        ("Dit gaat mij te ver.", "rejected"),
        ("Ik neem kennis van de aanbeveling over de bel.", "noted"),
        ("Ik neem dit in overweging.", "noted"),
        ("Ik zal de aanbeveling betrekken bij de nieuwe concessie.", "noted"),
        ("De bel is gegoten in 1811.", "unclear"),
    ],
)
def test_what_a_dutch_answer_says(answer: str, stance: str) -> None:
    """The same in Dutch, where "over" may be a preposition."""
    text = f"{DUTCH}## Aanbeveling 1\n\nStem de bel.\n\n### Reactie\n\n{answer}\n"

    assert stances(text) == {"1": stance}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We accept recommendations 1, 2 and 5 in full. We do not accept recommendation 4.", "1a 2a 5a 4r"),
        (
            "The Department concurred with recommendations 1 and 3, and did not concur with recommendation 4.",
            "1a 3a 4r",
        ),
        ("We accept recommendations 1 and 2, but not recommendation 3.", "1a 2a 3r"),
        ("In line with recommendation 6, the ropes have been replaced.", "6a"),
        ("The new timetable is in keeping with the spirit of recommendation 6.", "6p"),
        ("As to recommendation 3, the bell will be replaced in May.", "3a"),
        ("The government will consider recommendations 7 to 9.", "7n 8n 9n"),
        ("If Parliament accepts recommendation 2, a law is needed.", ""),
        ("See what was said under recommendation 2.", ""),
    ],
)
def test_english_prose_that_refers_to_numbers(text: str, expected: str) -> None:
    """A sentence speaks of the recommendations that it names, clause by clause."""
    assert stances(ENGLISH + text + "\n") == told(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Het kabinet neemt aanbevelingen 1 t/m 3 over. Aanbeveling 4 deel ik niet.", "1a 2a 3a 4r"),
        ("Aanbeveling 8 en 9 neem ik over, aanbeveling 10 niet.", "8a 9a 10r"),
        ("Het kabinet neemt de aanbevelingen 1 tot en met 4 over, met uitzondering van aanbeveling 3.", "1a 2a 4a 3r"),
        ("Het kabinet onderschrijft aanbeveling 1 en 3 volledig en aanbeveling 2 op hoofdlijnen.", "1a 3a 2p"),
        ("Conform aanbeveling 7 is de pont gekeurd. De zesde aanbeveling onderschrijf ik.", "7a 6a"),
        ("Van aanbeveling 5 neem ik kennis.", "5n"),
    ],
)
def test_dutch_prose_that_refers_to_numbers(text: str, expected: str) -> None:
    """The same in Dutch."""
    assert stances(DUTCH + text + "\n") == told(expected)


def test_quotations_without_an_answer_of_their_own_share_the_next() -> None:
    """Below several quotations stands one answer to all of them."""
    text = (
        "2a. The ferry should sail on Sundays.\n\n2b. The ropes should be replaced.\n\n"
        "These recommendations are accepted by the government.\n\n"
        "3a) i. The ferry should be free.\n\nThis recommendation is not accepted.\n"
    )

    assert stances(ENGLISH + text) == told("2(a)a 2(b)a 3(a)(i)r")


def test_a_common_answer_may_name_one_of_its_recommendations() -> None:
    """What an answer to several recommendations says of one by its number goes before what it says of all."""
    text = (
        "2a. The ferry should sail on Sundays.\n\n2b. The ropes should be replaced.\n\n2c. The bell should be tuned.\n\n"
        "Recommendations 2) a-b) are accepted in full. Recommendation 2c is accepted in principle.\n"
    )

    assert stances(ENGLISH + text) == told("2(a)a 2(b)a 2(c)p")


def test_a_list_that_is_quoted_takes_no_stance() -> None:
    """What the items of a quotation say of accepting and rejecting is no answer."""
    text = (
        "## Recommendation 1\n\nThe Board should publish each year:\n\n- which proposals were accepted or rejected;\n"
        "- the cost of accepting the risks to the crew;\n\nThe government agrees that openness matters.\n"
    )

    assert stances(ENGLISH + text) == told("1a")


def test_numbered_paragraphs_are_answered_one_by_one() -> None:
    """Plain numbers count where they rise and prose stands between them."""
    text = (
        "1. We recommend that the ferry sails on Sundays. (Paragraph 12)\n\nThe Government agrees.\n\n"
        "2. The ropes should be replaced every year. (Paragraph 15)\n\nWe reject this recommendation.\n\n"
        "3. The ferry should be free for children. (Paragraph 18)\n\nWe note this recommendation.\n"
    )

    assert stances(ENGLISH + text) == told("1a 2r 3n")


def test_numbered_headings_are_answered_one_by_one() -> None:
    """A number that rises tells, whatever verb begins the quotation, where the prose below takes a stance."""
    text = (
        "## 1. Laat de pont ieder jaar keuren\n\nIk onderschrijf deze aanbeveling.\n\n"
        "## 2. Vervang de touwen\n\nDeze aanbeveling neem ik over.\n\n## 3. Maak de pont gratis\n\nDat gaat mij te ver.\n"
    )

    assert stances(DUTCH + text) == told("1a 2a 3r")
    assert stances(DUTCH + "## 1. Inleiding\n\nEen.\n\n## 2. Kosten\n\nTwee.\n\n## 3. Slot\n\nDrie.\n") == {}


def test_the_heading_of_an_answer_may_say_what_it_answers() -> None:
    """Without a quotation the number in the heading tells, also of two at once."""
    text = (
        "## Reactie op aanbeveling 1\n\nDeze aanbeveling neem ik over.\n\n"
        "## Reactie op aanbevelingen 2 en 3\n\nDeze aanbevelingen neem ik niet over.\n"
    )

    assert stances(DUTCH + text) == told("1a 2r 3r")


def test_the_stance_may_stand_behind_the_label() -> None:
    """A heading says it all, whatever is told below it."""
    text = "".join(
        f"## Recommendation {label}\n\nThe ferry should sail on Sundays.\n\n"
        for label in ("1: Accepted", "2 (partially accepted)", "3 – Not accepted")
    )

    assert stances(ENGLISH + text) == told("1a 2p 3r")


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        (
            "| Recommendation | Government response | Status |\n|---|---|---|\n"
            "| 1. The ferry should sail on Sundays. | The timetable changes in May. | Accepted |\n"
            "| 2. The ropes should be replaced. | Where money allows. | Accepted in principle |\n"
            "| 3. The ferry should be free. | Fares pay for the crew. | Rejected |\n",
            "1a 2p 3r",
        ),
        (
            "| No | Recommendation | Accepted? | Key actions |\n|---|---|---|---|\n"
            "| 1 | Widen the fund | Yes | Call for boats |\n| 2 | Merge the offices | Partially | Study |\n"
            "| 3 | Close the fund | No | – |\n",
            "1a 2p 3r",
        ),
        (
            "| Approach taken | Recommendation |\n|---|---|\n"
            "| Accepting in full | Recommendation 1, Recommendation 2a) |\n| Not accepting | Recommendation 3 |\n",
            "1a 2(a)a 3r",
        ),
        (
            "| Recommendation 1 | Widen the fund. |\n|---|---|\n| Management response | Accepted. We call for boats. |\n\n"
            "| Recommendation 2 | Close the fund. |\n|---|---|\n| Management response | Rejected. |\n",
            "1a 2r",
        ),
    ],
)
def test_tables_of_recommendations_and_reactions(table: str, expected: str) -> None:
    """The header tells the columns; a table may also stand upright, with the response below the recommendation."""
    assert stances(ENGLISH + table) == told(expected)


def test_a_dutch_table_of_reactions() -> None:
    """Short cells are a stance where the column asks for one."""
    table = (
        "| Nr. | Aanbeveling | Overnemen | Toelichting |\n|---|---|---|---|\n"
        "| 1 | Laat de pont op zondag varen | Ja | In mei |\n| 2 | Vervang de touwen | Deels | Alleen de oude |\n"
        "| 3 | Maak de pont gratis | Nee | Te duur |\n"
    )

    assert stances(DUTCH + table) == told("1a 2p 3r")


def test_a_recommendation_without_a_number_is_named_by_its_words() -> None:
    """A bare label, or a call that the next passage takes a stance to, quotes."""
    labelled = (
        "## Recommendation\n\nThe ferry should sail on Sundays.\n\n## Response\n\nThe government accepts this.\n\n"
        "## Recommendation\n\nThe ropes should be replaced.\n\n## Response\n\nThe government does not accept this.\n"
    )
    bare = "We recommend that the bell is tuned.\n\nThe Government agrees. It will be tuned in May.\n"
    told_in_one = "De ombudsman beveelt aan om de bel te stemmen. Het kabinet neemt deze aanbeveling over.\n"

    assert stances(ENGLISH + labelled) == {
        "The ferry should sail on Sundays.": "accepted",
        "The ropes should be replaced.": "rejected",
    }
    assert stances(ENGLISH + bare) == {"We recommend that the bell is tuned.": "accepted"}
    assert stances(DUTCH + told_in_one) == {"De ombudsman beveelt aan om de bel te stemmen.": "accepted"}


def test_recommendations_of_another_report_carry_its_name() -> None:
    """Two reports may number their recommendations alike."""
    text = (
        "## Recommendation 1\n\nThe ferry should sail.\n\nWe accept this recommendation.\n\n"
        "In line with recommendation 1 of the Second Oak Report, the ropes were replaced.\n"
    )

    assert stances(ENGLISH + text) == {"1": "accepted", "Second Oak Report 1": "accepted"}


def test_a_response_that_quotes_nothing_answers_nothing() -> None:
    """Thanks are no reaction."""
    assert stances(ENGLISH) == {}


def test_a_letter_answers_what_it_calls_a_recommendation() -> None:
    """A minister's letter need not be titled as a response."""
    letter = (
        "De voorzitter van de Tweede Kamer der Staten-Generaal\n\nDatum 3 juni 2021\n\nBetreft De pont van Oudemeer\n\n"
        "Geachte voorzitter,\n\nHierbij schrijf ik u over de pont en het rapport van de raad.\n\n"
        "Aanbeveling 1: Laat de pont ieder jaar keuren\n\nIk neem deze aanbeveling ter harte.\n\n"
        "1. De concessie loopt af.\n\n2. De kaartjes worden duurder.\n\n3. De schipper moet leren zwemmen.\n\n"
        "Aanbevelingen 2 en 3\n\nDeze aanbevelingen wijs ik af.\n\nHoogachtend,\n\nde minister van Veren,\n\nA. Veerman\n"
    )

    assert stances(letter, "brief.txt") == told("1a 2r 3r")
