"""Reading web pages: main content, structure, and what the page says of itself."""

import pytest

from extractors.readers.html import read_html
from extractors.records import Block, Document

LEAD = (
    "De ombudsman onderzocht hoe de gemeente Lindewaard met klachten over de nieuwe brug is omgegaan, en sprak "
    "daarvoor met bewoners, ondernemers en ambtenaren. Het beeld dat daaruit naar voren komt is niet gunstig."
)
MORE = (
    "Uit de gesprekken blijkt dat brieven vaak maanden bleven liggen. Niemand voelde zich verantwoordelijk voor een "
    "antwoord, en wie belde werd van het ene naar het andere loket gestuurd."
)


def read(body: str, *, head: str = "") -> Document:
    """Read a page with this body."""
    return read_html(f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode(), name="a.html")


def text_of(document: Document, block: Block) -> str:
    """The text of a block without its marker."""
    return document.text[block.body_start : block.end]


def outline(document: Document) -> list[tuple[str, int, str | None, str]]:
    """Kind, level, marker and text of every block."""
    return [(b.kind, b.level, b.marker, text_of(document, b)) for b in document.blocks]


@pytest.mark.parametrize(
    "furniture",
    [
        "<nav><a href=/>Home</a> Menu</nav>",
        "<header><div class=logo>Bureau Lindewaard</div></header>",
        "<footer>Postbus 1</footer>",
        "<aside>Lees ook dit</aside>",
        "<script>var x = 'geheim'</script><style>p {color: red}</style><noscript>Zet scripts aan</noscript>",
        "<form><label>Zoek</label><input></form>",
        "<div class='cookie-bar'>Wij plaatsen cookies.</div>",
        "<div id=CookieConsent>Wij plaatsen cookies.</div>",
        "<div role=navigation>Menu</div>",
        "<ul class='social share-buttons'><li>Deel op</li></ul>",
        "<ol class=breadcrumb><li>Home</li><li>Nieuws</li></ol>",
        "<div class=kruimelpad>U bent hier</div>",
        "<p hidden>Verborgen</p><p style='display: none'>Ook verborgen</p>",
        "<div aria-hidden=true>Icoon</div>",
        "<button>Print</button>",
    ],
)
@pytest.mark.parametrize("frame", ["<main>{}</main>", "<article>{}</article>", "<div><div>{}</div></div>", "{}"])
def test_furniture_is_left_out(furniture: str, frame: str) -> None:
    """Menus, banners, bars and hidden parts are no text, with a main element and without."""
    content = f"<h1>Klachten over een brug</h1><p>{LEAD}</p><p>{MORE}</p>"
    for page in (
        furniture + frame.format(content),
        frame.format(furniture + content),
        frame.format(content) + furniture,
    ):
        assert read(page).text == f"Klachten over een brug\n\n{LEAD}\n\n{MORE}"


def test_the_densest_container_is_the_content_where_nothing_is_marked() -> None:
    """Among plain divisions the one with paragraphs wins over lists of links."""
    links = "".join(f"<li><a href=/{i}>Nieuwsbericht nummer {i} van het bureau</a></li>" for i in range(30))
    page = f"<div><div><ul>{links}</ul></div><div><p>{LEAD}</p><p>{MORE}</p><h2>Besluit</h2><p>{LEAD}</p></div></div>"
    document = read(page)
    assert "Nieuwsbericht" not in document.text
    assert document.text.count("ombudsman") == 2


def test_sections_side_by_side_all_belong_to_the_content() -> None:
    """Content that is cut into divisions is read whole."""
    page = "".join(f"<div><h2>Deel {i}</h2><p>{LEAD}</p><p>{MORE}</p></div>" for i in range(4))
    assert read(f"<div id=x>{page}</div><div><a href=/>Home</a></div>").text.count("Het beeld dat") == 4


def test_a_form_around_the_whole_page_is_no_furniture() -> None:
    """Some sites wrap every page in a form."""
    assert LEAD in read(f"<form><div><p>{LEAD}</p><p>{MORE}</p></div></form>").text


def test_an_article_in_main_with_most_of_its_text_is_the_content() -> None:
    """What else main holds (teasers of other news) is left out."""
    teasers = "<div><p>Ander nieuws van deze week</p></div>"
    document = read(f"<main><article><h1>Brug</h1><p>{LEAD}</p><p>{MORE}</p></article>{teasers}</main>")
    assert "Ander nieuws" not in document.text


