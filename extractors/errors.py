"""Errors of reading, by what the caller does next.

Message form: *subject: what was found, against what was expected; what to do*.
"""

from __future__ import annotations

from typing import Final

EXIT_UNREADABLE: Final = 3
"""With this a process of its own ends after a line on standard error that says why a document cannot be read."""


class UnreadableDocument(Exception):
    """One document cannot be read. Record it in `problems` and go on with the others.

    Attributes:
        reason: a short stable code for tables and tests, such as ``encrypted`` or ``no_text``.
    """

    def __init__(self, message: str, *, reason: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        # Exceptions with keyword-only arguments do not survive pickling between processes otherwise.
        return (_rebuild_unreadable, (str(self), self.reason))


def _rebuild_unreadable(message: str, reason: str) -> UnreadableDocument:
    return UnreadableDocument(message, reason=reason)


class InvalidLexicon(Exception):
    """A lexicon file does not have the promised form. Stop before anything is written."""
