"""Search over real small sites: by words, by meaning, and by both."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from invented_extractions import make_extraction
from numpy.typing import NDArray
from published_sites import publish_extractions

from warehouse.search import SearchIndex
from warehouse.search_languages import guess_languages
from warehouse.search_meaning import LEAST
from warehouse.search_records import InvalidSearch, SearchRequest, SearchResults, SiteUnreadable, UnknownRecord
from warehouse.themes import Theme, ThemeSet

CONCEPTS = (
    {"belofte", "beloftes", "beloften", "toezeggingen", "promise", "promises"},
    {"slachtoffers", "gedupeerden", "victims"},
    {"kennis", "knowledge"},
    {"delen", "share", "kennisnetwerk"},
    {"water", "dijk", "dike", "waterschap"},
    {"software", "systemen", "systems", "ict"},
    {"trein", "train", "spoor", "rail"},
    {"brief", "brieven", "letter", "letters"},
    {"coördinatie", "gemeenten", "coordination"},
    {"vaccinations", "vaccinaties", "staff"},
)
DUTCH = {"de", "het", "een", "en", "alleen", "aan", "van", "op", "niet", "wordt", "voor", "met", "kennis", "over"}
DIMENSION = 32


def encode(texts: list[str]) -> NDArray[np.float32]:
    """Encode by a tiny dictionary of concepts; like a multilingual encoder, put all near each other, by language."""
    rows = np.zeros((len(texts), DIMENSION), np.float32)
    for row, text in zip(rows, texts, strict=True):
        words = re.findall(r"\w+", text.lower())
        for word in words:
            for number, concept in enumerate(CONCEPTS):
                row[number] += word in concept
            row[len(CONCEPTS) + sum(word.encode()) % (DIMENSION - len(CONCEPTS) - 3)] += 0.15
        row[-3] = 4.0
        row[-1 if DUTCH & set(words) else -2] = 1.5
        row /= np.linalg.norm(row)
    return rows


NL = (
    "Het waterschap houdt de dijk op hoogte.",
    "Doe alleen beloften aan gedupeerden die een instantie kan nakomen.",
    "De systemen van de dienst werken niet met elkaar.",
    "Organiseer een kennisnetwerk, zodat de kennis van het team wordt gedeeld.",
    "De trein reed niet op het spoor van de Q-koorts.",
    "Schrijf de brief van rapport 2023/150 in gewone taal; de toeslagen wachten niet.",
    "De coördinatie met de gemeenten wordt beter.",
)
EN = (
    "The water board keeps every dike at its height.",
    "The systems of the agency do not work together.",
    "Trains were late because of the rail.",
    "Write every letter in plain words.",
    "Vaccinations were offered to all staff.",
)


def make_theme(theme_id: str, name: str, dutch: str, english: str) -> Theme:
    """Return a theme that one Dutch and one English sentence make known."""
    return Theme(
        theme_id=theme_id,
        collection="policy",
        name=name,
        name_en=theme_id.title(),
        description="Verzonnen.",
        description_en="Invented.",
        examples={"nl": (dutch,), "en": (english,)},
    )


THEMES = ThemeSet(
    (
        make_theme("water", "Water en dijken", "Water, dijk, waterschap.", "Water, dike."),
        make_theme("systems", "Systemen", "Software en systemen.", "Software and systems."),
    ),
    {"nl": ("Vaccinaties.",), "en": ("Vaccinations.",)},
)


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """Return the search over a site of two reports, one Dutch and one English, with themes and cases."""
    english = make_extraction(
        *EN, name="Dikes and trains", publisher="Invented Office", language="en", published_date="2019"
    )
    site_dir = publish_extractions(
        tmp_path_factory.mktemp("home"),
        [
            make_extraction(*NL, name="Beloofd is beloofd", published_date="2024-02"),
            dataclasses.replace(
                english, report=dataclasses.replace(english.report, cases=("The Westmark flood", "Case 12"))
            ),
        ],
        model_id="concepts",
        encode=encode,
        themes=THEMES,
    )
    return SearchIndex.open(site_dir / "current")


def ask(index: SearchIndex, query: str, **options: object) -> SearchResults:
    """Search with the vector of the query."""
    request = SearchRequest(query, **options)  # type: ignore[arg-type]
    return index.search(request, query_vector=encode([request.question])[0])


def texts(found: SearchResults) -> list[str]:
    """Return the texts that were found."""
    return [result.text for result in found.results]


def test_an_english_question_finds_the_dutch_statement_first(index: SearchIndex) -> None:
    """What is meant wins over the language in which it is asked."""
    for mode in ("hybrid", "semantic"):
        found = ask(index, "promises made to the victims", mode=mode)
        assert texts(found)[0] == NL[1]
        assert found.results[0].matched_by == "meaning"


def test_words_in_one_language_do_not_push_out_meaning_in_another(index: SearchIndex) -> None:
    """An English statement with a word of the English question stays behind the Dutch one that is meant."""
    found = ask(index, "promises of an agency made to victims")
    assert texts(found)[0] == NL[1]
    assert [result.matched_by for result in found.results if result.text == EN[1]] in (["words"], ["both"])


def test_the_bias_to_the_language_of_the_question_is_taken_out(index: SearchIndex) -> None:
    """As they come, the vectors put every English statement first; without the means they do not."""
    raw = encode([*NL, *EN]) @ encode(["what we said about knowledge"])[0]
    assert int(np.argmax(raw)) >= len(NL)
    assert texts(ask(index, "what we said about knowledge", mode="semantic"))[0] == NL[3]


def test_one_small_report_is_searched_by_meaning_in_the_other_language(tmp_path: Path) -> None:
    """A mean over seven statements does not take away what they are about."""
    site_dir = publish_extractions(tmp_path, [make_extraction(*NL)], model_id="concepts", encode=encode)
    small = SearchIndex.open(site_dir / "current")
    assert texts(ask(small, "promises made to victims"))[0] == NL[1]
    assert texts(ask(small, "who will share our knowledge"))[0] == NL[3]


def test_a_single_statement_is_found_by_its_meaning(tmp_path: Path) -> None:
    """The mean of one statement is not taken out of it altogether."""
    site_dir = publish_extractions(tmp_path, [make_extraction(NL[1])], model_id="concepts", encode=encode)
    assert texts(ask(SearchIndex.open(site_dir / "current"), "promises")) == [NL[1]]


def test_scores_are_the_cosines_without_the_means(index: SearchIndex) -> None:
    """The exact search agrees with the same sum written out by hand."""
    found = ask(index, "kennis over de dijk", mode="semantic", limit=100)
    meanings = index.statements.meanings
    question = meanings.question(encode(["kennis over de dijk"])[0], found.languages)
    expected = {}
    ids = {
        result.statement_id
        for name in index.languages
        for result in ask(index, "", language=(name,), limit=100).results
    }
    for statement_id in ids:
        row = meanings.exact[index.row_of(statement_id)]
        cosine = float(sum(a * b for a, b in zip(row, question, strict=True)))
        if cosine >= LEAST:  # of few statements, more are found than those above the floor
            expected[statement_id] = round(min(cosine, 1.0), 3)
    # Some statements of each language are found even below the floor.
    assert found.total >= len(expected) > 0
    scores = {result.statement_id: round(result.score, 3) for result in found.results}
    assert {statement_id: scores[statement_id] for statement_id in expected} == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("systeem", NL[2]),
        ("vaccination", EN[4]),
        ("coordinatie", NL[6]),
        ("COÖRDINATIE", NL[6]),
        ("Q-koorts", NL[4]),
        ("qkoorts", NL[4]),
        ("2023/150", NL[5]),
        ('"kennis van het team"', NL[3]),
        ("vaccin*", EN[4]),
        ("dijk*", NL[0]),
        ("kennisnetwerk onbestaandwoord", NL[3]),
    ],
)
def test_words_are_found_by_their_stem_in_either_language(index: SearchIndex, query: str, first: str) -> None:
    """Inflection, case, accents, hyphens, numbers, phrases and beginnings, in Dutch and in English."""
    found = ask(index, query, mode="lexical")
    assert texts(found)[0] == first
    assert found.results[0].matched_by == "words"


def test_a_phrase_that_stands_nowhere_finds_nothing(index: SearchIndex) -> None:
    """Quotation marks are a demand, also where meaning would have found something; meaning alone ignores them."""
    assert ask(index, '"team het van kennis"', mode="lexical").total == 0
    assert ask(index, '"team het van kennis"').total == 0
    assert ask(index, '"team het van kennis"', mode="semantic").total > 0


def test_common_words_find_nothing_by_themselves(index: SearchIndex) -> None:
    """A word that stands in most statements ranks, but does not make a match."""
    assert texts(ask(index, "de onbestaandwoord kennisnetwerk", mode="lexical")) == [NL[3]]


def test_words_and_meaning_together_say_so(index: SearchIndex) -> None:
    """A statement that both sides find scores at least what meaning alone gives it."""
    both = ask(index, "kennis delen").results[0]
    meaning = ask(index, "kennis delen", mode="semantic").results[0]
    assert (both.text, both.matched_by) == (NL[3], "both")
    assert both.score > meaning.score


@pytest.mark.parametrize(
    ("filters", "allowed"),
    [
        ({"kind": ("recommendation",)}, lambda r: r.kind == "recommendation"),
        ({"kind": ("recommendation", "finding")}, lambda _: True),
        ({"publisher": ("invented office",)}, lambda r: r.report.publisher == "Invented Office"),
        ({"year": ("2024",)}, lambda r: r.report.published_date == "2024-02"),
        ({"year": ("2024", "2019")}, lambda _: True),
        ({"language": ("nl",)}, lambda r: r.language == "nl"),
        ({"addressee": ("gemeenten",)}, lambda r: r.kind == "recommendation"),
        ({"addressee": ("Verzonnendam",)}, lambda r: r.kind == "recommendation"),
        ({"case": ("Verzonnendam",)}, lambda r: r.language == "nl"),
        ({"case": ("westmark flood",)}, lambda r: r.language == "en"),
        ({"theme": ("water",)}, lambda r: r.text in (NL[0], EN[0])),
        ({"theme": ("Systemen",)}, lambda r: r.text in (NL[2], EN[1])),
        ({"theme": ("water", "systems"), "case": ("Case 12",)}, lambda r: r.text in EN[:2]),
        ({"kind": ("finding",), "language": ("en",)}, lambda r: r.kind == "finding" and r.language == "en"),
    ],
)
def test_filters_keep_what_fits_and_nothing_else(index: SearchIndex, filters: dict, allowed: object) -> None:  # type: ignore[type-arg]
    """Values of one filter widen, filters narrow; the order of the rest stays."""
    everything = ask(index, "water systemen trein brief kennis", limit=100)
    kept = ask(index, "water systemen trein brief kennis", limit=100, **filters)
    expected = [result for result in everything.results if allowed(result)]  # type: ignore[operator]
    assert kept.results == tuple(expected)
    assert kept.total == len(expected) > 0


@pytest.mark.parametrize("name", ["kind", "publisher", "year", "language", "addressee", "case", "theme"])
@pytest.mark.parametrize("value", ["onbekend", "", "%", "' OR 1=1 --", "99999999999999999999", "\x00", "٢٠٢٤", "-1"])
def test_unknown_values_of_filters_find_nothing(index: SearchIndex, name: str, value: str) -> None:
    """A filter that nothing fits gives an empty answer, and no error."""
    found = ask(index, "water systemen kennis", **{name: (value,)})
    assert (found.total, found.results) == (0, ())


def test_pages_of_an_answer_fit_together(index: SearchIndex) -> None:
    """Page by page gives what one long page gives: nothing twice, nothing left out, also where scores are equal."""
    for mode in ("hybrid", "semantic", "lexical"):
        whole = ask(index, "de dijk van het water, de systemen, de trein, de brief", mode=mode, limit=100)
        pieces = [
            result
            for offset in range(whole.total + 3)
            for result in ask(
                index, "de dijk van het water, de systemen, de trein, de brief", mode=mode, limit=1, offset=offset
            ).results
        ]
        assert tuple(pieces) == whole.results
        assert len(whole.results) == whole.total > 2
        assert sorted((result.score for result in pieces), reverse=True) == [result.score for result in pieces]


def test_equal_scores_come_in_the_order_of_the_site(tmp_path: Path) -> None:
    """Twenty equal statements are paged without gaps or repeats."""
    extractions = [make_extraction(NL[2], name=f"Rapport {i}") for i in range(20)]
    site_dir = publish_extractions(tmp_path, extractions, model_id="concepts", encode=encode)
    many = SearchIndex.open(site_dir / "current")
    ids = [ask(many, "systemen", limit=3, offset=i, fold=False).results for i in range(0, 20, 3)]
    flat = [result.statement_id for page in ids for result in page]
    assert flat == sorted(flat, key=many.row_of)
    assert len(set(flat)) == 20


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.one_of(
        st.text(min_size=1, max_size=200),
        st.lists(
            st.sampled_from(
                [
                    '"',
                    "*",
                    "AND",
                    "OR",
                    "NOT",
                    "NEAR(",
                    ")",
                    "text:",
                    "^",
                    "+",
                    "-",
                    "{",
                    "}",
                    "kennis",
                    "dijk",
                    "'",
                    ";",
                    "é",
                ]
            ),
            min_size=1,
            max_size=40,
        ).map(" ".join),
    ),
    mode=st.sampled_from(["hybrid", "semantic", "lexical"]),
)
def test_no_question_is_a_wrong_question(index: SearchIndex, query: str, mode: str) -> None:
    """Whatever is typed is answered with scores from 0 to 1, best first, or refused as an invalid search."""
    try:
        found = ask(index, query, mode=mode)
    except InvalidSearch:
        assert not query.strip() or any(ord(character) < 32 or 0x7F <= ord(character) < 0xA0 for character in query)
        return
    scores = [result.score for result in found.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert found.total >= len(scores)


def test_a_question_of_two_thousand_words_is_answered(index: SearchIndex) -> None:
    """A long text is looked up by its rarest words."""
    assert texts(ask(index, ("kennisnetwerk " + "a b c d e f g h " * 300)[:2000], mode="lexical"))[0] == NL[3]
    assert ask(index, "* " * 1000).total >= 0


def test_facets_count_what_was_found(index: SearchIndex) -> None:
    """The counts of a filter's values are what filtering by them gives."""
    request = SearchRequest("water systemen trein brief kennis", limit=100)
    found = index.search(request, query_vector=encode([request.question])[0], facet_limit=10)
    assert sum(facet.count for facet in found.facets["kind"]) == found.total
    for name in ("kind", "publisher", "year", "language", "addressee", "case", "theme", "report"):
        assert found.facets[name], name
        for facet in found.facets[name]:
            assert ask(index, request.query, **{name: (facet.value,)}).statement_count == facet.count > 0


