"""The contract test of a source: whether it is still what its settings say. Nothing is kept."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from extractors.errors import UnreadableDocument
from extractors.reading import read_document
from flows.adapter import Page
from flows.discovery import DocumentSource
from flows.errors import FetchFailed, SourceChanged
from flows.fetching import Fetcher
from flows.ingestion import obtain_file
from flows.settings import Settings
from flows.source_ingestion import SourceSurroundings, discover_source
from flows.sources import Source
from warehouse.entries import name_of
from warehouse.source_entries import FetchPurpose, ListedDocument

StepName = Literal["reachable", "listing", "document"]
_PAGES_VISITED: Final = 2
"""Pages on which a check finds documents; of the others only the number counts."""

_PAGES_TRIED: Final = 10
"""Pages that a check reads at most to find documents on them: some have none yet, but not all."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of the contract: whether it holds, what was found, and what to do where it does not."""

    name: StepName
    holds: bool
    finding: str
    what_to_do: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check found; the steps after one that does not hold were not tried."""

    source_id: str
    steps: tuple[Step, ...]

    @property
    def holds(self) -> bool:
        """Whether every part of the contract holds."""
        return all(step.holds for step in self.steps)


def check_source(source: Source, *, settings: Settings) -> Verdict:
    """Check that a source can be reached and may be, lists what it should, and that its first document can be read."""
    with tempfile.TemporaryDirectory(prefix="rodedraad-check-") as folder:
        apart = settings.model_copy(update={"home": Path(folder)})
        with Fetcher(apart) as fetcher:
            steps: list[Step] = []
            name: StepName = "reachable"
            try:
                if (entry := source.adapter.entry_page()) is not None:
                    page = fetcher.fetch_page(entry, delay=source.delay_seconds)
                    finding = f"{page.url} answered with {len(page.content)} bytes; its robots.txt allows it"
                    steps.append(Step(name, holds=True, finding=finding))
                name = "listing"
                finding, first = _list(source, fetcher)
                steps.append(Step(name, holds=True, finding=finding))
                name = "document"
                steps.append(Step(name, holds=True, finding=_read_first(source, first, fetcher, apart)))
            except (FetchFailed, SourceChanged) as error:
                steps.append(Step(name, holds=False, finding=str(error), what_to_do=error.what_to_do))
            except UnreadableDocument as error:
                finding, _, advice = str(error).partition("; ")
                steps.append(Step(name, holds=False, finding=finding, what_to_do=advice))
    return Verdict(source.source_id, tuple(steps))


class _Sparing(SourceSurroundings):
    """Reads a few of the pages that link to documents, and lets the others stand for themselves."""

    visited = 0

    def __init__(self, source: Source, fetcher: Fetcher) -> None:
        super().__init__(source, fetcher)
        self.linked: dict[str, ListedDocument] = {}
        """A document of each page that was read and links to any."""
        self.themselves: list[ListedDocument] = []
        """The pages without documents that are documents themselves."""

    def tell(self, document: ListedDocument) -> None:
        """Take note of a document that was found."""
        if document.entry_url == document.address:
            self.themselves.append(document)
        elif document.entry_url is not None:
            self.linked.setdefault(document.entry_url, document)

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...] | None:
        is_enough = len(self.linked) >= _PAGES_VISITED or self.visited >= _PAGES_TRIED
        return (ListedDocument(entry_url, stamp=stamp),) if is_enough else None

    def miss_page(self, entry_url: str, error: FetchFailed) -> tuple[ListedDocument, ...]:
        raise error

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        self.visited += purpose == "page"
        return super().read_page(url, purpose=purpose)


def _list(source: Source, fetcher: Fetcher) -> tuple[str, ListedDocument]:
    """Return what a source lists, in words, and a document that was really found; raises as `discover_source` does.

    Raises `SourceChanged` as well when pages were read for their documents and none of them had any.
    """
    surroundings = _Sparing(source, fetcher)
    documents = discover_source(source, surroundings, tell=surroundings.tell)
    found = [*surroundings.linked.values(), *surroundings.themselves]
    if surroundings.visited and not found:
        raise SourceChanged(
            f"source {source.source_id}: read {surroundings.visited} pages and found no document on any, against links "
            "that match document_links",
            reason="no_document_link",
            what_to_do="Look at such a page, and mend document_links in the file of sources.",
        )
    finding = f"{len(documents)} documents, at least {source.expect_at_least} expected"
    if surroundings.themselves and not surroundings.linked:
        finding += f"; no link on the {surroundings.visited} pages that were read matches document_links"
    return finding, (found or documents)[0]


def _read_first(source: Source, listed: ListedDocument, fetcher: Fetcher, settings: Settings) -> str:
    """Fetch and read a document and say what it is; raises `FetchFailed` and `UnreadableDocument`."""
    if not source.adapter.is_local:
        fetched = fetcher.fetch_document(listed.address, delay=source.delay_seconds)
        name, content = fetched.name, fetched.path.read_bytes()
    else:
        obtained = obtain_file(DocumentSource(listed.address, name_of(listed.address)), settings=settings)
        name, content = obtained.name, obtained.read()
    document = read_document(content, name=name, max_pages=settings.max_pages, ocr=settings.ocr)
    pages = f"{len(document.pages)} pages, " if document.pages else ""
    return f"{name}: {document.media_type}, {pages}{len(document.text)} characters, language {document.language}"
