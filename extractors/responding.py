"""Responses: what the addressed bodies answer to each recommendation.

A response document quotes or names the recommendations and answers them, one by one, a few at a time, in a table or in
prose. A report may hold reactions to its own recommendations: in a chapter of their own, or below each recommendation
(`extractors.replying`). Of several answers to one recommendation the most telling counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors.answering import BLANKET, Answer, answer_all, answer_calls, answer_questions, answer_references
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.quoting import AnswerMarks, find_labelled_questions, find_questions
from extractors.reactions import answer_chapters, find_response_chapters
from extractors.records import Document, Report, Response, Statement
from extractors.replying import answer_replies, find_label, find_replies
from extractors.sections import Outline
from extractors.tabulated import answer_tables

FEWEST_ANSWERS = 2
"""A letter that answers so many recommendations outright is a response."""


def find_responses(
    document: Document,
    outline: Outline,
    passages: Sequence[Passage],
    lexicon: Lexicon,
    *,
    report: Report,
    statements: Sequence[Statement] = (),
) -> tuple[Response, ...]:
    """Return one response per recommendation that is answered, in order of the text.

    The quotation of a response is the sentence of the answer that takes a stance, with the next one where that takes
    part of it back; with the stance unclear, the first sentence of the answer. `to` is the number of the
    recommendation, as the report labels it where the recommendation is its own, or its words where it has no number.
    """
    recommendations = [s for s in statements if s.kind == "recommendation"]
    if report.kind == "response" or (report.kind == "letter" and not recommendations):
        is_response = report.kind == "response"
        answers = list(answer_document(document, passages, lexicon, own=report.title or "", is_response=is_response))
    else:
        chapters = find_response_chapters(document, outline, lexicon)
        replies = find_replies(document, passages, lexicon, outside=chapters, statements=statements)
        answers = [
            *answer_chapters(document, outline, passages, chapters, lexicon, statements=statements),
            *answer_replies(document, outline, passages, replies, lexicon, statements=statements),
        ]
    best: dict[str, Answer] = {}
    for answer in answers:
        held = best.get(answer.to)
        if held is None or answer.rank > held.rank:
            best[answer.to] = answer
    ordered = sorted(best.values(), key=lambda a: (a.verdict.start, list(best).index(a.to)))
    return tuple(_make_response(document, a, recommendations) for a in ordered)


def answers_recommendations(document: Document, passages: Sequence[Passage], lexicon: Lexicon, *, own: str) -> bool:
    """Whether a letter is a response: it takes a stance outright to what it quotes or names as recommendations."""
    answers = answer_document(document, passages, lexicon, own=own, is_response=False)
    return len({a.to for a in answers if a.verdict.is_outright and a.rank > BLANKET}) >= FEWEST_ANSWERS


def answer_document(
    document: Document, passages: Sequence[Passage], lexicon: Lexicon, *, own: str, is_response: bool
) -> Iterator[Answer]:
    """Yield the answers of a document that answers recommendations from its first to its last page.

    Args:
        document: the response document.
        passages: all its passages.
        lexicon: its language.
        own: the title, which names the report that is answered.
        is_response: whether it says that it is a response; any other letter may number whatever it likes, and answers
            only what it calls a recommendation.
    """
    span = range(len(passages))
    marks = AnswerMarks(lexicon)
    find = find_questions if is_response else find_labelled_questions
    questions = find(document, passages, span, lexicon, marks)
    numbers = list(dict.fromkeys(number for q in questions for number in q.numbers))
    divided = {number[: at.start()] for number in numbers for at in re.finditer(r"\(", number)}
    yield from answer_questions(document, passages, span, questions, lexicon, marks)
    yield from answer_tables(document, passages, span, lexicon)
    for answer in answer_references(document, passages, span, lexicon, own=own):
        if answer.to not in divided:  # where 4(a) and 4(b) are answered, what is said of 4 tells nothing more
            yield answer
    if not numbers and is_response:
        yield from answer_calls(document, passages, span)
    yield from answer_all(document, passages, span, lexicon, numbers=numbers)


def _make_response(document: Document, answer: Answer, recommendations: Sequence[Statement]) -> Response:
    verdict = answer.verdict
    return Response(
        to=find_label(answer.to, recommendations),
        stance=verdict.stance,
        text=document.text[verdict.start : verdict.end],
        start=verdict.start,
        end=verdict.end,
        page=document.page_at(verdict.start),
    )
