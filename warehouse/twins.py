"""Recognises a scan and its text version as the same report, and prefers the text.

They are two reports, for they were found as two documents with other words in them, and both can be checked. The scan
names the text version (`reports.twin_of`) when title, number and publisher agree, case, accents and punctuation aside.
A scan is a document of which half of the pages or more were recognised. Among several text versions the longest is
taken. A report without a number has no twin: too many reports are called "Annual report".
"""

from __future__ import annotations

from typing import Final

import duckdb


def _plain(column: str) -> str:
    return f"nullif(trim(regexp_replace(lower(strip_accents({column})), '[^\\p{{L}}\\p{{N}}]+', ' ', 'g')), '')"


_SCANNED_SHARE: Final = 0.5
_FIND: Final = f"""
    WITH described AS (
        SELECT r.report_id, d.character_count, {_plain("r.title")} AS title, {_plain("r.report_number")} AS number,
               {_plain("r.publisher")} AS publisher,
               coalesce(p.share, d.is_scanned::INTEGER) >= {_SCANNED_SHARE} AS is_scan
        FROM reports r JOIN documents d ON d.document_id = r.document_id
        LEFT JOIN (SELECT document_id, avg(is_scanned::INTEGER) AS share FROM pages GROUP BY document_id) AS p
             ON p.document_id = r.document_id
    ), texts AS (
        SELECT title, number, publisher, first(report_id ORDER BY character_count DESC, report_id) AS text_id
        FROM described WHERE NOT is_scan GROUP BY title, number, publisher
    )
    SELECT s.report_id, t.text_id FROM described s
    LEFT JOIN texts t ON s.is_scan AND t.title = s.title AND t.number = s.number AND t.publisher = s.publisher
"""


def link_twins(connection: duckdb.DuckDBPyConnection) -> int:
    """Let every scan name its text version, and return how many reports name another one than before."""
    changed = connection.execute(
        f"UPDATE reports SET twin_of = found.text_id FROM ({_FIND}) AS found "
        "WHERE reports.report_id = found.report_id AND reports.twin_of IS DISTINCT FROM found.text_id "
        "RETURNING reports.report_id"
    ).fetchall()
    return len(changed)
