"""Errors of the models, by what the caller does next."""

from __future__ import annotations


class ModelUnavailable(Exception):
    """A model cannot be loaded. Stop before anything is written; the message says what to do."""
