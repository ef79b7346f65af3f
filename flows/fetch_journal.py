"""The journal of fetches: rows are kept for a moment and saved together, for most of them say that nothing changed."""

from __future__ import annotations

import datetime
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from flows.clock import now
from flows.fetching import Fetcher
from flows.settings import Settings
from warehouse.source_entries import Fetch
from warehouse.store import Warehouse

_TOGETHER: Final = 100


class FetchJournal:
    """Saves fetches in the warehouse; those that brought something at once, the others a hundred at a time."""

    def __init__(self, warehouse: Warehouse) -> None:
        self._warehouse = warehouse
        self._lock = threading.Lock()
        self._waiting: list[Fetch] = []

    def add(self, fetch: Fetch) -> None:
        """Keep a fetch; raises `WarehouseUnwritable`."""
        with self._lock:
            self._waiting.append(fetch)
            is_full = len(self._waiting) >= _TOGETHER
        if is_full or fetch.outcome not in ("not_modified", "same", "read"):
            self.save()

    def save(self) -> None:
        """Save what is waiting; raises `WarehouseUnwritable`."""
        with self._lock:
            self._warehouse.sources.save_fetches(self._waiting)
            self._waiting = []


@contextmanager
def open_fetcher(settings: Settings, warehouse: Warehouse) -> Iterator[Fetcher]:
    """Lend a fetcher whose journal is in the warehouse; rows of it that are too old and not needed go first."""
    warehouse.sources.prune_fetches(before=now() - datetime.timedelta(days=settings.fetch_journal_days))
    journal = FetchJournal(warehouse)
    try:
        with Fetcher(settings, journal=journal.add) as fetcher:
            yield fetcher
    finally:
        journal.save()
