"""A site of two invented reports, served as it is in earnest."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from datasette.app import Datasette
from invented_extractions import make_extraction
from numpy.typing import NDArray
from published_sites import publish_extractions

from datasette_config.registry import get_service
from datasette_config.server import make_app

MODEL_ID = "hashed-words"
DIMENSION = 48

NL = (
    "Het waterschap Verzonnendam houdt de dijk op hoogte.",
    "Doe alleen beloften aan gedupeerden die een instantie kan nakomen.",
    "De <script>alert('systemen')</script> van de dienst werken niet; =1+1 & {{ 7 * 7 }}.",
)
EN = ("The water board keeps every dike at its height.", "Write every letter in plain words.")


class HashedWords:
    """A real, tiny encoder: every word adds to one place of the vector."""

    model_id = MODEL_ID

    def encode_queries(self, texts: list[str]) -> NDArray[np.float32]:
        """Return unit rows, float32 of shape (len(texts), 48)."""
        rows = np.zeros((len(texts), DIMENSION), np.float32)
        for row, text in zip(rows, texts, strict=True):
            row[0] = 0.5
            for word in re.findall(r"\w+", text.lower()):
                row[hashlib.sha256(word.encode("utf-8", "replace")).digest()[0] % DIMENSION] += 1
            row /= np.linalg.norm(row)
        return rows


def publish(home: Path, *extractions: Any, model_id: str = MODEL_ID) -> Path:
    """Publish invented reports (two of them unless some are given) and return the site folder."""
    reports = extractions or (
        make_extraction(*NL, name="Beloofd is <b>beloofd</b>"),
        make_extraction(*EN, name="Dikes", publisher="Invented Office", language="en", published_date="2019"),
    )
    return publish_extractions(home, reports, model_id=model_id, encode=HashedWords().encode_queries)


@pytest.fixture
def serve_site() -> Callable[..., Datasette]:
    """Return a function that serves a site folder in process; ask through ``.client``."""
    served: list[Datasette] = []

    def serve(site_dir: Path, *, load_encoder: Callable[[], Any] = HashedWords) -> Datasette:
        datasette, _ = make_app(site_dir, load_encoder=load_encoder)
        served.append(datasette)
        return datasette

    yield serve  # type: ignore[misc]
    for datasette in served:
        get_service(datasette).encoder.close()


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a published site that no test changes."""
    return publish(tmp_path_factory.mktemp("home"))


@pytest.fixture
def served(site_dir: Path, serve_site: Callable[..., Datasette]) -> Datasette:
    """Return the site of two reports, served."""
    return serve_site(site_dir)
