"""Brings words back to their stems, the same way for the full-text index and for the questions put to it."""

from __future__ import annotations

import re
import threading
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from importlib import resources
from typing import Any, Final

# Letters and digits, joined by a hyphen, slash or point inside: Q-koorts, 2023/150, 3.2.
_TOKEN: Final = re.compile(r"[^\W_]+(?:[-/.‐‑–][^\W_]+)*")
_PART: Final = re.compile(r"[^\W_]+")
_POSSESSIVE: Final = re.compile(r"(?<=\w)['’]s\b")
_INVISIBLE: Final = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]")
_LONGEST_WORD: Final = 64
_MOST_PARTS: Final = 4

# Snowball's objects hold the word they work on, so threads cannot share one.
_of_thread: Final = threading.local()


def stem_text(text: str, language: str) -> str:
    """Return the stems of the words in `text`, in order, in lower case, without accents, parted by spaces.

    `language` is an ISO 639-1 code; words of a language without rules in `stems.toml` are only folded. A joined word
    gives its parts and the whole without its joints (``Q-koorts`` gives ``q koorts qkoorts``), so that each way of
    writing finds the others. An empty string for a text without words.
    """
    folded = _POSSESSIVE.sub("", fold_text(text))
    return " ".join([_stem_token(token, language) for token in _TOKEN.findall(folded)])


@lru_cache(maxsize=300_000)
def _stem_token(token: str, language: str) -> str:
    """Return the stems of one word, or of a joined word and its parts, parted by spaces."""
    parts = _PART.findall(token)
    stems = [stem_word(part, language) for part in parts]
    if 1 < len(parts) <= _MOST_PARTS:
        stems.append(stem_word("".join(parts), language))
    return " ".join(stems)


def list_words(text: str) -> list[str]:
    """Return the words of `text` as they stand, folded: what `stem_text` makes stems of, joined words in parts."""
    return _PART.findall(_POSSESSIVE.sub("", fold_text(text)))


def fold_text(text: str) -> str:
    """Return `text` in lower case, without accents and without invisible characters; ligatures become letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", _INVISIBLE.sub("", text).casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))


def compound_joints(language: str) -> tuple[str, ...]:
    """Return what may stand between the parts of a compound, nothing included; empty where words are not joined."""
    return tuple(_read_rules().get(language, {}).get("joints", ()))


@lru_cache(maxsize=300_000)
def stem_word(word: str, language: str) -> str:
    """Return the stem of one word that is folded already; a number, or a word past 64 letters, stays as it is."""
    rules = _read_rules().get(language)
    if rules is None or not word.isalpha() or len(word) > _LONGEST_WORD:
        return word
    kept = rules.get("words", {}).get(word)
    # An empty stem would lose the word.
    return str(kept or _snowball(str(rules["snowball"])).stemWord(word) or word)


@cache
def _read_rules() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads(resources.files("warehouse").joinpath("stems.toml").read_text("utf-8"))


def _snowball(algorithm: str) -> Any:
    import snowballstemmer

    stemmers: dict[str, Any] = _of_thread.__dict__.setdefault("stemmers", {})
    if algorithm not in stemmers:
        stemmers[algorithm] = snowballstemmer.stemmer(algorithm)
    return stemmers[algorithm]
