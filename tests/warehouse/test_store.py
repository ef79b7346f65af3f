"""The warehouse remembers what it was given, once, and gives it back unchanged."""

from __future__ import annotations

import dataclasses
import datetime
import threading
from pathlib import Path

import numpy as np
import pytest
from invented_extractions import ADVICE, FINDING, LATER, MODEL, NOON, embed, embed_texts, make_extraction

from extractors.records import Page, WordPlaces, make_report_id
from warehouse.entries import Origin, Problem
from warehouse.errors import WrongDimension
from warehouse.rows import make_text_hash
from warehouse.store import Warehouse

FIRST = Origin("/reports/beloofd.pdf")
SECOND = Origin("https://ombudsman.example/beloofd.pdf", source="ombudsman", licence="CC0-1.0")


@pytest.fixture()
def warehouse(tmp_path: Path):
    """An empty warehouse that is open for writing."""
    with Warehouse.open(tmp_path / "warehouse.duckdb") as opened:
        yield opened


def save(warehouse: Warehouse, extraction, origin: Origin = FIRST, *, version: str = "1", seen_at=NOON) -> bool:
    """Save an extraction; returns whether any row changed."""
    return warehouse.save_extraction(extraction, origin=origin, version=version, seen_at=seen_at)


def save_as_found(warehouse: Warehouse, *sentences: str, origin: Origin, seen_at=NOON) -> str:
    """Save a document the way a flow does: ask for its report first; returns the report id."""
    draft = make_extraction(*sentences)
    document_id = draft.document.document_id
    report_id = warehouse.report_id_for(document_id, origin)
    if warehouse.has_extraction(document_id, version="1", origin=origin):
        warehouse.add_origin(document_id, origin=origin, seen_at=seen_at)
    else:
        save(warehouse, make_extraction(*sentences, report_id=report_id), origin, seen_at=seen_at)
    return report_id


def current_texts(warehouse: Warehouse, report_id: str) -> list[str]:
    """Return the texts of a report's statements, in order."""
    query = "SELECT text FROM statements WHERE report_id = ? ORDER BY position"
    return [text for (text,) in warehouse.query(query, [report_id])]


def test_every_record_is_saved(warehouse: Warehouse) -> None:
    """Each part of an extraction becomes rows of its table, with all fields."""
    extraction = make_extraction()
    assert save(warehouse, extraction)
    assert {name: count for name, count in warehouse.counts().items() if count} == {
        "statements": 3, "reports": 1, "documents": 1, "origins": 1, "sections": 2, "mentions": 1, "parties": 1,
        "addressees": 2, "cases": 1, "responses": 1, "links": 1, "pages": 2, "passages": 1,
    }  # fmt: skip
    [row] = warehouse.query(
        "SELECT statement_id, kind, text, label, page, section, section_role, language, confidence, rule, "
        "deadline_text, deadline_date, published_year, boxes, start_offset, end_offset FROM statements WHERE page = 2 "
        "AND label IS NOT NULL"
    )
    advice = extraction.statements[1]
    assert row == (
        advice.statement_id, "recommendation", ADVICE[0], "Aanbeveling 1", 2, "Conclusies en aanbevelingen",
        "recommendations", "nl", 0.75, "test.numbered", "vóór 1 juni 2025", datetime.date(2025, 6, 1), 2024,
        "[[1,56.7,100.0,300.25,112.0]]", advice.start, advice.end,
    )  # fmt: skip
    assert warehouse.query("SELECT party_id, name, kind FROM parties") == [("gemeenten", "Gemeenten", "municipality")]
    [report] = warehouse.query("SELECT title, publisher, published_date, published_year, report_number FROM reports")
    assert report == ("Beloofd is beloofd", "Verzonnen ombudsman", "2024-02", 2024, "2024/7")


def test_a_statement_knows_its_innermost_section(warehouse: Warehouse) -> None:
    """A statement under a heading of level 2 refers to that section and not to the one around it."""
    save(warehouse, make_extraction())
    query = "SELECT DISTINCT c.title FROM statements s JOIN sections c USING (section_id)"
    assert warehouse.query(query) == [("Conclusies en aanbevelingen",)]


def test_a_response_finds_the_recommendation_it_answers(warehouse: Warehouse) -> None:
    """A response that names the label of one recommendation refers to that one."""
    extraction = make_extraction()
    save(warehouse, extraction)
    assert warehouse.query("SELECT answers, statement_id FROM responses") == [
        ("Aanbeveling 1", extraction.statements[1].statement_id)
    ]


