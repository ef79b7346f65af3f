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
from warehouse.themes import ThemeSet

NOON = datetime.datetime(2024, 3, 1, 12, 0, tzinfo=datetime.UTC)

Encode = Callable[[list[str]], NDArray[np.float32]]


def publish_extractions(
    home: Path,
    extractions: Sequence[Extraction],
    *,
    model_id: str,
    encode: Encode,
    origin_prefix: str = "https://verzonnen.example/",
    themes: ThemeSet | None = None,
    is_embedded: bool = True,
) -> Path:
    """Save `extractions` with the vectors that `encode` gives to the warehouse in `home`; return the site folder.

    With `themes` the statements are given these; without `is_embedded` no text gets a vector.
    """
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
        warehouse.cut_passages()
        unembedded = warehouse.unembedded_texts(model_id) if is_embedded else []
        if unembedded:
            warehouse.save_embeddings(model_id, [row[0] for row in unembedded], encode([row[1] for row in unembedded]))
        if themes is not None:
            examples = warehouse.missing_theme_examples(themes, model_id=model_id)
            warehouse.save_embeddings(model_id, [row[0] for row in examples], encode([row[1] for row in examples]))
            warehouse.assign_themes(themes, model_id=model_id)
        publish_site(warehouse, site_dir, model_id=model_id, built_at=NOON)
    return site_dir
