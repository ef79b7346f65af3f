"""Measures search: judged questions (`flows/evaluation_rows/queries.jsonl`) put to a published site.

nDCG@10, recall@20 and MRR per mode and pair of languages, with intervals; `flows/site_quality.py` is the command.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from flows.clock import now
from flows.errors import NothingToRead
from flows.judged_places import ROWS, JudgedPlace, PlacedStatements, hash_rows, is_for_tuning, read_rows
from flows.resampling import RESAMPLES, SEED, draw_samples, middle_of
from flows.settings import Settings
from warehouse.places import list_places
from warehouse.publication import read_current
from warehouse.quality import Figure
from warehouse.search import SearchIndex
from warehouse.search_records import MODES, Mode, SearchRequest

QUERIES: Final = ROWS / "queries.jsonl"
SET_NAME: Final = "judged questions about public reports"
Half = Literal["tune", "report", "all"]
HALVES: Final[tuple[Half, ...]] = get_args(Half)

Pair = Literal["all", "nl", "en", "across"]
PAIRS: Final[tuple[Pair, ...]] = get_args(Pair)
"""`nl` and `en`: question and statements are in that language; `across`: the statements are in the other one; `all`: a
search without filter, over all statements."""

DEPTH: Final = 20
NDCG_DEPTH: Final = 10
RELEVANT: Final = 2
"""The least grade that counts as found for recall and MRR; nDCG takes all grades."""

METHOD: Final = (
    "python -m flows.site_quality: gains are 2^grade - 1; grades 0 to 3 by one reader who had read all statements; "
    "what was not judged counts as not relevant; in a language: with that language as a filter; 95 % interval by "
    f"resampling questions {RESAMPLES} times (bootstrap, seed {SEED})"
)
MEANINGS: Final = {
    "ndcg_at_10": "How near the first ten results come to the best possible order (nDCG@10)",
    "recall_at_20": "Share of the relevant statements, at most twenty, among the first twenty results (recall@20)",
    "mrr": "Mean of one over the rank of the first relevant result (MRR, within the first twenty)",
}
_PAIR_NAMES: Final = {
    "all": "all statements",
    "nl": "Dutch questions, Dutch statements",
    "en": "English questions, English statements",
    "across": "statements in the other language than the question",
}


@dataclass(frozen=True, slots=True)
class Query:
    """A judged question: `grades` holds the grade (1 to 3) of each relevant place; all others are not relevant."""

    query_id: str
    text: str
    language: str
    grades: tuple[tuple[JudgedPlace, int], ...]

    @property
    def half(self) -> Half:
        """The half it belongs to, by a rule that never changes."""
        return _half_of(self.text)


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure over questions, with its 95 % interval; `question_count` questions had something to find."""

    mode: Mode
    pair: Pair
    measure: str
    value: float
    low: float
    high: float
    question_count: int
    statement_count: int

    @property
    def name(self) -> str:
        """The name by which floors know it, such as ``hybrid/across/ndcg_at_10``."""
        return f"{self.mode}/{self.pair}/{self.measure}"


def read_queries(path: Path = QUERIES) -> tuple[Query, ...]:
    """Return the judged questions, in their order.

    Raises `NothingToRead` when the file cannot be read or a row is not what is expected.
    """
    queries = []
    for row in read_rows(path):
        try:
            grades = tuple(
                (JudgedPlace(document, page, start, end), grade)
                for document, page, start, end, grade in row["judgements"]
            )
            queries.append(Query(row["query_id"], row["query"], row["language"], grades))
        except (KeyError, TypeError, ValueError) as error:
            raise NothingToRead(
                f"{path}: row {row.get('query_id')!r}: {error!r}; expected query_id, query, language and judgements"
            ) from error
    return tuple(queries)


