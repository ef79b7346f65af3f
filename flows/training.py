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
import shutil
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from extractors.errors import UnreadableDocument
from extractors.extraction import read_candidates
from extractors.judging import Judged, describe_candidates
from extractors.reading import read_document
from extractors.records import STATEMENT_KINDS, Document, StatementKind
from flows.annotations import read_annotations
from flows.errors import NothingToRead
from flows.evaluation import MATCH, token_f1, tokens
from flows.settings import Settings
from models.embedding import Embedder, load_embedder
from models.judging import JUDGE_FILE, ROLES_FILE, WORDING_FILE, Judge, KindModel, find_limits, save_judge, sigmoid
from models.roles import RoleModel, embed_titles, load_role_model, save_role_model
from models.wording import (
    LABELS,
    SCALE,
    Wording,
    WordingModel,
    centre,
    embed_wordings,
    load_wording_model,
    save_wording_model,
)

ROWS: Final = Path(__file__).resolve().parent.parent / "models" / "training_rows"
CARD: Final = Path(__file__).resolve().parent.parent / "models" / "weights" / "README.md"
FOLDS: Final = 12
STRENGTH: Final = 0.02
"""Inverse of the regularisation of the models of the kinds, chosen out of 0.005 to 0.05 on documents not trained on."""

NEVER: Final = 1.01
KEEP_FROM: Final = (0.0, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5)
ADD_FROM: Final = (0.5, 0.6, 0.7, 0.8, 0.9, NEVER)
"""What is tried as the limits from which candidates are kept and added."""

LEAST_GAIN: Final = 0.0005

ROLE_STRENGTH: Final = 1.0
WORDING_STRENGTH: Final = 0.5
"""Inverse of the regularisation of the models of section roles and of wording."""

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
    is_invented: bool
    examples: list[Example]
    wanted: dict[StatementKind, int]


def train_wording(embedder: Embedder, path: Path) -> WordingModel:
    """Train the model of wording on the invented sentences and write it to `path`."""
    rows: list[NDArray[np.float32]] = []
    labels: list[str] = []
    means: dict[str, NDArray[np.float32]] = {}
    for file in sorted((ROWS / "wording").glob("*.jsonl")):
        sentences = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        # Of what stands before, only a lead-in is read: so it is when candidates are judged.
        wordings = [
            Wording(s["text"], s["heading"], s["before"] if s["before"].endswith(":") else "") for s in sentences
        ]
        embedded = embed_wordings(embedder, wordings)
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


def train_roles(embedder: Embedder, path: Path) -> RoleModel:
    """Train the model of section roles on the invented headings and write it to `path`."""
    headings = tomllib.loads((ROWS / "headings.toml").read_text(encoding="utf-8"))
    rows: list[NDArray[np.float32]] = []
    roles: list[str] = []
    means: dict[str, NDArray[np.float32]] = {}
    for language, table in headings.items():
        titles = [(title, role) for role, printed in table.items() for title in printed]
        embedded = embed_titles(embedder, [title for title, _ in titles])
        means[language] = embedded.mean(axis=0)
        rows.append((embedded - means[language]) * SCALE)
        roles += [role for _, role in titles]
    model = LogisticRegression(C=ROLE_STRENGTH, max_iter=1000).fit(np.vstack(rows), roles)
    save_role_model(path, roles=list(model.classes_), weights=model.coef_.T, bias=model.intercept_, means=means)
    return load_role_model(path, embedder)


def read_training_documents(pairs: Iterable[tuple[Json, Path]], judge: Judge) -> list[TrainingDocument]:
    """Return the examples of every document; `pairs` are the gold and the file of each."""
    documents = []
    for gold, path in pairs:
        try:
            document = read_document(path.read_bytes(), name=path.name, ocr=False)
        except UnreadableDocument as error:
            sys.stderr.write(f"{error}\n")
            continue
        is_invented = ROWS in path.parents
        documents.append(_read_examples(gold, document, path.stem, judge, is_invented=is_invented))
    return documents


def _read_examples(gold: Json, document: Document, name: str, judge: Judge, *, is_invented: bool) -> TrainingDocument:
    read = read_candidates(document, judge=judge)
    judged = describe_candidates(read.around, read.found, judge) if read.speaks else []
    scored = [kind for kind in STATEMENT_KINDS if kind in gold.get("annotated_types", STATEMENT_KINDS)]
    wanted = {kind: [s for s in gold["statements"] if s["type"] == kind] for kind in scored}
    optional = list(gold.get("optional_statements", []))
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
    return TrainingDocument(name, document.document_id, document.language, is_invented, examples, counts)


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


