"""Sentences and cues."""

from __future__ import annotations

import pytest

from models.pipeline import GAP_TOKENS, compile_cue, load_pipeline

ABBREVIATIONS = ["o.a.", "art.", "nr.", "dr."]


def split(text: str) -> list[str]:
    pipeline = load_pipeline("nl", abbreviations=ABBREVIATIONS, cues={})
    (sentences,) = pipeline.read_sentences([text])
    return [text[s.start : s.end] for s in sentences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Eén zin. Nog een zin!", ["Eén zin.", "Nog een zin!"]),
        ("Zie o.a. Art. 3 en nr. 4. Daarna niets.", ["Zie o.a. Art. 3 en nr. 4.", "Daarna niets."]),
        ("Mevrouw J. de Wit vroeg dr. Smit om raad.", ["Mevrouw J. de Wit vroeg dr. Smit om raad."]),
        ("„Klopt het?” Zij knikte.", ["„Klopt het?”", "Zij knikte."]),
        ("Het kost 3.500 euro per jaar. Dat is veel.", ["Het kost 3.500 euro per jaar.", "Dat is veel."]),
        ("Punt midden. in de zin", ["Punt midden. in de zin"]),
        ("   ", []),
    ],
)
def test_sentences_end_at_final_punctuation_and_not_after_abbreviations(text: str, expected: list[str]) -> None:
    """A sentence ends at final punctuation, but not after an abbreviation, an initial or inside a number."""
    assert split(text) == expected


def cues_in(text: str, pattern: str) -> list[str]:
    pipeline = load_pipeline("nl", abbreviations=ABBREVIATIONS, cues={"cue": [pattern]})
    (sentences,) = pipeline.read_sentences([text])
    return [text[c.start : c.end] for s in sentences for c in s.cues]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("wij|we bevelen", "Hier bevelen wij niets, maar Wij bevelen dit.", ["Wij bevelen"]),
        ("bevelen ... aan", "Wij bevelen de minister dit aan.", ["bevelen de minister dit aan"]),
        ("bevelen ... aan", "Wij bevelen niets. Wij nemen niets aan.", []),
        ("^ zorg", "Zorg voor rust. Wij zijn de zorg beu.", ["Zorg"]),
        ("^ zorg", "“Zorg voor rust.”", ["Zorg"]),
        ("bevelen ... aan", "Wij bevelen " + "woord " * (GAP_TOKENS + 1) + "aan.", []),
    ],
)
def test_cues_are_found_inside_one_sentence(pattern: str, text: str, expected: list[str]) -> None:
    """A cue matches words in any case, its gaps are limited, and it never crosses a sentence end."""
    assert cues_in(text, pattern) == expected


@pytest.mark.parametrize("pattern", ["", "... aan", "bevelen ...", "wij ^ bevelen", "aanbevel*"])
def test_malformed_cues_are_refused(pattern: str) -> None:
    """A cue without words around its gaps, with ^ inside, or with a wildcard is refused with its text in the message."""
    with pytest.raises(ValueError, match="cue"):
        compile_cue(pattern)


def test_a_language_that_spacy_does_not_know_is_still_split() -> None:
    """An unknown language code gets the multi-language tokeniser."""
    (sentences,) = load_pipeline("zz", abbreviations=[], cues={}).read_sentences(["Uno. Due."])
    assert len(sentences) == 2
