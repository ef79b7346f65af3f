"""Judgements by place, joined with the statements that the present extraction gives.

The rows (`flows/evaluation_rows/`) hold no sentences: a document's hash, and a range of its text. A judgement belongs
to a statement when the two ranges share at least half of the shorter one, so that it outlives statements that begin or
end a little elsewhere, are cut in two, or are joined.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from flows.errors import NothingToRead
from warehouse.places import StatementPlace

ROWS: Final = Path(__file__).parent / "evaluation_rows"
DOCUMENT_DIGITS: Final = 12
LEAST_OVERLAP: Final = 0.5

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class JudgedPlace:
    """A judged range `[start, end)` of the document whose hash begins with `document`."""

    document: str
    page: int
    start: int
    end: int


class PlacedStatements:
    """The statements of a site, by document and place."""

    def __init__(self, places: Iterable[StatementPlace]) -> None:
        self._of_document: dict[str, list[StatementPlace]] = defaultdict(list)
        for place in places:
            self._of_document[place.document_id[:DOCUMENT_DIGITS]].append(place)
        for own in self._of_document.values():
            own.sort(key=_start_of)
        self._longest = {name: max(p.end - p.start for p in own) for name, own in self._of_document.items()}

    @property
    def documents(self) -> frozenset[str]:
        """The first digits of the hashes of the documents that have statements."""
        return frozenset(self._of_document)

    def at(self, judged: JudgedPlace) -> list[StatementPlace]:
        """Return the statements that a judgement is about, in the order of the text; none when none stands there."""
        own = self._of_document.get(judged.document, [])
        first = bisect_left(own, judged.start - self._longest.get(judged.document, 0), key=_start_of)
        found = []
        for place in own[first:]:
            if place.start >= judged.end:
                break
            shared = min(place.end, judged.end) - max(place.start, judged.start)
            if shared >= LEAST_OVERLAP * min(place.end - place.start, judged.end - judged.start) and shared > 0:
                found.append(place)
        return found


def read_rows(path: Path) -> list[Json]:
    """Return the rows of a file with one JSON object a line.

    Raises `NothingToRead` when the file cannot be read or a line is no object.
    """
    try:
        lines = path.read_text("utf-8").splitlines()
        rows = [json.loads(line) for line in lines if line.strip()]
    except (OSError, ValueError) as error:
        raise NothingToRead(f"{path}: {error}; expected one JSON object a line") from error
    if not rows or not all(isinstance(row, dict) for row in rows):
        raise NothingToRead(f"{path}: found no rows, or some that are no objects; expected one JSON object a line")
    return rows


def hash_rows(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return 16 digits that change when any row does."""
    return hashlib.sha256(json.dumps(list(rows), sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def is_for_tuning(text: str) -> bool:
    """Return whether a judged text belongs to the half for tuning: by the first digit of its sha256, even or odd."""
    return int(hashlib.sha256(text.encode()).hexdigest()[0], 16) % 2 == 0


def _start_of(place: StatementPlace) -> int:
    return place.start
