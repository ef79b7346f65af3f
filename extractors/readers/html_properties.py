"""Reads what a web page says of itself: title, publisher, date, from meta elements and JSON-LD."""

from __future__ import annotations

import email.utils
import json
import re
from collections.abc import Iterator
from typing import Any, Final

from selectolax.lexbor import LexborHTMLParser

from extractors.records import find_valid_date

_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2}))?(?=\D|$)")
_COMPACT_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})(?:T[0-9]+Z?)?$")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})(?:\s.*)?$")
_META: Final[dict[str, tuple[str, ...]]] = {
    "title": ("og:title", "dcterms.title", "dc.title", "citation_title", "twitter:title"),
    "author": ("author", "article:author", "dcterms.creator", "dc.creator", "citation_author"),
    "publisher": (
        "publisher", "dcterms.publisher", "dc.publisher", "overheid.authority", "citation_publisher", "og:site_name",
        "application-name",
    ),
    "published_date": (
        "article:published_time", "dcterms.issued", "dcterms.date", "dcterms.available", "dc.date.issued", "dc.date",
        "datepublished", "date", "pubdate", "publish-date", "publication_date", "citation_publication_date",
        "dcterms.created", "dcterms.modified",
    ),
    "description": ("og:description", "description", "dcterms.abstract", "dc.description", "twitter:description"),
    "url": ("og:url",),
}  # fmt: skip
"""For each property the names of meta elements that carry it, the most telling first."""


def read_properties(tree: LexborHTMLParser) -> dict[str, str]:
    """Return the properties that the page gives: title, author, publisher, published_date (ISO), description, url.

    Properties that it does not give are left out. Must run before scripts are taken out of `tree`.
    """
    meta = _meta_values(tree)
    linked = _linked_data(tree)
    found: dict[str, str] = {}
    for key, names in _META.items():
        values = [meta[name] for name in names if name in meta]
        if key == "published_date":
            candidates = [values[0]] if values else []
            candidates += [linked.get(key, ""), *_times(tree), *values[1:]]
            values = [date for value in candidates if (date := iso_date(value))]
        elif key in linked:
            values.append(linked[key])
        if values:
            found[key] = values[0]
    if "title" not in found:
        for node in (tree.css_first("h1"), tree.css_first("title")):
            text = " ".join(node.text(separator=" ").split()) if node is not None else ""
            if text:
                found["title"] = text
                break
    canonical = tree.css_first("link[rel='canonical'][href]")
    if canonical is not None:
        href = (canonical.attributes.get("href") or "").strip()
        found |= {"url": href} if href else {}
    return found


def iso_date(printed: str) -> str | None:
    """Return a date as ``YYYY-MM-DD`` (or ``YYYY-MM``), None for what is no date in figures.

    Of a day that no month has, the month is left.
    """
    printed = printed.strip()
    if match := _ISO_DATE.match(printed) or _COMPACT_DATE.match(printed):
        year, month, day = match.groups()
    elif match := _DAY_FIRST.match(printed):
        day, month, year = match.groups()
    else:
        parsed = email.utils.parsedate(printed)
        if not parsed:
            return None
        year, month, day = (str(part) for part in parsed[:3])
    if not (1 <= int(month) <= 12 and 1800 <= int(year) <= 2200):
        return None
    return find_valid_date(f"{int(year):04d}-{int(month):02d}" + (f"-{int(day):02d}" if day else ""))


def _meta_values(tree: LexborHTMLParser) -> dict[str, str]:
    values: dict[str, str] = {}
    for node in tree.css("meta[content]"):
        attributes = node.attributes
        name = attributes.get("property") or attributes.get("name") or attributes.get("itemprop") or ""
        content = " ".join((attributes.get("content") or "").split())
        if name and content:
            values.setdefault(name.lower(), content)
    return values


def _times(tree: LexborHTMLParser) -> list[str]:
    return [node.attributes.get("datetime") or "" for node in tree.css("time[datetime]")]


def _linked_data(tree: LexborHTMLParser) -> dict[str, str]:
    """Return what the JSON-LD of the page says of its main thing; broken JSON-LD says nothing."""
    found: dict[str, str] = {}
    for node in tree.css("script[type='application/ld+json']"):
        try:
            loaded = json.loads(node.text())
        except (json.JSONDecodeError, RecursionError):
            continue
        for thing in _things(loaded, depth=0):
            if not thing.get("datePublished") and not thing.get("headline"):
                continue
            values = {
                "title": _name(thing.get("headline") or thing.get("name")),
                "author": _name(thing.get("author")),
                "publisher": _name(thing.get("publisher")),
                "published_date": _name(thing.get("datePublished")),
                "description": _name(thing.get("description")),
            }
            for key, value in values.items():
                if value:
                    found.setdefault(key, value)
    return found


def _things(loaded: Any, *, depth: int) -> Iterator[dict[str, Any]]:
    if depth > 5:
        return
    if isinstance(loaded, list):
        for entry in loaded:
            yield from _things(entry, depth=depth + 1)
    elif isinstance(loaded, dict):
        yield loaded
        for key in ("@graph", "mainEntity", "mainEntityOfPage"):
            yield from _things(loaded.get(key), depth=depth + 1)


def _name(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, (_name(entry) for entry in value)))
    if isinstance(value, dict):
        return _name(value.get("name"))
    return " ".join(str(value).split()) if isinstance(value, (str, int)) else ""
