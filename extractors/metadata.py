"""What a document says of itself as a publication: title, publisher, date, number, kind and the cases it names."""

from __future__ import annotations

import re
from collections import Counter

from extractors.cases import find_cases
from extractors.deadlines import find_date
from extractors.front import Front, read_front
from extractors.lexicon import Lexicon, phrase_regex
from extractors.metadata_publisher import find_publisher
from extractors.metadata_title import find_reported_title, find_title
from extractors.records import Document, Report, ReportKind

LETTER_HEAD = 700
LETTER_PAGES = 40
"""A letter greets in its first so many characters, and has no more pages."""

CODE_BLOCKS = 12
"""The number of a report stands among its first so many lines."""

NEWS_WORDS = 1500
"""A text without pages that is shorter than this, and has no contents or numbered chapters, is a news item."""


def find_report(document: Document, lexicon: Lexicon, *, report_id: str) -> Report:
    """Return the publication data of `document`; what cannot be found is None, the kind is ``"report"`` by default."""
    front = read_front(document)
    title, subtitle = find_title(document, front, lexicon)
    kind = find_kind(document, front.text, title, lexicon)
    if kind == "news":
        title, subtitle = find_reported_title(document, lexicon) or (title, subtitle)
    return Report(
        report_id=report_id,
        title=title,
        subtitle=subtitle,
        publisher=find_publisher(document, front, lexicon, kind=kind, title=title),
        published_date=_find_published(document, front, title or "", lexicon),
        report_number=_find_number(document, front, kind, lexicon),
        kind=kind,
        language=document.language,
        cases=find_cases(document.text, lexicon),
    )


# --- kind ------------------------------------------------------------------------------------------------------------


def find_kind(document: Document, front_text: str, title: str | None, lexicon: Lexicon) -> ReportKind:
    """Return the kind of publication by the words of its title, then of its first lines; ``"report"`` by default."""
    chapters = sum(1 for b in document.blocks if b.kind == "heading" and document.text[b.start : b.start + 1].isdigit())
    words = len(document.text.split())
    order: tuple[ReportKind, ...] = ("response", "news", "letter", "other", "evaluation", "inquiry", "advice", "report")
    head = " ".join(front_text[:1500].split())
    for kind in order:
        patterns = tuple(lexicon.publication.kinds.get(kind, ()))
        if not patterns:
            continue
        in_title = bool(title and phrase_regex(patterns).search(title))
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
    headings = " | ".join(" ".join(document.text[b.start : b.end].split()) for b in heads)
    fallbacks: tuple[tuple[ReportKind, str], ...] = (("inquiry", head[:600]), ("advice", headings))
    for kind, place in fallbacks:
        if phrase_regex(tuple(lexicon.publication.kinds.get(kind, ()))).search(place):
            return kind
    return "report"


# --- date and number -------------------------------------------------------------------------------------------------


def _heads_first_page(document: Document, patterns: tuple[str, ...]) -> bool:
    """Whether a heading of the first page begins with one of `patterns`."""
    begins = phrase_regex(tuple(f"^ {pattern}" for pattern in patterns))
    heads = (b for b in document.blocks if b.page == 1 and b.kind == "heading")
    return any(begins.match(document.text[b.start : b.end]) for b in list(heads)[:CODE_BLOCKS])


