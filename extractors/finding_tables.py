"""Finding statements in tables: in a column that is headed as a kind, or calls; behind labels in the cells of forms."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from extractors.finding_context import Context
from extractors.finding_drafts import Drafter
from extractors.finding_labelled import LabelledReader
from extractors.finding_lists import find_lead_in
from extractors.kinds import calls, kinds_of_roles
from extractors.passages import Passage
from extractors.records import StatementKind
from extractors.rules import Candidate

HEADER_WORDS = 4
"""The head of a column has no more words."""

CELL_WORDS = 4
"""A cell with fewer words states nothing."""

IDENTIFIER = re.compile(r"[A-Z]{0,3}[-. ]?\d[\d.]*[a-z]?")
"""A cell that is nothing but the number of its row."""


class TableReader:
    """Finds the statements in the cells of tables."""

    def __init__(self, context: Context, drafter: Drafter, labelled: LabelledReader) -> None:
        self._context = context
        self._drafter = drafter
        self._labelled = labelled

    def read(self, i: int) -> Iterator[Candidate]:
        """Yield the statements of the table at `i`: behind labels, then of one column; nothing for other tables."""
        passage = self._context.passages[i]
        yield from self._read_labelled_cells(passage)
        rows = passage.block.rows
        if len(rows) < 2:
            return
        header = [self._context.text(start, end).strip() for start, end in rows[0]]
        for kind, words in self._context.lexicon.text.labels.items():
            column = next((c for c, title in enumerate(header) if _names_kind(title, words)), None)
            if column is not None:
                yield from self._read_column(passage, kind, column)
                return
        column = self._find_calling_column(i)
        if column is not None:
            yield from self._read_column(passage, "recommendation", column)

    def _read_column(self, passage: Passage, kind: StatementKind, column: int) -> Iterator[Candidate]:
        """Read the cells of one column below its head; a cell that spans several rows counts once."""
        seen: set[str] = set()
        for row in passage.block.rows[1:]:
            cells = [self._context.text(start, end).strip() for start, end in row]
            if column >= len(row) or cells[column] in seen:
                continue
            seen.add(cells[column])
            others = [cell for c, cell in enumerate(cells) if c != column]
            label = next((o for o in others if IDENTIFIER.fullmatch(o)), None)
            lead_in = " | ".join(o for o in others if o != label)
            yield from self._drafter.draft(
                kind,
                *row[column],
                "table in section",
                passage,
                label=label,
                lead_in=lead_in,
                fewest_words=CELL_WORDS,
            )

    def _find_calling_column(self, i: int) -> int | None:
        """Return the column of a table of recommendations in which most cells call for action, None without one.

        A table is one of recommendations by the title of its section or by the sentence that announces it.
        """
        passage = self._context.passages[i]
        titled = kinds_of_roles(self._context.outline.titled_of(passage.section))
        if "recommendation" not in (*self._context.announced_kinds(find_lead_in(self._context, i)), *titled):
            return None
        rows = passage.block.rows[1:]
        calling: Counter[int] = Counter()
        for row in rows:
            for column, (start, end) in enumerate(row):
                if end > start and calls(self._read_cell(passage, start, end).sentences[:1]):
                    calling[column] += 1
        best, most = next(iter(calling.most_common(1)), (None, 0))
        return best if most * 2 > len(rows) else None

    def _read_labelled_cells(self, passage: Passage) -> Iterator[Candidate]:
        """Read the cells that begin with a label and a colon ("Recommendation: …"), as forms per finding have them."""
        for row in passage.block.rows:
            for column, (start, end) in enumerate(row):
                label = self._context.label_of(self._context.text(start, end))
                if label is None:
                    continue
                begin, stop = start + label.end, end
                if begin >= end and column == 0 and len(row) == 2:
                    begin, stop = row[1]  # a form: "Finding | …"
                elif label.colon != ":":
                    continue
                cell = self._read_cell(passage, begin, stop)
                stop = min(stop, self._labelled.find_end(cell, begin, explains=label.kind == "finding"))
                yield from self._drafter.draft(label.kind, begin, stop, "label", passage, label=label.text)

    def _read_cell(self, passage: Passage, start: int, end: int) -> Passage:
        """Return a cell as a passage of its own."""
        (sentences,) = self._context.lexicon.pipeline().read_sentences([self._context.text(start, end)])
        block = replace(passage.block, start=start, end=end, body_start=start, rows=(), styles=())
        return Passage(block, passage.section, passage.roles, tuple(s.moved(start) for s in sentences))


def _names_kind(title: str, words: Sequence[str]) -> bool:
    """Whether the head of a column is a word for a kind of statement, or its plural."""
    lowered = title.lower()
    return len(lowered.split()) <= HEADER_WORDS and any(
        re.search(rf"(?<!\w){re.escape(w)}(?:en|s)?(?!\w)", lowered) for w in words
    )
