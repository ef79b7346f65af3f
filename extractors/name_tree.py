"""Trees of names: find the longest of thousands of names that begins at a word, in a few steps per word of the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Generic, TypeVar

SHORT_LETTERS: Final = 5
"""An abbreviation of no more letters, and a one-word name that is no longer, is compared with its capitals."""

_WORD = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans({"’": "'", "‘": "'", "–": "-", "‑": "-", "\N{NO-BREAK SPACE}": " "})

Held = TypeVar("Held")


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text at ``[start, end)``, and the gap before it with one kind of blank, hyphen and apostrophe."""

    text: str
    gap: str
    start: int
    end: int


@dataclass(slots=True)
class _Level(Generic[Held]):
    """One level of a tree: the levels below by the next gap and word, and what ends here."""

    below: dict[str, _Level[Held]] = field(default_factory=dict)
    held: list[tuple[tuple[str | None, ...], Held]] = field(default_factory=list)


class NameTree(Generic[Held]):
    """Holds values by names. Case is ignored, but in short abbreviations and short names of one word."""

    def __init__(self) -> None:
        self._root: _Level[Held] = _Level()

    def add(self, name: str, held: Held) -> list[Held]:
        """Keep a value under a name of at least one word; return the values that were under it before."""
        words = split_words(name)
        level = self._root
        for n, word in enumerate(words):
            level = level.below.setdefault(_edge(word, is_first=n == 0), _Level())
        exact = tuple(_exactly(word.text, alone=len(words) == 1) for word in words)
        before = [other for form, other in level.held if form == exact]
        level.held.append((exact, held))
        return before

    def begins(self, word: Word) -> bool:
        """Whether any name begins with this word."""
        return word.text.lower() in self._root.below

    def walk(self, words: Sequence[Word], i: int) -> Iterator[tuple[int, list[Held]]]:
        """Give the values of all names that begin at word `i`, shortest first, each with the index behind its end."""
        level = self._root
        for n in range(i, len(words)):
            below = level.below.get(_edge(words[n], is_first=n == i))
            if below is None:
                return
            level = below
            held = [value for exact, value in level.held if _matches(exact, words[i : n + 1])]
            if held:
                yield n + 1, held

    def longest(self, words: Sequence[Word], i: int) -> tuple[int, list[Held]] | None:
        """Return the values of the longest name that begins at word `i` and the index behind its end; None without."""
        last = None
        for last in self.walk(words, i):  # noqa: B007 - the last one is the longest
            pass
        return last


def split_words(text: str) -> list[Word]:
    """Return the words of a text in order, an empty list for none."""
    words: list[Word] = []
    before = 0
    for match in _WORD.finditer(text):
        gap = text[before : match.start()] if words else ""
        words.append(Word(match.group(0), _fold_gap(gap), match.start(), match.end()))
        before = match.end()
    return words


def _fold_gap(gap: str) -> str:
    """Return what stands between two words with one kind of blank, apostrophe and hyphen, and without a comma."""
    if gap in (" ", ""):
        return gap
    folded = re.sub(r"[\s,]+", " ", gap.translate(_LETTERS))
    return folded.strip() if folded.strip() in ("/", "-") and folded[0] == " " else folded


def _edge(word: Word, *, is_first: bool) -> str:
    return word.text.lower() if is_first else f"{word.gap}{word.text.lower()}"


def _exactly(word: str, *, alone: bool) -> str | None:
    """Return a word that is compared with its capitals: a short abbreviation, or a short name of one word."""
    is_abbreviation = any(c.isupper() for c in word[1:])
    return word if len(word) <= SHORT_LETTERS and (is_abbreviation or (alone and word[:1].isupper())) else None


def _matches(exact: Sequence[str | None], words: Sequence[Word]) -> bool:
    return all(want is None or word.text in (want, want.upper()) for want, word in zip(exact, words, strict=True))
