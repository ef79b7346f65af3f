"""Evaluation: extract the documents of a gold set, score the result, and print, keep or ship the figures.

python -m flows.evaluation GOLD DOCS [--write docs/extraction.md] [--ship]
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import sys
import tomllib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from flows.clock import now
from flows.error_counts import format_error_counts
from flows.errors import NothingToRead
from flows.figures import OF_SHIPPED, Measured, as_figures, format_figures, measure_all
from flows.reliability import format_reliability
from flows.scoring import DocumentScore, Json, score_document
from flows.settings import Settings
from warehouse.quality import Figure, write_shipped

BEGIN: Final = "<!-- {name}:begin -->"
END: Final = "<!-- {name}:end -->"


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """One document: its gold, what was extracted from it, its text (empty when it cannot be read), and its score."""

    name: str
    gold: Json
    predicted: Json
    text: str
    score: DocumentScore


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """All documents of a gold set; `content_hash` changes when a gold file or a document does."""

    documents: tuple[Evaluated, ...]
    content_hash: str

    @property
    def scores(self) -> list[DocumentScore]:
        """The score of each document."""
        return [document.score for document in self.documents]

    def measure(self) -> list[Measured]:
        """Return every figure with its interval."""
        return measure_all(self.scores)


def extract_prediction(path: Path) -> Json:
    """Extract one document into the scorer's form; an unreadable one gives an empty prediction with its problem."""
    return _extract_with_text(path)[0]


def _extract_with_text(path: Path) -> tuple[Json, str]:
    from extractors.errors import UnreadableDocument
    from extractors.output import as_prediction
    from flows.workers import ExtractionJob, extract_here

    try:
        extraction = extract_here(ExtractionJob(path, path.name), Settings())
    except UnreadableDocument as error:
        return {"problem": str(error)}, ""
    return as_prediction(extraction), extraction.document.text


def evaluate_folder(gold: Path, docs: Path) -> Evaluation:
    """Extract and score every document that a gold file names by its stem, in two processes.

    Raises:
        NothingToRead: when there are no gold files, or a document is missing.
    """
    pairs: list[tuple[Path, Path]] = []
    for gold_file in sorted(gold.glob("*.json")):
        named = [p for p in sorted(docs.glob("*")) if p.stem == gold_file.stem and p.suffix != ".json"]
        if not named:
            raise NothingToRead(f"{gold_file.name}: found no document of that name in {docs}; give the folder it is in")
        pairs.append((gold_file, named[0]))
    if not pairs:
        raise NothingToRead(f"{gold}: found no gold files, expected NAME.json files; correct the path")
    digest = hashlib.sha256()
    documents: list[Evaluated] = []
    with ProcessPoolExecutor(max_workers=2) as pool:
        extracted = pool.map(_extract_with_text, [document for _, document in pairs])
        for (gold_file, path), (predicted, text) in zip(pairs, extracted, strict=True):
            if "problem" in predicted:
                sys.stderr.write(f"{predicted['problem']}\n")
            for content in (gold_file.read_bytes(), path.read_bytes()):
                digest.update(hashlib.sha256(content).digest())
            wanted = json.loads(gold_file.read_text(encoding="utf-8"))
            score = score_document(wanted, predicted, name=path.stem)
            documents.append(Evaluated(path.stem, wanted, predicted, text, score))
    return Evaluation(tuple(documents), digest.hexdigest()[:12])


def make_figures(measured: Sequence[Measured]) -> dict[str, float]:
    """Return the value of every figure by its name, such as ``recommendation/nl/f1`` or ``label``."""
    return {m.name: m.value for m in measured}


