"""Measures themes on statements that were judged by reading, and calibrates their thresholds.

    python -m flows.theme_evaluation --home data [--calibrate warehouse/themes.toml]

The thresholds are measured as they will do on reports that nobody judged: those that are applied to the statements of
one document are calibrated on those of all others.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from flows.clock import now
from flows.errors import NothingToRead
from flows.judged_places import ROWS, JudgedPlace, PlacedStatements, hash_rows, read_rows
from flows.resampling import RESAMPLES, SEED, draw_samples, middle_of
from flows.settings import Settings
from warehouse.places import StatementPlace
from warehouse.quality import Figure
from warehouse.store import Warehouse
from warehouse.themes import ThemeSet, read_themes

JUDGED: Final = ROWS / "themes.jsonl"
SET_NAME: Final = "statements of public reports, judged for themes"
BETA: Final = 0.5
"""Thresholds give the best F-beta: a theme that is wrong counts double against one that is missing."""
PRIOR: Final = 10.0
"""What all themes together say counts like this many statements of a theme, against those of its own."""
GRID: Final = np.round(np.arange(0.10, 0.96, 0.02), 2)
FEWEST_POSITIVE: Final = 5
"""Statements that must have a theme for figures of its own."""

METHOD: Final = (
    "python -m flows.theme_evaluation: judged by one reader; thresholds for the statements of a document are "
    "calibrated on all other documents; 95 % interval by resampling statements "
    f"{RESAMPLES} times (bootstrap, seed {SEED}); the examples of the themes are invented, but were written by someone "
    "who had seen these reports, so expect less on others"
)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedThemes:
    """n judged statements: `scores` (n, t) of the program, `wanted` bool (n, t), `groups` (n,) their documents.

    `is_sampled` says which were drawn by chance; the others were added for themes that are rare.
    """

    scores: NDArray[np.float32]
    wanted: NDArray[np.bool_]
    groups: NDArray[np.str_]
    is_sampled: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ThemeFigure:
    """Precision, recall or F1 of a theme, or of all of them together, with its 95 % interval."""

    theme_id: str
    measure: str
    value: float
    low: float
    high: float
    statement_count: int

    @property
    def name(self) -> str:
        """The name by which floors know it, such as ``all/precision``."""
        return f"{self.theme_id}/{self.measure}"


def read_judged(warehouse: Warehouse, themes: ThemeSet, *, model_id: str, path: Path = JUDGED) -> JudgedThemes:
    """Return the judged statements that the warehouse has, with the scores that the program gives them.

    Raises `NothingToRead` when it has none of them, or a row names a theme that is not there.
    """
    scored = warehouse.score_themes(themes, model_id=model_id)
    row_of = {place.statement_id: i for i, (place, _) in enumerate(scored)}
    placed = PlacedStatements(place for place, _ in scored)
    position = {theme.theme_id: i for i, theme in enumerate(themes.themes)}
    rows: dict[str, tuple[NDArray[np.bool_], str, bool]] = {}
    for row in read_rows(path):
        if unknown := sorted(set(row["themes"]) - set(position)):
            raise NothingToRead(f"{path}: found the theme {', '.join(unknown)}; expected one of warehouse/themes.toml")
        judged = JudgedPlace(*row["place"])
        for place in _nearest(placed.at(judged), judged):
            wanted = np.zeros(len(position), np.bool_)
            wanted[[position[name] for name in row["themes"]]] = True
            rows.setdefault(place.statement_id, (wanted, judged.document, row["drawn"] == "sample"))
    if not rows:
        raise NothingToRead(f"{path}: found none of these statements in the warehouse; ingest the reports")
    return JudgedThemes(
        np.stack([scored[row_of[statement_id]][1] for statement_id in rows]),
        np.stack([wanted for wanted, _, _ in rows.values()]),
        np.array([document for _, document, _ in rows.values()]),
        np.array([is_sampled for _, _, is_sampled in rows.values()], np.bool_),
    )


def calibrate(scores: NDArray[np.float32], wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the threshold of each theme, float64 (t,): the best F-beta of its own statements and of all together."""
    hits, alarms, misses = (np.zeros((len(GRID), scores.shape[1])) for _ in range(3))
    for i, threshold in enumerate(GRID):
        given = scores >= threshold
        hits[i], alarms[i], misses[i] = ((given & wanted).sum(0), (given & ~wanted).sum(0), (~given & wanted).sum(0))
    share = PRIOR / max(1, int(wanted.sum()))
    own = [part + share * part.sum(axis=1, keepdims=True) for part in (hits, alarms, misses)]
    values = (1 + BETA**2) * own[0] / np.maximum((1 + BETA**2) * own[0] + own[1] + BETA**2 * own[2], 1e-9)
    found: NDArray[np.float64] = GRID[values.argmax(axis=0)]
    return found


def give_held_out(judged: JudgedThemes) -> NDArray[np.bool_]:
    """Return which themes are given to each statement by thresholds from the other documents: bool (n, t)."""
    given = np.zeros_like(judged.wanted)
    for group in np.unique(judged.groups):
        held = judged.groups == group
        given[held] = judged.scores[held] >= calibrate(judged.scores[~held], judged.wanted[~held])
    return given


