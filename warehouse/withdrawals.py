"""Marks what a source no longer offers. Nothing is deleted, and the mark goes when the document is back."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import duckdb

from warehouse.entries import as_utc
from warehouse.saving import refresh_report

_GONE: Final = """
    SELECT f.url AS address
    FROM fetches f LEFT JOIN (
        SELECT url, max(fetched_at) AS last_at FROM fetches WHERE purpose = 'document' AND outcome <> 'failed'
        GROUP BY url
    ) AS good ON good.url = f.url
    WHERE f.purpose = 'document' AND f.outcome = 'failed' AND f.reason = 'gone'
      AND (good.last_at IS NULL OR f.fetched_at > good.last_at) AND f.url NOT IN (SELECT unnest($present::VARCHAR[]))
    GROUP BY f.url
    HAVING bool_or(f.status = 410) OR max(f.fetched_at) - min(f.fetched_at) >= INTERVAL 1 DAY
"""
# Another source that lists the same address keeps it. An origin that was never listed, one given by hand, stays.
_CHANGED: Final = f"""
    SELECT o.origin_id, o.report_id,
           CASE WHEN NOT l.is_listed THEN 'not_listed' WHEN g.address IS NOT NULL THEN 'gone' END AS reason
    FROM origins o
    JOIN (SELECT address, bool_or(is_listed) AS is_listed FROM listings GROUP BY address) AS l ON l.address = o.address
    LEFT JOIN ({_GONE}) AS g ON g.address = o.address
    WHERE o.source = $source AND reason IS DISTINCT FROM o.withdrawn_because
"""


@dataclass(frozen=True, slots=True)
class Withdrawals:
    """How many documents of a source are newly withdrawn, and how many are back."""

    withdrawn: int
    returned: int


def mark_withdrawn(
    connection: duckdb.DuckDBPyConnection, source_id: str, *, present: Collection[str], seen_at: datetime.datetime
) -> Withdrawals:
    """Mark the origins of a source as its listing and the fetches say; see `SourceBook.mark_withdrawn`."""
    changed = connection.execute(_CHANGED, {"source": source_id, "present": list(present)}).fetchall()
    for origin_id, _, reason in changed:
        connection.execute(
            "UPDATE origins SET withdrawn_because = ?, withdrawn_at = CASE WHEN ?::VARCHAR IS NULL THEN NULL "
            "ELSE coalesce(withdrawn_at, ?) END WHERE origin_id = ?",
            [reason, reason, as_utc(seen_at), origin_id],
        )
    for report_id in sorted({report_id for _, report_id, _ in changed}):
        refresh_report(connection, report_id)
    returned = sum(reason is None for *_, reason in changed)
    return Withdrawals(len(changed) - returned, returned)
