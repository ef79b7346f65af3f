"""Our pages and Datasette's, as a browser asks for them."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from datasette.app import Datasette
from invented_extractions import NOON, make_extraction
from served_sites import EN, NL, publish

from datasette_config.registry import get_service
from warehouse.entries import Origin, Problem
from warehouse.publication import publish_site
from warehouse.store import Warehouse

ServeSite = Callable[..., Datasette]


async def read(served: Datasette, path: str, status: int = 200) -> str:
    """Return the text of a page."""
    page = await served.client.get(path)
    assert page.status_code == status, page.text[:2000]
    return str(page.text)


def text_of(markup: str) -> str:
    """Return what a browser shows of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


def links_of(page: str) -> list[str]:
    """Return the addresses that a page links to or loads."""
    return [html.unescape(address) for address in re.findall(r'(?:href|src|action)="([^"]+)"', page)]


async def test_the_home_page_says_what_is_there(served: Datasette) -> None:
    """How much, how fresh, what is new, where to search, and where the API is described."""
    page = await read(served, "/")
    for expected in (
        "Rode Draad",
        'action="/search"',
        "4 findings",
        "1 March 2024",
        "Newest reports",
        "/api/docs",
        "2019–2024",
    ):
        assert expected in page
    assert "demonstration" not in page
    assert "could not be taken in" not in page


async def test_every_link_of_our_pages_leads_somewhere(served: Datasette) -> None:
    """No dead links from home, search or a statement; nothing is loaded from elsewhere."""
    seen: set[str] = set()
    result = (await served.client.get("/api/search?q=beloften")).json()["results"][0]
    for path in ("/", "/search", "/search?q=water+dike+dijk", "/api/docs", result["links"]["page"]):
        for address in links_of(await read(served, path)):
            address = address.removeprefix("http://localhost")
            if address.startswith("#") or address == "https://datasette.io/" or address in seen:
                continue
            seen.add(address)
            assert address.startswith("/") and not address.startswith("//"), address
            if address not in ("/api/search", "/api/search.csv", "/api/search.xlsx"):  # forms, which add a question
                assert (await served.client.get(address)).status_code in (200, 302), address
    assert len(seen) > 25


async def test_search_shows_what_a_citation_needs(served: Datasette) -> None:
    """Quotation, kind, report, publisher, date, page, addressees, and why it was found."""
    page = await read(served, "/search?q=beloften+aan+gedupeerden")
    first = page.split("<article", 2)[1]
    for expected in ("recommendation", "Verzonnen ombudsman", "February 2024", "page 2", "de gemeente Verzonnendam",
                     "by words and meaning", "Aanbeveling 1", "<mark>beloften</mark>"):  # fmt: skip
        assert expected in first
    assert text_of(first.split("<blockquote")[1].partition(">")[2].split("</blockquote>")[0]) == NL[1]


async def test_filters_are_links_that_narrow_and_can_be_taken_off(served: Datasette) -> None:
    """Following a facet keeps the question; its chip leads back."""
    page = await read(served, "/search?q=water+dike+dijk&mode=hybrid&sort=relevance")
    english = next(link for link in links_of(page) if "language=en" in link)
    narrowed = await read(served, english)
    assert EN[0] in text_of(narrowed) and NL[0] not in text_of(narrowed)
    assert "Language: English" in narrowed
    assert "/search?q=water+dike+dijk" in links_of(narrowed)
    assert '<input type="hidden" name="language" value="en">' in narrowed


async def test_pages_of_results_follow_each_other(tmp_path: Path, serve_site: ServeSite) -> None:
    """Thirty statements are two pages that lead to each other."""
    served = serve_site(publish(tmp_path, make_extraction(*(f"De dijk nummer {i} is hoog." for i in range(30)))))
    first = await read(served, "/search?q=dijk&mode=lexical")
    assert "1 to 20 shown" in first
    second = await read(served, next(link for link in links_of(first) if "offset=20" in link))
    assert "21 to 30 shown" in second and 'rel="next"' not in second
    assert "/search?q=dijk&mode=lexical" in links_of(second)


@pytest.mark.parametrize(
    "path", ["/search?q=systemen", "/", "/kb/statements", "/kb/reports", "/search?q=<script>alert(1)"]
)
async def test_text_from_reports_is_always_text(served: Datasette, path: str) -> None:
    """HTML, scripts and template code in a report or a question are shown, not run."""
    page = await read(served, path)
    assert "<script>alert" not in page
    assert "<b>beloofd</b>" not in page
    if path == "/search?q=systemen":
        assert "<script>alert('systemen')</script>" in text_of(page)
        assert "{{ 7 * 7 }}" in page


async def test_the_page_of_a_statement_shows_it_in_full(served: Datasette) -> None:
    """Quotation, report, addressees with their party, similar statements, and Datasette's columns below."""
    result = (await served.client.get("/api/search?q=beloften")).json()["results"][0]
    page = await read(served, result["links"]["page"])
    assert page.count("<h1") == 1
    for expected in (NL[1], "(Gemeenten)", "All columns", "confidence 0.75 of 1", "&lt;b&gt;beloofd"):
        assert expected in page
    await read(served, "/kb/statements/s0000", 404)
    quay = (await served.client.get("/api/search?q=quay")).json()["results"][0]
    assert EN[0] in await read(served, f"/kb/reports/{quay['report']['report_id']}")
    assert "Similar statements" not in await read(served, quay["links"]["page"]), (
        "those of its own report are not meant"
    )


