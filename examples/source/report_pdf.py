"""Examples as PDF, set with reportlab's platypus.

Footnotes and the table of contents need page numbers that are only known after setting, so a report is set again until
the pages on which headings and footnotes stand no longer change.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import re
from collections import defaultdict
from pathlib import Path
from typing import Any, Final

from report_designs import DESIGNS, Design, make_styles, register_fonts
from report_markup import Piece, Source, parse_pieces
from reportlab.lib.pagesizes import A4
from reportlab.lib.units import cm
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BalancedColumns,
    BaseDocTemplate,
    Flowable,
    Frame,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
)

_MAX_PASSES: Final = 8
_FOOT: Final = 62.0  # points from the lower edge to the body of the text
_HEAD: Final = 76.0
_WIDTH, _HEIGHT = A4


def _read_hyphenation() -> dict[str, str]:
    words = (Path(__file__).parent / "hyphenation.txt").read_text(encoding="utf-8").split()
    return {word.replace("-", ""): word.replace("-", "\u00ad") for word in words}


class _BrokenParagraph(Paragraph):  # type: ignore[misc]
    """A paragraph whose line-end hyphens are `hyphen`: publishers use U+002D, word processors often U+00AD."""

    hyphen = "-"

    def draw(self) -> None:
        if self.hyphen != "-":
            whole = self.getPlainText(identify=1).replace("\u00ad", "")
            for line in self.blPara.lines[:-1]:
                self._soften(line, whole)
        super().draw()

    def _soften(self, line: Any, whole: str) -> None:
        words = line[1] if isinstance(line, tuple) else line.words
        last = words[-1] if isinstance(line, tuple) else words[-1].text
        if last.endswith("-") and last.split()[-1] not in whole.split():
            softened = last[:-1] + self.hyphen
            if isinstance(line, tuple):
                words[-1] = softened
            else:
                words[-1].text = softened


class _ContentsLine(Flowable):  # type: ignore[misc]
    """One line of the table of contents: the heading, a leader of dots, the page."""

    def __init__(self, text: str, page: int, level: int, design: Design) -> None:
        super().__init__()
        self.text, self.page, self.level, self.design = text, page, level, design
        self.height = design.size * 1.75

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        self.width = width
        return width, self.height

    def draw(self) -> None:
        font = self.design.family[1] if self.level == 1 else self.design.family[0]
        size = self.design.size
        left = 0 if self.level == 1 else 16
        number = str(self.page)
        text = self.text
        while stringWidth(text, font, size) > self.width - left - 40:  # the end of a long heading is left out
            text = text.rsplit(" ", 1)[0]
        self.canv.setFont(font, size)
        self.canv.drawString(left, 3, text)
        start = left + stringWidth(text, font, size) + 4
        dot = stringWidth(" .", self.design.family[0], size)
        end = self.width - stringWidth("000", font, size) - 2
        self.canv.setFont(self.design.family[0], size)
        count = int((end - start) / dot)
        self.canv.drawString(end - count * dot, 3, " ." * count)
        self.canv.setFont(font, size)
        self.canv.drawRightString(self.width, 3, number)


class _Setter(BaseDocTemplate):  # type: ignore[misc]
    """Sets one report once; `headings` and `footnote_pages` are what it learned on the way."""

    def __init__(
        self, target: io.BytesIO, source: Source, design: Design, footnotes: dict[int, list[Paragraph]]
    ) -> None:
        facts = source.facts
        super().__init__(
            target,
            pagesize=A4,
            title=facts["title"],
            author=facts["publisher"],
            subject=source.mark,
            keywords=source.mark,
            creator="Rode Draad examples",
            producer="Rode Draad examples",
            lang=facts["language"],
            invariant=1,
            pageCompression=0,
        )
        self.source, self.design, self.footnotes = source, design, footnotes
        self.headings: list[tuple[int, str, int]] = []
        self.footnote_pages: dict[int, list[int]] = defaultdict(list)
        margin = design.margin
        self.body_frame = Frame(margin, _FOOT, _WIDTH - 2 * margin, _HEIGHT - _FOOT - _HEAD, 0, 0, 0, 0, id="body")
        self.addPageTemplates(
            [PageTemplate("body", [self.body_frame], onPage=self._begin_page, onPageEnd=self._end_page, pagesize=A4)]
        )

    def beforeDocument(self) -> None:  # noqa: N802 (reportlab's name)
        self.canv.setNamedCB("note", self._note)
        # reportlab dates invariant files 1 January 2000, or by SOURCE_DATE_EPOCH: a report needs its own date.
        moment = datetime.datetime.fromisoformat(self.source.facts["created"]).replace(hour=9, tzinfo=datetime.UTC)
        stamp = self.canv._doc._timeStamp
        stamp.t, stamp.lt = moment.timestamp(), moment.timetuple()
        stamp.YMDhms = tuple(stamp.lt)[:6]
        self.canv._doc.signature = hashlib.md5(self.source.facts["file"].encode(), usedforsecurity=False)  # /ID

    def _note(self, canvas: Canvas, _kind: str, label: str) -> None:
        self.footnote_pages[canvas.getPageNumber()].append(int(label))

    def afterFlowable(self, flowable: Flowable) -> None:  # noqa: N802 (reportlab's name)
        self._remember(flowable)

    def _remember(self, flowable: Flowable) -> None:
        level = getattr(flowable, "heading_level", 0)
        if level:
            text = flowable.getPlainText(identify=1)
            self.headings.append((level, text, self.page))
            key = f"h{len(self.headings)}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(text, key, 0 if level == 1 or len(self.headings) == 1 else 1)

    def _notes_height(self, page: int) -> float:
        notes = self.footnotes.get(page, [])
        return float(sum(note.wrap(self.body_frame._width, 1000)[1] + 2 for note in notes)) + (14 if notes else 0)

    def _begin_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        page = canvas.getPageNumber()
        room = self._notes_height(page)
        self.body_frame._y1, self.body_frame._height = _FOOT + room, _HEIGHT - _FOOT - _HEAD - room
        self.body_frame._geom()
        if page > 1:
            canvas.setFont(self.design.family[2], 8.5)
            canvas.setFillColor("#444444")
            canvas.drawString(self.design.margin, _HEIGHT - 48, self.source.facts["running_head"])
            canvas.setStrokeColor("#999999")
            canvas.setLineWidth(0.5)
            canvas.line(self.design.margin, _HEIGHT - 53, _WIDTH - self.design.margin, _HEIGHT - 53)

    def _end_page(self, canvas: Canvas, _document: BaseDocTemplate) -> None:
        page = canvas.getPageNumber()
        left, right = self.design.margin, _WIDTH - self.design.margin
        notes = self.footnotes.get(page, [])
        if notes:
            y = _FOOT + self._notes_height(page) - 8
            canvas.setStrokeColor("#000000")
            canvas.setLineWidth(0.5)
            canvas.line(left, y, left + 110, y)
            for note in notes:
                y -= note.wrap(right - left, 1000)[1] + 2
                note.drawOn(canvas, left, y)
        canvas.setFillColor("#a00000")
        canvas.setFont(self.design.family[0], 7.5)
        canvas.drawString(left, 36, self.source.mark)
        if page > 1 or not self.design.has_title_page:
            canvas.setFillColor("#000000")
            canvas.setFont(self.design.family[0], 9)
            canvas.drawRightString(right, 36, str(page))


class _Composer:
    """Turns the blocks of a source into flowables for one pass."""

    def __init__(self, source: Source, design: Design, headings: list[tuple[int, str, int]]) -> None:
        self.source, self.design, self.headings = source, design, headings
        self.styles = make_styles(design)
        self.broken_words = _read_hyphenation() if source.facts["language"] == "nl" else {}
        self.notes: list[str] = []
        self.in_columns = False

    def note_paragraph(self, number: int) -> Paragraph:
        text = self._inline(self.notes[number - 1])
        mark = f'<super size="{self.design.size * 0.58}">{number}</super>'
        style = self.styles["footnote"]
        return Paragraph(f"{mark} {text}", style.clone("note", firstLineIndent=-10))

    def _inline(self, text: str) -> str:
        text = text.replace("&", "&amp;")

        def footnote(match: re.Match[str]) -> str:
            self.notes.append(match[1])
            number = len(self.notes)
            size = self.design.size * 0.64
            return f'<super size="{size}">{number}</super><onDraw name="note" label="{number}"/>'

        text = re.sub(r"\[\^([^\]]+)\]", footnote, text)
        text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
        return re.sub(r"\*(.+?)\*", r"<i>\1</i>", text)

    def _break_words(self, text: str) -> str:
        def soft(match: re.Match[str]) -> str:
            held = self.broken_words.get(match[0].lower())
            return match[0] if held is None else match[0][0] + held[1:]

        return re.sub(r"\w+", soft, text)

    def _paragraph(self, text: str, style: str, **options: Any) -> Paragraph:
        paragraph = _BrokenParagraph(self._break_words(self._inline(text)), self.styles[style], **options)
        paragraph.hyphen = self.design.hyphen
        return paragraph

    def compose(self, pieces: tuple[Piece, ...], *, body: str = "body") -> list[Flowable]:
        flowables: list[Flowable] = []
        for i, piece in enumerate(pieces):
            composed = self._compose_piece(piece, body)
            following = pieces[i + 1] if i + 1 < len(pieces) else piece
            if piece.kind == "paragraph" and i and pieces[i - 1].kind == "item" and not piece.level:
                composed[0].style = composed[0].style.clone("after_list", spaceBefore=self.design.size * 0.7)
            if piece.text.endswith(":") or (piece.name == "caption" and following.name == "table"):
                composed[0].keepWithNext = 1  # a lead-in or a caption stays with what it introduces
            flowables.extend(composed)
        return flowables

    def _compose_piece(self, piece: Piece, body: str) -> list[Flowable]:
        if piece.kind == "heading":
            style = "column_h2" if body == "column" else f"h{piece.level}"
            heading = Paragraph(self._inline(piece.text), self.styles[style])
            heading.heading_level = 0 if body == "column" else piece.level
            return [heading]
        if piece.kind == "item":
            bullet = self.design.bullet if piece.name == "-" else piece.name
            style = "subitem" if piece.level else "item"
            return [self._paragraph(piece.text, style, bulletText=bullet)]
        if piece.kind == "paragraph":
            return [self._paragraph(piece.text, "item_body" if piece.level else body)]
        if piece.kind == "command":
            return self._compose_command(piece)
        return self._compose_fence(piece)

    def _compose_command(self, piece: Piece) -> list[Flowable]:
        if piece.name == "pagebreak":
            return [PageBreak()]
        if piece.name == "caption":
            return [self._paragraph(piece.arguments, "caption")]
        if piece.name == "contents":
            title = Paragraph(self.source.facts["contents_title"], self.styles["h1"])
            return [title, *(_ContentsLine(text, page, level, self.design) for level, text, page in self.headings)]
        raise ValueError(f"!{piece.name}: no such command; expected pagebreak, caption or contents")

    def _compose_fence(self, piece: Piece) -> list[Flowable]:
        if piece.name == "small":
            return self.compose(piece.inside, body="small")
        if piece.name == "columns":
            return [BalancedColumns(self.compose(piece.inside, body="column"), innerPadding=20, endSlack=0.2)]
        if piece.name == "box":
            table = Table([[self.compose(piece.inside)]], colWidths="100%")
            table.setStyle(
                [
                    ("BACKGROUND", (0, 0), (-1, -1), "#f6ece6"),
                    ("BOX", (0, 0), (-1, -1), 0.9, self.design.color),
                    ("LEFTPADDING", (0, 0), (-1, -1), 10),
                    ("RIGHTPADDING", (0, 0), (-1, -1), 10),
                    ("TOPPADDING", (0, 0), (-1, -1), 7),
                    ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
                ]
            )
            return [table, Spacer(1, 12)]
        if piece.name == "table":
            return [self._compose_table(piece), Spacer(1, 6)]
        raise ValueError(f"::: {piece.name}: no such fence; expected small, columns, box or table")

    def _compose_table(self, piece: Piece) -> Table:
        widths = [float(word) * cm for word in piece.arguments.split() if word != "ruled"]
        rows = [[cell.strip() for cell in line.split("|")] for line in piece.lines]
        cells = [
            [self._paragraph(cell, "cell" if number else "head_cell") for cell in row]
            for number, row in enumerate(rows)
        ]
        table = Table(cells, colWidths=widths, repeatRows=1, hAlign="LEFT")
        rules = (
            [("GRID", (0, 0), (-1, -1), 0.6, "#555555"), ("BACKGROUND", (0, 0), (-1, 0), "#dcebe1")]
            if "ruled" in piece.arguments
            else [
                ("LINEBELOW", (0, 0), (-1, 0), 0.9, self.design.color),
                ("LINEBELOW", (0, -1), (-1, -1), 0.5, "#777777"),
            ]
        )
        table.setStyle([*rules, ("VALIGN", (0, 0), (-1, -1), "TOP"), ("TOPPADDING", (0, 0), (-1, -1), 4)])
        return table

    def compose_front(self) -> list[Flowable]:
        """Return the title page, or the head of a letter."""
        facts, styles = self.source.facts, self.styles
        if self.design.has_title_page:
            front: list[Flowable] = [Spacer(1, 20), Paragraph(facts["publisher"], styles["letterhead"]), Spacer(1, 140)]
            front += [Paragraph(facts["title"], styles["title"]), Paragraph(facts["subtitle"], styles["subtitle"])]
            front += [Paragraph(facts[key], styles["imprint"]) for key in ("number", "date")]
            return [*front, Spacer(1, 150), Paragraph(self.source.mark, styles["mark"]), PageBreak()]
        front = [Paragraph(line, styles["letterhead"]) for line in facts["letterhead"]]
        front += [Spacer(1, 24), Paragraph(self.source.mark, styles["mark"]), Spacer(1, 10)]
        for lines in (facts["address"], facts["meta"]):
            front += [Paragraph(line, styles["imprint"].clone("line", fontSize=10, leading=14)) for line in lines]
            front.append(Spacer(1, 16))
        return front


def make_pdf(source: Source) -> bytes:
    """Return the report as PDF; raises `RuntimeError` when its pages do not settle."""
    register_fonts()
    design = DESIGNS[source.facts["design"]]
    pieces = parse_pieces(source.body)
    headings: list[tuple[int, str, int]] = []
    note_pages: dict[int, list[int]] = {}
    for _ in range(_MAX_PASSES):
        composer = _Composer(source, design, headings)
        flowables = composer.compose_front() + composer.compose(pieces)
        footnotes = {
            page: [composer.note_paragraph(number) for number in numbers] for page, numbers in note_pages.items()
        }
        target = io.BytesIO()
        setter = _Setter(target, source, design, footnotes)
        setter.build(flowables)
        if setter.headings == headings and setter.footnote_pages == note_pages:
            return target.getvalue()
        headings, note_pages = setter.headings, dict(setter.footnote_pages)
    raise RuntimeError(f"{source.facts['file']}: the pages still change after {_MAX_PASSES} passes; shorten a footnote")
