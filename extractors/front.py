"""The front of a document: its first pages, where a publication says what it is."""

from __future__ import annotations

from dataclasses import dataclass

from extractors.records import FURNITURE, Block, Document

FRONT_PAGES = 3
FRONT_CHARACTERS = 6000


@dataclass(frozen=True, slots=True)
class Front:
    """The first pages: their blocks in order and their text."""

    blocks: tuple[Block, ...]
    text: str


def read_front(document: Document) -> Front:
    """Return the first `FRONT_PAGES` pages, or `FRONT_CHARACTERS` characters of a text without pages."""
    blocks = [b for b in document.blocks if b.page <= FRONT_PAGES and b.kind not in FURNITURE]
    if not len(document.words):
        blocks = [b for b in blocks if b.start < FRONT_CHARACTERS]
    end = blocks[-1].end if blocks else 0
    return Front(tuple(blocks), document.text[:end])


def clean_line(line: str) -> str:
    """Return a line of print without the white space and the strokes around it."""
    return " ".join(line.split()).strip(" |–-")
