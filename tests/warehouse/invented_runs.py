"""Sources that tests make up, with runs that went well or not."""

from __future__ import annotations

import datetime
from typing import Any

from invented_extractions import NOON

from warehouse.entries import Problem
from warehouse.source_entries import ListedDocument, SourceDescription, SourceOutcome, SourceRun
from warehouse.store import Warehouse


def make_description(source_id: str = "bron", **changes: Any) -> SourceDescription:
    """A source that is asked every morning at five."""
    given = {
        "publisher": "Verzonnen rekenkamer", "licence": None, "language": "nl", "kind": "report", "adapter": "listing",
        "homepage": "https://example.org/", "schedule": "0 5 * * *", "time_zone": "Europe/Amsterdam",
        "expected_count": 1, "verified": None, **changes,
    }  # fmt: skip
    return SourceDescription(source_id, **given)


def keep_run(
    warehouse: Warehouse,
    description: SourceDescription,
    *,
    at: datetime.datetime = NOON,
    outcome: SourceOutcome = "succeeded",
    message: str | None = None,
    failed: int = 0,
) -> None:
    """Keep a run of a source that listed three documents; those that failed are problems."""
    source_id = description.source_id
    warehouse.sources.start_run(description, started_at=at)
    documents = [ListedDocument(f"https://example.org/{source_id}/{i}.pdf") for i in range(3)]
    if outcome == "succeeded":
        warehouse.sources.save_listing(source_id, documents, is_complete=True, seen_at=at)
        for document in documents[:failed]:
            warehouse.save_problem(
                Problem(document.address, "fetch", "gone", f"{document.address}: found 404", "Mend the source.", at)
            )
        run = SourceRun(outcome, message, 3, 3 - failed, 0, failed)
    else:
        run = SourceRun(outcome, message, 0, 0, 0, 0)
        warehouse.save_problem(
            Problem(f"source {source_id}", "discover", "too_few", str(message), "Mend the source.", at)
        )
    warehouse.sources.finish_run(source_id, run, finished_at=at + datetime.timedelta(minutes=2))
