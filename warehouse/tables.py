"""Every table of the warehouse and every column, described once.

The documentation (`docs/tables.md`), the SQLite schema of the site and Datasette's metadata are made from this; a test
holds it against the tables that the migrations create.
"""

from __future__ import annotations

from typing import Final

from warehouse.columns import FACTS, QUOTED, Column, Table
from warehouse.quality_tables import QUALITY, REVIEW
from warehouse.search_tables import PASSAGES
from warehouse.source_tables import FETCHES, LISTINGS, SOURCES
from warehouse.theme_tables import STATEMENT_THEMES, THEMED, THEMES

_QUOTED: Final = QUOTED
_FACTS: Final = FACTS


def _seen(what: str, *, is_indexed: bool = False) -> Column:
    return Column(
        "first_seen_at", "TIMESTAMP", f"When the program first saw {what} (UTC).", "clock", is_required=True,
        is_indexed=is_indexed,
    )  # fmt: skip


def _report_id(what: str) -> Column:
    description = f"The report that {what} belongs to."
    return Column(
        "report_id", "VARCHAR", description, "id", "reports.report_id", is_required=True, is_indexed=True
    )  # fmt: skip


def _document_id(what: str, *, is_published: bool = True) -> Column:
    return Column(
        "document_id", "VARCHAR", f"The document that {what} was read from.", "id", "documents.document_id",
        is_required=True, is_published=is_published, is_indexed=True,
    )  # fmt: skip


def _statement_id(what: str) -> Column:
    return Column(
        "statement_id", "VARCHAR", f"The statement that {what} belongs to.", "id", "statements.statement_id",
        is_required=True,
    )  # fmt: skip


def _place(what: str) -> tuple[Column, ...]:
    return (
        Column("page", "INTEGER", f"Page on which {what} begins, from 1; 1 for formats without pages.", "page",
               is_required=True),
        Column("start_offset", "INTEGER", f"First character of {what} in the document's text, from 0.", "offset",
               is_required=True),
        Column("end_offset", "INTEGER", f"One past the last character of {what} in the document's text.", "offset",
               is_required=True),
    )  # fmt: skip


_POSITION: Final = Column(
    "position", "INTEGER", "Place in the order of the report, from 0.", "number", is_required=True
)

STATEMENTS: Final = Table(
    "statements",
    "Findings, conclusions, recommendations and lessons, word for word as they stand in the reports. "
    "Each one is a quotation that can be checked on its page.",
    (
        Column("statement_id", "VARCHAR", "Id made from the report and the text; it survives a new extraction.", "id",
               is_required=True),
        _report_id("the statement"),
        Column("kind", "VARCHAR", "recommendation, conclusion, finding or lesson.", "code", is_required=True,
               is_indexed=True),
        Column("text", "VARCHAR", "The statement, quoted word for word.", "text", is_required=True),
        Column("label", "VARCHAR", "The number or name printed with it, such as “Aanbeveling 4”; empty if none.",
               "text"),
        Column("page", "INTEGER", "Page on which it begins, from 1; 1 for formats without pages.", "page",
               is_required=True),
        Column("section", "VARCHAR", "Title of the section it stands in, as printed.", "text"),
        Column("section_role", "VARCHAR", "What that section is for: summary, findings, conclusions, recommendations …",
               "code", is_required=True, is_indexed=True),
        Column("language", "VARCHAR", "ISO 639-1 code of the report's language; und if unknown.", "code",
               is_required=True, is_indexed=True),
        Column("confidence", "DOUBLE", "How sure the program is that this is such a statement, 0 to 1.", "score",
               is_required=True, is_indexed=True),
        Column("rule", "VARCHAR", "The rule that found it.", "code", is_required=True),
        Column("deadline_text", "VARCHAR", "By when it should be done, as printed; empty if not stated.", "text"),
        Column("deadline_date", "DATE", "That deadline as a date, where it is absolute or can be computed.", "date",
               is_indexed=True),
        Column("published_year", "INTEGER", "Year in which the report was published.", "year", is_indexed=True),
        Column("start_offset", "INTEGER", "First character in the document's text, from 0.", "offset",
               is_required=True),
        Column("end_offset", "INTEGER", "One past the last character in the document's text.", "offset",
               is_required=True),
        Column("boxes", "JSON", "Where it stands: one [page, x0, top, x1, bottom] per printed line, in points from the "
               "top left corner; [] for formats without pages.", "json", is_required=True),
        Column("document_id", "VARCHAR", "The document it was read from: the report's current version.", "id",
               "documents.document_id", is_required=True, is_indexed=True),
        Column("section_id", "VARCHAR", "The innermost section it stands in.", "id", "sections.section_id",
               is_indexed=True),
        Column("position", "INTEGER", "Place in the order of the report's statements, from 0.", "number",
               is_required=True),
        Column("text_hash", "VARCHAR", "Hash of the text; the key of its vector.", "hash", is_required=True,
               is_published=False),
        Column("vector_row", "INTEGER", "Row of its vector in vectors.npy, from 0; empty if it has none.", "number",
               is_stored=False),
        _seen("this statement", is_indexed=True),
    ),
    key=("statement_id",),
    licence=_QUOTED,
    order="published_year DESC NULLS LAST, report_id, position",
)  # fmt: skip

