"""Cases: the affairs, disasters and operations that a report is about or compares.

An affair that is known by a name of its own (`lexicons/affairs.toml`) is a case of every report whose title names it or
whose text keeps coming back to it. A report that compares cases lists them; such a list is read too.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from extractors.errors import InvalidLexicon
from extractors.lexicon import LEXICON_FOLDER, Lexicon, phrase_regex

AFFAIRS = LEXICON_FOLDER / "affairs.toml"

MIN_CASES = 3
MAX_WORDS = 8
MIN_MENTIONS = 8
"""So often a text names an affair that it is about."""
CHARACTERS_PER_MENTION = 10_000
"""A long text names it at least once in so many characters; what it only compares with comes up less."""


@dataclass(frozen=True, slots=True)
class Affair:
    """An affair with a name of its own, and what finds that name in a text of any language."""

    name: str
    pattern: re.Pattern[str]


def find_cases(text: str, lexicon: Lexicon, *, title: str = "") -> tuple[str, ...]:
    """Return the cases of a report, each once; empty when there are none.

    First the members of the longest list of cases, as printed, then the known affairs that `title` names or `text`
    keeps naming, by their names in `lexicons/affairs.toml`, unless the list has them.
    """
    listed = _find_listed(text, lexicon)
    known = [affair for affair in read_affairs() if _is_about(text, affair, title=title)]
    return (*listed, *(a.name for a in known if not any(a.pattern.search(member) for member in listed)))


@lru_cache(maxsize=1)
def read_affairs(path: Path = AFFAIRS) -> tuple[Affair, ...]:
    """Return the known affairs, in their order.

    Raises:
        InvalidLexicon: when the file is no TOML, or an affair lacks its name or forms, or has a name twice.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))["affair"]
        affairs = tuple(Affair(str(table["name"]), phrase_regex(tuple(table["forms"]))) for table in tables)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise InvalidLexicon(
            f"{path}: {error!r}; expected tables [[affair]] with name and forms; correct the file"
        ) from error
    names = [affair.name for affair in affairs]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidLexicon(f"{path}: found the name {twice!r} twice, expected each once; join the two")
    return affairs


def _is_about(text: str, affair: Affair, *, title: str) -> bool:
    if affair.pattern.search(title):
        return True
    needed = max(MIN_MENTIONS, len(text) // CHARACTERS_PER_MENTION)
    return sum(1 for _ in affair.pattern.finditer(text)) >= needed


def _find_listed(text: str, lexicon: Lexicon) -> list[str]:
    """Return the members of the longest list behind a lead-in that is one of cases.

    A list counts from three members of which at least a third has the head of a case in it (`affaire`, `ramp`) or is a
    known affair: capitals alone say nothing, for patients and products have them too.
    """
    table = lexicon.publication.cases
    best: list[str] = []
    for sentence in re.findall(r"[^.!?\n]+(?:\.(?!\s)[^.!?\n]*)*", text):
        match = next(iter(phrase_regex(tuple(table.lead_ins)).finditer(sentence)), None)
        if not match:
            continue
        members = _split(sentence[match.end() :], lexicon)
        alike = sum(1 for member in members if _is_case(member, lexicon))
        if len(members) >= MIN_CASES and alike * 3 >= len(members) and len(members) > len(best):
            best = members
    return best


def _is_case(member: str, lexicon: Lexicon) -> bool:
    return any(head in member.lower() for head in lexicon.publication.cases.heads) or any(
        affair.pattern.search(member) for affair in read_affairs()
    )


def _split(enumeration: str, lexicon: Lexicon) -> list[str]:
    table = lexicon.publication.cases
    joints = "|".join(re.escape(j) for j in sorted(table.joints, key=len, reverse=True))
    parts = re.split(rf"\s*,\s*|\s+(?:{joints})\s+", enumeration)
    members = []
    for part in parts:
        name = re.sub(rf"^(?:(?:{joints})\s+)?(?:(?:{'|'.join(table.articles)})\s+)?", "", part.strip(" .:;()"))
        if name and len(name.split()) <= MAX_WORDS:
            members.append(name)
    return list(dict.fromkeys(members))
