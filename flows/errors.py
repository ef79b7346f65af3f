"""Errors of running, by what the caller does next."""

from __future__ import annotations

from typing import Final

from extractors.errors import InvalidLexicon
from models.errors import ModelUnavailable
from warehouse.errors import InvalidThemes, WarehouseLocked, WarehouseMismatch, WarehouseUnwritable


class NothingToRead(Exception):
    """The given paths hold nothing that can be read: wrong use. Stop before anything is written."""


class InvalidSources(Exception):
    """The file of sources is missing or has a mistake: wrong use. Stop before anything is written."""


class FetchFailed(Exception):
    """One address could not be fetched. Record it in `problems` and go on.

    Attributes:
        reason: a short stable code.
        what_to_do: a sentence for the operator.
    """

    def __init__(self, message: str, *, reason: str, what_to_do: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.what_to_do = what_to_do


class DocumentStopped(Exception):
    """Reading one document passed a limit, or ended the process that read it. Record it in `problems` and go on.

    Attributes:
        reason: a short stable code.
        what_to_do: a sentence for the operator.
    """

    def __init__(self, message: str, *, reason: str, what_to_do: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.what_to_do = what_to_do

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Exceptions with keyword-only arguments do not survive pickling between processes otherwise.
        return (_rebuild_stopped, (str(self), self.reason, self.what_to_do))


def _rebuild_stopped(message: str, reason: str, what_to_do: str) -> DocumentStopped:
    return DocumentStopped(message, reason=reason, what_to_do=what_to_do)


class PublicationBlocked(Exception):
    """The last run went so badly that publishing it would do harm. The last good site stays; `--force` overrides."""


class SourceChanged(Exception):
    """A source does not list what it did. Stop that source and record it; the others go on, and the run ends failed.

    Attributes:
        reason: a short stable code.
        what_to_do: a sentence for the operator.
        found_count: how many documents it listed, None when the listing could not be read to its end.
    """

    def __init__(self, message: str, *, reason: str, what_to_do: str, found_count: int | None = None) -> None:
        super().__init__(message)
        self.reason = reason
        self.what_to_do = what_to_do
        self.found_count = found_count


class SourcesFailed(Exception):
    """Sources were stopped in a run that went on to its end: the run failed, and nothing was published."""


STOPS_THE_RUN: Final = (
    WarehouseLocked,
    WarehouseMismatch,
    WarehouseUnwritable,
    InvalidLexicon,
    InvalidThemes,
    ModelUnavailable,
    MemoryError,
)
"""What stops a run; anything else that goes wrong with one document or source is recorded, and the others go on."""


class ServerUnavailable(Exception):
    """Prefect's server does not start, or has ended. Stop before anything is written."""


class AlreadyScheduled(Exception):
    """Another process asks the sources of this home by their schedules. Stop before anything is written."""
