"""Themes as data (`themes.toml`), and the statements that are about them.

Scores come from `models/theming.py` and from the vectors that are stored already, so that assigning is cheap. Only
statements that were not compared with the present themes and model are compared.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from models.theming import NO_THEME, SCORING_VERSION, ThemeModel
from warehouse.errors import InvalidThemes
from warehouse.places import StatementPlace
from warehouse.rows import make_text_hash
from warehouse.saving import insert_rows

THEMES_PATH: Final = Path(__file__).with_name("themes.toml")
COLLECTIONS: Final = ("recovery", "policy")
_EXAMPLES: Final = {"nl": "examples", "en": "examples_en"}
LANGUAGES: Final = tuple(_EXAMPLES)
FEWEST_EXAMPLES: Final = 4
"""Examples that a theme needs in each language."""
DEFAULT_THRESHOLD: Final = 0.5

_ID: Final = re.compile(r"[a-z][a-z0-9_]*")
_TEXTS: Final = ("name", "name_en", "description", "description_en")
_CHUNK: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """One theme: `examples` holds per language the invented sentences that it is known by."""

    theme_id: str
    collection: str
    name: str
    name_en: str
    description: str
    description_en: str
    examples: Mapping[str, tuple[str, ...]]
    threshold: float = DEFAULT_THRESHOLD


@dataclass(frozen=True, slots=True)
class ThemeSet:
    """The themes in their order, and per language the sentences that are about none of them."""

    themes: tuple[Theme, ...]
    neutral: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def examples(self) -> list[tuple[int, str, str]]:
        """(Place of the theme, or `NO_THEME`; language; sentence) of every example, in order."""
        owned = [(place, theme.examples) for place, theme in enumerate(self.themes)]
        return [
            (place, language, text)
            for place, examples in (*owned, (NO_THEME, self.neutral))
            for language, texts in examples.items()
            for text in texts
        ]


@dataclass(frozen=True, slots=True)
class ThemeBacklog:
    """What an assignment would compare: statements that were compared with other themes, and those never compared."""

    changed: int
    new: int


@dataclass(frozen=True, slots=True)
class ThemeCounts:
    """What an assignment did: statements compared, and themes given to them."""

    compared: int
    assigned: int


def read_themes(path: Path = THEMES_PATH) -> ThemeSet:
    """Return the themes of a TOML file in their order.

    Raises `InvalidThemes` when it is not what a file of themes is; the message names the theme and the key.
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidThemes(f"{path}: {error}; expected a TOML file with one [[theme]] per theme") from error
    entries = content.get("theme")
    if not isinstance(entries, list) or not entries or set(content) - {"theme", "neutral"}:
        raise InvalidThemes(f"{path}: found {sorted(content)}; expected one [[theme]] per theme, and [neutral]")
    themes = tuple(_read_theme(entry, f"{path}: theme {n}") for n, entry in enumerate(entries, start=1))
    ids = [theme.theme_id for theme in themes]
    if len(set(ids)) < len(ids):
        twice = sorted({name for name in ids if ids.count(name) > 1})
        raise InvalidThemes(f"{path}: found the id {', '.join(twice)} twice; expected an id of its own for each theme")
    neutral = content.get("neutral", {})
    if not isinstance(neutral, dict) or set(neutral) - set(_EXAMPLES.values()):
        raise InvalidThemes(f"{path}: [neutral]: found {neutral!r:.60}; expected {' and '.join(_EXAMPLES.values())}")
    return ThemeSet(themes, _read_examples(neutral, f"{path}: [neutral]", fewest=0))


def make_themes_version(wanted: ThemeSet, model_id: str) -> str:
    """Return a hash of all that decides which statement gets which theme, its vector apart."""
    thresholds = [(theme.theme_id, theme.threshold) for theme in wanted.themes]
    parts = [SCORING_VERSION, model_id, thresholds, wanted.examples]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()[:16]


def find_missing_examples(
    connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str
) -> list[tuple[str, str]]:
    """Return (hash, sentence) of the examples that have no vector of `model_id` yet, each once."""
    texts = {make_text_hash(text): text for _, _, text in wanted.examples}
    held = connection.execute(
        "SELECT text_hash FROM embeddings WHERE model_id = ? AND text_hash IN (SELECT unnest(?::VARCHAR[]))",
        [model_id, list(texts)],
    ).fetchall()
    for (text_hash,) in held:
        texts.pop(text_hash)
    return list(texts.items())


