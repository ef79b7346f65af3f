"""Reading Markdown, by hand and from converters."""

import pytest

from extractors.readers.markdown import read_markdown
from extractors.records import Document

PROSE = (
    "De gemeente heeft de bewoners niet op tijd gehoord over het plan voor de nieuwe weg. Daardoor bleven klachten "
    "liggen en wisten mensen niet waar zij terecht konden."
)


def read(text: str) -> Document:
    """Read this text."""
    return read_markdown(text.encode(), name="a.md")


def outline(document: Document) -> list[tuple[str, int, str | None, str]]:
    """Kind, level, marker and text of every block; the words of furniture."""
    return [
        (b.kind, b.level, b.marker, b.furniture_text or document.text[b.body_start : b.end]) for b in document.blocks
    ]


def paged(*pages: str) -> str:
    """Pages as converters write them: two blank lines, then the number of the page."""
    return "\n\n\n".join(f" {number} \n\n{page}" for number, page in enumerate(pages, start=1))


def test_common_markdown() -> None:
    """Headings, paragraphs, nested lists, quotes and tables become blocks; links leave their text, images none."""
    document = read(
        "# Titel\n\nEen [rapport](http://a.nl) met *nadruk*.\n\n![foto](a.png)\n\n## Aanbevelingen\n\n"
        "1. Open een loket.\n   - in de wijk\n\n     met een stoel\n2. Antwoord op tijd.\n\n> Citaat.\n\n"
        "| nr | wat |\n|----|-----|\n| 1 | loket |\n"
    )
    assert outline(document) == [
        ("heading", 1, None, "Titel"),
        ("paragraph", 0, None, "Een rapport met nadruk."),
        ("heading", 2, None, "Aanbevelingen"),
        ("list_item", 1, "1.", "Open een loket."),
        ("list_item", 2, "•", "in de wijk"),
        ("paragraph", 0, None, "met een stoel"),
        ("list_item", 1, "2.", "Antwoord op tijd."),
        ("paragraph", 0, None, "Citaat."),
        ("table", 0, None, "nr\twat\n1\tloket"),
    ]
    table = document.blocks[-1]
    assert [[document.text[a:b] for a, b in row] for row in table.rows] == [["nr", "wat"], ["1", "loket"]]


def test_front_matter_becomes_properties() -> None:
    """Keys are in lower case, dates are ISO, lists are joined; the text begins behind it."""
    document = read(
        "---\nTitle: Een brug\ndate: 2021-03-04\nauthors: [A, B]\npublisher:\n  name: Bureau\n---\n\nTekst.\n"
    )
    assert document.properties == {
        "title": "Een brug",
        "published_date": "2021-03-04",
        "author": "A, B",
        "publisher": "Bureau",
    }
    assert document.text == "Tekst."


@pytest.mark.parametrize("text", ["---\nkapot: [\n---\n\nTekst.\n", "---\nzomaar een zin\n---\n\nTekst.\n"])
def test_what_is_no_front_matter_stays_text(text: str) -> None:
    """Broken YAML, or lines between rules that are not keys, give no properties and lose nothing."""
    document = read(text)
    assert document.properties == {}
    assert "Tekst." in document.text
    assert "kapot" in document.text or "zomaar een zin" in document.text


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("de onder-\nzoeksvraag", "de onderzoeksvraag"),
        ("het herin-     richtingsgebied", "het herinrichtingsgebied"),
        ("de vraag-\nen aanbodzijde", "de vraag- en aanbodzijde"),
        ("het SKB-\nRapport", "het SKB-Rapport"),
        ("in 2007-\n2008", "in 2007-2008"),
        ("economisch-\n(sub)scenario", "economisch-(sub)scenario"),
        ("een zee-\negel en een zee-egel", "een zee-egel en een zee-egel"),
        ("de regel\neindigt", "de regel eindigt"),
    ],
)
def test_words_broken_at_a_line_end_are_joined(broken: str, whole: str) -> None:
    """A hyphen stays where it belongs to the word."""
    assert read(broken).text == whole


