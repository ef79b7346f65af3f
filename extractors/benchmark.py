"""Reading speed against plain pdfplumber words on the same pages in the same run."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pdfplumber

from extractors.errors import UnreadableDocument
from extractors.readers.pdf import read_pdf

REFERENCE_PAGES = 20
"""At most so many pages of a file, spread over it, are read with pdfplumber; its time is scaled to all of them."""


@dataclass(frozen=True, slots=True)
class ReadingFigures:
    """Pages, and seconds for all of them with our reader and with pdfplumber's words (fonts and sizes included)."""

    files: int
    pages: int
    seconds: float
    reference_seconds: float

    @property
    def ratio(self) -> float:
        """How many times as fast as pdfplumber; 0 for no pages."""
        return self.reference_seconds / self.seconds if self.seconds else 0.0


def measure_reading(paths: Sequence[Path]) -> ReadingFigures:
    """Read every PDF among `paths` both ways; a file that cannot be read is left out of both sides."""
    files = pages = 0
    seconds = reference = 0.0
    for path in paths:
        if path.suffix.lower() != ".pdf":
            continue
        content = path.read_bytes()
        started = time.perf_counter()
        try:
            document = read_pdf(content, name=path.name)
        except UnreadableDocument:
            continue
        own = time.perf_counter() - started
        reference += _measure_pdfplumber(content, len(document.pages))
        seconds += own
        files += 1
        pages += len(document.pages)
    return ReadingFigures(files, pages, seconds, reference)


def _measure_pdfplumber(content: bytes, count: int) -> float:
    started = time.perf_counter()
    with pdfplumber.open(io.BytesIO(content)) as pdf:
        step = max(1, count // REFERENCE_PAGES)
        chosen = pdf.pages[::step][:REFERENCE_PAGES]
        for page in chosen:
            page.extract_words(extra_attrs=["fontname", "size"])
            page.close()
    return (time.perf_counter() - started) / len(chosen) * count
