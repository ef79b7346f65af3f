"""Waiting for the one writer: a run that finds the warehouse in use waits until it is free."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from warehouse.errors import WarehouseLocked
from warehouse.store import Warehouse

_PAUSE: Final = 2.0
"""Seconds between two looks."""


def open_when_free(path: Path, *, patience: float, report: Callable[[str], None], pause: float = _PAUSE) -> Warehouse:
    """Open the warehouse for writing; while another run holds it, wait up to `patience` seconds.

    `report` is told once who holds it. Raises `WarehouseLocked` when it is not free in time, at once for no patience,
    and what `Warehouse.open` raises besides.
    """
    deadline = time.monotonic() + patience
    is_told = False
    while True:
        try:
            return Warehouse.open(path)
        except WarehouseLocked as error:
            if time.monotonic() >= deadline:
                raise
            if not is_told:
                report(f"Waiting: {error}")
                is_told = True
        time.sleep(min(pause, max(deadline - time.monotonic(), 0.0)))
