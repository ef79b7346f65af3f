"""What another machine found in a document comes into the warehouse by a file as if it had been found here."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from invented_extractions import make_extraction

from warehouse.delivery import read_delivery, write_delivery
from warehouse.entries import Origin
from warehouse.errors import DeliveryUnreadable
from warehouse.scratch import fill_scratch
from warehouse.store import Warehouse

SEEN = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
ORIGIN = Origin("https://verzonnen.example/rapport.pdf", source="verzonnen", licence="CC0-1.0")


def write(path: Path) -> None:
    with Warehouse.open_scratch() as scratch:
        fill_scratch(scratch, make_extraction(), version="1")
        texts = scratch.unembedded_texts("model")
        matrix = np.eye(len(texts), 8, dtype=np.float32)
        scratch.save_embeddings("model", [text_hash for text_hash, _, _ in texts], matrix)
        write_delivery(scratch, path)


def test_a_delivery_gives_the_rows_of_an_extraction_made_here(tmp_path: Path) -> None:
    write(tmp_path / "found.parquet")
    delivery = read_delivery(tmp_path / "found.parquet")

    with Warehouse.open(tmp_path / "here.duckdb") as here, Warehouse.open(tmp_path / "there.duckdb") as there:
        here.save_extraction(make_extraction(), origin=ORIGIN, version="1", seen_at=SEEN)
        texts = here.unembedded_texts("model")
        here.save_embeddings("model", [text_hash for text_hash, _, _ in texts], np.eye(len(texts), 8, dtype=np.float32))
        assert there.save_extraction(delivery, origin=ORIGIN, version="1", seen_at=SEEN)

        assert there.fingerprint() == here.fingerprint()
        assert there.unembedded_texts("model") == []
        np.testing.assert_array_equal(there.read_embeddings("model")[1], here.read_embeddings("model")[1])
        assert not there.save_extraction(delivery, origin=ORIGIN, version="1", seen_at=SEEN)


def test_a_delivery_for_another_report_is_refused(tmp_path: Path) -> None:
    write(tmp_path / "found.parquet")
    delivery = read_delivery(tmp_path / "found.parquet")

    with Warehouse.open(tmp_path / "w.duckdb") as warehouse:
        warehouse.save_extraction(make_extraction(), origin=ORIGIN, version="0", seen_at=SEEN)
        with warehouse.transaction() as connection:
            connection.execute("UPDATE documents SET report_id = 'r0'")
        with pytest.raises(ValueError, match="read the document again"):
            warehouse.save_extraction(delivery, origin=ORIGIN, version="1", seen_at=SEEN)


@pytest.mark.parametrize("keep", [0, 40, -40])
def test_a_file_that_is_cut_off_is_no_delivery(tmp_path: Path, keep: int) -> None:
    write(tmp_path / "found.parquet")
    content = (tmp_path / "found.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[:keep])

    with pytest.raises(DeliveryUnreadable, match=r"cut\.parquet"):
        read_delivery(tmp_path / "cut.parquet")
