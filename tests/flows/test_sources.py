"""The file of sources: what it may say, and what it says about mistakes; presets; the commands that look at sources."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from invented_sources import make_report, make_settings, make_source, rows, run_source
from typer.testing import CliRunner
from web_servers import Site, body, serve

from flows.cli import app
from flows.errors import InvalidSources
from flows.source_check import check_source
from flows.sources import choose_sources, load_presets, load_sources

ROOT = Path(__file__).resolve().parents[2]
GOOD = """
[source.bron]
publisher = "Verzonnen"
language = "nl"
expect_at_least = 2
feed.url = "https://bron.example.org/rss"
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "sources.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as site:
        yield site


def test_the_example_file_shows_every_adapter() -> None:
    """examples/sources.toml is valid and has a source of each kind."""
    sources = load_sources(ROOT / "examples" / "sources.toml")
    assert {source.adapter_name for source in sources} == {
        "feed", "folder", "json", "listing", "sitemap", "sru", "urls",
    }  # fmt: skip


def test_a_source_has_defaults(tmp_path: Path) -> None:
    """What is not given has a sensible value."""
    [source] = load_sources(write(tmp_path, GOOD))
    assert (source.source_id, source.kind, source.schedule, source.time_zone) == (
        "bron", "report", None, "Europe/Amsterdam",
    )  # fmt: skip
    assert source.folder == tmp_path.resolve()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found no sources"),
        ("[source", "found no TOML file"),
        ("titel = 1\n" + GOOD, "found titel beside the sources"),
        (GOOD.replace("bron]", "Bron_1]"), "source Bron_1: found that name"),
        (GOOD.replace("bron]", "all]"), "source all: found that name"),
        (GOOD.replace("feed.url", "feeds.url"), "source bron: found no adapter, against one table"),
        (GOOD + 'folder.path = "x"\n', "found feed and folder"),
        (GOOD.replace("publisher", "uitgever"), "source bron: found no publisher, which is needed"),
        (GOOD + "tempo = 3\n", "source bron: found tempo, which is no setting"),
        (GOOD + 'source_id = "x"\n', "found source_id, which is no setting"),
        (GOOD + 'schedule = "elke dag"\n', "against five fields"),
        (GOOD + 'schedule = "0 0 5 * * *"\n', "against five fields"),
        (GOOD + 'time_zone = "Amsterdam"\n', "found no time zone"),
        (GOOD.replace("= 2", "= 0"), "expect_at_least = 0"),
        (GOOD.replace('"nl"', '"Nederlands"'), "language = 'Nederlands'"),
        (GOOD.replace("https:", "ftp:"), "feed.url = 'ftp://bron.example.org/rss': found no web address"),
        (GOOD + 'feed.uri = "x"\n', "found feed.uri, which is no setting"),
        (GOOD + 'time_zone = "Europe"\n', "found no time zone"),
        (GOOD + 'preset = ["nao"]\n', "found the preset ['nao'], against one of"),
        (GOOD + "recheck_days = 1e12\n", "recheck_days = 1000000000000.0"),
        (GOOD + "delay_seconds = inf\n", "delay_seconds = inf"),
        (GOOD.replace("= 2", "= " + "9" * 5000), "found no TOML file"),
        (GOOD + 'preset = "geen"\n', "found the preset 'geen', against one of"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    """The message names the file, the source, the setting, what was found and what is expected."""
    with pytest.raises(InvalidSources) as caught:
        load_sources(write(tmp_path, text))
    assert words in str(caught.value)
    assert str(tmp_path) in str(caught.value)


def test_a_missing_file_says_where_to_begin(tmp_path: Path) -> None:
    """The message names the example and the setting."""
    with pytest.raises(InvalidSources, match=r"copy examples/sources\.toml"):
        load_sources(tmp_path / "sources.toml")


def test_sources_are_chosen_by_id_or_all(tmp_path: Path) -> None:
    """Each once, in the order asked; a slip of the pen is recognised."""
    sources = load_sources(write(tmp_path, GOOD + GOOD.replace("bron]", "tweede]")))
    assert [s.source_id for s in choose_sources(sources, ["tweede", "bron", "tweede"])] == ["tweede", "bron"]
    assert len(choose_sources(sources, ["all"])) == 2
    with pytest.raises(InvalidSources, match="did you mean tweede"):
        choose_sources(sources, ["twede"])


# --- presets -----------------------------------------------------------------------------------------------------------


def test_presets_say_how_they_were_verified() -> None:
    """Each preset is valid, has a schedule and a homepage, and says when and how it was verified."""
    presets = load_presets()
    assert len(presets) >= 8
    for preset in presets:
        assert preset.homepage, preset.source_id
        assert preset.schedule, preset.source_id
        assert preset.verified is not None
        assert "against the live site" in preset.verified, preset.source_id
        assert preset.licence, preset.source_id


def test_a_preset_can_be_taken_over_and_changed(tmp_path: Path) -> None:
    """What the file gives replaces the preset's, also inside the table of the adapter."""
    preset = load_presets()[0]
    text = f'[source.{preset.source_id}]\npreset = "{preset.source_id}"\nexpect_at_least = 1\n'
    [source] = load_sources(write(tmp_path, text))
    assert source.expect_at_least == 1
    assert source.adapter == preset.adapter
    assert source.publisher == preset.publisher


# --- check -------------------------------------------------------------------------------------------------------------


def test_a_check_finds_a_source_as_described(tmp_path: Path, site: Site) -> None:
    """It reads the listing, a few pages with documents and the first document, and keeps nothing."""
    links = "".join(f'<a href="/p/{i}">{i}</a>' for i in range(9))
    site.answers["/lijst"] = body(links.encode(), "text/html")
    for i in range(9):
        site.answers[f"/p/{i}"] = body(f'<a href="/{i}.md">Download</a>'.encode(), "text/html")
    site.answers["/0.md"] = body(make_report(0), "text/markdown")
    settings = make_settings(tmp_path / "home")
    source = make_source(
        "listing", changes={"expect_at_least": 9}, pages=[f"{site.url}/lijst"], entries="/p/", document_links=r"\.md$"
    )
    verdict = check_source(source, settings=settings)
    assert verdict.holds, verdict
    assert [step.name for step in verdict.steps] == ["reachable", "listing", "document"]
    assert "9 documents, at least 9 expected" in verdict.steps[1].finding
    assert "0.md: text/markdown" in verdict.steps[2].finding
    assert [path for path in site.paths() if path.startswith("/p/")] == ["/p/0", "/p/1"]
    assert list(settings.home.iterdir()) == []


def test_a_check_looks_further_where_the_first_pages_have_no_document_yet(tmp_path: Path, site: Site) -> None:
    """Some pages may have none yet; where none of the pages that are tried has one, document_links fits nothing."""
    links = "".join(f'<a href="/p/{i}">{i}</a>' for i in range(20))
    site.answers["/lijst"] = body(links.encode(), "text/html")
    for i in range(20):
        site.answers[f"/p/{i}"] = body(f'<a href="/{i}.md">Download</a>'.encode() if i > 3 else b"<p>", "text/html")
    site.answers["/4.md"] = body(make_report(4), "text/markdown")
    settings, given = make_settings(tmp_path / "home"), {"pages": [f"{site.url}/lijst"], "entries": "/p/"}
    verdict = check_source(make_source("listing", **given, document_links=r"\.md$"), settings=settings)
    assert verdict.holds, verdict
    assert "4.md: text/markdown" in verdict.steps[-1].finding
    wrong = check_source(make_source("listing", **given, document_links=r"\.pdf$"), settings=settings)
    assert not wrong.holds
    assert "read 10 pages and found no document on any" in wrong.steps[-1].finding
    themselves = {"document_links": r"\.pdf$", "without_documents": "page"}
    pages = check_source(make_source("listing", **given, **themselves), settings=settings)
    assert "no link on the 10 pages that were read matches" in pages.steps[1].finding


@pytest.mark.parametrize(
    ("answers", "step", "words"),
    [
        ({}, "reachable", "answered 404"),
        ({"/robots.txt": b"User-agent: RodeDraad\nDisallow: /"}, "reachable", "robots.txt forbids RodeDraad"),
        ({"/lijst": b"<p>Nieuwe website</p>"}, "listing", "none of which matches"),
        ({"/lijst": b'<a href="/1.md">1</a>'}, "listing", "found 1 documents, against at least 2"),
        ({"/lijst": b'<a href="/1.md">1</a><a href="/2.md">2</a>'}, "document", "answered 404"),
        (
            {"/lijst": b'<a href="/1.md">1</a><a href="/2.md">2</a>', "/1.md": b"\x00\x01\x02" * 99},
            "document",
            "NUL bytes",
        ),
    ],
)
def test_a_check_tells_what_changed(
    tmp_path: Path, site: Site, answers: dict[str, bytes], step: str, words: str
) -> None:
    """The first part of the contract that does not hold is named, with what was found and what to do."""
    site.answers |= {path: body(content, "text/plain") for path, content in answers.items()}
    source = make_source("listing", changes={"expect_at_least": 2}, pages=[f"{site.url}/lijst"], entries=r"\.md$")
    verdict = check_source(source, settings=make_settings(tmp_path / "home"))
    assert not verdict.holds
    assert verdict.steps[-1].name == step
    assert words in verdict.steps[-1].finding
    assert verdict.steps[-1].what_to_do


# --- commands ----------------------------------------------------------------------------------------------------------


def invoke(*arguments: str, home: Path, sources: Path) -> tuple[int, str]:
    environment = {
        "RODEDRAAD_HOME": str(home),
        "RODEDRAAD_SOURCES": str(sources),
        "RODEDRAAD_ALLOW_PRIVATE_ADDRESSES": "1",
        "RODEDRAAD_FETCH_DELAY": "0",
        "RODEDRAAD_MODEL": "hashing",
    }
    result = CliRunner().invoke(app, list(arguments), env=environment)
    return result.exit_code, result.output


def test_the_list_tells_how_the_last_run_went(tmp_path: Path, site: Site) -> None:
    """Before the first run it shows the settings only, afterwards the counts and why a source was stopped."""
    path = write(tmp_path, GOOD.replace("https://bron.example.org", site.url))
    home = tmp_path / "home"
    assert invoke("sources", "list", home=home, sources=path) == (
        0, f"{'bron':<28} {'feed':<8} {'by hand':<14} Verzonnen\n",
    )  # fmt: skip
    run_source(load_sources(path)[0], make_settings(home))
    code, output = invoke("sources", "list", home=home, sources=path)
    assert code == 0
    assert "failed: 0 listed (at least 2 expected)" in output
    assert "answered 404" in output
    assert rows(make_settings(home), "SELECT last_outcome FROM sources") == [("failed",)]


def test_check_has_a_verdict_per_source_and_an_exit_code(tmp_path: Path, site: Site) -> None:
    """0 when all are as described, 1 when one is not, 2 for an id that there is not."""
    good = GOOD.replace("https://bron.example.org", site.url).replace("= 2", "= 1")
    path = write(tmp_path, good + good.replace("bron]", "kapot]").replace("/rss", "/weg"))
    feed = f'<rss version="2.0"><channel><item><link>{site.url}/1.md</link></item></channel></rss>'
    site.answers["/rss"] = body(feed.encode(), "text/xml")
    site.answers["/1.md"] = body(make_report(1), "text/markdown")
    code, output = invoke("sources", "check", home=tmp_path / "home", sources=path)
    assert code == 1
    assert "bron: OK" in output
    assert "kapot: FAILED" in output
    assert "1 of 2 sources are as described" in output
    assert invoke("sources", "check", "bron", home=tmp_path / "home", sources=path)[0] == 0
    assert invoke("sources", "check", "brom", home=tmp_path / "home", sources=path)[0] == 2
