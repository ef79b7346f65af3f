"""Politeness: how often a host is asked, and what its robots.txt forbids."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final
from urllib.parse import urlsplit

from protego import Protego

from flows.errors import FetchFailed

PRODUCT: Final = "RodeDraad"
"""The name by which robots.txt may address the program."""

LONGEST_CRAWL_DELAY: Final = 60.0
"""Seconds; a robots.txt that asks for more is obeyed up to this."""

_ROBOTS_BYTES: Final = 512_000
"""RFC 9309 asks to read at least 500 KiB."""

AskRobots = Callable[[str], Awaitable[tuple[int, bytes]]]
"""From the address of a robots.txt to the status and the content; raises `FetchFailed`."""


def host_of(url: str) -> str:
    """Return what politeness counts as one host: scheme, name and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}".lower()


class HostTurns:
    """Lets one request at a time go to a host, with a delay between them, and none while the host asked for rest."""

    def __init__(
        self,
        *,
        longest_wait: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._longest_wait = longest_wait
        self._clock = clock
        self._sleep = sleep
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._free_at: dict[str, float] = {}
        self._resting_until: dict[str, float] = {}

    async def take(self, url: str, *, delay: float) -> None:
        """Wait for the turn of a host, and keep the next one for `delay` seconds.

        Raises `FetchFailed` (busy) when the host asked for a longer rest than is waited for.
        """
        host = host_of(url)
        async with self._locks[host]:
            now = self._clock()
            rest = self._resting_until.get(host, now) - now
            if rest > self._longest_wait:
                raise busy(url, rest)
            wait = max(self._free_at.get(host, now) - now, rest)
            if wait > 0:
                await self._sleep(wait)
            self._free_at[host] = self._clock() + delay

    def rest(self, url: str, seconds: float) -> None:
        """Note that a host asked not to be asked for some time."""
        host = host_of(url)
        self._resting_until[host] = max(self._resting_until.get(host, 0.0), self._clock() + seconds)


def busy(url: str, seconds: float) -> FetchFailed:
    """Return the error for a host that asked for a longer rest than is waited for."""
    return FetchFailed(
        f"{url}: the host asks to wait {seconds:.0f} seconds, more than RODEDRAAD_FETCH_MAX_WAIT",
        reason="busy",
        what_to_do="Nothing: the next run tries again. Raise the delay of the source if it goes on.",
    )


class RobotsRules:
    """The robots.txt of every host, asked once per run (RFC 9309)."""

    def __init__(self, ask: AskRobots) -> None:
        self._ask = ask
        self._rules: dict[str, Protego | FetchFailed] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def check(self, url: str) -> float:
        """Return the delay in seconds that the host asks for, 0 if none.

        Raises `FetchFailed`: robots (it forbids the address), robots_unavailable (the server fails on it, which counts
        as forbidding everything), or what made the host unreachable.
        """
        rules = await self._rules_of(url)
        if isinstance(rules, FetchFailed):
            raise FetchFailed(f"{url}: {rules}", reason=rules.reason, what_to_do=rules.what_to_do)
        if not rules.can_fetch(url, PRODUCT):
            raise FetchFailed(
                f"{url}: {host_of(url)}/robots.txt forbids {PRODUCT} to fetch it",
                reason="robots",
                what_to_do="Ask the publisher for permission or for another way to the documents; leave it out until "
                "then.",
            )
        rate = rules.request_rate(PRODUCT)
        try:
            between = rate.seconds / rate.requests if rate and rate.requests else 0.0
        except OverflowError:  # a number of hundreds of digits
            between = LONGEST_CRAWL_DELAY
        return min(max(float(rules.crawl_delay(PRODUCT) or 0.0), between), LONGEST_CRAWL_DELAY)

    async def _rules_of(self, url: str) -> Protego | FetchFailed:
        host = host_of(url)
        async with self._locks[host]:
            if host not in self._rules:
                self._rules[host] = await self._read(host)
            return self._rules[host]

    async def _read(self, host: str) -> Protego | FetchFailed:
        try:
            status, content = await self._ask(f"{host}/robots.txt")
        except FetchFailed as error:
            return error
        if status == 200:
            return Protego.parse(content[:_ROBOTS_BYTES].decode("utf-8", "replace"))
        if 400 <= status < 500 and status != 429:
            return Protego.parse("")  # there is none: everything is allowed
        return FetchFailed(
            f"{host}/robots.txt was answered with {status}, so that it is not known what is allowed",
            reason="robots_unavailable",
            what_to_do="Nothing: the next run tries again. Tell the publisher if it goes on.",
        )
