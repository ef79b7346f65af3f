"""Finds the language that a document is mainly written in."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from extractors.records import Block, Document

UNKNOWN: Final = "und"
LANGUAGES: Final = (
    "ar", "bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "it", "lt", "lv", "mt",
    "nb", "nl", "pl", "pt", "ro", "ru", "sk", "sl", "sv", "tr", "uk", "zh",
)  # fmt: skip
"""ISO 639-1 codes told apart: those of the European Union and a few more. Near kin of Dutch that no report in view is
written in (Afrikaans, Frisian, Luxembourgish) are left out, for short texts would be mistaken for them."""

_SAMPLES: Final = 16
_SAMPLE_LENGTH: Final = 600
_FEWEST_LETTERS: Final = 40
_BODY_KINDS: Final = frozenset({"paragraph", "list_item", "footnote"})
_LETTER: Final = re.compile(r"[^\W\d_]")


def detect_language(document: Document) -> str:
    """Return the ISO 639-1 code of the language of most of the body text, ``"und"`` for too little text.

    Judged on samples spread over the whole document, each of which has one vote for its length: a Dutch report with an
    English summary is Dutch. Headings, tables and contents vote only where there is no running text.
    """
    return detect_language_of(_body_texts(document))


def detect_language_of(texts: Sequence[str]) -> str:
    """Return the language of most of the `texts` (see `detect_language`); ``"und"`` for none."""
    votes: Counter[str] = Counter()
    for sample in _samples(texts):
        letters = len(_LETTER.findall(sample))
        if letters >= _FEWEST_LETTERS:
            language, _ = _identifier().classify(sample)
            votes[language] += letters
    if not votes:
        return UNKNOWN
    # Ties fall to the language that comes first in the alphabet, so that the answer never depends on order.
    return min(votes, key=lambda language: (-votes[language], language))


def _body_texts(document: Document) -> list[str]:
    def text_of(block: Block) -> str:
        return document.text[block.body_start : block.end]

    texts = [text_of(block) for block in document.blocks if block.kind in _BODY_KINDS]
    if len(_LETTER.findall("".join(texts[:50]))) < _FEWEST_LETTERS:
        texts = [document.text]
    return texts


def _samples(texts: Sequence[str]) -> list[str]:
    """Return up to `_SAMPLES` pieces at even distances over the texts."""
    joined = "\n".join(texts)
    if len(joined) <= _SAMPLES * _SAMPLE_LENGTH:
        return [joined[i : i + _SAMPLE_LENGTH] for i in range(0, len(joined), _SAMPLE_LENGTH)]
    step = (len(joined) - _SAMPLE_LENGTH) / (_SAMPLES - 1)
    return [joined[int(i * step) : int(i * step) + _SAMPLE_LENGTH] for i in range(_SAMPLES)]


@functools.lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(set(LANGUAGES) & set(identifier.labels))
    return identifier
