"""Politeness: delays per host, robots.txt, and rest where a server asks for it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from invented_sources import make_settings
from web_servers import Answer, body, in_turn, serve

from flows.errors import FetchFailed
from flows.fetching import Fetcher
from flows.politeness import HostTurns, RobotsRules

REPORT = body(b"# Rapport", "text/markdown")


def test_a_host_has_its_delay_and_another_does_not_wait() -> None:
    """Requests to one host lie the delay apart, or the rest that it asked for; one to another host goes at once."""
    now, waited = 100.0, []

    async def sleep(seconds: float) -> None:
        nonlocal now
        waited.append(seconds)
        now += seconds

    async def take() -> None:
        nonlocal now
        turns = HostTurns(longest_wait=9, clock=lambda: now, sleep=sleep)
        await turns.take("https://a.example.org/1", delay=3)
        await turns.take("https://b.example.org/1", delay=3)
        assert waited == []
        await turns.take("https://a.example.org/2", delay=3)
        now += 2  # something else took two seconds of the three
        await turns.take("https://a.example.org/3", delay=3)
        now += 60
        await turns.take("https://a.example.org/4", delay=3)
        turns.rest("https://a.example.org/4", 5)
        await turns.take("https://a.example.org/5", delay=3)

    asyncio.run(take())
    assert waited == [3, 1, 5]


@pytest.mark.parametrize(
    ("status", "content", "delay", "reason"),
    [
        (200, b"User-agent: *\nDisallow: /geheim/", 0, None),
        (200, b"User-agent: *\nCrawl-delay: 7", 7, None),
        (200, b"User-agent: *\nCrawl-delay: 9000", 60, None),
        (200, b"User-agent: *\nRequest-rate: 1/5", 5, None),
        (200, b"User-agent: *\nRequest-rate: 1/" + b"9" * 400, 60, None),
        (200, b"User-agent: RodeDraad\nDisallow: /\n\nUser-agent: *\nAllow: /", 0, "robots"),
        (200, b"\xff\xfe geen robots", 0, None),
        (404, b"", 0, None),
        (403, b"", 0, None),
        (500, b"", 0, "robots_unavailable"),
        (429, b"", 0, "robots_unavailable"),
    ],
)
def test_robots_are_obeyed(status: int, content: bytes, delay: float, reason: str | None) -> None:
    """As RFC 9309 says: none means that all is allowed, a server that fails on it that nothing is."""

    async def ask(url: str) -> tuple[int, bytes]:
        assert url == "https://a.example.org/robots.txt"
        return status, content

    async def check() -> float:
        return await RobotsRules(ask).check("https://a.example.org/rapport.pdf")

    if reason is None:
        assert asyncio.run(check()) == delay
    else:
        with pytest.raises(FetchFailed) as caught:
            asyncio.run(check())
        assert caught.value.reason == reason


def test_robots_are_asked_once_per_host(tmp_path: Path) -> None:
    """However many documents are fetched in a run."""
    with serve({f"/{i}.md": REPORT for i in range(4)}) as site, Fetcher(make_settings(tmp_path / "home")) as fetcher:
        for i in range(4):
            fetcher.fetch_document(f"{site.url}/{i}.md")
    assert site.paths(robots=True).count("/robots.txt") == 1


@pytest.mark.parametrize("header", [{}, {"Retry_After": "morgen"}, {"Retry_After": "Tue, 01 Oct 2024 10:00:00 GMT"}])
def test_a_busy_server_is_asked_again_soon(tmp_path: Path, header: dict[str, str]) -> None:
    """Without a Retry-After, with one that is none, or one that lies in the past."""
    answer: Answer = in_turn(body(b"", status=503, **header), REPORT)
    with serve({"/r.md": answer}) as site, Fetcher(make_settings(tmp_path / "home")) as fetcher:
        assert fetcher.fetch_document(f"{site.url}/r.md").outcome == "new"


def test_a_server_that_asks_for_a_long_rest_gets_it(tmp_path: Path) -> None:
    """It is not asked for anything else in this run either."""
    answers = {"/druk.md": body(b"", status=429, Retry_After="3600"), "/r.md": REPORT}
    with serve(answers) as site, Fetcher(make_settings(tmp_path / "home")) as fetcher:
        for path in ("/druk.md", "/r.md"):
            with pytest.raises(FetchFailed, match=r"asks to wait 3[56]") as caught:
                fetcher.fetch_document(site.url + path)
            assert caught.value.reason == "busy"
    assert site.paths() == ["/druk.md"]
