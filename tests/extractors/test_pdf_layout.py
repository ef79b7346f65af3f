"""Reading order on pages drawn by the test: columns, margins, rows, and sentences that go on elsewhere."""

from __future__ import annotations

from invented_pages import PARAGRAPH, block, lines, read, texts, words
from reportlab.pdfgen.canvas import Canvas

LEFT = ["Links begint het.", *[f"links staat regel {n} van de linker kolom, goed vol" for n in "abcdefgh"], "Einde."]
RIGHT = ["Rechts gaat het door.", *[f"rechts staat regel {n} van de andere kolom, vol" for n in "abcdefgh"], "Klaar."]


def test_columns_stand_below_a_title_that_crosses_their_gutter() -> None:
    """A title over half of the page cuts it above the columns, however narrow the gutter is."""

    def draw(c: Canvas) -> None:
        lines(c, ["Toekomst van de veerdienst"], x=60, y=780, size=22, font="Helvetica-Bold")
        lines(c, LEFT, x=60)
        lines(c, RIGHT, x=290, y=694)  # another baseline than on the left

    assert texts(read(draw)) == ["Toekomst van de veerdienst", " ".join(LEFT), " ".join(RIGHT)]


def test_columns_end_where_a_picture_or_full_line_begins() -> None:
    """What stands in full width below columns comes after both of them."""
    below = ["Onder de kolommen staat een regel over de hele breedte van de bladzijde, die gewoon", "doorloopt."]

    def draw(c: Canvas) -> None:
        lines(c, LEFT, x=60)
        lines(c, RIGHT, x=300)
        lines(c, below, x=60, y=500)

    assert texts(read(draw)) == [" ".join(LEFT), " ".join(RIGHT), " ".join(below)]


def test_three_columns_are_read_from_left_to_right() -> None:
    columns = [["Kolom begint.", *[f"kolom {k} regel {n} met enige tekst" for n in "abcdef"], "Af."] for k in (1, 2, 3)]

    def draw(c: Canvas) -> None:
        for x, column in zip((50, 220, 390), columns, strict=True):
            lines(c, column, x=x, size=9)

    assert texts(read(draw)) == [" ".join(column) for column in columns]


def test_a_spread_is_read_page_by_page() -> None:
    """Two pages side by side on one sheet, each with a title and two columns, are read one after the other."""

    def draw(c: Canvas) -> None:
        for page, x in (("een", 40), ("twee", 640)):
            lines(c, [f"Hoofdstuk {page} over boten"], x=x, y=520, size=18, font="Helvetica-Bold")
            lines(c, [f"{line} {page}" for line in LEFT], x=x, y=480)
            lines(c, [f"{line} {page}" for line in RIGHT], x=x + 280, y=480)

    document = read(draw, size=(1190, 595))
    assert texts(document, "heading") == ["Hoofdstuk een over boten", "Hoofdstuk twee over boten"]
    assert document.text.index("regel h van de andere kolom, vol een") < document.text.index("Hoofdstuk twee")


def test_a_note_in_the_margin_follows_the_text_beside_it() -> None:
    """Smaller text beside the column is a block of its own behind the text, and no heading, though it is bold."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH, x=180)
        lines(c, ["Twee boten", "sinds 2019"], x=60, y=690, size=7, font="Helvetica-Bold", leading=9)

    document = read(draw)
    assert texts(document) == [" ".join(PARAGRAPH), "Twee boten sinds 2019"]
    assert not texts(document, "heading")


def test_a_heading_beside_the_text_stands_before_it() -> None:
    """A bold heading that hangs left of its paragraph is a heading, not the first words of the paragraph."""

    def draw(c: Canvas) -> None:
        words(c, (72, "Geen kaart"), y=700, font="Helvetica-Bold")
        lines(c, PARAGRAPH, x=150)

    document = read(draw)
    assert texts(document, "heading") == ["Geen kaart"]
    assert texts(document, "paragraph") == [" ".join(PARAGRAPH)]


def test_labels_of_several_lines_stay_with_their_texts() -> None:
    """A label of two lines is read before the text beside it, and the next label after that text."""

    def draw(c: Canvas) -> None:
        for y, label in ((700, "haven"), (620, "kade")):
            lines(c, ["De dienst van", f"de {label}"], x=60, y=y, font="Helvetica-Bold")
            lines(c, [f"{line} {label}" for line in PARAGRAPH[:3]], x=180, y=y)

    found = texts(read(draw))
    assert found == [
        "De dienst van de haven",
        " ".join(f"{line} haven" for line in PARAGRAPH[:3]),
        "De dienst van de kade",
        " ".join(f"{line} kade" for line in PARAGRAPH[:3]),
    ]


def test_labels_and_values_are_rows() -> None:
    """Labels such as "Subject" before values set by tabs are a block each; a value that goes on stays with it."""

    def draw(c: Canvas) -> None:
        words(c, (72, "Datum"), (120, "3 mei 2021"), y=720)
        words(c, (72, "Betreft"), (120, "Het plan voor een boot die ook bij ijs kan varen"), y=707)
        words(c, (120, "en voor een nieuwe steiger"), y=694)
        lines(c, ["Geachte voorzitter,"], y=660)

    assert texts(read(draw)) == [
        "Datum 3 mei 2021",
        "Betreft Het plan voor een boot die ook bij ijs kan varen en voor een nieuwe steiger",
        "Geachte voorzitter,",
    ]


def test_a_stretched_line_stays_one_line() -> None:
    """A line that justification stretches, because its author ended it by hand, is not cut into cells."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH)
        x = 72.0
        for word in ("Met", "vriendelijke", "groet,"):
            words(c, (x, word), y=640)
            x += c.stringWidth(word, "Helvetica", 10) + 60

    assert texts(read(draw))[-1] == "Met vriendelijke groet,"