REPORTS: Final = Table(
    "reports",
    "Published reports, advice, evaluations, letters and responses: one row per report, whatever the number of "
    "versions and copies of its file.",
    (
        Column("report_id", "VARCHAR", "Id made from the first document of the report; it never changes.", "id",
               is_required=True),
        Column("title", "VARCHAR", "Title as printed.", "text"),
        Column("subtitle", "VARCHAR", "Subtitle as printed.", "text"),
        Column("publisher", "VARCHAR", "Who published it; by the report itself, else by its source.", "name",
               is_indexed=True),
        Column("printed_publisher", "VARCHAR", "Who published it by the report itself, before its source is asked.",
               "name", is_published=False),
        Column("published_date", "VARCHAR", "Publication date, as precise as printed: YYYY, YYYY-MM or YYYY-MM-DD.",
               "date", is_indexed=True),
        Column("published_year", "INTEGER", "Year of that date.", "year", is_indexed=True),
        Column("report_number", "VARCHAR", "Number that the publisher gave it, such as 2023/150.", "text"),
        Column("kind", "VARCHAR", "report, advice, evaluation, inquiry, response, letter, news or other.", "code",
               is_required=True, is_indexed=True),
        Column("language", "VARCHAR", "ISO 639-1 code of its language; und if unknown.", "code", is_required=True,
               is_indexed=True),
        Column("licence", "VARCHAR", "Licence under which its source offers it; empty when the source does not say.",
               "text"),
        Column("origin", "VARCHAR", "Where it came from: the address on the web, or the name of a local file.", "url"),
        Column("origin_id", "VARCHAR", "The origin that is cited: one on the web before a local file.", "id",
               "origins.origin_id", is_indexed=True),
        Column("document_id", "VARCHAR", "Its current version.", "id", "documents.document_id", is_required=True,
               is_indexed=True),
        Column("is_withdrawn", "BOOLEAN", "Whether nobody offers it any more: every origin of it is withdrawn. It is "
               "kept all the same; see origins.withdrawn_because.", "flag", is_required=True, is_indexed=True),
        Column("twin_of", "VARCHAR", "The text version of the same report, where this is a scan: title, number and "
               "publisher agree. Count only reports without a value here.", "id", "reports.report_id", is_indexed=True),
        _seen("this report"),
    ),
    key=("report_id",),
    licence=_FACTS,
    order="published_date DESC NULLS LAST, report_id",
)  # fmt: skip

