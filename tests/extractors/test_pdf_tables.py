"""Tables on pages drawn by the test: with and without ruling lines, turned, and over two pages."""

from __future__ import annotations

import io

import pikepdf
from invented_pages import PARAGRAPH, cells, draw_pages, lines, read, texts, words
from reportlab.lib.colors import white
from reportlab.pdfgen.canvas import Canvas

from extractors.readers.pdf import read_pdf

ROWS = [["Nr.", "Aanbeveling", "Voor"], ["1", "Koop een boot", "rederij"], ["2", "Vaar vroeg", "gemeente"]]
XS = (76, 116, 276)


def fill(c: Canvas, rows: list[list[str]], *, y: float = 686, xs: tuple[float, ...] = XS, step: float = 20) -> None:
    for r, row in enumerate(rows):
        words(c, *zip(xs, row, strict=True), y=y - step * r)


def test_lines_between_rows_make_a_table() -> None:
    """Without lines down the page the white space through all rows parts the columns; a cell may have two lines."""

    def draw(c: Canvas) -> None:
        fill(c, [*ROWS[:2], ["", "die bij ijs kan varen", ""]], step=15)
        fill(c, [ROWS[2], ["3", "Bouw een steiger", "provincie"]], y=636)
        for y in (700, 680, 650, 630, 610):
            c.line(72, y, 372, y)

    first = ["1", "Koop een boot die bij ijs kan varen", "rederij"]
    assert cells(read(draw)) == [ROWS[0], first, ROWS[2], ["3", "Bouw een steiger", "provincie"]]


def test_borders_below_each_cell_tell_the_columns() -> None:
    """Browsers print the border below a row as a piece for each cell; where the pieces meet, columns part."""

    def draw(c: Canvas) -> None:
        fill(c, ROWS)
        for r in range(3):
            for x0, x1 in ((72, 112), (112, 272), (272, 372)):
                c.rect(x0, 680 - 20 * r, x1 - x0, 0.7, stroke=0, fill=1)

    assert cells(read(draw)) == ROWS


def test_a_table_may_be_open_at_its_sides() -> None:
    """Lines between columns and rows, but none around the table."""

    def draw(c: Canvas) -> None:
        fill(c, ROWS)
        for y in (680, 660):
            c.line(72, y, 372, y)
        for x in (112, 272):
            c.line(x, 700, x, 642)

    assert cells(read(draw)) == ROWS


def test_columns_without_any_line_make_a_table() -> None:
    """Three aligned columns over three rows are a table; a cell that goes on below stays one cell."""

    def draw(c: Canvas) -> None:
        fill(c, ROWS)
        words(c, (116, "en met licht"), y=634)

    assert cells(read(draw)) == [*ROWS[:2], ["2", "Vaar vroeg en met licht", "gemeente"]]


def test_lines_through_running_text_make_no_table() -> None:
    """Rules above and below lines of text, or white boxes behind them, do not cut it into cells."""

    def draw(c: Canvas) -> None:
        c.setFillColor(white)
        for r in range(4):
            c.rect(90, 697 - 13 * r, 300, 13, stroke=0, fill=1)
        c.setFillGray(0)
        for r in range(6):
            c.line(72, 712 - 13 * r, 400, 712 - 13 * r)
        lines(c, PARAGRAPH)

    assert texts(read(draw)) == [" ".join(PARAGRAPH)]


def test_a_table_on_a_turned_page_is_read_as_shown() -> None:
    """Ruling lines are turned with the page."""

    def draw(c: Canvas) -> None:
        fill(c, ROWS)
        for y in (700, 680, 660, 640):
            c.line(72, y, 372, y)
        for x in (72, 112, 272, 372):
            c.line(x, 700, x, 640)

    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(draw_pages(draw))) as pdf:
        page = pdf.pages[0]
        width = float(page.mediabox[2])
        page.contents_add(f"q 0 1 -1 0 {width:.2f} 0 cm ".encode(), prepend=True)
        page.contents_add(b" Q", prepend=False)
        page.rotate(90, relative=False)
        pdf.save(out)
    assert cells(read_pdf(out.getvalue(), name="verzonnen.pdf")) == ROWS


def test_a_table_goes_on_over_the_page() -> None:
    """The head that the next page repeats is left out, and a row that the page end cuts is one row."""

    def grid(c: Canvas, rows: list[list[str]], top: float) -> None:
        fill(c, rows, y=top - 14)
        for r in range(len(rows) + 1):
            c.line(72, top - 20 * r, 372, top - 20 * r)
        for x in (72, 112, 272, 372):
            c.line(x, top, x, top - 20 * len(rows))

    def first(c: Canvas) -> None:
        lines(c, PARAGRAPH)
        grid(c, [*ROWS[:2], ["2", "Vaar vroeg en", "gemeente"]], 130)

    def second(c: Canvas) -> None:
        grid(c, [ROWS[0], ["", "met licht", ""], ["3", "Bouw een steiger", "provincie"]], 780)
        lines(c, PARAGRAPH, y=600)

    assert cells(read(first, second)) == [
        *ROWS[:2],
        ["2", "Vaar vroeg en met licht", "gemeente"],
        ["3", "Bouw een steiger", "provincie"],
    ]


def test_a_cell_over_two_rows_keeps_the_columns_in_their_places() -> None:
    """Every row has as many cells; a cell that spans rows stands in the first of them."""

    def draw(c: Canvas) -> None:
        fill(c, [ROWS[0], ["1", "Koop een boot", "rederij"], ["", "Vaar vroeg", "gemeente"]])
        for y in (700, 680, 640):
            c.line(72, y, 372, y)
        c.line(112, 660, 372, 660)
        for x in (72, 112, 272, 372):
            c.line(x, 700, x, 640)

    assert cells(read(draw)) == [*ROWS[:2], ["", "Vaar vroeg", "gemeente"]]
