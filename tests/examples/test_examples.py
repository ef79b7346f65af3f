"""The bundled examples: built deterministically, marked as invented, and described truly by their gold files."""

from __future__ import annotations

import datetime
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest

pytestmark = pytest.mark.system  # the examples are built in processes

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
REPORTS = EXAMPLES / "reports"
GOLD = sorted((EXAMPLES / "gold").glob("*.json"))
SCAN = "scan-commissie-nazorg-2011-brief.pdf"
MARKS = {
    "nl": "VERZONNEN VOORBEELD – geschreven voor Rode Draad",
    "en": "INVENTED EXAMPLE – written for Rode Draad",
    "de": "ERFUNDENES BEISPIEL – geschrieben für Rode Draad",
}
TYPES = ["recommendation", "conclusion", "finding", "lesson"]


def build(out: Path, *options: str, **environment: str) -> dict[str, bytes]:
    """Run the build script and return its files by name."""
    command = [sys.executable, str(EXAMPLES / "source" / "build.py"), "--out", str(out), *options]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
    return {path.name: path.read_bytes() for path in out.iterdir()}


@pytest.fixture(scope="module")
def rebuilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The examples, built once more."""
    return build(tmp_path_factory.mktemp("rebuilt"))


@pytest.fixture(scope="module")
def readable(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The text of every example by page, the scan before it was scanned; files without pages have one."""
    files = build(tmp_path_factory.mktemp("readable"), "--with-text-layer")
    return {name: pages_of(name, content) for name, content in files.items()}


def pages_of(name: str, content: bytes) -> list[str]:
    """Return the text of each page as PDFium reads it."""
    if not name.endswith(".pdf"):
        return [content.decode()]
    document = pypdfium2.PdfDocument(content)
    texts = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return texts


def squash(text: str) -> str:
    """Leave only letters and digits, so that spaces, line ends and hyphens do not count."""
    return "".join(re.findall(r"[^\W_]", unicodedata.normalize("NFKC", text).lower()))


def read_gold(path: Path) -> dict[str, Any]:
    """Return one gold file."""
    gold: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return gold


def metadata_of(path: Path) -> dict[str, str]:
    """Return what a PDF says of itself."""
    document = pypdfium2.PdfDocument(path)
    metadata: dict[str, str] = document.get_metadata_dict()
    document.close()
    return metadata


