"""What the tasks of the flow do, as plain functions: read, extract and save one document, embed, publish."""

from __future__ import annotations

import stat
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from extractors.errors import UnreadableDocument
from extractors.extraction import extraction_version
from extractors.records import make_document_id
from flows.clock import now
from flows.discovery import DocumentSource
from flows.errors import STOPS_THE_RUN, DocumentStopped, FetchFailed, PublicationBlocked
from flows.raw_store import save_original
from flows.settings import Settings
from flows.workers import Discard, Extract, ExtractionJob, extract_here
from warehouse.delivery import Delivery
from warehouse.entries import Origin, Problem, Stage, Version
from warehouse.publication import Publication, publish_site
from warehouse.source_entries import SourceRun
from warehouse.store import Warehouse
from warehouse.vectors import Role

if TYPE_CHECKING:
    from concurrent.futures import Future

    from extractors.records import Extraction
    from flows.fetching import Fetcher
    from flows.workers import Reader
    from models.embedding import Embedder

Progress = Callable[[str], None]

EMBED_BATCH: Final[int] = 256
"""Texts per transaction: what a kill can cost at most."""

FEWEST_FAILED: Final[int] = 5
"""Fewer failed documents never block publication: a small run is looked at by whoever started it."""

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
class SourceSummary:
    """What a run of one source did. `failure` is why the source was stopped, None when it was not.

    `withdrawn_count` documents are offered no more since this run, `returned_count` are again.
    """

    source_id: str
    listed_count: int | None = None
    outcomes: list[DocumentOutcome] = field(default_factory=list)
    failure: str | None = None
    withdrawn_count: int = 0
    returned_count: int = 0

    def count(self, status: str) -> int:
        """Return how many documents ended with `status`."""
        return sum(outcome.status == status for outcome in self.outcomes)

    @property
    def run(self) -> SourceRun:
        """How the run ended, for the warehouse."""
        return SourceRun(
            "failed" if self.failure else "succeeded",
            self.failure,
            self.listed_count,
            self.count("new"),
            self.count("unchanged"),
            self.count("failed"),
        )


@dataclass(slots=True)
class IngestSummary:
    """What a run did, for people and for the exit code."""

    outcomes: list[DocumentOutcome] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    embedded: int = 0
    publication: Publication | None = None
    seconds: float = 0.0
    sources: list[SourceSummary] = field(default_factory=list)
    blocked: str | None = None
    """Why nothing may be published after this run, None when all is well."""

    @property
    def failed_sources(self) -> list[SourceSummary]:
        """The sources that were stopped."""
        return [source for source in self.sources if source.failure]

    def count(self, status: str) -> int:
        """Return how many documents ended with `status`."""
        return sum(outcome.status == status for outcome in self.outcomes)


@dataclass(frozen=True, slots=True)
class ObtainedDocument:
    """A document whose bytes are on this machine. `path` is where they lie; `content` has them when they were read.

    `name` is its file name, with a suffix for its type.
    """

    source: DocumentSource
    document_id: str
    name: str
    path: Path
    content: bytes | None = None

    def read(self) -> bytes:
        """Return the bytes; raises `OSError` when the file cannot be read."""
        return self.path.read_bytes() if self.content is None else self.content


def ingest_document(
    source: DocumentSource, *, warehouse: Warehouse, settings: Settings, fetcher: Fetcher | None = None
) -> DocumentOutcome:
    """Obtain, read, extract and save one document; what cannot be read becomes a row in `problems`.

    A document that the warehouse has by the same bytes and the same version of the extractor is not read again. One on
    the web is fetched by `fetcher`; without it, one is opened for the time being.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
        InvalidLexicon: when a lexicon is malformed; the run must stop.
    """
    try:
        obtained = obtain_document(source, warehouse=warehouse, settings=settings, fetcher=fetcher)
    except FetchFailed as error:
        return record_failure(source, error, warehouse=warehouse)
    return take_in(obtained, warehouse=warehouse, settings=settings)