def is_up_to_date(connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str) -> bool:
    """Return whether `assign_themes` would change nothing."""
    if _held_themes(connection) != _theme_rows(wanted.themes):
        return False
    version = make_themes_version(wanted, model_id)
    row = connection.execute(
        "SELECT (SELECT count(*) FROM themed WHERE themes_version <> $version) + (SELECT count(*) FROM statements s "
        "JOIN embeddings e ON e.text_hash = s.text_hash AND e.model_id = $model_id WHERE NOT EXISTS "
        "(SELECT 1 FROM themed t WHERE t.statement_id = s.statement_id AND t.themes_version = $version))",
        {"version": version, "model_id": model_id},
    ).fetchone()
    return row == (0,)


def count_backlog(connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str) -> ThemeBacklog:
    """Return how many statements an assignment would compare; see `Warehouse.count_theme_backlog`."""
    row = connection.execute(
        "SELECT count(t.statement_id) FILTER (t.themes_version <> ?), count(*) FILTER (t.statement_id IS NULL) "
        "FROM statements s LEFT JOIN themed t USING (statement_id)",
        [make_themes_version(wanted, model_id)],
    ).fetchone()
    return ThemeBacklog(*row) if row else ThemeBacklog(0, 0)


def assign_themes(connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str) -> ThemeCounts:
    """Save the themes, and give them to the statements that were not compared with them; see `Warehouse.assign_themes`.

    Works inside a transaction that its caller holds. Raises `ValueError` when an example has no vector.
    """
    rows = _theme_rows(wanted.themes)
    version = make_themes_version(wanted, model_id)
    stale = connection.execute("SELECT count(*) FROM themed WHERE themes_version <> ?", [version]).fetchone()
    if stale != (0,):
        connection.execute("DELETE FROM statement_themes")
        connection.execute("DELETE FROM themed")
    if _held_themes(connection) != rows:
        connection.execute("DELETE FROM themes")
        insert_rows(connection, "themes", rows)
    waiting = [
        text_hash
        for (text_hash,) in connection.execute(
            "SELECT DISTINCT s.text_hash FROM statements s JOIN embeddings e ON e.text_hash = s.text_hash "
            "AND e.model_id = ? WHERE s.statement_id NOT IN (SELECT statement_id FROM themed) ORDER BY 1",
            [model_id],
        ).fetchall()
    ]
    if not waiting:
        return ThemeCounts(0, 0)
    model = _make_model(connection, wanted, model_id)
    counts = [
        _assign_chunk(connection, wanted.themes, model, model_id, version, waiting[start : start + _CHUNK])
        for start in range(0, len(waiting), _CHUNK)
    ]
    return ThemeCounts(sum(count.compared for count in counts), sum(count.assigned for count in counts))


def score_themes(
    connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str
) -> list[tuple[StatementPlace, NDArray[np.float32]]]:
    """Return every statement with a vector and its scores, float32 (t,); see `Warehouse.score_themes`."""
    found = connection.execute(
        "SELECT s.statement_id, s.document_id, s.language, s.start_offset, s.end_offset, e.vector FROM statements s "
        "JOIN embeddings e ON e.text_hash = s.text_hash AND e.model_id = ? ORDER BY s.statement_id",
        [model_id],
    ).fetchall()
    if not found:
        return []
    vectors = np.frombuffer(b"".join(row[5] for row in found), "<f4").reshape(len(found), -1).astype(np.float32)
    scores = _make_model(connection, wanted, model_id).score(vectors, [row[2] for row in found])
    return [(StatementPlace(*row[:5]), own) for row, own in zip(found, scores, strict=True)]


def _assign_chunk(
    connection: duckdb.DuckDBPyConnection,
    themes: Sequence[Theme],
    model: ThemeModel,
    model_id: str,
    version: str,
    hashes: Sequence[str],
) -> ThemeCounts:
    found = connection.execute(
        "SELECT s.statement_id, s.language, e.vector FROM statements s JOIN embeddings e "
        "ON e.text_hash = s.text_hash AND e.model_id = ? WHERE s.text_hash IN (SELECT unnest(?::VARCHAR[])) "
        "AND s.statement_id NOT IN (SELECT statement_id FROM themed) ORDER BY s.statement_id",
        [model_id, list(hashes)],
    ).fetchall()
    vectors = np.frombuffer(b"".join(row[2] for row in found), "<f4").reshape(len(found), -1).astype(np.float32)
    scores = model.score(vectors, [row[1] for row in found])
    thresholds = np.array([theme.threshold for theme in themes], np.float32)
    given = [
        {"statement_id": found[i][0], "theme_id": themes[place].theme_id, "score": round(float(scores[i, place]), 3)}
        for i, place in np.argwhere(scores >= thresholds)
    ]
    insert_rows(connection, "statement_themes", given)
    insert_rows(connection, "themed", [{"statement_id": row[0], "themes_version": version} for row in found])
    return ThemeCounts(len(found), len(given))


