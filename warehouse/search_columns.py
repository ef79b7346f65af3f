"""The columns of the published statements that search filters by, loaded once into arrays."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_records import FILTERS, FacetValue
from warehouse.stemming import fold_text

_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_YEARS: Final = re.compile(r"\s*(?P<first>[0-9]{4})?\s*(?P<dash>[-–])?\s*(?P<last>[0-9]{4})?\s*", re.ASCII)
_LONGEST_FILTER: Final = 200

Counted = list[tuple[str, str, int]]
"""Value, label and number of statements."""


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn:
    """A column with one value per statement: `codes` int32 of shape (n,), -1 where empty, into `values`.

    `labels` are how the values are shown, where that differs.
    """

    codes: NDArray[np.int32]
    values: tuple[str, ...]
    labels: tuple[str, ...] = ()

    @staticmethod
    def of(column: Sequence[str | None], labels: Mapping[str, str] | None = None) -> CodedColumn:
        """Code `column`; the values are in alphabetical order, so that equal columns get equal codes."""
        values = sorted({value for value in column if value is not None})
        code_of: dict[str | None, int] = {value: code for code, value in enumerate(values)}
        codes = np.fromiter((code_of.get(value, -1) for value in column), np.int32, len(column))
        return CodedColumn(codes, tuple(values), tuple(labels.get(v, v) for v in values) if labels else tuple(values))

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows have one of the `wanted` values (case and accents aside); none for unknown ones."""
        keys = {_key(value) for value in wanted}
        chosen = np.array([_key(value) in keys for value in (*self.values, "")], np.bool_)
        chosen[-1] = False  # where the code is -1
        found: NDArray[np.bool_] = chosen[self.codes]
        return found

    def count(self, rows: NDArray[np.int64]) -> Counted:
        """Return how many of `rows` have each value, leaving out those that none has."""
        counts = np.bincount(self.codes[rows] + 1, minlength=len(self.values) + 1)[1:]
        return [(self.values[code], self.labels[code], int(counts[code])) for code in np.flatnonzero(counts)]

    def is_chosen(self, value: str, wanted: Iterable[str]) -> bool:
        """Return whether `value` is one of those `wanted`."""
        return _key(value) in {_key(other) for other in wanted}


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

    def count(self, rows: NDArray[np.int64]) -> Counted:
        """Return how many of `rows` are of each year."""
        counts = np.bincount(self.years[rows])
        return [(f"{year:04}", f"{year:04}", int(counts[year])) for year in np.flatnonzero(counts) if year]

    def is_chosen(self, value: str, wanted: Iterable[str]) -> bool:
        """Return whether the year `value` is one of those `wanted`, or within one of the ranges."""
        return bool(YearColumn(np.array([int(value)], np.int16)).mask(wanted)[0])


