"""The PDF reader on pages drawn by the test: structure, places and refusals."""

from __future__ import annotations

import io
import re

import pdfplumber
import pikepdf
import pytest
from invented_pages import PARAGRAPH, block, draw_pages, lines, texts
from reportlab.pdfgen.canvas import Canvas

from extractors.errors import UnreadableDocument
from extractors.readers.pdf import read_pdf
from extractors.records import Document


def read(content: bytes) -> Document:
    return read_pdf(content, name="verzonnen.pdf")


def test_words_stand_where_pdfplumber_sees_them() -> None:
    """Every word has the text and, within 1.5 points sideways, the place that pdfplumber gives it."""
    content = draw_pages(lambda c: lines(c, PARAGRAPH) and None)
    document = read(content)
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        expected = pdf.pages[0].extract_words()
    found = [document.text[a:b] for a, b in zip(document.words.starts, document.words.ends, strict=True)]
    assert found == [word["text"] for word in expected]
    for own, theirs in zip(document.words.boxes, expected, strict=True):
        assert own[0] == pytest.approx(theirs["x0"], abs=1.5)
        assert own[2] == pytest.approx(theirs["x1"], abs=1.5)
        assert own[1] <= (theirs["top"] + theirs["bottom"]) / 2 <= own[3]


def test_lines_of_a_paragraph_are_one_block() -> None:
    """The lines of a paragraph are joined by a space; a wider gap begins the next."""

    def draw(c: Canvas) -> None:
        y = lines(c, PARAGRAPH)
        lines(c, ["Dit is een tweede alinea, die los staat", "van de eerste door een regel wit."], y=y - 10)

    assert texts(read(draw_pages(draw)), "paragraph") == [
        " ".join(PARAGRAPH),
        "Dit is een tweede alinea, die los staat van de eerste door een regel wit.",
    ]


def test_two_columns_are_read_one_after_the_other() -> None:
    """The left column comes before the right one, below a heading over both."""
    left = [f"links staat regel {n} van de linker kolom" for n in "abcdefgh"]
    right = [f"rechts staat regel {n} van de andere kolom" for n in "abcdefgh"]

    def draw(c: Canvas) -> None:
        lines(c, ["Een kop die over beide kolommen loopt"], y=760, size=16, font="Helvetica-Bold")
        lines(c, left, x=60)
        lines(c, right, x=320)

    document = read(draw_pages(draw))
    assert texts(document, "heading") == ["Een kop die over beide kolommen loopt"]
    assert document.text.index("regel h van de linker") < document.text.index("regel a van de andere")


def test_running_heads_and_page_numbers_are_no_text() -> None:
    """What repeats at the top of the pages and the number at their foot are furniture, not text."""

    def page(number: int) -> object:
        def draw(c: Canvas) -> None:
            lines(c, [f"Verzonnen rapport over de pont, deel {number}"], y=815, size=8)
            lines(c, PARAGRAPH)
            lines(c, [str(number)], x=290, y=30, size=8)

        return draw

    document = read(draw_pages(*[page(n) for n in range(1, 5)]))  # type: ignore[arg-type]
    assert "Verzonnen rapport" not in document.text
    heads = [b.furniture_text for b in document.blocks if b.kind == "running_head"]
    numbers = [b.furniture_text for b in document.blocks if b.kind == "page_number"]
    assert heads == [f"Verzonnen rapport over de pont, deel {n}" for n in range(1, 5)]
    assert numbers == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("de gemeente Zoutmonde koos voor een vaar-", "plan zonder winterpauze.", "een vaarplan zonder"),
        ("de bewoners spraken over de Q-", "koorts in het dorp.", "de Q-koorts in"),
        ("het ministerie sloot regeling Chroom-", "6 voor iedereen.", "regeling Chroom-6 voor"),
    ],
)
def test_words_broken_at_line_ends_are_mended(first: str, second: str, joined: str) -> None:
    """The hyphen of a broken word goes; it stays after a single letter and before a digit."""
    assert joined in read(draw_pages(lambda c: lines(c, [first, second]) and None)).text