DOCUMENTS: Final = Table(
    "documents",
    "The files that were read: one row per distinct content. A report whose file was replaced has several, of which "
    "one is current; statements come from that one.",
    (
        Column("document_id", "VARCHAR", "The sha256 of the file's bytes, 64 hexadecimal digits.", "id",
               is_required=True),
        _report_id("the document"),
        Column("is_current", "BOOLEAN", "Whether it is the version that the statements come from.", "flag",
               is_required=True, is_indexed=True),
        Column("superseded_by", "VARCHAR", "The version of the report that took its place; empty for the current one.",
               "id", "documents.document_id"),
        Column("media_type", "VARCHAR", "Media type, such as application/pdf.", "code", is_required=True),
        Column("language", "VARCHAR", "ISO 639-1 code of its language; und if unknown.", "code", is_required=True),
        Column("page_count", "INTEGER", "Number of pages; 0 for formats without pages.", "count", is_required=True),
        Column("character_count", "INTEGER", "Length of its text in characters.", "count", is_required=True),
        Column("is_scanned", "BOOLEAN", "Whether the text of any page came from optical character recognition.",
               "flag", is_required=True),
        Column("properties", "JSON", "What the file says of itself: title, author, creation_date …", "json",
               is_required=True),
        Column("bookmarks", "JSON", "The outline of the file: one [level, title, page] per entry.", "json",
               is_required=True),
        Column("text", "VARCHAR", "Its text; all offsets count in this.", "text", is_required=True,
               is_published=False),
        Column("extraction_version", "VARCHAR", "What it was read by, by stage: reader, rules, lexicons, judge and "
               "threshold.", "code", is_required=True),
        Column("extraction_hash", "VARCHAR", "Hash of all that was found in it, to see whether anything changed.",
               "hash", is_required=True, is_published=False),
        Column("passages_version", "VARCHAR", "Version of the rule by which its text was cut into passages; empty when "
               "it was not.", "code", is_published=False),
        _seen("this document"),
    ),
    key=("document_id",),
    licence=_FACTS,
)  # fmt: skip

ORIGINS: Final = Table(
    "origins",
    "Where documents come from: one row per address on the web or path on disk.",
    (
        Column("origin_id", "VARCHAR", "Id made from the address.", "id", is_required=True),
        Column("address", "VARCHAR", "The address or path as it was given.", "url", is_required=True,
               is_published=False),
        Column("url", "VARCHAR", "The address on the web; empty for a local file.", "url"),
        Column("file_name", "VARCHAR", "Last part of the address or path.", "name"),
        Column("source", "VARCHAR", "Name of the source that delivered it, as set by the operator.", "name"),
        Column("publisher", "VARCHAR", "Publisher that the source promises.", "name"),
        Column("licence", "VARCHAR", "Licence that the source states.", "text"),
        Column("document_id", "VARCHAR", "The document that was last found there.", "id", "documents.document_id",
               is_required=True, is_indexed=True),
        _report_id("that document"),
        Column("withdrawn_because", "VARCHAR", "Why it counts as withdrawn: not_listed (its source lists all that it "
               "has, and this no more) or gone (410, or 404 for a day or more); empty while it is there.", "code",
               is_indexed=True),
        Column("withdrawn_at", "TIMESTAMP", "When the program found that (UTC).", "clock"),
        _seen("this origin"),
        Column("document_seen_at", "TIMESTAMP", "When that document was first found there (UTC).", "clock",
               is_required=True),
    ),
    key=("origin_id",),
    licence=_FACTS,
)  # fmt: skip

SECTIONS: Final = Table(
    "sections",
    "The headings of each report's current version, with the text they stand over.",
    (
        Column("section_id", "VARCHAR", "Id made from the report and the headings.", "id", is_required=True),
        _report_id("the section"),
        _document_id("the section"),
        _POSITION,
        Column("title", "VARCHAR", "The heading as printed.", "text", is_required=True),
        Column("number", "VARCHAR", "Its printed number, such as 3.2; empty if none.", "text"),
        Column("level", "INTEGER", "1 for the highest heading.", "number", is_required=True),
        Column("role", "VARCHAR", "What it is for: summary, findings, conclusions, recommendations …", "code",
               is_required=True, is_indexed=True),
        Column("path", "JSON", "The headings above it, outermost first.", "json", is_required=True),
        *_place("the section"),
    ),
    key=("section_id",),
    licence=_QUOTED,
    order="report_id, position",
)  # fmt: skip

