"""Reads XML that came from the web: no entities, nothing fetched, no tree without bounds."""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree


def read_xml(content: bytes) -> etree._Element:
    """Return the root element; raises `ValueError` for anything that is no well-formed XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        return etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"found no XML ({error})") from error


def find_all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the elements below `element` with a local name, whatever their namespace."""
    yield from element.iter(f"{{*}}{name}")


def text_of(element: etree._Element, name: str) -> str | None:
    """Return the text of the first element with a local name, None when there is none or it is empty."""
    for found in find_all(element, name):
        if found.text and found.text.strip():
            return str(found.text.strip())
    return None