def evaluate_site(
    build_dir: Path, queries: Sequence[Query], vectors: NDArray[np.float32] | None, *, modes: Sequence[Mode] = MODES
) -> list[Measured]:
    """Return the figures of each mode and pair of languages over the build in `build_dir`.

    `vectors` has one row per query, as `SearchIndex.search` wants it; None measures the lexical mode only. Questions
    without a relevant statement in the pair's language are left out of it; pairs without questions are left out.
    """
    index = SearchIndex.open(build_dir)
    places = list_places(build_dir)
    placed = PlacedStatements(places)
    language_of = {place.statement_id: place.language for place in places}
    measured = []
    for mode in modes if vectors is not None else ("lexical",):
        scores: dict[tuple[Pair, str], list[float]] = {}
        relevant_counts: dict[Pair, int] = {}
        for row, query in enumerate(queries):
            grades = join_grades(query, placed)
            for pair in PAIRS:
                language = _language_searched(pair, query)
                if pair != "all" and language is None:
                    continue
                own = {i: g for i, g in grades.items() if language in (None, language_of[i])}
                if not any(grade >= RELEVANT for grade in own.values()):
                    continue
                request = SearchRequest(
                    query.text, mode=mode, language=(language,) if language else (), limit=DEPTH, fold=False
                )
                vector = None if vectors is None else vectors[row]
                found = [result.statement_id for result in index.search(request, query_vector=vector).results]
                relevant_counts[pair] = relevant_counts.get(pair, 0) + sum(g >= RELEVANT for g in own.values())
                for measure, compute in MEASURES.items():
                    scores.setdefault((pair, measure), []).append(compute(found, own))
        for (pair, measure), values in scores.items():
            low, high = interval(values)
            measured.append(
                Measured(mode, pair, measure, float(np.mean(values)), low, high, len(values), relevant_counts[pair])
            )
    return measured


def join_grades(query: Query, placed: PlacedStatements) -> dict[str, int]:
    """Return the highest grade that the question's judgements give to each statement id; without those of grade 0."""
    grades: dict[str, int] = {}
    for judged, grade in query.grades:
        for place in placed.at(judged):
            grades[place.statement_id] = max(grade, grades.get(place.statement_id, 0))
    return {statement_id: grade for statement_id, grade in grades.items() if grade > 0}


def ndcg(found: Sequence[str], grades: Mapping[str, int], *, depth: int = NDCG_DEPTH) -> float:
    """Return the discounted gain of the first `depth` results over the best possible, 0 to 1; 0 with no grades.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques" (2002), gains 2^grade - 1.
    """
    best = _gain(sorted(grades.values(), reverse=True)[:depth])
    return _gain([grades.get(name, 0) for name in found[:depth]]) / best if best else 0.0


def recall(found: Sequence[str], grades: Mapping[str, int], *, depth: int = DEPTH) -> float:
    """Return the share of the relevant that are among the first `depth`; of `depth` where more are relevant."""
    relevant = {name for name, grade in grades.items() if grade >= RELEVANT}
    return len(relevant & set(found[:depth])) / min(len(relevant), depth) if relevant else 0.0


def reciprocal_rank(found: Sequence[str], grades: Mapping[str, int], *, depth: int = DEPTH) -> float:
    """Return one over the rank of the first relevant result, 0 when none is among the first `depth`."""
    ranks = (rank for rank, name in enumerate(found[:depth], start=1) if grades.get(name, 0) >= RELEVANT)
    return 1.0 / next(ranks, math.inf)


MEASURES: Final[Mapping[str, Callable[[Sequence[str], Mapping[str, int]], float]]] = {
    "ndcg_at_10": ndcg,
    "recall_at_20": recall,
    "mrr": reciprocal_rank,
}


def interval(values: Sequence[float], *, seed: int = SEED) -> tuple[float, float]:
    """Return the 95 % interval of the mean of `values` by resampling them; the value twice for a single one."""
    held = np.asarray(values, np.float64)
    return middle_of(held[draw_samples(len(held), seed=seed)].mean(axis=1))