def test_a_paragraph_ends_where_its_last_line_had_room_for_more() -> None:
    """Paragraphs without space or indent between them part where the next word would still have fitted."""

    def draw(c: Canvas) -> None:
        lines(
            c, [*PARAGRAPH, "De gemeente koos voor een tweede boot, en liet de", "steiger met twintig meter verlengen."]
        )

    assert len(texts(read(draw), "paragraph")) == 2


def test_paragraphs_part_at_a_little_extra_space() -> None:
    """Behind brackets and full stops a third more than the distance of the lines begins a paragraph."""

    def draw(c: Canvas) -> None:
        y = lines(c, [*PARAGRAPH[:3], "maar in de winter ligt er een boot stil (zie hieronder)"])
        lines(c, PARAGRAPH, y=y - 4.5)

    assert len(texts(read(draw), "paragraph")) == 2


def test_a_title_in_the_first_line_is_a_heading() -> None:
    """A short first line that is broken off by hand heads the paragraph below it, also in plain type."""

    def draw(c: Canvas) -> None:
        lines(c, ["Te weinig boten", *[line.capitalize() for line in PARAGRAPH[:1]], *PARAGRAPH[1:]])

    document = read(draw)
    assert texts(document, "heading") == ["Te weinig boten"]
    assert block(document, "De veerdienst").kind == "paragraph"


def test_a_label_stays_with_the_text_below_it() -> None:
    """A word with a colon on a line of its own begins the text that it labels."""

    def draw(c: Canvas) -> None:
        lines(c, ["Aanbeveling:", "Koop een tweede boot die bij ijs kan varen, en zet hem", "elke winter in."])

    assert texts(read(draw)) == ["Aanbeveling: Koop een tweede boot die bij ijs kan varen, en zet hem elke winter in."]


def test_a_sentence_goes_on_behind_a_box() -> None:
    """The halves of a sentence around a box at the foot of the page are one block; the box follows it."""

    def first(c: Canvas) -> None:
        lines(c, [*PARAGRAPH[:3], "en de bewoners van het eiland vragen al jaren steeds"], y=300)
        lines(c, ["Kader 1 De boten", "Er zijn twee boten."], y=180, size=9, x=90)

    def second(c: Canvas) -> None:
        lines(c, ["weer om een boot die ook bij ijs kan varen, wat nu niet", "mogelijk is."], y=780)

    document = read(first, second)
    assert "steeds weer om een boot" in document.text
    assert document.text.index("steeds weer") < document.text.index("Er zijn twee boten.")


def test_a_sentence_goes_on_before_a_name() -> None:
    """A paragraph that breaks off in a full line goes on at the head of the next page, also with a capital."""

    def first(c: Canvas) -> None:
        lines(c, [*PARAGRAPH[:3], "en op werkdagen vaart er een derde boot naar het dorp"], y=120)

    def second(c: Canvas) -> None:
        lines(c, ["Zoutmonde, dat aan de andere oever ligt.", "Daar stappen de meesten uit."], y=780)

    assert "naar het dorp Zoutmonde, dat aan" in read(first, second).text


def test_text_askew_is_left_out() -> None:
    """A watermark across the page is no text of it."""

    def draw(c: Canvas) -> None:
        lines(c, PARAGRAPH)
        c.saveState()
        c.translate(200, 500)
        c.rotate(40)
        lines(c, ["CONCEPT"], x=0, y=0, size=60)
        c.restoreState()

    assert texts(read(draw)) == [" ".join(PARAGRAPH)]