def _make_model(connection: duckdb.DuckDBPyConnection, wanted: ThemeSet, model_id: str) -> ThemeModel:
    examples = wanted.examples
    hashes = [make_text_hash(text) for _, _, text in examples]
    held: dict[str, bytes] = dict(
        connection.execute(
            "SELECT text_hash, vector FROM embeddings WHERE model_id = ? "
            "AND text_hash IN (SELECT unnest(?::VARCHAR[]))",
            [model_id, hashes],
        ).fetchall()
    )
    missing = len(set(hashes) - set(held))
    if missing:
        raise ValueError(f"examples of themes: found no vector of {model_id} for {missing}; embed them first")
    vectors = np.frombuffer(b"".join(held[text_hash] for text_hash in hashes), "<f4").reshape(len(hashes), -1)
    return ThemeModel(
        vectors.astype(np.float32), [place for place, _, _ in examples], [language for _, language, _ in examples]
    )


def _theme_rows(themes: Sequence[Theme]) -> list[dict[str, Any]]:
    return [
        {
            "theme_id": theme.theme_id,
            "position": position,
            "collection": theme.collection,
            "name": theme.name,
            "name_en": theme.name_en,
            "description": theme.description,
            "description_en": theme.description_en,
            "threshold": theme.threshold,
        }
        for position, theme in enumerate(themes)
    ]


def _held_themes(connection: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    found = connection.execute("SELECT * FROM themes ORDER BY position")
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _read_theme(entry: Any, subject: str) -> Theme:
    if not isinstance(entry, dict):
        raise InvalidThemes(f"{subject}: found {entry!r:.60}; expected a table [[theme]]")
    theme_id = entry.get("id")
    if not isinstance(theme_id, str) or not _ID.fullmatch(theme_id):
        raise InvalidThemes(f"{subject}: found the id {theme_id!r:.60}; expected small letters, digits and _")
    subject = f"{subject} ({theme_id})"
    known = {"id", "collection", "threshold", *_EXAMPLES.values(), *_TEXTS}
    if unknown := sorted(set(entry) - known):
        raise InvalidThemes(f"{subject}: found the key {', '.join(unknown)}; expected {', '.join(sorted(known))}")
    if entry.get("collection") not in COLLECTIONS:
        raise InvalidThemes(
            f"{subject}: found the collection {entry.get('collection')!r:.60}; expected one of {', '.join(COLLECTIONS)}"
        )
    for key in _TEXTS:
        if not isinstance(entry.get(key), str) or not entry[key].strip():
            raise InvalidThemes(f"{subject}: found no {key}; expected a text")
    examples = _read_examples(entry, subject, fewest=FEWEST_EXAMPLES)
    threshold = entry.get("threshold", DEFAULT_THRESHOLD)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)) or not 0 < threshold < 1:
        raise InvalidThemes(f"{subject}: found the threshold {threshold!r:.60}; expected a number between 0 and 1")
    return Theme(
        theme_id=theme_id,
        collection=entry["collection"],
        **{key: entry[key] for key in _TEXTS},
        examples=examples,
        threshold=float(threshold),
    )


def _read_examples(entry: Mapping[str, Any], subject: str, *, fewest: int) -> dict[str, tuple[str, ...]]:
    examples = {}
    for language, key in _EXAMPLES.items():
        texts = entry.get(key, [])
        if not isinstance(texts, list) or not all(isinstance(text, str) and text.strip() for text in texts):
            raise InvalidThemes(f"{subject}: found no list of sentences in {key}; write some")
        if len(texts) < fewest:
            raise InvalidThemes(f"{subject}: found {len(texts)} sentences in {key}; expected {fewest} or more")
        examples[language] = tuple(texts)
    return examples
