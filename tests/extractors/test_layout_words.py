"""The words of layout are data, and checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import InvalidLexicon
from extractors.readers.layout_words import load_layout_words, read_layout_words
from extractors.readers.lines import is_caption, page_number


def test_captions_and_page_numbers_are_known_in_several_languages() -> None:
    assert is_caption("Figuur 3 De pont") and is_caption("Table 2: ropes") and not is_caption("Figuren zijn er niet")
    assert page_number("Pagina 3 van 20") == page_number("Page 3 of 20") == 3
    assert load_layout_words().chapters


@pytest.mark.parametrize("content", ["captions = [", 'captions = ["fig"]', 'captions = ["two words"]'])
def test_a_malformed_table_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "layout.toml"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(InvalidLexicon, match=r"layout\.toml.*correct the file"):
        read_layout_words(path)
