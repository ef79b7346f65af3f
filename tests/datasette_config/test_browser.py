"""Our pages in a browser: Debian's Chromium, driven by Playwright, over the bundled examples."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from example_sites import publish_examples
from served_sites import HashedWords

from datasette_config.registry import get_service
from datasette_config.server import make_app

CHROMIUM = shutil.which("chromium")
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PATIENCE = 20_000

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium here; apt-get install chromium"),
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The examples on a port of this machine."""
    site_dir, originals = publish_examples(tmp_path_factory.mktemp("browsed"))
    datasette, app = make_app(site_dir, load_encoder=HashedWords, originals=originals)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    thread = threading.Thread(target=asyncio.run, args=(server.serve(sockets=[listener]),), daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(timeout=10)
    get_service(datasette).close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser without windows."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def open_page(browser: Any, address: str) -> Iterator[Any]:
    """Return a function that opens a path of the site, and fails when the page loads anything from elsewhere."""
    contexts = []

    def open_path(path: str, *, locale: str = "en-GB", width: int = 1200, **options: Any) -> Any:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=locale, base_url=address, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("request", lambda request: foreign.append(request.url) if not request.url.startswith(address) else None)
        page.goto(path)
        return page

    foreign: list[str] = []
    yield open_path
    for context in contexts:
        context.close()
    assert not [url for url in foreign if not url.startswith("data:")]


def test_search_open_mark_facet_and_export(open_page: Any) -> None:
    """Search, follow a facet, open a result, see the marked words on the picture of the page, and export."""
    page = open_page("/")
    page.get_by_role("searchbox").fill("voorschot")
    page.get_by_role("button", name="Search").click()
    page.wait_for_url("**/search?q=voorschot*")
    assert page.locator(".rd-result mark").first.inner_text().lower().startswith("voorschot")
    before = page.get_by_role("status").inner_text()

    page.get_by_role("complementary", name="Filters").get_by_role("link", name="recommendation").click()
    page.wait_for_url("**kind=recommendation*")
    assert page.get_by_role("status").inner_text() != before
    assert {tag.lower() for tag in page.locator(".rd-kind").all_inner_texts()} == {"recommendation"}

    page.locator('.rd-result:has-text("page 9") .rd-quote a').first.click()
    page.wait_for_url("**/kb/statements/s*")
    picture = page.locator(".rd-page-frame img")
    picture.scroll_into_view_if_needed()
    page.wait_for_function(
        "() => { const i = document.querySelector('.rd-page-frame img'); return i.complete && i.naturalWidth > 500 }"
    )
    frame = picture.bounding_box()
    for mark in page.locator(".rd-page-frame .rd-mark").all():
        box = mark.bounding_box()
        assert frame["x"] < box["x"] and box["x"] + box["width"] < frame["x"] + frame["width"]
        assert frame["y"] < box["y"] and box["y"] + box["height"] < frame["y"] + frame["height"]
        assert box["height"] > 5 and box["width"] > 20
    words = page.locator(".rd-quote-main").inner_text()
    assert "voorschot" in words and words in page.locator(".rd-context mark").inner_text().replace("\n", " ")

    page.get_by_role("link", name="Read on in the report").click()
    page.wait_for_url("**/kb/reports/r*#s*")
    assert page.locator("mark:target").inner_text().replace("\n", " ") == words
    with page.expect_download() as download:
        page.get_by_role("link", name="Statements as CSV").evaluate("link => link.setAttribute('download', '')")
        page.get_by_role("link", name="Statements as CSV").click()
    assert words in download.value.path().read_text("utf-8").replace("\n", " ")


def test_the_marks_lie_on_the_words(open_page: Any) -> None:
    """Under each mark the picture has ink, and behind the last word it has none: the marks are where the words are."""
    page = open_page("/search?q=voorschot&kind=recommendation")
    page.locator('.rd-result:has-text("page 9") .rd-quote a').first.click()
    page.locator(".rd-page-frame img").scroll_into_view_if_needed()
    ink = page.evaluate(
        """async () => {
            const image = document.querySelector('.rd-page-frame img');
            await image.decode();
            const canvas = document.createElement('canvas');
            canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
            const paper = canvas.getContext('2d');
            paper.drawImage(image, 0, 0);
            const [, , width, height] = document.querySelector('.rd-page-frame svg').getAttribute('viewBox').split(' ').map(Number);
            const dark = (x, y, w, h) => {
                const across = canvas.width / width, down = canvas.height / height;
                const data = paper.getImageData(x * across, y * down, w * across, h * down).data;
                let count = 0;
                for (let i = 0; i < data.length; i += 4) if (data[i] < 128) count++;
                return count / (data.length / 4);
            };
            return [...document.querySelectorAll('.rd-mark')].map(mark => {
                const [x, y, w, h] = ['x', 'y', 'width', 'height'].map(name => Number(mark.getAttribute(name)));
                return [dark(x + 2, y + 2, w - 4, h - 4), dark(x + w + 1, y, 10, h)];
            });
        }"""
    )
    assert len(ink) > 1
    assert all(within > 0.03 for within, _ in ink), ink
    assert ink[-1][1] < 0.005, ink


def test_the_search_works_without_scripts_and_by_keyboard(open_page: Any) -> None:
    """Tab reaches the box and the filters, Enter follows them; JavaScript is off."""
    page = open_page("/search", java_script_enabled=False)
    page.get_by_role("searchbox").focus()
    page.keyboard.type("regeling")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=regeling*")
    reached = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.getAttribute('href') || ''"))
    assert any("kind=" in href for href in reached) and any("/kb/statements/" in href for href in reached)
    page.get_by_role("complementary", name="Filters").get_by_role("link").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search\\?.*(kind|publisher|year)="))
    page.go_back()
    assert "q=regeling" in page.url


def test_the_pages_speak_dutch_to_a_dutch_browser(open_page: Any) -> None:
    """And the switch leads to English and stays there."""
    page = open_page("/", locale="nl-NL")
    assert page.locator("html").get_attribute("lang") == "nl"
    assert page.get_by_role("button", name="Zoek").is_visible()
    page.get_by_role("link", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("link", name="Search", exact=True).click()
    assert page.locator("html").get_attribute("lang") == "en"


def test_charts_are_drawn_and_filtered(open_page: Any) -> None:
    """Each chart shows something, by a filter as well, without anything from the internet."""
    page = open_page("/-/dashboards/charts", locale="nl-NL")
    charts = page.locator(".rd-chart").count()
    assert charts >= 4
    page.wait_for_function(f"document.querySelectorAll('.rd-canvas svg.marks').length === {charts}")
    page.get_by_label("Soort").select_option("recommendation")
    page.get_by_role("button", name="Toon").click()
    page.wait_for_url("**kind=recommendation*")
    page.wait_for_function(f"document.querySelectorAll('.rd-canvas svg.marks').length === {charts}")
    page.get_by_role("link", name="Als tabel, CSV of JSON Uitspraken per jaar").click()
    page.wait_for_url("**/kb?sql=*")
    page.locator("td.col-kind").first.wait_for()
    kinds = {text.strip() for text in page.locator("td.col-kind").all_inner_texts()}
    assert kinds == {"recommendation"}


def paths_of(page: Any) -> dict[str, str]:
    """Return our pages: one path of each sort."""
    find = page.request.get
    rows = {
        name: find("/kb.json", params={"sql": query, "_shape": "array"}).json()[0]["id"]
        for name, query in {
            "statement": "SELECT statement_id id FROM statements WHERE boxes <> '[]' AND statement_id IN "
                         "(SELECT recommendation_id FROM links) LIMIT 1",
            "report": "SELECT report_id id FROM statements GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
            "answer": "SELECT report_id id FROM responses LIMIT 1",
            "party": "SELECT party_id id FROM addressees WHERE party_id IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
            "theme": "SELECT theme_id id FROM statement_themes GROUP BY 1 ORDER BY count(*) DESC LIMIT 1",
        }.items()
    }  # fmt: skip
    return {
        "home": "/",
        "search": "/search",
        "found": "/search?q=regeling&kind=recommendation",
        "nothing": "/search?q=%22zzz+yyy%22&mode=lexical",
        "wrong": "/search?q=a%00",
        "statement": f"/kb/statements/{rows['statement']}",
        "report": f"/kb/reports/{rows['report']}",
        "answer": f"/kb/reports/{rows['answer']}",
        "party": f"/kb/parties/{rows['party']}",
        "theme": f"/kb/themes/{rows['theme']}",
        "missing": "/kb/statements/s0000",
        "charts": "/-/dashboards/charts",
        "questions": "/questions",
        "status": "/status",
        "api": "/api/docs",
    }


@pytest.mark.parametrize(("locale", "width"), [("en-GB", 1200), ("nl-NL", 375)])
def test_our_pages_are_accessible(open_page: Any, locale: str, width: int) -> None:
    """axe-core finds no violation of WCAG 2.1 A and AA, and on a phone nothing is wider than the screen."""
    from axe_playwright_python.sync_playwright import Axe

    page = open_page("/", locale=locale, width=width)
    rules = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
    for name, path in paths_of(page).items():
        page.goto(path)
        if page.locator("details.rd-columns-table").count():
            page.locator("details.rd-columns-table > summary").click()
        found = Axe().run(page, options=rules).response["violations"]
        faults = {rule["id"]: [node["html"][:300] for node in rule["nodes"][:3]] for rule in found}
        assert not faults, f"{name} ({locale}): {json.dumps(faults, indent=1)}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
