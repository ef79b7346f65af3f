"""Fetching: a document from the web into the store of originals, a page into memory; a journal is told of it all."""

from __future__ import annotations

import datetime
import ipaddress
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Final
from urllib.parse import unquote, urlsplit

from anyio.from_thread import BlockingPortal, start_blocking_portal

from extractors.errors import UnreadableDocument
from extractors.reading import SUPPORTED_SUFFIXES, find_format
from flows.adapter import Page
from flows.addresses import Network, Resolve, resolve_host
from flows.clock import now
from flows.errors import FetchFailed
from flows.politeness import RobotsRules
from flows.raw_store import IncomingFile, find_original, remove_leftovers
from flows.requesting import Limits, Requester, Trace
from flows.settings import Settings
from warehouse.source_entries import Fetch, FetchOutcome, FetchPurpose, KnownDocument

PAGE_BYTES: Final = 60_000_000
"""The largest listing, feed or robots.txt that is read; a sitemap may have 50 MB by its standard."""

_SUFFIX_OF_TYPE: Final = {
    "application/pdf": ".pdf",
    "application/x-pdf": ".pdf",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/x-markdown": ".md",
    "text/plain": ".txt",
}
_UNTOLD: Final = (
    "application/octet-stream",
    "binary/octet-stream",
    "application/download",
    "application/x-download",
    "application/force-download",
    "application/unknown",
)
_DOCUMENT_TYPES: Final = frozenset((*_SUFFIX_OF_TYPE, *_UNTOLD))
_HEAD: Final = 65_536
_TAIL: Final = 16_384
_FILE_NAME: Final = re.compile(r"filename\*?=(?:UTF-8'')?\"?([^\";]+)", re.IGNORECASE)
_SAME_SECOND: Final = datetime.timedelta(seconds=2)

Journal = Callable[[Fetch], None]


@dataclass(frozen=True, slots=True)
class FetchedDocument:
    """A document that lies in the store of originals.

    `name` is its file name, with a suffix for its type. `outcome` is ``new``, ``changed``, ``same`` or
    ``not_modified``, against what was known of its address.
    """

    url: str
    document_id: str
    path: Path
    name: str
    outcome: FetchOutcome


class _Memory:
    """Takes a page in."""

    def __init__(self) -> None:
        self.content = bytearray()

    def restart(self) -> None:
        self.content.clear()

    def write(self, chunk: bytes) -> None:
        self.content += chunk