def test_bullets_that_markdown_does_not_know_are_a_list() -> None:
    """Several bullets in one Markdown paragraph are split line by line, and inside a line."""
    document = read("Wij bevelen aan:\n• open een loket\nin de wijk;\n· antwoord op tijd.\n\n• een • twee • drie\n")
    assert outline(document) == [
        ("paragraph", 0, None, "Wij bevelen aan:"),
        ("list_item", 1, "•", "open een loket in de wijk;"),
        ("list_item", 1, "·", "antwoord op tijd."),
        ("list_item", 1, "•", "een"),
        ("list_item", 1, "•", "twee"),
        ("list_item", 1, "•", "drie"),
    ]


def test_a_number_in_a_wrapped_line_begins_no_item() -> None:
    """A line that happens to begin with a number goes on where the line before has not ended."""
    document = read("De raad besloot op\n12. Dat was laat: zie bijlage\na) van het verslag.")
    assert [block.kind for block in document.blocks] == ["paragraph"]


def test_lettered_lines_are_items() -> None:
    """Lines a), b), c) behind a colon are a list."""
    document = read("Dat kan door:\na) een loket;\nb) een brief.")
    assert [block[2] for block in outline(document)] == [None, "a)", "b)"]


def test_a_bold_line_is_a_heading_and_a_bold_sentence_is_not() -> None:
    """The level is one below the heading before it."""
    document = read(f"# Oordeel\n\n**Aanbevelingen**\n\n{PROSE}\n\n**Open een loket.**\n\n**Proces:**\n\n- een\n")
    assert [(k, n, t) for k, n, _, t in outline(document) if k == "heading"] == [
        ("heading", 1, "Oordeel"),
        ("heading", 2, "Aanbevelingen"),
        ("heading", 2, "Proces:"),
    ]


def test_a_bold_title_before_text_is_split_off() -> None:
    """A capital behind it shows that the title ended; in the middle of a sentence bold is emphasis."""
    document = read(f"**Doel van het werk** {PROSE}\n\n**De gemeente** heeft alle brieven van bewoners nu beantwoord.")
    assert outline(document) == [
        ("heading", 1, None, "Doel van het werk"),
        ("paragraph", 0, None, PROSE),
        ("paragraph", 0, None, "De gemeente heeft alle brieven van bewoners nu beantwoord."),
    ]


@pytest.mark.parametrize("label", ["Aanbeveling 4:", "Aanbeveling 4", "Let op:"])
def test_a_bold_label_stays_with_its_sentence(label: str) -> None:
    """The label of a recommendation is no heading: it is printed in the same paragraph."""
    document = read(f"**{label}** {PROSE}")
    assert outline(document) == [("paragraph", 0, None, f"{label} {PROSE}")]
    assert [run.is_bold for run in document.blocks[0].styles] == [True, False]


def test_numbered_lines_are_headings_by_depth() -> None:
    """1.1 stands one level below 1, also where Markdown knows no heading."""
    document = read(
        f"## 1 Inleiding\n\n1.1. Aanleiding\n\n{PROSE}\n\n3.2 **Doel**\n\n{PROSE}\n\n1.1.1 Vraag\n\n{PROSE}\n"
    )
    assert [(n, t) for k, n, _, t in outline(document) if k == "heading"] == [
        (1, "1 Inleiding"),
        (2, "1.1. Aanleiding"),
        (2, "3.2 Doel"),
        (3, "1.1.1 Vraag"),
    ]


def test_footnotes_are_blocks_and_their_marks_are_left_out() -> None:
    """The mark in the sentence is no part of a quotation."""
    document = read("Dat staat in de wet.[^1] Dus moet het.\n\n[^1]: Artikel 3 van de wet.\n")
    assert outline(document) == [
        ("paragraph", 0, None, "Dat staat in de wet. Dus moet het."),
        ("footnote", 0, "1", "Artikel 3 van de wet."),
    ]


def test_html_in_markdown_is_read() -> None:
    """Comments vanish, tables are tables."""
    document = read(
        "Tekst.\n\n<!-- weg -->\n\n<table><tr><th>a</th><th>b</th></tr><tr><td>1</td><td>2</td></tr></table>\n"
    )
    assert [(k, t) for k, _, _, t in outline(document)] == [("paragraph", "Tekst."), ("table", "a\tb\n1\t2")]


