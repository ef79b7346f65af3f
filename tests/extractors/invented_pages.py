"""Invented PDFs for the reader's tests, drawn word for word so that the tests know what stands where."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from extractors.readers.pdf import read_pdf
from extractors.records import Block, Document

Draw = Callable[[Canvas], None]

PARAGRAPH = (
    "De veerdienst naar het eiland vaart sinds drie jaar",
    "met twee boten, die elk uur vertrekken en die samen",
    "zes maal zoveel reizigers vervoeren als de oude pont,",
    "maar in de winter ligt er een boot stil.",
)


def draw_pages(*pages: Draw, size: tuple[float, float] = A4) -> bytes:
    """Return a PDF with one page per function, each given a fresh canvas page."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1)
    for draw in pages:
        draw(canvas)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def lines(
    canvas: Canvas,
    texts: Sequence[str],
    *,
    x: float = 72,
    y: float = 700,
    size: float = 10,
    font: str = "Helvetica",
    leading: float = 13,
) -> float:
    """Draw lines below each other from `y` (from the bottom, as PDF counts) and return the y of the next."""
    canvas.setFont(font, size)
    for text in texts:
        canvas.drawString(x, y, text)
        y -= leading
    return y


def read(*pages: Draw, size: tuple[float, float] = A4) -> Document:
    """Draw the pages and read them."""
    return read_pdf(draw_pages(*pages, size=size), name="verzonnen.pdf")


def texts(document: Document, *kinds: str) -> list[str]:
    """Return the texts of the blocks of these kinds, in order; of all that are no furniture without any kind."""
    blocks = [b for b in document.blocks if b.furniture_text is None and (not kinds or b.kind in kinds)]
    return [document.text[b.start : b.end] for b in blocks]


def block(document: Document, begins: str) -> Block:
    """Return the first block whose text begins so."""
    return next(b for b in document.blocks if b.furniture_text is None and document.text[b.start :].startswith(begins))


def cells(document: Document) -> list[list[str]]:
    """Return the cells of the only table, row by row."""
    (table,) = [b for b in document.blocks if b.kind == "table"]
    return [[document.text[a:b] for a, b in row] for row in table.rows]


def words(canvas: Canvas, *placed: tuple[float, str], y: float, size: float = 10, font: str = "Helvetica") -> None:
    """Draw texts in one row, each at its x."""
    canvas.setFont(font, size)
    for x, text in placed:
        canvas.drawString(x, y, text)


def raised(canvas: Canvas, before: str, mark: str, after: str, *, y: float, x: float = 72, rise: float = 4) -> None:
    """Draw a line with a small raised text in it."""
    text = canvas.beginText(x, y)
    for part, size, up in ((before, 10, 0), (mark, 6, rise), (after, 10, 0)):
        text.setFont("Helvetica", size)
        text.setRise(up)
        text.textOut(part)
    canvas.drawText(text)