def train_kinds(
    documents: Sequence[TrainingDocument], folds: dict[str, int]
) -> tuple[dict[str, KindModel], tuple[str, ...], Json]:
    """Return what is learned about each kind, the features read, and figures by models that had not seen a document."""
    names = tuple(sorted({name for d in documents for e in d.examples for name in e.judged.features}))
    place = {name: i for i, name in enumerate(names)}
    models: dict[str, KindModel] = {}
    figures: Json = {}
    for kind in STATEMENT_KINDS:
        rows = [(d, e) for d in documents for e in d.examples if e.judged.candidate.kind == kind]
        matrix = np.zeros((len(rows), len(names)))
        for i, (_, e) in enumerate(rows):
            for name, value in e.judged.features.items():
                matrix[i, place[name]] = value
        target = np.array([e.is_statement for _, e in rows])
        by_rules = np.array([e.judged.found_by_rules for _, e in rows])
        fold = np.array([folds[d.document_id[:16]] for d, _ in rows])
        weights = np.stack([_fit(matrix[fold != n], target[fold != n]) for n in range(FOLDS)])
        log_odds = np.einsum("ij,ij->i", matrix, weights[fold, :-1]) + weights[fold, -1]
        calibration = LogisticRegression(C=100.0).fit(np.column_stack([log_odds, by_rules]), target)
        slope, weight = (float(v) for v in calibration.coef_[0])
        offset = float(calibration.intercept_[0])
        keep_from, add_from, f1 = _best_limits(documents, rows, sigmoid(log_odds), kind)
        models[kind] = KindModel(weights.astype(np.float32), (slope, weight, offset), keep_from, add_from)
        figures[kind] = {
            "candidates": len(rows),
            "statements": int(target.sum()),
            "keep_from": keep_from,
            "add_from": add_from,
            "f1": f1,
            "reliability": _reliability(sigmoid(slope * log_odds + weight * by_rules + offset), target),
        }
    return models, names, figures


