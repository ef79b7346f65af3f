"""The laws that the records keep: ids, offsets, boxes."""

import dataclasses
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.records import (
    Block,
    Box,
    Document,
    Page,
    Statement,
    WordPlaces,
    make_document_id,
    make_report_id,
    make_statement_id,
    number_statement_ids,
)

TEXTS = st.lists(st.text(alphabet="ab \n", min_size=1, max_size=6), max_size=12)


def words_at(*entries: tuple[int, int, int, tuple[float, float, float, float]]) -> WordPlaces:
    """Places of words: start, end, page, box."""
    return WordPlaces(
        np.array([e[0] for e in entries], np.int32),
        np.array([e[1] for e in entries], np.int32),
        np.array([e[2] for e in entries], np.int32),
        np.array([e[3] for e in entries], np.float32).reshape(-1, 4),
    )


def document_of(text: str, blocks: tuple[Block, ...], words: WordPlaces | None = None) -> Document:
    """A document of one page."""
    return Document("0" * 64, "text/plain", "nl", text, (Page(1, 0, 0),), blocks, words or WordPlaces())


@given(st.binary(max_size=50))
def test_the_document_id_is_the_sha256_of_the_bytes(content: bytes) -> None:
    """Equal bytes give equal ids of 64 hexadecimal digits, and the report id follows from it alone."""
    document_id = make_document_id(content)
    assert re.fullmatch(r"[0-9a-f]{64}", document_id)
    assert document_id == make_document_id(bytes(content))
    assert make_document_id(content + b"x") != document_id
    assert re.fullmatch(r"r[0-9a-f]{16}", make_report_id(document_id))


@given(TEXTS)
def test_statement_ids_never_meet(texts: list[str]) -> None:
    """Every statement of a report has an id of its own, also where texts are equal."""
    ids = number_statement_ids("r1", texts)
    assert len(ids) == len(texts)
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"s[0-9a-f]{16}", one) for one in ids)


@given(TEXTS, st.text(alphabet="cd", min_size=1, max_size=5), st.data())
def test_a_new_statement_renames_no_other(texts: list[str], new: str, data: st.DataObject) -> None:
    """Putting in another text anywhere leaves the ids of all others as they were: ids know no position."""
    at = data.draw(st.integers(0, len(texts)))
    before = number_statement_ids("r1", texts)
    after = number_statement_ids("r1", [*texts[:at], new, *texts[at:]])
    assert after[:at] + after[at + 1 :] == before


def test_white_space_does_not_change_a_statement_id() -> None:
    """A text that is broken over lines has the id of the same text on one line, and counts as equal to it."""
    assert make_statement_id("r1", "zorg \n voor", 0) == make_statement_id("r1", " zorg voor", 0)
    first, second = number_statement_ids("r1", ["zorg voor", "zorg\nvoor"])
    assert first != second
    assert second == make_statement_id("r1", "zorg voor", 1)


def test_ids_differ_between_reports() -> None:
    """The same sentence in two reports is two statements."""
    assert make_statement_id("r1", "zorg voor", 0) != make_statement_id("r2", "zorg voor", 0)


def test_a_box_that_is_turned_inside_out_is_refused() -> None:
    """Coordinates out of order show a mistake at the border, and are not mended silently."""
    with pytest.raises(ValueError, match="inside out"):
        Box(10, 0, 5, 5)
    with pytest.raises(ValueError, match="no boxes"):
        Box.around([])


@given(st.lists(st.tuples(*[st.integers(0, 500)] * 4), min_size=1, max_size=8))
def test_the_box_around_boxes_holds_them_all(corners: list[tuple[int, int, int, int]]) -> None:
    """The surrounding box is the smallest that holds every box."""
    boxes = [Box(min(a, c), min(b, d), max(a, c), max(b, d)) for a, b, c, d in corners]
    around = Box.around(boxes)
    assert all(around.x0 <= b.x0 and around.top <= b.top for b in boxes)
    assert all(around.x1 >= b.x1 and around.bottom >= b.bottom for b in boxes)
    assert around.x0 in [b.x0 for b in boxes]
    assert around.bottom in [b.bottom for b in boxes]


@pytest.mark.parametrize("offsets", [(5, 4, 5), (0, 3, 5), (4, 8, 3)])
def test_a_block_with_offsets_out_of_order_is_refused(offsets: tuple[int, int, int]) -> None:
    """Start, start of the body and end ascend."""
    start, end, body_start = offsets
    with pytest.raises(ValueError, match="not in order"):
        Block("paragraph", start, end, 1, body_start=body_start)


def test_only_furniture_carries_its_own_words() -> None:
    """A running head has its words in furniture_text, a paragraph has them in the text of the document."""
    assert Block("running_head", 3, 3, 1, furniture_text="Jaarverslag").body_start == 3
    with pytest.raises(ValueError, match="furniture"):
        Block("running_head", 3, 3, 1)
    with pytest.raises(ValueError, match="furniture"):
        Block("paragraph", 0, 3, 1, furniture_text="Jaarverslag")


