"""Lists on pages drawn by the test: which lines begin an item, which belong to it, and how deep items are."""

from __future__ import annotations

import pytest
from invented_pages import PARAGRAPH, block, lines, read, texts, words
from reportlab.pdfgen.canvas import Canvas

from extractors.records import Document

ITEMS = ("Koop een tweede boot die ook bij ijs kan varen en die meer", "reizigers vervoert dan de oude pont,")


def items(document: Document) -> list[tuple[str | None, int]]:
    return [(b.marker, b.level) for b in document.blocks if b.kind == "list_item"]


def test_drawn_bullets_begin_items() -> None:
    """Browsers draw the bullets of lists as small discs; each begins an item with the lines that hang below."""

    def draw(c: Canvas) -> None:
        lines(c, ["De raad beveelt aan:"], y=720)
        for y in (700, 668):
            c.circle(78, y + 3, 1.8, stroke=0, fill=1)
            lines(c, ITEMS, x=88, y=y)

    document = read(draw)
    assert items(document) == [("•", 1), ("•", 1)]
    assert texts(document, "list_item") == ["• " + " ".join(ITEMS)] * 2


def test_a_picture_before_a_line_is_no_bullet() -> None:
    """A drawn shape as high as the line is an icon."""

    def draw(c: Canvas) -> None:
        c.circle(76, 703, 4.5, stroke=0, fill=1)
        lines(c, PARAGRAPH, x=88)

    assert not items(read(draw))


@pytest.mark.parametrize("marker", ["•", "–", "-", ">", "a.", "(i)", "1)", "4.12", "R1.", "o"])
def test_markers_begin_items(marker: str) -> None:
    def draw(c: Canvas) -> None:
        lines(c, ["De raad beveelt aan:"], y=720)
        words(c, (72, marker), (92, "Koop een tweede boot die bij ijs kan varen."), y=700)

    assert items(read(draw)) == [(marker, 1)]


@pytest.mark.parametrize("marker", ["a", "iv", "05", "l"])
def test_a_bare_number_or_letter_before_a_tab_begins_an_item(marker: str) -> None:
    """Letters without a full stop, and those that a lost font of bullets leaves, are markers before a wide gap."""

    def draw(c: Canvas) -> None:
        c.setFont("Helvetica", 10)
        c.drawString(72, 700, marker)
        lines(c, ["koop een tweede boot die bij ijs kan varen;"], x=72 + 24, y=700)

    assert items(read(draw)) == [(marker, 1)]


def test_items_nest_by_indent_and_series() -> None:
    """Deeper indent is deeper; a series that goes on after its inner list has the level that it had."""

    def draw(c: Canvas) -> None:
        y = lines(c, ["1. Koop een boot:"], y=700)
        y = lines(c, ["a. met een dek;", "b. met een lift:"], x=90, y=y)
        y = lines(c, ["– voor rolstoelen;", "– voor fietsen."], x=108, y=y)
        y = lines(c, ["c. met licht."], x=90, y=y)
        lines(c, ["2. Vaar vroeg."], y=y)

    assert items(read(draw)) == [("1.", 1), ("a.", 2), ("b.", 2), ("–", 3), ("–", 3), ("c.", 2), ("2.", 1)]


def test_a_list_goes_on_over_pages_with_other_margins() -> None:
    """Left and right pages of a bound report have different margins: an item keeps the level of its series."""

    def page(margin: float, *drawn: tuple[float, str]) -> object:
        def draw(c: Canvas) -> None:
            lines(c, PARAGRAPH, x=margin, y=780)
            for n, (indent, text) in enumerate(drawn):
                lines(c, [text], x=margin + indent, y=700 - 13 * n)

        return draw

    first = page(72, (0, "1. Koop een boot:"), (18, "a. met een dek;"))

    def second(c: Canvas) -> None:
        lines(c, ["b. met een lift."], x=118, y=780)
        lines(c, ["2. Vaar vroeg."], x=100, y=767)
        lines(c, PARAGRAPH, x=100, y=700)

    assert items(read(first, second)) == [("1.", 1), ("a.", 2), ("b.", 2), ("2.", 1)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "line", ["– waar hij wil – van de ene oever naar de", "2.16) en die kans is groot, zo bleek ons"]
)
def test_a_dash_or_number_in_a_sentence_begins_no_item(line: str) -> None:
    """Where the line above is full and its sentence has not ended, a line goes on with whatever it begins."""
    bracket = "(kader" if line[:2] == "1)" else "brengt"
    text = [f"De veerman zegt dat hij elke reiziger veilig {bracket}", line, "andere oever."]
    document = read(lambda c: lines(c, text) and None)
    assert texts(document) == [" ".join(text)]
    assert not items(document)


def test_an_item_keeps_the_lines_that_hang_left_of_its_number() -> None:
    """The number may stand in a box, a little right of where the text goes on."""

    def draw(c: Canvas) -> None:
        words(c, (76, "1"), (96, "Koop een tweede boot die ook bij ijs kan varen en die"), y=700)
        lines(c, ["meer reizigers vervoert."], x=72, y=687)
        words(c, (76, "2"), (96, "Vaar elke ochtend om zes uur, ook als er geen licht is,"), y=660)
        lines(c, ["en in het weekend."], x=72, y=647)

    document = read(draw)
    assert items(document) == [("1", 1), ("2", 1)]
    assert texts(document, "list_item")[1].endswith("en in het weekend.")


def test_what_follows_a_bold_sentence_that_fills_its_line_is_in_the_item() -> None:
    """The change from bold to plain at the end of a full line parts nothing."""

    def draw(c: Canvas) -> None:
        words(c, (72, "1."), (90, "Koop een tweede boot voor de winter."), y=700, font="Helvetica-Bold")
        lines(c, ["Verlengde steigers zijn niet nodig, zei hij."], x=90, y=687)
        words(c, (72, "2."), (90, "Vaar elke dag."), y=660, font="Helvetica-Bold")

    assert texts(read(draw), "list_item")[0].endswith("niet nodig, zei hij.")


def test_a_line_that_addresses_the_next_items_belongs_to_none() -> None:
    """A line with bold words at the left edge, between items that hang, is a paragraph."""

    def draw(c: Canvas) -> None:
        words(c, (72, "1."), (90, "Koop een tweede boot die ook bij ijs kan varen en"), y=700)
        lines(c, ["die meer reizigers vervoert."], x=90, y=687)
        words(c, (72, "Aan de"), y=674)
        words(c, (107, "minister van Water en Bodem:"), y=674, font="Helvetica-Bold")
        words(c, (72, "2."), (90, "Betaal de boot."), y=661)

    document = read(draw)
    assert block(document, "Aan de minister").kind == "paragraph"
    assert items(document) == [("1.", 1), ("2.", 1)]


def test_initials_and_thousands_are_no_markers() -> None:
    document = read(
        lambda c: (
            lines(c, ["A.H. de Vries, voorzitter"], y=720)
            and lines(c, ["Dat kost de gemeente, als zij niets doet, elk jaar €", "2.700 per boot, en meer."], y=680)
            and None
        )
    )
    assert not items(document)
