"""Lists of a PDF: how deep their items are nested, by the series that their markers count and by their indent."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.readers.lines import roman_value
from extractors.readers.pdf_blocks import Draft

INDENT = 6.0
"""An item stands deeper than another when it is indented by more points than this."""

DEEPEST = 6


@dataclass(slots=True)
class _Series:
    """A series of markers that items of one level count: its kind, the last value, and the indent of that item."""

    kind: str
    value: tuple[int, ...]
    indent: float


def set_item_levels(drafts: Sequence[Draft]) -> None:
    """Give list items their depth from 1, in each run of items without other text between them.

    An item that counts on from one above it has the level of that one; else its indent decides, counted from where
    the text of left or of right pages begins: those of a bound report have different margins.
    """
    margins = _margins(drafts)
    for run in _runs(drafts):
        stack: list[_Series] = []
        for draft in run:
            _place(stack, draft, draft.first.x0 - margins[draft.first.page % 2])
            draft.level = min(len(stack), DEEPEST)


def _margins(drafts: Sequence[Draft]) -> list[float]:
    """Return where the text of even and of odd pages begins, in points: the median of their left edges."""
    starts: dict[int, list[float]] = {}
    for draft in drafts:
        if draft.kind in ("paragraph", "heading") and not draft.first.is_aside:
            starts.setdefault(draft.first.page, []).append(draft.first.x0)
    margins = []
    for side in (0, 1):
        own = sorted(min(places) for page, places in starts.items() if page % 2 == side)
        margins.append(own[len(own) // 2] if own else 0.0)
    return margins


def _runs(drafts: Sequence[Draft]) -> Iterator[list[Draft]]:
    run: list[Draft] = []
    for draft in drafts:
        if draft.kind == "list_item":
            run.append(draft)
        elif draft.kind not in ("footnote", "caption") and not draft.first.is_aside and run:
            yield run
            run = []
    if run:
        yield run


def _place(stack: list[_Series], draft: Draft, indent: float) -> None:
    """Make the series of an item the last of the stack: what is above it are the series that the item is nested in."""
    readings = list(_read_marker(draft.marker or ""))
    for i in range(len(stack) - 1, -1, -1):
        held = stack[i]
        for kind, value in readings:
            if kind == held.kind and abs(indent - held.indent) <= 2 * INDENT and _follows(held.value, value):
                stack[i:] = [_Series(kind, value, indent)]
                return
    first_of_all = [reading for reading in readings if reading[1] == (1,)]
    kind, value = (first_of_all or readings)[0]
    while len(stack) > 1 and indent < stack[-1].indent - INDENT:
        stack.pop()
    if stack and indent <= stack[-1].indent + INDENT:
        stack.pop()
    stack.append(_Series(kind, value, indent))


def _follows(before: tuple[int, ...], value: tuple[int, ...]) -> bool:
    if not value:
        return not before
    return len(before) == len(value) and before[:-1] == value[:-1] and 0 <= value[-1] - before[-1] <= 2


def _read_marker(marker: str) -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the readings of a marker: the kind of its series and its value in that; "i." is a letter and a number."""
    bare = marker.strip("()[].: ")
    around = re.sub(r"[\w.]+", "1", marker.rstrip(".:"))
    if re.fullmatch(r"\d+(?:\.\d+)*", bare):
        parts = tuple(int(part) for part in bare.split("."))
        yield f"{around}/{len(parts)}", parts
    elif re.fullmatch(r"[A-Za-z]{1,2}\d+(?:\.\d+)*", bare):
        letters = re.sub(r"[\d.]", "", bare)
        yield f"{around}{letters}", tuple(int(part) for part in bare[len(letters) :].split("."))
    elif re.fullmatch(r"[A-Za-z]", bare) or re.fullmatch(r"[ivxlc]+|[IVXLC]+", bare):
        case = "a" if bare.islower() else "A"
        if len(bare) == 1:
            yield around + case, (ord(bare.lower()) - ord("a") + 1,)
        if re.fullmatch(r"[ivxlc]+", bare.lower()) and (value := roman_value(bare)):
            yield f"{around}{case}i", (value,)
    else:
        yield bare[:1] or marker[:1] or "•", ()