def test_the_form_that_stands_elsewhere_decides_about_a_hyphen() -> None:
    """A compound that the report writes with a hyphen keeps it when a line end breaks it there."""
    text = ["The well-being of islanders counts, and their well-", "being was not measured at all."]
    assert "their well-being was" in read(draw_pages(lambda c: lines(c, text) and None)).text


def test_a_paragraph_goes_on_over_the_page_and_its_footnote_comes_after_it() -> None:
    """The halves of a sentence on two pages are one block; the note between them follows."""

    def first(c: Canvas) -> None:
        lines(c, [*PARAGRAPH[:3], "en de bewoners hebben in al die jaren steeds"], y=140)
        lines(c, ["1 Zie het verzonnen jaarverslag."], y=60, size=7)

    def second(c: Canvas) -> None:
        lines(c, ["gevraagd om een boot die ook bij ijs kan varen.", "Die kwam er niet."], y=760)

    document = read(draw_pages(first, second))
    (paragraph,) = texts(document, "paragraph")
    assert "steeds gevraagd om een boot" in paragraph
    assert texts(document, "footnote") == ["1 Zie het verzonnen jaarverslag."]


def test_footnote_marks_are_left_out_of_the_text() -> None:
    """A small raised digit behind a word is a mark, not part of the word; a plain digit stays."""

    def draw(c: Canvas) -> None:
        y = lines(c, PARAGRAPH)
        text = c.beginText(72, y)
        text.setFont("Helvetica", 10)
        text.textOut("Er zijn 2 boten")
        text.setFont("Helvetica", 6)
        text.setRise(4)
        text.textOut("3")
        text.setRise(0)
        text.setFont("Helvetica", 10)
        text.textOut(" in de vaart.")
        c.drawText(text)

    assert "Er zijn 2 boten in de vaart." in read(draw_pages(draw)).text


def test_letters_printed_twice_to_look_bold_are_read_once() -> None:
    """Each glyph is drawn twice, a quarter of a point apart; real double letters stay."""

    def draw(c: Canvas) -> None:
        c.setFont("Helvetica", 12)
        x = 72.0
        for letter in "Februari zee":
            for shift in (0.0, 0.25):
                c.drawString(x + shift, 700, letter)
            x += c.stringWidth(letter, "Helvetica", 12)

    assert read(draw_pages(draw)).text == "Februari zee"


def test_headings_have_levels_by_size_and_number() -> None:
    """A larger heading is higher; of one size, 3.1 stands below 3; a heading of two lines is one block."""

    def draw(c: Canvas) -> None:
        lines(c, ["3 Wat wij zagen"], y=780, size=18, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=750)
        lines(
            c,
            ["3.1 Een lange kop over de boten die in de", "winter niet varen"],
            y=670,
            size=13,
            font="Helvetica-Bold",
            leading=16,
        )
        lines(c, PARAGRAPH, y=630)

    document = read(draw_pages(draw))
    assert texts(document, "heading") == [
        "3 Wat wij zagen",
        "3.1 Een lange kop over de boten die in de winter niet varen",
    ]
    chapter, section = (b.level for b in document.blocks if b.kind == "heading")
    assert chapter < section


def test_a_bold_lead_is_a_style_and_no_heading() -> None:
    """A paragraph that begins with bold words keeps them in its text, with a run of bold style."""

    def draw(c: Canvas) -> None:
        text = c.beginText(72, 700)
        text.setFont("Helvetica-Bold", 10)
        text.textOut("Koop een tweede boot. ")
        text.setFont("Helvetica", 10)
        text.textOut("Dat kost vier miljoen euro.")
        c.drawText(text)
        lines(c, PARAGRAPH, y=660)

    document = read(draw_pages(draw))
    lead = block(document, "Koop")
    assert lead.kind == "paragraph"
    assert [(document.text[r.start : r.end], r.is_bold) for r in lead.styles] == [
        ("Koop een tweede boot.", True),
        ("Dat kost vier miljoen euro.", False),
    ]


