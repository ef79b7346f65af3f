"""The records of the program: what was read and what was found in it.

Every layer is a ``[start, end)`` range of characters over one canonical text, `Document.text`. Coordinates are PDF
points with the origin in the top left corner of the page as it is shown (rotation applied). ``None`` means that the
publisher does not say. Records validate themselves at birth and are never changed afterwards.
"""

from __future__ import annotations

import calendar
import datetime
import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

BlockKind = Literal[
    "heading", "paragraph", "list_item", "table", "footnote", "caption", "contents", "running_head", "page_number"
]
"""`contents` is an entry of a table of contents. The last two are furniture: they are not part of the text."""

FURNITURE: Final[frozenset[str]] = frozenset({"running_head", "page_number"})

StatementKind = Literal["recommendation", "conclusion", "finding", "lesson"]
STATEMENT_KINDS: Final[tuple[StatementKind, ...]] = get_args(StatementKind)

SectionRole = Literal[
    "summary",
    "findings",
    "conclusions",
    "recommendations",
    "lessons",
    "response",
    "method",
    "background",
    "annex",
    "references",
    "contents",
    "other",
]
SECTION_ROLES: Final[tuple[SectionRole, ...]] = get_args(SectionRole)

ReportKind = Literal["report", "advice", "evaluation", "inquiry", "response", "letter", "news", "other"]
REPORT_KINDS: Final[tuple[ReportKind, ...]] = get_args(ReportKind)

Stance = Literal["accepted", "partly", "rejected", "noted", "unclear"]
STANCES: Final[tuple[Stance, ...]] = get_args(Stance)

ReviewReason = Literal["below_setting", "rules_only", "unsure"]
"""Why a passage is no statement: the operator's threshold is higher; only the rules take it; only the judge gives it a
chance, too small for its kind."""


_FIGURES: Final = re.compile(r"(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?(?![0-9])")


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on a page, in points from the top left corner."""

    x0: float
    top: float
    x1: float
    bottom: float

    def __post_init__(self) -> None:
        if self.x1 < self.x0 or self.bottom < self.top:
            raise ValueError(f"box: {self} is turned inside out; expected x0 <= x1 and top <= bottom")

    @staticmethod
    def around(boxes: Iterable[Box]) -> Box:
        """Return the smallest box that holds all of `boxes`; raises `ValueError` when there is none."""
        held = list(boxes)
        if not held:
            raise ValueError("box: found no boxes to surround; expected at least one")
        return Box(
            min(b.x0 for b in held), min(b.top for b in held), max(b.x1 for b in held), max(b.bottom for b in held)
        )


@dataclass(frozen=True, slots=True)
class PlacedBox:
    """A box and the page it is on (pages count from 1)."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """One page: number from 1, size in points as shown, and whether its text came from OCR."""

    number: int
    width: float
    height: float
    is_scanned: bool = False


@dataclass(frozen=True, slots=True)
class StyleRun:
    """A range of the text that is set in one style. `font_size` is in points, as shown on the page."""

    start: int
    end: int
    font_size: float
    is_bold: bool
    is_italic: bool
    color: str | None = None
    """``#rrggbb`` of the fill, None when it is black or unknown."""


@dataclass(frozen=True, slots=True)
class Block:
    """A heading, paragraph, list item … over ``Document.text[start:end]``.

    `body_start` is the offset after the printed marker (bullet or number) and equals `start` when there is none.
    `marker` is the marker as printed (``"•"``, ``"3."``, ``"a)"``, ``"Recommendation 4:"`` is no marker but text).
    `level` is 1 for the highest heading, and the nesting depth from 1 for list items; 0 otherwise.
    `page` and `box` tell where the block begins; a block that goes on over a page break has the box of its first part.
    `rows` are the cells of a table as ranges over the text, row by row; empty for other kinds.
    Furniture has ``start == end`` (the place in the text where it interrupts) and its words in `furniture_text`.
    """

    kind: BlockKind
    start: int
    end: int
    page: int
    box: Box | None = None
    level: int = 0
    marker: str | None = None
    body_start: int = -1
    font_size: float = 0.0
    is_bold: bool = False
    styles: tuple[StyleRun, ...] = ()
    """Style runs inside the block, in order; empty where the whole block has one style."""
    rows: tuple[tuple[tuple[int, int], ...], ...] = ()
    furniture_text: str | None = None

    def __post_init__(self) -> None:
        if self.body_start < 0:
            object.__setattr__(self, "body_start", self.start)
        if not self.start <= self.body_start <= self.end:
            raise ValueError(f"block: offsets {self.start}, {self.body_start}, {self.end} are not in order")
        if (self.kind in FURNITURE) != (self.furniture_text is not None):
            raise ValueError(
                f"block: {self.kind} with furniture_text {self.furniture_text!r}; only furniture carries it"
            )
        if self.page < 1:
            raise ValueError(f"block: page {self.page}; pages count from 1")


