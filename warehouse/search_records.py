"""What is asked of search, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

Mode = Literal["hybrid", "semantic", "lexical"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
"""`lexical` searches by words, `semantic` by meaning, `hybrid` by both."""

MatchedBy = Literal["words", "meaning", "both"]

LONGEST_QUERY: Final = 2_000
"""Characters of a question."""
MOST_RESULTS: Final = 100
"""Results in one answer."""
LARGEST_OFFSET: Final = 1_000_000

_SIGNS: Final = str.maketrans(dict.fromkeys('"“”„*', " "))

FILTERS: Final = ("kind", "publisher", "year", "language", "addressee")


class SiteUnreadable(Exception):
    """The folder of a build is not what search can read. Keep what is open, and publish again."""


class UnknownRecord(KeyError):
    """No statement or report has this id. Tell the asker."""

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class InvalidSearch(ValueError):
    """A search that cannot be made: tell the asker what was found against what is expected.

    Attributes:
        field: the field of `SearchRequest` that is wrong.
    """

    def __init__(self, message: str, *, field: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A search. Within a filter one of the values must fit, and all filters must fit; no values leave a filter out.

    `limit` is 1 to 100, `offset` counts results from 0. Values of filters are free text: what is unknown fits nothing.
    Raises `InvalidSearch` at birth.
    """

    query: str
    mode: Mode = "hybrid"
    kind: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    addressee: tuple[str, ...] = ()
    limit: int = 20
    offset: int = 0

    def __post_init__(self) -> None:
        check_query(self.query)
        if self.mode not in MODES:
            raise InvalidSearch(f"mode: found {self.mode!r:.80}; expected one of {', '.join(MODES)}", field="mode")
        if not 1 <= self.limit <= MOST_RESULTS:
            raise InvalidSearch(f"limit: found {self.limit}; expected 1 to {MOST_RESULTS}", field="limit")
        if not 0 <= self.offset <= LARGEST_OFFSET:
            raise InvalidSearch(f"offset: found {self.offset}; expected 0 to {LARGEST_OFFSET}", field="offset")

    @property
    def question(self) -> str:
        """The query as an encoder should read it: without the signs that only the search by words knows."""
        return " ".join(self.query.translate(_SIGNS).split()) or self.query

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The filters that are set, by name."""
        return {name: values for name in FILTERS if (values := getattr(self, name))}


def check_query(query: str) -> None:
    """Raise `InvalidSearch` when `query` is empty, too long, or has characters that no question has."""
    if not query.strip():
        raise InvalidSearch("q: found nothing to search for; expected a question or some words", field="query")
    if len(query) > LONGEST_QUERY:
        message = f"q: found {len(query)} characters; expected at most {LONGEST_QUERY}; shorten the question"
        raise InvalidSearch(message, field="query")
    for character in query:
        if (ord(character) < 32 and character not in "\t\n\r") or 0x7F <= ord(character) < 0xA0:
            message = f"q: found the control character U+{ord(character):04X}; expected text; leave it out"
            raise InvalidSearch(message, field="query")
        if 0xD800 <= ord(character) <= 0xDFFF:
            message = f"q: found half of a character (U+{ord(character):04X}); expected Unicode text"
            raise InvalidSearch(message, field="query")


@dataclass(frozen=True, slots=True)
class ReportReference:
    """What a citation needs of a report; None is what the publisher does not say."""

    report_id: str
    title: str | None
    publisher: str | None
    published_date: str | None


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One statement that was found. `score` is between 0 and 1, and `matched_by` says what found it."""

    statement_id: str
    kind: str
    text: str
    score: float
    page: int
    language: str
    label: str | None
    section: str | None
    addressees: tuple[str, ...]
    report: ReportReference
    matched_by: MatchedBy


@dataclass(frozen=True, slots=True)
class SearchResults:
    """An answer: `total` statements were found, of which `results` are those from `offset` on, best first.

    `mode` is how the search was really made: by words when there was no vector to compare meanings with.
    `languages` tells how probable it is that the question is in each language; empty where that was not asked.
    """

    query: str
    mode: Mode
    total: int
    limit: int
    offset: int
    results: tuple[SearchResult, ...]
    languages: Mapping[str, float] = field(default_factory=dict)
    facets: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)
    """Per filter its commonest values in all that was found, with counts; empty unless they were asked for."""


Row = dict[str, Any]
"""A row of a published table, by column name."""
