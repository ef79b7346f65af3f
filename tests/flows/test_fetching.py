"""Fetching from a real server on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from web_servers import Site, body, raw, redirect, serve

from flows import fetching
from flows.discovery import DocumentSource
from flows.errors import FetchFailed
from flows.fetching import Fetcher
from flows.ingestion import ingest_document
from flows.settings import Settings
from warehouse.store import Warehouse

REPORT = "# Verzonnen rapport\n\n## 5 Aanbevelingen\n\n1. Houd de pont naar het eiland elke dag in de vaart.\n"


@pytest.fixture
def site() -> Iterator[Site]:
    """A running server with a report, redirects, a slow and a large body."""
    with serve(
        {
            "/rapport": body(REPORT.encode(), "text/markdown; charset=utf-8"),
            "/verhuisd": redirect("/rapport"),
            "/rondje": redirect("/rondje"),
            "/groot": body(b"x" * 300_000, "text/plain"),
            "/traag": raw(*[b"x" * 7_000] * 40, headers={"Content-Type": "text/plain"}, pause=0.05),
        }
    ) as site:
        yield site


def settings(tmp_path: Path, **changes: object) -> Settings:
    chosen = {"allow_private_addresses": True, "fetch_delay": 0, "fetch_backoff": 0, **changes}
    return Settings(home=tmp_path / "home", model="hashing", _env_file=None, **chosen)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/rapport", "/verhuisd"])
def test_a_document_is_fetched_also_after_a_redirect(tmp_path: Path, site: Site, path: str) -> None:
    """The bytes lie in the store of originals as they are, and the name gets the suffix of the content type."""
    with Fetcher(settings(tmp_path)) as fetcher:
        fetched = fetcher.fetch_document(site.url + path)
    assert fetched.path.read_bytes() == REPORT.encode()
    assert fetched.path.name == f"{fetched.document_id}.md"
    assert fetched.name == "rapport.md"


@pytest.mark.parametrize(
    ("path", "changes", "reason"),
    [
        ("/weg", {}, "gone"),
        ("/rondje", {}, "too_many_redirects"),
        ("/groot", {"max_bytes": 100_000}, "too_large"),
        ("/traag", {"fetch_timeout": 0.4}, "too_slow"),
        ("/rapport", {"allow_private_addresses": False}, "private_address"),
    ],
)
def test_what_is_no_document_has_a_reason(
    tmp_path: Path, site: Site, path: str, changes: dict[str, object], reason: str
) -> None:
    """Each failure has its stable reason and says what to do, and leaves nothing in the store of originals."""
    chosen = settings(tmp_path, **changes)
    with Fetcher(chosen) as fetcher, pytest.raises(FetchFailed) as caught:
        fetcher.fetch_document(site.url + path)
    assert caught.value.reason == reason
    assert caught.value.what_to_do
    assert list(chosen.raw_dir.rglob("*")) == []


@pytest.mark.parametrize("url", ["ftp://example.org/x.pdf", "http:///x.pdf", "file:///etc/passwd", "https://x:y/"])
def test_only_web_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    """Another scheme, or no host, is refused before anything is asked."""
    with Fetcher(settings(tmp_path)) as fetcher, pytest.raises(FetchFailed) as caught:
        fetcher.fetch_document(url)
    assert caught.value.reason == "bad_address"


def test_a_failed_url_is_a_problem_and_the_next_is_read(tmp_path: Path, site: Site) -> None:
    """Nobody answers at the first address; the second gives a document; the first has a row with stage fetch."""
    chosen = settings(tmp_path)
    chosen.home.mkdir()
    with Warehouse.open(chosen.warehouse_path) as warehouse:
        statuses = [
            ingest_document(DocumentSource(url, url), warehouse=warehouse, settings=chosen).status
            for url in ("http://127.0.0.1:9/x.pdf", f"{site.url}/rapport")
        ]
        assert statuses == ["failed", "new"]
        assert [(p.stage, p.reason) for p in warehouse.list_problems()] == [("fetch", "unreachable")]
        assert warehouse.counts()["statements"] == 1


def test_a_page_that_is_too_large_is_no_matter_of_the_limit_on_documents(
    tmp_path: Path, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The advice names the setting where that is the limit, and the source where it is not."""
    small = settings(tmp_path, max_bytes=100_000)
    with Fetcher(small) as fetcher, pytest.raises(FetchFailed) as by_setting:
        fetcher.fetch_page(f"{site.url}/groot")
    monkeypatch.setattr(fetching, "PAGE_BYTES", 200_000)
    with Fetcher(settings(tmp_path)) as fetcher, pytest.raises(FetchFailed, match="of at most 200000") as by_page:
        fetcher.fetch_page(f"{site.url}/groot")
    assert "RODEDRAAD_MAX_BYTES" in by_setting.value.what_to_do
    assert "name a smaller part of the list" in by_page.value.what_to_do
