"""Figures: what the scores of documents come to, each with its interval, as tables and as rows for the warehouse."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flows.resampling import RESAMPLES, SEED, draw_samples, middle_of
from flows.scoring import ALL, KINDS, REPORT_FIELDS, DocumentScore, Tally
from warehouse.quality import Figure

SHARES: Final[tuple[str, ...]] = ("exact", "page", "label", "deadline")
FOUND: Final[tuple[str, ...]] = ("addressee", "response", "link")
"""Parts that are found or missed, beside the statements themselves."""

METHOD: Final = (
    "rodedraad evaluate: a statement counts as found when its words agree with the gold text by token F1 0.6; "
    f"95 % interval by resampling documents {RESAMPLES} times (bootstrap, seed {SEED}); documents that the judge was "
    "trained on are judged by models that have not seen them"
)

OF_SHIPPED: Final = "; the rules were developed while looking at these reports, so expect less on others"
"""What must be said of figures on the gold set of this project."""

Counts = NDArray[np.float64]
"""Hits, false alarms and misses in the last dimension."""

_LANGUAGES: Final = {"nl": "Dutch reports", "en": "English reports", "de": "German reports", "fr": "French reports"}
_PUBLISHED_NAMES: Final = {"publication_date": "published_date"}
"""What the scorer calls otherwise than the tables do."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One figure: `part` is what was scored, `measure` precision, recall, f1, mean_f1 or share.

    `low` and `high` end its 95 % interval, None for fewer than two documents. `case_count` is what the value is a share
    of; for F1 the number in the gold.
    """

    part: str
    kind: str
    language: str
    measure: str
    value: float
    low: float | None
    high: float | None
    case_count: int
    document_count: int

    @property
    def name(self) -> str:
        """The name by which floors and JSON know it, such as ``recommendation/nl/f1``, ``label`` or ``link/f1``."""
        if self.part == "statement":
            language = "by_document" if self.measure == "mean_f1" and self.language == ALL else self.language
            measure = "f1" if language == "by_document" else self.measure
            return f"{self.kind}/{language}/{measure}"
        only = [name for name in (self.kind, self.language) if name != ALL and self.part not in FOUND]
        if self.part in FOUND and self.language != ALL:
            only = [self.language]
        return "/".join((self.part, *only, *([] if self.measure == "share" else [self.measure])))


def measure_all(scores: Sequence[DocumentScore]) -> list[Measured]:
    """Return every figure that has a case, in a fixed order; an empty list for no scores."""
    languages = (ALL, *sorted({score.language for score in scores}))
    measured: list[Measured] = []
    for kind in (ALL, *KINDS):
        for language in languages:
            measured += _measure(scores, "statement", kind, language, ("precision", "recall", "f1", "mean_f1"))
    for part in SHARES:
        for kind, language in ((ALL, ALL), *((ALL, code) for code in languages[1:]), *((k, ALL) for k in KINDS)):
            measured += _measure(scores, part, kind, language, ("share",))
    for part in REPORT_FIELDS:
        for language in languages:
            measured += _measure(scores, part, ALL, language, ("share",))
    for part in FOUND:
        for language in languages:
            measured += _measure(scores, part, ALL, language, ("precision", "recall", "f1"))
    return measured


def _measure(
    scores: Sequence[DocumentScore], part: str, kind: str, language: str, measures: Sequence[str]
) -> Iterator[Measured]:
    own = [_sum_tallies(s, part, kind) for s in scores if language in (ALL, s.language)]
    own = [tally for tally in own if tally.wanted or tally.predicted]
    counts = np.array([(t.hits, t.false_alarms, t.misses) for t in own], np.float64).reshape(-1, 3)
    pooled = Tally(*(int(n) for n in counts.sum(axis=0)))
    if part in FOUND and not pooled.wanted:
        return
    cases = {"precision": pooled.predicted}
    for measure in measures:
        compute = _COMPUTE[measure]
        value = float(compute(counts[None])[0])
        if not np.isnan(value):
            low, high = interval(counts, compute) or (None, None)
            yield Measured(part, kind, language, measure, value, low, high, cases.get(measure, pooled.wanted), len(own))


def _sum_tallies(score: DocumentScore, part: str, kind: str) -> Tally:
    tallies = [t for (p, k), t in score.tallies.items() if p == part and kind in (ALL, k)]
    return Tally(
        sum(t.hits for t in tallies), sum(t.false_alarms for t in tallies), sum(t.misses for t in tallies)
    )  # fmt: skip


def interval(counts: Counts, compute: Callable[[Counts], Counts], *, seed: int = SEED) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure by resampling documents; None for fewer than two of them.

    `counts` has one row of hits, false alarms and misses per document; `compute` takes samples of such rows, of shape
    (samples, documents, 3), to one value each.
    """
    if len(counts) < 2:
        return None
    values = compute(counts[draw_samples(len(counts), seed=seed)])
    values = values[~np.isnan(values)]
    return middle_of(values) if len(values) else None


def pooled_precision(samples: Counts) -> Counts:
    """Return hits over predictions of each sample, not a number where there are none."""
    hits, false_alarms, _ = _sums(samples)
    return _divide(hits, hits + false_alarms)


def pooled_recall(samples: Counts) -> Counts:
    """Return hits over gold of each sample, not a number where there is none."""
    hits, _, misses = _sums(samples)
    return _divide(hits, hits + misses)


def pooled_f1(samples: Counts) -> Counts:
    """Return the pooled F1 of each sample, not a number where there was nothing to find and nothing was found."""
    hits, false_alarms, misses = _sums(samples)
    return _divide(2 * hits, 2 * hits + false_alarms + misses)