async def test_similar_statements_come_from_other_reports(tmp_path: Path, serve_site: ServeSite) -> None:
    """Nearest in meaning first, and nothing of the same report."""
    third = make_extraction(EN[0], name="Quays", publisher="Other Office", language="en")
    site = publish(tmp_path, make_extraction(*EN, name="Dikes", language="en"), third)
    served = serve_site(site)
    own = (await served.client.get("/api/search?q=dike+height&publisher=Other+Office")).json()["results"][0]
    similar = (await read(served, own["links"]["page"])).split("Similar statements")[1]
    assert EN[0] in text_of(similar.split("<article")[1])
    assert "Quays" not in similar.split('id="cite"')[0]


@pytest.mark.parametrize(
    ("query_string", "status"),
    [("", 200), ("q=", 200), ("q=" + "a" * 30_000, 400), ("q=a%00", 400), ("q=a&mode=x", 400), ("q=a&offset=-5", 200),
     ("q=a&offset=" + "9" * 50, 200), ("q=%ff&kind=%00", 200), ("q=dijk&kind=onbekend", 200), ("kind=finding", 200)],
)  # fmt: skip
async def test_the_search_page_survives_what_is_typed(served: Datasette, query_string: str, status: int) -> None:
    """Impossible searches are explained on the page."""
    page = await read(served, f"/search?{query_string}", status)
    assert ('role="alert"' in page) == (status == 400)


async def test_tables_are_described_and_rows_can_be_exported(served: Datasette) -> None:
    """Datasette shows the descriptions of the build, and gives CSV and JSON."""
    assert "quoted word for word" in await read(served, "/kb/statements")
    assert "nakomen" in await read(served, "/kb/statements.csv?_size=max")
    counted = (await served.client.get("/kb.json?sql=select+count(*)+as+n+from+recommendations")).json()
    assert counted["rows"] == [[2]]
    assert served.metadata("title") == "Rode Draad"
    assert list((await served.client.get("/.json")).json()) == ["kb"]


@pytest.mark.parametrize(
    "query",
    ["delete from statements", "attach database '/etc/passwd' as x", "pragma writable_schema=1",
     "select load_extension('x')",
     "select writefile('/tmp/x','y')", "select readfile('/etc/passwd')"],
)  # fmt: skip
async def test_sql_of_analysts_cannot_write_or_leave_the_file(served: Datasette, query: str) -> None:
    """Only reading, and only the knowledge base."""
    answer = await served.client.get("/kb.json", params={"sql": query})
    assert answer.status_code == 400


async def test_problems_and_invented_reports_are_named_on_the_home_page(tmp_path: Path, serve_site: ServeSite) -> None:
    """A visitor sees that a document failed, and that the examples must not be cited."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        extraction = make_extraction(*NL)
        warehouse.save_extraction(
            extraction, origin=Origin("/examples/a.pdf", source="examples"), version="test", seen_at=NOON
        )
        warehouse.save_problem(_problem())
        publish_site(warehouse, tmp_path / "site", model_id="hashed-words", built_at=NOON)
    page = await read(serve_site(tmp_path / "site"), "/")
    assert "All reports here are" in page and "do not cite them" in page
    assert "One document could not be taken in" in page
    assert "kapot.pdf" in page and "/geheim/" not in page


def _problem() -> Problem:
    return Problem(
        address="/geheim/kapot.pdf",
        stage="read",
        reason="encrypted",
        message="file /geheim/kapot.pdf: found a password, against a readable file",
        what_to_do="ask for a copy",
        first_seen_at=NOON,
    )


@pytest.mark.parametrize(
    "path", ["//kwaad.example/", "//kwaad.example/%25", "///kwaad.example", "/\\kwaad.example/", "//kwaad.example?a=b"]
)
async def test_no_address_leads_to_another_server(served: Datasette, path: str) -> None:
    """A browser takes two slashes, or a slash and a backslash, for the beginning of another server's address."""
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {"type": "http", "method": "GET", "path": unquote(path), "raw_path": path.encode(),
             "query_string": query.encode(), "headers": [(b"host", b"localhost")], "scheme": "http"}  # fmt: skip
    await served.client.app(scope, receive, send)
    location = dict(sent[0]["headers"]).get(b"location", b"/").decode()
    assert re.match(r"/(?![/\\])", location), location
    assert not re.search(r"href=[\"'](//|/\\)", b"".join(message.get("body", b"") for message in sent).decode())


async def test_a_defect_is_told_without_its_secrets(
    served: Datasette,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The page says that something went wrong; the log says what, without the values that were worked on."""

    async def fail(*_: Any, **__: Any) -> Any:
        secret = "geheim".upper()
        raise RuntimeError(f"/srv/verborgen {len(secret)}")

    monkeypatch.setattr(get_service(served), "search", fail)
    page = await read(served, "/search?q=dijk", 500)
    assert "This page cannot be shown" in page and "verborgen" not in page
    printed = capsys.readouterr()
    assert "verborgen" in caplog.text and "GEHEIM" not in caplog.text + printed.out + printed.err


async def test_an_instance_without_our_site_is_left_alone() -> None:
    """Whoever has Rode Draad installed and shows another database sees plain Datasette."""
    other = Datasette(memory=True)
    page = await other.client.get("/")
    assert page.status_code == 200 and "rodedraad.css" not in page.text
    assert (await other.client.get("/api/health")).status_code == 404
