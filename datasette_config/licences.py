"""Which originals may be passed on, by the licence that their source states."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

_WORD: Final = re.compile(r"[^\W_]+")


def allows_download(licence: str | None) -> bool:
    """Return whether anybody may pass on a file under `licence`; not where the source states none.

    A text that says anything that may take the permission away counts as closed: better a link to the publisher than a
    file too many.
    """
    words = _words_of(licence or "")
    lists = _read_patterns()
    if not words or lists["closed"].search(words):
        return False
    return bool(lists["open"].search(words) or lists["alone"].fullmatch(words))


def _words_of(text: str) -> str:
    return " ".join(_WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


@cache
def _read_patterns() -> Mapping[str, re.Pattern[str]]:
    """Return per list of the file one pattern for words as `_words_of` gives them."""
    source = resources.files("datasette_config").joinpath("licences.toml")
    lists: dict[str, list[str]] = tomllib.loads(source.read_text("utf-8"))
    return {name: re.compile(rf"\b(?:{'|'.join(map(_pattern_of, phrases))})\b") for name, phrases in lists.items()}


def _pattern_of(phrase: str) -> str:
    return re.escape(phrase).replace(r"\*", r"\w*")
