"""Finding statements in prose: by the section that a paragraph stands in, and anywhere by the words of a sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractors.emphasis import bold_lead
from extractors.finding_context import Context, kinds_of
from extractors.finding_drafts import Drafter
from extractors.finding_kinds import KindChooser
from extractors.kinds import CUE_OF_KIND
from extractors.lexicon import Lexicon, phrase_regex
from extractors.passages import Passage
from extractors.records import SectionRole, StatementKind
from extractors.rules import Candidate
from models.pipeline import Sentence

NARRATIVE: frozenset[SectionRole] = frozenset({"background", "method", "annex", "response", "summary"})
"""Roles of sections that call for nothing: they tell how things are, were done or were said."""

MUTE: frozenset[SectionRole] = frozenset({"annex", "response", "method"})
"""Roles of sections in which not even an outright sentence is a statement, unless it is also about statements."""

FEWEST_ITEMS = 3
"""So many items make a list that holds the statements of its section."""

LISTED_SHARE = 0.4
"""Such a list has more than this share of the words of its section."""

CUE_WORDS = 6
"""A sentence with fewer words states nothing outside a section of statements."""

SECTION_WORDS = 5
"""A sentence with fewer words states nothing in a section of statements either."""


class ProseReader:
    """Finds the sentences of paragraphs that are statements."""

    def __init__(self, context: Context, drafter: Drafter, chooser: KindChooser, *, publisher: str | None) -> None:
        self._context = context
        self._drafter = drafter
        self._chooser = chooser
        self._speaking = speaking_regexes(publisher, context.lexicon)
        self._listed = find_listed_sections(context)

    def read(self, i: int) -> Iterator[Candidate]:
        """Yield the statements of the paragraph at `i`: by its section where that is one of statements."""
        context = self._context
        passage = context.passages[i]
        kinds = kinds_of(passage)
        if not kinds or context.report_kind == "letter":
            yield from self.read_anywhere(passage)
            return
        argues = context.is_long(passage) or context.outline.is_meant(passage.section)
        bold = bold_lead(passage, passage.start, context.document)
        if bold and not argues:
            kind = self._chooser.choose(kinds, passage.sentences)
            lead = self._drafter.draft(
                kind, passage.start, bold, "lead sentence in section", passage, fewest_words=CUE_WORDS
            )
            if lead:
                yield from lead
                return
        follows_list = i + 1 < len(context.passages) and context.passages[i + 1].is_item
        called = False
        for s in passage.sentences:
            announces = follows_list and context.text(s.start, s.end).rstrip().endswith(":")
            if announces or s.has("lead") or s.has("cited"):
                continue
            if called and context.refers_back(s):
                continue  # "This unit should …" describes what was called for
            kind = self._chooser.choose(kinds, (s,))
            if kind == "recommendation" and s.has("conclude") and not s.has("recommend", "imperative"):
                kind = "conclusion"  # "The committee judges that …", also among recommendations
            rule = self._rule_in_section(passage, kinds, s, kind)
            if rule is None:
                continue
            lead_in = context.title_over(passage)
            found = self._drafter.draft(
                kind, s.start, s.end, rule, passage, lead_in=lead_in, fewest_words=SECTION_WORDS
            )
            if found:
                called = kind == "recommendation"
                yield from found

    def _rule_in_section(
        self, passage: Passage, kinds: Sequence[StatementKind], sentence: Sentence, kind: StatementKind
    ) -> str | None:
        """Return the rule by which a sentence in a section of statements is of `kind`, None when it only explains."""
        is_listed = passage.section in self._listed
        if sentence.has(CUE_OF_KIND[kind]):
            return "cue in section"
        if self._context.is_long(passage) or (is_listed and kind != "conclusion"):
            return None
        if kind == "recommendation" and sentence.has("ought", "imperative"):
            return "call in section"
        is_meant = self._context.outline.is_meant(passage.section)
        return "sentence in section" if kinds == ["conclusion"] and not is_listed and not is_meant else None

    def read_anywhere(self, passage: Passage, *, label: str | None = None) -> Iterator[Candidate]:
        """Yield the sentences that are statements by their own words, wherever they stand; then those of mere advice.

        Neighbouring sentences of one numbered paragraph (`label`) that say the same kind of thing are one statement.
        """
        context = self._context
        is_short = context.report_kind in ("letter", "news")
        if not kinds_of(passage) and (is_short or passage.roles & MUTE):
            return
        spoken: list[tuple[StatementKind, Sentence]] = []
        advised: list[Sentence] = []
        for s in passage.sentences:
            if s.has("cited") or s.has("lead") or context.text(s.start, s.end).rstrip().endswith(":"):
                continue
            said = self._said_kind(s)
            if said:
                spoken.append((said, s))
            elif s.has("must") and not passage.roles & NARRATIVE:
                advised.append(s)
        lead_in = context.title_over(passage)
        while spoken:
            kind, first = spoken.pop(0)
            end = first.end
            while label and spoken and spoken[0][0] == kind and spoken[0][1].start <= end + 3:
                end = spoken.pop(0)[1].end
            yield from self._drafter.draft(
                kind, first.start, end, "cue", passage, label=label, lead_in=lead_in, fewest_words=CUE_WORDS
            )
        rule = "call in advice" if context.report_kind == "advice" else "call in text"
        for s in advised:
            if not context.refers_back(s):
                yield from self._drafter.draft(
                    "recommendation", s.start, s.end, rule, passage, lead_in=lead_in, fewest_words=CUE_WORDS
                )

    def _said_kind(self, sentence: Sentence) -> StatementKind | None:
        """Return the kind of which a sentence is outright, or its publisher says in it that it is; else None."""
        if sentence.has(CUE_OF_KIND["recommendation"]):
            return "recommendation"
        if sentence.has(CUE_OF_KIND["conclusion"]):
            return "conclusion"
        text = self._context.text(sentence.start, sentence.end)
        return next((kind for kind, regex in self._speaking.items() if regex.search(text)), None)


def find_listed_sections(context: Context) -> set[int]:
    """Return the sections whose statements are the items of their lists: three or more, with much of the text."""
    items: dict[int, list[int]] = {}
    for p in context.passages:
        if p.is_item and p.section is not None:
            items.setdefault(p.section, []).append(context.words(p.start, p.end))
    return {
        section
        for section, words in items.items()
        if len(words) >= FEWEST_ITEMS and sum(words) > LISTED_SHARE * context.section_words[section]
    }


def speaking_regexes(publisher: str | None, lexicon: Lexicon) -> dict[StatementKind, re.Pattern[str]]:
    """Return what matches sentences in which the publisher itself recommends or concludes; empty without one."""
    if not publisher:
        return {}
    names = sorted({publisher, *re.findall(r"\b[A-Z]{3,}\b", publisher)})
    return {
        kind: phrase_regex(tuple(p for n in names for v in verbs for p in (f"{n.lower()} .. {v}", f"{v} {n.lower()}")))
        for kind, verbs in lexicon.text.verbs.items()
    }
