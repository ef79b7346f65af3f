"""Sections: the headings of a document, their extent and the role that their title gives them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from extractors.kinds import STATEMENT_ROLES
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Block, Document, Section, SectionRole

NUMBER = re.compile(r"^\s*((?:[A-Z]\.?)?\d+(?:[.\-–]\d+)*|[IVXLC]+|[A-Z])[.):]?\s+(?=\S)")

STICKY: Final[frozenset[SectionRole]] = frozenset(
    {
        "recommendations",
        "conclusions",
        "findings",
        "lessons",
        "response",
        "summary",
        "annex",
        "references",
        "contents",
        "method",
        "background",
    }
)
"""Roles that a section hands down to the sections below it that have none of their own."""

AMBIENT: Final[frozenset[SectionRole]] = frozenset({"summary", "annex", "references"})
"""Roles that hold for everything below, also where a title has a role of its own."""

PRIORITY: Final[tuple[SectionRole, ...]] = (
    "contents",
    "references",
    "recommendations",
    "lessons",
    "conclusions",
    "findings",
    "summary",
    "response",
    "method",
    "background",
    "annex",
)

LABEL_WORDS = 4
"""As many words may stand before the colon of a title that begins with a label."""

TITLE_WORDS = 14
"""A heading with more words is a sentence set as a heading: only its first words may say what the section is for."""

FIRST_WORDS = 3
"""So many first words of such a heading are read."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections in order, all roles of each ("Conclusies en aanbevelingen" has two), and its parent.

    `titled` has the roles that the title of a section itself gives, without those from the sections above.
    """

    sections: tuple[Section, ...]
    roles: tuple[frozenset[SectionRole], ...]
    parents: tuple[int | None, ...]
    titled: tuple[frozenset[SectionRole], ...]
    of_others: tuple[bool, ...] = ()
    """Whether the statements of a section are somebody else's or of an earlier report, by its title or one above."""

    meant: tuple[bool, ...] = ()
    """Whether a section has its role from the meaning of its title, or of one above: less sure than from its words."""

    _starts: tuple[int, ...] = field(init=False, repr=False, default=())

    def __post_init__(self) -> None:
        object.__setattr__(self, "_starts", tuple(section.start for section in self.sections))

    def title_of(self, index: int | None) -> str:
        """Return the title of a section, empty for the text before the first."""
        return self.sections[index].title if index is not None else ""

    def roles_of(self, index: int | None) -> frozenset[SectionRole]:
        """Return the roles of a section, none for the text before the first."""
        return self.roles[index] if index is not None else frozenset()

    def titled_of(self, index: int | None) -> frozenset[SectionRole]:
        """Return the roles that the title of a section itself gives, none for the text before the first."""
        return self.titled[index] if index is not None else frozenset()

    def around(self, index: int | None) -> Iterator[int]:
        """Yield a section and those around it, from the innermost out; nothing for the text before the first."""
        while index is not None:
            yield index
            index = self.parents[index]

    def is_meant(self, index: int | None) -> bool:
        """Whether the roles of a section, None for the text before the first, are by meaning only."""
        return index is not None and bool(self.meant) and self.meant[index]

    def speaks_for_others(self, index: int | None) -> bool:
        """Whether the statements of a section, None for the text before the first, are not those of the authors."""
        return index is not None and bool(self.of_others) and self.of_others[index]

    def chapter(self, index: int | None) -> int | None:
        """Return the outermost section around `index` below the title of the whole, None before the first heading."""
        while index is not None and (above := self.parents[index]) is not None and self.roles[above]:
            index = above
        return index

    def owner(self, index: int, roles: frozenset[SectionRole]) -> int:
        """Return the outermost section around `index` that has all of `roles`: the chapter that the role belongs to."""
        above = self.parents[index]
        while above is not None and roles and roles <= self.roles[above]:
            index, above = above, self.parents[above]
        return index

    def index_at(self, offset: int) -> int | None:
        """Return the innermost section that holds `offset`, None before the first heading."""
        last = bisect_right(self._starts, offset) - 1
        return next((i for i in self.around(last if last >= 0 else None) if offset < self.sections[i].end), None)


def title_roles(title: str, lexicon: Lexicon) -> frozenset[SectionRole]:
    """Return the roles that the words of a title give; empty for a title that says nothing, or is a whole sentence."""
    bare = NUMBER.sub("", title)
    before, colon, after = bare.partition(":")
    labels = tuple(word for words in lexicon.text.labels.values() for word in words)
    if colon and after and len(before.split()) <= LABEL_WORDS and phrase_regex(labels).search(before):
        bare = before  # "Recommendation 3: …" is about what follows the colon, and is a recommendation
    if len(bare.split()) > TITLE_WORDS:
        bare = " ".join(bare.split()[:FIRST_WORDS])  # "Safety issues that contributed to the accident and were …"
    roles: set[SectionRole] = set()
    for role, patterns in lexicon.sections.items():
        if role != "void" and phrase_regex(tuple(patterns)).search(bare):
            roles.add(role)
    if is_of_others(title, lexicon):
        roles -= STATEMENT_ROLES
        roles.add("background")
    return frozenset(roles)


def is_of_others(title: str, lexicon: Lexicon) -> bool:
    """Whether a title says that the statements below it are somebody else's, or of an earlier report."""
    return bool(phrase_regex(tuple(lexicon.sections.get("void", ()))).search(NUMBER.sub("", title)))


