"""Quotations in HTML: always escaped, with marks where words were found or a statement stands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from markupsafe import Markup, escape


def mark_text(text: str, ranges: Iterable[Sequence[int]]) -> Markup:
    """Return `text` as HTML with ``<mark>`` around each ``[start, end)`` of `ranges`, which are in order."""
    parts, place = [], 0
    for start, end in ranges:
        if place <= start < end <= len(text):
            parts += [escape(text[place:start]), Markup("<mark>"), escape(text[start:end]), Markup("</mark>")]
            place = end
    parts.append(escape(text[place:]))
    return Markup("").join(parts)


def excerpt(text: str, ranges: Sequence[Sequence[int]], *, length: int = 360) -> Markup:
    """Return about `length` characters of `text` around its first mark as HTML, with the marks; all of a short text.

    Where something is left out there is an ellipsis; words stay whole.
    """
    if len(text) <= length * 1.2:
        return mark_text(text, ranges)
    middle = ranges[0][0] if ranges else 0
    first = max(0, min(middle - length // 3, len(text) - length))
    last = min(len(text), first + length)
    if first > 0:
        first = text.find(" ", first, middle) + 1 or first
    if last < len(text):
        last = text.rfind(" ", middle, last) if " " in text[middle:last] else last
    shown = [(start - first, end - first) for start, end in ranges if first <= start and end <= last]
    cut_before, cut_after = ("… " if first > 0 else ""), (" …" if last < len(text) else "")
    return Markup("{}{}{}").format(cut_before, mark_text(text[first:last], shown), cut_after)


def mark_statements(text: str, offset: int, statements: Iterable[tuple[int, int, str, str]]) -> Markup:
    """Return a page's `text`, which begins at `offset` in its document, as HTML with its statements marked.

    `statements` are ``(start, end, statement_id, kind)`` in order, with offsets in the document. One that began on an
    earlier page, or lies within another one, has no anchor of its own, so that each anchor is there once.
    """
    parts: list[Markup] = []
    place = 0
    for start, end, statement_id, kind in statements:
        first, last = max(start - offset, 0), min(end - offset, len(text))
        if first < place or first >= last:
            continue
        anchor = Markup(' id="{}"').format(statement_id) if start >= offset else Markup("")
        parts += [
            escape(text[place:first]),
            Markup('<mark class="rd-mark-{}"{}><a href="/kb/statements/{}">{}</a></mark>').format(
                kind, anchor, statement_id, text[first:last]
            ),
        ]
        place = last
    parts.append(escape(text[place:]))
    return Markup("").join(parts)
