"""Quoting: where a document that answers recommendations quotes or names them, and where each answer begins.

A recommendation is known by its label ("Recommendation 3: …"), by a number in the form that the whole document uses
(8.6, 4a) ii., 12.), or by the heading of its answer ("Reaction to recommendation 3").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.kinds import demands
from extractors.labelling import label_regex, read_label
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.records import Document
from extractors.references import find_references, normalise_number
from extractors.stances import Verdict, is_verdict, outright_stance

FEWEST = 3
"""So many quotations must carry numbers of one form for that form to be the label of quotations."""

TITLE_WORDS = 14
"""The heading of an answer has no more words."""

MARK_CHARACTERS = 70
"""The words that mark an answer before a colon ("Response of the Department:") are no longer."""

RUN_IN_WORDS = 4
"""So many words may stand before the word for an answer that is set as a heading in the line ("Our response. …")."""

LABEL_CHARACTERS = 60
"""The label of a quotation is no longer, with all the numbers in it."""

STANCE_WORDS = 4
"""So few words behind a label may be the stance."""

LAST_REACH = 3
"""The answer to the last of several numbered quotations stands in so many blocks behind it."""

_DOTTED = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?$")
_PLAIN = re.compile(r"\(?\d{1,3}[.)]*$")
_LETTERED = re.compile(r"\s*(\d{1,2})\s?\(?([a-z])\)?[.)]?\s*(?:\(?([ivx]{1,4})\)?[.)]\s*)?(?=[A-Z‘“\"'(])")
_CHAPTER = re.compile(r"\s*(\d{1,2})[.)]\s+(?=\D)")


@dataclass(frozen=True, slots=True)
class Question:
    """A recommendation that is answered: the index of the passage that quotes or names it, and its numbers.

    `answer` is the offset where the document marks the beginning of the answer, None when the quotation comes first.
    `is_item` when the quotation is a numbered paragraph of its own, so that the next paragraph answers it; `is_label`
    when the passage is only the label, so that the next one quotes. `verdict` is what the few words behind a label
    say ("Recommendation 3: accepted").
    """

    passage: int
    numbers: tuple[str, ...]
    answer: int | None = None
    is_item: bool = False
    is_label: bool = False
    verdict: Verdict | None = None


class AnswerMarks:
    """Recognises by the words of one language what marks an answer: a heading, or words before a colon."""

    def __init__(self, lexicon: Lexicon) -> None:
        words = phrase_regex(tuple(lexicon.responses.answers)).pattern
        self._word = re.compile(words, re.IGNORECASE)
        before_colon = rf"(?=[^:.\n]{{0,{MARK_CHARACTERS}}}:)[^:.\n]*?(?:{words})[^:]*:\s*"
        run_in = rf"(?:[\w’']+\s+){{0,{RUN_IN_WORDS}}}(?:{words})\.(?:\s+|$)"
        self._mark = re.compile(rf"^\W*(?:{before_colon}|{run_in})", re.IGNORECASE)

    def is_heading(self, text: str) -> bool:
        """Whether a heading says that an answer stands below it."""
        return len(text.split()) <= TITLE_WORDS and self._word.search(text) is not None

    def find_end(self, text: str) -> int | None:
        """Return where the words end that mark `text` as an answer ("Response: …"), None for other texts."""
        match = self._mark.match(text)
        return match.end() if match else None


def find_labelled_questions(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, marks: AnswerMarks
) -> list[Question]:
    """Return the recommendations of `span` that have a label or an answer that names them, in order."""
    named = _named_by_answer(document, passages, span, lexicon, marks)
    taken = {q.passage for q in named}
    labelled = [q for q in _labelled(document, passages, span, lexicon) if q.passage not in taken]
    return sorted(labelled + named, key=lambda q: q.passage)


def find_questions(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, marks: AnswerMarks
) -> list[Question]:
    """Return the recommendations quoted or named in the passages of `span`, in order; empty when there are none.

    Of the forms of number that the document uses, the most telling counts: letters, labels, dotted numbers, plain ones.
    Where there are no numbers, a quotation is known by a bare label ("Recommendation:") or by the stance behind it, and
    is named by its words.
    """
    labelled = _labelled(document, passages, span, lexicon)
    lettered = _lettered(document, passages, span)
    dotted = _numbered(passages, span, _DOTTED)
    plain = _plain(document, passages, span)
    quoted = next(
        (found for found in (lettered, labelled, dotted, plain) if len({q.numbers for q in found}) >= FEWEST), labelled
    )
    named = _named_by_answer(document, passages, span, lexicon, marks)
    if not quoted and not named:
        return _unnumbered(document, passages, span, lexicon, marks)
    taken = {q.passage for q in named}
    return sorted([q for q in quoted if q.passage not in taken] + named, key=lambda q: q.passage)


def _labelled(document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon) -> list[Question]:
    """Return the passages that begin with a label ("Recommendation 3: …"); a mention inside prose is none."""
    label = label_regex(lexicon)
    found = []
    for i in span:
        block = passages[i].block
        text = document.text[block.start : block.end]
        if block.kind == "table":
            continue
        numbers: tuple[str, ...] = ()
        end, colon = 0, ""
        printed = read_label(label, text)
        if printed and printed.kind == "recommendation" and printed.number:
            numbers, end, colon = (normalise_number(printed.number),), printed.end, printed.colon
        first = next(iter(find_references(text[:LABEL_CHARACTERS], lexicon)), None)
        if first and first.start <= 2 and len(first.numbers) > len(numbers):
            numbers, end, colon = first.numbers, first.end, text[first.end : first.end + 1].strip(" \n")
        if not numbers:
            continue
        behind = text[end:].strip(" :.–—-()\n")
        if block.kind == "heading" or colon or not behind or behind[0].isupper() or behind[0] in '“‘"(':
            verdict = _read_stance(document, block.start + end, block.end, lexicon)
            found.append(Question(i, numbers, is_label=not behind, verdict=verdict))
    return found


def _read_stance(document: Document, start: int, end: int, lexicon: Lexicon) -> Verdict | None:
    """Return the stance that a few words take, None for other words and for many."""
    bare = document.text[start:end].strip(" :.–—-()\n")
    if not 0 < len(bare.split()) <= STANCE_WORDS:
        return None
    (sentences,) = lexicon.pipeline().read_sentences([bare])
    stance = next((s for s in map(outright_stance, sentences) if s is not None), None)
    at = document.text.index(bare, start)
    return Verdict(stance, at, at + len(bare)) if stance else None


def _lettered(document: Document, passages: Sequence[Passage], span: range) -> list[Question]:
    """Return the passages that begin with a number and letter ("4a) ii."), and chapters answered as a whole ("1)")."""
    found: list[Question] = []
    chapter: Question | None = None
    for i in span:
        block = passages[i].block
        text = document.text[block.start : block.end]
        head = _CHAPTER.match(text) if block.kind == "heading" else None
        if head:
            if chapter and not _has_parts(chapter, found):
                found.append(chapter)
            chapter = Question(i, (head.group(1),))
        match = _LETTERED.match(text) if block.kind in ("paragraph", "list_item") else None
        if match:
            number, letter, roman = match.groups()
            found.append(Question(i, (f"{number}({letter})" + (f"({roman})" if roman else ""),), is_item=True))
    if len(found) < FEWEST:
        return []
    if chapter and not _has_parts(chapter, found):
        found.append(chapter)
    return sorted(found, key=lambda q: q.passage)


def _has_parts(chapter: Question, found: Sequence[Question]) -> bool:
    return any(q.numbers[0].startswith(f"{chapter.numbers[0]}(") for q in found)


def _numbered(passages: Sequence[Passage], span: range, form: re.Pattern[str]) -> list[Question]:
    """Return the items whose printed number has one form."""
    found = []
    for i in span:
        marker = (passages[i].block.marker or "").strip()
        if passages[i].block.kind == "list_item" and form.match(marker):
            found.append(Question(i, (marker.strip("().[]"),), is_item=True))
    return found


def _plain(document: Document, passages: Sequence[Passage], span: range) -> list[Question]:
    """Return the items and headings with numbers that rise by one from 1 and prose between them.

    Each quotes and is answered, if most of them call, or are followed by prose that takes a stance.
    """
    runs: list[list[Question]] = [[]]
    for i in span:
        number = _plain_number(document, passages[i])
        if number is None:
            continue
        if number == len(runs[-1]) + 1:
            runs[-1].append(Question(i, (str(number),), is_item=True))
        elif number == 1:
            runs.append([Question(i, ("1",), is_item=True)])
    found = max(runs, key=len)
    telling = 0
    for n, question in enumerate(found):
        stop = found[n + 1].passage if n + 1 < len(found) else min(span.stop, question.passage + LAST_REACH)
        below = [passages[i] for i in range(question.passage + 1, stop) if passages[i].block.kind == "paragraph"]
        if not below:
            return []
        is_called_for = demands(passages[question.passage].sentences)
        telling += is_called_for or any(is_verdict(s) for p in below for s in p.sentences)
    return found if 2 * telling > len(found) else []


def _plain_number(document: Document, passage: Passage) -> int | None:
    """Return the plain number at the head of an item or heading, None for other passages and other numbers."""
    block = passage.block
    if block.kind == "list_item" and _PLAIN.match((block.marker or "").strip()):
        return int((block.marker or "").strip("().[] "))
    head = _CHAPTER.match(document.text[block.start : block.end]) if block.kind == "heading" else None
    return int(head.group(1)) if head else None


def _named_by_answer(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, marks: AnswerMarks
) -> list[Question]:
    """Return the headings and marks of answers that say to which recommendation they belong, by its number."""
    found = []
    for i in span:
        block = passages[i].block
        text = document.text[block.start : block.end]
        end = marks.find_end(text)
        if block.kind == "heading" and marks.is_heading(text):
            end = len(text)
        if end is None or block.kind not in ("heading", "paragraph", "list_item"):
            continue
        references = find_references(text[:end], lexicon)
        if references:
            numbers = tuple(n for r in references for n in r.numbers)
            found.append(Question(i, numbers, answer=block.start + end))
    return found


def _unnumbered(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, marks: AnswerMarks
) -> list[Question]:
    """Return the quotations without a number: below a bare label, or a call that the next passage takes a stance to."""
    label = label_regex(lexicon)
    found = []
    for i in span:
        passage = passages[i]
        block = passage.block
        text = document.text[block.start : block.end]
        printed = read_label(label, text)
        if printed and printed.kind == "recommendation" and not printed.number:
            rest = text[printed.end :].strip()
            quoted = i if rest else i + 1
            if (printed.colon or not rest) and quoted in span and passages[quoted].block.kind != "heading":
                found.append(Question(quoted, (_words(document, passages[quoted], label),)))
            continue
        is_prose = block.kind in ("paragraph", "list_item")
        if not is_prose or not demands(passage.sentences[:1]) or i + 1 not in span:
            continue
        behind = passages[i + 1].sentences[:2]
        speaks = any(is_verdict(s) for s in passage.sentences) or marks.find_end(text) is not None
        takes = any(outright_stance(s) is not None and s.has("response_named") for s in behind)
        if not speaks and (takes or any(s.has("response_agreed") for s in behind[:1])):
            found.append(Question(i, (_words(document, passage, label),), is_item=True))
    return found


def _words(document: Document, passage: Passage, label: re.Pattern[str]) -> str:
    """Return the quotation that a passage is, without its label."""
    text = " ".join(document.text[passage.start : passage.end].split())
    printed = read_label(label, text)
    return text[printed.end :] if printed and printed.kind == "recommendation" else text
