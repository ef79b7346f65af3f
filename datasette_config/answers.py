"""The forms of the API's answers to searches: what OpenAPI promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from warehouse.search_records import (
    LARGEST_OFFSET,
    MOST_RESULTS,
    PassageHit,
    ReportReference,
    Row,
    SearchResult,
    SearchResults,
)

ModeName = Literal["hybrid", "semantic", "lexical"]
SortName = Literal["relevance", "date"]
Span = Annotated[list[int], Field(min_length=2, max_length=2)]

LONGEST_TEXT = 20_000
"""Characters of a text that is sent by POST."""
MOST_FACETS = 100
MOST_PASSAGES = 20
MOST_VALUES = 50
"""Values of one filter."""


class Links(BaseModel):
    """Where to go from here, as paths on this server."""

    model_config = ConfigDict(populate_by_name=True)

    self_: str = Field(alias="self", serialization_alias="self", description="This record in the API.")
    report: str = Field(description="Its report in the API.")
    page: str = Field(description="The page for people.")
    similar: str = Field(description="Similar statements in the API.")
    text: str = Field(description="The text of its page of the report in the API.")


class ReportAnswer(BaseModel):
    """What a citation needs of a report; null is what the publisher does not say."""

    report_id: str
    title: str | None
    publisher: str | None
    published_date: str | None = Field(description="As precise as printed: YYYY, YYYY-MM or YYYY-MM-DD.")


class FoldedAnswer(BaseModel):
    """A statement that says nearly the same."""

    statement_id: str
    report_id: str
    links: dict[str, str]


class StatementAnswer(BaseModel):
    """A statement that was found, quoted word for word."""

    statement_id: str
    kind: str = Field(description="recommendation, conclusion, finding or lesson.")
    text: str
    score: float = Field(ge=0, le=1, description="How well it fits, 0 to 1.")
    page: int = Field(description="Page on which it begins, from 1.")
    addressees: list[str] = Field(description="Who must act, as printed.")
    report: ReportAnswer
    links: Links
    language: str
    label: str | None = Field(description="The number or name printed with it.")
    section: str | None
    matched_by: Literal["words", "meaning", "both", "filters"] = Field(description="What found it.")
    words_score: float = Field(ge=0, le=1, description="What the words gave it.")
    meaning_score: float = Field(ge=0, le=1, description="What the meaning gave it.")
    marks: list[Span] = Field(description="Words of the question in the text, as [start, end) in characters.")
    parties: list[str] = Field(description="Ids of the addressees that the gazetteer knows.")
    folded: list[FoldedAnswer] = Field(description="Statements that say nearly the same, folded under this one.")


class PassageAnswer(BaseModel):
    """A passage of a report that discusses the subject, without a statement that says it."""

    passage_id: str
    text: str
    page: int
    start_offset: int
    end_offset: int
    document_id: str
    section: str | None
    language: str
    report: ReportAnswer
    score: float
    matched_by: Literal["words", "meaning", "both", "filters"]
    marks: list[Span]
    links: dict[str, str]


class FacetAnswer(BaseModel):
    """A value of a filter, and how many statements would be found with it."""

    value: str = Field(description="What the filter takes.")
    label: str = Field(description="How to show it; of a theme its name in Dutch.")
    label_en: str | None = Field(description="How to show it in English, where that differs: the name of a theme.")
    count: int
    is_chosen: bool


class SearchAnswer(BaseModel):
    """The statements that answer a question, best first."""

    query: str
    total: int = Field(description="Results found; those in results are some of them.")
    results: list[StatementAnswer]
    mode: ModeName = Field(description="How the search was made: lexical where a question had no vector.")
    limit: int
    offset: int
    statement_count: int = Field(description="Statements behind the results, folded ones included.")
    filters: dict[str, list[str]] = Field(description="The filters that were applied, those in the question too.")
    facets: dict[str, list[FacetAnswer]] = Field(description="Values per filter; empty unless asked for.")
    passages: list[PassageAnswer] = Field(description="Passages of the reports' text; empty unless asked for.")
    message: str | None = Field(description="What of the question could not be taken as it was typed.")


class SimilarAnswer(BaseModel):
    """The statements nearest in meaning to one statement, nearest first."""

    statement_id: str
    results: list[StatementAnswer]


_FITTING = "One of the values must fit; what nothing has finds nothing."
_Values = Annotated[list[str], Field(max_length=MOST_VALUES, description=_FITTING)]


def _from_numbers(values: Any) -> Any:
    # A year is a number to most who write JSON.
    if isinstance(values, list):
        return [str(value) if isinstance(value, int) and not isinstance(value, bool) else value for value in values]
    return values


class SearchBody(BaseModel):
    """A search, for questions that are too long for an address, such as a paragraph of a report."""

    q: str = Field("", description="The question, words or text; may be empty where a filter is set.",
                   max_length=LONGEST_TEXT, examples=["promises made to victims"])  # fmt: skip
    mode: ModeName = "hybrid"
    kind: _Values = []
    publisher: _Values = []
    year: Annotated[
        list[str | int],
        Field(max_length=MOST_VALUES, description="Years, or ranges such as 2019-2021; one of them must fit."),
        BeforeValidator(_from_numbers),
    ] = []
    language: _Values = []
    addressee: _Values = []
    case: _Values = []
    theme: _Values = []
    report: _Values = []
    sort: SortName = "relevance"
    fold: bool = Field(True, description="Whether near-identical statements come as one result.")
    facets: int = Field(0, ge=0, le=MOST_FACETS, description="Values to count of each filter.")
    passages: int = Field(0, ge=0, le=MOST_PASSAGES, description="Passages of the reports' text to look for.")
    limit: int = Field(20, ge=1, le=MOST_RESULTS)
    offset: int = Field(0, ge=0, le=LARGEST_OFFSET)


class HealthAnswer(BaseModel):
    """How the service is doing."""

    status: Literal["ok", "degraded"]
    build_id: str
    built_at: str
    counts: dict[str, int]
    model_id: str = Field(description="The model of the site's vectors.")
    encoder: dict[str, str | None] = Field(description="The model that encodes questions, and its state.")
    messages: list[str] = Field(description="What is wrong and what to do; empty when all is well.")


class Problem(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


def make_links(statement_id: str, report_id: str, page: int) -> dict[str, str]:
    """Return the links of a statement."""
    return {
        "self": f"/api/statements/{statement_id}",
        "report": f"/api/reports/{report_id}",
        "page": f"/kb/statements/{statement_id}",
        "similar": f"/api/statements/{statement_id}/similar",
        "text": f"/api/reports/{report_id}/pages/{page}",
    }


def make_search_answer(found: SearchResults, themes: Mapping[str, Row]) -> dict[str, Any]:
    """Return the answer to a search in the form of `SearchAnswer`; `themes` by their id have their names in English."""
    return {
        "query": found.query,
        "total": found.total,
        "results": make_statement_answers(found.results),
        "mode": found.mode,
        "limit": found.limit,
        "offset": found.offset,
        "statement_count": found.statement_count,
        "filters": {name: list(values) for name, values in found.filters.items()},
        "facets": {
            name: [
                {
                    "value": value.value,
                    "label": value.label,
                    "label_en": themes.get(value.value, {}).get("name_en") if name == "theme" else None,
                    "count": value.count,
                    "is_chosen": value.is_chosen,
                }
                for value in values
            ]
            for name, values in found.facets.items()
        },
        "passages": [_make_passage_answer(passage) for passage in found.passages],
        "message": found.message,
    }


def make_statement_answers(results: Sequence[SearchResult]) -> list[dict[str, Any]]:
    """Return results of a search in the form of `StatementAnswer`."""
    return [_make_statement_answer(result) for result in results]


def _make_statement_answer(result: SearchResult) -> dict[str, Any]:
    return {
        "statement_id": result.statement_id,
        "kind": result.kind,
        "text": result.text,
        "score": result.score,
        "page": result.page,
        "addressees": list(result.addressees),
        "report": _make_report_answer(result.report),
        "links": make_links(result.statement_id, result.report.report_id, result.page),
        "language": result.language,
        "label": result.label,
        "section": result.section,
        "matched_by": result.matched_by,
        "words_score": result.words_score,
        "meaning_score": result.meaning_score,
        "marks": [list(mark) for mark in result.marks],
        "parties": list(result.parties),
        "folded": [
            {
                "statement_id": folded.statement_id,
                "report_id": folded.report_id,
                "links": {
                    "self": f"/api/statements/{folded.statement_id}",
                    "report": f"/api/reports/{folded.report_id}",
                    "page": f"/kb/statements/{folded.statement_id}",
                },
            }
            for folded in result.folded
        ],
    }


def _make_passage_answer(passage: PassageHit) -> dict[str, Any]:
    report = f"/api/reports/{passage.report.report_id}"
    return {
        "passage_id": passage.passage_id,
        "text": passage.text,
        "page": passage.page,
        "start_offset": passage.start_offset,
        "end_offset": passage.end_offset,
        "document_id": passage.document_id,
        "section": passage.section,
        "language": passage.language,
        "report": _make_report_answer(passage.report),
        "score": passage.score,
        "matched_by": passage.matched_by,
        "marks": [list(mark) for mark in passage.marks],
        "links": {"report": report, "text": f"{report}/pages/{passage.page}"},
    }


def _make_report_answer(report: ReportReference) -> dict[str, Any]:
    return {
        "report_id": report.report_id,
        "title": report.title,
        "publisher": report.publisher,
        "published_date": report.published_date,
    }
