"""Licence text in, open or closed out."""

from __future__ import annotations

import pytest

from datasette_config.licences import allows_download

OPEN = (
    "CC0", "CC0 1.0 Universal", "CC0-1.0", "CC-0", "cc by 4.0", "CC-BY-4.0", "CC BY-SA 4.0", "CC-BY-ND-4.0", "CC\u00a0BY\u20114.0",
    "Creative Commons Attribution 4.0 International", "Creative Commons Naamsvermelding 4.0",
    "Creative Commons Naamsvermelding-GelijkDelen 4.0 Internationaal", "Creative Commons licentie: Naamsvermelding",
    "https://creativecommons.org/licenses/by/4.0/deed.nl", "http://creativecommons.org/licenses/by-sa/3.0/igo/",
    "https://creativecommons.org/publicdomain/zero/1.0/", "Public Domain Mark", "publiek domein", "in het publieke domein",
    "Open Government Licence v3.0", "Open Government Licence v3.0 except where otherwise stated",
    "© Crown copyright 2024, Open Government License 3.0", "OGL", "OGL-UK-3.0", "OGL v3.0", "Open Parliament Licence",
    "ODC-By-1.0", "ODC-PDDL", "Apache-2.0", "Apache License, Version 2.0", "MIT", "mit license", " The MIT License ",
)  # fmt: skip
CLOSED = (
    None, "", " ", "-", "©", "All rights reserved", "Alle rechten voorbehouden", "CC", "CC BY-NC 4.0", "CC-BY-NC-SA-4.0",
    "cc_by_nc", "CC BY, NC", "Creative Commons Attribution-NonCommercial 4.0", "Creative Commons Attribution-Non-Commercial",
    "Creative Commons Naamsvermelding-NietCommercieel 4.0", "Creative Commons Naamsvermelding, niet commercieel",
    "https://creativecommons.org/licenses/by-nc/4.0/", "https://creativecommons.org/licenses/by-nc-nd/4.0/deed.nl",
    "Not in the public domain", "niet in het publieke domein", "Dit rapport valt niet onder CC BY", "geen CC0",
    "CC BY 4.0, geen foto's", "No public domain dedication", "CC0 (data only), all rights reserved for the text",
    "Public domain status unknown", "Apache-2.0 for the code only", "CC BY with permission of the author",
    "CC BY met toestemming van de uitgever", "Open Government Licence does not apply", "commercial use under CC BY prohibited",
    "Massachusetts Institute of Technology (MIT), all rights reserved", "Published by MIT", "herausgegeben mit Auflagen",
    "MIT Press", "summit", "permit", "OGL Games Ltd", "accc by", "CC BYTES", "proprietary; see public domain notice",
    "uitsluitend CC BY voor de samenvatting", "CC BY tenzij anders vermeld",
)  # fmt: skip


@pytest.mark.parametrize("licence", OPEN)
def test_an_open_licence_is_known(licence: str) -> None:
    """By any of the names under which sources write it."""
    assert allows_download(licence)


@pytest.mark.parametrize("licence", CLOSED)
def test_everything_else_is_closed(licence: str | None) -> None:
    """No licence, one for some uses, one that is denied, and words that only look like a licence."""
    assert not allows_download(licence)
