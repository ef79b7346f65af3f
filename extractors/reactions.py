"""Reactions: the chapters of a report in which the addressed bodies respond to it.

"Response of the minister", "Bestuurlijke reactie", "Agency comments and our evaluation": what stands there is said by
others, and gives no statements of the report; an afterword of its authors inside such a chapter does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors.answering import UNCLEAR, Answer, answer_all, answer_questions, answer_references
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.quoting import AnswerMarks, Question, find_labelled_questions, find_questions
from extractors.records import Document, Statement
from extractors.replying import WIDE, Reply, answer_asked, find_asked, find_replies, name_statement
from extractors.sections import Outline
from extractors.tabulated import answer_tables

TITLE_WORDS = 14
"""The title of such a chapter has no more words."""


def find_response_chapters(document: Document, outline: Outline, lexicon: Lexicon) -> list[tuple[int, int]]:
    """Return the ranges of the text in which others react to the report, in order; empty when there are none."""
    titles = phrase_regex(tuple(lexicon.responses.titles))
    afterwords = phrase_regex(tuple(lexicon.responses.afterwords))
    ranges: list[tuple[int, int]] = []
    for i, section in enumerate(outline.sections):
        bare = re.sub(r"^[\W\d]+", "", section.title)
        is_wide = section.end - section.start > WIDE * len(document.text)
        if is_wide or len(bare.split()) > TITLE_WORDS or not titles.search(bare):
            continue
        if not titles.search(afterwords.sub("", bare)):
            continue
        below = (s for s in outline.sections[i + 1 :] if s.start < section.end and afterwords.search(s.title))
        end = next((s.start for s in below), section.end)
        if not ranges or section.start >= ranges[-1][1]:
            ranges.append((section.start, end))
    return ranges


def find_others_words(
    document: Document, outline: Outline, passages: Sequence[Passage], lexicon: Lexicon
) -> list[tuple[int, int]]:
    """Return the ranges of the text that others speak: chapters of responses, and replies behind a mark that says so.

    What stands there is no statement of the report, however it is worded. Empty for a report without reactions.
    """
    chapters = find_response_chapters(document, outline, lexicon)
    replies = find_replies(document, passages, lexicon, outside=chapters)
    marked = [(r.start, passages[r.first].end) for r in replies if r.is_titled and r.start < passages[r.first].end]
    return sorted([*chapters, *marked])


def answer_chapters(
    document: Document,
    outline: Outline,
    passages: Sequence[Passage],
    chapters: Sequence[tuple[int, int]],
    lexicon: Lexicon,
    *,
    statements: Sequence[Statement],
) -> Iterator[Answer]:
    """Yield the answers in the response chapters of a report to its recommendations; nothing without chapters.

    A chapter that names no recommendation answers those above it, where it takes a stance at all.
    """
    marks = AnswerMarks(lexicon)
    names = [name_statement(s) for s in statements if s.kind == "recommendation"]
    own = " ".join(s.title for s in outline.sections[:1])
    before = 0
    for start, end in chapters:
        inside = [i for i, p in enumerate(passages) if start <= p.block.start < end]
        if not inside:
            continue
        span = range(inside[0], inside[-1] + 1)
        questions = _find_questions(document, passages, span, lexicon, marks, names=names)
        answers = [
            *answer_questions(document, passages, span, questions, lexicon, marks),
            *answer_tables(document, passages, span, lexicon),
            *answer_references(document, passages, span, lexicon, own=own),
            *answer_all(document, passages, span, lexicon, numbers=names),
        ]
        if not answers:
            whole = Reply(span.start, span.stop, passages[span.start].block.end, is_titled=True)
            asked = find_asked(outline, passages, whole, statements, after=before)
            told = answer_asked(document, passages, whole, asked, lexicon)
            answers = [a for a in told if a.rank > UNCLEAR and a.verdict.is_telling]
        yield from answers
        before = end


def _find_questions(
    document: Document,
    passages: Sequence[Passage],
    span: range,
    lexicon: Lexicon,
    marks: AnswerMarks,
    *,
    names: Sequence[str],
) -> list[Question]:
    """Return the recommendations that a chapter quotes by label, or by numbers that the report gives them."""
    labelled = find_labelled_questions(document, passages, span, lexicon, marks)
    if labelled:
        return labelled
    return [q for q in find_questions(document, passages, span, lexicon, marks) if set(q.numbers) <= set(names)]
