"""The originals for the pages of the site: those of the raw store, whose pages are drawn once."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final

from datasette_config.originals import PageUnavailable
from extractors.errors import EXIT_UNREADABLE
from flows import raw_store

_DOCUMENT_ID: Final = re.compile(r"[0-9a-f]{64}")
_UNFINISHED: Final = ".drawing-"
_AT_ONCE: Final = 2
_PATIENCE: Final = 20.0
"""Seconds in which a page is drawn, or not at all."""

_log = logging.getLogger(__name__)


class StoredOriginals:
    """Originals under `raw_dir`, and pictures of their pages under `cache_dir`, at most `max_bytes` of them."""

    def __init__(self, raw_dir: Path, *, cache_dir: Path, max_bytes: int) -> None:
        self._raw_dir = raw_dir
        self._cache_dir = cache_dir
        self._max_bytes = max_bytes
        self._drawing = threading.BoundedSemaphore(_AT_ONCE)
        self._cleaning = threading.Lock()

    def find_original(self, document_id: str) -> Path | None:
        """Return the file with these bytes, None when it is not kept."""
        if not _DOCUMENT_ID.fullmatch(document_id):  # it comes from an address that anybody may type
            return None
        return raw_store.find_original(self._raw_dir, document_id)

    def render_page(self, document_id: str, page: int) -> bytes:
        """Return a page (from 1) as a picture in WebP. Raises `PageUnavailable`."""
        original = self.find_original(document_id)
        if original is None:
            raise PageUnavailable(f"document {document_id[:12]}: its original is not kept; ingest it again")
        picture = self._cache_dir / document_id[:2] / f"{document_id}-{page}.webp"
        if (held := _read(picture)) is not None:
            return held
        with self._drawing:
            # Whoever waited here may find that another request drew it.
            if (held := _read(picture)) is not None:
                return held
            content = _draw(original, page)
            self._keep(picture, content)
        return content

    def _keep(self, picture: Path, content: bytes) -> None:
        try:
            picture.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=picture.parent)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(content)
                Path(temporary).replace(picture)
            finally:
                Path(temporary).unlink(missing_ok=True)
            with self._cleaning:
                self._remove_least_used()
        except OSError as error:
            # A full disk is no reason not to show the page; it is drawn again next time.
            _log.warning("picture %s: cannot be kept (%s); free space or allow writing", picture, error)

    def _remove_least_used(self) -> None:
        held = []
        for path in self._cache_dir.glob("*/*.webp"):
            with contextlib.suppress(FileNotFoundError):  # another server over the same folder may have removed it
                held.append((path, path.stat()))
        total = sum(stat.st_size for _, stat in held)
        if total <= self._max_bytes:
            return
        for path, stat in sorted(held, key=_last_used):
            path.unlink(missing_ok=True)
            total -= stat.st_size
            # Below the bound by a tenth, so that not every new page cleans again.
            if total <= 0.9 * self._max_bytes:
                return


def _last_used(held: tuple[Path, os.stat_result]) -> float:
    return held[1].st_mtime


def _read(picture: Path) -> bytes | None:
    try:
        content = picture.read_bytes()
        os.utime(picture)
    except OSError:
        return None
    return content


def _draw(original: Path, page: int) -> bytes:
    # In a process of its own: PDFium is not made for threads, and a damaged file may bring it down.
    command = [sys.executable, "-m", "extractors.readers.page_images", str(original), str(page)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired as error:
        raise PageUnavailable(
            f"page {page}: not drawn within {_PATIENCE:.0f} seconds; read its text instead"
        ) from error
    except OSError as error:
        _log.warning("page %d of %s: no process to draw it can be started (%s)", page, original, error)
        raise PageUnavailable(f"page {page}: cannot be drawn now; read its text, or try again later") from error
    if done.returncode or not done.stdout:
        # What is no line of ours is for the log: a traceback, or nothing at all when PDFium ended with the process.
        told = done.stderr.decode("utf-8", "replace").strip()
        if done.returncode != EXIT_UNREADABLE:
            _log.warning("page %d of %s: drawing ended with %d: %s", page, original, done.returncode, told)
            told = ""
        raise PageUnavailable(f"page {page}: {told or 'PDFium cannot draw it; read its text instead'}")
    return done.stdout
