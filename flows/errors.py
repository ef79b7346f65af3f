"""Errors of running, by what the caller does next."""

from __future__ import annotations


class NothingToRead(Exception):
    """The given paths hold nothing that can be read: wrong use. Stop before anything is written."""


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


class ServerUnavailable(Exception):
    """Prefect's temporary server does not start. Stop before anything is written."""
