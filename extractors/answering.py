"""Answering: which sentences answer which recommendation, and the stance that they take.

An answer stands below the quotation of what it answers; quotations without an answer of their own share the next one.
Inside an answer, and anywhere in prose, a sentence that names recommendations by number speaks of these alone, clause
by clause ("accepts recommendations 1 and 2, but not recommendation 3").
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from extractors.kinds import demands
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.quoting import AnswerMarks, Question
from extractors.records import Document, Stance
from extractors.references import Reference, find_references
from extractors.stances import (
    Verdict,
    begins_with_stance,
    is_partial,
    is_verdict,
    judge,
    outright_stance,
    stance_to_named,
)
from models.pipeline import Sentence

REACH = 40
"""How many blocks after the quotation of a recommendation its answer may stand."""

TOPIC_REACH = 8
"""How many blocks a paragraph about a recommendation may go on in."""

SHARED_WORDS = 2
"""A sentence in an answer to several recommendations speaks of the one with which it shares so many long words."""

ELLIPSIS_WORDS = 6
"""A clause without a verb of its own, about one more recommendation, has no more words."""

EXCEPTION_CHARACTERS = 40
"""The words that except a recommendation stand so near before it."""

UNCLEAR, BLANKET, IMPLIED, SAID, MARKED, NAMED = range(6)
"""How much an answer may be trusted to be the one of its recommendation, from least to most."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A verdict on the recommendation with one number (`to`, with the name of another report before it)."""

    to: str
    verdict: Verdict
    rank: int


def answer_questions(
    document: Document,
    passages: Sequence[Passage],
    span: range,
    questions: Sequence[Question],
    lexicon: Lexicon,
    marks: AnswerMarks,
) -> Iterator[Answer]:
    """Yield the answers to `questions`, which are in order; nothing for a question that nobody answers."""
    waiting: dict[str, frozenset[str]] = {}
    for n, question in enumerate(questions):
        if question.answer is not None or any(number in waiting for number in question.numbers):
            waiting = {}  # the recommendations before were only listed, or are answered elsewhere
        if question.verdict is not None:
            yield from (Answer(number, question.verdict, MARKED) for number in question.numbers)
            continue
        block = passages[question.passage].block
        waiting |= dict.fromkeys(question.numbers, _telling_words(document.text[block.start : block.end]))
        stop = questions[n + 1].passage if n + 1 < len(questions) else span.stop
        stop = _end_of_region(passages, question.passage, min(stop, question.passage + REACH))
        sentences, is_marked = split_answer(document, passages, question, stop, marks)
        answers = list(answer_numbers(document, waiting, sentences, lexicon, is_marked=is_marked))
        if answers:
            yield from answers
            waiting = {}


def _end_of_region(passages: Sequence[Passage], first: int, stop: int) -> int:
    """Return where the region of a quotation that is a heading ends: at the next heading of a higher level."""
    head = passages[first].block
    if head.kind != "heading":
        return stop
    over = (i for i in range(first + 1, stop) if passages[i].block.kind == "heading")
    return next((i for i in over if passages[i].block.level < head.level), stop)


def split_answer(
    document: Document, passages: Sequence[Passage], question: Question, stop: int, marks: AnswerMarks
) -> tuple[list[Sentence], bool]:
    """Return the sentences between a quotation and `stop` that answer it, and whether the layout marks them as such.

    Marked they are by a heading, by words before a colon, or by their place behind the quotation.
    """
    first = question.passage
    if question.answer is not None:
        return read_from(_sentences(passages, range(first, stop)), question.answer), True
    for i in range(first, stop):
        block = passages[i].block
        if i > first and block.kind == "heading" and marks.is_heading(document.text[block.start : block.end]):
            return list(_sentences(passages, range(i + 1, stop))), True
        for sentence in passages[i].sentences:
            end = marks.find_end(document.text[sentence.start : sentence.end])
            if end is not None:
                return read_from(_sentences(passages, range(i, stop)), sentence.start + end), True
    start = first + 1
    if question.is_label and start < stop and not any(is_verdict(s) for s in passages[start].sentences):
        start += 1  # what stands below a bare label is the quotation
    while start < stop and _is_quoted_on(passages[start], is_item=question.is_item):
        start += 1
    return list(_sentences(passages, range(start, stop))), start < stop


def read_from(sentences: Iterable[Sentence], offset: int) -> list[Sentence]:
    """Return the sentences from `offset` on; the first is cut where it begins before, and keeps all its cues."""
    return [replace(s, start=max(s.start, offset)) for s in sentences if s.end > offset]


def _is_quoted_on(passage: Passage, *, is_item: bool) -> bool:
    """Whether a passage behind a quotation still belongs to it: an item of its list, or one more call."""
    if passage.is_item:
        return not any(begins_with_stance(s) for s in passage.sentences[:1])
    if any(is_verdict(s) for s in passage.sentences):
        return False
    return not is_item and demands(passage.sentences[:1])


