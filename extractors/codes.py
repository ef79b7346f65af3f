"""Codes: statements that a report numbers by a letter and a number ("B3", "R-12", "F4."), without a word for them.

One such code may be anything: the name of a motorway, a vitamin, a table. A series that counts up from 1 at the
beginning of blocks is a list of statements; its letter, or the section that it stands in, tells of which kind.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.kinds import kinds_of_roles
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import Document, StatementKind

CODE = re.compile(r"^\W*(?P<code>(?P<letters>[A-Z]{1,2})[-–. ]?(?P<number>\d{1,2}))(?:[.:)|]|\s[-–—])?\s+(?=\S)")
"""A code at the beginning of a block, and the space after it."""

ALONE = re.compile(r"^\W*(?P<code>(?P<letters>[A-Z]{1,2})[-–. ]?(?P<number>\d{1,2}))[.:)]?\s*$")
"""A block that is nothing but a code."""

FEWEST = 3
"""So many numbers in a row, from 1 on, make a series."""

FEWEST_WORDS = 6
"""A shorter text after a code names a table, a criterion or an annex."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A coded statement: its kind, the code as printed, and where the text after the code begins."""

    kind: StatementKind
    code: str
    start: int


def find_coded(document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> dict[int, Coded]:
    """Return the coded statements by their place in `passages`; none where no code makes a series.

    The letter decides the kind where a word for that kind begins with it ("B" for "bevinding"); the section must not
    say otherwise. A letter that begins the words of two kinds leaves the choice to the section.
    """
    series: dict[str, list[tuple[int, int, Coded]]] = {}
    for i, passage in enumerate(passages):
        if passage.block.kind not in ("paragraph", "list_item"):
            continue
        text = document.text[passage.block.start : passage.block.end]
        at, match = i, CODE.match(text)
        start = passage.block.start + match.end() if match else 0
        if match is None:
            # The code may stand on a line of its own, as the term of a list of definitions.
            match = ALONE.match(text)
            at, start = i + 1, passages[i + 1].start if i + 1 < len(passages) else 0
        if not match or at == len(passages) or passages[at].block.kind not in ("paragraph", "list_item"):
            continue
        if len(document.text[start : passages[at].end].split()) < FEWEST_WORDS:
            continue
        kind = _kind(match.group("letters"), passage, lexicon)
        if kind:
            coded = Coded(kind, match.group("code"), start)
            series.setdefault(match.group("letters"), []).append((int(match.group("number")), at, coded))
    found: dict[int, Coded] = {}
    for members in series.values():
        if set(range(1, FEWEST + 1)) <= {number for number, _, _ in members}:
            found.update((i, coded) for _, i, coded in members)
    return found


def _kind(letters: str, passage: Passage, lexicon: Lexicon) -> StatementKind | None:
    meant = {
        kind
        for kind, words in lexicon.text.labels.items()
        if any(word.upper().startswith(letters[0]) for word in words) or kind.upper().startswith(letters[0])
    }
    told = set(kinds_of_roles(passage.roles))
    both = meant & told
    if len(both) == 1:
        return both.pop()
    return meant.pop() if len(meant) == 1 and not told else None