def test_pages_count_from_one() -> None:
    """A block on page 0 is a mistake of counting."""
    with pytest.raises(ValueError, match="count from 1"):
        Block("paragraph", 0, 3, 0)


@pytest.mark.parametrize("blocks", [((0, 5), (4, 8)), ((4, 8), (0, 3)), ((0, 99),)])
def test_a_document_refuses_blocks_out_of_order(blocks: tuple[tuple[int, int], ...]) -> None:
    """Blocks ascend, do not overlap and stay inside the text."""
    with pytest.raises(ValueError, match="out of order"):
        document_of("een twee drie", tuple(Block("paragraph", a, b, 1) for a, b in blocks))


def test_block_at_finds_the_block_that_holds_an_offset() -> None:
    """Furniture holds no offset, and between two blocks there is none."""
    first, second = Block("paragraph", 0, 3, 1), Block("paragraph", 5, 9, 1)
    document = document_of("een\n\ntwee", (first, Block("page_number", 3, 3, 1, furniture_text="1"), second))
    assert [document.block_at(i) for i in (0, 2, 3, 4, 5, 8, 9)] == [first, first, None, None, second, second, None]


def test_page_at_follows_the_words() -> None:
    """A block that goes on over a page break has its characters on two pages."""
    words = words_at((0, 3, 1, (0, 0, 9, 9)), (4, 8, 2, (0, 0, 9, 9)))
    document = document_of("een twee", (Block("paragraph", 0, 8, 1),), words)
    assert [document.page_at(i) for i in (0, 2, 4, 7)] == [1, 1, 2, 2]


def test_page_at_without_words_is_the_page_of_the_block() -> None:
    """Formats without places of words still know the page of a block."""
    document = document_of("een", (Block("paragraph", 0, 3, 4),))
    assert document.page_at(1) == 4


def test_within_gives_one_box_per_printed_line() -> None:
    """Words side by side share a box; the next line, a jump back to the left and the next page begin a new one."""
    words = words_at(
        (0, 3, 1, (10, 10, 30, 20)),
        (4, 8, 1, (35, 10, 60, 20)),
        (9, 13, 1, (10, 24, 40, 34)),
        (14, 18, 2, (10, 24, 40, 34)),
    )
    found = words.within(0, 18)
    assert [(p.page, p.box.x0, p.box.x1, p.box.top) for p in found] == [
        (1, 10, 60, 10),
        (1, 10, 40, 24),
        (2, 10, 40, 24),
    ]


def test_within_takes_only_words_that_overlap() -> None:
    """A word that ends where the range begins, or begins where it ends, is outside."""
    words = words_at((0, 3, 1, (0, 0, 9, 9)), (4, 8, 1, (20, 0, 29, 9)), (9, 13, 1, (40, 0, 49, 9)))
    assert [p.box.x0 for p in words.within(3, 9)] == [20]
    assert [p.box.x0 for p in words.within(7, 10)] == [20]
    assert words.within(3, 4) == ()
    assert WordPlaces().within(0, 10) == ()


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 2)), max_size=20), st.data())
def test_within_misses_no_word_that_overlaps(steps: list[tuple[int, int, int]], data: st.DataObject) -> None:
    """Each word that overlaps the range lies in one of the boxes of its page, and no box is on another page."""
    entries: list[tuple[int, int, int, tuple[float, float, float, float]]] = []
    offset, page, x = 0, 1, 0.0
    for length, gap, turn in steps:
        if turn == 2:
            page, x = page + 1, 0.0
        entries.append((offset, offset + length, page, (x, 10.0, x + 8, 20.0)))
        offset, x = offset + length + gap, x + 10
    words = words_at(*entries)
    start = data.draw(st.integers(0, offset))
    end = data.draw(st.integers(start, offset))
    inside = [e for e in entries if e[1] > start and e[0] < end]
    found = words.within(start, end)
    assert {p.page for p in found} == {e[2] for e in inside}
    for entry in inside:
        x0, top, x1, bottom = entry[3]
        assert any(
            p.page == entry[2] and p.box.x0 <= x0 and p.box.x1 >= x1 and p.box.top <= top and p.box.bottom >= bottom
            for p in found
        )


def test_places_of_words_are_aligned() -> None:
    """Arrays of different lengths are refused."""
    with pytest.raises(ValueError, match="against shapes"):
        dataclasses.replace(words_at((0, 3, 1, (0, 0, 9, 9))), ends=np.zeros(2, np.int32))


def test_a_statement_keeps_the_offset_law() -> None:
    """Text and offsets have one length, the kind is one of four, the confidence between 0 and 1."""
    statement = Statement("s1", "lesson", "leer", 4, 8, 1, 0.5, "test")
    assert statement.end - statement.start == len(statement.text)
    for wrong in ({"end": 9}, {"kind": "opinion"}, {"confidence": 1.5}, {"text": "    "}):
        with pytest.raises(ValueError, match="statement"):
            dataclasses.replace(statement, **wrong)


def test_records_cannot_be_changed() -> None:
    """Records are values: who wants another makes another."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        Page(1, 0, 0).number = 2  # type: ignore[misc]
