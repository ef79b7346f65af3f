"""Finding labelled statements: "Aanbeveling 3: …", "Finding 2" as a heading, "B3 …" of a series of codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from extractors.codes import Coded
from extractors.emphasis import bold_lead, find_body_size, is_set_alike, is_set_as_body
from extractors.finding_context import LONG_ITEM_WORDS, Context
from extractors.finding_drafts import MIN_WORDS, Drafter
from extractors.finding_lists import ListReader
from extractors.finding_prose import ProseReader
from extractors.kinds import calls
from extractors.labelling import PrintedLabel
from extractors.passages import Passage
from extractors.records import StatementKind
from extractors.rules import Candidate
from extractors.sections import title_roles

HEADING_WORDS = 7
"""Behind the label of a heading stands a title, unless it has so many words and says something."""

BOX_WORDS = 5 * LONG_ITEM_WORDS
"""A recommendation below a label has no more words, with all its points."""

SHORT_BOX_WORDS = 2 * LONG_ITEM_WORDS
"""Where no more words stand below a label, every block that calls belongs to the recommendation."""

FEW_CALLS = 2
"""Prose with more calls below a label without a number makes several recommendations."""


class LabelledReader:
    """Finds the statements that a printed label announces, in the same block or in those below it."""

    def __init__(self, context: Context, drafter: Drafter, lists: ListReader, prose: ProseReader) -> None:
        self._context = context
        self._drafter = drafter
        self._lists = lists
        self._prose = prose
        self._body_size = find_body_size(context.passages)

    def read(self, i: int) -> tuple[list[Candidate], int] | None:
        """Return the statements of the label at `i` and the index after them; None where no label stands."""
        context = self._context
        passage = context.passages[i]
        begins, label = self._find_label(passage)
        if label is None or passage.block.kind in ("footnote", "caption", "table"):
            return None
        is_heading = passage.block.kind == "heading"
        if not label.number and not label.colon and not is_heading:
            return None
        start = begins + label.end
        rest = context.text(start, passage.block.end)
        says_more = len(rest.split()) >= (HEADING_WORDS if is_heading else MIN_WORDS) and (
            not is_heading or rest.rstrip().endswith((".", ";")) or calls(passage.sentences)
        )
        if says_more:
            return self._read_behind(i, label, start, lead_in=context.text(begins, start))
        if is_heading and not label.number:
            return None  # an ordinary heading such as "Recommendations"; the rules for sections apply
        return self._read_below(i, label, lead_in=context.text(begins, passage.block.end))

    def read_coded(self, passage: Passage, coded: Coded) -> list[Candidate]:
        """Return the statement that begins with a code of its own ("B3 In twaalf dossiers …")."""
        end = self.find_end(passage, coded.start, explains=coded.kind == "finding")
        return self._drafter.draft(coded.kind, coded.start, end, "label", passage, label=coded.code)

    def find_end(self, passage: Passage, start: int, *, explains: bool = False) -> int:
        """Return where a labelled statement ends: after its bold lead if it has one, else after its calling part.

        Args:
            passage: the block that it begins in.
            start: where it begins, behind the label.
            explains: whether what follows its first two sentences only explains, however short it is.
        """
        bold = bold_lead(passage, start, self._context.document)
        if bold:
            return bold
        inside = [s for s in passage.sentences if s.end > start]
        if inside and inside[0].has("recommend"):
            # What follows the recommending sentences without a call explains them.
            calling = [n for n, s in enumerate(inside) if calls((s,))]
            last = next((n for n in range(len(inside)) if n + 1 not in calling), 0)
            return inside[last].end
        is_short = self._context.words(start, passage.end) <= LONG_ITEM_WORDS
        if is_short and not (explains and len(inside) > 2):
            return passage.end
        return inside[min(1, len(inside) - 1)].end if inside else passage.end

    def _find_label(self, passage: Passage) -> tuple[int, PrintedLabel | None]:
        """Return where the label of a block begins, and the label; it may stand behind the number of the paragraph."""
        label = self._context.label_of(self._context.printed(passage))
        if label is None and passage.start > passage.block.start:
            return passage.start, self._context.label_of(self._context.text_of(passage))  # "1.3 Recommendation 1: …"
        return passage.block.start, label

    def _read_behind(self, i: int, label: PrintedLabel, start: int, *, lead_in: str) -> tuple[list[Candidate], int]:
        """Read the statement behind a label in the same block, with the list that a colon at its end opens."""
        passages = self._context.passages
        end = self.find_end(passages[i], start, explains=label.kind == "finding" and not label.number)
        after = i + 1
        if self._context.text(start, end).rstrip().endswith(":"):
            while after < len(passages) and passages[after].is_item:
                end = passages[after].end
                after += 1
        if not label.number and label.kind == "recommendation" and after == i + 1:
            return self._read_calls(passages[i], start, end, lead_in=lead_in), after
        found = self._drafter.draft(label.kind, start, end, "label", passages[i], label=label.text, lead_in=lead_in)
        return found, after

    def _read_calls(self, passage: Passage, start: int, end: int, *, lead_in: str) -> list[Candidate]:
        """Read what stands after a label without a number: a short text as one, of a longer one each call."""
        inside = [s for s in passage.sentences if s.end > start and s.start < end]
        calling = [s for s in inside if calls((s,)) and not s.has("lead")]
        spans = [(max(start, s.start), s.end) for s in calling]
        if len(inside) <= 2 or len(calling) < 2:
            spans = [(start, end)]
        drafted = (self._drafter.draft("recommendation", a, b, "label", passage, lead_in=lead_in) for a, b in spans)
        return [candidate for found in drafted for candidate in found]

    def _read_below(self, i: int, label: PrintedLabel, *, lead_in: str) -> tuple[list[Candidate], int]:
        """Read the statement that stands in the blocks below a heading such as "Recommendation 4: Data"."""
        body, after = self._gather_body(i)
        if not body:
            return [], i + 1
        first = body[0]
        if (first.is_item or self._announces_list(body, label.kind)) and not self._is_whole(body, label):
            return list(self._read_points(body, label, lead_in=lead_in)), after
        end = self.find_end(first, first.start)
        used = 1
        has_lead = bold_lead(first, first.start, self._context.document) is not None
        if label.kind == "recommendation" and not has_lead:
            if not label.number and not self._context.text(first.start, end).endswith(":"):
                several = self._read_several(body, lead_in=lead_in)
                if several is not None:
                    return several, after
            end, used = self._find_end_of_box(body)
        elif end == first.end:
            end, used = self._find_end_of_points(body)
        found = self._drafter.draft(label.kind, first.start, end, "label", first, label=label.text, lead_in=lead_in)
        rest = [c for p in body[used:] if not p.is_item for c in self._prose.read_anywhere(p)]
        return found + [replace(c, label=None) for c in rest if c.rule == "cue"], after

    def _gather_body(self, i: int) -> tuple[list[Passage], int]:
        """Return the blocks that belong to the label at `i`, from its titles and addressees on, and the index after."""
        context, passages = self._context, self._context.passages
        j = i + 1
        section = passages[i].section
        if passages[i].block.kind == "heading":
            while j < len(passages) and self._is_title_below(passages[j]):
                self._drafter.note_address(passages[j])
                section = passages[j].section
                j += 1
        body: list[Passage] = []
        while j < len(passages) and passages[j].block.kind not in ("heading", "table"):
            if passages[j].section != section or context.label_of(context.printed(passages[j])):
                break
            if passages[j].block.kind not in ("footnote", "caption"):
                body.append(passages[j])
            j += 1
        while len(body) > 1 and self._drafter.only_addresses(body[0]):
            self._drafter.note_address(body.pop(0))
        return body, j

    def _is_title_below(self, passage: Passage) -> bool:
        """Whether a heading below a label is its title, or its addressee."""
        text = self._context.printed(passage)
        is_heading = passage.block.kind == "heading"
        return is_heading and not self._context.label_of(text) and not title_roles(text, self._context.lexicon)

    def _announces_list(self, body: Sequence[Passage], kind: StatementKind) -> bool:
        """Whether the first block below a label only announces the list that follows ("… as follows:")."""
        announces = kind in self._context.announced_kinds(body[0]) and len(body) > 1 and body[1].is_item
        return announces and self._context.text_of(body[0]).rstrip().endswith(":")

    def _is_whole(self, body: Sequence[Passage], label: PrintedLabel) -> bool:
        """Whether a number stands for all the points below it: they have no numbers of their own.

        Where a paragraph speaks of several recommendations that follow, each of them is one.
        """
        if not body[0].is_item and not any(s.has("recommend") for s in body[0].sentences):
            return False
        items = [p for p in body if p.is_item]
        points = self._lists.nest(items)
        has_own = any(point.head.enumerator for point in points)
        is_long = sum(self._context.words(p.start, p.end) for p in body) > BOX_WORDS
        return bool(label.number) and label.kind == "recommendation" and not has_own and not is_long

    def _read_points(self, body: Sequence[Passage], label: PrintedLabel, *, lead_in: str) -> Iterator[Candidate]:
        """Read a list below a label: each item is a statement, and the label of the list is part of its own."""
        for item in self._lists.nest([p for p in body if p.is_item]):
            head = item.head
            start, end = head.start, item.end
            if label.kind == "recommendation":
                start, end = self._lists.calling_part(item)
            composed = ".".join(x for x in (label.text, head.enumerator) if x) or None
            yield from self._drafter.draft(label.kind, start, end, "label", head, label=composed, lead_in=lead_in)

    def _read_several(self, body: Sequence[Passage], *, lead_in: str) -> list[Candidate] | None:
        """Read prose with several calls below a label without a number, and its list; None for prose with few calls."""
        prose = list(takewhile(_is_no_item, body))
        if sum(calls((s,)) for p in prose for s in p.sentences) <= FEW_CALLS:
            return None
        found = [c for p in prose for c in self._read_calls(p, p.start, p.end, lead_in=lead_in)]
        return found + list(self._lists.read([p for p in body[len(prose) :] if p.is_item], before=prose[-1]))

    def _find_end_of_box(self, body: Sequence[Passage]) -> tuple[int, int]:
        """Return where a recommendation below a label ends, and how many blocks it has.

        The whole box is the recommendation: its points, and what follows until it is said or the style changes.
        """
        context, first = self._context, body[0]
        is_short = sum(context.words(p.start, p.end) for p in body) <= SHORT_BOX_WORDS
        is_short = is_short or all(p.is_item or calls(p.sentences) for p in body)
        is_apart = not is_set_as_body(first, self._body_size)
        end, used = first.end, 1
        for passage in body[1:]:
            belongs = (
                passage.is_item
                or self._runs_on(first.start, end, passage)
                or (is_short and calls(passage.sentences))
                or (is_apart and is_set_alike(passage, first))
            )
            if not belongs or context.words(first.start, passage.end) > BOX_WORDS:
                break
            end = passage.end
            used += 1
        return end, used

    def _find_end_of_points(self, body: Sequence[Passage]) -> tuple[int, int]:
        """Return where a statement below a label ends, and how many blocks it has: it goes on with its points.

        "… should: • … • …"
        """
        first = body[0]
        is_open = self._context.text_of(first).rstrip().endswith((":", ";"))
        points = list(takewhile(_is_item, body[1:])) if is_open else []
        return points[-1].end if points else first.end, 1 + len(points)

    def _runs_on(self, start: int, end: int, following: Passage) -> bool:
        """Whether a text goes on in the next block: it ends in a colon or without a stop, or the next begins small.

        Pages printed from a browser lose the bullets of their lists, but not that.
        """
        before = self._context.text(start, end).rstrip()
        return before[-1:] not in ".!?" or self._context.begins_small(following)


def _is_item(passage: Passage) -> bool:
    return passage.is_item


def _is_no_item(passage: Passage) -> bool:
    return not passage.is_item
