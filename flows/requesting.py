"""Requesting: one address to one answer, with redirects, retries and limits; knows nothing of documents."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import email.utils
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Final, Protocol

import httpx

from flows.addresses import GuardedTransport, Network, Resolve, resolve_host
from flows.errors import FetchFailed
from flows.politeness import PRODUCT, HostTurns, RobotsRules, busy
from flows.web_addresses import is_fetchable, join_address

MAX_REDIRECTS: Final = 5
STALLED: Final = 1 / 3
"""Part of the time that a download may take after which, without a single byte, it counts as hanging."""

_CONNECT: Final = 10.0
_TRANSIENT: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_SHORT: Final = 65_536
"""Bytes of an answer that are read only so that its connection can be used again."""

_LONGEST_NUMBER: Final = 18

Clock = Callable[[], datetime.datetime]


class Sink(Protocol):
    """Where the content of an answer goes."""

    def restart(self) -> None:
        """Forget what came; another attempt begins."""
        ...

    def write(self, chunk: bytes) -> None:
        """Take some bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one request: seconds in all, bytes after decompression, attempts, and waiting between attempts."""

    seconds: float
    byte_count: int
    attempts: int
    backoff_seconds: float
    longest_wait: float


@dataclass(slots=True)
class Trace:
    """What is known of a request while it goes on, also when it fails."""

    url: str
    final_url: str = ""
    attempt_count: int = 0
    status: int | None = None
    byte_count: int = 0
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str | None:
        """The media type that the server gave, in lower case and without parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower() or None


class _Transient(Exception):
    """An attempt failed in a way that may pass; `wait` is the time that the server asks for."""

    def __init__(self, failure: FetchFailed, *, wait: float | None = None) -> None:
        super().__init__(str(failure))
        self.failure = failure
        self.wait = wait


