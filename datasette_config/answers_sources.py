"""The form of the API's answer about sources: what OpenAPI promises."""

from __future__ import annotations

import datetime

from pydantic import BaseModel, Field

from warehouse.punctuality import Colour
from warehouse.source_status import RunStatus, SourceProblem


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
    problems: list[SourceProblem] = Field(description="Open problems, the latest first, at most 50.")


class SourcesAnswer(BaseModel):
    """How the sources stand."""

    asked_at: datetime.datetime
    written_at: datetime.datetime | None = Field(description="When the last run ended; null before the first.")
    colour: Colour = Field(description="The most serious colour of the sources.")
    last_run: RunStatus | None
    sources: list[SourceRecord]
