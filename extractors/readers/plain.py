"""Reads plain text: paragraphs by blank lines or by lines, lists, short lines as headings, form feeds as pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from extractors.errors import UnreadableDocument
from extractors.readers.assembly import Draft, Rich, make_document
from extractors.readers.conversion import join_over_breaks, mark_contents, mark_running_heads
from extractors.readers.encoding import decode_text
from extractors.readers.headings import promote_headings, set_heading_levels
from extractors.readers.lines import page_number, split_items
from extractors.records import Document

MEDIA_TYPE: Final = "text/plain"
_WIDEST_WRAP: Final = 130
"""Characters: no typesetter of plain text wraps later, so longer lines are whole paragraphs."""
_INDENT: Final = re.compile(r"[ \t]*")


def read_plain(content: bytes, *, name: str, max_pages: int = 2000) -> Document:
    """Return the document of a plain text, of unknown language; form feeds part its pages, which have no size.

    Raises `UnreadableDocument`: damaged (no text in any encoding), no_text, too_many_pages.
    """
    text = decode_text(content, name=name)
    pages = text.rstrip("\f\n ").split("\f")
    if len(pages) > max_pages:
        raise UnreadableDocument(
            f"{name}: found {len(pages)} pages, against at most {max_pages}; raise the limit or split the file",
            reason="too_many_pages",
        )
    is_wrapped = _is_hard_wrapped(text)
    drafts: list[Draft] = []
    for number, page in enumerate(pages, start=1):
        found = _drafts_of_page(page, number, is_wrapped=is_wrapped)
        if found and number > 1:
            found[0] = replace(found[0], after_break=True)
        drafts += found
    if len(pages) > 1:
        drafts = mark_running_heads(_mark_page_numbers(drafts))
    drafts = mark_contents(drafts)
    if len(pages) > 1:
        drafts = join_over_breaks(drafts)
    drafts = set_heading_levels(promote_headings(drafts, plain_lines=True))
    return make_document(content, name=name, media_type=MEDIA_TYPE, drafts=drafts, page_count=len(pages))


def _is_hard_wrapped(text: str) -> bool:
    """Whether lines are broken at a width: most lines that another follows directly come near the widest one."""
    inner = []
    lines = [line.rstrip() for line in text.split("\n")]
    for line, after in pairwise(lines):
        if line.strip() and after.strip() and not split_items(Rich.plain(after))[0][0]:
            inner.append(len(line))
    if not inner:
        return False
    widths = sorted(inner)
    width = widths[int(0.95 * (len(widths) - 1))]
    if width > _WIDEST_WRAP or width < 30:
        return False
    return sum(1 for length in inner if length >= 0.7 * width) >= 0.6 * len(inner)


def _drafts_of_page(page: str, number: int, *, is_wrapped: bool) -> list[Draft]:
    drafts: list[Draft] = []
    indents: list[int] = []  # of the open list items, outermost first
    for chunk in re.split(r"\n[ \t]*\n", page):
        if not chunk.strip():
            continue
        for paragraph in _paragraphs(chunk, is_wrapped=is_wrapped):
            drafts += _drafts_of_paragraph(paragraph, number, indents)
    return drafts


def _paragraphs(chunk: str, *, is_wrapped: bool) -> list[str]:
    """Return the paragraphs of a run of lines: one where lines are wrapped, else one per line."""
    lines = [line for line in chunk.split("\n") if line.strip()]
    return ["\n".join(lines)] if is_wrapped else lines


def _drafts_of_paragraph(paragraph: str, number: int, indents: list[int]) -> list[Draft]:
    drafts = []
    lines = iter(paragraph.split("\n"))
    for marker, body in split_items(Rich.plain(paragraph)):
        if marker is None:
            drafts.append(Draft("paragraph", body, page=number))
            indents.clear()
            continue
        line = next((line for line in lines if line.strip().startswith(marker)), "")
        indent = len(_INDENT.match(line).group().expandtabs(4)) if line else 0  # type: ignore[union-attr]
        while indents and indents[-1] > indent:
            indents.pop()
        if not indents or indent > indents[-1]:
            indents.append(indent)
        drafts.append(Draft("list_item", body, level=len(indents), marker=marker, page=number))
    return drafts


def _mark_page_numbers(drafts: Sequence[Draft]) -> list[Draft]:
    """Mark the first and last block of a page where it is nothing but a number."""
    marked = list(drafts)
    for i, draft in enumerate(drafts):
        first = i == 0 or drafts[i - 1].page != draft.page
        last = i + 1 == len(drafts) or drafts[i + 1].page != draft.page
        if (first or last) and draft.kind == "paragraph" and page_number(draft.text) is not None:
            marked[i] = replace(draft, kind="page_number")
    return marked
