"""The looks of the examples: fonts, sizes and colours. Only fonts that come with reportlab are used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import reportlab
from reportlab.lib.enums import TA_JUSTIFY, TA_LEFT
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont


@dataclass(frozen=True, slots=True)
class Design:
    """One look. `family` is regular, bold, italic; sizes in points; `hyphen` is what ends a broken line."""

    family: tuple[str, str, str]
    headings: tuple[str, str]
    size: float
    color: str
    bullet: str = "•"
    hyphen: str = "-"
    is_justified: bool = False
    has_title_page: bool = True
    margin: float = 72.0


_TIMES = ("Times-Roman", "Times-Bold", "Times-Italic")
_HELVETICA = ("Helvetica", "Helvetica-Bold", "Helvetica-Oblique")
_VERA = ("Vera", "VeraBd", "VeraIt")

DESIGNS: Final[dict[str, Design]] = {
    "serif": Design(_TIMES, ("Helvetica-Bold", "Helvetica-Bold"), 11.8, "#1f4e79", is_justified=True, margin=82),
    "sans": Design(_VERA, ("VeraBd", "VeraBd"), 9.9, "#7a2e12", bullet="–", hyphen="\u00ad", is_justified=True),
    "audit": Design(_HELVETICA, ("Helvetica-Bold", "Helvetica-Bold"), 10.2, "#14532d", is_justified=False),
    "letter": Design(_HELVETICA, ("Helvetica-Bold", "Helvetica-Bold"), 10, "#154273", has_title_page=False, margin=85),
    "typed": Design(_VERA, ("VeraBd", "VeraBd"), 10, "#000000", has_title_page=False, margin=80),
}


def register_fonts() -> None:
    """Make Vera, the TrueType family that reportlab bundles, known to reportlab with its bold and italic."""
    folder = Path(reportlab.__file__).parent / "fonts"
    for name in ("Vera", "VeraBd", "VeraIt", "VeraBI"):
        pdfmetrics.registerFont(TTFont(name, str(folder / f"{name}.ttf")))
    pdfmetrics.registerFontFamily("Vera", "Vera", "VeraBd", "VeraIt", "VeraBI")


def make_styles(design: Design) -> dict[str, ParagraphStyle]:
    """Return the paragraph styles of a design by name."""
    regular, bold, italic = design.family
    size = design.size
    body = ParagraphStyle(
        "body",
        fontName=regular,
        fontSize=size,
        leading=size * 1.42,
        spaceAfter=size * 0.75,
        alignment=TA_JUSTIFY if design.is_justified else TA_LEFT,
        allowWidows=0,
        allowOrphans=0,
    )
    heading = ParagraphStyle("heading", fontName=design.headings[0], textColor=design.color, keepWithNext=1)
    item = ParagraphStyle(
        "item",
        parent=body,
        leftIndent=18,
        bulletIndent=3,
        spaceAfter=size * 0.4,
        bulletFontName=regular,
        bulletFontSize=size,
    )
    return {
        "body": body,
        "item": item,
        "item_body": ParagraphStyle("item_body", parent=item, bulletIndent=0),
        "subitem": ParagraphStyle("subitem", parent=item, leftIndent=36, bulletIndent=20),
        "column": ParagraphStyle(
            "column", parent=body, fontSize=size * 0.93, leading=size * 1.28, spaceAfter=size * 0.6
        ),
        "small": ParagraphStyle("small", parent=body, fontSize=size * 0.86, leading=size * 1.2, alignment=TA_LEFT),
        "caption": ParagraphStyle(
            "caption",
            parent=body,
            fontName=italic,
            fontSize=size * 0.86,
            leading=size * 1.15,
            spaceBefore=5,
            spaceAfter=14,
        ),
        "cell": ParagraphStyle(
            "cell", parent=body, fontSize=size * 0.9, leading=size * 1.2, spaceAfter=0, alignment=TA_LEFT
        ),
        "head_cell": ParagraphStyle("head_cell", fontName=bold, fontSize=size * 0.9, leading=size * 1.2),
        "footnote": ParagraphStyle(
            "footnote", fontName=regular, fontSize=size * 0.76, leading=size * 0.95, leftIndent=10
        ),
        "h1": ParagraphStyle(
            "h1", parent=heading, fontSize=size * 1.75, leading=size * 2.15, spaceBefore=22, spaceAfter=11
        ),
        "h2": ParagraphStyle(
            "h2", parent=heading, fontSize=size * 1.25, leading=size * 1.6, spaceBefore=12, spaceAfter=6
        ),
        "column_h2": ParagraphStyle(
            "column_h2", parent=heading, fontSize=size * 1.05, leading=size * 1.3, spaceBefore=6, spaceAfter=4
        ),
        "title": ParagraphStyle(
            "title", fontName=design.headings[0], fontSize=30, leading=36, textColor=design.color, spaceAfter=14
        ),
        "subtitle": ParagraphStyle("subtitle", fontName=regular, fontSize=15, leading=20, spaceAfter=40),
        "imprint": ParagraphStyle("imprint", fontName=regular, fontSize=11.5, leading=17),
        "mark": ParagraphStyle(
            "mark",
            fontName=bold,
            fontSize=11,
            leading=15,
            textColor="#a00000",
            borderColor="#a00000",
            borderWidth=1,
            borderPadding=7,
            spaceAfter=20,
            spaceBefore=8,
        ),
        "letterhead": ParagraphStyle(
            "letterhead", fontName=design.headings[1], fontSize=size * 1.2, leading=size * 1.7, textColor=design.color
        ),
    }
