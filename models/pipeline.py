"""spaCy pipelines: tokens, sentences and cue matching.

Pipelines are `spacy.blank(language)` with our own components, because trained Dutch pipelines are not on the package
index. Every language-specific fact (abbreviations, cues) comes in from the lexicons as arguments.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING, cast

import numpy as np
import spacy
from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.symbols import ORTH, SENT_START
from spacy.tokenizer import Tokenizer
from spacy.tokens import Doc

if TYPE_CHECKING:
    from thinc.types import Ints2d

GAP_TOKENS = 14
"""How many tokens ``...`` in a cue pattern may stand for."""

SHORT_GAP_TOKENS = 3
"""How many tokens ``..`` in a cue pattern may stand for."""

_GAPS = {"...": GAP_TOKENS, "..": SHORT_GAP_TOKENS}
_ENDERS = frozenset({".", "!", "?", "…", "?!", "!!", "...", ".”", ".’", '."'})
_CLOSERS = frozenset({")", "]", "”", "’", '"', "'", "»"})
_INITIAL = re.compile(r"^(?:[^\W\d_]\.)+$")


@dataclass(frozen=True, slots=True)
class CueMatch:
    """A cue that occurs in a sentence: the name of its group and the characters ``[start, end)`` of the given text."""

    group: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence ``[start, end)`` of the given text and the cues inside it, in order of their start."""

    start: int
    end: int
    cues: tuple[CueMatch, ...] = ()

    def moved(self, offset: int) -> Sentence:
        """Return the sentence as it stands in a text that has `offset` more characters before it."""
        cues = tuple(CueMatch(c.group, c.start + offset, c.end + offset) for c in self.cues)
        return Sentence(self.start + offset, self.end + offset, cues)

    def has(self, *groups: str) -> bool:
        """Return whether a cue of any of `groups` occurs in the sentence."""
        return any(cue.group in groups for cue in self.cues)


@dataclass(frozen=True, slots=True)
class CuePattern:
    """A compiled cue: its parts in order, each a tuple of phrases of which one must stand there."""

    parts: tuple[tuple[str, ...], ...]
    gaps: tuple[int, ...]
    """How many tokens may stand before each part but the first."""
    is_first: bool
    """Whether the cue must begin the sentence."""


def compile_cue(pattern: str) -> CuePattern:
    """Compile a cue as it is written in a lexicon.

    Words are parted by spaces and compared in lower case. ``a|b`` is either, ``...`` stands for up to `GAP_TOKENS`
    tokens, ``..`` for up to `SHORT_GAP_TOKENS`, ``^`` for the beginning of the sentence.

    Raises:
        ValueError: for an empty pattern, or a gap, ``^`` or ``*`` at the wrong place.
    """
    words = pattern.lower().split()
    is_first = words[:1] == ["^"]
    if is_first:
        words = words[1:]
    if not words or words[0] in _GAPS or words[-1] in _GAPS:
        raise ValueError(f"cue {pattern!r}: empty, or begins or ends with a gap; expected words around each gap")
    if "^" in words or any("*" in word for word in words):
        raise ValueError(f"cue {pattern!r}: ^ inside or a *; expected ^ only at the beginning, and whole words")
    parts: list[list[str]] = [[]]
    gaps: list[int] = []
    for word in words:
        if word in _GAPS:
            parts.append([])
            gaps.append(_GAPS[word])
        else:
            parts[-1].append(word)
    phrases = tuple(tuple(" ".join(choice) for choice in product(*(w.split("|") for w in part))) for part in parts)
    return CuePattern(phrases, tuple(gaps), is_first)


@Language.factory("rodedraad_sentences", default_config={"abbreviations": []})
def create_sentence_component(nlp: Language, name: str, abbreviations: list[str]) -> SentenceStarts:
    """Return the component that sets sentence starts; `abbreviations` end in a full stop and end no sentence."""
    return SentenceStarts(frozenset(a.lower() for a in abbreviations))


class SentenceStarts:
    """Sets `is_sent_start` for every token: after final punctuation, unless that belongs to an abbreviation."""

    def __init__(self, abbreviations: frozenset[str]) -> None:
        self.abbreviations = abbreviations

    def __call__(self, doc: Doc) -> Doc:
        """Mark the sentence starts of `doc` and return it."""
        ended = False
        starts = [i == 0 for i in range(len(doc))]
        for i, token in enumerate(doc):
            if ended and i:
                if token.text in _CLOSERS and not doc[i - 1].whitespace_:
                    continue
                starts[i] = self._may_begin(token.text)
                ended = False
            text = token.text
            if text in _ENDERS or (len(text) > 1 and text[-1] in ".!?" and not self._is_abbreviation(text)):
                ended = not (text == "." and i and self._is_abbreviation(doc[i - 1].text + "."))
                if ended and text == "." and i and doc[i - 1].text.isdigit() and starts[i - 1]:
                    ended = False  # "3." at the head of a sentence is its number
                if ended and not token.whitespace_ and i + 1 < len(doc) and doc[i + 1].text not in _CLOSERS:
                    ended = doc[i + 1].is_space
        if starts:
            # All at once: to set `is_sent_start` of one token looks at every token of the text, which is quadratic.
            flags = np.where(starts, 1, -1).astype(np.int64).view(np.uint64)
            doc.from_array([SENT_START], cast("Ints2d", flags.reshape(-1, 1)))
        return doc

    def _is_abbreviation(self, text: str) -> bool:
        return text.lower() in self.abbreviations or bool(_INITIAL.match(text))

    @staticmethod
    def _may_begin(text: str) -> bool:
        return not text[0].islower() and text[0] not in ",;:)]"


