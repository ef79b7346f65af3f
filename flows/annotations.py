"""Stand-off annotations: rows of places and hashes, joined with the documents that they are about.

The sentences of published reports never enter the repository. A row holds the hash of the document, where the statement
stands in the text that the reader gives, and hashes of its words. When the reader has changed and the words no longer
stand there, they are looked for in the whole text: first as the same words, then as the same letters and digits.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractors.errors import UnreadableDocument
from extractors.reading import read_document
from extractors.records import Document, make_document_id

Json = dict[str, Any]


def read_annotations(rows: Path, docs: Path) -> list[tuple[Json, Path]]:
    """Return the gold form and the file of every annotated document that is in the folder `docs`.

    What cannot be found again in its document is reported on standard error and left out.
    """
    lines = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines() if line.strip()]
    files = {make_document_id(p.read_bytes()): p for p in sorted(docs.glob("*")) if p.is_file()}
    joined: list[tuple[Json, Path]] = []
    for row in lines:
        if row["row"] != "document" or row["document"] not in files:
            continue
        path = files[row["document"]]
        try:
            document = read_document(path.read_bytes(), name=path.name, ocr=False)
        except UnreadableDocument as error:
            sys.stderr.write(f"{error}\n")
            continue
        own = [r for r in lines if r.get("document") == row["document"] and r["row"] in ("statement", "optional")]
        statements = [(r["row"], _join(r, document, path.name)) for r in own]
        gold = {
            "file": path.name,
            "language": row["language"],
            "report": row["report"],
            "annotated_types": row["annotated_types"],
            "statements": [s for kind, s in statements if s and kind == "statement"],
            "optional_statements": [s for kind, s in statements if s and kind == "optional"],
        }
        joined.append((gold, path))
    return joined


def _join(row: Json, document: Document, name: str) -> Json | None:
    occurrences = []
    for part in (row, *row["also"]):
        span = find_span(document.text, part)
        if span is None:
            sys.stderr.write(f"{name}: row {row['id']}: found its words nowhere; annotate it again\n")
        else:
            page = document.page_at(span[0])
            occurrences.append({"page": page, "text": " ".join(document.text[span[0] : span[1]].split())})
    if not occurrences:
        return None
    kept = {key: row.get(key) for key in ("id", "type", "label", "deadline")}
    return {**kept, **occurrences[0], "also": occurrences[1:], "addressees": []}


def find_span(text: str, check: Json) -> tuple[int, int] | None:
    """Return where the words that `check` describes stand in `text`, the place nearest to its own; None when nowhere.

    `check` has ``start``, ``end``, ``sha256`` of the words joined by single spaces, their number ``words``, and the
    same for the letters and digits alone: ``letters_sha256`` and ``letters``.
    """
    start, end = check["start"], check["end"]
    if _hash(" ".join(text[start:end].split())) == check["sha256"]:
        return start, end
    found = list(_spans_of_words(text, check)) or list(_spans_of_letters(text, check))
    return min(found, key=lambda span: abs(span[0] - start), default=None)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _spans_of_words(text: str, check: Json) -> Iterator[tuple[int, int]]:
    words: list[tuple[int, str]] = []
    place = 0
    for word in text.split():
        place = text.index(word, place)
        words.append((place, word))
        place += len(word)
    count = check["words"]
    for i in range(len(words) - count + 1):
        if _hash(" ".join(word for _, word in words[i : i + count])) == check["sha256"]:
            last, word = words[i + count - 1]
            yield words[i][0], last + len(word)


def _spans_of_letters(text: str, check: Json) -> Iterator[tuple[int, int]]:
    places = [i for i, character in enumerate(text) for c in character.casefold() if c.isalnum()]
    letters = "".join(c for character in text for c in character.casefold() if c.isalnum())
    count = check["letters"]
    for i in range(len(letters) - count + 1):
        start = places[i]
        if start and text[start - 1].isalnum():
            continue  # inside a word
        if _hash(letters[i : i + count]) == check["letters_sha256"]:
            end = places[i + count - 1] + 1
            while end < len(text) and not text[end].isspace() and not text[end].isalnum():
                end += 1
            yield start, end
