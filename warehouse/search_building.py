"""Builds what search reads from a site: the words of the texts as postings, and their vectors as rows to compare.

`WordIndexBuilder` and `MeaningIndexBuilder` take texts and vectors in the order of their rows in `kb.db`, so what they
hold at a time is bounded; `warehouse/search_words.py` and `search_meaning.py` read what they write.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_meaning import MEAN_SHARE, Floats, quantise, shrink_means, unit_rows, weigh
from warehouse.stemming import stem_word

_CHUNK: Final = 8_192
_TAB: Final = "\t"
_SATURATION: Final = 1.2
"""k1 of BM25."""
_LENGTH: Final = 0.6
"""b of BM25."""


class WordIndexBuilder:
    """Collects the stems of texts, field by field, and writes them as postings."""

    def __init__(self, field_weights: Sequence[float]) -> None:
        self._field_weights = np.array(field_weights, np.float32)
        self._ids: dict[str, int] = {}
        self._ids_of_language: dict[str, _Numbers] = {}
        self._terms = array("i")
        self._lengths = array("i")  # one per text and field
        self._languages: dict[str, int] = {}
        self._forms: dict[str, str] = {}
        self._known_words: dict[str, set[str]] = {}
        self._of_fields: dict[tuple[str, str], array[int]] = {}
        self.size = 0

    def add(self, language: str, fields: Sequence[str], words: Iterable[str] = ()) -> None:
        """Add a text in `language`: its `fields` in stems, as `stem_text` gives them, and its `words` as they stand."""
        known = self._known_words.setdefault(language, set())
        unknown = set(words) - known
        known |= unknown
        for word in unknown:
            self._forms[f"{language}\t{word}"] = stem_word(word, language)
        self._languages[language] = self._languages.get(language, 0) + 1
        for number, stems in enumerate(fields):
            if number == 0:
                terms = self._number(stems, language)
            else:
                # Headings and titles come back with every statement below them.
                key = (language, stems)
                if key not in self._of_fields:
                    self._of_fields[key] = self._number(stems, language)
                terms = self._of_fields[key]
            self._terms.extend(terms)
            self._lengths.append(len(terms))
        self.size += 1

    def _number(self, stems: str, language: str) -> array[int]:
        numbers = self._ids_of_language.get(language)
        if numbers is None:
            numbers = self._ids_of_language[language] = _Numbers(language, self._ids)
        return array("i", map(numbers.__getitem__, stems.split()))

    def write(self, folder: Path) -> None:
        """Write the postings to `folder`, which exists."""
        fields = len(self._field_weights)
        lengths = (
            np.frombuffer(self._lengths, np.int32).reshape(self.size, fields)
            if self.size
            else np.zeros((0, fields), np.int32)
        )
        terms = np.frombuffer(self._terms, np.int32) if len(self._terms) else np.zeros(0, np.int32)
        averages = np.maximum(lengths.mean(axis=0), 1.0) if self.size else np.ones(fields)
        # What one occurrence counts for, by the field and how long that is in this text.
        of_field = (self._field_weights / (1 - _LENGTH + _LENGTH * lengths / averages)).astype(np.float32)
        counts = lengths.reshape(-1)
        values = np.repeat(of_field.reshape(-1), counts)
        texts = np.repeat(np.repeat(np.arange(self.size, dtype=np.int64), fields), counts)
        names = sorted(self._ids)
        order_of = np.empty(max(len(names), 1), np.int64)
        order_of[[self._ids[name] for name in names]] = np.arange(len(names))
        keys = order_of[terms] * max(self.size, 1) + texts
        order = np.argsort(keys, kind="stable")
        keys, values = keys[order], values[order]
        is_first = np.ones(len(keys), np.bool_)
        is_first[1:] = keys[1:] != keys[:-1]
        firsts = np.flatnonzero(is_first)
        sums = np.add.reduceat(values, firsts) if len(firsts) else np.zeros(0, np.float32)
        term_of, row_of = np.divmod(keys[firsts], max(self.size, 1))
        starts = np.searchsorted(term_of, np.arange(len(names) + 1))
        np.save(folder / "starts.npy", starts.astype(np.int64))
        np.save(folder / "rows.npy", row_of.astype(np.int32))
        weights = sums * (_SATURATION + 1) / (sums + _SATURATION)
        if len(firsts):
            # Below zero where the term stands in headings only.
            is_own = np.repeat(np.tile(np.arange(fields) == 0, self.size), counts)[order]
            weights[~np.logical_or.reduceat(is_own, firsts)] *= -1
        np.save(folder / "weights.npy", weights.astype(np.float16))
        (folder / "terms.txt").write_text("".join(f"{name}\n" for name in names), "utf-8")
        number_of = {name: number for number, name in enumerate(names)}
        forms = sorted(
            (form, number)
            for form, stem in self._forms.items()
            if (number := number_of.get(f"{form.partition(_TAB)[0]}\t{stem}")) is not None
        )
        (folder / "forms.txt").write_text("".join(f"{form}\n" for form, _ in forms), "utf-8")
        np.save(folder / "form_terms.npy", np.array([number for _, number in forms], np.int32))
        (folder / "words.json").write_text(json.dumps({"size": self.size, "languages": self._languages}), "utf-8")

    def number_terms(self) -> NDArray[np.bool_]:
        """Return per term whether it holds a digit."""
        return np.array([any(map(str.isdigit, term.partition("\t")[2])) for term in self._ids], np.bool_)

    def first_field_terms(self) -> Iterator[NDArray[np.int32]]:
        """Yield per text the numbers of the terms in its first field."""
        terms = np.frombuffer(self._terms, np.int32) if len(self._terms) else np.zeros(0, np.int32)
        fields, start = len(self._field_weights), 0
        for text in range(self.size):
            own = self._lengths[text * fields]
            yield terms[start : start + own]
            start += sum(self._lengths[text * fields : (text + 1) * fields])


class _Numbers(dict[str, int]):
    """The number of each stem of a language; a new stem gets the next one, and an entry in `ids` by its term."""

    def __init__(self, language: str, ids: dict[str, int]) -> None:
        super().__init__()
        self._language, self._ids = language, ids

    def __missing__(self, stem: str) -> int:
        number = self._ids[f"{self._language}\t{stem}"] = self[stem] = len(self._ids)
        return number


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of the texts by one model: `vectors` float32 (n, dimension), a row of zeros where there is none."""

    share: float
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class BlockPlan:
    """What a model contributes to the rows: its readings, its share in the cosine, and whether means are taken out."""

    model_id: str
    weight: float
    is_centred: bool
    readings: tuple[Reading, ...]