def test_the_text_of_a_page_can_be_cut_from_the_document(warehouse: Warehouse) -> None:
    """The offsets of the pages part the text of a document, in order and without overlap."""
    extraction = make_extraction()
    save(warehouse, extraction)
    spans = warehouse.query("SELECT start_offset, end_offset FROM pages ORDER BY page")
    assert [extraction.document.text[start:end].split("\n\n")[-1] for start, end in spans] == [FINDING, ADVICE[1]]


def test_words_decide_what_stands_on_a_page(warehouse: Warehouse) -> None:
    """Where the places of words are known they bound the pages; a page without words is empty, where the last ended."""
    extraction = make_extraction()
    pages = tuple(Page(number, 595.0, 842.0) for number in (1, 2, 3))
    places = np.array([[0, 8, 1], [9, 11, 1], [12, 19, 3]], np.int32)
    words = WordPlaces(places[:, 0], places[:, 1], places[:, 2], np.zeros((3, 4), np.float32))
    document = dataclasses.replace(extraction.document, pages=pages, words=words)
    save(warehouse, dataclasses.replace(extraction, document=document))
    spans = warehouse.query("SELECT page, start_offset, end_offset FROM pages ORDER BY page")
    assert spans == [(1, 0, 11), (2, 11, 11), (3, 12, 19)]


def test_saving_again_changes_no_row(warehouse: Warehouse) -> None:
    """The same extraction, saved a month later, changes nothing: not even a clock."""
    save(warehouse, make_extraction())
    before = {name: warehouse.query(f"SELECT * FROM {name}") for name in warehouse.counts()}
    assert not save(warehouse, make_extraction(), seen_at=LATER)
    assert before == {name: warehouse.query(f"SELECT * FROM {name}") for name in warehouse.counts()}


def test_a_new_version_of_the_program_replaces_what_was_found(warehouse: Warehouse) -> None:
    """Another extraction of the same document replaces the rows; what stayed keeps its id and first-seen time."""
    first = make_extraction()
    save(warehouse, first)
    kept = first.statements[0].statement_id
    again = make_extraction()
    fewer = dataclasses.replace(again, statements=again.statements[:1], links=(), responses=())
    assert not warehouse.has_extraction(first.document.document_id, version="2")
    assert save(warehouse, fewer, version="2", seen_at=LATER)
    assert warehouse.has_extraction(first.document.document_id, version="2")
    assert warehouse.query("SELECT statement_id, first_seen_at FROM statements") == [(kept, NOON.replace(tzinfo=None))]
    counts = warehouse.counts()
    assert [counts[name] for name in ("addressees", "parties", "links", "responses", "reports")] == [0, 0, 0, 0, 1]


def test_passages_follow_the_text_and_the_sections(warehouse: Warehouse) -> None:
    """A document that is read with another text is cut anew in the same transaction, and only new texts need a vector."""
    long = [f"Zin {i}: de gemeente legt vast wie een belofte nakomt, en wanneer dat gebeurt. " * 6 for i in range(4)]
    first = make_extraction(*long)
    save(warehouse, first)
    embed(warehouse, roles=("passage",))
    before = warehouse.query("SELECT passage_id, text_hash FROM passages ORDER BY position")
    assert len(before) > 1
    # The reader now leaves out the first line, so that all offsets move.
    shift = len(first.document.text.partition("\n\n")[0]) + 2
    moved = dataclasses.replace(first.document, text=first.document.text[shift:], blocks=(), pages=())
    again = dataclasses.replace(first, document=moved, sections=(), statements=(), links=(), responses=(), review=())
    save(warehouse, again, version="2")
    cut = warehouse.query("SELECT start_offset, end_offset, text_hash FROM passages ORDER BY position")
    assert cut
    assert all(make_text_hash(moved.text[start:end]) == text_hash for start, end, text_hash in cut)
    new = {row[2] for row in cut} - {row[1] for row in before}
    assert {row[0] for row in warehouse.unembedded_texts(MODEL, ("passage",))} == new
    assert warehouse.cut_passages() == 0


def test_passages_are_those_of_the_current_version(warehouse: Warehouse) -> None:
    """A version that takes the place of another takes that of its passages too."""
    save_as_found(warehouse, FINDING, ADVICE[0], origin=FIRST)
    save_as_found(warehouse, FINDING, ADVICE[1], origin=FIRST)
    current = make_extraction(FINDING, ADVICE[1]).document.document_id
    assert warehouse.query("SELECT DISTINCT document_id FROM passages") == [(current,)]


