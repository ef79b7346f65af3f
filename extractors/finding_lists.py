"""Finding statements in lists: the items of a section of statements, or behind a sentence that announces them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from extractors.emphasis import bold_lead, is_bold
from extractors.finding_context import EXPLAINING_ITEM_WORDS, LONG_ITEM_WORDS, Context, kinds_of
from extractors.finding_drafts import Drafter
from extractors.finding_kinds import KindChooser
from extractors.finding_prose import ProseReader
from extractors.kinds import CUE_OF_KIND, calls, says
from extractors.numbering import follows
from extractors.passages import Item, Passage, nest_items
from extractors.records import StatementKind
from extractors.rules import Candidate
from models.pipeline import Sentence

LEAD_IN_REACH = 4
"""How many blocks before a list its lead-in may stand, footnotes and captions between them."""

LEAD_IN_WORDS = 25
"""A numbered paragraph with no more words that ends in a colon only leads to its points."""

STANDING_WORDS = 12
"""Sub-points with so many words on average are statements of their own."""

LONGEST = 3 * LONG_ITEM_WORDS
"""An item with its sub-points, or a sentence with the list that completes it, is one statement up to so many words."""


class ListReader:
    """Finds the statements in runs of list items."""

    def __init__(self, context: Context, drafter: Drafter, chooser: KindChooser, prose: ProseReader) -> None:
        self._context = context
        self._drafter = drafter
        self._chooser = chooser
        self._prose = prose
        self._titles = {_fold(section.title) for section in context.outline.sections}
        self._top_levels: dict[int | None, int] = {}
        """The level of the outermost list items of each section."""
        for p in context.passages:
            if p.is_item:
                self._top_levels[p.section] = min(p.block.level, self._top_levels.get(p.section, p.block.level))

    def end_of_run(self, i: int) -> int:
        """Return where the run of list items of one section ends that begins at `i`, notes and captions among them."""
        passages = self._context.passages
        j = i
        while j < len(passages) and self._continues(passages[j], passages[i]):
            j += 1
        return j

    def _continues(self, passage: Passage, first: Passage) -> bool:
        if passage.block.kind in ("footnote", "caption"):
            return True
        is_labelled = self._context.has_numbered_label(self._context.printed(passage))
        return passage.is_item and passage.section == first.section and not is_labelled

    def read(self, run: Sequence[Passage], *, before: Passage | None) -> Iterator[Candidate]:
        """Yield the statements of a run of list items, which `before` leads to; nothing for no items."""
        if not run:
            return
        announced = self._context.announced_kinds(before)
        kinds = kinds_of(run[0])
        if before and before.sentences and before.block.kind != "heading" and not announced:
            fragments = [p for p in run if self._context.begins_small(p)]
            commands = [p for p in run if p.sentences and p.sentences[0].has("imperative", "recommend")]
            standing = "recommendation" in kinds and not self._is_below_label(before)
            if len(fragments) * 2 > len(run) and not (standing and len(commands) * 2 > len(run)):
                yield from self._read_broken_sentence(before, run, kinds)
                return
        lead_in = self._context.text_of(before) if before else ""
        for item in self.nest(run):
            self._drafter.note_address(item.head)
            if item.head.block.level > self._top_levels[run[0].section] and not announced:
                continue  # its head stands before a page break or a picture
            yield from self._read_item(item, announced, kinds, lead_in)

    def nest(self, run: Sequence[Passage]) -> list[Item]:
        """Nest list items by their level, and below a numbered open item also those that complete it."""
        items: list[Item] = []
        for item in nest_items(run):
            above = items[-1] if items else None
            completes = self._context.begins_small(item.head) or item.head.enumerator is None
            completes = completes and not (above and follows(above.head.enumerator or "", item.head.enumerator or ""))
            if above and self._is_open(above) and above.head.enumerator is not None and completes:
                items[-1] = Item(above.head, (*above.children, item.head, *item.children))
            else:
                items.append(item)
        return items

    def calling_part(self, item: Item) -> tuple[int, int]:
        """Return the part of a list item that calls, where others explain at length; else the whole."""
        sentences = item.head.sentences
        calling = [calls((s,)) for s in sentences]
        is_short = self._context.words(item.head.start, item.end) <= EXPLAINING_ITEM_WORDS
        if len(sentences) < 2 or not any(calling) or is_short:
            return item.head.start, item.end
        first = calling.index(True)
        last = next((n for n in range(first, len(calling)) if not calling[n]), len(calling)) - 1
        return sentences[first].start, item.end if last == len(calling) - 1 else sentences[last].end

    def _is_open(self, item: Item) -> bool:
        """Whether the head of an item ends so that its points must complete it."""
        return self._context.text_of(item.head).rstrip().endswith((":", "–", "—"))

    def _is_below_label(self, passage: Passage) -> bool:
        """Whether a heading above labels what stands below it with a number ("Recommendation C-4: …")."""
        outline = self._context.outline
        return any(self._context.has_numbered_label(outline.sections[i].title) for i in outline.around(passage.section))

    def _read_broken_sentence(
        self, before: Passage, run: Sequence[Passage], kinds: Sequence[StatementKind]
    ) -> Iterator[Candidate]:
        """Read a sentence that is completed by a list ("It should: • test … • involve …") as one statement."""
        lead = before.sentences[-1]
        kind = self._chooser.choose(kinds, (lead,)) if kinds else "recommendation"
        is_outright = lead.has(CUE_OF_KIND[kind])
        speaks = is_outright or (bool(kinds) and (kind != "recommendation" or calls((lead,))))
        if not speaks or lead.has("cited") or self._context.report_kind in ("letter", "news"):
            return
        fits = self._context.words(lead.start, run[-1].end) <= LONGEST
        rule = "cue in section" if is_outright else "call in section"
        end = run[-1].end if fits else run[0].end
        yield from self._drafter.draft(kind, lead.start, end, rule, before, lead_in=self._context.title_over(before))

    def _read_item(
        self, item: Item, announced: Sequence[StatementKind], kinds: Sequence[StatementKind], lead_in: str
    ) -> Iterator[Candidate]:
        """Yield the statement of a list item, or those of its points or parts; by its own words where it is none."""
        context = self._context
        head, label = item.head, item.head.enumerator
        rule = "list after lead-in" if announced else "list in section"
        wanted = announced or [k for k in kinds if self._may_list(head, k)]
        if wanted != ["recommendation"] and self._is_a_title(head):
            return  # it lists the sections that follow
        if not wanted or (context.report_kind == "letter" and not announced):
            for passage in (head, *item.children):
                yield from self._prose.read_anywhere(passage, label=label if passage is head else None)
            return
        if self._children_stand_alone(item, wanted):
            for child in item.children:
                composed = (label or "") + (f"({child.enumerator})" if child.enumerator else "") or None
                kind = self._chooser.choose(wanted, child.sentences)
                yield from self._drafter.draft(
                    kind, child.start, child.end, rule, child, label=composed, lead_in=lead_in
                )
            return
        bold = bold_lead(head, head.start, context.document)
        if bold:
            kind = self._chooser.choose(wanted, head.sentences)
            yield from self._drafter.draft(kind, head.start, bold, rule, head, label=label, lead_in=lead_in)
            return
        # The points below a bold statement explain it.
        is_explained = is_bold(head) and not any(is_bold(child) for child in item.children)
        end = head.end if is_explained or context.words(head.start, item.end) > LONGEST else item.end
        words = context.words(head.start, head.end)
        explains = len(head.sentences) > 2 and words > EXPLAINING_ITEM_WORDS
        if explains or words > LONG_ITEM_WORDS or len(wanted) > 1:
            yield from self._read_numbered_paragraph(head, wanted, rule, label, lead_in, end)
            return
        kind = self._chooser.choose(wanted, head.sentences)
        if kind == "recommendation" and not announced and head.sentences and head.sentences[0].has("cited"):
            return
        yield from self._drafter.draft(kind, head.start, end, rule, head, label=label, lead_in=lead_in)

    def _is_a_title(self, head: Passage) -> bool:
        """Whether an item is the title of a section, and calls for nothing."""
        title = _fold(self._context.text_of(head))
        return bool(title) and title in self._titles and not calls(head.sentences)

    def _may_list(self, head: Passage, kind: StatementKind) -> bool:
        """Whether a list item may count for a role that its section has from a chapter above.

        In a long chapter of recommendations, or one whose paragraphs are numbered, the sections also argue, quote and
        enumerate; only what calls for action counts. Where the title only means a kind, the item must say it outright.
        """
        outline = self._context.outline
        if outline.is_meant(head.section):
            return kind == "lesson" or any(says(s, kind) for s in head.sentences)
        is_paragraph = "." in (head.block.marker or "").strip(". ")
        if kind != "recommendation" or head.section is None or not (is_paragraph or self._context.is_long(head)):
            return True
        return "recommendations" in outline.titled_of(head.section) or calls(head.sentences)

    def _children_stand_alone(self, item: Item, wanted: Sequence[StatementKind]) -> bool:
        """Whether the sub-points are statements of their own: lettered or numbered, and each about a sentence long."""
        if not item.children:
            return False
        context, head = self._context, item.head
        is_brief = context.words(head.start, head.end) <= LEAD_IN_WORDS
        if self._is_open(item):
            if is_brief and any(s.has("announce_recommendation") for s in head.sentences):
                return True  # "28. We further recommend that the Trust: • … • …"
            are_told = "recommendation" in wanted and all(map(_is_told, (head, *item.children)))
            if all(map(context.begins_small, item.children)) and not are_told:
                return False  # they complete the sentence of their head
            if len(head.sentences) > 1 and calls(head.sentences[:1]):
                return False  # their head is a statement already
        if len(item.children) < 2 or not all(re.search(r"\w", c.block.marker or "") for c in item.children):
            return False
        mean = sum(context.words(c.start, c.end) for c in item.children) / len(item.children)
        return is_brief and mean >= STANDING_WORDS

    def _read_numbered_paragraph(
        self, head: Passage, wanted: Sequence[StatementKind], rule: str, label: str | None, lead_in: str, end: int
    ) -> Iterator[Candidate]:
        """Split a numbered paragraph where it turns from concluding to recommending (select committees do that).

        Of each kind the first run of sentences counts; in a section of one kind, from the first to the last that says
        it, or the first two where none does.
        """
        if not head.sentences:
            return
        tagged = [(self._chooser.choose(wanted, (s,)), s) for s in head.sentences]
        runs = [(kind, [s for _, s in group]) for kind, group in groupby(tagged, key=_kind_of)]
        recommends = any(s.has("recommend") for kind, run in runs if kind == "recommendation" for s in run)
        if len(wanted) == 1:
            kept = [s for s in head.sentences if says(s, wanted[0])] or list(head.sentences[:2])
            runs = [(wanted[0], [s for s in head.sentences if kept[0].start <= s.start <= kept[-1].start])]
        elif len(runs) > 1 and not recommends:
            runs = [(self._chooser.choose(wanted, head.sentences), list(head.sentences))]
        first: dict[StatementKind, list[Sentence]] = {}
        for kind, sentences in runs:
            first.setdefault(kind, sentences)
        for kind, sentences in first.items():
            stop = sentences[-1].end if sentences[-1].end != head.end else end
            yield from self._drafter.draft(kind, sentences[0].start, stop, rule, head, label=label, lead_in=lead_in)


def find_lead_in(context: Context, i: int) -> Passage | None:
    """Return what leads to the list or table at `i`: a paragraph just before it that ends in a colon, or a heading.

    Of a heading that a paragraph announces, that paragraph; None where other text stands before it.
    """
    for j in range(i - 1, max(0, i - LEAD_IN_REACH) - 1, -1):
        passage = context.passages[j]
        if passage.block.kind in ("footnote", "caption"):
            continue
        if passage.block.kind == "heading":
            return _find_announcement(context, j) or passage
        return passage if context.text_of(passage).rstrip().endswith((":", "…", "...")) else None
    return None


def _find_announcement(context: Context, heading: int) -> Passage | None:
    """Return the paragraph above a heading that announces what stands below it ("I therefore recommend:")."""
    above = (context.passages[j] for j in range(heading - 1, -1, -1))
    passage = next((p for p in above if p.block.kind not in ("footnote", "caption")), None)
    if passage is None or passage.block.kind != "paragraph" or not context.announced_kinds(passage):
        return None
    return passage if context.text_of(passage).rstrip().endswith(":") else None


def _fold(text: str) -> str:
    """Return the words of a title without its number, case and signs."""
    return " ".join(re.findall(r"[^\W\d_]{2,}", text.casefold()))


def _is_told(passage: Passage) -> bool:
    """Whether a point says itself that something ought to be done ("those who … should receive …")."""
    return any(s.has("ought", "must") for s in passage.sentences)


def _kind_of(tagged: tuple[StatementKind, Sentence]) -> StatementKind:
    return tagged[0]
