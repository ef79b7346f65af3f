"""Documents or pages that an API lists in JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Final, Self

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import AfterValidator, Field, model_validator

from flows.adapter import Page, Surroundings, WebAddress
from flows.entry_pages import Entry, EntryAdapter
from flows.errors import SourceChanged
from flows.web_addresses import join_address
from warehouse.source_entries import ListedDocument

_PLACES: Final = ("{page}", "{offset}")
_MOST_PAGES: Final = 2_000


def _is_path(path: str) -> str:
    try:
        jmespath.compile(path)
    except JMESPathError as error:
        raise ValueError(f"found no JMESPath expression ({error})") from error
    return path


Path = Annotated[str, Field(min_length=1), AfterValidator(_is_path)]
"""A JMESPath expression (jmespath.org), such as ``results`` or ``links[0].href``."""


class Adapter(EntryAdapter):
    """`items` leads from an answer to its list of items; the other paths lead from an item to a field of it.

    Addresses may be relative to `base`, else to the answer. Further pages are found by `next`, the path to an address,
    or by ``{page}`` (from `first_page`) or ``{offset}`` (from 0, by `page_size`) in `url`, until a page has no items;
    with `newest_pages` only so many pages are read.
    """

    url: WebAddress
    items: Path
    address: Path
    base: WebAddress | None = None
    title: Path | None = None
    published_date: Path | None = None
    stamp: Path | None = None
    next: Path | None = None
    first_page: int = 1
    page_size: Annotated[int | None, Field(ge=1)] = None
    newest_pages: Annotated[int | None, Field(ge=1)] = None

    @model_validator(mode="after")
    def _pages_in_one_way(self) -> Self:
        ways = [place for place in _PLACES if place in self.url] + (["next"] if self.next else [])
        if len(ways) > 1:
            raise ValueError(f"found {' and '.join(ways)}, against one way to further pages")
        if "{offset}" in self.url and self.page_size is None:
            raise ValueError("found {offset} without page_size, against both")
        return self

    @property
    def lists_everything(self) -> bool:
        """Whether pages are followed to their end; an answer by itself may give the newest only."""
        has_pages = self.next is not None or any(place in self.url for place in _PLACES)
        return has_pages and self.newest_pages is None

    def entry_page(self) -> str:
        """Return the address of the first page."""
        return self._page_url(0)

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of all items; raises `SourceChanged` for another form of answer and for endless pages."""
        yield from self.documents_of(self._read_entries(surroundings), surroundings)

    def _read_entries(self, surroundings: Surroundings) -> Iterator[Entry]:
        url: str | None = self._page_url(0)
        for number in range(1, _MOST_PAGES + 1):
            if url is None:
                return
            page = surroundings.read_page(url)
            answer = _read_json(page)
            items = _search(self.items, answer, page.url)
            if not isinstance(items, list):
                raise _changed(page.url, f"found {_kind(items)} at {self.items!r}, against a list")
            for item in items:
                yield self._entry_of(item, page.url)
            if not items or number == self.newest_pages:
                return
            url = self._following(answer, page.url, number)
        raise _changed(self.url, f"found more than {_MOST_PAGES} pages, against a list that ends")

    def _page_url(self, number: int) -> str:
        page, offset = self.first_page + number, number * (self.page_size or 0)
        return self.url.replace("{page}", str(page)).replace("{offset}", str(offset))

    def _following(self, answer: Any, url: str, number: int) -> str | None:
        if self.next:
            following = _search(self.next, answer, url)
            return join_address(url, following) if isinstance(following, str) and following else None
        return self._page_url(number) if any(place in self.url for place in _PLACES) else None

    def _entry_of(self, item: Any, url: str) -> Entry:
        address = _text_at(self.address, item, url)
        if address is None:
            raise _changed(url, f"found no text at {self.address!r} of an item, against its address")
        return Entry(
            join_address(self.base or url, address),
            _text_at(self.title, item, url),
            (_text_at(self.published_date, item, url) or "")[:10] or None,
            _text_at(self.stamp, item, url),
        )


def _read_json(page: Page) -> Any:
    try:
        return json.loads(page.content)
    except (ValueError, RecursionError) as error:
        raise _changed(page.url, f"found no JSON ({error})") from error


def _search(path: str, answer: Any, url: str) -> Any:
    try:
        return jmespath.search(path, answer)
    except (JMESPathError, ArithmeticError, RecursionError) as error:  # such as length() of a number
        raise _changed(url, f"the path {path!r} does not fit the answer ({error})") from error


def _text_at(path: str | None, item: Any, url: str) -> str | None:
    found = _search(path, item, url) if path else None
    if not isinstance(found, str | int | float) or not str(found).strip():
        return None
    return str(found).encode("utf-8", "replace").decode()  # JSON may have halves of characters, which nothing can keep


def _kind(value: Any) -> str:
    return "nothing" if value is None else f"a {type(value).__name__}"


def _changed(url: str, found: str) -> SourceChanged:
    return SourceChanged(
        f"{url}: {found}",
        reason="no_items",
        what_to_do="Look at the answer of the API, and mend the paths in the file of sources.",
    )