class Fetcher:
    """Fetches from the web with kept connections. Use it as a context manager; threads may share it.

    `journal` is told of every fetch, also of those that fail; it is called in the event loop's thread, so it must be
    quick.
    """

    def __init__(self, settings: Settings, *, journal: Journal | None = None, resolve: Resolve = resolve_host) -> None:
        self._settings = settings
        self._journal = journal
        self._resolve = resolve
        self._exits = ExitStack()
        self._portal: BlockingPortal | None = None

    def __enter__(self) -> Fetcher:
        remove_leftovers(self._settings.raw_dir)
        self._portal = self._exits.enter_context(start_blocking_portal("asyncio"))
        self._portal.call(self._open)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._in_loop().call(self._requester.aclose)
        self._portal = None
        self._exits.close()

    def fetch_document(
        self,
        url: str,
        *,
        source_id: str | None = None,
        known: KnownDocument | None = None,
        is_conditional: bool = True,
        delay: float | None = None,
    ) -> FetchedDocument:
        """Bring the document at `url` into the store of originals.

        With `known` and `is_conditional`, the server is asked whether it changed; without ``ETag`` and
        ``Last-Modified`` its length is asked. `delay` replaces the setting.

        Raises:
            FetchFailed: for anything else than a whole document, with a stable reason: those of `Requester.ask`, and
                ``incomplete`` (a PDF without its end), ``wrong_type`` (HTML in the place of a PDF), ``empty``.
            WarehouseUnwritable: when the store of originals cannot be written; the run must stop.
        """
        return self._in_loop().call(self._fetch_document, url, source_id, known, is_conditional, delay)

    def fetch_page(
        self,
        url: str,
        *,
        source_id: str | None = None,
        purpose: FetchPurpose = "listing",
        delay: float | None = None,
    ) -> Page:
        """Return the page, feed or answer of an API at `url`; raises `FetchFailed`."""
        return self._in_loop().call(self._fetch_page, url, source_id, purpose, delay)

    @property
    def _page_bytes(self) -> int:
        return min(PAGE_BYTES, self._settings.max_bytes)

    def _in_loop(self) -> BlockingPortal:
        if self._portal is None:
            raise RuntimeError("fetcher: found it closed, against open; use it as a context manager")
        return self._portal

    async def _open(self) -> None:
        settings = self._settings
        self._requester = Requester(
            limits=Limits(
                seconds=settings.fetch_timeout,
                byte_count=settings.max_bytes,
                attempts=settings.fetch_attempts,
                backoff_seconds=settings.fetch_backoff,
                longest_wait=settings.fetch_max_wait,
            ),
            contact=settings.contact,
            clock=now,
            allow_private=settings.allow_private_addresses,
            allowed=_networks(settings.allowed_networks),
            resolve=self._resolve,
        )
        self._robots = RobotsRules(self._ask_robots)

    async def _ask_robots(self, url: str) -> tuple[int, bytes]:
        sink, trace, started_at = _Memory(), Trace(url), now()
        with self._told(trace, "robots", None, started_at) as row:
            try:
                await self._requester.ask(
                    trace, sink, headers={}, delay=0.0, robots=None, accepted=None, most_bytes=self._page_bytes
                )
            except FetchFailed as error:
                if trace.status is None or error.reason not in ("http_status", "gone"):
                    raise
                row |= {"outcome": "failed", "reason": error.reason, "message": str(error)}
        return trace.status or 0, bytes(sink.content)

    async def _fetch_page(self, url: str, source_id: str | None, purpose: FetchPurpose, delay: float | None) -> Page:
        sink, trace, started_at = _Memory(), Trace(url), now()
        with self._told(trace, purpose, source_id, started_at):
            await self._requester.ask(
                trace,
                sink,
                headers={},
                delay=self._delay(delay),
                robots=self._robots,
                accepted=None,
                most_bytes=self._page_bytes,
            )
        return Page(trace.final_url, bytes(sink.content), trace.media_type)

    async def _fetch_document(
        self, url: str, source_id: str | None, known: KnownDocument | None, is_conditional: bool, delay: float | None
    ) -> FetchedDocument:
        kept = find_original(self._settings.raw_dir, known.document_id) if known else None
        if (
            known
            and kept
            and is_conditional
            and not (known.etag or known.last_modified)
            and await self._has_same_length(url, source_id, known, kept, delay)
        ):
            return FetchedDocument(url, known.document_id, kept, _name_with(url, kept.suffix), "not_modified")
        headers = _conditions(known) if known and kept and is_conditional else {}
        trace, started_at = Trace(url), now()
        with (
            self._told(trace, "document", source_id, started_at) as row,
            IncomingFile(self._settings.raw_dir) as incoming,
        ):
            await self._requester.ask(
                trace,
                incoming,
                headers=headers,
                delay=self._delay(delay),
                robots=self._robots,
                accepted=_DOCUMENT_TYPES,
            )
            if trace.status == 304:
                if known is None or kept is None:
                    raise FetchFailed(
                        f"{url}: the server answered 304 (not modified) though nothing was known, expected 200",
                        reason="http_status",
                        what_to_do="Tell the publisher; the next run tries again.",
                    )
                row |= {"outcome": "not_modified", "document_id": known.document_id}
                row |= {"etag": known.etag, "last_modified": known.last_modified}
                return FetchedDocument(url, known.document_id, kept, _name_with(url, kept.suffix), "not_modified")
            name = _name_of(trace)
            _check_content(incoming, trace, name)
            outcome: FetchOutcome = "new"
            if known is not None:
                outcome = "same" if incoming.document_id == known.document_id else "changed"
            row |= {"outcome": outcome, "document_id": incoming.document_id, **_validators(trace, known, outcome)}
            path = incoming.keep(name)
            return FetchedDocument(url, incoming.document_id, path, name, outcome)

    async def _has_same_length(
        self, url: str, source_id: str | None, known: KnownDocument, kept: Path, delay: float | None
    ) -> bool:
        """Whether the server says that the document is as long as the one that is kept; False when it does not say."""
        trace, started_at = Trace(url), now()
        try:
            await self._requester.ask(
                trace,
                _Memory(),
                method="HEAD",
                headers={"Accept-Encoding": "identity"},
                delay=self._delay(delay),
                robots=self._robots,
                accepted=None,
            )
        except FetchFailed:
            return False  # many servers know no HEAD; the GET that follows tells what is wrong
        if trace.headers.get("content-length") != str(kept.stat().st_size):
            return False
        with self._told(trace, "document", source_id, started_at) as row:
            row |= {"outcome": "not_modified", "document_id": known.document_id}
            row |= {"message": "the server gives no ETag or Last-Modified; the length is as before"}
        return True

    @contextmanager
    def _told(
        self, trace: Trace, purpose: FetchPurpose, source_id: str | None, started_at: datetime.datetime
    ) -> Iterator[dict[str, str | None]]:
        """Tell the journal how a fetch ended; what stands in the row that is lent goes into it."""
        row: dict[str, str | None] = {"outcome": "read"}
        failure: FetchFailed | None = None
        try:
            yield row
        except FetchFailed as error:
            row = {"outcome": "failed", "reason": error.reason, "message": str(error)}
            failure = error
        if self._journal is not None:
            self._journal(
                Fetch(
                    url=trace.url,
                    purpose=purpose,
                    fetched_at=started_at,
                    duration_seconds=round(trace.seconds, 4),
                    attempt_count=trace.attempt_count,
                    source_id=source_id,
                    final_url=trace.final_url if trace.final_url not in ("", trace.url) else None,
                    status=trace.status,
                    byte_count=trace.byte_count,
                    media_type=trace.media_type,
                    **row,  # type: ignore[arg-type]
                )
            )
        if failure is not None:
            raise failure

    def _delay(self, delay: float | None) -> float:
        return self._settings.fetch_delay if delay is None else delay


