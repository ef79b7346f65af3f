"""Look-ups of the API: what is tied to a statement, pages of a report, parties, themes and downloads."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from datasette.app import Datasette
from served_sites import NL


async def read(served: Datasette, path: str) -> Any:
    """Return an answer that must be given."""
    answer = await served.client.get(path)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_statement_tells_what_it_is_tied_to(served: Datasette) -> None:
    """Responses of the addressed body, what it rests on, and what rests on it."""
    found = (await read(served, "/api/search?q=beloften"))["results"][0]
    statement = await read(served, found["links"]["self"])
    assert [response["stance"] for response in statement["responses"]] == ["accepted"]
    basis = statement["based_on"][0]
    assert (basis["text"], basis["evidence"]) == (NL[0], "structural")
    other = await read(served, f"/api/statements/{basis['statement_id']}")
    assert [row["statement_id"] for row in other["basis_of"]] == [statement["statement_id"]]
    assert other["responses"] == []


async def test_similar_statements_are_nearest_first_and_can_be_elsewhere_only(served: Datasette) -> None:
    """The same sentence but for one word comes first; the statement itself never."""
    quay = (await read(served, "/api/search?q=quay"))["results"][0]
    similar = await read(served, quay["links"]["similar"] + "?limit=2")
    assert similar["results"][0]["text"] == "The water board keeps every dike at its height."
    assert quay["statement_id"] not in {result["statement_id"] for result in similar["results"]}
    elsewhere = await read(served, quay["links"]["similar"] + "?elsewhere=true")
    assert {result["report"]["report_id"] for result in elsewhere["results"]}.isdisjoint({quay["report"]["report_id"]})
    assert (await served.client.get("/api/statements/s0/similar")).status_code == 404


async def test_the_text_of_a_page_has_its_statements_in_place(served: Datasette) -> None:
    """Cut from the page's text by its range, a statement is what it is; all pages together are the document."""
    found = (await read(served, "/api/search?q=beloften"))["results"][0]
    pages = await read(served, found["links"]["report"] + "/pages")
    assert [page["page"] for page in pages["pages"]] == [1, 2] and pages["page_count"] == 2
    page = await read(served, found["links"]["text"])
    placed = {statement["statement_id"]: statement for statement in page["statements"]}[found["statement_id"]]
    assert page["text"][placed["start"] : placed["end"]] == found["text"]
    assert (await served.client.get(found["links"]["report"] + "/pages/3")).status_code == 404
    assert (await served.client.get(found["links"]["report"] + "/pages/0")).status_code == 422
    assert (await served.client.get("/api/reports/r0/pages/1")).status_code == 404


async def test_reports_are_listed_by_date_and_filtered(served: Datasette) -> None:
    """The newest first; filters are repeatable, and what nothing has gives an empty list."""
    answer = await read(served, "/api/reports")
    assert [report["title"] for report in answer["reports"]] == ["Beloofd is <b>beloofd</b>", "Dikes"]
    assert (answer["total"], answer["reports"][0]["statement_count"]) == (2, 3)
    assert (await read(served, "/api/reports?year=2019&year=2020"))["total"] == 1
    assert (await read(served, "/api/reports?year=later"))["total"] == 0
    assert (await read(served, "/api/reports?language=en&publisher=Invented+Office&kind="))["total"] == 1
    assert (await read(served, "/api/reports?publisher=%27+OR+1%3D1"))["reports"] == []
    assert len((await read(served, "/api/reports?limit=1&offset=1"))["reports"]) == 1


async def test_parties_tell_what_was_recommended_to_them(served: Datasette) -> None:
    """By whom, when, and the statements themselves, which can be paged and filtered by kind."""
    listed = await read(served, "/api/parties")
    assert [(party["party_id"], party["recommendation_count"]) for party in listed["parties"]] == [("gemeenten", 2)]
    assert (await read(served, "/api/parties?q=GEMEENT"))["total"] == 1
    assert (await read(served, "/api/parties?q=%25"))["total"] == 0
    assert (await read(served, "/api/parties?kind=ministry"))["total"] == 0
    party = await read(served, listed["parties"][0]["links"]["self"])
    assert party["publishers"] == [
        {"value": "Invented Office", "count": 1},
        {"value": "Verzonnen ombudsman", "count": 1},
    ]
    assert party["years"] == [{"value": 2019, "count": 1}, {"value": 2024, "count": 1}]
    assert party["statements"][0]["text"] == NL[1]
    assert (await read(served, "/api/parties/gemeenten?limit=1&offset=1"))["statements"][0]["language"] == "en"
    assert (await read(served, "/api/parties/gemeenten?kind=finding"))["total"] == 0
    assert (await served.client.get("/api/parties/niemand")).status_code == 404


async def test_a_site_without_themes_lists_none_and_an_unknown_one_is_not_found(served: Datasette) -> None:
    """The list is empty, and a look-up is answered with 404; `test_example_pages.py` asks a site that has themes."""
    assert (await read(served, "/api/themes"))["themes"] == []
    assert (await served.client.get("/api/themes/niets")).status_code == 404


async def test_the_knowledge_base_can_be_taken_home(served: Datasette, tmp_path: Path) -> None:
    """DuckDB, SQLite and Parquet files open, hold what is shown, and come in parts when asked for."""
    listed = {file["name"]: file for file in (await read(served, "/api/downloads"))["files"]}
    assert {"kb.duckdb", "kb.db", "statements.parquet", "pages.parquet"} <= listed.keys()
    for name in ("kb.duckdb", "statements.parquet"):
        answer = await served.client.get(listed[name]["links"]["self"])
        assert len(answer.content) == listed[name]["byte_count"] == int(answer.headers["content-length"])
        (tmp_path / name).write_bytes(answer.content)
    with duckdb.connect(str(tmp_path / "kb.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM recommendations").fetchone() == (2,)
        count = connection.execute(f"SELECT count(*) FROM '{tmp_path / 'statements.parquet'}'").fetchone()
        assert count == (6,)
    part = await served.client.get("/api/downloads/kb.db", headers={"range": "bytes=0-15"})
    assert (part.status_code, part.content) == (206, b"SQLite format 3\x00")


@pytest.mark.parametrize(
    "name", ["site.json", "..%2Fcurrent", "%2Fetc%2Fpasswd", "vectors.npy", "kb.db%00", "../kb.db"]
)
async def test_nothing_else_can_be_downloaded(served: Datasette, name: str) -> None:
    """Names are looked up in a list and never become paths."""
    assert (await served.client.get(f"/api/downloads/{name}")).status_code == 404


async def test_the_forms_of_the_description_can_be_sent_as_they_stand(served: Datasette) -> None:
    """Every form with its preset values and empty fields is answered."""
    page = (await served.client.get("/api/docs")).text
    forms = re.findall(r'<form[^>]* action="([^"]+)".*?</form>', page, re.DOTALL)
    assert len(forms) > 5
    for whole in re.findall(r"<form.*?</form>", page, re.DOTALL):
        action = re.search(r'action="([^"]+)"', whole)
        if action is None or not action[1].startswith("/api/"):
            continue
        sent = [
            (name, html.unescape(value))
            for field in re.findall(r"<input[^>]*>", whole)
            for name in re.findall(r' name="([^"]*)"', field)
            for value in re.findall(r' value="([^"]*)"', field)
        ]
        for name, options in re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', whole, re.DOTALL):
            chosen = re.search(r"<option selected>([^<]+)", options)
            assert chosen, name
            sent.append((name, chosen[1]))
        answer = await served.client.get(action[1], params=sent)
        assert answer.status_code == 200, (action[1], sent, answer.text[:300])
