"""The title and subtitle of a publication, from its first pages and what the file says of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from extractors.deadlines import find_date
from extractors.front import FRONT_PAGES, Front, clean_line
from extractors.lexicon import Lexicon, phrase_regex
from extractors.organisations import OrganisationReader
from extractors.records import FURNITURE, Block, Document

TITLE_WORDS = 30
NAME_WORDS = 8
"""A line that is the name of an organisation has no more words."""

PLAIN_LINES = 6
"""The title of a text without headings stands among its first so many lines."""

OTHER_SIZE = 1.5
"""Points: words whose sizes differ so much are of two lines of a title page."""

SAME_SIZE = 0.6
"""Points: words whose sizes differ no more are of one line."""

SUBTITLE_SIZE = 10
"""Points: a subtitle is not smaller."""

OUTSTANDING = 1.5
SHORT_WORD = 4
"""A word of more letters that is so many times as large as the line below it is a title by itself."""

DATE_WORDS = 4
"""A line that is nothing but a date has no more words."""

SUBJECT_BLOCKS = 14
"""The subject of a letter stands among its first so many blocks."""

CODE = re.compile(r"^(?:[A-Z][\w.]*\s+)?[A-Z]{0,5}[-.:/ ]?\d[\d\w.:/-]*$")
"""A heading that is only a number or code, perhaps with the name of a series: no title."""

_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|indd|pptx?|xlsx?)\b|^microsoft |^untitled|^document\d*$|_|^slide ", re.IGNORECASE
)


def find_title(
    document: Document, front: Front, lexicon: Lexicon, organisations: OrganisationReader
) -> tuple[str | None, str | None]:
    """Return title and subtitle, None for what is not found.

    The subject of a letter, an imprint that names the title, what the file says where the first pages print it too,
    and the largest words of the first page, in this order.
    """
    printed, subtitle = _printed_title(document, front, lexicon, organisations)
    subject = _subject(document, front, lexicon)
    if subject:
        return subject, None
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


def _line_below(document: Document, front: Front, title: str) -> str | None:
    """Return the line below the title where that is set as a subtitle: larger than text, or its own heading."""
    blocks = [b for b in front.blocks if b.end > b.start]
    for above, below in pairwise(blocks):
        line = clean_line(document.text[below.start : below.end])
        if _key(document.text[above.start : above.end]) == _key(title):
            fits = (
                2 < len(line.split()) <= TITLE_WORDS and below.kind == "heading" and not any(c.isdigit() for c in line)
            )
            return line if fits and below.page == above.page else None
    return None


def _key(text: str) -> str:
    return re.sub(r"\W+", "", text.lower())


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a title page: its text in one size, and whether it is set as a heading."""

    text: str
    size: float
    is_heading: bool


def _title_lines(document: Document, front: Front, page: int) -> list[_Line]:
    """Return the lines of a page that may be of a title; a block in two sizes is two of them."""
    lines = []
    for block in front.blocks:
        if block.page != page or block.kind not in ("heading", "paragraph"):
            continue
        for start, end, size in _in_sizes(block):
            text = document.text[start:end].strip()
            if any(c.isalpha() for c in text) and len(text.split()) <= TITLE_WORDS:
                lines.append(_Line(text, size, block.kind == "heading"))
    return lines


def _in_sizes(block: Block) -> Iterator[tuple[int, int, float]]:
    """Yield the parts of a block that are set in one size, as ranges of the text with that size."""
    runs = list(block.styles)
    if not runs or max(r.font_size for r in runs) - min(r.font_size for r in runs) < OTHER_SIZE:
        yield block.start, block.end, block.font_size
        return
    start = block.start
    for before, run in pairwise(runs):
        if abs(run.font_size - before.font_size) >= OTHER_SIZE:
            yield start, run.start, before.font_size
            start = run.start
    yield start, block.end, runs[-1].font_size


def _printed_title(
    document: Document, front: Front, lexicon: Lexicon, organisations: OrganisationReader
) -> tuple[str | None, str | None]:
    """Return the largest words of the first page that has any, and the next lines below it as subtitle."""
    if not len(document.words):
        return _first_headings(document, front, lexicon, organisations)
    for page in range(1, FRONT_PAGES + 1):
        lines = _title_lines(document, front, page)
        if not lines:
            continue
        largest = max(line.size for line in lines)
        first = next(i for i, line in enumerate(lines) if line.size >= largest - SAME_SIZE)
        last = _last_of_size(lines, first, largest)
        while first < last and _is_generic(lines[first].text, lexicon):
            first += 1  # "Final report" in the size of the title
        title = _join(lines[first : last + 1])
        if len(title.split()) > TITLE_WORDS:
            # All is set in one size, as in a letter: then what is bold or by itself is the title.
            heading = next((line for line in lines[first : last + 1] if line.is_heading), None)
            return (clean_line(heading.text), None) if heading else (None, None)
        if _is_generic(title, lexicon) and last + 1 < len(lines):
            above = lines[first - 1] if first else None
            if above and above.is_heading and _could_be_title(above.text, lexicon):
                return f"{clean_line(above.text)}: {clean_line(title)}", None
            first = last = last + 1
            while (
                last + 1 < len(lines)
                and lines[last + 1].is_heading
                and lines[last + 1].size >= lines[first].size - SAME_SIZE
                and not _is_said_of_it(lines[last + 1].text, lexicon, organisations)
            ):
                last += 1
            title = _join(lines[first : last + 1])
        if phrase_regex(tuple(lexicon.sections.get("contents", ()))).search(title):
            continue
        if len(title.split()) < 2 and not _stands_out(lines, first, last):
            if last + 1 >= len(lines):
                continue
            last += 1
            title = f"{title} {lines[last].text}"
        return clean_line(title), _subtitle(lines[last + 1 :], lexicon, organisations)
    return None, None


