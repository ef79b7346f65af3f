"""The number of a publication: labelled as such, of a series that is named with it, or a code on the first page."""

from __future__ import annotations

import re
from collections import Counter

from extractors.deadlines import find_date
from extractors.front import Front
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Document, ReportKind

CODE_BLOCKS = 12
"""The number of a report stands among its first so many lines."""

YEAR = 4
"""A code may have a year in it; what has a month as well is a date in capitals."""

FEWEST_HEADS = 3
"""A code that stands in so many running heads is the number."""

_CODE = re.compile(
    r"(?<![\w/-])(?=(?:[^\s\d]*\d){3}|[A-Z]+ \d{3})"
    r"(?:[A-Z]{1,5}(?:[-:/][A-Z\d]{1,6}){1,4}|[A-Z]\d{2}[A-Z]\d{4}|[A-Z]{2,6}[ -]?\d{3,5})(?![\w/-])"
)
"""An identifier of capitals and three or more digits, as series of reports have them."""

_LABELLED = re.compile(
    r"\.?\s*(?:nr\.?|no\.?|:|\|)*\s*"
    r"((?:[A-Z]{2,6}[-/ ]|[A-Z]+\s–\s[A-Z&]+/\s)?[A-Z]{0,6}[-/ ]?\d[\w./-]{1,20})"
)
_BEHIND_KIND = re.compile(
    r"\s*(?:nr\.?|no\.?)?\s*:?\s*((?:[A-Z]{2,6}[ -]?)\d{2,4}[-/]\d{1,4}|\d{4}[/-]\d{1,4}|\d{1,4}/\d{4})(?![\d-])",
    re.IGNORECASE,
)


def find_number(document: Document, front: Front, kind: ReportKind, lexicon: Lexicon) -> str | None:
    """Return the number of the publication as printed, None without one.

    A response or letter has only a number that is labelled or of a series: any other is that of what it answers.
    """
    number = _of_series(document, front, lexicon)
    if number:
        return number
    if kind in ("response", "letter"):
        return _labelled(front, lexicon)
    kinds = tuple(p for name in ("report", "advice") for p in lexicon.publication.kinds.get(name, ()))
    for match in phrase_regex(kinds).finditer(front.text):
        # "Report AB 2023-08": behind the bare word only what cannot be anything else is a number.
        behind = _BEHIND_KIND.match(front.text, match.end())
        if behind:
            return behind.group(1)
    coded = (
        _code_on_first_page(document, front, lexicon)
        or _labelled(front, lexicon)
        or _of_parliament(document, front, lexicon)
    )
    if coded:
        return coded
    heads = Counter(m for b in document.blocks for m in _CODE.findall(b.furniture_text or ""))
    common = heads.most_common(1)
    return common[0][0] if common and common[0][1] >= FEWEST_HEADS else None


def _of_series(document: Document, front: Front, lexicon: Lexicon) -> str | None:
    """Return the number of a series that is printed with its name ("HC 1234"), in a short line of the first pages."""
    for series in lexicon.publication.series:
        pattern = re.compile(rf"(?<!\w){re.escape(series)}[ .]*\d{{1,5}}(?:[-–][IVX]+)?(?!\w)")
        for block in front.blocks:
            line = " ".join(document.text[block.start : block.end].split())
            match = pattern.search(line) if len(line.split()) <= 6 else None
            if match:
                return match.group(0)
    return None


def _labelled(front: Front, lexicon: Lexicon) -> str | None:
    """Return the number behind a label ("Rapportnummer: 2023/045"), in the same line or the next."""
    void = phrase_regex(tuple(lexicon.publication.not_numbers))
    for match in phrase_regex(tuple(lexicon.publication.numbers)).finditer(front.text):
        behind = front.text[match.end() : match.end() + 60]
        # Print that was set with space between its letters comes as "I E NW/…".
        number = _LABELLED.match(re.sub(r"(?<=\b[A-Z]) (?=[A-Z]{1,3}\b|[A-Z]+/)", "", behind))
        before = front.text[max(0, match.start() - 12) : match.start()]
        if number and not void.search(before + match.group(0)):
            return number.group(1).strip(" .-/")
    return None


def _of_parliament(document: Document, front: Front, lexicon: Lexicon) -> str | None:
    """Return the number of a parliamentary paper ("35 510, nr. 2") where the first page names a house."""
    houses = phrase_regex((*lexicon.publication.houses, *lexicon.publication.papers))
    lines = [" ".join(document.text[b.start : b.end].split()) for b in front.blocks if b.page == 1]
    if not any(houses.search(line) for line in lines[:CODE_BLOCKS]):
        return None
    for line in lines[:CODE_BLOCKS]:
        match = re.search(r"(?<!\d)(\d{2} \d{3})(?!\d)", line)
        if match:
            paper = re.search(r"\b(?:nr|no)\.?\s*(\d{1,4})\b", " ".join(lines[:CODE_BLOCKS]), re.IGNORECASE)
            return f"{match.group(1)}, nr. {paper.group(1)}" if paper else match.group(1)
    return None


def _code_on_first_page(document: Document, front: Front, lexicon: Lexicon) -> str | None:
    for block in [b for b in front.blocks if b.page == 1][:CODE_BLOCKS]:
        line = " ".join(document.text[block.start : block.end].split())
        leading = re.match(r"(\d{2}-\d{3})\s", line)
        if block.kind == "heading" and leading:
            return leading.group(1)
        match = _CODE.search(line) if block.kind == "heading" or len(line.split()) <= 3 else None
        if match and len(find_date(match.group(0), lexicon) or "") <= YEAR:
            return match.group(0)
    return None
