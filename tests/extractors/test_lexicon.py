"""Lexicons are data, checked when they are loaded."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.errors import InvalidLexicon
from extractors.lexicon import LEXICON_FOLDER, load_lexicons, phrase_regex, read_lexicon


def test_every_lexicon_in_the_folder_is_valid_and_named_after_its_language() -> None:
    """Dutch and English are there, each under its own code."""
    lexicons = load_lexicons()
    assert {"nl", "en"} <= set(lexicons)
    assert all(code == lexicon.language for code, lexicon in lexicons.items())


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("[dates]", "[date]", "dates"),
        ('language = "nl"', 'language = "dutch"', "language"),
        ('"beveel|bevelen ... aan"', '"... aan"', "cues.recommend"),
        ('"januari", ', "", "dates.months"),
        ("[cues]", "[cues]\nsurprise = []", "cues.surprise"),
        ("[cues]", "[cues", "TOML"),
    ],
)
def test_a_malformed_lexicon_names_the_place(tmp_path: Path, old: str, new: str, place: str) -> None:
    """A missing part, a wrong code, a broken cue, a month too few or an unknown key are refused with their place."""
    text = (LEXICON_FOLDER / "nl.toml").read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "nl.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InvalidLexicon, match=place):
        read_lexicon(path)


def test_a_lexicon_under_the_name_of_another_language_is_refused(tmp_path: Path) -> None:
    """The file name is the language code."""
    path = tmp_path / "en.toml"
    path.write_bytes((LEXICON_FOLDER / "nl.toml").read_bytes())
    with pytest.raises(InvalidLexicon, match="file name"):
        read_lexicon(path)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("aanbeveling|aanbevelingen", "4 Conclusies en Aanbevelingen", True),
        ("aanbeveling", "aanbevelingen", False),
        ("hoofd*", "Hoofdpunten", True),
        ("wat moet ... beter", "Wat moet er volgens ons beter?", True),
        ("^ bron", "Zie de bron", False),
        ("^ advies $", "Advies:", True),
    ],
)
def test_phrases_match_whole_words(pattern: str, text: str, *, matches: bool) -> None:
    """Phrases of titles match whole words in any case, with gaps, wildcards and anchors."""
    assert bool(phrase_regex((pattern,)).search(text)) is matches


def test_no_phrases_match_nothing() -> None:
    """An empty list of phrases finds nothing."""
    assert not phrase_regex(()).search("Aanbevelingen")
