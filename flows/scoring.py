"""Scoring: what was extracted from one document against its gold file.

The arithmetic is that of the project's scorer for gold files (see `docs/extraction.md`): a prediction matches a gold
statement of its kind when the token F1 of their texts, or of their other occurrences, is at least 0.6, one to one, best
pairs first.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from extractors.similarity import word_f1

KINDS: Final[tuple[str, ...]] = ("recommendation", "conclusion", "finding", "lesson")
MATCH: Final[float] = 0.6
EXACT: Final[float] = 0.9
ALL: Final = "all"
REPORT_FIELDS: Final[tuple[str, ...]] = ("title", "publisher", "publication_date", "report_number")
_LABEL_WORDS: Final[frozenset[str]] = frozenset(
    {"recommendation", "aanbeveling", "conclusion", "conclusie", "paragraph", "nr", "no"}
)
_ARTICLES: Final[frozenset[str]] = frozenset({"de", "het", "the", "een", "a", "an", "van", "of"})

Json = dict[str, Any]
Pair = tuple[int, int, float]
"""Index in the gold, index in the predictions, similarity."""


@dataclass(slots=True)
class Tally:
    """Hits, false alarms and misses; a share has no false alarms, and its misses are the wrong ones."""

    hits: int = 0
    false_alarms: int = 0
    misses: int = 0

    def add(self, hits: int, predicted: int, wanted: int) -> None:
        """Count `hits` out of `predicted` and `wanted`."""
        self.hits += hits
        self.false_alarms += predicted - hits
        self.misses += wanted - hits

    def add_case(self, is_right: bool) -> None:
        """Count one case of a share."""
        self.hits += is_right
        self.misses += not is_right

    @property
    def wanted(self) -> int:
        """How many the gold has."""
        return self.hits + self.misses

    @property
    def predicted(self) -> int:
        """How many were predicted."""
        return self.hits + self.false_alarms

    @property
    def precision(self) -> float | None:
        """Share of the predictions that are right; None without predictions."""
        return self.hits / self.predicted if self.predicted else None

    @property
    def recall(self) -> float | None:
        """Share of the gold that was found; None without gold."""
        return self.hits / self.wanted if self.wanted else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two; None where there was nothing to find and nothing was found."""
        total = self.wanted + self.predicted
        return 2 * self.hits / total if total else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The statements of one kind in the gold and in the predictions of one document, and which belong together.

    `excused` are the indices of predictions that the gold file calls optional or does not cover.
    """

    kind: str
    wanted: Sequence[Json]
    found: Sequence[Json]
    pairs: Sequence[Pair]
    excused: frozenset[int]

    @property
    def missed(self) -> list[Json]:
        """The gold statements that no prediction matches."""
        hit = {i for i, _, _ in self.pairs}
        return [s for i, s in enumerate(self.wanted) if i not in hit]

    @property
    def false_alarms(self) -> list[Json]:
        """The predictions that match nothing and have no excuse."""
        hit = {j for _, j, _ in self.pairs} | self.excused
        return [s for j, s in enumerate(self.found) if j not in hit]


@dataclass(slots=True)
class DocumentScore:
    """What one document adds to every figure: a tally by part (``statement``, ``page``, ``title`` …) and kind.

    Parts that are about the whole report have the kind ``all``. `doubted` compares the review list with what was
    missed.
    """

    name: str
    language: str
    tallies: dict[tuple[str, str], Tally] = field(default_factory=dict)
    comparisons: list[Comparison] = field(default_factory=list)
    doubted: list[Comparison] = field(default_factory=list)
    false_deadlines: int = 0

    def tally(self, part: str, kind: str = ALL) -> Tally:
        """Return the tally of a part, a new one at first."""
        return self.tallies.setdefault((part, kind), Tally())


def tokens(text: str | None) -> list[str]:
    """Return the words of a text in lower case; a word broken by a hyphen and a space is one."""
    folded = unicodedata.normalize("NFKC", text or "").lower().replace("\u00ad", "")
    return re.findall(r"\w+", re.sub(r"(\w)-\s+(\w)", r"\1\2", folded))


def token_f1(left: Sequence[str], right: Sequence[str]) -> float:
    """Return the F1 of the tokens that two texts share; 0 when one of them has none."""
    return word_f1(Counter(left), Counter(right))


def similarity(left: Json, right: Json) -> float:
    """Return the token F1 of the most similar occurrences of two statements."""
    return max(token_f1(a, b) for a in _wordings(left) for b in _wordings(right))


def match_statements(gold: Sequence[Json], predicted: Sequence[Json]) -> list[Pair]:
    """Pair statements one to one, most similar first: (index in gold, index in predicted, similarity)."""
    left = [_wordings(s) for s in gold]
    right = [_wordings(s) for s in predicted]
    candidates = sorted(
        (
            (max(token_f1(a, b) for a in ours for b in theirs), i, j)
            for i, ours in enumerate(left)
            for j, theirs in enumerate(right)
        ),
        reverse=True,
    )
    pairs: list[Pair] = []
    used_gold: set[int] = set()
    used_predicted: set[int] = set()
    for alike, i, j in candidates:
        if alike < MATCH:
            break
        if i not in used_gold and j not in used_predicted:
            used_gold.add(i)
            used_predicted.add(j)
            pairs.append((i, j, alike))
    return pairs


def _wordings(statement: Json) -> list[list[str]]:
    return [tokens(statement["text"]), *(tokens(o["text"]) for o in statement.get("also") or [])]


def score_document(gold: Json, predicted: Json, *, name: str) -> DocumentScore:
    """Return what one document adds to the figures; a document without prediction is all misses."""
    score = DocumentScore(name, gold.get("language", "?"))
    _score_report(score, gold.get("report") or {}, predicted.get("report") or {})
    same: dict[str, str] = {}
    for kind in KINDS:
        if kind not in gold.get("annotated_types", KINDS):
            continue
        compared = _compare(gold, kind, gold["statements"], predicted.get("statements", []))
        score.comparisons.append(compared)
        score.doubted.append(_compare(gold, kind, compared.missed, predicted.get("review", [])))
        counted = len(compared.found) - len(compared.excused)
        score.tally("statement", kind).add(len(compared.pairs), counted, len(compared.wanted))
        for i, j, alike in compared.pairs:
            same[compared.wanted[i]["id"]] = str(compared.found[j].get("id"))
            _score_pair(score, compared.wanted[i], compared.found[j], alike)
    _score_responses(score, gold.get("responses") or [], predicted.get("responses") or [])
    _score_links(score, gold, predicted, same)
    return score


def _compare(gold: Json, kind: str, wanted: Sequence[Json], found: Sequence[Json]) -> Comparison:
    wanted = [s for s in wanted if s["type"] == kind]
    found = [s for s in found if s["type"] == kind]
    pairs = match_statements(wanted, found)
    return Comparison(kind, wanted, found, pairs, _find_excused(gold, kind, found, pairs))


def _find_excused(gold: Json, kind: str, found: Sequence[Json], pairs: Iterable[Pair]) -> frozenset[int]:
    """Return the unmatched predictions that the gold file calls optional or does not cover."""
    hit = {j for _, j, _ in pairs}
    free = [j for j in range(len(found)) if j not in hit]
    optional = [s for s in gold.get("optional_statements", []) if s["type"] == kind]
    excused = {free[n] for _, n, _ in match_statements(optional, [found[j] for j in free])}
    for region in gold.get("ignore_regions", []):
        first, last = region["pages"]
        if kind in region["types"]:
            excused |= {j for j in free if first <= (found[j].get("page") or 0) <= last}
    return frozenset(excused)


def _score_report(score: DocumentScore, gold: Json, predicted: Json) -> None:
    for name in REPORT_FIELDS:
        want = gold.get(name)
        if want in (None, "", "null"):
            continue
        got = str(predicted.get(name) or "")
        dated = name == "publication_date"
        right = got[: len(want)] == want if dated else token_f1(tokens(want), tokens(got)) >= MATCH
        score.tally(name).add_case(right)


def _score_pair(score: DocumentScore, gold: Json, found: Json, alike: float) -> None:
    kind = gold["type"]
    score.tally("exact", kind).add_case(alike >= EXACT)
    pages = {gold["page"], *(o["page"] for o in gold.get("also") or [])}
    score.tally("page", kind).add_case(found.get("page") in pages)
    if gold.get("label"):
        printed = tokens(str(found.get("label") or ""))
        score.tally("label", kind).add_case(tokens(str(gold["label"]))[-1:] == printed[-1:])
    deadline = found.get("deadline") or {}
    if gold.get("deadline"):
        want = gold["deadline"].get("date")
        is_right = bool(deadline) and (not want or str(deadline.get("date") or "")[: len(want)] == want)
        score.tally("deadline", kind).add_case(is_right)
    elif deadline:
        score.false_deadlines += 1
    if kind == "recommendation":
        wanted, got = _names(gold.get("addressees")), _names(found.get("addressees"))
        reached = sum(any(_overlap(w, g) for g in got) for w in wanted)
        right = sum(any(_overlap(g, w) for w in wanted) for g in got)
        tally = score.tally("addressee", kind)
        tally.hits += reached
        tally.false_alarms += len(got) - right
        tally.misses += len(wanted) - reached


def _names(values: Iterable[str] | None) -> set[str]:
    return {" ".join(t for t in tokens(v) if t not in _ARTICLES) for v in values or []} - {""}


def _overlap(left: str, right: str) -> bool:
    return left in right or right in left or token_f1(left.split(), right.split()) >= 0.5


def _score_responses(score: DocumentScore, gold: Sequence[Json], predicted: Sequence[Json]) -> None:
    if not gold:
        return
    left = list(predicted)
    right = 0
    for want in gold:
        answer = next((p for p in left if _same_response(want, p)), None)
        if answer is not None:
            left.remove(answer)
            right += answer.get("stance") == want["stance"]
    score.tally("response").add(right, len(predicted), len(gold))


def _same_response(gold: Json, predicted: Json) -> bool:
    want, got = ([t for t in tokens(str(r.get("to"))) if t not in _LABEL_WORDS] for r in (gold, predicted))
    if 0 < len(want) <= 4:
        return want == got
    return token_f1(tokens(gold["text"]), tokens(predicted.get("text"))) >= MATCH


def _score_links(score: DocumentScore, gold: Json, predicted: Json, same: dict[str, str]) -> None:
    want = {(same.get(link["recommendation"]), same.get(b)) for link in gold.get("links", []) for b in link["based_on"]}
    if not want:
        return
    got = {(str(k["recommendation"]), str(b)) for k in predicted.get("links", []) for b in k.get("based_on", [])}
    score.tally("link").add(len(want & got), len(got), len(want))