def test_a_second_origin_adds_a_row_of_its_own_only(warehouse: Warehouse) -> None:
    """The same document at another address is the same report, which then cites the address on the web."""
    report_id = save_as_found(warehouse, origin=FIRST)
    assert warehouse.query("SELECT origin, licence FROM reports") == [("beloofd.pdf", None)]
    assert save_as_found(warehouse, origin=SECOND) == report_id
    counts = warehouse.counts()
    assert (counts["origins"], counts["documents"], counts["reports"], counts["statements"]) == (2, 1, 1, 3)
    assert warehouse.query("SELECT origin, licence FROM reports") == [(SECOND.address, "CC0-1.0")]


def test_the_order_of_the_origins_does_not_matter(tmp_path: Path) -> None:
    """Two warehouses that found the same document at the same two addresses, in either order, are the same."""
    prints = []
    for name, origins in (("one", (FIRST, SECOND)), ("two", (SECOND, FIRST))):
        with Warehouse.open(tmp_path / f"{name}.duckdb") as warehouse:
            for origin in origins:
                save_as_found(warehouse, origin=origin)
            prints.append(warehouse.fingerprint())
    assert prints[0] == prints[1]


def test_a_source_promises_what_the_report_does_not_say(warehouse: Warehouse) -> None:
    """The publisher that the source promises is used where the report names none, and only there."""
    promising = Origin("https://raad.example/1", publisher="Verzonnen raad")
    save(warehouse, make_extraction(publisher=None), promising)
    save(warehouse, make_extraction(FINDING, publisher="Verzonnen inspectie"), Origin("/2", publisher="Verzonnen raad"))
    publishers = warehouse.query("SELECT publisher FROM reports ORDER BY publisher")
    assert publishers == [("Verzonnen inspectie",), ("Verzonnen raad",)]


def test_a_new_document_at_a_known_origin_is_a_new_version(warehouse: Warehouse) -> None:
    """A replaced file keeps the report id, and unchanged statements their ids; the old document is kept as such."""
    report_id = save_as_found(warehouse, FINDING, ADVICE[0], origin=FIRST)
    ids = dict(warehouse.query("SELECT text, statement_id FROM statements"))
    assert save_as_found(warehouse, FINDING, ADVICE[1], origin=FIRST, seen_at=LATER) == report_id
    assert current_texts(warehouse, report_id) == [FINDING, ADVICE[1]]
    assert dict(warehouse.query("SELECT text, statement_id FROM statements"))[FINDING] == ids[FINDING]
    old, new = (make_extraction(FINDING, advice).document.document_id for advice in ADVICE)
    assert warehouse.query("SELECT document_id, is_current, superseded_by FROM documents ORDER BY first_seen_at") == [
        (old, False, new),
        (new, True, None),
    ]
    assert warehouse.counts()["reports"] == 1


def test_a_version_that_comes_back_is_current_again(warehouse: Warehouse) -> None:
    """When the first file is put back in its place, its statements are back too."""
    report_id = save_as_found(warehouse, FINDING, origin=FIRST)
    before = warehouse.fingerprint()
    save_as_found(warehouse, FINDING, ADVICE[1], origin=FIRST)
    assert save_as_found(warehouse, FINDING, origin=FIRST) == report_id
    assert current_texts(warehouse, report_id) == [FINDING]
    first, second = (make_extraction(FINDING, *more).document.document_id for more in ((), (ADVICE[1],)))
    assert dict(warehouse.query("SELECT document_id, superseded_by FROM documents")) == {first: None, second: first}
    assert warehouse.fingerprint() != before, "the version in between is remembered"


def test_an_old_copy_elsewhere_does_not_take_over(warehouse: Warehouse) -> None:
    """A copy of a superseded version lies about in another folder: run after run, the newer version stays current."""
    report_id = save_as_found(warehouse, FINDING, origin=FIRST)
    save_as_found(warehouse, FINDING, origin=SECOND)
    save_as_found(warehouse, FINDING, ADVICE[1], origin=FIRST)
    before = warehouse.fingerprint()
    for _ in range(2):
        for sentences, origin in (((FINDING, ADVICE[1]), FIRST), ((FINDING,), SECOND)):
            assert save_as_found(warehouse, *sentences, origin=origin) == report_id
    assert warehouse.fingerprint() == before
    assert current_texts(warehouse, report_id) == [FINDING, ADVICE[1]]


def test_an_old_copy_does_not_take_over_under_new_rules(warehouse: Warehouse) -> None:
    """A superseded document that is extracted again by a newer program stays superseded."""
    report_id = save_as_found(warehouse, FINDING, origin=FIRST)
    save_as_found(warehouse, FINDING, origin=SECOND)
    save_as_found(warehouse, FINDING, ADVICE[1], origin=FIRST)
    save(warehouse, make_extraction(FINDING, report_id=report_id), SECOND, version="2")
    assert current_texts(warehouse, report_id) == [FINDING, ADVICE[1]]
    assert warehouse.has_extraction(make_extraction(FINDING).document.document_id, version="2", origin=SECOND)


