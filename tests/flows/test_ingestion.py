"""Ingesting good and bad input: each bad document is one row in `problems`, the others are taken in."""

from __future__ import annotations

import errno
import io
from pathlib import Path

import pikepdf
import pytest
from invented_pdfs import make_pdf

from flows.discovery import DocumentSource, discover_documents
from flows.errors import NothingToRead
from flows.ingestion import DocumentOutcome, embed_statements, ingest_document, publish
from flows.raw_store import save_original
from flows.settings import Settings
from warehouse.errors import WarehouseMismatch, WarehouseUnwritable
from warehouse.publication import read_current
from warehouse.store import Warehouse

GOOD = "# Verzonnen rapport\n\n## 5 Aanbevelingen\n\n1. Houd de pont naar het eiland elke dag in de vaart.\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home", model="hashing", max_pages=50, _env_file=None)  # type: ignore[call-arg]


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "goed.md").write_text(GOOD, encoding="utf-8")
    return folder


def ingest(folder: Path, settings: Settings) -> dict[str, DocumentOutcome]:
    settings.home.mkdir(exist_ok=True)
    with Warehouse.open(settings.warehouse_path) as warehouse:
        outcomes = [
            ingest_document(source, warehouse=warehouse, settings=settings)
            for source in discover_documents([str(folder)])
        ]
        embed_statements(warehouse, settings=settings, report=lambda line: None)
        publish(warehouse, settings=settings)
    return {outcome.name: outcome for outcome in outcomes}


def problems(settings: Settings) -> dict[str, str]:
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        return {Path(p.address).name: p.reason for p in warehouse.list_problems()}


def encrypted(content: bytes) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    return out.getvalue()


def blank_pages(count: int) -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        for _ in range(count):
            pdf.add_blank_page()
        pdf.save(out)
    return out.getvalue()


PDF = make_pdf(["Verzonnen rapport over de pont"])


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("leeg.pdf", b"", "empty"),
        ("pagina.pdf", b"<!doctype html><html><body><h1>Niet gevonden</h1></body></html>", "wrong_type"),
        ("afgebroken.pdf", PDF[: len(PDF) // 3], "damaged"),
        ("op slot.pdf", encrypted(PDF), "encrypted"),
        ("scan.pdf", blank_pages(1), "no_text"),
        ("lang.pdf", blank_pages(5000), "too_many_pages"),
        ("kapot.txt", b"\x00\x01\x02\x03" * 64, "damaged"),
    ],
)
def test_a_bad_document_is_one_problem_and_the_others_are_taken_in(
    inbox: Path, settings: Settings, name: str, content: bytes, reason: str
) -> None:
    """The bad one has a row with its reason and what to do; the good one is read and published."""
    (inbox / name).write_bytes(content)
    outcomes = ingest(inbox, settings)
    assert outcomes["goed.md"].status == "new"
    assert outcomes[name].status == "failed"
    assert name in outcomes[name].message
    assert problems(settings) == {name: reason}
    current = read_current(settings.site_dir)
    assert current is not None
    assert current[1]["counts"]["statements"] == 1


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_other_encodings_are_read_without_loss(inbox: Path, settings: Settings, encoding: str) -> None:
    """A text in another encoding gives the same statement as in UTF-8, accents included."""
    text = GOOD.replace("pont", "veerboot naar Curaçao en één eiland")
    (inbox / "goed.md").unlink()
    (inbox / "anders.txt").write_bytes(text.replace("# ", "").replace("#", "").encode(encoding))
    ingest(inbox, settings)
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        (text_found,) = warehouse.query("SELECT text FROM statements")
    assert "Curaçao en één eiland" in text_found[0]


def test_a_file_that_vanishes_is_a_problem(inbox: Path, settings: Settings) -> None:
    """A file that is gone between discovery and reading has a row; the next run that finds it removes the row."""
    gone = DocumentSource(str(inbox / "weg.md"), "weg.md")
    settings.home.mkdir()
    with Warehouse.open(settings.warehouse_path) as warehouse:
        assert ingest_document(gone, warehouse=warehouse, settings=settings).status == "failed"
        assert [p.reason for p in warehouse.list_problems()] == ["vanished"]
        (inbox / "weg.md").write_text(GOOD, encoding="utf-8")
        assert ingest_document(gone, warehouse=warehouse, settings=settings).status == "new"
        assert warehouse.list_problems() == ()