def measure_themes(judged: JudgedThemes, themes: ThemeSet) -> list[ThemeFigure]:
    """Return precision, recall and F1: over the statements drawn by chance for all, over all judged for each theme."""
    given = give_held_out(judged)
    drawn = judged.is_sampled if judged.is_sampled.any() else np.ones_like(judged.is_sampled)
    figures = _measure("all", given[drawn], judged.wanted[drawn])
    for i, theme in enumerate(themes.themes):
        if judged.wanted[:, i].sum() >= FEWEST_POSITIVE:
            figures += _measure(theme.theme_id, given[:, [i]], judged.wanted[:, [i]])
    return figures


def _measure(theme_id: str, given: NDArray[np.bool_], wanted: NDArray[np.bool_]) -> list[ThemeFigure]:
    counts = np.stack([(given & wanted).sum(1), (given & ~wanted).sum(1), (~given & wanted).sum(1)], axis=1)
    samples = np.stack([counts[rows].sum(axis=0) for rows in draw_samples(len(counts))])
    total = counts.sum(axis=0)
    figures = []
    for measure in ("precision", "recall", "f1"):
        value = float(_ratio(measure, total[None])[0])
        low, high = middle_of(_ratio(measure, samples))
        figures.append(ThemeFigure(theme_id, measure, value, min(low, value), max(high, value), int(wanted.sum())))
    return figures


def _ratio(measure: str, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    hits, alarms, misses = counts.T.astype(np.float64)
    top, rest = {"precision": (hits, alarms), "recall": (hits, misses), "f1": (2 * hits, alarms + misses)}[measure]
    found: NDArray[np.float64] = np.divide(top, top + rest, out=np.zeros_like(top), where=top + rest > 0)
    return found


def _nearest(places: Sequence[StatementPlace], judged: JudgedPlace) -> Sequence[StatementPlace]:
    """Return the one place that is most like the judged one: a theme of a whole need not be one of its parts."""

    def distance(place: StatementPlace) -> int:
        return abs(place.start - judged.start) + abs(place.end - judged.end)

    return [min(places, key=distance)] if places else []


def format_figures(figures: Sequence[ThemeFigure]) -> str:
    """Return the figures as a Markdown table: one row for all themes and one per theme."""
    lines = ["| theme | precision | recall | F1 | statements with it |", "|---|---|---|---|---|"]
    by_key = {(f.theme_id, f.measure): f for f in figures}
    for theme_id in dict.fromkeys(f.theme_id for f in figures):
        own = [by_key[theme_id, measure] for measure in ("precision", "recall", "f1")]
        cells = " | ".join(f"{f.value:.2f} ({f.low:.2f}–{f.high:.2f})" for f in own)
        lines.append(f"| {theme_id} | {cells} | {own[0].statement_count} |")
    return "\n".join(lines)


def as_figures(figures: Sequence[ThemeFigure], *, statement_count: int, version: str) -> list[Figure]:
    """Return the figures as rows for the table `quality`; `kind` holds the theme."""
    meanings = {
        "precision": "Share of the statements with {} that are about it.",
        "recall": "Share of the statements about {} that have it.",
        "f1": "Harmonic mean of the precision and the recall of {}.",
    }
    return [
        Figure(
            area="themes",
            measure=f.measure,
            kind=f.theme_id,
            value=f.value,
            low=f.low,
            high=f.high,
            case_count=f.statement_count,
            document_count=statement_count,
            meaning=meanings[f.measure].format("a theme" if f.theme_id == "all" else f"the theme {f.theme_id}"),
            measured_on=SET_NAME,
            measured_on_hash=hash_rows(read_rows(JUDGED)),
            method=METHOD,
            version=version,
            measured_at=now(),
        )
        for f in figures
    ]


def write_thresholds(path: Path, thresholds: dict[str, float]) -> None:
    """Write the `threshold` of each theme into the TOML file at `path`, in place of an earlier one."""
    lines = [line for line in path.read_text("utf-8").splitlines() if not re.match(r"threshold\s*=", line)]
    out = []
    theme_id = ""
    for line in lines:
        if match := re.match(r'id = "([a-z0-9_]+)"', line):
            theme_id = match[1]
        out.append(line)
        if line.startswith("description_en = ") and theme_id in thresholds:
            out.append(f"threshold = {thresholds[theme_id]:.2f}")
    path.write_text("\n".join(out) + "\n", "utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Print how good the themes are; returns 2 when there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="python -m flows.theme_evaluation", description=main.__doc__)
    parser.add_argument("--home", type=Path, required=True, metavar="FOLDER", help="home with the judged reports")
    parser.add_argument("--calibrate", type=Path, metavar="FILE", help="write the thresholds into this themes.toml")
    options = parser.parse_args(arguments)
    try:
        with Warehouse.open(Settings(home=options.home).warehouse_path) as warehouse:
            themes, judged = judge_warehouse(warehouse, Settings(home=options.home))
    except NothingToRead as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(format_figures(measure_themes(judged, themes)) + "\n")
    if options.calibrate:
        found = calibrate(judged.scores, judged.wanted)
        write_thresholds(options.calibrate, {t.theme_id: float(v) for t, v in zip(themes.themes, found, strict=True)})
    return 0


def judge_warehouse(warehouse: Warehouse, settings: Settings) -> tuple[ThemeSet, JudgedThemes]:
    """Return the themes, and the judged statements of a warehouse, after giving it the themes."""
    from flows.theming import assign_themes
    from models.embedding import describe_model

    assign_themes(warehouse, settings=settings, report=_tell)
    themes = read_themes()
    return themes, read_judged(warehouse, themes, model_id=describe_model(settings.model))


def _tell(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