def test_page_numbers_and_running_heads_are_no_text() -> None:
    """A number or a repeated line beside a page break is furniture, at the place where it interrupts."""
    document = read(
        "# Verslag\n\n"
        + "".join(f"\n\n{n}\n\nBureau Lindewaard b.v.\n\n{PROSE} Dit is bladzij {n}.\n" for n in range(1, 5))
    )
    furniture = [(b.kind, b.furniture_text) for b in document.blocks if b.furniture_text]
    assert furniture == [
        pair for n in "1234" for pair in (("page_number", n), ("running_head", "Bureau Lindewaard b.v."))
    ]
    assert "b.v." not in document.text
    assert all(b.start == b.end for b in document.blocks if b.furniture_text)


def test_chapter_titles_with_a_page_number_are_running_heads() -> None:
    """They differ from chapter to chapter, but their numbers rise from page to page."""
    titles = ["INLEIDING 1", "INLEIDING 2", "WERKWIJZE 3", "WERKWIJZE 4", "OORDEEL 5", "OORDEEL 6"]
    document = read("# Verslag\n\n" + "".join(f"\n\n{title}\n\n{PROSE}\n" for title in titles))
    assert [b.furniture_text for b in document.blocks if b.kind == "running_head"] == titles


def test_numbers_away_from_page_breaks_stay_text() -> None:
    """The labels of a chart's axis are no page numbers, and no headings either."""
    document = read(f"{PROSE}\n\n### 100\n\n### 200\n\n{PROSE}\n")
    assert [block.kind for block in document.blocks] == ["paragraph"] * 4


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Het plan is door de gemeente naar alle", "bewoners gestuurd.", "naar alle bewoners gestuurd."),
        (
            "Het plan is door de gemeente in het herin-",
            "richtingsgebied verspreid.",
            "het herinrichtingsgebied verspreid.",
        ),
        ("Een tweede klacht over de weg ging over de klach", "ten van bewoners.", "over de klachten van bewoners."),
    ],
)
def test_a_paragraph_goes_on_over_a_page_break(before: str, after: str, joined: str) -> None:
    """The two parts are one block, and the page number stands behind it; cut words are made whole."""
    document = read(paged(PROSE, PROSE, before, after, PROSE))
    whole = [t for k, _, _, t in outline(document) if k == "paragraph" and t.endswith(joined)]
    assert len(whole) == 1
    assert before.rstrip("-") not in document.text.split("\n\n")


def test_a_list_item_goes_on_over_a_page_break() -> None:
    """An item that was cut gets its end back."""
    document = read(
        paged(PROSE, PROSE, "- open een loket in elke wijk van de stad en", "ook in het stadhuis;\n\n- schrijf terug.")
    )
    items = [t for k, _, _, t in outline(document) if k == "list_item"]
    assert items == ["open een loket in elke wijk van de stad en ook in het stadhuis;", "schrijf terug."]


def test_finished_paragraphs_stay_apart() -> None:
    """A page break behind a full stop joins nothing."""
    document = read(paged(PROSE, PROSE, PROSE))
    assert [t for k, _, _, t in outline(document) if k == "paragraph"] == [PROSE] * 3


def test_a_line_of_text_that_a_converter_made_a_heading_is_text_again() -> None:
    """It ends in mid-sentence and goes on in small letters."""
    document = read(
        "Het proces van de inspraak begint al voor de eerste avond. Het\n\n"
        "## is van belang dat iedereen dan al wordt uitgenodigd. Dit\n\nheeft verschillende voordelen.\n"
    )
    assert document.text == (
        "Het proces van de inspraak begint al voor de eerste avond. Het is van belang dat iedereen dan al wordt "
        "uitgenodigd. Dit heeft verschillende voordelen."
    )


