"""The command line as a person uses it, in processes of its own; the flow runs in a real temporary Prefect server."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from typer.testing import CliRunner
from web_servers import body, serve

from flows.cli import STOPPED, WITH_PROBLEMS, WRONG_USE, app
from flows.settings import Settings
from warehouse.store import Warehouse

pytestmark = pytest.mark.system

REPORTS = Path(__file__).resolve().parents[2] / "examples" / "reports"


@pytest.fixture(scope="module")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One Prefect database for the module, so that it is made once."""
    return tmp_path_factory.mktemp("prefect")


def environment(home: Path, prefect_home: Path) -> dict[str, str]:
    return {
        **os.environ,
        "RODEDRAAD_HOME": str(home),
        "RODEDRAAD_MODEL": "hashing",
        "PREFECT_HOME": str(prefect_home),
    }


def run(*arguments: str, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flows.cli", *arguments],
        env=env,
        capture_output=True,
        text=True,
        timeout=400,  # of a busy machine
        check=False,
    )


def fingerprint(home: Path) -> str:
    with Warehouse.open(home / "warehouse.duckdb", read_only=True) as warehouse:
        return warehouse.fingerprint()


@pytest.fixture(scope="module")
def ingested(tmp_path_factory: pytest.TempPathFactory, prefect_home: Path) -> tuple[Path, dict[str, str], str]:
    """A home into which the examples (one of them a scan) were ingested, its environment, and what was printed."""
    home = tmp_path_factory.mktemp("home")
    env = environment(home, prefect_home)
    done = run("ingest", str(REPORTS), env=env)
    assert done.returncode == WITH_PROBLEMS, done.stderr
    return home, env, done.stdout + done.stderr


def test_ingest_tells_what_it_did_and_where_to_look(ingested: tuple[Path, dict[str, str], str]) -> None:
    """The summary has counts, the problem with what to do, and the next command; nothing of Prefect's insides."""
    _, _, printed = ingested
    assert "9 documents: 8 new, 0 unchanged, 1 with problems" in printed
    assert "scan-commissie-nazorg-2011-brief.pdf" in printed
    assert "OCRmyPDF" in printed
    assert "rodedraad serve" in printed
    for noise in ("Traceback", "prefect", "telemetry", "Warning"):
        assert noise not in printed.replace(str(Path.cwd()), "")


def test_a_second_ingest_changes_nothing(ingested: tuple[Path, dict[str, str], str]) -> None:
    """Running the command again leaves the warehouse and the published build as they are."""
    home, env, _ = ingested
    before, build = fingerprint(home), (home / "site" / "current").readlink()
    done = run("ingest", str(REPORTS), env=env)
    assert "0 new, 8 unchanged" in done.stdout
    assert "already published" in done.stdout
    assert (fingerprint(home), (home / "site" / "current").readlink()) == (before, build)


def test_search_status_and_publish_work_on_what_was_ingested(ingested: tuple[Path, dict[str, str], str]) -> None:
    """The other commands see the same knowledge base."""
    _, env, _ = ingested
    found = json.loads(run("search", "vaste contactpersoon", "--mode", "lexical", "--json", env=env).stdout)
    assert found["total"] >= 2
    assert "contactpersoon" in found["results"][0]["text"]
    status = run("status", env=env).stdout
    assert "reports      8" in status
    assert "scan-commissie" in status
    assert run("publish", env=env).stdout.startswith("unchanged")


def test_extract_prints_json_in_the_scorers_form_and_stores_nothing(tmp_path: Path, prefect_home: Path) -> None:
    """`extract --json` writes one JSON object to standard output and makes no home."""
    env = environment(tmp_path / "home", prefect_home)
    done = run("extract", str(REPORTS / "raad-digitale-zorgvuldigheid-2021-advies-algoritmen.md"), "--json", env=env)
    prediction = json.loads(done.stdout)
    assert set(prediction) >= {"report", "statements", "responses", "links"}
    assert {s["type"] for s in prediction["statements"]} >= {"recommendation", "finding"}
    assert not (tmp_path / "home").exists()


