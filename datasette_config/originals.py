"""What the pages need of the files that reports were read from; whoever starts the server says where these are."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


class PageUnavailable(Exception):
    """A page cannot be shown as a picture; the message says why. Show its text instead."""


class Originals(Protocol):
    """The store of originals. Both methods may take a while: call them in a thread."""

    def find_original(self, document_id: str) -> Path | None:
        """Return the file with these bytes, None when it is not kept."""

    def render_page(self, document_id: str, page: int) -> bytes:
        """Return a page (from 1) as a picture in WebP. Raises `PageUnavailable`."""
