"""Gives the statements of the warehouse their themes; the examples of the themes are embedded once.

`complete_warehouse` does so with all else that a site shows and that depends on the program, not on documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.ingestion import Progress, embed_statements
from flows.settings import Settings
from warehouse.store import Warehouse
from warehouse.themes import ThemeCounts, read_themes

if TYPE_CHECKING:
    from models.embedding import Embedder


def assign_themes(
    warehouse: Warehouse, *, settings: Settings, report: Progress, embedder: Embedder | None = None
) -> ThemeCounts:
    """Give themes to the statements that were not compared with the present themes, and return how many those were.

    Raises:
        InvalidThemes: when `themes.toml` is malformed; the run must stop.
        ModelUnavailable: when there are new examples to embed and the model is not to be had.
    """
    from models.embedding import describe_model, load_embedder

    themes = read_themes()
    model_id = embedder.model_id if embedder else describe_model(settings.model)
    if warehouse.has_current_themes(themes, model_id=model_id):
        return ThemeCounts(0, 0)
    missing = warehouse.missing_theme_examples(themes, model_id=model_id)
    if missing:
        report(f"Embedding {len(missing)} examples of themes")
        if embedder is None:
            embedder = load_embedder(
                settings.model,
                cache_dir=settings.cache_dir,
                precision=settings.model_precision,
                allow_hub=settings.allow_hub,
                report_progress=report,
            )
        rows = embedder.encode_passages([text for _, text in missing])
        warehouse.save_embeddings(model_id, [text_hash for text_hash, _ in missing], rows)
    return warehouse.assign_themes(themes, model_id=model_id)


def complete_warehouse(
    warehouse: Warehouse, *, settings: Settings, report: Progress, embedder: Embedder | None = None
) -> None:
    """Bring what depends on the program and its settings up to date: vectors, themes and the figures that it brings.

    After an update, or with another model, publication needs no documents for that; where all is there it is quick.

    Raises:
        InvalidThemes: when `themes.toml` is malformed.
        ModelUnavailable: when there is something to embed and the model is not to be had.
    """
    warehouse.refresh_shipped_quality()
    embed_statements(warehouse, settings=settings, report=report, embedder=embedder)
    assign_themes(warehouse, settings=settings, report=report, embedder=embedder)
