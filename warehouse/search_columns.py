"""The columns that search filters by, written at publication and mapped into arrays when a build is opened."""

from __future__ import annotations

import json
import re
import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_building import save_arrays
from warehouse.search_records import FILTERS, FacetValue
from warehouse.site_rows import has_themes
from warehouse.stemming import fold_text

_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_YEARS: Final = re.compile(r"\s*(?P<first>[0-9]{4})?\s*(?P<dash>[-–])?\s*(?P<last>[0-9]{4})?\s*", re.ASCII)
_LONGEST_FILTER: Final = 200

Counts = NDArray[np.int64]
"""The number of texts per value of a column."""
Name = tuple[str | None, str | None, str | None]
"""Id, name, and another name: as printed, or in English."""


@dataclass(frozen=True, slots=True, eq=False)
class FacetNames:
    """The values that a facet may show: what the filter takes for each, how to show it, and its place by that."""

    values: tuple[str, ...]
    labels: tuple[str, ...]
    places: NDArray[np.int64]

    @staticmethod
    def of(values: Sequence[str], labels: Sequence[str]) -> FacetNames:
        """Make them from the values and, in the same order, their labels."""
        places = np.empty(len(labels), np.int64)
        places[sorted(range(len(labels)), key=labels.__getitem__)] = np.arange(len(labels))
        return FacetNames(tuple(values), tuple(labels), places)

    def commonest(self, counts: Counts, limit: int) -> NDArray[np.int64]:
        """Return the codes of at most `limit` values that are counted most, those of equal count by their labels."""
        codes = np.flatnonzero(counts)
        # One number for both, so that of thousands of values only the best need be put in order.
        keys = counts[codes] * np.int64(len(counts)) - self.places[codes]
        if len(codes) > limit:
            best = np.argpartition(-keys, limit - 1)[:limit]
            codes, keys = codes[best], keys[best]
        found: NDArray[np.int64] = codes[np.argsort(-keys)]
        return found


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn:
    """A column with one value per statement: `codes` int32 of shape (n,), -1 where empty, into `values`.

    `keys` are the values without case, accents and signs.
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]
    keys: NDArray[np.str_]
    names: FacetNames

    @staticmethod
    def of(column: Sequence[str | None], labels: Mapping[str, str] | None = None) -> CodedColumn:
        """Code `column`; the values are in alphabetical order, so that equal columns get equal codes."""
        values = sorted({value for value in column if value is not None})
        code_of: dict[str | None, int] = {value: code for code, value in enumerate(values)}
        codes = np.fromiter((code_of.get(value, -1) for value in column), np.int32, len(column))
        return CodedColumn.with_names(codes, values, [(labels or {}).get(value, value) for value in values])

    @staticmethod
    def with_names(codes: NDArray[np.int32], values: Sequence[str], labels: Sequence[str]) -> CodedColumn:
        """Make the column from its codes, its values and how to show them."""
        keys = np.array([_key(value) for value in values], np.str_)
        return CodedColumn(codes, tuple(values), keys, FacetNames.of(values, labels))

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows have one of the `wanted` values (case and accents aside); none for unknown ones."""
        chosen = np.append(self.chosen(wanted), False)  # where the code is -1
        found: NDArray[np.bool_] = chosen[self.codes]
        return found

    def count(self, rows: NDArray[np.int64]) -> Counts:
        """Return how many of `rows` have each value."""
        return np.bincount(self.codes[rows] + 1, minlength=len(self.values) + 1)[1:]

    def chosen(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of the values are `wanted`."""
        return np.isin(self.keys, np.array([_key(value) for value in wanted], np.str_))


@dataclass(frozen=True, slots=True, eq=False)
class YearColumn:
    """The year of each statement's report: int16 of shape (n,), 0 where unknown."""

    years: NDArray[np.int16]

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows are of one of the `wanted` years or ranges; what is neither matches none."""
        found = np.zeros(len(self.years), np.bool_)
        for value in wanted:
            match = _YEARS.fullmatch(value)
            if match is None or not (match["first"] or match["last"]) or bool(match["last"]) > bool(match["dash"]):
                continue
            first = int(match["first"] or 1)
            last = int(match["last"] or (9999 if match["dash"] else first))
            found |= (self.years >= first) & (self.years <= last) & (self.years > 0)
        return found

    @property
    def names(self) -> FacetNames:
        """The years from 0 on; no text is counted for 0, which is unknown."""
        years = [f"{year:04}" for year in range(int(self.years.max(initial=0)) + 1)]
        return FacetNames(tuple(years), tuple(years), np.arange(len(years)))

    def count(self, rows: NDArray[np.int64]) -> Counts:
        """Return how many of `rows` are of each year, from year 0 on; none of that one."""
        counts = np.bincount(self.years[rows], minlength=int(self.years.max(initial=0)) + 1)
        counts[0] = 0
        return counts

    def chosen(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of the years are `wanted`, or within a range that is."""
        return YearColumn(np.arange(int(self.years.max(initial=0)) + 1, dtype=np.int16)).mask(wanted)


@dataclass(frozen=True, slots=True, eq=False)
class NamesColumn:
    """A column with any number of names per row: `owners` (rows, ascending) and `codes` into `names`, both (m,).

    `names` are (id, name, other name), each once; `is_counted` bool (m,) leaves out what a row has twice, by two
    ways to print it. `values` is per name what the filter takes for it: its id, else ``=`` and the name.
    """

    owners: NDArray[np.int32]
    codes: NDArray[np.int32]
    is_counted: NDArray[np.bool_]
    names: tuple[Name, ...]
    size: int
    values: tuple[str, ...]
    keys: tuple[str, ...]
    """Per name all that it answers to, between spaces."""
    facets: FacetNames
    """The distinct values, by which texts are counted: names with one id are one."""
    facet_of: NDArray[np.int32]
    """Per name its value among those."""
    counted: tuple[NDArray[np.int32], NDArray[np.int32]]
    """Owners and values, without what a row has twice."""

    @staticmethod
    def of(rows: Iterable[tuple[int, str | None, str | None, str | None]], size: int) -> NamesColumn:
        """Make the column of `size` rows from (row, id, name, other name), by row."""
        code_of: dict[Name, int] = {}
        owners, codes, is_counted = array("i"), array("i"), array("b")
        last, seen = -1, set[str]()
        for owner, *name in rows:
            if owner != last:
                last, seen = owner, set()
            entry = (name[0], name[1], name[2])
            value = _value_of(entry)
            owners.append(owner)
            codes.append(code_of.setdefault(entry, len(code_of)))
            is_counted.append(value not in seen)
            seen.add(value)
        return NamesColumn.with_keys(
            np.array(owners, np.int32), np.array(codes, np.int32), np.array(is_counted, np.bool_), tuple(code_of), size
        )

    @staticmethod
    def with_keys(
        owners: NDArray[np.int32],
        codes: NDArray[np.int32],
        is_counted: NDArray[np.bool_],
        names: tuple[Name, ...],
        size: int,
    ) -> NamesColumn:
        """Make the column from its arrays and its names."""
        values = tuple(_value_of(name) for name in names)
        labels: dict[str, str] = {}
        for value, (identity, name, printed) in zip(values, names, strict=True):
            labels.setdefault(value, name or printed or identity or "")
        code_of = {value: code for code, value in enumerate(labels)}
        facet_of = np.array([code_of[value] for value in values], np.int32)
        return NamesColumn(
            owners,
            codes,
            is_counted,
            names,
            size,
            values,
            tuple("|".join(f" {_key(part)} " for part in name if part) for name in names),
            FacetNames.of(tuple(labels), tuple(labels.values())),
            facet_of,
            (owners[is_counted], facet_of[codes[is_counted]]),
        )

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows have one of the `wanted` names.

        An id is taken as it is, ``=`` and a name too; other values are whole words of a name: ``belastingdienst`` finds
        “de Belastingdienst”.
        """
        chosen = np.zeros(len(self.names), np.bool_)
        for value in wanted:
            chosen |= self._answering(value)
        found = np.zeros(self.size, np.bool_)
        if len(self.owners):
            found[self.owners[chosen[self.codes]]] = True
        return found

    def count(self, rows: NDArray[np.int64]) -> Counts:
        """Return to how many of `rows` each of the `facets` belongs; once per row."""
        owners, codes = self.counted
        if len(rows) < self.size:
            is_found = np.zeros(self.size, np.bool_)
            is_found[rows] = True
            codes = codes[is_found[owners]]
        return np.bincount(codes, minlength=len(self.facets.values))

    def chosen(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which of the `facets` are `wanted`."""
        found = np.zeros(len(self.facets.values), np.bool_)
        for value in wanted:
            found[self.facet_of[self._answering(value)]] = True
        return found

    def _answering(self, value: str) -> NDArray[np.bool_]:
        exact = np.array([other == value for other in self.values], np.bool_)
        key = _key(value)
        if exact.any() or not key or value.startswith("="):
            return exact
        return np.array([f" {key} " in other for other in self.keys], np.bool_)


def _value_of(name: Name) -> str:
    identity, text, printed = name
    return identity or f"={text or printed or ''}"


Column = CodedColumn | YearColumn | NamesColumn


@dataclass(frozen=True, slots=True, eq=False)
class TextColumns:
    """What search needs to know of each of n texts, in the order of their rows in `kb.db`; row i has the rowid i + 1.

    `dates` int32 are the ranks of their reports' dates, the newest highest, 0 where unknown; `groups` int32: texts that
    say nearly the same share one. `columns` are those that can be filtered by, by the name of the filter.
    """

    dates: NDArray[np.int32]
    groups: NDArray[np.int32]
    columns: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.dates)

    def coded(self, name: str) -> CodedColumn:
        """Return a column that has one value per text."""
        column = self.columns[name]
        assert isinstance(column, CodedColumn)
        return column

    @property
    def years(self) -> NDArray[np.int16]:
        """The year of each text's report, 0 where unknown."""
        column = self.columns["year"]
        assert isinstance(column, YearColumn)
        return column.years

    def mask(self, filters: Mapping[str, Sequence[str]]) -> NDArray[np.bool_] | None:
        """Return which texts fit all `filters`, None where there are none; a filter that is no column fits nothing."""
        allowed: NDArray[np.bool_] | None = None
        for name, wanted in filters.items():
            if wanted:
                column = self.columns.get(name)
                found = column.mask(wanted) if column is not None else np.zeros(len(self), np.bool_)
                allowed = found if allowed is None else allowed & found
        return allowed

    def count_values(
        self, rows: NDArray[np.int64], filters: Mapping[str, Sequence[str]], *, limit: int
    ) -> dict[str, tuple[FacetValue, ...]]:
        """Return per filter its commonest values among `rows`, at most `limit` and what is chosen.

        `rows` are what was found before any filter. A value counts the texts that fit all other filters; filters
        without values are left out.
        """
        facets = {}
        masks = {name: mask for name in filters if (mask := self.mask({name: filters[name]})) is not None}
        everything = _fitting(rows, masks.values())
        for name in FILTERS:
            column = self.columns.get(name)
            if column is None:
                continue
            fitting = everything
            if name in masks:
                fitting = _fitting(rows, [mask for other, mask in masks.items() if other != name])
            names = column.facets if isinstance(column, NamesColumn) else column.names
            counts = column.count(fitting)
            shown = names.commonest(counts, limit)
            is_chosen = np.zeros(len(counts), np.bool_)
            if wanted := filters.get(name, ()):
                is_chosen = column.chosen(wanted)
                behind = is_chosen & (counts > 0)
                behind[shown] = False
                shown = np.append(shown, names.commonest(np.where(behind, counts, 0), len(counts)))
            values = [
                FacetValue(names.values[code], names.labels[code], int(counts[code]), bool(is_chosen[code]))
                for code in shown
            ]
            if values:
                facets[name] = tuple(values)
        return facets


