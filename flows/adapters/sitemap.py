"""Documents or pages that a sitemap names (sitemaps.org 0.9), also through an index of sitemaps."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Final

from flows.adapter import Page, Pattern, Surroundings, WebAddress
from flows.entry_pages import Entry, EntryAdapter
from flows.errors import SourceChanged
from flows.web_addresses import join_address
from flows.xml_reading import find_all, read_xml, text_of
from warehouse.source_entries import ListedDocument

_MOST_SITEMAPS: Final = 1_000
_MOST_BYTES: Final = 60_000_000  # the standard allows 50 MB
_GZIP: Final = b"\x1f\x8b"


class Adapter(EntryAdapter):
    """`url` is the sitemap or the index; of the sitemaps in an index, those that match `sitemaps` are read."""

    url: WebAddress
    sitemaps: Pattern | None = None

    def entry_page(self) -> str:
        """Return the address of the sitemap."""
        return self.url

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of all addresses that match; raises `SourceChanged` when it is no sitemap."""
        yield from self.documents_of(self._read_entries(surroundings), surroundings)

    def _read_entries(self, surroundings: Surroundings) -> Iterator[Entry]:
        waiting, seen = [self.url], {self.url}
        while waiting:
            page = surroundings.read_page(waiting.pop(0))
            try:
                root = read_xml(_unpack(page))
            except ValueError as error:
                raise _no_sitemap(page.url, str(error)) from error
            kind = str(root.tag).rpartition("}")[2]
            if kind == "sitemapindex":
                for element in find_all(root, "sitemap"):
                    url = join_address(page.url, text_of(element, "loc") or "")
                    if url not in seen and (self.sitemaps is None or re.search(self.sitemaps, url)):
                        seen.add(url)
                        waiting.append(url)
                if len(seen) > _MOST_SITEMAPS:
                    raise _no_sitemap(page.url, f"found more than {_MOST_SITEMAPS} sitemaps")
            elif kind == "urlset":
                for element in find_all(root, "url"):
                    if address := text_of(element, "loc"):
                        yield Entry(join_address(page.url, address), stamp=text_of(element, "lastmod"))
            else:
                raise _no_sitemap(page.url, f"found <{kind}>")


def _unpack(page: Page) -> bytes:
    if not page.content.startswith(_GZIP):
        return page.content
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(page.content, _MOST_BYTES)
    except zlib.error as error:
        raise ValueError(f"found a damaged gzip file ({error})") from error
    if unpacking.unconsumed_tail:
        raise ValueError(f"found more than {_MOST_BYTES} bytes in a gzip file")
    return content


def _no_sitemap(url: str, found: str) -> SourceChanged:
    return SourceChanged(
        f"{url}: {found}, against a sitemap",
        reason="no_sitemap",
        what_to_do="Look in the site's robots.txt for the present address of its sitemap.",
    )
