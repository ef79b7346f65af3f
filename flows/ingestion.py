"""What the tasks of the flow do, as plain functions: read, extract and save one document, embed, publish."""

from __future__ import annotations

import datetime
import stat
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from extractors.errors import UnreadableDocument
from extractors.extraction import extract_report, extraction_version
from extractors.reading import read_document
from extractors.records import make_document_id
from flows.discovery import DocumentSource
from flows.errors import FetchFailed
from flows.judges import load_judge_for
from flows.raw_store import save_original
from flows.settings import Settings
from warehouse.entries import Origin, Problem, Stage
from warehouse.publication import Publication, publish_site
from warehouse.store import Warehouse
from warehouse.vectors import Role

if TYPE_CHECKING:
    from models.embedding import Embedder

Progress = Callable[[str], None]

EMBED_BATCH: Final[int] = 256
"""Texts per transaction: what a kill can cost at most."""

_ADVICE: Final[dict[str, str]] = {
    "empty": "Fetch the document again.",
    "wrong_type": "Fetch the document itself; an error page was saved under its name.",
    "unknown_type": "Give a PDF, HTML, Markdown or text version.",
    "damaged": "Fetch the document again.",
    "encrypted": "Ask the publisher for a version without a password.",
    "no_text": "Recognise the text with OCRmyPDF and Tesseract, then ingest the result.",
    "too_many_pages": "Split the document, or raise RODEDRAAD_MAX_PAGES.",
}


@dataclass(frozen=True, slots=True)
class DocumentOutcome:
    """What became of one document."""

    name: str
    status: Literal["new", "unchanged", "failed"]
    statements: int = 0
    pages: int = 0
    message: str = ""


@dataclass(slots=True)
class IngestSummary:
    """What a run did, for people and for the exit code."""

    outcomes: list[DocumentOutcome] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    embedded: int = 0
    publication: Publication | None = None
    seconds: float = 0.0

    def count(self, status: str) -> int:
        """Return how many documents ended with `status`."""
        return sum(outcome.status == status for outcome in self.outcomes)


def now() -> datetime.datetime:
    """Return the present time with its zone; the one place where the flow reads the clock."""
    return datetime.datetime.now(datetime.UTC)


def ingest_document(source: DocumentSource, *, warehouse: Warehouse, settings: Settings) -> DocumentOutcome:
    """Read, extract and save one document; what cannot be read becomes a row in `problems`.

    A document that the warehouse has by the same bytes and the same version of the extractor is not read again.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
        InvalidLexicon: when a lexicon is malformed; the run must stop.
    """
    is_example = _is_example(source, settings)
    origin = Origin(
        source.address,
        source="examples" if is_example else None,
        # They are ours, under the licence of the repository.
        licence="Apache-2.0" if is_example else None,
    )
    try:
        content, name = _get_bytes(source, settings=settings)
    except FetchFailed as error:
        return _record(warehouse, source, "fetch", error.reason, str(error), error.what_to_do)
    except FileNotFoundError:
        message = f"{source.name}: the file is gone, against one that was there when the run began"
        return _record(warehouse, source, "fetch", "vanished", message, "Put the file back, then ingest it again.")
    except OSError as error:
        message = f"{source.name}: the file cannot be read ({error.strerror or error})"
        return _record(warehouse, source, "fetch", "unreadable", message, "Mend its permissions or the disk.")
    document_id = make_document_id(content)
    version = extraction_version(is_judged=settings.extraction == "learned", min_confidence=settings.min_confidence)
    if warehouse.has_extraction(document_id, version=version, origin=origin):
        warehouse.add_origin(document_id, origin=origin, seen_at=now())
        return DocumentOutcome(source.name, "unchanged")
    try:
        document = read_document(content, name=name, max_pages=settings.max_pages, ocr=settings.ocr)
    except UnreadableDocument as error:
        finding, advice = _split_advice(str(error), error.reason)
        return _record(warehouse, source, "read", error.reason, finding, advice, document_id=document_id)
    extraction = extract_report(
        document,
        report_id=warehouse.report_id_for(document_id, origin),
        judge=load_judge_for(settings),
        min_confidence=settings.min_confidence,
    )
    save_original(settings.raw_dir, document_id, content, name=name)
    warehouse.save_extraction(extraction, origin=origin, version=version, seen_at=now())
    return DocumentOutcome(source.name, "new", len(extraction.statements), len(document.pages))


def record_crash(source: DocumentSource, error: Exception, *, warehouse: Warehouse) -> DocumentOutcome:
    """Record a document that made the program fail in a way that nobody foresaw; the others go on."""
    message = f"{source.name}: the program failed on this document ({type(error).__name__}: {error})"
    return _record(
        warehouse, source, "extract", "internal_error", message, "Report this message together with the document."
    )


