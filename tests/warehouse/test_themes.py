"""Themes are read strictly, given by meaning from stored vectors, and given again when they change."""

from __future__ import annotations

import dataclasses
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from invented_extractions import NOON, make_extraction

from models.embedding import HashingEmbedder
from warehouse.entries import Origin
from warehouse.errors import InvalidThemes
from warehouse.publication import publish_site
from warehouse.store import Warehouse
from warehouse.themes import LANGUAGES, Theme, ThemeCounts, ThemeSet, read_themes

EMBEDDER = HashingEmbedder(dimension=64)
MODEL = EMBEDDER.model_id

BRIDGE = "De gemeente moet de brug over het kanaal elk jaar keuren."
LETTER = "De dienst moet brieven schrijven in gewone taal."
OTHER = "Wij danken alle geïnterviewden hartelijk."


def theme(theme_id: str, *examples: str, threshold: float = 0.9) -> Theme:
    return Theme(
        theme_id=theme_id,
        collection="policy",
        name=f"Thema {theme_id}",
        name_en=f"Theme {theme_id}",
        description="Verzonnen.",
        description_en="Invented.",
        examples={"nl": examples, "en": (f"invented about {theme_id}",)},
        threshold=threshold,
    )


BRIDGES = theme("bridges", BRIDGE, "De brug over het kanaal moet elk jaar worden gekeurd.")
LETTERS = theme("letters", LETTER, "Brieven moeten in gewone taal worden geschreven.")


NEUTRAL = {"nl": ("Zie de bijlage voor de cijfers.",), "en": ("See the annex for the figures.",)}


def is_current(warehouse: Warehouse, *themes: Theme) -> bool:
    return warehouse.has_current_themes(ThemeSet(themes, NEUTRAL), model_id=MODEL)


@pytest.fixture
def warehouse(tmp_path: Path) -> Iterator[Warehouse]:
    with Warehouse.open(tmp_path / "warehouse.duckdb") as warehouse:
        save(warehouse, BRIDGE, LETTER, OTHER)
        yield warehouse


def save(warehouse: Warehouse, *sentences: str) -> None:
    warehouse.save_extraction(
        make_extraction(*sentences), origin=Origin("/tmp/verzonnen.txt"), version="test", seen_at=NOON
    )
    missing = warehouse.unembedded_texts(MODEL)
    warehouse.save_embeddings(MODEL, [row[0] for row in missing], EMBEDDER.encode_passages([row[1] for row in missing]))


def assign(warehouse: Warehouse, *themes: Theme) -> ThemeCounts:
    wanted = ThemeSet(themes, NEUTRAL)
    missing = warehouse.missing_theme_examples(wanted, model_id=MODEL)
    if missing:
        rows = EMBEDDER.encode_passages([text for _, text in missing])
        warehouse.save_embeddings(MODEL, [text_hash for text_hash, _ in missing], rows)
    return warehouse.assign_themes(wanted, model_id=MODEL)


def given(warehouse: Warehouse) -> set[tuple[str, str]]:
    return set(
        warehouse.query("SELECT s.text, t.theme_id FROM statement_themes t JOIN statements s USING (statement_id)")
    )


def test_statements_get_the_themes_they_are_about_and_others_none(warehouse: Warehouse) -> None:
    """Each statement gets its theme; one that fits no theme gets none; a second run has nothing to do."""
    assert assign(warehouse, BRIDGES, LETTERS).compared == 3
    assert given(warehouse) == {(BRIDGE, "bridges"), (LETTER, "letters")}
    assert warehouse.query("SELECT theme_id, name_en FROM themes ORDER BY position") == [
        ("bridges", "Theme bridges"),
        ("letters", "Theme letters"),
    ]
    assert is_current(warehouse, BRIDGES, LETTERS)
    before = warehouse.fingerprint()
    assert assign(warehouse, BRIDGES, LETTERS) == ThemeCounts(0, 0)
    assert warehouse.fingerprint() == before


def test_changed_themes_are_given_again(warehouse: Warehouse) -> None:
    """Other examples or another threshold make all statements be compared again; another name only changes the name."""
    assign(warehouse, BRIDGES, LETTERS)
    strict = theme("letters", "Ieder kind krijgt elke dag fruit.", "Scholen geven fruit.", threshold=0.95)
    assert not is_current(warehouse, BRIDGES, strict)
    assert assign(warehouse, BRIDGES, strict).compared == 3
    assert given(warehouse) == {(BRIDGE, "bridges")}
    renamed = dataclasses.replace(BRIDGES, name="Bruggen")
    assert not is_current(warehouse, renamed, strict)
    assert assign(warehouse, renamed, strict).compared == 0
    assert warehouse.query("SELECT name FROM themes WHERE theme_id = 'bridges'") == [("Bruggen",)]


