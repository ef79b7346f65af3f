"""Documents that a search service finds by SRU, as the Dutch official publications offer it.

The protocol is SRU 2.0 (OASIS searchRetrieve, part 5). Records are in the form of overheid.nl, where an element
``itemUrl`` with a ``manifestation`` names each file of a publication.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Final
from urllib.parse import urlencode

from lxml import etree
from pydantic import Field

from flows.adapter import Surroundings, WebAddress
from flows.clock import now
from flows.entry_pages import Entry, EntryAdapter
from flows.errors import SourceChanged
from flows.web_addresses import join_address
from flows.xml_reading import find_all, read_xml, text_of
from warehouse.source_entries import ListedDocument

_SINCE: Final = "{since}"
_LONGEST_NUMBER: Final = 18


class Adapter(EntryAdapter):
    """`query` is in CQL; ``{since}`` in it stands for the date of `days` ago.

    Of each record the first of `manifestations` is taken; a record that has none of them is left out. With
    `most_records` a listing that promises more is refused, so that a slip in the query does not fetch a whole library.
    """

    url: WebAddress
    query: Annotated[str, Field(min_length=1)]
    days: Annotated[int, Field(ge=1, le=36_500)] = 60
    manifestations: Annotated[tuple[str, ...], Field(min_length=1)] = ("pdf", "html")
    page_size: Annotated[int, Field(ge=1, le=1000)] = 100
    most_records: Annotated[int, Field(ge=1)] = 10_000

    @property
    def lists_everything(self) -> bool:
        """Whether the query has no date from which on it asks."""
        return _SINCE not in self.query

    def entry_page(self) -> str:
        """Return the address of the service."""
        return self.url

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the documents of all records; raises `SourceChanged` for a diagnostic or another form of answer."""
        yield from self.documents_of(self._read_entries(surroundings), surroundings)

    def _read_entries(self, surroundings: Surroundings) -> Iterator[Entry]:
        start, total = 1, 1
        while start <= total:
            root, answered_by = self._ask(surroundings, start)
            number = text_of(root, "numberOfRecords")
            if number is None or not number.isdecimal() or len(number) > _LONGEST_NUMBER:
                raise self._changed(f"found no number of records ({_complaint(root)})")
            total = int(number)
            if total > self.most_records:
                raise self._changed(f"found {total} records, against at most {self.most_records}")
            records = list(find_all(root, "recordData"))
            for record in records:
                if (url := self._address_of(record)) is not None:
                    yield Entry(
                        join_address(answered_by, url),
                        text_of(record, "documenttitel") or text_of(record, "title"),
                        text_of(record, "available") or text_of(record, "issued") or text_of(record, "date"),
                        text_of(record, "modified"),
                    )
            if not records:  # the number of records may be an estimate
                return
            start += len(records)

    def _ask(self, surroundings: Surroundings, start: int) -> tuple[etree._Element, str]:
        since = (now() - datetime.timedelta(days=self.days)).date().isoformat()
        parameters = {
            "operation": "searchRetrieve",
            "version": "2.0",
            "query": self.query.replace(_SINCE, since),
            "startRecord": start,
            "maximumRecords": self.page_size,
        }
        page = surroundings.read_page(f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(parameters)}")
        try:
            root = read_xml(page.content)
        except ValueError as error:
            raise self._changed(str(error)) from error
        if str(root.tag).rpartition("}")[2] != "searchRetrieveResponse":
            raise self._changed(f"found <{str(root.tag).rpartition('}')[2]}>")
        return root, page.url

    def _address_of(self, record: etree._Element) -> str | None:
        files = {element.get("manifestation"): (element.text or "").strip() for element in find_all(record, "itemUrl")}
        for manifestation in self.manifestations:
            if files.get(manifestation):
                return str(files[manifestation])
        return None

    def _changed(self, found: str) -> SourceChanged:
        return SourceChanged(
            f"{self.url}: {found}, against an answer of SRU to {self.query!r}",
            reason="no_sru",
            what_to_do="Try the query by hand, and mend it in the file of sources.",
        )


def _complaint(root: etree._Element) -> str:
    message, details = text_of(root, "message"), text_of(root, "details")
    return ": ".join(filter(None, (message, details))) or "nor a diagnostic"