def write_meanings(
    folder: Path, plans: Sequence[BlockPlan], codes: NDArray[np.int32], languages: Sequence[str]
) -> None:
    """Write the rows of n texts to `folder`; `codes` (n,) index `languages`.

    A reading that a text lacks leaves its share to the others. Without plans the rows have no columns.
    """
    size = len(codes)
    dimensions = [plan.readings[0].vectors.shape[1] for plan in plans]
    total = sum(dimensions)
    exact = np.lib.format.open_memmap(folder / "exact.npy", "w+", np.float16, (size, total))
    rough = np.lib.format.open_memmap(folder / "rough.npy", "w+", np.int8, (size, total))
    scales = np.zeros(size, np.float32)
    all_means = np.zeros((len(languages) + 1, total), np.float32)
    weights = weigh([plan.weight for plan in plans]) if plans else []
    centres: list[list[NDArray[np.float32]]] = []
    start = 0
    for plan, dimension in zip(plans, dimensions, strict=True):
        of_readings = []
        for number, reading in enumerate(plan.readings):
            means, overall = _language_means(reading.vectors, codes, languages) if plan.is_centred else ({}, None)
            centre = np.zeros((len(languages) + 1, dimension), np.float32)
            if overall is not None:
                for code, language in enumerate(languages):
                    centre[code] = means.get(language, overall)
                centre[-1] = overall
                centre *= np.float32(MEAN_SHARE)
            of_readings.append(centre)
            if number == 0:
                all_means[:, start : start + dimension] = centre
        centres.append(of_readings)
        start += dimension
    for first in range(0, size, _CHUNK):
        part = slice(first, min(first + _CHUNK, size))
        rows = np.zeros((part.stop - part.start, total), np.float32)
        start = 0
        for plan, dimension, of_readings in zip(plans, dimensions, centres, strict=True):
            rows[:, start : start + dimension] = _blend(plan, of_readings, part, codes[part])
            start += dimension
        exact[part] = rows
        rough[part], scales[part] = quantise(rows)
    exact.flush()
    rough.flush()
    np.save(folder / "scales.npy", scales)
    np.save(folder / "means.npy", all_means)
    about = {
        "languages": list(languages),
        "blocks": [
            {"model_id": plan.model_id, "dimension": dimension, "weight": weight, "is_centred": plan.is_centred}
            for plan, dimension, weight in zip(plans, dimensions, weights, strict=True)
        ],
    }
    (folder / "meanings.json").write_text(json.dumps(about, indent=1), "utf-8")


def _blend(plan: BlockPlan, centres: Sequence[Floats], part: slice, codes: NDArray[np.int32]) -> Floats:
    blended = np.zeros((len(codes), plan.readings[0].vectors.shape[1]), np.float32)
    shares = np.zeros((len(codes), 1), np.float32)
    for reading, centre in zip(plan.readings, centres, strict=True):
        vectors: Floats = np.array(reading.vectors[part], np.float32)
        own = np.asarray(vectors.any(axis=1), np.float32)[:, None] * np.float32(reading.share)
        vectors -= centre[codes]
        blended += unit_rows(vectors) * own
        shares += own
    blended /= np.maximum(shares, np.float32(1e-9))
    return blended


def _language_means(
    vectors: NDArray[np.float32], codes: NDArray[np.int32], languages: Sequence[str]
) -> tuple[Mapping[str, Floats], Floats]:
    dimension = vectors.shape[1]
    sums = {language: np.zeros(dimension, np.float64) for language in languages}
    counts = dict.fromkeys(languages, 0)
    for first in range(0, len(codes), _CHUNK):
        part = np.asarray(vectors[first : first + _CHUNK], np.float32)
        is_there = part.any(axis=1)
        for code, language in enumerate(languages):
            chosen = is_there & (codes[first : first + _CHUNK] == code)
            sums[language] += part[chosen].sum(axis=0)
            counts[language] += int(chosen.sum())
    return shrink_means({language: total.astype(np.float32) for language, total in sums.items()}, counts, dimension)


def save_arrays(folder: Path, arrays: Mapping[str, NDArray[np.generic]]) -> None:
    """Save each array as ``name.npy`` in `folder`."""
    for name, values in arrays.items():
        np.save(folder / f"{name}.npy", values)
