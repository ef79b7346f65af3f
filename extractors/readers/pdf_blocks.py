"""Lines in reading order to blocks: headings, paragraphs, list items, footnotes, captions and contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from extractors.readers.layout_words import load_layout_words
from extractors.readers.pdf_lines import Line, is_marker
from extractors.readers.pdf_notes import begins_note
from extractors.records import BlockKind

BULLETS = "•‣◦▪▫■□●○◆◇►▶➔➢➤✓✔❖★☐☑–—*·∙§"
_BULLET = re.compile(rf"^(?:[{re.escape(BULLETS)}\-]|[o?>»›](?=\s))\s*(?=\S)")
_NUMBERED = re.compile(
    r"^(?P<marker>\(?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[A-Z]{1,2}\d{1,2}(?:\.\d{1,2})?|[a-z]|[ivx]{1,5}|[A-Z])[.):](?!\d)"
    r"|\((?:\d{1,3}|[a-z]{1,2}|[ivx]{1,5}|[A-Z])\)|\d{1,3}\.\d{1,3}(?:\.\d{1,3}){0,2}|\d{1,3}(?=\s+[A-Z“‘\"]))\s*(?=\S)"
)
_DASHES = "-–—"
_LOST_BULLETS = "lnquvwØüà"
"""Letters that stand for bullets where the font of signs was lost: only before a gap as wide as a tab."""

_WORDS = load_layout_words()
_CAPTION = re.compile(rf"^(?:{_WORDS.either('captions')})\s+[A-Z]?\d+", re.IGNORECASE)
_ENDED = re.compile(r"[.!?:;…][”\"’')\]]*$|[”\"]$")
_BRACKETED = re.compile(r"[)\]’']$")
_NEW_SENTENCE = re.compile(r"[“‘\"'(\[]?(?:[^\W\d_a-z]|\d)")

FAR = 1.42
"""A line that stands so many line distances below the one above begins a block."""

APART = 1.15
WELL_APART = 1.25
"""Behind the end of a sentence less distance will do, the more so where its last line is short."""

TITLE_WORDS = 8
"""The title in the first line of a paragraph has so many words at most, and the text below it so many at least."""

TITLE_ROOM = 0.4
"""So much of the column is left free behind such a title."""

OWN_SHARE = 0.15
"""A page with so much text in the size of the document's body has that body; else its commonest size is its body."""

COLOR_SHARE = 0.2
"""A colour in which so much of a page is set is none that heads its text."""

LABEL_WORDS = 3
"""A line of so few words that ends in a colon is the label of the text below it."""


@dataclass(slots=True)
class Draft:
    """A block in the making: its lines, and what it was taken for."""

    kind: BlockKind
    lines: list[Line]
    marker: str | None = None
    level: int = 0
    cells: list[list[list[Line]]] = field(default_factory=list)

    @property
    def first(self) -> Line:
        """The first line."""
        return self.lines[0]

    @property
    def last(self) -> Line:
        """The last line."""
        return self.lines[-1]

    @property
    def text(self) -> str:
        """The words, lines joined by a space."""
        return " ".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class BodyStyle:
    """How running text is set: its font size, the distance of its lines, its colours, and whether it is medium."""

    size: float
    leading: float
    colors: frozenset[str | None] = frozenset({None})
    is_medium: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """The edges of the text of a region, in points."""

    left: float
    right: float


def find_body_style(lines_of: Sequence[list[Line]]) -> BodyStyle:
    """Return the style in which most characters are set; 10 points for a document without text."""
    weights: Counter[float] = Counter()
    distances: Counter[float] = Counter()
    colors: Counter[str | None] = Counter()
    medium = 0
    for lines in lines_of:
        for line in lines:
            weights[line.size] += len(line.text)
            colors[line.style.color] += len(line.text)
            medium += len(line.text) if line.style.is_medium else 0
    size = weights.most_common(1)[0][0] if weights else 10.0
    for lines in lines_of:
        for above, below in pairwise(lines):
            if above.size == below.size == size and 0 < below.top - above.top < 4 * max(size, 1):
                distances[round(below.top - above.top, 1)] += 1
    leading = distances.most_common(1)[0][0] if distances else 1.2 * size
    common = frozenset(color for color, _ in colors.most_common(1))
    return BodyStyle(size or 10.0, leading, common, medium > 0.3 * sum(weights.values()))


