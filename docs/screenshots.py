"""Takes the pictures of the pages in `docs/images/`.

    python docs/screenshots.py

Ingests the invented examples into a temporary home, serves them on a free port, and drives Debian's Chromium.
"""

from __future__ import annotations

import shutil
import sys
import urllib.parse

from playwright.sync_api import sync_playwright
from served_examples import ROOT, fetch_json, serve_examples

IMAGES = ROOT / "docs" / "images"
STATEMENT = (
    "SELECT '/kb/statements/' || statement_id AS path FROM statements WHERE kind = 'recommendation' AND report_id IN "
    "(SELECT report_id FROM reports WHERE report_number = '2023/150') AND statement_id IN "
    "(SELECT recommendation_id FROM links) AND page > 1 AND boxes <> '[]' ORDER BY position LIMIT 1"
)
REPORT = (
    "SELECT '/kb/reports/' || report_id || '?page=9' AS path FROM reports "
    "WHERE report_number = '2023/150' AND kind = 'report'"
)
PARTY = (
    "SELECT '/kb/parties/' || party_id AS path FROM addressees WHERE party_id LIKE 'nl-ministry%' GROUP BY party_id "
    "ORDER BY count(*) DESC LIMIT 1"
)
WIDE, PHONE = (1200, 900), (375, 812)
PAGES = {
    "home": ("/", "en", WIDE),
    "search": ("/search?q=vaste+contactpersoon", "en", WIDE),
    "statement": (STATEMENT, "en", (1200, 1300)),
    "statement-phone": (STATEMENT, "nl", PHONE),
    "report": (REPORT, "en", (1200, 1100)),
    "party": (PARTY, "nl", WIDE),
    "charts": ("/-/dashboards/charts", "en", (1200, 1300)),
    "query": ("/kb/recommended_to_since_about?addressee=&since=2020&about=", "en", WIDE),
}
"""Per picture an address, or SQL that gives one, with the language of the browser and the size of the window."""
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]


def main() -> int:
    """Take all pictures; returns 2 where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("screenshots: found no chromium, expected Debian's; apt-get install chromium\n")
        return 2
    with serve_examples() as address:
        take_pictures(chromium, address)
    return 0


def take_pictures(chromium: str, address: str) -> None:
    """Write one PNG per page."""
    IMAGES.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        for name, (place, language, (width, height)) in PAGES.items():
            page = browser.new_page(viewport={"width": width, "height": height}, locale=language)
            page.goto(address + (find_path(address, place) if place.startswith("SELECT") else place))
            page.wait_for_load_state("networkidle")
            page.screenshot(path=IMAGES / f"{name}.png")
            page.close()
        browser.close()


def find_path(address: str, query: str) -> str:
    """Return the path that `query` finds in the served knowledge base."""
    asked = urllib.parse.urlencode({"sql": query, "_shape": "array"})
    return str(fetch_json(f"{address}/kb.json?{asked}")[0]["path"])


if __name__ == "__main__":
    sys.exit(main())