def _find_published(document: Document, front: Front, title: str, lexicon: Lexicon) -> str | None:
    own = document.properties.get("published_date")
    if own and re.match(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?$", own[:10]):
        return own[:10]
    created = document.properties.get("creation_date", "")
    created = created[:10] if re.match(r"(?:19|20)\d\d-\d\d-\d\d", created) else ""
    published = phrase_regex(tuple(lexicon.publication.published))
    best: tuple[int, int, str] | None = None
    for number, line in enumerate(front.text.split("\n")):
        match = published.search(line)
        # "Printed 3 May and published 9 May": the date behind the last word for publication counts.
        behind = find_date(line[list(published.finditer(line))[-1].end() :], lexicon) if match else None
        date = behind or find_date(line, lexicon)
        is_range = bool(re.search(r"\d{4}\s*[-–/]\s*\d{2,4}", line))
        if date is None or (len(date) == 4 and (len(line.split()) > 8 or line.strip() in title or is_range)):
            continue  # a bare year in a sentence is that of a law, a survey, a quotation …
        if created and date[:4] > str(int(created[:4]) + 1):
            continue  # a goal, not the past
        # A full date beats a month, a month beats a year; the word for publication and few other words speak for it.
        score = len(date) + (6 if match else 0) + (3 if len(line.split()) <= 8 else 0) - min(number, 40) // 10
        if _is_of_the_case(line, date, title, created, lexicon):
            score -= 9
        if best is None or score > best[0] or (score == best[0] and match and date > best[2]):
            best = (score, number, date)
    released = _released(document, lexicon)
    if released and not (best and best[0] >= 16):
        return released
    if best and (len(best[2]) > 4 or best[0] >= 7):
        return best[2]
    if best:
        return created[: len(best[2]) + 3] if created[:4] == best[2] else best[2]
    return created or None


def _is_of_the_case(line: str, date: str, title: str, created: str, lexicon: Lexicon) -> bool:
    """Whether a date is that of the event which the document is about: its title names it, or it is long before."""
    in_title = bool(title) and (find_date(title, lexicon) == date or (len(line.split()) > 3 and line.strip() in title))
    return in_title or bool(created and len(date) == 10 and int(date[:4]) * 12 + int(date[5:7]) < _months(created) - 5)


def _months(date: str) -> int:
    return int(date[:4]) * 12 + int(date[5:7])


def _released(document: Document, lexicon: Lexicon) -> str | None:
    """Return the full date of release that the last sentences of a document state, None without."""
    released = phrase_regex(tuple(lexicon.publication.released))
    for line in reversed(document.text[-4000:].split("\n")):
        match = released.search(line)
        date = find_date(line[match.end() : match.end() + 60], lexicon) if match else None
        if date and len(date) == 10:
            return date
    return None


_CODE = re.compile(
    r"(?<![\w/-])(?=(?:[^\s\d]*\d){3}|[A-Z]+ \d{3})"
    r"(?:[A-Z]{1,5}(?:[-:/][A-Z\d]{1,6}){1,4}|[A-Z]\d{2}[A-Z]\d{4}|[A-Z]{2,4}[ -]?\d{3,5})(?![\w/-])"
)
"""An identifier of capitals and three or more digits, as series of reports have them."""


def _find_number(document: Document, front: Front, kind: ReportKind, lexicon: Lexicon) -> str | None:
    """Return the number of the report: labelled as such, else a code on the first page or in the running heads."""
    if kind in ("response", "letter"):
        return _labelled_number(front, lexicon)  # any other number is that of the report which is answered
    reports = phrase_regex(tuple(lexicon.publication.kinds.get("report", ())))
    for match in reports.finditer(front.text):
        # "Report AB 2023-08": behind the bare word only what cannot be anything else is a number.
        number = re.match(
            r"\s*:?\s*((?:[A-Z]{2,6}[ -]?)\d{2,4}[-/]\d{1,4}|\d{4}/\d{1,4})(?!\d)", front.text[match.end() :]
        )
        if number:
            return number.group(1)
    coded = _code_on_first_page(document, front) or _labelled_number(front, lexicon)
    if coded:
        return coded
    heads = Counter(m for b in document.blocks for m in _CODE.findall(b.furniture_text or ""))
    common = heads.most_common(1)
    return common[0][0] if common and common[0][1] >= 3 else None


def _labelled_number(front: Front, lexicon: Lexicon) -> str | None:
    for match in phrase_regex(tuple(lexicon.publication.numbers)).finditer(front.text):
        number = re.match(
            r"\s*(?:nr\.?|no\.?|:|\|)*\s*"
            r"((?:[A-Z]{2,6}[-/ ]|[A-Z]+\s–\s[A-Z&]+/\s)?[A-Z]{0,6}[-/ ]?\d[\w./-]{1,20})",
            front.text[match.end() : match.end() + 60],
        )
        if number:
            return number.group(1).strip(" .-/")
    return None


def _code_on_first_page(document: Document, front: Front) -> str | None:
    for block in [b for b in front.blocks if b.page == 1][:CODE_BLOCKS]:
        line = " ".join(document.text[block.start : block.end].split())
        leading = re.match(r"(\d{2}-\d{3})\s", line)
        if block.kind == "heading" and leading:
            return leading.group(1)
        match = _CODE.search(line) if block.kind == "heading" or len(line.split()) <= 3 else None
        if match:
            return match.group(0)
    return None
