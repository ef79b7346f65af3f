"""What depends on something that changed since is done again from the stored originals, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from extractors import extraction
from flows.discovery import discover_documents
from flows.ingestion import embed_statements, ingest_document
from flows.raw_store import find_original
from flows.reprocessing import ReprocessingPlan, plan_reprocessing
from flows.settings import Settings
from flows.theming import assign_themes
from warehouse.store import Warehouse

DUTCH = (
    "# Verzonnen rapport over de pont\n\n## Onderzoek\n\nDe raad heeft onderzocht waarom de pont naar het eiland zo vaak "
    "niet voer, en wat er met de klachten gebeurde.\n\n## Aanbevelingen\n\n1. Houd de pont elke dag in de vaart.\n"
)
ENGLISH = (
    "# Invented report about the ferry\n\n## Inquiry\n\nThe council looked into the question why the ferry to the island "
    "was so often out of service.\n\n## Recommendations\n\n1. The ministry should keep the ferry running every day.\n"
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    chosen = {"model": "hashing", "second_model": "none", "extraction": "rules"}
    return Settings(home=tmp_path / "home", _env_file=None, **chosen)  # type: ignore[arg-type, call-arg]


@pytest.fixture
def warehouse(settings: Settings, tmp_path: Path) -> Iterator[Warehouse]:
    """A warehouse with a Dutch and an English report, of which everything is done; the files are gone."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    settings.home.mkdir()
    (inbox / "pont.md").write_text(DUTCH, encoding="utf-8")
    (inbox / "ferry.md").write_text(ENGLISH, encoding="utf-8")
    with Warehouse.open(settings.warehouse_path) as opened:
        for source in discover_documents([str(inbox)]):
            ingest_document(source, warehouse=opened, settings=settings)
            Path(source.address).unlink()  # the original that is kept suffices
        finish(opened, settings)
        yield opened


def finish(warehouse: Warehouse, settings: Settings) -> None:
    """Do what follows the documents."""
    embed_statements(warehouse, settings=settings, report=lambda line: None)
    assign_themes(warehouse, settings=settings, report=lambda line: None)


def work(plan: ReprocessingPlan) -> dict[str, int]:
    """Return how much is to be done, by stage with anything to do."""
    return {stage.stage: stage.count for stage in plan.stages if stage.count}


def test_nothing_is_done_again_when_nothing_changed(warehouse: Warehouse, settings: Settings) -> None:
    plan = plan_reprocessing(warehouse, settings)
    assert (plan.total, plan.is_empty, work(plan)) == (2, True, {})


def test_a_changed_threshold_reads_all_again(warehouse: Warehouse, settings: Settings) -> None:
    stricter = settings.model_copy(update={"min_confidence": 0.99})
    plan = plan_reprocessing(warehouse, stricter)
    assert sorted(source.name for source in plan.documents) == ["ferry.md", "pont.md"]
    assert plan.stages[0].reasons == (("threshold default → 0.99", 2),)
    assert plan.missing == ()
    for source in plan.documents:
        assert ingest_document(source, warehouse=warehouse, settings=stricter).status == "new"
    finish(warehouse, stricter)
    assert plan_reprocessing(warehouse, stricter).is_empty
    counts = warehouse.counts()
    assert (counts["reports"], counts["documents"], counts["statements"], counts["review"]) == (2, 2, 0, 2)


@pytest.mark.parametrize(
    ("name", "after", "reason"),
    [("READER_VERSION", "99", "reader {} → 99"), ("RULES_VERSION", "98", "rules {} → 98")],
)
def test_a_plan_says_which_stage_changed(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch, name: str, after: str, reason: str
) -> None:
    before = getattr(extraction, name)
    monkeypatch.setattr(extraction, name, after)
    plan = plan_reprocessing(warehouse, settings)
    assert plan.stages[0].reasons == ((reason.format(before), 2),)


