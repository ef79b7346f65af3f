"""Our pages over the bundled examples: what they show agrees with what SQL says."""

from __future__ import annotations

import asyncio
import html
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from example_sites import publish_examples
from served_sites import HashedWords

from datasette_config.citations import cite_as_bibtex
from datasette_config.messages import load_messages
from datasette_config.registry import get_service
from datasette_config.server import make_app
from flows.originals import StoredOriginals
from warehouse.datasette_metadata import load_queries


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, StoredOriginals]:
    """The site of the examples, and its originals."""
    return publish_examples(tmp_path_factory.mktemp("examples"))


@pytest.fixture
def examples(published: tuple[Path, StoredOriginals]) -> Iterator[Datasette]:
    """The examples, served."""
    site_dir, originals = published
    datasette, _ = make_app(site_dir, load_encoder=HashedWords, originals=originals)
    yield datasette
    get_service(datasette).close()


async def ask(examples: Datasette, query: str, **parameters: Any) -> list[dict[str, Any]]:
    """Return the rows of an analyst's SQL."""
    answer = await examples.client.get("/kb.json", params={"sql": query, "_shape": "array", **parameters})
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()
    return rows


async def read(examples: Datasette, path: str, **headers: str) -> str:
    """Return the text of a page."""
    page = await examples.client.get(path, headers=headers)
    assert page.status_code == 200, (path, page.text[:500])
    return str(page.text)


