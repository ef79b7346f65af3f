"""Lines in reading order to blocks: headings, paragraphs, list items, footnotes, captions and contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from extractors.readers.layout_words import load_layout_words
from extractors.readers.pdf_lines import Line
from extractors.records import BlockKind, Page

BULLETS = "•‣◦▪▫■□●○◆◇►▶➔➢➤✓✔❖–—*·∙§"
_BULLET = re.compile(rf"^(?:[{re.escape(BULLETS)}\-\uf000-\uf0ff]|[o?](?=\s))\s*(?=\S)")
_NUMBERED = re.compile(
    r"^(?P<marker>\(?(?:\d{1,3}(?:\.\d{1,3}){0,3}|[A-Z]{1,2}\d{1,2}(?:\.\d{1,2})?|[a-z]|[ivx]{1,5}|[A-Z])[.):](?!\d)"
    r"|\((?:\d{1,3}|[a-z]{1,2}|[ivx]{1,5}|[A-Z])\)|\d{1,3}\.\d{1,3}(?:\.\d{1,3}){0,2}|\d{1,3}(?=\s+[A-Z“‘\"]))\s*(?=\S)"
)
_WORDS = load_layout_words()
_HEADING_NUMBER = re.compile(
    rf"^(?:(?:{_WORDS.either('chapters')})\s+)?"
    r"(?P<number>\d{1,2}(?:\.\d{1,2}){0,4}|[A-Z](?:\.\d{1,2})+|[IVX]{1,5})[.:)]?\s+\S",
    re.IGNORECASE,
)
_CAPTION = re.compile(rf"^(?:{_WORDS.either('captions')})\s+[A-Z]?\d+", re.IGNORECASE)
_LEADER = re.compile(r"(?:\.\s?){4,}\s*[\divxlc]+\s*$|\s…+\s*[\divxlc]+\s*$|\.{4,}\s*$", re.IGNORECASE)
_FOOTNOTE = re.compile(r"^(?:\d{1,3}|[*†‡]|\[\d{1,3}\])\.?\s*\S")


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
    """How the running text of a document is set: font size, distance of lines, and whether much of it is bold."""

    size: float
    leading: float
    color: str | None = None


def find_body_style(lines_of: Sequence[list[Line]]) -> BodyStyle:
    """Return the style in which most characters are set; 10 points for a document without text."""
    weights: Counter[float] = Counter()
    distances: Counter[float] = Counter()
    colors: Counter[str | None] = Counter()
    for lines in lines_of:
        for line in lines:
            weights[line.size] += len(line.text)
            colors[line.style.color] += len(line.text)
    size = weights.most_common(1)[0][0] if weights else 10.0
    for lines in lines_of:
        for above, below in pairwise(lines):
            if above.size == below.size == size and 0 < below.top - above.top < 4 * max(size, 1):
                distances[round(below.top - above.top, 1)] += 1
    leading = distances.most_common(1)[0][0] if distances else 1.2 * size
    return BodyStyle(size or 10.0, leading, colors.most_common(1)[0][0] if colors else None)


def make_drafts(lines: Sequence[Line], page: Page, body: BodyStyle) -> list[Draft]:
    """Group the lines of one page, in reading order and without furniture, into drafts."""
    drafts: list[Draft] = []
    notes = _footnote_lines(lines, page, body)
    texts = [line for line in lines if id(line) not in notes]
    contents = _contents_lines(texts)
    edges = _left_edges(texts)
    for line in texts:
        last = drafts[-1] if drafts else None
        if id(line) in contents:
            drafts.append(Draft("contents", [line]))
            continue
        marker = _marker(line)
        if last is None or last.kind == "contents" or marker is not None or _begins(last, line, body, edges):
            joined = last is not None and marker is not None and _is_inner_number(last, line, marker, body)
            if not joined:
                drafts.append(_start(line, marker))
                continue
        assert last is not None
        last.lines.append(line)
    for draft in drafts:
        _classify(draft, body)
    if notes:
        drafts += _footnotes([line for line in lines if id(line) in notes])
    return drafts


def _start(line: Line, marker: str | None) -> Draft:
    if _CAPTION.match(line.text) and len(line.text) < 240:
        return Draft("caption", [line])
    return Draft("list_item" if marker else "paragraph", [line], marker)


def _marker(line: Line) -> str | None:
    """Return the bullet or number that a line begins with, None without; a year or a sum of money is none."""
    match = _BULLET.match(line.text)
    if match:
        return match.group(0).strip()
    match = _NUMBERED.match(line.text)
    if match:
        marker = match.group("marker")
        rest = line.text[match.end() :]
        if re.match(r"^[a-z]\.$", marker) and re.match(r"^[a-z]\.", rest):
            return None  # an abbreviation such as "e.g."
        if re.fullmatch(r"[A-Z]\.", marker) and not rest[:1].isupper():
            return None
        return marker
    return None


def _is_inner_number(last: Draft, line: Line, marker: str, body: BodyStyle) -> bool:
    """Whether a number at the beginning of a line belongs to the sentence that the line goes on with."""
    if marker.strip("().") == "" or not marker[:1].isdigit() or last.kind == "heading":
        return False
    if last.last.region != line.region or line.top - last.last.top > 1.6 * body.leading:
        return False
    unfinished = not re.search(r"[.:;!?”’)]$", last.last.text)
    hanging = abs(line.x0 - last.last.x0) < 2 or (last.kind == "list_item" and line.x0 > last.first.x0 + 2)
    return unfinished and hanging and not re.fullmatch(r"\(?\d{1,2}[.)]|\d+(?:\.\d+)+\.?", marker)


def _left_edges(lines: Sequence[Line]) -> dict[int, float]:
    """Return the left edge of the text of each region: where most of its lines begin."""
    edges: dict[int, Counter[float]] = {}
    for line in lines:
        edges.setdefault(line.region, Counter())[round(line.x0)] += 1
    return {
        region: min(e for e, n in counts.items() if n >= 0.3 * max(counts.values())) for region, counts in edges.items()
    }


def _begins(last: Draft, line: Line, body: BodyStyle, edges: dict[int, float]) -> bool:
    """Whether a line without marker begins a new block after `last`."""
    above = last.last
    if line.region != above.region:
        return True
    leading = max(body.leading * max(line.size, 1) / max(body.size, 1), 1.05 * line.size)
    distance = line.top - above.top
    if distance < -0.5 * line.size or distance > 1.42 * leading:
        return True
    if distance < 0.3 * line.size:  # the same row: cells of something set in columns
        return line.x0 - above.x1 > 2.5 * line.size
    if abs(line.size - above.size) > 0.08 * max(line.size, above.size) and abs(line.size - above.size) >= 0.6:
        return True
    if line.is_bold != above.is_bold:
        return _style_parts(last, line, above)
    if _is_colored_head(above) != _is_colored_head(line) and above.style.color != line.style.color:
        return _short(above, edges) or bool(re.search(r"[.!?:]$", above.text))
    indent = line.x0 - above.x0
    if last.kind == "list_item":
        if len(last.lines) == 1:
            return line.x0 < last.first.x0 - 2
        return line.x0 < last.lines[1].x0 - 3
    ended = bool(re.search(r"[.!?:”\"]$", above.text))
    if (
        indent > 0.8 * line.size
        and ended
        and line.x0 - edges.get(line.region, line.x0) < 4 * line.size
        and len(last.lines) > 1
    ):
        return True  # first-line indent
    return ended and _short(above, edges) and distance > 1.15 * leading


def _short(line: Line, edges: dict[int, float]) -> bool:
    return line.x1 - edges.get(line.region, line.x0) < 200


def _style_parts(last: Draft, line: Line, above: Line) -> bool:
    """Whether a change between bold and plain from one line to the next parts blocks: not inside a sentence."""
    mixed = any(w.style.is_bold != above.is_bold for w in above.words) or any(
        w.style.is_bold != line.is_bold for w in line.words
    )
    if mixed:
        return False
    if above.is_bold and not line.is_bold:
        return len(above.text) < 160 and not above.text.endswith(",") and not line.text[:1].islower()
    return bool(re.search(r"[.!?:;”]$", above.text)) or line.text[:1].isupper()


def _is_colored_head(line: Line) -> bool:
    return line.style.color is not None


def _contents_lines(lines: Sequence[Line]) -> set[int]:
    """Return the lines of a table of contents: dot leaders, or five in a row that end in growing page numbers."""
    found = {id(line) for line in lines if _LEADER.search(line.text)}
    run: list[Line] = []
    last = 0
    entries = [*_rows_with_numbers(lines), None]
    for entry in entries:
        if entry is not None and entry[1] >= last and entry[1]:
            run += entry[0]
            last = entry[1]
            continue
        if entry is not None and len(run) >= 5 and not entry[1] and len(entry[0][0].text) < 60:
            run += entry[0]  # a part title between the entries has no page number
            continue
        if sum(1 for line in run if re.search(r"\d\s*$", line.text)) >= 5:
            while run and not re.search(r"\d\s*$", run[-1].text):
                run.pop()
            found |= {id(line) for line in run}
        run, last = (list(entry[0]), entry[1]) if entry is not None and entry[1] else ([], 0)
    if len(found) >= 3:
        # A contents entry that runs over two lines has its dots on the second.
        for above, below in pairwise(lines):
            if id(below) in found and id(above) not in found and above.region == below.region:
                near = below.top - above.top < 1.8 * max(above.size, 6) and len(above.text) < 140
                first = _HEADING_NUMBER.match(above.text) or not _HEADING_NUMBER.match(below.text)
                if near and first and above.size <= below.size:
                    found.add(id(above))
    return found


def _rows_with_numbers(lines: Sequence[Line]) -> list[tuple[list[Line], int]]:
    """Return the rows of a page, each with the page number that it ends in; 0 for a row that ends in none."""
    rows: list[tuple[list[Line], int]] = []
    i = 0
    while i < len(lines):
        line = lines[i]
        row = [line]
        if (
            i + 1 < len(lines)
            and re.fullmatch(r"\d{1,3}", lines[i + 1].text)
            and abs(lines[i + 1].middle - line.middle) < line.size
        ):
            row.append(lines[i + 1])
            i += 1
        text = " ".join(part.text for part in row)
        number = re.search(r"\S\s+(\d{1,3})\s*$", text)
        ends = number is not None and len(text) < 140 and any(c.isalpha() for c in text)
        rows.append((row, int(number.group(1)) if number and ends else 0))
        i += 1
    return rows


def _footnote_lines(lines: Sequence[Line], page: Page, body: BodyStyle) -> set[int]:
    """Return the lines at the foot of the page that are set smaller and begin with a note's number."""
    small = [line for line in lines if line.size <= 0.9 * body.size and line.top > 0.4 * page.height]
    plain_bottom = max((line.bottom for line in lines if line.size > 0.9 * body.size), default=0.0)
    foot = sorted((line for line in small if line.top > plain_bottom - 2), key=lambda line: (line.top, line.x0))
    start = next((i for i, line in enumerate(foot) if _FOOTNOTE.match(line.text)), None)
    return {id(line) for line in foot[start:]} if start is not None else set()


