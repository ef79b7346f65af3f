"""The words of our own pages, in the language that the reader's browser asks for.

The catalogues are `messages/<language>.toml`: a text per key, in which ``{name}`` stands for a value, or a table with
``one`` and ``other`` where a ``count`` decides. Texts are HTML; values are escaped when they are put in.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

from markupsafe import Markup

LANGUAGES: Final = ("en", "nl")
"""The first one is for browsers that ask for neither."""
COOKIE: Final = "rodedraad_language"

KINDS: Final = ("recommendation", "conclusion", "finding", "lesson")
"""The kinds of statements, in the order in which a reader wants them."""
STANCES: Final = ("accepted", "partly", "rejected", "noted", "unclear")
"""What a reaction may be."""

Text = str | Mapping[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Messages:
    """The texts of one language; call it with a key, such as ``t("home.lead")``."""

    language: str
    texts: Mapping[str, Text]

    def __call__(self, key: str, **values: Any) -> Markup:
        """Return the text of `key` with `values` in it, escaped. Raises `KeyError` for an unknown key."""
        text = self.texts[key]
        if not isinstance(text, str):
            text = text["one" if values["count"] == 1 else "other"]
        shown = {name: self.number(value) if isinstance(value, int) else value for name, value in values.items()}
        return Markup(text).format(**shown)  # noqa: S704 - texts are ours, and format escapes the values

    def name(self, what: str, code: str | None, count: int = 1) -> str:
        """Return the name of a code, such as a kind or a language; the code itself where it has no name."""
        text = self.texts.get(f"{what}.{code}", code or "")
        return text if isinstance(text, str) else text["one" if count == 1 else "other"]

    def of(self, row: Mapping[str, Any], column: str) -> str:
        """Return what a row says in this language, in ``name_en`` beside ``name``; empty where it says nothing."""
        return str(row.get(f"{column}_{self.language}") or row.get(column) or "")

    def number(self, value: int | float, digits: int = 0) -> str:
        """Return a number as it is written in the language: 1,234.5 in English and 1.234,5 in Dutch."""
        written = f"{value:,.{digits}f}"
        group, point = str(self.texts["number.group"]), str(self.texts["number.point"])
        return written.replace(",", "\0").replace(".", point).replace("\0", group)

    def percent(self, share: float | None) -> str:
        """Return a share from 0 to 1 as a percentage; a dash for None."""
        return "–" if share is None else f"{self.number(100 * share)}%"

    def date(self, written: str | None) -> str:
        """Return a date, as precise as it was given (YYYY, YYYY-MM or YYYY-MM-DD), in words; empty for None."""
        parts = (written or "").split("-")
        if not all(part.isdigit() for part in parts) or not 1 <= len(parts) <= 3:
            return written or ""
        if len(parts) == 1:
            return parts[0]
        month = self.texts.get(f"month.{int(parts[1])}", parts[1])
        words = [str(month), parts[0]] if len(parts) == 2 else [str(int(parts[2])), str(month), parts[0]]
        return " ".join(words)

    def time(self, clock: str) -> str:
        """Return a UTC time in ISO 8601 in words; what is none is returned as it is."""
        try:
            moment = datetime.datetime.fromisoformat(clock)
        except ValueError:
            return clock
        return f"{self.date(moment.date().isoformat())}, {moment:%H:%M} UTC"


@cache
def load_messages(language: str) -> Messages:
    """Return the catalogue of one of `LANGUAGES`, with keys such as ``home.lead``."""
    source = resources.files("datasette_config").joinpath("messages", f"{language}.toml")
    tables = tomllib.loads(source.read_text("utf-8"))
    texts = {f"{table}.{key}": text for table, entries in tables.items() for key, text in entries.items()}
    return Messages(language, texts)


def messages_for(request: Any) -> Messages:
    """Return the texts in the language that a request asks for: in its address, a choice made earlier, or a header."""
    if request is None:
        return load_messages(LANGUAGES[0])
    for chosen in (request.args.get("lang"), request.cookies.get(COOKIE)):
        if chosen in LANGUAGES:
            return load_messages(chosen)
    return load_messages(choose_language(request.headers.get("accept-language", "")))


def choose_language(accepted: str) -> str:
    """Return the language that an ``Accept-Language`` header (RFC 9110, 12.5.4) prefers; the first one for none."""
    best, weight = LANGUAGES[0], 0.0
    for part in accepted.split(","):
        tag, _, rest = part.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        if language in LANGUAGES and (quality := _quality(rest)) > weight:
            best, weight = language, quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
