"""Replying: reactions of the addressed bodies that a report prints below its recommendations.

A reply stands behind a mark ("Response of the Department: …"), or behind words that announce it ("the Authority
replied:"). It answers the recommendations above it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.answering import NAMED, UNCLEAR, Answer, answer_numbers, read_from
from extractors.labelling import label_regex, read_label
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.quoting import AnswerMarks
from extractors.records import Document, Statement
from extractors.references import normalise_number
from extractors.sections import Outline

REPLY_REACH = 12
"""How many blocks a reply may have."""

ITEM_REACH = 20
"""How many blocks above a reply the list may stand whose numbers its items repeat."""

NEAR = 6
"""So many blocks above a reply that no title marks outright its recommendation may stand."""

LABEL_WORDS = 3
"""The printed label of a statement has no more words."""

WIDE = 0.6
"""A section with more of the text than this is the report itself, whatever its title says."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A reply: the passages ``[first, stop)``, and the offset at which its words begin.

    `is_titled` when its mark says whose reaction it is; other words before a colon may introduce anything.
    """

    first: int
    stop: int
    start: int
    is_titled: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """A statement of the report at one of its places, and the name by which a reply there refers to it."""

    start: int
    name: str


# --- where replies stand ---------------------------------------------------------------------------------------------


def find_replies(
    document: Document,
    passages: Sequence[Passage],
    lexicon: Lexicon,
    *,
    outside: Sequence[tuple[int, int]],
    statements: Sequence[Statement] = (),
) -> list[Reply]:
    """Return the replies of a report, in order; empty when it prints none.

    Args:
        document: the report.
        passages: all its passages.
        lexicon: its language.
        outside: the ranges of the text that are chapters of responses, where replies are not looked for.
        statements: the statements of the report; a reply ends before the next of them.
    """
    marks = AnswerMarks(lexicon)
    titles = phrase_regex(tuple(lexicon.responses.titles))
    label = label_regex(lexicon)
    places = {start for s in statements for start in (s.start, *(m.start for m in s.mentions))}

    def states(passage: Passage) -> bool:
        printed = read_label(label, document.text[passage.block.start : passage.block.end])
        is_labelled = printed is not None and printed.number is not None
        return is_labelled or any(passage.block.start <= place < passage.block.end for place in places)

    replies: list[Reply] = []
    i = 0
    while i < len(passages):
        block = passages[i].block
        is_elsewhere = block.kind in ("table", "footnote", "caption") or any(a <= block.start < b for a, b in outside)
        start = None if is_elsewhere else _reply_start(document, passages[i], marks)
        if start is None:
            i += 1
            continue
        stop = _end_of_reply(document, passages, i, marks)
        stop = next((j for j in range(i + 1, stop) if states(passages[j])), stop)
        mark = document.text[block.start : start].rpartition("\n")[2]
        replies.append(Reply(i, stop, start, is_titled=titles.search(mark) is not None))
        i = max(stop, i + 1)
    return replies


def _reply_start(document: Document, passage: Passage, marks: AnswerMarks) -> int | None:
    """Return the offset at which a reply begins in or behind a passage, None when none does."""
    block = passage.block
    for sentence in passage.sentences:
        end = marks.find_end(document.text[sentence.start : sentence.end])
        if end is not None:
            return sentence.start + end
    last = passage.sentences[-1] if passage.sentences else None
    if last is None or block.kind == "heading" or not last.has("response_replied"):
        return None
    is_open = document.text[last.start : last.end].rstrip().endswith(":")
    return last.end if is_open else last.start


def _end_of_reply(document: Document, passages: Sequence[Passage], i: int, marks: AnswerMarks) -> int:
    """Return the index of the passage behind a reply: the next heading, table, mark or item of the report's own."""
    opener = passages[i].block
    is_open = opener.kind == "heading" or document.text[opener.start : opener.end].rstrip().endswith(":")
    end = min(len(passages), i + 1 + REPLY_REACH)
    for j in range(i + 1, end):
        block = passages[j].block
        if block.kind in ("heading", "table") or _reply_start(document, passages[j], marks) is not None:
            return j
        is_numbered = block.kind == "list_item" and any(c.isdigit() for c in block.marker or "")
        goes_deeper = is_open and (block.level > opener.level or not opener.marker)
        if (is_numbered and not goes_deeper) or (opener.kind == "list_item" and not is_open):
            return j
    return end


# --- what they answer ------------------------------------------------------------------------------------------------


