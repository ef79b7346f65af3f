"""Drafting candidates: a range that a rule found is trimmed, checked and given what stands around it."""

from __future__ import annotations

from typing import Final

from extractors.emphasis import is_bold
from extractors.finding_context import LONG_ITEM_WORDS, Context
from extractors.kinds import calls
from extractors.passages import Passage
from extractors.records import StatementKind
from extractors.rules import CONFIDENCE, Candidate
from extractors.sections import names_addressee

MIN_WORDS = 3
"""A shorter range is a fragment."""

LEADING: Final = "•·▪–-:;,"
TRAILING: Final = ";,:"
"""Characters at either end of a range that are no part of the statement."""


class Drafter:
    """Makes the candidates of one document, and remembers the line above them that says to whom they go."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._address = ""

    def draft(
        self,
        kind: StatementKind,
        start: int,
        end: int,
        rule: str,
        passage: Passage,
        *,
        label: str | None = None,
        lead_in: str = "",
        fewest_words: int = MIN_WORDS,
    ) -> list[Candidate]:
        """Return the candidate of a range, trimmed; an empty list for a question, a fragment or a mere reference.

        Args:
            kind: what it states.
            start: where it begins.
            end: where it ends.
            rule: what found it, a key of `CONFIDENCE`.
            passage: the block that it begins in.
            label: as printed; a numbered paragraph without one has its number as its label.
            lead_in: the text that announces it.
            fewest_words: a shorter one is a fragment.
        """
        text = self._context.document.text
        while start < end and (text[start].isspace() or text[start] in LEADING):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in TRAILING):
            end -= 1
        found = text[start:end]
        if len(found.split()) < fewest_words or not any(c.isalpha() for c in found):
            return []
        if rule != "label" and (found[-1] == "?" or _is_quoted(found)):
            return []
        if self.only_addresses(passage):
            return []
        if label is None and passage.block.kind == "paragraph":
            label = passage.enumerator  # the number of the paragraph
        return [
            Candidate(
                kind=kind,
                start=start,
                end=end,
                page=self._context.document.page_at(start),
                rule=rule,
                confidence=CONFIDENCE[rule],
                section=passage.section,
                label=label,
                lead_in=lead_in,
                address=self._address,
            )
        ]

    def note_address(self, passage: Passage) -> None:
        """Remember the line that says to whom the statements below it go, until the next heading."""
        if self.only_addresses(passage):
            self._address = self._context.text_of(passage)
        elif passage.block.kind == "heading":
            self._address = ""

    def only_addresses(self, passage: Passage) -> bool:
        """Whether a block only says to whom the statements below it are addressed ("To the Board and the Ministry")."""
        text = self._context.text_of(passage)
        if len(text.split()) > LONG_ITEM_WORDS or len(passage.sentences) > 2 or calls(passage.sentences[:1]):
            return False
        return names_addressee(text, self._context.lexicon) and (text.rstrip()[-1:] not in ".;" or is_bold(passage))


def _is_quoted(text: str) -> bool:
    """Whether a text stands, or begins or ends, inside quotation marks: then somebody else is speaking."""
    opened, closed = text.count("“") + text.count("„"), text.count("”")
    whole = text[0] in '"“„' and text.rstrip(".;, ")[-1] in '"”'
    return closed > opened or whole or (text[0] in "“„" and opened > closed)
