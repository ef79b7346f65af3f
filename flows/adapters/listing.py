"""Documents or pages that are linked on the pages of a list, such as the reports of an ombudsman."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from extractors.errors import UnreadableDocument
from extractors.readers.html_links import Link, check_selector, read_links
from flows.adapter import Pattern, Surroundings, WebAddress
from flows.entry_pages import Entry, EntryAdapter
from flows.errors import FetchFailed, SourceChanged
from warehouse.source_entries import ListedDocument

_PAGE: Final = "{page}"
_MOST_PAGES: Final = 2_000

Selector = Annotated[str, AfterValidator(check_selector)]


class Adapter(EntryAdapter):
    """`pages` are the first pages of the lists; links on them whose address matches `entries` are the entries.

    `within` is a CSS selector that narrows where links count. Further pages are found by `next_page`: ``rel`` follows
    the link with the relation “next”, a regular expression the first link whose address matches and was not read yet.
    Or a page's address has ``{page}`` in it, which counts from `first_page` until a page has no new entry or is not
    there. With `newest_pages` only so many pages of each list are read, so that what is missing there need not be gone.
    """

    pages: Annotated[tuple[WebAddress, ...], Field(min_length=1)]
    entries: Pattern
    within: Selector | None = None
    next_page: Literal["rel"] | Pattern | None = None
    first_page: int = 1
    newest_pages: Annotated[int | None, Field(ge=1)] = None

    @model_validator(mode="after")
    def _pages_in_one_way(self) -> Self:
        if self.next_page is not None and any(_PAGE in page for page in self.pages):
            raise ValueError(f"found next_page and {_PAGE} in an address, against one of them")
        return self

    @property
    def lists_everything(self) -> bool:
        """Whether pages are followed to their end; a page by itself may show the newest only."""
        has_pages = self.next_page is not None or all(_PAGE in page for page in self.pages)
        return has_pages and self.newest_pages is None

    def entry_page(self) -> str:
        """Return the address of the first page."""
        return self.pages[0].replace(_PAGE, str(self.first_page))

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of all entries.

        Raises `SourceChanged` when a first page has no entry or no place that `within` names, and when the pages do not
        end.
        """
        yield from self.documents_of(self._read_entries(surroundings), surroundings)

    def _read_entries(self, surroundings: Surroundings) -> Iterator[Entry]:
        for first in self.pages:
            seen: set[str] = set()
            number, url, asked = self.first_page, first.replace(_PAGE, str(self.first_page)), set[str]()
            while True:
                asked.add(url)
                is_counted = _PAGE in first and len(asked) > 1
                try:
                    page = surroundings.read_page(url)
                except FetchFailed as error:
                    if is_counted and error.reason == "gone":
                        break  # counted past the last page
                    raise
                everywhere, links = self._links_of(page.content, page.url, may_be_empty=is_counted)
                matching = [link for link in links if re.search(self.entries, link.url)]
                if not matching and len(asked) == 1:
                    raise SourceChanged(
                        f"{url}: found {len(links)} links, none of which matches {self.entries!r}",
                        reason="no_entries",
                        what_to_do="Look at the page, and mend entries and within in the file of sources.",
                    )
                news = [link for link in matching if link.url not in seen]
                seen.update(link.url for link in news)
                for link in news:
                    yield Entry(link.url, link.text or None)
                number += 1
                following = self._following(first, number, everywhere, asked) if news else None
                if following is None or len(asked) == self.newest_pages:
                    break
                if len(asked) == _MOST_PAGES:
                    raise SourceChanged(
                        f"{url}: found more than {_MOST_PAGES} pages, against a list that ends",
                        reason="endless_pages",
                        what_to_do="Look at the pages, and mend next_page or set newest_pages.",
                    )
                url = following

    def _links_of(self, content: bytes, url: str, *, may_be_empty: bool) -> tuple[tuple[Link, ...], tuple[Link, ...]]:
        """Return all links of a page, and those where links count."""
        try:
            everywhere = read_links(content, url)
            links = read_links(content, url, within=self.within) if self.within else everywhere
        except UnreadableDocument as error:
            raise SourceChanged(
                str(error), reason="no_page", what_to_do="Look at the page in a browser, and mend the source."
            ) from error
        if self.within and not links and not may_be_empty:
            raise SourceChanged(
                f"{url}: found no links within {self.within!r}, against a list",
                reason="no_entries",
                what_to_do="Look at the page, and mend entries and within in the file of sources.",
            )
        return everywhere, links

    def _following(self, first: str, number: int, links: tuple[Link, ...], asked: set[str]) -> str | None:
        if _PAGE in first:
            return first.replace(_PAGE, str(number))
        if self.next_page is None:
            return None
        by_relation = self.next_page == "rel"
        for link in links:
            is_next = "next" in link.relation.split() if by_relation else re.search(self.next_page, link.url)
            if is_next and link.url not in asked:
                return link.url
        return None
