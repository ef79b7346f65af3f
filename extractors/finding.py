"""Finding statements: rules over sections, lists, labels and cues.

Every rule gives candidates, ranges of the text with a kind, a label and a confidence. `extractors.merging` then turns
the candidates into statements: the same one said twice becomes one with a mention.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, takewhile
from typing import Final

from extractors.codes import Coded, find_coded
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Item, Passage, nest_items
from extractors.records import Document, ReportKind, SectionRole, StatementKind, StyleRun
from extractors.sections import Outline, names_addressee, title_roles
from models.pipeline import Sentence

KIND_OF_ROLE: Final[dict[SectionRole, StatementKind]] = {
    "recommendations": "recommendation",
    "conclusions": "conclusion",
    "findings": "finding",
    "lessons": "lesson",
}
CUE_OF_KIND: Final[dict[StatementKind, str]] = {
    "recommendation": "recommend",
    "conclusion": "conclude",
    "finding": "find",
    "lesson": "learn",
}
NARRATIVE: Final[frozenset[SectionRole]] = frozenset({"background", "method", "annex", "response", "summary"})
"""Roles of sections that call for nothing: they tell how things are, were done or were said."""

SILENT: Final[frozenset[SectionRole]] = frozenset({"contents", "references"})

CONFIDENCE: Final[dict[str, float]] = {
    "label": 0.95,
    "list in section": 0.85,
    "list after lead-in": 0.85,
    "table in section": 0.8,
    "cue": 0.8,
    "cue in section": 0.9,
    "call in section": 0.7,
    "sentence in section": 0.6,
    "lead sentence in section": 0.65,
    "call in advice": 0.5,
    "first in subsection": 0.7,
    "call in text": 0.1,
}

LONG_ITEM_WORDS = 90
"""A longer list item is a numbered paragraph: its statement is the part that calls or concludes."""

EXPLAINING_ITEM_WORDS = 50
"""A longer item of three or more sentences explains: its statement is the run of sentences that call."""

LONG_SECTION_WORDS = 1500
"""In a longer section the prose explains; only sentences with an outright cue count there."""

LEAD_IN_WORDS = 25
"""A numbered paragraph with no more words that ends in a colon only leads to its points."""

FEWEST_SUBSECTIONS = 4
"""So many numbered sections below "List of findings" are findings themselves."""

MIN_WORDS = 3


@dataclass(frozen=True, slots=True)
class Candidate:
    """A range of the text that a rule takes for a statement.

    `lead_in` is the text that announced it, `address` the line above it that only says to whom it goes.
    """

    kind: StatementKind
    start: int
    end: int
    page: int
    rule: str
    confidence: float
    section: int | None
    label: str | None = None
    lead_in: str = ""
    address: str = ""


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
        self.document = document
        self.outline = outline
        self.passages = passages
        self.lexicon = lexicon
        # A letter that carries recommendations under a heading of their own is the report itself, sent with a letter.
        carries = any("recommendations" in titled for titled in outline.titled)
        self.report_kind: ReportKind = "report" if kind in ("letter", "news") and carries else kind
        self._address = ""
        self._speaking = speaking_regexes(publisher, lexicon)
        self._body_ought = body_ought_regex(lexicon)
        self._label = label_regex(lexicon)
        self._coded: dict[int, Coded] = find_coded(document, passages, lexicon, KIND_OF_ROLE)
        self._body_size = _find_body_size(passages)
        self._section_words = self._count_section_words()
        self._listed = self._sections_with_lists()
        self._described: set[int | None] = set()
        self._is_explicit = self._recommends_outright()
        self._index = {p.block.start: i for i, p in enumerate(passages)}
        self._levels: dict[int | None, int] = {}
        for p in passages:
            if p.is_item:
                self._levels[p.section] = min(p.block.level, self._levels.get(p.section, p.block.level))

    @property
    def speaks(self) -> bool:
        """Whether the authors of the document make statements of their own at all."""
        return self.report_kind not in ("response", "other")

    def find(self) -> list[Candidate]:
        """Return all candidates in reading order, none for a document without statements or a response document."""
        if not self.speaks:
            return []  # what stands there as recommendation is quoted from the report that is answered
        found: list[Candidate] = []
        i = 0
        firsts = self._first_of_subsections()
        self._described = {self.passages[n].section for n in firsts}
        while i < len(self.passages):
            passage = self.passages[i]
            self._note_address(passage)
            if i in firsts:
                found += self._read_first(passage, firsts[i])
                i += 1
                continue
            silent = passage.roles & SILENT or self._is_of_others(passage)
            if silent or passage.block.kind in ("footnote", "caption"):
                i += 1
                continue
            if i in self._coded:
                found += self._read_coded(passage, self._coded[i])
                i += 1
                continue
            labelled = self._read_labelled(i)
            if labelled:
                candidates, i = labelled
                found += candidates
                continue
            if passage.block.kind == "heading":
                i += 1
                continue
            if passage.block.kind == "table":
                found += self._read_table(passage, i)
                i += 1
                continue
            if passage.is_item:
                j = i
                while j < len(self.passages) and self._continues_list(j, passage):
                    j += 1
                run = [p for p in self.passages[i:j] if p.is_item]
                found += self._read_list(run, before=self._lead_in_before(i))
                i = max(j, i + 1)
                continue
            found += self._read_paragraph(i)
            i += 1
        return [c for c in found if not self._explains_finding(c)]

    def _is_of_others(self, passage: Passage) -> bool:
        """Whether a passage stands under a heading such as "Progress on the recommendations of 2019"."""
        return self.outline.speaks_for_others(passage.section) and passage.block.kind != "heading"

    # --- findings that are sections ---------------------------------------------------------------------------------

    def _first_of_subsections(self) -> dict[int, str | None]:
        """Return the passages that state the finding of a section of their own, with its label.

        They are the first prose in each of four or more numbered sections below a heading such as "List of findings".
        """
        sections = self.outline.sections
        below: dict[int, list[int]] = {}
        for i, section in enumerate(sections):
            over = self._listing_above(i)
            if over is not None and section.number:
                below.setdefault(over, []).append(i)
        firsts: dict[int, str | None] = {}
        for members in below.values():
            if len(members) < FEWEST_SUBSECTIONS:
                continue
            for i in members:
                inside = (
                    n
                    for n, p in enumerate(self.passages)
                    if sections[i].start < p.start < sections[i].end and p.block.kind == "paragraph"
                )
                first = next((n for n in inside if self._is_prose(self.passages[n])), None)
                if first is not None:
                    firsts[first] = find_identifier(sections[i].title) or sections[i].number
        return firsts

    def _listing_above(self, i: int) -> int | None:
        """Return the section named after findings alone that a numbered section directly divides, None without one."""
        sections, parents = self.outline.sections, self.outline.parents
        above, number = parents[i], sections[i].number
        while above is not None and number and not number.startswith(f"{sections[above].number}."):
            above = parents[above]
        if above is None or self.outline.titled[above] != {"findings"}:
            return None
        return above if not self.outline.titled[i] else None

    def _explains_finding(self, c: Candidate) -> bool:
        """Whether a candidate stands in a section that is a finding as a whole, and so only explains that finding."""
        if c.kind != "finding" or c.rule in ("first in subsection", "label") or not self._described:
            return False
        above = c.section
        while above is not None:
            if above in self._described:
                return True
            above = self.outline.parents[above]
        return False

    def _is_prose(self, passage: Passage) -> bool:
        text = self._text(passage.start, passage.end)
        return len(text.split()) >= 6 and text.rstrip()[-1:] in ".!" and not self._label.match(text)

    def _read_first(self, passage: Passage, label: str | None) -> Iterator[Candidate]:
        if not passage.sentences:
            return
        is_short = self._words(passage.start, passage.end) <= EXPLAINING_ITEM_WORDS
        end = passage.end if is_short else passage.sentences[0].end
        one = self._candidate("finding", passage.start, end, "first in subsection", passage, label=label)
        if one:
            yield one

    # --- context -----------------------------------------------------------------------------------------------

    def _count_section_words(self) -> list[int]:
        text = self.document.text
        return [len(text[s.start : s.end].split()) for s in self.outline.sections]

    def _sections_with_lists(self) -> set[int]:
        """Return the sections whose statements are the items of their lists: three or more, with much of the text."""
        items: dict[int, list[int]] = {}
        for p in self.passages:
            if p.is_item and p.section is not None:
                items.setdefault(p.section, []).append(self._words(p.start, p.end))
        return {s for s, words in items.items() if len(words) >= 3 and sum(words) > 0.4 * self._section_words[s]}

    def _recommends_outright(self) -> bool:
        """Whether the sections of conclusions and recommendations say "we recommend" where they recommend."""
        mixed = [p for p in self.passages if {"recommendations", "conclusions"} <= p.roles]
        return sum(any(s.has("recommend") for s in p.sentences) for p in mixed) >= 5

    def _is_long(self, passage: Passage) -> bool:
        """Whether the chapter that the roles of a passage come from is so long that its prose explains."""
        if passage.section is None:
            return False
        roles = frozenset(role for role in KIND_OF_ROLE if role in passage.roles)
        return self._section_words[self.outline.owner(passage.section, roles)] > LONG_SECTION_WORDS

    def _kinds(self, passage: Passage) -> list[StatementKind]:
        return [k for role, k in KIND_OF_ROLE.items() if role in passage.roles]

    def _text(self, start: int, end: int) -> str:
        return self.document.text[start:end]

    def _words(self, start: int, end: int) -> int:
        return len(self._text(start, end).split())

    def _candidate(
        self,
        kind: StatementKind,
        start: int,
        end: int,
        rule: str,
        passage: Passage,
        *,
        label: str | None = None,
        lead_in: str = "",
    ) -> Candidate | None:
        """Trim the range and make a candidate; None for a question, a fragment or a mere reference."""
        text = self.document.text
        while start < end and (text[start].isspace() or text[start] in "•·▪–-:;,"):
            start += 1
        while end > start and (text[end - 1].isspace() or text[end - 1] in ";,:"):
            end -= 1
        words = text[start:end].split()
        if (
            len(words) < MIN_WORDS
            or (text[end - 1] == "?" and rule != "label")
            or not any(c.isalpha() for c in text[start:end])
        ):
            return None
        if self._only_addresses(passage) or (rule != "label" and _is_quoted(text[start:end])):
            return None
        if label is None and passage.block.kind == "paragraph":
            label = _bare_marker(passage.block.marker)  # the number of the paragraph
        return Candidate(
            kind=kind,
            start=start,
            end=end,
            page=self.document.page_at(start),
            rule=rule,
            confidence=CONFIDENCE[rule],
            section=passage.section,
            label=label,
            lead_in=lead_in,
            address=self._address,
        )

    def _note_address(self, passage: Passage) -> None:
        """Remember the line that says to whom the statements below it go, until the next heading."""
        if self._only_addresses(passage):
            self._address = self._text(passage.start, passage.end)
        elif passage.block.kind == "heading":
            self._address = ""

    def _only_addresses(self, passage: Passage) -> bool:
        """Whether a block only says to whom the statements below it are addressed ("To the Board and the Ministry")."""
        text = self._text(passage.start, passage.end)
        if len(text.split()) > LONG_ITEM_WORDS or len(passage.sentences) > 2 or self._calls(passage.sentences[:1]):
            return False
        return names_addressee(text, self.lexicon) and (text.rstrip()[-1:] not in ".;" or is_bold(passage))

    # --- labels: "Aanbeveling 3", "Finding 2:" ------------------------------------------------------------------

    def _read_labelled(self, i: int) -> tuple[list[Candidate], int] | None:
        """Read a statement whose block, or the heading above it, carries a label; and the index after it."""
        passage = self.passages[i]
        # The label may stand behind the number of the paragraph ("1.3 Recommendation 1: …").
        begins = passage.block.start
        text = self._text(begins, passage.block.end)
        match = self._label.match(text)
        if not match and passage.start > begins:
            begins = passage.start
            text = self._text(begins, passage.block.end)
            match = self._label.match(text)
        if not match or passage.block.kind in ("footnote", "caption", "table"):
            return None
        kind: StatementKind = next(k for k in KIND_OF_ROLE.values() if match.group(k))
        number = match.group("number")
        rest_start = begins + match.end()
        rest = self._text(rest_start, passage.block.end)
        if not number and not (match.group("colon") or passage.block.kind == "heading"):
            return None
        label = f"{match.group(kind)} {number}" if number else None
        rest_is_statement = len(rest.split()) >= (7 if passage.block.kind == "heading" else MIN_WORDS) and (
            rest.rstrip().endswith((".", ";")) or passage.block.kind != "heading" or self._calls(passage.sentences)
        )
        if passage.block.kind == "heading" and not number and (not rest_is_statement):
            return None  # an ordinary heading such as "Recommendations"; the rules for sections apply
        if rest_is_statement:
            end = self._labelled_end(passage, rest_start, explains=kind == "finding" and not label)
            j = i + 1
            if self._text(rest_start, end).rstrip().endswith(":"):
                while j < len(self.passages) and self.passages[j].is_item:
                    end = self.passages[j].end
                    j += 1
            if not label and kind == "recommendation" and j == i + 1:
                return self._read_calls(passage, rest_start, end, lead_in=text[: match.end()]), j
            one = self._candidate(kind, rest_start, end, "label", passage, label=label, lead_in=text[: match.end()])
            return ([one] if one else [], j)
        return self._read_below_label(i, kind, label, lead_in=text)

    def _read_coded(self, passage: Passage, coded: Coded) -> Iterator[Candidate]:
        """Read a statement that begins with a code of its own ("B3 In twaalf dossiers …")."""
        end = self._labelled_end(passage, coded.start, explains=coded.kind == "finding")
        one = self._candidate(coded.kind, coded.start, end, "label", passage, label=coded.code)
        if one:
            yield one

    def _read_calls(self, passage: Passage, start: int, end: int, *, lead_in: str) -> list[Candidate]:
        """Read what stands after a label without a number: a short text as one, of a longer one each call."""
        inside = [s for s in passage.sentences if s.end > start and s.start < end]
        calling = [s for s in inside if self._calls((s,)) and not s.has("lead")]
        if len(inside) <= 2 or len(calling) < 2:
            spans = [(start, end)]
        else:
            spans = [(max(start, s.start), s.end) for s in calling]
        made = (self._candidate("recommendation", a, b, "label", passage, lead_in=lead_in) for a, b in spans)
        return [one for one in made if one]

    def _calling_run(self, item: Item) -> tuple[int, int]:
        """Return the part of a list item that calls, where three or more sentences also explain; else the whole."""
        sentences = item.head.sentences
        calls = [self._calls((s,)) for s in sentences]
        if len(sentences) < 3 or not any(calls) or self._words(item.head.start, item.end) <= EXPLAINING_ITEM_WORDS:
            return item.head.start, item.end
        first = calls.index(True)
        last = next((n for n in range(first, len(calls)) if not calls[n]), len(calls)) - 1
        return sentences[first].start, item.end if last == len(calls) - 1 else sentences[last].end

    def _labelled_end(self, passage: Passage, start: int, *, explains: bool = False) -> int:
        """Return where a labelled statement ends: after its bold lead if it has one, else after its calling part."""
        bold = bold_lead(passage, start, self.document)
        if bold:
            return bold
        inside = [s for s in passage.sentences if s.end > start]
        if inside and inside[0].has("recommend"):
            # What follows the recommending sentences without a call explains them.
            calling = [n for n, s in enumerate(inside) if self._calls((s,))]
            last = next((n for n in range(len(inside)) if n + 1 not in calling), 0)
            return inside[last].end
        is_short = self._words(start, passage.end) <= LONG_ITEM_WORDS
        if is_short and not (explains and len(inside) > 2):
            return passage.end
        return inside[min(1, len(inside) - 1)].end if inside else passage.end

    def _read_below_label(
        self, i: int, kind: StatementKind, label: str | None, *, lead_in: str
    ) -> tuple[list[Candidate], int]:
        """Read the statement that stands in the blocks below a heading such as "Recommendation 4: Data"."""
        j = i + 1
        body: list[Passage] = []
        section = self.passages[i].section
        if self.passages[i].block.kind == "heading":
            while j < len(self.passages) and self._is_title_below(j):
                self._note_address(self.passages[j])
                section = self.passages[j].section
                j += 1
        while j < len(self.passages) and self.passages[j].block.kind not in ("heading", "table"):
            if self.passages[j].section != section or self._label.match(
                self._text(self.passages[j].block.start, self.passages[j].block.end)
            ):
                break
            if self.passages[j].block.kind not in ("footnote", "caption"):
                body.append(self.passages[j])
            j += 1
        while len(body) > 1 and self._only_addresses(body[0]):
            self._note_address(body.pop(0))
        if not body:
            return [], i + 1
        first = body[0]
        if first.is_item or self._announces_list(body, kind):
            run = [p for p in body if p.is_item]
            found = []
            for item in self._nest(run):
                composed = ".".join(x for x in (label, _bare_marker(item.head.block.marker)) if x)
                start, end = self._calling_run(item) if kind == "recommendation" else (item.head.start, item.end)
                one = self._candidate(kind, start, end, "label", item.head, label=composed or None, lead_in=lead_in)
                found += [one] if one else []
            return found, j
        end = self._labelled_end(first, first.start)
        after = 1
        whole = sum(self._words(p.start, p.end) for p in body) <= 2 * LONG_ITEM_WORDS
        apart = not self._is_body_style(first)
        bold = bold_lead(first, first.start, self.document) is not None
        if not label and not bold and kind == "recommendation" and not self._text(first.start, end).endswith(":"):
            prose = list(takewhile(lambda p: not p.is_item, body))
            if sum(self._calls((s,)) for p in prose for s in p.sentences) > 2:
                found = [c for p in prose for c in self._read_calls(p, p.start, p.end, lead_in=lead_in)]
                rest_items = [p for p in body[len(prose) :] if p.is_item]
                found += self._read_list(rest_items, before=prose[-1]) if rest_items else []
                return found, j
        if not bold and kind == "recommendation":
            # The whole box is the recommendation: its points, and what follows until it is said or the style changes.
            end = first.end
            while after < len(body) and (
                body[after].is_item
                or self._runs_on(first.start, end, body[after])
                or (whole and self._calls(body[after].sentences))
                or (apart and self._like(body[after], first))
            ):
                if self._words(first.start, body[after].end) > 5 * LONG_ITEM_WORDS:
                    break
                end = body[after].end
                after += 1
        elif end == first.end:
            # A recommendation goes on with its points: "… should: • … • …"
            while after < len(body) and body[after].is_item:
                if not (self._text(first.start, end).rstrip().endswith((":", ";")) or body[after - 1].is_item):
                    break
                end = body[after].end
                after += 1
        one = self._candidate(kind, first.start, end, "label", first, label=label, lead_in=lead_in)
        rest = [c for p in body[after:] if not p.is_item for c in self._cue_sentences(p)]
        return ([one] if one else []) + [replace(c, label=None) for c in rest if c.rule == "cue"], j

    def _announces_list(self, body: Sequence[Passage], kind: StatementKind) -> bool:
        """Whether the first block below a label only announces the list that follows ("… as follows:")."""
        announced = kind in self._announced(body[0]) and len(body) > 1 and body[1].is_item
        return announced and self._text(body[0].start, body[0].end).rstrip().endswith(":")

    def _runs_on(self, start: int, end: int, following: Passage) -> bool:
        """Whether a text goes on in the next block: it ends in a colon or without a stop, or the next begins small.

        Pages printed from a browser lose the bullets of their lists, but not that.
        """
        before = self._text(start, end).rstrip()
        return before[-1:] not in ".!?" or self._text(following.start, following.start + 1).islower()

    def _is_body_style(self, passage: Passage) -> bool:
        return abs(passage.block.font_size - self._body_size) < 0.3 and not passage.block.is_bold

    @staticmethod
    def _like(passage: Passage, first: Passage) -> bool:
        same = abs(passage.block.font_size - first.block.font_size) < 0.3
        return same and passage.block.is_bold == first.block.is_bold

    def _is_title_below(self, j: int) -> bool:
        """Whether the heading at `j` is the title, or the addressee, of the label above it."""
        passage = self.passages[j]
        text = self._text(passage.block.start, passage.block.end)
        return passage.block.kind == "heading" and not self._label.match(text) and not title_roles(text, self.lexicon)

    # --- lists ---------------------------------------------------------------------------------------------------

    def _continues_list(self, j: int, first: Passage) -> bool:
        passage = self.passages[j]
        if passage.block.kind in ("footnote", "caption"):
            return True
        return passage.is_item and passage.section == first.section and (j == 0 or not self._label_at(passage))

    def _label_at(self, passage: Passage) -> bool:
        match = self._label.match(self._text(passage.block.start, passage.block.end))
        return bool(match and match.group("number"))

    def _lead_in_before(self, i: int) -> Passage | None:
        """Return the paragraph that announces the list at `i`: it stands just before it and ends in a colon."""
        for passage in reversed(self.passages[max(0, i - 4) : i]):
            if passage.block.kind in ("footnote", "caption"):
                continue
            text = self._text(passage.start, passage.end).rstrip()
            if passage.block.kind == "heading":
                above = self._lead_in_above(passage)
                return above or passage
            return passage if text.endswith((":", "…", "...")) else None
        return None

    def _lead_in_above(self, heading: Passage) -> Passage | None:
        """Return the paragraph above a heading that announces what stands below it ("I therefore recommend:")."""
        i = self._index[heading.block.start] - 1
        while i >= 0 and self.passages[i].block.kind in ("footnote", "caption"):
            i -= 1
        if i < 0 or self.passages[i].block.kind != "paragraph" or not self.passages[i].sentences:
            return None
        text = self._text(self.passages[i].start, self.passages[i].end).rstrip()
        return self.passages[i] if text.endswith(":") and self._announced(self.passages[i]) else None

    def _announced(self, lead: Passage | None) -> list[StatementKind]:
        if lead is None or not lead.sentences or lead.block.kind == "heading":
            return []
        last = lead.sentences[-1]
        return [k for k in CUE_OF_KIND if last.has(f"announce_{k}")]

    def _read_list(self, run: Sequence[Passage], *, before: Passage | None) -> Iterator[Candidate]:
        if not run:
            return
        announced = self._announced(before)
        kinds = self._kinds(run[0])
        lead_in = self._text(before.start, before.end) if before else ""
        if before and before.sentences and before.block.kind != "heading" and not announced:
            fragments = [p for p in run if self._text(p.start, p.start + 1).islower()]
            commands = [p for p in run if p.sentences and p.sentences[0].has("imperative", "recommend")]
            standing = "recommendation" in kinds and not self._is_below_label(before)
            if len(fragments) * 2 > len(run) and not (standing and len(commands) * 2 > len(run)):
                yield from self._read_broken_sentence(before, run, kinds)
                return
        for item in self._nest(run):
            self._note_address(item.head)
            if item.head.block.level > self._top_level(run[0]) and not announced:
                continue  # its head stands before a page break or a picture
            yield from self._read_item(item, announced, kinds, lead_in)

    def _is_below_label(self, passage: Passage) -> bool:
        """Whether a heading above labels what stands below it with a number ("Recommendation C-4: …")."""
        index = passage.section
        while index is not None:
            match = self._label.match(self.outline.sections[index].title)
            if match and match.group("number"):
                return True
            index = self.outline.parents[index]
        return False

    def _nest(self, run: Sequence[Passage]) -> list[Item]:
        """Nest list items by their level, and below a numbered open item also those that complete it."""
        items: list[Item] = []
        for item in nest_items(run):
            above = items[-1] if items else None
            completes = self._text(item.head.start, item.head.start + 1).islower() or _is_plain(item.head)
            if above and self._is_open(above) and not _is_plain(above.head) and completes:
                items[-1] = Item(above.head, (*above.children, item.head, *item.children))
            else:
                items.append(item)
        return items

    def _is_open(self, item: Item) -> bool:
        return self._text(item.head.start, item.head.end).rstrip().endswith((":", "–", "—"))

    def _top_level(self, passage: Passage) -> int:
        """Return the level of the outermost list items of a section."""
        return self._levels.get(passage.section, 1)

    def _read_broken_sentence(
        self, before: Passage, run: Sequence[Passage], kinds: list[StatementKind]
    ) -> Iterator[Candidate]:
        """Read a sentence that is completed by a list ("It should: • test … • involve …") as one statement."""
        lead = before.sentences[-1]
        kind = self._choose(kinds, (lead,)) if kinds else "recommendation"
        speaks = lead.has(CUE_OF_KIND[kind]) or (bool(kinds) and (kind != "recommendation" or self._calls((lead,))))
        if not speaks or self._is_cited(lead) or (self.report_kind in ("letter", "news")):
            return
        fits = self._words(lead.start, run[-1].end) <= 3 * LONG_ITEM_WORDS
        rule = "cue in section" if lead.has(CUE_OF_KIND[kind]) else "call in section"
        end = run[-1].end if fits else run[0].end
        one = self._candidate(kind, lead.start, end, rule, before, lead_in=self._heading_of(before))
        if one:
            yield one

    def _read_item(
        self, item: Item, announced: list[StatementKind], kinds: list[StatementKind], lead_in: str
    ) -> Iterator[Candidate]:
        head = item.head
        label = _bare_marker(head.block.marker)
        rule = "list after lead-in" if announced else "list in section"
        wanted = announced or [k for k in kinds if self._may_list(head, k)]
        if not wanted or (self.report_kind == "letter" and not announced):
            for passage in (head, *item.children):
                yield from self._cue_sentences(passage, label=label if passage is head else None)
            return
        standing_alone = self._children_stand_alone(item)
        if standing_alone:
            for child in item.children:
                composed = "".join(x for x in (label, f"({_bare_marker(child.block.marker)})") if x)
                kind = self._choose(wanted, child.sentences)
                one = self._candidate(kind, child.start, child.end, rule, child, label=composed, lead_in=lead_in)
                if one:
                    yield one
            return
        whole = item.children and self._words(head.start, item.end) <= 3 * LONG_ITEM_WORDS
        if whole and is_bold(head) and not any(is_bold(child) for child in item.children):
            whole = False  # the points below a bold statement explain it
        end = item.end if whole else head.end
        bold = bold_lead(head, head.start, self.document)
        if bold:
            one = self._candidate(
                self._choose(wanted, head.sentences), head.start, bold, rule, head, label=label, lead_in=lead_in
            )
            if one:
                yield one
            return
        explains = len(head.sentences) > 2 and self._words(head.start, head.end) > EXPLAINING_ITEM_WORDS
        if explains or self._words(head.start, head.end) > LONG_ITEM_WORDS or len(wanted) > 1:
            yield from self._read_numbered_paragraph(head, wanted, rule, label, lead_in, end)
            return
        kind = self._choose(wanted, head.sentences)
        if kind == "recommendation" and head.sentences and self._is_cited(head.sentences[0]):
            return
        one = self._candidate(kind, head.start, end, rule, head, label=label, lead_in=lead_in)
        if one:
            yield one

    def _may_list(self, head: Passage, kind: StatementKind) -> bool:
        """Whether a list item may count for a role that its section has from a chapter above.

        In a long chapter of recommendations, or one whose paragraphs are numbered, the sections also argue, quote and
        enumerate; only what calls for action counts.
        """
        if self.outline.is_meant(head.section):
            return self._speaks_outright(head.sentences, kind)
        is_paragraph = (head.block.marker or "").strip(". ").count(".") >= 1
        if kind != "recommendation" or head.section is None or not (is_paragraph or self._is_long(head)):
            return True
        return "recommendations" in self.outline.titled[head.section] or self._calls(head.sentences)

    def _speaks_outright(self, sentences: Sequence[Sentence], kind: StatementKind) -> bool:
        """Whether sentences are of a kind by their own words: needed where the title only means that kind."""
        return kind == "lesson" or any(self._speaks(s, kind) for s in sentences)

    def _children_stand_alone(self, item: Item) -> bool:
        """Whether the sub-points are statements of their own: lettered or numbered, and each about a sentence long."""
        if not item.children:
            return False
        head = item.head
        only_announces = self._words(head.start, head.end) <= LEAD_IN_WORDS
        if self._is_open(item) and only_announces and any(s.has("announce_recommendation") for s in head.sentences):
            return True  # "28. We further recommend that the Trust: • … • …"
        if self._is_open(item) and all(self._text(c.start, c.start + 1).islower() for c in item.children):
            return False  # they complete the sentence of their head
        if self._is_open(item) and len(item.head.sentences) > 1 and self._calls(item.head.sentences[:1]):
            return False  # their head is a statement already
        lettered = [c for c in item.children if c.block.marker and re.search(r"\w", c.block.marker)]
        if len(lettered) < 2 or len(lettered) < len(item.children):
            return False
        mean = sum(self._words(c.start, c.end) for c in lettered) / len(lettered)
        return mean >= 12 and self._words(item.head.start, item.head.end) <= 25

    def _read_numbered_paragraph(
        self, head: Passage, wanted: list[StatementKind], rule: str, label: str | None, lead_in: str, end: int
    ) -> Iterator[Candidate]:
        """Split a numbered paragraph where it turns from concluding to recommending (select committees do that)."""
        tagged = [(self._choose(wanted, (s,)), s) for s in head.sentences]
        runs = [(k, [s for _, s in group]) for k, group in groupby(tagged, key=lambda pair: pair[0])]
        if len(runs) > 1 and not any(s.has("recommend") for k, ss in runs if k == "recommendation" for s in ss):
            runs = [(self._choose(wanted, head.sentences), list(head.sentences))]
        if len(wanted) == 1 and runs:
            calling = [s for s in head.sentences if self._speaks(s, wanted[0])]
            kept = calling or list(head.sentences[:2])
            runs = [(wanted[0], [s for s in head.sentences if kept[0].start <= s.start <= kept[-1].start])]
        merged: dict[StatementKind, list[Sentence]] = {}
        for k, sentences in runs:
            if k not in merged:
                merged[k] = sentences
        for k, sentences in merged.items():
            stop = sentences[-1].end
            if stop == head.end:
                stop = end
            one = self._candidate(k, sentences[0].start, stop, rule, head, label=label, lead_in=lead_in)
            if one:
                yield one

    # --- tables --------------------------------------------------------------------------------------------------

    def _read_table(self, passage: Passage, i: int) -> Iterator[Candidate]:
        """Read a table with a column that is headed as a kind of statement, or one in such a section."""
        rows = passage.block.rows
        yield from self._read_labelled_cells(passage)
        if len(rows) < 2:
            return
        header = [self._text(a, b).strip() for a, b in rows[0]]
        for kind, words in self.lexicon.text.labels.items():
            column = next((c for c, title in enumerate(header) if _names_kind(title, words)), None)
            if column is not None:
                yield from self._read_column(passage, kind, column)
                return
        column = self._calling_column(passage, i)
        if column is not None:
            yield from self._read_column(passage, "recommendation", column)

    def _read_column(self, passage: Passage, kind: StatementKind, column: int) -> Iterator[Candidate]:
        """Read the cells of one column below its head; a cell that spans several rows counts once."""
        seen: set[str] = set()
        for row in passage.block.rows[1:]:
            if column >= len(row) or self._text(*row[column]).strip() in seen:
                continue
            seen.add(self._text(*row[column]).strip())
            others = [self._text(a, b).strip() for c, (a, b) in enumerate(row) if c != column]
            label = next((o for o in others if re.fullmatch(r"[A-Z]{0,3}[-. ]?\d[\d.]*[a-z]?", o)), None)
            lead_in = " | ".join(o for o in others if o != label)
            one = self._candidate(kind, *row[column], "table in section", passage, label=label, lead_in=lead_in)
            if one and self._words(one.start, one.end) >= 4:
                yield one

    def _calling_column(self, passage: Passage, i: int) -> int | None:
        """Return the column of a table of recommendations in which most cells call for action, None without one.

        A table is one of recommendations by its section or by the sentence that announces it.
        """
        before = self._lead_in_before(i)
        if "recommendation" not in (*self._announced(before), *self._titled_kinds(passage)):
            return None
        rows = passage.block.rows[1:]
        calling: Counter[int] = Counter()
        for row in rows:
            for column, (start, end) in enumerate(row):
                if end > start and self._calls(self._cell_passage(passage, start, end).sentences[:1]):
                    calling[column] += 1
        best = max(calling, key=lambda c: calling[c], default=None)
        return best if best is not None and calling[best] * 2 > len(rows) else None

    def _titled_kinds(self, passage: Passage) -> list[StatementKind]:
        titled = self.outline.titled[passage.section] if passage.section is not None else frozenset()
        return [kind for role, kind in KIND_OF_ROLE.items() if role in titled]

    def _read_labelled_cells(self, passage: Passage) -> Iterator[Candidate]:
        """Read the cells that begin with a label and a colon ("Recommendation: …"), as forms per finding have them."""
        for row in passage.block.rows:
            for column, (start, end) in enumerate(row):
                match = self._label.match(self._text(start, end))
                if not match:
                    continue
                kind: StatementKind = next(k for k in KIND_OF_ROLE.values() if match.group(k))
                number = match.group("number")
                label = f"{match.group(kind)} {number}" if number else None
                begin = start + match.end()
                if begin >= end and column == 0 and len(row) == 2:
                    begin, end = row[1]  # a form: "Finding | …"
                elif match.group("colon") != ":":
                    continue
                stop = self._labelled_end(self._cell_passage(passage, begin, end), begin, explains=kind == "finding")
                one = self._candidate(kind, begin, min(stop, end), "label", passage, label=label)
                if one:
                    yield one

    def _cell_passage(self, passage: Passage, start: int, end: int) -> Passage:
        (sentences,) = self.lexicon.pipeline().read_sentences([self._text(start, end)])
        block = replace(passage.block, start=start, end=end, body_start=start, rows=(), styles=())
        return Passage(block, passage.section, passage.roles, tuple(s.moved(start) for s in sentences))

    # --- prose ---------------------------------------------------------------------------------------------------

    def _read_paragraph(self, i: int) -> Iterator[Candidate]:
        passage = self.passages[i]
        kinds = self._kinds(passage)
        follows_list = i + 1 < len(self.passages) and self.passages[i + 1].is_item
        section = passage.section
        long = self._is_long(passage)
        listed = section in self._listed
        if not kinds or self.report_kind == "letter":
            yield from self._cue_sentences(passage)
            return
        bold = bold_lead(passage, passage.start, self.document)
        meant = self.outline.is_meant(section)
        if bold and not long and not meant:
            one = self._candidate(
                self._choose(kinds, passage.sentences), passage.start, bold, "lead sentence in section", passage
            )
            if one and self._words(one.start, one.end) >= 6:
                yield one
                return
        called = False
        for s in passage.sentences:
            text = self._text(s.start, s.end).rstrip()
            if (text.endswith(":") and follows_list) or s.has("lead") or self._is_cited(s):
                continue
            if called and self._refers_back(s):
                continue  # "This unit should …" describes what was called for
            kind = self._choose(kinds, (s,))
            if kind == "recommendation" and s.has("conclude") and not s.has("recommend", "imperative"):
                kind = "conclusion"  # "The committee judges that …", also among recommendations
            if s.has(CUE_OF_KIND[kind]):
                rule = "cue in section"
            elif long or (listed and kind != "conclusion"):
                continue
            elif kind == "recommendation" and (s.has("ought", "imperative")):
                rule = "call in section"
            elif kinds == ["conclusion"] and not listed and not meant:
                rule = "sentence in section"
            else:
                continue
            one = self._candidate(kind, s.start, s.end, rule, passage, lead_in=self._heading_of(passage))
            if one and self._words(one.start, one.end) >= 5:
                called = kind == "recommendation"
                yield one

    def _refers_back(self, sentence: Sentence) -> bool:
        """Whether a sentence begins with a word for what was just said, and says nothing outright itself."""
        first = self._text(sentence.start, sentence.end).split(maxsplit=1)[0].strip(",.;:").lower()
        return first in self.lexicon.text.back_references and not sentence.has("recommend")

    def _heading_of(self, passage: Passage) -> str:
        return self.outline.sections[passage.section].title if passage.section is not None else ""

    def _cue_sentences(self, passage: Passage, *, label: str | None = None) -> Iterator[Candidate]:
        """Find the sentences that are statements by their own words, wherever they stand.

        Neighbouring sentences of one numbered paragraph that say the same kind of thing are one statement.
        """
        if self.report_kind in ("letter", "news") and not self._kinds(passage):
            return
        if passage.roles & {"annex", "response", "method"} and not self._kinds(passage):
            return
        spoken: list[tuple[StatementKind, Sentence]] = []
        advised: list[Sentence] = []
        for s in passage.sentences:
            kind: StatementKind = "recommendation" if s.has("recommend") else "conclusion"
            ends_open = self._text(s.start, s.end).rstrip().endswith(":")
            if self._is_cited(s) or ends_open or s.has("lead"):
                continue
            speaking = next(
                (k for k, regex in self._speaking.items() if regex.search(self._text(s.start, s.end))), None
            )
            if s.has(CUE_OF_KIND[kind]) or speaking:
                spoken.append((kind if s.has(CUE_OF_KIND[kind]) else speaking or kind, s))
            elif s.has("must") and not passage.roles & NARRATIVE:
                advised.append(s)
        while spoken:
            kind, first = spoken.pop(0)
            end = first.end
            while label and spoken and spoken[0][0] == kind and spoken[0][1].start <= end + 3:
                end = spoken.pop(0)[1].end
            one = self._candidate(
                kind, first.start, end, "cue", passage, label=label, lead_in=self._heading_of(passage)
            )
            if one and self._words(one.start, one.end) >= 6:
                yield one
        for s in advised:
            if self._refers_back(s):
                continue
            one = self._candidate(
                "recommendation",
                s.start,
                s.end,
                "call in advice" if self.report_kind == "advice" else "call in text",
                passage,
                lead_in=self._heading_of(passage),
            )
            if one and self._words(one.start, one.end) >= 6:
                yield one

    def _bodies_ought(self, sentences: Sequence[Sentence]) -> bool:
        """Whether a sentence begins with a body that should do something ("The Department should …")."""
        return any(self._body_ought.match(self._text(s.start, s.end)) for s in sentences if not self._refers_back(s))

    def _is_cited(self, sentence: Sentence) -> bool:
        return sentence.has("cited")

    def _calls(self, sentences: Sequence[Sentence]) -> bool:
        return any(s.has("recommend", "ought", "imperative") for s in sentences)

    def _speaks(self, sentence: Sentence, kind: StatementKind) -> bool:
        if kind == "recommendation":
            return sentence.has("recommend", "ought", "imperative")
        return sentence.has(CUE_OF_KIND[kind])

    def _choose(self, kinds: Sequence[StatementKind], sentences: Sequence[Sentence]) -> StatementKind:
        """Return the kind among `kinds` that the sentences speak for; a call for action decides for recommendation."""
        if len(kinds) == 1:
            outright = bool(sentences) and all(s.has("recommend") and not self._is_cited(s) for s in sentences)
            return "recommendation" if outright else kinds[0]
        if "recommendation" in kinds:
            if any(s.has("recommend", "imperative") for s in sentences):
                return "recommendation"
            if self._is_explicit and not self._bodies_ought(sentences):
                return next(k for k in kinds if k != "recommendation")
            others = [k for k in kinds if k != "recommendation"]
            if not any(s.has(*(CUE_OF_KIND[k] for k in others)) for s in sentences) and any(
                s.has("ought") for s in sentences
            ):
                return "recommendation"
            return others[0]
        return next((k for k in kinds if any(s.has(CUE_OF_KIND[k]) for s in sentences)), kinds[0])


def _find_body_size(passages: Sequence[Passage]) -> float:
    """Return the font size in which most of the text is set, 0 for formats without fonts."""
    sizes: Counter[float] = Counter()
    for p in passages:
        if p.block.kind in ("paragraph", "list_item"):
            sizes[p.block.font_size] += p.end - p.start
    return sizes.most_common(1)[0][0] if sizes else 0.0


def label_regex(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what matches a printed label ("Aanbeveling 3:") at the beginning of a block, with one group per kind."""
    words = []
    for kind in KIND_OF_ROLE.values():
        forms = "|".join(re.escape(w) for w in sorted(lexicon.text.labels.get(kind, []), key=len, reverse=True))
        words.append(rf"(?P<{kind}>{forms or '(?!)'})")
    number = (
        r"(?:(?:no|nr)\.?\s*)?(?P<number>(?:[A-Z]{1,2}[-–. ]?)?\d+(?:[.\-–/]\d+)*(?:\s?\(?[a-z]\)?(?=[\s:.)–-]|$))?"
        r"|[A-Z](?=[\s:.)]|$)|[ivx]{1,4}(?=[\s:.)]|$))"
    )
    return re.compile(rf"^\W*(?:{'|'.join(words)})(?!\w)(?:\s+{number})?\s*(?P<colon>[:.–—\-|)]|$)?\s*", re.IGNORECASE)


