"""Headings and contents on pages drawn by the test: levels by bookmarks, numbers and type; entries never mined."""

from __future__ import annotations

import io
from pathlib import Path

import pikepdf
import pytest
import reportlab
from invented_pages import PARAGRAPH, Draw, draw_pages, lines, read, texts, words
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from extractors.readers.pdf import read_pdf
from extractors.records import Document


def headings(document: Document) -> list[tuple[str, int]]:
    return [(document.text[b.start : b.end], b.level) for b in document.blocks if b.kind == "heading"]


def chapter(title: str, *sections: str, bookmarks: bool) -> Draw:
    """Return a page with a title and sections that all look alike: bold, in the size of the text."""

    def draw(c: Canvas) -> None:
        y = 780.0
        for level, text in [(0, title), *[(1, section) for section in sections]]:
            if bookmarks:
                c.bookmarkPage(text)
                c.addOutlineEntry(text, text, level=level)
            y = lines(c, [text], y=y, font="Helvetica-Bold")
            y = lines(c, PARAGRAPH, y=y - 8) - 20

    return draw


def test_bookmarks_tell_the_levels() -> None:
    """Headings that look alike have the levels of the bookmarks that the file carries."""
    pages = [chapter("Boten", "Wat wij zagen", "Wat wij vinden", bookmarks=True), chapter("Geld", bookmarks=True)]
    assert headings(read(*pages)) == [("Boten", 1), ("Wat wij zagen", 2), ("Wat wij vinden", 2), ("Geld", 1)]


def test_a_bookmark_makes_its_title_a_heading_and_others_follow_suit() -> None:
    """A title in plain type is a heading where a bookmark names it; others have the level of those set like them."""

    def draw(c: Canvas) -> None:
        for y, title in ((780, "Boten"), (680, "Steigers"), (580, "Geld")):
            c.bookmarkPage(title)
            c.addOutlineEntry(title, title, level=0)
            lines(c, [title], y=y)
            lines(c, PARAGRAPH, y=y - 20)
        lines(c, ["Wat het kost"], y=500, size=12, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=480)
        c.bookmarkPage("b")
        c.addOutlineEntry("Wat het opbrengt", "b", level=1)
        lines(c, ["Wat het opbrengt"], y=380, size=12, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=360)

    assert headings(read(draw)) == [
        ("Boten", 1),
        ("Steigers", 1),
        ("Geld", 1),
        ("Wat het kost", 2),
        ("Wat het opbrengt", 2),
    ]


def test_bookmarks_that_name_other_things_tell_nothing() -> None:
    """An outline of file names or slides is none of the text: then numbers and type decide."""

    def draw(c: Canvas) -> None:
        for n in range(4):
            c.bookmarkPage(str(n))
            c.addOutlineEntry(f"dia{n}.pptx", str(n), level=0)
        lines(c, ["2 Boten"], y=780, size=14, font="Helvetica-Bold")
        lines(c, ["2.1 Oude boten"], y=750, size=14, font="Helvetica-Bold")
        lines(c, PARAGRAPH)

    assert headings(read(draw)) == [("2 Boten", 1), ("2.1 Oude boten", 2)]


def nameless(file: str, title: str) -> bytes:
    """Return a page of text below a title in a font that the PDF calls F1, embedded as some printers do."""
    path = Path(reportlab.__file__).parent / "fonts" / file
    face = TTFont(file, path).face
    glyphs = {letter: face.charToGlyph[ord(letter)] for letter in sorted(set(title))}
    unicodes = "\n".join(f"<{glyph:04x}> <{ord(letter):04x}>" for letter, glyph in glyphs.items())
    cmap = f"begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange {len(glyphs)} beginbfchar\n{unicodes}\n"
    shown = "".join(f"{glyphs[letter]:04x}" for letter in title)
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_pages(lambda c: lines(c, PARAGRAPH) and None))) as pdf:
        name = pikepdf.Name("/CIDFont+F1")
        descriptor = pikepdf.Dictionary(
            Type=pikepdf.Name.FontDescriptor,
            FontName=name,
            Flags=4,
            FontBBox=[-200, -300, 1300, 1000],
            ItalicAngle=0,
            Ascent=900,
            Descent=-200,
            CapHeight=700,
            StemV=1000,  # PDFium guesses a weight of thousands from it
            FontFile2=pdf.make_stream(path.read_bytes()),
        )
        inner = pikepdf.Dictionary(
            Type=pikepdf.Name.Font,
            Subtype=pikepdf.Name.CIDFontType2,
            BaseFont=name,
            CIDSystemInfo=pikepdf.Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
            CIDToGIDMap=pikepdf.Name.Identity,
            FontDescriptor=descriptor,
            DW=600,
        )
        pdf.pages[0].resources.Font.Own = pdf.make_indirect(
            pikepdf.Dictionary(
                Type=pikepdf.Name.Font,
                Subtype=pikepdf.Name.Type0,
                BaseFont=name,
                Encoding=pikepdf.Name("/Identity-H"),
                DescendantFonts=[pdf.make_indirect(inner)],
                ToUnicode=pdf.make_stream(f"{cmap}endbfchar endcmap".encode()),
            )
        )
        pdf.pages[0].contents_add(f"BT /Own 10 Tf 72 750 Td <{shown}> Tj ET".encode(), prepend=True)
        pdf.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("file", "is_bold"), [("VeraBd.ttf", True), ("Vera.ttf", False)])