def _sentences(passages: Sequence[Passage], indices: range) -> Iterator[Sentence]:
    for i in indices:
        if passages[i].block.kind not in ("footnote", "caption"):
            yield from passages[i].sentences


def answer_numbers(
    document: Document,
    numbers: Mapping[str, frozenset[str]],
    sentences: Sequence[Sentence],
    lexicon: Lexicon,
    *,
    is_marked: bool,
) -> Iterator[Answer]:
    """Yield one answer per recommendation from the sentences of their common answer; nothing without an answer.

    Args:
        document: the document of the sentences.
        numbers: the recommendations by number, with the words that tell each from the others.
        sentences: the common answer.
        lexicon: its language.
        is_marked: whether the document marks them as the answer.
    """
    named: dict[str, Verdict] = {}
    common: list[Sentence] = []
    for sentence in sentences:
        inside = [a for a in judge_references(document, sentence, lexicon) if a.to in numbers]
        for answer in inside:
            named.setdefault(answer.to, answer.verdict)
        if not inside or {a.to for a in inside} >= set(numbers):
            common.append(sentence)
    first = judge(common, is_marked=is_marked)
    several = _judge_apart(common) if len(numbers) > 1 and not (first and first.is_outright) else []
    for number, words in numbers.items():
        others = frozenset[str]().union(*(w for n, w in numbers.items() if n != number))
        verdict = _nearest(document, several, words - others) or first
        of_it = named.get(number)
        if of_it and not (of_it.stance == "noted" and verdict and verdict.is_outright):
            yield Answer(number, of_it, NAMED)
        elif verdict is not None:
            yield Answer(number, verdict, (MARKED if is_marked else SAID) if verdict.is_telling else IMPLIED)
        elif is_marked and common:
            yield Answer(number, Verdict("unclear", common[0].start, common[0].end), UNCLEAR)


def _judge_apart(sentences: Sequence[Sentence]) -> list[Verdict]:
    """Return the verdict of each sentence that takes a stance; empty when all take the same one."""
    judged = [judge(sentences[n : n + 2], is_marked=False) for n, s in enumerate(sentences) if is_verdict(s)]
    verdicts = [v for v in judged if v is not None]
    return verdicts if len({v.stance for v in verdicts}) > 1 else []


def _nearest(document: Document, verdicts: Sequence[Verdict], words: frozenset[str]) -> Verdict | None:
    """Return the verdict with the most words of the quotation in it, None when fewer than `SHARED_WORDS` are."""
    shared = [(len(words & _telling_words(document.text[v.start : v.end])), v) for v in verdicts]
    most = max((n for n, _ in shared), default=0)
    return next((v for n, v in shared if n == most), None) if most >= SHARED_WORDS else None


def _telling_words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{6,}", text.lower()))


def answer_calls(document: Document, passages: Sequence[Passage], span: range) -> Iterator[Answer]:
    """Yield the stance that a sentence takes to the recommendation that the sentence before it tells of.

    That recommendation has no number; it is named by that sentence ("The committee recommends … We accept this.").
    """
    for i in span:
        sentences = passages[i].sentences
        for asked, sentence in pairwise(sentences):
            stance = outright_stance(sentence)
            if stance is None or not asked.has("recommend") or is_verdict(asked) or not sentence.has("response_named"):
                continue
            to = " ".join(document.text[asked.start : asked.end].split())
            yield Answer(to, Verdict(stance, sentence.start, sentence.end), SAID)


# --- answers in prose ------------------------------------------------------------------------------------------------


def answer_references(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, *, own: str
) -> Iterator[Answer]:
    """Yield what the prose of `span` says of recommendations that it names by number.

    A sentence that takes a stance answers; so does one that says the recommendation is followed ("in line with
    recommendation 4"), or a paragraph that begins with it as its topic ("As to recommendation 4, …").
    """
    for i in span:
        passage = passages[i]
        if passage.block.kind not in ("paragraph", "list_item"):
            continue
        for k, sentence in enumerate(passage.sentences):
            text = document.text[sentence.start : sentence.end]
            references = find_references(text, lexicon, own=own)
            if not references:
                continue
            judged = {a.to: a for a in judge_references(document, sentence, lexicon, own=own)}
            is_judged = bool(judged)
            is_followed = is_judged or sentence.has("response_followed")
            topic = None
            if is_followed or sentence.has("response_topic"):
                topic = _judge_topic(
                    document, passages, span, i, k, lexicon, is_followed=is_followed, is_judged=is_judged
                )
            for to in (to for r in references for to in _names(r)):
                answer = judged.get(to)
                if answer and not (topic and topic.stance == "partly" and answer.verdict.stance == "accepted"):
                    yield answer
                elif topic:
                    yield Answer(to, topic, UNCLEAR if topic.stance == "unclear" else IMPLIED)


