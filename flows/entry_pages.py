"""From the entries of a listing to documents: an entry is a document itself, or a page with links to documents."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, Self

from pydantic import model_validator

from extractors.errors import UnreadableDocument
from extractors.readers.html_links import Link, read_links
from flows.adapter import Pattern, SourceAdapter, Surroundings
from flows.errors import FetchFailed, SourceChanged
from warehouse.source_entries import ListedDocument


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a listing; see `ListedDocument`."""

    url: str
    title: str | None = None
    published_date: str | None = None
    stamp: str | None = None


class EntryAdapter(SourceAdapter):
    """Settings that adapters with entries share.

    `document_links` is a regular expression; where it is given, an entry is a page, and the documents are the links on
    it whose address matches. `take` says how many of them: ``first`` or ``all``. `without_documents` says what an
    entry page without such a link means: ``skip`` it, read the ``page`` itself, or ``fail`` (the source changed).
    `entries` keeps only entries whose address matches, `exclude` leaves out entries and documents that match.
    """

    entries: Pattern | None = None
    exclude: Pattern | None = None
    document_links: Pattern | None = None
    take: Literal["first", "all"] = "first"
    without_documents: Literal["skip", "page", "fail"] = "skip"

    @model_validator(mode="after")
    def _links_are_named(self) -> Self:
        given = self.model_fields_set & {"take", "without_documents"}
        if given and self.document_links is None:
            raise ValueError(f"found {', '.join(sorted(given))} without document_links, against both")
        return self

    def documents_of(self, entries: Iterator[Entry], surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of the entries; a page that was read before and has not changed is not asked again.

        A page that cannot be fetched is missed, and the others go on. Raises `FetchFailed` where its host is at fault,
        and `SourceChanged` by `without_documents`.
        """
        seen: set[str] = set()
        for entry in entries:
            if entry.url in seen or not self._is_wanted(entry.url):
                continue
            seen.add(entry.url)
            listed = ListedDocument(entry.url, entry.title, entry.published_date, entry.stamp)
            if self.document_links is None:
                yield listed
                continue
            known = surroundings.documents_of_entry(entry.url, entry.stamp)
            yield from self._documents_on_page(listed, surroundings) if known is None else known

    def _is_wanted(self, url: str) -> bool:
        return (self.entries is None or re.search(self.entries, url) is not None) and not self._is_excluded(url)

    def _is_excluded(self, url: str) -> bool:
        return self.exclude is not None and re.search(self.exclude, url) is not None

    def _documents_on_page(self, entry: ListedDocument, surroundings: Surroundings) -> Iterator[ListedDocument]:
        try:
            found = _read_page_links(entry.address, surroundings)
        except FetchFailed as error:
            yield from surroundings.miss_page(entry.address, error)
            return
        pattern = re.compile(self.document_links or "")
        links = dict.fromkeys(link.url for link in found)
        matching = [url for url in links if pattern.search(url) and not self._is_excluded(url)]
        for url in matching[:1] if self.take == "first" else matching:
            yield replace(entry, address=url, entry_url=entry.address)
        if matching or self.without_documents == "skip":
            return
        if self.without_documents == "page":
            yield replace(entry, entry_url=entry.address)
            return
        raise SourceChanged(
            f"{entry.address}: found {len(links)} links, none of which matches {self.document_links!r}",
            reason="no_document_link",
            what_to_do="Look at the page, and mend document_links in the file of sources.",
        )


def _read_page_links(url: str, surroundings: Surroundings) -> tuple[Link, ...]:
    page = surroundings.read_page(url, purpose="page")
    try:
        return read_links(page.content, page.url)
    except UnreadableDocument as error:
        raise FetchFailed(
            str(error), reason="no_page", what_to_do="Look at the page in a browser, and mend the source."
        ) from error
