"""The store of originals: every document once, under the hash of its bytes."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path, PurePath

from warehouse.errors import WarehouseUnwritable


def raw_path(raw_dir: Path, document_id: str, name: str) -> Path:
    """Return where the original of a document is kept: ``ab/<sha256><suffix>``."""
    return raw_dir / document_id[:2] / f"{document_id}{PurePath(name).suffix.lower()[:8]}"


def save_original(raw_dir: Path, document_id: str, content: bytes, *, name: str) -> Path:
    """Keep the bytes of a document; a file that is there already is left alone. It is written beside and moved.

    Raises:
        WarehouseUnwritable: when the disk is full or the folder does not allow writing.
    """
    path = raw_path(raw_dir, document_id, name)
    try:
        if path.exists() and path.stat().st_size == len(content):
            return path
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(prefix=".writing-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
    except OSError as error:
        raise WarehouseUnwritable(
            f"{path.parent}: the original of {name} cannot be kept ({error}); free space or allow writing and run again"
        ) from error
    return path
