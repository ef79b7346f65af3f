"""Extraction: a `Document` becomes an `Extraction` with its report, sections, statements, responses and links."""

from __future__ import annotations

import datetime
import hashlib

from extractors.addressees import AddresseeFinder
from extractors.deadlines import find_deadline, find_deadline_cell
from extractors.finding import Finder, label_regex
from extractors.labelling import label_from_headings, split_trailing_label
from extractors.lexicon import Lexicon, lexicons_hash, load_lexicons
from extractors.linking import Placed, find_links
from extractors.merging import Cluster, merge_candidates
from extractors.metadata import find_report
from extractors.numbering import settle_items
from extractors.parties import load_gazetteer
from extractors.passages import read_passages
from extractors.records import (
    Deadline,
    Document,
    Extraction,
    Mention,
    Report,
    Statement,
    make_report_id,
    number_statement_ids,
)
from extractors.responding import find_responses
from extractors.sections import Outline, find_sections
from extractors.weighing import weigh_candidates

READER_VERSION = "3"
"""Raise when a reader gives another text, other blocks or other places for the same bytes."""

RULES_VERSION = "2"
"""Raise when the rules give other statements for the same document."""

FALLBACK_LANGUAGE = "en"
"""The lexicon for documents in a language that has none."""


def extraction_version() -> str:
    """Return a short text that changes when the readers, the rules or a lexicon change."""
    key = f"{READER_VERSION}/{RULES_VERSION}/{lexicons_hash()}"
    return f"{READER_VERSION}.{RULES_VERSION}-{hashlib.sha256(key.encode()).hexdigest()[:8]}"


def lexicon_for(language: str) -> Lexicon:
    """Return the lexicon of `language`, the English one when there is none."""
    lexicons = load_lexicons()
    return lexicons.get(language, lexicons[FALLBACK_LANGUAGE])


def extract_report(document: Document, *, report_id: str | None = None) -> Extraction:
    """Find everything in one document; deterministic, without network, clock or database.

    Args:
        document: as a reader gives it.
        report_id: the id of the report that this document is a version of; None founds a new one.

    Raises:
        InvalidLexicon: when a lexicon is malformed.
    """
    lexicon = lexicon_for(document.language)
    document = settle_items(document)
    outline = find_sections(document, lexicon)
    report = find_report(document, lexicon, report_id=report_id or make_report_id(document.document_id))
    passages = read_passages(document, outline, lexicon)
    candidates = Finder(document, outline, passages, lexicon, kind=report.kind, publisher=report.publisher).find()
    clusters = merge_candidates(document, outline, weigh_candidates(outline, candidates))
    statements = _make_statements(document, outline, clusters, lexicon, report)
    placed = [Placed(s, c.main) for s, c in zip(statements, clusters, strict=True)]
    return Extraction(
        document=document,
        report=report,
        sections=outline.sections,
        statements=statements,
        links=find_links(document, outline, placed, lexicon, label_regex(lexicon)),
        responses=find_responses(document, passages, lexicon) if report.kind == "response" else (),
    )


def _make_statements(
    document: Document, outline: Outline, clusters: list[Cluster], lexicon: Lexicon, report: Report
) -> tuple[Statement, ...]:
    addressees = AddresseeFinder(lexicon, load_gazetteer())
    published = _as_day(report.published_date)
    printed = label_regex(lexicon)
    trimmed = [split_trailing_label(document, c.main) for c in clusters]
    texts = [document.text[c.main.start : end] for c, (end, _) in zip(clusters, trimmed, strict=True)]
    statements = []
    ids = number_statement_ids(report.report_id, texts)
    for cluster, (end, trailing), text, statement_id in zip(clusters, trimmed, texts, ids, strict=True):
        main = cluster.main
        section = outline.sections[main.section] if main.section is not None else None
        calls = main.kind == "recommendation"
        statements.append(
            Statement(
                statement_id=statement_id,
                kind=main.kind,
                text=text,
                start=main.start,
                end=end,
                page=main.page,
                confidence=main.confidence,
                rule=main.rule,
                label=trailing or main.label or label_from_headings(outline, main, printed),
                section=section.title if section else None,
                section_role=section.role if section else "other",
                boxes=document.words.within(main.start, end),
                addressees=(
                    addressees.find(
                        text, lead_in=main.lead_in, heading=section.title if section else "", address=main.address
                    )
                    if calls
                    else ()
                ),
                deadline=_find_deadline(text, main.lead_in, lexicon, published) if calls else None,
                mentions=tuple(Mention(document.text[o.start : o.end], o.start, o.end, o.page) for o in cluster.others),
            )
        )
    return tuple(statements)


def _find_deadline(text: str, lead_in: str, lexicon: Lexicon, published: datetime.date | None) -> Deadline | None:
    """Return the deadline of a statement: the cell for it in a row of a table, else what the statement itself says."""
    in_row = find_deadline_cell(lead_in, lexicon, published=published) if "|" in lead_in else None
    return in_row or find_deadline(text, lexicon, published=published)


def _as_day(printed: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(printed) if printed and len(printed) == 10 else None
