"""Drafts of all pages to one canonical text with the layers over it: broken words mended, every word with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from extractors.readers.pdf_blocks import Draft
from extractors.readers.pdf_characters import Style
from extractors.readers.pdf_frame import Frame
from extractors.readers.pdf_lines import Line
from extractors.readers.pdf_words import BROKEN, Word
from extractors.records import Block, Box, StyleRun, WordPlaces

_PUNCTUATION = re.compile(r"^\W+|\W+$")
_HYPHENS = (BROKEN, "-", "‐", "\u00ad")


class Assembly:
    """Builds the text and the layers over it, block by block.

    Args:
        vocabulary: how often each word stands in the document, for words that are broken at a line end.
        turned: the frames of the pages whose text runs sideways, by page number; their places are turned back.
    """

    def __init__(self, vocabulary: Counter[str], turned: Mapping[int, Frame] | None = None) -> None:
        self.vocabulary = vocabulary
        self.turned = turned or {}
        self.parts: list[str] = []
        self.length = 0
        self.blocks: list[Block] = []
        self._places: list[tuple[int, int, int, float, float, float, float]] = []

    @property
    def text(self) -> str:
        """The canonical text so far."""
        return "".join(self.parts)

    def words(self) -> WordPlaces:
        """Return the places of all words."""
        if not self._places:
            return WordPlaces()
        table = np.array(self._places, np.float64)
        for number, frame in self.turned.items():
            there = table[:, 2] == number
            table[there, 3:] = frame.unturn(table[there, 3:])
        return WordPlaces(
            table[:, 0].astype(np.int32),
            table[:, 1].astype(np.int32),
            table[:, 2].astype(np.int32),
            table[:, 3:].astype(np.float32),
        )

    def add_furniture(self, line: Line, kind: str, page: int) -> None:
        """Add a running head or a page number at the present place; it is no part of the text."""
        self.blocks.append(
            Block(
                "running_head" if kind == "running_head" else "page_number",
                self.length,
                self.length,
                page,
                self._box((line,)),
                font_size=line.size,
                furniture_text=line.text,
            )
        )

    def add(self, draft: Draft) -> None:
        """Add a block of the text."""
        if self.length:
            self._append("\n\n")
        start = self.length
        runs: list[StyleRun] = []
        rows: tuple[tuple[tuple[int, int], ...], ...] = ()
        if draft.kind == "table":
            rows = self._add_cells(draft)
        else:
            self._add_words([w for line in draft.lines for w in _marked_ends(line)], runs)
        if self.length == start:
            if start:
                self.parts.pop()
                self.length -= 2
            return
        first_page = draft.first.page
        body_start = start
        text = self.text_from(start)
        if draft.marker and text.startswith(draft.marker):
            rest = text[len(draft.marker) :]
            body_start = start + len(text) - len(rest.lstrip())
        self.blocks.append(
            Block(
                draft.kind,
                start,
                self.length,
                first_page,
                self._box([line for line in draft.lines if line.page == first_page]),
                level=draft.level,
                marker=draft.marker if body_start > start else None,
                body_start=body_start,
                font_size=draft.first.size,
                is_bold=all(line.is_bold for line in draft.lines),
                styles=tuple(runs) if len(runs) > 1 else (),
                rows=rows,
            )
        )

    def _box(self, lines: Sequence[Line]) -> Box:
        x0, top = min(line.x0 for line in lines), min(line.top for line in lines)
        x1, bottom = max(line.x1 for line in lines), max(line.bottom for line in lines)
        frame = self.turned.get(lines[0].page)
        if frame:
            ((x0, top, x1, bottom),) = frame.unturn(np.array([[x0, top, x1, bottom]])).tolist()
        return Box(x0, top, x1, bottom)

    def text_from(self, start: int) -> str:
        """Return the text after `start`, which must be the beginning of a part."""
        gathered: list[str] = []
        length = self.length
        for part in reversed(self.parts):
            if length <= start:
                break
            gathered.append(part)
            length -= len(part)
        return "".join(reversed(gathered))

    def _append(self, part: str) -> None:
        self.parts.append(part)
        self.length += len(part)

    def _add_cells(self, draft: Draft) -> tuple[tuple[tuple[int, int], ...], ...]:
        rows = []
        for r, row in enumerate(draft.cells):
            if r:
                self._append("\n")
            cells = []
            for c, cell in enumerate(row):
                if c:
                    self._append("\t")
                start = self.length
                self._add_words([w for line in cell for w in _marked_ends(line)], [])
                cells.append((start, self.length))
            rows.append(tuple(cells))
        return tuple(rows)

    def _add_words(self, words: Sequence[tuple[Word, int, bool]], runs: list[StyleRun]) -> None:
        uniform = all(word.style is words[0][0].style for word, _, _ in words)
        parts, places, length = self.parts, self._places, self.length
        count = len(words)
        glue = ""
        for i, (word, page, ends_line) in enumerate(words):
            text = word.text
            next_glue = " "
            if text[-1] in _HYPHENS or BROKEN in text:
                following = words[i + 1][0].text if i + 1 < count else ""
                if ends_line and following and text[-1] in _HYPHENS and len(text) > 1:
                    text, next_glue = self._mend(text, following)
                text = text.replace(BROKEN, "-" if following or len(text) > 1 else "")
                if not text:
                    continue
            parts.append(glue + text)
            start = length + len(glue)
            length = start + len(text)
            places.append((start, length, page, word.x0, word.top, word.x1, word.bottom))
            if not uniform:
                _extend_runs(runs, word.style, start, length)
            glue = next_glue
        self.length = length

    def _mend(self, left: str, right: str) -> tuple[str, str]:
        """Return the first part of a word that is broken at a line end, and what stands between it and the second.

        The document itself tells whether "well-" and "being" make "well-being" or "wellbeing": the form that it has
        elsewhere wins. Without that the hyphen goes, but it stays before a capital or a digit, after a single letter
        ("e-mail"), and before a short frequent word ("in- en uitvoer").
        """
        stem = left[:-1]
        bare = re.sub(r"\W+$", "", right.lower())
        core = re.sub(r"^\W+", "", stem.lower())
        if not stem or not stem[-1].isalpha() or not right[:1].isalpha() or right[:1].isupper():
            return (stem + "-", "") if stem[-1:].isalnum() else (left.replace(BROKEN, "-"), " ")
        joined, hyphenated = self.vocabulary[core + bare], self.vocabulary[f"{core}-{bare}"]
        if joined or hyphenated:
            return (stem, "") if joined >= hyphenated else (stem + "-", "")
        if len(bare) <= 3 and self.vocabulary[bare] > 10:
            return stem + "-", " "
        if len(core) == 1:
            return stem + "-", ""
        return stem, ""


def _marked_ends(line: Line) -> list[tuple[Word, int, bool]]:
    last = len(line.words) - 1
    return [(word, line.page, i == last) for i, word in enumerate(line.words)]


def _extend_runs(runs: list[StyleRun], style: Style, start: int, end: int) -> None:
    key = (style.size, style.is_bold, style.is_italic, style.color)
    if runs:
        held = runs[-1]
        if (held.font_size, held.is_bold, held.is_italic, held.color) == key:
            runs[-1] = StyleRun(held.start, end, *key)
            return
    runs.append(StyleRun(start, end, *key))


def count_words(lines_of: Sequence[Sequence[Line]]) -> Counter[str]:
    """Return how often each word stands inside lines, in lower case without punctuation around it."""
    counts: Counter[str] = Counter()
    for lines in lines_of:
        for line in lines:
            words = [w.text for w in line.words]
            if words and words[-1].endswith(_HYPHENS):
                words.pop()
            counts.update(words)
    folded: Counter[str] = Counter()
    for word, n in counts.items():
        folded[_PUNCTUATION.sub("", word.lower())] += n
    return folded