@dataclass(frozen=True, slots=True)
class BegunDocument:
    """A document that is being read: its bytes are here, and the extraction is on its way, by `reader` where given."""

    obtained: ObtainedDocument
    extraction: Future[Extraction] | Future[Delivery]
    reader: Reader | None = None


Begun = BegunDocument | DocumentOutcome | Exception
"""A document that is being read, one that needs no reading, or why it could not be had."""


def begin_document(
    source: DocumentSource, warehouse: Warehouse, settings: Settings, fetcher: Fetcher, workers: Reader
) -> Begun:
    """Obtain a document and let a worker begin to read it; what `finish_document` takes.

    Raises:
        WarehouseUnwritable: when the warehouse or the store of originals cannot be written; the run must stop.
    """
    try:
        obtained = obtain_document(source, warehouse=warehouse, settings=settings, fetcher=fetcher)
        return begin_reading(obtained, warehouse, settings, workers)
    except STOPS_THE_RUN:
        raise
    except Exception as error:  # noqa: BLE001 - whoever finishes the document records it
        return error


def begin_reading(
    obtained: ObtainedDocument, warehouse: Warehouse, settings: Settings, workers: Reader
) -> BegunDocument | DocumentOutcome:
    """Let a worker begin to read a document whose bytes are here, unless nothing is left to extract from it."""
    if unchanged := note_unchanged(obtained, warehouse=warehouse, settings=settings):
        return unchanged
    job = describe_job(obtained, warehouse=warehouse, settings=settings)
    return BegunDocument(obtained, workers.submit(job), workers)


def finish_document(
    source: DocumentSource, begun: Begun, *, warehouse: Warehouse, settings: Settings
) -> DocumentOutcome:
    """Save a document that a worker has read, or record why it could not be had or read; see `ingest_document`."""
    if isinstance(begun, FetchFailed):
        return record_failure(source, begun, warehouse=warehouse)
    if isinstance(begun, Exception):
        raise begun
    if isinstance(begun, DocumentOutcome):
        return begun

    reader = begun.reader

    def extract(job: ExtractionJob) -> Extraction | Delivery:
        found = begun.extraction.result()  # the job was given to the worker when the document was begun
        if reader and isinstance(found, Delivery) and found.report_id != job.report_id:
            reader.discard(found)  # meanwhile the document turned out to be a version of another report
            return reader.extract(job)
        return found

    return take_in(
        begun.obtained,
        warehouse=warehouse,
        settings=settings,
        extract=extract,
        discard=reader.discard if reader else None,
    )


def obtain_document(
    source: DocumentSource, *, warehouse: Warehouse, settings: Settings, fetcher: Fetcher | None = None
) -> ObtainedDocument:
    """Read a file, or fetch what is new or changed at a URL; raises `FetchFailed` and `WarehouseUnwritable`."""
    if source.stored:
        return ObtainedDocument(source, source.stored.stem, source.name, source.stored)
    if not source.is_web:
        return obtain_file(source, settings=settings)
    known = warehouse.sources.known_documents([source.address]).get(source.address)
    with ExitStack() as exits:
        if fetcher is None:
            from flows.fetch_journal import open_fetcher

            fetcher = exits.enter_context(open_fetcher(settings, warehouse))
        fetched = fetcher.fetch_document(source.address, source_id=source.source_id, known=known)
    return ObtainedDocument(source, fetched.document_id, fetched.name, fetched.path)


def describe_job(obtained: ObtainedDocument, *, warehouse: Warehouse, settings: Settings) -> ExtractionJob:
    """Return what a worker needs to read and extract a document, and which report it belongs to."""
    report_id = warehouse.report_id_for(obtained.document_id, origin_of(obtained.source, settings))
    return ExtractionJob(obtained.path, obtained.name, report_id, obtained.content)