class Requester:
    """Asks web servers, politely and within limits. All methods run in one event loop.

    `clock` is asked for dates in ``Retry-After`` only.
    """

    def __init__(
        self,
        *,
        limits: Limits,
        contact: str,
        clock: Clock,
        allow_private: bool = False,
        allowed: Collection[Network] = (),
        resolve: Resolve = resolve_host,
    ) -> None:
        self._limits = limits
        self._clock = clock
        self._turns = HostTurns(longest_wait=limits.longest_wait)
        self._client = httpx.AsyncClient(
            transport=GuardedTransport(allow_private=allow_private, allowed=tuple(allowed), resolve=resolve),
            headers={"User-Agent": make_user_agent(contact), "Accept-Language": "nl, en;q=0.8, *;q=0.5"},
            timeout=httpx.Timeout(STALLED * limits.seconds, connect=min(_CONNECT, limits.seconds)),
            follow_redirects=False,
        )

    async def aclose(self) -> None:
        """Close all connections."""
        await self._client.aclose()

    async def ask(
        self,
        trace: Trace,
        sink: Sink,
        *,
        method: str = "GET",
        headers: Mapping[str, str],
        delay: float,
        robots: RobotsRules | None,
        accepted: Collection[str] | None,
        most_bytes: int | None = None,
    ) -> None:
        """Ask for `trace.url` until there is an answer of 200 or 304, and fill in `trace` on the way.

        `accepted` are the media types that are taken in, None for all. `most_bytes` replaces the limit on bytes.

        Raises:
            FetchFailed: with a stable reason: ``bad_address``, ``private_address``, ``robots``,
                ``robots_unavailable``, ``unreachable``, ``http_status``, ``gone``, ``busy``, ``too_many_redirects``,
                ``too_large``, ``too_slow``, ``truncated``, ``wrong_type``.
        """
        for attempt in range(1, self._limits.attempts + 1):
            try:
                sink.restart()
                trace.byte_count = 0
                most = most_bytes or self._limits.byte_count
                await self._follow(trace, sink, method, headers, delay, robots, accepted, most)
                return
            except _Transient as error:
                wait = max(error.wait or 0.0, self._limits.backoff_seconds * 2 ** (attempt - 1))
                if error.wait is not None:
                    self._turns.rest(trace.final_url or trace.url, error.wait)
                    if error.wait > self._limits.longest_wait:
                        raise busy(trace.url, error.wait) from error
                if attempt == self._limits.attempts:
                    raise _after(attempt, error.failure) from error
                await asyncio.sleep(wait)

    async def _follow(
        self,
        trace: Trace,
        sink: Sink,
        method: str,
        headers: Mapping[str, str],
        delay: float,
        robots: RobotsRules | None,
        accepted: Collection[str] | None,
        most_bytes: int,
    ) -> None:
        address, is_counted = trace.url, False
        for _ in range(MAX_REDIRECTS + 1):
            _check_form(trace.url, address)
            asked = max(delay, await robots.check(address)) if robots else delay
            await self._turns.take(address, delay=asked)
            # What robots.txt forbids was never tried; redirects are part of one attempt.
            trace.attempt_count += not is_counted
            is_counted = True
            trace.final_url = address
            started = time.monotonic()
            try:
                async with asyncio.timeout(self._limits.seconds):
                    target = await self._send(trace, sink, address, method, headers, accepted, most_bytes)
            except TimeoutError as error:
                raise FetchFailed(
                    f"{trace.url}: the download took longer than {self._limits.seconds:g} seconds",
                    reason="too_slow",
                    what_to_do="Raise RODEDRAAD_FETCH_TIMEOUT, or try again later.",
                ) from error
            finally:
                trace.seconds += time.monotonic() - started
            if target is None:
                return
            address = target
        raise FetchFailed(
            f"{trace.url}: found more than {MAX_REDIRECTS} redirects, expected a document",
            reason="too_many_redirects",
            what_to_do="Open the address in a browser and use the address that it ends at.",
        )

    async def _send(
        self,
        trace: Trace,
        sink: Sink,
        address: str,
        method: str,
        headers: Mapping[str, str],
        accepted: Collection[str] | None,
        most_bytes: int,
    ) -> str | None:
        """Send one request; return where it redirects to, None when the content came."""
        trace.status, trace.headers = None, {}
        try:
            async with self._client.stream(method, address, headers=dict(headers)) as response:
                trace.status, trace.headers = response.status_code, response.headers
                if response.status_code != _OK:
                    await _drain(response)
                if response.has_redirect_location:
                    return join_address(address, response.headers["location"])
                if response.status_code != _NOT_MODIFIED:
                    self._check_answer(trace, response, accepted, most_bytes)
                    async for chunk in response.aiter_bytes():
                        trace.byte_count += len(chunk)
                        if trace.byte_count > most_bytes:
                            raise self._too_large(trace, f"more than {most_bytes}", most_bytes)
                        sink.write(chunk)
                return None
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.DecodingError) as error:
            if trace.status is None:
                raise _Transient(_unreachable(trace.url, error)) from error
            raise _Transient(
                FetchFailed(
                    f"{trace.url}: the answer broke off after {trace.byte_count} bytes"
                    f"{_announced(trace)} ({str(error) or type(error).__name__})",
                    reason="truncated",
                    what_to_do="Nothing: the next run tries again. Tell the publisher if it goes on.",
                )
            ) from error
        except (httpx.ReadTimeout, httpx.PoolTimeout) as error:
            raise _Transient(
                FetchFailed(
                    f"{trace.url}: nothing came for {STALLED * self._limits.seconds:g} seconds, after "
                    f"{trace.byte_count} bytes{_announced(trace)}",
                    reason="too_slow",
                    what_to_do="Nothing: the next run tries again. Tell the publisher if it goes on.",
                )
            ) from error
        except (httpx.InvalidURL, UnicodeError) as error:
            raise _bad_address(trace.url, address) from error
        except httpx.HTTPError as error:
            raise _Transient(_unreachable(trace.url, error)) from error

    def _too_large(self, trace: Trace, found: str, most_bytes: int) -> FetchFailed:
        if most_bytes < self._limits.byte_count:
            return FetchFailed(
                f"{trace.url}: found {found} bytes, against a page or feed of at most {most_bytes}",
                reason="too_large",
                what_to_do="Look at the address: name a smaller part of the list in the source, or leave it out.",
            )
        return FetchFailed(
            f"{trace.url}: found {found} bytes, more than RODEDRAAD_MAX_BYTES allows",
            reason="too_large",
            what_to_do="Raise RODEDRAAD_MAX_BYTES if the document is wanted.",
        )

    def _check_answer(
        self, trace: Trace, response: httpx.Response, accepted: Collection[str] | None, most_bytes: int
    ) -> None:
        status = response.status_code
        if status in _TRANSIENT:
            wait = _retry_after(response.headers.get("retry-after"), self._clock)
            raise _Transient(_bad_status(trace.url, status), wait=wait)
        if status != _OK:
            raise _bad_status(trace.url, status)
        length = response.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > _LONGEST_NUMBER or int(length) > most_bytes):
            raise self._too_large(trace, length[: _LONGEST_NUMBER + 1], most_bytes)
        if accepted is not None and trace.media_type and trace.media_type not in accepted:
            raise FetchFailed(
                f"{trace.url}: found {trace.media_type}, against a PDF, a web page or text",
                reason="wrong_type",
                what_to_do="Look at the address; correct the patterns of the source if it is no document.",
            )


