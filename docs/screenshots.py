"""Takes the pictures of the pages in `docs/images/` and writes the answer of the README's search into the README.

    python docs/screenshots.py

Ingests the invented examples into a temporary home, serves them on a free port, and drives Debian's Chromium.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
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
    "home-nl": ("/", "nl", WIDE),
    "search": ("/search?q=vaste+contactpersoon", "en", WIDE),
    "statement": (STATEMENT, "en", (1200, 1300)),
    "statement-phone": (STATEMENT, "nl", PHONE),
    "report": (REPORT, "en", (1200, 1100)),
    "party": (PARTY, "nl", WIDE),
    "charts": ("/-/dashboards/charts", "en", (1200, 1300)),
    "query": ("/kb/recommended_to_since_about?addressee=&since=2020&about=", "en", WIDE),
    "statements": ("/kb/statements", "en", WIDE),
    "api": ("/api/docs", "en", WIDE),
}
"""Per picture an address, or SQL that gives one, with the language of the browser and the size of the window."""
QUESTION = "/api/search?q=one+permanent+contact+person&kind=recommendation&limit=1"
BEGIN, END = "<!-- answer:begin -->", "<!-- answer:end -->"
START_SECONDS = 60
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]


def main() -> int:
    """Take all pictures; returns 2 where there is no Chromium."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.stderr.write("screenshots: found no chromium, expected Debian's; apt-get install chromium\n")
        return 2
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="rodedraad-pictures-") as home:
        environment = {**os.environ, "RODEDRAAD_HOME": home}
        command = [sys.executable, "-m", "flows.cli"]
        subprocess.run([*command, "ingest", "examples/reports"], cwd=ROOT, env=environment, check=False)
        server = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT, env=environment)
        try:
            wait_for(f"{address}/api/health")
            take_pictures(chromium, address)
            write_answer(f"{address}{QUESTION}")
        finally:
            server.terminate()
            server.wait()
    return 0


def wait_for(url: str) -> None:
    """Return when the server is ready to encode questions; raises `TimeoutError` after a minute."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url) as answer:  # noqa: S310 - an address on this machine
                if json.load(answer)["encoder"]["state"] == "ready":
                    return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{url}: no answer within {START_SECONDS} seconds")


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
    with urllib.request.urlopen(f"{address}/kb.json?{asked}") as answer:  # noqa: S310 - an address on this machine
        return str(json.load(answer)[0]["path"])


def write_answer(url: str) -> None:
    """Write what the README's search answers between its markers."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - an address on this machine
        shown = json.dumps(json.load(answer), ensure_ascii=False, indent=1)
    path = ROOT / "README.md"
    before, rest = path.read_text(encoding="utf-8").split(BEGIN)
    path.write_text(f"{before}{BEGIN}\n```json\n{shown}\n```\n{END}{rest.split(END)[1]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
