"""The tables of docs/scaling.md follow from what was measured."""

from __future__ import annotations

from flows.costs import Costs, format_costs

COSTS = Costs(
    documents=2,
    pages=100,
    statements=40,
    seconds={"reading": 10.0, "extraction": 20.0, "embedding": 6.4, "loading": 1.0, "publication": 2.0},
    kept_bytes={"originals": 4_000_000, "warehouse": 3_000_000, "site": 1_000_000},
)


def test_a_million_reports_follow_from_seconds_per_page_and_bytes_per_report() -> None:
    """Fifty pages each: 0.364 core-seconds a page are 211 core-days, on two cores 105 days."""
    text = format_costs(COSTS, machine="an invented machine")

    assert "an invented machine: 2 reports with 100 pages (50 each) and 40 statements" in text
    assert "| reading | workers | 0.1000 | 58 |" in text
    assert "| loading | one process | 0.0100 | 6 |" in text
    assert "| 2 | 105.3 | 5.8 |" in text
    assert "| 64 | 3.3 | 5.8 |" in text
    assert "| originals | 2.00 | 2.00 |" in text


def test_no_documents_cost_nothing() -> None:
    nothing = Costs(0, 0, 0, dict.fromkeys(COSTS.seconds, 0.0), dict.fromkeys(COSTS.kept_bytes, 0))
    assert "0 reports with 0 pages" in format_costs(nothing, machine="an invented machine")