def find_shortfalls(figures: dict[str, float], floors: Path) -> list[str]:
    """Return one line per figure that is below its floor, or is missing.

    Raises:
        NothingToRead: when the file of floors cannot be read.
    """
    try:
        table = tomllib.loads(floors.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NothingToRead(f"{floors}: {error}; expected a TOML table of figures and their floors") from error
    return [
        f"{name}: found {figures.get(name, 0.0):.3f}, expected at least {floor:.3f}"
        for name, floor in table.items()
        if not isinstance(floor, dict) and figures.get(name, 0.0) < floor
    ]


def run_evaluate(
    gold: Path,
    docs: Path,
    *,
    as_json: bool = False,
    by_document: bool = False,
    floors: Path | None = None,
    errors: Path | None = None,
    save_as: str | None = None,
) -> int:
    """Print the scores and return the exit code: 1 when a figure is below its floor.

    Args:
        gold: folder with gold files.
        docs: folder with the documents they are about.
        as_json: JSON instead of tables.
        by_document: also one line per document and kind.
        floors: TOML table of figures and their floors.
        errors: HTML file to write, in which the errors can be looked through.
        save_as: name of the set under which the figures are saved in the warehouse; None saves nothing.

    Raises:
        NothingToRead: when there is nothing to evaluate, or a file named here cannot be read.
        WarehouseLocked: when the figures cannot be saved for another process has the warehouse; asked beforehand.
    """
    if save_as is not None:
        _save((), Settings())  # before minutes are spent
    evaluation = evaluate_folder(gold, docs)
    measured = evaluation.measure()
    if as_json:
        rows = {m.name: _as_json(m) for m in measured}
        sys.stdout.write(json.dumps(rows, indent=1) + "\n")
    else:
        if by_document:
            sys.stdout.write(_format_documents(evaluation.scores))
        sys.stdout.write(format_figures(measured, evaluation.scores) + "\n")
    if errors:
        from flows.error_page import write_error_page

        write_error_page(errors, evaluation.documents)
        sys.stderr.write(f"Errors are in {errors}; open it in a browser\n")
    if save_as is not None:
        count = _save(name_figures(evaluation, measured, measured_on=save_as), Settings())
        sys.stderr.write(f"Saved {count} figures of the set “{save_as}”; rodedraad publish shows them\n")
    shortfalls = find_shortfalls(make_figures(measured), floors) if floors else []
    for line in shortfalls:
        sys.stderr.write(f"below its floor: {line}\n")
    return 1 if shortfalls else 0


def name_figures(
    evaluation: Evaluation, measured: Sequence[Measured], *, measured_on: str, caveat: str = ""
) -> list[Figure]:
    """Return the figures of an evaluation as rows for the table `quality`, measured now on the set `measured_on`."""
    from extractors.extraction import extraction_version

    settings = Settings()
    version = extraction_version(is_judged=settings.extraction == "learned", min_confidence=settings.min_confidence)
    return as_figures(
        measured,
        measured_on=measured_on,
        measured_on_hash=evaluation.content_hash,
        version=version,
        measured_at=now(),
        caveat=caveat,
    )


def _save(figures: Sequence[Figure], settings: Settings) -> int:
    from warehouse.store import Warehouse

    with Warehouse.open(settings.warehouse_path) as warehouse:
        warehouse.save_quality(figures)
    return len(figures)


def _as_json(measured: Measured) -> Json:
    row = dataclasses.asdict(measured)
    return {name: row[name] for name in ("value", "low", "high", "case_count", "document_count")}


def _format_documents(scores: Sequence[DocumentScore]) -> str:
    lines = []
    for score in scores:
        for compared in score.comparisons:
            tally = score.tally("statement", compared.kind)
            if tally.wanted or tally.predicted:
                counts = f"gold {tally.wanted:3} found {tally.predicted:3} right {tally.hits:3}"
                lines.append(f"{score.name[:50]:50} {compared.kind:15} {counts}\n")
    return "".join(lines)


def write_between(page: Path, name: str, text: str) -> None:
    """Put `text` between the markers called `name` in a page of the docs, in place of what stands there.

    Raises:
        NothingToRead: when the page lacks one of the markers.
    """
    begin, end = BEGIN.format(name=name), END.format(name=name)
    before, found_begin, rest = page.read_text(encoding="utf-8").partition(begin)
    _, found_end, after = rest.partition(end)
    if not found_begin or not found_end:
        raise NothingToRead(f"{page}: found no {begin} … {end}; put these markers where the figures belong")
    page.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores, and write them into the docs and into the file that the program brings when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="the page of the docs with the markers")
    parser.add_argument("--ship", metavar="SET", help="ship the figures with the program, as measured on this set")
    options = parser.parse_args(arguments)
    evaluation = evaluate_folder(options.gold, options.docs)
    measured = evaluation.measure()
    tables = {
        "figures": format_figures(measured, evaluation.scores),
        "reliability": format_reliability(evaluation.scores),
        "errors": format_error_counts(evaluation.documents),
    }
    sys.stdout.write("\n\n".join(tables.values()) + "\n")
    for name, table in tables.items() if options.write else ():
        write_between(options.write, name, table)
    if options.ship:
        figures = name_figures(evaluation, measured, measured_on=options.ship, caveat=OF_SHIPPED)
        write_shipped("extraction", figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
