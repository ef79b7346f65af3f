"""The published site shows what the warehouse holds, all at once or not at all."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import numpy as np
import pytest
from invented_extractions import (
    ADVICE,
    ENGLISH,
    FINDING,
    LATER,
    MODEL,
    NOON,
    ask,
    embed,
    embed_texts,
    fill,
    make_extraction,
)

from warehouse.datasette_metadata import load_queries
from warehouse.entries import Origin
from warehouse.errors import PublicationFailed
from warehouse.publication import FILES, publish_site, read_current
from warehouse.rows import make_text_hash
from warehouse.schema import PUBLISHED_TABLES
from warehouse.stemming import stem_text
from warehouse.store import Warehouse
from warehouse.views import VIEWS


@pytest.fixture()
def warehouse(tmp_path: Path):
    """A filled warehouse in which one text has no vector."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        fill(opened)
        embed(opened, leave_out="A finding.")
        yield opened


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published build, for tests that only look."""
    folder = tmp_path_factory.mktemp("published")
    with Warehouse.open(folder / "warehouse.duckdb") as opened:
        fill(opened)
        embed(opened, leave_out="A finding.")
        return publish_site(opened, folder / "site", model_id=MODEL, built_at=NOON).path


def test_a_build_is_whole(warehouse: Warehouse, tmp_path: Path) -> None:
    """A publication holds all files, says what is in it, and is what the link `current` shows."""
    steps = []
    published = publish_site(
        warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON, report_progress=lambda *step: steps.append(step)
    )
    assert published.is_new
    assert (tmp_path / "site" / "current").resolve() == published.path
    assert {entry.name for entry in published.path.iterdir()} == set(FILES)
    assert (tmp_path / "site" / "current").readlink() == Path("builds", published.build_id)
    about = json.loads((published.path / "site.json").read_text())
    assert {name: about[name] for name in ("build_id", "built_at", "model_id", "dimension", "vector_count")} == {
        "build_id": published.build_id,
        "built_at": "2024-03-01T12:00:00+00:00",
        "model_id": MODEL,
        "dimension": 8,
        "vector_count": 6,
    }
    assert about["counts"] == published.counts
    assert published.counts["statements"] == 7
    assert [number for _, number, _ in steps] == [1, 2, 3, 4, 5, 6, 7]


def test_sqlite_has_the_described_tables_and_views(site: Path) -> None:
    """kb.db has the described columns, keys and references, which all hold, and its views the described columns."""
    for table in PUBLISHED_TABLES:
        columns = ask(site, f"SELECT name, pk FROM pragma_table_info('{table.name}')")
        assert [name for name, _ in columns] == [column.name for column in table.published_columns]
        references = ask(
            site, f'SELECT "from", "table" || \'.\' || "to" FROM pragma_foreign_key_list(\'{table.name}\')'
        )
        assert dict(references) == {c.name: c.references for c in table.published_columns if c.references}
    for view in VIEWS:
        columns = ask(site, f"SELECT name FROM pragma_table_info('{view.name}')")
        assert [name for (name,) in columns] == [column.name for column in view.columns]
    assert ask(site, "PRAGMA foreign_key_check") == []
    assert ask(site, "PRAGMA integrity_check") == [("ok",)]
    assert ask(site, "PRAGMA journal_mode") in ([("delete",)], [("off",)])
    assert ask(site, "SELECT count(*) FROM sqlite_stat1")[0][0] > 0


def test_the_three_forms_hold_the_same(site: Path) -> None:
    """kb.db, kb.duckdb and Parquet have the same rows in the same order."""
    with duckdb.connect(str(site / "kb.duckdb"), read_only=True) as connection:
        for table in PUBLISHED_TABLES:
            in_duckdb = connection.execute(f"SELECT * FROM {table.name}").fetchall()
            assert connection.execute(f"SELECT * FROM '{site}/parquet/{table.name}.parquet'").fetchall() == in_duckdb
            key = [column.name for column in table.published_columns].index(
                next(column.name for column in table.published_columns if column.is_required)
            )
            in_sqlite = ask(site, f"SELECT * FROM {table.name} ORDER BY rowid")
            assert [row[key] for row in in_sqlite] == [row[key] for row in in_duckdb]
        for view in VIEWS:
            in_duckdb = connection.execute(f"SELECT * FROM {view.name} ORDER BY ALL").fetchall()
            assert len(in_duckdb) == ask(site, f"SELECT count(*) FROM {view.name}")[0][0]
        rows = connection.execute("SELECT statement_id, statement_row FROM statements_full").fetchall()
        assert dict(rows) == dict(ask(site, "SELECT statement_id, statement_row FROM statements_full"))
        comments = connection.execute("SELECT comment FROM duckdb_columns() WHERE table_name = 'statements'").fetchall()
        assert all(comment for (comment,) in comments)


def test_the_text_is_published_page_by_page(site: Path) -> None:
    """Every statement stands on its page, at its offsets; pages have a size."""
    rows = ask(
        site,
        "SELECT s.text, substr(p.text, s.start_offset - p.start_offset + 1, length(s.text)), p.width, p.height "
        "FROM statements s JOIN pages p ON p.document_id = s.document_id AND p.page = s.page",
    )
    assert len(rows) == ask(site, "SELECT count(*) FROM statements")[0][0]
    assert all(text == on_page and width > 0 and height > 0 for text, on_page, width, height in rows)


def test_formats_without_pages_are_published_as_one(tmp_path: Path) -> None:
    """A document without pages has its whole text on page 1, which has no size."""
    extraction = make_extraction(FINDING)
    extraction = dataclasses.replace(extraction, document=dataclasses.replace(extraction.document, pages=()))
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        opened.save_extraction(extraction, origin=Origin("/p.txt"), version="1", seen_at=NOON)
        site = publish_site(opened, tmp_path / "site", model_id=MODEL, built_at=NOON).path
    [page] = ask(site, "SELECT page, width, height, start_offset, end_offset, text FROM pages")
    text = extraction.document.text
    assert page == (1, 0, 0, 0, len(text), text)


def test_each_vector_belongs_to_its_statement(site: Path) -> None:
    """Row i of vectors.npy is the vector of the statement with `vector_row` i; equal texts have a row each."""
    vectors = np.load(site / "vectors.npy", mmap_mode="r")
    assert (vectors.shape, vectors.dtype, vectors.flags.c_contiguous) == ((6, 8), np.dtype(np.float32), True)
    rows = ask(site, "SELECT text, vector_row FROM statements WHERE vector_row IS NOT NULL ORDER BY rowid")
    assert [row for _, row in rows] == list(range(6))
    assert np.array_equal(vectors, embed_texts([str(text) for text, _ in rows]))
    assert [text for text, _ in rows].count(FINDING) == 2
    assert ask(site, "SELECT text FROM statements WHERE vector_row IS NULL") == [("A finding.",)]


def test_statements_are_in_order_of_year_and_place(site: Path) -> None:
    """The newest reports come first, their statements in the order of the report; row numbers have no gaps."""
    rows = ask(site, "SELECT rowid, published_year, text FROM statements ORDER BY rowid")
    assert [row[0] for row in rows] == list(range(1, 8))
    assert [row[1] for row in rows] == [2024, 2024, 2024, 2021, 2021, None, None]
    assert [row[2] for row in rows[:3]] == [FINDING, *ADVICE]


def test_a_view_holds_a_whole_citation(site: Path) -> None:
    """The view of recommendations has the quotation, its place, its report and its addressees on one row."""
    [row] = ask(
        site,
        "SELECT text, page, addressees, parties, deadline_date, report_title, publisher, published_date, origin, "
        "licence FROM recommendations WHERE text = ? AND published_year = 2024",
        ADVICE[0],
    )
    assert row == (
        ADVICE[0], 2, "de gemeente Verzonnendam; iedereen", "Gemeenten", "2025-06-01", "Beloofd is beloofd",
        "Verzonnen ombudsman", "2024-02", "https://ombudsman.example/beloofd.pdf", "CC0-1.0",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("question", "language", "found"),
    [
        ("belofte", "nl", {FINDING, ADVICE[0]}),
        ("qkoorts", "nl", {ADVICE[1]}),
        ("q-koorts", "nl", {ADVICE[1]}),
        ("2023/150", "nl", {FINDING}),
        ("promise victim", "en", {ENGLISH}),
    ],
)
def test_stemmed_search_finds_other_forms(site: Path, question: str, language: str, found: set[str]) -> None:
    """A question that is stemmed as the index is finds every form of its words in the text."""
    rows = ask(
        site,
        "SELECT s.text FROM statements_fts f JOIN statements s ON s.rowid = f.rowid WHERE statements_fts MATCH ?",
        "text : (" + " AND ".join(f'"{stem}"' for stem in stem_text(question, language).split()) + ")",
    )
    assert {text for (text,) in rows} == found


def test_titles_and_sections_are_indexed(site: Path) -> None:
    """The stemmed index finds a statement by the title of its report and of its section."""
    for column, word in (("title", "beloofd"), ("section", "conclusie")):
        query = f"SELECT count(*) FROM statements_fts WHERE statements_fts MATCH '{column} : {stem_text(word, 'nl')}'"
        assert ask(site, query)[0][0] >= 3


def test_local_paths_stay_private(site: Path) -> None:
    """No file of the site says where on the operator's disk a report lies; names of files are shown."""
    assert ask(site, "SELECT subject, message FROM open_problems") == [("secret.pdf", "secret.pdf: found a password")]
    assert ask(site, "SELECT origin FROM reports WHERE title = 'Nog eens'") == [("nog.pdf",)]
    for name in ("kb.db", "kb.duckdb", "metadata.yaml", "site.json"):
        assert b"/srv/reports" not in (site / name).read_bytes()
    with duckdb.connect() as connection:
        for path in (site / "parquet").iterdir():
            query = f"SELECT count(*) FROM '{path}' t WHERE to_json(t)::VARCHAR LIKE '%/srv/reports%'"
            assert connection.execute(query).fetchall() == [(0,)], path.name


