"""The judge: what it reads, whom it asks, and what it refuses."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.embedding import HashingEmbedder
from models.errors import ModelUnavailable
from models.judging import (
    JUDGE_FILE,
    ROLES_FILE,
    WORDING_FILE,
    Judge,
    KindModel,
    find_limits,
    load_judge,
    save_judge,
    sigmoid,
)
from models.roles import RoleModel, load_role_model, save_role_model
from models.wording import LABELS, Wording, WordingModel, embed_wordings, load_wording_model, save_wording_model

D = 16


def make_wording(embedder: HashingEmbedder) -> WordingModel:
    draw = np.random.default_rng(0)
    d = embedder.dimension
    return WordingModel(
        embedder,
        weights=draw.normal(size=(3 * d, len(LABELS))).astype(np.float32),
        bias=np.zeros(len(LABELS), np.float32),
        alone=draw.normal(size=(d, len(LABELS))).astype(np.float32),
        alone_bias=np.zeros(len(LABELS), np.float32),
        means={"en": np.zeros((3, d), np.float32), "nl": np.full((3, d), 0.1, np.float32)},
    )


def make_roles(embedder: HashingEmbedder) -> RoleModel:
    weights = np.eye(embedder.dimension, 2, dtype=np.float32)
    means = {"en": np.zeros(embedder.dimension, np.float32)}
    return RoleModel(embedder, roles=("lessons", "other"), weights=weights, bias=np.zeros(2, np.float32), means=means)


def make_judge(*, folds: dict[str, int] | None = None) -> Judge:
    embedder = HashingEmbedder(D)
    # Fold 0 likes the feature "good", fold 1 dislikes it; the offset is last.
    weights = np.array([[4.0, 0.0], [-2.0, 0.0]], np.float32)
    kinds = {"recommendation": KindModel(weights, (1.0, 2.0, -1.0), keep_from=(0.4, 0.5, 0.6), add_from=0.8)}
    return Judge(make_wording(embedder), make_roles(embedder), kinds=kinds, features=("good",), folds=folds or {})


def test_no_candidates_give_no_judgements() -> None:
    """Nothing to judge is no mistake."""
    assert make_judge().judge("recommendation", [], [], document_id="f" * 64) == []


def test_a_document_that_was_trained_on_is_judged_by_the_model_that_has_not_seen_it() -> None:
    """The mean of all folds judges strangers; a known document gets its own fold."""
    judge = make_judge(folds={"a" * 16: 1})
    (stranger,) = judge.judge("recommendation", [{"good": 1.0}], [None], document_id="b" * 64)
    (known,) = judge.judge("recommendation", [{"good": 1.0}], [None], document_id="a" * 64)
    assert stranger.confidence == pytest.approx(float(sigmoid(np.array([1.0 - 1.0]))[0]))
    assert known.confidence == pytest.approx(float(sigmoid(np.array([-2.0 - 1.0]))[0]))


def test_what_the_rules_take_needs_less() -> None:
    """A candidate of the rules is kept from a lower probability, and is more certain."""
    by_rules, alone = make_judge().judge(
        "recommendation", [{"good": 1.0}, {"good": 1.0}], ["announced", None], document_id="b" * 64
    )
    assert by_rules.is_statement
    assert not alone.is_statement
    assert by_rules.confidence > alone.confidence


def test_the_limit_follows_how_a_candidate_is_presented() -> None:
    """What a label announces needs less than what only its own words say; nothing gives nothing."""
    assert list(find_limits(["spoken", None, "announced", "listed"], (0.1, 0.2, 0.3), 0.9)) == [0.3, 0.9, 0.1, 0.2]
    assert find_limits([], (0.1, 0.2, 0.3), 0.9).shape == (0,)


def test_unknown_features_are_left_out_and_missing_ones_are_zero() -> None:
    """A feature that a new reader adds does not break an old model."""
    first, second = make_judge().judge("recommendation", [{"new": 9.0}, {}], [None, None], document_id="b" * 64)
    assert first == second


def test_a_kind_without_a_model_is_refused() -> None:
    """The message says how to train one."""
    with pytest.raises(ModelUnavailable, match=r"flows\.training"):
        make_judge().judge("lesson", [{}], [None], document_id="b" * 64)


def test_wordings_are_probabilities_whatever_is_missing() -> None:
    """Rows sum to one, also without heading, lead-in or words, and in a language without means."""
    model = make_wording(HashingEmbedder(D))
    wordings = [Wording("Geef iedere aanvrager een contactpersoon.", "Aanbevelingen", "Wij vragen:"), Wording("")]
    for language in ("nl", "fr"):
        in_context, alone = model.read(wordings, language=language)
        assert in_context.shape == alone.shape == (2, len(LABELS))
        assert in_context.sum(axis=1) == pytest.approx(1.0)
        assert alone.sum(axis=1) == pytest.approx(1.0)
    none, _ = model.read([], language="nl")
    assert none.shape == (0, len(LABELS))


def test_equal_texts_are_embedded_once() -> None:
    """A heading over a hundred sentences costs one embedding."""

    class Counting(HashingEmbedder):
        seen = 0

        def encode_passages(self, texts):  # type: ignore[no-untyped-def]
            self.seen += len(texts)
            return super().encode_passages(texts)

    embedder = Counting(D)
    rows = embed_wordings(embedder, [Wording(f"Zin {n}.", "Conclusies") for n in range(10)])
    assert rows.shape == (10, 3, D)
    assert embedder.seen == 12  # ten sentences, one heading, one sign for what is not there


def test_models_for_other_vectors_are_refused() -> None:
    """Weights of one encoder say nothing about the vectors of another."""
    embedder = HashingEmbedder(D)
    with pytest.raises(ModelUnavailable, match="vectors of 16"):
        WordingModel(
            embedder,
            weights=np.zeros((9, 10), np.float32),
            bias=np.zeros(10, np.float32),
            alone=np.zeros((3, 10), np.float32),
            alone_bias=np.zeros(10, np.float32),
            means={},
        )
    with pytest.raises(ModelUnavailable, match="vectors of 16"):
        RoleModel(embedder, roles=("a",), weights=np.zeros((3, 1), np.float32), bias=np.zeros(1, np.float32), means={})


def test_what_is_saved_is_what_is_read(tmp_path: Path) -> None:
    """The weights go through files without pickles and come back equal."""
    embedder = HashingEmbedder(D)
    judge = make_judge(folds={"a" * 16: 1})
    model = make_wording(embedder)
    save_wording_model(
        tmp_path / WORDING_FILE.name,
        weights=model._weights,
        bias=model._bias,
        alone=model._alone,
        alone_bias=model._alone_bias,
        means=model._means,
        card={"sentences": 2},
    )
    save_role_model(
        tmp_path / ROLES_FILE.name,
        roles=("lessons", "other"),
        weights=np.eye(D, 2, dtype=np.float32),
        bias=np.zeros(2, np.float32),
        means={"en": np.zeros(D, np.float32)},
    )
    save_judge(
        tmp_path / JUDGE_FILE.name,
        kinds=judge._kinds,
        features=judge.features,
        folds={"a" * 16: 1},
        card={"documents": 1},
    )
    again = load_judge(embedder, folder=tmp_path)
    rows = [{"good": 0.3}, {"good": -1.0}]
    for document_id in ("a" * 64, "b" * 64):
        assert again.judge("recommendation", rows, ["announced", None], document_id=document_id) == judge.judge(
            "recommendation", rows, ["announced", None], document_id=document_id
        )
    wordings = [Wording("A text.", "A heading")]
    for left, right in zip(
        again.wording.read(wordings, language="en"), model.read(wordings, language="en"), strict=True
    ):
        assert np.array_equal(left, right)
    assert again.roles.read(["What we learned"], language="en") == judge.roles.read(["What we learned"], language="en")


@pytest.mark.parametrize("missing", [WORDING_FILE.name, ROLES_FILE.name, JUDGE_FILE.name])
def test_a_missing_or_damaged_file_says_which(tmp_path: Path, missing: str) -> None:
    """The message names the file and what was expected."""
    (tmp_path / missing).write_bytes(b"no weights")
    loaders = {WORDING_FILE.name: load_wording_model, ROLES_FILE.name: load_role_model}
    with pytest.raises(ModelUnavailable, match=r"expected the weights that the repository brings"):
        if missing in loaders:
            loaders[missing](tmp_path / missing, HashingEmbedder(D))
        else:
            load_judge(HashingEmbedder(D), folder=tmp_path)


def test_titles_are_read_alike_in_capitals() -> None:
    """A title set in capitals means what it means in small letters."""
    roles = make_roles(HashingEmbedder(D))
    assert roles.read(["WHAT WE LEARNED"], language="en") == roles.read(["What we learned"], language="en")
    assert roles.read([], language="en") == []
