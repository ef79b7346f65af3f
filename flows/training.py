"""Training: the model of wording and the judge of statements, from rows in the repository and gold beside it.

    python -m flows.training [--gold GOLD DOCS]... [--write]

Trains on the invented sentences and reports in `models/training_rows`, on the stand-off annotations there as far as
their documents are in DOCS, and on the gold folders given. Prints the figures of every document by an ensemble that has
not seen it; `--write` puts the weights into `models/weights` and the figures into their card.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import warnings
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from extractors.errors import UnreadableDocument
from extractors.extraction import read_candidates
from extractors.judging import Judged, describe_candidates
from extractors.reading import read_document
from extractors.records import STATEMENT_KINDS, Document, StatementKind
from flows.annotations import read_annotations
from flows.evaluation import MATCH, token_f1, tokens
from flows.settings import Settings
from models.boosting import BoostedTrees, sigmoid
from models.embedding import Embedder, load_embedder
from models.judging import TREES_FILE, WORDING_FILE, Judge, save_trees
from models.wording import LABELS, Wording, WordingModel, centre, embed_wordings, load_wording_model, save_wording_model

ROWS: Final = Path(__file__).resolve().parent.parent / "models" / "training_rows"
CARD: Final = Path(__file__).resolve().parent.parent / "models" / "weights" / "README.md"
FOLDS: Final = 8
TREES: Final = {
    "max_iter": 80,
    "learning_rate": 0.06,
    "max_leaf_nodes": 8,
    "min_samples_leaf": 25,
    "l2_regularization": 5.0,
}
WORDING_STRENGTH: Final = 0.5
"""Inverse of the regularisation of the model of wording."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A candidate with its features and whether it is a statement; `gold_id` is the statement that it matches."""

    judged: Judged
    is_statement: bool
    gold_id: str | None


@dataclass(frozen=True, slots=True, eq=False)
class TrainingDocument:
    """The examples of one document, and how many statements of each kind its gold has."""

    name: str
    document_id: str
    language: str
    examples: list[Example]
    wanted: dict[StatementKind, int]


def train_wording(embedder: Embedder, path: Path) -> WordingModel:
    """Train the model of wording on the invented sentences and write it to `path`."""
    from sklearn.linear_model import LogisticRegression

    rows: list[NDArray[np.float32]] = []
    labels: list[str] = []
    means: dict[str, NDArray[np.float32]] = {}
    for file in sorted((ROWS / "wording").glob("*.jsonl")):
        sentences = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        embedded = embed_wordings(embedder, [Wording(s["text"], s["heading"], s["before"]) for s in sentences])
        means[file.stem] = embedded.mean(axis=0)
        rows.append(centre(embedded, means[file.stem]))
        labels += [s["label"] for s in sentences]
    matrix = np.vstack(rows)
    whole = LogisticRegression(C=WORDING_STRENGTH, max_iter=1000).fit(matrix, labels)
    alone = LogisticRegression(C=WORDING_STRENGTH, max_iter=1000).fit(matrix[:, : embedder.dimension], labels)
    order = [list(whole.classes_).index(label) for label in LABELS]
    save_wording_model(
        path,
        weights=whole.coef_[order].T,
        bias=whole.intercept_[order],
        alone=alone.coef_[order].T,
        alone_bias=alone.intercept_[order],
        means=means,
        card={"sentences": len(labels), "languages": sorted(means)},
    )
    return load_wording_model(path, embedder)


def read_training_documents(pairs: Iterable[tuple[Json, Path]], judge: Judge) -> list[TrainingDocument]:
    """Return the examples of every document; `pairs` are the gold and the file of each."""
    documents = []
    for gold, path in pairs:
        try:
            document = read_document(path.read_bytes(), name=path.name, ocr=False)
        except UnreadableDocument as error:
            sys.stderr.write(f"{error}\n")
            continue
        documents.append(_read_examples(gold, document, path.stem, judge))
    return documents


