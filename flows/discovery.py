"""Discovery: what the operator names becomes a list of documents to read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from extractors.reading import SUPPORTED_SUFFIXES
from flows.errors import NothingToRead

_NOT_A_REPORT = re.compile(
    r"(?:readme|license|licence|manifest|changelog|contributing)(?:[._-][a-z]{2})?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class DocumentSource:
    """Where one document is: an absolute path or a URL, and its name for messages.

    `source_id`, `publisher` and `licence` are those of the source that lists it, None for one that is named by hand.
    `stored` is the original that is kept, where the document is read again from it; its address is not asked then.
    """

    address: str
    name: str
    source_id: str | None = None
    publisher: str | None = None
    licence: str | None = None
    stored: Path | None = None

    @property
    def is_web(self) -> bool:
        """Whether it must be fetched."""
        return is_web_address(self.address)


def is_web_address(text: str) -> bool:
    """Whether `text` is an http or https URL."""
    return text.lower().startswith(("http://", "https://"))


def discover_documents(inputs: Iterable[str], *, report: Callable[[str], None] | None = None) -> list[DocumentSource]:
    """Return the documents that files, folders, URLs and lists name, sorted within folders, each once.

    A folder is searched through for supported suffixes; files that are called README, LICENSE and the like are no
    reports, and `report` is given a line for each that is left out. A file that is named outright is always taken. A
    list (``@list.txt`` or ``list.urls``) has one path or URL per line; ``#`` begins a comment.

    Raises:
        NothingToRead: when a path does not exist, or nothing is found at all.
    """
    found: dict[str, DocumentSource] = {}
    given = list(inputs)
    for text in given:
        for source in _discover_one(text, report):
            found.setdefault(source.address, source)
    if not found:
        raise NothingToRead(
            f"{', '.join(given) or 'ingest'}: found no documents, expected files with one of the suffixes "
            f"{', '.join(sorted(SUPPORTED_SUFFIXES))}; name a file, a folder or a URL"
        )
    return list(found.values())


def _discover_one(text: str, report: Callable[[str], None] | None) -> Iterator[DocumentSource]:
    if is_web_address(text):
        yield DocumentSource(text, text.rstrip("/").rsplit("/", maxsplit=1)[-1] or text)
        return
    path = Path(text.removeprefix("@"))
    if text.startswith("@") or (path.suffix.lower() == ".urls" and path.is_file()):
        yield from _discover_list(path, report)
        return
    if path.is_dir():
        for file in sorted(p for p in path.rglob("*") if p.is_file()):
            if file.suffix.lower() not in SUPPORTED_SUFFIXES:
                continue
            if not _NOT_A_REPORT.fullmatch(file.stem):
                yield DocumentSource(str(file.resolve()), file.name)
            elif report:
                report(f"Left out {file}, which is no report by its name; name the file itself to take it in")
        return
    if not path.exists():
        raise NothingToRead(f"{text}: found no such file or folder; correct the path")
    yield DocumentSource(str(path.resolve()), path.name)


def _discover_list(path: Path, report: Callable[[str], None] | None) -> Iterator[DocumentSource]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NothingToRead(f"@{path}: the list cannot be read ({error}); expected a text file in UTF-8") from error
    for line in lines:
        entry = line.split("#", maxsplit=1)[0].strip() if not is_web_address(line.strip()) else line.strip()
        if entry:
            yield from _discover_one(entry, report)
