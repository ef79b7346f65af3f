"""Fills a warehouse with invented reports, statements and vectors, of any number, to measure search at size.

Words are strings of syllables whose frequencies fall as those of a language do (Zipf); statements of one subject share
words and lie together as vectors, as those of real reports do. Nothing in it means anything, and the same seed gives
the same.
"""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from warehouse.passages import save_missing_passages
from warehouse.rows import Row, make_text_hash
from warehouse.saving import insert_rows
from warehouse.store import Warehouse
from warehouse.vectors import Role, find_unembedded, save_embeddings

_SYLLABLES: Final = tuple(c + v for c in "bdfghklmnprstvwz" for v in ("a", "e", "i", "o", "u", "aa", "ee", "ij"))
_ENDINGS: Final = {"nl": ("en", "ing", "heid", ""), "en": ("s", "ed", "tion", "")}
_KINDS: Final = ("recommendation", "conclusion", "finding", "lesson")
_SEEN: Final = datetime.datetime(2024, 1, 1)  # noqa: DTZ001 - the database keeps no zone
_PER_REPORT: Final = 50
_WORDS: Final = 24
_SUBJECTS: Final = 200
_CHUNK: Final = 5_000
_SEED: Final = 20240101

_Value = TypeVar("_Value")


class SyntheticWords:
    """An invented vocabulary per language: word i is about as frequent as 1 / (i + 3)."""

    def __init__(self, size: int = 40_000) -> None:
        self._generator = np.random.default_rng(_SEED)
        self._words = {language: self._make(language, size) for language in _ENDINGS}
        weights = 1.0 / (np.arange(size) + 3.0)
        self._cumulated = np.cumsum(weights / weights.sum())
        self._size = size

    def _make(self, language: str, size: int) -> list[str]:
        words: dict[str, None] = {}
        while len(words) < size:
            count = int(self._generator.integers(1, 5))
            syllables = "".join(_SYLLABLES[i] for i in self._generator.integers(0, len(_SYLLABLES), count))
            endings = _ENDINGS[language]
            words[syllables + endings[int(self._generator.integers(0, len(endings)))]] = None
        return list(words)

    def sentence(self, language: str, subject: int, *, length: int = _WORDS) -> str:
        """Return a sentence of `length` words, a quarter of them from the words of `subject`."""
        ranks = np.searchsorted(self._cumulated, self._generator.random(length))
        own = self._generator.integers(0, 40, length // 4)
        ranks[: length // 4] = 300 + (subject * 97 + own * 11) % (self._size // 8)
        words = [self._words[language][int(rank)] for rank in self._generator.permutation(ranks)]
        return (" ".join(words)).capitalize() + "."

    def question(self, language: str, subject: int) -> str:
        """Return a question of four words of `subject`, which is below the number of reports."""
        ranks = 300 + (subject * 97 + self._generator.integers(0, 40, 4) * 11) % (self._size // 8)
        return " ".join(self._words[language][int(rank)] for rank in ranks)


def fill_synthetic(
    warehouse: Warehouse, *, statement_count: int, models: Sequence[tuple[str, int]], roles: Sequence[Role]
) -> SyntheticWords:
    """Fill an empty `warehouse` with statements, a passage for each few of them, and vectors; return the words.

    `models` are (model id, dimension); the first gives vectors for `roles` of the statements, the second for these and
    for the passages.
    """
    words = SyntheticWords()
    with warehouse.transaction() as connection:
        for reports in _chunks(_reports(words, statement_count), _CHUNK // _PER_REPORT):
            for table in ("reports", "documents", "origins", "sections", "statements", "addressees"):
                insert_rows(connection, table, [row for report in reports for row in report.get(table, ())])
        save_missing_passages(connection)
    for number, (model_id, dimension) in enumerate(models):
        wanted: tuple[Role, ...] = (*roles, "passage") if number else tuple(roles)
        with warehouse.transaction() as connection:
            hashes = [row[0] for row in find_unembedded(connection, model_id, wanted)]
            for part in _chunks(iter(hashes), _CHUNK):
                save_embeddings(connection, model_id, part, make_vectors(part, dimension))
    return words


def make_vectors(hashes: Sequence[str], dimension: int) -> NDArray[np.float32]:
    """Return a unit row per hash, float32 (n, dimension): all near one direction, by subject nearer still."""
    rows = np.empty((len(hashes), dimension), np.float32)
    common = _direction("all", dimension)
    subjects = np.stack([_direction(f"subject {i}", dimension) for i in range(_SUBJECTS)])
    numbers = np.array([int(key[:8], 16) for key in hashes], np.int64)
    generator = np.random.default_rng(int(numbers.sum()) % 2**31)
    rows[:] = generator.standard_normal(rows.shape, np.float32) / np.float32(np.sqrt(dimension))
    rows += 2.0 * common + 0.7 * subjects[numbers % _SUBJECTS]
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def make_question_vector(subject: int, dimensions: Sequence[int]) -> NDArray[np.float32]:
    """Return the vector of a question about `subject`, float32 (sum of dimensions,), as an encoder would give it."""
    return np.concatenate([_direction(f"subject {subject % _SUBJECTS}", dimension) for dimension in dimensions])


def _direction(name: str, dimension: int) -> NDArray[np.float32]:
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "little")
    row = np.random.default_rng(seed).standard_normal(dimension, np.float32)
    found: NDArray[np.float32] = row / np.float32(np.linalg.norm(row))
    return found


def _reports(words: SyntheticWords, statement_count: int) -> Iterator[dict[str, list[Row]]]:
    for number in range(-(-statement_count // _PER_REPORT)):
        count = min(_PER_REPORT, statement_count - number * _PER_REPORT)
        yield _report(words, number, count)


def _report(words: SyntheticWords, number: int, count: int) -> dict[str, list[Row]]:
    language = "nl" if number % 2 else "en"
    report_id, document_id = f"r{number:016d}", hashlib.sha256(str(number).encode()).hexdigest()
    origin_id = f"o{number:016d}"
    year = 2000 + number % 25
    title = words.sentence(language, number % _SUBJECTS, length=8)
    section = words.sentence(language, number % _SUBJECTS, length=4)
    texts, offsets, at = [], [], 0
    for i in range(count):
        text = words.sentence(language, (number + i // 10) % _SUBJECTS)
        offsets.append((at, at + len(text)))
        texts.append(text)
        at += len(text) + 2
    whole = "\n\n".join(texts)
    shared: Row = {"report_id": report_id, "document_id": document_id, "language": language, "first_seen_at": _SEEN}
    return {
        "reports": [
            shared
            | {
                "title": title, "subtitle": None, "publisher": f"Invented Office {number % 60}",
                "printed_publisher": None, "published_date": f"{year}-0{1 + number % 9}-15", "published_year": year,
                "report_number": None, "kind": "report", "licence": None, "origin": f"https://invented.example/{number}",
                "origin_id": origin_id,
            }
        ],
        "documents": [
            shared
            | {
                "is_current": True, "media_type": "text/plain", "page_count": 0, "character_count": len(whole),
                "is_scanned": False, "properties": "{}", "bookmarks": "[]", "text": whole,
                "extraction_version": "synthetic", "extraction_hash": document_id[:32],
            }
        ],
        "origins": [
            shared
            | {
                "origin_id": origin_id, "address": f"https://invented.example/{number}",
                "url": f"https://invented.example/{number}", "file_name": str(number), "source": None,
                "publisher": None, "licence": None, "document_seen_at": _SEEN,
            }
        ],
        "sections": [
            shared
            | {
                "section_id": f"h{number:016d}", "position": 0, "title": section, "number": None, "level": 1,
                "role": "recommendations", "path": "[]", "page": 1, "start_offset": 0, "end_offset": len(whole),
            }
        ],
        "statements": [
            shared
            | {
                "statement_id": f"s{number * _PER_REPORT + i:016d}", "kind": _KINDS[i % 4], "text": text,
                "label": None, "page": 1, "section": section, "section_role": "recommendations", "confidence": 0.9,
                "rule": "synthetic", "deadline_text": None, "deadline_date": None, "published_year": year,
                "start_offset": start, "end_offset": end, "boxes": "[]", "section_id": f"h{number:016d}",
                "position": i, "text_hash": make_text_hash(text),
            }
            for i, (text, (start, end)) in enumerate(zip(texts, offsets, strict=True))
        ],
        "addressees": [
            {"statement_id": f"s{number * _PER_REPORT + i:016d}", "position": 0,
             "text": f"invented body {(number * 7 + i) % 300}", "party_id": None}
            for i in range(0, count, 2)
        ],
    }  # fmt: skip


def _chunks(values: Iterator[_Value], size: int) -> Iterator[list[_Value]]:
    chunk: list[_Value] = []
    for value in values:
        chunk.append(value)
        if len(chunk) == size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
