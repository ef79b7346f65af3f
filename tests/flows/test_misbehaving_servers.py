"""One run against a real server that misbehaves on purpose: each case has its row, and none stops the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from invented_pdfs import make_pdf
from web_servers import Answer, Handler, body, in_turn, raw, redirect, serve

from flows.adapters.urls import Adapter as Urls
from flows.fetch_journal import open_fetcher
from flows.ingestion import SourceSummary
from flows.settings import Settings
from flows.source_ingestion import ingest_source, make_intake
from flows.sources import Source
from flows.workers import Workers
from warehouse.store import Warehouse

pytestmark = pytest.mark.system

PDF = make_pdf(["Verzonnen rapport over de pont", "", "5 Aanbevelingen", "1. Laat de pont elke dag varen."])
LARGE = 300_000_000
ROBOTS = b"User-agent: *\nDisallow: /verboden/\n"


def report(number: int) -> bytes:
    return f"# Verzonnen rapport {number}\n\n## Aanbevelingen\n\n1. Houd pont {number} in de vaart.\n".encode()


def endless(handler: Handler) -> None:
    """Send 300 MB without saying how much it is."""
    handler.close_connection = True
    handler.send_response(200)
    handler.send_header("Content-Type", "application/pdf")
    handler.end_headers()
    try:
        for _ in range(LARGE // 1_000_000):
            handler.wfile.write(b"%PDF-1.7\n" + b"x" * 999_991)
    except OSError:
        pass  # the client has left, as it should


PDF_HEADERS = {"Content-Type": "application/pdf"}
CASES: dict[str, Answer] = {
    "/traag.pdf": raw(*[b"%PDF-1.7 "] * 400, headers=PDF_HEADERS, pause=0.05),
    "/hangt.pdf": raw(b"%PDF-1.7", headers=PDF_HEADERS, hang=5),
    "/druk.md": in_turn(body(b"", status=429, Retry_After="1"), body(report(1), "text/markdown")),
    "/twee-keer-500.md": in_turn(*[body(b"", status=500)] * 2, body(report(2), "text/markdown")),
    "/altijd-503.pdf": body(b"", status=503),
    "/afgebroken.pdf": raw(PDF[:500], headers={**PDF_HEADERS, "Content-Length": str(len(PDF))}),
    "/te-korte-lengte.pdf": raw(PDF, headers={**PDF_HEADERS, "Content-Length": str(len(PDF) - 400)}),
    "/te-lange-lengte.pdf": raw(PDF, headers={**PDF_HEADERS, "Content-Length": str(len(PDF) + 400)}, hang=5),
    "/rondje.pdf": redirect("/rondje.pdf"),
    "/naar-binnen.pdf": redirect("http://169.254.169.254/latest/meta-data"),
    "/naar-lus.pdf": redirect("http://127.0.0.2/x.pdf"),
    "/naar-bestand.pdf": redirect("file:///etc/passwd"),
    "/naar-niets.pdf": redirect("http://["),
    "/druk-zonder-einde.pdf": body(b"", status=429, Retry_After="Mon, 01 Jan 99999999999999999999 00:00:00 GMT"),
    "/vreemde-datum.md": body(report(4), "text/markdown", Last_Modified="Fri, 31 Dec 9999 23:59:59 -99999999999999999"),
    "/vreemde-naam.md": body(report(5), "text/markdown", Content_Disposition='attachment; filename="a%00b.m%00d"'),
    "/verboden/rapport.pdf": body(PDF),
    "/omweg.pdf": redirect("/verboden/rapport.pdf"),
    "/groot.pdf": raw(b"%PDF", headers={**PDF_HEADERS, "Content-Length": str(LARGE)}),
    "/groot-zonder-lengte.pdf": endless,
    "/eigenlijk-html.pdf": body(b"<!doctype html><html><body><h1>Log in</h1></body></html>"),
    "/niet-gevonden.pdf": body(b"<!doctype html><html><body><h1>Fout</h1></body></html>", "text/html"),
    "/plaatje.png": body(b"\x89PNG\r\n\x1a\n", "image/png"),
    "/leeg.pdf": body(b""),
    "/kapot-gzip.md": body(b"no gzip at all", "text/markdown", Content_Encoding="gzip"),
    "/goed.md": body(report(3), "text/markdown"),
    "/goed.pdf": body(PDF),
}


@dataclass(frozen=True)
class Run:
    """What one run left: its rows by path, its problems by path, and its outcomes."""

    rows: dict[str, dict[str, Any]]
    problems: dict[str, str]
    summary: SourceSummary
    asked: list[str]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """All cases as the addresses of one source, in one run."""
    settings = Settings(
        home=tmp_path_factory.mktemp("home"),
        model="hashing",
        allowed_networks="127.0.0.1/32",
        fetch_delay=0,
        fetch_backoff=0.01,
        fetch_timeout=2.4,
        fetch_max_wait=2,
        max_bytes=5_000_000,
        _env_file=None,
    )  # type: ignore[call-arg]
    with serve(CASES) as site, Warehouse.open(settings.warehouse_path) as warehouse:
        site.answers["/robots.txt"] = body(ROBOTS, "text/plain")
        source = Source(
            source_id="lastig",
            publisher="Verzonnen",
            language="nl",
            expect_at_least=1,
            adapter_name="urls",
            adapter=Urls(addresses=tuple(site.url + path for path in CASES)),
            folder=settings.home,
        )
        with open_fetcher(settings, warehouse) as fetcher, Workers(settings, 0) as workers:
            summary = ingest_source(
                source,
                warehouse=warehouse,
                settings=settings,
                fetcher=fetcher,
                intake=make_intake(warehouse, settings, workers),
                advance=lambda name: None,
            )
        columns = "url, status, attempt_count, byte_count, outcome, reason, message, document_id"
        found = warehouse.query(f"SELECT {columns} FROM fetches WHERE purpose = 'document'")
        rows = [dict(zip(columns.split(", "), row, strict=True)) for row in found]
        yield Run(
            {row["url"].removeprefix(site.url): row for row in rows},
            {p.address.removeprefix(site.url): p.reason for p in warehouse.list_problems()},
            summary,
            site.paths(),
        )


@pytest.mark.parametrize(
    ("path", "attempts", "status", "reason", "words"),
    [
        ("/traag.pdf", 1, 200, "too_slow", "took longer than 2.4 seconds"),
        ("/hangt.pdf", 3, 200, "too_slow", "nothing came for 0.8 seconds, after 8 bytes"),
        ("/altijd-503.pdf", 3, 503, "http_status", "answered 503, expected 200, 3 times"),
        ("/afgebroken.pdf", 3, 200, "truncated", "broke off after 500 bytes of"),
        ("/te-korte-lengte.pdf", 1, 200, "incomplete", "without the mark of its end"),
        ("/te-lange-lengte.pdf", 3, 200, "too_slow", "nothing came for 0.8 seconds"),
        ("/rondje.pdf", 1, 302, "too_many_redirects", "more than 5 redirects"),
        ("/naar-binnen.pdf", 1, 302, "private_address", "169.254.169.254"),
        ("/naar-lus.pdf", 1, 302, "private_address", "127.0.0.2"),
        ("/naar-bestand.pdf", 1, 302, "bad_address", "file:///etc/passwd: found no http or https address"),
        ("/naar-niets.pdf", 1, 302, "bad_address", "http://[: found no http or https address"),
        ("/druk-zonder-einde.pdf", 3, 429, "http_status", "answered 429, expected 200, 3 times"),
        ("/verboden/rapport.pdf", 0, None, "robots", "robots.txt forbids RodeDraad"),
        ("/omweg.pdf", 1, 302, "robots", "robots.txt forbids RodeDraad"),
        ("/groot.pdf", 1, 200, "too_large", "found 300000000 bytes"),
        ("/groot-zonder-lengte.pdf", 1, 200, "too_large", "found more than 5000000 bytes"),
        ("/eigenlijk-html.pdf", 1, 200, "wrong_type", "found HTML, against a PDF"),
        ("/niet-gevonden.pdf", 1, 200, "wrong_type", "found HTML, against a PDF"),
        ("/plaatje.png", 1, 200, "wrong_type", "found image/png"),
        ("/leeg.pdf", 1, 200, "empty", "empty answer"),
        ("/kapot-gzip.md", 3, 200, "truncated", "broke off"),
    ],
)
def test_a_failure_has_its_row_and_its_problem(
    run: Run, path: str, attempts: int, status: int | None, reason: str, words: str
) -> None:
    """The row says how often it was tried, with which answer, and why it failed; a problem says the same."""
    row = run.rows[path]
    assert (row["outcome"], row["reason"], row["status"], row["attempt_count"]) == ("failed", reason, status, attempts)
    assert words in row["message"]
    assert run.problems[path] == reason


@pytest.mark.parametrize(
    ("path", "attempts"),
    [
        *[("/druk.md", 2), ("/twee-keer-500.md", 3), ("/goed.md", 1), ("/goed.pdf", 1)],
        *[("/vreemde-datum.md", 1), ("/vreemde-naam.md", 1)],
    ],
)
def test_what_passes_is_taken_in(run: Run, path: str, attempts: int) -> None:
    """A server that was busy or broken for a moment is asked again, and its document is taken in like the others."""
    row = run.rows[path]
    assert (row["outcome"], row["attempt_count"]) == ("new", attempts)
    assert row["document_id"]
    assert path not in run.problems


def test_no_case_stops_the_others(run: Run) -> None:
    """Every address has a row and an outcome; the run of the source ended well, with its failures counted."""
    assert set(run.rows) == set(CASES)
    assert (run.summary.count("new"), run.summary.count("failed")) == (6, len(CASES) - 6)
    assert run.summary.failure is None


def test_nothing_too_large_is_kept(run: Run) -> None:
    """Of 300 MB no more was taken than the limit and one chunk."""
    assert run.rows["/groot.pdf"]["byte_count"] == 0
    assert run.rows["/groot-zonder-lengte.pdf"]["byte_count"] < 6_000_000


def test_what_robots_forbid_is_never_asked(run: Run) -> None:
    """The forbidden address was asked neither directly nor by the redirect that leads there."""
    assert "/omweg.pdf" in run.asked
    assert "/verboden/rapport.pdf" not in run.asked
