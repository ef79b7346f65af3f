"""Reads Markdown: CommonMark with tables, front matter, and the habits of converters from PDF."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from extractors.readers.assembly import BOLD, ITALIC, Draft, Rich, make_document
from extractors.readers.conversion import is_from_pages, mend_pages
from extractors.readers.encoding import decode_text
from extractors.readers.flattened import restore_tables
from extractors.readers.headings import (
    demote_headings,
    merge_heading_lines,
    promote_headings,
    set_heading_levels,
    split_plain_leads,
    split_styled_leads,
)
from extractors.readers.lines import split_items
from extractors.records import Document

MEDIA_TYPE: Final = "text/markdown"
_FRONT_MATTER: Final = re.compile(r"\A---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FOOTNOTE: Final = re.compile(r"\[\^([^\]\s]+)\]:\s*")
_FOOTNOTE_MARK: Final = re.compile(r"\[\^[^\]\s]+\]")
_LINE_GAP: Final = re.compile(r"[ \t]{4,}")
"""Converters that fold an item into one line leave its indents behind, so that a wide gap was a line end."""
_LONGEST_PROPERTY: Final = 10_000
"""Characters of one property that are kept."""
_LONGEST_NUMBER: Final = 256
"""Bits of a number that is printed; Python refuses to print one of thousands of digits."""
_PROPERTY_NAMES: Final = {"date": "published_date", "published": "published_date", "authors": "author"}


class _PlainLoader(yaml.SafeLoader):
    """Reads YAML without anchors."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("front matter: found an alias (*name), expected plain values")
        return super().compose_node(parent, index)


def read_markdown(content: bytes, *, name: str) -> Document:
    """Return the document of a Markdown file, of unknown language, on one page without size.

    Raises `UnreadableDocument`: damaged (no text in any encoding), no_text.
    """
    text = decode_text(content, name=name)
    properties, text = split_front_matter(text)
    drafts = split_styled_leads(_drafts_of(text))
    from_pages = is_from_pages(drafts)
    drafts = merge_heading_lines(demote_headings(mend_pages(drafts), from_pages=from_pages))
    if from_pages:
        drafts = split_plain_leads(drafts)
    drafts = promote_headings(drafts, plain_lines=from_pages)
    if from_pages:
        drafts = restore_tables(drafts)
    drafts = set_heading_levels(drafts, from_pages=from_pages)
    return make_document(content, name=name, media_type=MEDIA_TYPE, drafts=drafts, properties=properties)