@dataclass(frozen=True, slots=True, eq=False)
class WordPlaces:
    """Where the words of the text stand on their pages: four aligned arrays, in order of `starts`.

    `starts` and `ends` are int32 of shape (n,), `pages` int32 of shape (n,), `boxes` float32 of shape (n, 4) with
    x0, top, x1, bottom in points. A word that is broken at a line end gives two entries.
    Formats without pages give n = 0.
    """

    starts: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    ends: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    pages: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    boxes: NDArray[np.float32] = field(default_factory=lambda: np.zeros((0, 4), np.float32))

    def __post_init__(self) -> None:
        n = len(self.starts)
        if len(self.ends) != n or len(self.pages) != n or self.boxes.shape != (n, 4):
            raise ValueError(
                f"words: {n} starts against shapes {self.ends.shape}, {self.pages.shape}, {self.boxes.shape}"
            )

    def __len__(self) -> int:
        return len(self.starts)

    def within(self, start: int, end: int) -> tuple[PlacedBox, ...]:
        """Return one box per printed line for the words that overlap ``[start, end)``, in reading order."""
        first, last = int(np.searchsorted(self.ends, start, "right")), int(np.searchsorted(self.starts, end, "left"))
        lines: list[PlacedBox] = []
        for i in range(first, last):
            x0, top, x1, bottom = (float(v) for v in self.boxes[i])
            page = int(self.pages[i])
            if lines and lines[-1].page == page:
                held = lines[-1].box
                middle = (top + bottom) / 2
                if held.top <= middle <= held.bottom and x0 >= held.x0:
                    lines[-1] = PlacedBox(page, Box.around((held, Box(x0, top, x1, bottom))))
                    continue
            lines.append(PlacedBox(page, Box(x0, top, x1, bottom)))
        return tuple(lines)


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of the outline that a PDF carries: level from 1, page from 1 (None when it points nowhere)."""

    level: int
    title: str
    page: int | None


@dataclass(frozen=True, slots=True, eq=False)
class Document:
    """One file as it was read: a canonical text and the layers over it.

    `document_id` is the sha256 of the bytes. Blocks are in reading order; the blocks that are not furniture cover the
    text in ascending order and are parted by a blank line. `language` is an ISO 639-1 code, ``"und"`` if unknown.
    """

    document_id: str
    media_type: str
    language: str
    text: str
    pages: tuple[Page, ...]
    blocks: tuple[Block, ...]
    words: WordPlaces = field(default_factory=WordPlaces)
    bookmarks: tuple[Bookmark, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    """What the file says of itself, with lower-case keys: title, author, subject, creation_date, publisher …"""

    _body: tuple[Block, ...] = field(init=False, repr=False, default=())
    """The blocks that are not furniture: gathered once, for `block_at` is asked thousands of times."""

    def __post_init__(self) -> None:
        before = 0
        for block in self.blocks:
            if block.start < before or block.end > len(self.text):
                raise ValueError(
                    f"document {self.document_id[:12]}: block {block.kind} at {block.start} is out of order"
                )
            before = block.end
        object.__setattr__(self, "_body", tuple(b for b in self.blocks if b.kind not in FURNITURE))

    @property
    def is_scanned(self) -> bool:
        """Whether the text of any page came from OCR."""
        return any(page.is_scanned for page in self.pages)

    def block_at(self, offset: int) -> Block | None:
        """Return the block of the text that holds `offset`, None between blocks and outside of the text."""
        body = self._body
        i = bisect_right(body, offset, key=_start_of) - 1
        return body[i] if i >= 0 and body[i].start <= offset < body[i].end else None

    def page_at(self, offset: int) -> int:
        """Return the page (from 1) on which the character at `offset` stands; 1 for formats without pages."""
        if len(self.words):
            i = bisect_left(self.words.ends, offset + 1)  # the first word that ends after the offset
            return int(self.words.pages[min(i, len(self.words) - 1)])
        block = self.block_at(offset)
        return block.page if block else 1


def _start_of(block: Block) -> int:
    return block.start


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and the text up to the next heading of its level or higher: ``[start, end)`` includes the heading.

    `number` is the printed number ("3.2"), None when there is none. `path` names the headings above, outermost first.
    """

    title: str
    level: int
    role: SectionRole
    start: int
    end: int
    page: int
    number: str | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Addressee:
    """Who must act: as printed, and the party it was recognised as (None when the gazetteer does not know it)."""

    text: str
    party_id: str | None = None
    party_name: str | None = None
    party_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when: as printed, and as a date where that is absolute or can be computed from the publication date."""

    text: str
    date: datetime.date | None = None


@dataclass(frozen=True, slots=True)
class Mention:
    """The same statement elsewhere in the report."""

    text: str
    start: int
    end: int
    page: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A finding, conclusion, recommendation or lesson, word for word: ``document.text[start:end] == text``.

    `statement_id` hashes the report id, the text and the occurrence count of that text in the report. `confidence` is
    between 0 and 1. `rule` names what found it. `boxes` has one box per printed line, none for formats without pages.
    """

    statement_id: str
    kind: StatementKind
    text: str
    start: int
    end: int
    page: int
    confidence: float
    rule: str
    label: str | None = None
    section: str | None = None
    section_role: SectionRole = "other"
    boxes: tuple[PlacedBox, ...] = ()
    addressees: tuple[Addressee, ...] = ()
    deadline: Deadline | None = None
    mentions: tuple[Mention, ...] = ()
    doubt: ReviewReason | None = None
    """Why it is in the review list of its extraction; None for a statement."""

    def __post_init__(self) -> None:
        if self.kind not in STATEMENT_KINDS:
            raise ValueError(f"statement: kind {self.kind!r}; expected one of {', '.join(STATEMENT_KINDS)}")
        if self.end - self.start != len(self.text) or not self.text.strip():
            raise ValueError(f"statement: text of {len(self.text)} characters against offsets {self.start}–{self.end}")
        if not 0 <= self.confidence <= 1:
            raise ValueError(f"statement: confidence {self.confidence}; expected 0 to 1")


