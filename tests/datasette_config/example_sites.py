"""The bundled examples as a site, with their originals: what `make run` serves, by the rules and a tiny encoder."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from invented_extractions import NOON
from invented_runs import keep_run, make_description
from served_sites import MODEL_ID, HashedWords

from extractors.extraction import extract_report
from extractors.reading import read_document
from flows.originals import StoredOriginals
from flows.raw_store import save_original
from warehouse.entries import Origin
from warehouse.publication import publish_site
from warehouse.source_status import save_status
from warehouse.store import Warehouse
from warehouse.themes import read_themes

REPORTS = Path(__file__).resolve().parents[2] / "examples" / "reports"


def publish_examples(home: Path) -> tuple[Path, StoredOriginals]:
    """Publish the examples but for the scan; return the site folder and the originals."""
    home.mkdir(parents=True, exist_ok=True)
    with Warehouse.open(home / "warehouse.duckdb") as warehouse:
        for path in sorted(REPORTS.iterdir()):
            if path.name.startswith("scan-"):
                continue  # would need character recognition
            content = path.read_bytes()
            extraction = extract_report(read_document(content, name=path.name))
            save_original(home / "raw", extraction.document.document_id, content, name=path.name)
            origin = Origin(str(path), source="examples", licence="Apache-2.0")
            warehouse.save_extraction(extraction, origin=origin, version="test", seen_at=NOON)
        texts = warehouse.unembedded_texts(MODEL_ID)
        vectors = HashedWords().encode_queries([text for _, text, *_ in texts])
        warehouse.save_embeddings(MODEL_ID, [key for key, *_ in texts], vectors)
        # An encoder this small is never sure: give each theme at a low score.
        wanted = read_themes()
        low = tuple(dataclasses.replace(theme, threshold=0.05) for theme in wanted.themes)
        themes = dataclasses.replace(wanted, themes=low)
        examples = warehouse.missing_theme_examples(themes, model_id=MODEL_ID)
        vectors = HashedWords().encode_queries([text for _, text in examples])
        warehouse.save_embeddings(MODEL_ID, [key for key, _ in examples], vectors)
        warehouse.assign_themes(themes, model_id=MODEL_ID)
        publish_site(warehouse, home / "site", model_id=MODEL_ID, built_at=NOON)
        keep_run(warehouse, make_description("rekenkamer"), failed=2)
        keep_run(warehouse, make_description("ombudsman"), outcome="failed", message="source ombudsman: found 0")
        save_status(warehouse, home / "site", now=NOON)
    originals = StoredOriginals(home / "raw", cache_dir=home / "page-images", max_bytes=50_000_000)
    return home / "site", originals
