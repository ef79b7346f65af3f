"""Writes rows for spreadsheets, in which text from reports stays text.

A spreadsheet takes a cell of a CSV file for a formula when it begins with one of ``= + - @`` or a tab or line end
(OWASP, “CSV Injection”): such a cell gets an apostrophe in front. XLSX says of each cell that it is text, so nothing is
changed there.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import xlsxwriter

from warehouse.search_records import Row, SearchResult

XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

COLUMNS: Final = (
    "text", "kind", "label", "addressees", "parties", "deadline_text", "deadline_date", "report_title", "publisher",
    "published_date", "page", "section", "language", "score", "matched_by", "confidence", "statement_id", "report_id",
    "licence", "origin", "url",
)  # fmt: skip
"""The columns of an exported search, in order: those of statements_full, what the search said, and the page."""

# Before the sign there may be what nobody sees.
_FORMULA: Final = re.compile(r"[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_NUMBER: Final = re.compile(r"[+-]?\d+(\.\d+)?([eE][+-]?\d+)?", re.ASCII)
_LONGEST_CELL: Final = 32_767
_MOST_COLUMNS: Final = 16_384
_LARGEST_INTEGER: Final = 10**15
_WIDEST: Final = 60
_CUT: Final = " … (cut: a cell holds no more)"


def disarm(cell: str) -> str:
    """Return `cell` so that no spreadsheet takes it for a formula; numbers stay as they are."""
    return f"'{cell}" if _FORMULA.match(cell) and not _NUMBER.fullmatch(cell) else cell


def make_export_rows(rows: Iterable[Row], results: Mapping[str, SearchResult]) -> list[Row]:
    """Return `rows` of the view statements_full with what the search said of each."""
    return [
        {**row, "score": results[row["statement_id"]].score, "matched_by": results[row["statement_id"]].matched_by}
        for row in rows
    ]


def write_csv(rows: Iterable[Row], *, base: str) -> str:
    """Return the rows of a search as CSV (RFC 4180) with a header; `base` is the address of this server."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([disarm(_show(value)) for value in _cells(row, base)])
    return file.getvalue()


def write_workbook(rows: Iterable[Row], *, about: Mapping[str, str], base: str) -> bytes:
    """Return the rows of a search as an XLSX workbook; a second sheet says what was asked."""
    return write_table(COLUMNS, (_cells(row, base) for row in rows), about=about)


def write_table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, about: Mapping[str, str]) -> bytes:
    """Return an XLSX workbook with a header and `rows`, and a second sheet with what `about` says of them.

    Cells are text or numbers, never formulas or links. Text longer than a cell can hold is cut and says so.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with tempfile.TemporaryFile() as file:
        with xlsxwriter.Workbook(file, options) as workbook:
            head = workbook.add_format({"bold": True})
            sheet = workbook.add_worksheet("Rode Draad")
            sheet.freeze_panes(1, 0)
            for place, column in enumerate(columns[:_MOST_COLUMNS]):
                sheet.set_column(place, place, _WIDEST if column == "text" else max(12, min(len(column) + 2, _WIDEST)))
                sheet.write_string(0, place, _fit(column), head)
            for number, row in enumerate(rows, start=1):
                for place, value in enumerate(row[:_MOST_COLUMNS]):
                    if _is_number(value):
                        sheet.write_number(number, place, value)
                    elif value is not None:
                        sheet.write_string(number, place, _fit(_show(value)))
            notes = workbook.add_worksheet("About")
            notes.set_column(0, 0, 20)
            notes.set_column(1, 1, 100)
            for number, (name, value) in enumerate(about.items()):
                notes.write_string(number, 0, name, head)
                notes.write_string(number, 1, _fit(value))
        file.seek(0)
        return file.read()


def _cells(row: Row, base: str) -> list[Any]:
    shown = {**row, "url": f"{base}/kb/statements/{row['statement_id']}"}
    return [shown.get(column) for column in COLUMNS]


def _is_number(value: Any) -> bool:
    # A spreadsheet keeps 15 digits of a number.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _LARGEST_INTEGER


def _show(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return f"({len(value)} bytes)"
    return str(value)


def _fit(text: str) -> str:
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - len(_CUT)] + _CUT