def pixels_of(content: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return the first page as grey pixels at 72 dots per inch."""
    document = pypdfium2.PdfDocument(content)
    pixels: np.ndarray[Any, np.dtype[np.uint8]] = document[0].render(grayscale=True).to_numpy().copy()
    document.close()
    return pixels


def test_the_same_sources_give_the_same_bytes(rebuilt: dict[str, bytes], tmp_path: Path) -> None:
    """Two builds under another hash seed, time zone and build date differ in no byte."""
    again = build(tmp_path, PYTHONHASHSEED="5", TZ="Pacific/Auckland", SOURCE_DATE_EPOCH="1")
    assert {name for name in rebuilt if again[name] != rebuilt[name]} == set()
    assert again.keys() == rebuilt.keys()


def test_the_files_in_the_repository_are_what_the_sources_give(rebuilt: dict[str, bytes]) -> None:
    """Nobody edits a built report: each equals a fresh build."""
    kept = {path.name: path.read_bytes() for path in REPORTS.iterdir()}
    assert kept.keys() == rebuilt.keys()
    assert [name for name in kept if name != SCAN and kept[name] != rebuilt[name]] == []


def test_the_scan_in_the_repository_shows_what_its_source_gives(rebuilt: dict[str, bytes]) -> None:
    """The scan looks like a fresh one; its bytes may differ with the version of the image library."""
    difference = np.abs(pixels_of(rebuilt[SCAN]).astype(int) - pixels_of((REPORTS / SCAN).read_bytes()).astype(int))
    assert difference.mean() < 1.0


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_every_page_is_marked_as_invented(path: Path, readable: dict[str, list[str]]) -> None:
    """A reader of any page of any example sees that it is invented."""
    gold = read_gold(path)
    unmarked = [n for n, text in enumerate(readable[gold["file"]], 1) if MARKS[gold["language"]] not in text]
    assert unmarked == []


@pytest.mark.parametrize("path", sorted(REPORTS.glob("*.pdf")), ids=lambda path: path.stem)
def test_a_pdf_says_in_its_metadata_that_it_is_invented(path: Path) -> None:
    """A PDF carries the mark, its title and its publisher in its document information."""
    gold = read_gold(EXAMPLES / "gold" / f"{path.stem}.json")
    metadata = metadata_of(path)
    assert metadata["Subject"] == MARKS[gold["language"]]
    assert metadata["Title"] == gold["report"]["title"]
    assert metadata["Author"] == gold["report"]["publisher"]
    assert metadata["CreationDate"].startswith("D:" + gold["report"]["publication_date"].replace("-", "")[:6])


def test_the_news_page_says_in_its_head_that_it_is_invented() -> None:
    """The HTML example carries the mark as its description."""
    (page,) = REPORTS.glob("*.html")
    assert f'<meta name="description" content="{MARKS["nl"]}">' in page.read_text(encoding="utf-8")


def test_the_scan_has_no_text_layer() -> None:
    """No character can be read from the scan without OCR."""
    assert "".join(pages_of(SCAN, (REPORTS / SCAN).read_bytes())).strip() == ""


def test_the_examples_stay_small() -> None:
    """All built files together stay below 2 MB, the scan below 400 kB."""
    assert sum(path.stat().st_size for path in REPORTS.iterdir()) < 2_000_000
    assert (REPORTS / SCAN).stat().st_size < 400_000


def test_the_ombudsman_report_has_what_makes_pdfs_hard(readable: dict[str, list[str]]) -> None:
    """It has eight to twelve pages, words broken at line ends, footnote marks and leaders in its contents."""
    pages = readable["ombudsman-2023-150-na-het-water-de-wachtkamer.pdf"]
    assert 8 <= len(pages) <= 12
    whole = "\n".join(pages)
    assert len(re.findall(r"\w[\ufffe\u0002\u00ad-]\r?\n?\w", whole)) >= 15  # PDFium writes U+FFFE at a broken line
    assert ". . . . . ." in pages[2]
    assert "loden waterleidingen.1" in whole.replace("\ufffe", "")


def test_each_report_has_one_gold_file() -> None:
    """Gold files and reports pair by stem."""
    assert [read_gold(path)["file"] for path in GOLD] == sorted(path.name for path in REPORTS.iterdir())
    assert [Path(read_gold(path)["file"]).stem for path in GOLD] == [path.stem for path in GOLD]


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_gold_texts_stand_on_the_pages_they_name(path: Path, readable: dict[str, list[str]]) -> None:
    """Every statement, further occurrence and response is quoted word for word from the page given."""
    gold = read_gold(path)
    pages = [squash(text) for text in readable[gold["file"]]]
    statements = gold["statements"] + gold.get("optional_statements", [])
    quoted = [*statements, *gold["responses"], *(mention for s in statements for mention in s["also"])]
    assert [entry["text"] for entry in quoted if squash(entry["text"]) not in pages[entry["page"] - 1]] == []


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_gold_details_are_printed_in_the_report(path: Path, readable: dict[str, list[str]]) -> None:
    """Addressees, deadlines, sections, title, publisher and number are given as they are printed."""
    gold = read_gold(path)
    whole = squash("".join(readable[gold["file"]]))
    printed = [gold["report"][field] for field in ("title", "subtitle", "publisher", "report_number")]
    for statement in gold["statements"]:
        printed += [statement["section"], *statement["addressees"], (statement["deadline"] or {}).get("text")]
    assert [text for text in printed if text and squash(text) not in whole] == []


@pytest.mark.parametrize("path", GOLD, ids=lambda path: path.stem)
def test_gold_files_have_the_form_that_the_scorer_reads(path: Path) -> None:
    """Ids are unique, links lead to statements, all four types are annotated, and deadlines are dates."""
    gold = read_gold(path)
    assert gold["annotated_types"] == TYPES
    assert set(gold["report"]) == {"title", "subtitle", "publisher", "publication_date", "report_number", "kind"}
    kinds = {statement["id"]: statement["type"] for statement in gold["statements"]}
    assert len(kinds) == len(gold["statements"])
    for statement in gold["statements"]:
        assert statement["type"] in TYPES
        date = (statement["deadline"] or {}).get("date")
        if date is not None:
            datetime.date.fromisoformat(f"{date}-01"[:10])  # raises when it is no date
    for link in gold["links"]:
        assert kinds[link["recommendation"]] == "recommendation"
        assert {kinds[based_on] for based_on in link["based_on"]} <= {"conclusion", "finding"}
    assert {response["stance"] for response in gold["responses"]} <= {"accepted", "partly", "rejected", "noted"}


def test_the_response_answers_each_recommendation_of_the_ombudsman() -> None:
    """The government response takes every stance and answers the seven recommendations by their numbers."""
    answered = read_gold(EXAMPLES / "gold" / "reactie-minister-van-financien-2024-herstelregelingen.json")["responses"]
    asked = read_gold(EXAMPLES / "gold" / "ombudsman-2023-150-na-het-water-de-wachtkamer.json")["statements"]
    labels = [statement["label"] for statement in asked if statement["type"] == "recommendation"]
    assert [response["to"] for response in answered] == labels
    assert {response["stance"] for response in answered} == {"accepted", "partly", "rejected", "noted"}
