"""Emphasis: what the type of a block sets apart, as a whole or in its first words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from extractors.passages import Passage
from extractors.records import Document

SAME_SIZE = 0.3
"""Type that differs by less than so many points is of one size."""

FEWEST_LEAD_WORDS = 5
"""Fewer words in bold at the beginning of a block are a term or a title, not its lead."""


def is_bold(passage: Passage) -> bool:
    """Whether the whole text of a block, but for its marker, is bold."""
    runs = [run for run in passage.block.styles if run.end > passage.start]
    return all(run.is_bold for run in runs) if runs else passage.block.is_bold


def is_bold_inside(passage: Passage, start: int, end: int) -> bool:
    """Whether a range is bold in a block that is not: such a sentence is set apart by its authors."""
    inside = [run for run in passage.block.styles if run.end > start and run.start < end]
    return bool(inside) and all(run.is_bold for run in inside) and not is_bold(passage)


def bold_lead(passage: Passage, start: int, document: Document) -> int | None:
    """Return where the bold lead of a block ends, None when the block has none or is bold as a whole.

    Args:
        passage: the block.
        start: where its statement begins, behind a label.
        document: the document of the block.
    """
    bold_end = None
    for run in passage.block.styles:
        if run.end <= start:
            continue
        if run.is_bold and (run.start <= start + 2 or bold_end == run.start or bold_end == run.start - 1):
            bold_end = run.end
        else:
            break
    if bold_end is None or bold_end >= passage.end - 3:
        return None
    lead = document.text[start:bold_end].strip()
    if len(lead.split()) < FEWEST_LEAD_WORDS:
        return None
    if lead[-1] not in ".!?:;" and document.text[bold_end : bold_end + 40].lstrip()[:1].islower():
        # The bold stops in the middle of a sentence: the sentence is the lead.
        return next((s.end for s in passage.sentences if s.start <= start + 2 and s.end >= bold_end), None)
    return bold_end


def find_body_size(passages: Sequence[Passage]) -> float:
    """Return the font size in which most of the text is set, 0 for formats without fonts."""
    sizes: Counter[float] = Counter()
    for p in passages:
        if p.block.kind in ("paragraph", "list_item"):
            sizes[p.block.font_size] += p.end - p.start
    return sizes.most_common(1)[0][0] if sizes else 0.0


def is_set_as_body(passage: Passage, body_size: float) -> bool:
    """Whether a block is set as most of the text is."""
    return abs(passage.block.font_size - body_size) < SAME_SIZE and not passage.block.is_bold


def is_set_alike(passage: Passage, other: Passage) -> bool:
    """Whether two blocks are set in the same size and weight."""
    is_same_size = abs(passage.block.font_size - other.block.font_size) < SAME_SIZE
    return is_same_size and passage.block.is_bold == other.block.is_bold
