"""Judging: the candidates of a document with their features, and which of them are statements.

The rules of `extractors.finding` and `extractors.weighing` say what they would take. Beside their candidates stand
weaker ones: the sentences of every section of statements, sentences with a cue anywhere, and candidates of the rules as
another kind. A learned judge (`models.judging`) tells for each how likely it is; the features are gathered here.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from extractors.emphasis import bold_lead, is_bold, is_bold_inside
from extractors.kinds import CUE_OF_KIND, ROLE_OF_KIND
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import STATEMENT_KINDS, Document, ReportKind, SectionRole, StatementKind
from extractors.rules import ANNOUNCED, FORMAL, RULE_RANK, SET_OUT, Candidate, Taken
from extractors.sections import Outline, unnamed_titles
from extractors.weighing import is_distant, weigh_candidates
from models.pipeline import Sentence
from models.wording import LABELS, Wording

if TYPE_CHECKING:
    from models.judging import Judge, Judgement, Presentation

FEWEST_WORDS: Final = 5
"""A shorter sentence is no candidate of its own."""

CUES: Final = (
    "recommend",
    "ought",
    "must",
    "imperative",
    "conclude",
    "find",
    "learn",
    "cited",
    "done",
    "lead",
    "announce_recommendation",
    "announce_conclusion",
    "announce_finding",
    "announce_lesson",
)
ROLES: Final[tuple[SectionRole, ...]] = (
    "summary",
    "annex",
    "response",
    "background",
    "method",
    "conclusions",
    "recommendations",
    "findings",
    "lessons",
)
SURE_OF_ROLE: Final[dict[SectionRole, float]] = {
    "recommendations": 0.8,
    "conclusions": 0.8,
    "lessons": 0.75,
    "response": 0.7,
}
"""Probability from which a title has a role by its meaning.

Other roles are not read so: a title such as "Results" means findings, but what stands below is seldom presented as one.
"""

SURE_OF_OTHER_KIND: Final = 0.2
"""By so much must a candidate be likelier as another kind to be taken as that."""

REVIEW_CONFIDENCE: Final = 0.15
"""A candidate below its threshold but above this is kept for review; one below both is nothing."""

Features = dict[str, float]


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with what is known of it: whether the rules alone take it, and its features."""

    candidate: Candidate
    found_by_rules: bool
    features: Features

    @property
    def presented(self) -> Presentation | None:
        """How the rules take the candidate; None where they do not."""
        if not self.found_by_rules:
            return None
        rule = self.candidate.rule
        return "announced" if rule in ANNOUNCED else "listed" if rule in SET_OUT else "spoken"


@dataclass(frozen=True, slots=True, eq=False)
class Surroundings:
    """What the features of a candidate are read from."""

    document: Document
    outline: Outline
    passages: Sequence[Passage]
    report_kind: ReportKind

    def text(self, candidate: Candidate) -> str:
        """Return the words of a candidate, parted by single spaces."""
        return " ".join(self.document.text[candidate.start : candidate.end].split())


def read_meant_roles(document: Document, lexicon: Lexicon, judge: Judge) -> dict[str, SectionRole]:
    """Return the roles that titles have by their meaning, where the model is sure and their words say nothing."""
    titles = unnamed_titles(document, lexicon)
    read = judge.roles.read(titles, language=document.language)
    meant: dict[str, SectionRole] = {}
    for title, (named, probability) in zip(titles, read, strict=True):
        role = next((r for r in SURE_OF_ROLE if r == named), None)
        if role and probability >= SURE_OF_ROLE[role]:
            meant[title] = role
    return meant


def gather_candidates(around: Surroundings, found: Sequence[Candidate]) -> list[tuple[Candidate, bool]]:
    """Return all candidates of a document, each with whether the rules alone would take it.

    These are the candidates `found` by the rules, the same as other kinds that their section or their words allow, and
    the sentences that no rule took.
    """
    kept = set(map(id, weigh_candidates(around.outline, found)))
    pool = [(c, id(c) in kept) for c in found]
    have = {(c.start, c.kind) for c in found}
    places = _places(around)
    for c in found:
        passage = around.passages[places(c.start)]
        for kind in STATEMENT_KINDS:
            if (c.start, kind) not in have and _may_be(passage, kind, c.start, c.end):
                have.add((c.start, kind))
                pool.append((replace(c, kind=kind), False))
    for passage in around.passages:
        if passage.block.kind in ("heading", "footnote", "caption", "table"):
            continue
        for s in passage.sentences:
            text = around.document.text[s.start : s.end].rstrip()
            if len(text.split()) < FEWEST_WORDS or text[-1] in "?:":
                continue
            for kind in STATEMENT_KINDS:
                if (s.start, kind) in have or not _may_stand_alone(around, passage, kind, s.start, s.end):
                    continue
                have.add((s.start, kind))
                page = around.document.page_at(s.start)
                pool.append((Candidate(kind, s.start, s.end, page, "sentence", 0.0, passage.section), False))
    return pool


