"""Mends text that was converted from pages: furniture, tables of contents, paragraphs cut by a page break.

Converters from PDF leave the page number and the running head of every page in the text, and cut the paragraph they
stand in. The passes here work on drafts, in the order in which `mend_pages` calls them.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Final

from extractors.readers.assembly import BOLD, Draft, Rich, count_words
from extractors.readers.lines import (
    ENDS_SENTENCE,
    ends_in_page,
    has_leaders,
    heading_number,
    is_caption,
    is_chapter_label,
    page_number,
    roman_value,
    split_entries,
)
from extractors.records import FURNITURE, BlockKind

_RUNNING_HEAD_LENGTH: Final = 120
_LONGEST_ENTRY: Final = 160
_LONG_HEADING: Final = 50
"""Characters from which a heading that ends in mid-sentence is taken for a line of running text."""
_TRAILING_NUMBER: Final = re.compile(r"^(?P<title>.*\D)\s+(?P<number>\d{1,4}|[ivxlIVXL]{1,6})$")
_TOKEN_AT_END: Final = re.compile(r"[^\W\d_]+$")
_TOKEN_AT_START: Final = re.compile(r"[^\W\d_]+")


def mend_pages(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with furniture, contents and paragraphs over page breaks recognised; none for none."""
    return join_over_breaks(mark_contents(mark_furniture(drafts)))


def is_from_pages(drafts: Sequence[Draft]) -> bool:
    """Whether the text was converted from pages: it holds the furniture of three pages, or dots of contents."""
    furniture = sum(1 for draft in mark_furniture(drafts) if draft.kind in FURNITURE)
    return furniture >= 3 or sum(1 for draft in drafts if _is_leader(draft)) >= 3


