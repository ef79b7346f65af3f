"""What a document says of itself as a publication: title, publisher, date, number, kind and the cases it names."""

from __future__ import annotations

import re

from extractors.cases import find_cases
from extractors.front import read_front
from extractors.lexicon import Lexicon, phrase_regex
from extractors.metadata_date import find_published
from extractors.metadata_number import CODE_BLOCKS, find_number
from extractors.metadata_publisher import find_publisher
from extractors.metadata_title import find_reported_title, find_title
from extractors.organisations import OrganisationReader
from extractors.records import Document, Report, ReportKind

INQUIRY_HEAD = 600
"""An inquiry says that it is one in the first so many characters, if its title does not."""

SUBTITLE_WORDS = 3
"""A subtitle says in its first so many words what a publication is ("An evaluation of …")."""

LETTER_HEAD = 700
LETTER_PAGES = 40
"""A letter greets in its first so many characters, and has no more pages."""

NEWS_WORDS = 1500
"""A text without pages that is shorter than this, and has no contents or numbered chapters, is a news item."""


def find_report(document: Document, lexicon: Lexicon, *, report_id: str) -> Report:
    """Return the publication data of `document`; what cannot be found is None, the kind is ``"report"`` by default."""
    front = read_front(document)
    organisations = OrganisationReader(lexicon)
    title, subtitle = find_title(document, front, lexicon, organisations)
    kind = find_kind(document, front.text, title, lexicon, subtitle=subtitle)
    if kind == "news":
        title, subtitle = find_reported_title(document, lexicon) or (title, subtitle)
    return Report(
        report_id=report_id,
        title=title,
        subtitle=subtitle,
        publisher=find_publisher(document, front, lexicon, organisations, kind=kind, title=title),
        published_date=find_published(document, front, title or "", lexicon),
        report_number=find_number(document, front, kind, lexicon),
        kind=kind,
        language=document.language,
        cases=find_cases(document.text, lexicon, title=" ".join(filter(None, (title, subtitle)))),
    )


# --- kind ------------------------------------------------------------------------------------------------------------


def find_kind(
    document: Document, front_text: str, title: str | None, lexicon: Lexicon, *, subtitle: str | None = None
) -> ReportKind:
    """Return the kind of publication by the words of its title, then of its first lines; ``"report"`` by default."""
    chapters = sum(1 for b in document.blocks if b.kind == "heading" and document.text[b.start : b.start + 1].isdigit())
    words = len(document.text.split())
    order: tuple[ReportKind, ...] = ("response", "news", "letter", "other", "evaluation", "inquiry", "advice")
    head = " ".join(front_text[:1500].split())
    for kind in order:
        patterns = tuple(lexicon.publication.kinds.get(kind, ()))
        if not patterns:
            continue
        in_title = bool(title and phrase_regex(patterns).search(title))
        in_subtitle = subtitle and phrase_regex(patterns[:1]).search(" ".join(subtitle.split()[:SUBTITLE_WORDS]))
        in_title = in_title or bool(kind == "evaluation" and in_subtitle)
        if kind == "letter" and title and begins_with(title, tuple(lexicon.publication.kinds.get("advice", ()))):
            continue  # an advice may greet whom it advises
        if kind == "news":
            short = not len(document.words) and words < NEWS_WORDS and chapters < 2
            if short and (document.media_type == "text/html" or phrase_regex(patterns).search(document.text)):
                return "news"
        elif kind == "letter":
            if (
                phrase_regex(patterns).search(head[:LETTER_HEAD])
                and not in_title
                and len(document.pages) <= LETTER_PAGES
            ):
                return "letter"
        elif in_title or (kind == "other" and _heads_first_page(document, patterns)):
            return kind
    heads = [b for b in document.blocks if b.page == 1 and b.kind == "heading"][:CODE_BLOCKS]
    headings = [" ".join(document.text[b.start : b.end].split()) for b in heads]
    evaluation = tuple(lexicon.publication.kinds.get("evaluation", ()))
    if any(begins_with(heading, evaluation) for heading in headings):
        return "evaluation"
    spaced = re.sub(r"(?<=\b[A-Z]) (?=[A-Z]\b)", "", head[:INQUIRY_HEAD])
    fallbacks: tuple[tuple[ReportKind, str], ...] = (("inquiry", spaced), ("advice", " | ".join(headings)))
    for kind, place in fallbacks:
        if phrase_regex(tuple(lexicon.publication.kinds.get(kind, ()))).search(place):
            return kind
    return "report"


def _heads_first_page(document: Document, patterns: tuple[str, ...]) -> bool:
    """Whether a heading of the first page begins with one of `patterns`."""
    heads = [b for b in document.blocks if b.page == 1 and b.kind == "heading"][:CODE_BLOCKS]
    return any(begins_with(document.text[b.start : b.end], patterns) for b in heads)


def begins_with(line: str, patterns: tuple[str, ...]) -> bool:
    """Whether a line begins with one of `patterns`."""
    return phrase_regex(tuple(f"^ {pattern}" for pattern in patterns)).match(line) is not None