def test_an_unchanged_warehouse_publishes_nothing_new(warehouse: Warehouse, tmp_path: Path) -> None:
    """Publishing again a month later, after a run that found nothing new, keeps the current build."""
    first = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
    warehouse.start_build(started_at=LATER)
    again = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=LATER)
    assert again == dataclasses.replace(first, is_new=False)
    assert len(list((tmp_path / "site" / "builds").iterdir())) == 1


def test_whatever_changes_is_published_and_two_builds_are_kept(warehouse: Warehouse, tmp_path: Path) -> None:
    """New vectors, another model or a solved problem give a new build; the last two stay on disk."""
    site_dir = tmp_path / "site"
    builds = [publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON)]
    embed(warehouse)
    builds.append(publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON))
    builds.append(publish_site(warehouse, site_dir, model_id="another model", built_at=NOON))
    warehouse.clear_problem("/srv/reports/secret.pdf")
    builds.append(publish_site(warehouse, site_dir, model_id="another model", built_at=NOON))
    assert all(build.is_new for build in builds)
    assert [build.vector_count for build in builds] == [6, 7, 0, 0]
    kept = {entry.name for entry in (site_dir / "builds").iterdir()}
    assert kept == {builds[2].build_id, builds[3].build_id}
    assert (site_dir / "current").resolve() == builds[3].path


