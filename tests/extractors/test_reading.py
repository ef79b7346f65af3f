"""The entry point of reading: which format a file has, and what is said of files that cannot be read."""

import io
import pickle
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.errors import UnreadableDocument
from extractors.reading import SUPPORTED_SUFFIXES, find_format, read_document
from extractors.records import make_document_id

SENTENCE = "De gemeente heeft de bewoners niet op tijd gehoord over het plan voor de nieuwe weg."
PAGE = f"<!DOCTYPE html><html><head><title>Plan</title></head><body><p>{SENTENCE}</p></body></html>".encode()


def refusal_of(content: bytes, name: str) -> UnreadableDocument:
    """The error that reading gives."""
    with pytest.raises(UnreadableDocument) as caught:
        read_document(content, name=name)
    return caught.value


def zipped() -> bytes:
    """A ZIP file, as .docx is one."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/document.xml", "<w:document/>")
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["plan.txt", "plan.md", "plan.MARKDOWN", "https://a.nl/plan.txt?versie=2#top"])
def test_text_is_read_by_its_suffix(name: str) -> None:
    """The suffix decides where the bytes say nothing; case and the query of a URL do not matter."""
    document = read_document(f"{SENTENCE}\n".encode(), name=name)
    assert document.text == SENTENCE
    assert document.language == "nl"
    assert document.document_id == make_document_id(f"{SENTENCE}\n".encode())
    assert [page.number for page in document.pages] == [1]
    assert len(document.words) == 0


@pytest.mark.parametrize("name", ["plan.html", "plan.htm", "plan.txt", "plan", "plan.aspx", "https://a.nl/nieuws/"])
def test_html_is_known_by_its_bytes(name: str) -> None:
    """A web page is read as one whatever it is called."""
    document = read_document(PAGE, name=name)
    assert document.media_type == "text/html"
    assert document.text == SENTENCE


@pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n  \n", b"<!-- cache -->\n", b'<?xml version="1.0"?>\n'])
def test_html_is_known_behind_what_may_come_first(before: bytes) -> None:
    """A byte order mark, blank lines, comments and an XML declaration do not hide a page."""
    assert find_format(before + PAGE, name="x") == "html"


def test_pdf_is_known_by_its_header_in_the_first_1024_bytes() -> None:
    """The header may stand behind other bytes, and the name does not matter."""
    assert find_format(b"%PDF-1.7\n", name="rapport.txt") == "pdf"
    assert find_format(b"x" * 1000 + b"%PDF-1.7\n", name="rapport") == "pdf"
    with pytest.raises(UnreadableDocument, match="no PDF header"):
        find_format(b"x" * 1100 + b"%PDF-1.7\n", name="rapport.pdf")


def test_html_named_pdf_is_refused_as_the_wrong_type() -> None:
    """An error page saved as PDF is not read as a report, and the message says what it is."""
    error = refusal_of(PAGE, "rapport.pdf")
    assert error.reason == "wrong_type"
    assert "rapport.pdf: found HTML" in str(error)
    assert "error" in str(error)


@pytest.mark.parametrize(
    "content", [b"", b" \n\t \r\n", b"\xef\xbb\xbf", b"\xff\xfe", b"\xff\xfe \x00\n\x00", b"\0\0\0"]
)
@pytest.mark.parametrize("name", ["a.txt", "a.pdf", "a.html", "a.md", "a.docx"])
def test_an_empty_file_is_refused_as_empty(content: bytes, name: str) -> None:
    """No bytes, or nothing but white space in any encoding, whatever the file is called."""
    assert refusal_of(content, name).reason == "empty"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (zipped(), "rapport.docx"),
        (zipped(), "rapport.txt"),
        (b"\x89PNG\r\n\x1a\n\0\0", "scan.png"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "oud.doc"),
        (b"{\\rtf1 tekst}", "brief.rtf"),
        (b"a;b\n1;2\n", "cijfers.csv"),
        (b"tekst", "zonder"),
    ],
)
def test_other_formats_are_refused_with_those_that_can_be_read(content: bytes, name: str) -> None:
    """The message names the supported suffixes; a misleading suffix does not help."""
    error = refusal_of(content, name)
    assert error.reason == "unknown_type"
    assert all(suffix in str(error) for suffix in SUPPORTED_SUFFIXES)
    assert str(error).startswith(f"{name}: found ")


def test_a_file_named_pdf_without_a_header_is_damaged() -> None:
    """Text or noise under the name .pdf is no PDF."""
    assert refusal_of(b"hallo wereld", "a.pdf").reason == "damaged"


@pytest.mark.parametrize("content", [b"<html><body><script>go()</script></body></html>", b"<html><img src=a></html>"])
def test_a_page_without_text_is_refused(content: bytes) -> None:
    """A page that a script builds in the browser has no text to read."""
    assert refusal_of(content, "a.html").reason == "no_text"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"]
)
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_text_is_the_same_in_every_usual_encoding(encoding: str, name: str) -> None:
    """Accents come out right from UTF-8, UTF-16 and Windows-1252, with a byte order mark and without."""
    text = "Één coördinator voor de geïnspecteerde gemeenten: dat is de conclusie van deze financiële evaluatie."
    content = (f"<!doctype html><p>{text}</p>" if name == "a.html" else text).encode(encoding)
    assert read_document(content, name=name).text == text


def test_windows_quotes_and_dashes_come_out_right() -> None:
    """The characters that Windows-1252 has and Latin-1 has not are the commonest in reports."""
    text = "De ‘commissie’ – zo zegt zij – vraagt € 5 voor “herstel”…"
    assert read_document(text.encode("cp1252"), name="a.txt").text == text
    page = b'<html><head><meta charset="iso-8859-1"></head><body><p>' + text.encode("cp1252") + b"</p></body></html>"
    assert read_document(page, name="a.html").text == text


def test_utf8_with_a_broken_byte_stays_utf8() -> None:
    """One bad byte among many good ones is marked; the rest does not turn into mojibake."""
    content = "Één coördinator, geïnspecteerd, financiële, reële, beëindigd, ruïne".encode() + b"\xc3"
    text = read_document(content, name="a.txt").text
    assert "coördinator" in text
    assert "Ã" not in text


@pytest.mark.parametrize(
    "content", [b"tekst\0met\0\0\0\0nullen" * 20, bytes(range(256)) * 8, b"\x01\x02\x03\x04" * 200]
)
def test_bytes_that_are_no_text_are_damaged(content: bytes) -> None:
    """Noise under the name of a text is never passed on as text."""
    assert refusal_of(content, "a.txt").reason == "damaged"


def test_accents_are_composed() -> None:
    """A letter and a combining accent become one character, so that equal words are equal."""
    assert read_document("bee\u0308indiging van de reorganisatie".encode(), name="a.txt").text.startswith("beëindiging")


def test_an_error_survives_the_way_between_processes() -> None:
    """The reason is still there after pickling."""
    error = pickle.loads(pickle.dumps(refusal_of(b"", "a.txt")))
    assert error.reason == "empty"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_every_block_lies_in_the_text_and_a_blank_line_parts_them(name: str) -> None:
    """Blocks that are no furniture cover the text from start to end."""
    body = {
        "a.html": f"<h1>Titel</h1><p>{SENTENCE}</p><ul><li>een</li><li>twee</li></ul>"
        "<table><tr><th>a<th>b<tr><td>1<td>2</table>",
        "a.md": f"# Titel\n\n{SENTENCE}\n\n- een\n- twee\n\n| a | b |\n|---|---|\n| 1 | 2 |\n",
        "a.txt": f"Titel\n\n{SENTENCE * 2}\n\n- een\n- twee\n\na\n",
    }[name]
    document = read_document((f"<!doctype html>{body}" if name == "a.html" else body).encode(), name=name)
    blocks = [block for block in document.blocks if block.furniture_text is None]
    assert "\n\n".join(document.text[b.start : b.end] for b in blocks) == document.text
    for block in blocks:
        for row in block.rows:
            assert all(block.start <= a <= b <= block.end for a, b in row)
        if block.marker:
            assert document.text[block.start : block.body_start] == f"{block.marker} "


FRAGMENTS = [
    "# ",
    "- ",
    "1. ",
    "\n",
    "\n\n",
    "\n\n\n",
    "**",
    "_",
    "woord ",
    "Woord",
    "12",
    "iv",
    ".... 3",
    "\u2022 ",
    "\xb7 ",
    "a) ",
    "---",
    "<b>",
    "</b>",
    "<table>",
    "<tr>",
    "<td>",
    "<th>",
    "<ul>",
    "<li>",
    "<ol start=2>",
    "<p>",
    "<br>",
    "<h1>",
    "</h1>",
    "<div class=menu>",
    "</div>",
    "<sup><a href=#1>",
    "-\n",
    "\x0c",
    "\xad",
    "[^1]",
    "[^1]: ",
    "Tabel 1",
    "\t",
    "&nbsp;",
    "\u0301",
    "\ufb01",
    "\x00",
    "<!--",
    "-->",
    "<script>",
    "HOOFDSTUK 3",
    "een zin met genoeg woorden om lang te zijn",
    ". ",
    ": ",
    "<main>",
    "<a href=x>",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=40).map("".join), st.sampled_from(["a.md", "a.txt", "a.html"]))
def test_whatever_is_in_a_file_reading_keeps_the_laws_or_refuses(content: str, name: str) -> None:
    """Any mixture of markup gives a document that keeps the laws of the records, or UnreadableDocument."""
    try:
        document = read_document(content.encode(), name=name)
    except UnreadableDocument:
        return
    blocks = [block for block in document.blocks if block.furniture_text is None]
    assert "\n\n".join(document.text[b.start : b.end] for b in blocks) == document.text
    for block in blocks:
        marker = f"{block.marker} " if block.marker else ""
        assert document.text[block.start : block.body_start] == marker
        assert block.level >= 1 or block.kind not in ("heading", "list_item")
        edges = [block.start, *(run.end for run in block.styles)]
        assert [run.start for run in block.styles] == edges[:-1]
        assert not block.styles or edges[-1] == block.end


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["a.md", "a.txt", "a.html", "a.docx", "a"]))
def test_any_bytes_are_read_or_refused(content: bytes, name: str) -> None:
    """Noise never ends in another error."""
    try:
        document = read_document(content.replace(b"%PDF", b""), name=name)
    except UnreadableDocument as error:
        assert error.reason
    else:
        assert document.text.strip()


def test_reading_leaves_no_file_open_and_needs_none(tmp_path: Path) -> None:
    """Reading takes bytes: the name may point nowhere."""
    assert read_document(SENTENCE.encode(), name=str(tmp_path / "weg.txt")).text == SENTENCE
