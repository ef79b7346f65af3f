"""The error browser: one HTML page with what was missed, found falsely, or taken for another kind, in its context."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined

from flows.scoring import KINDS, Json, match_statements, similarity, tokens

if TYPE_CHECKING:
    from flows.evaluation import Evaluated

ErrorSort = Literal["missed", "false", "wrong kind"]
SORTS: Final[tuple[ErrorSort, ...]] = ("missed", "false", "wrong kind")
CONTEXT: Final = 240
"""Characters that are shown before and behind a statement."""

LEAST_ALIKE: Final = 0.15
"""Two statements less alike than this are not called near."""


@dataclass(frozen=True, slots=True)
class Near:
    """The statement of the other side that is most like an erroneous one; `side` says where it stands."""

    side: Literal["gold", "found", "review"]
    kind: str
    page: int | None
    text: str
    similarity: float
    confidence: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One error. `rule` and `confidence` are those of what was found, None where nothing was.

    `gold_kind` is the kind that the gold has, where something was taken for another kind.
    """

    sort: ErrorSort
    kind: str
    page: int | None
    label: str | None
    section: str | None
    rule: str | None
    confidence: float | None
    text: str
    before: str
    after: str
    near: Near | None = None
    gold_kind: str | None = None


def find_mistakes(document: Evaluated) -> list[Mistake]:
    """Return the errors in one document in reading order; an empty list when there is none."""
    compared = document.score.comparisons
    missed = [s for c in compared for s in c.missed]
    false = [s for c in compared for s in c.false_alarms]
    # The gold of a document may leave out whole kinds; they are no errors.
    scored = {c.kind for c in compared}
    mistaken = [(i, j) for i, j, _ in match_statements(missed, false)]
    taken_gold, taken_found = {i for i, _ in mistaken}, {j for _, j in mistaken}
    mistakes = [
        _describe(
            "wrong kind", document, false[j], near=_near(missed[i], false[j], "gold"), gold_kind=missed[i]["type"]
        )
        for i, j in mistaken
    ]
    gold = [s for s in document.gold["statements"] if s["type"] in scored]
    for i, statement in enumerate(missed):
        if i not in taken_gold:
            mistakes.append(_describe("missed", document, statement, near=_find_near(document, statement)))
    for j, statement in enumerate(false):
        if j not in taken_found:
            mistakes.append(_describe("false", document, statement, near=_nearest(statement, gold, "gold")))
    return sorted(mistakes, key=lambda m: (m.page or 0, SORTS.index(m.sort), m.kind))


def write_error_page(path: Path, documents: Sequence[Evaluated]) -> None:
    """Write the errors in `documents` to one HTML file that needs no other; every text is escaped.

    Raises:
        OSError: when the file cannot be written.
    """
    found = [(document, find_mistakes(document)) for document in documents]
    pages = [
        {
            "name": document.name,
            "language": document.score.language,
            "problem": document.predicted.get("problem"),
            "mistakes": mistakes,
            "counts": {sort: sum(m.sort == sort for m in mistakes) for sort in SORTS},
            "tallies": list(_tallies(document)),
        }
        for document, mistakes in found
    ]
    environment = Environment(
        loader=PackageLoader("flows"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.get_template("errors.html")
    path.write_text(template.render(documents=pages, sorts=SORTS, kinds=KINDS), encoding="utf-8")


def _tallies(document: Evaluated) -> Iterator[str]:
    for compared in document.score.comparisons:
        tally = document.score.tally("statement", compared.kind)
        if tally.wanted or tally.predicted:
            yield f"{compared.kind}s: {tally.hits} right of {tally.predicted} found, {tally.wanted} in the gold"


def _describe(
    sort: ErrorSort, document: Evaluated, statement: Json, *, near: Near | None, gold_kind: str | None = None
) -> Mistake:
    before, after = _context(document.text, statement)
    label = statement.get("label")
    return Mistake(
        sort=sort,
        kind=statement["type"],
        page=statement.get("page"),
        label=str(label) if label else None,
        section=statement.get("section"),
        rule=statement.get("rule"),
        confidence=statement.get("confidence"),
        text=statement["text"],
        before=before,
        after=after,
        near=near,
        gold_kind=gold_kind,
    )


def _find_near(document: Evaluated, missed: Json) -> Near | None:
    """Return what was found that is most like a missed statement, of any kind; the review list counts as well."""
    found = _nearest(missed, document.predicted.get("statements", []), "found")
    doubted = _nearest(missed, document.predicted.get("review", []), "review")
    if found and doubted:
        return doubted if doubted.similarity > found.similarity else found
    return found or doubted


def _nearest(statement: Json, others: Sequence[Json], side: Literal["gold", "found", "review"]) -> Near | None:
    best = max(others, key=lambda other: similarity(statement, other), default=None)
    return _near(best, statement, side) if best is not None and similarity(statement, best) >= LEAST_ALIKE else None


def _near(other: Json, statement: Json, side: Literal["gold", "found", "review"]) -> Near:
    return Near(
        side,
        other["type"],
        other.get("page"),
        other["text"],
        round(similarity(statement, other), 2),
        other.get("confidence"),
        other.get("why"),
    )


def _context(text: str, statement: Json) -> tuple[str, str]:
    """Return the words before and behind a statement; empty where it is not found in the text."""
    if "start" in statement:
        start, end = statement["start"], statement["end"]
    else:
        words = [re.escape(word) for word in tokens(statement["text"])]
        found = re.search(r"\b" + r"\W+".join(words), text, re.IGNORECASE) if words else None
        if found is None:
            return "", ""
        start, end = found.span()
    before = " ".join(text[max(0, start - CONTEXT) : start].split())
    return before, " ".join(text[end : end + CONTEXT].split())