def _is_example(source: DocumentSource, settings: Settings) -> bool:
    return not source.is_web and settings.example_source.resolve() in Path(source.address).parents


def _get_bytes(source: DocumentSource, *, settings: Settings) -> tuple[bytes, str]:
    if source.is_web:
        from flows.fetching import fetch_document

        return fetch_document(source.address, settings=settings)
    path = Path(source.address)
    if not stat.S_ISREG(path.stat().st_mode):
        # Reading a pipe or a device may never end.
        raise FetchFailed(
            f"{source.name}: found a pipe, device or folder, expected a file",
            reason="not_a_file",
            what_to_do="Save the document as a file.",
        )
    with path.open("rb") as file:
        content = file.read(settings.max_bytes + 1)
    if len(content) > settings.max_bytes:
        raise FetchFailed(
            f"{source.name}: found more than {settings.max_bytes} bytes",
            reason="too_large",
            what_to_do="Raise RODEDRAAD_MAX_BYTES if the document is wanted.",
        )
    return content, source.name


def _split_advice(message: str, reason: str) -> tuple[str, str]:
    """Return what was found, and what to do: the operator's words for `reason`, else what the error itself says."""
    finding, _, advice = message.partition("; ")
    advice = _ADVICE.get(reason) or advice or "look at the document, then ingest it again"
    return finding, advice[:1].upper() + advice[1:].removesuffix(".") + "."


def _record(
    warehouse: Warehouse,
    source: DocumentSource,
    stage: Stage,
    reason: str,
    message: str,
    what_to_do: str,
    *,
    document_id: str | None = None,
) -> DocumentOutcome:
    warehouse.save_problem(
        Problem(source.address, stage, reason, message, what_to_do, first_seen_at=now(), document_id=document_id)
    )
    return DocumentOutcome(source.name, "failed", message=f"{message}. {what_to_do}")


def embed_statements(
    warehouse: Warehouse, *, settings: Settings, report: Progress, embedder: Embedder | None = None
) -> int:
    """Embed what search needs and has no vector yet, and return how many statement texts were embedded.

    Statements are embedded by themselves and in their context; the second model, where one is set, embeds these and the
    passages of the reports' text.

    Raises:
        ModelUnavailable: when there is something to embed and the model is not to be had.
    """
    from models.embedding import describe_model, load_embedder
    from models.joined import describe_second_model
    from models.universal_encoder import UniversalEncoder

    model_id = embedder.model_id if embedder else describe_model(settings.model)
    count = len(warehouse.unembedded_texts(model_id))

    def load() -> Embedder:
        return embedder or load_embedder(
            settings.model,
            cache_dir=settings.cache_dir,
            precision=settings.model_precision,
            allow_hub=settings.allow_hub,
            report_progress=report,
        )

    warehouse.cut_passages()
    _embed(warehouse, ("text", "context"), model_id=model_id, load=load, report=report)
    second_id = describe_second_model(settings.model, settings.second_model)
    if second_id is not None:
        _embed(warehouse, ("text", "context", "passage"), model_id=second_id, load=UniversalEncoder, report=report)
    return count


def _embed(
    warehouse: Warehouse, roles: Sequence[Role], *, model_id: str, load: Callable[[], Embedder], report: Progress
) -> None:
    missing = warehouse.unembedded_texts(model_id, roles)
    if not missing:
        return
    report(f"Embedding {len(missing)} texts with {model_id}")
    embedder = load()
    # Texts of one length share a batch, so sort before cutting into transactions.
    missing.sort(key=lambda row: len(row[1]))
    for start in range(0, len(missing), EMBED_BATCH):
        batch = missing[start : start + EMBED_BATCH]
        rows = embedder.encode_passages([text for _, text, _ in batch])
        warehouse.save_embeddings(embedder.model_id, [digest for digest, _, _ in batch], rows)
        if len(missing) > 2 * EMBED_BATCH:
            report(f"Embedded {min(start + EMBED_BATCH, len(missing))} of {len(missing)}")


def publish(warehouse: Warehouse, *, settings: Settings) -> Publication:
    """Publish the warehouse as a site; raises `PublicationFailed` and leaves the old site when that fails."""
    from models.embedding import describe_model
    from models.joined import describe_second_model

    return publish_site(
        warehouse,
        settings.site_dir,
        model_id=describe_model(settings.model),
        second_model_id=describe_second_model(settings.model, settings.second_model),
        built_at=now(),
    )
