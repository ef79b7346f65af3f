"""Stances: what the sentences of an answer say to the recommendation that they answer.

The words are cue groups of the language. An outright word about the recommendation decides, wherever in the answer it
stands; then outright consideration; then agreement with its content; then, in an answer that is marked as one, what
the answer does about it. A reservation in the next sentence makes acceptance partial.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from extractors.records import Stance
from models.pipeline import Sentence

ACTED_SENTENCES = 6
"""In an answer with more sentences, what the body does is told for many reasons, and accepts nothing."""


FIRST_CHARACTERS = 3
"""A stance begins its sentence within so many characters: a bullet, a bracket, a quotation mark."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A stance and the sentences ``[start, end)`` of the text that take it.

    `is_outright` when they say it in so many words, `is_telling` when at least they agree, disagree or weigh; else it
    follows from what the body does.
    """

    stance: Stance
    start: int
    end: int
    is_outright: bool = True
    is_telling: bool = True


def judge(sentences: Sequence[Sentence], *, is_marked: bool) -> Verdict | None:
    """Return the verdict of an answer, None when it takes no stance.

    Args:
        sentences: the answer, in order of the text.
        is_marked: whether the document marks them as the answer; only then what they do about the recommendation
            counts as acceptance, for it may as well be part of the quotation.
    """
    for i, sentence in enumerate(sentences):
        stance = outright_stance(sentence)
        if stance is not None:
            return _weigh_reservation(sentences, i, stance)
    for sentence in sentences:
        if _has(sentence, "weighed"):
            return Verdict("noted", sentence.start, sentence.end, is_outright=False)
    for i, sentence in enumerate(sentences):
        if _has(sentence, "agreed"):
            agreed = _weigh_reservation(sentences, i, "partly" if is_partial(sentence) else "accepted")
            return replace(agreed, is_outright=False)
    for sentence in sentences:
        if _has(sentence, "noted"):
            return Verdict("noted", sentence.start, sentence.end, is_outright=False, is_telling=False)
        if is_marked and len(sentences) <= ACTED_SENTENCES and _has(sentence, "acted"):
            return Verdict("accepted", sentence.start, sentence.end, is_outright=False, is_telling=False)
    return None


def outright_stance(sentence: Sentence) -> Stance | None:
    """Return the stance that a sentence takes in so many words, None for one that only weighs, agrees or acts."""
    if sentence.has("response_unsaid"):
        return None
    if _has(sentence, "rejected"):
        # "do not fully accept" accepts the rest
        return "partly" if _has(sentence, "accepted", "agreed") and _has(sentence, "fully", "partly") else "rejected"
    if _has(sentence, "accepted"):
        return "partly" if is_partial(sentence) else "accepted"
    return None


def begins_with_stance(sentence: Sentence) -> bool:
    """Whether the stance is among the first words of a sentence ("Accepted; …"), and not told of in passing."""
    groups = ("response_accepted", "response_rejected")
    early = any(c.group in groups and c.start <= sentence.start + FIRST_CHARACTERS for c in sentence.cues)
    return early and outright_stance(sentence) is not None


def stance_to_named(sentence: Sentence) -> Stance | None:
    """Return the stance that a sentence takes to a recommendation that it names by number; weighing it is one."""
    return outright_stance(sentence) or ("noted" if _has(sentence, "weighed") else None)


def is_verdict(sentence: Sentence) -> bool:
    """Whether a sentence takes any stance by itself; a sentence of a quoted recommendation takes none."""
    return outright_stance(sentence) is not None or _has(sentence, "weighed", "agreed", "noted")


def _weigh_reservation(sentences: Sequence[Sentence], i: int, stance: Stance) -> Verdict:
    sentence = sentences[i]
    following = sentences[i + 1] if i + 1 < len(sentences) else None
    takes_back = following is not None and (
        (stance == "accepted" and _has(following, "reserved"))
        or (stance == "rejected" and _has(following, "contrast") and not _has(sentence, "named"))
    )
    if following is not None and takes_back:
        return Verdict("partly", sentence.start, following.end)
    return Verdict(stance, sentence.start, sentence.end)


def is_partial(sentence: Sentence) -> bool:
    """Whether words of a sentence make its acceptance partial."""
    return _has(sentence, "partly") and not _has(sentence, "fully")


def _has(sentence: Sentence, *groups: str) -> bool:
    return sentence.has(*(f"response_{group}" for group in groups)) and not sentence.has("response_unsaid")
