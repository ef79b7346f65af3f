"""How far two texts say the same."""

from __future__ import annotations

from extractors.similarity import content_stems, count_words, held_share, stem_share, word_f1


def test_the_f1_counts_shared_words_whatever_their_case_and_is_0_without_words() -> None:
    assert word_f1(count_words("Repair the ferry"), count_words("repair the pier")) == 4 / 6
    assert word_f1(count_words(""), count_words("repair")) == 0.0


def test_what_holds_too_few_longer_words_is_held_by_nothing() -> None:
    long = count_words("Replace every rope of the ferry before winter storms arrive")

    assert held_share(count_words("replace every ferry before winter"), long) == 1.0
    assert held_share(count_words("replace the rope"), long) == 0.0


def test_inflected_words_share_their_stem() -> None:
    assert stem_share(content_stems("aanbevelingen"), content_stems("de aanbeveling")) == 1.0
    assert stem_share(content_stems("de pont"), content_stems("aanbeveling")) == 0.0
