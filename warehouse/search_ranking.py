"""Puts texts in order: what the words and the meaning found, each alone or both together, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from warehouse.search_meaning import FEWEST_FOUND, FLOOR, LEAST, Floats
from warehouse.search_words import WordHits

Nearness = Callable[[NDArray[np.int64], Floats, NDArray[np.int64]], Floats]
"""Takes the rows of some texts, their weights, and other rows; gives the cosine of each other row to their mean."""

WORDS, MEANING, BOTH, FILTERS_ONLY = 1, 2, 3, 4

_WORDS_WEIGHT: Final = 0.2
"""What all the words of a question add to the cosine, when texts of one language are put in order."""
_EXACT_WEIGHT: Final = 0.1
"""How much of what is left open a text gains that has all the telling words, against texts in other languages."""
_SEEDS: Final = 2
"""So many of the best texts say what else would answer the question."""
_SEEDS_WEIGHT: Final = 0.3
"""What being near to those adds to the cosine; chosen with `_SEEDS` on the questions for tuning."""
_MOST_NEAR: Final = 1_000
"""So many of the best are compared with those."""
_MOST_DEALT: Final = 5_000
"""So many of the best are put in order by words and meaning together; what comes after keeps its place."""


@dataclass(frozen=True, slots=True, eq=False)
class Ranking:
    """The texts that were found: `rows` int64 (n,) ascending, `scores` float32 (n,) from 0 to 1, `found_by` int8 (n,).

    `words` and `meaning` float32 (n,) are what both sides gave.
    """

    rows: NDArray[np.int64]
    scores: Floats
    found_by: NDArray[np.int8]
    words: Floats
    meaning: Floats

    def only(self, mask: NDArray[np.bool_] | None) -> Ranking:
        """Return those for whose row `mask` (all texts,) is true; all without a mask."""
        if mask is None:
            return self
        kept = mask[self.rows]
        return Ranking(self.rows[kept], self.scores[kept], self.found_by[kept], self.words[kept], self.meaning[kept])


def rank_everything(size: int) -> Ranking:
    """Return all texts, found by nothing but filters."""
    zeros = np.zeros(size, np.float32)
    return Ranking(np.arange(size), zeros, np.full(size, FILTERS_ONLY, np.int8), zeros, zeros)


def rank_by_words(hits: WordHits) -> Ranking:
    """Return the texts that the words found."""
    count = len(hits.rows)
    return Ranking(
        hits.rows.astype(np.int64),
        hits.scores,
        np.full(count, WORDS, np.int8),
        hits.scores,
        np.zeros(count, np.float32),
    )


def rank_by_meaning(cosines: Floats, codes: NDArray[np.int32]) -> Ranking:
    """Return the texts that are found by their meaning; `codes` (all texts,) are those of their languages."""
    rows = np.flatnonzero(_found_by_meaning(cosines, codes))
    scores = np.clip(cosines[rows], 0.0, 1.0)
    return Ranking(rows, scores, np.full(len(rows), MEANING, np.int8), np.zeros(len(rows), np.float32), scores)


def rank_by_both(
    cosines: Floats,
    hits: WordHits,
    codes: NDArray[np.int32],
    trust: Sequence[float],
    *,
    nearness: Nearness | None = None,
) -> Ranking:
    """Let the words decide the order within each language, and the meaning between languages.

    Across languages the words know nothing, and whatever they add to texts in the language of the question pushes out
    what only the meaning finds (issue 4: plain rank fusion takes nDCG@10 across languages from 0.24 to 0.16). So each
    language keeps the scores that its texts have by meaning, and deals them out again in the order of words and meaning
    together. Only a text with all of the telling words gains a little beyond that, for names and numbers mean nothing
    to an encoder. `codes` (all texts,) index the languages; `trust` per language is what its words count for.

    With `nearness` the best few texts found so are taken as examples of an answer, in whichever language: what says the
    same as they do moves up (pseudo-relevance feedback: Rocchio, "Relevance feedback in information retrieval", 1971).
    """
    by_meaning = _found_by_meaning(cosines, codes)
    found = by_meaning.copy()
    found[hits.rows] = True
    if hits.allowed is not None:
        found &= hits.allowed
    rows = np.flatnonzero(found)
    # Both ascend, and every row that the words found is among those found unless the demand leaves it out.
    is_hit = np.zeros(len(cosines), np.bool_)
    is_hit[hits.rows] = True
    is_kept = found[hits.rows]
    matched = np.flatnonzero(is_hit[rows])
    words = np.zeros(len(rows), np.float32)
    words[matched] = hits.scores[is_kept]
    is_full = np.zeros(len(rows), np.float32)
    is_full[matched] = hits.is_full[is_kept]
    meaning = np.clip(cosines[rows], 0.0, 1.0)
    trusted = np.array([*trust, 0.0], np.float32)[codes[rows]]
    together = meaning + np.float32(_WORDS_WEIGHT) * words
    gain = np.float32(_EXACT_WEIGHT) * is_full * trusted
    scores = _deal(together, meaning, gain, codes[rows])
    if nearness is not None and len(rows):
        seeds = _best(scores.astype(np.float64), _SEEDS)
        compared = np.arange(len(rows))
        if len(rows) > _MOST_NEAR:
            compared = np.argpartition(-together, _MOST_NEAR)[:_MOST_NEAR]
        near = nearness(rows[seeds], np.maximum(scores[seeds], np.float32(1e-3)), rows[compared])
        # What was not compared is no nearer than the farthest.
        added = np.full(len(rows), near.min(), np.float32)
        added[compared] = near
        scores = _deal(together + np.float32(_SEEDS_WEIGHT) * added, meaning, gain, codes[rows])
    found_by = np.full(len(rows), MEANING, np.int8)
    found_by[matched] = np.where(by_meaning[rows[matched]], BOTH, WORDS)
    return Ranking(rows, np.clip(scores, 0.0, 1.0), found_by, words, meaning)


def _deal(together: Floats, meaning: Floats, gain: Floats, codes: NDArray[np.int32]) -> Floats:
    """Return the scores of texts: within each language those by `meaning`, in the order of `together`, and `gain`."""
    best = np.arange(len(together))
    scores = together.copy()
    if len(together) > _MOST_DEALT:
        best = np.sort(np.argpartition(-together, _MOST_DEALT)[:_MOST_DEALT])
    dealt = np.zeros(len(best), np.float32)
    of_best = codes[best]
    for code in np.unique(of_best):
        group = np.flatnonzero(of_best == code)
        dealt[group[np.argsort(-together[best[group]], kind="stable")]] = -np.sort(-meaning[best[group]])
    dealt += (1 - dealt) * gain[best]
    if len(together) > _MOST_DEALT:
        # What was not dealt stays behind what was.
        scores *= min(float(dealt.min()), 1.0) / max(float(together.max()), 1e-9)
    scores[best] = dealt
    return scores


def _found_by_meaning(cosines: Floats, codes: NDArray[np.int32]) -> NDArray[np.bool_]:
    found = cosines >= FLOOR
    counts = np.bincount(codes[found], minlength=int(codes.max(initial=-1)) + 1)
    for code in np.flatnonzero(counts < FEWEST_FOUND):
        near = np.flatnonzero((codes == code) & (cosines >= LEAST))
        if len(near) > FEWEST_FOUND:
            near = near[np.argpartition(-cosines[near], FEWEST_FOUND)[:FEWEST_FOUND]]
        found[near] = True
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page of `total` results: places in the ranking of the `chosen`, and per chosen of those `folded` under it."""

    chosen: NDArray[np.int64]
    folded: Mapping[int, NDArray[np.int64]]
    total: int


