"""Invented extractions for the tests of the warehouse: small, deterministic, and whole."""

from __future__ import annotations

import datetime
import hashlib
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractors.records import (
    Addressee,
    Block,
    Bookmark,
    Box,
    Deadline,
    Document,
    Extraction,
    Link,
    Mention,
    Page,
    PlacedBox,
    Report,
    Response,
    Section,
    Statement,
    make_document_id,
    make_report_id,
    number_statement_ids,
)
from warehouse.entries import Origin, Problem
from warehouse.store import Warehouse
from warehouse.vectors import Role

NOON = datetime.datetime(2024, 3, 1, 12, 0, tzinfo=datetime.UTC)
LATER = NOON + datetime.timedelta(days=30)
MODEL = "hashing-8"
ADDRESSED = Addressee("de gemeente Verzonnendam", "gemeenten", "Gemeenten", "municipality")

ADVICE = (
    "De gemeente Verzonnendam legt vóór 1 juni 2025 vast wie een belofte nakomt.",
    "Ministeries delen hun ervaringen met de Q-koorts via één kennisnetwerk.",
)
FINDING = "Uit het onderzoek in rapport 2023/150 blijkt dat beloften niet werden nagekomen."


ENGLISH = "The council should establish who keeps the promises made to victims."


def make_extraction(
    *sentences: str,
    name: str = "Beloofd is beloofd",
    report_id: str | None = None,
    publisher: str | None = "Verzonnen ombudsman",
    language: str = "nl",
    published_date: str | None = "2024-02",
    properties: dict[str, str] | None = None,
    with_review: bool = False,
) -> Extraction:
    """Return an extraction of a document that holds `sentences`: findings at even places from 0 on, advice at odd."""
    sentences = sentences or (FINDING, *ADVICE)
    heading = "Conclusies en aanbevelingen"
    parts = [name, heading, *sentences]
    text = "\n\n".join(parts)
    document_id = make_document_id(text.encode("utf-8", "replace"))
    report_id = report_id or make_report_id(document_id)
    starts = [sum(len(part) + 2 for part in parts[:i]) for i in range(len(parts))]
    blocks = tuple(
        Block("heading" if i < 2 else "paragraph", start, start + len(part), 1 + i // 3, level=int(i < 2))
        for i, (start, part) in enumerate(zip(starts, parts, strict=True))
    )
    ids = number_statement_ids(report_id, sentences)
    statements = tuple(
        Statement(
            statement_id,
            "recommendation" if i % 2 else "finding",
            sentence,
            start,
            start + len(sentence),
            page=1 + (i + 2) // 3,
            confidence=0.75,
            rule="test.numbered",
            label=f"Aanbeveling {i}" if i % 2 else None,
            section=heading,
            section_role="recommendations" if i % 2 else "findings",
            boxes=(PlacedBox(1, Box(56.7, 100.0, 300.25, 112.0)),),
            addressees=(ADDRESSED, Addressee("iedereen")) if i % 2 else (),
            deadline=Deadline("vóór 1 juni 2025", datetime.date(2025, 6, 1)) if "1 juni 2025" in sentence else None,
            mentions=(Mention(name, 0, len(name), 1),) if i == 0 else (),
        )
        for i, (statement_id, sentence, start) in enumerate(zip(ids, sentences, starts[2:], strict=True))
    )
    advice = [statement for statement in statements if statement.kind == "recommendation"]
    return Extraction(
        Document(
            document_id,
            "text/plain",
            language,
            text,
            tuple(Page(number, 595.0, 842.0) for number in range(1, 2 + (len(parts) - 1) // 3)),
            blocks,
            bookmarks=(Bookmark(1, heading, 1),),
            properties=properties or {"title": name},
        ),
        Report(report_id, name, None, publisher, published_date, "2024/7", "report", language, ("Verzonnendam",)),
        (
            Section(name, 1, "other", 0, len(text), 1),
            Section(heading, 2, "recommendations", starts[1], len(text), 1, path=(name,)),
        ),
        statements,
        responses=(Response(advice[0].label or "", "accepted", name, 0, len(name), 1),) if advice else (),
        review=(
            Statement(
                number_statement_ids(report_id, [heading])[0],
                "conclusion",
                heading,
                starts[1],
                starts[1] + len(heading),
                page=1,
                confidence=0.25,
                rule="sentence",
                doubt="unsure",
            ),
        )
        if with_review
        else (),
        links=tuple(Link(found.statement_id, ids[0], "structural") for found in advice),
    )


def embed_texts(texts: list[str], dimension: int = 8) -> NDArray[np.float32]:
    """Return unit rows, float32 of shape (len(texts), dimension), that depend on the texts only."""
    rows = np.zeros((len(texts), dimension), np.float32)
    for row, text in zip(rows, texts, strict=True):
        row[:] = np.frombuffer(hashlib.sha256(text.encode()).digest()[:dimension], np.uint8).astype(np.float32) - 127.5
        row /= np.linalg.norm(row)
    return rows


def fill(warehouse: Warehouse) -> None:
    """Three reports in two languages, one of them with a second copy, and a problem."""
    reports = (
        (make_extraction(), Origin("https://ombudsman.example/beloofd.pdf", licence="CC0-1.0")),
        (make_extraction(FINDING, ADVICE[0], name="Nog eens", published_date="2021"), Origin("/srv/reports/nog.pdf")),
        (make_extraction("A finding.", ENGLISH, name="Promises", language="en", published_date=None), Origin("/p.txt")),
    )
    for extraction, origin in reports:
        warehouse.save_extraction(extraction, origin=origin, version="1", seen_at=NOON)
    address = "/srv/reports/secret.pdf"
    warehouse.save_problem(Problem(address, "read", "encrypted", f"{address}: found a password", "remove it", NOON))
    warehouse.start_build(started_at=NOON, note="/srv/reports")


def embed(warehouse: Warehouse, *, leave_out: str | None = None, roles: Sequence[Role] = ("text",)) -> None:
    """Embed all texts in `roles` that have no vector yet, but for the text `leave_out`."""
    found = [row for row in warehouse.unembedded_texts(MODEL, roles) if row[1] != leave_out]
    warehouse.save_embeddings(MODEL, [row[0] for row in found], embed_texts([row[1] for row in found]))


def ask(site: Path, query: str, *parameters: object) -> list[tuple[Any, ...]]:
    """Return the rows of a query to the `kb.db` in a published folder."""
    with closing(sqlite3.connect(f"file:{site / 'kb.db'}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute(query, parameters).fetchall()