def _read_examples(gold: Json, document: Document, name: str, judge: Judge) -> TrainingDocument:
    read = read_candidates(document)
    judged = describe_candidates(read.around, read.found, judge) if read.speaks else []
    scored = [kind for kind in STATEMENT_KINDS if kind in gold.get("annotated_types", STATEMENT_KINDS)]
    wanted = {kind: [s for s in gold["statements"] if s["type"] == kind] for kind in scored}
    optional = [s for s in gold.get("optional_statements", [])]
    regions = gold.get("ignore_regions", [])
    examples = []
    for one in judged:
        kind = one.candidate.kind
        if kind not in scored or read.is_of_others(one.candidate):
            continue
        words = tokens(read.around.text(one.candidate))
        best, gold_id = max(
            (
                (max(token_f1(words, tokens(o["text"])) for o in (s, *(s.get("also") or []))), s["id"])
                for s in wanted[kind]
            ),
            default=(0.0, None),
        )
        is_statement = best >= MATCH
        excused = any(s["type"] == kind and token_f1(words, tokens(s["text"])) >= MATCH for s in optional) or any(
            kind in r["types"] and r["pages"][0] <= one.candidate.page <= r["pages"][1] for r in regions
        )
        if is_statement or not excused:
            examples.append(Example(one, is_statement, gold_id if is_statement else None))
    counts = {kind: len(statements) for kind, statements in wanted.items()}
    return TrainingDocument(name, document.document_id, document.language, examples, counts)


def assign_folds(documents: Sequence[TrainingDocument]) -> dict[str, int]:
    """Return the fold of each document by the beginning of its id: translations and copies of one report go together.

    Documents are dealt by size, so that no fold holds all the long ones.
    """
    groups: dict[str, list[TrainingDocument]] = defaultdict(list)
    for document in documents:
        groups[_family(document.name)].append(document)
    sizes = [0] * FOLDS
    folds: dict[str, int] = {}
    for _, members in sorted(groups.items(), key=lambda pair: (-sum(len(d.examples) for d in pair[1]), pair[0])):
        fold = sizes.index(min(sizes))
        sizes[fold] += sum(len(d.examples) for d in members)
        folds.update({d.document_id[:16]: fold for d in members})
    return folds


def _family(name: str) -> str:
    """Return what the names of translations share: what stands before the language or the translated title."""
    return name.split("_NL")[0].split("_EN")[0][:11]


