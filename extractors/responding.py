"""Responses: what the addressed body answers to each recommendation, in a response document.

Such a document quotes the recommendations one by one, or a few at a time, and answers below them. A quotation is known
by its label or its number; the answer is what stands below until the next quotation. Quotations without an answer of
their own share the next one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.finding import label_regex
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.records import Document, Response, Stance
from models.pipeline import Sentence

REACH = 40
"""How many blocks after the label of a recommendation its answer may stand."""

FEWEST = 3
"""So many quotations must carry numbers of one form for that form to be the label of quotations."""

_DOTTED = re.compile(r"\d{1,2}(?:\.\d{1,2})+\.?$")
_LETTERED = re.compile(r"\s*(\d{1,2})\s?\(?([a-z])\)?[.)]?\s*(?:\(?([ivx]{1,4})\)?[.)]\s*)?(?=[A-Z‘“\"'(])")
_CHAPTER = re.compile(r"\s*(\d{1,2})[.)]\s+(?=\D)")


@dataclass(frozen=True, slots=True)
class _Quotation:
    """A quoted recommendation: the index of its passage and its number, in the form 4(a)(ii)."""

    passage: int
    number: str


def find_responses(document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> tuple[Response, ...]:
    """Return one response per quoted recommendation, in order of the text.

    The quotation of a response is the first sentence of the answer that takes a stance; with the stance unclear,
    the first sentence of the answer. A document that quotes no numbered recommendations has no responses.
    """
    quotations = _find_quotations(document, passages, lexicon)
    responses: dict[str, Response] = {}
    waiting: list[str] = []
    for n, quotation in enumerate(quotations):
        waiting.append(quotation.number)
        stop = quotations[n + 1].passage if n + 1 < len(quotations) else len(passages)
        region = range(quotation.passage, min(stop, quotation.passage + REACH))
        answer = _find_answer(document, passages, region, lexicon)
        if answer is None:
            continue
        sentence, stance = answer
        text = document.text[sentence.start : sentence.end]
        page = document.page_at(sentence.start)
        for number in waiting:
            responses.setdefault(number, Response(number, stance, text, sentence.start, sentence.end, page))
        waiting = []
    return tuple(responses.values())


# --- quotations ------------------------------------------------------------------------------------------------------


def _find_quotations(document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> list[_Quotation]:
    """Return the quoted recommendations by the most telling form of number that the document uses."""
    labelled = _labelled(document, passages, lexicon)
    lettered = _lettered(document, passages)
    dotted = [
        _Quotation(i, p.block.marker.rstrip("."))
        for i, p in enumerate(passages)
        if p.block.kind == "list_item" and p.block.marker and _DOTTED.match(p.block.marker.strip())
    ]
    for found in (lettered, labelled, dotted):
        if len({q.number for q in found}) >= FEWEST:
            return found
    return labelled


def _labelled(document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> list[_Quotation]:
    """Return the passages that begin with a label ("Recommendation 3: …"); a mention inside prose is none."""
    label = label_regex(lexicon)
    found = []
    for i, passage in enumerate(passages):
        text = document.text[passage.block.start : passage.block.end]
        match = label.match(text)
        if not match or not match.group("recommendation") or not match.group("number"):
            continue
        if passage.block.kind == "heading" or match.group("colon") or match.end() >= len(text.rstrip()):
            found.append(_Quotation(i, _normalise(match.group("number"))))
    return found


def _lettered(document: Document, passages: Sequence[Passage]) -> list[_Quotation]:
    """Return the passages that begin with a number and letter ("4a) ii."), and chapters answered as a whole ("1)")."""
    found: list[_Quotation] = []
    chapter: _Quotation | None = None
    for i, passage in enumerate(passages):
        text = document.text[passage.block.start : passage.block.end]
        head = _CHAPTER.match(text) if passage.block.kind == "heading" else None
        if head:
            if chapter and not any(q.number.startswith(f"{chapter.number}(") for q in found):
                found.append(chapter)
            chapter = _Quotation(i, head.group(1))
        match = _LETTERED.match(text) if passage.block.kind in ("paragraph", "list_item") else None
        if match:
            number, letter, roman = match.groups()
            found.append(_Quotation(i, f"{number}({letter})" + (f"({roman})" if roman else "")))
    if len(found) < FEWEST:
        return []
    if chapter and not any(q.number.startswith(f"{chapter.number}(") for q in found):
        found.append(chapter)
    return sorted(found, key=lambda q: q.passage)


def _normalise(number: str) -> str:
    """Return a printed number in the form 4(a): its first part, and its letters in brackets."""
    parts = re.findall(r"\d+(?:[.\-–]\d+)*|[A-Za-z]+", number)
    return parts[0] + "".join(f"({part})" for part in parts[1:]) if parts else number


# --- answers ---------------------------------------------------------------------------------------------------------


def _find_answer(
    document: Document, passages: Sequence[Passage], region: range, lexicon: Lexicon
) -> tuple[Sentence, Stance] | None:
    """Return the sentence of the answer that takes a stance, and the stance; None when the region has no answer."""
    start, is_marked = _answer_start(document, passages, region, lexicon)
    noted: Sentence | None = None
    first: Sentence | None = None
    for i in range(start, region.stop):
        passage = passages[i]
        if passage.block.kind in ("footnote", "caption"):
            continue
        for sentence in passage.sentences:
            stance = _stance(sentence)
            if stance in ("accepted", "partly", "rejected"):
                return sentence, stance
            if stance == "noted" and noted is None:
                noted = sentence
        speaks = passage.block.kind == "paragraph" and passage.sentences
        calls = any(s.has("recommend", "ought") for s in passage.sentences[:1])
        if speaks and first is None and (is_marked or not calls):
            first = passage.sentences[0]
    if noted is not None:
        return noted, "noted"
    return (first, "unclear") if first is not None and is_marked else None


def _answer_start(document: Document, passages: Sequence[Passage], region: range, lexicon: Lexicon) -> tuple[int, bool]:
    """Return where the answer may begin, and whether the layout marks that place.

    It is marked by a heading such as "Government response", or by a quotation that is a numbered item of its own.
    """
    response = phrase_regex(tuple(lexicon.sections.get("response", ())))
    for i in region:
        block = passages[i].block
        if i > region.start and block.kind == "heading" and response.search(document.text[block.start : block.end]):
            return i + 1, True
    quoted = passages[region.start].block
    if quoted.kind == "list_item" or _LETTERED.match(document.text[quoted.start : quoted.end]):
        return region.start + 1, region.start + 1 < region.stop
    return region.start + 1, False


def _stance(sentence: Sentence) -> Stance | None:
    if sentence.has("response_rejected"):
        return "rejected"
    if sentence.has("response_accepted"):
        return "partly" if sentence.has("response_partly") and not sentence.has("response_fully") else "accepted"
    return "noted" if sentence.has("response_noted") else None
