"""Printed dates of one language: patterns for days, months, parts of years and years, and the days that they cover."""

from __future__ import annotations

import calendar
import datetime
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from extractors.lexicon import DateTable

YEAR: Final = r"(?:19|20)[0-9]{2}"

SHARES: Final = {"early": (0, 1 / 4), "middle": (5 / 12, 1 / 2), "end": (3 / 4, 1)}
"""The part of a year, season or month that "early", "mid" and "the end of" mean, from and to."""

SEASON_MONTHS = 3

_LETTERS: Final = str.maketrans({"ſ": "s", "ı": "i", "İ": "i"})


def either(words: Iterable[str]) -> str:
    """Return a pattern that matches any of `words`, the longest first; one that matches nothing for none."""
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)) or r"(?!)"


def as_listed(printed: str) -> str:
    """Return a word that a pattern without case has matched as the tables hold it: small letters, one blank.

    Python takes a long s for an s and a Turkish i for an i, so what is printed may hold those.
    """
    return " ".join(printed.translate(_LETTERS).lower().split())


@dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day that a printed date covers; equal for a day."""

    first: datetime.date
    last: datetime.date


class DatePatterns:
    """The patterns of one language. They hold named groups, so a larger pattern may hold only one of them, once.

    `printed` are days, months, seasons and years that carry their year: what titles and imprints hold. `date` are also
    parts of a year ("Q3 2025", "mid-2025") and what needs the publication to tell its year ("1 July", "next year").
    """

    def __init__(self, table: DateTable) -> None:
        self.table = table
        self._months = [as_listed(month) for month in table.months]
        the = rf"(?:(?:{either(table.the)})\s+)*"
        of = rf"(?:(?:{either(table.of)})\s+)*"
        end = rf"{the}(?P<end>{either(table.end_of)})[\s-]+{of}"
        share = rf"(?:{end}|{the}(?:(?P<early>{either(table.early)})|(?P<middle>{either(table.middle)}))[\s-]+{of})?"
        months = either(table.months)
        day = rf"(?P<day>[0-9]{{1,2}})(?:st|nd|rd|th|e)?\.?\s+{of}"
        with_year = (
            rf"{the}(?P<season>{either(table.seasons)})\s+{of}(?P<year_s>{YEAR})"
            rf"|(?:{day})?(?P<month>{months})\s+{of}(?P<year_m>{YEAR})"
            rf"|(?P<month_us>{months})\s+(?P<day_us>[0-9]{{1,2}})(?:st|nd|rd|th)?,\s+(?P<year_us>{YEAR})"
            rf"|(?P<iso>{YEAR}-[0-9]{{2}}-[0-9]{{2}})(?!\d)"
            rf"|(?P<nd>[0-9]{{1,2}})[-/.](?P<nm>[0-9]{{1,2}})[-/.](?P<ny>{YEAR})"
        )
        parts = rf"(?:(?P<quarter>{either(table.quarters)})|{either(table.halves)})"
        nth = rf"{the}(?P<nth>{either(table.ordinals)})\s+{parts}"
        part = (
            rf"Q(?P<q>[1-4])[\s/-]*{of}(?P<year_q>{YEAR})|(?P<year_r>{YEAR})[\s/-]*Q(?P<r>[1-4])"
            rf"|{nth}\s+{of}(?P<year_p>{YEAR})"
        )
        # A year that begins a period ("2021-2024") is no date.
        year = rf"(?P<year>{YEAR})(?!\s*(?:[-–]|{either(table.until)})\s*\d)"
        without_year = (
            rf"(?P<relative>{either(table.relative_years)})(?!\s+\d)"
            rf"|{day.replace('<day>', '<bare_day>')}(?P<month_of_day>{months})(?!\s+\d)"
            rf"|(?P<bare_month>{months})(?!\s+\d)"
        )
        self.printed = rf"(?:{end})?(?:{with_year}|(?P<year>{YEAR})(?![-/]\d))"
        self.date = rf"{share}(?:{part}|{with_year}|{year}|{without_year})(?![-–/]\d)"
        self.printed_regex = re.compile(rf"(?<!\w){self.printed}(?!\w)", re.IGNORECASE)

    def read_printed(self, match: re.Match[str]) -> tuple[str | None, int]:
        """Return the date of a match of `printed` at its precision, and how precise it is (4, 7 or 10 letters)."""
        groups = match.groupdict()
        if groups["season"]:
            return f"{groups['year_s']}-{self.table.seasons[as_listed(groups['season'])]:02d}", 7
        if groups["month"]:
            return _checked(groups["year_m"], self._month(groups["month"]), groups["day"])
        if groups["month_us"]:
            return _checked(groups["year_us"], self._month(groups["month_us"]), groups["day_us"])
        if groups["iso"]:
            year, month, day = groups["iso"].split("-")
            return _checked(year, int(month), day)
        if groups["nm"]:
            return _checked(groups["ny"], int(groups["nm"]), groups["nd"])
        return groups["year"], 4

    def read_span(self, match: re.Match[str], *, published: datetime.date | None) -> Span | None:
        """Return the days that a match of `date` covers, None where it needs the date of publication and has none."""
        span = self._whole(match, published)
        name = next((name for name in SHARES if match[name]), None)
        return _share(span, *SHARES[name]) if span and name else span

    def _whole(self, match: re.Match[str], published: datetime.date | None) -> Span | None:
        year = match["year_q"] or match["year_r"] or match["year_p"]
        if year:
            nth = int(match["q"] or match["r"] or self.table.ordinals[as_listed(match["nth"])])
            months = 6 if match["nth"] and not match["quarter"] else 3
            return (
                _months(int(year), (nth - 1) * months + 1, months) if nth * months <= 12 else _months(int(year), 1, 12)
            )
        if match["season"]:
            # "By autumn" is when its first month is over; only its middle or end lie further on.
            months = SEASON_MONTHS if match["end"] or match["middle"] else 1
            return _months(int(match["year_s"]), self.table.seasons[as_listed(match["season"])], months)
        if match["relative"]:
            later = self.table.relative_years[as_listed(match["relative"])]
            return _months(published.year + later, 1, 12) if published else None
        month = match["month_of_day"] or match["bare_month"]
        if month:
            return _next(self._month(month), match["bare_day"], published) if published else None
        printed, precision = self.read_printed(match)
        if printed is None:
            return None
        if precision == 10:
            day = datetime.date.fromisoformat(printed)
            return Span(day, day)
        return _months(int(printed[:4]), int(printed[5:7] or 1), 1 if precision == 7 else 12)

    def _month(self, name: str) -> int:
        return self._months.index(as_listed(name)) + 1


@lru_cache(maxsize=16)
def load_date_patterns(table: DateTable) -> DatePatterns:
    """Return the patterns of a language; they are built once."""
    return DatePatterns(table)


def add_months(day: datetime.date, count: int) -> datetime.date:
    """Return the same day `count` months later, the last of that month where it has no such day."""
    months = day.month - 1 + count
    year, month = day.year + months // 12, months % 12 + 1
    return datetime.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _checked(year: str, month: int, day: str | None) -> tuple[str, int]:
    if not 1 <= month <= 12:
        return year, 4
    if day and 1 <= int(day) <= calendar.monthrange(int(year), month)[1]:
        return f"{year}-{month:02d}-{int(day):02d}", 10
    return f"{year}-{month:02d}", 7


def _months(year: int, month: int, count: int) -> Span:
    """Return the span of `count` months, which may run over the end of the year."""
    first = datetime.date(year, month, 1)
    return Span(first, add_months(first, count) - datetime.timedelta(days=1))


def _next(month: int, day: str | None, published: datetime.date) -> Span | None:
    """Return the first such day or month that ends after the publication; None for an impossible day."""
    for year in (published.year, published.year + 1):
        _, precision = _checked(str(year), month, day)
        if day and precision < 10:
            continue
        first = datetime.date(year, month, int(day or 1))
        span = Span(first, first) if day else _months(year, month, 1)
        if span.last > published:
            return span
    return None


def _share(span: Span, begin: float, end: float) -> Span:
    """Return a part of a span: whole months of one that is longer than a month, else days."""
    days = (span.last - span.first).days + 1
    months = round(days / 30.4)
    if months > 1:
        last = add_months(span.first, max(1, round(end * months))) - datetime.timedelta(days=1)
        return Span(add_months(span.first, round(begin * months)), last)
    first = span.first + datetime.timedelta(days=round(begin * days))
    return Span(first, span.first + datetime.timedelta(days=max(0, round(end * days) - 1)))