def names_addressee(title: str, lexicon: Lexicon) -> bool:
    """Whether a heading only says to whom the statements below it are addressed ("Aan de minister van …")."""
    table = lexicon.addressees
    bodies = phrase_regex(tuple(body.lower() for body in table.bodies))
    first = phrase_regex(tuple(f"^ {word}" for word in table.lead_ins if word.isalpha()))
    return bool(first.match(title) and bodies.search(title))


def primary_role(roles: frozenset[SectionRole]) -> SectionRole:
    """Return the one role by which a section is filed: the first of `PRIORITY`, ``"other"`` without roles."""
    return next((role for role in PRIORITY if role in roles), "other")


def unnamed_titles(document: Document, lexicon: Lexicon) -> list[str]:
    """Return the titles whose words say nothing about what their section is for, without their numbers, each once."""
    printed = (" ".join(document.text[b.start : b.end].split()) for b in document.blocks if b.kind == "heading")
    titles = dict.fromkeys(bare_title(title) for title in printed if _is_unnamed(title, lexicon))
    return [title for title in titles if title]


def bare_title(title: str) -> str:
    """Return a title without its printed number."""
    return NUMBER.sub("", title).strip()


def _is_unnamed(title: str, lexicon: Lexicon) -> bool:
    is_short = len(bare_title(title).split()) <= TITLE_WORDS
    return is_short and not title_roles(title, lexicon) and not names_addressee(title, lexicon)


def find_sections(
    document: Document, lexicon: Lexicon, meant: Mapping[str, SectionRole] = MappingProxyType({})
) -> Outline:
    """Return the outline of `document`: one section per heading, none for a document without headings.

    A section ends where the next heading of its level or a higher one begins. Roles come from the title; a section
    whose title says nothing has the roles of the section above it, unless that spans most of the document: then its
    heading is the title of the whole.

    Args:
        document: as a reader gives it.
        lexicon: of its language.
        meant: roles of titles by their meaning, keyed by the title without its number; used where words give none.
    """
    headings = [b for b in document.blocks if b.kind == "heading" and b.end > b.start]
    levels = _levels(document, headings, lexicon)
    sections: list[Section] = []
    roles: list[frozenset[SectionRole]] = []
    parents: list[int | None] = []
    titled: list[frozenset[SectionRole]] = []
    of_others: list[bool] = []
    by_meaning: list[bool] = []
    stack: list[int] = []
    for i, block in enumerate(headings):
        level = levels[i]
        end = next((headings[j].start for j in range(i + 1, len(headings)) if levels[j] <= level), len(document.text))
        while stack and sections[stack[-1]].level >= level:
            stack.pop()
        printed = " ".join(document.text[block.start : block.end].split())
        number = NUMBER.match(printed)
        own = title_roles(printed, lexicon)
        if not own and _is_unnamed(printed, lexicon) and bare_title(printed) in meant:
            own = frozenset({meant[bare_title(printed)]})
            by_meaning.append(True)
        else:
            by_meaning.append(False)
        titled.append(own)
        of_others.append(is_of_others(printed, lexicon))
        if stack:
            over = sections[stack[-1]]
            wide = len(headings) > 3 and over.end - over.start > 0.6 * len(document.text)
            above = frozenset() if wide else roles[stack[-1]]
            by_meaning[-1] = by_meaning[-1] or (by_meaning[stack[-1]] and not own and not wide)
            of_others[-1] = of_others[-1] or (of_others[stack[-1]] and not wide and not own & STATEMENT_ROLES)
            if own == {"method"}:
                own = own | (above & STATEMENT_ROLES)  # "Method" in a chapter of conclusions is what they are about
            own = own | (above & AMBIENT) if own else above & STICKY
        sections.append(
            Section(
                title=printed,
                level=level,
                role=primary_role(own),
                start=block.start,
                end=end,
                page=block.page,
                number=number.group(1) if number else None,
                path=tuple(sections[s].title for s in stack),
            )
        )
        roles.append(own)
        parents.append(stack[-1] if stack else None)
        stack.append(len(sections) - 1)
    return Outline(tuple(sections), tuple(roles), tuple(parents), tuple(titled), tuple(of_others), tuple(by_meaning))


def _numbers(title: str) -> tuple[int, ...]:
    """Return the parts of the printed number of a heading ("3.2" is (3, 2)), empty without one."""
    match = re.match(r"\s*(\d{1,2}(?:\.\d{1,2})*)\.?\s+\D", title)
    return tuple(int(part) for part in match.group(1).split(".")) if match else ()


def _levels(document: Document, headings: list[Block], lexicon: Lexicon) -> list[int]:
    """Return the level of each heading; one that names an addressee stands below the heading before it."""
    levels: list[int] = []
    anchor = 1
    last: dict[tuple[int, ...], tuple[int, int]] = {}
    for block in headings:
        level = max(1, block.level)
        numbers = _numbers(document.text[block.start : block.end])
        if numbers:
            # "3" after "2" is its sibling, whatever it looks like.
            before = last.get(numbers[:-1])
            if before and before[0] + 1 == numbers[-1]:
                level = before[1]
            last[numbers[:-1]] = (numbers[-1], level)
            for prefix in [p for p in last if len(p) >= len(numbers) and p[: len(numbers)] != numbers]:
                del last[prefix]
        if levels and names_addressee(document.text[block.start : block.end], lexicon):
            levels.append(max(level, anchor + 1))
            continue
        anchor = level
        levels.append(level)
    return levels
