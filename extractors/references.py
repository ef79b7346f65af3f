"""References: the numbers by which a text speaks of recommendations ("recommendations 2, 5 and 7 of the Oak Report").

All words are data of the language: what recommendations are called, what joins numbers, ranges and ordinals.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from extractors.lexicon import Lexicon

LONGEST_RANGE = 40
"""A range of numbers has no more members; what looks longer is a page range or a period."""

SOURCE_WORDS = 8
"""The name of the report whose recommendations are meant has no more words."""

_PLAIN = r"(?:[A-Z]{1,3}[-.]?)?\d{1,3}(?:[./]\d{1,3})*(?!\d)"
_PART = (
    r"(?:\s?\)?\s?\((?P<in_brackets>[a-z])\)|\)\s?(?P<behind_bracket>[a-z])\)?(?!\w)"
    r"|(?P<attached>[a-z])\)?(?!\w)|\s(?P<before_bracket>[a-z])\))"
)
_ROMAN = r"\s?\(?(?P<roman>x|ix|iv|v?i{1,3}|v)\)?(?!\w)"
_NUMBER = re.compile(rf"(?P<plain>{_PLAIN})(?:{_PART}(?:{_ROMAN})?)?\)?")
_LETTER = re.compile(rf"\(?(?P<letter>[a-z])\)?(?!\w)(?:{_ROMAN})?")


@dataclass(frozen=True, slots=True)
class Reference:
    """A place ``[start, end)`` of a text that names recommendations by number, in the form ``4(a)(ii)``.

    `source` is the name of the report whose recommendations they are, None when the text does not say.
    """

    start: int
    end: int
    numbers: tuple[str, ...]
    source: str | None = None


@dataclass(frozen=True, slots=True)
class _Words:
    """The regular expressions of one language."""

    label: re.Pattern[str]
    joint: re.Pattern[str]
    to: re.Pattern[str]
    ordinal: re.Pattern[str]
    source_behind: re.Pattern[str]
    source_before: re.Pattern[str]


def find_references(text: str, lexicon: Lexicon, *, own: str = "") -> list[Reference]:
    """Return the references in `text`, in order; empty when it names no recommendation by number.

    Args:
        text: any text.
        lexicon: the language.
        own: words that name the report that is answered; a source that says no more is not another report.
    """
    words = _words_of(lexicon)
    found: list[Reference] = []
    for match in words.label.finditer(text):
        numbers, end = read_numbers(text, match.end(), words=words)
        if numbers:
            found.append(Reference(match.start(), end, numbers, _source(text, match.start(), end, words, lexicon, own)))
    for match in words.ordinal.finditer(text):
        ordinals = _ordinals(match, lexicon)
        if ordinals and not any(r.start < match.end() and match.start() < r.end for r in found):
            found.append(Reference(match.start(), match.end(), ordinals))
    return sorted(found, key=lambda r: r.start)


def read_number_list(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the numbers that a text begins with ("2, 5 and 7"), empty when it begins with something else."""
    return read_numbers(text, 0, words=_words_of(lexicon))[0]


def normalise_number(number: str) -> str:
    """Return a printed number in the form ``4(a)(ii)``; what begins with no number stays as it is."""
    match = _NUMBER.match(number.strip())
    if not match:
        return number.strip()
    return _spell(match)


def read_numbers(text: str, start: int, *, words: _Words) -> tuple[tuple[str, ...], int]:
    """Return the numbers that stand in `text` from `start`, ranges told out, and where they end."""
    blank = re.compile(r"[\s:]*").match(text, start)
    first = _NUMBER.match(text, blank.end() if blank else start)
    if not first:
        return (), start
    numbers, end = [_spell(first)], first.end()
    while True:
        to = words.to.match(text, end)
        behind = _next_number(text, to.end(), numbers[-1]) if to else None
        members = _range(numbers[-1], behind[0]) if behind else []
        if behind and members:
            numbers += members[1:]
            end = behind[1]
            continue
        joint = words.joint.match(text, end)
        following = _next_number(text, joint.end(), numbers[-1]) if joint else None
        if not following:
            return tuple(dict.fromkeys(numbers)), end
        numbers.append(following[0])
        end = following[1]


def _next_number(text: str, start: int, before: str) -> tuple[str, int] | None:
    """Return the number at `start` and its end; a bare letter belongs to the number before it ("3a and b")."""
    match = _NUMBER.match(text, start)
    if match:
        return _spell(match), match.end()
    letter = _LETTER.match(text, start)
    if letter and "(" in before:
        stem = before.split("(")[0]
        roman = f"({letter.group('roman')})" if letter.group("roman") else ""
        return f"{stem}({letter.group('letter')}){roman}", letter.end()
    return None


def _spell(match: re.Match[str]) -> str:
    parts = match.groupdict()
    letter = parts["in_brackets"] or parts["behind_bracket"] or parts["attached"] or parts["before_bracket"]
    return parts["plain"] + (f"({letter})" if letter else "") + (f"({parts['roman']})" if parts["roman"] else "")