@pytest.mark.parametrize("name", ["kst-36000-VII-12.5", "besluit.1.md", "rapport"])
def test_a_name_with_a_point_in_it_keeps_its_kind(warehouse: Warehouse, settings: Settings, name: str) -> None:
    """A name whose end is no known suffix gets that of the stored original."""
    with warehouse.transaction() as connection:
        connection.execute("UPDATE origins SET file_name = ?", [name])
    plan = plan_reprocessing(warehouse, settings.model_copy(update={"min_confidence": 0.99}))
    assert {source.name for source in plan.documents} == {name.removesuffix(".md") + ".md"}


def test_a_changed_lexicon_reads_the_documents_in_its_language(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The Dutch lexicon changed: the English report is left alone, also by an ingest."""
    before = extraction._lexicons_hash
    monkeypatch.setattr(
        extraction, "_lexicons_hash", lambda language: "fedcba987654" if language == "nl" else before(language)
    )
    plan = plan_reprocessing(warehouse, settings)
    assert [source.name for source in plan.documents] == ["pont.md"]
    [(reason, count)] = plan.stages[0].reasons
    assert reason.startswith("lexicons ") and reason.endswith(" → fedcba98") and count == 1
    assert {
        source.name: ingest_document(source, warehouse=warehouse, settings=settings).status for source in plan.documents
    } == {"pont.md": "new"}
    assert plan_reprocessing(warehouse, settings).is_empty


def test_a_version_of_an_earlier_program_is_given_as_it_is(warehouse: Warehouse, settings: Settings) -> None:
    with warehouse.transaction() as connection:
        connection.execute("UPDATE documents SET extraction_version = '3.4-0123abcd' WHERE language = 'nl'")
    [(reason, count)] = plan_reprocessing(warehouse, settings).stages[0].reasons
    assert reason.startswith("3.4-0123abcd → reader=") and count == 1


def test_another_rule_for_passages_cuts_them_again(
    warehouse: Warehouse, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("warehouse.passages.CUTTING_VERSION", "99")
    assert work(plan_reprocessing(warehouse, settings)) == {"cut passages": 2}
    finish(warehouse, settings)
    assert plan_reprocessing(warehouse, settings).is_empty


def test_another_model_embeds_and_compares_again_and_reads_nothing(warehouse: Warehouse, settings: Settings) -> None:
    """The vectors of the new model are missing, and the themes were given by those of the old one."""
    vectors = warehouse.counts()["embeddings"]
    with warehouse.transaction() as connection:
        connection.execute("UPDATE embeddings SET model_id = 'another model'")
        connection.execute("UPDATE themed SET themes_version = 'another'")
    plan = plan_reprocessing(warehouse, settings)
    assert plan.documents == () and not plan.is_empty
    embedding = plan.stages[2]
    assert embedding.stage.startswith("embed by hashing")
    assert embedding.reasons == (("a model that is new here", embedding.count),) and embedding.count > 0
    assert plan.stages[-1].reasons == (("the themes, the model or the way of scoring changed", 2),)
    finish(warehouse, settings)
    assert plan_reprocessing(warehouse, settings).is_empty
    assert warehouse.counts()["embeddings"] == 2 * vectors


def test_a_text_that_was_seen_is_not_embedded_again(warehouse: Warehouse, settings: Settings) -> None:
    """Statements that went to review and came back find their vectors."""
    vectors = warehouse.counts()["embeddings"]
    for changed in (settings.model_copy(update={"min_confidence": 0.99}), settings):
        for source in plan_reprocessing(warehouse, changed).documents:
            ingest_document(source, warehouse=warehouse, settings=changed)
        finish(warehouse, changed)
    assert warehouse.counts()["embeddings"] == vectors


def test_a_document_without_its_original_is_named(warehouse: Warehouse, settings: Settings) -> None:
    [(document_id, address)] = warehouse.query(
        "SELECT document_id, address FROM origins JOIN documents USING (document_id) WHERE language = 'nl'"
    )
    stored = find_original(settings.raw_dir, document_id)
    assert stored is not None
    stored.unlink()
    plan = plan_reprocessing(warehouse, settings.model_copy(update={"min_confidence": 0.99}))
    assert [source.name for source in plan.documents] == ["ferry.md"]
    assert plan.missing == (address,)