def _may_be(passage: Passage, kind: StatementKind, start: int, end: int) -> bool:
    """Whether the section or a cue inside allows a range to be a statement of a kind."""
    if ROLE_OF_KIND[kind] in passage.roles:
        return True
    groups = {CUE_OF_KIND[kind], "must", "imperative"} if kind == "recommendation" else {CUE_OF_KIND[kind]}
    return _has_cue(passage, groups, start, end)


def _may_stand_alone(around: Surroundings, passage: Passage, kind: StatementKind, start: int, end: int) -> bool:
    """Whether a sentence that no rule took may be a statement: by its own words, or by the title of its section.

    Findings and lessons need words of their own: their chapters tell at length what was found.
    """
    titled = around.outline.titled_of(passage.section)
    if kind == "conclusion" and ROLE_OF_KIND[kind] in passage.roles:
        return True
    if kind == "recommendation" and ROLE_OF_KIND[kind] in titled:
        return True
    return _has_cue(passage, {CUE_OF_KIND[kind]}, start, end)


def _has_cue(passage: Passage, groups: set[str], start: int, end: int) -> bool:
    within = _sentences_between(passage.sentences, start, end)
    return any(cue.group in groups and start <= cue.start < end for s in within for cue in s.cues)


def _sentences_between(sentences: Sequence[Sentence], start: int, end: int) -> Sequence[Sentence]:
    """Return the sentences that share text with ``[start, end)``; they are in order."""
    first = bisect_right(sentences, start, key=_end_of)
    return sentences[first : bisect_left(sentences, end, key=_start_of)]


def _start_of(sentence: Sentence) -> int:
    return sentence.start


def _end_of(sentence: Sentence) -> int:
    return sentence.end


def _places(around: Surroundings) -> Callable[[int], int]:
    starts = [p.start for p in around.passages]
    return lambda offset: max(0, bisect_right(starts, offset) - 1)


def describe_candidates(around: Surroundings, found: Sequence[Candidate], judge: Judge) -> list[Judged]:
    """Return the candidates of a document with their features; an empty list for a document without any.

    Args:
        around: the document and what was read from it.
        found: what the rules found, before it is weighed.
        judge: whose model of wording reads the candidates.
    """
    pool = gather_candidates(around, found)
    places = _places(around)
    wordings = []
    for c, _ in pool:
        i = places(c.start)
        heading = around.outline.title_of(c.section)
        wordings.append(Wording(around.text(c), heading, _lead_in(around, i, c)))
    in_context, alone = judge.wording.read(wordings, language=around.document.language)
    rules = [c for c, _ in pool if c.rule != "sentence"]
    totals = Counter(c.kind for c in rules if c.rule in FORMAL or c.rule == "list after lead-in")
    same = Counter((c.kind, c.rule, c.section) for c, _ in pool)
    bold = Counter((c.kind, c.section) for c in rules if _has_bold_lead(around, places, c))
    text = around.document.text
    words = len(text.split())
    held = [(n, around.outline.sections[n]) for n in {c.section for c, _ in pool} if n is not None]
    section_words = {None: words} | {n: len(text[s.start : s.end].split()) for n, s in held}
    counts = _Counts(totals, same, bold, words, section_words)
    judged = []
    for n, (c, is_kept) in enumerate(pool):
        features = _features(around, c, places(c.start), counts)
        for i, label in enumerate(LABELS):
            features[f"wording={label}"] = math.log(float(in_context[n, i]) + 0.01)
            features[f"alone={label}"] = math.log(float(alone[n, i]) + 0.01)
        own = LABELS.index(c.kind)
        features["wording of kind"] = math.log(float(in_context[n, own]) + 0.01)
        features["alone of kind"] = math.log(float(alone[n, own]) + 0.01)
        judged.append(Judged(c, is_kept, features))
    return judged


def _lead_in(around: Surroundings, i: int, c: Candidate) -> str:
    """Return the sentence that leads to a candidate with a colon ("We recommend that the Trust:"), empty without one.

    Other sentences before it tell little, and reading them all would cost as much as reading the candidates.
    """
    if c.lead_in.rstrip().endswith(":"):
        return c.lead_in
    sentences = around.passages[i].sentences
    count = bisect_right(sentences, c.start, key=_end_of)
    if count:
        before = around.document.text[sentences[count - 1].start : sentences[count - 1].end]
    else:
        above = around.passages[i - 1] if i else None
        before = around.document.text[above.start : above.end] if above and above.block.kind == "paragraph" else ""
    return before if before.rstrip().endswith(":") else ""


@dataclass(frozen=True, slots=True, eq=False)
class _Counts:
    formal: Counter[StatementKind]
    same: Counter[tuple[StatementKind, str, int | None]]
    bold: Counter[tuple[StatementKind, int | None]]
    words: int
    section_words: Mapping[int | None, int]
    """Words of each section that holds a candidate, under None those of the whole text."""


