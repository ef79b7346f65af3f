"""Links of a page as a browser follows them."""

from __future__ import annotations

import pytest

from extractors.readers.html_links import read_links

PAGE = "https://verzonnen.example/map/lijst.html"


@pytest.mark.parametrize(
    ("markup", "urls"),
    [
        ('<a href="x.pdf">x</a>', ["https://verzonnen.example/map/x.pdf"]),
        ('<base href="/elders/"><a href="x.pdf">x</a>', ["https://verzonnen.example/elders/x.pdf"]),
        ('<base href="http://[kapot"><a href="x.pdf">x</a>', ["https://verzonnen.example/map/x.pdf"]),
        ('<base href="http://a:b:c/"><a href="x.pdf">x</a>', ["https://verzonnen.example/map/x.pdf"]),
        ('<base href="javascript:1"><a href="x.pdf">x</a>', ["https://verzonnen.example/map/x.pdf"]),
        ('<base href=""><a href="x.pdf">x</a>', ["https://verzonnen.example/map/x.pdf"]),
        ('<a href="https://dijkbewáking.example:8080/één.pdf#3">x</a>',
         ["https://xn--dijkbewking-q7a.example:8080/%C3%A9%C3%A9n.pdf"]),
        ('<a href="https://naam@é.example/">x</a>', ["https://naam@xn--9ca.example/"]),
        ('<a href="https://é.example:x/">x</a><a href="https://é..example/">x</a><a href="https://[é/">x</a>', []),
        (f'<a href="https://{"é" * 70}.example/">x</a>', []),
        ('<a href="mailto:a@b.example">x</a>', []),
    ],
)  # fmt: skip
def test_addresses_are_written_as_they_are_asked_for(markup: str, urls: list[str]) -> None:
    """From the base where it is an address; hosts as DNS has them; what is no address is left out."""
    assert [link.url for link in read_links(markup.encode(), PAGE)] == urls


def test_a_link_is_returned_once() -> None:
    """Also within an element inside another that the selector selects; two links to one place are two."""
    markup = b'<div><div><a href="a">een</a></div><a href="a">twee</a></div><a href="a">buiten</a>'
    assert [link.text for link in read_links(markup, PAGE, within="div")] == ["een", "twee"]