MENTIONS: Final = Table(
    "mentions",
    "The same statement elsewhere in its report, for example in the summary.",
    (
        _statement_id("the mention"),
        Column("position", "INTEGER", "Place in the order of its mentions, from 0.", "number", is_required=True),
        Column("text", "VARCHAR", "The mention, quoted word for word.", "text", is_required=True),
        *_place("the mention"),
    ),
    key=("statement_id", "position"),
    licence=_QUOTED,
)

PARTIES: Final = Table(
    "parties",
    "The bodies that recommendations are addressed to, as far as the gazetteer knows them.",
    (
        Column("party_id", "VARCHAR", "Id in the gazetteer; its first part is the country or organisation.", "id",
               is_required=True),
        Column("name", "VARCHAR", "Present name in the gazetteer.", "name", is_required=True),
        Column("kind", "VARCHAR", "ministry, agency, municipality, police, collective … as in the gazetteer.",
               "code"),
    ),
    key=("party_id",),
    licence=_FACTS,
)  # fmt: skip

ADDRESSEES: Final = Table(
    "addressees",
    "Who must act on a statement: one row per body that is named.",
    (
        _statement_id("the addressee"),
        Column("position", "INTEGER", "Place in the order of its addressees, from 0.", "number", is_required=True),
        Column("text", "VARCHAR", "The addressee as printed.", "text", is_required=True, is_indexed=True),
        Column("party_id", "VARCHAR", "The party it was recognised as; empty when the gazetteer does not know it.",
               "id", "parties.party_id", is_indexed=True),
    ),
    key=("statement_id", "position"),
    licence=_FACTS,
)  # fmt: skip

CASES: Final = Table(
    "cases",
    "The affairs, disasters and operations that a report names as its subject.",
    (
        _report_id("the name"),
        Column("position", "INTEGER", "Place in the order of the report, from 0.", "number", is_required=True),
        Column(
            "name",
            "VARCHAR",
            "The case as the report lists it, or the name of a known affair that it is about.",
            "name",
            is_required=True,
            is_indexed=True,
        ),
    ),
    key=("report_id", "position"),
    licence=_FACTS,
)

RESPONSES: Final = Table(
    "responses",
    "Reactions of the addressed bodies to recommendations, word for word.",
    (
        Column("response_id", "VARCHAR", "Id made from the report and the text.", "id", is_required=True),
        _report_id("the response"),
        _document_id("the response"),
        _POSITION,
        Column("answers", "VARCHAR", "What it answers: the label of a recommendation, or its quoted text.", "text",
               is_required=True),
        Column("statement_id", "VARCHAR", "That recommendation, where exactly one in the same report fits.", "id",
               "statements.statement_id", is_indexed=True),
        Column("stance", "VARCHAR", "accepted, partly, rejected, noted or unclear.", "code", is_required=True,
               is_indexed=True),
        Column("text", "VARCHAR", "The reaction, quoted word for word.", "text", is_required=True),
        *_place("the response"),
    ),
    key=("response_id",),
    licence=_QUOTED,
    order="report_id, position",
)  # fmt: skip

LINKS: Final = Table(
    "links",
    "Which recommendation rests on which finding or conclusion.",
    (
        Column("recommendation_id", "VARCHAR", "The recommendation.", "id", "statements.statement_id",
               is_required=True),
        Column("based_on_id", "VARCHAR", "The statement that it rests on.", "id", "statements.statement_id",
               is_required=True, is_indexed=True),
        Column("evidence", "VARCHAR", "explicit when the report says so, structural when its layout does.", "code",
               is_required=True),
    ),
    key=("recommendation_id", "based_on_id"),
    licence=_FACTS,
)  # fmt: skip

PAGES: Final = Table(
    "pages",
    "The text of each report's current version page by page, with the size of the pages. Formats without pages have "
    "one row with page 1.",
    (
        _document_id("the page"),
        Column("page", "INTEGER", "Page number, from 1.", "page", is_required=True),
        Column("width", "DOUBLE", "Width as shown, in points; 0 for formats without pages.", "points",
               is_required=True),
        Column("height", "DOUBLE", "Height as shown, in points; 0 for formats without pages.", "points",
               is_required=True),
        Column("is_scanned", "BOOLEAN", "Whether its text came from optical character recognition.", "flag",
               is_required=True),
        Column("start_offset", "INTEGER", "First character of the text on the page, from 0.", "offset",
               is_required=True),
        Column("end_offset", "INTEGER", "One past the last character on the page; equals start_offset when it holds "
               "no text.", "offset", is_required=True),
        Column("text", "VARCHAR", "The text on the page: the characters from start_offset up to end_offset.", "text",
               is_required=True, is_stored=False),
    ),
    key=("document_id", "page"),
    licence=_QUOTED,
)  # fmt: skip

