"""The form of the API's answer about sources: what OpenAPI promises."""

from __future__ import annotations

import datetime
from typing import Literal

from pydantic import BaseModel, Field

Colour = Literal["green", "amber", "red", "grey"]


class SourceProblemRecord(BaseModel):
    """Something that went wrong with a source or a document of it."""

    subject: str
    stage: str
    reason: str
    message: str
    what_to_do: str
    first_seen_at: datetime.datetime
    last_seen_at: datetime.datetime


class SourceRecord(BaseModel):
    """A source with its last run; what no run came to is null."""

    source_id: str
    publisher: str
    homepage: str | None
    schedule: str | None = Field(description="Five fields of cron; null when it is run by hand only.")
    time_zone: str
    colour: Colour = Field(
        description="green: on time; amber: one planned run is missing, or the last one failed; red: two are missing; "
        "grey: nothing is due."
    )
    why: str = Field(description="on_time, failed, late, overdue, not_due, by_hand, by_hand_failed or not_named.")
    is_named: bool = Field(description="Whether the operator's file of sources still names it.")
    missed_at: datetime.datetime | None = Field(description="The first planned run that is missing.")
    next_at: datetime.datetime | None = Field(description="The next planned run.")
    last_started_at: datetime.datetime | None
    last_finished_at: datetime.datetime | None
    last_success_at: datetime.datetime | None
    success_age_seconds: int | None
    last_outcome: str | None
    last_message: str | None
    expected_count: int = Field(description="The least number of documents that it must list.")
    listed_count: int | None
    new_count: int | None
    unchanged_count: int | None
    failed_count: int | None
    document_count: int = Field(description="Documents that the knowledge base has of it.")
    problem_count: int
    problems: list[SourceProblemRecord] = Field(description="Open problems, the latest first, at most 50.")


class RunRecord(BaseModel):
    """The last run of the program."""

    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    outcome: str
    document_count: int | None
    new_document_count: int | None
    problem_count: int | None
    note: str | None = Field(description="Why nothing was published; null when all was well.")


class SourcesAnswer(BaseModel):
    """How the sources stand."""

    asked_at: datetime.datetime
    written_at: datetime.datetime | None = Field(description="When the last run ended; null before the first.")
    colour: Colour = Field(description="The most serious colour of the sources.")
    last_run: RunRecord | None
    sources: list[SourceRecord]