def speaking_regexes(publisher: str | None, lexicon: Lexicon) -> dict[StatementKind, re.Pattern[str]]:
    """Return what matches sentences in which the publisher itself recommends or concludes; empty without one."""
    names = {publisher, *re.findall(r"\b[A-Z]{3,}\b", publisher)} if publisher else set()
    return {
        kind: phrase_regex(
            tuple(p for n in sorted(names) for v in verbs for p in (f"{n.lower()} .. {v}", f"{v} {n.lower()}"))
        )
        for kind, verbs in lexicon.text.verbs.items()
        if names
    }


def body_ought_regex(lexicon: Lexicon) -> re.Pattern[str]:
    """Return what matches a sentence that begins with a body and what it ought to do, at most a clause between."""
    table = lexicon.addressees
    bodies = "|".join(re.escape(b).replace(r"\*", r"[\w’'-]*") for b in table.bodies)
    verbs = "|".join(re.escape(v) for v in table.verbs)
    return re.compile(
        rf"^(?:[^.;:]{{0,60}},\s)?\W*(?:\w+\s+){{0,3}}(?:{bodies})(?!\w)[^.;:]{{0,120}}?\b(?:{verbs})\b", re.IGNORECASE
    )


def _bare_marker(marker: str | None) -> str | None:
    """Return the number or letter of a printed marker, None for a bullet."""
    if not marker:
        return None
    bare = re.sub(r"[^\w.()]+", "", marker).strip(".()")
    return bare if bare and bare != "o" and any(c.isalnum() for c in bare) else None


