"""Builds a `Document` out of drafts of blocks, for the formats that have no coordinates.

A reader makes a sequence of `Draft`s; `assemble` turns it into the canonical text and the `Block`s over it, so that the
laws of the records (order, blank lines between blocks, furniture outside of the text) are kept in one place.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from extractors.errors import UnreadableDocument
from extractors.records import FURNITURE, Block, BlockKind, Document, Page, StyleRun, make_document_id

BOLD: Final = 1
ITALIC: Final = 2

SUSPENDED_HYPHEN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "nl": ("en", "of", "dan", "tot", "noch", "als", "respectievelijk"),
    "en": ("and", "or", "to", "nor"),
    "de": ("und", "oder", "bis", "bzw"),
}
"""Words before which a hyphen at a line end belongs to the word: "vraag- en aanbodzijde"."""

_SUSPENDED: Final = frozenset(word for words in SUSPENDED_HYPHEN_WORDS.values() for word in words)
_LIGATURES: Final = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0e-\x1f\x7f]")
_SOFT_HYPHEN: Final = re.compile(r"\u00ad[ \t]*\n?\s*(?=\w)|\u00ad")
_HYPHEN_AT_LINE_END: Final = re.compile(r"(?<=[^\W_])[-\u2010][ \t]*\n\s*(?=[\w(])")
_LONGEST_WORD: Final = 60
_LAST_WORD: Final = re.compile(r"[^\W\d_]+$")
_FIRST_WORD: Final = re.compile(r"[^\W\d_]+")
_ODD_SPACE: Final = re.compile(r"[^\S ]\s*| \s+")
"""White space that is not one plain space, which is most of it and stays."""
_WORD: Final = re.compile(r"[^\W\d_]+(?:[-\u2010][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Rich:
    """A text and the style of each of its characters (`BOLD` and `ITALIC` bits, one byte per character)."""

    text: str
    style: bytes

    @staticmethod
    def plain(text: str, style: int = 0) -> Rich:
        """Return `text` in one style."""
        return Rich(text, bytes([style]) * len(text))

    @staticmethod
    def joined(parts: Iterable[Rich]) -> Rich:
        """Return the parts one after the other; an empty text for no parts."""
        held = list(parts)
        return Rich("".join(part.text for part in held), b"".join(part.style for part in held))

    def __add__(self, other: Rich) -> Rich:
        return Rich(self.text + other.text, self.style + other.style)

    def part(self, start: int, end: int | None = None) -> Rich:
        """Return the characters ``[start, end)``."""
        return Rich(self.text[start:end], self.style[start:end])

    def strip(self) -> Rich:
        """Return the text without white space at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        return self.part(start, max(start, len(self.text.rstrip())))

    def lines(self) -> list[Rich]:
        """Return the lines without their line ends, stripped; empty lines are left out."""
        found, start = [], 0
        for line in self.text.split("\n"):
            piece = self.part(start, start + len(line)).strip()
            start += len(line) + 1
            if piece.text:
                found.append(piece)
        return found

    def replace(self, pattern: re.Pattern[str], replacement: str | Callable[[re.Match[str]], str]) -> Rich:
        """Return the text with each match replaced; what is put in takes the style of the first character replaced."""
        pieces, before = [], 0
        for match in pattern.finditer(self.text):
            new = replacement if isinstance(replacement, str) else replacement(match)
            pieces.append(self.part(before, match.start()))
            if new:
                pieces.append(Rich.plain(new, self.style[match.start()] if match.start() < len(self.style) else 0))
            before = match.end()
        if not pieces:
            return self
        pieces.append(self.part(before))
        return Rich.joined(pieces)

    def has_style(self, bit: int) -> bool:
        """Whether every character that is not white space has the style `bit`; False for an empty text."""
        seen = [style & bit for char, style in zip(self.text, self.style, strict=True) if not char.isspace()]
        return bool(seen) and all(seen)


@dataclass(frozen=True, slots=True)
class Draft:
    """A block before it has its place in the text.

    `body` is the text without the printed `marker`, with line ends where the file has them. `rows` are the cells of a
    table (the body is then ignored). `after_break` says that the file shows a page break before the block.
    `is_inferred` marks a heading that the file does not call one.
    """

    kind: BlockKind
    body: Rich
    level: int = 0
    marker: str | None = None
    page: int = 1
    rows: tuple[tuple[str, ...], ...] = ()
    after_break: bool = False
    is_inferred: bool = False

    @property
    def text(self) -> str:
        """The body on one line."""
        return " ".join(self.body.text.split())


def count_words(texts: Iterable[str]) -> Counter[str]:
    """Return how often each word stands in the texts, in lower case; compounds with a hyphen count as one word."""
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(match.group().lower() for match in _WORD.finditer(text))
    return counts


