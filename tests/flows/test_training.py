"""The model card says what the weights were trained on and how well they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.training import main, write_card
from models.judging import JUDGE_FILE, ROLES_FILE, WORDING_FILE


def test_the_card_states_data_limits_and_reliability() -> None:
    reliability = [{"from": 0.9, "candidates": 7, "confidence": 0.95, "right": 0.86}]
    figures = {"candidates": 50, "statements": 20, "keep_from": (0.05, 0.1, 0.2), "add_from": 1.01, "f1": 0.8123}
    card = write_card(
        {
            "documents": 12,
            "invented": 5,
            "sentences": 40,
            "titles": 30,
            "languages": ["en", "nl"],
            "features": 9,
            "of": "0123456789ab",
            "figures": {"lesson": {**figures, "reliability": reliability}},
        }
    )

    assert "7 published reports" in card and "5 invented reports" in card and "en, nl" in card
    assert "| lesson | 50 | 20 | 0.05 / 0.10 / 0.20 | – | 0.812 |" in card
    assert "| lesson | 0.9–1.0 | 7 | 0.95 | 0.86 |" in card


def test_a_folder_without_gold_trains_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A clone without the gold reports keeps the weights it has."""
    before = [path.read_bytes() for path in (WORDING_FILE, ROLES_FILE, JUDGE_FILE)]

    assert main(["--gold", str(tmp_path / "gold"), str(tmp_path), "--write"]) == 2

    assert "found no gold file" in capsys.readouterr().err
    assert before == [path.read_bytes() for path in (WORDING_FILE, ROLES_FILE, JUDGE_FILE)]
