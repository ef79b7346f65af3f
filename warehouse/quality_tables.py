"""The tables that tell how far to trust the rest: what was measured, and what a person may look at."""

from __future__ import annotations

from typing import Final

from warehouse.columns import FACTS, QUOTED, Column, Table

REVIEW: Final = Table(
    "review",
    "Passages that may be statements but are below the threshold: no part of the statements, kept so that a person can "
    "look at them. Each is quoted word for word.",
    (
        Column("review_id", "VARCHAR", "Id made from the report and the text, as that of a statement.", "id",
               is_required=True),
        Column("report_id", "VARCHAR", "The report that the passage belongs to.", "id", "reports.report_id",
               is_required=True, is_indexed=True),
        Column("kind", "VARCHAR", "What it may be: recommendation, conclusion, finding or lesson.", "code",
               is_required=True, is_indexed=True),
        Column("text", "VARCHAR", "The passage, quoted word for word.", "text", is_required=True),
        Column("label", "VARCHAR", "The number or name printed with it; empty if none.", "text"),
        Column("page", "INTEGER", "Page on which it begins, from 1; 1 for formats without pages.", "page",
               is_required=True),
        Column("section", "VARCHAR", "Title of the section it stands in, as printed.", "text"),
        Column("section_role", "VARCHAR", "What that section is for.", "code", is_required=True),
        Column("language", "VARCHAR", "ISO 639-1 code of the report's language; und if unknown.", "code",
               is_required=True, is_indexed=True),
        Column("confidence", "DOUBLE", "How likely it is such a statement by the model, or by its rule where no model "
               "judges, 0 to 1.", "score", is_required=True, is_indexed=True),
        Column("rule", "VARCHAR", "The rule that found it; sentence where only the model proposes it.", "code",
               is_required=True),
        Column("why", "VARCHAR", "below_setting: a statement but for the threshold that the operator set; rules_only: "
               "the rules alone would take it, the model does not; unsure: only the model gives it a chance, too small "
               "for its kind.", "code", is_required=True, is_indexed=True),
        Column("start_offset", "INTEGER", "First character in the document's text, from 0.", "offset",
               is_required=True),
        Column("end_offset", "INTEGER", "One past the last character in the document's text.", "offset",
               is_required=True),
        Column("boxes", "JSON", "Where it stands: one [page, x0, top, x1, bottom] per printed line, in points from the "
               "top left corner; [] for formats without pages.", "json", is_required=True),
        Column("document_id", "VARCHAR", "The document that the passage was read from.", "id", "documents.document_id",
               is_required=True, is_indexed=True),
        Column("section_id", "VARCHAR", "The innermost section it stands in.", "id", "sections.section_id",
               is_indexed=True),
        Column("position", "INTEGER", "Place in the order of the report, from 0.", "number", is_required=True),
    ),
    key=("review_id",),
    licence=QUOTED,
    order="confidence DESC, report_id, position",
)  # fmt: skip

QUALITY: Final = Table(
    "quality",
    "How far the knowledge base can be trusted, as measured: one row per figure. Those that come with the program were "
    "measured on public reports; the model had not seen these, but the rules were made with them in view, so expect a "
    "little less on others. Measure your own reports with rodedraad evaluate.",
    (
        Column("quality_id", "VARCHAR", "Id made from origin, area, measure, kind, language and set.", "id",
               is_required=True),
        Column("area", "VARCHAR", "What was measured: extraction, search or themes.", "code", is_required=True,
               is_indexed=True),
        Column("measure", "VARCHAR", "precision, recall, f1, mean_f1, exact, page, label, title … as meaning explains.",
               "code", is_required=True, is_indexed=True),
        Column("kind", "VARCHAR", "Kind of statement that it is about, mode of search, or theme; all for all of them.",
               "code", is_required=True),
        Column("language", "VARCHAR", "ISO 639-1 code of the reports that it is about; all for all of them; "
               "across for a search whose answers are in another language than the question.", "code",
               is_required=True),
        Column("value", "DOUBLE", "The figure, 0 to 1; 1 is perfect.", "score", is_required=True),
        Column("low", "DOUBLE", "Lower end of its 95 % interval; empty where there are too few documents for one.",
               "score"),
        Column("high", "DOUBLE", "Upper end of that interval.", "score"),
        Column("case_count", "INTEGER", "How many cases the figure rests on.", "count", is_required=True),
        Column("document_count", "INTEGER", "In how many documents (for search: questions) these are.", "count",
               is_required=True),
        Column("meaning", "VARCHAR", "What the figure says, in a sentence.", "text", is_required=True),
        Column("measured_on", "VARCHAR", "The set of documents or questions it was measured on.", "name",
               is_required=True),
        Column("measured_on_hash", "VARCHAR", "Hash of that set, to see whether two figures are about the same.",
               "hash", is_required=True),
        Column("method", "VARCHAR", "How it was measured.", "text", is_required=True),
        Column("version", "VARCHAR", "Version of what was measured.", "code", is_required=True),
        Column("measured_at", "TIMESTAMP", "When it was measured (UTC).", "clock", is_required=True),
        Column("origin", "VARCHAR", "shipped: came with the program; own: measured by the operator.", "code",
               is_required=True, is_indexed=True),
    ),
    key=("quality_id",),
    licence=FACTS,
    order="area, origin, kind, language, measure, measured_on",
)  # fmt: skip
