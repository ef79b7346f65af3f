"""Evaluation: extract the documents of a gold set and score the result.

The arithmetic is that of the project's scorer for gold files (see `docs/extraction.md`): a prediction matches a gold
statement of its kind when the token F1 of their texts, or of their other occurrences, is at least 0.6, one to one, best
pairs first; F1 is given pooled, and as the mean over documents.

    python -m flows.evaluation GOLD DOCS [--write docs/extraction.md]
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from extractors.similarity import word_f1
from flows.errors import NothingToRead
from flows.judges import load_judge_for
from flows.settings import Settings

KINDS: Final[tuple[str, ...]] = ("recommendation", "conclusion", "finding", "lesson")
MATCH: Final[float] = 0.6
EXACT: Final[float] = 0.9
BEGIN, END = "<!-- figures:begin -->", "<!-- figures:end -->"
_LABEL_WORDS: Final[frozenset[str]] = frozenset(
    {"recommendation", "aanbeveling", "conclusion", "conclusie", "paragraph", "nr", "no"}
)
_ARTICLES: Final[frozenset[str]] = frozenset({"de", "het", "the", "een", "a", "an", "van", "of"})
RESAMPLES: Final[int] = 1000

Json = dict[str, Any]


@dataclass(slots=True)
class Tally:
    """Hits, false alarms and misses."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0

    def add(self, hits: int, predicted: int, wanted: int) -> None:
        """Count `hits` out of `predicted` and `wanted`."""
        self.hits += hits
        self.false_alarms += predicted - hits
        self.misses += wanted - hits

    @property
    def precision(self) -> float | None:
        """Share of the predictions that are right; None without predictions."""
        return self.hits / (self.hits + self.false_alarms) if self.hits + self.false_alarms else None

    @property
    def recall(self) -> float | None:
        """Share of the gold that was found; None without gold."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; None where there was nothing to find and nothing was found."""
        total = 2 * self.hits + self.false_alarms + self.misses
        return 2 * self.hits / total if total else None


