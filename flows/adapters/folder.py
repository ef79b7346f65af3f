"""Documents that lie in a folder of this machine, also one that another program fills."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.adapter import SourceAdapter, Surroundings
from flows.discovery import discover_documents
from flows.errors import NothingToRead, SourceChanged
from warehouse.source_entries import ListedDocument


class Adapter(SourceAdapter):
    """`path` counts from the folder of the file of sources; it is searched through with all folders below it."""

    path: Path

    @property
    def is_local(self) -> bool:
        """The documents are files."""
        return True

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the supported files below `path`, sorted; raises `SourceChanged` when there is no such folder."""
        folder = (surroundings.folder / self.path).resolve()
        if not folder.is_dir():
            raise SourceChanged(
                f"{folder}: found no folder, against one with documents",
                reason="no_folder",
                what_to_do="Mount the folder, or correct its path in the file of sources.",
            )
        try:
            found = discover_documents([str(folder)])
        except NothingToRead:
            return
        for document in found:
            yield ListedDocument(document.address)
