"""What an adapter is, and which there are: every module of `flows.adapters`, under the name of its file."""

from __future__ import annotations

import importlib
import pkgutil
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from flows import adapters
from flows.errors import FetchFailed
from flows.web_addresses import is_fetchable
from warehouse.source_entries import FetchPurpose, ListedDocument


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched: the address that answered, its bytes, and the media type that the server gave."""

    url: str
    content: bytes
    media_type: str | None


class Surroundings(Protocol):
    """What an adapter may ask of the program while it finds documents."""

    @property
    def folder(self) -> Path:
        """The folder from which paths in the settings of the source count."""
        ...

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        """Return a page; raises `FetchFailed`."""
        ...

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...] | None:
        """Return the documents that were found on a page before, None when the page must be read."""
        ...

    def miss_page(self, entry_url: str, error: FetchFailed) -> tuple[ListedDocument, ...]:
        """Note that a page with documents cannot be used, and return what was found on it before; the others go on.

        Raises `error` when it is not the page's alone, such as a host that does not answer.
        """
        ...


class SourceAdapter(BaseModel, ABC):
    """The settings of one way to find documents, and the finding. Unknown settings are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @property
    def lists_everything(self) -> bool:
        """Whether a document that is no longer listed is gone; false for listings of the newest documents."""
        return True

    @property
    def is_local(self) -> bool:
        """Whether the documents are files of this machine; all others are fetched, whatever their address says."""
        return False

    @abstractmethod
    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents that the source lists, each address once or more.

        Raises:
            SourceChanged: when the listing is not what the settings describe.
            FetchFailed: when a page of the listing cannot be fetched.
        """

    def entry_page(self) -> str | None:
        """Return the first address that is asked, None for an adapter that asks no server."""
        return None


def find_adapters() -> dict[str, type[SourceAdapter]]:
    """Return the adapters by name: each module of `flows.adapters` has a class `Adapter`."""
    names = sorted(module.name for module in pkgutil.iter_modules(adapters.__path__))
    return {name.removesuffix("_"): importlib.import_module(f"flows.adapters.{name}").Adapter for name in names}


def _compiles(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"found no regular expression ({error})") from error
    return pattern


def _is_web(url: str) -> str:
    if not re.match(r"https?://[^/\s]+", url) or not is_fetchable(url):
        raise ValueError("found no web address, against one that begins with https:// or http://")
    return url


Pattern = Annotated[str, StringConstraints(min_length=1), AfterValidator(_compiles)]
"""A regular expression, searched for in an absolute address."""

WebAddress = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_is_web)]
"""An http or https URL."""
