"""Originals behind the site: pages drawn once, kept within a bound, and never more than was asked for."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest
from PIL import Image

from datasette_config.originals import PageUnavailable
from extractors.errors import UnreadableDocument
from extractors.readers.page_images import render_page
from extractors.records import make_document_id
from flows.originals import StoredOriginals
from flows.raw_store import save_original

EXAMPLE = (
    Path(__file__).resolve().parents[2] / "examples/reports/audit-office-westmark-2023-08-keeping-the-water-out.pdf"
)


def keep(raw_dir: Path, content: bytes, name: str) -> str:
    """Put a file in the raw store and return its id."""
    document_id = make_document_id(content)
    save_original(raw_dir, document_id, content, name=name)
    return document_id


@pytest.mark.system
def test_a_page_is_drawn_as_it_is_shown() -> None:
    """A4 at 1240 pixels wide, in WebP; neither other pages nor other files."""
    picture = Image.open(io.BytesIO(render_page(EXAMPLE, 1)))
    assert (picture.format, picture.width) == ("WEBP", 1240)
    assert abs(picture.height / picture.width - 842 / 595) < 0.01
    for path, page, reason in (
        (EXAMPLE, 0, "no_such_page"),
        (EXAMPLE, 6, "no_such_page"),
        (Path(__file__), 1, "damaged"),
    ):
        with pytest.raises(UnreadableDocument) as raised:
            render_page(path, page)
        assert raised.value.reason == reason


@pytest.mark.system
def test_a_page_is_drawn_once(tmp_path: Path) -> None:
    """The second time it comes from the disk, also when the original is damaged by then."""
    document_id = keep(tmp_path / "raw", EXAMPLE.read_bytes(), "a.pdf")
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=10_000_000)
    first = originals.render_page(document_id, 2)
    original = originals.find_original(document_id)
    assert original is not None and original.suffix == ".pdf"
    original.write_bytes(b"gone")
    assert originals.render_page(document_id, 2) == first
    with pytest.raises(PageUnavailable, match="cannot open"):
        originals.render_page(document_id, 3)


@pytest.mark.system
def test_the_least_used_pictures_go_first(tmp_path: Path) -> None:
    """The folder of pictures stays below its bound; what was looked at lately stays."""
    document_id = keep(tmp_path / "raw", EXAMPLE.read_bytes(), "a.pdf")
    folder = tmp_path / "images" / "00"
    folder.mkdir(parents=True)
    for number, age in (("old", 100), ("new", 10)):
        held = folder / f"{number}-1.webp"
        held.write_bytes(b"x" * 40_000)
        os.utime(held, (1_000_000_000 - age,) * 2)
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=130_000)
    size = len(originals.render_page(document_id, 1))
    assert size < 60_000, "the test expects a small picture"
    assert {path.name for path in folder.iterdir()} == {"old-1.webp", "new-1.webp"}
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=90_000)
    originals.render_page(document_id, 5)
    kept = {path.name for path in (tmp_path / "images").glob("*/*.webp")}
    assert "old-1.webp" not in kept
    assert sum(path.stat().st_size for path in (tmp_path / "images").glob("*/*.webp")) <= 90_000


def test_what_cannot_be_drawn_is_told_without_where_it_lies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No process, or one that ends without a line of ours: the reader is told to read the text, the log says why."""
    document_id = keep(tmp_path / "raw", EXAMPLE.read_bytes(), "a.pdf")
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=10_000_000)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "no-python"))
    with pytest.raises(PageUnavailable, match="try again later") as raised:
        originals.render_page(document_id, 1)
    assert str(tmp_path) not in str(raised.value) and "no-python" in caplog.text
    monkeypatch.setattr(sys, "executable", "false")
    with pytest.raises(PageUnavailable, match="read its text instead"):
        originals.render_page(document_id, 1)
    assert "drawing ended with 1" in caplog.text


def test_a_picture_that_cannot_be_kept_is_shown_all_the_same(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The folder of pictures is a file here; nothing is left behind either."""
    document_id = keep(tmp_path / "raw", EXAMPLE.read_bytes(), "a.pdf")
    (tmp_path / "images").write_text("no folder", "utf-8")
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=10_000_000)
    assert originals.render_page(document_id, 1).startswith(b"RIFF")
    assert "cannot be kept" in caplog.text


@pytest.mark.parametrize("document_id", ["", "..", "../../etc/passwd", "0" * 63, "G" * 64, "0" * 64])
def test_only_originals_in_the_store_are_found(tmp_path: Path, document_id: str) -> None:
    """Ids that are none, paths, and ids of files that are not kept find nothing."""
    originals = StoredOriginals(tmp_path / "raw", cache_dir=tmp_path / "images", max_bytes=0)
    assert originals.find_original(document_id) is None
    with pytest.raises(PageUnavailable, match="not kept"):
        originals.render_page(document_id, 1)