def _fit(matrix: NDArray[np.float64], target: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the weights of a logistic regression over the raw features, its offset last."""
    mean, deviation = matrix.mean(axis=0), matrix.std(axis=0)
    deviation[deviation == 0] = 1.0
    model = LogisticRegression(C=STRENGTH, max_iter=1000).fit((matrix - mean) / deviation, target)
    weights = model.coef_[0] / deviation
    return np.append(weights, model.intercept_[0] - weights @ mean)


def _best_limits(
    documents: Sequence[TrainingDocument],
    rows: Sequence[tuple[TrainingDocument, Example]],
    probability: NDArray[np.float64],
    kind: StatementKind,
) -> tuple[tuple[float, float, float], float, float]:
    """Return from which probabilities to keep and to add candidates so that F1 is highest, and that F1.

    One limit at a time is moved until none helps. Published reports count twice what invented ones do, however many
    there are of each. F1 is the mean of `_score`.
    """
    presented = [e.judged.presented for _, e in rows]
    order = probability + np.array([how is not None for how in presented])

    def score(limits: Sequence[float]) -> float:
        taken = probability >= find_limits(presented, limits[:-1], limits[-1])
        published, invented = (
            _score(documents, rows, order, taken, kind, is_invented=is_invented) for is_invented in (False, True)
        )
        return (invented + 2 * published) / 3

    limits = [0.0, 0.0, 0.0, NEVER]
    best = score(limits)
    is_better = True
    while is_better:
        is_better = False
        for place, choices in enumerate((KEEP_FROM, KEEP_FROM, KEEP_FROM, ADD_FROM)):
            for choice in choices:
                tried = [*limits[:place], choice, *limits[place + 1 :]]
                # A limit that gains nothing to speak of fits the noise.
                if (value := score(tried)) > best + LEAST_GAIN:
                    best, limits, is_better = value, tried, True
    return (limits[0], limits[1], limits[2]), limits[3], best


def _score(
    documents: Sequence[TrainingDocument],
    rows: Sequence[tuple[TrainingDocument, Example]],
    order: NDArray[np.float64],
    taken: NDArray[np.bool_],
    kind: StatementKind,
    *,
    is_invented: bool,
) -> float:
    """Return the mean of the pooled F1 and the mean F1 over the documents of one sort.

    The pooled figure speaks for the reports with many statements, the other for the many with few; reports without any
    count in the pooled one only, by their false alarms. Of candidates that share text the first by `order` counts.
    """
    sort = {d.name: d.wanted[kind] for d in documents if d.is_invented == is_invented and kind in d.wanted}
    hits: dict[str, set[str]] = defaultdict(set)
    ranges: dict[str, list[tuple[int, int]]] = defaultdict(list)
    false_alarms: Counter[str] = Counter()
    for i in np.argsort(-order):
        document, example = rows[i]
        if not taken[i] or document.name not in sort:
            continue
        start, end = example.judged.candidate.start, example.judged.candidate.end
        if any(start < b and a < end for a, b in ranges[document.name]):
            continue
        ranges[document.name].append((start, end))
        if example.gold_id:
            hits[document.name].add(example.gold_id)
        else:
            false_alarms[document.name] += 1
    counts = [(len(hits[name]), false_alarms[name], wanted) for name, wanted in sort.items()]
    of_each = [2 * h / (h + f + w) for h, f, w in counts if w]
    total = sum(h + f + w for h, f, w in counts)
    pooled = 2 * sum(h for h, _, _ in counts) / max(1, total)
    return (pooled + sum(of_each) / max(1, len(of_each))) / 2


def _reliability(confidence: NDArray[np.float64], target: NDArray[np.bool_]) -> list[Json]:
    """Return, for each tenth of confidence, how many candidates have it, their mean, and the share that is right."""
    table = []
    for low in np.arange(0.0, 1.0, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1 + (low > 0.85))
        if inside.any():
            row = {"from": round(float(low), 1), "candidates": int(inside.sum())}
            table.append({**row, "confidence": float(confidence[inside].mean()), "right": float(target[inside].mean())})
    return table


def write_card(card: Json) -> str:
    """Return the model card of the weights in Markdown: data, features, figures, limits."""
    rows, tables = [], []
    for kind, figures in card["figures"].items():
        add_from = "–" if figures["add_from"] > 1 else f"{figures['add_from']:.2f}"
        rows.append(
            f"| {kind} | {figures['candidates']} | {figures['statements']} "
            f"| {' / '.join(f'{limit:.2f}' for limit in figures['keep_from'])} | {add_from} "
            f"| {figures['f1']:.3f} |"
        )
        tables += [
            f"| {kind} | {r['from']:.1f}–{r['from'] + 0.1:.1f} | {r['candidates']} | {r['confidence']:.2f} "
            f"| {r['right']:.2f} |"
            for r in figures["reliability"]
        ]
    return (
        (ROWS / "card.md")
        .read_text(encoding="utf-8")
        .format(
            documents=card["documents"],
            invented=card["invented"],
            published=card["documents"] - card["invented"],
            sentences=card["sentences"],
            titles=card["titles"],
            languages=", ".join(card["languages"]),
            folds=FOLDS,
            strength=STRENGTH,
            features=card["features"],
            of=card["of"],
            rows="\n".join(rows),
            reliability="\n".join(tables),
        )
    )


def find_pairs(gold: Path, docs: Path) -> list[tuple[Json, Path]]:
    """Return the gold and the document of every gold file whose document is in `docs`.

    Raises:
        NothingToRead: when there is none; a judge that is trained on less would replace a better one unnoticed.
    """
    found = []
    for file in sorted(gold.glob("*.json")):
        named = [p for p in sorted(docs.glob("*")) if p.stem == file.stem and p.suffix != ".json"]
        if named:
            found.append((json.loads(file.read_text(encoding="utf-8")), named[0]))
    if not found:
        raise NothingToRead(
            f"{gold}: found no gold file with a document in {docs}, expected one to train on; correct the folders"
        )
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, print the figures, and write the weights when asked; returns 2 when a folder has nothing to train on."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--gold", nargs=2, type=Path, action="append", default=[], metavar=("GOLD", "DOCS"))
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args(arguments)
    try:
        pairs = find_pairs(ROWS / "reports" / "gold", ROWS / "reports" / "docs")
        for gold, docs in options.gold:
            pairs += find_pairs(gold, docs)
            pairs += read_annotations(ROWS / "annotations.jsonl", docs)
    except NothingToRead as error:
        sys.stderr.write(f"{error}\n")
        return 2
    # The weights that the program has are replaced together, and only when all is trained.
    with tempfile.TemporaryDirectory(prefix="rodedraad-training-") as folder:
        card = train_all(pairs, Path(folder))
        sys.stdout.write(json.dumps(card, indent=1) + "\n")
        if options.write:
            for path in (WORDING_FILE, ROLES_FILE, JUDGE_FILE):
                shutil.copyfile(Path(folder) / path.name, path)
            CARD.write_text(write_card(card), encoding="utf-8")
    return 0


def train_all(pairs: Sequence[tuple[Json, Path]], folder: Path) -> Json:
    """Train the models of wording, section roles and kinds, write them into `folder`, and return their card."""
    settings = Settings()
    embedder = load_embedder(cache_dir=settings.cache_dir, precision=settings.model_precision)
    wording = train_wording(embedder, folder / WORDING_FILE.name)
    reader = Judge(wording, train_roles(embedder, folder / ROLES_FILE.name), kinds={}, features=(), folds={})
    documents = read_training_documents(pairs, reader)
    folds = assign_folds(documents)
    kinds, names, figures = train_kinds(documents, folds)
    titles = tomllib.loads((ROWS / "headings.toml").read_text(encoding="utf-8"))
    wordings = [f.read_text(encoding="utf-8").split("\n") for f in (ROWS / "wording").glob("*.jsonl")]
    card = {
        "sentences": sum(bool(line.strip()) for lines in wordings for line in lines),
        "titles": sum(len(printed) for table in titles.values() for printed in table.values()),
        "languages": sorted(titles),
        "features": len(names),
        "documents": len(documents),
        "invented": sum(d.is_invented for d in documents),
        "of": hashlib.sha256("".join(sorted(d.document_id for d in documents)).encode()).hexdigest()[:12],
        "figures": figures,
    }
    save_judge(folder / JUDGE_FILE.name, kinds=kinds, features=names, folds=folds, card=card)
    return card


if __name__ == "__main__":
    sys.exit(main())
