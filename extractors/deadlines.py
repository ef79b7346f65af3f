"""Deadlines: by when something must be done, as printed and, where that can be computed, as a date."""

from __future__ import annotations

import calendar
import datetime
import re
from functools import lru_cache

from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Deadline

CELL_WORDS = 5
"""A cell of a table that holds nothing but a deadline has no more words."""


def _either(words: list[str]) -> str:
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True))


@lru_cache(maxsize=16)
def _patterns(lexicon_key: tuple[str, ...]) -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    months, seasons, by, within, numbers, units, ends = lexicon_key
    end = rf"(?:(?:the\s+|het\s+)?(?P<end>{ends})\s+(?:of\s+|van\s+)?)?"
    day = r"(?P<day>\d{1,2})(?:st|nd|rd|th|e)?\.?\s+"
    date = (
        rf"{end}(?:(?P<season>{seasons})\s+(?:of\s+|van\s+)?(?P<year_s>(?:19|20)\d\d)"
        rf"|(?:{day})?(?P<month>{months})\s+(?P<year_m>(?:19|20)\d\d)"
        rf"|(?P<month_us>{months})\s+(?P<day_us>\d{{1,2}})(?:st|nd|rd|th)?,\s+(?P<year_us>(?:19|20)\d\d)"
        r"|(?P<nd>\d{1,2})[-/.](?P<nm>\d{1,2})[-/.](?P<ny>(?:19|20)\d\d)"
        r"|(?P<year>(?:19|20)\d\d)(?![-/]\d))"
    )
    absolute = re.compile(rf"(?<!\w)(?P<by>{by})\s+{date}(?!\w)", re.IGNORECASE)
    term = re.compile(
        rf"(?<!\w)(?:{within})\s+(?P<count>\d{{1,3}}|{numbers})\s+(?P<unit>{units})(?!\w)(?P<after>[^.;]{{0,60}})",
        re.IGNORECASE,
    )
    bare = re.compile(rf"(?<!\w){date}(?!\w)", re.IGNORECASE)
    return absolute, term, bare


def _key(lexicon: Lexicon) -> tuple[str, ...]:
    dates = lexicon.dates
    return (
        _either(dates.months),
        _either(list(dates.seasons)),
        _either(dates.by),
        _either(dates.within),
        _either(list(dates.numbers)),
        _either(list(dates.units)),
        _either(dates.end_of),
    )


def find_date(text: str, lexicon: Lexicon) -> str | None:
    """Return the most precise date in `text` as printed (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``), None without."""
    found = [_printed_date(m, lexicon) for m in _patterns(_key(lexicon))[2].finditer(text)]
    dates = [(precision, date) for date, precision in found if date]
    return max(dates, key=_precision)[1] if dates else None


def _precision(dated: tuple[int, str]) -> int:
    return dated[0]


def find_deadline(text: str, lexicon: Lexicon, *, published: datetime.date | None = None) -> Deadline | None:
    """Return the first deadline in `text`, None when it names none.

    A year or month without a day counts to its last day ("by the end of 2025" → 2025-12-31), but "before 2025" ends on
    the day before. A term ("within six months") counts from the publication, and is a date when `published` is known;
    one that the text counts from something else ("after the application") is no deadline.
    """
    absolute, term, _ = _patterns(_key(lexicon))
    match = absolute.search(text)
    if match:
        return Deadline(" ".join(match.group(0).split()), _as_day(match, lexicon))
    match = term.search(text)
    if match:
        printed = " ".join(match.group(0)[: match.start("after") - match.start()].split())
        after = match.group("after")
        counted = re.match(rf"\s+(?:{_either(lexicon.dates.after)})\s", after, re.IGNORECASE)
        if counted and not phrase_regex(tuple(lexicon.dates.anchors)).search(after):
            return None  # "within four weeks after the application" is a norm, not a deadline for the addressee
        return Deadline(printed, _add_term(published, match, lexicon) if published else None)
    return None


def find_deadline_cell(row: str, lexicon: Lexicon, *, published: datetime.date | None = None) -> Deadline | None:
    """Return the deadline that a cell of its own in a table row holds ("June 2024", "within a year"), None without.

    Args:
        row: the cells of the row, parted by ``|``.
        lexicon: of the language of the table.
        published: what terms count from.
    """
    for cell in (" ".join(c.split()) for c in row.split("|")):
        if not cell or len(cell.split()) > CELL_WORDS:
            continue
        found = find_deadline(cell, lexicon, published=published)
        if found:
            return found
        match = _patterns(_key(lexicon))[2].fullmatch(cell)
        if match and match.group(0).strip():
            return Deadline(cell, _as_last_day(match, lexicon))
    return None


def _as_last_day(match: re.Match[str], lexicon: Lexicon) -> datetime.date | None:
    printed, precision = _printed_date(match, lexicon)
    if printed is None:
        return None
    year, month = int(printed[:4]), int(printed[5:7] or 12)
    day = int(printed[8:10]) if precision == 10 else calendar.monthrange(year, month)[1]
    return datetime.date(year, month, day)


def _printed_date(match: re.Match[str], lexicon: Lexicon) -> tuple[str | None, int]:
    """Return the date of a match at its printed precision, and that precision (4, 7 or 10 characters)."""
    groups = match.groupdict()
    months = [m.lower() for m in lexicon.dates.months]
    if groups["season"]:
        return f"{groups['year_s']}-{lexicon.dates.seasons[groups['season'].lower()]:02d}", 7
    if groups["month"]:
        month = months.index(groups["month"].lower()) + 1
        return _checked(groups["year_m"], month, groups["day"])
    if groups["month_us"]:
        return _checked(groups["year_us"], months.index(groups["month_us"].lower()) + 1, groups["day_us"])
    if groups["nm"]:
        return _checked(groups["ny"], int(groups["nm"]), groups["nd"])
    return groups["year"], 4


def _checked(year: str, month: int, day: str | None) -> tuple[str | None, int]:
    if not 1 <= month <= 12:
        return year, 4
    if day and 1 <= int(day) <= calendar.monthrange(int(year), month)[1]:
        return f"{year}-{month:02d}-{int(day):02d}", 10
    return f"{year}-{month:02d}", 7


def _as_day(match: re.Match[str], lexicon: Lexicon) -> datetime.date | None:
    printed, precision = _printed_date(match, lexicon)
    if printed is None:
        return None
    year = int(printed[:4])
    if precision == 10:
        return datetime.date.fromisoformat(printed)
    before = match.group("by").lower() in lexicon.dates.before and not match.group("end")
    if precision == 7:
        month = int(printed[5:7])
        if before:
            return datetime.date(year, month, 1) - datetime.timedelta(days=1)
        return datetime.date(year, month, calendar.monthrange(year, month)[1])
    return datetime.date(year - 1, 12, 31) if before else datetime.date(year, 12, 31)


def _add_term(published: datetime.date, match: re.Match[str], lexicon: Lexicon) -> datetime.date:
    word = match.group("count").lower()
    count = int(word) if word.isdigit() else lexicon.dates.numbers[word]
    unit = lexicon.dates.units[match.group("unit").lower()]
    if unit == "day":
        return published + datetime.timedelta(days=count)
    if unit == "week":
        return published + datetime.timedelta(weeks=count)
    months = published.month - 1 + count * (12 if unit == "year" else 1)
    year, month = published.year + months // 12, months % 12 + 1
    return datetime.date(year, month, min(published.day, calendar.monthrange(year, month)[1]))
