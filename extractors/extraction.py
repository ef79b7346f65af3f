"""Extraction: a `Document` becomes an `Extraction` with its report, sections, statements, responses and links."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING

from extractors.addressees import AddresseeFinder
from extractors.deadlines import DeadlineFinder, first_deadline
from extractors.finding import Finder
from extractors.gazetteer import load_gazetteer
from extractors.judging import (
    Surroundings,
    choose_candidates,
    describe_candidates,
    judge_candidates,
    read_meant_roles,
)
from extractors.labelling import label_from_headings, label_regex, split_trailing_label
from extractors.lexicon import Lexicon, lexicons_hash, load_lexicons
from extractors.linking import Placed, find_links
from extractors.merging import Cluster, merge_candidates
from extractors.metadata import find_report
from extractors.numbering import settle_items, settle_paragraphs
from extractors.passages import Passage, read_passages
from extractors.reactions import find_others_words
from extractors.records import (
    Addressee,
    Deadline,
    Document,
    Extraction,
    Mention,
    Report,
    Statement,
    make_report_id,
    number_statement_ids,
)
from extractors.responding import answers_recommendations, find_responses
from extractors.reviewing import find_reasons, split_by_confidence
from extractors.rules import Candidate
from extractors.sections import Outline, find_sections
from extractors.weighing import weigh_candidates

if TYPE_CHECKING:
    from models.judging import Judge

READER_VERSION = "3"
"""Raise when a reader gives another text, other blocks or other places for the same bytes."""

RULES_VERSION = "4"
"""Raise when the rules give other statements for the same document."""

HOME_CHARACTERS = 20_000
"""So much of the text is asked which country's parties the report names most."""

FALLBACK_LANGUAGE = "en"
"""The lexicon for documents in a language that has none."""


def extraction_version(
    language: str | None = None, *, is_judged: bool = False, min_confidence: float | None = None
) -> str:
    """Return what decides what is found in a document in `language`, as ``reader=3;rules=4;lexicons=…;judge=…``.

    It changes when a document would be read anew with another result: when the readers, the rules or a lexicon change;
    when a judge decides and did not before, or the other way round; when its weights change; and when the threshold
    `min_confidence` does. Of the lexicons only that of the language counts, with the parties and the words of layouts;
    all of them do where `language` is None.
    """
    parts = {
        "reader": READER_VERSION,
        "rules": RULES_VERSION,
        "lexicons": _lexicons_hash(language)[:8],
        "judge": _judge_hash()[:8] if is_judged else "rules",
        "threshold": "default" if min_confidence is None else f"{min_confidence:g}",
    }
    return ";".join(f"{name}={version}" for name, version in parts.items())


def compare_versions(before: str, after: str) -> tuple[str, ...]:
    """Return what differs between two versions, such as ``rules 3 → 4``; empty when nothing does.

    A version that an earlier program wrote does not name its parts and is given as it is.
    """
    if before == after:
        return ()
    old, new = (dict(part.partition("=")[::2] for part in version.split(";")) for version in (before, after))
    if old.keys() != new.keys():
        return (f"{before} → {after}",)
    return tuple(f"{name} {old[name]} → {new[name]}" for name in new if old[name] != new[name])


@lru_cache(maxsize=32)
def _lexicons_hash(language: str | None) -> str:
    # Of files that do not change while the program runs, as below.
    has_own = language is None or language in load_lexicons()
    return lexicons_hash(language=language if has_own else FALLBACK_LANGUAGE)


@lru_cache(maxsize=1)
def _judge_hash() -> str:
    # Of files that do not change while the program runs.
    from models.judging import weights_hash

    return weights_hash()


def lexicon_for(language: str) -> Lexicon:
    """Return the lexicon of `language`, the English one when there is none."""
    lexicons = load_lexicons()
    return lexicons.get(language, lexicons[FALLBACK_LANGUAGE])