def split_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Return the properties of the YAML between two ``---`` lines at the start, and the text behind it.

    Front matter that is not a YAML mapping, or has anchors (a few lines of those can mean gigabytes), is left in the
    text, with no properties.
    """
    match = _FRONT_MATTER.match(text)
    if not match:
        return {}, text
    try:
        loaded = yaml.load(match.group(1), Loader=_PlainLoader)  # noqa: S506  # a safe loader
    except (yaml.YAMLError, ValueError, RecursionError):  # a day that no month has; brackets in brackets without end
        return {}, text
    if not isinstance(loaded, dict):
        return {}, text
    properties = {}
    for key, value in loaded.items():
        printed = _printed(value)[:_LONGEST_PROPERTY]
        if printed:
            lower = str(key).lower().replace("-", "_")
            properties[_PROPERTY_NAMES.get(lower, lower)] = printed
    return properties, text[match.end() :]


def _printed(value: Any) -> str:
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(filter(None, (_printed(entry) for entry in value)))
    if isinstance(value, dict):
        return _printed(value.get("name"))
    if value is None or (isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER):
        return ""
    return " ".join(str(value).split())


def _drafts_of(text: str) -> list[Draft]:
    # Indented code is off: in reports four spaces are an indent, and code is rare. Link references stay on.
    # The nesting is raised from 20, beyond which the parser drops text without a word.
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("code")
    lines = text.split("\n")
    return _Walk(lines).drafts(parser.parse(text))


class _Walk:
    """Goes through the tokens of one file and collects drafts."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._found: list[Draft] = []
        self._markers: list[str] = []  # of the open list items, outermost first
        self._is_first_in_item = False
        self._after_break = False
        self._heading_level = 0
        self._rows: list[list[str]] = []
        self._in_table = False

    def drafts(self, tokens: Sequence[Token]) -> list[Draft]:
        for token in tokens:
            self._note_break(token)
            self._take(token)
        return self._found

    def _note_break(self, token: Token) -> None:
        """Two blank lines, a form feed or a rule before a block are a page break, as converters write them."""
        if token.map is None or token.level or token.nesting < 0:
            return
        start = token.map[0]
        blanks = 0
        while start - blanks - 1 >= 0 and not self._lines[start - blanks - 1].strip():
            blanks += 1
        page_feed = any("\f" in line for line in self._lines[start - blanks : start])
        self._after_break = self._after_break or token.type == "hr" or (start > blanks and (blanks >= 2 or page_feed))

    def _take(self, token: Token) -> None:
        match token.type:
            case "heading_open":
                self._heading_level = int(token.tag[1])
            case "heading_close":
                self._heading_level = 0
            case "list_item_open":
                self._markers.append(f"{token.info}{token.markup}" if token.info else "•")
                self._is_first_in_item = True
            case "list_item_close":
                self._markers.pop()
                self._is_first_in_item = False
            case "table_open":
                self._in_table, self._rows = True, []
            case "tr_open":
                self._rows.append([])
            case "table_close":
                self._in_table = False
                self._add(Draft("table", Rich.plain(""), rows=tuple(tuple(row) for row in self._rows)))
            case "inline" if self._in_table:
                self._rows[-1].append(_rich_of(token).text)
            case "inline":
                self._take_text(_rich_of(token))
            case "fence" | "code_block":
                self._add(Draft("paragraph", Rich.plain(token.content)))
            case "html_block":
                self._take_html(token.content)
            case _:
                pass

    def _take_text(self, body: Rich) -> None:
        if self._heading_level:
            self._add(Draft("heading", body, level=self._heading_level))
            return
        footnote = _FOOTNOTE.match(body.text)
        if footnote:
            self._add(Draft("footnote", body.part(footnote.end()), marker=footnote.group(1)))
            return
        body = body.replace(_FOOTNOTE_MARK, "").strip()
        if not body.text:
            return
        depth = len(self._markers)
        for n, (marker, part) in enumerate(split_items(body)):
            if marker is not None:
                # A typed bullet or number inside an item of Markdown's own is the printed one.
                inside = depth if n == 0 and self._is_first_in_item else depth + 1
                self._add(Draft("list_item", part, level=max(1, inside), marker=marker))
            elif n == 0 and self._is_first_in_item:
                self._add(Draft("list_item", part, level=depth, marker=self._markers[-1]))
            else:
                self._add(Draft("paragraph", part))
            self._is_first_in_item = False

    def _take_html(self, markup: str) -> None:
        from extractors.readers.html import drafts_of_fragment

        for draft in drafts_of_fragment(markup):
            self._add(draft)

    def _add(self, draft: Draft) -> None:
        self._found.append(replace(draft, after_break=self._after_break))
        self._after_break = False


def _rich_of(token: Token) -> Rich:
    """Return the text of an inline token with its styles; images are left out, links keep their text."""
    style = 0
    parts: list[Rich] = []
    for child in token.children or []:
        match child.type:
            case "text" | "code_inline" | "text_special":
                parts.append(Rich.plain(child.content, style))
            case "softbreak" | "hardbreak":
                parts.append(Rich.plain("\n", style))
            case "strong_open":
                style |= BOLD
            case "strong_close":
                style &= ~BOLD
            case "em_open":
                style |= ITALIC
            case "em_close":
                style &= ~ITALIC
            case "html_inline" if re.match(r"<br\s*/?>", child.content, re.IGNORECASE):
                parts.append(Rich.plain("\n", style))
            case _:
                pass
    return Rich.joined(parts).replace(_LINE_GAP, "\n")
