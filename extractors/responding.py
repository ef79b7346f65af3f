"""Responses: what the addressed body answers to each recommendation, in a response document."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.finding import label_regex
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import Document, Response, Stance
from models.pipeline import Sentence

REACH = 25
"""How many blocks after the label of a recommendation its answer may stand."""


def find_responses(document: Document, passages: Sequence[Passage], lexicon: Lexicon) -> tuple[Response, ...]:
    """Return one response per labelled recommendation: the first sentence after its label that takes a stance.

    A recommendation that is answered by no such sentence has no response; a document without labels has none.
    """
    label = label_regex(lexicon)
    starts: list[tuple[int, str]] = []
    for i, passage in enumerate(passages):
        match = label.match(document.text[passage.block.start : passage.block.end])
        if match and match.group("recommendation") and match.group("number"):
            starts.append((i, match.group("number")))
    responses: dict[str, Response] = {}
    for n, (i, number) in enumerate(starts):
        stop = min(starts[n + 1][0] if n + 1 < len(starts) else len(passages), i + REACH)
        for passage in passages[i:stop]:
            found = next(((s, stance) for s in passage.sentences if (stance := _stance(s))), None)
            if found and number not in responses:
                s, stance = found
                responses[number] = Response(
                    number, stance, document.text[s.start : s.end], s.start, s.end, document.page_at(s.start)
                )
                break
    return tuple(responses.values())


def _stance(sentence: Sentence) -> Stance | None:
    if sentence.has("response_rejected"):
        return "rejected"
    if sentence.has("response_accepted"):
        return "partly" if sentence.has("response_partly") else "accepted"
    return "noted" if sentence.has("response_noted") else None


def normalise_number(number: str) -> str:
    """Return the tokens of a printed number without brackets and stops, joined by one space."""
    return " ".join(re.findall(r"\w+", number))
