"""Reads the links of an HTML page, for those who look for documents on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urldefrag, urljoin

from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.readers.encoding import decode_text

_KEPT: Final = "%/:=&?~#+!$,;'@()*[]"


@dataclass(frozen=True, slots=True)
class Link:
    """A link: its absolute http or https address without a fragment, its words, and its relation; "" where none."""

    url: str
    text: str
    relation: str


def read_links(content: bytes, base_url: str, *, within: str | None = None) -> tuple[Link, ...]:
    """Return the links of a page in order, those of ``<link rel="next">`` in its head included; empty if none.

    Addresses count from the ``<base>`` of the page, else from `base_url`. `within` is a CSS selector: only links
    inside elements that it selects are returned. Raises `UnreadableDocument` (damaged) for bytes that are no text, and
    `ValueError` for a selector that is none.
    """
    tree = LexborHTMLParser(decode_text(content, name=base_url))
    base = tree.css_first("base[href]")
    start = _join(base_url, str(base.attributes.get("href") or "").strip()) if base is not None else base_url
    links = []
    for scope in select_nodes(tree, within) if within else [tree.root]:
        if scope is None:
            continue
        for node in scope.css("a[href], area[href], link[rel=next][href]"):
            href = "".join((node.attributes.get("href") or "").split("\n")).strip()
            try:
                url = quote(urldefrag(urljoin(start, href)).url, safe=_KEPT)
            except ValueError:  # such as a port that is no number
                continue
            if url.lower().startswith(("http://", "https://")):
                text = " ".join(node.text(separator=" ").split())
                links.append(Link(url, text, (node.attributes.get("rel") or "").lower()))
    return tuple(links)


def _join(base_url: str, address: str) -> str:
    try:
        return urljoin(base_url, address)
    except ValueError:  # a malformed <base> counts for nothing
        return base_url


def select_nodes(tree: LexborHTMLParser, selector: str) -> list[LexborNode]:
    """Return the elements that a CSS selector selects, empty if none; raises `ValueError` when it is no selector."""
    try:
        return list(tree.css(selector))
    except Exception as error:
        raise ValueError(f"{selector!r}: found no CSS selector ({error})") from error


def check_selector(selector: str) -> str:
    """Return `selector`; raises `ValueError` when it is no CSS selector."""
    select_nodes(LexborHTMLParser("<p></p>"), selector)
    return selector