def test_a_killed_ingest_ends_like_an_undisturbed_one(
    tmp_path: Path, prefect_home: Path, ingested: tuple[Path, dict[str, str], str]
) -> None:
    """Killed at two moments and then run to the end, the warehouse is that of the undisturbed run."""
    home, _, _ = ingested
    other = tmp_path / "home"
    env = environment(other, prefect_home)
    for documents in (2, 6):
        process = subprocess.Popen(
            [sys.executable, "-m", "flows.cli", "ingest", str(REPORTS)],
            env=env,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            if len(list((other / "raw").glob("*/*"))) >= documents:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert run("ingest", str(REPORTS), env=env).returncode == WITH_PROBLEMS
    assert fingerprint(other) == fingerprint(home)


def test_named_sources_are_ingested_and_one_that_changed_blocks_publication(tmp_path: Path, prefect_home: Path) -> None:
    """The listing changed: that source is stopped and told, the folder is taken in, nothing is published, exit 1."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "rapport.md").write_text("# Verzonnen\n\n## Aanbevelingen\n\n1. Laat de pont elke dag varen.\n")
    with serve({"/lijst": body(b"<p>Nieuwe website</p>", "text/html")}) as site:
        (tmp_path / "sources.toml").write_text(
            f"""
[source.lijst]
publisher = "Verzonnen"
language = "nl"
expect_at_least = 1
listing.pages = ["{site.url}/lijst"]
listing.entries = "/rapport/"
[source.map]
publisher = "Verzonnen"
language = "nl"
expect_at_least = 1
folder.path = "in"
"""
        )
        env = environment(tmp_path / "home", prefect_home) | {
            "RODEDRAAD_SOURCES": str(tmp_path / "sources.toml"),
            "RODEDRAAD_ALLOW_PRIVATE_ADDRESSES": "1",
            "RODEDRAAD_FETCH_DELAY": "0",
        }
        done = run("ingest", "--sources", "all", env=env)
        assert done.returncode == STOPPED, done.stderr
        assert "Source lijst: none listed" in done.stdout
        assert "stopped:" in done.stdout
        assert "none of which matches" in done.stdout
        assert "Source map: 1 listed, 1 new" in done.stdout
        assert not (tmp_path / "home" / "site" / "current").exists()
        site.answers["/lijst"] = body(b'<a href="/rapport/1.md">1</a>', "text/html")
        site.answers["/rapport/1.md"] = body(b"# Verzonnen tweede\n\nTekst.\n", "text/markdown")
        done = run("ingest", "--source", "lijst", "--source", "map", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Source map: 1 listed, 0 new, 1 unchanged" in done.stdout
    assert (tmp_path / "home" / "site" / "current").exists()


def versions(home: Path) -> dict[str, str]:
    """By which version each document was extracted."""
    with Warehouse.open(home / "warehouse.duckdb", read_only=True) as warehouse:
        return dict(warehouse.query("SELECT document_id, extraction_version FROM documents"))


@pytest.fixture
def copied(ingested: tuple[Path, dict[str, str], str], tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """A copy of the home with the examples, to change, and its environment."""
    home, env, _ = ingested
    return Path(shutil.copytree(home, tmp_path / "home", symlinks=True)), env | {
        "RODEDRAAD_HOME": str(tmp_path / "home")
    }


def test_reprocess_shows_a_plan_and_does_it_when_told(copied: tuple[Path, dict[str, str]]) -> None:
    """Nothing is done without --yes; with it all documents that have an original are read by the new settings."""
    home, env = copied
    env |= {"RODEDRAAD_MIN_CONFIDENCE": "0.99"}
    before, old, build = fingerprint(home), versions(home), (home / "site" / "current").readlink()
    lost = next(path for path in sorted((home / "raw").glob("*/*")) if path.suffix == ".html")
    lost.unlink()
    planned = run("reprocess", env=env)
    assert planned.returncode == 0, planned.stderr
    assert "7 of 8 documents" in planned.stdout
    assert "no original is kept of" in planned.stdout and ".html; ingest it again" in planned.stdout
    assert "rodedraad reprocess --yes" in planned.stdout
    assert fingerprint(home) == before
    done = run("reprocess", "--yes", "--no-publish", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (home / "site" / "current").readlink() == build
    again = run("reprocess", env=env)
    assert "7 of 8 documents" not in again.stdout
    after = versions(home)
    assert sum(after[document] != version for document, version in old.items()) == 7


def test_ingest_without_publication_leaves_the_site(copied: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """`--no-publish` saves the report and swaps nothing; `publish` shows it afterwards."""
    home, env = copied
    build = (home / "site" / "current").readlink()
    (tmp_path / "nieuw.md").write_text("# Verzonnen\n\n## Aanbevelingen\n\n1. Laat de pont elke dag varen.\n", "utf-8")
    done = run("ingest", str(tmp_path / "nieuw.md"), "--no-publish", env=env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 new" in done.stdout and "published" not in done.stdout
    assert (home / "site" / "current").readlink() == build
    assert run("publish", env=env).stdout.startswith("published: ")
    assert (home / "site" / "current").readlink() != build
    found = json.loads(run("search", "de pont elke dag", "--mode", "lexical", "--json", env=env).stdout)
    assert found["results"][0]["text"] == "Laat de pont elke dag varen."


def test_a_blocked_publication_is_forced(copied: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """After a run in which most failed `publish` refuses and says how to do it all the same."""
    _, env = copied
    (tmp_path / "in").mkdir()
    for i in range(12):
        (tmp_path / "in" / f"{i}.pdf").write_bytes(b"%PDF-1.7 no pdf " + bytes([i]))
    (tmp_path / "in" / "nieuw.md").write_text("# Verzonnen\n\n## Aanbevelingen\n\n1. Laat de pont varen.\n", "utf-8")
    assert run("ingest", str(tmp_path / "in"), env=env).returncode == STOPPED
    refused = run("publish", env=env)
    assert refused.returncode == STOPPED and "--force" in refused.stderr
    forced = run("publish", "--force", env=env)
    assert forced.returncode == 0 and forced.stdout.startswith("published: "), forced.stderr


def test_serve_answers_until_it_is_stopped(ingested: tuple[Path, dict[str, str], str]) -> None:
    """`serve` tells its addresses, answers searches on its port, and ends well when it is interrupted."""
    _, env, _ = ingested
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "flows.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            found = None
            deadline = time.monotonic() + 100
            while found is None and process.poll() is None and time.monotonic() < deadline:
                try:
                    address = f"http://127.0.0.1:{port}/api/search?q=contactpersoon&mode=lexical"
                    with urllib.request.urlopen(address, timeout=20) as answer:
                        found = json.load(answer)
                except OSError:
                    time.sleep(0.2)
            assert found is not None and found["total"] > 0
        finally:
            process.send_signal(signal.SIGINT)
        printed, _ = process.communicate(timeout=60)
    assert f"http://127.0.0.1:{port}/api/docs" in printed
    assert process.returncode in (0, 130, -signal.SIGINT)


def test_search_prints_text_for_people(ingested: tuple[Path, dict[str, str], str]) -> None:
    """How many, then each with its kind, words, report and page; filters narrow it."""
    home, _, _ = ingested
    code, output = invoke("search", "vaste contactpersoon", "--mode", "lexical", "--limit", "1", home=home)
    assert code == 0, output
    assert re.match(r"\d+ statements? for “vaste contactpersoon”", output)
    assert re.search(r"\n1\. \[\w+\] .*contactpersoon", output, re.IGNORECASE) and ", p. " in output
    assert "\n2. " not in output
    none = invoke("search", "vaste contactpersoon", "--mode", "lexical", "--publisher", "Niemand", home=home)
    assert none[0] == 0 and none[1].startswith("0 statements")


def test_evaluate_prints_writes_and_saves(copied: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """Lines per document, a page of errors, figures in the warehouse; 1 when one is below its floor, with its name."""
    home, _ = copied
    examples, gold, docs = REPORTS.parent, tmp_path / "gold", tmp_path / "docs"
    name = "raad-digitale-zorgvuldigheid-2021-advies-algoritmen"
    for folder, path in ((gold, examples / "gold" / f"{name}.json"), (docs, REPORTS / f"{name}.md")):
        folder.mkdir()
        shutil.copy(path, folder)
    floors, errors = tmp_path / "floors.toml", tmp_path / "errors.html"
    floors.write_text('"recommendation/all/f1" = 0.5\n', "utf-8")
    code, output = invoke(
        *("evaluate", str(gold), str(docs), "--by-document", "--floors", str(floors)),
        *("--errors", str(errors), "--save", "--set", "verzonnen"),
        home=home,
    )
    assert code == 0, output
    assert re.search(rf"^{name[:50]} +recommendation +gold", output, re.MULTILINE)
    assert "<html" in errors.read_text("utf-8")
    with Warehouse.open(home / "warehouse.duckdb", read_only=True) as warehouse:
        assert warehouse.query("SELECT DISTINCT measured_on FROM quality WHERE origin = 'own'") == [("verzonnen",)]
    floors.write_text('"recommendation/all/f1" = 1.1\n', "utf-8")
    code, output = invoke("evaluate", str(gold), str(docs), "--floors", str(floors), home=home)
    assert code == 1
    assert "below its floor: recommendation/all/f1" in output


def test_bench_of_search_ends_with_its_figures(tmp_path: Path, prefect_home: Path) -> None:
    """Over a few invented statements it publishes, searches, and leaves nothing behind."""
    done = run("bench", "--statements", "400", env=environment(tmp_path / "home", prefect_home))
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.strip().splitlines()[-1])
    assert figures["median_ms"] > 0 and figures["memory_mb"] > 0
    assert list((tmp_path / "home").iterdir()) == []


def invoke(*arguments: str, home: Path) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments), env={"RODEDRAAD_HOME": str(home), "RODEDRAAD_MODEL": "hashing"})
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("ingest", "no/such/place"), WRONG_USE, "found no such file or folder"),
        (("extract", "no-such-file.pdf"), WRONG_USE, "cannot be opened"),
        (("status",), STOPPED, "ingest"),
        (("publish",), STOPPED, "ingest"),
        (("search", "woorden"), WRONG_USE, "run rodedraad ingest first"),
        (("serve", "--port", "0"), STOPPED, "ingest"),
        (("evaluate", ".", "."), WRONG_USE, "no gold files"),
    ],
)
def test_mistakes_give_one_line_and_an_exit_code(
    tmp_path: Path, arguments: tuple[str, ...], code: int, message: str
) -> None:
    """A wrong path, or a command before the first ingest, is told in words, without a traceback."""
    exit_code, output = invoke(*arguments, home=tmp_path / "home")
    assert exit_code == code
    assert message in output
    assert "Traceback" not in output


def test_an_unreadable_document_stops_extract_with_its_reason(tmp_path: Path) -> None:
    """`extract` of a scan prints the reason to standard error and ends with 1."""
    code, output = invoke("extract", str(REPORTS / "scan-commissie-nazorg-2011-brief.pdf"), "--json", home=tmp_path)
    assert code == STOPPED
    assert "no text" in output


def test_a_wrong_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that is no number is refused with its full name."""
    monkeypatch.setenv("RODEDRAAD_PORT", "haven")
    code, output = invoke("serve", home=tmp_path)
    assert code == WRONG_USE
    assert "RODEDRAAD_PORT" in output


def test_an_empty_setting_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """README: a setting may be empty, in the environment and in `.env`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RODEDRAAD_WORKERS", "")
    (tmp_path / ".env").write_text("RODEDRAAD_MIN_CONFIDENCE=\n", encoding="utf-8")
    settings = Settings()
    assert settings.workers is None and settings.min_confidence is None


def test_help_comes_without_heavy_imports() -> None:
    """`--help` imports neither torch, Prefect, spaCy, DuckDB nor Datasette."""
    heavy = "{'torch', 'prefect', 'spacy', 'duckdb', 'datasette', 'pypdfium2'}"
    code = f"import sys, flows.cli; sys.exit(bool({heavy} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_second_ingest_says_who_has_the_warehouse(tmp_path: Path, prefect_home: Path) -> None:
    """While one process writes, another ingest ends at once, names that process, and changes nothing."""
    home = tmp_path / "home"
    home.mkdir()
    with Warehouse.open(home / "warehouse.duckdb") as held:
        done = run("ingest", str(next(REPORTS.glob("*.md"))), env=environment(home, prefect_home))
        assert done.returncode == STOPPED
        assert f"in use by process {os.getpid()}" in done.stderr
        assert "wait until that run ends" in done.stderr
        assert held.counts()["documents"] == 0
