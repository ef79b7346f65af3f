"""The judge: how likely it is that a candidate is a statement of its kind, from features of its words and its place.

A judge holds the model of wording and, for each kind of statement, several linear models, each trained without one part
of the training documents. A document that was trained on is judged by the model that has not seen it, every other one
by the mean of all: so no figure that the program prints is flattered by training. Linear models were chosen by
measurement: boosted trees learned the layouts of the training documents and did worse on others (`docs/extraction.md`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from models.embedding import Embedder
from models.errors import ModelUnavailable
from models.roles import RoleModel, load_role_model
from models.wording import WordingModel, load_wording_model

WEIGHTS: Final[Path] = Path(__file__).parent / "weights"
WORDING_FILE: Final[Path] = WEIGHTS / "wording.safetensors"
ROLES_FILE: Final[Path] = WEIGHTS / "roles.safetensors"
JUDGE_FILE: Final[Path] = WEIGHTS / "statements.safetensors"

Presentation = Literal["announced", "listed", "spoken"]
"""How the rules take a candidate: a label or lead-in announces it, its section lists it, or its own words say so."""

PRESENTATIONS: Final[tuple[Presentation, ...]] = ("announced", "listed", "spoken")


@dataclass(frozen=True, slots=True, eq=False)
class KindModel:
    """What is learned about one kind of statement.

    `weights` is float32 of shape (folds, features + 1): one linear model per fold, the offset last. `calibration` are
    the slope of the log-odds, the weight of the rules' own decision and the offset that turn both into a calibrated
    probability (Platt, 1999). `keep_from` holds the probabilities from which a candidate that the rules take is a
    statement, in the order of `PRESENTATIONS`; `add_from` is that for one which they do not take.
    """

    weights: NDArray[np.float32]
    calibration: tuple[float, float, float]
    keep_from: tuple[float, float, float]
    add_from: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Of one candidate: whether it is a statement, and with what calibrated confidence (0 to 1)."""

    is_statement: bool
    confidence: float


class Judge:
    """Judges candidates of a document by their features.

    `features` names the columns that the models read. `folds` says which model has not seen a training document, by the
    first 16 digits of its sha256.
    """

    def __init__(
        self,
        wording: WordingModel,
        roles: RoleModel,
        *,
        kinds: Mapping[str, KindModel],
        features: Sequence[str],
        folds: Mapping[str, int],
    ) -> None:
        self.wording = wording
        self.roles = roles
        self.features = tuple(features)
        self._place = {name: i for i, name in enumerate(self.features)}
        self._kinds = kinds
        self._folds = folds

    def judge(
        self,
        kind: str,
        rows: Sequence[Mapping[str, float]],
        presented: Sequence[Presentation | None],
        *,
        document_id: str,
    ) -> list[Judgement]:
        """Judge candidates of one kind, in the order given; an empty list for none.

        Args:
            kind: the kind of statement that they may be.
            rows: their features; those that the models do not know are left out, those not named are 0.
            presented: how the rules take each; None where they alone would not.
            document_id: sha256 of the document, to leave out a model that was trained on it.

        Raises:
            ModelUnavailable: when there is no model for `kind`.
        """
        if kind not in self._kinds:
            raise ModelUnavailable(f"judge: found no model for {kind!r}; train one with python -m flows.training")
        if not rows:
            return []
        model = self._kinds[kind]
        fold = self._folds.get(document_id[:16])
        weights = model.weights.mean(axis=0) if fold is None else model.weights[fold]
        log_odds = self.matrix(rows) @ weights[:-1] + weights[-1]
        by_rules = np.array([how is not None for how in presented], bool)
        slope, weight, offset = model.calibration
        confidence = sigmoid(log_odds * slope + weight * by_rules + offset)
        taken = sigmoid(log_odds) >= find_limits(presented, model.keep_from, model.add_from)
        return [Judgement(bool(t), float(c)) for t, c in zip(taken, confidence, strict=True)]

    def matrix(self, rows: Sequence[Mapping[str, float]]) -> NDArray[np.float32]:
        """Return rows of features as a float32 matrix of shape (n, features)."""
        matrix = np.zeros((len(rows), len(self.features)), np.float32)
        for i, row in enumerate(rows):
            for name, value in row.items():
                column = self._place.get(name)
                if column is not None:
                    matrix[i, column] = value
        return matrix


def find_limits(
    presented: Sequence[Presentation | None], keep_from: Sequence[float], add_from: float
) -> NDArray[np.float64]:
    """Return the probability that each candidate needs, float64 of shape (n,); empty for none."""
    limits = dict(zip(PRESENTATIONS, keep_from, strict=True))
    return np.array([add_from if how is None else limits[how] for how in presented], np.float64)


def sigmoid(log_odds: NDArray[Any]) -> NDArray[np.float64]:
    """Return the probability of each log-odds."""
    probability: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(np.asarray(log_odds, np.float64), -30, 30)))
    return probability


def load_judge(embedder: Embedder, *, folder: Path = WEIGHTS) -> Judge:
    """Read the judge that the repository brings; `embedder` must be multilingual-e5-small.

    Raises:
        ModelUnavailable: when a file is missing or damaged, or the embedder is another one.
    """
    from safetensors import SafetensorError, safe_open

    model = load_wording_model(folder / WORDING_FILE.name, embedder)
    roles = load_role_model(folder / ROLES_FILE.name, embedder)
    judge = folder / JUDGE_FILE.name
    try:
        with safe_open(judge, framework="numpy") as file:
            about = json.loads(file.metadata()["judge"])
            kinds = {
                kind: KindModel(
                    weights=file.get_tensor(kind),
                    calibration=(row["slope"], row["weight"], row["offset"]),
                    keep_from=tuple(row["keep_from"]),
                    add_from=row["add_from"],
                )
                for kind, row in about["kinds"].items()
            }
    except (OSError, SafetensorError, KeyError, TypeError) as error:
        raise ModelUnavailable(f"{judge}: {error}; expected the weights that the repository brings") from error
    return Judge(model, roles, kinds=kinds, features=about["features"], folds=about["folds"])


def save_judge(
    path: Path,
    *,
    kinds: Mapping[str, KindModel],
    features: Sequence[str],
    folds: Mapping[str, int],
    card: Mapping[str, object],
) -> None:
    """Write what is learned about every kind to one safetensors file; `card` says how it was made."""
    from safetensors.numpy import save_file

    about = {
        "features": list(features),
        "folds": dict(folds),
        "kinds": {
            kind: {
                "slope": model.calibration[0],
                "weight": model.calibration[1],
                "offset": model.calibration[2],
                "keep_from": list(model.keep_from),
                "add_from": model.add_from,
            }
            for kind, model in kinds.items()
        },
    }
    arrays = {kind: np.ascontiguousarray(model.weights, np.float32) for kind, model in kinds.items()}
    save_file(arrays, path, metadata={"judge": json.dumps(about), "card": json.dumps(card)})


def weights_hash() -> str:
    """Return 12 hexadecimal digits that change when the weights change; ``none`` where there are none."""
    digest = hashlib.sha256()
    for path in (WORDING_FILE, ROLES_FILE, JUDGE_FILE):
        if not path.is_file():
            return "none"
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