def test_a_facet_counts_what_its_other_values_would_give(index: SearchIndex) -> None:
    """A chosen value does not hide the others of its filter; other filters narrow its counts."""
    request = SearchRequest("water systemen trein brief kennis", kind=("finding",), language=("nl",))
    found = index.search(request, query_vector=encode([request.question])[0], facet_limit=1)
    assert [facet.value for facet in found.facets["kind"] if facet.is_chosen] == ["finding"]
    for facet in found.facets["kind"]:
        assert ask(index, request.query, kind=(facet.value,), language=("nl",)).statement_count == facet.count


def test_filters_alone_find_all_that_fits(index: SearchIndex) -> None:
    """Without a question everything that fits is found, by date where that is asked; typed filters work too."""
    found = index.search(SearchRequest("", language=("en", "nl"), sort="date", limit=100))
    assert [result.matched_by for result in found.results] == ["filters"] * 12
    dates = [result.report.published_date for result in found.results]
    assert dates == sorted(dates, key=str, reverse=True)
    assert {result.language for result in ask(index, "year:-2020 taal:engels").results} == {"en"}
    assert ask(index, 'publisher:"invented office" water').filters == {"publisher": ("invented office",)}


def test_near_identical_statements_are_one_result(tmp_path: Path) -> None:
    """Those of other reports are folded under the best, and counted; every one is there when that is asked."""
    extractions = [make_extraction(NL[2], NL[i], name=f"Rapport {i}") for i in (3, 4, 5)]
    site_dir = publish_extractions(tmp_path, extractions, model_id="concepts", encode=encode)
    many = SearchIndex.open(site_dir / "current")
    found = ask(many, "systemen", mode="lexical")
    assert (found.total, found.statement_count, len(found.results[0].folded)) == (1, 3, 2)
    unfolded = ask(many, "systemen", mode="lexical", fold=False)
    ids = {result.statement_id for result in unfolded.results}
    assert ids == {found.results[0].statement_id, *(folded.statement_id for folded in found.results[0].folded)}