def test_origins_that_part_become_two_reports(warehouse: Warehouse) -> None:
    """Two addresses that first gave the same page, and then each its own report, give two reports."""
    placeholder = save_as_found(warehouse, "Deze pagina volgt nog, komt u later terug.", origin=FIRST)
    save_as_found(warehouse, "Deze pagina volgt nog, komt u later terug.", origin=SECOND)
    assert save_as_found(warehouse, FINDING, origin=FIRST) == placeholder
    other = save_as_found(warehouse, *ADVICE, origin=SECOND)
    assert other == make_report_id(make_extraction(*ADVICE).document.document_id)
    assert current_texts(warehouse, placeholder) == [FINDING]
    assert current_texts(warehouse, other) == list(ADVICE)


def test_an_extraction_that_was_made_for_another_report_is_renumbered(warehouse: Warehouse) -> None:
    """When the report of a document changed between asking and saving, statements and links get the right ids."""
    known = save_as_found(warehouse, FINDING, origin=FIRST)
    late = make_extraction()
    save(warehouse, late, FIRST)
    expected = {statement.statement_id for statement in make_extraction(report_id=known).statements}
    assert {row[0] for row in warehouse.query("SELECT statement_id FROM statements")} == expected
    assert set(warehouse.query("SELECT recommendation_id, based_on_id FROM links")[0]) <= expected


def test_an_extraction_that_contradicts_itself_changes_nothing(warehouse: Warehouse) -> None:
    """Two statements of one id are a mistake of the program: refused, and nothing is saved."""
    good = make_extraction()
    doubled = dataclasses.replace(good, statements=good.statements[:1] * 2, links=())
    with pytest.raises(ValueError, match="2 statements with 1 ids"):
        save(warehouse, doubled)
    assert not any(warehouse.counts().values())


def test_broken_characters_in_file_properties_are_stored(warehouse: Warehouse) -> None:
    """Half surrogates and NUL characters, as broken PDF properties have, do not stop a document."""
    save(warehouse, make_extraction(properties={"title": "Beloofd\ud800\x00"}))
    assert warehouse.query("SELECT properties ->> 'title' IS NOT NULL FROM documents") == [(True,)]


def test_times_need_a_zone(warehouse: Warehouse) -> None:
    """A clock without a zone is refused, for nobody can say what moment it was."""
    with pytest.raises(ValueError, match="has no zone"):
        save(warehouse, make_extraction(), seen_at=NOON.replace(tzinfo=None))


def make_problem(stage="read", reason="encrypted", address=FIRST.address, at=NOON) -> Problem:
    """Return a problem of the first origin."""
    return Problem(address, stage, reason, f"{address}: found a password", "remove the password", at)


def test_a_problem_has_one_row_per_origin_and_stage(warehouse: Warehouse) -> None:
    """The same origin failing again keeps its first-seen time and shows the last reason."""
    warehouse.save_problem(make_problem())
    warehouse.save_problem(make_problem(reason="no_text", at=LATER))
    warehouse.save_problem(make_problem(stage="fetch"))
    found = {problem.stage: problem for problem in warehouse.list_problems()}
    assert set(found) == {"read", "fetch"}
    assert (found["read"].reason, found["read"].first_seen_at, found["read"].last_seen_at) == ("no_text", NOON, LATER)
    assert found["read"].subject == "beloofd.pdf"


def test_a_problem_is_solved_by_success(warehouse: Warehouse) -> None:
    """Saving a document, or finding a known one, removes the problems of its origin and of no other."""
    other = make_problem(address="/reports/other.pdf")
    for problem in (make_problem(), make_problem(address=SECOND.address), other):
        warehouse.save_problem(problem)
    save(warehouse, make_extraction())
    warehouse.add_origin(make_extraction().document.document_id, origin=SECOND, seen_at=NOON)
    assert [problem.address for problem in warehouse.list_problems()] == [other.address]
    assert warehouse.clear_problem(other.address)
    assert not warehouse.clear_problem(other.address)


