"""The exchange: a shared folder, or any place that fsspec can reach, where the run and the workers of a cluster meet.

The run puts originals there and the workers put what they found; each file is written beside its place and moved, so
that nobody reads half a file.
"""

from __future__ import annotations

import hashlib
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flows.errors import ClusterUnfit

ORIGINALS: Final = "originals"
DELIVERIES: Final = "deliveries"
_UNFINISHED: Final = ".part-"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A folder at `url`: a path, or an address such as ``s3://bucket/folder``. It can be sent to another machine."""

    url: str
    _opened: list[Any] = field(default_factory=list, compare=False, repr=False)

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Exchange, (self.url,))

    def write(self, name: str, content: bytes | Path) -> None:
        """Put bytes, or a file, at `name`.

        Raises:
            ClusterUnfit: when that is not possible.
        """
        system, root = self._open()
        place = f"{root}/{name}"
        draft = f"{place}{_UNFINISHED}{uuid.uuid4().hex[:8]}"
        with self._explained("written"):
            system.makedirs(place.rpartition("/")[0], exist_ok=True)
            if isinstance(content, Path):
                system.put_file(str(content), draft)
            else:
                system.pipe_file(draft, content)
            system.mv(draft, place)

    def read(self, name: str) -> bytes:
        """Return the bytes at `name`; raises `ClusterUnfit` when they cannot be read."""
        system, root = self._open()
        with self._explained("read"):
            return bytes(system.cat_file(f"{root}/{name}"))

    def has(self, name: str) -> bool:
        """Return whether there is a finished file at `name`."""
        system, root = self._open()
        with self._explained("read"):
            system.invalidate_cache()
            return bool(system.exists(f"{root}/{name}"))

    def list_names(self) -> list[str]:
        """Return the names of all files, unfinished ones too; empty when the folder is not there."""
        system, root = self._open()
        with self._explained("read"):
            system.invalidate_cache()
            if not system.exists(root):
                return []
            return sorted(found.removeprefix(root).lstrip("/") for found in system.find(root))

    def remove(self, name: str) -> None:
        """Remove the file at `name`; one that is not there is nothing to complain of."""
        system, root = self._open()
        with self._explained("written"):
            if system.exists(f"{root}/{name}"):
                system.rm_file(f"{root}/{name}")

    def remove_all(self) -> None:
        """Remove the folder with all that is in it."""
        system, root = self._open()
        with self._explained("written"):
            if system.exists(root):
                system.rm(root, recursive=True)

    @contextmanager
    def lend_file(self, name: str) -> Iterator[Path]:
        """Lend the file at `name` as one of this machine."""
        with tempfile.TemporaryDirectory(prefix="rodedraad-exchange-") as folder:
            path = Path(folder) / name.rpartition("/")[2]
            path.write_bytes(self.read(name))
            yield path

    def _open(self) -> tuple[Any, str]:
        if not self._opened:
            import fsspec

            with self._explained("opened"):
                system, root = fsspec.core.url_to_fs(self.url)
            self._opened.append((system, str(root).rstrip("/")))
        system, root = self._opened[0]
        return system, root

    @contextmanager
    def _explained(self, done: str) -> Iterator[None]:
        try:
            yield
        except ClusterUnfit:
            raise
        except Exception as error:  # each kind of store has errors of its own
            first = str(error).splitlines()[0] if str(error) else "no reason given"
            raise ClusterUnfit(
                f"exchange {self.url}: it cannot be {done} on {socket.gethostname()} ({type(error).__name__}: "
                f"{first}), against a folder or store that the run and every worker can read and write; give another "
                "with --exchange"
            ) from error


def open_exchange(url: str, warehouse_path: Path) -> Exchange:
    """Return the part of the exchange at `url` that belongs to one warehouse, so that two may share an exchange."""
    key = f"{socket.gethostname()}:{warehouse_path.resolve()}"
    place = url.rstrip("/") if "://" in url else str(Path(url).expanduser().resolve())
    return Exchange(f"{place}/rodedraad-{hashlib.sha256(key.encode()).hexdigest()[:12]}")


def original_name(document_id: str) -> str:
    """Return where the bytes of a document are."""
    return f"{ORIGINALS}/{document_id}"


def delivery_name(version_key: str, document_id: str, report_id: str | None) -> str:
    """Return where workers of one version put what they found in a document, as a version of a report."""
    return f"{DELIVERIES}/{version_key}/{document_id}-{report_id or 'new'}.parquet"


def sweep(exchange: Exchange, version_key: str) -> int:
    """Remove what a run that was killed left behind, and return how many deliveries are kept to be used.

    Kept are finished deliveries of the same version. One run at a time writes a warehouse, so nobody needs the rest.
    """
    kept = 0
    for name in exchange.list_names():
        if name.startswith(f"{DELIVERIES}/{version_key}/") and _UNFINISHED not in name:
            kept += 1
        else:
            exchange.remove(name)
    return kept