def test_the_words_of_the_question_are_marked(index: SearchIndex) -> None:
    """Inflections, compounds and phrases are marked where they stand."""
    found = ask(index, '"kennis van het team" netwerk', mode="lexical").results[0]
    assert [found.text[start:end] for start, end in found.marks] == ["kennisnetwerk", "kennis van het team"]


def test_without_a_vector_the_search_is_by_words(index: SearchIndex) -> None:
    """The answer says how it was really made, and a vector of another length is refused."""
    found = index.search(SearchRequest("kennisnetwerk", mode="semantic"))
    assert (found.mode, texts(found)) == ("lexical", [NL[3]])
    with pytest.raises(ValueError, match="shape"):
        index.search(SearchRequest("kennis"), query_vector=np.ones(3, np.float32))


def test_a_site_without_vectors_is_searched_by_words(tmp_path: Path) -> None:
    """Statements that were never embedded are still found, and the answer says that it was by their words."""
    site_dir = publish_extractions(
        tmp_path, [make_extraction(*NL)], model_id="concepts", encode=encode, is_embedded=False
    )
    bare = SearchIndex.open(site_dir / "current")
    assert bare.dimension == 0
    found = ask(bare, "kennisnetwerk")
    assert (found.mode, texts(found), found.results[0].matched_by) == ("lexical", [NL[3]], "words")
    assert ask(bare, "promises made to victims").total == 0
    assert bare.similar(found.results[0].statement_id).results == ()


