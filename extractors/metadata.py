"""What a document says of itself as a publication: title, publisher, date, number, kind and the cases it names."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from extractors.cases import find_cases
from extractors.deadlines import find_date
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import FURNITURE, Block, Document, Report, ReportKind

FRONT_PAGES = 3
FRONT_CHARACTERS = 6000
TITLE_WORDS = 30
NEWS_WORDS = 1500
"""A text without pages that is shorter than this, and has no contents or numbered chapters, is a news item."""

_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?)\b|^microsoft |^untitled|^document\d*$|_|^slide ", re.IGNORECASE
)
_NAME = r"[A-Z][\w’'&.-]*(?:[ ]+(?:[a-z]{1,4}[ ]+)?[A-Z&][\w’'&.-]*){0,7}"


@dataclass(frozen=True, slots=True)
class _Front:
    """The first pages: their blocks in order and their text."""

    blocks: tuple[Block, ...]
    text: str


def find_report(document: Document, lexicon: Lexicon, *, report_id: str) -> Report:
    """Return the publication data of `document`; what cannot be found is None, the kind is ``"report"`` by default."""
    front = _read_front(document)
    title, subtitle = _find_title(document, front, lexicon)
    kind = find_kind(document, front.text, title, lexicon)
    if kind == "news":
        title, subtitle = _reported_title(document, lexicon) or (title, subtitle)
    return Report(
        report_id=report_id,
        title=title,
        subtitle=subtitle,
        publisher=find_publisher(document, front.text, lexicon),
        published_date=_find_published(document, front, lexicon),
        report_number=_find_number(front.text, lexicon),
        kind=kind,
        language=document.language,
        cases=find_cases(document.text, lexicon),
    )


def _read_front(document: Document) -> _Front:
    blocks = [b for b in document.blocks if b.page <= FRONT_PAGES and b.kind not in FURNITURE]
    if not len(document.words):
        blocks = [b for b in blocks if b.start < FRONT_CHARACTERS]
    end = blocks[-1].end if blocks else 0
    return _Front(tuple(blocks), document.text[:end])


# --- title -----------------------------------------------------------------------------------------------------------


def _find_title(document: Document, front: _Front, lexicon: Lexicon) -> tuple[str | None, str | None]:
    printed, subtitle = _printed_title(document, front, lexicon)
    imprint = _named_title(front, lexicon)
    if imprint and (not printed or not len(document.words)):
        return imprint, subtitle
    named = " ".join(document.properties.get("title", "").split())
    usable = 2 <= len(named.split()) <= TITLE_WORDS and not _FILE_NAME.search(named)
    if usable and _key(named) in _key(front.text):
        below = _line_below(document, front, named)
        return named, below or (subtitle if printed and _alike(named, printed) else None)
    if usable and printed:
        return (printed, subtitle) if _alike(named, printed) or len(document.pages) > 1 else (named, subtitle)
    if printed:
        return printed, subtitle
    return (named, None) if usable else (None, None)


def _line_below(document: Document, front: _Front, title: str) -> str | None:
    """Return the line below the title where that is set as a subtitle: larger than text, or its own heading."""
    blocks = [b for b in front.blocks if b.end > b.start]
    for above, below in pairwise(blocks):
        line = _clean(document.text[below.start : below.end])
        if _key(document.text[above.start : above.end]) == _key(title):
            fits = (
                2 < len(line.split()) <= TITLE_WORDS and below.kind == "heading" and not any(c.isdigit() for c in line)
            )
            return line if fits and below.page == above.page else None
    return None


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


def _printed_title(document: Document, front: _Front, lexicon: Lexicon) -> tuple[str | None, str | None]:
    """Return the largest words of the first page that has any, and the next lines below it as subtitle."""
    if not len(document.words):
        return _first_headings(document, front, lexicon)
    for page in range(1, FRONT_PAGES + 1):
        blocks = [
            b
            for b in front.blocks
            if b.page == page
            and b.kind in ("heading", "paragraph")
            and any(c.isalpha() for c in document.text[b.start : b.end])
        ]
        blocks = [b for b in blocks if len(document.text[b.start : b.end].split()) <= TITLE_WORDS]
        if not blocks:
            continue
        largest = max(b.font_size for b in blocks)
        top = [i for i, b in enumerate(blocks) if b.font_size >= largest - 0.6]
        first, last = top[0], top[0]
        while last + 1 < len(blocks) and last + 1 in top:
            last += 1
        title = " ".join(document.text[b.start : b.end] for b in blocks[first : last + 1])
        if phrase_regex(tuple(lexicon.sections.get("contents", ()))).search(title) or len(title.split()) < 2:
            following = blocks[last + 1] if last + 1 < len(blocks) else None
            if following is None or len(title.split()) >= 2:
                continue
            title = f"{title} {document.text[following.start : following.end]}"
            last += 1
        rest = blocks[last + 1 : last + 2]
        subtitle = document.text[rest[0].start : rest[0].end] if rest and rest[0].font_size >= 10 else None
        if subtitle and (find_date(subtitle, lexicon) or len(subtitle.split()) < 3 or subtitle.endswith(".")):
            subtitle = None
        return _clean(title), _clean(subtitle) if subtitle else None
    return None, None


def _first_headings(document: Document, front: _Front, lexicon: Lexicon) -> tuple[str | None, str | None]:
    """Return the title of a text without pages: the file's own word, else its highest first headings."""
    named = document.properties.get("title")
    if named:
        return _clean(named), None
    blocks = [b for b in front.blocks if b.end > b.start]
    headings = [b for b in blocks if b.kind == "heading" and _could_be_title(document.text[b.start : b.end], lexicon)]
    highest = min((b.level for b in headings), default=0)
    first = next((i for i, b in enumerate(blocks) if b in headings and b.level == highest), None)
    if first is None:
        lines = [_clean(document.text[b.start : b.end]) for b in blocks[:4]]
        plain = [line for line in lines if _could_be_title(line, lexicon) and not _is_organisation(line, lexicon)]
        return (plain[0], None) if plain else (None, None)
    last = first
    while last + 1 < len(blocks) and blocks[last + 1].kind == "heading" and blocks[last + 1].level == highest:
        line = document.text[blocks[last + 1].start : blocks[last + 1].end]
        # A title that is broken into two headings goes on with a small word, or all in capitals as it began.
        if not (
            line[:1].islower() or (line.isupper() and document.text[blocks[first].start : blocks[first].end].isupper())
        ):
            break
        last += 1
    title = _clean(" ".join(document.text[b.start : b.end] for b in blocks[first : last + 1]))
    below = blocks[last + 1] if last + 1 < len(blocks) else None
    subtitle = document.text[below.start : below.end] if below else ""
    fits = (
        2 < len(subtitle.split()) <= TITLE_WORDS
        and not subtitle.endswith(".")
        and not any(c.isdigit() for c in subtitle)
    )
    return title or None, _clean(subtitle) if fits and "(" not in subtitle and ":" not in subtitle else None