def find_page_style(lines: Sequence[Line], body: BodyStyle) -> BodyStyle:
    """Return the style of the running text of one page: smaller where hardly any is set as large as in the document.

    Its colours are those of the document and those in which much of the page is set: text in a coloured box is white.
    """
    sizes: Counter[float] = Counter()
    colors: Counter[str | None] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
        colors[line.style.color] += len(line.text)
    total = sum(sizes.values())
    own = sum(count for size, count in sizes.items() if abs(size - body.size) < 0.6)
    size = body.size if own > OWN_SHARE * total or not total else min(body.size, sizes.most_common(1)[0][0])
    common = frozenset(color for color, count in colors.items() if count > COLOR_SHARE * total)
    return replace(body, size=size, colors=body.colors | common)


def make_drafts(lines: Sequence[Line], body: BodyStyle, notes: set[int]) -> list[Draft]:
    """Group the lines of one page, in reading order and without furniture, into drafts; notes come last."""
    drafts: list[Draft] = []
    texts = [line for line in lines if id(line) not in notes]
    columns = find_columns(texts)
    for i, line in enumerate(texts):
        last = drafts[-1] if drafts else None
        if line.is_entry:
            drafts.append(Draft("contents", [line]))
            continue
        marker = _marker(line)
        column = columns[line.region]
        if last is None or last.kind == "contents" or line.is_aside != last.last.is_aside:
            drafts.append(_start(line, marker))
        elif marker is not None:
            if _is_inner_marker(last, line, marker, body, column):
                last.lines.append(line)
            else:
                drafts.append(_start(line, marker))
        elif _begins(last, line, texts[i + 1] if i + 1 < len(texts) else None, body, column):
            drafts.append(_start(line, None))
        else:
            last.lines.append(line)
    drafts = [part for draft in drafts for part in _split_title(draft, columns)]
    return drafts + _make_notes([line for line in lines if id(line) in notes])


def _split_title(draft: Draft, columns: Mapping[int, Column]) -> list[Draft]:
    """Return a paragraph as its title and its text where its first line is broken off by hand, with room left.

    "Costs / The board has spent …" is such; the text below the title ends as a sentence does.
    """
    if draft.kind != "paragraph" or len(draft.lines) < 2 or draft.first.is_row or draft.first.is_aside:
        return [draft]
    first, second, column = draft.first, draft.lines[1], columns[draft.first.region]
    is_title = len(first.words) <= TITLE_WORDS and not re.search(r"[.!?;,…-]$|:", first.text)
    room = column.right - first.x1 > TITLE_ROOM * (column.right - column.left) and _has_room(first, second, column)
    begins = _NEW_SENTENCE.match(first.text) and _NEW_SENTENCE.match(second.text) and second.top > first.bottom - 2
    rest = sum(len(line.words) for line in draft.lines[1:])
    if not (is_title and room and begins and rest >= TITLE_WORDS and re.search(r"[.!?][”’\"')]*$", draft.last.text)):
        return [draft]
    return [Draft("heading", [first]), Draft("paragraph", draft.lines[1:])]


def find_columns(lines: Sequence[Line]) -> dict[int, Column]:
    """Return the edges of each region: where most of its lines begin, and where the longest of its text ends."""
    starts: dict[int, Counter[int]] = {}
    ends: dict[int, float] = {}
    for line in lines:
        starts.setdefault(line.region, Counter())[round(line.x0)] += 1
        ends[line.region] = max(ends.get(line.region, 0.0), line.x1)
    return {
        region: Column(min(x for x, n in counts.items() if n >= 0.3 * max(counts.values())), ends[region])
        for region, counts in starts.items()
    }


def _start(line: Line, marker: str | None) -> Draft:
    if _CAPTION.match(line.text) and len(line.text) < 240:
        return Draft("caption", [line])
    return Draft("list_item" if marker else "paragraph", [line], marker)


