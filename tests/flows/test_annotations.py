"""Stand-off annotations: found again in their documents, also when the reader gives another text."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from extractors.records import make_document_id
from flows.annotations import find_span, read_annotations

TEXT = "Een verzonnen rapport.\n\nDe gemeente moet haar brie-\nven begrijpelijker maken. Dat kan snel."


def describe(text: str, words: str) -> dict[str, Any]:
    """The check of a range as an annotator writes it."""
    start = text.index(words)
    joined = " ".join(words.split())
    letters = "".join(c for character in words for c in character.casefold() if c.isalnum())
    return {
        "start": start,
        "end": start + len(words),
        "sha256": hashlib.sha256(joined.encode()).hexdigest(),
        "words": len(joined.split()),
        "letters_sha256": hashlib.sha256(letters.encode()).hexdigest(),
        "letters": len(letters),
    }


def test_words_in_their_place_are_found_there() -> None:
    """The usual case asks for no search."""
    check = describe(TEXT, "Dat kan snel.")
    assert find_span(TEXT, check) == (check["start"], check["end"])


def test_words_that_moved_are_found_again() -> None:
    """Text before them, or other spaces between them, do no harm."""
    check = describe(TEXT, "Dat kan snel.")
    moved = "Voorwoord.\n\n" + TEXT.replace("Dat kan", "Dat  kan")
    start, end = find_span(moved, check) or (0, 0)
    assert moved[start:end] == "Dat  kan snel."


def test_words_that_are_spelt_anew_are_found_by_their_letters() -> None:
    """A mended line break leaves the letters alone."""
    check = describe(TEXT, "De gemeente moet haar brie-\nven begrijpelijker maken.")
    mended = TEXT.replace("brie-\nven", "brieven")
    start, end = find_span(mended, check) or (0, 0)
    assert mended[start:end] == "De gemeente moet haar brieven begrijpelijker maken."


def test_words_that_are_gone_are_not_found() -> None:
    """Nothing is guessed."""
    assert find_span("Iets heel anders.", describe(TEXT, "Dat kan snel.")) is None


def test_rows_become_gold_for_the_documents_at_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Documents that are not there are left out; what is lost is named."""
    content = "# Een verzonnen rapport\n\nDe gemeente moet haar brieven begrijpelijker maken.\n"
    (tmp_path / "rapport.md").write_text(content, encoding="utf-8")
    document_id = make_document_id(content.encode())
    text = "Een verzonnen rapport\n\nDe gemeente moet haar brieven begrijpelijker maken."
    known = describe(text, "De gemeente moet haar brieven begrijpelijker maken.")
    lost = {**describe(text, "De gemeente"), "sha256": "0", "letters_sha256": "0"}
    head = {"row": "document", "language": "nl", "report": {}, "annotated_types": ["recommendation"]}
    rows = [
        {"row": "header"},
        {**head, "document": document_id},
        {**head, "document": "f" * 64},
        {
            "row": "statement",
            "document": document_id,
            "id": "r1",
            "type": "recommendation",
            "label": None,
            "also": [],
            **known,
        },
        {
            "row": "statement",
            "document": document_id,
            "id": "r2",
            "type": "recommendation",
            "label": None,
            "also": [],
            **lost,
        },
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    ((gold, file),) = read_annotations(path, tmp_path)
    assert file.name == "rapport.md"
    assert [s["text"] for s in gold["statements"]] == ["De gemeente moet haar brieven begrijpelijker maken."]
    assert "row r2: found its words nowhere" in capsys.readouterr().err
