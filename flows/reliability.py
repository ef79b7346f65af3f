"""Reliability: how often statements of a given confidence are right, and what a higher threshold gives and costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from flows.scoring import KINDS, Comparison, DocumentScore

TENTHS: Final = 10
THRESHOLDS: Final[tuple[float, ...]] = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)


@dataclass(frozen=True, slots=True)
class Rated:
    """A statement or a candidate of the review list: its kind, its confidence and whether the gold has it."""

    kind: str
    confidence: float
    is_right: bool
    is_statement: bool


def rate_statements(scores: Sequence[DocumentScore]) -> list[Rated]:
    """Return all statements and candidates that the gold has a say in; what it excuses is left out."""
    rated: list[Rated] = []
    for score in scores:
        for compared in score.comparisons:
            rated += _rate(compared, is_statement=True)
        for compared in score.doubted:
            rated += _rate(compared, is_statement=False)
    return rated


def _rate(compared: Comparison, *, is_statement: bool) -> Iterator[Rated]:
    right = {j for _, j, _ in compared.pairs}
    for j, found in enumerate(compared.found):
        if j not in compared.excused:
            yield Rated(compared.kind, float(found["confidence"]), j in right, is_statement)


def format_reliability(scores: Sequence[DocumentScore]) -> str:
    """Return two Markdown tables: the share that is right by tenth of confidence, and figures by threshold."""
    rated = rate_statements(scores)
    lines = [
        "| confidence | statements | mean confidence | right | in review | mean confidence | right |",
        "|---|---|---|---|---|---|---|",
    ]
    for tenth in range(TENTHS):
        inside = [r for r in rated if min(int(r.confidence * TENTHS), TENTHS - 1) == tenth]
        cells = [_share_cells([r for r in inside if r.is_statement is wanted]) for wanted in (True, False)]
        if inside:
            lines.append(f"| {tenth / TENTHS:.1f}–{(tenth + 1) / TENTHS:.1f} | {' | '.join(cells)} |")
    lines += ["", f"| threshold | {' | '.join(f'{kind}: precision / recall' for kind in KINDS)} |"]
    lines.append("|---|" + "---|" * len(KINDS))
    wanted = {kind: sum(len(c.wanted) for s in scores for c in s.comparisons if c.kind == kind) for kind in KINDS}
    everything = [_threshold_cell([r for r in rated if r.kind == kind], wanted[kind]) for kind in KINDS]
    lines.append(f"| with the review list | {' | '.join(everything)} |")
    for threshold in (None, *THRESHOLDS):
        taken = [r for r in rated if r.is_statement and r.confidence >= (threshold or 0.0)]
        cells = [_threshold_cell([r for r in taken if r.kind == kind], wanted[kind]) for kind in KINDS]
        lines.append(f"| {threshold or 'none set'} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _share_cells(rated: Sequence[Rated]) -> str:
    if not rated:
        return "0 | – | –"
    mean = sum(r.confidence for r in rated) / len(rated)
    return f"{len(rated)} | {mean:.2f} | {sum(r.is_right for r in rated) / len(rated):.2f}"


def _threshold_cell(rated: Sequence[Rated], wanted: int) -> str:
    right = sum(r.is_right for r in rated)
    precision = f"{right / len(rated):.2f}" if rated else "–"
    return f"{precision} / {right / wanted:.2f}" if wanted else f"{precision} / –"
