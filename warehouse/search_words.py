"""The search by words: a question becomes a full-text expression, and BM25 becomes a score from 0 to 1.

What people type is never given to SQLite as it is: it is cut into words here, every word is stemmed as the index is and
put between quotation marks, so that no question can be a wrong expression.
"""

from __future__ import annotations

import itertools
import math
import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_query import Leaf
from warehouse.stemming import fold_text, stem_text

_PART: Final = re.compile(r"[^\W_]+")

MOST_WORDS: Final = 48
"""Words of a question that are looked up; of a longer one, the rarest."""
_LONGEST_WORD: Final = 64

# Weights of the columns of statements_fts: text, section, title.
_WEIGHTS: Final = "1.0, 0.3, 0.2"

# A word that stands in more than this share of the statements ranks but does not find: "the" alone is no match.
_COMMON_SHARE: Final = 0.1
_COMMON_SHARE_OF_FEW: Final = 0.5
_FEW: Final = 200


@dataclass(frozen=True, slots=True)
class Term:
    """One word or phrase of a question, with the ways it may be written in the index, each a full-text string."""

    alternatives: tuple[str, ...]
    is_phrase: bool = False

    @property
    def expression(self) -> str:
        """The full-text expression that finds any of the alternatives."""
        return "(" + " OR ".join(self.alternatives) + ")"


@dataclass(frozen=True, slots=True, eq=False)
class WordHits:
    """Statements found by words: `rowids` int64 of shape (n,) ascending, `scores` float32 of shape (n,), 0 to 1."""

    rowids: NDArray[np.int64]
    scores: NDArray[np.float32]


NO_HITS: Final = WordHits(np.zeros(0, np.int64), np.zeros(0, np.float32))


def parse_question(leaves: Sequence[Leaf], languages: Sequence[str]) -> tuple[Term, ...]:
    """Return the `leaves` of a question, stemmed by the rules of each of `languages`."""
    tongues = tuple(languages) or ("und",)
    terms = [
        _make_phrase(leaf.text, tongues)
        if leaf.kind == "phrase"
        else _make_word(leaf.text + ("*" if leaf.kind == "beginning" else ""), tongues)
        for leaf in leaves
    ]
    return tuple(dict.fromkeys(term for term in terms if term is not None))


def find_words(connection: sqlite3.Connection, terms: Sequence[Term], statement_count: int) -> WordHits:
    """Return the statements in which the `terms` stand: all of the phrases, and at least one of the words.

    The score is BM25 over what a statement of average length reaches that has every word once, and at most 1.
    """
    weighed = sorted(((_rarity(connection, term, statement_count), i, term) for i, term in enumerate(terms)),
                     key=_by_rarity)[:MOST_WORDS]  # fmt: skip
    if not weighed:
        return NO_HITS
    phrases = [term for _, _, term in weighed if term.is_phrase]
    words = [(rarity, term) for rarity, _, term in weighed if not term.is_phrase]
    share = _COMMON_SHARE if statement_count >= _FEW else _COMMON_SHARE_OF_FEW
    least = _idf(share * statement_count, statement_count)
    telling = [term for rarity, term in words if rarity > least] or [term for _, term in words]
    required = phrases or telling
    joint = " AND " if phrases else " OR "
    expression = "(" + joint.join(term.expression for term in required) + ")"
    reachable = sum(rarity for rarity, _, _ in weighed)
    if len(required) < len(weighed):
        # The other words only rank. FTS5 counts a term as often as it is written: the required ones twice.
        expression += " AND (" + " OR ".join(term.expression for _, _, term in weighed) + ")"
        reachable += sum(rarity for rarity, _, term in weighed if term in required)
    rows = connection.execute(
        f"SELECT rowid, -bm25(statements_fts, {_WEIGHTS}) FROM statements_fts WHERE statements_fts MATCH ?",
        (expression,),
    ).fetchall()
    found = np.fromiter(itertools.chain.from_iterable(rows), np.float64, 2 * len(rows)).reshape(-1, 2)
    found = found[np.argsort(found[:, 0])]
    scores = np.clip(found[:, 1] / max(reachable, 1e-9), 0.0, 1.0)
    return WordHits(found[:, 0].astype(np.int64), scores.astype(np.float32))


def prepare_vocabulary(connection: sqlite3.Connection) -> None:
    """Make the table of word counts that `find_words` reads, in the temporary schema of `connection`."""
    connection.execute("CREATE VIRTUAL TABLE temp.statement_words USING fts5vocab(main, statements_fts, 'row')")


def _by_rarity(weighed: tuple[float, int, Term]) -> tuple[float, int]:
    return -weighed[0], weighed[1]


def _idf(count: float, statement_count: int) -> float:
    """Return the weight of a word in `count` of the statements, as FTS5 computes it (Robertson and Zaragoza 2009)."""
    return max(math.log((statement_count - count + 0.5) / (count + 0.5)), 1e-6) if statement_count else 0.0


def _rarity(connection: sqlite3.Connection, term: Term, statement_count: int) -> float:
    counts = [_count(connection, alternative) for alternative in term.alternatives]
    found = [count for count in counts if count]
    # A word that stands nowhere weighs as much as one that stands once: then no statement has all of the question.
    return _idf(max(found, default=1), max(statement_count, 2))


def _count(connection: sqlite3.Connection, alternative: str) -> int:
    """Return in how many statements the rarest word of a full-text string stands; 1 for the beginning of a word."""
    if alternative.endswith("*"):
        return 1
    counts = []
    for word in alternative.strip('"').split():
        row = connection.execute("SELECT doc FROM temp.statement_words WHERE term = ?", (word,)).fetchone()
        counts.append(int(row[0]) if row else 0)
    return min(counts, default=0)


def _make_phrase(words: str, languages: Sequence[str]) -> Term | None:
    stems = dict.fromkeys(stem_text(words, language) for language in languages)
    alternatives = tuple(f'"{stem}"' for stem in stems if stem)
    return Term(alternatives, is_phrase=True) if alternatives else None


def _make_word(word: str, languages: Sequence[str]) -> Term | None:
    is_beginning = word.endswith("*")
    word = word.rstrip("*")[:_LONGEST_WORD]
    alternatives: dict[str, None] = {}
    if is_beginning and (beginning := "".join(character for character in fold_text(word) if character.isalnum())):
        alternatives[f'"{beginning}"*'] = None
    for language in languages:
        stems = stem_text(word, language).split()
        if len(stems) == len(_PART.findall(word)) + 1:
            # A joined word (Q-koorts) is indexed as its parts and as one (q, koorts, qkoorts): either will do.
            alternatives['"' + " ".join(stems[:-1]) + '"'] = None
            alternatives[f'"{stems[-1]}"'] = None
        elif stems:
            alternatives['"' + " ".join(stems) + '"'] = None
    return Term(tuple(alternatives)) if alternatives else None