@dataclass(frozen=True, slots=True, eq=False)
class NamesColumn:
    """A column with any number of names per statement: `owners` (rows, ascending) and `codes` into the rest, both (m,).

    Per distinct name: `ids` (empty where it has none), `labels` (how it is shown) and `keys` (all that it answers to).
    """

    owners: NDArray[np.int32]
    codes: NDArray[np.int32]
    ids: tuple[str, ...]
    labels: tuple[str, ...]
    keys: tuple[tuple[str, ...], ...]
    size: int

    @staticmethod
    def of(rows: Iterable[tuple[int, str | None, str | None, str | None]], size: int) -> NamesColumn:
        """Make the column of `size` statements from (row of the statement, id, name, name as printed), by row."""
        code_of: dict[tuple[str | None, ...], int] = {}
        owners, codes = [], []
        for owner, *name in rows:
            owners.append(owner)
            codes.append(code_of.setdefault(tuple(name), len(code_of)))
        return NamesColumn(
            np.array(owners, np.int32),
            np.array(codes, np.int32),
            tuple(identity or "" for identity, _, _ in code_of),
            tuple(name or printed or identity or "" for identity, name, printed in code_of),
            tuple(tuple(f" {_key(part)} " for part in entry if part) for entry in code_of),
            size,
        )

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which statements have one of the `wanted` names.

        An id is taken as it is, ``=`` and a name too; other values are whole words of a name: ``belastingdienst`` finds
        “de Belastingdienst”.
        """
        chosen = np.zeros(len(self.labels), np.bool_)
        for value in wanted:
            chosen[[code for code in range(len(self.labels)) if self._answers(code, value)]] = True
        found = np.zeros(self.size, np.bool_)
        if len(self.owners):
            found[self.owners[chosen[self.codes]]] = True
        return found

    def count(self, rows: NDArray[np.int64]) -> Counted:
        """Return to how many of `rows` each name belongs; names with one id are one, and count once per statement."""
        if not len(self.owners):
            return []
        merged = {value: code for code, value in enumerate(dict.fromkeys(map(self._value, range(len(self.labels)))))}
        of_code = np.array([merged[self._value(code)] for code in range(len(self.labels))], np.int64)
        found = np.zeros(self.size, np.bool_)
        found[rows] = True
        chosen = found[self.owners]
        pairs = np.unique(self.owners[chosen].astype(np.int64) * len(merged) + of_code[self.codes[chosen]])
        counts = np.bincount(pairs % len(merged), minlength=len(merged))
        label_of = {self._value(code): label for code, label in reversed([*enumerate(self.labels)])}
        return [(value, label_of[value], int(counts[code])) for value, code in merged.items() if counts[code]]

    def is_chosen(self, value: str, wanted: Iterable[str]) -> bool:
        """Return whether `value`, as `count` gives it, is one of those `wanted`."""
        codes = [code for code in range(len(self.labels)) if self._value(code) == value]
        return any(self._answers(code, other) for code in codes for other in wanted)

    def _value(self, code: int) -> str:
        return self.ids[code] or f"={self.labels[code]}"

    def _answers(self, code: int, value: str) -> bool:
        if value and value in self.ids:
            return self.ids[code] == value
        if not (key := _key(value)):
            return False
        if value.startswith("="):
            return f" {key} " in self.keys[code] if self.ids[code] else _key(self.labels[code]) == key
        return any(f" {key} " in name for name in self.keys[code])


@dataclass(frozen=True, slots=True, eq=False)
class StatementColumns:
    """What search needs to know of each of n statements, in the order of their rows in `kb.db`.

    `rowids` int64 ascending; `vector_rows` int32, -1 without a vector; `dates` int32 ranks of the report's date, the
    newest highest, 0 where unknown; `groups` int32: statements that say nearly the same share one.
    """

    rowids: NDArray[np.int64]
    vector_rows: NDArray[np.int32]
    dates: NDArray[np.int32]
    groups: NDArray[np.int32]
    kind: CodedColumn
    language: CodedColumn
    publisher: CodedColumn
    report: CodedColumn
    year: YearColumn
    addressee: NamesColumn
    case: NamesColumn
    theme: NamesColumn
    row_of: Mapping[str, int] = field(repr=False)
    """The row (from 0) of each statement id."""

    def __len__(self) -> int:
        return len(self.rowids)

    def rows_of(self, rowids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows (from 0) that have these `rowids`, all of which must exist."""
        return np.searchsorted(self.rowids, rowids)

    def mask(self, filters: Mapping[str, Sequence[str]]) -> NDArray[np.bool_]:
        """Return which statements fit all `filters`."""
        allowed = np.ones(len(self), np.bool_)
        for name, wanted in filters.items():
            if wanted:
                allowed &= self._column(name).mask(wanted)
        return allowed

    def count_values(
        self, found: NDArray[np.bool_], filters: Mapping[str, Sequence[str]], *, limit: int
    ) -> dict[str, tuple[FacetValue, ...]]:
        """Return per filter its commonest values among the `found` statements, at most `limit` and what is chosen.

        `found` is before any filter. A value counts the statements that fit all other filters; filters without values
        are left out.
        """
        facets = {}
        masks = {name: self._column(name).mask(wanted) for name, wanted in filters.items() if wanted}
        for name in FILTERS:
            column = self._column(name)
            fitting = found.copy()
            for other, mask in masks.items():
                if other != name:
                    fitting &= mask
            counted = sorted(column.count(np.flatnonzero(fitting)), key=_by_count)
            wanted = filters.get(name, ())
            values = [
                FacetValue(value, label, count, bool(wanted) and column.is_chosen(value, wanted))
                for value, label, count in (counted if wanted else counted[:limit])
            ]
            values = [value for i, value in enumerate(values) if i < limit or value.is_chosen]
            if values:
                facets[name] = tuple(values)
        return facets

    def _column(self, name: str) -> CodedColumn | YearColumn | NamesColumn:
        column: CodedColumn | YearColumn | NamesColumn = getattr(self, name)
        return column


