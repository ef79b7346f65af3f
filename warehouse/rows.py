"""Turns an extraction into rows: one mapping of column to value per row, by table."""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol

import numpy as np

from extractors.records import (
    FURNITURE,
    Document,
    Extraction,
    Section,
    Statement,
    number_statement_ids,
)

Row = dict[str, Any]
RowsByTable = dict[str, list[Row]]

HASH_DIGITS: Final = 32


def make_text_hash(text: str) -> str:
    """Return the key of a text's vector: 32 hexadecimal digits of the sha256 of the text."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:HASH_DIGITS]


def rows_of(extraction: Extraction) -> RowsByTable:
    """Return the rows of all tables that come from `extraction`, without clocks and without what the origin says.

    Raises `ValueError` when two statements share an id, or a link names a statement that is not there: such an
    extraction is a mistake of the program, not of the document.
    """
    report, document = extraction.report, extraction.document
    _check(extraction)
    sections = _section_rows(extraction)
    rows: RowsByTable = {
        "documents": [_document_row(document, report.report_id)],
        "pages": _page_rows(document),
        "sections": sections,
        "statements": [],
        "mentions": [],
        "addressees": [],
        "parties": [],
        "cases": [{"report_id": report.report_id, "position": i, "name": name} for i, name in enumerate(report.cases)],
        "responses": _response_rows(extraction),
        "links": [dataclasses.asdict(link) for link in extraction.links],
        "review": [],
        "reports": [
            {
                "report_id": report.report_id,
                "title": report.title,
                "subtitle": report.subtitle,
                "publisher": report.publisher,
                "printed_publisher": report.publisher,
                "published_date": report.published_date,
                "published_year": year_of(report.published_date),
                "report_number": report.report_number,
                "kind": report.kind,
                "language": report.language,
                "document_id": document.document_id,
            }
        ],
    }
    innermost = _SectionFinder(extraction.sections, sections)
    rows["review"] = [_review_row(extraction, n, innermost) for n in range(len(extraction.review))]
    parties: dict[str, Row] = {}
    for position, statement in enumerate(extraction.statements):
        key = {"statement_id": statement.statement_id}
        rows["statements"].append(
            {
                **_statement_row(statement, position),
                "report_id": report.report_id,
                "document_id": document.document_id,
                "language": report.language,
                "published_year": year_of(report.published_date),
                "section_id": innermost.at(statement.start),
            }
        )
        for i, mention in enumerate(statement.mentions):
            rows["mentions"].append({**key, "position": i, "text": mention.text, **_place(mention)})
        for i, addressee in enumerate(statement.addressees):
            rows["addressees"].append({**key, "position": i, "text": addressee.text, "party_id": addressee.party_id})
            if addressee.party_id is not None:
                name = addressee.party_name or addressee.party_id
                parties[addressee.party_id] = {
                    "party_id": addressee.party_id,
                    "name": name,
                    "kind": addressee.party_kind,
                }
    rows["parties"] = [party for _, party in sorted(parties.items())]
    return {table: [_storable(row) for row in found] for table, found in rows.items()}


def hash_rows(rows: Mapping[str, Sequence[Row]]) -> str:
    """Return a hash over the content of `rows`, to see whether a new extraction found anything else."""
    content = json.dumps({table: rows[table] for table in sorted(rows)}, sort_keys=True, default=_as_text)
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:HASH_DIGITS]


def move_to_report(extraction: Extraction, report_id: str) -> Extraction:
    """Return `extraction` as one of the report `report_id`: its statements numbered anew, its links along with them."""
    if extraction.report.report_id == report_id:
        return extraction
    ids = number_statement_ids(report_id, [statement.text for statement in extraction.statements])
    renamed = {old.statement_id: new for old, new in zip(extraction.statements, ids, strict=True)}
    doubted = number_statement_ids(report_id, [statement.text for statement in extraction.review])
    return dataclasses.replace(
        extraction,
        report=dataclasses.replace(extraction.report, report_id=report_id),
        review=tuple(
            dataclasses.replace(statement, statement_id=new)
            for statement, new in zip(extraction.review, doubted, strict=True)
        ),
        statements=tuple(
            dataclasses.replace(statement, statement_id=renamed[statement.statement_id])
            for statement in extraction.statements
        ),
        links=tuple(
            dataclasses.replace(
                link,
                recommendation_id=renamed.get(link.recommendation_id, link.recommendation_id),
                based_on_id=renamed.get(link.based_on_id, link.based_on_id),
            )
            for link in extraction.links
        ),
    )


def year_of(published_date: str | None) -> int | None:
    """Return the year of a date printed as YYYY[-MM[-DD]], None where there is none."""
    year = (published_date or "")[:4]
    return int(year) if len(year) == 4 and year.isdecimal() else None


def _check(extraction: Extraction) -> None:
    subject = f"extraction of document {extraction.document.document_id[:12]}"
    known = {statement.statement_id for statement in extraction.statements}
    if len(known) != len(extraction.statements):
        raise ValueError(
            f"{subject}: found {len(extraction.statements)} statements with {len(known)} ids, against an id each; "
            "number them with number_statement_ids"
        )
    doubted = {candidate.statement_id for candidate in extraction.review}
    if len(doubted) != len(extraction.review) or not all(candidate.doubt for candidate in extraction.review):
        raise ValueError(
            f"{subject}: found candidates for review that share an id or have no doubt, against an id and a doubt each"
        )
    for link in extraction.links:
        if missing := {link.recommendation_id, link.based_on_id} - known:
            raise ValueError(f"{subject}: found a link to {', '.join(sorted(missing))}, against its own statements")


def _document_row(document: Document, report_id: str) -> Row:
    return {
        "document_id": document.document_id,
        "report_id": report_id,
        "media_type": document.media_type,
        "language": document.language,
        "page_count": len(document.pages),
        "character_count": len(document.text),
        "is_scanned": document.is_scanned,
        "properties": _json(dict(document.properties)),
        "bookmarks": _json([[mark.level, mark.title, mark.page] for mark in document.bookmarks]),
        "text": document.text,
    }


def _page_rows(document: Document) -> list[Row]:
    spans: dict[int, tuple[int, int]] = {}
    if len(document.words):
        words = document.words
        order = np.argsort(words.pages, kind="stable")
        numbers, firsts = np.unique(words.pages[order], return_index=True)
        for number, places in zip(numbers, np.split(order, firsts[1:]), strict=True):
            spans[int(number)] = (int(words.starts[places].min()), int(words.ends[places].max()))
    else:
        for block in document.blocks:
            if block.kind not in FURNITURE:
                start, end = spans.get(block.page, (block.start, block.end))
                spans[block.page] = (min(start, block.start), max(end, block.end))
    rows, before = [], 0
    for page in document.pages:
        start, end = spans.get(page.number, (before, before))
        rows.append(
            {
                "document_id": document.document_id,
                "page": page.number,
                "width": page.width,
                "height": page.height,
                "is_scanned": page.is_scanned,
                "start_offset": start,
                "end_offset": end,
            }
        )
        before = end
    return rows


def _section_rows(extraction: Extraction) -> list[Row]:
    report_id, seen, rows = extraction.report.report_id, defaultdict[str, int](int), []
    for position, section in enumerate(extraction.sections):
        key = "\x1f".join((report_id, *section.path, section.number or "", section.title))
        rows.append(
            {
                "section_id": _make_id("c", key, seen[key]),
                "report_id": report_id,
                "document_id": extraction.document.document_id,
                "position": position,
                "title": section.title,
                "number": section.number,
                "level": section.level,
                "role": section.role,
                "path": _json(list(section.path)),
                **_place(section),
            }
        )
        seen[key] += 1
    return rows


def _statement_row(statement: Statement, position: int) -> Row:
    boxes = [
        [placed.page, *(round(edge, 2) for edge in (placed.box.x0, placed.box.top, placed.box.x1, placed.box.bottom))]
        for placed in statement.boxes
    ]
    return {
        "statement_id": statement.statement_id,
        "kind": statement.kind,
        "text": statement.text,
        "label": statement.label,
        "section": statement.section,
        "section_role": statement.section_role,
        "confidence": statement.confidence,
        "rule": statement.rule,
        "deadline_text": statement.deadline.text if statement.deadline else None,
        "deadline_date": statement.deadline.date if statement.deadline else None,
        "boxes": _json(boxes),
        "position": position,
        "text_hash": make_text_hash(statement.text),
        **_place(statement),
    }


def _review_row(extraction: Extraction, position: int, innermost: _SectionFinder) -> Row:
    candidate = extraction.review[position]
    row = _statement_row(candidate, position)
    for left_out in ("deadline_text", "deadline_date", "text_hash"):
        del row[left_out]
    return {
        "review_id": row.pop("statement_id"),
        **row,
        "why": candidate.doubt,
        "report_id": extraction.report.report_id,
        "document_id": extraction.document.document_id,
        "language": extraction.report.language,
        "section_id": innermost.at(candidate.start),
    }


def _response_rows(extraction: Extraction) -> list[Row]:
    report_id, seen, rows = extraction.report.report_id, defaultdict[str, int](int), []
    answered = defaultdict[str, set[str]](set)
    for statement in extraction.statements:
        if statement.kind == "recommendation":
            for name in (statement.label, statement.text):
                if name:
                    answered[_folded(name)].add(statement.statement_id)
    for position, response in enumerate(extraction.responses):
        key = "\x1f".join((report_id, response.to, response.text))
        fitting = answered.get(_folded(response.to), set())
        rows.append(
            {
                "response_id": _make_id("a", key, seen[key]),
                "report_id": report_id,
                "document_id": extraction.document.document_id,
                "position": position,
                "answers": response.to,
                "statement_id": min(fitting) if len(fitting) == 1 else None,
                "stance": response.stance,
                "text": response.text,
                **_place(response),
            }
        )
        seen[key] += 1
    return rows


class _Placed(Protocol):
    @property
    def page(self) -> int: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


class _SectionFinder:
    """Finds the innermost section at an offset: the last one that begins before it and has not ended."""

    def __init__(self, sections: Sequence[Section], rows: Sequence[Row]) -> None:
        ranges = sorted(
            (section.start, -section.end, row["section_id"]) for section, row in zip(sections, rows, strict=True)
        )
        self._starts = [start for start, _, _ in ranges]
        self._ends = [-end for _, end, _ in ranges]
        self._ids = [section_id for _, _, section_id in ranges]

    def at(self, offset: int) -> str | None:
        for i in range(bisect_right(self._starts, offset) - 1, -1, -1):
            if offset < self._ends[i]:
                return str(self._ids[i])
        return None


def _place(found: _Placed) -> Row:
    return {"page": found.page, "start_offset": found.start, "end_offset": found.end}


def _make_id(letter: str, key: str, occurrence: int) -> str:
    content = f"{key}\x1f{occurrence}".encode("utf-8", "replace")
    return letter + hashlib.sha256(content).hexdigest()[:16]


def _folded(name: str) -> str:
    return " ".join(name.casefold().split()).rstrip(".: ")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _as_text(value: Any) -> str:
    if isinstance(value, datetime.date):
        return value.isoformat()
    raise TypeError(f"row: found a {type(value).__name__}, against text, numbers and dates")


def _storable(row: Row) -> Row:
    # Half a surrogate pair, as broken file properties have, cannot be stored; "?" keeps all offsets.
    for name, value in row.items():
        if isinstance(value, str) and not value.isascii():
            row[name] = value.encode("utf-8", "replace").decode("utf-8")
    return row
