"""The forms of the API's answers about single records: what OpenAPI promises."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from datasette_config.answers import Links


class _Record(BaseModel):
    """A row with all columns of its table (see docs/tables.md), of which those that matter are named here."""

    model_config = ConfigDict(extra="allow")


class ReportRecord(_Record):
    """A report with all columns of its table."""

    report_id: str
    title: str | None
    publisher: str | None
    published_date: str | None = Field(description="As precise as printed: YYYY, YYYY-MM or YYYY-MM-DD.")
    language: str
    licence: str | None = Field(description="Licence under which its source offers it; null when it does not say.")
    is_withdrawn: bool = Field(description="Whether no source offers it any more; it is kept all the same.")
    twin_of: str | None = Field(description="The text version of the same report, where this is a scan.")


class VersionRecord(BaseModel):
    """A file of a report: the current one, or one that it replaced."""

    document_id: str
    is_current: bool
    superseded_by: str | None = Field(description="The document that took its place.")
    media_type: str
    is_scanned: bool
    first_seen_at: str


class OriginRecord(BaseModel):
    """A place where a file of a report was found."""

    shown: str = Field(description="Address on the web, or name of a local file.")
    source: str | None
    document_id: str
    withdrawn_because: str | None = Field(description="not_listed or gone; null while it is there.")
    withdrawn_at: str | None


class AddresseeRecord(_Record):
    """Who must act: as printed, and as the party that the gazetteer knows."""

    text: str
    party_id: str | None
    party_name: str | None


class RelatedStatement(_Record):
    """A statement of the same report that another one rests on."""

    statement_id: str
    kind: str
    text: str
    page: int
    evidence: str = Field(description="explicit when the report says so, structural when its layout does.")


class ResponseRecord(_Record):
    """What the addressed body answered, word for word."""

    response_id: str
    stance: str
    text: str
    page: int


class GivenTheme(_Record):
    """A theme of a statement."""

    theme_id: str
    name: str = Field(description="In Dutch.")
    name_en: str
    score: float = Field(description="How likely it is that the statement is about it, 0 to 1.")


class StatementRecord(_Record):
    """A statement with all columns of its table, its report and all that is tied to it."""

    statement_id: str
    report_id: str
    kind: str
    text: str
    page: int
    language: str
    confidence: float
    label: str | None
    section: str | None
    boxes: list[list[float]] = Field(description="One [page, x0, top, x1, bottom] per printed line, in points.")
    report: ReportRecord
    addressees: list[AddresseeRecord]
    mentions: list[dict[str, Any]] = Field(description="The same statement elsewhere in the report.")
    responses: list[ResponseRecord]
    based_on: list[RelatedStatement] = Field(description="Findings and conclusions that it rests on.")
    basis_of: list[RelatedStatement] = Field(description="Recommendations that rest on it.")
    themes: list[GivenTheme]
    links: Links


class ListedStatement(_Record):
    """A statement in the list of a report, a party or a theme."""

    statement_id: str
    kind: str
    text: str
    label: str | None
    page: int
    section: str | None
    confidence: float
    links: Links


class SectionRecord(_Record):
    """A heading of the outline."""

    title: str
    number: str | None
    level: int
    role: str
    page: int


class WholeReport(ReportRecord):
    """A report with its outline and its statements, in order."""

    cases: list[str] = Field(description="The affairs and operations that it names as its subject.")
    sections: list[SectionRecord]
    statements: list[ListedStatement]
    versions: list[VersionRecord] = Field(description="Its files, the current one first.")
    origins: list[OriginRecord] = Field(description="Where they were found, what is still offered first.")
    links: dict[str, str]


class CountedReport(ReportRecord):
    """A report in a list."""

    statement_count: int
    links: dict[str, str]


class ReportsAnswer(BaseModel):
    """Reports, the newest first."""

    total: int
    limit: int
    offset: int
    reports: list[CountedReport]


class PageRecord(BaseModel):
    """A page without its text."""

    page: int
    width: float
    height: float
    is_scanned: bool
    character_count: int
    statement_count: int
    links: dict[str, str]


class PagesAnswer(BaseModel):
    """The pages of a report's current version."""

    report_id: str
    document_id: str
    page_count: int
    pages: list[PageRecord]


class PlacedStatement(BaseModel):
    """A statement on a page: its range of the page's text."""

    statement_id: str
    kind: str
    start: int
    end: int


class PageAnswer(_Record):
    """The text of one page, and where the statements stand in it."""

    report_id: str
    document_id: str
    page: int
    width: float
    height: float
    is_scanned: bool
    text: str
    start_offset: int = Field(description="First character of the page in the document's text.")
    end_offset: int
    licence: str | None = Field(description="Licence of the report; null when its source does not say.")
    statements: list[PlacedStatement]
    links: dict[str, str]


class CountedParty(_Record):
    """A party with what was addressed to it."""

    party_id: str
    name: str
    kind: str | None
    statement_count: int
    recommendation_count: int
    report_count: int
    last_published_date: str | None
    links: dict[str, str]


class PartiesAnswer(BaseModel):
    """Parties, those with the most recommendations first."""

    total: int
    limit: int
    offset: int
    parties: list[CountedParty]


class CountedValue(BaseModel):
    """A value and its number of statements."""

    value: str | int
    count: int


class CountedTheme(_Record):
    """A theme and its number of statements."""

    theme_id: str
    name: str = Field(description="In Dutch.")
    name_en: str
    count: int


class PartyAnswer(CountedParty):
    """A party with what was said to it: by whom, when, about what, and the statements, the newest first."""

    names: list[str] = Field(description="As printed in reports, the commonest first.")
    kinds: list[CountedValue]
    publishers: list[CountedValue]
    years: list[CountedValue]
    themes: list[CountedTheme]
    total: int = Field(description="Statements that fit the filter; those in `statements` are some of them.")
    limit: int
    offset: int
    statements: list[ListedStatement]


class ThemeRecord(_Record):
    """A theme and how much is said about it."""

    theme_id: str
    name: str = Field(description="In Dutch.")
    name_en: str
    links: dict[str, str]


class ThemesAnswer(BaseModel):
    """All themes, the largest first; none on a site without them."""

    themes: list[ThemeRecord]


class ThemeAnswer(ThemeRecord):
    """A theme with its statements, the newest first."""

    kinds: list[CountedValue]
    publishers: list[CountedValue]
    total: int
    limit: int
    offset: int
    statements: list[ListedStatement]


class DownloadRecord(BaseModel):
    """A file with a part of the knowledge base, or all of it."""

    name: str
    media_type: str
    byte_count: int
    description: str
    links: dict[str, str]


class DownloadsAnswer(BaseModel):
    """The files of the build that is shown."""

    build_id: str
    built_at: str
    files: list[DownloadRecord]
