"""Reading plain text."""

import pytest

from extractors.errors import UnreadableDocument
from extractors.readers.plain import read_plain
from extractors.records import Document

PROSE = (
    "De gemeente heeft de bewoners niet op tijd gehoord over het plan voor de nieuwe weg. Daardoor bleven klachten "
    "liggen en wisten mensen niet waar zij terecht konden met hun vragen."
)


def read(text: str) -> Document:
    """Read this text."""
    return read_plain(text.encode(), name="a.txt")


def outline(document: Document) -> list[tuple[str, int, str | None, str]]:
    """Kind, level, marker and text of every block; the words of furniture."""
    return [
        (b.kind, b.level, b.marker, b.furniture_text or document.text[b.body_start : b.end]) for b in document.blocks
    ]


def test_a_news_article() -> None:
    """Paragraphs, short lines as headings, indented bullets as items, and a tail of loose lines."""
    document = read(
        f"{PROSE}\n\nOordeel en aanbevelingen\n\nDe ombudsman doet twee aanbevelingen, die hieronder staan, aan de "
        "gemeente Lindewaard:\n\n • open een loket in de wijk;\n • antwoord op tijd. En bel terug.\n\n"
        "Een weg te ver Onderzoek naar een klacht\n\nBron: www.bureau.example\n\nMeer nieuws"
    )
    assert outline(document) == [
        ("paragraph", 0, None, PROSE),
        ("heading", 1, None, "Oordeel en aanbevelingen"),
        (
            "paragraph",
            0,
            None,
            "De ombudsman doet twee aanbevelingen, die hieronder staan, aan de gemeente Lindewaard:",
        ),
        ("list_item", 1, "•", "open een loket in de wijk;"),
        ("list_item", 1, "•", "antwoord op tijd. En bel terug."),
        ("paragraph", 0, None, "Een weg te ver Onderzoek naar een klacht"),
        ("paragraph", 0, None, "Bron: www.bureau.example"),
        ("paragraph", 0, None, "Meer nieuws"),
    ]


def test_hard_wrapped_lines_are_joined() -> None:
    """Lines that are broken at a width are one paragraph, and words broken at their ends are whole again."""
    document = read(
        "De gemeente heeft de bewoners niet op tijd ge-\n"
        "hoord over het plan voor de nieuwe weg. Daar-\n"
        "door bleven klachten liggen en wisten mensen\n"
        "niet waar zij terecht konden.\n"
        "\n"
        "Wij bevelen aan:\n"
        "1. open een loket in elke wijk van de stad,\n"
        "   ook op zaterdag;\n"
        "2. antwoord op tijd.\n"
    )
    assert outline(document) == [
        (
            "paragraph",
            0,
            None,
            "De gemeente heeft de bewoners niet op tijd gehoord over het plan voor de nieuwe weg. Daardoor bleven "
            "klachten liggen en wisten mensen niet waar zij terecht konden.",
        ),
        ("paragraph", 0, None, "Wij bevelen aan:"),
        ("list_item", 1, "1.", "open een loket in elke wijk van de stad, ook op zaterdag;"),
        ("list_item", 1, "2.", "antwoord op tijd."),
    ]


def test_one_paragraph_per_line() -> None:
    """Long lines without blank lines between them are paragraphs of their own."""
    document = read(f"Inleiding\n{PROSE}\n{PROSE}\n")
    assert outline(document) == [
        ("heading", 1, None, "Inleiding"),
        ("paragraph", 0, None, PROSE),
        ("paragraph", 0, None, PROSE),
    ]


def test_lists_nest_by_their_indent() -> None:
    """An item that is set further in is one level deeper, and the next one further out is back."""
    document = read(
        "Dit moet gebeuren:\n- open een loket\n    - in de wijk\n    - in het stadhuis\n- antwoord op tijd\n"
    )
    assert [(level, text) for kind, level, _, text in outline(document) if kind == "list_item"] == [
        (1, "open een loket"),
        (2, "in de wijk"),
        (2, "in het stadhuis"),
        (1, "antwoord op tijd"),
    ]


def test_numbered_lines_before_text_are_headings() -> None:
    """Their level is the depth of their number."""
    document = read(f"1 Inleiding\n\n{PROSE}\n\n1.1 Vraag\n\n{PROSE}\n")
    assert [(n, t) for k, n, _, t in outline(document) if k == "heading"] == [(1, "1 Inleiding"), (2, "1.1 Vraag")]


def test_form_feeds_are_page_breaks() -> None:
    """Blocks know their page; numbers and repeated lines at the edges of pages are furniture."""
    pages = [f"Verslag van het bureau\n\n{PROSE} Dit is blad {n}.\n\n{n}\n" for n in range(1, 5)]
    document = read("\f".join(pages))
    assert [page.number for page in document.pages] == [1, 2, 3, 4]
    assert [b.page for b in document.blocks if b.kind == "paragraph"] == [1, 2, 3, 4]
    assert [b.furniture_text for b in document.blocks if b.kind == "page_number"] == ["1", "2", "3", "4"]
    assert document.text.count("Verslag van het bureau") == 1  # on the first page it is the title


def test_a_paragraph_goes_on_over_a_form_feed() -> None:
    """It is one block, on the page where it begins."""
    document = read(f"{PROSE}\n\nHet plan is door de gemeente naar alle\fbewoners gestuurd.\n\n{PROSE}")
    block = document.blocks[1]
    assert document.text[block.start : block.end] == "Het plan is door de gemeente naar alle bewoners gestuurd."
    assert block.page == 1


def test_too_many_pages_are_refused() -> None:
    """The limit is the caller's; the last empty page does not count."""
    assert len(read_plain(b"een\ftwee\f", name="a.txt", max_pages=2).pages) == 2
    with pytest.raises(UnreadableDocument, match="found 3 pages, against at most 2") as caught:
        read_plain(b"een\ftwee\fdrie", name="a.txt", max_pages=2)
    assert caught.value.reason == "too_many_pages"


def test_every_word_of_the_file_is_in_the_text() -> None:
    """Nothing is lost and nothing is added, but for the white space."""
    raw = f"Titel\n\n{PROSE}\n\n• een\n• twee\n\nTabel 1 Iets\n\n  a) drie\n"
    assert read(raw).text.split() == raw.split()
