"""The search by words: expressions, compounds, languages; what is no expression is plain words."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from invented_extractions import make_extraction
from published_sites import publish_extractions
from test_search import encode

from extractors.records import Block, Extraction, Page
from warehouse.search import SearchIndex
from warehouse.search_query import Branch, Leaf, make_question, read_question
from warehouse.search_records import SearchRequest

NL = (
    "De toeslagenaffaire trof duizenden gezinnen in het land.",
    "Een toeslag wordt elk jaar opnieuw berekend door de dienst.",
    "De plantage langs de rivier kreeg een nieuwe eigenaar.",
    "De boete voor gezinnen werd later kwijtgescholden.",
    "Het plan voor de veerpont is twee keer uitgesteld.",
    "Was met zeep en water helpt tegen besmetting.",
)
EN = ("The ferry was late and families were not told.", "A plan for the ferry was never made.")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> SearchIndex:
    """Return the search over two invented reports, one Dutch and one English."""
    site_dir = publish_extractions(
        tmp_path_factory.mktemp("home"),
        [
            make_extraction(*NL, name="Verzonnen rapport"),
            make_extraction(*EN, name="Invented report", language="en", publisher="Invented Office"),
        ],
        model_id="concepts",
        encode=encode,
    )
    return SearchIndex.open(site_dir / "current")


def find(index: SearchIndex, query: str, **options: object) -> set[str]:
    """Return the texts that `query` finds by words."""
    request = SearchRequest(query, mode="lexical", limit=100, **options)  # type: ignore[arg-type]
    return {result.text for result in index.search(request).results}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("toeslag AND berekend", {NL[1]}),
        ("toeslag NOT berekend", {NL[0]}),
        ("toeslag -berekend", {NL[0]}),
        ("boete OR veerpont", {NL[3], NL[4]}),
        ("gezinnen AND (toeslag* OR boete)", {NL[0], NL[3]}),
        ("NOT (toeslag OR gezinnen) AND plan", {NL[4], EN[1]}),
        ('"voor gezinnen"', {NL[3]}),
        ('gezinnen NOT "voor gezinnen"', {NL[0]}),
        ('"voor gezinnen" OR plantage', {NL[2], NL[3]}),
        ("gezin*", {NL[0], NL[3]}),
        ("language:en plan", {EN[1]}),
        ('publisher:"Invented Office" families', {EN[0]}),
    ],
)
def test_expressions_find_what_they_say(index: SearchIndex, query: str, expected: set[str]) -> None:
    """AND, OR, NOT, groups, phrases, beginnings and fields, alone and together."""
    assert find(index, query) == expected


def test_compounds_are_reached_from_their_parts(index: SearchIndex) -> None:
    """A part finds the compound behind the word itself; what only looks like one (a plant in a plantation) does not."""
    found = index.search(SearchRequest("toeslag", mode="lexical")).results
    assert [result.text for result in found] == [NL[1], NL[0]]
    assert NL[0] in find(index, "affaire")
    assert NL[2] not in find(index, "plan")
    assert found[1].text[slice(*found[1].marks[0])] == "toeslagenaffaire"


def test_words_are_counted_by_language(index: SearchIndex) -> None:
    """The Dutch word for doing laundry is not the English past tense."""
    english = index.search(SearchRequest("the ferry was late", mode="lexical")).results
    assert english[0].text == EN[0]


@pytest.mark.parametrize(
    "query", ["(toeslag OR", "AND", "NOT boete", "toeslag AND", ") OR (", "OR OR", "((((" * 30 + "AND a", "NOT NOT"]
)
def test_what_is_no_expression_is_searched_as_plain_words(index: SearchIndex, query: str) -> None:
    """Nothing fails, and the answer says what was done."""
    answer = index.search(SearchRequest(query, mode="lexical"))
    assert answer.message is not None and "plain words" in answer.message
    if "toeslag" in query:
        assert NL[1] in {result.text for result in answer.results}


@pytest.mark.parametrize(
    ("query", "question"),
    [
        ("kennis delen", "kennis delen"),
        ("toeslag AND (ouders OR gezin*) NOT boete", "toeslag ouders gezin"),
        ('publisher:"Nationale ombudsman" jaar:2020- "vast contact"', "vast contact"),
        ("jaar:2023", ""),
        ("artikel: 3", "artikel: 3"),
        ("http://verzonnen.example/a", "http://verzonnen.example/a"),
    ],
)
def test_an_encoder_reads_the_words_only(query: str, question: str) -> None:
    """Filters, operators, signs and what is excluded mean nothing to an encoder."""
    assert make_question(query) == question


def test_filters_in_a_question_are_taken_by_their_dutch_names() -> None:
    """Names of fields and of values are data; a field of another name is text."""
    question = read_question('soort:aanbeveling uitgever:"Bureau X" taal:nederlands onzin:waarde')
    assert question.filters == {"kind": ("recommendation",), "publisher": ("Bureau X",), "language": ("nl",)}
    assert [leaf.text for leaf in question.leaves] == ["onzin", "waarde"]


def test_not_binds_more_than_and_and_and_more_than_or() -> None:
    """The usual order of operators."""
    a, b, c = (Leaf("word", text) for text in "abc")
    assert read_question("a OR b AND NOT c").demand == Branch("or", (a, Branch("and", (b, Branch("not", (c,))))))


def test_the_language_of_short_questions_is_told_by_the_words_of_the_site(index: SearchIndex) -> None:
    """One word that stands in the texts of one language gives it away; what stands in both leaves a doubt."""
    assert index.guess_languages("gezinnen")["nl"] > 0.8
    assert index.guess_languages("the families")["en"] > 0.8
    assert 0.1 < index.guess_languages("plan")["nl"] < 0.9


BOATS = ("aak", "veerpont", "sleepboot", "duwbak", "tjalk", "klipper", "botter", "logger")


def make_long_report() -> Extraction:
    """Return a report that discusses more than it states: a page on eight boats behind its statements."""
    extraction = make_extraction(*NL, name="Verzonnen verslag")
    parts = [
        " ".join(f"In week {week} sprak de commissie de schipper van de {boat} weer." for week in range(1, 13))
        for boat in BOATS
    ]
    text = "\n\n".join((extraction.document.text, *parts))
    starts = [text.index(part) for part in parts]
    blocks = tuple(Block("paragraph", start, start + len(part), 4) for start, part in zip(starts, parts, strict=True))
    document = dataclasses.replace(
        extraction.document,
        text=text,
        pages=tuple(Page(number, 595.0, 842.0) for number in range(1, 5)),
        blocks=(*extraction.document.blocks, *blocks),
    )
    sections = tuple(dataclasses.replace(section, end=len(text)) for section in extraction.sections)
    return dataclasses.replace(extraction, document=document, sections=sections)


def test_passages_are_found_beside_statements(tmp_path: Path) -> None:
    """A passage is quoted from the page of its report; those of the statements shown are left out, and all unasked."""
    report = make_long_report()
    index = SearchIndex.open(publish_extractions(tmp_path, [report], model_id="concepts", encode=encode) / "current")
    request = SearchRequest("veerpont OR sleepboot", mode="lexical")
    assert index.search(request).passages == ()
    answer = index.search(request, passage_limit=3)
    assert [result.text for result in answer.results] == [NL[4]]
    assert len(answer.passages) == 2
    for passage in answer.passages:
        quoted = report.document.text[passage.start_offset : passage.end_offset]
        assert quoted == passage.text and "schipper" in quoted and NL[4] not in quoted
        assert (passage.page, passage.report.title, passage.matched_by) == (4, "Verzonnen verslag", "words")
    marked = {passage.text[start:end] for passage in answer.passages for start, end in passage.marks}
    assert marked == {"veerpont", "sleepboot"}
    assert index.search(request, passage_limit=1).passages == answer.passages[:1]
    assert index.search(SearchRequest("sleepboot", mode="lexical", language=("en",)), passage_limit=2).passages == ()


def test_a_site_is_opened_from_a_moved_folder(index: SearchIndex, tmp_path: Path) -> None:
    """Nothing in a build depends on where it lies."""
    import shutil

    folder = index.connections.get().execute("PRAGMA database_list").fetchone()[2]
    moved = shutil.copytree(Path(folder).parent, tmp_path / "moved")
    assert find(SearchIndex.open(moved), "boete OR veerpont") == {NL[3], NL[4]}


def test_a_phrase_counts_in_the_language_of_its_text_only(tmp_path: Path) -> None:
    """A phrase that stands in Dutch texts is not counted as if German ones had it too; scores stay from 0 to 1."""
    dutch = [f"Het plan Alfa Bravo kreeg in wijk {n} een vervolg." for n in range(8)]
    site_dir = publish_extractions(
        tmp_path,
        [
            make_extraction(*dutch, "Het waterschap verlegde de dijk.", name="Verzonnen rapport"),
            make_extraction("Der Plan Alfa Bravo gilt.", name="Erfundener Bericht", language="de", publisher="Amt"),
            make_extraction("The harbour was dredged.", name="Invented report", language="en", publisher="Office"),
        ],
        model_id="concepts",
        encode=encode,
    )
    index = SearchIndex.open(site_dir / "current")

    for query in ('"Alfa Bravo"', '"Alfa Bravo" OR gilt', '"Alfa Bravo" waterschap', '"Alfa Bravo" OR harbour'):
        results = index.search(SearchRequest(query, mode="lexical", limit=100)).results
        assert {result.language for result in results} >= {"nl", "de"}
        assert all(0 <= result.score <= 1 for result in results), query
    best = index.search(SearchRequest('"Alfa Bravo" OR harbour', mode="lexical", limit=1)).results[0]
    assert best.language in ("de", "en"), "the rarer in its language weighs more"


def test_a_question_of_colons_is_read(index: SearchIndex) -> None:
    """Thousands of colons are words, and no program that runs out of stack."""
    question = read_question("a:" * 2000 + "a")
    assert question.leaves == (Leaf("word", "a"),)
    assert find(index, "veerpont:twee") == {NL[4]}