def _is_plain(passage: Passage) -> bool:
    """Whether a list item has a bullet, and neither a number nor a letter."""
    return _bare_marker(passage.block.marker) is None


def find_identifier(title: str) -> str | None:
    """Return the identifier that a heading gives to what it describes ("4.2 ABC-013 — Open door"), None without one."""
    match = re.match(r"[\d.\s]*\b([A-Z]{2,6}-\d{1,4})\b", title)
    return match.group(1) if match else None


def _names_kind(title: str, words: Sequence[str]) -> bool:
    lowered = title.lower()
    return len(lowered.split()) <= 4 and any(
        re.search(rf"(?<!\w){re.escape(w)}(?:en|s)?(?!\w)", lowered) for w in words
    )


def _is_quoted(text: str) -> bool:
    """Whether a text stands, or begins or ends, inside quotation marks: then somebody else is speaking."""
    opened, closed = text.count("“") + text.count("„"), text.count("”")
    whole = text[0] in '"“„' and text.rstrip(".;, ")[-1] in '"”'
    return closed > opened or whole or (text[0] in "“„" and opened > closed)


def is_bold(passage: Passage) -> bool:
    """Whether the whole text of a block, but for its marker, is bold."""
    runs = [run for run in passage.block.styles if run.end > passage.start]
    return all(run.is_bold for run in runs) if runs else passage.block.is_bold


def bold_lead(passage: Passage, start: int, document: Document) -> int | None:
    """Return where the bold lead of a block ends, None when the block has none or is bold as a whole."""
    runs: tuple[StyleRun, ...] = passage.block.styles
    bold_end = None
    for run in runs:
        if run.end <= start:
            continue
        if run.is_bold and (run.start <= start + 2 or bold_end == run.start or bold_end == run.start - 1):
            bold_end = run.end
        else:
            break
    if bold_end is None or bold_end >= passage.end - 3:
        return None
    lead = document.text[start:bold_end].strip()
    if len(lead.split()) < 5:
        return None
    if lead[-1] not in ".!?:;" and document.text[bold_end : bold_end + 40].lstrip()[:1].islower():
        # The bold stops in the middle of a sentence: the sentence is the lead.
        return next((s.end for s in passage.sentences if s.start <= start + 2 and s.end >= bold_end), None)
    return bold_end
