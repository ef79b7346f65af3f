"""What is named becomes a list of documents, and nothing is left out without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.discovery import discover_documents
from flows.errors import NothingToRead


def test_only_what_is_called_like_a_readme_is_left_out_and_told(tmp_path: Path) -> None:
    """A report may begin with the word licence; a file of that very name is no report."""
    for name in ("licence-fee-review-2022.md", "Contributing to safety.md", "README.md", "readme.nl.md", "LICENSE.txt"):
        (tmp_path / name).write_text("# Een verzonnen rapport\n", encoding="utf-8")
    lines: list[str] = []

    found = discover_documents([str(tmp_path)], report=lines.append)

    assert {source.name for source in found} == {"licence-fee-review-2022.md", "Contributing to safety.md"}
    assert len(lines) == 3 and all(line.startswith("Left out ") for line in lines)


def test_a_file_that_is_named_outright_is_taken(tmp_path: Path) -> None:
    """Whoever names a read-me wants it."""
    path = tmp_path / "README.md"
    path.write_text("# Een verzonnen rapport\n", encoding="utf-8")
    assert [source.name for source in discover_documents([str(path)])] == ["README.md"]


def test_a_list_names_files_and_addresses_once_each(tmp_path: Path) -> None:
    """Comments and empty lines of a list are nothing; what stands twice is one document."""
    report = tmp_path / "rapport.txt"
    report.write_text("Een verzonnen rapport", encoding="utf-8")
    listed = tmp_path / "list.txt"
    listed.write_text(
        f"# verzonnen\n\n{report}\nhttps://example.org/a.pdf#p3\n{report}  # nog eens\n", encoding="utf-8"
    )
    found = discover_documents([f"@{listed}"])
    assert [(source.name, source.is_web) for source in found] == [("rapport.txt", False), ("a.pdf#p3", True)]


def test_an_empty_folder_is_an_error(tmp_path: Path) -> None:
    """The message says what was looked for."""
    with pytest.raises(NothingToRead, match=r"found no documents, expected files with one of the suffixes .*\.pdf"):
        discover_documents([str(tmp_path)])
