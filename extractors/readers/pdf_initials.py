"""What typography adds to lines: large initials at the head of a chapter, and numbers that count the lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from extractors.readers.pdf_lines import Line

INITIAL_SIZE = 1.8
"""A letter so many times as large as the text beside it is an initial."""

FEWEST_NUMBERS = 8
"""So many numbers that grow evenly at even distances count the lines of a page."""


def join_initials(lines: list[Line]) -> list[Line]:
    """Return the lines with large initials made the first letter of the word that they begin."""
    out = list(lines)
    for initial in lines:
        first = initial.words[0]
        if len(first.text) > 2 or not first.text[-1:].isalpha():
            continue
        rest = initial.words[1:]
        if rest and first.style.size >= INITIAL_SIZE * rest[0].style.size:
            beside = Line.of(rest, initial.page)
            out[_index(out, initial)] = _begin_with(first.text, initial, beside)
        elif not rest and (line := _beside(initial, lines)) is not None:
            out[_index(out, line)] = _begin_with(first.text, initial, line)
            del out[_index(out, initial)]
    return out


def _index(lines: Sequence[Line], line: Line) -> int:
    return next(i for i, other in enumerate(lines) if other is line)


def _beside(initial: Line, lines: Sequence[Line]) -> Line | None:
    """Return the first line right of an initial, None where there is none to begin."""
    near = [
        line
        for line in lines
        if line is not initial
        and 0 <= line.x0 - initial.x1 + 1 < 0.6 * initial.size
        and initial.top - 2 < line.middle < initial.bottom
        and initial.size >= INITIAL_SIZE * line.size
    ]
    first = min(near, key=_top, default=None)
    return first if first is not None and len(near) > 1 and first.text[:1].islower() else None


def _top(line: Line) -> float:
    return line.top


def _begin_with(letter: str, initial: Line, line: Line) -> Line:
    word = line.words[0]
    whole = replace(word, text=letter + word.text, x0=initial.x0)
    return Line.of([whole, *line.words[1:]], line.page)


def drop_line_numbers(lines: list[Line]) -> list[Line]:
    """Return the lines without the numbers in the margin that count them; the lines themselves where there are none.

    Unlike the numbers of items these stand at even distances, also before lines within a sentence.
    """
    numbered = [line for line in lines if line.words[0].text.isdecimal() and len(line.words[0].text) < 5]
    if len(numbered) < FEWEST_NUMBERS:
        return lines
    columns: defaultdict[int, list[Line]] = defaultdict(list)
    for line in numbered:
        columns[round(line.words[0].x1 / 2)].append(line)
    for edge in list(columns):
        column = sorted(columns[edge] + columns.get(edge + 1, []), key=_top)
        if _count_lines(column, lines):
            counted = {id(line) for line in column}
            kept = [line for line in lines if id(line) not in counted or len(line.words) > 1]
            return [Line.of(line.words[1:], line.page) if id(line) in counted else line for line in kept]
    return lines


def _count_lines(column: Sequence[Line], lines: Sequence[Line]) -> bool:
    if len(column) < FEWEST_NUMBERS:
        return False
    steps = {int(below.words[0].text) - int(above.words[0].text) for above, below in pairwise(column)}
    distances = [below.top - above.top for above, below in pairwise(column)]
    if len(steps) > 1 or min(steps) < 1 or max(distances) - min(distances) > 1.5:
        return False
    texts = [line.words[1].text for line in column if len(line.words) > 1]
    texts += [
        other.words[0].text
        for line in column
        if len(line.words) == 1
        for other in lines
        if other is not line and abs(other.middle - line.middle) < 3
    ]
    return len(texts) * 2 > len(column) and sum(text[:1].islower() for text in texts) > 0.3 * len(texts)