def extract_report(
    document: Document,
    *,
    report_id: str | None = None,
    judge: Judge | None = None,
    min_confidence: float | None = None,
) -> Extraction:
    """Find everything in one document; deterministic, without network, clock or database.

    Args:
        document: as a reader gives it.
        report_id: the id of the report that this document is a version of; None founds a new one.
        judge: decides with a learned model which candidates are statements; None leaves it to the rules.
        min_confidence: what a statement needs, beyond the limits that a judge brings; None leaves it at those. What is
            below it is in the `review` of the extraction.

    Raises:
        InvalidLexicon: when a lexicon is malformed.
    """
    read = read_candidates(document, report_id=report_id, judge=judge)
    if judge is None:
        taken, review = split_by_confidence(weigh_candidates(read.outline, read.found), min_confidence=min_confidence)
        find_reason = find_reasons((), ())
    else:
        judged = describe_candidates(read.around, read.found, judge)
        judged = [j for j in judged if not read.is_of_others(j.candidate)] if read.speaks else []
        judgements = judge_candidates(judged, judge, document_id=document.document_id)
        taken, review = choose_candidates(judged, judgements, min_confidence=min_confidence)
        find_reason = find_reasons(judged, judgements)
    lexicon, report, outline = read.lexicon, read.report, read.outline
    clusters = merge_candidates(read.document, outline, taken)
    doubted = _leave_out(merge_candidates(read.document, outline, review), clusters)
    statements = _make_statements(read.document, outline, clusters, lexicon, report)
    placed = [Placed(s, c.main) for s, c in zip(statements, clusters, strict=True)]
    return Extraction(
        document=read.document,
        report=report,
        sections=outline.sections,
        statements=statements,
        links=find_links(read.document, outline, placed, lexicon, label_regex(lexicon)),
        responses=find_responses(read.document, outline, read.passages, lexicon, report=report, statements=statements),
        review=tuple(
            replace(s, doubt=find_reason(c.main))
            for s, c in zip(_make_statements(read.document, outline, doubted, lexicon, report), doubted, strict=True)
        ),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A document as it was read for statements, and what the rules found in it before weighing."""

    document: Document
    lexicon: Lexicon
    outline: Outline
    report: Report
    passages: Sequence[Passage]
    found: list[Candidate]
    others: Sequence[tuple[int, int]]
    speaks: bool
    """Whether its authors make statements at all: those of a response or a decision quote others or order."""

    @property
    def around(self) -> Surroundings:
        """What the features of candidates are read from."""
        return Surroundings(self.document, self.outline, self.passages, self.report.kind)

    def is_of_others(self, candidate: Candidate) -> bool:
        """Whether a candidate stands in what the report says that others said."""
        return any(start <= candidate.start < end for start, end in self.others)


def read_candidates(document: Document, *, report_id: str | None = None, judge: Judge | None = None) -> Reading:
    """Read a document up to the candidates of the rules; raises `InvalidLexicon` when a lexicon is malformed.

    A `judge` also reads the titles whose words the lexicon does not know.
    """
    lexicon = lexicon_for(document.language)
    document = settle_items(document)
    meant = read_meant_roles(document, lexicon, judge) if judge else {}
    outline = find_sections(document, lexicon, meant)
    document = settle_paragraphs(document, outline)
    report = find_report(document, lexicon, report_id=report_id or make_report_id(document.document_id))
    passages = read_passages(document, outline, lexicon)
    if report.kind == "letter" and answers_recommendations(document, passages, lexicon, own=report.title or ""):
        report = replace(report, kind="response")
    finder = Finder(document, outline, passages, lexicon, kind=report.kind, publisher=report.publisher)
    others = find_others_words(document, outline, passages, lexicon)
    reading = Reading(document, lexicon, outline, report, passages, [], others, finder.speaks)
    reading.found.extend(c for c in finder.find() if not reading.is_of_others(c))
    return reading


def _leave_out(clusters: Sequence[Cluster], taken: Sequence[Cluster]) -> list[Cluster]:
    """Return the clusters whose main range is not that of a statement already taken."""
    ranges = {(c.main.start, c.main.end) for c in taken}
    return [c for c in clusters if (c.main.start, c.main.end) not in ranges]


def _make_statements(
    document: Document, outline: Outline, clusters: list[Cluster], lexicon: Lexicon, report: Report
) -> tuple[Statement, ...]:
    finder = _addressee_finder(document, lexicon, report)
    deadlines = DeadlineFinder(lexicon, published=_as_day(report.published_date))
    printed = label_regex(lexicon)
    trimmed = [split_trailing_label(document, c.main) for c in clusters]
    texts = [document.text[c.main.start : end] for c, (end, _) in zip(clusters, trimmed, strict=True)]
    statements: list[Statement] = []
    ids = number_statement_ids(report.report_id, texts)
    for cluster, (end, trailing), text, statement_id in zip(clusters, trimmed, texts, ids, strict=True):
        main = cluster.main
        section = outline.sections[main.section] if main.section is not None else None
        mentions = tuple(Mention(document.text[o.start : o.end], o.start, o.end, o.page) for o in cluster.others)
        addressees: tuple[Addressee, ...] = ()
        deadline = None
        if main.kind == "recommendation":
            addressees = finder.find(
                text,
                lead_in=main.lead_in,
                heading="\n".join((*section.path, section.title)) if section else "",
                address=main.address,
                before=statements[-1].addressees if statements else (),
                at=main.start,
            ) or _first_addressees(finder, mentions)
            deadline = _find_deadline(deadlines, text, main.lead_in, mentions)
        statements.append(
            Statement(
                statement_id=statement_id,
                kind=main.kind,
                text=text,
                start=main.start,
                end=end,
                page=main.page,
                confidence=main.confidence,
                rule=main.rule,
                label=trailing or main.label or label_from_headings(outline, main, printed),
                section=section.title if section else None,
                section_role=section.role if section else "other",
                boxes=document.words.within(main.start, end),
                addressees=addressees,
                deadline=deadline,
                mentions=mentions,
            )
        )
    return tuple(statements)


def _addressee_finder(document: Document, lexicon: Lexicon, report: Report) -> AddresseeFinder:
    """Return what finds addressees in this report; its publisher and its beginning tell of which country it is."""
    gazetteer = load_gazetteer()
    sample = "\n".join((report.publisher or "", report.title or "", document.text[:HOME_CHARACTERS]))
    home = gazetteer.find_home(sample, language=document.language)
    return AddresseeFinder(lexicon, gazetteer, region=home, publisher=report.publisher or "", text=document.text)


def _first_addressees(finder: AddresseeFinder, mentions: Sequence[Mention]) -> tuple[Addressee, ...]:
    """Return who the same statement is addressed to where the report says it elsewhere."""
    return next((found for m in mentions if (found := finder.find(m.text, at=m.start))), ())


def _find_deadline(finder: DeadlineFinder, text: str, lead_in: str, mentions: Sequence[Mention]) -> Deadline | None:
    """Return the deadline of a statement: its cell in a table, else what it says itself, here or elsewhere."""
    in_row = finder.find_cell(lead_in) if "|" in lead_in else None
    return in_row or first_deadline(finder, (text, *(m.text for m in mentions)))


def _as_day(printed: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(printed) if printed and len(printed) == 10 else None
