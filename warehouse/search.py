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

from warehouse.search_columns import TextColumns, load_columns
from warehouse.search_languages import guess_languages
from warehouse.search_marks import Marker
from warehouse.search_meaning import Floats, MeaningIndex
from warehouse.search_query import Question, read_question
from warehouse.search_ranking import Ranking, cut_page, rank_by_both, rank_by_meaning, rank_by_words, rank_everything
from warehouse.search_reading import read_passages, read_results
from warehouse.search_records import (
    FILTERS,
    Mode,
    PassageHit,
    SearchRequest,
    SearchResults,
    SiteUnreadable,
    UnknownRecord,
)
from warehouse.search_words import NO_HITS, OTHER_LANGUAGE, WordIndex, phrase_finder

_PASSAGES_PER_REPORT: Final = 2


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
                connection = sqlite3.connect(f"{self._path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
                connection.execute("PRAGMA mmap_size=268435456")
                connection.execute("SELECT count(*) FROM sqlite_master")
            except sqlite3.Error as error:
                raise SiteUnreadable(
                    f"site {self._path}: {error}, against a published knowledge base; publish again"
                ) from error
            self._of_thread.connection = connection
        return connection


@dataclass(frozen=True, slots=True, eq=False)
class TextIndex:
    """The search over all texts of one table: what to filter by, their words and their meanings."""

    table: str
    columns: TextColumns
    words: WordIndex
    meanings: MeaningIndex

    @classmethod
    def open(cls, folder: Path, table: str) -> TextIndex:
        """Map the index of `table` in the folder of a build; raises what its parts raise."""
        folder = folder / "search" / table
        index = cls(table, load_columns(folder), WordIndex.open(folder), MeaningIndex.open(folder))
        sizes = (len(index.columns), index.words.size, len(index.meanings.exact))
        if len(set(sizes)) != 1:
            raise ValueError(f"search over {table}: found {sizes} rows; expected the same number in every part")
        return index

    def rank(
        self,
        question: Question,
        mode: Mode,
        vector: Floats | None,
        languages: Mapping[str, float],
        connection: sqlite3.Connection,
    ) -> Ranking:
        """Find the texts that answer `question`; `vector` is what the meanings are compared with."""
        written_in = self.columns.coded("language")
        names, codes = written_in.values, written_in.codes
        trust = {name: OTHER_LANGUAGE + (1 - OTHER_LANGUAGE) * languages.get(name, 0.0) for name in names}
        hits = NO_HITS
        if mode != "semantic" and question.leaves:
            hits = self.words.find(question, trust, phrase_finder(connection, f"{self.table}_fts", written_in))
        if mode == "lexical" or vector is None:
            return rank_by_words(hits)
        cosines = self.meanings.cosines(vector)
        if mode == "semantic":
            return rank_by_meaning(cosines, codes)
        trusted = [trust[name] for name in names]
        return rank_by_both(cosines, hits, codes, trusted, nearness=self.meanings.nearness)


@dataclass(frozen=True, slots=True, eq=False)
class SearchIndex:
    """The search over one build of the site. Make it with `open`."""

    build_id: str
    statements: TextIndex
    passages: TextIndex
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
            connections.get()
            return cls(
                build_id=str(site["build_id"]),
                statements=TextIndex.open(folder, "statements"),
                passages=TextIndex.open(folder, "passages"),
                site=site,
                connections=connections,
            )
        except (OSError, ValueError, KeyError, EOFError) as error:
            raise SiteUnreadable(f"site {build_dir}: {error}, against a whole build; publish again") from error

    def __len__(self) -> int:
        return len(self.statements.columns)

    @property
    def columns(self) -> TextColumns:
        """The columns of the statements."""
        return self.statements.columns

    @property
    def dimension(self) -> int:
        """The length of a question's vector; 0 when the statements have none."""
        return self.statements.meanings.dimension

    @property
    def model_id(self) -> str:
        """The id that the encoder of questions must have."""
        return self.statements.meanings.model_id or str(self.site.get("model_id") or "")

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the statements, as ISO 639-1 codes."""
        return self.columns.coded("language").values

    def search(
        self,
        request: SearchRequest,
        *,
        query_vector: NDArray[np.float32] | None = None,
        facet_limit: int = 0,
        passage_limit: int = 0,
        page_count: int = 1,
    ) -> SearchResults:
        """Find the statements that answer `request`, best first; those of equal score in the order of the site.

        `query_vector` is `request.question`, encoded as a query by the models of the site: float32 of shape (d,).
        Without it the search is by words, whatever the request says. What the query demands (phrases, AND, NOT) must be
        fulfilled, except where the mode is semantic. `facet_limit` is how many values of each filter are counted,
        `passage_limit` how many passages of the reports' text are looked for besides; so many pages of results as
        `page_count` come as one, for a file. Raises `ValueError` for a vector of another length.
        """
        question = read_question(request.query)
        filters = _merge(request.filters, question.filters)
        mode = request.mode
        if query_vector is None or not self.dimension or not question.text:
            mode = "lexical"
        elif query_vector.shape != (self.dimension,):
            raise ValueError(f"query vector: found shape {query_vector.shape}; expected ({self.dimension},)")
        languages = self.guess_languages(question.text) if question.text else {}
        vector = None
        if mode != "lexical" and query_vector is not None:
            vector = self.statements.meanings.question(query_vector, languages)
        if not question.text and not question.leaves and filters:
            ranking = rank_everything(len(self))
        else:
            ranking = self.statements.rank(question, mode, vector, languages, self.connections.get())
        answer = self._answer(request, question, mode, ranking, languages, filters, facet_limit, page_count)
        if passage_limit <= 0 or not question.leaves:
            return answer[0]
        passages = self._find_passages(question, mode, query_vector, languages, filters, answer[1], passage_limit)
        return SearchResults(
            **{name: getattr(answer[0], name) for name in SearchResults.__slots__} | {"passages": passages}
        )

    def similar(self, statement_id: str, *, limit: int = 10, elsewhere: bool = False) -> SearchResults:
        """Return the statements nearest in meaning to one of them, itself left out; none when it has no vector.

        With `elsewhere` only those in other reports. Raises `UnknownRecord` for an unknown id.
        """
        row = self.row_of(statement_id)
        cosines = self.statements.meanings.cosines(self.statements.meanings.row(row))
        cosines[row] = -1.0
        if elsewhere:
            reports = self.columns.coded("report").codes
            cosines[reports == reports[row]] = -1.0
        request = SearchRequest(statement_id, mode="semantic", limit=limit, fold=False)
        question = Question("", (), None, {})
        codes = self.columns.coded("language").codes
        return self._answer(request, question, "semantic", rank_by_meaning(cosines, codes), {}, {}, 0)[0]

    def row_of(self, statement_id: str) -> int:
        """Return the row of a statement, from 0. Raises `UnknownRecord` for an unknown id."""
        found = (
            self.connections.get()
            .execute("SELECT rowid FROM statements WHERE statement_id = ?", (statement_id,))
            .fetchone()
        )
        if found is None:
            raise UnknownRecord(f"statement {statement_id:.80}: found none in this build")
        return int(found[0]) - 1

    def guess_languages(self, text: str) -> dict[str, float]:
        """Return how probable it is that `text` is in each language, by its letters and by the words of the site."""
        return guess_languages(text, self.languages, frequency=self.statements.words.frequency)

    def _answer(
        self,
        request: SearchRequest,
        question: Question,
        mode: Mode,
        ranking: Ranking,
        languages: Mapping[str, float],
        filters: Mapping[str, tuple[str, ...]],
        facet_limit: int,
        page_count: int = 1,
    ) -> tuple[SearchResults, list[tuple[str, int]]]:
        kept = ranking.only(self.columns.mask(filters))
        page = cut_page(
            kept,
            groups=self.columns.groups if request.fold else None,
            dates=self.columns.dates if request.sort == "date" else None,
            offset=request.offset,
            limit=request.limit * page_count,
        )
        results, places = read_results(
            self.connections.get(), kept, page, Marker.for_languages(question.leaves, self.languages)
        )
        answer = SearchResults(
            query=request.query,
            mode=mode,
            total=page.total,
            statement_count=len(kept.rows),
            limit=request.limit,
            offset=request.offset,
            results=results,
            languages=languages,
            filters=filters,
            facets=self.columns.count_values(ranking.rows, filters, limit=facet_limit) if facet_limit else {},
            message=question.message,
        )
        return answer, places

    def _find_passages(
        self,
        question: Question,
        mode: Mode,
        query_vector: Floats | None,
        languages: Mapping[str, float],
        filters: Mapping[str, tuple[str, ...]],
        shown: list[tuple[str, int]],
        limit: int,
    ) -> tuple[PassageHit, ...]:
        """Return passages that none of the statements `shown` (document, offset) stands in, a few per report."""
        vector = self._passage_vector(query_vector, languages) if mode != "lexical" else None
        ranking = self.passages.rank(
            question, "lexical" if vector is None else mode, vector, languages, self.connections.get()
        )
        kept = ranking.only(self.passages.columns.mask(filters))
        page = cut_page(kept, groups=None, dates=None, offset=0, limit=limit * 10 + len(shown))
        markers = Marker.for_languages(question.leaves, self.languages)
        return read_passages(
            self.connections.get(), kept, page, markers, shown=shown, per_report=_PASSAGES_PER_REPORT, limit=limit
        )

    def _passage_vector(self, query_vector: Floats | None, languages: Mapping[str, float]) -> Floats | None:
        """Return the parts of a question's vector that passages have too, None when they have none."""
        if query_vector is None or not self.passages.meanings.dimension:
            return None
        parts, start = {}, 0
        for block in self.statements.meanings.blocks:
            parts[block.model_id] = query_vector[start : start + block.dimension]
            start += block.dimension
        wanted = [parts.get(block.model_id) for block in self.passages.meanings.blocks]
        if any(part is None for part in wanted):
            return None
        return self.passages.meanings.question(np.concatenate([p for p in wanted if p is not None]), languages)


def _merge(
    filters: Mapping[str, tuple[str, ...]], typed: Mapping[str, tuple[str, ...]]
) -> Mapping[str, tuple[str, ...]]:
    return {name: values for name in FILTERS if (values := (*filters.get(name, ()), *typed.get(name, ())))}