def mean_f1(samples: Counts) -> Counts:
    """Return the mean over documents of their F1, for each sample."""
    hits, false_alarms, misses = np.moveaxis(samples, -1, 0)
    return _divide(2 * hits, 2 * hits + false_alarms + misses).mean(axis=1) if samples.shape[1] else _no_number(samples)


_COMPUTE: Final[dict[str, Callable[[Counts], Counts]]] = {
    "precision": pooled_precision,
    "recall": pooled_recall,
    "f1": pooled_f1,
    "mean_f1": mean_f1,
    "share": pooled_recall,
}


def _sums(samples: Counts) -> Counts:
    return np.asarray(np.moveaxis(samples.sum(axis=1), -1, 0))


def _divide(top: Counts, bottom: Counts) -> Counts:
    return np.divide(top, bottom, out=np.full_like(top, np.nan), where=bottom > 0)


def _no_number(samples: Counts) -> Counts:
    return np.full(len(samples), np.nan)


def format_figures(measured: Sequence[Measured], scores: Sequence[DocumentScore]) -> str:
    """Return the figures as two Markdown tables: statements by kind and language, and everything else."""
    by_key = {(m.part, m.kind, m.language, m.measure): m for m in measured}
    lines = ["| kind | language | precision | recall | F1 | gold | found |", "|---|---|---|---|---|---|---|"]
    for kind in KINDS:
        for language in dict.fromkeys(m.language for m in measured):
            f1 = by_key.get(("statement", kind, language, "f1"))
            if f1 is None:
                continue
            cells = [_cell(by_key.get(("statement", kind, language, name))) for name in ("precision", "recall", "f1")]
            found = by_key.get(("statement", kind, language, "precision"))
            lines.append(
                f"| {kind} | {language} | {' | '.join(cells)} | {f1.case_count} | {found.case_count if found else 0} |"
            )
    lines += ["", "| figure | value | cases | documents |", "|---|---|---|---|"]
    for kind in KINDS:
        mean = by_key.get(("statement", kind, ALL, "mean_f1"))
        if mean:
            lines.append(
                f"| {kind}: mean F1 over documents | {_cell(mean)} | {mean.case_count} | {mean.document_count} |"
            )
    for part in (*SHARES, *REPORT_FIELDS, *FOUND):
        for measure in ("share", "precision", "recall", "f1"):
            one = by_key.get((part, ALL, ALL, measure))
            if one:
                lines.append(f"| {one.name} | {_cell(one)} | {one.case_count} | {one.document_count} |")
    if false_deadlines := sum(score.false_deadlines for score in scores):
        lines.append(f"| deadlines where the gold has none | {false_deadlines} | | |")
    return "\n".join(lines)


def _cell(measured: Measured | None) -> str:
    if measured is None:
        return "–"
    span = "" if measured.low is None else f" ({measured.low:.2f}–{measured.high:.2f})"
    return f"{measured.value:.3f}{span}"


def as_figures(
    measured: Sequence[Measured],
    *,
    measured_on: str,
    measured_on_hash: str,
    version: str,
    measured_at: datetime.datetime,
    caveat: str = "",
) -> list[Figure]:
    """Return the figures as rows for the table `quality`; `caveat` is added to how they were measured."""
    return [
        Figure(
            area="extraction",
            measure=_measure_name(m),
            kind=m.kind,
            language=m.language,
            value=m.value,
            low=m.low,
            high=m.high,
            case_count=m.case_count,
            document_count=m.document_count,
            meaning=explain(m),
            measured_on=measured_on,
            measured_on_hash=measured_on_hash,
            method=METHOD + caveat,
            version=version,
            measured_at=measured_at,
        )
        for m in measured
        if m.case_count
    ]


def _measure_name(measured: Measured) -> str:
    if measured.part == "statement":
        return measured.measure
    name = _PUBLISHED_NAMES.get(measured.part, measured.part)
    return name if measured.measure == "share" else f"{name}_{measured.measure}"


def explain(measured: Measured) -> str:
    """Return a sentence that says what the value of a figure is."""
    kinds = "statements" if measured.kind == ALL else f"{measured.kind}s"
    reports = (
        "reports" if measured.language == ALL else _LANGUAGES.get(measured.language, f"{measured.language} reports")
    )
    where = "" if measured.language == ALL else f" in {reports}"
    if measured.measure == "share":
        return {
            "exact": f"Share of the {kinds} found{where} that begin and end where careful readers say.",
            "page": f"Share of the {kinds} found{where} that are on the page that is given.",
            "label": f"Share of the printed labels of the {kinds} found{where} that are right.",
            "deadline": f"Share of the deadlines of the {kinds} found{where} that are right.",
            "title": f"Share of the titles of {reports} that are right.",
            "publisher": f"Share of the publishers of {reports} that are right.",
            "publication_date": f"Share of the publication dates of {reports} that are right.",
            "report_number": f"Share of the numbers of {reports} that are right.",
        }[measured.part]
    things = {
        "statement": kinds,
        "addressee": "addressees",
        "response": "responses",
        "link": "links between statements",
    }
    thing = things[measured.part]
    return {
        "precision": f"Share of the {thing} found{where} that are right.",
        "recall": f"Share of the {thing} that careful readers marked{where} that were found.",
        "f1": f"Harmonic mean of the precision and the recall of {thing}{where}.",
        "mean_f1": f"Mean over documents of the F1 of {thing}{where}.",
    }[measured.measure]
