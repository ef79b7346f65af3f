"""The PDF reader: PDFium for characters, fonts and boxes, pdfplumber for ruled tables.

Pages are read one by one into words and lines; then the document as a whole tells what is furniture, body text and
heading. Memory grows with the text, not with the pages.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium

from extractors.errors import UnreadableDocument
from extractors.readers.ocr import can_recognise, recognise
from extractors.readers.pdf_assembly import Assembly, count_words, heading_levels, join_broken
from extractors.readers.pdf_blocks import Draft, find_body_style, make_drafts
from extractors.readers.pdf_characters import PageReader, Style, Word
from extractors.readers.pdf_furniture import find_furniture
from extractors.readers.pdf_lines import Line, group_lines, order_lines
from extractors.readers.pdf_tables import Table, find_tables
from extractors.records import Bookmark, Document, Page, make_document_id

_PROPERTIES = {
    "Title": "title",
    "Author": "author",
    "Subject": "subject",
    "Keywords": "keywords",
    "Creator": "creator",
    "Producer": "producer",
    "CreationDate": "creation_date",
    "ModDate": "modified_date",
}


@dataclass(slots=True)
class _ReadPage:
    page: Page
    lines: list[Line]
    tables: list[tuple[Line, Table]]
    has_image: bool = False
    """Whether a page without text shows a picture: then it is a scan."""


def read_pdf(content: bytes, *, name: str, max_pages: int = 2000, ocr: bool = False) -> Document:
    """Read a PDF; the language is left as ``"und"``.

    Args:
        content: the bytes of the file.
        name: how messages call the file.
        max_pages: a document with more pages is refused.
        ocr: whether scanned pages are recognised where the tools for it are installed; they are marked `is_scanned`.

    Raises:
        UnreadableDocument: with the reason ``empty``, ``encrypted``, ``damaged``, ``too_many_pages`` or ``no_text``.
    """
    if not content.strip():
        raise UnreadableDocument(f"{name}: found an empty file, expected a PDF; fetch it again", reason="empty")
    with _open(content, name) as pdf:
        if len(pdf) > max_pages:
            raise UnreadableDocument(
                f"{name}: found {len(pdf)} pages, expected at most {max_pages}; split it, or raise RODEDRAAD_MAX_PAGES",
                reason="too_many_pages",
            )
        read = _read_pages(pdf, name)
        bookmarks = _read_bookmarks(pdf)
        properties = _read_properties(pdf)
    scanned = [r.page.number for r in read if not (r.lines or r.tables) and r.has_image]
    if ocr and scanned and can_recognise():
        with _open(recognise(content, name=name, pages=len(scanned)), name) as pdf:
            read = [
                replace(r, page=replace(r.page, is_scanned=r.page.number in scanned)) for r in _read_pages(pdf, name)
            ]
    if not any(r.lines or r.tables for r in read):
        raise UnreadableDocument(
            f"{name}: found no text on any of its {len(read)} pages, expected a text layer; it is a scan: install "
            "OCRmyPDF and Tesseract, or recognise it first",
            reason="no_text",
        )
    assembly = _assemble(read)
    return Document(
        document_id=make_document_id(content),
        media_type="application/pdf",
        language="und",
        text=assembly.text,
        pages=tuple(r.page for r in read),
        blocks=tuple(assembly.blocks),
        words=assembly.words(),
        bookmarks=bookmarks,
        properties=properties,
    )


@contextmanager
def _open(content: bytes, name: str) -> Iterator[pdfium2.PdfDocument]:
    try:
        pdf = pdfium2.PdfDocument(content)
    except pdfium2.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise UnreadableDocument(
                f"{name}: found a PDF that is locked with a password, expected an open one; ask the publisher for it",
                reason="encrypted",
            ) from error
        raise UnreadableDocument(
            f"{name}: found a PDF that cannot be opened ({error}), expected a whole one; fetch it again",
            reason="damaged",
        ) from error
    try:
        yield pdf
    finally:
        pdf.close()


def _read_pages(pdf: pdfium2.PdfDocument, name: str) -> list[_ReadPage]:
    reader = PageReader()
    read: list[_ReadPage] = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pdfium2.PdfiumError as error:
            raise UnreadableDocument(
                f"{name}: page {index + 1} cannot be loaded ({error}), expected {len(pdf)} whole pages; fetch it again",
                reason="damaged",
            ) from error
        width, height = page.get_size()
        textpage = page.get_textpage()
        words = reader.read_words(page.raw, textpage.raw, size=(width, height))
        tables = find_tables(page.raw, words, height=height) if words and not page.get_rotation() else []
        in_tables = {id(w) for t in tables for row in t.rows for cell in row for w in cell}
        number = index + 1
        lines = group_lines([w for w in words if id(w) not in in_tables], number)
        placed = [(_placeholder(table, number), table) for table in tables]
        has_image = not words and any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
        read.append(_ReadPage(Page(number, width, height), lines, placed, has_image))
        textpage.close()
        page.close()
    return read


def _placeholder(table: Table, number: int) -> Line:
    """Return a line without words that stands for a table in the reading order."""
    x0, top, x1, bottom = table.bounds
    style = next((w.style for row in table.rows for cell in row for w in cell), Style(10.0, False, False, None, False))
    return Line(number, [], x0, top, x1, bottom, style)


def _assemble(read: list[_ReadPage]) -> Assembly:
    furniture = find_furniture([r.page for r in read], [r.lines for r in read])
    ordered: list[list[Line]] = []
    for r in read:
        body_lines = [line for line in r.lines if id(line) not in furniture]
        ordered.append(order_lines(body_lines + [line for line, _ in r.tables], width=r.page.width))
    body = find_body_style([[line for line in lines if line.words] for lines in ordered])
    drafts: list[Draft] = []
    for r, lines in zip(read, ordered, strict=True):
        drafts += _page_drafts(r, lines, body)
    drafts = join_broken(drafts, body)
    levels = heading_levels(drafts)
    indents = _item_levels(drafts)
    assembly = Assembly(count_words(ordered))
    waiting = {r.page.number: [line for line in r.lines if id(line) in furniture] for r in read}
    for draft in drafts:
        for number in [n for n in waiting if n <= draft.first.page]:
            for line in waiting.pop(number):
                assembly.add_furniture(line, furniture[id(line)])
        assembly.add(draft, levels.get(id(draft)) or indents.get(id(draft), 0))
    for lines in waiting.values():
        for line in lines:
            assembly.add_furniture(line, furniture[id(line)])
    return assembly


def _page_drafts(r: _ReadPage, lines: list[Line], body: Any) -> list[Draft]:
    tables = {id(line): table for line, table in r.tables}
    drafts: list[Draft] = []
    run: list[Line] = []
    for line in lines:
        table = tables.get(id(line))
        if table is None:
            run.append(line)
            continue
        drafts += make_drafts(run, r.page, body) if run else []
        run = []
        cells = [[group_lines(_rows_first(cell), r.page.number) for cell in row] for row in table.rows]
        drafts.append(Draft("table", [line], cells=cells))
    return drafts + (make_drafts(run, r.page, body) if run else [])


def _rows_first(words: list[Word]) -> list[Word]:
    """Return the words of a cell as PDFium gives them: a cell has its words in order already."""
    return words


def _item_levels(drafts: list[Draft]) -> dict[int, int]:
    """Return the nesting depth of list items, from 1, by their indent in the run of items that they stand in."""
    levels: dict[int, int] = {}
    run: list[Draft] = []
    for draft in [*drafts, None]:
        if draft is not None and draft.kind == "list_item":
            run.append(draft)
            continue
        if draft is not None and draft.kind in ("footnote", "caption"):
            continue
        edges: list[float] = []
        for x in sorted(d.first.x0 for d in run):
            if not edges or x - edges[-1] > 6:
                edges.append(x)
        pages = {d.first.page for d in run}
        for d in run:
            # Left and right pages of a bound report have different margins: count the indent on each page.
            own = [e for e in edges if e <= d.first.x0 + 1] if len(pages) == 1 else _page_edges(run, d)
            levels[id(d)] = max(1, min(6, len(own)))
        run = []
    return levels


def _page_edges(run: list[Draft], draft: Draft) -> list[float]:
    edges: list[float] = []
    markers = {(_marker_kind(d.marker), round(d.first.x0)) for d in run if d.first.page == draft.first.page}
    for x in sorted(x for _, x in markers):
        if x <= draft.first.x0 + 1 and (not edges or x - edges[-1] > 6):
            edges.append(x)
    same_kind = [
        d for d in run if _marker_kind(d.marker) == _marker_kind(draft.marker) and d.first.page < draft.first.page
    ]
    if same_kind and len(edges) == 1:
        before = min(x for d in run if d.first.page == same_kind[0].first.page for x in [d.first.x0])
        if same_kind[0].first.x0 > before + 6:
            return [before, *edges]
    return edges


def _marker_kind(marker: str | None) -> str:
    bare = (marker or "").strip("().: ")
    if bare.isdigit():
        return "1"
    if re.fullmatch(r"\d+(?:\.\d+)+", bare):
        return "1.1"
    if re.fullmatch(r"[ivx]+", bare):
        return "i"
    return "a" if len(bare) == 1 and bare.isalpha() else bare[:1]


def _read_bookmarks(pdf: pdfium2.PdfDocument) -> tuple[Bookmark, ...]:
    found = []
    for entry in pdf.get_toc(max_depth=8):
        title = entry.get_title()
        destination = entry.get_dest()
        index = destination.get_index() if destination else None
        if title and title.strip():
            found.append(Bookmark(entry.level + 1, " ".join(title.split()), index + 1 if index is not None else None))
    return tuple(found)


def _read_properties(pdf: pdfium2.PdfDocument) -> dict[str, str]:
    properties: dict[str, str] = {}
    for key, name in _PROPERTIES.items():
        length = pdfium.FPDF_GetMetaText(pdf.raw, key.encode(), None, 0)
        if length <= 2:
            continue
        buffer = ctypes.create_string_buffer(length)
        pdfium.FPDF_GetMetaText(pdf.raw, key.encode(), buffer, length)
        value = buffer.raw[: length - 2].decode("utf-16-le", "replace").strip()
        if name.endswith("_date"):
            match = re.match(r"(?:D:)?(\d{4})(\d{2})(\d{2})", value)
            value = "-".join(match.groups()) if match else ""
        if value:
            properties[name] = value
    return properties
