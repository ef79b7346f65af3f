"""Words of PDFs whose text layer is odd, on pages drawn by the test, and the places of words on the page."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_pages import PARAGRAPH, Draw, draw_pages, lines, read, texts, words
from numpy.typing import NDArray
from reportlab.pdfgen.canvas import Canvas

from extractors.errors import UnreadableDocument
from extractors.readers.pdf import read_pdf
from extractors.readers.pdf_frame import Frame
from extractors.records import Document


def test_words_without_spaces_between_them_are_parted_by_their_gaps() -> None:
    """A text layer may hold no space at all."""

    def draw(c: Canvas) -> None:
        c.setFont("Helvetica", 10)
        x = 72.0
        for word in ("De", "boot", "vaart", "vandaag."):
            c.drawString(x, 700, word)
            x += c.stringWidth(word, "Helvetica", 10) + 3

    assert read(draw).text == "De boot vaart vandaag."


def test_a_gap_of_kerning_is_no_space() -> None:
    """Parts of a word that stand a tenth of the font size apart are one word."""

    def draw(c: Canvas) -> None:
        c.setFont("Helvetica", 10)
        c.drawString(72, 700, "Inf")
        c.drawString(72 + c.stringWidth("Inf", "Helvetica", 10) + 1.2, 700, "rastructuur en water")

    assert read(draw).text == "Infrastructuur en water"


def test_spaced_letters_are_words() -> None:
    """Letters set apart to look grand are read as the words that they make."""

    def draw(c: Canvas) -> None:
        c.setFont("Helvetica-Bold", 14)
        x = 72.0
        for letter in "RAAD VAN ADVIES":
            if letter != " ":
                c.drawString(x, 700, letter)
            x += c.stringWidth(letter, "Helvetica-Bold", 14) + (12 if letter == " " else 6)

    assert read(draw).text == "RAAD VAN ADVIES"


def test_a_word_that_is_broken_before_a_short_word_is_mended() -> None:
    """A hyphen before "en" stays behind a word that stands alone elsewhere, and goes behind what is none."""
    text = [
        "De dak- en thuislozen, en het dak en de pont, en nog meer. Het dak-",
        "en de steiger zijn onderdel-",
        "en.",
    ]
    text += ["en en en en en en en en en en"]
    assert "Het dak- en de steiger zijn onderdelen." in read(lambda c: lines(c, text) and None).text


def ink(content: bytes, page: int = 0) -> NDArray[np.bool_]:
    """Return where a page is dark, four pixels to the point."""
    with pdfium.PdfDocument(content) as pdf:
        image = pdf[page].render(scale=4).to_pil().convert("L")
    return np.asarray(image) < 128


def marked(document: Document, start: int, end: int, shape: tuple[int, ...], page: int = 1) -> NDArray[np.bool_]:
    """Return the pixels in the boxes of a range of the text, as a viewer would mark them."""
    mask = np.zeros(shape, np.bool_)
    for place in document.words.within(start, end):
        if place.page == page:
            x0, top, x1, bottom = (round(4 * v) for v in (place.box.x0, place.box.top, place.box.x1, place.box.bottom))
            mask[top:bottom, x0 : x1 + 1] = True
    return mask


STATEMENT = ["Koop een tweede boot die ook bij ijs kan varen, want", "de bewoners vragen daar al jaren om."]
OTHERS = ["Dit staat erboven en hoort er niet bij, hoe dicht het", "ook bij elkaar staat op deze bladzijde."]


def others(c: Canvas) -> None:
    lines(c, OTHERS, y=626)
    lines(c, OTHERS, y=574)


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_the_boxes_of_a_statement_hold_its_ink_and_no_other(turn: int) -> None:
    """Marking the boxes on the page, also on one that is turned, marks the statement and nothing else."""

    def both(c: Canvas) -> None:
        lines(c, STATEMENT, y=600)
        others(c)

    whole, alone = (turned(draw_pages(draw), turn) for draw in (both, lambda c: lines(c, STATEMENT, y=600) and None))
    document = read_pdf(whole, name="verzonnen.pdf")
    start = document.text.index("Koop een")
    mask = marked(document, start, document.text.index("jaren om.") + len("jaren om."), ink(whole).shape)
    assert (ink(alone) & mask).sum() == ink(alone).sum()
    assert (ink(whole) & mask).sum() < 1.02 * ink(alone).sum()


def turned(content: bytes, degrees: int) -> bytes:
    """Return the PDF with its page shown turned and its text drawn so that it reads upright, or as it is for 0."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        page = pdf.pages[0]
        width, height = float(page.mediabox[2]), float(page.mediabox[3])
        matrix = {
            0: "1 0 0 1 0 0",
            90: f"0 1 -1 0 {height} 0",
            180: f"-1 0 0 -1 {width} {height}",
            270: f"0 -1 1 0 0 {width}",
        }[degrees]
        if degrees % 180:
            page.mediabox = [0, 0, height, width]
        page.contents_add(f"q {matrix} cm ".encode(), prepend=True)
        page.contents_add(b" Q", prepend=False)
        page.rotate(degrees, relative=False)
        pdf.save(out)
    return out.getvalue()


