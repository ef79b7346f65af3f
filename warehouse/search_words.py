"""The search by words: BM25 over stems, by language, from an index of postings that is mapped from disk.

What a word weighs in a text is computed at publication (BM25F: Robertson and Zaragoza, "The Probabilistic Relevance
Framework: BM25 and Beyond", 2009), so a question only adds up a few rows of numbers, however many texts hold the word.
Words are counted by language: `was` is laundry in Dutch. Compounds are reached from their parts: `toeslag` finds
`toeslagenaffaire`, with less weight.
"""

from __future__ import annotations

import bisect
import dataclasses
import json
import math
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_columns import CodedColumn
from warehouse.search_query import Leaf, Node, Question
from warehouse.stemming import compound_joints, fold_text, stem_text

Rows = NDArray[np.int32]
Weights = NDArray[np.float32]
FindPhrase = Callable[[str, str, bool], Rows]
"""Takes a phrase, the language to stem it by, and whether headings are left out; gives the rows of the texts that hold
it, ascending."""

_COMMON_SHARE: Final = 0.1
_COMMON_SHARE_OF_FEW: Final = 0.5
_FEW: Final = 200
# A word that stands in more than this share of a language's texts finds nothing by itself: "the" alone is no match.

_MOST_LEAVES: Final = 48
_MOST_EXPANSIONS: Final = 200
_COMPOUND_WEIGHT: Final = 0.4
_SHORTEST_PART: Final = 4
_SHORTEST_REST: Final = 3
_HALF: Final = 0.7
"""The share of a question's weight at which the score by words is one half."""
OTHER_LANGUAGE: Final = 0.3
"""What the words of a question in another language than the text's still count for: names are names."""


