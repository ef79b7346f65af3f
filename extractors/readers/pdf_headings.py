"""Headings of a PDF: which blocks are headings, and their levels, by bookmarks, then numbers, then type."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.readers.layout_words import load_layout_words
from extractors.readers.pdf_blocks import BodyStyle, Draft
from extractors.records import Bookmark

FEWEST_BOOKMARKS = 3
"""So many bookmarks must be found as blocks of the text, and half of all, to be the outline of the document."""

SMALLEST = 0.85
"""A heading is not set smaller than so many times the body: what is smaller stands in a picture."""

_WORDS = load_layout_words()
_HEADING_NUMBER = re.compile(
    rf"^(?:(?:{_WORDS.either('chapters')})\s+)?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4}|[A-Z](?:\.\d{1,2})+|[IVX]{1,5})[.:)]?\s+\S",
    re.IGNORECASE,
)

_QUOTED = re.compile(r"[“‘\"'«„].*[.!][”’\"'»]+$")
"""A sentence in quotation marks, set large to catch the eye, heads nothing."""

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+$|\S+@\S+$")
"""An address on the web is set as a link, not as a heading."""

_Type = tuple[int, bool, bool]
"""How a heading is set: size in points, whether in capitals, whether in plain type."""


def classify(draft: Draft, body: BodyStyle) -> None:
    """Make a draft a heading where its type or its number says so; the kind that its first line gave stays else."""
    if draft.kind in ("contents", "caption", "footnote", "table") or len(draft.lines) > 5 or draft.first.is_aside:
        return
    text = draft.text
    words = text.split()
    size = draft.first.size
    if len(words) > 32 or size < SMALLEST * body.size or _QUOTED.match(text) or _ADDRESS.match(text):
        return
    letters = sum(map(str.isalpha, text))
    if letters < 3:
        return
    larger = size >= 1.12 * body.size and size - body.size >= 0.9
    printed = [word for line in draft.lines for word in line.words]
    if draft.marker and len(printed) > 1:
        del printed[0]
    all_bold = all(w.style.is_bold or (w.style.is_medium and not body.is_medium) for w in printed)
    sentence = text.rstrip().endswith((".", ";", ",")) and len(words) > 6
    ended = text.rstrip().endswith((".", ";", ","))
    own_color = draft.first.style.color
    colored = own_color not in (None, *body.colors) and all(line.style.color == own_color for line in draft.lines)
    number = _HEADING_NUMBER.match(text)
    if draft.kind == "list_item":
        lettered = (draft.marker is not None and draft.marker[0].isalnum()) or (draft.marker or "").startswith("(")
        if not ((number and (larger or all_bold)) or (lettered and (larger or all_bold) and not ended)):
            return
    if sentence and not larger:
        return
    bold_head = all_bold and len(words) <= (14 if number or draft.marker else 20)
    colored_head = colored and size >= body.size and len(words) <= 20
    capitals = text.isupper() and letters > 5 and len(words) <= 12 and size >= 0.95 * body.size
    numbered = (
        number is not None
        and "." in number.group("number")
        and len(words) <= 12
        and len(draft.lines) <= 2
        and text[number.end() - 1 :][:1].isupper()
        and not draft.marker
    )
    if (larger and not (sentence and len(words) > 16)) or (
        (bold_head or colored_head or capitals or numbered) and not ended
    ):
        draft.kind = "heading"


def heading_number(text: str) -> int:
    """Return the depth of the number that a heading begins with ("3.2 Costs" → 2), 0 without a number."""
    match = _HEADING_NUMBER.match(text)
    if not match:
        return 0
    return match.group("number").count(".") + 1


@dataclass(frozen=True, slots=True)
class _Found:
    """A bookmark and the drafts, one or two, that are its title in the text."""

    level: int
    drafts: tuple[Draft, ...]


def set_levels(drafts: Sequence[Draft], bookmarks: Sequence[Bookmark]) -> None:
    """Give every heading a level from 1; blocks that are the title of a bookmark become headings.

    Bookmarks tell the levels where they are an outline of the document. Headings that they leave out have the level
    of those set like them or numbered as deep, else they stand below the heading in the next larger type. Without
    bookmarks a larger font is a higher level; within one size capitals are higher, then the depth of the number
    decides, and a heading without number is as high as the highest numbered one of its size.
    """
    found = _find_bookmarks(drafts, bookmarks)
    if len(found) < FEWEST_BOOKMARKS or len(found) * 2 < len(bookmarks):
        found = []
    for entry in found:
        for draft in entry.drafts:
            draft.kind, draft.level = "heading", entry.level
    headings = [draft for draft in drafts if draft.kind == "heading"]
    ranks = _rank_types(headings)
    if not found:
        for draft in headings:
            draft.level = ranks[id(draft)]
        return
    known = {id(draft) for entry in found for draft in entry.drafts}
    _fill_levels(headings, known, ranks)


def _find_bookmarks(drafts: Sequence[Draft], bookmarks: Sequence[Bookmark]) -> list[_Found]:
    """Return the bookmarks whose title stands as a short block, or two, on the page that they point to."""
    on_page: defaultdict[int, list[Draft]] = defaultdict(list)
    for draft in drafts:
        if draft.kind in ("heading", "paragraph", "list_item") and len(draft.lines) <= 4 and draft.first.words:
            on_page[draft.first.page].append(draft)
    found: list[_Found] = []
    taken: set[int] = set()
    for bookmark in bookmarks:
        title = _letters(bookmark.title)
        if bookmark.page is None or not title:
            continue
        for page in (bookmark.page, bookmark.page + 1):
            match = _match(title, [draft for draft in on_page[page] if id(draft) not in taken])
            if match:
                found.append(_Found(bookmark.level, match))
                taken |= {id(draft) for draft in match}
                break
    return found


def _match(title: str, drafts: Sequence[Draft]) -> tuple[Draft, ...]:
    for i, draft in enumerate(drafts):
        text = _letters(draft.text)
        if text == title or (len(title) > 8 and _without_number(text) == _without_number(title)):
            return (draft,)
        if i + 1 < len(drafts) and text and title.startswith(text) and text + _letters(drafts[i + 1].text) == title:
            return draft, drafts[i + 1]
    return ()


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalnum())


def _without_number(letters: str) -> str:
    return letters.lstrip("0123456789")


def _type(draft: Draft) -> _Type:
    return round(draft.first.size), not draft.text.isupper(), not draft.first.is_bold


def _rank_types(headings: Sequence[Draft]) -> dict[int, int]:
    """Return the rank of each heading, by the `id` of its draft, by type and number: 1 is the largest."""
    highest: dict[int, int] = {}
    for draft in headings:
        depth = heading_number(draft.text)
        if depth:
            size = round(draft.first.size)
            highest[size] = min(highest.get(size, depth), depth)
    keys = {}
    for draft in headings:
        size = round(draft.first.size)
        depth = heading_number(draft.text) or highest.get(size, 1)
        if draft.marker and re.search(r"[a-z]", draft.marker):
            depth = 9  # "(a) Costs" stands below "2. Money" in the same font
        plain = not draft.first.is_bold and not heading_number(draft.text)
        keys[id(draft)] = (-size, not draft.text.isupper(), depth, plain)
    ranks = {key: rank for rank, key in enumerate(sorted(set(keys.values())), start=1)}
    return {draft: ranks[key] for draft, key in keys.items()}


def _fill_levels(headings: Sequence[Draft], known: set[int], ranks: Mapping[int, int]) -> None:
    """Give the headings without a bookmark a level among those that have one."""
    of_type: defaultdict[_Type, Counter[int]] = defaultdict(Counter)
    of_depth: defaultdict[int, Counter[int]] = defaultdict(Counter)
    of_rank: dict[int, int] = {}
    for draft in headings:
        if id(draft) in known:
            of_type[_type(draft)][draft.level] += 1
            of_depth[heading_number(draft.text)][draft.level] += 1
            rank = ranks[id(draft)]
            of_rank[rank] = max(of_rank.get(rank, 0), draft.level)
    missing = [draft for draft in headings if id(draft) not in known]
    below: dict[int, int] = {}
    for rank in sorted({ranks[id(draft)] for draft in missing}):
        over = max((level for other, level in [*of_rank.items(), *below.items()] if other < rank), default=0)
        below[rank] = over + 1
    for draft in missing:
        depth = heading_number(draft.text)
        if _type(draft) in of_type:
            draft.level = of_type[_type(draft)].most_common(1)[0][0]
        elif depth and depth in of_depth:
            draft.level = of_depth[depth].most_common(1)[0][0]
        else:
            draft.level = below[ranks[id(draft)]]