@dataclass(slots=True)
class Scores:
    """All counts of an evaluation; `documents` keeps them apart for the mean and the intervals."""

    kinds: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    documents: dict[tuple[str, str], list[Tally]] = field(default_factory=lambda: defaultdict(list))
    rows: list[tuple[str, str, Tally]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    addressee: Tally = field(default_factory=Tally)
    response: Tally = field(default_factory=Tally)
    link: Tally = field(default_factory=Tally)


def tokens(text: str | None) -> list[str]:
    """Return the words of a text in lower case; a word broken by a hyphen and a space is one."""
    folded = unicodedata.normalize("NFKC", text or "").lower().replace("\u00ad", "")
    return re.findall(r"\w+", re.sub(r"(\w)-\s+(\w)", r"\1\2", folded))


def token_f1(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the F1 of the tokens that two texts share; 0 when one of them has none."""
    return word_f1(Counter(left), Counter(right))


def match_statements(gold: Sequence[Json], predicted: Sequence[Json]) -> list[tuple[int, int, float]]:
    """Pair statements one to one, most similar first: (index in gold, index in predicted, similarity)."""
    left = [[tokens(s["text"]), *(tokens(o["text"]) for o in s.get("also") or [])] for s in gold]
    right = [[tokens(s["text"]), *(tokens(o["text"]) for o in s.get("also") or [])] for s in predicted]
    candidates = sorted(
        (
            (max(token_f1(a, b) for a in ours for b in theirs), i, j)
            for i, ours in enumerate(left)
            for j, theirs in enumerate(right)
        ),
        reverse=True,
    )
    pairs: list[tuple[int, int, float]] = []
    used_gold: set[int] = set()
    used_predicted: set[int] = set()
    for similarity, i, j in candidates:
        if similarity < MATCH:
            break
        if i not in used_gold and j not in used_predicted:
            used_gold.add(i)
            used_predicted.add(j)
            pairs.append((i, j, similarity))
    return pairs


def score_document(scores: Scores, gold: Json, predicted: Json, *, name: str) -> None:
    """Add one document to `scores`; a document without prediction is all misses."""
    language = gold.get("language", "?")
    _score_report(scores, gold.get("report") or {}, predicted.get("report") or {})
    same: dict[str, str] = {}
    for kind in KINDS:
        if kind not in gold.get("annotated_types", KINDS):
            continue
        wanted = [s for s in gold["statements"] if s["type"] == kind]
        found = [s for s in predicted.get("statements", []) if s["type"] == kind]
        pairs = match_statements(wanted, found)
        counted = len(found) - _count_excused(gold, kind, found, pairs)
        own = Tally()
        own.add(len(pairs), counted, len(wanted))
        for key in ((kind, "all"), (kind, language)):
            scores.kinds[key].add(len(pairs), counted, len(wanted))
        if wanted or counted:
            scores.rows.append((name, kind, own))
            scores.documents[kind, "all"].append(own)
            scores.documents[kind, language].append(own)
        for i, j, similarity in pairs:
            same[wanted[i]["id"]] = str(found[j].get("id"))
            _score_pair(scores, wanted[i], found[j], similarity)
    _score_responses(scores, gold.get("responses") or [], predicted.get("responses") or [])
    _score_links(scores, gold, predicted, same)


def _count_excused(gold: Json, kind: str, found: Sequence[Json], pairs: Iterable[tuple[int, int, float]]) -> int:
    """Count the unmatched predictions that the gold file calls optional or does not cover."""
    hit = {j for _, j, _ in pairs}
    free = [s for j, s in enumerate(found) if j not in hit]
    optional = [s for s in gold.get("optional_statements", []) if s["type"] == kind]
    excused = {j for _, j, _ in match_statements(optional, free)}
    for region in gold.get("ignore_regions", []):
        first, last = region["pages"]
        if kind in region["types"]:
            excused |= {j for j, s in enumerate(free) if first <= (s.get("page") or 0) <= last}
    return len(excused)


def _score_report(scores: Scores, gold: Json, predicted: Json) -> None:
    for name in ("title", "publisher", "publication_date", "report_number"):
        want = gold.get(name)
        if want in (None, "", "null"):
            continue
        got = str(predicted.get(name) or "")
        dated = name == "publication_date"
        right = got[: len(want)] == want if dated else token_f1(tokens(want), tokens(got)) >= MATCH
        scores.counts[f"{name}/n"] += 1
        scores.counts[f"{name}/ok"] += right


def _score_pair(scores: Scores, gold: Json, found: Json, similarity: float) -> None:
    counts = scores.counts
    counts["exact/n"] += 1
    counts["exact/ok"] += similarity >= EXACT
    counts["page/n"] += 1
    counts["page/ok"] += found.get("page") in {gold["page"], *(o["page"] for o in gold.get("also") or [])}
    if gold.get("label"):
        counts["label/n"] += 1
        counts["label/ok"] += tokens(str(gold["label"]))[-1:] == tokens(str(found.get("label") or ""))[-1:]
    deadline = found.get("deadline") or {}
    if gold.get("deadline"):
        want = gold["deadline"].get("date")
        counts["deadline/n"] += 1
        counts["deadline/ok"] += bool(deadline) and (not want or str(deadline.get("date") or "")[: len(want)] == want)
    elif deadline:
        counts["deadline/false"] += 1
    if gold["type"] == "recommendation":
        wanted, got = _names(gold.get("addressees")), _names(found.get("addressees"))
        reached = sum(any(_overlap(w, g) for g in got) for w in wanted)
        right = sum(any(_overlap(g, w) for w in wanted) for g in got)
        scores.addressee.hits += reached
        scores.addressee.false_alarms += len(got) - right
        scores.addressee.misses += len(wanted) - reached


def _names(values: Iterable[str] | None) -> set[str]:
    return {" ".join(t for t in tokens(v) if t not in _ARTICLES) for v in values or []} - {""}


def _overlap(left: str, right: str) -> bool:
    return left in right or right in left or token_f1(left.split(), right.split()) >= 0.5


def _score_responses(scores: Scores, gold: Sequence[Json], predicted: Sequence[Json]) -> None:
    if not gold:
        return
    left = list(predicted)
    right = 0
    for want in gold:
        answer = next((p for p in left if _same_response(want, p)), None)
        if answer is not None:
            left.remove(answer)
            right += answer.get("stance") == want["stance"]
    scores.response.add(right, len(predicted), len(gold))


def _same_response(gold: Json, predicted: Json) -> bool:
    want, got = ([t for t in tokens(str(r.get("to"))) if t not in _LABEL_WORDS] for r in (gold, predicted))
    if 0 < len(want) <= 4:
        return want == got
    return token_f1(tokens(gold["text"]), tokens(predicted.get("text"))) >= MATCH


def _score_links(scores: Scores, gold: Json, predicted: Json, same: dict[str, str]) -> None:
    want = {(same.get(link["recommendation"]), same.get(b)) for link in gold.get("links", []) for b in link["based_on"]}
    if not want:
        return
    got = {(str(k["recommendation"]), str(b)) for k in predicted.get("links", []) for b in k.get("based_on", [])}
    scores.link.add(len(want & got), len(got), len(want))


def make_figures(scores: Scores) -> dict[str, float]:
    """Return every figure by its name, such as ``recommendation/nl/f1`` or ``label``; what has no cases is left out."""
    figures: dict[str, float] = {}
    for (kind, language), tally in sorted(scores.kinds.items()):
        for name in ("precision", "recall", "f1"):
            value = getattr(tally, name)
            if value is not None:
                figures[f"{kind}/{language}/{name}"] = value
    for kind in KINDS:
        own = [t.f1 for t in scores.documents.get((kind, "all"), []) if t.f1 is not None]
        if own:
            figures[f"{kind}/by_document/f1"] = sum(own) / len(own)
    for key in ("exact", "page", "label", "deadline", "title", "publisher", "publication_date", "report_number"):
        if scores.counts[f"{key}/n"]:
            figures[key] = scores.counts[f"{key}/ok"] / scores.counts[f"{key}/n"]
    for key, tally in (("addressee", scores.addressee), ("response", scores.response), ("link", scores.link)):
        if tally.hits + tally.misses and tally.f1 is not None:
            figures[f"{key}/f1"] = tally.f1
    return figures


def interval(tallies: Sequence[Tally], *, seed: int = 0) -> tuple[float, float] | None:
    """Return a 95 % interval of pooled F1 by resampling documents; None for fewer than two documents.

    Source: Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979), percentile method.
    """
    if len(tallies) < 2:
        return None
    draw = random.Random(seed)  # noqa: S311 - resampling, not secrecy
    values = []
    for _ in range(RESAMPLES):
        sample = draw.choices(tallies, k=len(tallies))
        pooled = Tally(sum(t.hits for t in sample), sum(t.false_alarms for t in sample), sum(t.misses for t in sample))
        if pooled.f1 is not None:
            values.append(pooled.f1)
    values.sort()
    return values[int(0.025 * len(values))], values[int(0.975 * len(values)) - 1]


def format_scores(scores: Scores) -> str:
    """Return the figures as a Markdown table, and the other accuracies below it."""
    lines = [
        "| kind | language | precision | recall | F1 | 95 % interval | gold | found |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for kind in KINDS:
        for language in ("all", *sorted({k[1] for k in scores.kinds} - {"all"})):
            tally = scores.kinds.get((kind, language))
            if tally is None or not tally.hits + tally.misses + tally.false_alarms:
                continue
            span = interval(scores.documents[kind, language])
            lines.append(
                f"| {kind} | {language} | {_show(tally.precision)} | {_show(tally.recall)} | {_show(tally.f1)} | "
                f"{f'{span[0]:.2f}–{span[1]:.2f}' if span else '–'} | {tally.hits + tally.misses} | "
                f"{tally.hits + tally.false_alarms} |"
            )
    lines += ["", "| figure | value | cases |", "|---|---|---|"]
    figures = make_figures(scores)
    for kind in KINDS:
        if f"{kind}/by_document/f1" in figures:
            cases = len(scores.documents[kind, "all"])
            lines.append(f"| {kind}: mean F1 over documents | {figures[f'{kind}/by_document/f1']:.3f} | {cases} |")
    for name, value in figures.items():
        if name.split("/")[0] not in KINDS:
            counted = scores.counts[f"{name}/n"] if "/" not in name else ""
            lines.append(f"| {name} | {value:.3f} | {counted} |")
    if scores.counts["deadline/false"]:
        lines.append(f"| deadlines where the gold has none | {scores.counts['deadline/false']} | |")
    return "\n".join(lines)


def _show(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def extract_prediction(path: Path) -> Json:
    """Extract one document into the scorer's form; an unreadable one gives an empty prediction with its problem."""
    from extractors.errors import UnreadableDocument
    from extractors.extraction import extract_report
    from extractors.output import as_prediction
    from extractors.reading import read_document

    settings = Settings()
    try:
        document = read_document(path.read_bytes(), name=path.name, ocr=settings.ocr)
        judge = load_judge_for(settings)
        return as_prediction(extract_report(document, judge=judge, min_confidence=settings.min_confidence))
    except UnreadableDocument as error:
        return {"problem": str(error)}


def evaluate_folder(gold: Path, docs: Path) -> Scores:
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
    scores = Scores()
    with ProcessPoolExecutor(max_workers=2) as pool:
        predictions = pool.map(extract_prediction, [document for _, document in pairs])
        for (gold_file, document), prediction in zip(pairs, predictions, strict=True):
            if "problem" in prediction:
                sys.stderr.write(f"{prediction['problem']}\n")
            score_document(scores, json.loads(gold_file.read_text(encoding="utf-8")), prediction, name=document.stem)
    return scores


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
    gold: Path, docs: Path, *, as_json: bool = False, by_document: bool = False, floors: Path | None = None
) -> int:
    """Print the scores and return the exit code: 1 when a figure is below its floor."""
    scores = evaluate_folder(gold, docs)
    figures = make_figures(scores)
    if as_json:
        sys.stdout.write(json.dumps(figures, indent=1) + "\n")
    else:
        if by_document:
            for name, kind, tally in scores.rows:
                sys.stdout.write(
                    f"{name[:50]:50} {kind:15} gold {tally.hits + tally.misses:3} "
                    f"found {tally.hits + tally.false_alarms:3} right {tally.hits:3}\n"
                )
        sys.stdout.write(format_scores(scores) + "\n")
    shortfalls = find_shortfalls(figures, floors) if floors else []
    for line in shortfalls:
        sys.stderr.write(f"below its floor: {line}\n")
    return 1 if shortfalls else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores, and write them between their markers in a page of the docs when asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("gold", type=Path)
    parser.add_argument("docs", type=Path)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args(arguments)
    scores = evaluate_folder(options.gold, options.docs)
    table = format_scores(scores)
    sys.stdout.write(table + "\n")
    if options.write:
        page = options.write.read_text(encoding="utf-8")
        before, rest = page.split(BEGIN)
        options.write.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