@dataclass(frozen=True, slots=True, eq=False)
class WordHits:
    """Texts found by words: `rows` int32 (n,) ascending, `scores` float32 (n,) from 0 to 1, `is_full` bool (n,).

    `is_full` says that a text has all the telling words of the question. `allowed` bool (all texts,) is what fulfils
    the demand of the question, None where it demands nothing.
    """

    rows: Rows
    scores: Weights
    is_full: NDArray[np.bool_]
    allowed: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class WordIndex:
    """The postings of n texts: for term i the rows `rows[starts[i]:starts[i + 1]]` and what the term weighs in them.

    A weight is below zero where the term stands in the headings above a text only: that ranks it, but what is excluded
    (NOT) is excluded from the text itself.

    `terms` are ``language, tab, stem``; `forms` ``language, tab, word as it stands``, in order, of the terms
    `form_terms`; `backwards` the same with the word reversed, in order, for the ends of words. Beginnings and compounds
    go by words as they stand, for a stem may lack the beginning of its word (`zin` for gezinnen). `counts` holds the
    number of texts per language.
    """

    size: int
    counts: Mapping[str, int]
    forms: Sequence[str]
    form_terms: NDArray[np.int32]
    backwards: Sequence[tuple[str, int]]
    starts: NDArray[np.int64]
    rows: NDArray[np.int32]
    weights: NDArray[np.float16]
    term_ids: Mapping[str, int] = field(repr=False)
    shortest: Mapping[int, str] = field(repr=False)
    """Per term its shortest form."""
    is_text_only: bool = False
    """Whether what stands in headings only is left out."""

    @classmethod
    def open(cls, folder: Path) -> WordIndex:
        """Map the index in `folder`. Raises `OSError` and `ValueError` when it is not whole."""
        terms = (folder / "terms.txt").read_text("utf-8").split("\n")[:-1]
        forms = (folder / "forms.txt").read_text("utf-8").split("\n")[:-1]
        form_terms = np.load(folder / "form_terms.npy")
        backwards = sorted((_backwards(form), i) for i, form in enumerate(forms))
        shortest: dict[int, str] = {}
        for form, term in zip(forms, form_terms.tolist(), strict=True):
            word = form.partition("\t")[2]
            if term not in shortest or len(word) < len(shortest[term]):
                shortest[term] = word
        counts = json.loads((folder / "words.json").read_text("utf-8"))
        return cls(
            size=int(counts["size"]),
            counts=counts["languages"],
            forms=forms,
            form_terms=form_terms,
            shortest=shortest,
            backwards=backwards,
            starts=np.load(folder / "starts.npy"),
            rows=np.load(folder / "rows.npy", mmap_mode="r"),
            weights=np.load(folder / "weights.npy", mmap_mode="r"),
            term_ids={term: i for i, term in enumerate(terms)},
        )

    def find(self, question: Question, trust: Mapping[str, float], find_phrase: FindPhrase) -> WordHits:
        """Return the texts that fulfil the demand of `question`; without a demand those with a telling word.

        `trust` (0 to 1) is what the words count for in texts of each language.
        """
        leaves = question.leaves[:_MOST_LEAVES]
        languages = tuple(self.counts)
        sums = np.zeros(self.size, np.float32)
        matched = np.zeros(self.size, np.int16)
        total, telling_count = 0.0, 0
        share = _COMMON_SHARE if self.size >= _FEW else _COMMON_SHARE_OF_FEW
        # The postings of "the" are most of the texts: they are not read unless nothing else was asked.
        common = {leaf for leaf in leaves if self._is_common(leaf, share)}
        if common == set(leaves):
            common = set()
        found = {
            leaf: [self._find_leaf(leaf, language, find_phrase) for language in languages]
            for leaf in leaves
            if leaf not in common
        }
        present = {leaf for leaf, hits in found.items() if any(len(rows) for rows, _ in hits)}
        telling = {
            leaf
            for leaf in present
            if not any(
                len(rows) > share * self.counts[language]
                for language, (rows, _) in zip(languages, found[leaf], strict=True)
            )
        }
        if not telling:
            for leaf in common:
                found[leaf] = [self._find_leaf(leaf, language, find_phrase) for language in languages]
            telling = present | common
        for leaf in leaves:
            if leaf not in telling:
                # A word that stands nowhere weighs as much as one that stands once: no text has all of the question.
                if leaf not in common and leaf not in present:
                    total += _idf(1, max(self.size, 2))
                    telling_count += 1
                continue
            telling_count += 1
            weight = 0.0
            for language, (rows, weights) in zip(languages, found[leaf], strict=True):
                idf = _idf(len(rows), self.counts[language])
                sums[rows] += np.float32(idf * trust.get(language, 1.0)) * weights
                matched[rows] += 1
                weight = max(weight, idf if len(rows) else 0.0)
            total += weight
        allowed = self._fulfilling(question.demand, languages, find_phrase) if question.demand else None
        rows = np.flatnonzero(matched if allowed is None else allowed).astype(np.int32)
        scores = sums[rows] / np.maximum(sums[rows] + np.float32(_HALF * total), np.float32(1e-9))
        is_full = matched[rows] >= max(telling_count, 1)
        return WordHits(rows, scores.astype(np.float32), is_full, allowed)

    def frequency(self, word: str, language: str) -> float:
        """Return the share of the texts in `language` that hold `word`, never quite 0 or 1."""
        count = sum(self._count(self.term_ids.get(f"{language}\t{stem}")) for stem in stem_text(word, language).split())
        return (count + 0.5) / (self.counts.get(language, 0) + 1.0)

    def _count(self, term: int | None) -> int:
        return 0 if term is None else int(self.starts[term + 1] - self.starts[term])

    def _is_common(self, leaf: Leaf, share: float) -> bool:
        """Return whether `leaf` is a word that alone stands in more than `share` of the texts of a language."""
        if leaf.kind != "word":
            return False
        for language, size in self.counts.items():
            stems = stem_text(leaf.text, language).split()
            if len(stems) == 1 and self._count(self.term_ids.get(f"{language}\t{stems[0]}")) > share * size:
                return True
        return False

    def _postings(self, term: int) -> tuple[Rows, Weights]:
        start, end = self.starts[term], self.starts[term + 1]
        rows, weights = np.asarray(self.rows[start:end]), np.asarray(self.weights[start:end], np.float32)
        return (rows[weights > 0], weights[weights > 0]) if self.is_text_only else (rows, np.abs(weights))

    def _find_leaf(self, leaf: Leaf, language: str, find_phrase: FindPhrase) -> tuple[Rows, Weights]:
        if leaf.kind == "phrase":
            rows = find_phrase(leaf.text, language, self.is_text_only)
            return rows, np.ones(len(rows), np.float32)
        if leaf.kind == "beginning":
            beginning = "".join(character for character in fold_text(leaf.text) if character.isalnum())
            found = dict.fromkeys(
                int(self.form_terms[form]) for form in self._beginning_with(f"{language}\t{beginning}")
            )
            return self._united([(term, 1.0) for term in found])
        stems = stem_text(leaf.text, language).split()
        if not stems:
            return _NO_ROWS, _NO_WEIGHTS
        # A joined word (Q-koorts) is indexed as its parts and as one (q, koorts, qkoorts).
        known = [(self.term_ids[key], 1.0)] if (key := f"{language}\t{stems[-1]}") in self.term_ids else []
        if len(stems) > 1:
            parts = [self.term_ids.get(f"{language}\t{stem}") for stem in stems[:-1]]
            together = self._intersected([part for part in parts if part is not None]) if None not in parts else None
            rows, weights = self._united(known)
            if together is not None and not len(rows):
                return together
            return rows, weights
        word = fold_text(leaf.text)
        own = known[0][0] if known else -1
        compounds = dict.fromkeys(
            term
            for part in dict.fromkeys((word, self.shortest.get(own, word)))
            for term in self._compounds(part, language)
            if term != own
        )
        return self._united([*known, *((term, _COMPOUND_WEIGHT) for term in compounds)])

    def _united(self, terms: Sequence[tuple[int, float]]) -> tuple[Rows, Weights]:
        if not terms:
            return _NO_ROWS, _NO_WEIGHTS
        if len(terms) == 1:
            rows, weights = self._postings(terms[0][0])
            return rows, weights * np.float32(terms[0][1])
        pieces = [
            (rows, weights * np.float32(factor)) for term, factor in terms for rows, weights in [self._postings(term)]
        ]
        rows = np.concatenate([piece for piece, _ in pieces])
        weights = np.concatenate([piece for _, piece in pieces])
        order = np.lexsort((-weights, rows))
        rows, weights = rows[order], weights[order]
        is_first = np.ones(len(rows), np.bool_)
        is_first[1:] = rows[1:] != rows[:-1]
        return rows[is_first], weights[is_first]

    def _intersected(self, terms: Sequence[int]) -> tuple[Rows, Weights]:
        rows, weights = self._postings(terms[0])
        for term in terms[1:]:
            others, other_weights = self._postings(term)
            rows, left, right = np.intersect1d(rows, others, assume_unique=True, return_indices=True)
            weights = np.minimum(weights[left], other_weights[right])
        return rows, weights * np.float32(0.8)

    def _beginning_with(self, key: str) -> list[int]:
        """Return the forms that begin with `key`; of many, those of the commonest terms."""
        start = bisect.bisect_left(self.forms, key)
        end = bisect.bisect_left(self.forms, key + "\U0010ffff", lo=start)
        if end - start <= _MOST_EXPANSIONS:
            return list(range(start, end))
        terms = self.form_terms[start:end]
        counts = self.starts[terms + 1] - self.starts[terms]
        return [start + int(i) for i in np.sort(np.argsort(-counts, kind="stable")[:_MOST_EXPANSIONS])]

    def _compounds(self, word: str, language: str) -> Iterator[int]:
        """Yield the terms of words that have `word` at their beginning or end, the rest of them being a word too."""
        joints = compound_joints(language)
        if not joints or len(word) < _SHORTEST_PART or not word.isalpha():
            return
        for form in self._beginning_with(f"{language}\t{word}"):
            rest = self.forms[form].partition("\t")[2][len(word) :]
            if len(rest) >= _SHORTEST_REST and self._is_word(rest, language, joints, at_end=True):
                yield int(self.form_terms[form])
        key = f"{language}\t{word[::-1]}"
        start = bisect.bisect_left(self.backwards, (key, -1))
        for backwards, form in self.backwards[start : start + _MOST_EXPANSIONS]:
            if not backwards.startswith(key):
                break
            rest = self.forms[form].partition("\t")[2][: -len(word)]
            if len(rest) >= _SHORTEST_REST and self._is_word(rest, language, joints, at_end=False):
                yield int(self.form_terms[form])

    def _is_word(self, rest: str, language: str, joints: Sequence[str], *, at_end: bool) -> bool:
        for joint in joints:
            bare = rest.removeprefix(joint) if at_end else rest.removesuffix(joint)
            if len(bare) < _SHORTEST_REST or (joint and bare == rest):
                continue
            if f"{language}\t{bare}" in self.term_ids:
                return True
            if any(f"{language}\t{stem}" in self.term_ids for stem in stem_text(bare, language).split()):
                return True
        # What is long enough is hardly there by chance.
        return len(rest) >= 2 * _SHORTEST_PART

    def _fulfilling(self, node: Node, languages: Sequence[str], find_phrase: FindPhrase) -> NDArray[np.bool_]:
        if isinstance(node, Leaf):
            found = np.zeros(self.size, np.bool_)
            for language in languages:
                found[self._find_leaf(node, language, find_phrase)[0]] = True
            return found
        if node.operator == "not":
            # What is excluded is meant of the text: a title holds for all statements of its report.
            own = dataclasses.replace(self, is_text_only=True)
            return ~own._fulfilling(node.parts[0], languages, find_phrase)
        parts = [self._fulfilling(part, languages, find_phrase) for part in node.parts]
        combine = np.logical_and if node.operator == "and" else np.logical_or
        united: NDArray[np.bool_] = combine.reduce(parts)
        return united