def take_in(
    obtained: ObtainedDocument,
    *,
    warehouse: Warehouse,
    settings: Settings,
    extract: Extract | None = None,
    discard: Discard | None = None,
) -> DocumentOutcome:
    """Read, extract and save one document whose bytes are here; see `ingest_document`.

    `extract` reads and extracts it, in a worker for instance; without it that happens here. `discard` is told of a
    delivery that was saved.
    """
    if unchanged := note_unchanged(obtained, warehouse=warehouse, settings=settings):
        return unchanged
    source, document_id = obtained.source, obtained.document_id
    origin = origin_of(source, settings)
    job = describe_job(obtained, warehouse=warehouse, settings=settings)
    try:
        extraction = extract(job) if extract else extract_here(job, settings)
    except UnreadableDocument as error:
        finding, advice = _split_advice(str(error), error.reason)
        return _record(warehouse, source, "read", error.reason, finding, advice, document_id=document_id)
    except DocumentStopped as error:
        return _record(warehouse, source, "read", error.reason, str(error), error.what_to_do, document_id=document_id)
    save_original(settings.raw_dir, document_id, obtained.read(), name=obtained.name)
    warehouse.save_extraction(extraction, origin=origin, version=version_of(settings), seen_at=now())
    if not isinstance(extraction, Delivery):
        return DocumentOutcome(source.name, "new", len(extraction.statements), len(extraction.document.pages))
    if discard:
        discard(extraction)
    return DocumentOutcome(source.name, "new", len(extraction.rows["statements"]), len(extraction.rows["pages"]))


def note_unchanged(obtained: ObtainedDocument, *, warehouse: Warehouse, settings: Settings) -> DocumentOutcome | None:
    """Keep the origin of a document of which nothing is left to extract; None when it must be taken in."""
    origin = origin_of(obtained.source, settings)
    if not warehouse.has_extraction(obtained.document_id, version=version_of(settings), origin=origin):
        return None
    warehouse.add_origin(obtained.document_id, origin=origin, seen_at=now())
    return DocumentOutcome(obtained.source.name, "unchanged")


def version_of(settings: Settings) -> Version:
    """Return the version by language of the reader, rules, lexicons and judge that these settings choose."""
    return partial(
        extraction_version, is_judged=settings.extraction == "learned", min_confidence=settings.min_confidence
    )


def record_failure(source: DocumentSource, error: FetchFailed, *, warehouse: Warehouse) -> DocumentOutcome:
    """Record a document whose bytes could not be had; the others go on."""
    return _record(warehouse, source, "fetch", error.reason, str(error), error.what_to_do)


def origin_of(source: DocumentSource, settings: Settings) -> Origin:
    """Return the origin of a document: its address, and what its source says of it."""
    is_example = source.source_id is None and _is_example(source, settings)
    return Origin(
        source.address,
        source="examples" if is_example else source.source_id,
        publisher=source.publisher,
        # They are ours, under the licence of the repository.
        licence="Apache-2.0" if is_example else source.licence,
    )


def record_crash(source: DocumentSource, error: Exception, *, warehouse: Warehouse) -> DocumentOutcome:
    """Record a document that made the program fail in a way that nobody foresaw; the others go on."""
    message = f"{source.name}: the program failed on this document ({type(error).__name__}: {error})"
    return _record(
        warehouse, source, "extract", "internal_error", message, "Report this message together with the document."
    )


def _is_example(source: DocumentSource, settings: Settings) -> bool:
    return not source.is_web and settings.example_source.resolve() in Path(source.address).parents


