"""The judge: how likely it is that a candidate is a statement of its kind, from features of its words and its place.

A judge holds the model of wording and, for each kind of statement, several ensembles of boosted trees. Each ensemble was
trained without one part of the training documents. A document that was trained on is judged by the ensemble that has
not seen it, every other document by the mean of all: so no figure that the program prints is flattered by training.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.boosting import BoostedTrees, sigmoid, trees_from_arrays
from models.embedding import Embedder
from models.errors import ModelUnavailable
from models.wording import WordingModel, load_wording_model

WEIGHTS: Final[Path] = Path(__file__).parent / "weights"
WORDING_FILE: Final[Path] = WEIGHTS / "wording.safetensors"
TREES_FILE: Final[Path] = WEIGHTS / "statements.safetensors"


class Judge:
    """Judges candidates of a document by their features.

    `features` names the columns that the trees read. `folds` says which ensemble has not seen a training document, by
    the beginning of its sha256. `scale` per kind are the slope of the log-odds, the weight of the rules' own decision
    and the offset that turn both into a calibrated probability (Platt, 1999). `thresholds` per kind are the confidences
    at which precision and recall balance.
    """

    def __init__(
        self,
        wording: WordingModel,
        *,
        trees: Mapping[str, Sequence[BoostedTrees]],
        features: Sequence[str],
        folds: Mapping[str, int],
        scale: Mapping[str, tuple[float, float, float]],
        thresholds: Mapping[str, float],
    ) -> None:
        self.wording = wording
        self.thresholds = dict(thresholds)
        self.features = tuple(features)
        self._place = {name: i for i, name in enumerate(self.features)}
        self._trees = trees
        self._folds = folds
        self._scale = scale

    def judge(
        self, kind: str, rows: Sequence[Mapping[str, float]], found_by_rules: Sequence[bool], *, document_id: str
    ) -> NDArray[np.float64]:
        """Return how likely each row of features is a statement of `kind`: float64 of shape (n,), empty for no rows.

        Features that the trees do not know are left out; those that a row does not name are 0. `found_by_rules` says
        for each row whether the rules alone would take it.

        Raises:
            ModelUnavailable: when there are no trees for `kind`.
        """
        if kind not in self._trees:
            raise ModelUnavailable(f"judge: found no trees for {kind!r}; train them with python -m flows.training")
        if not rows:
            return np.zeros(0)
        matrix = np.zeros((len(rows), len(self.features)))
        for i, row in enumerate(rows):
            for name, value in row.items():
                column = self._place.get(name)
                if column is not None:
                    matrix[i, column] = value
        fold = self._folds.get(document_id[:16])
        chosen = self._trees[kind] if fold is None else [self._trees[kind][fold]]
        slope, weight, offset = self._scale[kind]
        log_odds = np.mean([trees.log_odds(matrix) for trees in chosen], axis=0)
        return sigmoid(log_odds * slope + weight * np.asarray(found_by_rules, np.float64) + offset)


def load_judge(embedder: Embedder, *, wording: Path = WORDING_FILE, trees: Path = TREES_FILE) -> Judge:
    """Read the judge that the repository brings; `embedder` must be multilingual-e5-small.

    Raises:
        ModelUnavailable: when a file is missing or damaged, or the embedder is another one.
    """
    from safetensors import SafetensorError, safe_open

    model = load_wording_model(wording, embedder)
    try:
        with safe_open(trees, framework="numpy") as file:
            about = json.loads(file.metadata()["judge"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a mapping
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{trees}: {error}; expected the weights that the repository brings") from error
    ensembles = {
        kind: [
            trees_from_arrays(
                {
                    name.removeprefix(f"{kind}.{fold}."): array
                    for name, array in arrays.items()
                    if name.startswith(f"{kind}.{fold}.")
                }
            )
            for fold in range(about["fold_count"])
        ]
        for kind in about["kinds"]
    }
    return Judge(
        model,
        trees=ensembles,
        features=about["features"],
        folds=about["folds"],
        scale={kind: (row[0], row[1], row[2]) for kind, row in about["scale"].items()},
        thresholds=about["thresholds"],
    )


def save_trees(
    path: Path,
    *,
    trees: Mapping[str, Sequence[BoostedTrees]],
    features: Sequence[str],
    folds: Mapping[str, int],
    scale: Mapping[str, tuple[float, float, float]],
    thresholds: Mapping[str, float],
    card: Mapping[str, object],
) -> None:
    """Write the ensembles of every kind to one safetensors file; `card` says how they were made."""
    from safetensors.numpy import save_file

    arrays: dict[str, NDArray[np.generic]] = {}
    for kind, ensembles in trees.items():
        for fold, ensemble in enumerate(ensembles):
            for name, array in ensemble.arrays().items():
                small = array.astype(np.float32) if array.dtype == np.float64 else array
                arrays[f"{kind}.{fold}.{name}"] = np.ascontiguousarray(small)
    about = {
        "kinds": list(trees),
        "fold_count": len(next(iter(trees.values()))),
        "features": list(features),
        "folds": dict(folds),
        "scale": dict(scale),
        "thresholds": dict(thresholds),
    }
    save_file(arrays, path, metadata={"judge": json.dumps(about), "card": json.dumps(card)})


def weights_hash() -> str:
    """Return 12 hexadecimal digits that change when the weights change; ``none`` where there are none."""
    digest = hashlib.sha256()
    for path in (WORDING_FILE, TREES_FILE):
        if not path.is_file():
            return "none"
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
