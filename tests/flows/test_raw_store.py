"""The store of originals on a disk that fails."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.raw_store import IncomingFile
from warehouse.errors import WarehouseUnwritable


@pytest.mark.parametrize(
    "use", [lambda f: f.head(9), lambda f: f.tail(9), IncomingFile.restart, lambda f: f.keep("a.md")]
)
def test_a_full_disk_stops_the_run_wherever_it_is_noticed(
    tmp_path: Path, use: Callable[[IncomingFile], object]
) -> None:
    """What was received is written late; the error names the folder and what to do."""
    with pytest.raises(WarehouseUnwritable, match="free space or allow writing"), IncomingFile(tmp_path) as incoming:
        incoming.write(b"# Rapport")
        full = os.open("/dev/full", os.O_RDWR)
        os.dup2(full, incoming._open().fileno())
        os.close(full)
        use(incoming)
    assert list(tmp_path.iterdir()) == []
