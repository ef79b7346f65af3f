"""Text from reports is text on every page: no HTML, script, formula, template or SQL in it does anything."""

from __future__ import annotations

import dataclasses
import html
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path

import pytest
from datasette.app import Datasette
from invented_extractions import make_extraction
from served_sites import publish

from extractors.records import Addressee, Deadline, Extraction, Response

SCRIPT = "<script>alert('kwaad')</script>"
IMAGE = '"><img src=x onerror=alert(1)>'
FORMULA = '=HYPERLINK("http://kwaad.example";"klik") +1 @SUM(1+1) {{ 7 * 7 }} {% raw %} ${7*7}'
SQL = "'; DROP TABLE statements; -- %00 </textarea></pre></title>"


def make_hostile() -> Extraction:
    """Return an extraction with something hostile in every text that a page shows."""
    extraction = make_extraction(
        f"Bevinding {SCRIPT} en {IMAGE}.",
        f"Aanbeveling {FORMULA} {SQL}.",
        name=f"Titel {SCRIPT}{IMAGE}",
        publisher=f"Uitgever {IMAGE}",
    )
    finding, advice = extraction.statements
    advice = dataclasses.replace(
        advice,
        label=f"Label {SCRIPT}",
        section=f"Kop {IMAGE}",
        addressees=(
            Addressee(f"Instantie {SCRIPT}"),
            Addressee(f"de dienst {IMAGE}", "nl-kwaad", f"Dienst {SCRIPT}", "agency"),
        ),
        deadline=Deadline(f"voor {SCRIPT}"),
    )
    answer = extraction.document.text[:20]
    return dataclasses.replace(
        extraction,
        statements=(finding, advice),
        report=dataclasses.replace(
            extraction.report, subtitle=f"Onder {IMAGE}", report_number=f"1 {SCRIPT}", cases=(f"Zaak {IMAGE}",)
        ),
        responses=(Response(f"Label {SCRIPT}", "accepted", answer, 0, 20, 1),),
    )


@pytest.fixture(scope="module")
def hostile_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site of two hostile reports, so that each is similar to the other."""
    other = make_extraction(f"Bevinding {SCRIPT} en {IMAGE}.", name=f"Nog een {SCRIPT}")
    return publish(tmp_path_factory.mktemp("hostile"), make_hostile(), other)


class Elements(HTMLParser):
    """What a browser makes of a page: scripts, handlers of events, and pictures that the hostile text asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[str] = []
        self.handlers: list[str] = []
        self.loaded_from_x = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handlers += [f"{tag} {name}" for name, _ in attrs if name.startswith("on")]
        self.loaded_from_x += ("src", "x") in attrs
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script":
            self.scripts[-1] += data


PATHS = (
    "/",
    "/search",
    "/search?q=bevinding",
    f"/search?q={SCRIPT}",
    f"/search?q=a&publisher={IMAGE}&kind={SCRIPT}",
    f"/search?q=a&mode={SCRIPT}",
    f"/search?q=a&sort={IMAGE}",
    "/kb/statements/{finding}",
    "/kb/statements/{advice}",
    "/kb/reports/{report}",
    "/kb/reports/{report}?page=<script>alert(1)</script>",
    "/kb/parties/nl-kwaad",
    "/kb/statements",
    "/kb/reports",
    "/kb/recommendations",
    "/kb/parties",
    "/kb/recommended_to_since_about?addressee=&since=&about=",
    "/kb/recommended_to_since_about?addressee=<script>alert(1)</script>&since=x&about='",
    "/-/dashboards/charts",
    f"/-/dashboards/charts?publisher=Uitgever {IMAGE}",
    f"/-/dashboards/charts?kind=</script>{SCRIPT}",
    "/kb/statements/<script>alert(1)",
    f"/niets/{SCRIPT}",
    "/api/docs",
)


@pytest.mark.parametrize("language", ["en", "nl"])
async def test_hostile_text_is_shown_as_text(
    hostile_site: Path, serve_site: Callable[..., Datasette], language: str
) -> None:
    """Nothing of it becomes an element, an attribute, a template or a query; the words are all there to read."""
    served = serve_site(hostile_site)
    rows = (await served.client.get("/kb/statements.json?_shape=array")).json()
    ids = {
        "finding": next(row["statement_id"] for row in rows if row["kind"] == "finding"),
        "advice": next(row["statement_id"] for row in rows if row["kind"] == "recommendation"),
    }
    ids["report"] = next(row["report_id"] for row in rows if row["statement_id"] == ids["advice"])
    for path in PATHS:
        page = await served.client.get(
            path.format(**ids) if "{" in path else path, headers={"Accept-Language": language}
        )
        assert page.status_code in (200, 302, 400, 404), path
        elements = Elements()
        elements.feed(page.text)
        assert elements.loaded_from_x == 0 and elements.handlers == [], path
        assert not [script for script in elements.scripts if script.lstrip().startswith("alert(")], path
        assert "<script>alert" not in page.text, path
    advice = await served.client.get(f"/kb/statements/{ids['advice']}")
    words = html.unescape(re.sub(r"<[^>]+>", "", advice.text))
    for part in (
        f"Aanbeveling {FORMULA} {SQL}.",
        f"Label {SCRIPT}",
        f"Kop {IMAGE}",
        f"Instantie {SCRIPT}",
        "{{ 7 * 7 }}",
    ):
        assert part in words, part
    assert "49" not in re.findall(r"Aanbeveling [^<]*", advice.text)[0]
    bibtex = (await served.client.get(f"/citations/{ids['advice']}.bib")).text
    assert r"\{\{ 7 * 7 \}\}" in bibtex and r"\$\{7*7\}" in bibtex
    assert len((await served.client.get("/kb/statements.json?_shape=array")).json()) == len(rows)