def test_a_reader_keeps_the_site_it_opened(warehouse: Warehouse, tmp_path: Path) -> None:
    """Files of a build that was replaced and removed can be read on by who has them open."""
    site_dir = tmp_path / "site"
    publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON)
    current = site_dir / "current"
    vectors = np.load(current / "vectors.npy", mmap_mode="r")
    with closing(sqlite3.connect(f"file:{current.resolve() / 'kb.db'}?immutable=1", uri=True)) as reader:
        assert reader.execute("SELECT count(*) FROM statements").fetchone() == (7,)
        for i in range(3):
            extraction = make_extraction(f"Nog een bevinding, nummer {i}.")
            warehouse.save_extraction(extraction, origin=Origin(f"/new/{i}"), version="1", seen_at=NOON)
            publish_site(warehouse, site_dir, model_id=MODEL, built_at=LATER)
        assert reader.execute("SELECT count(*), max(length(text)) FROM statements").fetchone()[0] == 7
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1)
    assert ask(current, "SELECT count(*) FROM statements") == [(10,)]


def test_a_broken_current_build_is_built_again(warehouse: Warehouse, tmp_path: Path) -> None:
    """When a file of the current build is gone, the same content is published anew."""
    first = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
    (first.path / "kb.db").unlink()
    assert read_current(tmp_path / "site") is None
    again = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
    assert again.is_new
    assert again.build_id != first.build_id
    assert (again.path / "kb.db").exists()


