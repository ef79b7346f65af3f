"""What is apart from the text, on pages drawn by the test: running heads, page numbers, footnotes and their marks."""

from __future__ import annotations

import pytest
from invented_pages import PARAGRAPH, Draw, lines, raised, read, texts, words
from reportlab.pdfgen.canvas import Canvas

from extractors.records import Document


def furniture(document: Document, kind: str) -> list[str | None]:
    return [b.furniture_text for b in document.blocks if b.kind == kind]


def pages(count: int, head: Draw | None = None, **heads: str) -> list[Draw]:
    """Return pages of text with the heads that are named by "p1", "p2" … in one place."""

    def page(number: int) -> Draw:
        def draw(c: Canvas) -> None:
            if f"p{number}" in heads:
                lines(c, [heads[f"p{number}"]], y=815, size=8)
            lines(c, PARAGRAPH)
            if head:
                head(c)

        return draw

    return [page(n) for n in range(1, count + 1)]


def test_the_title_of_a_chapter_is_a_running_head_where_others_have_one() -> None:
    """A head that stands on one page only is one too, where the report's title stands on most pages."""
    heads = {f"p{n}": "Verzonnen rapport" for n in range(1, 9)} | {"p9": "Hoofdstuk 3 De winter"}
    document = read(*pages(9, **heads))
    assert "Hoofdstuk 3" not in document.text
    assert "Hoofdstuk 3 De winter" in furniture(document, "running_head")


def test_heads_of_left_and_right_pages_that_count_them_are_furniture() -> None:
    """A head that stands on two pages only is one where it counts them."""
    document = read(
        *pages(4, p1="Verzonnen rapport | 1", p2="2 | De boten", p3="Verzonnen rapport | 3", p4="4 | De boten")
    )
    assert furniture(document, "running_head") == [
        "Verzonnen rapport | 1",
        "2 | De boten",
        "Verzonnen rapport | 3",
        "4 | De boten",
    ]


def test_what_repeats_beside_the_text_is_furniture() -> None:
    """The sender in the margin of each page of a letter interrupts no sentence."""

    def sender(c: Canvas) -> None:
        lines(c, ["Ministerie", "van Water"], x=420, y=690, size=7, font="Helvetica-Bold", leading=9)

    document = read(*pages(4, head=sender))
    assert "Ministerie" not in document.text
    assert furniture(document, "running_head")[:2] == ["Ministerie", "van Water"]


def test_notes_that_look_alike_are_no_running_feet() -> None:
    """Numbers in a running foot stay or count the pages; "4 Zie blz. 31." under each page is a note."""

    def page(number: int) -> Draw:
        def draw(c: Canvas) -> None:
            lines(c, PARAGRAPH)
            lines(c, [f"{3 * number + 1} Zie blz. {97 - 7 * number}."], y=60, size=7)

        return draw

    assert len(texts(read(*[page(n) for n in range(1, 6)]), "footnote")) == 5


def test_a_number_that_does_not_count_the_pages_is_no_page_number() -> None:
    """A paragraph's number at the head of a page belongs to its paragraph."""

    def page(number: int, first: str) -> Draw:
        def draw(c: Canvas) -> None:
            words(c, (72, first), y=790)
            lines(c, [f"Boot {first} vaart naar {'het eiland ' * number}terug,", *PARAGRAPH[number:]], x=100, y=790)
            lines(c, [str(number)], x=290, y=30, size=8)

        return draw

    document = read(*[page(n, f) for n, f in ((1, "11"), (2, "28"), (3, "29"))])
    assert furniture(document, "page_number") == ["1", "2", "3"]
    assert [b.marker for b in document.blocks if b.kind == "list_item"] == ["11", "28", "29"]


@pytest.mark.parametrize(
    ("before", "mark", "after", "line"),
    [
        ("Er zijn twee boten", "3", ".", "Er zijn twee boten."),
        ("De boten", "12", ", die oud zijn, varen.", "De boten, die oud zijn, varen."),
        ("Er zijn twee boten.", "57 58", " Dat is te weinig.", "Er zijn twee boten. Dat is te weinig."),
        ("Er zijn twee boten", "[noot 4]", " en een pont.", "Er zijn twee boten en een pont."),
        ("Er zijn twee boten.", "104", " Dat is te weinig.", "Er zijn twee boten. Dat is te weinig."),
        ("Het dek is 40 m", "2", " groot.", "Het dek is 40 m2 groot."),
        ("De 3", "e", " boot vaart.", "De 3e boot vaart."),
    ],
)
def test_marks_of_notes_are_left_out_and_exponents_stay(before: str, mark: str, after: str, line: str) -> None:
    """Small raised numbers, also several or in brackets, are no text; raised letters and square metres are."""
    assert texts(read(lambda c: raised(c, before, mark, after, y=700))) == [line]