def _fitting(rows: NDArray[np.int64], masks: Iterable[NDArray[np.bool_]]) -> NDArray[np.int64]:
    for mask in masks:
        rows = rows[mask[rows]]
    return rows


def write_columns(folder: Path, connection: sqlite3.Connection, table: str, groups: NDArray[np.int32] | None) -> None:
    """Write the columns of all rows of `table` (statements or passages) in `connection`, a `kb.db`, to `folder`.

    `groups` is per row what it is folded with, None for nothing.
    """
    is_statement = table == "statements"
    rows = connection.execute(
        f"SELECT {'t.kind, t.language' if is_statement else 'NULL, r.language'}, r.publisher, r.published_year, "
        f"t.report_id, r.published_date FROM {table} t JOIN reports r ON r.report_id = t.report_id ORDER BY t.rowid"
    ).fetchall()
    size = len(rows)
    dates = {date: rank for rank, date in enumerate(sorted({row[5] for row in rows if row[5]}), start=1)}
    arrays: dict[str, NDArray[Any]] = {
        "dates": np.fromiter((dates.get(row[5], 0) for row in rows), np.int32, size),
        "groups": np.arange(size, dtype=np.int32) if groups is None else groups,
        "year": np.fromiter((min(row[3] or 0, 9999) for row in rows), np.int16, size),
    }
    names: dict[str, Any] = {}
    titles = {row[0]: row[1] or row[0] for row in connection.execute("SELECT report_id, title FROM reports")}
    coded: dict[str, tuple[int, Mapping[str, str] | None]] = {
        "language": (1, None), "publisher": (2, None), "report": (4, titles)
    }  # fmt: skip
    if is_statement:
        coded["kind"] = (0, None)
    for name, (at, labels) in coded.items():
        column = CodedColumn.of([row[at] or ("und" if name == "language" else None) for row in rows], labels)
        arrays[name] = column.codes
        names[name] = {"values": column.values, "labels": column.names.labels}
    queries = {"case": _CASES.format(table=table)}
    if is_statement:
        queries |= {"addressee": _ADDRESSEES, **({"theme": _THEMES} if has_themes(connection) else {})}
    for name, query in queries.items():
        many = NamesColumn.of(connection.execute(query), size)
        arrays |= {f"{name}_owners": many.owners, f"{name}_codes": many.codes, f"{name}_counted": many.is_counted}
        names[name] = {"names": many.names}
    save_arrays(folder, arrays)
    (folder / "columns.json").write_text(json.dumps({"size": size, "names": names}, ensure_ascii=False), "utf-8")


