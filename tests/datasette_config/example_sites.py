"""The bundled examples as a site, with their originals: what `make run` serves, by the rules and a tiny encoder."""

from __future__ import annotations

from pathlib import Path

from invented_extractions import NOON
from served_sites import MODEL_ID, HashedWords

from extractors.extraction import extract_report
from extractors.reading import read_document
from flows.originals import StoredOriginals
from flows.raw_store import save_original
from warehouse.entries import Origin
from warehouse.publication import publish_site
from warehouse.store import Warehouse

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
        publish_site(warehouse, home / "site", model_id=MODEL_ID, built_at=NOON)
    originals = StoredOriginals(home / "raw", cache_dir=home / "page-images", max_bytes=50_000_000)
    return home / "site", originals
