"""Ingesting a source again and again: only what is new or changed is fetched, and what went wrong is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from invented_sources import make_report, make_settings, make_source, rows, run_source
from web_servers import Handler, Site, body, send, serve

from flows.settings import Settings

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "reports"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def fetched(settings: Settings) -> list[tuple[str, str | None]]:
    """Outcome and message of every fetch of a document, in order."""
    return rows(settings, "SELECT outcome, message FROM fetches WHERE purpose = 'document' ORDER BY fetched_at")


def test_of_many_documents_only_the_new_ones_are_downloaded(settings: Settings, site: Site) -> None:
    """Of 12 documents 3 are new in the second run: 3 downloads, the others are answered with 304; each is a row."""
    for i in range(12):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)
    before = make_source("urls", addresses=[f"{site.url}/{i}.md" for i in range(9)])
    after = make_source("urls", addresses=[f"{site.url}/{i}.md" for i in range(12)])
    assert run_source(before, settings).count("new") == 9
    site.asked.clear()
    summary = run_source(after, settings)
    assert (summary.count("new"), summary.count("unchanged")) == (3, 9)
    outcomes = [outcome for outcome, _ in fetched(settings)]
    assert (outcomes.count("new"), outcomes.count("not_modified")) == (12, 9)
    without_condition = [a.path for a in site.asked if "If-None-Match" not in a.headers and a.path != "/robots.txt"]
    assert without_condition == ["/9.md", "/10.md", "/11.md"]


def test_a_document_that_changed_is_a_new_version(settings: Settings, site: Site) -> None:
    """Republished under its address, a document becomes the current version of its report beside the old one."""
    source = make_source("urls", addresses=[f"{site.url}/rapport.md"])
    for number, outcome in ((1, "new"), (2, "changed")):
        site.answers["/rapport.md"] = body(make_report(number), "text/markdown", etag=True)
        assert run_source(source, settings).count("new") == 1
        assert fetched(settings)[-1] == (outcome, None)
    found = rows(settings, "SELECT count(DISTINCT report_id), count(*), count(*) FILTER (is_current) FROM documents")
    assert found == [(1, 2, 1)]
    assert rows(settings, "SELECT text FROM statements") == [("Houd pont 2 in de vaart.",)]


def test_an_etag_that_never_changes_is_found_out(settings: Settings, site: Site) -> None:
    """It hides a change until the document is fetched whole again; from then on the ETag is not relied on."""

    def answer(handler: Handler) -> None:
        status = 304 if handler.headers.get("If-None-Match") == '"altijd"' else 200
        send(handler, content[0], status, {"Content-Type": "text/markdown", "ETag": '"altijd"'})

    content = [make_report(1)]
    site.answers["/rapport.md"] = answer
    source = make_source("urls", addresses=[f"{site.url}/rapport.md"])
    run_source(source, settings)
    content[0] = make_report(22)
    assert run_source(source, settings).count("unchanged") == 1
    whole = make_source("urls", changes={"recheck_days": 0}, addresses=[f"{site.url}/rapport.md"])
    assert run_source(whole, settings).count("new") == 1
    outcomes = fetched(settings)
    assert [outcome for outcome, _ in outcomes] == ["new", "not_modified", "changed"]
    assert 'the ETag "altijd" did not' in str(outcomes[-1][1])
    content[0] = make_report(333)
    assert run_source(source, settings).count("new") == 1


@pytest.mark.parametrize("knows_head", [True, False])
def test_without_etag_the_length_is_asked(settings: Settings, site: Site, knows_head: bool) -> None:
    """A server that gives nothing to ask with is asked for the length; one that knows no HEAD gives all again."""

    def answer(handler: Handler) -> None:
        status = 501 if handler.command == "HEAD" and not knows_head else 200
        send(handler, content[0], status, {"Content-Type": "text/markdown"})

    content = [make_report(1)]
    site.answers["/rapport.md"] = answer
    source = make_source("urls", addresses=[f"{site.url}/rapport.md"])
    run_source(source, settings)
    site.asked.clear()
    assert run_source(source, settings).count("unchanged") == 1
    assert site.paths("GET") == ([] if knows_head else ["/rapport.md"])
    content[0] = make_report(22)
    assert run_source(source, settings).count("new") == 1
    assert [o for o, _ in fetched(settings)] == ["new", "not_modified" if knows_head else "same", "changed"]


def test_a_last_modified_of_this_very_second_is_not_relied_on(settings: Settings, site: Site) -> None:
    """What was changed in the second in which it was sent may change again within it; an older date is relied on."""
    date = "Tue, 01 Oct 2024 10:00:00 GMT"
    site.answers["/jong.md"] = body(make_report(1), "text/markdown", Last_Modified=date, Date=date)
    site.answers["/oud.md"] = body(make_report(2), "text/markdown", Last_Modified=date)
    run_source(make_source("urls", addresses=[f"{site.url}/jong.md", f"{site.url}/oud.md"]), settings)
    kept = dict(rows(settings, "SELECT url, last_modified FROM fetches WHERE purpose = 'document'"))
    assert kept == {f"{site.url}/jong.md": None, f"{site.url}/oud.md": date}


def test_a_lost_original_is_fetched_again(settings: Settings, site: Site) -> None:
    """Nothing is left to a condition when the store of originals has lost the document."""
    site.answers["/rapport.md"] = body(make_report(1), "text/markdown", etag=True)
    source = make_source("urls", addresses=[f"{site.url}/rapport.md"])
    run_source(source, settings)
    for path in settings.raw_dir.glob("*/*"):
        path.unlink()
    run_source(source, settings)
    assert [path.read_bytes() for path in settings.raw_dir.glob("*/*")] == [make_report(1)]


def test_a_killed_run_goes_on_from_the_original(settings: Settings, site: Site) -> None:
    """A document that was fetched and not read is read in the next run, without a second download."""
    site.answers["/rapport.md"] = body(make_report(1), "text/markdown", etag=True)
    source = make_source("urls", addresses=[f"{site.url}/rapport.md"])

    def die(obtained: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_source(source, settings, take_in_document=die)  # type: ignore[arg-type]
    assert run_source(source, settings).count("new") == 1
    assert [o for o, _ in fetched(settings)] == ["new", "not_modified"]


def test_a_source_with_fewer_documents_than_expected_is_stopped(settings: Settings, site: Site) -> None:
    """Nothing of it is fetched, the reason is a problem and stands with the source; it goes when the source is back."""
    site.answers["/rapport.md"] = body(make_report(1), "text/markdown")
    source = make_source("urls", changes={"expect_at_least": 2}, addresses=[f"{site.url}/rapport.md"])
    summary = run_source(source, settings)
    assert summary.failure is not None
    assert "found 1 documents, against at least 2" in summary.failure
    assert site.paths() == []
    assert rows(settings, "SELECT stage, reason FROM problems") == [("discover", "too_few")]
    state = "SELECT last_outcome, listed_count, expected_count, last_success_at FROM sources"
    assert rows(settings, state) == [("failed", 1, 2, None)]
    assert run_source(make_source("urls", addresses=[f"{site.url}/rapport.md"]), settings).failure is None
    assert rows(settings, "SELECT stage, reason FROM problems") == []
    [(outcome, listed, new, success)] = rows(
        settings, "SELECT last_outcome, listed_count, new_count, last_success_at FROM sources"
    )
    assert (outcome, listed, new) == ("succeeded", 1, 1)
    assert success is not None


def test_what_a_whole_listing_no_longer_has_is_marked(settings: Settings, site: Site) -> None:
    """A document that left a whole listing stays, marked as no longer listed."""
    for i in (1, 2):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown")
    run_source(make_source("urls", addresses=[f"{site.url}/1.md", f"{site.url}/2.md"]), settings)
    run_source(make_source("urls", addresses=[f"{site.url}/2.md"]), settings)
    assert rows(settings, "SELECT address, is_listed FROM listings ORDER BY address") == [
        (f"{site.url}/1.md", False),
        (f"{site.url}/2.md", True),
    ]
    assert rows(settings, "SELECT count(*) FROM reports") == [(2,)]


def test_pages_with_documents_are_read_once(settings: Settings, site: Site) -> None:
    """A page that gave a document is not asked again; one that had none yet is, while it is young."""
    site.answers["/lijst"] = body(b'<a href="/p/1">Een</a> <a href="/p/2">Twee</a>', "text/html")
    site.answers["/p/1"] = body(b'<a href="/1.md">Download</a>', "text/html")
    site.answers["/p/2"] = body(b"<p>Volgt</p>", "text/html")
    for i in (1, 2):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)
    source = make_source("listing", pages=[f"{site.url}/lijst"], entries="/p/", document_links=r"\.md$")
    assert run_source(source, settings).listed_count == 1
    site.asked.clear()
    site.answers["/p/2"] = body(b'<a href="/2.md">Download</a>', "text/html")
    assert run_source(source, settings).count("new") == 1
    assert site.paths() == ["/lijst", "/p/2", "/1.md", "/2.md"]
    assert rows(settings, "SELECT title, entry_url FROM listings ORDER BY title") == [
        ("Een", f"{site.url}/p/1"),
        ("Twee", f"{site.url}/p/2"),
    ]


def test_dates_of_change_are_trusted_only_where_told(settings: Settings, site: Site) -> None:
    """With trust_dates a document whose date is as before is not asked for; without, it always is."""
    site.answers["/1.md"] = body(make_report(1), "text/markdown", etag=True)

    def listing(date: str) -> None:
        url = f"<url><loc>{site.url}/1.md</loc><lastmod>{date}</lastmod></url>"
        site.answers["/sitemap.xml"] = body(f"<urlset>{url}</urlset>".encode(), "application/xml")

    listing("2024-01-01")
    trusting = make_source("sitemap", changes={"trust_dates": True}, url=f"{site.url}/sitemap.xml")
    doubting = make_source("sitemap", url=f"{site.url}/sitemap.xml")
    run_source(trusting, settings)
    for source, date, asked in ((trusting, "2024-01-01", 0), (doubting, "2024-01-01", 1), (trusting, "2024-02-01", 1)):
        listing(date)
        site.asked.clear()
        assert run_source(source, settings).count("unchanged") == 1
        assert site.paths().count("/1.md") == asked


def test_folder_feed_and_listing_give_the_same_knowledge_base(tmp_path: Path, site: Site) -> None:
    """The examples read from a folder, from a feed and from a listing give the same reports and statements."""
    types = {".pdf": "application/pdf", ".html": "text/html", ".md": "text/markdown", ".txt": "text/plain"}
    files = sorted(path for path in EXAMPLES.iterdir() if path.suffix in types)
    for path in files:
        site.answers[f"/{path.name}"] = body(path.read_bytes(), types[path.suffix])
    items = "".join(f"<item><link>{site.url}/{path.name}</link></item>" for path in files)
    links = "".join(f'<li><a href="{path.name}">{path.stem}</a></li>' for path in files)
    site.answers["/feed"] = body(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml")
    site.answers["/lijst"] = body(f"<ul>{links}</ul>".encode(), "text/html")
    sources = {
        "folder": make_source("folder", path=EXAMPLES),
        "feed": make_source("feed", url=f"{site.url}/feed"),
        "listing": make_source("listing", pages=[f"{site.url}/lijst"], entries=r"\.(pdf|html|md|txt)$"),
    }
    found = {}
    for name, source in sources.items():
        settings = make_settings(tmp_path / name)
        summary = run_source(source, settings)
        assert summary.listed_count == len(files)
        found[name] = [
            rows(settings, f"SELECT {columns} FROM {table} ORDER BY ALL")
            for table, columns in (
                ("statements", "statement_id, report_id, kind, text, label, page, start_offset, confidence"),
                ("reports", "report_id, title, publisher, published_date, report_number, kind, language, document_id"),
                ("documents", "document_id, media_type, page_count, character_count, extraction_hash"),
                ("responses", "response_id, stance, text"),
                ("links", "*"),
                ("problems", "stage, reason"),
            )
        ]
    assert found["feed"] == found["folder"]
    assert found["listing"] == found["folder"]
    assert len(found["folder"][0]) > 20