class CueMatcher:
    """Finds cues by their phrases, in time that does not grow with the number of cues (spaCy's phrase trie)."""

    def __init__(self, nlp: Language, cues: Sequence[tuple[str, CuePattern]]) -> None:
        self._matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._cues = list(cues)
        phrases: dict[tuple[str, ...], str] = {}
        for _, cue in cues:
            for part in cue.parts:
                phrases.setdefault(part, f"part{len(phrases)}")
        for part, key in phrases.items():
            self._matcher.add(key, [nlp.make_doc(phrase) for phrase in part])
        self._keys = [tuple(nlp.vocab.strings[phrases[part]] for part in cue.parts) for _, cue in cues]
        self._by_first: dict[int, list[int]] = {}
        for i, keys in enumerate(self._keys):
            self._by_first.setdefault(keys[0], []).append(i)

    def find(self, doc: Doc) -> list[CueMatch]:
        """Return the cues in `doc` whose parts stand in one sentence, in order of their start."""
        places: dict[int, list[tuple[int, int]]] = {}
        for key, first, last in self._matcher(doc):
            places.setdefault(key, []).append((first, last))
        if not places:
            return []
        for hits in places.values():
            hits.sort()  # `_follow` looks for the next one by halving
        sentence = [0] * len(doc)
        number = 0
        for i, token in enumerate(doc):
            number += bool(token.is_sent_start)
            sentence[i] = number
        found: dict[tuple[int, str], int] = {}
        for key, hits in places.items():
            for i in self._by_first.get(key, ()):
                group, cue = self._cues[i]
                for first, last in hits:
                    if cue.is_first and not self._begins(doc, first):
                        continue
                    end = self._follow(self._keys[i][1:], cue.gaps, places, last, sentence, sentence[first])
                    if end is not None:
                        found[first, group] = max(found.get((first, group), 0), end)
        return [
            CueMatch(group, doc[first].idx, doc[last - 1].idx + len(doc[last - 1]))
            for (first, group), last in sorted(found.items())
        ]

    @staticmethod
    def _begins(doc: Doc, first: int) -> bool:
        while first > 0 and not doc[first].is_sent_start and doc[first - 1].is_punct:
            first -= 1
        return bool(doc[first].is_sent_start)

    @staticmethod
    def _follow(
        keys: tuple[int, ...],
        gaps: tuple[int, ...],
        places: dict[int, list[tuple[int, int]]],
        last: int,
        sentence: list[int],
        number: int,
    ) -> int | None:
        for key, gap in zip(keys, gaps, strict=True):
            hits = places.get(key, [])
            i = bisect_left(hits, (last, 0))
            if i == len(hits) or hits[i][0] > last + gap or sentence[hits[i][0]] != number:
                return None
            last = hits[i][1]
        return last


class Pipeline:
    """Splits texts of one language into sentences and marks the cues in them."""

    def __init__(self, nlp: Language, matcher: CueMatcher) -> None:
        self._nlp = nlp
        self._matcher = matcher

    def read_sentences(self, texts: Iterable[str]) -> Iterator[tuple[Sentence, ...]]:
        """Yield, for each text in order, its sentences with their cues; an empty tuple for a blank text."""
        for doc in self._nlp.pipe(texts, batch_size=256):
            yield self._sentences_of(doc)

    def _sentences_of(self, doc: Doc) -> tuple[Sentence, ...]:
        if not doc.text.strip():
            return ()
        marks = self._matcher.find(doc)
        sentences = []
        at = 0  # of the first mark that begins in or behind the sentence; both are in order
        for span in doc.sents:
            text = span.text
            start = span.start_char + len(text) - len(text.lstrip())
            end = span.start_char + len(text.rstrip())
            if end > start:
                while at < len(marks) and marks[at].start < start:
                    at += 1
                first = at
                while at < len(marks) and marks[at].start < end:
                    at += 1
                sentences.append(Sentence(start, end, tuple(marks[first:at])))
        return tuple(sentences)


def load_pipeline(language: str, *, abbreviations: Sequence[str], cues: Mapping[str, Sequence[str]]) -> Pipeline:
    """Return the pipeline of a language.

    Args:
        language: ISO 639-1 code; one that spaCy does not know gets the multi-language tokeniser.
        abbreviations: words that end in a full stop without ending a sentence.
        cues: group name → cue patterns in the form of `compile_cue`.

    Raises:
        ValueError: for a cue pattern that has not the promised form.
    """
    frozen = tuple((group, tuple(patterns)) for group, patterns in sorted(cues.items()))
    return _load(language, tuple(abbreviations), frozen)


@lru_cache(maxsize=8)
def _load(language: str, abbreviations: tuple[str, ...], cues: tuple[tuple[str, tuple[str, ...]], ...]) -> Pipeline:
    try:
        nlp = spacy.blank(language)
    except ImportError:
        nlp = spacy.blank("xx")
    nlp.max_length = 50_000_000
    tokenizer = nlp.tokenizer
    assert isinstance(tokenizer, Tokenizer)
    for abbreviation in abbreviations:
        tokenizer.add_special_case(abbreviation, [{ORTH: abbreviation}])
    nlp.add_pipe("rodedraad_sentences", config={"abbreviations": list(abbreviations)})
    compiled = [(group, compile_cue(pattern)) for group, patterns in cues for pattern in patterns]
    return Pipeline(nlp, CueMatcher(nlp, compiled))
