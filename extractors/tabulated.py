"""Tabulated answers: rows of a table that set a recommendation beside the reaction to it, or its status.

The columns are known by the words of their headers. Each row is read by itself; a cell that numbers several
recommendations gives the same stance to all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from extractors.answering import MARKED, UNCLEAR, Answer
from extractors.labelling import label_regex, read_label
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.records import Document, Stance
from extractors.references import find_references, normalise_number, read_number_list
from extractors.stances import Verdict, judge

Cell = tuple[int, int]

TITLE_CHARACTERS = 60
TITLE_WORDS = 6
"""The cell that names what a row holds is no longer."""

_NUMBER_CELL = re.compile(r"\W*(?:[A-Z]{1,3}[-.]?)?\d{1,3}(?:[.]\d{1,3})*[a-z]?\W*$")
_LEADING_NUMBER = re.compile(
    r"\s*((?:[A-Z]{1,2}[-.]?)?\d{1,3}(?:\.\d{1,3})*(?:\s?\(?[a-z]\))?)[.):]?\s+(?=[A-Z‘“\"'(])"
)


@dataclass(frozen=True, slots=True)
class _Columns:
    """The places of the columns of a table; None for one that it does not have."""

    recommendation: int
    response: int | None
    status: int | None


def answer_tables(document: Document, passages: Sequence[Passage], span: range, lexicon: Lexicon) -> Iterator[Answer]:
    """Yield the answers in the tables of `span`; nothing for tables of other things.

    A recommendation without a number is named by its words.
    """
    for i in span:
        rows = passages[i].block.rows
        columns = _find_columns(document, rows[0], lexicon) if len(rows) > 1 else None
        if columns is None:
            yield from _answer_upright(document, rows, lexicon)
            continue
        for row in rows[1:]:
            yield from _answer_row(document, row, columns, lexicon)


def _answer_upright(document: Document, rows: Sequence[Sequence[Cell]], lexicon: Lexicon) -> Iterator[Answer]:
    """Yield the answers of a table whose rows are a recommendation and, below it, the response to it."""
    answered = phrase_regex(tuple(lexicon.responses.columns.response + lexicon.responses.columns.status))
    numbers: tuple[str, ...] = ()
    for row in rows:
        title = document.text[row[0][0] : row[0][1]]
        reference = next(iter(find_references(title[:TITLE_CHARACTERS], lexicon)), None)
        if reference and reference.start <= 1:
            numbers = reference.numbers
        elif numbers and len(row) > 1 and len(title.split()) <= TITLE_WORDS and answered.search(title):
            verdict = _judge_cell(document, row[1], lexicon)
            if verdict:
                yield from (Answer(number, verdict, MARKED) for number in numbers)
                numbers = ()


def _find_columns(document: Document, header: Sequence[Cell], lexicon: Lexicon) -> _Columns | None:
    """Return the columns of a table of reactions by its header, None for another table."""
    table = lexicon.responses.columns
    titles = [document.text[a:b] for a, b in header]
    asked, answered, decided = (phrase_regex(tuple(w)) for w in (table.recommendation, table.response, table.status))

    def first(pattern: re.Pattern[str], *taken: int | None) -> int | None:
        return next((n for n, title in enumerate(titles) if n not in taken and pattern.search(title)), None)

    # "Response to the recommendation" is a column of answers.
    response = first(answered)
    status = first(decided, response)
    recommendation = first(asked, response, status)
    if recommendation is None or (response is None and status is None):
        return None
    return _Columns(recommendation, response, status)


def _answer_row(document: Document, row: Sequence[Cell], columns: _Columns, lexicon: Lexicon) -> Iterator[Answer]:
    def cell(column: int | None) -> Cell | None:
        return row[column] if column is not None and column < len(row) and row[column][1] > row[column][0] else None

    asked = cell(columns.recommendation)
    places = [place for place in (cell(columns.status), cell(columns.response)) if place]
    if asked is None or not places:
        return
    verdict = next((v for v in (_judge_cell(document, place, lexicon) for place in places) if v), None)
    if verdict is None:
        start, end = places[-1]
        verdict = Verdict("unclear", start, end)
    for to in _find_names(document, row, asked, columns, lexicon):
        yield Answer(to, verdict, UNCLEAR if verdict.stance == "unclear" else MARKED)


def _judge_cell(document: Document, place: Cell, lexicon: Lexicon) -> Verdict | None:
    """Return the verdict of a cell: its first words as a status, else what its sentences say."""
    start, end = place
    text = document.text[start:end]
    order: tuple[Stance, ...] = ("partly", "rejected", "noted", "accepted")
    first = text.split(".")[0]
    for stance in order:
        if phrase_regex(tuple(lexicon.responses.columns.stances.get(stance, ()))).search(first):
            return Verdict(stance, start, end)
    (sentences,) = lexicon.pipeline().read_sentences([text])
    return judge([s.moved(start) for s in sentences], is_marked=True)


def _find_names(
    document: Document, row: Sequence[Cell], asked: Cell, columns: _Columns, lexicon: Lexicon
) -> tuple[str, ...]:
    """Return the numbers of the recommendations of a row; its words where it has no number."""
    text = document.text[asked[0] : asked[1]].strip()
    label = read_label(label_regex(lexicon), text)
    references = find_references(text, lexicon)
    if len(references) > 1 and len(text.split()) <= 4 * len(references) + 40:
        return tuple(dict.fromkeys(n for r in references for n in r.numbers))
    if label and label.kind == "recommendation" and label.number:
        numbers = references[0].numbers if references and references[0].start <= 1 else ()
        return numbers or (normalise_number(label.number),)
    leading = _LEADING_NUMBER.match(text)
    if leading:
        return (normalise_number(leading.group(1)),)
    if text[:1].isdigit() and len(text.split()) <= 12:
        return read_number_list(text, lexicon) or (text,)
    if columns.recommendation and _NUMBER_CELL.match(document.text[row[0][0] : row[0][1]]):
        return (normalise_number(document.text[row[0][0] : row[0][1]].strip(" .)(")),)
    return (" ".join(text.split()),) if len(text.split()) > 3 else ()