def test_ingesting_twice_changes_nothing(inbox: Path, settings: Settings) -> None:
    """The second run reads nothing again, embeds nothing, and publishes nothing new."""
    ingest(inbox, settings)
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        before = warehouse.fingerprint()
    first = read_current(settings.site_dir)
    assert ingest(inbox, settings)["goed.md"].status == "unchanged"
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        assert warehouse.fingerprint() == before
    assert read_current(settings.site_dir) == first


def test_a_raised_threshold_moves_statements_to_review(inbox: Path, settings: Settings) -> None:
    """With a higher demand the document is read again: its statement is in `review` then, with its reason; and back."""
    assert settings.min_confidence is None
    ingest(inbox, settings)
    strict = settings.model_copy(update={"min_confidence": 0.9999})
    assert ingest(inbox, strict)["goed.md"].status == "new"
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        assert warehouse.query("SELECT count(*) FROM statements") == [(0,)]
        assert warehouse.query("SELECT text, why FROM review WHERE kind = 'recommendation'") == [
            ("Houd de pont naar het eiland elke dag in de vaart.", "below_setting")
        ]
    assert ingest(inbox, settings)["goed.md"].status == "new"
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        assert warehouse.query("SELECT count(*) FROM statements") == [(1,)]


def test_the_original_is_kept_under_its_hash(inbox: Path, settings: Settings) -> None:
    """Every document that was read lies in the store of originals, byte for byte."""
    ingest(inbox, settings)
    (kept,) = [p for p in settings.raw_dir.rglob("*") if p.is_file()]
    assert kept.read_bytes() == (inbox / "goed.md").read_bytes()
    assert kept.parent.name == kept.name[:2]


def test_a_full_disk_stops_with_a_message_and_keeps_the_site(
    inbox: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the disk is full nothing half-written stays, the message says what to do, and the old site is still there."""
    ingest(inbox, settings)
    before = read_current(settings.site_dir)

    def no_space(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("flows.raw_store.os.fsync", no_space)
    with pytest.raises(WarehouseUnwritable, match="free space"):
        save_original(settings.raw_dir, "ab" * 32, b"bytes", name="nieuw.pdf")
    assert not list((settings.raw_dir / "ab").iterdir())
    assert read_current(settings.site_dir) == before


def test_a_home_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A warehouse below a path that is a file is refused with a message for people."""
    (tmp_path / "file").write_text("")
    with pytest.raises(WarehouseUnwritable, match="file"):
        Warehouse.open(tmp_path / "file" / "warehouse.duckdb")


def test_a_corrupt_warehouse_is_refused_and_left_alone(inbox: Path, settings: Settings) -> None:
    """A damaged warehouse file stops the run; its bytes and the published site stay as they were."""
    ingest(inbox, settings)
    settings.warehouse_path.write_bytes(b"this is no database" * 500)
    with pytest.raises(WarehouseMismatch):
        Warehouse.open(settings.warehouse_path)
    assert settings.warehouse_path.read_bytes().startswith(b"this is no database")
    assert read_current(settings.site_dir) is not None


def test_one_document_in_two_places_is_one_document(inbox: Path, settings: Settings) -> None:
    """The same bytes under two names give one document, one report and two origins."""
    (inbox / "nogmaals.md").write_text(GOOD, encoding="utf-8")
    ingest(inbox, settings)
    with Warehouse.open(settings.warehouse_path, read_only=True) as warehouse:
        counts = warehouse.counts()
    assert (counts["documents"], counts["reports"], counts["origins"]) == (1, 1, 2)


def test_discovery_takes_reports_and_leaves_read_me_files(tmp_path: Path) -> None:
    """A folder gives its supported files, sorted; a list gives its lines; a missing path and an empty folder are refused."""
    for name in ("b.pdf", "a.md", "README.md", "LICENSE.txt", "c.docx"):
        (tmp_path / name).write_text("x")
    assert [s.name for s in discover_documents([str(tmp_path)])] == ["a.md", "b.pdf"]
    listing = tmp_path / "list.urls"
    listing.write_text(f"# reports\n{tmp_path / 'a.md'}\nhttps://example.org/r.pdf\n")
    assert [s.name for s in discover_documents([f"@{listing}"])] == ["a.md", "r.pdf"]
    with pytest.raises(NothingToRead, match="no such file"):
        discover_documents([str(tmp_path / "nowhere")])
    (tmp_path / "empty").mkdir()
    with pytest.raises(NothingToRead, match="found no documents"):
        discover_documents([str(tmp_path / "empty")])
