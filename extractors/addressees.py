"""Addressees: who must act, as printed in the statement, its heading or its lead-in."""

from __future__ import annotations

import re
from functools import lru_cache

from extractors.lexicon import AddresseeTable, Lexicon
from extractors.parties import Gazetteer
from extractors.records import Addressee

_ARTICLES = r"(?:de|het|een|the|a|an|all|alle|each|every|any|both|local|relevant)"
_JOIN = r"(?:\s*,\s*|\s+)(?:van|voor|of|for|en|and|in|within|bij|der|des|to)\s+"
MAX_WORDS = 16


@lru_cache(maxsize=8)
def _body_regex(bodies: tuple[str, ...]) -> re.Pattern[str]:
    """Match a noun phrase around a word for a body: determiners and names before it, "van/of …" and names after it."""
    heads = "|".join(re.escape(b).replace(r"\*", r"[\w’'-]*") for b in sorted(bodies, key=len, reverse=True))
    name = r"[A-Z][\w’'&.-]*(?<!\.)"
    before = rf"(?:{_ARTICLES}\s+)?(?:(?:{name}|[a-z]+-[a-z]+)\s+(?:of\s+|van\s+)?){{0,4}}"
    after = rf"(?:\s+{name}|(?:{_JOIN}(?:{_ARTICLES}\s+)?(?:{name}|{heads})(?:\s+{name})*)){{0,5}}"
    # The head is compared without regard to case, names keep theirs.
    return re.compile(rf"(?<!\w){before}(?i:(?:{heads}))(?!\w){after}")


class AddresseeFinder:
    """Finds addressees by the tables of one language, and the parties that they are."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.table: AddresseeTable = lexicon.addressees
        self.gazetteer = gazetteer
        verbs = "|".join(re.escape(v) for v in self.table.verbs)
        self._verb = re.compile(rf"(?<!\w)(?:{verbs})(?!\w)", re.IGNORECASE)
        lead_ins = "|".join(re.escape(w).replace(r"\ ", r"\s*") for w in self.table.lead_ins)
        self._lead_in = re.compile(rf"^\W*(?:{lead_ins})\s+(?P<body>.+?)\s*:?\s*$", re.IGNORECASE)
        self._between = [
            re.compile(rf"(?<!\w)(?:{first})(?!\w)\s+(?P<body>.+?)\s+(?<!\w)(?:{second})(?!\w)", re.IGNORECASE)
            for first, second in self.table.between
        ]
        self._body = _body_regex(tuple(self.table.bodies))

    def find(self, text: str, *, lead_in: str = "", heading: str = "") -> tuple[Addressee, ...]:
        """Return who is addressed: in the text itself, else in its lead-in, else in its heading; else nobody."""
        for source in (self._in_sentence(text), self._in_lead_in(lead_in), self._in_lead_in(heading)):
            if source:
                return tuple(self._recognise(name) for name in source)
        return ()

    def _in_sentence(self, text: str) -> list[str]:
        for pattern in self._between:
            match = pattern.search(text)
            if match and len(match.group("body").split()) <= MAX_WORDS:
                found = self._bodies(match.group("body"))
                if found:
                    return found
        for verb in list(self._verb.finditer(text))[:3]:
            before = re.split(r"[.:;]\s|\bthat\b|\bdat\b", text[: verb.start()])[-1]
            if len(before.split()) <= MAX_WORDS:
                found = self._bodies(before)
                if found:
                    return found
            after = " ".join(text[verb.end() :].split()[:5])
            match = self._body.match(after)
            if match and verb.group(0)[-1:] != "o":
                return [match.group(0)]
        return []

    def _in_lead_in(self, text: str) -> list[str]:
        if not text:
            return []
        for line in reversed(text.splitlines()):
            match = self._lead_in.match(line)
            if match and len(match.group("body").split()) <= MAX_WORDS:
                found = self._bodies(match.group("body")) or self._known(match.group("body"))
                if found:
                    return found
        if text.rstrip().endswith(":"):
            return self._in_sentence(text)[:3] or self._known(text)
        if "|" in text:  # the other cells of a table row
            return [c for cell in text.split("|") for c in (self._bodies(cell) or self._known(cell))]
        return []

    def _bodies(self, text: str) -> list[str]:
        """Return the bodies that a piece of text names; a known name is taken whole."""
        known = self.gazetteer.find_names(text)
        found: list[str] = []
        for match in self._body.finditer(text):
            start, end = match.span()
            for a, b in known:
                if a < end and start < b:
                    start, end = min(start, a), max(end, b)
            name = self._trim(text[start:end])
            if name and not any(name in other for other in found):
                found.append(name)
        return found or self._known(text)

    def _known(self, text: str) -> list[str]:
        return [text[a:b] for a, b in self.gazetteer.find_names(text)]

    def _trim(self, name: str) -> str:
        words = name.split()
        while words and words[0].lower() in self.table.stop_words:
            words.pop(0)
        return " ".join(words).strip(" ,;:.")

    def _recognise(self, name: str) -> Addressee:
        party = self.gazetteer.recognise(name)
        return Addressee(name, party.party_id if party else None, party.name if party else None)