def test_a_run_that_was_cut_off_is_seen(warehouse: Warehouse) -> None:
    """A run that never ended counts as interrupted once the next one begins."""
    assert warehouse.last_build() is None
    first = warehouse.start_build(started_at=NOON, note="examples/")
    second = warehouse.start_build(started_at=LATER)
    warehouse.finish_build(
        second, finished_at=LATER, outcome="succeeded", document_count=7, new_document_count=2, problem_count=1
    )
    assert warehouse.query("SELECT build_id, outcome FROM builds ORDER BY 1") == [
        (first, "interrupted"),
        (second, "succeeded"),
    ]
    last = warehouse.status().last_build
    assert last is not None
    assert (last.build_id, last.document_count, last.started_at) == (second, 7, LATER)
    with pytest.raises(ValueError, match="build 99"):
        warehouse.finish_build(
            99, finished_at=LATER, outcome="failed", document_count=0, new_document_count=0, problem_count=0
        )


def test_only_unseen_texts_are_embedded(warehouse: Warehouse) -> None:
    """A text has one vector per model, however many statements share it, and keeps it."""
    save(warehouse, make_extraction())
    save(warehouse, make_extraction(FINDING), SECOND)
    assert {language for _, _, language in warehouse.unembedded_texts(MODEL)} == {"nl"}
    embed(warehouse)
    assert warehouse.counts()["embeddings"] == 3
    assert warehouse.unembedded_texts(MODEL) == []
    assert len(warehouse.unembedded_texts("another model")) == 3
    hashes, matrix = warehouse.read_embeddings(MODEL)
    assert (matrix.shape, matrix.dtype) == ((3, 8), np.dtype(np.float32))
    place = hashes.index(make_text_hash(FINDING))
    assert np.array_equal(matrix[place], embed_texts([FINDING])[0])
    assert warehouse.save_embeddings(MODEL, [make_text_hash(FINDING)], embed_texts(["something else"])) == 0
    assert np.array_equal(warehouse.read_embeddings(MODEL)[1], matrix)


def test_no_vectors_is_an_empty_matrix(warehouse: Warehouse) -> None:
    """Reading the vectors of an unknown model, and saving an empty batch, are fine."""
    assert warehouse.save_embeddings(MODEL, [], np.zeros((0, 8), np.float32)) == 0
    hashes, matrix = warehouse.read_embeddings(MODEL)
    assert hashes == ()
    assert (matrix.shape, matrix.dtype) == ((0, 0), np.dtype(np.float32))


def test_vectors_of_another_length_are_refused(warehouse: Warehouse) -> None:
    """A model whose vectors change length is another model: refused before anything is written."""
    warehouse.save_embeddings(MODEL, ["a"], embed_texts(["a"]))
    with pytest.raises(WrongDimension, match="found 16 values each, against 8"):
        warehouse.save_embeddings(MODEL, ["b"], embed_texts(["b"], 16))
    assert warehouse.counts()["embeddings"] == 1


@pytest.mark.parametrize(
    "matrix",
    [
        np.ones((1, 8), np.float32),
        np.full((1, 8), np.nan, np.float32),
        np.zeros((1, 8), np.float32),
        embed_texts(["a", "b"]),
        embed_texts(["a"]).astype(np.float64),
    ],
    ids=["long rows", "not numbers", "zeros", "too many rows", "doubles"],
)
def test_vectors_of_another_form_are_refused(warehouse: Warehouse, matrix: np.ndarray) -> None:
    """A matrix that does not hold one unit row of float32 per text is a mistake of the caller."""
    with pytest.raises(ValueError, match="vectors of hashing-8"):
        warehouse.save_embeddings(MODEL, ["a"], matrix)


def test_the_fingerprint_tells_content_apart_and_clocks_not(tmp_path: Path) -> None:
    """Two warehouses with the same content at other times have one fingerprint; any other content gives another."""
    prints = []
    for name, seen_at in (("one", NOON), ("two", LATER)):
        with Warehouse.open(tmp_path / f"{name}.duckdb") as warehouse:
            seen = [warehouse.fingerprint()]
            warehouse.start_build(started_at=seen_at)
            save(warehouse, make_extraction(), seen_at=seen_at)
            seen.append(warehouse.fingerprint())
            embed(warehouse)
            seen.append(warehouse.fingerprint())
            warehouse.save_problem(make_problem(at=seen_at))
            seen.append(warehouse.fingerprint())
            prints.append(seen)
    assert prints[0] == prints[1]
    assert len(set(prints[0])) == 4


def test_threads_take_turns(warehouse: Warehouse) -> None:
    """Threads may share a warehouse: what each of them saves is there."""

    def save_some(number: int) -> None:
        for i in range(3):
            save(warehouse, make_extraction(f"Bevinding {number}.{i} is verzonnen."), Origin(f"/{number}/{i}"))

    threads = [threading.Thread(target=save_some, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert warehouse.counts()["documents"] == 12