def test_each_column_has_its_own_notes() -> None:
    """Notes under the shorter column are notes, though text stands lower in the other."""
    left = ["Links begint het.", *[f"links staat regel {n} van de kolom, goed vol" for n in "abcdefgh"], "Einde."]
    right = ["Rechts.", *[f"rechts staat regel {n} van de kolom, goed vol" for n in "abcdefghijkl"], "Klaar."]

    def draw(c: Canvas) -> None:
        lines(c, left, x=60, y=300)
        lines(c, ["1 Zie het jaarverslag."], x=60, y=150, size=7)
        lines(c, right, x=300, y=300)

    document = read(draw)
    assert texts(document, "footnote") == ["1 Zie het jaarverslag."]
    assert texts(document, "paragraph") == [" ".join(left), " ".join(right)]


def test_a_note_almost_as_large_as_the_text_is_known_by_its_rule_and_raised_number() -> None:
    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH, size=10)
        c.line(72, 112, 200, 112)
        text = c.beginText(72, 100)
        for part, size, up in (("1", 6, 3), (" Zie het verzonnen jaarverslag.", 9.5, 0)):
            text.setFont("Helvetica", size)
            text.setRise(up)
            text.textOut(part)
        c.drawText(text)

    assert texts(read(draw), "footnote") == ["1 Zie het verzonnen jaarverslag."]


def test_a_note_goes_on_at_the_foot_of_the_next_page() -> None:
    """The rest of a note below the rule of the next page joins it, and a sentence of the text is not cut by it."""

    def first(c: Canvas) -> None:
        lines(c, [*PARAGRAPH[:3], "en de bewoners hebben in al die jaren steeds"], y=150)
        c.line(72, 80, 200, 80)
        lines(c, ["7 Zie het verzonnen jaarverslag van de"], y=70, size=7)

    def second(c: Canvas) -> None:
        lines(c, ["gevraagd om een boot die ook bij ijs kan varen."], y=780)
        c.line(72, 80, 200, 80)
        lines(c, ["veerdienst, tweede deel.", "8 Zie ook deel drie."], y=70, size=7, leading=9)

    document = read(first, second)
    assert texts(document, "footnote") == [
        "7 Zie het verzonnen jaarverslag van de veerdienst, tweede deel.",
        "8 Zie ook deel drie.",
    ]
    assert "steeds gevraagd om" in document.text


def test_notes_below_a_chapter_are_notes() -> None:
    """Small numbered lines below a rule are notes in the middle of a page too, and at its head."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH, y=780)
        c.line(72, 712, 400, 712)
        text = c.beginText(72, 700)
        for part, size, up in (("1", 5, 2), (" Zie het verzonnen jaarverslag.", 7, 0)):
            text.setFont("Helvetica", size)
            text.setRise(up)
            text.textOut(part)
        c.drawText(text)
        lines(c, ["2 Wat volgt"], y=650, size=16, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=620)

    assert texts(read(draw), "footnote") == ["1 Zie het verzonnen jaarverslag."]


def test_a_box_in_small_type_is_no_note() -> None:
    """The edge of a coloured box is no rule above a note."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH, y=780)
        c.setFillGray(0.9)
        c.rect(72, 80, 320, 50, stroke=0, fill=1)
        c.setFillGray(0)
        lines(c, ["Een goed voorbeeld", "De rederij telt elke reiziger en publiceert dat."], x=80, y=115, size=8)

    assert not texts(read(draw), "footnote")


def test_a_paragraph_where_others_have_a_running_foot_is_text() -> None:
    """The small print under the first page stays, though its first line stands where later pages have the sender."""

    def page(number: int) -> Draw:
        def draw(c: Canvas) -> None:
            lines(c, [f"Blad {number} over boten", *PARAGRAPH[number % 3 :]], y=700)
            small = (
                ["Bureau Kade en Zonen"]
                if number > 1
                else ["Op dit werk is het recht van", "Zoutmonde van toepassing."]
            )
            lines(c, small, y=60, size=7, leading=8)

        return draw

    document = read(*[page(n) for n in range(1, 9)])
    assert "Op dit werk is het recht van Zoutmonde van toepassing." in document.text
    assert "Bureau Kade" not in document.text
