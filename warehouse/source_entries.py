"""What the warehouse remembers of sources: what each is, what it lists, and every request that was made."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from typing import Final, Literal, get_args

FetchPurpose = Literal["document", "page", "listing", "robots"]
FetchOutcome = Literal["new", "changed", "same", "not_modified", "read", "failed"]
SUCCESSFUL: Final[tuple[FetchOutcome, ...]] = ("new", "changed", "same", "not_modified")
"""Outcomes after which the document of an address is known."""

SourceOutcome = Literal["running", "succeeded", "failed"]


@dataclass(frozen=True, slots=True)
class Fetch:
    """One address that was asked for, and how that went. Times carry their zone; None means that nobody said.

    `duration_seconds` counts retries and leaves out polite delays; `byte_count` is the size after decompression.
    """

    url: str
    purpose: FetchPurpose
    fetched_at: datetime.datetime
    duration_seconds: float
    attempt_count: int
    outcome: FetchOutcome
    source_id: str | None = None
    final_url: str | None = None
    status: int | None = None
    byte_count: int = 0
    document_id: str | None = None
    media_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    reason: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        if self.outcome not in get_args(FetchOutcome):
            raise ValueError(f"fetch: outcome {self.outcome!r}; expected one of {', '.join(get_args(FetchOutcome))}")

    @property
    def fetch_id(self) -> str:
        """``f`` and 24 hexadecimal digits, made from the address, the purpose and the time."""
        key = "\x1f".join((self.url, self.purpose, self.fetched_at.astimezone(datetime.UTC).isoformat()))
        return "f" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:24]


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """What is known of the document at an address: its content, and what its server gave to ask for changes.

    `fetched_at` is when its bytes last came, `checked_at` when the server was last asked.
    """

    url: str
    document_id: str
    etag: str | None
    last_modified: str | None
    fetched_at: datetime.datetime
    checked_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class PageVisits:
    """When a page that links to documents was read for the first and the last time."""

    first_at: datetime.datetime
    last_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document as a source lists it.

    `address` is a URL or an absolute path. `entry_url` is the page on which it was found, None when the listing names
    the document itself. `stamp` is whatever the listing says of the last change, compared as text only.
    """

    address: str
    title: str | None = None
    published_date: str | None = None
    stamp: str | None = None
    entry_url: str | None = None

    def __post_init__(self) -> None:
        if not self.address.strip():
            raise ValueError("listed document: found an empty address, against a URL or a path")


@dataclass(frozen=True, slots=True)
class SourceDescription:
    """What a source is, by the operator's settings."""

    source_id: str
    publisher: str
    licence: str | None
    language: str
    kind: str
    adapter: str
    homepage: str | None
    schedule: str | None
    time_zone: str
    expected_count: int
    verified: str | None


@dataclass(frozen=True, slots=True)
class SourceRun:
    """How a run of a source ended. Counts are None where the run did not come to them."""

    outcome: SourceOutcome
    message: str | None = None
    listed_count: int | None = None
    new_count: int | None = None
    unchanged_count: int | None = None
    failed_count: int | None = None


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source with its last run. Times are None before the first one."""

    description: SourceDescription
    last_run: SourceRun | None
    last_started_at: datetime.datetime | None
    last_finished_at: datetime.datetime | None
    last_success_at: datetime.datetime | None
