"""The one place where the flows read the clock."""

from __future__ import annotations

import datetime


def now() -> datetime.datetime:
    """Return the present time with its zone, UTC."""
    return datetime.datetime.now(datetime.UTC)