def format_measured(measured: Sequence[Measured]) -> str:
    """Return the figures as a Markdown table: one row per mode and pair."""
    lines = [
        "| mode | question → statement | nDCG@10 | recall@20 | MRR | questions |",
        "|---|---|---|---|---|---|",
    ]
    by_key = {(m.mode, m.pair, m.measure): m for m in measured}
    arrows = {"all": "all", "nl": "nl → nl", "en": "en → en", "across": "nl → en, en → nl"}
    for mode in dict.fromkeys(m.mode for m in measured):
        for pair in PAIRS:
            own = [by_key.get((mode, pair, measure)) for measure in MEASURES]
            if first := own[0]:
                cells = " | ".join(f"{m.value:.3f} ({m.low:.2f}–{m.high:.2f})" if m else "–" for m in own)
                lines.append(f"| {mode} | {arrows[pair]} | {cells} | {first.question_count} |")
    return "\n".join(lines)


def as_figures(measured: Sequence[Measured], *, set_hash: str, version: str, half: Half) -> list[Figure]:
    """Return the figures as rows for the table `quality`."""
    name = SET_NAME if half == "all" else f"{SET_NAME}, {half} half"
    return [
        Figure(
            area="search",
            measure=m.measure,
            kind=m.mode,
            language=m.pair,
            value=m.value,
            low=m.low,
            high=m.high,
            case_count=m.statement_count,
            document_count=m.question_count,
            meaning=f"{MEANINGS[m.measure]} in {m.mode} search: {_PAIR_NAMES[m.pair]}.",
            measured_on=name,
            measured_on_hash=set_hash,
            method=METHOD,
            version=version,
            measured_at=now(),
        )
        for m in measured
    ]


def encode_queries(index: SearchIndex, texts: Sequence[str], settings: Settings) -> NDArray[np.float32] | None:
    """Return one row per question as the models of the site encode it; None when the settings name other models."""
    from models.joined import load_query_encoder

    encoder = load_query_encoder(
        settings.model,
        settings.second_model,
        cache_dir=settings.cache_dir,
        precision=settings.model_precision,
        allow_hub=settings.allow_hub,
    )
    questions = [SearchRequest(text).question for text in texts]
    return encoder.encode_queries(questions) if encoder.model_id == index.model_id else None


def run_evaluation(settings: Settings, *, half: Half = "report") -> tuple[list[Measured], list[Figure]]:
    """Measure search over the site of `settings` with one half of the questions, or all of them.

    Raises:
        NothingToRead: when nothing has been published, or no question has a relevant statement there.
    """
    current = read_current(settings.site_dir)
    if current is None:
        raise NothingToRead(f"{settings.site_dir}: found no published knowledge base; run rodedraad ingest first")
    queries = [query for query in read_queries() if half in ("all", query.half)]
    index = SearchIndex.open(current[0])
    vectors = encode_queries(index, [query.text for query in queries], settings)
    measured = evaluate_site(current[0], queries, vectors)
    if not measured:
        raise NothingToRead(
            f"{settings.site_dir}: found none of the statements that the questions are about; ingest the reports that "
            f"{QUERIES.name} was made for"
        )
    set_hash = hash_rows([row for row in read_rows(QUERIES) if half == "all" or _half_of(row["query"]) == half])
    return measured, as_figures(measured, set_hash=set_hash, version=index.model_id, half=half)


def _half_of(text: str) -> Half:
    return "tune" if is_for_tuning(text) else "report"


def _language_searched(pair: Pair, query: Query) -> str | None:
    """Return the language to search in, None for all; None as well where the question does not belong to the pair."""
    if pair == "across":
        return {"nl": "en", "en": "nl"}.get(query.language)
    return pair if pair != "all" and query.language == pair else None


def _gain(grades: Sequence[int]) -> float:
    return math.fsum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))
