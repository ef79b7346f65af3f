"""Which machines may be asked, and that the address that was checked is the one that is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from invented_sources import make_settings
from web_servers import body, serve

from flows.addresses import is_public
from flows.errors import FetchFailed
from flows.fetching import Fetcher
from flows.requesting import make_user_agent


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2a00:1450:400e:80f::200e", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:127.0.0.1", False),
        ("2002:7f00:1::", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b::808:808", True),
        ("ff02::1", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, public: bool) -> None:
    """Private, loopback, link-local, shared, reserved and multicast addresses are not, in all their disguises."""
    assert is_public(address) is public


def test_the_checked_address_is_asked_and_the_name_is_looked_up_once(tmp_path: Path) -> None:
    """A name that gives another address at the second look-up (DNS rebinding) changes nothing: that one is checked."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",) if len(asked) == 1 else ("10.0.0.1",)

    settings = make_settings(tmp_path / "home", allowed_networks="127.0.0.0/8", allow_private_addresses=False)
    with serve({"/r.md": body(b"# Rapport", "text/markdown")}) as site:
        host = site.url.replace("127.0.0.1", "rapporten.example.org").removeprefix("http://")
        with Fetcher(settings, resolve=resolve) as fetcher:
            for _ in range(3):
                assert fetcher.fetch_document(f"http://{host}/r.md").name == "r.md"
        assert asked == ["rapporten.example.org"]
        with Fetcher(settings, resolve=resolve) as fetcher, pytest.raises(FetchFailed) as caught:
            fetcher.fetch_document(f"http://{host}/r.md")
    assert caught.value.reason == "private_address"
    assert {a.headers["Host"] for a in site.asked} == {host}


@pytest.mark.parametrize("name", ["straße.example.org", "rapporten.bücher.example.org"])
def test_a_name_with_other_letters_is_looked_up_as_it_is_asked(tmp_path: Path, name: str) -> None:
    """Two standards code such names differently: the resolver and the server are given the same, coded name."""
    asked: list[str] = []

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append(host)
        return ("127.0.0.1",)

    with serve({"/r.md": body(b"# Rapport", "text/markdown")}) as site:
        with Fetcher(make_settings(tmp_path / "home"), resolve=resolve) as fetcher:
            fetcher.fetch_document(site.url.replace("127.0.0.1", name) + "/r.md")
        assert {a.headers["Host"].partition(":")[0] for a in site.asked} == set(asked)
    assert asked[0].startswith(("xn--strae-oqa", "rapporten.xn--bcher-kva"))


def test_one_private_address_among_public_ones_is_refused(tmp_path: Path) -> None:
    """A host is asked only when every address that it has may be."""

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("8.8.8.8", "192.168.1.1")

    with (
        Fetcher(make_settings(tmp_path / "home", allow_private_addresses=False), resolve=resolve) as fetcher,
        pytest.raises(FetchFailed, match=r"192\.168\.1\.1, an address on this machine or a private network"),
    ):
        fetcher.fetch_document("https://rapporten.example.org/r.md")


def test_the_next_address_is_tried_when_one_does_not_answer(tmp_path: Path) -> None:
    """A host with two addresses of which the first refuses is reached by the second."""

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("::1", "127.0.0.1")

    with serve({"/r.md": body(b"# Rapport", "text/markdown")}) as site:
        url = site.url.replace("127.0.0.1", "rapporten.example.org") + "/r.md"
        with Fetcher(make_settings(tmp_path / "home"), resolve=resolve) as fetcher:
            assert fetcher.fetch_document(url).outcome == "new"


@pytest.mark.parametrize(
    ("contact", "ends"),
    [("", ""), ("beheer@example.org", " (+beheer@example.org)"), ("a\r\nX-Evil: 1", " (+a X-Evil: 1)")],
)
def test_the_user_agent_is_honest(contact: str, ends: str) -> None:
    """It names the program, its version and the contact; a contact with line breaks adds no header."""
    agent = make_user_agent(contact)
    assert agent.startswith("RodeDraad/")
    assert agent.endswith(ends)
    assert "\n" not in agent
