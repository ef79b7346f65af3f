"""Organisations: names of bodies in print, known by the words that such names have in a language.

A name is a run of capitalised words with small words between them, one of which is a word of organisations
("Inspectie Veren en Kaden", "Office of the Ombudsman"), or a name that the lexicon knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from extractors.deadlines import find_date
from extractors.front import clean_line
from extractors.gazetteer import load_gazetteer
from extractors.lexicon import Lexicon, phrase_regex
from extractors.parties import ANYWHERE, Kind, Party

MOST_WORDS = 14
"""The name of an organisation has no more words."""

MOST_LISTED = 8
"""A name that lists what a body is for lists no more ("Ministry of Roads, Rail, Ports and Canals")."""

REPEATED_WORDS = 2
"""Where more words stand twice, several lines ran together."""

OVERSEEING: Final[frozenset[Kind]] = frozenset({"watchdog", "inspectorate"})
"""Kinds of public bodies that report on others."""

STOP_CHARACTERS = 20
"""Words that end a name may go on so far behind it ("… All rights reserved")."""

_CAPITAL = r"[A-ZÀ-Þ][\w’'&/-]*(?:\.[A-Z]\.?)*"


@dataclass(frozen=True, slots=True)
class Name:
    """The name of an organisation as printed, at ``[start, end)`` of the given text."""

    text: str
    start: int
    end: int


class OrganisationReader:
    """Finds names of organisations by the tables of one language."""

    def __init__(self, lexicon: Lexicon) -> None:
        table = lexicon.publication
        self._gazetteer = load_gazetteer()
        self._lexicon = lexicon
        self._words = phrase_regex(tuple(table.publisher_words))
        self._known = phrase_regex((*table.publisher_names, *table.single_names))
        self._single = phrase_regex(tuple(f"^ {word} $" for word in table.single_names))
        self._known_whole = phrase_regex(tuple(f"^ {name} $" for name in table.publisher_names))
        self._excluded = frozenset(table.not_publishers)
        self._overseers = phrase_regex(tuple(table.overseers))
        self._parting = re.compile(rf"[ ]{_any(table.partings)}[ ]")
        self._stop = phrase_regex(tuple(table.name_stops))
        self._article = re.compile(rf"^(?:{'|'.join(table.cases.articles)})\s+", re.IGNORECASE)
        self._generic = frozenset(table.generic)
        self._small = frozenset([*lexicon.addressees.joints, *table.cases.articles, *lexicon.addressees.of])
        small = _any(
            [*table.name_joints, *lexicon.addressees.joints, *lexicon.addressees.articles, *lexicon.addressees.of]
        )
        ands = _any([*lexicon.addressees.ands, "&"])
        heads = "|".join(w.replace("*", r"\w*") for w in table.publisher_words if re.fullmatch(r"[\w*|]+", w))
        run = rf"{_CAPITAL}(?:(?:[ ](?:{small}|{heads}|&)){{0,3}}[ ]{_CAPITAL}){{0,{MOST_WORDS}}}"
        # Without a limit every word of a long list of names would be asked for the end of the list again.
        part = rf"[ ]{_CAPITAL}(?:[ ]{_CAPITAL})?"
        listed = rf"(?:(?:,{part}){{1,{MOST_LISTED}}}[ ]{ands}{part})?"
        self._leading = frozenset([*lexicon.text.back_references, *table.cases.articles, *lexicon.addressees.beside])
        tail = rf"(?:[ ](?:{heads})(?!\w))?"
        headed = rf"(?:{heads})(?:[ ](?:{small})){{0,2}}[ ]{run}"
        self._name = re.compile(rf"(?<![\w@./-])(?:{run}{tail}|{headed}){listed}")

    def is_organisation(self, name: str) -> bool:
        """Whether a name has a word of organisations and is not that word alone, or is a known name."""
        bare = self._article.sub("", name)
        words = [w.lower().strip(".,()") for w in bare.split()]
        if self._excluded.intersection(words) or len(bare) < 3:
            return False
        if self._known_whole.match(bare) or (bare[:1].isupper() and self._single.match(bare)):
            return True
        is_said_once = len(words) - len(set(words)) <= REPEATED_WORDS
        if words[-1:] and words[-1] in self._small:
            return False  # a line that was broken off: "Ministerie van"
        is_plain = not re.search(r"(?<!\S)\d|\d{3}", bare)
        left = {w for w in words if w not in self._small and not self._words.fullmatch(w)}
        if left and left <= self._generic:
            return False  # "Performance Audit" is a kind of publication
        is_name = 1 < len(words) <= MOST_WORDS and is_said_once and is_plain and words[0] not in self._leading
        return is_name and self._words.search(bare) is not None

    def is_overseer(self, name: str) -> bool:
        """Whether a name is that of a body which reports on others: an ombudsman, an auditor, an inquiry."""
        if self._overseers.search(name):
            return True
        party = self.find_party(name)
        return party is not None and party.kind in OVERSEEING

    def find_party(self, name: str) -> Party | None:
        """Return the public body that the whole of a name names, None for other names."""
        bare = self._article.sub("", name)
        if self._excluded.intersection(w.lower().strip(".,()") for w in bare.split()):
            return None
        whole = next((n for n in self._gazetteer.find(bare) if n.start == 0 and n.end == len(bare)), None)
        party = self._gazetteer.choose(whole, None) if whole else None
        if party is None or party.kind == "collective" or party.region == ANYWHERE:
            return None
        # "de gemeente" may be a known way to say which body is meant; on a title page it is no name.
        capitals = sum(word[:1].isupper() for word in bare.split())
        return party if capitals > 1 or bare.isupper() or bare.lower() == party.name.lower() else None

    def find_ministry(self, text: str) -> str | None:
        """Return the name of the ministry of the first minister that `text` names, None when it names none."""
        parties = (self._gazetteer.choose(naming, None) for naming in self._gazetteer.find(text))
        return next((party.name for party in parties if party and party.kind == "ministry"), None)

    def names_body(self, name: str) -> bool:
        """Whether a name is that of an organisation or of a public body that is known by name only."""
        return self.is_organisation(name) or self.find_party(name) is not None

    def find(self, text: str) -> Iterator[Name]:
        """Yield the names of organisations in `text`, in order; nothing when it names none."""
        for match in self._name.finditer(text):
            if not self._words.search(match.group(0)) and not self._known.search(match.group(0)):
                continue
            name = self._cut(match)
            if name is not None and self.is_organisation(name.text):
                yield name

    def find_first(self, text: str) -> Name | None:
        """Return the name that `text` begins with, an article apart; None when it begins otherwise.

        After a label that says what stands there ("Uitgever: …") any capitalised name will do.
        """
        article = self._article.match(text)
        match = self._name.match(text, article.end() if article else 0)
        return self._cut(match) if match else None

    def read_line(self, line: str) -> list[str]:
        """Return the organisations that a line names and does nothing else; empty for other lines."""
        dated = find_date(line, self._lexicon) is not None
        bare = strip_name(re.split(r"[\s,]+\d", line)[0] if dated else line)  # a date may stand behind the name
        names = [n for n in self.find(bare) if n.start <= len(bare) - len(bare.lstrip())]
        whole = self._article.sub("", bare)
        if self.is_organisation(whole) and self._name.fullmatch(whole) and not self._stop.search(whole):
            return [whole]
        if self._known_whole.match(whole) or self.find_party(whole):
            return [whole]
        parts = [p.strip() for p in re.split(r"\s*[|•·–—,]\s+|\s+-\s+", bare) if p.strip()]
        read = [self._article.sub("", p) for p in parts]
        fitting = [p for p in read if (self.is_organisation(p) and self._name.fullmatch(p)) or self.find_party(p)]
        rest = sum(len(p.split()) for p in read if p not in fitting)
        return fitting if fitting and rest <= 4 and (names or read[0] in fitting) else []

    def fold(self, name: str) -> str:
        """Return what the forms of one name have in common: lower case, without articles and the stops of initials."""
        bare = self._article.sub("", re.sub(r"(?<=\b\w)\.", "", strip_name(name)))
        return " ".join(re.findall(r"[\w&]+", bare.lower()))

    def _cut(self, match: re.Match[str]) -> Name | None:
        """Return the match as a name, cut at a word that no name has."""
        stop = self._stop.search(match.string, match.start(), match.end() + STOP_CHARACTERS)
        end = min(match.end(), stop.start()) if stop else match.end()
        text = match.string[match.start() : end]
        text = re.sub(r"(?:[\s,&]+|\s(?:[a-zà-ÿ]{1,4}))+$", "", strip_name(text))
        start = match.start()
        while text.split()[:1] and text.split()[0].lower() in self._leading:
            skipped = len(text) - len(text.split(" ", 1)[-1]) if " " in text else len(text)
            text, start = text[skipped:], start + skipped
        short, _, full = text.partition(" ")
        if full and stands_for(short, full):
            text, start = full, start + len(short) + 1  # "PBM Planbureau voor het Meer"
        parting = self._parting.search(text)
        if parting and self.is_organisation(text[: parting.start()]) and self._words.search(text[parting.end() :]):
            text = text[: parting.start()]  # "Auditor General to the Parliament"
        return Name(text, start, start + len(text)) if text else None


def strip_name(name: str) -> str:
    """Return a name without the marks around it; the stop of an initial at its end stays ("Veerman B.V.")."""
    bare = clean_line(name).strip(" ,;:()").rstrip("-–")
    return bare if re.search(r"\b\w\.\w\.$", bare) else bare.strip(" .")


def is_acronym_of(short: str, name: str) -> bool:
    """Whether `short` is the capitals that the words of `name` begin with, the first word perhaps apart.

    One letter may be left out. "SKB" is of "Stichting Kennis en Kunde Bodem", "VKH" of "Ministerie van Vaarwegen,
    Kaden en Havens".
    """
    if not re.fullmatch(r"[A-Z]{2,8}", short):
        return False
    initials = "".join(w[0] for w in re.findall(r"[\w’'-]+", name) if w[0].isupper())
    left_out = (initials[:n] + initials[n + 1 :] for n in range(1, len(initials)))
    return short in (initials, initials[1:], *left_out)


def stands_for(short: str, name: str) -> bool:
    """Whether capitals before a name abbreviate it, its compound words too ("PBM Planbureau voor het Meer")."""
    if not re.fullmatch(r"[A-Z]{2,5}", short) or not name.upper().startswith(short[0]):
        return False
    letters = iter(name.upper())
    return all(letter in letters for letter in short)


def _any(words: list[str]) -> str:
    return "(?:" + ("|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) or "(?!)") + ")"