def test_tables_of_contents_are_entries() -> None:
    """Lines with leader dots, and lines that end in rising page numbers, one block each."""
    document = read(
        "# Inhoud\n\n1 Inleiding.......... 3\n\n2 Werkwijze ......... 5 2.1 Gesprekken ......... 6\n\nBijlagen\n\n\n\n"
        f"# 1 Inleiding\n\n{PROSE}\n"
    )
    assert [t for k, _, _, t in outline(document) if k == "contents"] == [
        "1 Inleiding.......... 3",
        "2 Werkwijze ......... 5",
        "2.1 Gesprekken ......... 6",
        "Bijlagen",
    ]
    undotted = read(
        "# Inhoud\n\n1. INLEIDING 1\n\n1.1. Doel 2 1.2. Vraag 2\n\n2. WERKWIJZE 3\n\n3. OORDEEL 5\n\n4. ADVIES 9\n\n"
        f"# 1. INLEIDING\n\n{PROSE}\n"
    )
    assert [t for k, _, _, t in outline(undotted) if k == "contents"][:3] == [
        "1. INLEIDING 1",
        "1.1. Doel 2",
        "1.2. Vraag 2",
    ]
    assert [t for k, _, _, t in outline(undotted) if k == "heading"] == ["Inhoud", "1. INLEIDING"]


def test_a_chapter_label_and_its_title_are_one_heading() -> None:
    """Converters write them as two headings, the lower one larger."""
    document = read(f"### HOOFDSTUK 4\n\n## BEVINDINGEN\n\n{PROSE}\n\n### HOOFDSTUK 5\n\n## OORDEEL\n\n{PROSE}\n")
    assert [(n, t) for k, n, _, t in outline(document) if k == "heading"] == [
        (1, "HOOFDSTUK 4 BEVINDINGEN"),
        (1, "HOOFDSTUK 5 OORDEEL"),
    ]


def test_captions_are_blocks_of_their_own() -> None:
    """Also where a converter made them headings."""
    document = read(f"### Tabel 3 Aantal brieven\n\n{PROSE}\n\nFiguur 2: De weg\n\n{PROSE}\n")
    assert [(k, t) for k, _, _, t in outline(document) if k != "paragraph"] == [
        ("caption", "Tabel 3 Aantal brieven"),
        ("caption", "Figuur 2: De weg"),
    ]


def test_titles_glued_to_their_text_are_split_in_converted_text() -> None:
    """A capital in mid-sentence on a word that is small elsewhere shows where the title ended; names do not."""
    common = "Hier en er en er, want er is er en er zijn er, dat er is. " * 3
    document = read(
        paged(
            PROSE,
            common,
            "Aanbevelingen Er is behoefte aan een loket in elke wijk, zodat bewoners niet hoeven te reizen.",
            "Volgens De Vries is het loket te klein, en hij bedoelt daarmee dat er te weinig stoelen staan.",
        )
    )
    assert [t for k, _, _, t in outline(document) if k == "heading"] == ["Aanbevelingen"]


def test_a_table_written_out_as_a_paragraph_is_restored() -> None:
    """Labels that begin sentence after sentence below a caption are the first column."""
    document = read(
        paged(
            PROSE,
            PROSE,
            "Tabel 1 Adviezen.\n\nOnderdeel Advies Meer steun bij bewoners Houd een avond in elke wijk. Meer steun bij "
            "bewoners Stuur een brief. Meer steun bij bewoners Neem de telefoon op. Betere ervaring van ambtenaren "
            "Geef een cursus. Betere ervaring van ambtenaren Laat hen meelopen. Dat kost weinig.",
        )
    )
    table = next(block for block in document.blocks if block.kind == "table")
    assert [[document.text[a:b] for a, b in row] for row in table.rows] == [
        ["Onderdeel Advies"],
        ["Meer steun bij bewoners", "Houd een avond in elke wijk."],
        ["Meer steun bij bewoners", "Stuur een brief."],
        ["Meer steun bij bewoners", "Neem de telefoon op."],
        ["Betere ervaring van ambtenaren", "Geef een cursus."],
        ["Betere ervaring van ambtenaren", "Laat hen meelopen. Dat kost weinig."],
    ]
