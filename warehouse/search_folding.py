"""Finds statements that say nearly the same, so that a result list shows them once.

Candidates share most of their words (MinHash: Broder, "On the resemblance and containment of documents", 1997). They
are near-identical when their vectors say so too, for one changed word can be all that matters, and when they hold the
same numbers. Without vectors only the same words in the same order are. Statements in two languages are never folded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

SAME_COSINE: Final = 0.95
"""The least cosine of two near-identical statements, means taken out.

Chosen on the statements of the corpus: all pairs above it say the same in nearly the same words, and the nearest pairs
that do not (two rows of one table, the same advice about two things) stay below 0.9.
"""

VectorsOf = Callable[[NDArray[np.int64]], NDArray[np.float32]]

_SHARED_WORDS: Final = 0.5
"""The least share of words that two near-identical statements have in common, of those that either has."""

_HASHES: Final = 16
_ROWS_PER_BAND: Final = 2
_PRIME: Final = np.int64(2_147_483_647)
_MOST_OF_A_BUCKET: Final = 64
_FEWEST_HASHES: Final = 3
"""Where two statements share half of their words, eight of sixteen hashes are the same; hardly ever fewer than this."""
_PAIRS_AT_ONCE: Final = 8_192


def fold_groups(
    terms: Iterable[NDArray[np.int32]],
    languages: NDArray[np.int32],
    vectors: VectorsOf | None,
    *,
    is_number: NDArray[np.bool_],
) -> NDArray[np.int32]:
    """Return the group of each of n statements, int32 of shape (n,), numbered from 0 by first appearance.

    `terms` are the numbers of each statement's stems, in order, no two languages sharing one; `languages` (n,) codes;
    `is_number` (all stems,) tells which hold a digit; `vectors` gives the vectors of some rows' own
    texts, means taken out, a row of zeros where there is none.
    """
    held = list(terms)
    first_with: dict[bytes, int] = {}
    leaders = np.array([first_with.setdefault(own.tobytes() or f"row {i}".encode(), i) for i, own in enumerate(held)],
                       np.int32)  # fmt: skip
    if vectors is not None and len(leaders):
        signatures = _signatures(held, len(leaders))
        keys = [(int(language), *np.sort(own[is_number[own]])) for language, own in zip(languages, held, strict=True)]
        key_of: dict[tuple[int, ...], int] = {}
        kinds = np.array([key_of.setdefault(key, len(key_of)) for key in keys], np.int64)
        for start in range(0, _HASHES, _ROWS_PER_BAND):
            _join_buckets(leaders, signatures, start, kinds, vectors, held)
    leaders = _roots(leaders)
    _, first, inverse = np.unique(leaders, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first, kind="stable")] = np.arange(len(first), dtype=np.int32)
    groups: NDArray[np.int32] = rank[inverse].astype(np.int32)
    return groups


def _signatures(terms: Sequence[NDArray[np.int32]], size: int) -> NDArray[np.int64]:
    """Return the least of each hash over the terms of each text; a text without terms has one of its own."""
    generator = np.random.default_rng(20240501)
    factors = generator.integers(1, int(_PRIME), _HASHES, dtype=np.int64)
    offsets = generator.integers(0, int(_PRIME), _HASHES, dtype=np.int64)
    signatures = np.empty((size, _HASHES), np.int64)
    pending: list[NDArray[np.int32]] = []
    first = 0
    for number, own in enumerate(terms):
        pending.append(own if len(own) else np.array([-number - 1], np.int32))
        if len(pending) == 20_000 or number == size - 1:
            lengths = np.array([len(piece) for piece in pending])
            flat = np.concatenate(pending).astype(np.int64)
            starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
            for i in range(_HASHES):
                hashed = (flat * factors[i] + offsets[i]) % _PRIME
                signatures[first : number + 1, i] = np.minimum.reduceat(hashed, starts)
            pending, first = [], number + 1
    return signatures


def _join_buckets(
    leaders: NDArray[np.int32],
    signatures: NDArray[np.int64],
    start: int,
    kinds: NDArray[np.int64],
    vectors: VectorsOf,
    terms: Sequence[NDArray[np.int32]],
) -> None:
    """Join statements of one kind with the same band of hashes, from `start` on, whose vectors are nearly the same."""
    rows = np.flatnonzero(leaders == np.arange(len(leaders)))
    band = signatures[rows, start : start + _ROWS_PER_BAND]
    key = (band[:, 0] * np.int64(1_000_003) + band[:, 1]) * np.int64(1_000_033) + kinds[rows]
    order = np.argsort(key, kind="stable")
    rows, key = rows[order], key[order]
    pairs = []
    for distance in range(1, _MOST_OF_A_BUCKET):
        # The members of a bucket ascend, so the later of two comes behind the earlier.
        places = np.flatnonzero(key[distance:] == key[:-distance])
        if not len(places):
            break
        earlier, later = rows[places], rows[places + distance]
        alike = (signatures[earlier] == signatures[later]).sum(axis=1) >= _FEWEST_HASHES
        pairs.append(np.stack([later[alike], earlier[alike]], axis=1))
    if not pairs:
        return
    for first in range(0, len(found := np.concatenate(pairs)), _PAIRS_AT_ONCE):
        part = found[first : first + _PAIRS_AT_ONCE]
        one, other = vectors(part[:, 0]), vectors(part[:, 1])
        lengths = np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)
        near = np.einsum("ij,ij->i", one, other) >= SAME_COSINE * np.maximum(lengths, 1e-9)
        for later, earlier in part[near].tolist():
            if _shared(terms[later], terms[earlier]) >= _SHARED_WORDS:
                # The earliest statement leads; a leader that is led itself is followed in the end.
                leaders[later] = min(int(leaders[later]), int(leaders[earlier]))


def _shared(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    first, second = set(one.tolist()), set(other.tolist())
    return len(first & second) / max(len(first | second), 1)


def _roots(leaders: NDArray[np.int32]) -> NDArray[np.int32]:
    while True:
        onward = leaders[leaders]
        if np.array_equal(onward, leaders):
            return leaders
        leaders = onward
