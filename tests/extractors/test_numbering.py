"""Headings that continue a numbered list are its items."""

from __future__ import annotations

import pytest

from extractors.numbering import follows, settle_items
from extractors.records import Block, Document, Page


@pytest.mark.parametrize(
    ("marker", "after", "expected"),
    [
        ("6.3.3", "6.3.4", True),
        ("6.3.3", "6.3.5", False),
        ("6.3.3", "6.4.4", False),
        ("2.1", "2.2", False),  # sections are numbered so too
        ("a.", "b.", True),
        ("(b)", "c)", True),
        ("a.", "c.", False),
        ("3.", "4.", False),
        ("(iii)", "(iv)", True),
        ("(iii)", "(v)", False),
        ("•", "•", False),
    ],
)
def test_which_marker_follows_another(marker: str, after: str, expected: bool) -> None:
    assert follows(marker, after) is expected


def make_document(*rows: tuple[str, str, str | None]) -> Document:
    text, blocks = "", []
    for kind, body, marker in rows:
        start = len(text)
        text += f"{marker} {body}" if marker else body
        blocks.append(Block(kind, start, len(text), 1, level=1, marker=marker))  # type: ignore[arg-type]
        text += "\n\n"
    return Document("0" * 64, "text/plain", "en", text, (Page(1, 595, 842),), tuple(blocks))


def test_a_heading_with_the_next_number_becomes_an_item() -> None:
    document = make_document(
        ("list_item", "Repair the stage.", "6.3.1"),
        ("heading", "Replace the ropes.", "6.3.2"),
        ("paragraph", "So.", None),
    )

    assert [b.kind for b in settle_items(document).blocks] == ["list_item", "list_item", "paragraph"]


def test_a_heading_after_a_heading_stays_one() -> None:
    document = make_document(
        ("list_item", "Repair the stage.", "a."), ("heading", "Money", None), ("heading", "Budget", "b.")
    )

    assert settle_items(document) is document