def _range(first: str, last: str) -> list[str]:
    """Return the numbers from `first` to `last`, both included; empty when they are no range."""
    pairs = (
        (re.match(r"^(.*?)(\d+)$", first), re.match(r"^(.*?)(\d+)$", last)),
        (re.match(r"^(.*\()([a-z])\)$", first), re.match(r"^(.*\()([a-z])\)$", last)),
    )
    for one, other in pairs:
        if not one or not other or one.group(1) != other.group(1):
            continue
        if one.group(2).isdecimal():
            span = range(int(one.group(2)), int(other.group(2)) + 1)
            return [f"{one.group(1)}{n}" for n in span] if len(span) <= LONGEST_RANGE else []
        letters = range(ord(one.group(2)), ord(other.group(2)) + 1)
        return [f"{one.group(1)}{chr(n)})" for n in letters]
    return []


def _ordinals(match: re.Match[str], lexicon: Lexicon) -> tuple[str, ...]:
    """Return the numbers of "the first and third recommendation", and of "the first two recommendations"."""
    table = lexicon.responses.ordinals
    numbers = [str(table[w]) for w in re.findall(r"\w+", match.group("ordinals").lower()) if w in table]
    count = (match.group("count") or "").lower()
    if count and numbers == ["1"]:
        return tuple(str(n + 1) for n in range(lexicon.dates.numbers[count]))
    return () if count else tuple(numbers)


# --- of which report -------------------------------------------------------------------------------------------------


def _source(text: str, start: int, end: int, words: _Words, lexicon: Lexicon, own: str) -> str | None:
    """Return the name of the other report whose recommendations are meant, None for the report that is answered."""
    behind = words.source_behind.match(text, end)
    before = words.source_before.search(text, max(0, start - 90), start)
    match = behind or before
    if match is None:
        return None
    name = " ".join(match.group("source").split())
    said = {w.lower() for w in re.findall(r"[^\W\d_]+", own)}
    kinds = (w for patterns in lexicon.publication.kinds.values() for w in patterns)
    general = {*lexicon.publication.generic, *lexicon.addressees.articles, *lexicon.addressees.joints, *kinds}
    telling = [w for w in re.findall(r"[^\W\d_]+", name.lower()) if w not in said and w not in general]
    return name if telling and len(name.split()) <= SOURCE_WORDS else None


@lru_cache(maxsize=8)
def _compile(
    references: Sequence[str],
    before_number: Sequence[str],
    joints: Sequence[str],
    ranges: Sequence[str],
    ordinals: Sequence[str],
    counts: Sequence[str],
    reports: Sequence[str],
    grammar: tuple[Sequence[str], Sequence[str]],
) -> _Words:
    articles, of = (_any(words) for words in grammar)
    label = rf"(?<!\w)(?:{_any(references)})(?!\w)(?:\s+(?:{_any(before_number)})(?!\w)\.?)?"
    further = rf"(?:\s*,\s*|\s+)(?:(?:{_any(joints)})\s+)?(?:{articles}\s+)?{_any(ordinals)}"
    ordinal = rf"(?P<ordinals>{_any(ordinals)}(?:{further})*)"
    name = r"[A-ZÀ-Þ][\w-]*(?:\s+[A-ZÀ-Þ][\w-]*)*"
    report = rf"(?P<source>{name}\s+(?i:{_any(reports)}))"
    return _Words(
        label=re.compile(label, re.IGNORECASE),
        joint=re.compile(rf"\s*,\s*(?:(?:{_any(joints)})\s+)?|\s*[/&;+]\s*|\s+(?:{_any(joints)})\s+", re.IGNORECASE),
        to=re.compile(rf"\s*[-–—]\s*|\s+(?:{_any(ranges)})\s+", re.IGNORECASE),
        ordinal=re.compile(
            rf"(?<!\w){ordinal}(?:\s+(?P<count>{_any(counts)}))?\s+(?:{_any(references)})(?!\w)", re.IGNORECASE
        ),
        source_behind=re.compile(rf"\s*\)?\s+(?i:{of})\s+(?i:{articles})\s+{report}(?!\w)"),
        source_before=re.compile(rf"{report}(?:[’']s?|\s+[a-z]{{1,4}})\s+$"),
    )


def _any(words: Sequence[str]) -> str:
    forms = sorted(words, key=len, reverse=True)
    return "(?:" + ("|".join(re.escape(w).replace(r"\ ", r"\s+") for w in forms) or "(?!)") + ")"


def _words_of(lexicon: Lexicon) -> _Words:
    table = lexicon.responses
    reports = tuple(p for p in lexicon.publication.kinds.get("report", ()) if " " not in p)
    return _compile(
        tuple(table.references),
        tuple(table.before_number),
        tuple(table.joints),
        tuple(table.ranges),
        tuple(table.ordinals),
        tuple(lexicon.dates.numbers),
        reports,
        (tuple(lexicon.addressees.articles), tuple(lexicon.addressees.of)),
    )