def _could_be_title(line: str, lexicon: Lexicon) -> bool:
    words = line.split()
    dated = find_date(line, lexicon) is not None and len(words) <= 4
    if re.match(r"\d", line):
        return False  # the heading of a chapter
    return (
        2 <= len(words) <= TITLE_WORDS and sum(c.isalpha() for c in line) > 6 and not line.endswith(".") and not dated
    )


def _named_title(front: _Front, lexicon: Lexicon) -> str | None:
    """Return the title that an imprint names ("Titel rapport: …"), None without such a line."""
    label = phrase_regex(tuple(f"^ {t}" for t in lexicon.publication.titles))
    for line in front.text.split("\n"):
        match = label.match(line)
        title = line[match.end() :].strip(" :|") if match else ""
        if title and 2 <= len(title.split()) <= TITLE_WORDS and title[0].isupper():
            return _clean(title)
    return None


def _reported_title(document: Document, lexicon: Lexicon) -> tuple[str, str | None] | None:
    """Return the title of the report that a news item is about: the line just above the line with its source."""
    blocks = [b for b in document.blocks if b.kind not in FURNITURE]
    source = phrase_regex(tuple(f"^ {word}" for word in lexicon.publication.sources))
    for above, block in pairwise(blocks):
        line = document.text[above.start : above.end]
        if (
            source.match(document.text[block.start : block.end])
            and len(line.split()) <= TITLE_WORDS
            and line[-1:] not in ".:;"
        ):
            # Title and subtitle stand in one line when the page broke them by style only: a capital after a small word.
            parted = re.match(
                r"(?P<title>.+?[a-zà-ÿ])\s+(?P<subtitle>[A-ZÀ-Þ][a-zà-ÿ]*\s+(?:[a-zà-ÿ]+\s*){3,}.*)$", line
            )
            if parted:
                return parted.group("title"), parted.group("subtitle")
            return line, None
    return None


def _clean(title: str) -> str:
    return " ".join(title.split()).strip(" |–-")


def _alike(a: str, b: str) -> bool:
    left, right = set(re.findall(r"\w+", a.lower())), set(re.findall(r"\w+", b.lower()))
    return len(left & right) >= 0.5 * min(len(left), len(right)) if left and right else False


# --- kind ------------------------------------------------------------------------------------------------------------


def find_kind(document: Document, front_text: str, title: str | None, lexicon: Lexicon) -> ReportKind:
    """Return the kind of publication by the words of its title, then of its first lines; ``"report"`` by default."""
    chapters = sum(1 for b in document.blocks if b.kind == "heading" and document.text[b.start : b.start + 1].isdigit())
    words = len(document.text.split())
    order: tuple[ReportKind, ...] = ("response", "news", "letter", "evaluation", "inquiry", "advice", "report")
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
            if phrase_regex(patterns).search(head) and not in_title and chapters < 6:
                return "letter"
        elif in_title:
            return kind
    for kind in ("inquiry", "advice"):
        if phrase_regex(tuple(lexicon.publication.kinds.get(kind, ()))).search(head[:600]):
            return kind
    return "report"


