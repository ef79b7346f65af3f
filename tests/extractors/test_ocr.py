"""Scans: recognised where the tools are installed, refused with a clear sentence where they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import UnreadableDocument
from extractors.extraction import extract_report
from extractors.readers.ocr import can_recognise, installed_languages, recognise
from extractors.reading import read_document

pytestmark = pytest.mark.system

SCAN = Path(__file__).parents[2] / "examples" / "reports" / "scan-commissie-nazorg-2011-brief.pdf"
needs_tools = pytest.mark.skipif(
    not can_recognise() or "nld" not in installed_languages(), reason="OCRmyPDF and Tesseract with Dutch are not here"
)


def test_without_the_tools_a_scan_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")

    with pytest.raises(UnreadableDocument, match="install OCRmyPDF and Tesseract") as caught:
        read_document(SCAN.read_bytes(), name=SCAN.name, ocr=True)
    assert caught.value.reason == "no_text"


@needs_tools
def test_an_invented_scan_is_recognised_and_marked() -> None:
    document = read_document(SCAN.read_bytes(), name=SCAN.name, ocr=True)

    assert document.is_scanned and all(page.is_scanned for page in document.pages)
    assert document.language == "nl"
    statements = extract_report(document).statements
    assert len([s for s in statements if s.kind == "recommendation"]) == 3
    assert all(s.boxes for s in statements)


@needs_tools
def test_what_cannot_be_recognised_is_one_clear_problem() -> None:
    with pytest.raises(UnreadableDocument, match="could not recognise") as caught:
        recognise(b"%PDF-1.4 nothing", name="kapot.pdf", pages=1)
    assert caught.value.reason == "no_text"
