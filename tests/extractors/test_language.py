"""The language of a document."""

import pytest

from extractors import language
from extractors.language import detect_language, detect_language_of
from extractors.readers.assembly import Draft, Rich, make_document
from extractors.records import Document

DUTCH = (
    "De gemeente heeft de bewoners niet op tijd gehoord over het plan voor de nieuwe weg. Daardoor bleven klachten "
    "liggen en wisten mensen niet waar zij met hun vragen terecht konden. "
)
ENGLISH = (
    "The municipality did not hear the residents in time about the plan for the new road. As a result complaints were "
    "left unanswered and people did not know where to turn with their questions. "
)


def document_of(*paragraphs: str, kind: str = "paragraph") -> Document:
    """A document of these paragraphs."""
    drafts = [Draft(kind, Rich.plain(text)) for text in paragraphs]  # type: ignore[arg-type]
    return make_document(b"x", name="x.txt", media_type="text/plain", drafts=drafts)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        (DUTCH, "nl"),
        (ENGLISH, "en"),
        ("Die Gemeinde hat die Anwohner nicht rechtzeitig zu dem Plan für die neue Straße angehört.", "de"),
        ("La commune n'a pas entendu à temps les habitants au sujet du projet de nouvelle route.", "fr"),
    ],
)
def test_the_language_of_one_paragraph_is_found(text: str, language: str) -> None:
    """One sentence is enough to tell the languages of most reports apart."""
    assert detect_language(document_of(text)) == language


def test_a_dutch_report_with_an_english_summary_is_dutch() -> None:
    """The summary comes first and is long, but most of the text is Dutch."""
    assert detect_language(document_of(*[ENGLISH * 4] * 5, *[DUTCH * 4] * 12)) == "nl"


def test_an_english_report_with_dutch_annexes_is_english() -> None:
    """Samples come from the whole text, so that its end does not decide either."""
    assert detect_language(document_of(*[ENGLISH * 4] * 12, *[DUTCH * 4] * 5)) == "en"


@pytest.mark.parametrize(
    "text", ["", "12 345 67", "Nr. 4", "2019 - 2020: 34,5%\n\n12 4 5 6 7 8 9 10 11 12 13 14 15 16 17"]
)
def test_too_little_text_has_no_language(text: str) -> None:
    """Where there are hardly any letters the answer is und, not a guess."""
    assert detect_language_of([text]) == "und"
    assert detect_language_of([]) == "und"


def test_headings_vote_only_where_there_is_no_running_text() -> None:
    """A document of headings alone still has a language; beside text they do not count."""
    title = "Findings, conclusions and recommendations of the inquiry into the municipal road plan"
    assert detect_language(document_of(title, kind="heading")) == "en"


def test_the_answer_is_the_same_every_time() -> None:
    """No chance is involved, whatever was asked before."""
    mixed = document_of(DUTCH, ENGLISH)
    first = detect_language(mixed)
    detect_language(document_of(ENGLISH))
    assert {detect_language(mixed) for _ in range(5)} == {first}


def test_a_long_document_is_judged_on_samples_of_one_size() -> None:
    """Three million characters cost what thirty thousand do: the same number of samples, of the same length."""
    long = language._samples([DUTCH * 60] * 180)
    longer = language._samples([DUTCH * 60] * 1800)

    assert sum(map(len, long)) == sum(map(len, longer)) < 100_000
    assert language.detect_language_of([DUTCH * 60] * 180) == "nl"