def join_lines(body: Rich, vocabulary: Mapping[str, int]) -> Rich:
    """Return the body on one line: words broken at a line end are joined, white space is one space.

    A hyphen at a line end is kept where it belongs to the word: before a capital, a digit or a bracket, before "en"
    and the like, and where `vocabulary` (see `count_words`) knows the compound with its hyphen but not without.
    """

    def mend(match: re.Match[str]) -> str:
        before = _LAST_WORD.search(match.string[max(0, match.start() - _LONGEST_WORD) : match.start()])
        after = _FIRST_WORD.match(match.string, match.end())
        word = after.group() if after else ""
        if not word or word[0].isupper() or not before:
            return "-"
        first, second = before.group().lower(), word.lower()
        if vocabulary.get(first + second):
            return ""
        if second in _SUSPENDED:
            return "- "
        return "-" if vocabulary.get(f"{first}-{second}") else ""

    for ligature, letters in _LIGATURES.items():
        if ligature in body.text:
            body = body.replace(re.compile(ligature), letters)
    body = body.replace(_INVISIBLE, "").replace(_SOFT_HYPHEN, "")
    if "\n" in body.text:
        body = body.replace(_HYPHEN_AT_LINE_END, mend)
    return body.replace(_ODD_SPACE, " ").strip()


def assemble(drafts: Sequence[Draft]) -> tuple[str, tuple[Block, ...]]:
    """Return the canonical text and the blocks over it; drafts without text are left out.

    Blocks are parted by a blank line; cells of a table by a tab, its rows by a line end. Furniture that interrupts a
    block must stand behind it. No drafts give an empty text and no blocks.
    """
    vocabulary = count_words(draft.body.text for draft in drafts)
    pieces: list[str] = []
    blocks: list[Block] = []
    length = 0
    for draft in drafts:
        if draft.kind in FURNITURE:
            words = join_lines(draft.body, vocabulary).text
            if words:
                blocks.append(Block(draft.kind, length, length, draft.page, furniture_text=words))
            continue
        start = length + 2 if pieces else 0
        if draft.kind == "table":
            text, rows = _lay_out_table(draft.rows, start, vocabulary)
            block = Block("table", start, start + len(text), draft.page, rows=rows)
        else:
            body = join_lines(draft.body, vocabulary)
            text = body.text
            if text and draft.marker:
                body = Rich.plain(draft.marker + " ") + body
            text = body.text
            block = _block_over(draft, body, start)
        if not text:
            continue
        pieces.append(text)
        blocks.append(block)
        length = start + len(text)
    return "\n\n".join(pieces), tuple(blocks)


def _block_over(draft: Draft, body: Rich, start: int) -> Block:
    body_start = start + (len(draft.marker) + 1 if draft.marker and body.text else 0)
    inner = body.part(body_start - start)
    is_bold = inner.has_style(BOLD)
    runs = _style_runs(body, start)
    # One upright style needs no runs; a block wholly in italics keeps one, for a block has no field of its own for it.
    alone = len({(run.is_bold, run.is_italic) for run in _style_runs(inner, start)}) <= 1
    return Block(
        draft.kind,
        start,
        start + len(body.text),
        draft.page,
        level=draft.level,
        marker=draft.marker,
        body_start=body_start,
        is_bold=is_bold,
        styles=() if alone and not inner.has_style(ITALIC) else runs,
    )


def _style_runs(body: Rich, start: int) -> tuple[StyleRun, ...]:
    runs: list[tuple[int, int, int]] = []
    for i, (char, style) in enumerate(zip(body.text, body.style, strict=True)):
        if runs and (char.isspace() or runs[-1][2] == style):
            runs[-1] = (runs[-1][0], i + 1, runs[-1][2])
        else:
            runs.append((i, i + 1, style))
    return tuple(StyleRun(start + a, start + b, 0.0, bool(s & BOLD), bool(s & ITALIC)) for a, b, s in runs)


def _lay_out_table(
    rows: Sequence[Sequence[str]], start: int, vocabulary: Mapping[str, int]
) -> tuple[str, tuple[tuple[tuple[int, int], ...], ...]]:
    lines: list[str] = []
    places: list[tuple[tuple[int, int], ...]] = []
    offset = start
    for row in rows:
        cells = [join_lines(Rich.plain(cell), vocabulary).text for cell in row]
        if not any(cells):
            continue
        ranges = []
        for cell in cells:
            ranges.append((offset, offset + len(cell)))
            offset += len(cell) + 1
        lines.append("\t".join(cells))
        places.append(tuple(ranges))
    return "\n".join(lines), tuple(places)


def make_document(
    content: bytes,
    *,
    name: str,
    media_type: str,
    drafts: Sequence[Draft],
    properties: Mapping[str, str] | None = None,
    page_count: int = 1,
) -> Document:
    """Return the document of the drafts, of unknown language; `UnreadableDocument` (no_text) when they hold no text."""
    text, blocks = assemble(drafts)
    if not text:
        raise UnreadableDocument(
            f"{name}: found no text, against at least one paragraph; check that the file is the report itself",
            reason="no_text",
        )
    return Document(
        document_id=make_document_id(content),
        media_type=media_type,
        language="und",
        text=text,
        pages=tuple(Page(number, 0, 0) for number in range(1, page_count + 1)),
        blocks=blocks,
        properties=dict(properties or {}),
    )