def _networks(given: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(part.strip()) for part in given.split(",") if part.strip())


def _conditions(known: KnownDocument) -> dict[str, str]:
    """Return the headers that ask for a document only if it changed (RFC 9110, 13.1)."""
    headers = {"If-None-Match": known.etag, "If-Modified-Since": known.last_modified}
    # A request cannot carry what is not ASCII, though answers do: the document is fetched whole then.
    return {name: value for name, value in headers.items() if value and value.isascii() and value.isprintable()}


def _validators(trace: Trace, known: KnownDocument | None, outcome: FetchOutcome) -> dict[str, str | None]:
    """Return what to ask with the next time, and what to say where the server's word cannot be relied on."""
    etag, modified = trace.headers.get("etag"), trace.headers.get("last-modified")
    if known and outcome == "changed" and etag and etag == known.etag:
        message = f"the content changed and the ETag {etag} did not; it is not relied on for this address any more"
        return {"etag": None, "last_modified": None, "message": message}
    if modified and not etag and _is_recent(modified, trace.headers.get("date")):
        modified = None  # within the same second it may change once more (RFC 9110, 8.8.2.2)
    return {"etag": etag, "last_modified": modified}


def _is_recent(modified: str, date: str | None) -> bool:
    try:
        answered = parsedate_to_datetime(date) if date else now()
        return answered - parsedate_to_datetime(modified) < _SAME_SECOND
    except (ValueError, TypeError, OverflowError):
        return True


def _check_content(incoming: IncomingFile, trace: Trace, name: str) -> None:
    if incoming.size == 0:
        raise FetchFailed(
            f"{trace.url}: found an empty answer, against a document",
            reason="empty",
            what_to_do="Nothing: the next run tries again. Tell the publisher if it goes on.",
        )
    is_announced = trace.media_type == "application/pdf" or name.lower().endswith(".pdf")
    try:
        found = find_format(incoming.head(_HEAD), name=name)
    except UnreadableDocument as error:
        finding, _, advice = str(error).partition("; ")
        raise FetchFailed(
            f"{trace.url}: {finding.partition(': ')[2] or finding}",
            reason=error.reason,
            what_to_do=(advice[:1].upper() + advice[1:] or "Look at the address") + ".",
        ) from error
    if is_announced and found != "pdf":
        raise FetchFailed(
            f"{trace.url}: found {found.upper() if found == 'html' else found + ' text'}, against the PDF that was "
            "announced; it is probably an error or login page",
            reason="wrong_type",
            what_to_do="Open the address in a browser; correct the source when the document has moved.",
        )
    if found == "pdf" and b"%%EOF" not in incoming.tail(_TAIL):
        raise FetchFailed(
            f"{trace.url}: found a PDF that breaks off after {incoming.size} bytes, without the mark of its end",
            reason="incomplete",
            what_to_do="Nothing: the next run tries again. Tell the publisher if it goes on.",
        )


def _name_of(trace: Trace) -> str:
    """Return a file name for an answer: what the server calls it, else the last part of the address, with a suffix."""
    called = _FILE_NAME.search(trace.headers.get("content-disposition", ""))
    name = PurePosixPath(_printable(unquote(called[1])).replace("\\", "/")).name.strip() if called else ""
    return _name_with(name or trace.final_url, _SUFFIX_OF_TYPE.get(trace.media_type or "", ""))


def _name_with(address: str, suffix: str) -> str:
    parts = urlsplit(address)
    name = PurePosixPath(_printable(unquote(parts.path))).name or parts.hostname or "document"
    return name if not suffix or PurePosixPath(name).suffix.lower() in SUPPORTED_SUFFIXES else name + suffix


def _printable(name: str) -> str:
    return "".join(character for character in name if character.isprintable())