def test_list_items_have_markers_levels_and_all_their_lines() -> None:
    """Numbers and bullets begin items, deeper ones by their indent; a hanging line belongs to its item."""

    def draw(c: Canvas) -> None:
        y = lines(c, ["De raad beveelt het volgende aan:"], y=700)
        y = lines(c, ["1. Koop een tweede boot die in ijs kan varen,"], y=y - 4)
        y = lines(c, ["en betaal die uit de reserve."], x=84, y=y)
        y = lines(c, ["• een boot met twee dekken"], x=100, y=y)
        y = lines(c, ["• een boot met een lift"], x=100, y=y)
        lines(c, ["2. Vaar elke ochtend om zes uur."], y=y)

    document = read(draw_pages(draw))
    items = [b for b in document.blocks if b.kind == "list_item"]
    assert [(b.marker, b.level) for b in items] == [("1.", 1), ("•", 2), ("•", 2), ("2.", 1)]
    assert document.text[items[0].body_start : items[0].end] == (
        "Koop een tweede boot die in ijs kan varen, en betaal die uit de reserve."
    )


def test_contents_are_never_headings() -> None:
    """Lines with dot leaders and page numbers are contents."""

    def draw(c: Canvas) -> None:
        lines(c, ["Inhoud"], y=780, size=16, font="Helvetica-Bold")
        lines(c, [f"{n} Hoofdstuk over de pont {'. ' * 40}{3 * n}" for n in range(1, 7)], y=740)

    document = read(draw_pages(draw))
    assert len(texts(document, "contents")) == 6
    assert texts(document, "heading") == ["Inhoud"]


def test_a_ruled_table_has_rows_and_cells() -> None:
    """Cells come row by row, with the range of each over the text; words around the table are not in it."""
    cells = [["Nr.", "Aanbeveling", "Voor"], ["1", "Koop een boot", "rederij"], ["2", "Vaar vroeg", "gemeente"]]

    def draw(c: Canvas) -> None:
        lines(c, ["Onderstaande tabel is verzonnen."], y=740)
        for r in range(4):
            c.line(72, 700 - 20 * r, 372, 700 - 20 * r)
        for x in (72, 112, 272, 372):
            c.line(x, 700, x, 640)
        for r, row in enumerate(cells):
            for x, text in zip((76, 116, 276), row, strict=True):
                lines(c, [text], x=x, y=686 - 20 * r)

    document = read(draw_pages(draw))
    table = next(b for b in document.blocks if b.kind == "table")
    assert [[document.text[a:b] for a, b in row] for row in table.rows] == cells
    assert texts(document, "paragraph") == ["Onderstaande tabel is verzonnen."]


def test_a_rotated_page_is_read_as_it_is_shown() -> None:
    """A page that is turned by 90 degrees gives the same text, and its size and boxes as shown."""
    content = draw_pages(lambda c: lines(c, PARAGRAPH) and None)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        width, height = float(page.mediabox[2]), float(page.mediabox[3])
        # The text runs upwards on the sheet, and the sheet is shown turned: it reads from left to right again.
        page.contents_add(f"q 0 1 -1 0 {width:.2f} 0 cm ".encode(), prepend=True)
        page.contents_add(b" Q", prepend=False)
        page.mediabox = [0, 0, width, height]
        page.rotate(90, relative=False)
        pdf.save(out)
    document = read(out.getvalue())
    assert (document.pages[0].width, document.pages[0].height) == (pytest.approx(height), pytest.approx(width))
    assert document.text.startswith("De veerdienst naar het eiland")
    assert document.words.boxes[:, 2].max() <= height + 1


def encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_pages(lambda c: lines(c, PARAGRAPH) and None))) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "reason", "says"),
    [
        (b"", "empty", "empty file"),
        (b"%PDF-1.7 and then nothing", "damaged", "fetch it again"),
        (encrypted(), "encrypted", "password"),
        (draw_pages(lambda c: None), "no_text", "OCRmyPDF"),
        (draw_pages(*[lambda c: None] * 4), "too_many_pages", "RODEDRAAD_MAX_PAGES"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(content: bytes, reason: str, says: str) -> None:
    """Each refusal has a stable reason, and its message says what was found and what to do."""
    with pytest.raises(UnreadableDocument, match=re.escape(says)) as caught:
        read_pdf(content, name="verzonnen.pdf", max_pages=3)
    assert caught.value.reason == reason
    assert "verzonnen.pdf" in str(caught.value)
