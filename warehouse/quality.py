"""Figures of quality: how far each part of the knowledge base can be trusted, as it was measured.

The program brings the figures of its own measuring (`quality.json`, written by the commands that measure, never by
hand); they stand beside those that are measured where it runs. Any room that measures something makes `Figure`s and
saves them with `Warehouse.save_quality`, or has them shipped with `write_shipped`.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, get_args

import duckdb

from warehouse.entries import as_utc
from warehouse.rows import Row
from warehouse.saving import insert_rows

Area = Literal["extraction", "search", "themes"]
AREAS: Final[tuple[Area, ...]] = get_args(Area)
FigureOrigin = Literal["shipped", "own"]

SHIPPED: Final = Path(__file__).with_name("quality.json")
ALL: Final = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure.

    `value`, `low` and `high` are 0 to 1; the latter two are the ends of a 95 % interval, None where there are too few
    documents for one. `kind` and `language` are ``all`` where the figure is about all of them. `case_count` counts what
    was judged, `document_count` the documents (or, for a search, the questions) that are resampled for the interval.
    `measured_on` names the set, `measured_on_hash` its content. `meaning` says in one sentence what the value is.
    """

    area: Area
    measure: str
    value: float
    case_count: int
    document_count: int
    meaning: str
    measured_on: str
    measured_on_hash: str
    method: str
    version: str
    measured_at: datetime.datetime
    kind: str = ALL
    language: str = ALL
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        if self.area not in AREAS:
            raise ValueError(f"figure: area {self.area!r}; expected one of {', '.join(AREAS)}")
        ends = [end for end in (self.low, self.value, self.high) if end is not None]
        if not all(0 <= end <= 1 for end in ends):
            raise ValueError(f"figure {self.name}: found {ends}; expected values from 0 to 1")
        if (self.low is None) != (self.high is None):
            raise ValueError(f"figure {self.name}: found one end of an interval; expected both or none")
        if not self.measure or not self.measured_on:
            raise ValueError(f"figure {self.name}: found no measure or no set; expected a name for each")
        if self.measured_at.tzinfo is None:
            raise ValueError(
                f"figure {self.name}: measured_at has no zone; give one, such as datetime.now(datetime.UTC)"
            )

    @property
    def name(self) -> str:
        """Area, kind, language and measure, such as ``extraction/recommendation/nl/f1``."""
        return "/".join((self.area, self.kind, self.language, self.measure))


def read_shipped(path: Path = SHIPPED) -> tuple[Figure, ...]:
    """Return the figures that the program brings, in the order of their names; none when it brings none."""
    if not path.exists():
        return ()
    rows = json.loads(path.read_text("utf-8"))["figures"]
    return tuple(Figure(**{**row, "measured_at": datetime.datetime.fromisoformat(row["measured_at"])}) for row in rows)


def write_shipped(area: Area, figures: Sequence[Figure], *, path: Path = SHIPPED) -> None:
    """Write `figures` to the file that the program brings, in place of its earlier figures of `area`.

    Raises `ValueError` when a figure is of another area, or two have the same name and set.
    """
    _check(area, figures)
    kept = [figure for figure in read_shipped(path) if figure.area != area]
    rows = [_as_json(figure) for figure in sorted((*kept, *figures), key=_sort_key)]
    about = "Written by the commands that measure (make figures); do not edit."
    path.write_text(json.dumps({"about": about, "figures": rows}, ensure_ascii=False, indent=1) + "\n", "utf-8")


def save_figures(connection: duckdb.DuckDBPyConnection, figures: Sequence[Figure], *, origin: FigureOrigin) -> bool:
    """Save figures and return whether any row changed; works inside a transaction that its caller holds.

    Shipped figures replace all shipped ones. Own figures replace the own ones of the same area and set, and stand
    beside those of other sets.
    """
    rows = [_row(figure, origin) for figure in figures]
    if len({row["quality_id"] for row in rows}) < len(rows):
        raise ValueError("figures: found two of the same name and set; expected one of each")
    before = connection.execute("SELECT * FROM quality WHERE origin = ?", [origin]).fetchall()
    if origin == "shipped":
        connection.execute("DELETE FROM quality WHERE origin = 'shipped'")
    for area, measured_on in {(row["area"], row["measured_on"]) for row in rows if origin == "own"}:
        connection.execute(
            "DELETE FROM quality WHERE origin = 'own' AND area = ? AND measured_on = ?", [area, measured_on]
        )
    insert_rows(connection, "quality", rows)
    after = connection.execute("SELECT * FROM quality WHERE origin = ?", [origin]).fetchall()
    return sorted(before) != sorted(after)


def _check(area: Area, figures: Sequence[Figure]) -> None:
    foreign = {figure.area for figure in figures} - {area}
    if foreign:
        raise ValueError(f"figures of {area}: found some of {', '.join(sorted(foreign))}; write each area by itself")
    names = [(figure.name, figure.measured_on) for figure in figures]
    if len(set(names)) < len(names):
        raise ValueError(f"figures of {area}: found two of the same name and set; expected one of each")


def _row(figure: Figure, origin: FigureOrigin) -> Row:
    key = "\x1f".join((origin, figure.name, figure.measured_on))
    digest = hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:16]
    return {
        "quality_id": f"q{digest}",
        **dataclasses.asdict(figure),
        "measured_at": as_utc(figure.measured_at),
        "origin": origin,
    }


def _as_json(figure: Figure) -> dict[str, Any]:
    row = {
        name: round(value, 4) if isinstance(value, float) else value
        for name, value in dataclasses.asdict(figure).items()
    }
    return {**row, "measured_at": figure.measured_at.astimezone(datetime.UTC).isoformat(timespec="seconds")}


def _sort_key(figure: Figure) -> tuple[str, str]:
    return figure.name, figure.measured_on