def _has_bold_lead(around: Surroundings, places: Callable[[int], int], c: Candidate) -> bool:
    return bold_lead(around.passages[places(c.start)], c.start, around.document) is not None


def _features(around: Surroundings, c: Candidate, i: int, counts: _Counts) -> Features:
    outline, document = around.outline, around.document
    passage = around.passages[i]
    inside = _sentences_between(passage.sentences, c.start, c.end)
    cues = {cue.group for s in inside for cue in s.cues}
    index = bisect_right(passage.sentences, c.start, key=_end_of)
    index = index if index < len(passage.sentences) else 0
    own = ROLE_OF_KIND[c.kind]
    roles = outline.roles_of(c.section)
    titled = outline.titled_of(c.section)
    before = around.passages[i - 1] if i else None
    words = around.text(c)
    features: Features = {
        f"rule={c.rule}": 1.0,
        f"kind of report={around.report_kind}": 1.0,
        f"language={document.language}": 1.0,
        "has role": float(own in roles),
        "has title": float(own in titled),
        "has role by meaning": float(own in roles and outline.is_meant(c.section)),
        "words": math.log(1 + len(words.split())),
        "sentence": min(index, 8) / 4,
        "is first": float(index == 0),
        "sentences": min(len(passage.sentences), 10) / 5,
        "is item": float(passage.is_item),
        "has label": float(bool(c.label)),
        "is bold": float(is_bold(passage)),
        "is bold inside": float(is_bold_inside(passage, c.start, c.end)),
        "has bold lead": float(bold_lead(passage, c.start, document) is not None),
        "bold leads": math.log(1 + counts.bold[c.kind, c.section]),
        "below heading": float(before is not None and before.block.kind == "heading"),
        "place": c.start / max(1, len(document.text)),
        "formal": math.log(1 + counts.formal[c.kind]),
        "document has title": float(any(own in t for t in outline.titled)),
        "without section": float(c.section is None),
        "section words": math.log(1 + counts.section_words[c.section]),
        "same": math.log(1 + counts.same[c.kind, c.rule, c.section]),
        "is distant": float(is_distant(outline, c)),
        "document words": math.log(1 + counts.words),
        "ends in stop": float(words[-1:] in ".;!"),
        "begins small": float(words[:1].islower()),
    }
    features.update({f"role={role}": float(role in roles) for role in ROLES})
    features.update({f"cue={cue}": float(cue in cues) for cue in CUES})
    return features


def judge_candidates(judged: Sequence[Judged], judge: Judge, *, document_id: str) -> list[Judgement]:
    """Return what the judge says of each candidate, in the order given; an empty list for none."""
    judgements: dict[int, Judgement] = {}
    for kind in STATEMENT_KINDS:
        places = [n for n, j in enumerate(judged) if j.candidate.kind == kind]
        rows = [judged[n].features for n in places]
        presented = [judged[n].presented for n in places]
        judgements.update(zip(places, judge.judge(kind, rows, presented, document_id=document_id), strict=True))
    return [judgements[n] for n in range(len(judged))]


def choose_candidates(
    judged: Sequence[Judged], judgements: Sequence[Judgement], *, min_confidence: float | None = None
) -> tuple[list[Candidate], list[Candidate]]:
    """Return the candidates that are statements, and those for review, both in reading order with their confidence.

    Of candidates that share text the one by the strongest rule is taken, as the kind that is likeliest by far; a
    sentence that no rule took counts only where nothing else is taken.

    Args:
        judged: the candidates.
        judgements: what the judge says of each.
        min_confidence: what a statement needs beyond the judge's own limits.
    """
    least = min_confidence or 0.0
    pool = [
        (replace(j.candidate, confidence=round(g.confidence, 3)), j.found_by_rules, g.is_statement)
        for j, g in zip(judged, judgements, strict=True)
    ]
    best: dict[tuple[int, int], Candidate] = {}
    for c, _, is_statement in pool:
        known = best.get((c.start, c.end))
        if is_statement and (known is None or c.confidence > known.confidence):
            best[c.start, c.end] = c
    taken: list[Candidate] = []
    review: list[Candidate] = []
    held = Taken()
    for c, by_rules, is_statement in sorted(pool, key=_by_strength):
        other = best.get((c.start, c.end))
        if other and other.kind != c.kind and other.confidence > c.confidence + SURE_OF_OTHER_KIND:
            continue
        if held.holds_text_of(c):
            continue
        if is_statement and c.confidence >= least:
            held.take(c)
            taken.append(c)
        elif c.confidence >= REVIEW_CONFIDENCE or by_rules:
            review.append(c)
    free = [c for c in review if held.take(c)]
    return sorted(taken, key=_start), sorted(free, key=_start)


def _by_strength(row: tuple[Candidate, bool, bool]) -> tuple[bool, int, float, int]:
    c, by_rules, _ = row
    return not by_rules, RULE_RANK[c.rule], -c.confidence, c.start


def _start(c: Candidate) -> int:
    return c.start