def _last_of_size(lines: Sequence[_Line], first: int, size: float) -> int:
    """Return the index of the last of the lines from `first` on that are set in one size."""
    last = first
    while last + 1 < len(lines) and lines[last + 1].size >= size - SAME_SIZE:
        last += 1
    return last


def _stands_out(lines: Sequence[_Line], first: int, last: int) -> bool:
    """Whether a single word is so much larger than what stands below it that it is a title by itself."""
    below = lines[last + 1].size if last + 1 < len(lines) else 0.0
    return len(lines[first].text) > SHORT_WORD and lines[first].size >= OUTSTANDING * max(below, SUBTITLE_SIZE)


def _join(lines: Sequence[_Line]) -> str:
    return " ".join(line.text for line in lines)


def _is_said_of_it(line: str, lexicon: Lexicon, organisations: OrganisationReader) -> bool:
    """Whether a line dates a publication or names who made it, and so is no part of its title."""
    dated = find_date(line, lexicon) is not None and len(line.split()) <= DATE_WORDS
    return dated or bool(organisations.read_line(line))


def _subtitle(below: Sequence[_Line], lexicon: Lexicon, organisations: OrganisationReader) -> str | None:
    """Return the lines below a title that are set alike, as its subtitle; None where they say something else."""
    if not below or below[0].size < SUBTITLE_SIZE:
        return None
    first = below[0]
    lines = []
    for line in below:
        if abs(line.size - first.size) > SAME_SIZE or _is_said_of_it(line.text, lexicon, organisations):
            break
        lines.append(line)
    subtitle = clean_line(_join(lines))
    is_one = not find_date(first.text, lexicon) and len(subtitle.split()) > 2 and not subtitle.endswith(".")
    if not is_one or len(subtitle.split()) > TITLE_WORDS:
        one = clean_line(first.text)
        fits = lines and not find_date(one, lexicon) and len(one.split()) > 2 and not one.endswith(".")
        return one if fits else None
    return subtitle


def _first_headings(
    document: Document, front: Front, lexicon: Lexicon, organisations: OrganisationReader
) -> tuple[str | None, str | None]:
    """Return the title of a text without pages: the file's own word, else its highest first headings."""
    named = document.properties.get("title")
    if named:
        return clean_line(named), None
    blocks = [b for b in front.blocks if b.end > b.start]
    headings = [b for b in blocks if b.kind == "heading" and _could_be_title(document.text[b.start : b.end], lexicon)]
    headings = [b for b in headings if not _names_body(document.text[b.start : b.end], organisations)] or headings
    highest = min((b.level for b in headings), default=0)
    first = next((i for i, b in enumerate(blocks) if b in headings and b.level == highest), None)
    capitals = next((i for i, b in enumerate(blocks[:first]) if b in headings and _in_capitals(document, b)), None)
    if capitals is not None:
        first, highest = capitals, blocks[capitals].level  # levels of converted files are not to be trusted
    if first is None:
        lines = [clean_line(document.text[b.start : b.end]) for b in blocks[:PLAIN_LINES]]
        plain = [n for n, x in enumerate(lines) if _could_be_title(x, lexicon) and not _names_body(x, organisations)]
        # Where no line has a style, one all in capitals is the title, and a notice above it is not.
        chosen = next((n for n in plain if lines[n].isupper()), plain[0] if plain else None)
        if chosen is None:
            return None, None
        under = lines[chosen + 1] if chosen + 1 in plain else None
        return lines[chosen], under if under and not find_date(under, lexicon) else None
    last = first
    while last + 1 < len(blocks) and blocks[last + 1].kind == "heading" and blocks[last + 1].level == highest:
        line = document.text[blocks[last + 1].start : blocks[last + 1].end]
        # A title that is broken into two headings goes on with a small word, or all in capitals as it began.
        if not (
            line[:1].islower() or (line.isupper() and document.text[blocks[first].start : blocks[first].end].isupper())
        ):
            break
        last += 1
    title = clean_line(" ".join(document.text[b.start : b.end] for b in blocks[first : last + 1]))
    below = blocks[last + 1] if last + 1 < len(blocks) else None
    subtitle = document.text[below.start : below.end] if below else ""
    fits = (
        2 < len(subtitle.split()) <= TITLE_WORDS
        and not subtitle.endswith(".")
        and not any(c.isdigit() for c in subtitle)
    )
    return title or None, clean_line(subtitle) if fits and "(" not in subtitle and ":" not in subtitle else None