def answer_all(
    document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon, *, numbers: Iterable[str]
) -> Iterator[Answer]:
    """Yield the answer that one sentence gives to all recommendations at once; it counts where nothing else answers."""
    everything = phrase_regex(tuple(lexicon.responses.all_of))
    for i in span:
        for sentence in passages[i].sentences:
            text = document.text[sentence.start : sentence.end]
            stance = outright_stance(sentence)
            references = find_references(text, lexicon)
            excepted = [r for r in references if find_exception(text, r, lexicon)]
            if stance is None or not everything.search(text) or len(excepted) < len(references):
                continue
            if excepted and stance == "partly":
                stance = "accepted"  # it is the exception that makes it partial
            for number in numbers:
                yield Answer(number, Verdict(stance, sentence.start, sentence.end), BLANKET)
            return


def judge_references(document: Document, sentence: Sentence, lexicon: Lexicon, *, own: str = "") -> Iterator[Answer]:
    """Yield the stance that a sentence takes to each recommendation that it names; nothing when it takes none."""
    text = document.text[sentence.start : sentence.end]
    references = find_references(text, lexicon, own=own)
    if not references or not any(c.group.startswith("response_") for c in sentence.cues):
        return
    stances: dict[str, Stance] = {}
    whole = stance_to_named(sentence)
    if len(references) == 1:
        excepted = find_exception(text, references[0], lexicon)
        clauses = [(references[0], "rejected" if excepted and whole else whole)]
    else:
        clauses = list(_judge_clauses(text, references, whole, lexicon))
    for reference, stance in clauses:
        if stance is not None:
            stances |= dict.fromkeys(_names(reference), stance)  # an exception comes behind the rule
    for to, stance in stances.items():
        yield Answer(to, Verdict(stance, sentence.start, sentence.end), SAID)


def _judge_clauses(
    text: str, references: Sequence[Reference], whole: Stance | None, lexicon: Lexicon
) -> Iterator[tuple[Reference, Stance | None]]:
    """Yield each reference of a sentence with the stance of its clause; `whole` is that of the sentence."""
    starts = [0, *(_parting(text, a, b, lexicon) for a, b in pairwise(references))]
    clauses = [text[a:b] for a, b in zip(starts, [*starts[1:], len(text)], strict=True)]
    negation = phrase_regex(tuple(lexicon.responses.negation))
    for reference, clause, read in zip(references, clauses, lexicon.pipeline().read_sentences(clauses), strict=True):
        stance = next((s for s in map(stance_to_named, read) if s is not None), None)
        if whole is not None and find_exception(text, reference, lexicon):
            stance = "rejected"
        elif stance is None and whole is not None and negation.search(clause):
            stance = "rejected"  # "… but not recommendation 3"
        elif stance is None and any(map(is_partial, read)):
            stance = "partly" if whole else None
        elif stance is None and len(clause.split()) <= ELLIPSIS_WORDS:
            stance = whole  # an enumeration that goes on in other words
        yield reference, stance


def find_exception(text: str, reference: Reference, lexicon: Lexicon) -> bool:
    """Whether the words before a reference except it from what a sentence says ("all but recommendation 3")."""
    before = text[max(0, reference.start - EXCEPTION_CHARACTERS) : reference.start]
    return phrase_regex(tuple(f"{phrase} $" for phrase in lexicon.responses.exceptions)).search(before) is not None


def _parting(text: str, before: Reference, after: Reference, lexicon: Lexicon) -> int:
    """Return where between two references the clause of the second begins: at the first comma or joining word."""
    joints = "|".join(re.escape(w) for w in lexicon.responses.joints)
    match = re.compile(rf"[,;]|\s(?:{joints})\s", re.IGNORECASE).search(text, before.end, after.start)
    return match.start() if match else after.start


def _names(reference: Reference) -> list[str]:
    return [f"{reference.source} {number}" if reference.source else number for number in reference.numbers]


def _judge_topic(
    document: Document,
    passages: Sequence[Passage],
    span: range,
    i: int,
    k: int,
    lexicon: Lexicon,
    *,
    is_followed: bool,
    is_judged: bool,
) -> Verdict:
    """Return the verdict of the prose about one recommendation: from its sentence to the next recommendation.

    A sentence that follows the recommendation, or was judged by itself, accepts it but for what later sentences say.
    """
    sentences = [passages[i].sentences[k]]
    for j in range(i, min(span.stop, i + TOPIC_REACH)):
        block = passages[j].block
        if j > i and block.kind == "heading":
            break
        for sentence in passages[j].sentences[k + 1 if j == i else 0 :]:
            if find_references(document.text[sentence.start : sentence.end], lexicon):
                break
            sentences.append(sentence)
        else:
            continue
        break
    first = sentences[0]
    if not is_followed:
        found = judge(sentences, is_marked=True)
        return found or Verdict("unclear", first.start, first.end)
    words = phrase_regex(tuple(lexicon.responses.references))
    later = (s for s in sentences[1:] if words.search(document.text[s.start : s.end]))
    is_partial = any(s.has("response_partly") for s in (*later, *([] if is_judged else [first])))
    return Verdict("partly" if is_partial else "accepted", first.start, first.end)
