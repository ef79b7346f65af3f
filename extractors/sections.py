"""Sections: the headings of a document, their extent and the role that their title gives them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Document, Section, SectionRole

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

TITLE_WORDS = 14
"""A heading with more words is a sentence set as a heading: its words say nothing about the section's role."""


@dataclass(frozen=True, slots=True)
class Outline:
    """The sections of a document in order, with all roles of each (a title such as "Conclusies en aanbevelingen" has two)."""

    sections: tuple[Section, ...]
    roles: tuple[frozenset[SectionRole], ...]

    def index_at(self, offset: int) -> int | None:
        """Return the innermost section that holds `offset`, None before the first heading."""
        found = None
        for i, section in enumerate(self.sections):
            if section.start > offset:
                break
            if offset < section.end:
                found = i
        return found


def title_roles(title: str, lexicon: Lexicon) -> frozenset[SectionRole]:
    """Return the roles that the words of a title give; empty for a title that says nothing, or is a whole sentence."""
    bare = NUMBER.sub("", title)
    if len(bare.split()) > TITLE_WORDS:
        return frozenset()
    roles = set()
    for role, patterns in lexicon.sections.items():
        if phrase_regex(tuple(patterns)).search(bare):
            roles.add(role)
    return frozenset(roles)


def primary_role(roles: frozenset[SectionRole]) -> SectionRole:
    """Return the one role by which a section is filed: the first of `PRIORITY`, ``"other"`` without roles."""
    return next((role for role in PRIORITY if role in roles), "other")


def find_sections(document: Document, lexicon: Lexicon) -> Outline:
    """Return the outline of `document`: one section per heading, none for a document without headings.

    A section ends where the next heading of its level or a higher one begins. Roles come from the title; a section whose
    title says nothing has the roles of the section above it.
    """
    headings = [b for b in document.blocks if b.kind == "heading" and b.end > b.start]
    sections: list[Section] = []
    roles: list[frozenset[SectionRole]] = []
    stack: list[int] = []
    for i, block in enumerate(headings):
        level = max(1, block.level)
        end = next((h.start for h in headings[i + 1 :] if max(1, h.level) <= level), len(document.text))
        while stack and sections[stack[-1]].level >= level:
            stack.pop()
        printed = " ".join(document.text[block.start : block.end].split())
        number = NUMBER.match(printed)
        own = title_roles(printed, lexicon)
        if stack:
            above = roles[stack[-1]]
            if not own:
                own = above & STICKY
            else:
                own = own | (above & AMBIENT)
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
        stack.append(len(sections) - 1)
    return Outline(tuple(sections), tuple(roles))
