"""The most frequent errors: what was missed and found falsely, counted by what lies behind it and by rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from flows.error_page import Mistake, find_mistakes
from flows.scoring import KINDS, MATCH

if TYPE_CHECKING:
    from flows.evaluation import Evaluated

PARTLY: Final = 0.3
"""From this similarity on, two texts are taken for the same statement with other limits."""

MOST_RULES: Final = 6


def format_error_counts(documents: Sequence[Evaluated]) -> str:
    """Return two Markdown tables: errors by what lies behind them, and false alarms by the rule that found them."""
    mistakes = [mistake for document in documents for mistake in find_mistakes(document)]
    causes = Counter((_find_cause(m), m.gold_kind or m.kind) for m in mistakes)
    totals = Counter(_find_cause(m) for m in mistakes)
    header = f"| {' | '.join(f'{kind}s' for kind in KINDS)} |"
    lines = [f"| error {header}", "|---|" + "---|" * len(KINDS)]
    for cause, _ in totals.most_common():
        lines.append(f"| {cause} | {' | '.join(str(causes[cause, kind]) for kind in KINDS)} |")
    false = [m for m in mistakes if m.sort != "missed"]
    rules = Counter((m.rule, m.kind) for m in false)
    lines += ["", f"| rule of a false alarm {header}", "|---|" + "---|" * len(KINDS)]
    for rule, _ in Counter(m.rule for m in false).most_common(MOST_RULES):
        lines.append(f"| {rule} | {' | '.join(str(rules[rule, kind]) for kind in KINDS)} |")
    return "\n".join(lines)


def _find_cause(mistake: Mistake) -> str:
    if mistake.sort == "wrong kind":
        return "found, but taken for another kind"
    near = mistake.near
    alike = near.similarity if near and near.kind == mistake.kind else 0.0
    if mistake.sort == "missed":
        if near and near.side == "review" and alike >= MATCH:
            return "missed: waits in the review list"
        return "missed: found with other limits" if alike >= PARTLY else "missed: not proposed"
    if alike >= MATCH:
        return "false: a statement that is found already"
    return "false: a statement with other limits" if alike >= PARTLY else "false: no statement for careful readers"