def load_columns(connection: sqlite3.Connection) -> StatementColumns:
    """Read the columns of all statements from `connection`, a published `kb.db`."""
    rows = connection.execute(
        "SELECT s.rowid, s.statement_id, s.kind, s.language, r.publisher, s.published_year, s.vector_row, "
        "s.report_id, r.published_date, s.text "
        "FROM statements s JOIN reports r ON r.report_id = s.report_id ORDER BY s.rowid"
    ).fetchall()
    size = len(rows)
    row_of = {str(row[1]): i for i, row in enumerate(rows)}
    titles = {row[0]: row[1] or row[0] for row in connection.execute("SELECT report_id, title FROM reports")}
    date_of = {date: rank for rank, date in enumerate(sorted({row[8] for row in rows if row[8]}), start=1)}
    group_of: dict[str, int] = {}
    return StatementColumns(
        rowids=np.fromiter((row[0] for row in rows), np.int64, size),
        vector_rows=np.fromiter((-1 if row[6] is None else row[6] for row in rows), np.int32, size),
        dates=np.fromiter((date_of.get(row[8], 0) for row in rows), np.int32, size),
        groups=np.fromiter((group_of.setdefault(_key(row[9], None), len(group_of)) for row in rows), np.int32, size),
        kind=CodedColumn.of([row[2] for row in rows]),
        language=CodedColumn.of([row[3] or "und" for row in rows]),
        publisher=CodedColumn.of([row[4] for row in rows]),
        report=CodedColumn.of([row[7] for row in rows], titles),
        year=YearColumn(np.fromiter((min(row[5] or 0, 9999) for row in rows), np.int16, size)),
        addressee=NamesColumn.of(
            _named(
                connection,
                row_of,
                "SELECT a.statement_id, a.party_id, p.name, a.text FROM addressees a "
                "LEFT JOIN parties p ON p.party_id = a.party_id",
            ),
            size,
        ),
        case=NamesColumn.of(
            _named(
                connection,
                row_of,
                "SELECT s.statement_id, NULL, c.name, NULL FROM cases c JOIN statements s ON s.report_id = c.report_id",
            ),
            size,
        ),
        theme=NamesColumn.of(_named(connection, row_of, _THEMES) if _has_themes(connection) else (), size),
        row_of=row_of,
    )


_THEMES: Final = (
    "SELECT t.statement_id, t.theme_id, n.name, NULL FROM statement_themes t JOIN themes n ON n.theme_id = t.theme_id"
)


def _has_themes(connection: sqlite3.Connection) -> bool:
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('themes', 'statement_themes')"
    return bool(connection.execute(query).fetchone()[0] == 2)


def _named(
    connection: sqlite3.Connection, row_of: Mapping[str, int], query: str
) -> list[tuple[int, str | None, str | None, str | None]]:
    rows = [(row_of[row[0]], row[1], row[2], row[3]) for row in connection.execute(query) if row[0] in row_of]
    return sorted(rows, key=_owner)


def _owner(row: tuple[int, str | None, str | None, str | None]) -> int:
    return row[0]


def _by_count(counted: tuple[str, str, int]) -> tuple[int, str]:
    return -counted[2], counted[1]


def _key(value: str, longest: int | None = _LONGEST_FILTER) -> str:
    return _NOT_A_WORD.sub(" ", fold_text(value[:longest])).strip()