def test_a_title_above_the_content_is_kept() -> None:
    """The h1 often stands in the header of the page, outside the main element."""
    document = read(f"<header><h1>Een brug te ver</h1></header><main><h2>Inleiding</h2><p>{LEAD}</p></main>")
    assert outline(document)[:2] == [("heading", 1, None, "Een brug te ver"), ("heading", 2, None, "Inleiding")]


def test_headings_paragraphs_and_quotes() -> None:
    """Each has a block of its own; br is a space, two of them part paragraphs."""
    document = read(
        f"<main><h1>Brug</h1><h2>Aanleiding</h2><p>{LEAD}</p><h3>Vraag</h3><blockquote>Wie <br>antwoordt?</blockquote>"
        f"<div>losse tekst<br><br>{MORE}</div></main>"
    )
    assert outline(document) == [
        ("heading", 1, None, "Brug"),
        ("heading", 2, None, "Aanleiding"),
        ("paragraph", 0, None, LEAD),
        ("heading", 3, None, "Vraag"),
        ("paragraph", 0, None, "Wie antwoordt?"),
        ("paragraph", 0, None, "losse tekst"),
        ("paragraph", 0, None, MORE),
    ]


def test_lists_have_markers_and_levels() -> None:
    """The marker stands in the text before the body: a number as printed, or a bullet."""
    document = read(
        f"<main><p>{LEAD}</p><ol start=3><li>Open een loket.<ul><li>in het stadhuis</li><li>in de wijk</li></ul></li>"
        "<li value=7><p>Antwoord op tijd.</p><p>Dat is binnen zes weken.</p></li></ol>"
        "<ol type=a><li>eerst</li><li>dan</li></ol><ol type=I><li>een</li></ol></main>"
    )
    assert outline(document)[1:] == [
        ("list_item", 1, "3.", "Open een loket."),
        ("list_item", 2, "•", "in het stadhuis"),
        ("list_item", 2, "•", "in de wijk"),
        ("list_item", 1, "7.", "Antwoord op tijd."),
        ("paragraph", 0, None, "Dat is binnen zes weken."),
        ("list_item", 1, "a.", "eerst"),
        ("list_item", 1, "b.", "dan"),
        ("list_item", 1, "I.", "een"),
    ]
    assert "3. Open een loket.\n\n• in het stadhuis" in document.text


def test_bullets_typed_into_a_paragraph_are_a_list() -> None:
    """Editors without list buttons type a bullet and a line break."""
    document = read(f"<main><p>{LEAD}</p><p>Wij bevelen aan:<br>- open een loket;<br>- antwoord op tijd.</p></main>")
    assert outline(document)[1:] == [
        ("paragraph", 0, None, "Wij bevelen aan:"),
        ("list_item", 1, "-", "open een loket;"),
        ("list_item", 1, "-", "antwoord op tijd."),
    ]


def test_a_number_typed_into_an_item_is_its_marker() -> None:
    """A list without bullets, with the numbers in the text, keeps the numbers that are printed."""
    document = read(f"<main><p>{LEAD}</p><ul><li>4. Open een loket.</li></ul></main>")
    assert outline(document)[1:] == [("list_item", 1, "4.", "Open een loket.")]


def test_tables_have_rows_of_cells() -> None:
    """Cells are parted by tabs, rows by line ends; the caption is a block of its own."""
    document = read(
        f"<main><p>{LEAD}</p><table><caption>Tabel 1 Acties</caption><thead><tr><th>Nr<th>Actie</thead>"
        "<tr><td>1<td><p>Open een loket</p><p>in de wijk</p><tr><td colspan=2>Totaal</table></main>"
    )
    caption, table = document.blocks[1:]
    assert (caption.kind, text_of(document, caption)) == ("caption", "Tabel 1 Acties")
    assert table.kind == "table"
    assert text_of(document, table) == "Nr\tActie\n1\tOpen een loket in de wijk\nTotaal\t"
    cells = [[document.text[a:b] for a, b in row] for row in table.rows]
    assert cells == [["Nr", "Actie"], ["1", "Open een loket in de wijk"], ["Totaal", ""]]


def test_a_table_that_only_lays_out_the_page_is_no_table() -> None:
    """Old pages place their text in a table."""
    document = read(
        f"<table><tr><td><a href=/>Home</a></td><td><h1>Brug</h1><p>{LEAD}</p><p>{MORE}</p></td></tr></table>"
    )
    assert all(block.kind != "table" for block in document.blocks)
    assert LEAD in document.text


