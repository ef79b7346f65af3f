"""A statement is shown in its text, word for word, also where pages overlap or part a sentence."""

from __future__ import annotations

import sqlite3

import pytest

from warehouse.page_lookup import find_context

TEXT = (
    "De gemeente hoort bewoners vooraf. Zij legt uit waarom een dijk wordt verlegd en blijft aanspreekbaar.\n\n"
    "Voetnoot: dit rapport is verzonnen.\n\nSlotwoord."
)
SENTENCE = "Zij legt uit waarom een dijk wordt verlegd en blijft aanspreekbaar."
START = TEXT.index(SENTENCE)
NOTE = TEXT.index("Voetnoot")
BREAK = TEXT.index("verlegd") + len("verlegd")


@pytest.mark.parametrize(
    "pages",
    [
        pytest.param([(0, BREAK), (BREAK + 1, len(TEXT))], id="a page ends within the sentence"),
        pytest.param([(0, NOTE + 35), (BREAK + 1, len(TEXT))], id="the note of a page stands behind the sentence"),
        pytest.param([(0, NOTE - 2), (NOTE, len(TEXT))], id="a page ends with its paragraph"),
    ],
)
def test_the_text_around_a_statement_is_the_text_of_the_document(pages: list[tuple[int, int]]) -> None:
    """What stands before, in and after a statement is what the document has there, nothing twice."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE pages (document_id, page, start_offset, end_offset, text)")
    rows = [("d", number, start, end, TEXT[start:end]) for number, (start, end) in enumerate(pages, start=1)]
    connection.executemany("INSERT INTO pages VALUES (?, ?, ?, ?, ?)", rows)

    context = find_context(connection, "d", start=START, end=START + len(SENTENCE))

    assert context.text == SENTENCE
    assert context.before == TEXT[:START]
    assert context.after.split() == TEXT[START + len(SENTENCE) :].split()