def test_boxes_on_a_page_printed_sideways_are_where_the_page_shows_them() -> None:
    """A table or text that runs up a page that is shown upright is read, and its boxes lie on it as it is shown."""

    def draw(c: Canvas) -> None:
        c.translate(500, 60)
        c.rotate(90)
        lines(c, PARAGRAPH, x=0, y=0)

    content = draw_pages(draw)
    document = read_pdf(content, name="verzonnen.pdf")
    assert texts(document) == [" ".join(PARAGRAPH)]
    assert (document.pages[0].width, document.pages[0].height) == pytest.approx((595.3, 841.9), abs=0.1)
    mask = marked(document, 0, len(document.text), ink(content).shape)
    assert (ink(content) & mask).sum() == ink(content).sum()


def test_every_word_of_a_difficult_page_has_its_place() -> None:
    """Columns, a table, a list and a note: all that is dark lies in the boxes of words, rules aside."""

    def draw(c: Canvas) -> None:
        lines(c, ["Een kop over de bladzijde"], x=60, y=780, size=16, font="Helvetica-Bold")
        lines(c, PARAGRAPH, x=60, y=750, size=9)
        lines(c, PARAGRAPH, x=320, y=750, size=9)
        for n, row in enumerate((("Nr.", "Aanbeveling", "Voor"), ("1", "Koop", "rederij"), ("2", "Vaar", "gemeente"))):
            words(c, *zip((60, 120, 300), row, strict=True), y=640 - 20 * n)
        lines(c, ["1 Zie het jaarverslag."], x=60, y=60, size=7)

    content = draw_pages(draw)
    document = read_pdf(content, name="verzonnen.pdf")
    mask = marked(document, 0, len(document.text), ink(content).shape)
    assert (ink(content) & mask).sum() == ink(content).sum()
    for start, end in zip(document.words.starts, document.words.ends, strict=True):
        assert document.text[start:end].strip() == document.text[start:end] != ""


@pytest.mark.parametrize("rotation", range(4))
@pytest.mark.parametrize("turn", range(4))
def test_a_turned_frame_gives_places_back_as_shown(rotation: int, turn: int) -> None:
    frame = Frame(10.0, 20.0, 210.0, 320.0, rotation)
    boxes = np.array([[30.0, 40.0, 80.0, 55.0], [10.0, 20.0, 210.0, 320.0]])
    more = frame.turned(turn)
    assert np.allclose(more.unturn(more.place(boxes)), frame.place(boxes))
    assert frame.size == ((200.0, 300.0) if rotation % 2 == 0 else (300.0, 200.0))


