"""Finding sections that are statements: each numbered section below "List of findings" is one finding."""

from __future__ import annotations

from extractors.finding_context import EXPLAINING_ITEM_WORDS, Context
from extractors.finding_drafts import Drafter
from extractors.labelling import find_identifier
from extractors.passages import Passage
from extractors.rules import Candidate

FEWEST_SUBSECTIONS = 4
"""So many numbered sections below "List of findings" are findings themselves."""

PROSE_WORDS = 6
"""A paragraph with fewer words is a title or a field of a form."""


class SectionReader:
    """Finds the sections that are findings as a whole, and the first prose in each, which states the finding."""

    def __init__(self, context: Context, drafter: Drafter) -> None:
        self._context = context
        self._drafter = drafter
        self._labels = self._find_first_prose()
        self._stated = {context.passages[i].section for i in self._labels}

    def states(self, i: int) -> bool:
        """Whether the passage at `i` states the finding that its section is."""
        return i in self._labels

    def read(self, i: int) -> list[Candidate]:
        """Return the finding that the passage at `i` states: the whole of a short passage, else its first sentence."""
        passage = self._context.passages[i]
        if not passage.sentences:
            return []
        is_short = self._context.words(passage.start, passage.end) <= EXPLAINING_ITEM_WORDS
        end = passage.end if is_short else passage.sentences[0].end
        label = self._labels[i]
        return self._drafter.draft("finding", passage.start, end, "first in subsection", passage, label=label)

    def explains(self, candidate: Candidate) -> bool:
        """Whether a candidate stands in a section that is a finding as a whole, and so only explains that finding."""
        if candidate.kind != "finding" or candidate.rule in ("first in subsection", "label"):
            return False
        return any(i in self._stated for i in self._context.outline.around(candidate.section))

    def _find_first_prose(self) -> dict[int, str | None]:
        """Return the index of the first prose of each section that is a finding, with the label of the section."""
        sections, passages = self._context.outline.sections, self._context.passages
        below: dict[int, list[int]] = {}
        for i, section in enumerate(sections):
            over = self._find_listing(i, section.number) if section.number else None
            if over is not None:
                below.setdefault(over, []).append(i)
        labels: dict[int, str | None] = {}
        for i in (i for members in below.values() if len(members) >= FEWEST_SUBSECTIONS for i in members):
            inside = (n for n, p in enumerate(passages) if sections[i].start < p.start < sections[i].end)
            first = next((n for n in inside if self._is_prose(passages[n])), None)
            if first is not None:
                labels[first] = find_identifier(sections[i].title) or sections[i].number
        return labels

    def _find_listing(self, i: int, number: str) -> int | None:
        """Return the section named after findings alone that a numbered section directly divides, None without one."""
        outline = self._context.outline
        around = outline.around(outline.parents[i])
        above = next((a for a in around if number.startswith(f"{outline.sections[a].number}.")), None)
        if above is None or outline.titled[above] != {"findings"} or outline.titled[i]:
            return None
        return above

    def _is_prose(self, passage: Passage) -> bool:
        text = self._context.text_of(passage)
        is_sentence = len(text.split()) >= PROSE_WORDS and text.rstrip()[-1:] in ".!"
        return passage.block.kind == "paragraph" and is_sentence and self._context.label_of(text) is None