def _marker(line: Line) -> str | None:
    """Return the bullet or number that a line begins with, None without; a year or a sum of money is none."""
    match = _BULLET.match(line.text)
    if match:
        return match.group(0).strip()
    first = line.words[0]
    if first.text in _LOST_BULLETS and len(line.words) > 1 and line.words[1].x0 - first.x1 > 0.8 * line.size:
        return first.text
    match = _NUMBERED.match(line.text)
    if match:
        marker = match.group("marker")
        rest = line.text[match.end() :]
        if re.match(r"^[a-z]\.$", marker) and re.match(r"^[a-z]\.", rest):
            return None  # an abbreviation such as "e.g."
        if re.fullmatch(r"[A-Z]\.", marker) and (not rest[:1].isupper() or re.match(r"[A-Z]\.", rest)):
            return None  # the end of a sentence, or initials
        return marker
    return first.text if _is_tabbed(line) else None


def _is_tabbed(line: Line) -> bool:
    """Whether a line begins with a bare number or letter and the one wide gap of the line behind it."""
    first, *rest = line.words
    if not rest or not first.text.isalnum() or len(first.text) > 5 or not is_marker(first.text):
        return False
    gap = rest[0].x0 - first.x1
    return gap > 0.8 * line.size and gap > 2 * max((b.x0 - a.x1 for a, b in pairwise(rest)), default=0.0)


def _is_inner_marker(last: Draft, line: Line, marker: str, body: BodyStyle, column: Column) -> bool:
    """Whether a number or dash at the beginning of a line belongs to the sentence that the line goes on with.

    So it is where the sentence above has not ended and the line above is full, and the line stands under its text.
    """
    above = last.last
    if last.kind == "heading" or above.region != line.region or line.top - above.top > 1.6 * body.leading:
        return False
    if not 0.3 * line.size < line.top - above.top or _ENDED.search(above.text) or _BRACKETED.search(above.text):
        return False
    hanging = abs(line.x0 - above.x0) < 2 or (last.kind == "list_item" and line.x0 > last.first.x0 + 2)
    if not hanging or marker.strip("().") == "":
        return False
    if marker in _DASHES:
        return last.marker not in _DASHES if last.marker else not _has_room(above, line, column)
    if marker.endswith(")") and "(" not in marker and above.text.count("(") > above.text.count(")"):
        return True
    if marker.isdecimal() and above.x1 > column.right - 4 * line.size:
        return True  # "article / 9 GDPR": a bare number may be kept with the word behind it
    return not _has_room(above, line, column) and not _counts_on(last.marker, marker) and line.text[-1:] != ":"


def _counts_on(before: str | None, marker: str) -> bool:
    """Whether a marker may be the first or the next of a series: then it begins an item, in no sentence."""
    old, new = (before or "").strip("(). "), marker.strip("(). ")
    if not before:
        return new in ("1", "a", "i", "A", "I") or not new.replace(".", "").isalnum()
    if old[:1].isdecimal() and new[:1].isdecimal():
        held, parts = old.split("."), new.split(".")
        if len(parts) > len(held):
            return parts[: len(held)] == held
        *prefix, last = parts
        return prefix == held[: len(prefix)] and last.isdecimal() and held[len(prefix)] == str(int(last) - 1)
    return not (old[:1].isdecimal() or new[:1].isdecimal()) or new in ("1", "a", "i")


def _has_room(above: Line, line: Line, column: Column) -> bool:
    """Whether the first word of a line had room at the end of the line above: then its author ended that line."""
    first = line.words[0]
    return column.right - above.x1 > first.x1 - first.x0 + 0.6 * line.size


