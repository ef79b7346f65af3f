"""The forms of the API's answers: what OpenAPI promises."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from warehouse.search_records import LARGEST_OFFSET, LONGEST_QUERY, MOST_RESULTS, SearchResult, SearchResults

ModeName = Literal["hybrid", "semantic", "lexical"]


class Links(BaseModel):
    """Where to go from here, as paths on this server."""

    model_config = ConfigDict(populate_by_name=True)

    self_: str = Field(alias="self", serialization_alias="self", description="This record in the API.")
    report: str = Field(description="Its report in the API.")
    page: str = Field(description="The page for people.")


class ReportAnswer(BaseModel):
    """What a citation needs of a report; null is what the publisher does not say."""

    report_id: str
    title: str | None
    publisher: str | None
    published_date: str | None = Field(description="As precise as printed: YYYY, YYYY-MM or YYYY-MM-DD.")


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


class SearchAnswer(BaseModel):
    """The statements that answer a question, best first."""

    query: str
    total: int = Field(description="Statements found; the results are some of them.")
    results: list[StatementAnswer]
    mode: ModeName = Field(description="How the search was made: lexical where a question had no vector.")
    limit: int
    offset: int


class SearchBody(BaseModel):
    """A search, for questions that are too long for an address."""

    q: str = Field(description="The question or words.", max_length=LONGEST_QUERY)
    mode: ModeName = "hybrid"
    kind: list[str] = []
    publisher: list[str] = []
    year: list[Annotated[str, Field(coerce_numbers_to_str=True)]] = []
    language: list[str] = []
    addressee: list[str] = []
    limit: int = Field(20, ge=1, le=MOST_RESULTS)
    offset: int = Field(0, ge=0, le=LARGEST_OFFSET)


class RecordAnswer(BaseModel):
    """A record with all columns of its table (see docs/tables.md), and more where the path says so."""

    model_config = ConfigDict(extra="allow")

    links: dict[str, str]


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


def make_links(statement_id: str, report_id: str) -> dict[str, str]:
    """Return the links of a statement."""
    return {
        "self": f"/api/statements/{statement_id}",
        "report": f"/api/reports/{report_id}",
        "page": f"/kb/statements/{statement_id}",
    }


def make_search_answer(found: SearchResults) -> dict[str, Any]:
    """Return the answer to a search in the form of `SearchAnswer`."""
    return {
        "query": found.query,
        "total": found.total,
        "results": [_make_statement_answer(result) for result in found.results],
        "mode": found.mode,
        "limit": found.limit,
        "offset": found.offset,
    }


def _make_statement_answer(result: SearchResult) -> dict[str, Any]:
    return {
        "statement_id": result.statement_id,
        "kind": result.kind,
        "text": result.text,
        "score": result.score,
        "page": result.page,
        "addressees": list(result.addressees),
        "report": {
            "report_id": result.report.report_id,
            "title": result.report.title,
            "publisher": result.report.publisher,
            "published_date": result.report.published_date,
        },
        "links": make_links(result.statement_id, result.report.report_id),
        "language": result.language,
        "label": result.label,
        "section": result.section,
        "matched_by": result.matched_by,
    }
