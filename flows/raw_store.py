"""The store of originals: every document once, under the hash of its bytes."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path, PurePath
from types import TracebackType
from typing import BinaryIO, Final

from warehouse.errors import WarehouseUnwritable

_INCOMING: Final = ".incoming-"


def raw_path(raw_dir: Path, document_id: str, name: str) -> Path:
    """Return where the original of a document is kept: ``ab/<sha256><suffix>``."""
    suffix = PurePath(name).suffix.lower()[:8]
    return raw_dir / document_id[:2] / f"{document_id}{suffix if suffix.isprintable() else ''}"


def find_original(raw_dir: Path, document_id: str) -> Path | None:
    """Return the file of an original that is kept, None when there is none."""
    return next(iter(sorted((raw_dir / document_id[:2]).glob(f"{document_id}*"))), None)


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
        raise _unwritable(path.parent, name, error) from error
    return path


class IncomingFile:
    """A document that is being received: written beside the store and hashed on the way, then moved into it.

    Use it as a context manager; what was not kept is removed at its end. There is no file before the first bytes come:
    most requests say that nothing changed. Every method raises `WarehouseUnwritable` when the disk is full or the
    folder does not allow writing.
    """

    def __init__(self, raw_dir: Path) -> None:
        self._raw_dir = raw_dir
        self._path: Path | None = None
        self._file: BinaryIO | None = None
        self.restart()

    def restart(self) -> None:
        """Forget what was received."""
        if self._file is not None:
            try:
                self._file.seek(0)
                self._file.truncate()
            except OSError as error:
                raise _unwritable(self._raw_dir, "a document", error) from error
        self._hash = hashlib.sha256()
        self.size = 0

    def write(self, chunk: bytes) -> None:
        """Receive some bytes."""
        try:
            self._open().write(chunk)
        except OSError as error:
            raise _unwritable(self._raw_dir, "a document", error) from error
        self._hash.update(chunk)
        self.size += len(chunk)

    def head(self, count: int) -> bytes:
        """Return the first bytes that were received."""
        return self._read(count, 0)

    def tail(self, count: int) -> bytes:
        """Return the last bytes that were received."""
        return self._read(count, max(0, self.size - count))

    @property
    def document_id(self) -> str:
        """The sha256 of what was received, 64 hexadecimal digits."""
        return self._hash.hexdigest()

    def keep(self, name: str) -> Path:
        """Move what was received into the store and return its path; a document that is there already stays."""
        path = raw_path(self._raw_dir, self.document_id, name)
        try:
            file = self._open()
            file.flush()
            if self._path is not None and not (path.exists() and path.stat().st_size == self.size):
                os.fsync(file.fileno())
                path.parent.mkdir(parents=True, exist_ok=True)
                self._path.replace(path)
        except OSError as error:
            raise _unwritable(path.parent, name, error) from error
        return path

    def __enter__(self) -> IncomingFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is None or self._path is None:
            return
        with contextlib.suppress(OSError):  # closing writes what is left, and the disk may be full
            self._file.close()
        self._path.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        if self._file is None:
            self._raw_dir.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f"{_INCOMING}{os.getpid()}-", dir=self._raw_dir)
            self._path = Path(name)
            self._file = os.fdopen(handle, "w+b")
        return self._file

    def _read(self, count: int, start: int) -> bytes:
        if self._file is None:
            return b""
        try:
            self._file.flush()
            return os.pread(self._file.fileno(), count, start)
        except OSError as error:
            raise _unwritable(self._raw_dir, "a document", error) from error


def remove_leftovers(raw_dir: Path) -> None:
    """Remove what processes that were killed had been receiving."""
    for path in raw_dir.glob(f"{_INCOMING}*"):
        pid = path.name.removeprefix(_INCOMING).split("-")[0]
        with contextlib.suppress(PermissionError):
            try:
                os.kill(int(pid), 0)  # asks whether the process is there
            except (ProcessLookupError, ValueError):
                path.unlink(missing_ok=True)


def _unwritable(folder: Path, name: str, error: OSError) -> WarehouseUnwritable:
    return WarehouseUnwritable(
        f"{folder}: the original of {name} cannot be kept ({error}); free space or allow writing and run again"
    )
