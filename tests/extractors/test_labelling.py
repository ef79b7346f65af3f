"""Which labels stand at the beginning of a text."""

from __future__ import annotations

import pytest

from extractors.extraction import lexicon_for
from extractors.labelling import find_identifier, label_regex, read_label


@pytest.mark.parametrize(
    ("language", "text", "kind", "printed", "colon"),
    [
        ("nl", "Aanbeveling 3: Vervang de pont.", "recommendation", "Aanbeveling 3", ":"),
        ("en", "Finding B-2 – The ropes were worn.", "finding", "Finding B-2", "–"),
        ("en", "Recommendation: Replace the ropes.", "recommendation", None, ":"),
        ("en", "Recommendation", "recommendation", None, ""),
    ],
)
def test_a_label_has_its_kind_its_number_and_what_parts_it_from_the_text(
    language: str, text: str, kind: str, printed: str | None, colon: str
) -> None:
    label = read_label(label_regex(lexicon_for(language)), text)

    assert label is not None
    assert (label.kind, label.text, label.colon) == (kind, printed, colon)


def test_a_text_that_begins_with_other_words_has_no_label() -> None:
    assert read_label(label_regex(lexicon_for("en")), "The ropes were worn, says finding 2.") is None


def test_an_identifier_in_a_heading_stands_behind_its_number() -> None:
    assert find_identifier("4.2 ABC-013 — Open door") == "ABC-013"
    assert find_identifier("4.2 Open door") is None
