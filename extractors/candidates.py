"""Candidates for the publisher: organisations with the evidence that speaks for and against each.

The weights were set by hand, on invented title pages of many kinds of publishers and on the gold reports.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from extractors.organisations import OrganisationReader, is_acronym_of

WEIGHTS: Final[dict[str, float]] = {
    "file: publisher": 90,
    "imprint: issued by": 60,
    "signature": 50,
    "named in the signature": 8,
    "title of a response": 14,
    "copyright": 30,
    "byline": 22,
    "line on the title page": 14,
    "at the edge of the title page": 10,
    "line in the imprint": 8,
    "running head": 16,
    "beside the title": 18,
    "file: author": 16,
    "author’s affiliation": 10,
    "address on the internet": 8,
    "speaks": 2,
    "reports on others": 8,
    "answers others": 8,
    "named in the first pages": 1,
    "named in the text": 0.5,
    "named most": 10,
    "addressed or paying": -30,
    "in the title": -8,
    "investigated": -8,
    "is a house": -14,
}
"""How much each kind of evidence speaks for or against a candidate."""

PRINTED: Final[frozenset[str]] = frozenset(
    {
        "file: publisher",
        "imprint: issued by",
        "copyright",
        "line on the title page",
        "line in the imprint",
        "running head",
    }
)
"""Places that print a name by itself, so that it is whole there."""

MOST: Final[dict[str, int]] = {"speaks": 5, "named in the first pages": 4, "named in the text": 6, "investigated": 3}
"""Evidence that may repeat counts so many times; all other kinds count once."""

NAMED: Final = ("named in the first pages", "named in the text")
"""Evidence that is no more than a mention."""


@dataclass(slots=True)
class Candidate:
    """An organisation that a publication names: its forms in print, and the evidence that it issued it."""

    key: str
    forms: Counter[str]
    evidence: Counter[str]

    @property
    def score(self) -> float:
        """Return the weight of all evidence."""
        return sum(WEIGHTS[kind] * min(count, MOST.get(kind, 1)) for kind, count in self.evidence.items())

    @property
    def name(self) -> str:
        """Return the name as it is mostly printed, and not in capitals where it also stands otherwise."""
        return max(self.forms, key=lambda form: (not form.isupper(), self.forms[form], -len(form)))


def merge_names(candidates: dict[str, Candidate], organisations: OrganisationReader) -> None:
    """Give other forms of a name its evidence, and take them out: abbreviations, and names cut short or run on.

    Args:
        candidates: the candidates by their key; changed in place.
        organisations: the reader of names of the language.
    """
    solid = [c for c in candidates.values() if _is_printed(c) or sum(c.evidence[kind] for kind in NAMED) > 1]
    for key in sorted(candidates, key=len, reverse=True):
        form = candidates[key]
        names = [c for c in solid if c is not form and c.key in candidates and _is_form_of(form, c, organisations)]
        into = max(names, key=_score_of, default=None)
        if into is None:
            continue
        for evidence, count in form.evidence.items():
            if WEIGHTS[evidence] > 0:  # what is said against a part need not hold for the whole
                into.evidence[evidence] = max(into.evidence[evidence], count)
        del candidates[key]


def _is_form_of(form: Candidate, name: Candidate, organisations: OrganisationReader) -> bool:
    """Whether `form` is another way to print `name`, which is the better one."""
    is_printed = _is_printed(name)
    if is_acronym_of(form.name, name.name):
        return is_printed
    if form.key.startswith(f"{name.key} ") and not form.evidence["line on the title page"]:
        # The name runs on into the next line or the place, where it also stands by itself.
        runs_on = not _begins_small(form.name[len(name.name) :])
        return runs_on and (is_printed or sum(name.evidence[kind] for kind in NAMED) > 1)
    if _is_printed(form):
        return False
    if f" {form.key} " in f" {name.key} " and name.evidence["line on the title page"]:
        # "Auditor General" is short for "Office of the Auditor General of Lakeland".
        return organisations.is_overseer(form.name)
    return name.key.startswith(f"{form.key} ") and is_printed and _begins_small(name.name[len(form.name) :])


def _is_printed(candidate: Candidate) -> bool:
    return any(kind in PRINTED for kind in candidate.evidence)


def _begins_small(text: str) -> bool:
    return re.match(r"\W*[a-zà-ÿ]", text) is not None


def _score_of(candidate: Candidate) -> float:
    return candidate.score
