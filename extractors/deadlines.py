"""Deadlines: by when something must be done, as printed and, where that can be computed, as a date."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from typing import Final

from extractors.dates import Span, add_months, as_listed, either, load_date_patterns
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Deadline

CELL_WORDS = 5
"""A cell of a table that holds nothing but a deadline has no more words."""

PAST: Final = datetime.timedelta(days=366)
"""A date that is longer before the publication is history, not a deadline."""

SHORT_SENTENCE = 8
"""In a sentence of so few words "immediately" belongs to the call, wherever it stands."""

TERM_REACH = 60
"""So many characters behind a term are asked what it counts from."""

_EVENT_YEAR = re.compile(r"(?:\s+(?:\w+\s+)?\d{4}(?:[-/–]\d{2,4})?)?(?!\w)")

Found = tuple[int, int, datetime.date | None]
"""Where a deadline begins and ends in the text, and its date."""


def find_date(text: str, lexicon: Lexicon) -> str | None:
    """Return the most precise date in `text` as printed (``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``), None without."""
    patterns = load_date_patterns(lexicon.dates)
    found = [patterns.read_printed(m) for m in patterns.printed_regex.finditer(text)]
    dates = [(precision, date) for date, precision in found if date]
    return max(dates, key=_precision)[1] if dates else None


def _precision(dated: tuple[int, str]) -> int:
    return dated[0]


class DeadlineFinder:
    """Finds deadlines by the words of one language.

    A year or month without a day counts to its last day ("by the end of 2025" → 2025-12-31), but "before 2025" ends on
    the day before, and what starts "from April 2025" is due on its first day. A term ("within six months") counts from
    the publication; one that the text counts from something else ("after the application") is no deadline. What
    happened long before the publication, what is planned "for 2026" and periods are none either.

    Args:
        lexicon: of the language of the report.
        published: the date of publication, None if unknown: then terms and days without a year have no date.
    """

    def __init__(self, lexicon: Lexicon, *, published: datetime.date | None = None) -> None:
        table = lexicon.dates
        self.table = table
        self.published = published
        self._patterns = load_date_patterns(table)
        date = self._patterns.date
        of = rf"(?:(?:{either(table.of)})\s+)"
        label = rf"(?P<label>(?:{either(table.labels)})\s*(?:[:–]\s*|{of}))"
        form = rf"(?:{either(table.labels)})\s*[:–]\s*"
        self._cell = re.compile(date, re.IGNORECASE)
        self._by = _whole(rf"(?:{label}(?:(?:{either(table.by)})\s+)?|(?P<by>{either(table.by)})\s+){date}")
        self._start = _whole(rf"(?P<by>{either(table.start)})\s+{date}")
        self._during = _whole(rf"(?:(?P<by>{either(table.during)})\s+)?{date}")
        number = rf"[0-9]{{1,3}}|{either(table.numbers)}"
        to = rf"\s*(?:[-–]|{either((*table.until, *table.ranges))})\s*"
        count = rf"(?:(?P<count>{number})(?:{to}(?P<upper>{number}))?|(?P<some>{either(table.some)}))"
        unit = rf"(?:{either(table.day_kinds)})?\s*(?P<unit>{either(table.units)})"
        small = rf"(?P<small>(?:(?:{either((*table.the, *table.coming))})\s+)*)"
        self._term = _whole(
            rf"(?:{form}|(?P<within>{either(table.within)})\s+){small}"
            rf"(?:(?P<months>{either(table.terms)})|(?:{count}\s+)?{unit})(?!\w)(?P<after>[^.;,]{{0,{TERM_REACH}}})"
        )
        self._coming = _whole(either(table.coming))
        words: dict[str, str] = {}
        for word, name in table.units.items():
            words.setdefault(name, word)  # the first word of each unit is the singular
        self._singular = frozenset(words.values())
        anchors = "|".join(re.escape(anchor).replace(r"\*", r"\w*") for anchor in table.anchors)
        after = either(table.after)
        few = r"(?:[\w’'-]+\s+)"
        self._counted = re.compile(rf"\s+(?:{after})(?!\w)", re.IGNORECASE)
        self._anchored = re.compile(
            rf"\s+(?:{after})\s+{few}{{0,4}}?(?:{anchors})(?!\w)(?:\s+{of}{few}{{0,2}}?(?:{anchors})(?!\w))?",
            re.IGNORECASE,
        )
        self._until = re.compile(rf"\s*(?:[-–]|{either(table.until)})\s", re.IGNORECASE)
        self._since = re.compile(rf"(?<!\w)(?:{either((*table.until, *table.start, *table.after))})\s+$", re.IGNORECASE)
        self._events = phrase_regex(tuple(table.events))
        self._at_once = _whole(either(table.at_once))
        self._modal = re.compile(rf"(?<!\w)(?:{either(lexicon.addressees.verbs)})\s+$", re.IGNORECASE)
        self._yearly = _whole(either(table.yearly))
        self._planned = phrase_regex(tuple(f"{word} $" for word in table.planned))

    def find(self, text: str) -> Deadline | None:
        """Return the first deadline in `text`, None when it names none."""
        found = sorted((*self._dates(text), *self._terms(text), *self._others(text)), key=_place)
        if not found:
            return None
        start, end, date = found[0]
        return Deadline(" ".join(text[start:end].split()).strip(" ,;:"), date)

    def find_cell(self, row: str) -> Deadline | None:
        """Return the deadline that a cell of its own holds ("June 2024", "within a year") in a row, None without.

        Args:
            row: the cells of a row of a table, parted by ``|``.
        """
        for cell in (" ".join(c.split()) for c in row.split("|")):
            if not cell or len(cell.split()) > CELL_WORDS:
                continue
            found = self.find(cell)
            if found:
                return found
            match = self._cell.fullmatch(cell)
            if match and not match["bare_month"]:
                span = self._patterns.read_span(match, published=self.published)
                return Deadline(cell, span.last if span else None)
        return None

    # --- dates ----------------------------------------------------------------------------------------------------

    def _dates(self, text: str) -> Iterator[Found]:
        for match in self._by.finditer(text):
            if not self._is_word(match) and not self._is_planned(text, match):
                yield from self._dated(text, match, is_start=False)
        for match in self._start.finditer(text):
            goes_on = self._until.match(text, match.end())  # "from April 2025 to March 2026"
            if not match["bare_month"] and not goes_on and self._is_ahead(match):
                yield from self._dated(text, match, is_start=True)
        for match in self._during.finditer(text):
            by = match["by"]
            parts = ("early", "middle", "end", *(("q", "r", "nth", "season") if by else ()))
            is_whole = match["year"] and by is not None and by.lower() in self.table.outright
            is_since = not by and self._since.search(text[: match.start()])
            if (is_whole or any(match[part] for part in parts)) and not is_since and self._is_ahead(match):
                yield from self._dated(text, match, is_start=False)

    def _dated(self, text: str, match: re.Match[str], *, is_start: bool) -> Iterator[Found]:
        """Give the deadline of a match, nothing for a date that is long past; what returns each year has no date."""
        span = self._patterns.read_span(match, published=self.published)
        if span and self.published and span.last < self.published - PAST:
            return
        is_bare = match["month_of_day"] or match["bare_month"]
        sentence = text[text.rfind(". ", 0, match.start()) + 1 :].split(". ")[0]
        if span is None or (is_bare and self._yearly.search(sentence)):
            yield match.start(), match.end(), None
        else:
            yield match.start(), match.end(), span.first if is_start else self._last_day(match, span)

    def _last_day(self, match: re.Match[str], span: Span) -> datetime.date:
        by = match.groupdict().get("by") or ""
        is_day = span.first == span.last
        if by.lower() in self.table.before and not match["end"] and not is_day:
            return span.first - datetime.timedelta(days=1)
        return span.last

    def _is_ahead(self, match: re.Match[str]) -> bool:
        """Whether a date lies after the publication, or its word says so outright ("with effect from")."""
        if (match["by"] or "").lower() in self.table.outright:
            return True
        span = self._patterns.read_span(match, published=self.published)
        return bool(self.published and span and span.last >= self.published)

    def _is_word(self, match: re.Match[str]) -> bool:
        """Whether the name of a month is another word ("may") because it has no capital."""
        month = match["bare_month"] or ""
        return month.lower() in self.table.homonyms and month.islower()

    def _is_planned(self, text: str, match: re.Match[str]) -> bool:
        """Whether a word before makes "voor 2026" mean "meant for 2026" ("the budget for 2026")."""
        by = match["by"] or ""
        is_day = match["day"] or match["bare_day"] or match["nd"] or match["iso"] or match["end"]
        return by.lower() in self.table.before and not is_day and bool(self._planned.search(text[: match.start()]))

    # --- terms and the rest -----------------------------------------------------------------------------------------

    def _terms(self, text: str) -> Iterator[Found]:
        for match in self._term.finditer(text):
            is_coming = self._coming.search(match["small"]) is not None
            is_counted = match["months"] or match["count"] or match["some"]
            is_weak = (match["within"] or "").lower() in self.table.during
            if (is_weak or not is_counted) and not is_coming:
                continue
            if not is_counted and match["unit"].lower() not in self._singular:
                continue  # "in the coming years"
            anchored = self._anchored.match(match["after"])
            if self._counted.match(match["after"]) and not anchored:
                continue  # "within four weeks after the application" is a norm, not a deadline for the addressee
            yield match.start(), match.start("after") + (anchored.end() if anchored else 0), self._add_term(match)

    def _add_term(self, match: re.Match[str]) -> datetime.date | None:
        if self.published is None or match["some"]:
            return None
        if match["months"]:
            return add_months(self.published, self.table.terms[as_listed(match["months"])])
        word = as_listed(match["upper"] or match["count"] or "1")
        count = int(word) if word.isdecimal() else self.table.numbers[word]
        unit = self.table.units[as_listed(match["unit"])]
        if unit in ("day", "week"):
            return self.published + datetime.timedelta(days=count * (7 if unit == "week" else 1))
        return add_months(self.published, count * {"month": 1, "quarter": 3, "year": 12}[unit])

    def _others(self, text: str) -> Iterator[Found]:
        """Give deadlines that no calendar knows: events, periods, and what is due at once."""
        for match in self._events.finditer(text):
            year = _EVENT_YEAR.match(text, match.end())
            yield match.start(), year.end() if year else match.end(), None
        for match in self._at_once.finditer(text):
            if self._is_urgent(text, match) and not self._counted.match(text, match.end()):
                yield match.start(), match.end(), None

    def _is_urgent(self, text: str, match: re.Match[str]) -> bool:
        """Whether a single word such as "immediately" belongs to the call: beside its verb, or in a short sentence."""
        start = max(text.rfind(mark, 0, match.start()) for mark in ".:;!?") + 1
        sentence = re.split(r"[.:;!?]", text[start:])[0]
        return (
            " " in match[0]
            or not text[start : match.start()].strip()
            or len(sentence.split()) <= SHORT_SENTENCE
            or bool(self._modal.search(text[: match.start()]))
        )


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)


def _place(found: Found) -> tuple[int, int]:
    return found[0], -found[1]


def first_deadline(finder: DeadlineFinder, texts: Sequence[str]) -> Deadline | None:
    """Return the first deadline in any of `texts`, in their order; None when none has one."""
    return next((deadline for text in texts if (deadline := finder.find(text))), None)
