"""Finds the headings that a file does not call headings, and gives all headings consistent levels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from typing import Final

from extractors.readers.assembly import BOLD, ITALIC, Draft, Rich
from extractors.readers.lines import ENDS_SENTENCE, heading_number, is_caption, is_chapter_label

_LONGEST_HEADING: Final = 120
_LONGEST_LEAD: Final = 80
_LONG_TEXT: Final = 60
_LEAD_WORD: Final = re.compile(r"\S+")
_SENTENCE_START: Final = re.compile(r"[.!?]\s+(?=[^\W\d_])")
_COMMON: Final = 8
"""Times that a word stands in small letters in a text in which a capital then shows the start of a sentence."""
_CODE: Final = re.compile(r"[A-Z]+[ -]?\d{3,}\w*$")


def split_styled_leads(drafts: Sequence[Draft]) -> list[Draft]:
    """Split a paragraph that begins with a title in bold or italics, and goes on with a capital, in heading and text.

    "**Doel** Het doel is …" is split; "**De minister** heeft …" is a sentence and is not. A lead that ends in a full
    stop may be the statement itself and stays.
    """
    found: list[Draft] = []
    for draft in drafts:
        end = _end_of_lead(draft)
        if end is None:
            found.append(draft)
            continue
        lead = draft.body.part(0, end).strip()
        found.append(replace(draft, kind="heading", body=lead, is_inferred=True))
        found.append(replace(draft, body=draft.body.part(end).strip(), after_break=False))
    return found


def _end_of_lead(draft: Draft) -> int | None:
    if draft.kind != "paragraph" or not draft.body.style or draft.body.text[:1].isspace():
        return None
    style = draft.body.style[0]
    if not style & (BOLD | ITALIC):
        return None
    end = next((i for i, s in enumerate(draft.body.style) if s != style and not draft.body.text[i].isspace()), None)
    if end is None or not 3 <= end <= _LONGEST_LEAD:
        return None
    lead, rest = draft.body.text[:end].strip(), draft.body.text[end:].strip()
    if not rest[:1].isupper() or len(rest) < 40 or not lead[:1].isalnum() or not draft.body.text[end - 1].isspace():
        return None
    # "Recommendation 4" is the label of the sentence behind it, and so is what ends in a colon.
    is_title = re.search(r"[\w)?’'\"”]$", lead) and lead[0].upper() == lead[0] and not is_chapter_label(lead)
    return end if is_title else None


def split_plain_leads(drafts: Sequence[Draft]) -> list[Draft]:
    """Split paragraphs whose heading was glued to them by a converter: "Aanbevelingen Er is behoefte aan …".

    Believed where a capital in mid-sentence begins a word that the text writes in lower case often, before another
    word in lower case, and the words before it are few and without punctuation.
    """
    openers = _sentence_openers(drafts)
    found: list[Draft] = []
    for i, draft in enumerate(drafts):
        # What stands below the caption of a table is that table, and not text under a title.
        edges = [] if i and is_caption(drafts[i - 1].text) else _plain_leads(draft, openers)
        before, after_break = 0, draft.after_break
        for start, end in edges:
            if draft.body.text[before:start].strip():
                found.append(replace(draft, body=draft.body.part(before, start).strip(), after_break=after_break))
                after_break = False
            lead = draft.body.part(start, end).strip()
            found.append(replace(draft, kind="heading", body=lead, is_inferred=True, after_break=after_break))
            before, after_break = end, False
        found.append(replace(draft, body=draft.body.part(before).strip(), after_break=after_break) if edges else draft)
    return found


def _sentence_openers(drafts: Sequence[Draft]) -> frozenset[str]:
    """Return the words that a text writes small so much more often than with a capital in mid-sentence, as a name."""
    small: Counter[str] = Counter()
    names: Counter[str] = Counter()
    for draft in drafts:
        words = draft.text.split()
        small.update(word for word in words if word.islower())
        names.update(b.lower() for a, b in pairwise(words) if a.islower() and b[:1].isupper())
    return frozenset(word for word, count in small.items() if count >= _COMMON and count >= 4 * names[word])


def _plain_leads(draft: Draft, openers: frozenset[str]) -> list[tuple[int, int]]:
    """Return the ranges of the titles in a paragraph: at its start, and behind each end of a sentence."""
    text = draft.body.text
    if draft.kind != "paragraph" or len(draft.text) < 80 or any(draft.body.style):
        return []
    starts = [0, *(match.end() for match in _SENTENCE_START.finditer(text))]
    return [(start, end) for start in starts if (end := _end_of_plain_lead(text, start, openers)) is not None]


def _end_of_plain_lead(text: str, start: int, openers: frozenset[str]) -> int | None:
    # Eleven words, for a title is short; the rest of the paragraph need not be looked at.
    words = list(islice(_LEAD_WORD.finditer(text, start), 11))
    if not words or not re.fullmatch(r"[^\W\d_][\w-]{2,}", words[0].group()) or not words[0].group()[0].isupper():
        return None
    for match, following in pairwise(words[1:]):
        word, after = match.group(), following.group()[:1]
        if word[0].isupper():
            # In mid-sentence only a name has a capital. A word that the text mostly writes small is no name.
            is_common = word.lower() in openers and (word[1:].islower() or len(word) == 1)
            return match.start() if is_common and (after.islower() or after.isdecimal()) else None
        if not re.fullmatch(r"[^\W\d_][\w-]*", word):
            return None
    return None


def merge_heading_lines(drafts: Sequence[Draft]) -> list[Draft]:
    """Merge headings that were split over lines: "HOOFDSTUK 5" with the title below it, and lines in capitals."""
    merged: list[Draft] = []
    for draft in drafts:
        last = merged[-1] if merged else None
        if last is None or last.kind != "heading" or draft.kind != "heading" or draft.after_break:
            merged.append(draft)
            continue
        labelled = is_chapter_label(last.text) and not is_chapter_label(draft.text) and not heading_number(draft.text)
        capitals = (
            last.level == draft.level
            and last.text.isupper()
            and draft.text.isupper()
            and not heading_number(draft.text)
            and not _CODE.fullmatch(last.text)
            and not is_chapter_label(draft.text)
        )
        if labelled or capitals:
            level = min(last.level or draft.level, draft.level or last.level)
            body = last.body + Rich.plain("\n") + draft.body
            merged[-1] = replace(last, body=body, level=level, is_inferred=last.is_inferred and draft.is_inferred)
        else:
            merged.append(draft)
    return merged


def demote_headings(drafts: Sequence[Draft], *, from_pages: bool = False) -> list[Draft]:
    """Turn headings that cannot be one into paragraphs: numbers without a word, captions, and very long text.

    With `from_pages`, for text converted from pages, whole sentences too: converters take lines with an odd font for
    headings. In files written by hand a heading may well be a sentence (a recommendation).
    """
    kept = []
    for draft in drafts:
        if draft.kind == "heading":
            text = draft.text
            if is_caption(text) and not is_chapter_label(text):
                draft = replace(draft, kind="caption", level=0)
            elif not re.search(r"[^\W\d_]{2,}", text) or len(text) > 300:
                draft = replace(draft, kind="paragraph", level=0)
            elif from_pages and ENDS_SENTENCE.search(text) and len(text.split()) >= 8 and not text.endswith("?"):
                draft = replace(draft, kind="paragraph", level=0, body=Rich.plain(draft.body.text))
        kept.append(draft)
    return kept


def promote_headings(drafts: Sequence[Draft], *, plain_lines: bool = False) -> list[Draft]:
    """Find headings among paragraphs: wholly bold, or numbered in two or more parts, and without a sentence's end.

    With `plain_lines` also short lines in plain type, and with a single number, that stand before text or a list.
    """
    found: list[Draft] = []
    for i, draft in enumerate(drafts):
        after = _next_text(drafts, i)
        before = found[-1] if found else None
        if draft.kind == "paragraph" and _is_heading(draft, before, after, plain_lines=plain_lines):
            draft = replace(draft, kind="heading", is_inferred=True)
        elif draft.kind == "list_item" and _is_numbered_title(drafts, i, after):
            body = Rich.plain(f"{draft.marker} ") + draft.body
            draft = replace(draft, kind="heading", marker=None, level=0, body=body, is_inferred=True)
        elif draft.kind == "paragraph" and is_caption(draft.text) and len(draft.text) <= 200:
            draft = replace(draft, kind="caption")
        found.append(draft)
    return found


def _next_text(drafts: Sequence[Draft], i: int) -> Draft | None:
    following = drafts[i + 1] if i + 1 < len(drafts) else None
    return None if following is None or following.kind in ("page_number", "running_head") else following


def _is_heading(draft: Draft, before: Draft | None, after: Draft | None, *, plain_lines: bool) -> bool:
    text = draft.text
    if not 2 <= len(text) <= _LONGEST_HEADING or "\n" in draft.body.text.strip() or after is None:
        return False
    ended = text.endswith((".", ";", ",", "!", "…")) or (text.endswith(":") and not draft.body.has_style(BOLD))
    if ended or is_caption(text) or not re.search(r"[^\W\d_]{2,}", text):
        return False
    number = heading_number(text)
    words = text[len(number or "") :].split()
    figures = sum(1 for word in words if word[-1:].isdecimal())
    if text[0].islower() or text.endswith("-") or 2 * figures > len(words):
        return False
    if draft.body.has_style(BOLD):
        return True
    if number and "." in number and text[len(number) :].lstrip(". ")[:1].isupper():
        return after.kind != "caption"
    if not plain_lines:
        return False
    before_text = after.kind == "list_item" or (after.kind == "paragraph" and _is_prose(after.text, len(text)))
    if number:
        return len(text) <= 80 and before_text and text[len(number) :].lstrip(". ")[:1].isupper()
    short = len(text) <= 70 and len(text.split()) <= 9 and text[:1].isupper() and not text[-1:].isdecimal()
    return short and before_text and (before is None or not _is_cut(before))


def _is_prose(text: str, heading_length: int) -> bool:
    return len(text) >= max(_LONG_TEXT, heading_length) and bool(re.search(r"[.:;!?][\"'”’)]*(?:\s|$)", text))


def _is_cut(before: Draft) -> bool:
    """Whether the block before has not ended, so that a short line is its rest or one of a row of short lines."""
    return before.kind == "paragraph" and not ENDS_SENTENCE.search(before.text)


def _is_numbered_title(drafts: Sequence[Draft], i: int, after: Draft | None) -> bool:
    """Whether an item of one is a numbered heading: Markdown reads "2. Werkwijze" as a list."""
    draft = drafts[i]
    if not draft.marker or not draft.marker[0].isdecimal() or after is None or after.kind != "paragraph":
        return False
    if i and drafts[i - 1].kind == "list_item" and drafts[i - 1].level == draft.level:
        return False
    text = draft.text
    short = len(text) <= 80 and len(text.split()) <= 8 and text[:1].isupper() and not ENDS_SENTENCE.search(text)
    return short and _is_prose(after.text, len(text))


def set_heading_levels(drafts: Sequence[Draft], *, from_pages: bool = False) -> list[Draft]:
    """Give inferred headings a level: that of their number's depth, else one below the last heading of the file.

    With `from_pages` a heading without a number stands below the chapter it is in, unless it is in capitals:
    converters guess levels from the size of the font. Levels are moved so that the highest is 1.
    """
    depth_levels: dict[int, int] = {}
    last = 0  # level of the last heading that the file calls one, or that has a number
    levelled = []
    for draft in drafts:
        if draft.kind != "heading":
            levelled.append(draft)
            continue
        number = heading_number(draft.text)
        depth = number.count(".") + 1 if number else int(_has_chapter_label(draft.text))
        level = draft.level
        is_guess = False
        if from_pages and not depth and 1 in depth_levels and level <= depth_levels[1]:
            is_guess = not draft.text.isupper()
            level = depth_levels[1]
        if draft.is_inferred or level < 1 or is_guess:
            level = _level_of_depth(depth, depth_levels) if depth else 0
            level = level or last + 1
        if depth:
            depth_levels[depth] = level
        if depth or not (draft.is_inferred or is_guess):
            last = level
        levelled.append(replace(draft, level=min(level, 9)))
    top = min((draft.level for draft in levelled if draft.kind == "heading"), default=1)
    return [replace(d, level=d.level - top + 1) if d.kind == "heading" else d for d in levelled]


def _has_chapter_label(text: str) -> bool:
    label = " ".join(text.split()[:2])
    return is_chapter_label(label) and not label.endswith(":")


def _level_of_depth(depth: int, depth_levels: Mapping[int, int]) -> int:
    if depth in depth_levels:
        return depth_levels[depth]
    higher = [known for known in depth_levels if known < depth]
    if higher:
        return depth_levels[max(higher)] + depth - max(higher)
    return 0