# --- publisher -------------------------------------------------------------------------------------------------------


def find_publisher(document: Document, front_text: str, lexicon: Lexicon) -> str | None:
    """Return who issued the document.

    First the file's own word for it, then an imprint line ("uitgave van …"), then the organisation that the first
    pages, the running heads and the text name most; None when no organisation is named.
    """
    own = document.properties.get("publisher")
    if own:
        return _clean(own)
    imprint = phrase_regex(tuple(lexicon.publication.publishers))
    named_outright = phrase_regex(tuple(lexicon.publication.issuers))
    organisation = re.compile(
        rf"{_NAME}(?:[ ]+(?:{'|'.join(map(re.escape, lexicon.publication.publisher_words))})(?!\w))?"
    )
    for match in sorted(imprint.finditer(front_text), key=lambda m: not named_outright.search(m.group(0))):
        following = front_text[match.end() : match.end() + 160].lstrip(" :\n")
        issuer = organisation.match(following)
        if issuer and (named_outright.search(match.group(0)) or _is_organisation(issuer.group(0), lexicon)):
            return _clean(issuer.group(0))
    votes: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    heads = " \n".join(b.furniture_text or "" for b in document.blocks if b.kind == "running_head")
    author = document.properties.get("author", "")
    for text, weight in (
        (front_text[:2500], 4),
        (front_text, 2),
        (heads, 1),
        (author, 6),
        (document.text[:200_000], 1),
    ):
        for match in organisation.finditer(text):
            name = re.sub(r"^(?:De|Het|The)\s+", "", match.group(0)).strip(" .,")
            if _is_organisation(name, lexicon):
                votes[name.lower()] += weight
                forms.setdefault(name.lower(), Counter())[name] += 1
    # The same name in two spellings is one organisation; it is called as it is mostly printed.
    return forms[votes.most_common(1)[0][0]].most_common(1)[0][0] if votes else None


def _is_organisation(name: str, lexicon: Lexicon) -> bool:
    words = {w.lower().strip(".,") for w in name.split()}
    return any(w.strip(".") in words or w in name.lower().split() for w in lexicon.publication.publisher_words) and (
        len(name.split()) > 1 or name.lower() not in lexicon.publication.publisher_words
    )


# --- date and number -------------------------------------------------------------------------------------------------


def _find_published(document: Document, front: _Front, lexicon: Lexicon) -> str | None:
    own = document.properties.get("published_date")
    if own and re.match(r"(?:19|20)\d\d(?:-\d\d(?:-\d\d)?)?$", own[:10]):
        return own[:10]
    published = phrase_regex(tuple(lexicon.publication.published))
    best: tuple[int, int, str] | None = None
    for number, line in enumerate(front.text.split("\n")):
        date = find_date(line, lexicon)
        if date is None or (len(date) == 4 and len(line.split()) > 8):
            continue  # a bare year in a sentence is that of a law, a survey, a quotation …
        named = bool(published.search(line))
        # A full date beats a month, a month beats a year; the word for publication and few other words speak for it.
        score = len(date) + (6 if named else 0) + (3 if len(line.split()) <= 8 else 0) - min(number, 40) // 10
        if best is None or score > best[0]:
            best = (score, number, date)
    if best and (len(best[2]) > 4 or best[0] >= 7):
        return best[2]
    created = document.properties.get("creation_date", "")
    if best:
        return created[: len(best[2]) + 3] if created[:4] == best[2] else best[2]
    return created[:10] if re.match(r"(?:19|20)\d\d-\d\d-\d\d", created) else None


def _find_number(front_text: str, lexicon: Lexicon) -> str | None:
    reports = phrase_regex(tuple(lexicon.publication.kinds.get("report", ())))
    for match in reports.finditer(front_text):
        # "Report AB 2023-08": behind the bare word only what cannot be anything else is a number.
        number = re.match(
            r"\s*:?\s*((?:[A-Z]{2,6}[ -]?)\d{2,4}[-/]\d{1,4}|\d{4}/\d{1,4})(?!\d)", front_text[match.end() :]
        )
        if number:
            return number.group(1)
    words = phrase_regex(tuple(lexicon.publication.numbers))
    for match in words.finditer(front_text):
        following = front_text[match.end() : match.end() + 40]
        number = re.match(r"\s*(?:nr\.?|no\.?|:|\|)*\s*([A-Z]{0,6}[-/ ]?\d[\w./-]{1,20})", following)
        if number:
            return number.group(1).strip(" .-/")
    return None
