"""Finds the words of a question in a text, so that they can be marked."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from warehouse.search_query import Leaf
from warehouse.stemming import fold_text, stem_word

_WORD: Final = re.compile(r"[^\W_]+")
_SHORTEST_PART: Final = 4
_COMMONPLACE: Final = 3
"""Words up to this length are marked where they stand alone in the question or in a phrase only."""

Range = tuple[int, int]


class Marker:
    """Marks the words of a question in texts of one language, by stem; parts of compounds count from four letters."""

    def __init__(self, leaves: Sequence[Leaf], language: str, *, languages: Sequence[str] = ()) -> None:
        self._language = language
        tongues = dict.fromkeys((language, *languages))
        self._stems: set[str] = set()
        self._parts: set[str] = set()
        self._beginnings: set[str] = set()
        self._phrases: list[tuple[str, ...]] = []
        words = [leaf for leaf in leaves if leaf.kind == "word"]
        telling = [
            leaf for leaf in words if len(leaf.text) > _COMMONPLACE or leaf.text.isupper() or leaf.text.isdigit()
        ]
        for leaf in leaves:
            parts = [fold_text(part) for part in _WORD.findall(leaf.text)]
            if leaf.kind == "beginning":
                self._beginnings.add("".join(parts))
            elif leaf.kind == "phrase" or len(parts) > 1:
                self._phrases += [tuple(stem_word(part, tongue) for part in parts) for tongue in tongues]
                if leaf.kind == "word":
                    self._stems.add(stem_word("".join(parts), language))
            elif parts and (leaf in telling or not telling):
                for tongue in tongues:
                    stem = stem_word(parts[0], tongue)
                    self._stems.add(stem)
                    if len(stem) >= _SHORTEST_PART:
                        self._parts.add(stem)
        self._all_parts = tuple(self._parts)
        self._all_beginnings = tuple(beginning for beginning in self._beginnings if beginning)

    @staticmethod
    def for_languages(leaves: Sequence[Leaf], languages: Sequence[str]) -> Callable[[str], Marker]:
        """Return what gives the marker for texts of a language, made once each; words count by the rules of all."""

        @cache
        def marker_for(language: str) -> Marker:
            return Marker(leaves, language, languages=languages)

        return marker_for

    def find(self, text: str) -> tuple[Range, ...]:
        """Return the `[start, end)` ranges of `text` to mark, in order; neighbours are joined."""
        words = [(match.start(), match.end()) for match in _WORD.finditer(text)]
        folded = [fold_text(text[start:end]) for start, end in words]
        stems = [stem_word(word, self._language) for word in folded]
        found = [i for i, stem in enumerate(stems) if self._is_wanted(folded[i], stem)]
        for phrase in self._phrases:
            for i in range(len(stems) - len(phrase) + 1):
                if phrase and tuple(stems[i : i + len(phrase)]) == phrase:
                    found += range(i, i + len(phrase))
        ranges: list[Range] = []
        for i in sorted(set(found)):
            start, end = words[i]
            if ranges and start - ranges[-1][1] <= 1:
                ranges[-1] = (ranges[-1][0], end)
            else:
                ranges.append((start, end))
        return tuple(ranges)

    def _is_wanted(self, word: str, stem: str) -> bool:
        if stem in self._stems or word.startswith(self._all_beginnings):
            return True
        # Hardly any word of a text has a part of the question at one of its ends: that is told at once.
        if not word.startswith(self._all_parts) and not word.endswith(self._all_parts):
            return False
        return any(len(word) > len(part) + 2 and (word.startswith(part) or word.endswith(part)) for part in self._parts)
