"""The columns of the published statements that search filters by, loaded once into arrays."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.stemming import fold_text

_NOT_A_WORD: Final = re.compile(r"[\W_]+")
_LONGEST_FILTER: Final = 200


@dataclass(frozen=True, slots=True, eq=False)
class CodedColumn:
    """A column with few distinct values: `codes` int32 of shape (n,), -1 where empty, into `values`."""

    codes: NDArray[np.int32]
    values: tuple[str, ...]

    @staticmethod
    def of(column: Sequence[str | None]) -> CodedColumn:
        """Code `column`; the values are in alphabetical order, so that equal columns get equal codes."""
        values = sorted({value for value in column if value is not None})
        code_of: dict[str | None, int] = {value: code for code, value in enumerate(values)}
        codes = np.fromiter((code_of.get(value, -1) for value in column), np.int32, len(column))
        return CodedColumn(codes, tuple(values))

    def mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows have one of the `wanted` values (case and accents aside); none for unknown ones."""
        keys = {_key(value) for value in wanted}
        chosen = [code for code, value in enumerate(self.values) if _key(value) in keys]
        return np.isin(self.codes, np.array(chosen, np.int32))

    def count(self, found: NDArray[np.bool_]) -> Counter[str]:
        """Return how many of the `found` rows have each value."""
        codes = self.codes[found]
        counts = np.bincount(codes[codes >= 0], minlength=len(self.values))
        return Counter({value: int(n) for value, n in zip(self.values, counts, strict=True) if n})


@dataclass(frozen=True, slots=True, eq=False)
class AddresseeColumn:
    """Who the statements are addressed to: `owners` (row of the statement) and `codes` into `names`, both (m,).

    `names` holds per distinct addressee the keys that it answers to: as printed, name and id of the party; `labels`
    how it is shown: by the name of the party where that is known.
    """

    owners: NDArray[np.int32]
    codes: NDArray[np.int32]
    names: tuple[tuple[str, ...], ...]
    labels: tuple[str, ...]

    def mask(self, wanted: Iterable[str], size: int) -> NDArray[np.bool_]:
        """Return which of `size` statements are addressed to one of the `wanted`.

        An addressee answers to whole words of its name: ``belastingdienst`` finds “de Belastingdienst”.
        """
        keys = [f" {key} " for value in wanted if (key := _key(value))]
        chosen = [code for code, names in enumerate(self.names) if any(k in name for k in keys for name in names)]
        found = np.zeros(size, np.bool_)
        found[self.owners[np.isin(self.codes, np.array(chosen, np.int32))]] = True
        return found

    def count(self, found: NDArray[np.bool_]) -> Counter[str]:
        """Return to how many of the `found` statements each addressee belongs, by its label."""
        label_codes = {label: code for code, label in enumerate(dict.fromkeys(self.labels))}
        of_entry = np.array([label_codes[label] for label in self.labels], np.int64)
        chosen = found[self.owners]
        # A statement that names one party in two ways counts once.
        pairs = np.unique(self.owners[chosen].astype(np.int64) * (len(label_codes) or 1) + of_entry[self.codes[chosen]])
        counts = np.bincount(pairs % (len(label_codes) or 1), minlength=len(label_codes))
        return Counter({label: int(counts[code]) for label, code in label_codes.items() if counts[code]})


@dataclass(frozen=True, slots=True, eq=False)
class StatementColumns:
    """What search needs to know of each of n statements, in the order of their rows in `kb.db`.

    `rowids` int64 ascending; `vector_rows` int32, -1 without a vector; `years` int32, 0 where unknown.
    """

    rowids: NDArray[np.int64]
    vector_rows: NDArray[np.int32]
    years: NDArray[np.int32]
    kind: CodedColumn
    language: CodedColumn
    publisher: CodedColumn
    addressee: AddresseeColumn
    row_of: Mapping[str, int] = field(repr=False)
    """The row (from 0) of each statement id."""

    def __len__(self) -> int:
        return len(self.rowids)

    def rows_of(self, rowids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the rows (from 0) that have these `rowids`, all of which must exist."""
        return np.searchsorted(self.rowids, rowids)

    def year_mask(self, wanted: Iterable[str]) -> NDArray[np.bool_]:
        """Return which rows are of one of the `wanted` years; what is not a year of four digits matches none."""
        years = [int(value) for value in wanted if re.fullmatch(r"\s*[0-9]{4}\s*", value, re.ASCII)]
        return np.isin(self.years, np.array([year for year in years if year], np.int32))

    def count_values(self, found: NDArray[np.bool_], *, limit: int) -> dict[str, tuple[tuple[str, int], ...]]:
        """Return per filter its commonest values among the `found` statements with their counts, at most `limit`."""
        years, counts = np.unique(self.years[found], return_counts=True)
        counted = {
            "kind": self.kind.count(found),
            "publisher": self.publisher.count(found),
            "year": Counter({str(year): int(n) for year, n in zip(years, counts, strict=True) if year}),
            "language": self.language.count(found),
            "addressee": self.addressee.count(found),
        }
        return {
            name: tuple(sorted(counter.items(), key=_by_count)[:limit]) for name, counter in counted.items() if counter
        }


def load_columns(connection: sqlite3.Connection) -> StatementColumns:
    """Read the columns of all statements from `connection`, a published `kb.db`."""
    rows = connection.execute(
        "SELECT s.rowid, s.statement_id, s.kind, s.language, r.publisher, s.published_year, s.vector_row "
        "FROM statements s JOIN reports r ON r.report_id = s.report_id ORDER BY s.rowid"
    ).fetchall()
    size = len(rows)
    row_of = {str(row[1]): i for i, row in enumerate(rows)}
    return StatementColumns(
        rowids=np.fromiter((row[0] for row in rows), np.int64, size),
        vector_rows=np.fromiter((-1 if row[6] is None else row[6] for row in rows), np.int32, size),
        years=np.fromiter((row[5] or 0 for row in rows), np.int32, size),
        kind=CodedColumn.of([row[2] for row in rows]),
        language=CodedColumn.of([row[3] or "und" for row in rows]),
        publisher=CodedColumn.of([row[4] for row in rows]),
        addressee=_load_addressees(connection, row_of),
        row_of=row_of,
    )


def _load_addressees(connection: sqlite3.Connection, row_of: Mapping[str, int]) -> AddresseeColumn:
    rows = connection.execute(
        "SELECT a.statement_id, a.text, a.party_id, p.name FROM addressees a "
        "LEFT JOIN parties p ON p.party_id = a.party_id"
    ).fetchall()
    rows = [row for row in rows if row[0] in row_of]
    code_of: dict[tuple[str | None, ...], int] = {}
    codes = np.fromiter((code_of.setdefault(tuple(row[1:]), len(code_of)) for row in rows), np.int32, len(rows))
    owners = np.fromiter((row_of[row[0]] for row in rows), np.int32, len(rows))
    names = tuple(tuple(f" {_key(name)} " for name in entry if name) for entry in code_of)
    labels = tuple(name or text or party_id or "" for text, party_id, name in code_of)
    return AddresseeColumn(owners, codes, names, labels)


def _by_count(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _key(value: str) -> str:
    return _NOT_A_WORD.sub(" ", fold_text(value[:_LONGEST_FILTER])).strip()