def _in_capitals(document: Document, block: Block) -> bool:
    line = document.text[block.start : block.end]
    return line.isupper() and len(line.split()) > DATE_WORDS


def _names_body(line: str, organisations: OrganisationReader) -> bool:
    """Whether a line is the name of an organisation; a title is longer, and may have such a name in it."""
    return len(line.split()) <= NAME_WORDS and organisations.is_organisation(line)


def _could_be_title(line: str, lexicon: Lexicon) -> bool:
    words = line.split()
    dated = find_date(line, lexicon) is not None and len(words) <= 4
    if re.match(r"\d", line) or CODE.match(line) or _is_generic(line, lexicon):
        return False  # the heading of a chapter, a number, the kind of publication
    return (
        2 <= len(words) <= TITLE_WORDS and sum(c.isalpha() for c in line) > 6 and not line.endswith(".") and not dated
    )


def _named_title(front: Front, lexicon: Lexicon) -> str | None:
    """Return the title that an imprint names ("Titel rapport: …", or in the line below), None without such a line."""
    label = phrase_regex(tuple(f"^ {t}" for t in lexicon.publication.titles))
    numbers = phrase_regex(tuple(lexicon.publication.numbers))
    lines = [line for line in front.text.split("\n") if line.strip()]
    for line, below in pairwise([*lines, ""]):
        match = label.match(line)
        if not match:
            continue
        rest = line[match.end() :].strip(" :|")
        title = rest or below
        if 2 <= len(title.split()) <= TITLE_WORDS and title[0].isupper() and not numbers.search(title):
            return clean_line(title)
    return None


def _subject(document: Document, front: Front, lexicon: Lexicon) -> str | None:
    """Return the subject of a letter or note ("Betreft …"), which is its title; None without such a line on page 1."""
    label = phrase_regex(tuple(f"^ {word}" for word in lexicon.publication.subjects))
    ending = phrase_regex(tuple(f"{word} $" for word in lexicon.publication.subjects))
    blocks = [b for b in front.blocks if b.page == 1][:SUBJECT_BLOCKS]
    for block, below in pairwise([*blocks, None]):
        assert block is not None
        line = clean_line(document.text[block.start : block.end])
        match = label.match(line)
        if match and len(line[match.end() :].split()) >= 2:
            rest = clean_line(line[match.end() :].strip(" :"))
            return rest if len(rest.split()) <= TITLE_WORDS else None
        if (match or ending.search(line)) and below is not None and len(line.split()) <= 6:
            rest = clean_line(document.text[below.start : below.end])
            return rest if 1 < len(rest.split()) <= TITLE_WORDS else None
    return None


def _is_generic(line: str, lexicon: Lexicon) -> bool:
    """Whether a line only says what kind of publication this is ("Final report", "Eindrapport"), and not which."""
    spaced = re.sub(r"(?<=\b\w) (?=\w\b)", "", line)
    words = re.findall(r"[^\W\d_]+", spaced.lower())
    kinds = {w for patterns in lexicon.publication.kinds.values() for p in patterns for w in re.findall(r"\w+", p)}
    says_kind = [w in kinds or w in lexicon.publication.generic for w in words]
    is_spaced = len(words) == 1 and line.count(" ") > len(line) // 3
    if is_spaced or (bool(words) and all(says_kind)):
        return True
    # "Final report" may be followed by the same in another language.
    phrases = tuple(f"^ {p}" for ps in lexicon.publication.kinds.values() for p in ps if len(p.split()) == 2)
    return len(words) <= 5 and bool(phrase_regex(phrases).match(line))


def find_reported_title(document: Document, lexicon: Lexicon) -> tuple[str, str | None] | None:
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
    return _quoted_title(document, lexicon)


def _quoted_title(document: Document, lexicon: Lexicon) -> tuple[str, str | None] | None:
    """Return the title that stands in quotation marks behind the word for a report ("het rapport ‘…’"), else None."""
    for match in phrase_regex(tuple(lexicon.publication.kinds.get("report", ()))).finditer(document.text):
        quoted = re.match(r"\s+[‘“'\"„]([^’”'\"\n]{5,120})[’”'\"]", document.text[match.end() : match.end() + 130])
        if quoted and 2 <= len(quoted.group(1).split()) <= TITLE_WORDS:
            return clean_line(quoted.group(1)).rstrip(".,"), None
    return None


def _alike(a: str, b: str) -> bool:
    left, right = set(re.findall(r"\w+", a.lower())), set(re.findall(r"\w+", b.lower()))
    return len(left & right) >= 0.5 * min(len(left), len(right)) if left and right else False
