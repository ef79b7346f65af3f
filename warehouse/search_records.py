"""What is asked of search, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args

from warehouse.search_query import make_question

Mode = Literal["hybrid", "semantic", "lexical"]
MODES: Final[tuple[Mode, ...]] = get_args(Mode)
"""`lexical` searches by words, `semantic` by meaning, `hybrid` by both."""

MatchedBy = Literal["words", "meaning", "both", "filters"]
"""What found a statement: its words, its meaning, both, or nothing but the filters, where no question was asked."""

Sort = Literal["relevance", "date"]
SORTS: Final[tuple[Sort, ...]] = get_args(Sort)
"""`relevance` puts the best first, `date` the newest report first and within a report what fits best."""

LONGEST_QUERY: Final = 20_000
"""Characters of a question, which may be a passage of a report as well."""
MOST_RESULTS: Final = 100
"""Results in one answer."""
LARGEST_OFFSET: Final = 1_000_000

FILTERS: Final = ("kind", "publisher", "year", "addressee", "case", "theme", "language", "report")
"""The filters, which are the facets as well, in the order in which a page should show them."""


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

    Values of filters are free text (case and accents aside); what is unknown fits nothing. `year` also takes ranges
    (``2019-2021``, ``2020-``, ``-2018``), `addressee` whole words of a name, the id of a party, or ``=`` and a name as
    printed; `case` and `theme` whole words of a name or an id; `report` an id. `query` may hold filters too
    (``publisher:"Nationale ombudsman"``), and may be empty where a filter is set: then everything that fits is found.
    `limit` is 1 to 100, `offset` counts results from 0. With `fold`, near-identical statements come as one result.
    Raises `InvalidSearch` at birth.
    """

    query: str
    mode: Mode = "hybrid"
    kind: tuple[str, ...] = ()
    publisher: tuple[str, ...] = ()
    year: tuple[str, ...] = ()
    language: tuple[str, ...] = ()
    addressee: tuple[str, ...] = ()
    case: tuple[str, ...] = ()
    theme: tuple[str, ...] = ()
    report: tuple[str, ...] = ()
    sort: Sort = "relevance"
    fold: bool = True
    limit: int = 20
    offset: int = 0

    def __post_init__(self) -> None:
        check_query(self.query, is_required=not self.filters)
        if self.mode not in MODES:
            raise InvalidSearch(f"mode: found {self.mode!r:.80}; expected one of {', '.join(MODES)}", field="mode")
        if self.sort not in SORTS:
            raise InvalidSearch(f"sort: found {self.sort!r:.80}; expected one of {', '.join(SORTS)}", field="sort")
        if not 1 <= self.limit <= MOST_RESULTS:
            raise InvalidSearch(f"limit: found {self.limit}; expected 1 to {MOST_RESULTS}", field="limit")
        if not 0 <= self.offset <= LARGEST_OFFSET:
            raise InvalidSearch(f"offset: found {self.offset}; expected 0 to {LARGEST_OFFSET}", field="offset")

    @property
    def question(self) -> str:
        """What an encoder should read: the query without filters and signs; empty when nothing is left of it."""
        return make_question(self.query)

    @property
    def filters(self) -> Mapping[str, tuple[str, ...]]:
        """The filters that are set, by name; those inside `query` are not among them."""
        return {name: values for name in FILTERS if (values := getattr(self, name))}


def check_query(query: str, *, is_required: bool = True) -> None:
    """Raise `InvalidSearch` when `query` is empty, too long, or has characters that no question has.

    An empty one is right where it is not required, because filters are set.
    """
    if is_required and not query.strip():
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
class Folded:
    """A statement that says nearly the same as the result it was folded under."""

    statement_id: str
    report_id: str


@dataclass(frozen=True, slots=True)
class SearchResult:
    """One statement that was found.

    `score` is between 0 and 1 and comparable within one answer only. `matched_by` says what found it; `words_score`
    and `meaning_score` (0 to 1) are what both sides gave it. `marks` are the `[start, end)` ranges of `text` that hold
    words of the question, in order, without overlap; none where only the meaning matched. `addressees` are as printed,
    `parties` the ids of those that are known. `folded` are the other statements that were found and say nearly the
    same, best first; empty when there are none or nothing was folded.
    """

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
    marks: tuple[tuple[int, int], ...] = ()
    words_score: float = 0.0
    meaning_score: float = 0.0
    parties: tuple[str, ...] = ()
    folded: tuple[Folded, ...] = ()


@dataclass(frozen=True, slots=True)
class PassageHit:
    """A passage of a report's text that was found: what the report discusses, without a statement that says it.

    `text` is the quotation `[start_offset, end_offset)` of the document's text, beginning on `page`; `marks` and
    `score` as in `SearchResult`.
    """

    passage_id: str
    text: str
    page: int
    start_offset: int
    end_offset: int
    document_id: str
    section: str | None
    language: str
    report: ReportReference
    score: float
    matched_by: MatchedBy
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value of a filter: `value` is what the filter takes, `label` how to show it.

    `count` is the number of statements that would be found with this value as the only one of its filter, and all
    other filters as they are. `is_chosen` says that it is set now.
    """

    value: str
    label: str
    count: int
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class SearchResults:
    """An answer: `total` results were found, of which `results` are those from `offset` on, best first.

    `statement_count` counts the statements behind them, folded ones included; facets and SQL count those too. `mode`
    is how the search was really made: by words when there was no vector to compare meanings with. `languages` tells
    how probable it is that the question is in each language; empty where that was not asked. `filters` are all that
    were applied, those inside the query included. `message` tells the asker what could not be taken as it was typed.
    """

    query: str
    mode: Mode
    total: int
    limit: int
    offset: int
    results: tuple[SearchResult, ...]
    statement_count: int = 0
    languages: Mapping[str, float] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    facets: Mapping[str, tuple[FacetValue, ...]] = field(default_factory=dict)
    """Per filter its commonest values, chosen ones always included; empty unless they were asked for."""
    passages: tuple[PassageHit, ...] = ()
    """Passages of the reports' text, best first; empty unless they were asked for."""
    message: str | None = None


Row = dict[str, Any]
"""A row of a published table, by column name."""