def test_an_empty_warehouse_can_be_published(tmp_path: Path) -> None:
    """Before the first report the site is empty but whole."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as empty:
        published = publish_site(empty, tmp_path / "site", model_id=MODEL, built_at=NOON)
    assert not any(published.counts.values())
    assert np.load(published.path / "vectors.npy", mmap_mode="r").shape == (0, 0)
    assert ask(published.path, "SELECT * FROM recommendations") == []


def test_a_site_can_be_published_by_a_reader(warehouse: Warehouse, tmp_path: Path) -> None:
    """Publishing needs the warehouse for reading only, and gives the same content."""
    with Warehouse.open(tmp_path / "other.duckdb") as writer:
        fill(writer)
    with Warehouse.open(tmp_path / "other.duckdb", read_only=True) as reader:
        published = publish_site(reader, tmp_path / "site", model_id=MODEL, built_at=NOON)
    assert published.counts["statements"] == 7
    assert published.vector_count == 0


@pytest.mark.system
def test_a_full_disk_leaves_the_old_site(warehouse: Warehouse, tmp_path: Path) -> None:
    """When the new build does not fit on the disk, the old one stays up and what was begun is removed."""
    site_dir = tmp_path / "site"
    old = publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON)
    warehouse.close()
    script = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from warehouse.errors import PublicationFailed
from warehouse.publication import publish_site
from warehouse.store import Warehouse
with Warehouse.open(sys.argv[1], read_only=True) as warehouse:
    for limit in (100, 20_000, 300_000):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
        try:
            publish_site(warehouse, Path(sys.argv[2]), model_id="another model", built_at=datetime.now(UTC))
        except PublicationFailed as error:
            print(error)
"""
    command = [sys.executable, "-c", script, str(tmp_path / "warehouse.duckdb"), str(site_dir)]
    found = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert found.returncode == 0, found.stderr
    messages = found.stdout.strip().splitlines()
    assert len(messages) == 3
    assert all("free space" in message and "The old site stays up" in message for message in messages)
    current = read_current(site_dir)
    assert current is not None
    assert current[0] == old.path
    assert [entry.name for entry in (site_dir / "builds").iterdir()] == [old.build_id]


def test_a_place_that_cannot_be_written_is_explained(warehouse: Warehouse, tmp_path: Path) -> None:
    """A site folder that cannot be made gives one clear error."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(PublicationFailed, match="mend the permissions"):
        publish_site(warehouse, tmp_path / "file" / "site", model_id=MODEL, built_at=NOON)


def test_rows_that_refer_to_nothing_are_not_published(warehouse: Warehouse, tmp_path: Path) -> None:
    """A warehouse in which somebody removed rows by hand does not replace a site that is whole."""
    old = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON)
    warehouse.close()
    with duckdb.connect(str(warehouse.path)) as connection:
        connection.execute("DELETE FROM sections")
    with Warehouse.open(warehouse.path) as damaged, pytest.raises(PublicationFailed, match="refer to nothing"):
        publish_site(damaged, tmp_path / "site", model_id=MODEL, built_at=NOON)
    assert (tmp_path / "site" / "current").resolve() == old.path


def test_two_publications_at_once_are_refused(warehouse: Warehouse, tmp_path: Path) -> None:
    """While one publication is going on another is told to wait, and disturbs nothing."""
    site_dir, complaints = tmp_path / "site", []

    def publish_meanwhile(step: str, number: int, total: int) -> None:
        del number, total
        if step == "metadata":
            with pytest.raises(PublicationFailed, match="another publication going on") as refused:
                publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON)
            complaints.append(refused)

    assert publish_site(warehouse, site_dir, model_id=MODEL, built_at=NOON, report_progress=publish_meanwhile).is_new
    assert len(complaints) == 1


def test_ready_made_queries_answer(site: Path) -> None:
    """Each ready-made query says what its title promises."""
    [first, *_] = ask(site, load_queries()["recommendations_per_addressee"]["sql"])
    assert first[:4] == ("Gemeenten", 3, 3, "2024-02")
    assert {row[0] for row in ask(site, load_queries()["statements_with_deadline"]["sql"])} == {"2025-06-01"}
    newest = ask(site, load_queries()["newest_reports"]["sql"])
    assert [row[0] for row in newest] == ["2024-02", "2021", None]
    assert newest[0][5:9] == (1, 0, 2, 0)
    assert ask(site, load_queries()["reports_per_case"]["sql"])[0][:2] == ("Verzonnendam", 3)


def test_the_key_of_a_vector_is_its_text() -> None:
    """The hash that vectors are kept by depends on nothing but the text."""
    assert make_text_hash(FINDING) == make_text_hash(FINDING) != make_text_hash(FINDING + " ")
