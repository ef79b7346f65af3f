"""Passages: the blocks of a document with their section, their sentences and the cues in them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.lexicon import Lexicon
from extractors.records import Block, Document, SectionRole
from extractors.sections import Outline
from models.pipeline import Sentence


@dataclass(frozen=True, slots=True)
class Passage:
    """A block of the text in its section; the sentences have offsets over the whole document."""

    block: Block
    section: int | None
    roles: frozenset[SectionRole]
    sentences: tuple[Sentence, ...]

    @property
    def is_item(self) -> bool:
        """Whether the block is an item of a list, or a paragraph with a printed number."""
        return self.block.kind == "list_item"

    @property
    def enumerator(self) -> str | None:
        """The number or letter of the printed marker, None for a bullet and without a marker."""
        bare = re.sub(r"[^\w.()]+", "", self.block.marker or "").strip(".()")
        # A lone "o" is the hollow bullet of inner lists.
        return bare if bare != "o" and any(c.isalnum() for c in bare) else None

    @property
    def start(self) -> int:
        """Offset of the first character after the printed marker."""
        return self.block.body_start

    @property
    def end(self) -> int:
        """Offset after the last character."""
        return self.block.end


def read_passages(document: Document, outline: Outline, lexicon: Lexicon) -> list[Passage]:
    """Return the passages of `document` in reading order, furniture and contents left out."""
    blocks = [
        b
        for b in document.blocks
        if b.kind not in ("running_head", "page_number", "contents") and document.text[b.body_start : b.end].strip()
    ]
    texts = [document.text[b.body_start : b.end] for b in blocks]
    passages = []
    for block, sentences in zip(blocks, lexicon.pipeline().read_sentences(texts), strict=True):
        section = outline.index_at(block.start)
        passages.append(
            Passage(
                block=block,
                section=section,
                roles=outline.roles_of(section),
                sentences=tuple(s.moved(block.body_start) for s in sentences),
            )
        )
    return passages


@dataclass(frozen=True, slots=True)
class Item:
    """A list item and the items nested below it."""

    head: Passage
    children: tuple[Passage, ...]

    @property
    def end(self) -> int:
        """Offset after the last nested item."""
        return self.children[-1].end if self.children else self.head.end


def nest_items(run: Sequence[Passage]) -> list[Item]:
    """Group a run of list items: an item owns the deeper items that follow it directly; an empty list for no items."""
    items: list[Item] = []
    i = 0
    while i < len(run):
        head, level = run[i], run[i].block.level
        j = i + 1
        while j < len(run) and run[j].block.level > level:
            j += 1
        items.append(Item(head, tuple(run[i + 1 : j])))
        i = j
    return items