_NO_ROWS: Final = np.zeros(0, np.int32)
_NO_WEIGHTS: Final = np.zeros(0, np.float32)
NO_HITS: Final = WordHits(_NO_ROWS, _NO_WEIGHTS, np.zeros(0, np.bool_))


def phrase_finder(connection: sqlite3.Connection, table: str, languages: CodedColumn) -> FindPhrase:
    """Return how phrases are found in the full-text index `table`, whose row i + 1 holds text i.

    That index knows no language: of what it finds, the texts in the language of the phrase count, by `languages`.
    """

    def find_phrase(phrase: str, language: str, is_text_only: bool) -> Rows:
        stem = stem_text(phrase, language)
        if not stem or language not in languages.values:
            return _NO_ROWS
        expression = f'text : ("{stem}")' if is_text_only else f'"{stem}"'
        query = f"SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT {_MOST_PHRASES}"
        found = np.array(sorted(row - 1 for (row,) in connection.execute(query, (expression,))), np.int32)
        in_language: Rows = found[languages.codes[found] == languages.values.index(language)]
        return in_language

    return find_phrase


_MOST_PHRASES: Final = 50_000


def _idf(count: int, size: int) -> float:
    """Return the weight of a word in `count` of `size` texts; never negative (Lucene's form of BM25)."""
    return math.log(1.0 + (max(size - count, 0) + 0.5) / (count + 0.5))


def _backwards(term: str) -> str:
    language, _, stem = term.partition("\t")
    return f"{language}\t{stem[::-1]}"