def answer_replies(
    document: Document,
    outline: Outline,
    passages: Sequence[Passage],
    replies: Sequence[Reply],
    lexicon: Lexicon,
    *,
    statements: Sequence[Statement],
) -> Iterator[Answer]:
    """Yield the answers of replies, which are in order, to what stands above each; nothing where nothing does."""
    before = 0
    for reply in replies:
        items = list(_answer_items(document, passages, reply, lexicon))
        asked = find_asked(outline, passages, reply, statements, after=before)
        before = passages[reply.stop - 1].block.end
        if items or not asked:
            yield from items
            continue
        last = bisect_right(passages, asked[-1].start, key=_start_of) - 1
        is_near = reply.first - last <= NEAR
        for answer in answer_asked(document, passages, reply, asked, lexicon):
            if answer.rank == UNCLEAR and not (reply.is_titled and is_near):
                continue
            if reply.is_titled or (is_near and (answer.verdict.is_outright or answer.verdict.stance == "accepted")):
                yield answer


def answer_asked(
    document: Document, passages: Sequence[Passage], reply: Reply, asked: Sequence[Asked], lexicon: Lexicon
) -> Iterator[Answer]:
    """Yield the answers of one reply to the statements before it; one that speaks of one alone answers the last."""
    sentences = read_from((s for p in passages[reply.first : reply.stop] for s in p.sentences), reply.start)
    names = dict.fromkeys((a.name for a in asked), frozenset[str]())
    one, several = (phrase_regex(tuple(w)) for w in (lexicon.responses.references, lexicon.responses.several))
    for answer in answer_numbers(document, names, sentences, lexicon, is_marked=True):
        said = document.text[answer.verdict.start : answer.verdict.end]
        speaks_of_one = one.search(said) is not None and several.search(said) is None
        if answer.rank == NAMED or not speaks_of_one or answer.to == asked[-1].name:
            yield answer


def _answer_items(document: Document, passages: Sequence[Passage], reply: Reply, lexicon: Lexicon) -> Iterator[Answer]:
    """Yield the answers of a reply that goes item by item under the numbers of a list above; nothing for others."""
    items = [p for p in passages[reply.first + 1 : reply.stop] if p.is_item and p.block.marker]
    above = {p.block.marker for p in passages[max(0, reply.first - ITEM_REACH) : reply.first] if p.is_item}
    if len(items) < 2 or not all(
        p.block.marker in above and any(map(str.isalnum, p.block.marker or "")) for p in items
    ):
        return
    for item in items:
        number = normalise_number((item.block.marker or "").strip(" ."))
        yield from answer_numbers(document, {number: frozenset()}, item.sentences, lexicon, is_marked=True)


def find_asked(
    outline: Outline, passages: Sequence[Passage], reply: Reply, statements: Sequence[Statement], *, after: int
) -> list[Asked]:
    """Return the recommendations that a reply answers: those between the offset `after` and it, in its section.

    Where its own section has none, the sections around it are asked. A finding is answered where it stands alone and
    nothing is recommended. The list is in order, and empty for a reply to nothing.
    """
    places = [(start, s) for s in statements for start in (s.start, *(m.start for m in s.mentions))]
    here = passages[reply.first].block.start
    section = passages[reply.first].section
    if passages[reply.first].block.kind == "heading" and section is not None:
        section = outline.parents[section]
    while section is not None:
        first = max(outline.sections[section].start, after)
        number = _number_above(outline, section)
        inside = [(start, s) for start, s in places if first <= start < here]
        # What is said again here has the label of its section here, where that is numbered.
        asked = [
            Asked(start, number if start != s.start and number else name_statement(s))
            for start, s in inside
            if s.kind == "recommendation"
        ]
        found = [Asked(start, name_statement(s)) for start, s in inside if s.kind == "finding"]
        if asked or len(found) == 1:
            return sorted(asked or found, key=_place_of)
        section = outline.parents[section]
    return []


def _number_above(outline: Outline, section: int) -> str | None:
    """Return the printed number of the nearest numbered section around a place, None without one."""
    above: int | None = section
    while above is not None and not outline.sections[above].number:
        above = outline.parents[above]
    return outline.sections[above].number if above is not None else None


def name_statement(statement: Statement) -> str:
    """Return the number under which a text refers to a statement, its words where it has none."""
    words = [w for w in (statement.label or "").split() if any(map(str.isalnum, w))]
    return normalise_number(words[-1]) if 0 < len(words) <= LABEL_WORDS else statement.text


def find_label(to: str, recommendations: Sequence[Statement]) -> str:
    """Return the label that the report prints for the recommendation with the number `to`, else `to` itself."""
    fitting = {s.label for s in recommendations if s.label and _fold(name_statement(s)) == _fold(to)}
    return fitting.pop() if len(fitting) == 1 else to


def _fold(number: str) -> str:
    return re.sub(r"[^\w/.]", "", number).strip(".").lower()


def _start_of(passage: Passage) -> int:
    return passage.block.start


def _place_of(asked: Asked) -> int:
    return asked.start
