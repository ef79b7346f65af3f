"""What search reads is built right: postings, rows of numbers, groups of near-identical statements, passages."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from warehouse import search_meaning
from warehouse.passages import LONGEST, cut_passages
from warehouse.search_building import BlockPlan, Reading, WordIndexBuilder, write_meanings
from warehouse.search_folding import fold_groups
from warehouse.search_meaning import MeaningIndex
from warehouse.search_query import read_question
from warehouse.search_ranking import cut_page, rank_by_words, rank_everything
from warehouse.search_words import WordIndex


def no_phrase(phrase: str, languages: object, is_text_only: bool) -> np.ndarray:  # type: ignore[type-arg]
    """Find no phrase."""
    del phrase, languages, is_text_only
    return np.zeros(0, np.int32)


def test_rough_and_exact_comparison_agree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many rows the best are those that a plain product finds, with the same cosines."""
    generator = np.random.default_rng(1)
    vectors = generator.standard_normal((3_000, 48)).astype(np.float32)
    codes = generator.integers(0, 2, 3_000).astype(np.int32)
    write_meanings(tmp_path, [BlockPlan("m", 1.0, False, (Reading(1.0, vectors),))], codes, ["en", "nl"])
    monkeypatch.setattr(search_meaning, "FEW_ROWS", 100)
    monkeypatch.setattr(search_meaning, "_REFINED", 200)
    index = MeaningIndex.open(tmp_path)
    assert index.rough is not None
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    for row in range(5):
        question = index.question(vectors[row], {"nl": 1.0})
        found, plain = index.cosines(question), unit @ unit[row]
        best = np.argsort(-plain)[:100]
        assert set(np.argsort(-found)[:100]) & set(best) >= set(best[:95])
        assert found[best] == pytest.approx(plain[best], abs=2e-3)
        assert found == pytest.approx(plain, abs=2e-2)


def test_a_reading_that_is_missing_leaves_its_share_to_the_others(tmp_path: Path) -> None:
    """A text without a context counts by itself, and one without any vector is like nothing."""
    own = np.eye(3, 4, dtype=np.float32)
    context = np.zeros((3, 4), np.float32)
    context[0, 3] = 1.0
    own[2] = 0
    plan = BlockPlan("m", 1.0, False, (Reading(0.5, own), Reading(0.5, context)))
    write_meanings(tmp_path, [plan], np.zeros(3, np.int32), ["nl"])
    index = MeaningIndex.open(tmp_path)
    assert np.asarray(index.exact).tolist() == [[0.5, 0, 0, 0.5], [0, 1, 0, 0], [0, 0, 0, 0]]


def test_no_vectors_make_an_index_without_dimension(tmp_path: Path) -> None:
    """Statements that were never embedded have no meanings to compare."""
    write_meanings(tmp_path, [], np.zeros(3, np.int32), ["nl"])
    assert MeaningIndex.open(tmp_path).dimension == 0


def test_postings_rank_as_bm25_does(tmp_path: Path) -> None:
    """A rare word weighs more than a usual one, the text more than its heading, and a short text more than a long."""
    builder = WordIndexBuilder((1.0, 0.4))
    for text, heading in (
        ("veer pont", ""), ("veer brug", "pont"), ("veer", ""), ("veer pont " + "lang " * 40, ""), ("weg", ""),
    ):  # fmt: skip
        builder.add("nl", (text, heading), text.split())
    builder.write(tmp_path)
    hits = WordIndex.open(tmp_path).find(read_question("pont"), {"nl": 1.0}, no_phrase)
    assert hits.rows[np.argsort(-hits.scores)].tolist() == [0, 1, 3]
    assert all(0 < score < 1 for score in hits.scores)
    assert WordIndex.open(tmp_path).find(read_question("onbekend"), {"nl": 1.0}, no_phrase).rows.tolist() == []


def test_what_is_excluded_is_excluded_from_the_text_itself(tmp_path: Path) -> None:
    """A title that holds the word does not exclude all that stands below it; it does find them."""
    builder = WordIndexBuilder((1.0, 0.4))
    for text, heading in (("veer vaart", "pont"), ("veer pont", "pont"), ("brug", "pont")):
        builder.add("nl", (text, heading), text.split())
    builder.write(tmp_path)
    index = WordIndex.open(tmp_path)
    assert index.find(read_question("veer NOT pont"), {"nl": 1.0}, no_phrase).rows.tolist() == [0]
    assert index.find(read_question("veer AND pont"), {"nl": 1.0}, no_phrase).rows.tolist() == [0, 1]


def test_an_empty_index_of_words_finds_nothing(tmp_path: Path) -> None:
    """A site without statements has an index all the same."""
    WordIndexBuilder((1.0,)).write(tmp_path)
    assert len(WordIndex.open(tmp_path).find(read_question("iets"), {}, no_phrase).rows) == 0


def test_statements_are_folded_when_words_and_meaning_and_numbers_agree() -> None:
    """The same words; one word more with a like vector; not another number, another meaning or another language."""
    vectors = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 0]]
    terms = [
        np.array(t, np.int32)
        for t in (range(1, 30), [*range(1, 30), 31], [*range(1, 30), 40], [*range(1, 29), 32], range(101, 130))
    ]
    is_number = np.zeros(200, np.bool_)
    is_number[40] = True
    languages = np.array([0, 0, 0, 0, 1], np.int32)
    groups = fold_groups(terms, languages, lambda rows: vectors[rows], is_number=is_number)
    assert groups.tolist() == [0, 0, 1, 2, 3]
    assert fold_groups([terms[0], terms[1], terms[0]], languages[:3], None, is_number=is_number).tolist() == [0, 1, 0]


@given(
    st.lists(
        st.sampled_from(["Een zin van een paar woorden hier. ", "\n\n", "kop\n\n", "x" * 900 + " ", "é. "]), max_size=60
    )
)
def test_passages_cover_the_text_in_order(pieces: list[str]) -> None:
    """They never overlap, are never longer than allowed, and lose no paragraph with words in it."""
    text = "".join(pieces)
    passages = cut_passages(text)
    assert all(start < end for start, end in passages)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(passages))
    assert all(end - start <= LONGEST and text[start:end] == text[start:end].strip() for start, end in passages)


def test_a_passage_does_not_run_from_one_section_into_the_next() -> None:
    """A section that begins closes the passage before."""
    first, second = (
        ("De pont voer niet en niemand zei waarom dat zo was. " * 3).strip(),
        "Het college koos anders. " * 4,
    )
    text = f"{first}\n\n{second.strip()}"
    assert len(cut_passages(text)) == 1
    assert [text[start:end] for start, end in cut_passages(text, [len(first) + 2])] == [first, second.strip()]


def test_pages_of_folded_results_are_whole() -> None:
    """Page by page every group comes once, whatever its size, and the folded ones are with it."""
    ranking = rank_everything(50)
    groups = (np.arange(50) // 7).astype(np.int32)
    pages = [cut_page(ranking, groups=groups, dates=None, offset=i, limit=3) for i in range(0, 9, 3)]
    chosen = [int(row) for page in pages for row in page.chosen]
    assert chosen == list(range(0, 50, 7))
    assert {page.total for page in pages} == {8}
    assert sum(1 + len(page.folded[int(place)]) for page in pages for place in page.chosen) == 50


def test_nothing_found_is_an_empty_page() -> None:
    """No hits, no results."""
    from warehouse.search_words import NO_HITS

    page = cut_page(rank_by_words(NO_HITS), groups=np.zeros(5, np.int32), dates=None, offset=0, limit=10)
    assert (len(page.chosen), page.total) == (0, 0)
