"""The entry point of reading: bytes of any supported format become a `Document` with its language."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final, Literal

from extractors.errors import UnreadableDocument
from extractors.language import detect_language
from extractors.records import Document

SUPPORTED_SUFFIXES: Final = (".pdf", ".html", ".htm", ".xhtml", ".md", ".markdown", ".txt")

Format = Literal["pdf", "html", "markdown", "plain"]

_FORMATS: Final[dict[str, Format]] = {
    ".pdf": "pdf",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "plain",
}
_PDF_MAGIC_WITHIN: Final = 1024
"""Bytes: readers of PDF accept the header anywhere in the first 1024 (ISO 32000-1, implementation note 13)."""
_SIGNATURES: Final = (
    (b"PK\x03\x04", "a ZIP archive or Office document"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office document"),
    (b"{\\rtf", "a rich text document (RTF)"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"\x7fELF", "a program"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"%!PS", "a PostScript file"),
)
_HTML_START: Final = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta)\b",
    re.IGNORECASE | re.DOTALL,
)


def read_document(content: bytes, *, name: str, max_pages: int = 2000, ocr: bool = False) -> Document:
    """Return the document of a file: text, blocks, pages and language.

    With `ocr`, scanned pages of a PDF are recognised where OCRmyPDF and Tesseract are installed.

    The bytes tell the format; the suffix of `name` (a path or URL) is asked only where they do not. Raises
    `UnreadableDocument` with one of these reasons: ``empty`` (no bytes, or only white space), ``wrong_type`` (HTML
    named .pdf), ``unknown_type`` (no supported format), ``damaged``, ``no_text``, and those of the PDF reader.
    """
    document = _read(content, find_format(content, name=name), name=name, max_pages=max_pages, ocr=ocr)
    return replace(document, language=detect_language(document))


def _read(content: bytes, found: Format, *, name: str, max_pages: int, ocr: bool) -> Document:
    # Each reader is imported when it is needed: their libraries are slow to load.
    match found:
        case "pdf":
            from extractors.readers.pdf import read_pdf

            return read_pdf(content, name=name, max_pages=max_pages, ocr=ocr)
        case "html":
            from extractors.readers.html import read_html

            return read_html(content, name=name)
        case "markdown":
            from extractors.readers.markdown import read_markdown

            return read_markdown(content, name=name)
        case "plain":
            from extractors.readers.plain import read_plain

            return read_plain(content, name=name, max_pages=max_pages)


def find_format(content: bytes, *, name: str) -> Format:
    """Return the format of a file; raises `UnreadableDocument` (empty, wrong_type, unknown_type, damaged)."""
    if not content.strip(b" \t\r\n\f\v\0\xef\xbb\xbf\xfe\xff"):
        raise UnreadableDocument(f"{name}: found an empty file, against a report; fetch it again", reason="empty")
    suffix = PurePosixPath(name.split("?")[0].split("#")[0]).suffix.lower()
    if b"%PDF-" in content[:_PDF_MAGIC_WITHIN]:
        return "pdf"
    for signature, found in _SIGNATURES:
        if content.startswith(signature):
            raise _unknown(name, found)
    if _HTML_START.match(content[:65536]):
        if suffix == ".pdf":
            raise UnreadableDocument(
                f"{name}: found HTML, against a PDF; it is probably an error or login page that was saved as PDF, "
                "fetch the report again",
                reason="wrong_type",
            )
        return "html"
    known = _FORMATS.get(suffix)
    if known is None:
        raise _unknown(name, f"the suffix {suffix!r}" if suffix else "no suffix")
    if known == "pdf":
        raise UnreadableDocument(
            f"{name}: found no PDF header in the first {_PDF_MAGIC_WITHIN} bytes, against a PDF; fetch the file again",
            reason="damaged",
        )
    return known


def _unknown(name: str, found: str) -> UnreadableDocument:
    return UnreadableDocument(
        f"{name}: found {found}, against one of {', '.join(SUPPORTED_SUFFIXES)}; save it as one of these",
        reason="unknown_type",
    )
