"""Small PDFs with invented text, made with reportlab."""

from __future__ import annotations

import io
from collections.abc import Sequence

from reportlab.lib.pagesizes import A4
from reportlab.pdfgen import canvas


def make_pdf(lines: Sequence[str], *, size: float = 11) -> bytes:
    """Return a one-page PDF with a line of text per entry, from the top."""
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=A4, invariant=1)
    page.setFont("Helvetica", size)
    for i, line in enumerate(lines):
        page.drawString(72, 770 - 1.4 * size * i, line)
    page.save()
    return out.getvalue()
