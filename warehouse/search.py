"""Search over a published site: by words, by meaning, and by both.

`SearchIndex.open` reads the folder of one build once; a `SearchIndex` never changes, and many threads may use it. The
encoder stays outside: whoever searches by meaning brings the vector of the question.
"""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_columns import StatementColumns, load_columns
from warehouse.search_marks import Marker, Range
from warehouse.search_meaning import FLOOR, MeaningIndex, guess_languages, load_meanings
from warehouse.search_query import Question, read_question
from warehouse.search_records import (
    FILTERS,
    Folded,
    MatchedBy,
    Mode,
    ReportReference,
    SearchRequest,
    SearchResult,
    SearchResults,
    SiteUnreadable,
    Sort,
    UnknownRecord,
)
from warehouse.search_words import NO_HITS, WordHits, find_words, parse_question, prepare_vocabulary

_WORDS_WEIGHT: Final = 0.8
"""How much of what meaning leaves open the words can fill, when statements of one language are put in order."""
_OTHER_LANGUAGE: Final = 0.3
"""What the words of a question in another language than the statement's still count for: names are names."""
_EXACT_WEIGHT: Final = 0.1
"""How much of what is left open a statement gains that has all the words, against statements in other languages."""

_MATCHED_BY: Final[tuple[MatchedBy, ...]] = ("words", "meaning", "both", "filters")


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """All n statements judged: `scores` float32 (n,) from 0 to 1, `found_by` int8 (n,): 1 words, 2 meaning, 3 both."""

    scores: NDArray[np.float32]
    found_by: NDArray[np.int8]


