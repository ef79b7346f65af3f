"""Numbering: blocks that continue a numbered list are its items, whatever they look like.

A short item in bold looks like a heading to a reader of layouts. The number tells: 6.3.4 after the item 6.3.3 is an
item.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.records import Block, Document

LOOK_BACK = 3
"""So many blocks may stand between an item and the one that continues its numbering."""


def settle_items(document: Document) -> Document:
    """Return the document with headings that continue a numbered list made list items of its level.

    The document itself is returned when there is none.
    """
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
    for block in reversed(blocks[max(0, i - LOOK_BACK) : i]):
        if block.kind == "list_item" and block.marker:
            return block
        if block.kind == "heading":
            return None
    return None


def follows(marker: str, after: str) -> bool:
    """Whether the printed marker `after` is the next of the same series: 6.3.4 after 6.3.3, b) after a).

    Plain numbers without parts ("4." after "3.") number chapters as often as items and do not follow.
    """
    first, second = marker.strip("()[].: "), after.strip("()[].: ")
    if re.fullmatch(r"\d+(?:\.\d+)+", first) and re.fullmatch(r"\d+(?:\.\d+)+", second):
        *prefix, last = first.split(".")
        *other, next_ = second.split(".")
        return len(prefix) > 1 and prefix == other and int(next_) == int(last) + 1
    return bool(re.fullmatch(r"[a-z]", first) and re.fullmatch(r"[a-z]", second) and ord(second) == ord(first) + 1)