def test_the_font_file_tells_bold_where_the_name_says_nothing(file: str, is_bold: bool) -> None:
    """Some programs call every font F1, F2 …; the fonts in the file still know what they are."""
    document = read_pdf(nameless(file, "Wat wij zagen"), name="verzonnen.pdf")
    assert document.text.startswith("Wat wij zagen")
    assert document.blocks[0].is_bold is is_bold
    assert bool(headings(document)) is is_bold


def test_a_sentence_in_quotation_marks_heads_nothing() -> None:
    """What a report sets large to catch the eye is a quotation; a title in quotation marks is a title."""

    def draw(c: Canvas) -> None:
        lines(c, ["'Wij varen door'"], y=780, size=14, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=750)
        lines(c, ["'Ik stond een uur op de kade.'"], y=670, size=14, font="Helvetica-Bold")

    assert headings(read(draw)) == [("'Wij varen door'", 1)]


def test_pages_in_smaller_type_have_headings_of_their_own() -> None:
    """An annex set in smaller type has bold headings as small, and they are headings."""

    def annex(c: Canvas) -> None:
        lines(c, ["Bijlage over de boten"], y=780, size=8, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=765, size=8, leading=10)

    assert [text for text, _ in headings(read(*[lambda c: lines(c, PARAGRAPH) and None] * 6, annex))] == [
        "Bijlage over de boten"
    ]


def test_small_bold_words_in_a_picture_are_no_headings() -> None:
    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH)
        words(c, (90, "Noord"), y=500, size=6, font="Helvetica-Bold")
        words(c, (200, "Zuid"), y=450, size=6, font="Helvetica-Bold")

    assert not headings(read(draw))


def contents(document: Document) -> list[str]:
    return texts(document, "contents")


def test_contents_with_page_numbers_in_a_column() -> None:
    """Titles and aligned page numbers without dots are contents, with paragraph numbers and titles of two lines."""
    entries = [("Samenvatting", "", "3"), ("Boten", "1.1", "4"), ("Steigers", "1.7", "6"), ("Geld", "2.1", "12")]

    def draw(c: Canvas) -> None:
        lines(c, ["Inhoud"], y=780, size=16, font="Helvetica-Bold")
        for n, (title, paragraph, page) in enumerate(entries):
            words(c, (72, title), (400, paragraph), (520 - c.stringWidth(page, "Helvetica", 10), page), y=740 - 15 * n)
        lines(c, ["De veerdienst en wat de bewoners van"], y=675)
        words(c, (72, "het eiland ervan vinden"), (510, "18"), y=662)

    document = read(draw, *[lambda c: lines(c, PARAGRAPH) and None] * 18)
    assert contents(document)[:2] == ["Samenvatting 3", "Boten 1.1 4"]
    assert contents(document)[-1] == "het eiland ervan vinden 18"
    assert headings(document) == [("Inhoud", 1)]
    assert not texts(document, "table")


def test_contents_with_ranges_of_paragraphs() -> None:
    def draw(c: Canvas) -> None:
        lines(c, ["Contents"], y=780, size=16, font="Helvetica-Bold")
        for n, (title, held) in enumerate(
            [("Introduction", "01–05"), ("Observations", "06–20"), ("Conclusions", "21–30")]
        ):
            words(c, (72, title), (400, held), y=740 - 15 * n)

    assert contents(read(draw)) == ["Introduction 01–05", "Observations 06–20", "Conclusions 21–30"]


def test_contents_without_page_numbers() -> None:
    """Short lines below the title of a table of contents are its entries, up to the next heading."""
    entries = ["Voorwoord", "Samenvatting", "Wat wij zagen", "Aanbevelingen"]

    def draw(c: Canvas) -> None:
        lines(c, ["Inhoudsopgave"], y=780, size=16, font="Helvetica-Bold")
        lines(c, entries, y=750)
        lines(c, ["Voorwoord"], y=650, size=16, font="Helvetica-Bold")
        lines(c, PARAGRAPH, y=620)

    document = read(draw)
    assert contents(document) == entries
    assert texts(document, "heading") == ["Inhoudsopgave", "Voorwoord"]


def test_a_table_of_growing_numbers_is_no_contents() -> None:
    """Rows that are numbered 1, 2, 3 … at their end, or with other cells between, are no entries."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH, y=780)
        for n in range(1, 7):
            words(c, (72, f"Boot {chr(64 + n)}"), (200, "vaart wel"), (400, str(n)), y=700 - 15 * n)

    assert not contents(read(draw))


def test_white_text_in_a_coloured_box_is_text() -> None:
    """The colour in which much of a page is set heads nothing, though the rest of the document is black."""

    def box(c: Canvas) -> None:
        c.setFillColorRGB(0, 0.2, 0.5)
        c.rect(60, 500, 400, 240, stroke=0, fill=1)
        c.setFillColorRGB(1, 1, 1)
        lines(c, ["Wie wij zijn"], y=715, size=15, font="Helvetica-Bold")
        lines(c, ["Wij letten op de boten, en op wie er in zit"], y=690)
        lines(c, ["Wij zijn met ons vijven en werken aan de kade"], y=660)

    assert texts(read(*[lambda c: lines(c, PARAGRAPH) and None] * 3, box), "heading") == ["Wie wij zijn"]


def test_addresses_are_no_headings() -> None:
    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH)
        c.setFillColorRGB(0, 0, 0.8)
        lines(c, ["www.veerdienst-zoutmonde.example"], y=600, font="Helvetica-Bold")

    assert not headings(read(draw))
