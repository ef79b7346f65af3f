"""Reads HTML: the main content of a web page, with headings, lists and tables, and what the page says of itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.readers.assembly import BOLD, ITALIC, Draft, Rich, make_document
from extractors.readers.encoding import decode_text
from extractors.readers.headings import demote_headings, promote_headings, set_heading_levels
from extractors.readers.html_properties import read_properties
from extractors.readers.lines import as_roman, split_items
from extractors.readers.main_content import find_main
from extractors.records import BlockKind, Document

MEDIA_TYPE: Final = "text/html"
_DECLARED: Final = re.compile(
    rb"""<meta[^>]+charset\s*=\s*["']?\s*([a-zA-Z0-9_:.-]+)|<\?xml[^>]+encoding\s*=\s*["']([a-zA-Z0-9_.-]+)""",
    re.IGNORECASE,
)
_DECLARED_WITHIN: Final = 4096
_DEEPEST: Final = 120
"""Nesting of elements beyond which the rest is read as running text; browsers stop at 512 (Blink)."""
_BLOCK_TAGS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir",
    "div", "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre", "section",
    "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
})  # fmt: skip
_NO_TEXT: Final = frozenset({
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "canvas", "audio",
    "video", "select", "input", "textarea", "button", "img", "head", "title", "link", "meta",
})  # fmt: skip
_BOLD_TAGS: Final = frozenset({"b", "strong"})
_ITALIC_TAGS: Final = frozenset({"i", "em", "cite", "dfn"})
_SPACE: Final = re.compile(r"[ \t\n\r\f\v]+")
_PARAGRAPH_BREAK: Final = re.compile(r"\n[ ]*\n\s*")
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"


def read_html(content: bytes, *, name: str) -> Document:
    """Return the document of a web page, of unknown language, on one page without size.

    Raises `UnreadableDocument`: damaged (no text in any encoding), no_text (also pages that scripts build).
    """
    match = _DECLARED.search(content[:_DECLARED_WITHIN])
    declared = next(filter(None, match.groups())).decode("ascii") if match else None
    tree = LexborHTMLParser(decode_text(content, name=name, declared=declared))
    properties = read_properties(tree)
    title = tree.css_first("h1")
    title_text = " ".join(title.text(separator=" ").split()) if title is not None else ""
    main = find_main(tree)
    drafts = drafts_of_node(main) if main is not None else []
    if title_text and drafts and not any(d.kind == "heading" and d.level == 1 for d in drafts):
        # The title of the page stands above the main content on many sites.
        drafts.insert(0, Draft("heading", Rich.plain(title_text), level=1))
    drafts = set_heading_levels(promote_headings(demote_headings(drafts)))
    return make_document(content, name=name, media_type=MEDIA_TYPE, drafts=drafts, properties=properties)


def drafts_of_fragment(markup: str) -> list[Draft]:
    """Return the drafts of a piece of HTML, as stands in Markdown; none for a comment or an image."""
    body = LexborHTMLParser(markup).body
    return drafts_of_node(body) if body is not None else []


def drafts_of_node(node: LexborNode) -> list[Draft]:
    """Return the drafts of all text in an element, in order."""
    walk = _Walk()
    walk.enter(node, _State())
    walk.flush()
    return walk.found


@dataclass(frozen=True, slots=True)
class _State:
    """What the elements around a text make of it."""

    kind: BlockKind = "paragraph"
    level: int = 0
    style: int = 0
    list_depth: int = 0
    depth: int = 0
    keeps_lines: bool = False


