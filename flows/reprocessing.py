"""Reprocessing: what depends on something that changed since is done again, from the stored originals, and only that.

The stages, each with what it is recorded by:

- reading and extraction: the versions of reader, rules, lexicons, judge and threshold, in
  ``documents.extraction_version``. The reading of a document is not kept, so a change of the rules alone reads it again
  as well. A lexicon counts for the documents in its language only.
- passages: the version of the rule that cuts them, in ``documents.passages_version``.
- vectors: the hash of each text and the id of the model, which are the key of ``embeddings``.
- themes: a hash of the themes, the model and the way of scoring, in ``themed``.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from extractors.extraction import compare_versions
from extractors.reading import SUPPORTED_SUFFIXES
from flows.discovery import DocumentSource
from flows.ingestion import version_of, wanted_vectors
from flows.raw_store import find_original
from flows.settings import Settings
from warehouse.entries import version_for
from warehouse.store import Warehouse
from warehouse.themes import ThemeBacklog, read_themes

_CURRENT = """
SELECT documents.document_id, documents.language, documents.extraction_version,
       arg_min(origins.address, origins.origin_id),
       arg_min(struct_pack(f := origins.file_name, s := origins.source, p := origins.publisher, l := origins.licence),
               origins.origin_id)
FROM documents JOIN origins USING (document_id)
WHERE documents.is_current
GROUP BY ALL ORDER BY 4
"""


@dataclass(frozen=True, slots=True)
class StagePlan:
    """What is done again at one stage: `count` things of a kind, and why, with how many each reason accounts for."""

    stage: str
    kind: str
    count: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class ReprocessingPlan:
    """What reprocessing would do.

    `documents` are read again; of those in `missing` the original is not kept, so that they must be ingested again.
    `total` counts the current documents. `stages` are all stages in order, also those with nothing to do.
    """

    total: int
    documents: tuple[DocumentSource, ...]
    missing: tuple[str, ...]
    stages: tuple[StagePlan, ...]

    @property
    def is_empty(self) -> bool:
        """Whether everything that can be done is done."""
        return not self.documents and not any(stage.count for stage in self.stages[1:])


def plan_reprocessing(warehouse: Warehouse, settings: Settings) -> ReprocessingPlan:
    """Return what was made by another reader, rule, lexicon, judge, threshold, model or by other themes than now."""
    version = version_of(settings)
    documents: list[DocumentSource] = []
    missing: list[str] = []
    reasons: Counter[str] = Counter()
    rows = warehouse.query(_CURRENT)
    for document_id, language, before, address, about in rows:
        changes = compare_versions(before, version_for(version, language))
        if not changes:
            continue
        stored = find_original(settings.raw_dir, document_id)
        if stored is None:
            missing.append(address)
            continue
        reasons[", ".join(changes)] += 1
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
    reading = StagePlan("read and extract", "documents", len(documents), tuple(reasons.most_common()))
    others = (_plan_passages(warehouse), *_plan_vectors(warehouse, settings), _plan_themes(warehouse, settings))
    return ReprocessingPlan(len(rows), tuple(documents), tuple(missing), (reading, *others))


def _plan_passages(warehouse: Warehouse) -> StagePlan:
    count = warehouse.count_uncut_reports()
    return StagePlan("cut passages", "reports", count, (("cut by another rule, or never", count),) if count else ())


def _plan_vectors(warehouse: Warehouse, settings: Settings) -> list[StagePlan]:
    plans = []
    for model_id, roles in wanted_vectors(settings):
        count = len(warehouse.unembedded_texts(model_id, roles))
        reason = "texts that it has not seen" if warehouse.count_vectors(model_id) else "a model that is new here"
        plans.append(StagePlan(f"embed by {model_id}", "texts", count, ((reason, count),) if count else ()))
    return plans


def _plan_themes(warehouse: Warehouse, settings: Settings) -> StagePlan:
    wanted, ((model_id, _), *_) = read_themes(), wanted_vectors(settings)
    backlog = warehouse.count_theme_backlog(wanted, model_id=model_id)
    reasons = [(why, count) for why, count in _theme_reasons(backlog) if count]
    if not reasons and not warehouse.has_current_themes(wanted, model_id=model_id):
        reasons = [("names or descriptions of themes changed", 1)]
        return StagePlan("assign themes", "list of themes", 1, tuple(reasons))
    return StagePlan("assign themes", "statements", backlog.changed + backlog.new, tuple(reasons))


def _theme_reasons(backlog: ThemeBacklog) -> list[tuple[str, int]]:
    return [
        ("the themes, the model or the way of scoring changed", backlog.changed),
        ("statements that were never compared", backlog.new),
    ]