def _begins(last: Draft, line: Line, below: Line | None, body: BodyStyle, column: Column) -> bool:
    """Whether a line without marker begins a new block after `last`; `below` is the line after it."""
    above = last.last
    if line.region != above.region or line.is_row:
        return True
    leading = max(body.leading * max(line.size, 1) / max(body.size, 1), 1.05 * line.size)
    distance = line.top - above.top
    if distance < -0.5 * line.size or distance > FAR * leading:
        return True
    if distance < 0.3 * line.size:  # the same row: cells of something set in columns, or a number and its title
        gap = line.x0 - above.x1
        if line.is_bold != above.is_bold or abs(line.size - above.size) > 0.6:
            stretched = max((b.x0 - a.x1 for a, b in pairwise(line.words)), default=0.0)
            return gap > max(1.2 * line.size, 1.3 * stretched)  # a heading beside the text
        titled = line.style == above.style and (line.is_bold or line.size > 1.1 * body.size)
        return gap > (6 if titled else 2.5) * line.size
    goes_on = not _ENDED.search(above.text) and (line.text[:1].islower() or line.text[:1] in "(,;")
    if not goes_on and _differ_in_size(above, line):
        return True
    if line.is_bold != above.is_bold and _style_parts(line, above, column):
        return True
    if (above.style.color is None) != (line.style.color is None) and not goes_on:
        return _is_short(above, column) or bool(re.search(r"[.!?:]$", above.text))
    if last.kind == "list_item":
        return _leaves_item(last, line, column)
    own = _own_leading(last, line, below) or leading
    new_sentence = bool(_NEW_SENTENCE.match(line.text))
    if not _ENDED.search(above.text):
        return new_sentence and distance > (WELL_APART if _BRACKETED.search(above.text) else 1.1 * WELL_APART) * own
    indent = line.x0 - above.x0
    if indent > 0.8 * line.size and line.x0 - column.left < 4 * line.size and len(last.lines) > 1:
        return True  # first-line indent
    if distance > APART * own:
        return _is_short(above, column) or distance > WELL_APART * own or _has_room(above, line, column)
    # Headings of several lines are broken by hand, and a label ("Advice:") goes with the text below it.
    by_hand = line.is_bold or (above.text.endswith(":") and len(last.lines) == 1 and len(above.words) <= LABEL_WORDS)
    return new_sentence and not by_hand and _has_room(above, line, column)


def _leaves_item(last: Draft, line: Line, column: Column) -> bool:
    """Whether a line no longer stands under the text of a list item."""
    above = last.last
    full = not _ENDED.search(above.text) and not _has_room(above, line, column)
    if len(last.lines) > 1 and line.x0 < last.lines[1].x0 - 3:
        return True
    if line.x0 <= last.first.x0 + 2 and _ENDED.search(above.text) and _has_room(above, line, column):
        return True
    return len(last.lines) == 1 and line.x0 < last.first.x0 - (1.5 * line.size if full else 2)


def _own_leading(last: Draft, line: Line, below: Line | None) -> float | None:
    """Return the distance of the lines in the block above, or in the one that `line` may begin; None if unknown."""
    distances = [b.top - a.top for a, b in pairwise(last.lines[-4:])]
    if below is not None and below.region == line.region and abs(below.size - line.size) < 0.3:
        distances.append(below.top - line.top)
    likely = [d for d in distances if 1.0 * line.size < d < 2.2 * line.size]
    return min(likely, default=None)


def _differ_in_size(above: Line, line: Line) -> bool:
    """Whether two lines are set in different sizes, other than by single words in them."""
    if abs(line.size - above.size) < 0.6 or abs(line.size - above.size) <= 0.08 * max(line.size, above.size):
        return False
    return abs(line.words[0].style.size - above.words[-1].style.size) >= 0.6 or (
        abs(line.words[0].style.size - above.size) >= 0.6 and abs(above.words[-1].style.size - line.size) >= 0.6
    )


def _is_short(line: Line, column: Column) -> bool:
    return line.x1 - column.left < 200


def _style_parts(line: Line, above: Line, column: Column) -> bool:
    """Whether a change between bold and plain from one line to the next parts blocks.

    It does not inside a sentence, nor behind a bold sentence that happens to fill its line.
    """
    mixed = any(w.style.is_bold != above.is_bold for w in above.words) or any(
        w.style.is_bold != line.is_bold for w in line.words
    )
    if mixed or (_ENDED.search(above.text) and not _has_room(above, line, column)):
        return False
    if above.is_bold and not line.is_bold:
        return len(above.text) < 160 and not above.text.endswith(",") and not line.text[:1].islower()
    return bool(re.search(r"[.!?:;”]$", above.text)) or line.text[:1].isupper()


def _make_notes(lines: Sequence[Line]) -> list[Draft]:
    drafts: list[Draft] = []
    for line in lines:
        if (
            not drafts
            or (begins_note(line) and line.x0 <= drafts[-1].first.x0 + 3)
            or (begins_note(line) and line.region != drafts[-1].last.region)
        ):
            drafts.append(Draft("footnote", [line]))
        else:
            drafts[-1].lines.append(line)
    return drafts
