"""Invented publications with a title page, an imprint and a few pages of text, drawn as PDFs."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

from invented_pages import lines
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import simpleSplit
from reportlab.pdfgen.canvas import Canvas

MARGIN = 72
WIDTH = A4[0] - 2 * MARGIN
BODY_PAGES = 4


def draw_publication(
    front: str,
    *,
    body: str,
    imprint: str = "",
    head: str = "",
    foot: str = "",
    made: str = "2000-01-01",
    **properties: str,
) -> bytes:
    """Return a PDF: a title page, a page with the imprint if there is one, and pages of text.

    Args:
        front: the lines of the title page, each with its size before it ("24b The ferry": 24 points, bold); an empty
            line leaves room.
        body: sentences, repeated on every further page below a heading.
        imprint: the lines of the second page, in small print.
        head: what is printed above every page of text; `foot` below it, with the number of the page.
        foot: see `head`.
        made: the day on which the file says that it was made.
        properties: what the file says of itself: title, author, subject.
    """
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    for setter, value in properties.items():
        getattr(canvas, f"set{setter.capitalize()}")(value)
    _draw_front(canvas, front)
    canvas.showPage()
    if imprint:
        lines(canvas, imprint.strip().split("\n"), y=400, size=8, leading=11)
        canvas.showPage()
    for number in range(1, BODY_PAGES + 1):
        if head:
            lines(canvas, [head], y=800, size=8)
        lines(canvas, [f"{foot} {number + 2}".strip()], y=40, size=8)
        lines(canvas, [_HEADINGS[number - 1]], y=740, size=16, font="Helvetica-Bold")
        lines(canvas, simpleSplit(f"{body} " * 3, "Helvetica", 10, WIDTH), y=710)
        canvas.showPage()
    canvas.save()
    return out.getvalue().replace(b"D:20000101", f"D:{made.replace('-', '')}".encode())


_HEADINGS = ("1 Inleiding", "2 Bevindingen", "3 Conclusies", "4 Bijlage")


def _draw_front(canvas: Canvas, front: str) -> None:
    y = 760.0
    for size, font, text in _read_front(front):
        y -= size * 0.9
        for line in simpleSplit(text, font, size, WIDTH) or [""]:
            y = lines(canvas, [line], y=y, size=size, font=font, leading=size * 1.25)


def _read_front(front: str) -> Iterator[tuple[float, str, str]]:
    for line in front.strip("\n").split("\n"):
        match = re.match(r"\s*(\d+)(b?)\s+(.*)$", line)
        if match:
            yield float(match.group(1)), "Helvetica-Bold" if match.group(2) else "Helvetica", match.group(3)
        else:
            yield 20.0, "Helvetica", ""
