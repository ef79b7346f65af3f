"""Reads what was found from the published database, for a page of an answer."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Final

from warehouse.search_marks import Marker
from warehouse.search_ranking import Page, Ranking
from warehouse.search_records import Folded, MatchedBy, PassageHit, ReportReference, SearchResult

MarkerFor = Callable[[str], Marker]

_MATCHED_BY: Final[tuple[MatchedBy, ...]] = ("words", "meaning", "both", "filters")
_MOST_FOLDED: Final = 100
_MOST_VARIABLES: Final = 900

_STATEMENTS: Final = (
    "SELECT s.rowid, s.statement_id, s.kind, s.text, s.page, s.language, s.label, s.section, "
    "(SELECT json_group_array(text) FROM (SELECT text FROM addressees a WHERE a.statement_id = s.statement_id "
    "ORDER BY a.position)), (SELECT json_group_array(party_id) FROM (SELECT party_id FROM addressees a "
    "WHERE a.statement_id = s.statement_id ORDER BY a.position)), s.document_id, s.start_offset, "
    "r.report_id, r.title, r.publisher, r.published_date "
    "FROM statements s JOIN reports r ON r.report_id = s.report_id WHERE s.rowid IN ({marks})"
)
_FOLDED: Final = "SELECT rowid, statement_id, report_id FROM statements WHERE rowid IN ({marks})"
_PASSAGES: Final = (
    "SELECT p.rowid, p.passage_id, p.text, p.page, p.start_offset, p.end_offset, p.document_id, p.section, r.language, "
    "r.report_id, r.title, r.publisher, r.published_date "
    "FROM passages p JOIN reports r ON r.report_id = p.report_id WHERE p.rowid IN ({marks})"
)


def read_results(
    connection: sqlite3.Connection, ranking: Ranking, page: Page, marker_for: MarkerFor
) -> tuple[tuple[SearchResult, ...], list[tuple[str, int]]]:
    """Return the results of `page`, and of each the document and the offset in its text."""
    records = _read(connection, _STATEMENTS, [int(ranking.rows[place]) for place in page.chosen])
    others = [int(ranking.rows[i]) for places in page.folded.values() for i in places[:_MOST_FOLDED]]
    folded = _read(connection, _FOLDED, others)
    results, found_at = [], []
    for place in page.chosen:
        record = records[int(ranking.rows[place])]
        statement_id, kind, text, number, language, label, section, addressees, parties, document_id, start = record[
            :11
        ]
        found_at.append((str(document_id), int(start)))
        results.append(
            SearchResult(
                statement_id=statement_id,
                kind=kind,
                text=text,
                score=round(float(ranking.scores[place]), 4),
                page=number,
                language=language,
                label=label,
                section=section,
                addressees=tuple(dict.fromkeys(json.loads(addressees))),
                report=ReportReference(*record[11:]),
                matched_by=_MATCHED_BY[int(ranking.found_by[place]) - 1],
                marks=marker_for(language).find(text),
                words_score=round(float(ranking.words[place]), 4),
                meaning_score=round(float(ranking.meaning[place]), 4),
                parties=tuple(dict.fromkeys(party for party in json.loads(parties) if party)),
                folded=tuple(
                    Folded(*folded[int(ranking.rows[i])]) for i in page.folded.get(int(place), ())[:_MOST_FOLDED]
                ),
            )
        )
    return tuple(results), found_at


def read_passages(
    connection: sqlite3.Connection,
    ranking: Ranking,
    page: Page,
    marker_for: MarkerFor,
    *,
    shown: Sequence[tuple[str, int]],
    per_report: int,
    limit: int,
) -> tuple[PassageHit, ...]:
    """Return at most `limit` passages, `per_report` of each, none that holds one of the `shown` (document, offset)."""
    records = _read(connection, _PASSAGES, [int(ranking.rows[place]) for place in page.chosen])
    hits: list[PassageHit] = []
    of_report: Counter[str] = Counter()
    for place in page.chosen:
        passage_id, text, number, start, end, document_id, section, language, *report = records[
            int(ranking.rows[place])
        ]
        is_shown = any(document == document_id and start <= offset < end for document, offset in shown)
        if is_shown or of_report[report[0]] >= per_report:
            continue
        of_report[report[0]] += 1
        hits.append(
            PassageHit(
                passage_id=passage_id,
                text=text,
                page=number,
                start_offset=start,
                end_offset=end,
                document_id=document_id,
                section=section,
                language=language,
                report=ReportReference(*report),
                score=round(float(ranking.scores[place]), 4),
                matched_by=_MATCHED_BY[int(ranking.found_by[place]) - 1],
                marks=marker_for(language).find(text),
            )
        )
        if len(hits) == limit:
            break
    return tuple(hits)


def _read(connection: sqlite3.Connection, query: str, rows: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Return the records of `rows` by row, both from 0."""
    found: dict[int, tuple[Any, ...]] = {}
    for start in range(0, len(rows), _MOST_VARIABLES):
        part = [row + 1 for row in rows[start : start + _MOST_VARIABLES]]
        for rowid, *record in connection.execute(query.format(marks=", ".join("?" * len(part))), part):
            found[rowid - 1] = tuple(record)
    return found
