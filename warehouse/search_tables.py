"""The table that search looks through besides statements, described as those of `warehouse/tables.py`."""

from __future__ import annotations

from typing import Final

from warehouse.columns import QUOTED, Column, Table

PASSAGES: Final = Table(
    "passages",
    "The text of each report's current version in pieces of some hundred words, in order, none across two sections: "
    "what search looks through besides statements.",
    (
        Column("passage_id", "VARCHAR", "Id made from the document and the place of the passage.", "id",
               is_required=True),
        Column("report_id", "VARCHAR", "The report that the passage belongs to.", "id", "reports.report_id",
               is_required=True, is_indexed=True),
        Column("document_id", "VARCHAR", "The document that the passage was read from.", "id",
               "documents.document_id", is_required=True, is_indexed=True),
        Column("position", "INTEGER", "Place in the order of the report, from 0.", "number", is_required=True),
        Column("section", "VARCHAR", "Title of the section it stands in, as printed.", "text", is_stored=False),
        Column("page", "INTEGER", "Page on which it begins, from 1; 1 for formats without pages.", "page",
               is_required=True),
        Column("start_offset", "INTEGER", "First character of the passage in the document's text, from 0.", "offset",
               is_required=True),
        Column("end_offset", "INTEGER", "One past the last character of the passage in the document's text.", "offset",
               is_required=True),
        Column("text_hash", "VARCHAR", "Hash of the text; the key of its vector.", "hash", is_required=True,
               is_published=False),
        Column("text", "VARCHAR", "The passage, word for word.", "text", is_required=True, is_stored=False),
    ),
    key=("passage_id",),
    licence=QUOTED,
    order="report_id, position",
)  # fmt: skip