async def _drain(response: httpx.Response) -> None:
    """Read the rest of a short answer, without which its connection would be closed; what is wrong with it is no harm.

    Most answers of a nightly run are 304, and a new connection for each takes longer than all the rest.
    """
    length = response.headers.get("content-length", "")
    is_short = length.isdecimal() and len(length) <= _LONGEST_NUMBER and int(length) <= _SHORT
    if is_short or response.status_code == _NOT_MODIFIED:
        with contextlib.suppress(httpx.HTTPError):
            async for _ in response.aiter_raw():
                pass


def make_user_agent(contact: str) -> str:
    """Return the User-Agent: the program, its version, and how to reach the operator where that is set."""
    agent = f"{PRODUCT}/{version('rodedraad')}"
    cleaned = " ".join(contact.split()).encode("ascii", "ignore").decode()
    return f"{agent} (+{cleaned})" if cleaned else agent


def _check_form(url: str, address: str) -> None:
    if not is_fetchable(address):
        raise _bad_address(url, address)


def _bad_address(url: str, address: str) -> FetchFailed:
    led = "" if url == address else f" ({url} led there)"
    return FetchFailed(
        f"{address}: found no http or https address{led}",
        reason="bad_address",
        what_to_do="Give a full address that begins with https://; tell the publisher if their site gives this one.",
    )


def _retry_after(value: str | None, clock: Clock) -> float | None:
    """Return the seconds that ``Retry-After`` asks for: a number or a date (RFC 9110, 10.2.3); None if neither."""
    if not value:
        return None
    if value.strip().isdecimal():
        return float(value)
    try:
        moment = email.utils.parsedate_to_datetime(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        return max(0.0, (moment - clock()).total_seconds())
    except (ValueError, OverflowError):  # such as a date in the year 99999999999
        return None


def _after(attempts: int, failure: FetchFailed) -> FetchFailed:
    if attempts == 1:
        return failure
    return FetchFailed(f"{failure}, {attempts} times", reason=failure.reason, what_to_do=failure.what_to_do)


def _bad_status(url: str, status: int) -> FetchFailed:
    is_gone = status in (404, 410)
    return FetchFailed(
        f"{url}: the server answered {status}, expected 200",
        reason="gone" if is_gone else "http_status",
        what_to_do="Check whether the publisher moved or withdrew it."
        if is_gone
        else "Check the address; ingest it again when the server gives the document.",
    )


def _unreachable(url: str, error: Exception) -> FetchFailed:
    return FetchFailed(
        f"{url}: no answer ({type(error).__name__}: {error}), expected a document",
        reason="unreachable",
        what_to_do="Check the address and the connection, then ingest it again.",
    )


def _announced(trace: Trace) -> str:
    length = trace.headers.get("content-length")
    return f" of {length} that were announced" if length else ""
