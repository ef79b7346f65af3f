"""The PDF reader: PDFium for characters, fonts and boxes, pdfplumber for ruled tables.

Pages are read one by one into words and lines; then the document as a whole tells what is furniture, body text and
heading. Memory grows with the text, not with the pages.
"""

from __future__ import annotations

import ctypes
import gc
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import pypdfium2 as pdfium2
import pypdfium2.raw as pdfium

from extractors.errors import UnreadableDocument
from extractors.readers.ocr import can_recognise, recognise
from extractors.readers.pdf_assembly import Assembly, count_words
from extractors.readers.pdf_blocks import BodyStyle, Draft, find_body_style, find_page_style, make_drafts
from extractors.readers.pdf_characters import CharacterReader, Style
from extractors.readers.pdf_contents import join_entries
from extractors.readers.pdf_drawing import Drawing, read_drawing
from extractors.readers.pdf_frame import Frame
from extractors.readers.pdf_furniture import find_furniture
from extractors.readers.pdf_headings import classify, set_levels
from extractors.readers.pdf_initials import drop_line_numbers, join_initials
from extractors.readers.pdf_joining import join_broken
from extractors.readers.pdf_layout import order_lines
from extractors.readers.pdf_lines import Line, group_lines
from extractors.readers.pdf_lists import set_item_levels
from extractors.readers.pdf_notes import find_notes
from extractors.readers.pdf_tables import Table, find_tables
from extractors.readers.pdf_words import group_words
from extractors.records import Bookmark, Document, Page, find_valid_date, make_document_id

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
    tables: list[Line]
    drawing: Drawing
    frame: Frame
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
    with _open(content, name) as pdf, _without_collecting():
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
    with _without_collecting():
        assembly = _assemble(read, bookmarks)
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
def _without_collecting() -> Iterator[None]:
    """Keep Python from looking for cycles: words and lines have none, and to look again and again costs a tenth."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


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
    reader = CharacterReader()
    read: list[_ReadPage] = []
    for index in range(len(pdf)):
        try:
            page = pdf[index]
        except pdfium2.PdfiumError as error:
            raise UnreadableDocument(
                f"{name}: page {index + 1} cannot be loaded ({error}), expected {len(pdf)} whole pages; fetch it again",
                reason="damaged",
            ) from error
        read.append(_read_page(reader, page, index + 1, pages=len(pdf)))
        page.close()
    return read


def _read_page(reader: CharacterReader, page: pdfium2.PdfPage, number: int, *, pages: int) -> _ReadPage:
    size = page.get_size()
    textpage = page.get_textpage()
    characters = reader.read(page.raw, textpage.raw, size=size)
    textpage.close()
    words = group_words(characters) if characters else []
    shown = Page(number, *size)
    if not characters or not words:
        has_image = any(True for _ in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]))
        return _ReadPage(shown, [], [], Drawing(), Frame.of(page.raw, size), has_image)
    drawing = read_drawing(page.raw, characters.frame)
    lines = drop_line_numbers(join_initials(group_lines(words, number, drawing.bullets)))
    lines = join_entries(lines, pages=pages)
    tables = find_tables(drawing, [word for line in lines if not line.is_entry for word in line.words])
    if tables:
        held = {id(word) for table in tables for row in table.rows for cell in row for word in cell}
        lines = [kept for line in lines if (kept := _without(line, held))]
    return _ReadPage(shown, lines, [_placeholder(table, number) for table in tables], drawing, characters.frame)


def _without(line: Line, held: set[int]) -> Line | None:
    """Return the line without the words that stand in a table, None where nothing is left."""
    kept = [word for word in line.words if id(word) not in held]
    if len(kept) == len(line.words):
        return line
    return Line.of(kept, line.page) if kept else None


def _placeholder(table: Table, number: int) -> Line:
    """Return a line without words that stands for a table in the reading order, and holds its cells."""
    x0, top, x1, bottom = table.bounds
    style = next((w.style for row in table.rows for cell in row for w in cell), Style(10.0, False, False, None, False))
    return Line(number, [], x0, top, x1, bottom, style, cells=table.rows)


def _assemble(read: list[_ReadPage], bookmarks: tuple[Bookmark, ...]) -> Assembly:
    pages = [Page(r.page.number, *r.frame.size) for r in read]
    furniture = find_furniture(pages, [r.lines for r in read])
    ordered: list[list[Line]] = []
    for r in read:
        body_lines = [line for line in r.lines if id(line) not in furniture]
        ordered.append(order_lines(body_lines + r.tables))
    texts = [[line for line in lines if line.words] for lines in ordered]
    body = find_body_style(texts)
    styles = {page.number: find_page_style(lines, body) for page, lines in zip(pages, texts, strict=True)}
    drafts: list[Draft] = []
    for page, r, lines, text in zip(pages, read, ordered, texts, strict=True):
        size = styles[page.number].size
        notes = find_notes(text, page, body_size=size, document_size=body.size, rules=r.drawing.rules)
        drafts += _page_drafts(page, lines, body, notes)
    drafts = join_broken(drafts, body)
    for draft in drafts:
        classify(draft, styles[draft.first.page])
    set_levels(drafts, bookmarks)
    set_item_levels(drafts)
    assembly = Assembly(count_words(ordered), {r.page.number: r.frame for r in read if r.frame.turn})
    for number, line in _in_order(drafts, pages, [[li for li in r.lines if id(li) in furniture] for r in read]):
        if isinstance(line, Draft):
            assembly.add(line)
        else:
            assembly.add_furniture(line, furniture[id(line)], number)
    return assembly


def _in_order(
    drafts: Sequence[Draft], pages: Sequence[Page], furniture_of: Sequence[Sequence[Line]]
) -> Iterator[tuple[int, Draft | Line]]:
    """Yield drafts with the furniture of each page before and after them, as it stands above and below."""
    waiting: list[tuple[tuple[int, int], Line]] = []
    for page, lines in zip(pages, furniture_of, strict=True):
        waiting += [((page.number, 2 * int(line.middle > page.height / 2)), line) for line in lines]
    waiting.sort(key=_place_of)
    i = 0
    for draft in drafts:
        while i < len(waiting) and waiting[i][0] < (draft.first.page, 1):
            yield waiting[i][0][0], waiting[i][1]
            i += 1
        yield draft.first.page, draft
    yield from ((place[0], line) for place, line in waiting[i:])


def _place_of(entry: tuple[tuple[int, int], Line]) -> tuple[int, int]:
    return entry[0]


def _page_drafts(page: Page, lines: list[Line], body: BodyStyle, notes: set[int]) -> list[Draft]:
    drafts: list[Draft] = []
    run: list[Line] = []
    for line in [*lines, None]:
        if line is not None and line.cells is None:
            run.append(line)
            continue
        drafts += make_drafts(run, body, notes) if run else []
        run = []
        if line is not None and line.cells is not None:
            cells = [[group_lines(cell, page.number) for cell in row] for row in line.cells]
            drafts.append(Draft("table", [line], cells=cells))
    return [d for d in drafts if d.kind != "footnote"] + [d for d in drafts if d.kind == "footnote"]


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
            match = re.match(r"(?:D:)?([0-9]{4})([0-9]{2})([0-9]{2})", value)
            value = (find_valid_date("-".join(match.groups())) or "") if match else ""
        if value:
            properties[name] = value
    return properties
