"""The measures of search, the joining of judgements by place, and the judged questions themselves."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from invented_extractions import make_extraction
from published_sites import publish_extractions

from flows.errors import NothingToRead
from flows.judged_places import JudgedPlace, PlacedStatements
from flows.search_evaluation import (
    Query,
    as_figures,
    evaluate_site,
    format_measured,
    interval,
    join_grades,
    ndcg,
    read_queries,
    recall,
    reciprocal_rank,
)
from flows.site_quality import find_shortfalls
from models.embedding import HashingEmbedder
from warehouse.places import StatementPlace, list_places
from warehouse.publication import read_current

GRADES = {"a": 3, "b": 2, "c": 1}


def test_measures_of_a_ranking() -> None:
    """The best order has nDCG 1; marginal statements count for nDCG only; nothing found is 0."""
    assert ndcg(["a", "b", "c", "x"], GRADES) == pytest.approx(1)
    assert ndcg(["x", "a"], {"a": 3}) == pytest.approx(1 / np.log2(3))
    assert 0 < ndcg(["c", "x"], GRADES) < 0.2
    assert recall(["x", "b"], GRADES) == 0.5
    assert recall([str(i) for i in range(30)], {str(i): 2 for i in range(30)}, depth=20) == 1
    assert reciprocal_rank(["c", "x", "b"], GRADES) == pytest.approx(1 / 3)
    assert (ndcg([], GRADES), recall([], GRADES), reciprocal_rank([], GRADES)) == (0, 0, 0)
    assert (ndcg(["a"], {}), recall(["a"], {})) == (0, 0)


def test_intervals_hold_the_mean() -> None:
    """The interval is around the mean and the same each time; of one value it is that value."""
    low, high = interval([0.0, 0.5, 1.0, 0.5])
    assert low < 0.5 < high
    assert interval([0.0, 0.5, 1.0, 0.5]) == (low, high)
    assert interval([0.25]) == (0.25, 0.25)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [(100, 200, ["whole"]), (110, 190, ["whole"]), (190, 320, ["next"]), (0, 90, []), (200, 210, []), (100, 300, ["whole", "next"])],
)  # fmt: skip
def test_judgements_are_joined_by_overlap(start: int, end: int, found: list[str]) -> None:
    """A judgement is about the statements that share at least half of the shorter range with it."""
    placed = PlacedStatements(
        [StatementPlace("next", "d" * 64, "nl", 210, 300), StatementPlace("whole", "d" * 64, "nl", 100, 200)]
    )
    assert [place.statement_id for place in placed.at(JudgedPlace("d" * 12, 1, start, end))] == found
    assert placed.at(JudgedPlace("e" * 12, 1, start, end)) == []
    query = Query("q", "?", "nl", ((JudgedPlace("d" * 12, 1, start, end), 2),))
    assert join_grades(query, placed) == dict.fromkeys(found, 2)


def test_a_site_is_measured_in_each_mode_and_pair(tmp_path: Path) -> None:
    """A question that words find is measured per mode; pairs without a question are left out."""
    embedder = HashingEmbedder(dimension=64)
    sentence = "De brug over het verzonnen kanaal wordt elk jaar gekeurd."
    site = publish_extractions(
        tmp_path,
        [make_extraction(sentence, "De dienst schrijft brieven in gewone taal.")],
        model_id=embedder.model_id,
        encode=embedder.encode_passages,
    )
    current = read_current(site)
    assert current is not None
    [bridge] = [place for place in list_places(current[0]) if place.end - place.start == len(sentence)]
    judged = JudgedPlace(bridge.document_id[:12], 1, bridge.start, bridge.end)
    query = Query("q1", "brug kanaal", "nl", ((judged, 3),))
    measured = evaluate_site(current[0], [query], None)
    assert {m.name: m.value for m in measured} == {
        f"lexical/{pair}/{measure}": 1.0 for pair in ("all", "nl") for measure in ("ndcg_at_10", "recall_at_20", "mrr")
    }
    assert "| lexical | nl → nl | 1.000 (1.00–1.00) |" in format_measured(measured)
    figures = as_figures(measured, set_hash="0" * 16, version="test", half="report")
    assert {figure.area for figure in figures} == {"search"}
    assert figures[0].measured_on.endswith("report half")


def test_the_judged_questions_are_many_and_in_both_languages() -> None:
    """At least 80, about half in each language, each with something relevant, all different, in two halves."""
    queries = read_queries()
    assert len(queries) >= 80
    assert len({query.text for query in queries}) == len({query.query_id for query in queries}) == len(queries)
    assert {language: sum(q.language == language for q in queries) >= 40 for language in ("nl", "en")} == {
        "nl": True,
        "en": True,
    }
    assert all(any(grade >= 2 for _, grade in query.grades) for query in queries)
    assert all(1 <= grade <= 3 and place.start < place.end for query in queries for place, grade in query.grades)
    assert min(sum(query.half == half for query in queries) for half in ("tune", "report")) >= 30


def test_malformed_rows_are_refused(tmp_path: Path) -> None:
    """The message names the row and what is expected."""
    path = tmp_path / "queries.jsonl"
    path.write_text(json.dumps({"query_id": "q7", "query": "?"}), "utf-8")
    with pytest.raises(NothingToRead, match=r"row 'q7'.*expected query_id, query, language and judgements"):
        read_queries(path)
    path.write_text("[1]", "utf-8")
    with pytest.raises(NothingToRead, match="expected one JSON object a line"):
        read_queries(path)
    with pytest.raises(NothingToRead):
        read_queries(tmp_path / "none.jsonl")


def test_figures_below_their_floor_are_named(tmp_path: Path) -> None:
    """A figure that is too low or missing is told; other tables do not matter."""
    floors = tmp_path / "floors.toml"
    floors.write_text('[search]\n"a" = 0.5\n"b" = 0.5\n[themes]\n"c" = 0.9\n', "utf-8")
    assert find_shortfalls({"a": 0.6}, floors, table="search") == ["b: found 0.000, expected at least 0.500"]
    assert find_shortfalls({"a": 0.6}, floors, table="other") == []