def shown(page: str) -> str:
    """Return the words of a page as a reader sees them, with single spaces."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.mark.parametrize("name", load_queries())
async def test_each_ready_made_question_is_answered(examples: Datasette, name: str) -> None:
    """Its example values find something, its parameters are those of its SQL, and its columns have a unit or an id."""
    query = load_queries()[name]
    assert set(re.findall(r":([a-z_]+)", query["sql"])) == set(query["example"]), name
    answer = await examples.client.get(f"/kb/{name}.json", params={"_shape": "array", **query["example"]})
    assert answer.status_code == 200, answer.text
    rows = answer.json()
    may_be_empty = {"what_may_have_been_missed", "reports_per_case"}  # without a judge; the examples name few cases
    assert rows or name in may_be_empty
    page = await read(examples, f"/kb/{name}?" + "&".join(f"{key}={value}" for key, value in query["example"].items()))
    assert query["title"] in html.unescape(page)
    if rows and "statement_id" in rows[0] and rows[0]["statement_id"]:
        assert f'href="/kb/statements/{rows[0]["statement_id"]}"' in page


def test_there_are_enough_ready_made_questions() -> None:
    """Twelve or more, each with a sentence."""
    assert len(load_queries()) >= 12
    assert all(query["description"].endswith(".") for query in load_queries().values())
    assert all(query["description_nl"].endswith(".") and query["title_nl"] for query in load_queries().values())
    for query in load_queries().values():
        assert all(load_messages("nl")(f"parameter.{name}") for name in query["example"])


async def test_the_questions_are_listed_with_their_fields(examples: Datasette) -> None:
    """Each with its sentence and a labelled field per parameter, in both languages; a field filled in asks it."""
    for language, ending in (("en", ""), ("nl", "_nl")):
        page = await read(examples, "/questions", **{"Accept-Language": language})
        for name, query in load_queries().items():
            assert query[f"title{ending}"] in shown(page) and query[f"description{ending}"] in shown(page)
            assert all(f'for="{name}-{parameter}"' in page for parameter in query["example"])


@pytest.mark.parametrize("filters", [{}, {"publisher": "Ombudsman Waterland-Oost", "kind": "recommendation"}])
async def test_each_chart_has_something_to_draw(examples: Datasette, filters: dict[str, str]) -> None:
    """The SQL of every chart runs, without filters and with some, and every chart has a title in the catalogues."""
    charts = examples.plugin_config("datasette-dashboards")["charts"]["charts"]
    assert {"years", "publishers", "addressees"} <= set(charts)
    page = await examples.client.get("/-/dashboards/charts", params=filters)
    assert page.status_code == 200, page.text[:500]
    assert ("selected>recommendations" in page.text) == bool(filters)
    for name, chart in charts.items():
        query = re.sub(r"\[\[(.*?:(\w+).*?)\]\]", lambda part: part[1] if part[2] in filters else "", chart["query"])
        rows = await ask(examples, query, **filters)
        assert rows or (name == "stances" and filters), name
        assert load_messages("nl")(f"charts.{name}")


async def test_the_home_page_counts_what_sql_counts(examples: Datasette) -> None:
    """Statements, reports, publishers, kinds and statements per report."""
    home = shown(await read(examples, "/"))
    [totals] = await ask(
        examples,
        "SELECT (SELECT count(*) FROM statements) s, (SELECT count(*) FROM reports) r, "
        "(SELECT count(DISTINCT publisher) FROM reports WHERE report_id IN (SELECT report_id FROM statements)) p",
    )
    assert f"statements {totals['s']} reports {totals['r']} publishers {totals['p']}" in home
    for row in await ask(examples, "SELECT kind, count(*) n FROM statements GROUP BY kind"):
        assert f"{row['n']} {row['kind']}" in home
    for row in await ask(
        examples,
        "SELECT p.name, count(DISTINCT s.statement_id) n FROM parties p JOIN addressees a USING (party_id) "
        "JOIN statements s USING (statement_id) WHERE s.kind = 'recommendation' GROUP BY 1 ORDER BY 2 DESC LIMIT 3",
    ):
        assert f"{row['name']} {row['n']}" in home


async def test_the_search_page_counts_what_sql_counts(examples: Datasette) -> None:
    """The facets of a search by filter alone, and what is found."""
    page = await read(examples, "/search?kind=recommendation")
    counted = await ask(
        examples,
        "SELECT r.publisher, count(*) n FROM statements s JOIN reports r USING (report_id) "
        "WHERE s.kind = 'recommendation' AND r.publisher IS NOT NULL GROUP BY 1",
    )
    assert counted
    for row in counted:
        assert f"{row['publisher']} {row['n']}" in shown(page.split("<aside")[1])
    only = await read(examples, "/search?kind=recommendation&from=2023&to=2023")
    [row] = await ask(
        examples, "SELECT count(*) n FROM statements WHERE kind = 'recommendation' AND published_year = 2023"
    )
    assert f"{row['n']} statements" in shown(only) or f"{row['n']} results" in shown(only)
    assert "Year: 2023-2023" in shown(only)


async def test_the_page_of_a_party_shows_all_that_was_recommended_to_it(examples: Datasette) -> None:
    """What, by whom, when, with counts that SQL confirms."""
    [party] = await ask(
        examples,
        "SELECT p.*, count(DISTINCT s.statement_id) n FROM parties p JOIN addressees a USING (party_id) "
        "JOIN statements s USING (statement_id) WHERE s.kind = 'recommendation' GROUP BY 1 ORDER BY n DESC LIMIT 1",
    )
    page = await read(examples, f"/kb/parties/{party['party_id']}")
    assert f"{party['n']} recommendations were addressed to this body" in shown(page)
    for row in await ask(
        examples,
        "SELECT DISTINCT s.text, r.publisher, r.title FROM statements s JOIN reports r USING (report_id) "
        "JOIN addressees a USING (statement_id) WHERE a.party_id = :p AND s.kind = 'recommendation'",
        p=party["party_id"],
    ):
        for value in row.values():
            assert " ".join(value.split()) in shown(page)
    for row in await ask(
        examples,
        "SELECT s.published_year y, count(DISTINCT s.statement_id) n FROM statements s JOIN addressees a "
        "USING (statement_id) WHERE a.party_id = :p GROUP BY 1",
        p=party["party_id"],
    ):
        assert f"{row['y']} {row['n']}" in shown(page)
    dutch = await read(examples, f"/kb/parties/{party['party_id']}", **{"Accept-Language": "nl"})
    assert f"{party['n']} aanbevelingen zijn aan deze instantie gericht" in shown(dutch)


_THEMES = (
    "SELECT t.theme_id, t.name, t.name_en, count(DISTINCT s.statement_id) n, count(DISTINCT s.report_id) r "
    "FROM themes t LEFT JOIN statement_themes st USING (theme_id) LEFT JOIN statements s USING (statement_id) "
    "GROUP BY 1 ORDER BY n DESC, 1"
)


async def test_themes_are_listed_with_what_is_said_about_them(examples: Datasette) -> None:
    """All themes, the largest first, each with the statements that SQL has, by kind, a page at a time."""
    counted = await ask(examples, _THEMES)
    assert counted[0]["n"] > 2
    listed = (await examples.client.get("/api/themes")).json()["themes"]
    assert [(theme["theme_id"], theme["statement_count"], theme["report_count"]) for theme in listed] == [
        (row["theme_id"], row["n"], row["r"]) for row in counted
    ]
    largest = listed[0]
    whole = (await examples.client.get(largest["links"]["self"] + "?limit=100")).json()
    assert whole["name_en"] == counted[0]["name_en"]
    assert (whole["theme_id"], whole["name"], whole["total"]) == (
        *(largest["theme_id"], largest["name"]), largest["statement_count"]
    )  # fmt: skip
    rows = await ask(
        examples, "SELECT statement_id, kind FROM statements JOIN statement_themes USING (statement_id) "
        "WHERE theme_id = :theme", theme=largest["theme_id"],
    )  # fmt: skip
    ids = [statement["statement_id"] for statement in whole["statements"]]
    assert set(ids) == {row["statement_id"] for row in rows}
    second = (await examples.client.get(largest["links"]["self"] + "?limit=1&offset=1")).json()
    assert [statement["statement_id"] for statement in second["statements"]] == ids[1:2]
    kind = rows[0]["kind"]
    one_kind = (await examples.client.get(largest["links"]["self"] + f"?kind={kind}&limit=100")).json()
    assert one_kind["total"] == sum(row["kind"] == kind for row in rows)
    assert {statement["kind"] for statement in one_kind["statements"]} == {kind}
    assert (await examples.client.get("/api/themes/niets")).status_code == 404
    found = (await examples.client.get(f"/api/search?theme={largest['theme_id']}&fold=false")).json()
    assert found["total"] == largest["statement_count"]


async def test_the_page_of_a_theme_shows_what_is_said_about_it(examples: Datasette) -> None:
    """Its name in the language of the reader, its statements, and whose they are."""
    theme = (await ask(examples, _THEMES))[0]
    page = await read(examples, f"/kb/themes/{theme['theme_id']}")
    dutch = await read(examples, f"/kb/themes/{theme['theme_id']}", **{"Accept-Language": "nl"})
    assert f'<h1 class="rd-title">{html.escape(theme["name_en"])}</h1>' in page
    assert f'<h1 class="rd-title">{html.escape(theme["name"])}</h1>' in dutch
    for row in await ask(
        examples,
        "SELECT s.text, r.publisher FROM statements s JOIN reports r USING (report_id) JOIN statement_themes t "
        "USING (statement_id) WHERE t.theme_id = :theme", theme=theme["theme_id"],
    ):  # fmt: skip
        assert " ".join(row["text"].split()) in shown(page)
        assert row["publisher"] is None or row["publisher"] in shown(page)


async def test_the_page_of_a_report_has_its_statements_beside_its_text(examples: Datasette) -> None:
    """Metadata, outline, every statement marked in the text once, and the original to download."""
    [report] = await ask(examples, "SELECT * FROM reports WHERE report_number = '2023/150' AND kind = 'report'")
    page = await read(examples, f"/kb/reports/{report['report_id']}")
    for expected in (report["title"], report["publisher"], "14 November 2023", "2023/150", "Apache-2.0", "11 pages"):
        assert expected in shown(page)
    statements = await ask(
        examples, "SELECT statement_id, text FROM statements WHERE report_id = :r", r=report["report_id"]
    )
    assert len(statements) > 5
    for statement in statements:
        assert page.count(f'id="{statement["statement_id"]}"') == 1
        assert f'href="#{statement["statement_id"]}"' in page
    [section] = await ask(
        examples, "SELECT title FROM sections WHERE report_id = :r AND role = 'conclusions' LIMIT 1",
        r=report["report_id"],
    )  # fmt: skip
    assert section["title"] in shown(page.split("rd-outline")[1])
    original = await examples.client.get(f"/originals/{report['document_id']}")
    assert original.status_code == 200 and original.content.startswith(b"%PDF")
    assert "attachment" in original.headers["content-disposition"]
    assert original.headers["x-content-type-options"] == "nosniff"
    later = await read(examples, f"/kb/reports/{report['report_id']}?page=9")
    assert 'id="p9"' in later and 'id="p8"' not in later


@pytest.mark.system
async def test_the_page_of_a_statement_marks_it_on_the_picture_of_its_page(examples: Datasette) -> None:
    """One rectangle per printed line, within the page; the picture is there, and nothing else can be drawn."""
    [statement] = await ask(
        examples, "SELECT * FROM statements WHERE boxes <> '[]' AND length(text) > 100 ORDER BY statement_id LIMIT 1"
    )
    page = await read(examples, f"/kb/statements/{statement['statement_id']}")
    size = re.search(r'<svg viewBox="0 0 ([\d.]+) ([\d.]+)"', page)
    assert size is not None
    rects = re.findall(r'<rect [^>]*x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"', page)
    assert len(rects) == statement["boxes"].count("[") - 1 > 1
    for x, y, width, height in rects:
        assert float(x) > 0 and float(x) + float(width) < float(size[1])
        assert float(y) > 0 and float(y) + float(height) < float(size[2])
    address = f"/pages/{statement['document_id']}/{statement['page']}.webp"
    assert f'src="{address}"' in page
    picture = await examples.client.get(address)
    assert picture.content[:4] == b"RIFF" and picture.headers["content-type"] == "image/webp"
    assert "immutable" in picture.headers["cache-control"]
    for path in (f"/pages/{statement['document_id']}/999.webp", f"/pages/{'0' * 64}/1.webp"):
        assert (await examples.client.get(path)).status_code == 404
    [text] = await ask(examples, "SELECT document_id FROM documents WHERE media_type = 'text/plain' LIMIT 1")
    assert (await examples.client.get(f"/pages/{text['document_id']}/1.webp")).status_code == 404


async def test_the_page_of_a_statement_shows_its_place_and_what_it_rests_on(examples: Datasette) -> None:
    """The words before and after stand in the report, and a link leads to the finding and back."""
    [link] = await ask(examples, "SELECT * FROM links LIMIT 1")
    [above] = await ask(examples, "SELECT * FROM statements WHERE statement_id = :s", s=link["recommendation_id"])
    page = await read(examples, f"/kb/statements/{above['statement_id']}")
    pages = await ask(examples, "SELECT text FROM pages WHERE document_id = :d ORDER BY page", d=above["document_id"])
    text = " ".join(" ".join(row["text"] for row in pages).split())
    around = shown(re.search(r'<div class="rd-context".*?</div>\s*</div>\s*</div>', page, re.DOTALL)[0])  # type: ignore[index]
    assert around in text and len(around) > len(above["text"]) + 100
    assert f'href="/kb/statements/{link["based_on_id"]}"' in page.split('id="rests-on"')[1]
    other = await read(examples, f"/kb/statements/{link['based_on_id']}")
    assert f'href="/kb/statements/{link["recommendation_id"]}"' in other.split('id="follows"')[1]


async def test_themes_are_named_in_the_language_of_the_reader(examples: Datasette) -> None:
    """In facets, chosen filters, charts, questions, and on the pages of records; the API gives both names."""
    [row] = await ask(
        examples,
        "SELECT n.*, t.statement_id, a.party_id FROM themes n JOIN statement_themes t USING (theme_id) "
        "JOIN statements s USING (statement_id) JOIN addressees a USING (statement_id) "
        "WHERE s.kind = 'recommendation' AND a.party_id IS NOT NULL ORDER BY 1, 2 LIMIT 1",
    )
    narrowed = f"/search?theme={row['theme_id']}&kind=recommendation"
    paths = (narrowed, "/questions", f"/kb/statements/{row['statement_id']}", f"/kb/parties/{row['party_id']}",
             f"/kb/themes/{row['theme_id']}")  # fmt: skip
    for path in paths:
        for language, here, elsewhere in (("en", "name_en", "name"), ("nl", "name", "name_en")):
            page = (await read(examples, path, **{"Accept-Language": language})).split("rd-columns-table")[0]
            assert row[here] in shown(page), (path, language)
            assert row[elsewhere] not in shown(page), (path, language)
    answer = (await examples.client.get(f"/api{narrowed}&facets=100")).json()
    [facet] = [facet for facet in answer["facets"]["theme"] if facet["is_chosen"]]
    assert (facet["value"], facet["label"], facet["label_en"]) == (row["theme_id"], row["name"], row["name_en"])
    by_name = await examples.client.get("/api/search", params={"theme": row["name_en"], "kind": "recommendation"})
    assert by_name.json()["total"] >= answer["total"] > 0
    for language, column in (("en", "n.name_en AS theme"), ("nl", "n.name AS theme")):
        page = await read(examples, "/-/dashboards/charts", **{"Accept-Language": language})
        assert page.count(column) == 2
        assert ("aanbeveling" in page.split("renderChart(")[1]) == (language == "nl")


async def test_a_question_is_put_in_the_language_of_the_reader(examples: Datasette) -> None:
    """Its title and its sentence, above what Datasette answers."""
    query = load_queries()["reports_that_recommend_about"]
    for language, ending in (("en", ""), ("nl", "_nl")):
        page = shown(await read(examples, "/kb/reports_that_recommend_about?theme=x", **{"Accept-Language": language}))
        assert query[f"title{ending}"] in page and query[f"description{ending}"] in page


async def test_the_page_of_a_theme_counts_what_sql_counts(examples: Datasette) -> None:
    """Statements of each kind, and by whom."""
    [theme] = await ask(examples, "SELECT theme_id FROM statement_themes GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 1")
    page = shown(await read(examples, f"/kb/themes/{theme['theme_id']}"))
    for row in await ask(
        examples,
        "SELECT s.kind, count(*) n FROM statements s JOIN statement_themes USING (statement_id) "
        "WHERE theme_id = :t GROUP BY 1",
        t=theme["theme_id"],
    ):
        assert f"{row['kind'].capitalize()}s {row['n']}" in page
    for row in await ask(
        examples,
        "SELECT r.publisher, count(*) n FROM statements s JOIN statement_themes USING (statement_id) "
        "JOIN reports r USING (report_id) WHERE theme_id = :t AND publisher IS NOT NULL GROUP BY 1",
        t=theme["theme_id"],
    ):
        assert f"{row['publisher']} {row['n']}" in page


async def test_citations_can_be_taken_along(examples: Datasette) -> None:
    """As text and as BibTeX, with the permanent address."""
    [statement] = await ask(
        examples,
        "SELECT s.statement_id, s.text, s.page, r.title, r.publisher FROM statements s JOIN reports r USING (report_id) "
        "WHERE r.report_number = '2023/150' AND s.kind = 'recommendation' AND s.page > 1 LIMIT 1",
    )
    address = f"http://localhost/kb/statements/{statement['statement_id']}"
    page = shown(await read(examples, f"/kb/statements/{statement['statement_id']}"))
    assert (
        f"{statement['publisher']}, {statement['title']} (2023/150), 14 November 2023, p. {statement['page']}: "
        f"“{' '.join(statement['text'].split())}” {address}"
    ) in page
    entry = (await examples.client.get(f"/citations/{statement['statement_id']}.bib")).text
    assert entry.startswith(f"@techreport{{rodedraad-{statement['statement_id']},") and entry.count("{") == entry.count(
        "}"
    )
    for expected in (f"title = {{{statement['title']}}}", "year = {2023}", f"pages = {{{statement['page']}}}", address):
        assert expected in entry
    assert (await examples.client.get("/citations/s0000000000000000.bib")).status_code == 404


async def test_a_picture_is_given_of_pages_with_a_quotation_only(
    published: tuple[Path, StoredOriginals], examples: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the licence is not open; the text of every page stays."""
    from datasette_config import pages_files, pages_records

    for module in (pages_files, pages_records):
        monkeypatch.setattr(module, "allows_download", _deny)
    rows = await ask(
        examples,
        "SELECT p.document_id, p.page, d.report_id, EXISTS (SELECT 1 FROM statements s WHERE s.document_id = p.document_id "
        "AND s.start_offset < p.end_offset AND s.end_offset > p.start_offset) AS is_quoted "
        "FROM pages p JOIN documents d USING (document_id) WHERE p.width > 0 AND d.media_type = 'application/pdf'",
    )
    assert {row["is_quoted"] for row in rows} == {0, 1}
    quoted, other = (next(row for row in rows if row["is_quoted"] == wanted) for wanted in (1, 0))
    for row, status in ((quoted, 200), (other, 404)):
        address = f"/pages/{row['document_id']}/{row['page']}.webp"
        assert (await examples.client.get(address)).status_code == status
        page = await read(examples, f"/kb/reports/{row['report_id']}?page={row['page']}")
        assert (f'href="{address}"' in page) == (status == 200)
        assert f'id="p{row["page"]}"' in page


