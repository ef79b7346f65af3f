"""Cases: the affairs, disasters and operations that a report compares, named in an enumeration."""

from __future__ import annotations

import re

from extractors.lexicon import Lexicon, phrase_regex

MIN_CASES = 3
MAX_WORDS = 8


def find_cases(text: str, lexicon: Lexicon) -> tuple[str, ...]:
    """Return the cases that the longest enumeration behind a lead-in names, as printed; empty when there is none.

    An enumeration counts from three members of which at least one third is a name or has the head of a case in it.
    """
    table = lexicon.publication.cases
    best: list[str] = []
    for sentence in re.findall(r"[^.!?\n]+(?:\.(?!\s)[^.!?\n]*)*", text):
        match = next(iter(phrase_regex(tuple(table.lead_ins)).finditer(sentence)), None)
        if not match:
            continue
        members = _split(sentence[match.end() :], lexicon)
        alike = sum(1 for m in members if any(h in m.lower() for h in table.heads) or re.search(r"[A-Z0-9]", m))
        if len(members) >= MIN_CASES and alike * 3 >= len(members) and len(members) > len(best):
            best = members
    return tuple(best)


def _split(enumeration: str, lexicon: Lexicon) -> list[str]:
    table = lexicon.publication.cases
    joints = "|".join(re.escape(j) for j in sorted(table.joints, key=len, reverse=True))
    parts = re.split(rf"\s*,\s*|\s+(?:{joints})\s+", enumeration)
    members = []
    for part in parts:
        name = re.sub(rf"^(?:(?:{joints})\s+)?(?:{'|'.join(table.articles)})\s+", "", part.strip(" :;()"))
        if name and len(name.split()) <= MAX_WORDS:
            members.append(name)
    return members