def _footnotes(lines: Sequence[Line]) -> list[Draft]:
    drafts: list[Draft] = []
    for line in lines:
        if not drafts or (_FOOTNOTE.match(line.text) and line.x0 <= drafts[-1].first.x0 + 3):
            drafts.append(Draft("footnote", [line]))
        else:
            drafts[-1].lines.append(line)
    return drafts


def _classify(draft: Draft, body: BodyStyle) -> None:
    """Decide whether a draft is a heading; the kinds that its first line gave stay otherwise."""
    if draft.kind in ("contents", "caption"):
        return
    if len(draft.lines) > 5:
        return
    text = draft.text
    words = text.split()
    if len(words) > 32:
        return
    letters = sum(c.isalpha() for c in text)
    if letters < 3:
        return
    size = draft.first.size
    larger = size >= 1.12 * body.size and size - body.size >= 0.9
    all_bold = draft.first.is_bold and all(w.style.is_bold for line in draft.lines for w in line.words)
    sentence = text.rstrip().endswith((".", ";", ",")) and len(words) > 6
    ended = text.rstrip().endswith((".", ";", ","))
    own_color = draft.first.style.color
    colored = own_color not in (None, body.color) and all(line.style.color == own_color for line in draft.lines)
    number = _HEADING_NUMBER.match(text)
    if draft.kind == "list_item":
        lettered = (draft.marker is not None and draft.marker[0].isalnum()) or (draft.marker or "").startswith("(")
        if not ((number and (larger or all_bold)) or (lettered and (larger or all_bold) and not ended)):
            return
    if sentence and not larger:
        return
    bold_head = all_bold and len(words) <= (14 if number or draft.marker else 20)
    colored_head = colored and size >= body.size and len(words) <= 14
    capitals = text.isupper() and letters > 5 and len(words) <= 12 and size >= 0.95 * body.size
    numbered = (
        number is not None
        and "." in number.group("number")
        and len(words) <= 12
        and len(draft.lines) <= 2
        and text[number.end() - 1 :][:1].isupper()
        and not draft.marker
    )
    if (larger and not (sentence and len(words) > 16)) or (
        (bold_head or colored_head or capitals or numbered) and not ended
    ):
        draft.kind = "heading"


def heading_number(text: str) -> int:
    """Return the depth of the number that a heading begins with ("3.2 Costs" → 2), 0 without a number."""
    match = _HEADING_NUMBER.match(text)
    if not match:
        return 0
    return match.group("number").count(".") + 1
