"""Real sites for tests, published from small warehouses of invented extractions."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from extractors.records import Extraction
from warehouse.entries import Origin
from warehouse.publication import publish_site
from warehouse.store import Warehouse

NOON = datetime.datetime(2024, 3, 1, 12, 0, tzinfo=datetime.UTC)

Encode = Callable[[list[str]], NDArray[np.float32]]


def publish_extractions(
    home: Path,
    extractions: Sequence[Extraction],
    *,
    model_id: str,
    encode: Encode,
    origin_prefix: str = "https://verzonnen.example/",
) -> Path:
    """Save `extractions` with the vectors that `encode` gives to the warehouse in `home`; return the site folder."""
    home.mkdir(parents=True, exist_ok=True)
    site_dir = home / "site"
    with Warehouse.open(home / "warehouse.duckdb") as warehouse:
        for extraction in extractions:
            warehouse.save_extraction(
                extraction,
                origin=Origin(f"{origin_prefix}{extraction.document.document_id[:12]}"),
                version="test",
                seen_at=NOON,
            )
        unembedded = warehouse.unembedded_texts(model_id)
        if unembedded:
            warehouse.save_embeddings(model_id, [row[0] for row in unembedded], encode([row[1] for row in unembedded]))
        publish_site(warehouse, site_dir, model_id=model_id, built_at=NOON)
    return site_dir
