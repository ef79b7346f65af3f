"""Ingesting a source again and again: only what is new or changed is fetched, and what went wrong is kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from invented_sources import make_report, make_settings, make_source, rows, run_source
from web_servers import Handler, Site, body, send, serve

from flows.adapter import SourceAdapter, Surroundings
from flows.discovery import DocumentSource, discover_documents
from flows.ingestion import Begun, BegunDocument, DocumentOutcome, ObtainedDocument
from flows.settings import Settings
from flows.source_benchmark import read_by_each_way
from flows.source_ingestion import Intake
from warehouse.errors import WarehouseUnwritable
from warehouse.source_entries import ListedDocument
from warehouse.store import Warehouse

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "reports"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return make_settings(tmp_path / "home")


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def reading_by(begin: Callable[[ObtainedDocument], Begun]) -> Callable[[Intake], Intake]:
    """Change how documents are begun."""
    return lambda intake: replace(intake, begin=begin)


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


def test_a_nightly_run_of_sixty_documents_asks_once_each_over_one_connection(settings: Settings, site: Site) -> None:
    """Of 60 documents 3 are new: 3 downloads, a request for each of the others, and no new connection for any."""
    for i in range(60):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)
    addresses = [f"{site.url}/{i}.md" for i in range(60)]
    run_source(make_source("urls", addresses=addresses[3:]), settings)
    site.asked.clear()
    site.connection_count = 0
    summary = run_source(make_source("urls", addresses=addresses), settings)
    assert (summary.count("new"), summary.count("unchanged")) == (3, 57)
    without_condition = [a.path for a in site.asked if "If-None-Match" not in a.headers and a.path != "/robots.txt"]
    assert without_condition == ["/0.md", "/1.md", "/2.md"]
    assert len(site.paths()) == 60
    assert site.connection_count == 1


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

    def die(obtained: ObtainedDocument) -> DocumentOutcome:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_source(source, settings, change_intake=reading_by(die))
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
    assert rows(settings, "SELECT title, is_withdrawn FROM reports ORDER BY title") == [
        ("Verzonnen rapport 1", True),
        ("Verzonnen rapport 2", False),
    ]


def test_only_a_healthy_whole_listing_withdraws(settings: Settings, site: Site) -> None:
    """A stopped source and a feed withdraw nothing; `lists_everything` decides for a feed that has it all; and back."""
    for i in (1, 2):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)

    def run(*numbers: int, **changes: object) -> list[str]:
        items = "".join(f"<item><link>{site.url}/{i}.md</link></item>" for i in numbers)
        site.answers["/feed"] = body(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), "text/xml")
        run_source(make_source("feed", url=f"{site.url}/feed", changes=dict(changes)), settings)
        return [url[-4:] for (url,) in rows(settings, "SELECT url FROM origins WHERE withdrawn_because IS NOT NULL")]

    assert run(1, 2) == []
    assert run(2) == []
    assert run(2, lists_everything=True, expect_at_least=2) == [], "stopped, for it lists fewer than it must"
    assert run(2, lists_everything=True) == ["1.md"]
    assert run(1, 2) == []


def test_a_document_that_is_gone_is_withdrawn(tmp_path: Path, site: Site) -> None:
    """410 for a document that is still listed marks its report, beside the row in problems; it comes back with 304."""
    settings = make_settings(tmp_path / "home")
    site.answers["/1.md"] = body(make_report(1), "text/markdown", etag=True)
    source = make_source("urls", addresses=[f"{site.url}/1.md"])
    run_source(source, settings)
    site.answers["/1.md"] = lambda handler: send(handler, b"", 410, {})
    marked = run_source(source, settings)
    assert rows(settings, "SELECT reason FROM problems") == [("gone",)], marked
    assert marked.withdrawn_count == 1
    assert rows(settings, "SELECT is_withdrawn FROM reports") == [(True,)]
    site.answers["/1.md"] = body(make_report(1), "text/markdown", etag=True)
    assert run_source(source, settings).returned_count == 1
    assert rows(settings, "SELECT is_withdrawn FROM reports") == [(False,)]


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


def test_a_web_source_never_reads_files_of_this_machine(settings: Settings, site: Site, tmp_path: Path) -> None:
    """A file that a site names is refused, under any form of its address; the other entries go on."""
    secret = tmp_path / "geheim.md"
    secret.write_bytes(make_report(99))
    site.answers["/1.md"] = body(make_report(1), "text/markdown")
    strange = [f"file://{secret}", f"file:{secret}", str(secret), "http://[", "//[x"]
    items = [{"u": address} for address in (*strange, "/1.md")]
    site.answers["/api"] = body(json.dumps({"i": items}).encode(), "application/json")
    source = make_source("json", url=f"{site.url}/api", items="i", address="u", base=site.url)
    summary = run_source(source, settings)
    assert (summary.failure, summary.count("new"), summary.count("failed")) == (None, 1, len(strange))
    assert rows(settings, "SELECT text FROM statements") == [("Houd pont 1 in de vaart.",)]
    reasons = rows(settings, "SELECT reason, count(*) FROM problems GROUP BY ALL ORDER BY ALL")
    assert reasons == [("bad_address", len(strange) - 1), ("gone", 1)]


def test_a_source_that_names_a_file_outright_does_not_read_it(settings: Settings, tmp_path: Path) -> None:
    """Whatever address reaches the run, only the adapter of folders reads files."""

    class Sly(SourceAdapter):
        def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
            yield ListedDocument(str(EXAMPLES.parent / "README.md"))

    source = make_source("urls", addresses=["https://x.example.org"]).model_copy(update={"adapter": Sly()})
    assert run_source(source, settings).count("failed") == 1
    assert rows(settings, "SELECT reason FROM problems") == [("bad_address",)]


def test_a_document_that_breaks_the_program_does_not_end_the_run(settings: Settings, site: Site) -> None:
    """It is a problem of that document; the next one is taken in and the run of the source is closed."""
    for i in (1, 2):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown")
    source = make_source("urls", addresses=[f"{site.url}/{i}.md" for i in (1, 2)])

    def stumble(obtained: ObtainedDocument) -> DocumentOutcome:
        if obtained.name == "1.md":
            raise ZeroDivisionError("a bug")
        return DocumentOutcome(obtained.name, "new")

    summary = run_source(source, settings, change_intake=reading_by(stumble))
    assert [outcome.status for outcome in summary.outcomes] == ["failed", "new"]
    assert rows(settings, "SELECT reason FROM problems") == [("internal_error",)]
    assert rows(settings, "SELECT last_outcome, failed_count FROM sources") == [("succeeded", 1)]


def test_documents_are_read_while_the_next_ones_are_downloaded(settings: Settings, site: Site) -> None:
    """Two are read beside the download of a third; they are saved in the order of the listing, whichever is ready."""
    for i in range(6):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown")
    source = make_source("urls", addresses=[f"{site.url}/{i}.md" for i in range(6)])
    reading: list[Future[Any]] = []
    saved: list[tuple[str, int]] = []

    def begin(obtained: ObtainedDocument) -> Begun:
        reading.append(Future())
        if len(reading) % 3 == 0:
            for future in reversed(reading[-3:]):
                future.set_result(None)
        return BegunDocument(obtained, reading[-1])

    def finish(document: DocumentSource, begun: BegunDocument) -> DocumentOutcome:
        begun.extraction.result(timeout=0)
        saved.append((document.name, len(site.paths())))
        return DocumentOutcome(document.name, "new")

    summary = run_source(source, settings, change_intake=lambda _: Intake(begin, finish, ahead=2))
    assert summary.count("new") == 6
    assert saved == [("0.md", 3), ("1.md", 3), ("2.md", 3), ("3.md", 6), ("4.md", 6), ("5.md", 6)]


def test_a_run_that_is_stopped_while_documents_are_read_loses_none(settings: Settings, site: Site) -> None:
    """What was downloaded and not saved is read in the next run, and nothing is downloaded twice."""
    for i in range(4):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)
    source = make_source("urls", addresses=[f"{site.url}/{i}.md" for i in range(4)])
    saved: list[str] = []

    def stop_at_second(intake: Intake) -> Intake:
        def finish(document: DocumentSource, begun: BegunDocument) -> DocumentOutcome:
            if saved:
                raise KeyboardInterrupt
            saved.append(document.name)
            return intake.finish(document, begun)

        return replace(intake, finish=finish, ahead=2)

    with pytest.raises(KeyboardInterrupt):
        run_source(source, settings, change_intake=stop_at_second)
    downloads = [a.path for a in site.asked if "If-None-Match" not in a.headers and a.path != "/robots.txt"]
    site.asked.clear()
    summary = run_source(source, settings)
    again = [a.path for a in site.asked if "If-None-Match" not in a.headers and a.path != "/robots.txt"]
    assert sorted(downloads + again) == ["/0.md", "/1.md", "/2.md", "/3.md"]
    assert (saved, summary.count("unchanged"), summary.count("new")) == (["0.md"], 1, 3)


@pytest.mark.system
def test_workers_give_the_same_knowledge_base_as_one_process(tmp_path: Path, site: Site) -> None:
    """Also where the same document lies at two addresses, and where one cannot be read."""
    for i in range(6):
        site.answers[f"/{i}.md"] = body(make_report(i % 4), "text/markdown")
    site.answers["/6.pdf"] = body(b"%PDF-1.7 nothing %%EOF")
    source = make_source("urls", addresses=[f"{site.url}{path}" for path in sorted(site.answers)])
    found = []
    for count in (0, 2):
        settings = make_settings(tmp_path / str(count), workers=count, extraction="rules")
        summary = run_source(source, settings)
        with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
            found.append((summary, warehouse.fingerprint(), rows_of_problems(warehouse)))
    assert found[0] == found[1]
    assert [outcome.status for outcome in found[0][0].outcomes] == ["new"] * 4 + ["unchanged"] * 2 + ["failed"]


def rows_of_problems(warehouse: Warehouse) -> list[tuple[str, str]]:
    return [(problem.address, problem.reason) for problem in warehouse.list_problems()]


def test_an_adapter_that_breaks_stops_its_source_only(settings: Settings) -> None:
    """The source is stopped with a problem, as one that has changed is."""

    class Broken(SourceAdapter):
        def discover_documents(self, surroundings: Surroundings) -> Iterator[ListedDocument]:
            raise ZeroDivisionError("a bug\ud800")

    source = make_source("urls", addresses=["https://x.example.org"]).model_copy(update={"adapter": Broken()})
    summary = run_source(source, settings)
    assert summary.failure is not None
    assert "ZeroDivisionError: a bug" in summary.failure
    assert rows(settings, "SELECT stage, reason FROM problems") == [("discover", "internal_error")]
    assert rows(settings, "SELECT last_outcome, last_finished_at IS NULL FROM sources") == [("failed", False)]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), WarehouseUnwritable("the disk is full"), MemoryError()])
def test_what_stops_the_run_closes_the_run_of_the_source(settings: Settings, site: Site, error: BaseException) -> None:
    """It goes on up to whoever started the run, and the source does not look as if it were still running."""
    site.answers["/1.md"] = body(make_report(1), "text/markdown")

    def stop(obtained: ObtainedDocument) -> DocumentOutcome:
        raise error

    with pytest.raises(type(error)):
        run_source(make_source("urls", addresses=[f"{site.url}/1.md"]), settings, change_intake=reading_by(stop))
    [(outcome, message)] = rows(settings, "SELECT last_outcome, last_message FROM sources")
    assert outcome == "failed"
    assert type(error).__name__ in message
    assert rows(settings, "SELECT * FROM problems") == []


def test_a_page_that_is_gone_costs_its_own_documents_only(settings: Settings, site: Site) -> None:
    """It is a problem until it is back; what was found on it before is not taken as gone."""
    pages = {f"/p/{i}": body(f'<a href="/{i}.md">Rapport</a>'.encode(), "text/html") for i in (1, 2, 3)}
    site.answers |= pages
    for i in (1, 2, 3):
        site.answers[f"/{i}.md"] = body(make_report(i), "text/markdown", etag=True)
    site.answers["/l"] = body(b'<a href="/p/1">1</a><a href="/p/2">2</a><a href="/p/3">3</a>', "text/html")
    given = {"pages": [f"{site.url}/l"], "entries": "/p/", "document_links": r"\.md$"}
    source = make_source("listing", changes={"recheck_days": 0}, **given)
    del site.answers["/p/2"]
    assert [o.status for o in run_source(source, settings).outcomes] == ["failed", "new", "new"]
    assert rows(settings, "SELECT stage, reason, subject FROM problems") == [("discover", "gone", f"{site.url}/p/2")]
    site.answers["/p/2"] = pages["/p/2"]
    assert run_source(source, settings).count("new") == 1
    assert rows(settings, "SELECT * FROM problems") == []
    site.answers["/p/2"] = body(b"\x00\x01" * 50, "text/html")
    summary = run_source(source, settings)
    assert (summary.count("failed"), summary.count("unchanged")) == (1, 3)
    assert rows(settings, "SELECT count(*) FROM listings WHERE is_listed") == [(3,)]


def test_an_etag_that_no_request_can_carry_is_left_out(settings: Settings, site: Site) -> None:
    """A server may send other letters than ASCII in it; the document is fetched whole then."""
    site.answers["/1.md"] = body(make_report(1), "text/markdown", ETag='"\u00e9"')
    source = make_source("urls", addresses=[f"{site.url}/1.md"])
    assert run_source(source, settings).count("new") == 1
    assert run_source(source, settings).count("unchanged") == 1
    assert [outcome for outcome, _ in fetched(settings)] == ["new", "same"]


def test_folder_feed_and_listing_give_the_same_knowledge_base(tmp_path: Path) -> None:
    """The examples read from a folder, from a feed and from a listing give the same reports and statements."""
    settings = make_settings(tmp_path / "home", extraction="rules", workers=0)
    folder, feed, listing = read_by_each_way(EXAMPLES, settings)
    assert folder.summary.listed_count == len(discover_documents([str(EXAMPLES)]))
    assert feed.rows == folder.rows
    assert listing.rows == folder.rows
    assert len(folder.rows["statements"]) > 20
    assert list(settings.home.iterdir()) == []
