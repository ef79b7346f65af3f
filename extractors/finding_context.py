"""The context of finding: a document as it was read, and what the rules ask about it time and again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.kinds import STATEMENT_ROLES, kinds_of_roles
from extractors.labelling import PrintedLabel, label_regex, read_label
from extractors.lexicon import Lexicon
from extractors.passages import Passage
from extractors.records import STATEMENT_KINDS, Document, ReportKind, StatementKind
from extractors.sections import Outline, title_roles
from models.pipeline import Sentence

LONG_SECTION_WORDS = 1500
"""In a longer section the prose explains; only sentences with an outright cue count there."""

LONG_ITEM_WORDS = 90
"""A longer list item is a numbered paragraph: its statement is the part that calls or concludes."""

TITLE_WORDS = 2
"""A paragraph of no more words that ends in a colon is a title if it names a kind of statement."""

EXPLAINING_ITEM_WORDS = 50
"""A longer item of three or more sentences explains: its statement is the run of sentences that call."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """One document with its outline and passages; all rules read the same."""

    document: Document
    outline: Outline
    passages: Sequence[Passage]
    lexicon: Lexicon
    report_kind: ReportKind
    label: re.Pattern[str]
    """What matches a printed label at the beginning of a text."""

    section_words: tuple[int, ...]
    """How many words each section has."""

    def text(self, start: int, end: int) -> str:
        """Return a range of the text."""
        return self.document.text[start:end]

    def text_of(self, passage: Passage) -> str:
        """Return the text of a passage without its printed marker."""
        return self.document.text[passage.start : passage.end]

    def printed(self, passage: Passage) -> str:
        """Return the text of a passage with its printed marker."""
        return self.document.text[passage.block.start : passage.block.end]

    def words(self, start: int, end: int) -> int:
        """Return how many words a range of the text has."""
        return len(self.document.text[start:end].split())

    def begins_small(self, passage: Passage) -> bool:
        """Whether a passage begins with a small letter, and so goes on with what stands before it."""
        return self.document.text[passage.start : passage.start + 1].islower()

    def label_of(self, text: str) -> PrintedLabel | None:
        """Return the label that a text begins with, None without one."""
        return read_label(self.label, text)

    def has_numbered_label(self, text: str) -> bool:
        """Whether a text begins with a label and a number ("Recommendation C-4: …")."""
        label = self.label_of(text)
        return label is not None and label.number is not None

    def is_long(self, passage: Passage) -> bool:
        """Whether the chapter that the roles of a passage come from is so long that its prose explains."""
        if passage.section is None:
            return False
        chapter = self.outline.owner(passage.section, passage.roles & STATEMENT_ROLES)
        return self.section_words[chapter] > LONG_SECTION_WORDS

    def title_over(self, passage: Passage) -> str:
        """Return the title of the section of a passage, empty before the first."""
        return self.outline.title_of(passage.section)

    def announced_kinds(self, lead: Passage | None) -> list[StatementKind]:
        """Return the kinds of statement that the last sentence of a paragraph announces; empty for a heading.

        A title that is printed as a paragraph ("Aanbevelingen:") announces what it names.
        """
        if lead is None or not lead.sentences or lead.block.kind == "heading":
            return []
        text = self.text_of(lead).rstrip()
        if text.endswith(":") and len(text.split()) <= TITLE_WORDS:
            named = kinds_of_roles(title_roles(text.rstrip(":"), self.lexicon))
            if len(named) == 1:
                return named
        return [k for k in STATEMENT_KINDS if lead.sentences[-1].has(f"announce_{k}")]

    def refers_back(self, sentence: Sentence) -> bool:
        """Whether a sentence begins with a word for what was just said, and says nothing outright itself."""
        first = self.text(sentence.start, sentence.end).split(maxsplit=1)[0].strip(",.;:").lower()
        return first in self.lexicon.text.back_references and not sentence.has("recommend")


def make_context(
    document: Document, outline: Outline, passages: Sequence[Passage], lexicon: Lexicon, *, kind: ReportKind
) -> Context:
    """Return the context of a document that is a publication of `kind`."""
    # A letter that carries recommendations under a heading of their own is the report itself, sent with a letter.
    carries = any("recommendations" in titled for titled in outline.titled)
    return Context(
        document=document,
        outline=outline,
        passages=passages,
        lexicon=lexicon,
        report_kind="report" if kind in ("letter", "news") and carries else kind,
        label=label_regex(lexicon),
        section_words=tuple(len(document.text[s.start : s.end].split()) for s in outline.sections),
    )


def kinds_of(passage: Passage) -> list[StatementKind]:
    """Return the kinds of statement that the section of a passage is about; empty for other sections."""
    return kinds_of_roles(passage.roles)
