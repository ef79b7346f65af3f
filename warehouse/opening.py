"""Opens the DuckDB file of the warehouse, and says in plain words why it cannot be opened or written."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import duckdb

from warehouse.errors import WarehouseLocked, WarehouseMismatch, WarehouseMissing, WarehouseUnwritable
from warehouse.migration import (
    Migration,
    check_not_newer,
    find_pending,
    latest_version,
    migrate,
    read_schema_version,
)

# Nothing is fetched from the network behind the operator's back.
CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_HOLDER: Final = re.compile(r"lock is held in (?P<program>.+?) \(PID (?P<pid>\d+)\)")
_DAMAGED: Final = (
    "not a valid duckdb database",
    "could not read enough bytes",
    "corrupt",
    "checksum",
    "serialization error",
    "failed to replay wal",
    "failure while replaying wal",
)
_NEWER: Final = ("trying to read a database file with version", "created with a newer", "different version of duckdb")
_UNWRITABLE: Final = (
    "no space left",
    "could not write",
    "file too large",
    "permission denied",
    "read-only file system",
    "cannot open file",
    "could not create",
    "disk quota",
    "input/output error",
    "could not truncate",
    "fsync failed",
)


def connect(path: Path, *, read_only: bool, migrations: Sequence[Migration]) -> duckdb.DuckDBPyConnection:
    """Open the file at `path`, creating and migrating it when it is opened for writing.

    A new file is made beside the place and moved there when its tables stand, so that a process that is killed in
    between leaves no half file. Raises `WarehouseMissing`, `WarehouseMismatch`, `WarehouseLocked` and
    `WarehouseUnwritable`; an existing file is never overwritten.
    """
    if not _exists(path):
        if read_only:
            raise WarehouseMissing(
                f"warehouse {path}: found no file, against one to read; ingest a report first (rodedraad ingest PATH)"
            )
        _create(path, migrations)
    if not read_only:
        _remove_drafts(path)
    if path.is_dir():
        raise WarehouseMismatch(f"warehouse {path}: found a folder, against a DuckDB file; give another path")
    with explained(path):
        connection = duckdb.connect(str(path), read_only=read_only, config=CONFIG)
    try:
        with explained(path):
            if read_only:
                version = read_schema_version(connection)
                check_not_newer(version, migrations=migrations)
                if find_pending(connection, migrations=migrations):
                    raise WarehouseMismatch(
                        f"warehouse {path}: found schema version {version}, against {latest_version(migrations)}; "
                        "open it once for writing (rodedraad ingest) to bring it up to date"
                    )
            else:
                migrate(connection, migrations=migrations)
    except BaseException:
        connection.close()
        raise
    return connection


@contextlib.contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn DuckDB's complaints about the file into errors that say what to do; other errors pass unchanged."""
    try:
        yield
    except duckdb.Error as error:
        known = _explain(path, str(error))
        if known is None:
            raise
        raise known from error


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise WarehouseUnwritable(
            f"warehouse {path}: its folder cannot be looked into ({error.strerror}), against a folder where you may "
            "read and write; mend the permissions, or give another path"
        ) from error


def _explain(path: Path, complaint: str) -> Exception | None:
    first_line = complaint.strip().splitlines()[0] if complaint.strip() else "no reason given"
    lowered = complaint.lower()
    if match := _HOLDER.search(complaint):
        return WarehouseLocked(
            f"warehouse {path}: found it in use by process {match['pid']} ({Path(match['program']).name}), against "
            "nobody; wait until that run ends, or stop it"
        )
    if "different configuration than existing connections" in lowered:
        return WarehouseLocked(
            f"warehouse {path}: found it open in this same process for other use, against nobody; close that first"
        )
    if "could not set lock" in lowered:
        return WarehouseLocked(
            f"warehouse {path}: found it in use by another process, against nobody; wait until that run ends"
        )
    if any(sign in lowered for sign in _NEWER):
        return WarehouseMismatch(
            f"warehouse {path}: found a file of another DuckDB ({first_line}), against DuckDB {duckdb.__version__}; "
            "install the DuckDB that wrote it"
        )
    if any(sign in lowered for sign in _UNWRITABLE):
        return WarehouseUnwritable(
            f"warehouse {path}: writing failed ({first_line}), against a folder with room where you may write; free "
            "space or mend the permissions and run again. What was saved before is safe"
        )
    if any(sign in lowered for sign in _DAMAGED):
        return WarehouseMismatch(
            f"warehouse {path}: found a file that is no DuckDB database or is damaged ({first_line}), against a "
            "warehouse; restore it from a backup, or move it away and ingest again. Nothing was overwritten"
        )
    return None


def _create(path: Path, migrations: Sequence[Migration]) -> None:
    draft = path.with_name(f".{path.name}.new-{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WarehouseUnwritable(
            f"warehouse {path}: its folder cannot be used ({error.strerror}), against a folder where you may write; "
            "mend the permissions, or give another path"
        ) from error
    try:
        with explained(path):
            connection = duckdb.connect(str(draft), config=CONFIG)
            try:
                migrate(connection, migrations=migrations)
            finally:
                connection.close()
        _move_into_place(draft, path)
    finally:
        for leftover in (draft, draft.with_name(f"{draft.name}.wal")):
            with contextlib.suppress(OSError):
                leftover.unlink(missing_ok=True)


def _remove_drafts(path: Path) -> None:
    """Remove the drafts of processes that were killed while they made the file."""
    for draft in path.parent.glob(f".{path.name}.new-*"):
        pid = draft.name.removeprefix(f".{path.name}.new-").split(".")[0]
        with contextlib.suppress(PermissionError):
            try:
                os.kill(int(pid), 0)  # asks whether the process is there
            except (ProcessLookupError, ValueError):
                draft.unlink(missing_ok=True)


def _move_into_place(draft: Path, path: Path) -> None:
    # A link, unlike a rename, fails where the place was taken meanwhile; then the other process's file is used.
    try:
        os.link(draft, path)
    except FileExistsError:
        return
    except OSError:  # a file system without links
        draft.rename(path)
