"""Reprocessing: documents that another version of the program extracted are read again from their stored originals."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from extractors.reading import SUPPORTED_SUFFIXES
from flows.discovery import DocumentSource
from flows.ingestion import version_of
from flows.raw_store import find_original
from flows.settings import Settings
from warehouse.store import Warehouse

_STALE = """
SELECT documents.document_id, arg_min(origins.address, origins.origin_id),
       arg_min(struct_pack(f := origins.file_name, s := origins.source, p := origins.publisher, l := origins.licence),
               origins.origin_id)
FROM documents JOIN origins USING (document_id)
WHERE documents.is_current AND documents.extraction_version <> ?
GROUP BY documents.document_id ORDER BY 2
"""


@dataclass(frozen=True, slots=True)
class ReprocessingPlan:
    """What reprocessing would do.

    `documents` are read again; of those in `missing` the original is not kept, so that they must be ingested again.
    `total` counts the current documents, `version` is the version that they would have.
    """

    version: str
    total: int
    documents: tuple[DocumentSource, ...]
    missing: tuple[str, ...]


def plan_reprocessing(warehouse: Warehouse, settings: Settings) -> ReprocessingPlan:
    """Return which documents the reader, the rules, the lexicons, the judge or the threshold of now would read anew."""
    version = version_of(settings)
    ((total,),) = warehouse.query("SELECT count(*) FROM documents WHERE is_current")
    documents: list[DocumentSource] = []
    missing: list[str] = []
    for document_id, address, about in warehouse.query(_STALE, [version]):
        stored = find_original(settings.raw_dir, document_id)
        if stored is None:
            missing.append(address)
            continue
        name = about["f"] or stored.name
        documents.append(
            DocumentSource(
                address,
                name if Path(name).suffix.lower() in SUPPORTED_SUFFIXES else f"{name}{stored.suffix}",
                source_id=about["s"],
                publisher=about["p"],
                licence=about["l"],
                stored=stored,
            )
        )
    return ReprocessingPlan(version, int(total), tuple(documents), tuple(missing))