def load_columns(folder: Path) -> TextColumns:
    """Map the columns in `folder`. Raises `OSError`, `KeyError` and `ValueError` when they are not whole."""
    about = json.loads((folder / "columns.json").read_text("utf-8"))
    columns: dict[str, Column] = {"year": YearColumn(np.load(folder / "year.npy"))}
    for name, parts in about["names"].items():
        if "values" in parts:
            codes = np.load(folder / f"{name}.npy")
            columns[name] = CodedColumn.with_names(codes, parts["values"], parts["labels"])
        else:
            columns[name] = NamesColumn.with_keys(
                np.load(folder / f"{name}_owners.npy"),
                np.load(folder / f"{name}_codes.npy"),
                np.load(folder / f"{name}_counted.npy"),
                tuple((identity, text, printed) for identity, text, printed in parts["names"]),
                int(about["size"]),
            )
    return TextColumns(np.load(folder / "dates.npy"), np.load(folder / "groups.npy"), columns)


_ADDRESSEES: Final = (
    "SELECT s.rowid - 1, a.party_id, p.name, a.text "
    "FROM addressees a JOIN statements s ON s.statement_id = a.statement_id "
    "LEFT JOIN parties p ON p.party_id = a.party_id ORDER BY s.rowid, a.position"
)
_CASES: Final = (
    "SELECT t.rowid - 1, NULL, c.name, NULL FROM {table} t JOIN cases c ON c.report_id = t.report_id "
    "ORDER BY t.rowid, c.position"
)
_THEMES: Final = (
    "SELECT s.rowid - 1, t.theme_id, n.name, n.name_en "
    "FROM statement_themes t JOIN themes n ON n.theme_id = t.theme_id "
    "JOIN statements s ON s.statement_id = t.statement_id ORDER BY s.rowid"
)


def _key(value: str) -> str:
    return _NOT_A_WORD.sub(" ", fold_text(value[:_LONGEST_FILTER])).strip()
