"""Writes Atom feeds (RFC 4287) of statements."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Final
from xml.etree import ElementTree

from warehouse.search_records import Row

ATOM_TYPE: Final = "application/atom+xml"

_ATOM: Final = "http://www.w3.org/2005/Atom"
_LONGEST_TITLE: Final = 120
_ENTRIES: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rodedraad:statements")
_FEEDS: Final = uuid.uuid5(uuid.NAMESPACE_URL, "urn:rodedraad:feeds")
# What XML cannot hold (XML 1.0, 2.2); a report may have it all the same.
_NOT_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

ElementTree.register_namespace("", _ATOM)


def write_feed(
    rows: Sequence[Row],
    *,
    question: str,
    filters: Mapping[str, Sequence[str]],
    base: str,
    address: str,
    built_at: str,
) -> bytes:
    """Return the feed of `rows` of the view statements_full with `first_seen_at`, in their order.

    `question` and `filters` are what the feed is of, `base` is the address of this server, `address` that of the feed,
    `built_at` when the site was built (ISO 8601), for a feed without entries. An entry keeps its id whatever the
    address of the server. Text is given as text: a reader shows markup in it and does not run it.
    """
    chosen = [value for values in filters.values() for value in values]
    about = " · ".join(filter(None, (question, *chosen))) or "newest statements"
    feed = ElementTree.Element(_name("feed"))
    _add(feed, "title", f"Rode Draad: {about}")
    _add(feed, "id", uuid.uuid5(_FEEDS, repr((question, sorted(filters.items())))).urn)
    _add(feed, "updated", max((row["first_seen_at"] for row in rows), default=built_at))
    _add(feed, "generator", "Rode Draad")
    feed.append(ElementTree.Element(_name("link"), {"rel": "self", "type": ATOM_TYPE, "href": _clean(address)}))
    feed.append(ElementTree.Element(_name("link"), {"rel": "alternate", "type": "text/html", "href": base + "/"}))
    for row in rows:
        feed.append(_make_entry(row, base))
    written: bytes = ElementTree.tostring(feed, encoding="utf-8", xml_declaration=True)
    return written


def _make_entry(row: Row, base: str) -> ElementTree.Element:
    entry = ElementTree.Element(_name("entry"))
    text = str(row["text"])
    short = text if len(text) <= _LONGEST_TITLE else text[:_LONGEST_TITLE].rsplit(" ", 1)[0] + " …"
    _add(entry, "title", f"{row['kind']}: {short}")
    _add(entry, "id", uuid.uuid5(_ENTRIES, str(row["statement_id"])).urn)
    _add(entry, "updated", row["first_seen_at"])
    author = ElementTree.SubElement(entry, _name("author"))
    _add(author, "name", row["publisher"] or "unknown publisher")
    page = f"{base}/kb/statements/{row['statement_id']}"
    entry.append(ElementTree.Element(_name("link"), {"rel": "alternate", "type": "text/html", "href": page}))
    source = ", ".join(
        str(part)
        for part in (row["publisher"], row["report_title"], row["published_date"], f"p. {row['page']}")
        if part
    )
    lines = [f"“{text}”", f"— {source}"]
    if row["addressees"]:
        lines.append(f"→ {row['addressees']}")
    content = _add(entry, "content", "\n\n".join(lines))
    content.set("type", "text")
    content.set("{http://www.w3.org/XML/1998/namespace}lang", row["language"] or "und")
    entry.append(ElementTree.Element(_name("category"), {"term": row["kind"]}))
    if row["licence"]:
        _add(entry, "rights", row["licence"])
    return entry


def _add(parent: ElementTree.Element, name: str, text: str) -> ElementTree.Element:
    element = ElementTree.SubElement(parent, _name(name))
    element.text = _clean(text)
    return element


def _name(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _clean(text: str) -> str:
    return _NOT_XML.sub("�", text)
