"""Numbering: what a printed number makes of a block, whatever it looks like.

A short item in bold looks like a heading to a reader of layouts. The number tells: 6.3.4 after the item 6.3.3 is an
item. And a report that numbers its paragraphs through, from the introduction to the end, has no list of them: they are
prose with a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from extractors.kinds import STATEMENT_ROLES
from extractors.records import Block, Document, StyleRun
from extractors.sections import Outline

LAST_CHARACTERS = 200
"""So much of the end of an item shows whether it breaks off; the whole of one that grows would be copied each time."""

LOOK_BACK = 3
"""So many blocks may stand between an item and the one that continues its numbering."""


FEWEST_PARAGRAPHS = 10
"""So many numbered paragraphs has a report that numbers them through."""

FEWEST_BEFORE = 3
"""So many of them stand before the first section of statements."""

FEWEST_CROSSINGS = 3
"""So many times must a numbering run on over a heading for it to be one of paragraphs."""

LONGEST_STEP = 2
"""A numbering goes on when the next number is at most so much higher: one may be missed by the reader."""

ROMANS = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv", "xv")

NUMBER = re.compile(r"^\s*(?P<number>\d{1,3})[.)]?\s+(?=[^\W\d_a-z]|[“‘'(])")
"""A number at the beginning of a block that goes on with a capital."""


def settle_paragraphs(document: Document, outline: Outline) -> Document:
    """Return the document with the paragraphs that it numbers through as paragraphs, their number as their marker.

    The document itself is returned where no numbering runs on over headings, and where the numbers count statements:
    recommendations are often numbered through the headings that name their addressees.
    """
    numbers: list[tuple[int, int]] = []
    others = 0
    crossings = 0
    after_heading = False
    for i, block in enumerate(document.blocks):
        if block.kind == "heading":
            after_heading = True
        if block.kind not in ("paragraph", "list_item"):
            continue
        match = NUMBER.match(document.text[block.start : block.end])
        if not match:
            continue
        number = int(match.group("number"))
        if not 0 < number - (numbers[-1][1] if numbers else 0) <= LONGEST_STEP:
            others += 1
            continue
        crossings += bool(numbers) and after_heading
        after_heading = False
        numbers.append((i, number))
    if crossings < FEWEST_CROSSINGS or len(numbers) < max(FEWEST_PARAGRAPHS, 2 * others):
        return document
    sections = [outline.index_at(document.blocks[i].start) for i, _ in numbers[:FEWEST_BEFORE]]
    if any(outline.roles_of(s) & STATEMENT_ROLES for s in sections):
        return document
    blocks = list(document.blocks)
    for i, number in numbers:
        match = NUMBER.match(document.text[blocks[i].start : blocks[i].end])
        assert match
        start = blocks[i].start + match.end()
        blocks[i] = replace(blocks[i], kind="paragraph", level=0, marker=f"{number}.", body_start=start)
    return replace(document, blocks=tuple(blocks))


def join_wrapped_items(document: Document) -> Document:
    """Return the document with list items that break off in a sentence joined to the paragraph that goes on with it.

    Wrapped lines that do not stand below the first one look like a paragraph of their own.
    """
    blocks: list[Block] = []
    for block in document.blocks:
        before = blocks[-1] if blocks else None
        if before and before.kind == "list_item" and block.kind == "paragraph" and _breaks_off(document, before, block):
            styles = (*(before.styles or (_style(before),)), *(block.styles or (_style(block),)))
            blocks[-1] = replace(before, end=block.end, styles=styles)
        else:
            blocks.append(block)
    return replace(document, blocks=tuple(blocks)) if len(blocks) < len(document.blocks) else document


def _breaks_off(document: Document, item: Block, after: Block) -> bool:
    text = document.text[max(item.body_start, item.end - LAST_CHARACTERS) : item.end].rstrip()
    return bool(text) and text[-1] not in ".;:!?…" and document.text[after.start : after.start + 1].islower()


def _style(block: Block) -> StyleRun:
    return StyleRun(block.start, block.end, block.font_size, block.is_bold, is_italic=False)


def settle_items(document: Document) -> Document:
    """Return the document with headings that continue a numbered list made list items of its level.

    The document itself is returned when there is none.
    """
    document = join_wrapped_items(document)
    blocks = list(document.blocks)
    changed = False
    for i, block in enumerate(blocks):
        if block.kind != "heading" or not block.marker:
            continue
        before = _item_before(blocks, i)
        if before is not None and follows(before.marker or "", block.marker):
            blocks[i] = replace(block, kind="list_item", level=before.level)
            changed = True
    return replace(document, blocks=tuple(blocks)) if changed else document


def _item_before(blocks: Sequence[Block], i: int) -> Block | None:
    beside = ("running_head", "page_number", "footnote")
    above = islice((blocks[n] for n in range(i - 1, -1, -1) if blocks[n].kind not in beside), LOOK_BACK)
    for block in above:
        if block.kind == "list_item" and block.marker:
            return block
        if block.kind == "heading":
            return None
    return None


def follows(marker: str, after: str) -> bool:
    """Whether the printed marker `after` is the next of the same series: 6.3.4 after 6.3.3, b) after a), iii after ii.

    Plain numbers without parts ("4." after "3.") number chapters as often as items and do not follow.
    """
    first, second = marker.strip("()[].: "), after.strip("()[].: ")
    if re.fullmatch(r"\d+(?:\.\d+)+", first) and re.fullmatch(r"\d+(?:\.\d+)+", second):
        *prefix, last = first.split(".")
        *other, next_ = second.split(".")
        return len(prefix) > 1 and prefix == other and int(next_) == int(last) + 1
    if first in ROMANS[:-1] and second == ROMANS[ROMANS.index(first) + 1]:
        return True
    return bool(re.fullmatch(r"[a-z]", first) and re.fullmatch(r"[a-z]", second) and ord(second) == ord(first) + 1)
