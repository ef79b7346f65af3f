"""Invented sites to serve in tests, and a real, tiny encoder for them."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import numpy as np
from invented_extractions import make_extraction
from numpy.typing import NDArray
from published_sites import publish_extractions

MODEL_ID = "hashed-words"
DIMENSION = 48

NL = (
    "Het waterschap Verzonnendam houdt de dijk op hoogte.",
    "Doe alleen beloften aan gedupeerden die een instantie kan nakomen.",
    "De <script>alert('systemen')</script> van de dienst werken niet; =1+1 & {{ 7 * 7 }}.",
)
EN = (
    "The water board keeps every dike at its height.",
    "Write every letter in plain words.",
    "The water board keeps every quay at its height.",
)


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
