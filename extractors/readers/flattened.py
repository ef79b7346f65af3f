"""Restores tables that a converter wrote out as one paragraph, where the labels of the rows give them away."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from extractors.readers.assembly import Draft

_SENTENCE_END: Final = re.compile(r"(?<=[.!?)])\s+(?=[^\W\d_])")
_FEWEST_ROWS: Final = 3
_FEWEST_WORDS: Final = 3
"""Words that two sentences in a row must begin with alike to be taken for rows with one label."""


def restore_tables(drafts: Sequence[Draft]) -> list[Draft]:
    """Turn paragraphs below a caption into tables of two columns where sentence after sentence begins with a label.

    A label is what two sentences in a row begin with, three words or more, before a capital; or a heading of the same
    text. At least three rows must have one. What stands before the first label becomes the head of the table.
    """
    titles = sorted({d.text.rstrip(":") for d in drafts if d.kind == "heading" and d.text})
    restored: list[Draft] = []
    for i, draft in enumerate(drafts):
        rows = (
            _rows_of(draft.text, titles) if draft.kind == "paragraph" and i and drafts[i - 1].kind == "caption" else ()
        )
        restored.append(replace(draft, kind="table", rows=rows) if rows else draft)
    return restored


def _rows_of(text: str, titles: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    sentences = [sentence.split() for sentence in _SENTENCE_END.split(text)]
    shared = [label for a, b in pairwise(sentences) if (label := _common_start(a, b)) and _goes_on(b, len(label))]
    if not shared:
        return ()
    labels = [*shared, *(title.split() for title in titles)]
    rows: list[list[str]] = []
    for words in sentences:
        start, length = _find_label(words, labels, inside=not rows)
        if length:
            if start:
                rows.append([" ".join(words[:start])])
            rows.append([" ".join(words[start : start + length]), " ".join(words[start + length :])])
        elif rows:
            rows[-1][-1] += " " + " ".join(words)
        else:
            rows.append([" ".join(words)])
    return tuple(tuple(row) for row in rows) if sum(1 for row in rows if len(row) == 2) >= _FEWEST_ROWS else ()


def _find_label(words: Sequence[str], labels: Sequence[Sequence[str]], *, inside: bool) -> tuple[int, int]:
    """Return place and length, in words, of the label in a sentence; 0 and 0 where it has none.

    Only the first sentence is searched `inside`: the head of the table stands before its label.
    """
    for start in range(len(words) if inside else 1):
        for label in labels:
            length = len(_common_start(words[start:], label))
            if (length >= _FEWEST_WORDS or (start == 0 and length == len(label))) and _goes_on(words, start + length):
                return start, length
    return 0, 0


def _common_start(a: Sequence[str], b: Sequence[str]) -> Sequence[str]:
    length = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[:length] if length >= _FEWEST_WORDS or length == len(b) else ()


def _goes_on(words: Sequence[str], at: int) -> bool:
    """Whether a new cell begins with the word at `at`: a capital in mid-sentence."""
    return at < len(words) and words[at][:1].isupper()
