"""What the warehouse remembers beside the records of the extractors: origins, problems and runs."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal, get_args
from urllib.parse import unquote, urlsplit

Stage = Literal["discover", "fetch", "read", "extract", "embed", "publish"]
STAGES: Final[tuple[Stage, ...]] = get_args(Stage)

Outcome = Literal["running", "succeeded", "failed", "interrupted"]


Version = str | Callable[[str], str]
"""Version of what extracts documents: one for all, or a function that gives it for the language of a document."""


def version_for(version: Version, language: str) -> str:
    """Return the version for documents in `language`."""
    return version if isinstance(version, str) else version(language)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document was found, and what its source says of it.

    `address` is a URL or an absolute path; the same address is the same origin. `source` names the source in the
    operator's settings. None means that the source does not say.
    """

    address: str
    source: str | None = None
    publisher: str | None = None
    licence: str | None = None

    def __post_init__(self) -> None:
        if not self.address.strip():
            raise ValueError("origin: found an empty address, against a URL or a path")

    @property
    def origin_id(self) -> str:
        """``o`` and 16 hexadecimal digits, made from the address."""
        return "o" + hashlib.sha256(self.address.encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def url(self) -> str | None:
        """The address where it is one on the web, None for a local file."""
        return self.address if is_web_address(self.address) else None

    @property
    def file_name(self) -> str:
        """The last part of the address or path; the host where a URL has no path."""
        return name_of(self.address)

    @property
    def shown(self) -> str:
        """What may be shown to the public: the URL, or the bare name of a local file."""
        return self.url or self.file_name


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that went wrong with one origin at one stage.

    `reason` is a short stable code. `document_id` is None where the bytes could not be fetched. `last_seen_at` equals
    `first_seen_at` unless it is given. Times carry their zone.
    """

    address: str
    stage: Stage
    reason: str
    message: str
    what_to_do: str
    first_seen_at: datetime.datetime
    last_seen_at: datetime.datetime | None = None
    document_id: str | None = None

    def __post_init__(self) -> None:
        if self.stage not in STAGES:
            raise ValueError(f"problem: stage {self.stage!r}; expected one of {', '.join(STAGES)}")
        if self.last_seen_at is None:
            object.__setattr__(self, "last_seen_at", self.first_seen_at)

    @property
    def subject(self) -> str:
        """What may be shown to the public: the URL, or the bare name of a local file."""
        return self.address if is_web_address(self.address) else name_of(self.address)


@dataclass(frozen=True, slots=True)
class Build:
    """One run of the program. Counts are None while it runs and when it was cut off."""

    build_id: int
    started_at: datetime.datetime
    finished_at: datetime.datetime | None
    outcome: Outcome
    document_count: int | None
    new_document_count: int | None
    problem_count: int | None
    note: str | None


@dataclass(frozen=True, slots=True)
class WarehouseStatus:
    """How the warehouse stands: rows per table, open problems, and the last run (None before the first)."""

    schema_version: int
    counts: Mapping[str, int]
    problems: tuple[Problem, ...]
    last_build: Build | None


def is_web_address(address: str) -> bool:
    """Return whether `address` is one on the web rather than a path."""
    return address.lower().startswith(("http://", "https://"))


def name_of(address: str) -> str:
    """Return the last part of a URL or path, the host for a bare URL, and `address` itself when it has no parts."""
    if is_web_address(address):
        try:
            parts = urlsplit(address)
        except ValueError:  # malformed, such as "http://["
            return address
        return unquote(PurePath(parts.path).name) or parts.netloc
    return PurePath(address).name or address


def as_utc(moment: datetime.datetime) -> datetime.datetime:
    """Return `moment` in UTC without its zone, as the tables hold it; raises `ValueError` when it has no zone."""
    if moment.tzinfo is None:
        raise ValueError(f"time: {moment.isoformat()} has no zone; give one, such as datetime.now(datetime.UTC)")
    return moment.astimezone(datetime.UTC).replace(tzinfo=None)


def from_utc(moment: datetime.datetime) -> datetime.datetime:
    """Return a time of the tables with its zone, UTC."""
    return moment.replace(tzinfo=datetime.UTC)
