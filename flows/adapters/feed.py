"""Documents that a feed announces: RSS 0.9 to 2.0 or Atom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, Literal

import feedparser

from flows.adapter import Surroundings, WebAddress
from flows.entry_pages import Entry, EntryAdapter
from flows.errors import SourceChanged
from flows.web_addresses import join_address
from warehouse.source_entries import ListedDocument

_DOCUMENT_TYPES: Final = ("application/pdf", "text/html", "text/markdown", "text/plain")


class Adapter(EntryAdapter):
    """`url` is the feed; `prefer` says whether an entry is its ``enclosure``, where it has one, or its ``link``."""

    url: WebAddress
    prefer: Literal["enclosure", "link"] = "enclosure"

    @property
    def lists_everything(self) -> bool:
        """A feed lists what is newest."""
        return False

    def entry_page(self) -> str:
        """Return the address of the feed."""
        return self.url

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of the entries, the first entry first; raises `SourceChanged` when it is no feed."""
        yield from self.documents_of(self._read_entries(surroundings), surroundings)

    def _read_entries(self, surroundings: Surroundings) -> Iterator[Entry]:
        page = surroundings.read_page(self.url)
        headers = {"content-location": page.url} | ({"content-type": page.media_type} if page.media_type else {})
        # Bytes are given, never the address: feedparser would fetch that by itself.
        feed = feedparser.parse(page.content, response_headers=headers)
        if not feed.get("version"):
            raise SourceChanged(
                f"{self.url}: found no feed ({feed.get('bozo_exception') or page.media_type or 'another type'}), "
                "against RSS or Atom",
                reason="no_feed",
                what_to_do="Look for the present address of the feed on the publisher's site.",
            )
        for entry in feed.entries:
            url = self._address_of(entry)
            if url:
                yield Entry(
                    join_address(page.url, url),
                    entry.get("title") or None,
                    _date_of(entry),
                    _stamp_of(entry),
                )

    def _address_of(self, entry: Any) -> str | None:
        enclosures = [
            link.href
            for link in entry.get("enclosures", ())
            if link.get("href") and link.get("type", _DOCUMENT_TYPES[0]).split(";")[0] in _DOCUMENT_TYPES
        ]
        if self.prefer == "enclosure" and enclosures:
            return str(enclosures[0])
        return str(entry.link) if entry.get("link") else None


def _date_of(entry: Any) -> str | None:
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    return f"{parsed.tm_year:04}-{parsed.tm_mon:02}-{parsed.tm_mday:02}" if parsed else None


def _stamp_of(entry: Any) -> str | None:
    # get() would give the date of publication where there is none of a change.
    return str(entry["updated"]) if "updated" in entry else None
