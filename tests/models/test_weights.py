"""Files of weights that are not what they should be are refused with what to do, not with a KeyError."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from models.embedding import Embedder
from models.errors import ModelUnavailable
from models.roles import load_role_model
from models.wording import load_wording_model

WEIGHTS = Path(__file__).parents[2] / "models" / "weights"


class _Embedder:
    """Says the length of its vectors, which is all that is asked while weights are loaded."""

    dimension = 384


EMBEDDER = cast(Embedder, _Embedder())
LOADERS: dict[str, Callable[[Path, Embedder], object]] = {
    "wording.safetensors": load_wording_model,
    "roles.safetensors": load_role_model,
}


def read_arrays(name: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Return the arrays and the metadata of a file of weights."""
    with safe_open(WEIGHTS / name, framework="numpy") as file:
        return {key: file.get_tensor(key) for key in file.keys()}, file.metadata()  # noqa: SIM118 - not a mapping


@pytest.mark.parametrize("name", sorted(LOADERS))
def test_the_weights_of_the_repository_are_taken(name: str) -> None:
    assert LOADERS[name](WEIGHTS / name, EMBEDDER)


@pytest.mark.parametrize("name", sorted(LOADERS))
@pytest.mark.parametrize("key", ["weights", "bias", "mean.en"])
@pytest.mark.parametrize("is_missing", [True, False])
def test_an_array_that_is_missing_or_cut_is_refused(tmp_path: Path, name: str, key: str, is_missing: bool) -> None:
    arrays, metadata = read_arrays(name)
    array = arrays.pop(key)
    if not is_missing:
        arrays[key] = np.ascontiguousarray(array[:-1])
    save_file(arrays, tmp_path / name, metadata=metadata)

    with pytest.raises(ModelUnavailable, match=r"expected the weights|arrays of shapes"):
        LOADERS[name](tmp_path / name, EMBEDDER)


def test_weights_for_other_labels_are_refused(tmp_path: Path) -> None:
    arrays, metadata = read_arrays("wording.safetensors")
    path = tmp_path / "wording.safetensors"
    save_file(arrays, path, metadata={**metadata, "labels": '["finding"]'})

    with pytest.raises(ModelUnavailable, match="train anew"):
        load_wording_model(path, EMBEDDER)
