"""Drafts of all pages to one canonical text with the layers over it: broken words mended, every word with its place."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from operator import attrgetter

import numpy as np

from extractors.readers.pdf_blocks import Draft
from extractors.readers.pdf_characters import Style
from extractors.readers.pdf_frame import Frame
from extractors.readers.pdf_lines import Line
from extractors.readers.pdf_words import BROKEN, Word
from extractors.records import Block, Box, StyleRun, WordPlaces

_PUNCTUATION = re.compile(r"^\W+|\W+$")
_BOX = attrgetter("x0", "top", "x1", "bottom")
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
        self._words: list[Word] = []
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._pages: list[int] = []

    @property
    def text(self) -> str:
        """The canonical text so far."""
        return "".join(self.parts)

    def words(self) -> WordPlaces:
        """Return the places of all words."""
        if not self._words:
            return WordPlaces()
        pages = np.array(self._pages, np.int32)
        count = 4 * len(self._words)
        boxes = np.fromiter(chain.from_iterable(map(_BOX, self._words)), np.float64, count).reshape(-1, 4)
        for number, frame in self.turned.items():
            boxes[pages == number] = frame.unturn(boxes[pages == number])
        starts, ends = np.array(self._starts, np.int32), np.array(self._ends, np.int32)
        return WordPlaces(starts, ends, pages, boxes.astype(np.float32))

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
            first = draft.first.words[0].style
            uniform = all(line.style is first and line.is_uniform for line in draft.lines)
            self._add_lines(draft.lines, None if uniform else runs)
        if self.length == start:
            if start:
                self.parts.pop()
                self.length -= 2
            return
        first_page = draft.first.page
        body_start = start
        if draft.marker and (text := self._text_from(start)).startswith(draft.marker):
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

    def _text_from(self, start: int) -> str:
        """Return the text after `start`, which must be the beginning of a part."""
        i, length = len(self.parts), self.length
        while length > start:
            i -= 1
            length -= len(self.parts[i])
        return "".join(self.parts[i:])

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
                self._add_lines(cell, None)
                cells.append((start, self.length))
            rows.append(tuple(cells))
        return tuple(rows)

    def _add_lines(self, lines: Sequence[Line], runs: list[StyleRun] | None) -> None:
        """Add lines, a space between their words and broken words mended; with `runs`, their style runs too."""
        length = self.length
        glue = ""
        for i, line in enumerate(lines):
            words = line.words
            if not words:
                continue
            texts = [word.text for word in words]
            next_glue = " "
            if texts[-1][-1] in _HYPHENS:
                following = next((after.words[0].text for after in lines[i + 1 :] if after.words), "")
                if following and len(texts[-1]) > 1:
                    texts[-1], next_glue = self._mend(texts[-1], following)
                elif not following and texts[-1] == BROKEN:
                    words, texts = words[:-1], texts[:-1]
                    if not words:
                        continue
            if BROKEN in line.broken:
                texts = [text.replace(BROKEN, "-") for text in texts]
            start = length + len(glue)
            self.parts.append(glue + " ".join(texts))
            for text in texts:
                self._starts.append(start)
                start += len(text) + 1
                self._ends.append(start - 1)
            length = start - 1
            self._words += words
            self._pages += [line.page] * len(words)
            if runs is not None:
                firsts, lasts = self._starts[-len(words) :], self._ends[-len(words) :]
                if line.is_uniform:
                    _extend_runs(runs, line.style, firsts[0], lasts[-1])
                else:
                    for word, first, last in zip(words, firsts, lasts, strict=True):
                        _extend_runs(runs, word.style, first, last)
            glue = next_glue
        self.length = length

    def _mend(self, left: str, right: str) -> tuple[str, str]:
        """Return the first part of a word that is broken at a line end, and what stands between it and the second.

        The document itself tells whether "well-" and "being" make "well-being" or "wellbeing": the form that it has
        elsewhere wins. Without that the hyphen goes, but it stays before a capital or a digit, after a single letter
        ("e-mail"), and before a short frequent word behind one that stands alone elsewhere ("in- en uitvoer").
        """
        stem = left[:-1]
        bare = re.sub(r"\W+$", "", right.lower())
        core = re.sub(r"^\W+", "", stem.lower())
        if not stem or not stem[-1].isalpha() or not right[:1].isalpha() or right[:1].isupper():
            return (stem + "-", "") if stem[-1:].isalnum() else (left.replace(BROKEN, "-"), " ")
        joined, hyphenated = self.vocabulary[core + bare], self.vocabulary[f"{core}-{bare}"]
        if joined or hyphenated:
            return (stem, "") if joined >= hyphenated else (stem + "-", "")
        if len(bare) <= 3 and self.vocabulary[bare] > 10 and self.vocabulary[core]:
            return stem + "-", " "
        if len(core) == 1:
            return stem + "-", ""
        return stem, ""


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
    texts: list[str] = []
    for lines in lines_of:
        for line in lines:
            whole = not line.text.endswith(_HYPHENS)
            texts.append(line.text if whole else line.text.rpartition(" ")[0])
    counts = Counter(" ".join(texts).split())
    folded: Counter[str] = Counter()
    for word, n in counts.items():
        folded[_PUNCTUATION.sub("", word.lower())] += n
    return folded