def test_an_empty_site_answers_with_nothing(tmp_path: Path) -> None:
    """No statements, no vectors, no error."""
    empty = SearchIndex.open(publish_extractions(tmp_path, [], model_id="concepts", encode=encode) / "current")
    for mode in ("hybrid", "semantic", "lexical"):
        found = empty.search(SearchRequest("kennis", mode=mode), facet_limit=5)  # type: ignore[arg-type]
        assert (found.total, found.results) == (0, ())


def test_similar_statements_leave_the_statement_out(index: SearchIndex) -> None:
    """The nearest to the Dutch dike is the English one; an unknown id is said to be unknown."""
    row = {result.text: result.statement_id for result in ask(index, "dijk dike water").results}
    found = index.similar(row[NL[0]], limit=3)
    assert texts(found)[0] == EN[0]
    assert NL[0] not in texts(found)
    with pytest.raises(UnknownRecord, match="found none"):
        index.similar("s0000")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"query": ""}, "query"),
        ({"query": " \t"}, "query"),
        ({"query": "a" * 20_001}, "query"),
        ({"query": "a\x00b"}, "query"),
        ({"query": "\ud800"}, "query"),
        ({"query": "a", "mode": "fast"}, "mode"),
        ({"query": "a", "limit": 0}, "limit"),
        ({"query": "a", "limit": 101}, "limit"),
        ({"query": "a", "offset": -1}, "offset"),
    ],
)
def test_an_impossible_search_says_which_field_is_wrong(options: dict, field: str) -> None:  # type: ignore[type-arg]
    """Requests are checked at birth."""
    with pytest.raises(InvalidSearch, match="expected") as caught:
        SearchRequest(**options)
    assert caught.value.field == field