def mark_furniture(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts with page numbers and running heads marked."""
    return mark_running_heads(mark_page_numbers(drafts))


def mark_page_numbers(drafts: Sequence[Draft]) -> list[Draft]:
    """Mark the blocks that are nothing but a number beside a page break. The labels of a chart's axis are no pages."""
    marked = []
    for i, draft in enumerate(drafts):
        beside_break = draft.after_break or (i + 1 < len(drafts) and drafts[i + 1].after_break) or i == 0
        if beside_break and draft.kind in ("heading", "paragraph") and page_number(draft.text) is not None:
            marked.append(_as_furniture(draft, "page_number"))
        else:
            marked.append(draft)
    return marked


def mark_running_heads(drafts: Sequence[Draft]) -> list[Draft]:
    """Mark the lines beside page breaks that come back on page after page, and chapter titles with a page number."""
    breaks = _distance_to_break(drafts)
    near = [i for i, d in enumerate(drafts) if breaks[i] <= 1 and _may_be_furniture(d)]
    heads = _repeated_heads(drafts, near)
    # "CONCLUSIES 31": a title and the number of the page; believed where the numbers rise from page to page.
    titled = []
    for i in near:
        match = _TRAILING_NUMBER.match(drafts[i].text)
        if match and drafts[i].after_break and drafts[i].marker is None:
            printed = match["number"]
            number = int(printed) if printed.isdecimal() else roman_value(printed)
            if number is not None:
                titled.append((i, number, printed.isdecimal()))
    arabic = [number for _, number, is_arabic in titled if is_arabic]
    rising = sum(1 for a, b in pairwise(arabic) if a < b <= a + 20)
    if len(arabic) >= 4 and rising >= 0.8 * (len(arabic) - 1):
        heads |= {i for i, _, _ in titled}
    return [_as_furniture(d, "running_head") if i in heads else d for i, d in enumerate(drafts)]


def _repeated_heads(drafts: Sequence[Draft], near: Sequence[int]) -> set[int]:
    """Lines beside at least three page breaks that are either many for the whole text or on pages that follow closely.

    The first is kept where no page break comes before it: on the cover it is the title.
    """
    pages = list(accumulate(int(draft.after_break) for draft in drafts))
    places: dict[str, list[int]] = defaultdict(list)
    for i in near:
        text = _without_page_number(drafts[i].text)
        if drafts[i].marker is None and re.search(r"[^\W\d_]{3}", text) and not is_chapter_label(drafts[i].text):
            places[text].append(i)
    heads: set[int] = set()
    for positions in places.values():
        gaps = [pages[b] - pages[a] for a, b in pairwise(positions)]
        is_everywhere = len(positions) >= max(3, 0.15 * pages[-1])
        is_close = len(positions) >= 3 and max(gaps) <= 2 and all(drafts[i].after_break for i in positions[1:])
        if len(positions) >= 3 and not is_caption(drafts[positions[0]].text) and (is_everywhere or is_close):
            heads |= {i for i in positions if pages[i] > 0}
    return heads


def _distance_to_break(drafts: Sequence[Draft]) -> list[int]:
    """How many blocks lie between each block and the nearest page break; page numbers do not count."""
    far = len(drafts)
    distances = [far] * len(drafts)
    steps = far
    for i, draft in enumerate(drafts):
        steps = 0 if draft.after_break else min(steps + (i > 0 and drafts[i - 1].kind not in FURNITURE), far)
        distances[i] = steps
    steps = far
    for i in range(len(drafts) - 1, -1, -1):
        distances[i] = min(distances[i], steps)
        steps = 0 if drafts[i].after_break else min(steps + (drafts[i].kind not in FURNITURE), far)
    return distances


def _may_be_furniture(draft: Draft) -> bool:
    return draft.kind in ("heading", "paragraph") and 0 < len(draft.text) <= _RUNNING_HEAD_LENGTH


def _without_page_number(text: str) -> str:
    return re.sub(r"^\d+\s+|\s+(?:\d+|[ivxlIVXL]+)$", "", text).lower()


def _as_furniture(draft: Draft, kind: BlockKind) -> Draft:
    return replace(draft, kind=kind, level=0, marker=None, body=_whole(draft))


def _whole(draft: Draft) -> Rich:
    return Rich.plain(draft.marker + " ") + draft.body if draft.marker else draft.body


def mark_contents(drafts: Sequence[Draft]) -> list[Draft]:
    """Mark the entries of tables of contents, one block each.

    Lines with leader dots are entries. Lines that end in a number are where at least four of them follow each other
    with rising numbers, or stand beside lines with leader dots; short lines between and behind them go along.
    """
    entries = _entry_positions(drafts)
    marked: list[Draft] = []
    for i, draft in enumerate(drafts):
        if i not in entries:
            marked.append(draft)
            continue
        for n, entry in enumerate(split_entries(_whole(draft))):
            first = draft.after_break and n == 0
            marked.append(replace(draft, kind="contents", level=0, marker=None, body=entry, after_break=first))
    return marked


def _entry_positions(drafts: Sequence[Draft]) -> set[int]:
    found: set[int] = set()
    run: list[int] = []  # positions of the entries and short lines of the run
    for i, draft in enumerate(drafts):
        if draft.kind in FURNITURE:
            continue
        goes_along = run and _may_stand_in_contents(draft) and i - _last_entry(drafts, run) <= 3
        if _is_leader(draft) or _is_numbered_entry(draft) or goes_along:
            run.append(i)
        else:
            found |= _accepted(drafts, run)
            run = []
    return found | _accepted(drafts, run)


def _last_entry(drafts: Sequence[Draft], run: Sequence[int]) -> int:
    return max((i for i in run if _is_leader(drafts[i]) or _is_numbered_entry(drafts[i])), default=run[0])


def _accepted(drafts: Sequence[Draft], run: Sequence[int]) -> set[int]:
    """The positions of a run that is a table of contents; a line with leader dots is an entry in any case."""
    leaders = [i for i in run if _is_leader(drafts[i])]
    numbered = [i for i in run if i not in leaders and _is_numbered_entry(drafts[i])]
    numbers = [_last_number(drafts[i].text) for i in numbered]
    rising = sum(1 for a, b in pairwise(numbers) if a <= b)
    if len(leaders) < 2 and not (len(numbered) >= 4 and rising >= 0.8 * (len(numbered) - 1)):
        return set(leaders)
    first, last = min(leaders + numbered), max(leaders + numbered)
    held = {i for i in run if first <= i <= last}
    # What stands behind the last entry on the same page (the list of annexes has no page numbers).
    for i in (i for i in run if i > last):
        if drafts[i].after_break or drafts[i].kind == "heading":
            break
        held.add(i)
    return held


def _is_leader(draft: Draft) -> bool:
    return draft.kind not in ("table", "footnote") and any(
        has_leaders(entry.text) for entry in split_entries(_whole(draft))
    )


def _is_numbered_entry(draft: Draft) -> bool:
    if draft.kind not in ("heading", "paragraph", "list_item") or is_caption(draft.text):
        return False
    entries = split_entries(_whole(draft))
    return bool(entries) and all(ends_in_page(entry.text) for entry in entries)


def _may_stand_in_contents(draft: Draft) -> bool:
    return (
        draft.kind in ("heading", "paragraph", "list_item")
        and len(draft.text) <= _LONGEST_ENTRY
        and not ENDS_SENTENCE.search(draft.text.replace("(n)", ""))
    )


def _last_number(text: str) -> int:
    numbers = re.findall(r"\d+$", text)
    return int(numbers[0]) if numbers else 0


def join_over_breaks(drafts: Sequence[Draft]) -> list[Draft]:
    """Join a paragraph or list item with what goes on behind a page break, or that was split into a false heading.

    Furniture that stood between the two parts comes behind the whole.
    """
    vocabulary = count_words(draft.body.text for draft in drafts)
    joined: list[Draft] = []
    for draft in drafts:
        at = next((i for i in range(len(joined) - 1, -1, -1) if joined[i].kind not in FURNITURE), None)
        if at is not None and _goes_on(joined[at], draft, crosses=at < len(joined) - 1 or draft.after_break):
            joined[at] = _join(joined[at], draft, vocabulary)
        else:
            joined.append(draft)
    return joined


def _goes_on(before: Draft, after: Draft, *, crosses: bool) -> bool:
    first, text = after.text[:1], before.text
    if before.kind not in ("paragraph", "list_item", "heading") or after.kind not in ("paragraph", "heading"):
        return False
    if after.marker or not first or not text or ENDS_SENTENCE.search(text) or is_caption(text):
        return False
    if before.kind == "heading":
        if after.kind == "heading":  # the second line of a heading
            return first.islower() and before.level == after.level and not crosses
        return first.islower() and len(text) >= _LONG_HEADING
    if first.islower() or text.endswith(("-", "\u00ad")):
        return len(text) >= 40 or crosses
    # Behind a page break a long paragraph that has not ended goes on, whatever it goes on with.
    return crosses and after.kind == "paragraph" and len(text) >= 200 and heading_number(after.text) is None


def _join(before: Draft, after: Draft, vocabulary: Mapping[str, int]) -> Draft:
    kind: BlockKind = before.kind
    if before.kind == "heading" and after.kind == "paragraph":
        kind = "paragraph"
    level = before.level if kind != "paragraph" else 0
    head, tail = before.body.strip(), after.body.strip()
    if before.kind == "heading" and kind == "paragraph":
        head = Rich.plain(head.text)  # the bold of a false heading says nothing
    if after.kind == "heading" and kind != "heading":
        tail = Rich.plain(tail.text)
    glue = "" if _is_one_word(head.text, tail.text, vocabulary) else "\n"
    style = head.style[-1] & BOLD if head.style else 0
    return replace(before, kind=kind, level=level, body=head + Rich.plain(glue, style) + tail)


def _is_one_word(head: str, tail: str, vocabulary: Mapping[str, int]) -> bool:
    """Whether a word was cut without a hyphen: "metho" and "den", where the text knows "methoden" but no "metho"."""
    end, start = _TOKEN_AT_END.search(head), _TOKEN_AT_START.match(tail)
    if not end or not start or not start.group().islower():
        return False
    first, second = end.group().lower(), start.group()
    return vocabulary.get(first + second, 0) > 0 and (vocabulary.get(first, 0) <= 1 or vocabulary.get(second, 0) <= 1)
