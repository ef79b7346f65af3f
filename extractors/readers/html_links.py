"""Reads the links of an HTML page, for those who look for documents on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urldefrag, urljoin, urlsplit, urlunsplit

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

    Addresses count from the ``<base>`` of the page where that is an address, else from `base_url`; hosts are given in
    the letters of DNS (``xn--…``). A link is returned once, whatever elements it is in. `within` is a CSS selector:
    only links inside elements that it selects are returned. Raises `UnreadableDocument` (damaged) for bytes that are no
    text, and `ValueError` for a selector that is none.
    """
    tree = LexborHTMLParser(decode_text(content, name=base_url))
    start = _find_start(tree, base_url)
    links: dict[int, Link] = {}
    for scope in select_nodes(tree, within) if within else [tree.root]:
        if scope is None:
            continue
        for node in scope.css("a[href], area[href], link[rel=next][href]"):
            href = "".join((node.attributes.get("href") or "").split("\n")).strip()
            try:
                url = _spell_address(urljoin(start, href))
            except ValueError:  # such as a port that is no number
                continue
            if url.lower().startswith(("http://", "https://")):
                text = " ".join(node.text(separator=" ").split())
                # An element within two that the selector selects is met twice.
                links.setdefault(node.mem_id, Link(url, text, (node.attributes.get("rel") or "").lower()))
    return tuple(links.values())


def _find_start(tree: LexborHTMLParser, base_url: str) -> str:
    base = tree.css_first("base[href]")
    if base is None:
        return base_url
    try:
        start = urljoin(base_url, str(base.attributes.get("href") or "").strip())
        parts = urlsplit(start)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0  # raises for no number
    except ValueError:  # a browser leaves out a base that is no address as well
        return base_url
    return start if is_web else base_url


def _spell_address(url: str) -> str:
    """Return `url` without its fragment in ASCII: the host as DNS has it (IDNA), the rest in percent signs.

    Raises `ValueError` for what is no address.
    """
    parts = urlsplit(urldefrag(url).url)
    place = parts.netloc
    if not place.isascii():
        user, at, _ = place.rpartition("@")
        port = f":{parts.port}" if parts.port is not None else ""
        place = f"{user}{at}{(parts.hostname or '').encode('idna').decode('ascii')}{port}"
    return quote(urlunsplit(parts._replace(netloc=place)), safe=_KEPT)


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
