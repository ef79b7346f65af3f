"""Words of the index and of the question come back to the same stems."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from warehouse.stemming import stem_text


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("nl", "aanbevelingen", "Aanbeveling"),
        ("nl", "toezeggingen", "toegezegd"),
        ("nl", "gedupeerden", "gedupeerde"),
        ("nl", "overheden", "OVERHEID"),
        ("nl", "gemeenten", "gemeente’s"),
        ("nl", "coördinatie", "coordinatie"),
        ("nl", "één", "een"),
        ("nl", "aan\u00adbeveling", "aanbeveling"),
        ("en", "recommendations", "recommendation’s"),
        ("en", "ﬁndings", "finding"),
        ("xx", "Élan", "elan"),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, one: str, other: str) -> None:
    """Number, case, accents, ligatures and soft hyphens make no difference."""
    assert stem_text(one, language) == stem_text(other, language) != ""


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [("nl", "overheid", "over"), ("nl", "gemeente", "menen"), ("en", "police", "policy"), ("xx", "words", "word")],
)
def test_other_words_stay_apart(language: str, one: str, other: str) -> None:
    """Words that mean something else keep a stem of their own."""
    assert stem_text(one, language) != stem_text(other, language)


@pytest.mark.parametrize(
    ("text", "stems"),
    [
        ("Q-koorts", "q koorts qkoorts"),
        ("rapport 2023/150", "rapport 2023 150 2023150"),
        ("paragraaf 3.2.", "paragraaf 3 2 32"),
        ("2019–2023", "2019 2023 20192023"),
        ("— ; …", ""),
        ("", ""),
    ],
)
def test_numbers_and_joined_words_keep_their_parts(text: str, stems: str) -> None:
    """A joined word can be found by its parts and as a whole; marks without letters give nothing."""
    assert stem_text(text, "nl") == stems


@given(st.text(max_size=200), st.sampled_from(["nl", "en", "und"]))
@settings(max_examples=200, deadline=None)
def test_any_text_gives_plain_words(text: str, language: str) -> None:
    """Whatever is asked, the stems are letters and digits parted by single spaces: never an operator of FTS5."""
    stems = stem_text(text, language)
    assert all(stem.isalnum() for stem in stems.split(" ") if stems)
    assert stems == " ".join(stems.split())


def test_threads_do_not_disturb_each_other() -> None:
    """Stemming in many threads at once gives what one thread gives, though Snowball's objects hold state."""
    words = [
        f"{start}{end}" for start in ("belofte", "herstel", "schade", "zorg") for end in ("n", "en", "ing", "ingen")
    ]
    texts = [" ".join([*words[i:], f"woord{chr(97 + i)}en"]) for i in range(len(words))]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(stem_text, texts * 20, ["nl"] * len(texts) * 20))
    assert together == [stem_text(text, "nl") for text in texts] * 20