def obtain_file(source: DocumentSource, *, settings: Settings) -> ObtainedDocument:
    """Read a file of this machine; raises `FetchFailed`: not_a_file, vanished, unreadable, too_large."""
    path = Path(source.address)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            # Reading a pipe or a device may never end.
            raise FetchFailed(
                f"{source.name}: found a pipe, device or folder, expected a file",
                reason="not_a_file",
                what_to_do="Save the document as a file.",
            )
        with path.open("rb") as file:
            content = file.read(settings.max_bytes + 1)
    except FileNotFoundError as error:
        raise FetchFailed(
            f"{source.name}: the file is gone, against one that was there when the run began",
            reason="vanished",
            what_to_do="Put the file back, then ingest it again.",
        ) from error
    except OSError as error:
        raise FetchFailed(
            f"{source.name}: the file cannot be read ({error.strerror or error})",
            reason="unreadable",
            what_to_do="Mend its permissions or the disk.",
        ) from error
    if len(content) > settings.max_bytes:
        raise FetchFailed(
            f"{source.name}: found more than {settings.max_bytes} bytes",
            reason="too_large",
            what_to_do="Raise RODEDRAAD_MAX_BYTES if the document is wanted.",
        )
    return ObtainedDocument(source, make_document_id(content), source.name, path, content)


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
    warehouse: Warehouse,
    *,
    settings: Settings,
    report: Progress,
    embedder: Embedder | None = None,
    load_second: Callable[[], Embedder] | None = None,
) -> int:
    """Embed what search needs and has no vector yet, and return how many statement texts were embedded.

    Statements are embedded by themselves and in their context; the second model, where one is set, embeds these and the
    passages of the reports' text. `embedder` and `load_second` are for who has the models loaded already.

    Raises:
        ModelUnavailable: when there is something to embed and the model is not to be had.
    """
    from models.embedding import load_embedder
    from models.universal_encoder import UniversalEncoder

    (first, roles), *others = wanted_vectors(settings)
    model_id = embedder.model_id if embedder else first
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
    _embed(warehouse, roles, model_id=model_id, load=load, report=report)
    for second_id, second_roles in others:
        _embed(warehouse, second_roles, model_id=second_id, load=load_second or UniversalEncoder, report=report)
    return count


def wanted_vectors(settings: Settings) -> list[tuple[str, tuple[Role, ...]]]:
    """Return the model, and the second one where there is one, each with the texts that it embeds."""
    from models.embedding import describe_model
    from models.joined import describe_second_model

    wanted: list[tuple[str, tuple[Role, ...]]] = [(describe_model(settings.model), ("text", "context"))]
    second_id = describe_second_model(settings.model, settings.second_model)
    if second_id is not None:
        wanted.append((second_id, ("text", "context", "passage")))
    return wanted


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


def why_blocked(summary: IngestSummary, settings: Settings) -> str | None:
    """Return why nothing may be published after a run, in a sentence; None when all is well.

    A source that gives fewer documents than it should, or a run in which many documents fail, would take reports out of
    the knowledge base, or leave them out, without anybody seeing it.
    """
    reasons = [str(source.failure) for source in summary.failed_sources]
    failed, total = summary.count("failed"), len(summary.outcomes)
    if failed >= FEWEST_FAILED and failed > settings.max_failed_share * total:
        reasons.append(
            f"{failed} of {total} documents failed, against at most a share of {settings.max_failed_share:g}; look at "
            "the problems, or raise RODEDRAAD_MAX_FAILED_SHARE"
        )
    return "; ".join(reasons) or None


def publish(warehouse: Warehouse, *, settings: Settings, force: bool = False) -> Publication:
    """Publish the warehouse as a site.

    Raises:
        PublicationBlocked: when the last run went too badly, unless `force`; the old site stays.
        PublicationFailed: when writing the site fails; the old site stays.
    """
    from models.embedding import describe_model
    from models.joined import describe_second_model

    last = warehouse.last_build()
    if last and last.outcome == "failed" and last.note and not force:
        raise PublicationBlocked(
            f"publication: blocked by the last run: {last.note}. The last good site stays; mend it and ingest again, "
            "or publish with --force"
        )

    warehouse.link_twins()
    return publish_site(
        warehouse,
        settings.site_dir,
        model_id=describe_model(settings.model),
        second_model_id=describe_second_model(settings.model, settings.second_model),
        built_at=now(),
    )
