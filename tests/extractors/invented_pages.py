"""Invented PDFs for the reader's tests, drawn word for word so that the tests know what stands where."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

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