def test_bold_and_italics_are_style_runs() -> None:
    """Runs cover the block in order and add up to it; a block in one style has none."""
    document = read(f"<main><p>{LEAD}</p><p>Wij vinden <b>dit <i>erg</i></b> belangrijk voor iedereen.</p></main>")
    plain, mixed = document.blocks
    assert plain.styles == ()
    runs = [(document.text[r.start : r.end], r.is_bold, r.is_italic) for r in mixed.styles]
    assert runs == [
        ("Wij vinden ", False, False),
        ("dit ", True, False),
        ("erg ", True, True),
        ("belangrijk voor iedereen.", False, False),
    ]


def test_a_short_paragraph_in_bold_is_a_heading() -> None:
    """It is one level below the heading before it; a bold sentence stays a paragraph."""
    document = read(
        f"<main><h2>Oordeel</h2><p><strong>Aanbevelingen</strong></p><p>{LEAD}</p>"
        "<p><strong>Open een loket.</strong></p></main>"
    )
    assert [(b.kind, b.level) for b in document.blocks] == [
        ("heading", 1),
        ("heading", 2),
        ("paragraph", 0),
        ("paragraph", 0),
    ]
    assert document.blocks[3].is_bold


def test_footnote_references_are_left_out_and_exponents_kept() -> None:
    """A superscript link inside the page is a reference; other superscripts are text."""
    document = read(
        f"<main><p>{LEAD}</p><p>Een terrein van 5 m<sup>2</sup> groot.<sup><a href='#n1'>1</a></sup></p></main>"
    )
    assert document.text.endswith("Een terrein van 5 m2 groot.")


def test_odd_white_space_is_one_space() -> None:
    """No-break spaces, soft hyphens, zero-width characters and line ends leave no trace."""
    document = read(
        f"<main><p>{LEAD}</p><p>de\u00a0on\u00adderzoeks\u200bvraag\n   van het&nbsp;&nbsp;bureau</p></main>"
    )
    assert document.text.endswith("de onderzoeksvraag van het bureau")


def test_deep_nesting_is_read() -> None:
    """Thousands of nested elements neither fail nor lose their text."""
    document = read("<div>" * 3000 + f"<p>{LEAD}</p>" + "</div>" * 3000)
    assert LEAD in document.text


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "<title>Brug | Bureau</title><meta property=og:title content='Een brug te ver'>"
            "<meta property=og:site_name content='Bureau Lindewaard'><meta name=author content='A. de Wit'>"
            "<meta property=article:published_time content='2021-03-04T10:00:00+01:00'>"
            "<meta name=description content='Over een brug'><link rel=canonical href='https://bureau.example/brug'>",
            {
                "title": "Een brug te ver",
                "publisher": "Bureau Lindewaard",
                "author": "A. de Wit",
                "published_date": "2021-03-04",
                "description": "Over een brug",
                "url": "https://bureau.example/brug",
            },
        ),
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "WebSite"}, {"@type": "NewsArticle", '
            '"headline": "Brug", "datePublished": "2021-03-04", "author": [{"name": "A"}, {"name": "B"}], '
            '"publisher": {"name": "Bureau"}}]}</script>',
            {"title": "Brug", "publisher": "Bureau", "author": "A, B", "published_date": "2021-03-04"},
        ),
        (
            "<title>Brug</title><meta name=DCTERMS.issued content=2021-03><meta name=publisher content=Bureau>",
            {"title": "De kop", "publisher": "Bureau", "published_date": "2021-03"},
        ),
        ("<meta name=date content='04-03-2021'>", {"title": "De kop", "published_date": "2021-03-04"}),
        (
            "<meta name=date content='Thu, 04 Mar 2021 10:00:00 GMT'>",
            {"title": "De kop", "published_date": "2021-03-04"},
        ),
        ("<meta name=date content='binnenkort'>", {"title": "De kop"}),
        ("<script type='application/ld+json'>{kapot</script>", {"title": "De kop"}),
        ("", {"title": "De kop"}),
    ],
)
def test_properties_are_what_the_page_says_of_itself(head: str, expected: dict[str, str]) -> None:
    """Meta elements, then JSON-LD, then the heading and title; what is not said is left out."""
    assert read(f"<h1>De kop</h1><p>{LEAD}</p>", head=head).properties == expected


def test_a_time_element_gives_the_date() -> None:
    """Where the head has no date the first time element that has one does."""
    document = read(f"<main><time datetime='2020-02-03T09:00'>3 februari</time><p>{LEAD}</p></main>")
    assert document.properties["published_date"] == "2020-02-03"
