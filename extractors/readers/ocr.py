"""Recognition of scans: OCRmyPDF and Tesseract, where both are installed, give pages without text a text layer."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from extractors.errors import UnreadableDocument

SECONDS_AT_FIRST = 60
SECONDS_PER_PAGE = 30
"""Time that recognition may take: so much in any case, and so much more for each page."""


def can_recognise() -> bool:
    """Whether OCRmyPDF and Tesseract are installed."""
    return bool(shutil.which("ocrmypdf") and shutil.which("tesseract"))


@lru_cache(maxsize=1)
def installed_languages() -> tuple[str, ...]:
    """Return the languages that Tesseract has data for, by its own codes ("nld"); empty without Tesseract."""
    if not shutil.which("tesseract"):
        return ()
    done = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=False)
    names = [line.strip() for line in done.stdout.splitlines()[1:]]
    return tuple(name for name in names if name and name not in ("osd", "equ") and "/" not in name)


def recognise(content: bytes, *, name: str, pages: int) -> bytes:
    """Return the PDF with a text layer on the pages that had none; pages with text stay as they are.

    Args:
        content: the bytes of the PDF.
        name: how messages call the file.
        pages: how many pages it has; the time limit grows with them.

    Raises:
        UnreadableDocument: (``no_text``) when recognition fails or takes too long, with what the tool said.
    """
    with tempfile.TemporaryDirectory(prefix="rodedraad-ocr-") as folder:
        source, target = Path(folder) / "scan.pdf", Path(folder) / "text.pdf"
        source.write_bytes(content)
        command = ["ocrmypdf", "--skip-text", "--quiet", "--output-type", "pdf", "--optimize", "0", "--jobs", "2"]
        command += ["--language", "+".join(installed_languages())] if installed_languages() else []
        limit = SECONDS_AT_FIRST + SECONDS_PER_PAGE * pages
        try:
            done = subprocess.run(
                [*command, str(source), str(target)], capture_output=True, text=True, timeout=limit, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise UnreadableDocument(
                f"{name}: its {pages} scanned pages were not recognised within {limit} s; split the file, or "
                "recognise it with OCRmyPDF first",
                reason="no_text",
            ) from error
        if done.returncode or not target.exists():
            said = " ".join(done.stderr.split())[-300:] or f"exit code {done.returncode}"
            raise UnreadableDocument(
                f"{name}: a scan that OCRmyPDF could not recognise ({said}); recognise it by hand first",
                reason="no_text",
            )
        return target.read_bytes()
