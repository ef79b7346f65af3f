"""Documents whose addresses the operator gives, in the settings or in a text file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

from pydantic import model_validator

from flows.adapter import SourceAdapter, Surroundings, WebAddress
from flows.errors import SourceChanged
from flows.web_addresses import is_fetchable
from warehouse.source_entries import ListedDocument


class Adapter(SourceAdapter):
    """`addresses` lists them; `file` names a text file with one per line, in which ``#`` begins a comment."""

    addresses: tuple[WebAddress, ...] = ()
    file: Path | None = None

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if not self.addresses and self.file is None:
            raise ValueError("found neither addresses nor file, against at least one of them")
        return self

    def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
        """Yield the addresses in the order in which they are given; raises `SourceChanged` for an unreadable file."""
        for address in (*self.addresses, *self._read_file(surroundings.folder)):
            yield ListedDocument(address)

    def _read_file(self, folder: Path) -> list[str]:
        if self.file is None:
            return []
        path = folder / self.file
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise SourceChanged(
                f"{path}: the list cannot be read ({error}), against a text file in UTF-8",
                reason="no_list",
                what_to_do="Put the file back, or correct its path in the file of sources.",
            ) from error
        given = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        if wrong := [line for line in given if not is_fetchable(line)]:
            raise SourceChanged(
                f"{path}: found {wrong[0]!r}, against an address that begins with https://",
                reason="bad_address",
                what_to_do="Correct the line.",
            )
        return given