async def test_slow_drawings_do_not_block_searches(
    published: tuple[Path, StoredOriginals], examples: Datasette, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many pages that are not ready keep nobody waiting but those who want to see them."""
    release = threading.Event()

    def draw_slowly(*_: Any) -> bytes:
        release.wait(30)
        return b"RIFF"

    monkeypatch.setattr(published[1], "render_page", draw_slowly)
    rows = await ask(examples, "SELECT DISTINCT document_id, page FROM statements WHERE boxes <> '[]' LIMIT 12")
    assert len(rows) > 4  # more than there are threads that search
    waiting = [
        asyncio.create_task(examples.client.get(f"/pages/{row['document_id']}/{row['page']}.webp")) for row in rows
    ]
    await asyncio.sleep(0.1)
    found = await asyncio.wait_for(examples.client.get("/api/search?q=dijk&mode=lexical"), 20)
    assert found.status_code == 200 and not any(task.done() for task in waiting)
    release.set()
    assert {(await task).status_code for task in waiting} == {200}


def _deny(_licence: str | None) -> bool:
    return False


def test_an_address_cannot_end_the_field_of_a_citation() -> None:
    """Braces, quotation marks, backslashes, spaces and line ends are written in percent signs; the rest stays."""
    report = {"origin": 'https://verzonnen.example/a b}\n{\\x"?q=50%25&c=~_#é', "title": "T"}
    statement = {"report": report, "statement_id": "s1", "text": "Woorden.", "page": 1}
    entry = cite_as_bibtex(statement, address="https://hier.example/kb/statements/s1", t=load_messages("en"))
    assert "url = {https://verzonnen.example/a%20b%7D%0A%7B%5Cx%22?q=50%25&c=~_#%C3%A9}," in entry


async def test_originals_without_an_open_licence_stay_here(
    tmp_path: Path, serve_site: Callable[..., Datasette]
) -> None:
    """Where the source states no licence there is no download, only the link to the publisher."""
    from served_sites import publish

    served = serve_site(publish(tmp_path))
    [report] = (await served.client.get("/kb/reports.json?_shape=array&_size=1")).json()
    page = (await served.client.get(f"/kb/reports/{report['report_id']}")).text
    assert f'href="{report["origin"]}"' in page and "/originals/" not in page
    assert (await served.client.get(f"/originals/{report['document_id']}")).status_code == 404
