"""Finding statements: rules over sections, lists, labels and cues.

Every rule gives candidates, ranges of the text with a kind, a label and a confidence (`extractors.rules`); each module
that begins with `finding_` reads one form in which reports present statements. `extractors.merging` then turns the
candidates into statements: the same one said twice becomes one with a mention.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from extractors.codes import find_coded
from extractors.finding_context import make_context
from extractors.finding_drafts import Drafter
from extractors.finding_kinds import KindChooser
from extractors.finding_labelled import LabelledReader
from extractors.finding_lists import ListReader, find_lead_in
from extractors.finding_prose import ProseReader
from extractors.finding_sections import SectionReader
from extractors.finding_tables import TableReader
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import Document, ReportKind, SectionRole
from extractors.rules import Candidate
from extractors.sections import Outline

SILENT: Final[frozenset[SectionRole]] = frozenset({"contents", "references"})
"""Roles of sections in which nothing is said at all."""


class Finder:
    """Applies the rules to one document."""

    def __init__(
        self,
        document: Document,
        outline: Outline,
        passages: Sequence[Passage],
        lexicon: Lexicon,
        *,
        kind: ReportKind,
        publisher: str | None = None,
    ) -> None:
        self._context = make_context(document, outline, passages, lexicon, kind=kind)
        self._coded = find_coded(document, passages, lexicon)
        self._drafter = Drafter(self._context)
        chooser = KindChooser(self._context)
        self._sections = SectionReader(self._context, self._drafter)
        self._prose = ProseReader(self._context, self._drafter, chooser, publisher=publisher)
        self._lists = ListReader(self._context, self._drafter, chooser, self._prose)
        self._labelled = LabelledReader(self._context, self._drafter, self._lists, self._prose)
        self._tables = TableReader(self._context, self._drafter, self._labelled)

    @property
    def speaks(self) -> bool:
        """Whether the authors of the document make statements of their own at all."""
        return self._context.report_kind not in ("response", "other")

    def find(self) -> list[Candidate]:
        """Return all candidates in reading order, none for a document without statements or a response document."""
        if not self.speaks:
            return []  # what stands there as recommendation is quoted from the report that is answered
        found: list[Candidate] = []
        i = 0
        while i < len(self._context.passages):
            candidates, i = self._read(i)
            found += candidates
        return [c for c in found if not self._sections.explains(c)]

    def _read(self, i: int) -> tuple[Iterable[Candidate], int]:
        """Read the passage at `i` by the first rule that fits, and return its candidates and the index after them."""
        passage = self._context.passages[i]
        kind = passage.block.kind
        self._drafter.note_address(passage)
        if self._sections.states(i):
            return self._sections.read(i), i + 1
        if self._is_silent(passage):
            return (), i + 1
        if i in self._coded:
            return self._labelled.read_coded(passage, self._coded[i]), i + 1
        labelled = self._labelled.read(i)
        if labelled is not None:
            return labelled
        if kind == "heading":
            return (), i + 1
        if kind == "table":
            return self._tables.read(i), i + 1
        if passage.is_item:
            end = self._lists.end_of_run(i)
            run = [p for p in self._context.passages[i:end] if p.is_item]
            return self._lists.read(run, before=find_lead_in(self._context, i)), end
        return self._prose.read(i), i + 1

    def _is_silent(self, passage: Passage) -> bool:
        """Whether nothing in a passage is said by the authors: a note, a list of sources, the progress of others."""
        if passage.roles & SILENT or passage.block.kind in ("footnote", "caption"):
            return True
        # Below "Progress on the recommendations of 2019" the statements are of an earlier report.
        return passage.block.kind != "heading" and self._context.outline.speaks_for_others(passage.section)