def test_languages_are_told_apart_as_far_as_they_can_be() -> None:
    """Whole questions are nearly certain; without letters the chances are even."""
    assert guess_languages("promises made to the victims of the disaster", ("en", "nl"))["en"] > 0.9
    assert guess_languages("beloften aan gedupeerden van de ramp nakomen", ("en", "nl"))["nl"] > 0.9
    assert guess_languages("???", ("nl",)) == pytest.approx({"en": 0.5, "nl": 0.5})
    assert guess_languages("kennis", ("und",)).keys() == {"en", "nl"}


def test_what_is_no_site_cannot_be_opened(tmp_path: Path) -> None:
    """A folder that is missing, empty or half written is named with what to do."""
    with pytest.raises(SiteUnreadable, match="publish again"):
        SearchIndex.open(tmp_path / "nothing")
    site_dir = publish_extractions(tmp_path, [make_extraction(*NL)], model_id="concepts", encode=encode)
    build = (site_dir / "current").resolve()
    (build / "search" / "statements" / "exact.npy").write_bytes(b"\x93NUMPY rubbish")
    with pytest.raises(SiteUnreadable, match="publish again"):
        SearchIndex.open(build)
    (build / "kb.db").write_bytes(b"rubbish" * 1000)
    with pytest.raises(SiteUnreadable, match="publish again"):
        SearchIndex.open(build)