@dataclass(frozen=True, slots=True)
class Response:
    """A reaction of the addressed body to one recommendation (`to`: its label or its quoted text)."""

    to: str
    stance: Stance
    text: str
    start: int
    end: int
    page: int


@dataclass(frozen=True, slots=True)
class Link:
    """A recommendation and a statement that it rests on, by statement ids; `evidence` is explicit or structural."""

    recommendation_id: str
    based_on_id: str
    evidence: Literal["explicit", "structural"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a document says of itself as a publication; `published_date` as precise as printed: ``YYYY[-MM[-DD]]``."""

    report_id: str
    title: str | None
    subtitle: str | None
    publisher: str | None
    published_date: str | None
    report_number: str | None
    kind: ReportKind
    language: str
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Extraction:
    """All that was found in one document."""

    document: Document
    report: Report
    sections: tuple[Section, ...]
    statements: tuple[Statement, ...]
    responses: tuple[Response, ...] = ()
    links: tuple[Link, ...] = ()
    review: tuple[Statement, ...] = ()
    """Candidates below the threshold: for a person to look at, not part of the statements. Each has its `doubt`."""


def find_valid_date(printed: str) -> str | None:
    """Return the part of a date in figures (``YYYY[-MM[-DD]]``) that the calendar knows, None without a year.

    The 31st of February is that February, the 13th month its year; what stands behind the date is left out.
    """
    match = _FIGURES.match(printed)
    if match is None or int(match["year"]) == 0:
        return None
    year, month, day = match["year"], match["month"], match["day"]
    if not month or not 1 <= int(month) <= 12:
        return year
    is_day = day and 1 <= int(day) <= calendar.monthrange(int(year), int(month))[1]
    return f"{year}-{month}-{day}" if is_day else f"{year}-{month}"


def make_document_id(content: bytes) -> str:
    """Return the id of a document: the sha256 of its bytes, 64 hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def make_report_id(document_id: str) -> str:
    """Return the id of the report that a document is the first version of: ``r`` and 16 hexadecimal digits.

    A later version of the same report (another document at the same origin) keeps the id; the warehouse remembers it.
    """
    return "r" + hashlib.sha256(f"report\x1f{document_id}".encode()).hexdigest()[:16]


def make_statement_id(report_id: str, text: str, occurrence: int) -> str:
    """Return the id of a statement, ``s`` and 16 hexadecimal digits; `occurrence` counts equal texts from 0."""
    key = "\x1f".join((report_id, " ".join(text.split()), str(occurrence)))
    return "s" + hashlib.sha256(key.encode()).hexdigest()[:16]


def number_statement_ids(report_id: str, texts: Sequence[str]) -> list[str]:
    """Return one id per text, counting equal texts in order; an empty list for no texts."""
    seen: dict[str, int] = {}
    ids = []
    for text in texts:
        key = " ".join(text.split())
        ids.append(make_statement_id(report_id, text, seen.get(key, 0)))
        seen[key] = seen.get(key, 0) + 1
    return ids
