"""Time grows with the length of a document, not with its square: what takes seconds here took minutes before."""

from __future__ import annotations

import time
from collections.abc import Callable

from extractors.lexicon import load_lexicons
from extractors.merging import merge_candidates
from extractors.organisations import OrganisationReader
from extractors.passages import read_passages
from extractors.records import Block, Document
from extractors.rules import Candidate
from extractors.sections import find_sections

SECONDS = 5.0
"""Of the processor, not of the clock, so that a busy machine fails no test."""


def seconds_of(run: Callable[[], object]) -> float:
    """Return how long the processor works on `run`."""
    started = time.process_time()
    run()
    return time.process_time() - started


def document_of(*blocks: tuple[str, str]) -> Document:
    """A document of blocks, each a kind and a text."""
    found, text = [], ""
    for kind, body in blocks:
        found.append(Block(kind, len(text), len(text) + len(body), 1, level=int(kind == "heading")))  # type: ignore[arg-type]
        text += body + "\n\n"
    return Document("0" * 64, "text/plain", "en", text, (), tuple(found))


def test_a_long_block_is_split_into_sentences() -> None:
    """A table is one block, however many pages it has."""
    pipeline = load_lexicons()["en"].pipeline()
    text = (
        "the bridge is old and the council knows it since a year. Nobody should be surprised by that, we find. " * 1500
    )

    assert seconds_of(lambda: list(pipeline.read_sentences([text]))) < SECONDS


def test_a_list_of_names_is_read_for_organisations() -> None:
    reader = OrganisationReader(load_lexicons()["en"])
    names = ", ".join(f"A{'bcde'[i % 4]}r{'aei'[i % 3]}n Ferr{'yi'[i % 2]}man" for i in range(4000))

    assert seconds_of(lambda: list(reader.find(names))) < SECONDS


def test_sections_and_blocks_are_looked_up() -> None:
    count = 4000
    document = document_of(*(("heading", f"Pier {n}") for n in range(count)))
    lexicon = load_lexicons()["en"]
    outline = find_sections(document, lexicon, {})

    def look_up() -> None:
        for block in document.blocks:
            assert document.block_at(block.start) is block
            assert outline.index_at(block.start) is not None

    assert seconds_of(look_up) < SECONDS


def test_many_recommendations_are_merged() -> None:
    text = ""
    found = []
    for n in range(1500):
        body = f"The harbour office should replace rope {'abcdefghij'[n % 10] * (n % 7 + 5)} of pier {n} before winter."
        found.append(Candidate("recommendation", len(text), len(text) + len(body), 1, "list in section", 0.9, None))
        text += body + "\n\n"
    document = Document("0" * 64, "text/plain", "en", text, (), (Block("paragraph", 0, len(text), 1),))
    outline = find_sections(document, load_lexicons()["en"], {})

    assert seconds_of(lambda: merge_candidates(document, outline, found)) < SECONDS
    assert read_passages(document, outline, load_lexicons()["en"])
