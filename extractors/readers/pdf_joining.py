"""Drafts of single pages joined over page and column breaks: paragraphs, items, notes and tables that go on."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.readers.pdf_blocks import BodyStyle, Draft
from extractors.readers.pdf_lines import Line
from extractors.readers.pdf_notes import begins_note
from extractors.readers.pdf_words import BROKEN

LOOK_BACK = 40
"""So many drafts may stand between the two halves of a paragraph: notes, captions, tables, notes in the margin."""

_HYPHENS = (BROKEN, "-", "‐", "\u00ad")
_CLOSED = re.compile(r"[.!?:;”\"]$")


def join_broken(drafts: Sequence[Draft], body: BodyStyle) -> list[Draft]:
    """Return the drafts with those joined that go on in the next column or on the next page.

    Notes, captions, tables and notes in the margin that interrupt a paragraph come after it.
    """
    out: list[Draft] = []
    for draft in drafts:
        i = _open_before(out, draft, body)
        if i is not None:
            out[i].lines += draft.lines
        elif draft.kind == "table" and out and _table_goes_on(out, draft):
            _join_tables(next(d for d in reversed(out) if d.kind == "table"), draft)
        else:
            out.append(draft)
    return out


def _open_before(out: Sequence[Draft], draft: Draft, body: BodyStyle) -> int | None:
    """Return the number of the draft that `draft` goes on from, None where it begins something."""
    if draft.kind == "footnote":
        if begins_note(draft.first):
            return None
        last = next((i for i in range(len(out) - 1, max(-1, len(out) - 40), -1) if out[i].kind == "footnote"), None)
        return last if last is not None and 0 <= draft.first.page - out[last].last.page <= 1 else None
    if draft.kind != "paragraph":
        return None
    beside = near = True
    small = draft.first.text[:1].islower()
    for i in range(len(out) - 1, max(-1, len(out) - LOOK_BACK), -1):
        if beside and _goes_on(out[i], draft, body, near=near):
            return i
        near = near and out[i].kind in ("footnote", "caption")
        if out[i].kind not in ("footnote", "caption", "table") and not out[i].first.is_aside:
            beside = False
        if draft.first.page - out[i].last.page > 1 or (not beside and not small):
            return None
        if not beside and out[i].kind in ("paragraph", "list_item") and _is_other_half(out[i], draft, body):
            return i
    return None


def _is_other_half(last: Draft, draft: Draft, body: BodyStyle) -> bool:
    """Whether a sentence goes on behind boxes and pictures: it breaks off in a full line of the column before."""
    if last.first.style != draft.first.style or len(last.lines) < 2:
        return False
    widths = [max(line.x1 for line in d.lines) - min(line.x0 for line in d.lines) for d in (last, draft)]
    full = last.last.x1 - last.last.x0 > 0.85 * widths[0] and abs(widths[0] - widths[1]) < 3 * body.size
    return full and len(draft.lines) > 1 and _goes_on(last, draft, body, near=False)


def _goes_on(last: Draft, draft: Draft, body: BodyStyle, *, near: bool) -> bool:
    if last.kind not in ("paragraph", "list_item") or last.first.is_aside != draft.first.is_aside:
        return False
    if draft.first.is_row:
        return False
    if last.last.page == draft.first.page and last.last.region == draft.first.region:
        return False
    if draft.first.page - last.last.page > 1 or abs(last.last.size - draft.first.size) > 0.6:
        return False
    text = last.last.text.rstrip()
    if last.last.words[-1].text.endswith(_HYPHENS) and draft.first.text[:1].islower():
        return True
    if _CLOSED.search(text):
        return False
    starts_small = draft.first.text[:1].islower() or draft.first.text[:1] in "(“‘"
    # A sentence may also break off before a name: then it fills its line to the end.
    long = len(last.lines) > 1 and last.last.x1 - last.last.x0 > 12 * body.size
    full = long and last.last.x1 > max(line.x1 for line in last.lines) - 2 * last.last.size
    return starts_small or (near and full and last.last.is_bold == draft.first.is_bold)


def _table_goes_on(out: Sequence[Draft], draft: Draft) -> bool:
    """Whether a table at the head of a page has the columns of the one at the foot of the page before."""
    last = next((d for d in reversed(out) if d.kind not in ("footnote", "running_head")), None)
    if last is None or last.kind != "table" or draft.first.page - last.last.page != 1:
        return False
    if any(d.first.page == draft.first.page for d in out):
        return False
    same_width = abs((last.last.x1 - last.last.x0) - (draft.first.x1 - draft.first.x0)) < 0.05 * draft.first.x1
    return same_width and len(last.cells[-1]) == len(draft.cells[0])


def _join_tables(table: Draft, draft: Draft) -> None:
    """Add the rows of a table that goes on, without the head that it repeats; a row that was cut is made whole."""
    rows = draft.cells[_repeated_rows(table, draft) :]
    table.lines += draft.lines
    if rows and not rows[0][0] and any(rows[0]) and table.cells[-1][0] and len(table.cells) > 1:
        for cell, rest in zip(table.cells[-1], rows[0], strict=True):
            cell += rest
        rows = rows[1:]
    table.cells += rows


def _repeated_rows(table: Draft, draft: Draft) -> int:
    """Return how many rows at the head of a table that goes on repeat those at the head of its first part."""
    count = 0
    for first, again in zip(table.cells, draft.cells[:-1], strict=False):
        if _text(first) != _text(again):
            break
        count += 1
    return count


def _text(row: Sequence[Sequence[Line]]) -> list[str]:
    return [" ".join(line.text for line in cell) for cell in row]
