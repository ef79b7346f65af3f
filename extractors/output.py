"""The extraction of one document as JSON, in the form that the scorer documents."""

from __future__ import annotations

from typing import Any

from extractors.records import Extraction, Statement


def as_prediction(extraction: Extraction) -> dict[str, Any]:
    """Return an extraction as plain values: ``report``, ``statements``, ``review``, ``responses`` and ``links``."""
    report = extraction.report
    return {
        "document_id": extraction.document.document_id,
        "report": {
            "report_id": report.report_id,
            "title": report.title,
            "subtitle": report.subtitle,
            "publisher": report.publisher,
            "publication_date": report.published_date,
            "report_number": report.report_number,
            "kind": report.kind,
            "language": report.language,
            "cases": list(report.cases),
        },
        "statements": [_as_row(s) for s in extraction.statements],
        "review": [{**_as_row(s), "why": s.doubt} for s in extraction.review],
        "responses": [
            {"to": r.to, "stance": r.stance, "page": r.page, "text": " ".join(r.text.split())}
            for r in extraction.responses
        ],
        "links": _group_links(extraction),
    }


def _as_row(s: Statement) -> dict[str, Any]:
    return {
        "id": s.statement_id,
        "type": s.kind,
        "label": s.label,
        "page": s.page,
        "text": " ".join(s.text.split()),
        "section": s.section,
        "addressees": [a.text for a in s.addressees],
        "parties": [a.party_id for a in s.addressees if a.party_id],
        "deadline": (
            {"text": s.deadline.text, "date": s.deadline.date.isoformat() if s.deadline.date else None}
            if s.deadline
            else None
        ),
        "also": [{"page": m.page, "text": " ".join(m.text.split())} for m in s.mentions],
        "start": s.start,
        "end": s.end,
        "boxes": [
            {"page": b.page, "x0": b.box.x0, "top": b.box.top, "x1": b.box.x1, "bottom": b.box.bottom} for b in s.boxes
        ],
        "rule": s.rule,
        "confidence": s.confidence,
    }


def _group_links(extraction: Extraction) -> list[dict[str, Any]]:
    grouped: dict[str, list[str]] = {}
    for link in extraction.links:
        grouped.setdefault(link.recommendation_id, []).append(link.based_on_id)
    return [{"recommendation": key, "based_on": ids} for key, ids in grouped.items()]
