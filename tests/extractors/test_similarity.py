"""How far two texts say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from extractors.similarity import SharedWords, content_stems, count_words, stem_share, word_f1


def test_the_f1_counts_shared_words_whatever_their_case_and_is_0_without_words() -> None:
    assert word_f1(count_words("Repair the ferry"), count_words("repair the pier")) == 4 / 6
    assert word_f1(count_words(""), count_words("repair")) == 0.0


def test_what_holds_too_few_longer_words_is_held_by_nothing() -> None:
    long = "Replace every rope of the ferry before winter storms arrive"
    shared = SharedWords([long, "replace every ferry before winter", "replace the rope"])

    assert shared.scores_of(1)[1].tolist() == [1.0, 1.0, 0.2]
    assert shared.scores_of(2)[1].tolist() == [0.0, 0.0, 0.0]


@given(st.lists(st.text(alphabet="ab ", max_size=12), min_size=1, max_size=8))
def test_each_text_is_compared_with_all_others_as_with_one(texts: list[str]) -> None:
    """The scores of a list of texts are those of its pairs."""
    shared = SharedWords(texts)
    words = [count_words(text) for text in texts]

    for place, own in enumerate(words):
        assert shared.scores_of(place)[0].tolist() == [word_f1(own, other) for other in words]


def test_inflected_words_share_their_stem() -> None:
    assert stem_share(content_stems("aanbevelingen"), content_stems("de aanbeveling")) == 1.0
    assert stem_share(content_stems("de pont"), content_stems("aanbeveling")) == 0.0
