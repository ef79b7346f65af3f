"""When a publication was issued: every date on its first pages is a candidate, and its line is the evidence.

A full date in a short line, or behind a word for publication, is most likely it; an embargo, a period that was
investigated, and the date of the event that the title names are not.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from extractors.deadlines import find_date
from extractors.front import Front, clean_line
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Document, find_valid_date

SHORT_LINE = 8
"""A line with no more words states a date; a longer one is about something else as well."""

DATE_CHARACTERS = 25
"""An imprint whose lines ran together may end in its date, which is no longer."""

FEW_WORDS = 3
"""A line with no more words is nothing but a date and perhaps a place."""

LONG_LINE = 12
"""A month in a line with more words is that of anything the text tells."""

SURE = 16
"""A date with such a score is not doubted by what the last page says."""

COPYRIGHT = 7
"""The score of the year behind a copyright mark: it counts where no month is printed."""

LAST_CHARACTERS = 4000
"""The statement of release stands in the last so many characters."""

CASE_MONTHS = 5
"""A day so many months before the file was made is the day of an event."""

CENTURIES = ("19", "20")
"""How the year of a publication begins."""

NEAR_DAYS = 60
"""A day in the title of a file that is so near to when the file was made is the day of the publication."""


@dataclass(frozen=True, slots=True)
class _Dated:
    """A date as precise as printed, how much its line speaks for it, and whether a word for publication does."""

    date: str
    score: int
    is_published: bool


def find_published(document: Document, front: Front, title: str, lexicon: Lexicon) -> str | None:
    """Return the date of publication as precise as it is printed, None when nothing dates the document.

    What the file itself says of its publication goes first; where nothing is printed, the day on which the file was
    made stands in.
    """
    own = find_valid_date(document.properties.get("published_date", ""))
    if own and own[:2] in CENTURIES:
        return own
    created = find_valid_date(document.properties.get("creation_date", "")) or ""
    created = created if len(created) == 10 and created[:2] in CENTURIES else ""
    dates = list(_read_lines(front, title, created, lexicon))
    best = max(dates, key=_rank, default=None)
    released = _released(document, lexicon)
    if released and not (best and best.score >= SURE):
        return released
    named = _date_in_file_title(document, created)
    if named and not (best and len(best.date) == 10 and best.score > 0):
        return named
    if best and len(best.date) == 7:
        # A statement may give the day of the month that the title page gives.
        days = (d.date for d in dates if len(d.date) == 10 and d.date.startswith(best.date) and d.is_published)
        best = replace(best, date=next(days, best.date))
    if best and (len(best.date) > 4 or best.score >= COPYRIGHT):
        return best.date
    if best:
        return created[: len(best.date) + 3] if created[:4] == best.date else best.date
    return created or None


def _rank(dated: _Dated) -> tuple[int, bool, int, str]:
    return dated.score, dated.is_published, len(dated.date), dated.date if dated.is_published else ""


def _read_lines(front: Front, title: str, created: str, lexicon: Lexicon) -> Iterator[_Dated]:
    table = lexicon.publication
    published = phrase_regex(tuple(table.published))
    unpublished = phrase_regex(tuple(table.not_published))
    lines = front.text.split("\n")
    printed = [line for line in lines if line.strip()]
    below = {id(b): published.search(a) for a, b in pairwise(printed) if len(a.split()) <= 3}
    for number, line in enumerate(lines):
        match = published.search(line)
        # "Printed 3 May and published 9 May": the date behind the last word for publication counts.
        behind = find_date(line[list(published.finditer(line))[-1].end() :], lexicon) if match else None
        date = behind or find_date(line, lexicon)
        if date is None:
            continue
        words = len(line.split())
        is_range = bool(re.search(r"\d{4}\s*[-–/]\s*\d{2,4}", line))
        is_marked = "©" in line
        is_imprint = is_marked or "ISBN" in line
        if len(date) == 4 and not is_marked and (words > SHORT_LINE or line.strip() in title or is_range):
            continue  # a bare year in a sentence is that of a law, a survey, a quotation …
        ends_it = find_date(line[-DATE_CHARACTERS:], lexicon) == date and line.rstrip().endswith(date[:4])
        if len(date) < 10 and not (is_imprint or match or ends_it) and words > LONG_LINE:
            continue
        is_stated = bool(match) or is_marked
        is_future = bool(created) and date[:4] > str(int(created[:4]) + 1) and not is_stated
        if is_future and (words > SHORT_LINE or (len(date) == 4 and words > FEW_WORDS)):
            continue  # a goal, not the past
        # A full date beats a month, a month beats a year; the word for publication and few other words speak for it.
        is_labelled = bool(match or below.get(id(line)))
        score = len(date) + 6 * is_labelled + 3 * (words <= SHORT_LINE) - min(number, 40) // 10
        if is_marked and len(date) == 4:
            score = COPYRIGHT
        goes_on = line[:1].islower()  # "on 3 May 2021", below "Report on the grounding of the ferry"
        if goes_on or _is_of_the_case(line, date, title, created, lexicon) or unpublished.search(line):
            score -= 9
        yield _Dated(date, score, is_labelled)


def _is_of_the_case(line: str, date: str, title: str, created: str, lexicon: Lexicon) -> bool:
    """Whether a date is that of the event which the document is about: its title names it, or it is long before."""
    in_title = bool(title) and (find_date(title, lexicon) == date or (len(line.split()) > 3 and line.strip() in title))
    return in_title or bool(created and len(date) == 10 and _months(date) < _months(created) - CASE_MONTHS)


def _months(date: str) -> int:
    return int(date[:4]) * 12 + int(date[5:7])


def _released(document: Document, lexicon: Lexicon) -> str | None:
    """Return the full date of release that the last sentences of a document state, None without."""
    released = phrase_regex(tuple(lexicon.publication.released))
    for line in reversed(document.text[-LAST_CHARACTERS:].split("\n")):
        match = released.search(line)
        date = find_date(line[match.end() : match.end() + 60], lexicon) if match else None
        if date and len(date) == 10:
            return date
    return None


def _date_in_file_title(document: Document, created: str) -> str | None:
    """Return the day that the title of the file begins or ends with ("20200928 Report"), None without one near."""
    name = clean_line(document.properties.get("title", ""))
    match = re.search(r"(?<!\d)((?:19|20)\d\d)[-_]?(0[1-9]|1[0-2])[-_]?(0[1-9]|[12]\d|3[01])(?!\d)", name)
    if not match or not created:
        return None
    try:
        day = datetime.date(*(int(part) for part in match.groups()))
    except ValueError:
        return None
    made = datetime.date.fromisoformat(created)
    return day.isoformat() if abs((made - day).days) <= NEAR_DAYS else None