EMBEDDINGS: Final = Table(
    "embeddings",
    "Vectors of texts: one row per text and model. A vector never changes once it is written.",
    (
        Column("text_hash", "VARCHAR", "Hash of the text.", "hash", is_required=True),
        Column(
            "model_id",
            "VARCHAR",
            "The embedding model and its settings; vectors of two models never meet.",
            "id",
            is_required=True,
        ),
        Column("dimension", "INTEGER", "Length of the vector.", "count", is_required=True),
        Column("vector", "BLOB", "The vector: little-endian float32 values of length 1.", "vector", is_required=True),
    ),
    key=("text_hash", "model_id"),
    licence=_FACTS,
    is_published=False,
)

PROBLEMS: Final = Table(
    "problems",
    "Documents that could not be fetched, read or taken in, and what to do about it. A row disappears when its origin "
    "succeeds later.",
    (
        Column("address", "VARCHAR", "The address or path as it was given.", "url", is_required=True,
               is_published=False),
        Column("subject", "VARCHAR", "The address on the web, or the name of the local file.", "url",
               is_required=True),
        Column("stage", "VARCHAR", "What failed: discover, fetch, read, extract, embed or publish.", "code",
               is_required=True, is_indexed=True),
        Column("reason", "VARCHAR", "A short stable code, such as encrypted or no_text.", "code", is_required=True,
               is_indexed=True),
        Column("message", "VARCHAR", "What was found, against what was expected.", "text", is_required=True),
        Column("what_to_do", "VARCHAR", "What a person can do about it.", "text", is_required=True),
        Column("document_id", "VARCHAR", "The sha256 of the file's bytes, where it could be fetched.", "id"),
        Column("first_seen_at", "TIMESTAMP", "When it first went wrong (UTC).", "clock", is_required=True),
        Column("last_seen_at", "TIMESTAMP", "When it last went wrong (UTC).", "clock", is_required=True),
    ),
    key=("address", "stage"),
    licence=_FACTS,
    order="first_seen_at DESC, address, stage",
)  # fmt: skip

BUILDS: Final = Table(
    "builds",
    "Runs of the program: one row per ingest.",
    (
        Column("build_id", "INTEGER", "Number of the run, from 1.", "id", is_required=True),
        Column("started_at", "TIMESTAMP", "When it began (UTC).", "clock", is_required=True, is_indexed=True),
        Column("finished_at", "TIMESTAMP", "When it ended (UTC); empty if it was cut off.", "clock"),
        Column("outcome", "VARCHAR", "running, succeeded, failed or interrupted.", "code", is_required=True),
        Column("document_count", "INTEGER", "Documents it looked at.", "count"),
        Column("new_document_count", "INTEGER", "Documents that it extracted.", "count"),
        Column("problem_count", "INTEGER", "Documents that failed in it.", "count"),
        Column("note", "VARCHAR", "What was asked for, or why it failed.", "text", is_published=False),
    ),
    key=("build_id",),
    licence=_FACTS,
    order="build_id DESC",
    is_journal=True,
)

TABLES: Final[tuple[Table, ...]] = (
    STATEMENTS, REPORTS, DOCUMENTS, ORIGINS, SECTIONS, MENTIONS, PARTIES, ADDRESSEES, CASES, RESPONSES, LINKS,
    THEMES, STATEMENT_THEMES, REVIEW, QUALITY, PAGES, PASSAGES, EMBEDDINGS, THEMED, PROBLEMS, BUILDS,
    SOURCES, LISTINGS, FETCHES,
)  # fmt: skip
"""In the order in which an analyst should meet them."""