class SearchConnections:
    """Connections to one published `kb.db` for reading, one per thread; they close with the thread or with this."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._of_thread = threading.local()

    def get(self) -> sqlite3.Connection:
        """Return the connection of this thread. Raises `SiteUnreadable` when the file cannot be opened."""
        connection: sqlite3.Connection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            try:
                # A published file never changes, and `immutable` spares every lock.
                connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?immutable=1", uri=True)
                connection.execute("PRAGMA mmap_size=268435456")
                prepare_vocabulary(connection)
            except sqlite3.Error as error:
                raise SiteUnreadable(
                    f"site {self._path}: {error}, against a published knowledge base; publish again"
                ) from error
            self._of_thread.connection = connection
        return connection


@dataclass(frozen=True, slots=True, eq=False)
class SearchIndex:
    """The search over one build of the site. Make it with `open`."""

    build_id: str
    model_id: str
    dimension: int
    columns: StatementColumns
    meanings: MeaningIndex
    site: Mapping[str, Any] = field(repr=False)
    """What `site.json` says."""
    connections: SearchConnections = field(repr=False)

    @classmethod
    def open(cls, build_dir: Path) -> SearchIndex:
        """Read the build in the folder `build_dir` (a link to it will do).

        Raises `SiteUnreadable` when it is not there or not whole.
        """
        folder = build_dir.resolve()
        connections = SearchConnections(folder / "kb.db")
        try:
            site = json.loads((folder / "site.json").read_text("utf-8"))
            columns = load_columns(connections.get())
            meanings = load_meanings(
                folder / "vectors.npy", columns.vector_rows, columns.language.codes, columns.language.values
            )
        except (OSError, ValueError, sqlite3.Error) as error:
            raise SiteUnreadable(f"site {build_dir}: {error}, against a whole build; publish again") from error
        return cls(
            build_id=str(site["build_id"]),
            model_id=str(site.get("model_id") or ""),
            dimension=meanings.vectors.shape[1],
            columns=columns,
            meanings=meanings,
            site=site,
            connections=connections,
        )

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the statements, as ISO 639-1 codes."""
        return self.columns.language.values

    def search(
        self,
        request: SearchRequest,
        *,
        query_vector: NDArray[np.float32] | None = None,
        facet_limit: int = 0,
        passage_limit: int = 0,
    ) -> SearchResults:
        """Find the statements that answer `request`, best first; those of equal score in the order of the site.

        `query_vector` is `request.question`, encoded as a query by the model of the site: float32 of shape (d,).
        Without it the search is by words, whatever the request says. What the query demands (phrases, AND, NOT) must be
        fulfilled, except where the mode is semantic. `facet_limit` is how many values of each filter are counted,
        `passage_limit` how many passages of the reports' text are looked for besides. Raises `ValueError` for a vector
        of another length.
        """
        question = read_question(request.query)
        filters = _merge(request.filters, question.filters)
        mode = request.mode
        if query_vector is None or not self.dimension or not question.text:
            mode = "lexical"
        elif query_vector.shape != (self.dimension,):
            raise ValueError(f"query vector: found shape {query_vector.shape}; expected ({self.dimension},)")
        languages = guess_languages(question.text, self.languages) if mode != "lexical" else {}
        terms = parse_question(question.leaves, self.languages) if mode != "semantic" else ()
        hits = find_words(self.connections.get(), terms, len(self)) if terms else NO_HITS
        if not question.text and not question.leaves and filters:
            ranking = Ranking(np.zeros(len(self), np.float32), np.full(len(self), 4, np.int8))
        elif mode == "lexical" or query_vector is None:
            ranking = self._rank_by_words(hits)
        else:
            cosines = self.meanings.cosines(self.meanings.question(query_vector, languages))
            if mode == "semantic":
                ranking = _rank_by_meaning(cosines)
            else:
                ranking = self._rank_by_both(cosines, hits, languages)
                if any(term.is_phrase for term in terms):
                    ranking.found_by[(ranking.found_by & 1) == 0] = 0
        return self._answer(request, question, mode, ranking, languages, filters, facet_limit)

    def similar(self, statement_id: str, *, limit: int = 10, elsewhere: bool = False) -> SearchResults:
        """Return the statements nearest in meaning to one of them, itself left out; none when it has no vector.

        With `elsewhere` only those in other reports. Raises `UnknownRecord` for an unknown id.
        """
        row = self.columns.row_of.get(statement_id)
        if row is None:
            raise UnknownRecord(f"statement {statement_id:.80}: found none in this build")
        ranking = _rank_by_meaning(self.meanings.cosines(self.meanings.vectors[row]))
        ranking.found_by[row] = 0
        if elsewhere:
            ranking.found_by[self.columns.report.codes == self.columns.report.codes[row]] = 0
        request = SearchRequest(statement_id, mode="semantic", limit=limit, fold=False)
        return self._answer(request, Question("", (), None, {}), "semantic", ranking, {}, {}, 0)

    def _rank_by_words(self, hits: WordHits) -> Ranking:
        scores = np.zeros(len(self), np.float32)
        found_by = np.zeros(len(self), np.int8)
        rows = self.columns.rows_of(hits.rowids)
        scores[rows] = hits.scores
        found_by[rows] = 1
        return Ranking(scores, found_by)

    def _rank_by_both(self, cosines: NDArray[np.float32], hits: WordHits, languages: Mapping[str, float]) -> Ranking:
        """Let the words decide the order within each language, and the meaning between languages.

        Across languages the words know nothing, and whatever they add to statements in the language of the question
        pushes out what only the meaning finds (issue 4: plain rank fusion takes nDCG@10 across languages from 0.24 to
        0.16). So each language keeps the scores that its statements have by meaning, and deals them out again in the
        order of words and meaning together. Only a statement with nearly all of the words gains a little beyond that,
        for names and numbers mean nothing to an encoder.

        Measured on 870 statements (mean reciprocal rank; by meaning, by words, so): 44 translated statements 0.86,
        0.08, 0.84; 489 paraphrases in one language 0.70, 0.70, 0.76; 238 sets of three words 0.53, 0.96, 0.93.
        """
        by_meaning, by_words = _rank_by_meaning(cosines), self._rank_by_words(hits)
        found_by = by_meaning.found_by | by_words.found_by
        rows = np.flatnonzero(found_by)
        codes = self.columns.language.codes[rows]
        trust = np.array(
            [_OTHER_LANGUAGE + (1 - _OTHER_LANGUAGE) * languages.get(name, 0.0) for name in self.languages], np.float32
        )
        meaning, words = by_meaning.scores[rows], by_words.scores[rows]
        together = meaning + (1 - meaning) * _WORDS_WEIGHT * trust[codes] * words
        dealt = np.zeros_like(meaning)
        for code in np.unique(codes):
            group = np.flatnonzero(codes == code)
            dealt[group[np.argsort(-together[group], kind="stable")]] = -np.sort(-meaning[group])
        scores = np.zeros(len(self), np.float32)
        scores[rows] = dealt + (1 - dealt) * _EXACT_WEIGHT * words**3
        return Ranking(scores, found_by)

    def _answer(
        self,
        request: SearchRequest,
        question: Question,
        mode: Mode,
        ranking: Ranking,
        languages: Mapping[str, float],
        filters: Mapping[str, tuple[str, ...]],
        facet_limit: int,
    ) -> SearchResults:
        found = ranking.found_by > 0
        rows = np.flatnonzero(found & self.columns.mask(filters))
        order = self._ordered(rows, ranking.scores[rows], request.sort)
        groups = self.columns.groups[order] if request.fold else np.arange(len(order))
        _, firsts = np.unique(groups, return_index=True)
        firsts = np.sort(firsts)
        chosen = order[firsts[request.offset : request.offset + request.limit]]
        # Folding goes by the text, so a folded statement has the words and the meaning of the one that is shown.
        others = {int(row): order[groups == group][1:] for row, group in zip(chosen, self.columns.groups[chosen],
                  strict=True)} if request.fold else {}  # fmt: skip
        records = self._read_rows(np.concatenate([chosen, *others.values()]).astype(np.int64))
        markers: dict[str, Marker] = {}
        results = []
        for row in chosen:
            record = records[int(self.columns.rowids[row])]
            language = record[4]
            if language not in markers:
                markers[language] = Marker(question.leaves, language, languages=self.languages)
            results.append(
                _result(
                    record,
                    score=float(ranking.scores[row]),
                    found_by=int(ranking.found_by[row]),
                    marks=markers[language].find(record[2]),
                    folded=tuple(_folded(records[int(self.columns.rowids[i])]) for i in others.get(int(row), ())),
                )
            )
        return SearchResults(
            query=request.query,
            mode=mode,
            total=len(firsts),
            statement_count=len(rows),
            limit=request.limit,
            offset=request.offset,
            results=tuple(results),
            languages=languages,
            filters=filters,
            facets=self.columns.count_values(found, filters, limit=facet_limit) if facet_limit else {},
            message=question.message,
        )

    def _ordered(self, rows: NDArray[np.int64], scores: NDArray[np.float32], sort: Sort) -> NDArray[np.int64]:
        keys = (rows, -scores) if sort == "relevance" else (rows, -scores, -self.columns.dates[rows])
        ordered: NDArray[np.int64] = rows[np.lexsort(keys)]
        return ordered

    def _read_rows(self, rows: NDArray[np.int64]) -> dict[int, tuple[Any, ...]]:
        rowids = [int(rowid) for rowid in self.columns.rowids[rows]]
        query = (
            "SELECT s.rowid, s.statement_id, s.kind, s.text, s.page, s.language, s.label, s.section, "
            "(SELECT json_group_array(text) FROM (SELECT text FROM addressees a WHERE a.statement_id = s.statement_id "
            "ORDER BY a.position)), (SELECT json_group_array(party_id) FROM addressees a "
            "WHERE a.statement_id = s.statement_id), r.report_id, r.title, r.publisher, r.published_date "
            "FROM statements s JOIN reports r ON r.report_id = s.report_id "
            f"WHERE s.rowid IN ({', '.join('?' * len(rowids))})"
        )
        return {row[0]: row[1:] for row in self.connections.get().execute(query, rowids)}


def _rank_by_meaning(cosines: NDArray[np.float32]) -> Ranking:
    return Ranking(np.clip(cosines, 0.0, 1.0), np.where(cosines >= FLOOR, 2, 0).astype(np.int8))


def _merge(
    filters: Mapping[str, tuple[str, ...]], typed: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    return {name: values for name in FILTERS if (values := (*filters.get(name, ()), *typed.get(name, ())))}


def _folded(row: tuple[Any, ...]) -> Folded:
    return Folded(statement_id=row[0], report_id=row[9])


def _result(
    row: tuple[Any, ...], *, score: float, found_by: int, marks: tuple[Range, ...], folded: tuple[Folded, ...]
) -> SearchResult:
    statement_id, kind, text, page, language, label, section, addressees, parties, *report = row
    return SearchResult(
        statement_id=statement_id,
        kind=kind,
        text=text,
        score=round(score, 4),
        page=page,
        language=language,
        label=label,
        section=section,
        addressees=tuple(dict.fromkeys(json.loads(addressees))),
        report=ReportReference(*report),
        matched_by=_MATCHED_BY[found_by - 1],
        marks=marks,
        parties=tuple(dict.fromkeys(party for party in json.loads(parties) if party)),
        folded=folded,
    )