def test_statements_that_are_gone_lose_their_themes_and_new_ones_are_compared(warehouse: Warehouse) -> None:
    """A report that is read again keeps no theme of a statement it has no more; only what is new is compared."""
    assign(warehouse, BRIDGES, LETTERS)
    save(warehouse, LETTER, "Wij zagen niets bijzonders.")
    assert not is_current(warehouse, BRIDGES, LETTERS)
    assert assign(warehouse, BRIDGES, LETTERS).compared == 2
    assert {pair for pair in given(warehouse) if pair[0] == BRIDGE} == set()
    assert warehouse.query("SELECT count(*) FROM statement_themes WHERE statement_id NOT IN "
                           "(SELECT statement_id FROM statements)") == [(0,)]  # fmt: skip


def test_the_site_shows_the_themes(warehouse: Warehouse, tmp_path: Path) -> None:
    """The published tables hold the themes and what was given, and the mark of what was compared stays inside."""
    assign(warehouse, BRIDGES, LETTERS)
    site = publish_site(warehouse, tmp_path / "site", model_id=MODEL, built_at=NOON).path
    with closing(sqlite3.connect(site / "kb.db")) as connection:
        rows = connection.execute("SELECT theme_id, score FROM statement_themes ORDER BY theme_id").fetchall()
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert [theme_id for theme_id, _ in rows] == ["bridges", "letters"]
    assert all(0.9 <= score <= 1 for _, score in rows)
    assert "themed" not in tables


def test_examples_without_vectors_stop_the_assignment(warehouse: Warehouse) -> None:
    """Nothing is written when the examples were not embedded first."""
    with pytest.raises(ValueError, match="embed them first"):
        warehouse.assign_themes(ThemeSet((BRIDGES,)), model_id=MODEL)
    assert warehouse.counts()["themes"] == 0


def test_the_themes_of_the_program_are_well_formed() -> None:
    """The file has the nine recommendations and broad themes, with examples in both languages and none twice."""
    wanted = read_themes()
    themes = wanted.themes
    assert sum(theme.collection == "recovery" for theme in themes) == 9
    assert sum(theme.collection == "policy" for theme in themes) >= 15
    texts = [text for _, _, text in wanted.examples]
    assert len(set(texts)) == len(texts)
    assert all(set(theme.examples) == set(LANGUAGES) for theme in themes)


WELL = """[[theme]]
id = "bridges"
collection = "policy"
name = "Bruggen"
name_en = "Bridges"
description = "Over bruggen."
description_en = "About bridges."
examples = ["een brug", "twee bruggen", "drie bruggen", "vier bruggen"]
examples_en = ["a bridge", "two bridges", "three bridges", "four bridges"]
"""


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("theme = 1", "expected one \\[\\[theme\\]\\]"),
        ("[[theme]", "expected a TOML file"),
        (WELL + WELL, "found the id bridges twice"),
        (WELL.replace('"bridges"', '"De brug"'), "expected small letters"),
        (WELL.replace('"policy"', '"else"'), "theme 1 \\(bridges\\): found the collection 'else'"),
        (WELL.replace('name_en = "Bridges"\n', ""), "found no name_en"),
        (WELL.replace('"een brug", ', ""), "found 3 sentences in examples; expected 4 or more"),
        (WELL + "threshold = 2\n", "found the threshold 2"),
        (WELL + "colour = 'red'\n", "found the key colour"),
        (WELL + "[neutral]\nexample = ['zie de bijlage']\n", "\\[neutral\\]: found {'example'"),
        (WELL + "[neutral]\nexamples = 'zie de bijlage'\n", "\\[neutral\\]: found no list of sentences in examples"),
    ],
)
def test_malformed_themes_are_refused(tmp_path: Path, content: str, message: str) -> None:
    """The message names the theme and the key, and what to write instead."""
    path = tmp_path / "themes.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidThemes, match=message):
        read_themes(path)


def test_a_well_formed_file_is_read(tmp_path: Path) -> None:
    """All keys but the threshold are needed."""
    path = tmp_path / "themes.toml"
    path.write_text(WELL, "utf-8")
    [found] = read_themes(path).themes
    assert read_themes(path).neutral == {"nl": (), "en": ()}
    assert found.threshold == 0.5
    assert found.examples["en"][0] == "a bridge"