def train_trees(
    documents: Sequence[TrainingDocument], folds: dict[str, int]
) -> tuple[
    dict[str, list[BoostedTrees]], tuple[str, ...], dict[str, tuple[float, float, float]], dict[str, float], Json
]:
    """Return ensembles per kind, their features, calibration, thresholds and the figures by unseen ensembles."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    names = sorted({name for d in documents for e in d.examples for name in e.judged.features})
    place = {name: i for i, name in enumerate(names)}
    ensembles: dict[str, list[BoostedTrees]] = {}
    scale: dict[str, tuple[float, float, float]] = {}
    thresholds: dict[str, float] = {}
    figures: Json = {}
    for kind in STATEMENT_KINDS:
        rows = [(d, e) for d in documents for e in d.examples if e.judged.candidate.kind == kind]
        matrix = np.zeros((len(rows), len(names)))
        for i, (_, e) in enumerate(rows):
            for name, value in e.judged.features.items():
                matrix[i, place[name]] = value
        target = np.array([e.is_statement for _, e in rows])
        by_rules = np.array([e.judged.found_by_rules for _, e in rows], float)
        fold = np.array([folds[d.document_id[:16]] for d, _ in rows])
        log_odds = np.zeros(len(rows))
        ensembles[kind] = []
        for n in range(FOLDS):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                model = HistGradientBoostingClassifier(**TREES, random_state=0, early_stopping=False)
                model.fit(matrix[fold != n], target[fold != n])
            trees = convert_trees(model)
            ensembles[kind].append(trees)
            log_odds[fold == n] = trees.log_odds(matrix[fold == n])
        calibration = LogisticRegression(C=100.0).fit(np.column_stack([log_odds, by_rules]), target)
        slope, weight = (float(v) for v in calibration.coef_[0])
        scale[kind] = (slope, weight, float(calibration.intercept_[0]))
        confidence = sigmoid(slope * log_odds + weight * by_rules + scale[kind][2])
        thresholds[kind] = _best_threshold(documents, rows, confidence, kind)
        figures[kind] = {
            "rows": len(rows),
            "statements": int(target.sum()),
            "reliability": _reliability(confidence, target),
            "threshold": thresholds[kind],
        }
    return ensembles, tuple(names), scale, thresholds, figures


def _best_threshold(
    documents: Sequence[TrainingDocument],
    rows: Sequence[tuple[TrainingDocument, Example]],
    confidence: NDArray[np.float64],
    kind: StatementKind,
) -> float:
    """Return the confidence at which F1 over the statements is highest; overlapping false alarms count once."""
    wanted = sum(d.wanted.get(kind, 0) for d in documents)
    best = (0.0, 0.5)
    for threshold in np.arange(0.2, 0.75, 0.05):
        hits: set[tuple[str, str]] = set()
        ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
        false_alarms = 0
        for (d, e), c in sorted(zip(rows, confidence, strict=True), key=lambda pair: -pair[1]):
            if c < threshold:
                break
            start, end = e.judged.candidate.start, e.judged.candidate.end
            if any(start < b and a < end for a, b in ranges[d.name]):
                continue
            ranges[d.name].append((start, end))
            if e.gold_id:
                hits.add((d.name, e.gold_id))
            else:
                false_alarms += 1
        f1 = 2 * len(hits) / max(1, len(hits) + false_alarms + wanted)
        best = max(best, (f1, round(float(threshold), 2)))
    return best[1]


def _reliability(confidence: NDArray[np.float64], target: NDArray[np.bool_]) -> list[Json]:
    """Return, for each tenth of confidence, how many candidates have it, their mean, and the share that is right."""
    table = []
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1 + (low > 0.85))
        if inside.any():
            row = {"from": round(float(low), 1), "candidates": int(inside.sum())}
            table.append({**row, "confidence": float(confidence[inside].mean()), "right": float(target[inside].mean())})
    return table


def convert_trees(model: Any) -> BoostedTrees:
    """Return the trees of a fitted scikit-learn `HistGradientBoostingClassifier` of two classes as arrays."""
    parts: dict[str, list[NDArray[Any]]] = defaultdict(list)
    roots: list[int] = []
    offset = 0
    for (predictor,) in model._predictors:
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(bool)
        roots.append(offset)
        parts["feature"].append(np.where(leaf, 0, nodes["feature_idx"]))
        parts["threshold"].append(np.where(leaf, 0.0, nodes["num_threshold"]))
        parts["left"].append(np.where(leaf, -1, nodes["left"].astype(np.int64) + offset))
        parts["right"].append(np.where(leaf, -1, nodes["right"].astype(np.int64) + offset))
        parts["value"].append(np.where(leaf, nodes["value"], 0.0))
        offset += len(nodes)
    return BoostedTrees(
        feature=np.concatenate(parts["feature"]).astype(np.int32),
        threshold=np.concatenate(parts["threshold"]).astype(np.float64),
        left=np.concatenate(parts["left"]).astype(np.int32),
        right=np.concatenate(parts["right"]).astype(np.int32),
        value=np.concatenate(parts["value"]).astype(np.float64),
        roots=np.array(roots, np.int32),
        base=float(np.ravel(model._baseline_prediction)[0]),
    )


def find_pairs(gold: Path, docs: Path) -> list[tuple[Json, Path]]:
    """Return the gold and the document of every gold file whose document is in `docs`."""
    found = []
    for file in sorted(gold.glob("*.json")):
        named = [p for p in sorted(docs.glob("*")) if p.stem == file.stem and p.suffix != ".json"]
        if named:
            found.append((json.loads(file.read_text(encoding="utf-8")), named[0]))
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, print the figures, and write the weights when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--gold", nargs=2, type=Path, action="append", default=[], metavar=("GOLD", "DOCS"))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    settings = Settings()
    embedder = load_embedder(cache_dir=settings.cache_dir, precision=settings.model_precision)
    wording = train_wording(embedder, WORDING_FILE)
    reader = Judge(wording, trees={}, features=(), folds={}, scale={}, thresholds={})
    pairs = find_pairs(ROWS / "reports" / "gold", ROWS / "reports" / "docs")
    for gold, docs in options.gold:
        pairs += find_pairs(gold, docs)
        pairs += read_annotations(ROWS / "annotations.jsonl", docs)
    documents = read_training_documents(pairs, reader)
    folds = assign_folds(documents)
    trees, names, scale, thresholds, figures = train_trees(documents, folds)
    digest = hashlib.sha256("".join(sorted(d.document_id for d in documents)).encode()).hexdigest()[:12]
    card = {"documents": len(documents), "of": digest, "figures": figures}
    sys.stdout.write(json.dumps(card, indent=1) + "\n")
    if options.write:
        save_trees(TREES_FILE, trees=trees, features=names, folds=folds, scale=scale, thresholds=thresholds, card=card)
    return 0


if __name__ == "__main__":
    sys.exit(main())
