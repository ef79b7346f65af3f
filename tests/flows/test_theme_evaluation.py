"""Thresholds of themes: calibrated on other documents than they are measured on, and written into the file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np

from flows.judged_places import read_rows
from flows.theme_evaluation import (
    JUDGED,
    JudgedThemes,
    as_figures,
    calibrate,
    format_figures,
    give_held_out,
    measure_themes,
    write_thresholds,
)
from warehouse.themes import Theme, ThemeSet, read_themes

THEMES = ThemeSet(
    tuple(
        Theme(theme_id=name, collection="policy", name=name, name_en=name, description=".", description_en=".",
              examples={})
        for name in ("sure", "shaky")
    )
)  # fmt: skip


def judged(documents: int = 4) -> JudgedThemes:
    """Return eight statements per document: the first theme is told apart by its score, the second hardly."""
    wanted = np.tile(np.array([[True, True], [False, False]] * 4), (documents, 1))
    scores = np.where(wanted, (0.7, 0.45), (0.3, 0.4)).astype(np.float32)
    scores[::5, 1] = 0.42
    groups = np.repeat([f"d{i}" for i in range(documents)], 8)
    return JudgedThemes(scores, wanted, groups, np.ones(len(wanted), np.bool_))


def test_thresholds_part_what_scores_part() -> None:
    """The threshold of a theme lies between the scores of statements with and without it."""
    own = judged()
    sure, _ = calibrate(own.scores, own.wanted)
    assert 0.3 < sure <= 0.7


def test_held_out_documents_do_not_decide_their_own_thresholds() -> None:
    """A document whose scores are all lower gets nothing, for the others set the threshold."""
    own = judged()
    low = own.groups == "d0"
    scores = own.scores.copy()
    scores[low] -= 0.3
    given = give_held_out(JudgedThemes(scores, own.wanted, own.groups, own.is_sampled))
    assert not given[low, 0].any()
    assert given[~low][own.wanted[~low, 0], 0].all()


def test_figures_have_intervals_and_a_table() -> None:
    """Precision, recall and F1 of all themes and of each with enough statements, as rows and as a table."""
    figures = measure_themes(judged(), THEMES)
    assert {f.theme_id for f in figures} == {"all", "sure", "shaky"}
    assert {f.name: f.value for f in figures}["sure/precision"] == 1
    assert all(f.low <= f.value <= f.high for f in figures)
    assert "| sure | 1.00 (1.00–1.00) |" in format_figures(figures)
    assert {row.area for row in as_figures(figures, statement_count=32, version="test")} == {"themes"}


def test_thresholds_are_written_in_place(tmp_path: Path) -> None:
    """An earlier threshold is replaced, everything else stays."""
    path = tmp_path / "themes.toml"
    path.write_text('# why\n[[theme]]\nid = "a"\ndescription_en = "x"\nthreshold = 0.9\nexamples = []\n', "utf-8")
    write_thresholds(path, {"a": 0.35})
    assert tomllib.loads(path.read_text("utf-8"))["theme"] == [
        {"id": "a", "description_en": "x", "threshold": 0.35, "examples": []}
    ]
    assert path.read_text("utf-8").startswith("# why\n")


def test_enough_statements_are_judged_with_themes_that_exist() -> None:
    """At least 200, most of them drawn by chance."""
    rows = read_rows(JUDGED)
    known = {theme.theme_id for theme in read_themes().themes}
    assert len(rows) >= 200
    assert sum(row["drawn"] == "sample" for row in rows) >= 200
    assert {name for row in rows for name in row["themes"]} <= known