def cut_page(
    ranking: Ranking, *, groups: NDArray[np.int32] | None, dates: NDArray[np.int32] | None, offset: int, limit: int
) -> Page:
    """Return the page from `offset` on, of at most `limit` results; equal ones come in the order of the site.

    `groups` and `dates` (all texts,) fold and put the newest first, where they are given.
    """
    keys = ranking.scores.astype(np.float64)
    if dates is not None:
        keys = dates[ranking.rows] + keys / 2
    needed = offset + limit
    if groups is None:
        order = _best(keys, needed)
        return Page(order[offset:], {}, len(keys))
    own = groups[ranking.rows]
    seen = np.zeros(int(groups.max(initial=-1)) + 1, np.bool_)
    seen[own] = True
    total = int(np.count_nonzero(seen))
    count = min(len(keys), 2 * needed + 64)
    while True:
        order = _best(keys, count)
        _, firsts = np.unique(own[order], return_index=True)
        if len(firsts) >= min(needed, total):
            break
        count = min(len(keys), 4 * count)
    chosen = order[np.sort(firsts)[offset:needed]]
    wanted = np.zeros(len(seen), np.bool_)
    wanted[own[chosen]] = True
    members = np.flatnonzero(wanted[own])
    members = members[np.lexsort((members, -keys[members]))]
    folded = {int(place): members[(own[members] == own[place]) & (members != place)] for place in chosen}
    return Page(chosen, folded, total)


def _best(keys: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """Return the places of the `count` highest keys, highest first, equal ones in order of place."""
    places = np.arange(len(keys))
    if count < len(keys):
        # All that tie with the last one stay in, so that the pages of one answer fit together.
        least = np.partition(keys, len(keys) - count)[len(keys) - count]
        places = np.flatnonzero(keys >= least)
    chosen: NDArray[np.int64] = places[np.argsort(-keys[places], kind="stable")[:count]]
    return chosen