@st.composite
def pages_at_random(draw: st.DrawFn) -> Draw:
    """Draw a page of texts, lines and shapes at random."""
    some = st.sampled_from(
        ["De boot", "1", "1.2", "a)", "–", "•", "vaart-", "III", "12 3", ".....", "R A", "Inhoud", "x"]
    )
    placed = st.tuples(
        st.lists(some, min_size=1, max_size=5),
        st.integers(10, 560),
        st.integers(10, 820),
        st.sampled_from([5, 8, 10, 16]),
        st.sampled_from(["Helvetica", "Helvetica-Bold", "Symbol"]),
        st.sampled_from([0, 0, 0, 90, 30]),
    )
    texts_drawn = draw(st.lists(placed, max_size=25))
    rules = draw(st.lists(st.tuples(st.integers(10, 300), st.integers(10, 820), st.integers(0, 250)), max_size=8))
    discs = draw(st.lists(st.tuples(st.integers(10, 500), st.integers(10, 820)), max_size=4))

    def page(c: Canvas) -> None:
        for parts, x, y, size, font, turn in texts_drawn:
            c.saveState()
            c.translate(x, y)
            c.rotate(turn)
            lines(c, [" ".join(parts)], x=0, y=0, size=size, font=font)
            c.restoreState()
        for x, y, length in rules:
            c.line(x, y, x + length, y)
            c.line(x, y, x, y - length // 4)
        for x, y in discs:
            c.circle(x, y, 2, stroke=0, fill=1)

    return page


@settings(max_examples=60, deadline=None)
@given(st.lists(pages_at_random(), min_size=1, max_size=4))
def test_pages_at_random_keep_the_laws(drawn: list[Draw]) -> None:
    """Whatever stands on the pages: blocks are in order, cells and words are ranges of the text, boxes are right way up."""
    try:
        document = read_pdf(draw_pages(*drawn), name="verzonnen.pdf")
    except UnreadableDocument as error:
        assert error.reason == "no_text"
        return
    blocks = [b for b in document.blocks if b.furniture_text is None]
    assert document.text == "\n\n".join(document.text[b.start : b.end] for b in blocks)
    assert all(document.text[a:z] == document.text[a:z].strip() for b in blocks for row in b.rows for a, z in row)
    starts, ends, boxes = document.words.starts, document.words.ends, document.words.boxes
    assert all(ends[:-1] <= starts[1:]) and all(starts < ends)
    assert (boxes[:, 0] <= boxes[:, 2]).all() and (boxes[:, 1] <= boxes[:, 3]).all()


@pytest.mark.parametrize("apart", [True, False])
def test_a_large_initial_begins_its_word(apart: bool) -> None:
    """The letter that a chapter begins with, as high as two lines, is part of the first word beside it."""

    def draw(c: Canvas) -> None:
        words(c, (72, "D"), y=688, size=30)
        lines(c, ["e veerdienst naar het eiland vaart al", "drie jaar met twee boten, die samen"], x=98, y=700)
        lines(c, ["zes maal zoveel reizigers vervoeren dan de pont."], y=674)

    def reversed_order(c: Canvas) -> None:
        lines(c, ["e veerdienst naar het eiland vaart al", "drie jaar met twee boten, die samen"], x=98, y=700)
        lines(c, ["zes maal zoveel reizigers vervoeren dan de pont."], y=674)
        words(c, (72, "D"), y=688, size=30)

    document = read(reversed_order if apart else draw)
    assert document.text.startswith(
        "De veerdienst naar het eiland vaart al drie jaar met twee boten, die samen zes maal"
    )


def test_numbers_of_lines_are_left_out() -> None:
    """Numbers in the margin that count the lines are no text and begin no items."""
    text = [*PARAGRAPH, *PARAGRAPH, *PARAGRAPH]

    def draw(c: Canvas) -> None:
        for n, line in enumerate(text):
            words(c, (72 - c.stringWidth(str(n + 1), "Helvetica", 7), str(n + 1)), y=700 - 13 * n, size=7)
            words(c, (84, line), y=700 - 13 * n)

    document = read(draw)
    assert not any(character.isdigit() for character in document.text)
    assert not texts(document, "list_item")