@dataclass(slots=True)
class _Walk:
    found: list[Draft] = field(default_factory=list)
    _parts: list[Rich] = field(default_factory=list)
    _open: _State = field(default_factory=_State)
    _marker: str | None = None
    """Marker of a list item whose text has not come yet."""

    def enter(self, node: LexborNode, state: _State) -> None:
        tag = node.tag or ""
        if tag in _NO_TEXT or node.is_comment_node:
            return
        if tag == "-text":
            self._add_text(node.text(deep=False), state)
        elif tag == "br":
            self._parts.append(Rich.plain("\n", state.style))
        elif state.depth >= _DEEPEST:
            self._add_text(" " + node.text(deep=True, separator=" ") + " ", state)
        elif tag == "table" and not _is_layout(node):
            self._take_table(node, state.depth + 1)
        elif tag in _BLOCK_TAGS:
            self._take_block(node, tag, replace(state, depth=state.depth + 1))
        elif tag == "sup" and _is_footnote_mark(node):
            return
        else:
            style = state.style | BOLD * (tag in _BOLD_TAGS) | ITALIC * (tag in _ITALIC_TAGS)
            self._enter_children(node, replace(state, style=style, depth=state.depth + 1))

    def _enter_children(self, node: LexborNode, state: _State) -> None:
        child = node.child
        while child is not None:
            self.enter(child, state)
            child = child.next

    def _take_block(self, node: LexborNode, tag: str, state: _State) -> None:
        self.flush()
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            state = replace(state, kind="heading", level=int(tag[1]), style=0)
        elif tag in ("figcaption", "caption", "legend"):
            state = replace(state, kind="caption", level=0)
        elif tag in ("ul", "ol", "menu", "dir"):
            self._take_list(node, tag, replace(state, list_depth=state.list_depth + 1))
            return
        elif tag == "pre":
            state = replace(state, keeps_lines=True)
        elif tag == "dt":
            state = replace(state, style=state.style | BOLD)
        self._open = state
        self._enter_children(node, state)
        self.flush()

    def _take_list(self, node: LexborNode, tag: str, state: _State) -> None:
        number = _integer(node.attributes.get("start"), 1)
        child = node.child
        while child is not None:
            if child.tag == "li":
                number = _integer(child.attributes.get("value"), number)
                self.flush()
                ordered = tag == "ol"
                self._marker = _number_marker(number, node.attributes.get("type") or "1") if ordered else "•"
                self._open = state
                self._enter_children(child, replace(state, kind="paragraph", level=0))
                self.flush()
                self._marker = None
                number += 1
            else:
                self.enter(child, state)
            child = child.next
        self.flush()

    def _take_table(self, node: LexborNode, depth: int) -> None:
        self.flush()
        rows: list[tuple[str, ...]] = []
        captions: list[Draft] = []
        for part in node.css("caption, tr"):
            if _owner_table(part) != node.mem_id:
                continue
            if part.tag == "caption":
                captions.append(Draft("caption", Rich.plain(_text_of(part, depth))))
                continue
            cells: list[str] = []
            cell = part.child
            while cell is not None:
                if cell.tag in ("td", "th"):
                    cells.append(_text_of(cell, depth))
                    cells += [""] * (min(_integer(cell.attributes.get("colspan"), 1), 50) - 1)
                cell = cell.next
            rows.append(tuple(cells))
        self.found += captions
        self.found.append(Draft("table", Rich.plain(""), rows=tuple(rows)))

    def _add_text(self, text: str, state: _State) -> None:
        if not self._parts:
            self._open = state
        if state.keeps_lines:
            self._parts.append(Rich.plain(text, state.style))
        else:
            self._parts.append(Rich.plain(_SPACE.sub(" ", text), state.style))

    def flush(self) -> None:
        """Make blocks of the text collected since the last block."""
        body, state = Rich.joined(self._parts).strip(), self._open
        self._parts = []
        if not body.text:
            return
        if state.kind in ("heading", "caption"):
            self.found.append(Draft(state.kind, body, level=state.level))
            return
        for piece in _split_at(body, _PARAGRAPH_BREAK):
            self._add_paragraph(piece, state)

    def _add_paragraph(self, body: Rich, state: _State) -> None:
        depth = max(1, state.list_depth)
        for n, (marker, part) in enumerate(split_items(body)):
            if n == 0 and self._marker is not None:
                # A bullet or number that is typed inside an item is the printed one.
                self.found.append(Draft("list_item", part, level=depth, marker=marker or self._marker))
                self._marker = None
            elif marker is not None:
                self.found.append(Draft("list_item", part, level=depth + (state.list_depth > 0), marker=marker))
            else:
                self.found.append(Draft("paragraph", part))


def _split_at(body: Rich, pattern: re.Pattern[str]) -> list[Rich]:
    pieces, before = [], 0
    for match in pattern.finditer(body.text):
        pieces.append(body.part(before, match.start()))
        before = match.end()
    pieces.append(body.part(before))
    return [piece for piece in pieces if piece.text.strip()]


def _text_of(node: LexborNode, depth: int) -> str:
    """The text of a table cell on one line, its blocks parted by a space; `depth` is how deep the cell is nested."""
    drafts = _drafts_of_cell(node, depth)
    return " ".join(draft.text if draft.marker is None else f"{draft.marker} {draft.text}" for draft in drafts)


def _drafts_of_cell(node: LexborNode, depth: int) -> Sequence[Draft]:
    """Return the drafts inside a cell; a table in a cell gives the text of its cells as one paragraph."""
    walk = _Walk()
    child = node.child
    while child is not None:
        if child.tag == "table":
            walk.flush()
            walk.found.append(Draft("paragraph", Rich.plain(child.text(separator=" "))))
        else:
            walk.enter(child, _State(depth=depth))
        child = child.next
    walk.flush()
    return [
        d if d.kind != "table" else Draft("paragraph", Rich.plain(" ".join(cell for row in d.rows for cell in row)))
        for d in walk.found
    ]


def _owner_table(node: LexborNode) -> int:
    parent = node.parent
    while parent is not None and parent.tag != "table":
        parent = parent.parent
    return parent.mem_id if parent is not None else 0


def _is_layout(table: LexborNode) -> bool:
    """Whether a table only lays out the page: it holds another table, one cell a row, or paragraphs and headings."""
    if table.attributes.get("role") in ("presentation", "none") or table.css_first("td table, h1, h2") is not None:
        return True
    if table.css_first("th") is not None:
        return False
    rows = table.css("tr")
    return all(len(row.css("td")) <= 1 for row in rows) or (len(rows) == 1 and len(table.css("td p")) > 2)


def _is_footnote_mark(node: LexborNode) -> bool:
    """Whether a superscript is a reference to a footnote (a link inside the page) and not an exponent."""
    link = node.css_first("a[href]")
    if link is None and node.parent is not None and node.parent.tag == "a":
        link = node.parent
    return link is not None and "#" in (link.attributes.get("href") or "")


def _integer(printed: str | None, default: int) -> int:
    return int(printed) if printed is not None and re.fullmatch(r"-?\d{1,6}", printed.strip()) else default


def _number_marker(number: int, kind: str) -> str:
    if kind in ("a", "A") and 1 <= number <= len(_LETTERS):
        letter = _LETTERS[number - 1]
        return f"{letter.upper() if kind == 'A' else letter}."
    if kind in ("i", "I") and 1 <= number <= 300:
        roman = as_roman(number)
        return f"{roman.upper() if kind == 'I' else roman}."
    return f"{number}."
