"""Addressees: who must act, as printed in the statement, its heading or its lead-in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.bodies import Body, BodyFinder, alternatives
from extractors.calls import MAX_WORDS, CallReader
from extractors.gazetteer import Gazetteer
from extractors.lexicon import AddresseeTable, Lexicon, phrase_regex
from extractors.records import Addressee

PREFIX_WORDS = 6
"""A heading has no more words before "to the minister" ("Key recommendations to …")."""


class AddresseeFinder:
    """Finds addressees by the tables of one language, and the parties that they are.

    Args:
        lexicon: of the language of the report.
        gazetteer: the parties.
        region: the region of the report, which decides between parties that share a name; None if unknown.
        publisher: of the report, which addresses nobody but others; empty if unknown.
        text: the whole report, where the full name behind "the Department" is looked up.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        gazetteer: Gazetteer,
        *,
        region: str | None = None,
        publisher: str = "",
        text: str = "",
    ) -> None:
        table = lexicon.addressees
        self.table: AddresseeTable = table
        self._bodies = BodyFinder(table, gazetteer, region=region, text=text)
        self._calls = CallReader(lexicon, self._bodies, publisher=publisher)
        ands, lead_ins = alternatives(table.ands), alternatives(table.lead_ins)
        number = r"^\W*(?:\d[\d.]*\s+)?(?:[a-zA-Z\d][.)]\s+)?"
        self._lead_in = re.compile(
            rf"{number}(?P<prefix>\w.{{0,60}}?\s+)??(?:{lead_ins})\s+(?P<body>.+?)\s*:?\s*$", re.IGNORECASE
        )
        self._prefix = phrase_regex(tuple(lexicon.sections.get("recommendations", ())))
        labels = alternatives(table.labels)
        self._label = re.compile(rf"(?<!\w)(?:{labels})\s*[:–]\s*(?P<body>[^.;|\n\])]+)", re.IGNORECASE)
        self._and = re.compile(rf"^(?:{ands}|{lead_ins})\s+", re.IGNORECASE)
        self._parting = re.compile(rf"\s*[,;]\s+|\s+(?:{ands})\s+(?:{lead_ins})\s+", re.IGNORECASE)
        self._purpose = re.compile(rf"\s+(?:{alternatives(table.purposes)})\b.*?(?=\s(?:{ands})\s|$)", re.IGNORECASE)
        next_one = rf"\s*,?\s(?:{ands})\s+(?:{lead_ins})\s|,\s+(?:{lead_ins})\s|$"
        self._consulted = re.compile(rf"[\s,]+(?:{alternatives(table.consulted)})\b.*?(?={next_one})", re.IGNORECASE)

    def find(
        self,
        text: str,
        *,
        lead_in: str = "",
        heading: str = "",
        address: str = "",
        before: Sequence[Addressee] = (),
        at: int = 0,
    ) -> tuple[Addressee, ...]:
        """Return who is addressed, nobody where the document names nobody.

        Args:
            text: the statement.
            lead_in: the text that announces it, or the other cells of its row in a table, parted by ``|``.
            heading: the titles of its section and of those above it, a line each, the nearest last.
            address: the line above it that only says to whom it goes ("To the Board and the Ministry"). Such a line is
                what the authors say of it themselves and goes before what the sentence names.
            before: who is addressed by the statement before it, whom "They should also …" means.
            at: where the statement stands in the report, for full names before it.
        """
        for found in (
            self._in_address(address),
            self._in_label(text),
            self._in_cells(lead_in, only_whole=True),
            self._calls.read(text),
        ):
            if found:
                return self._as_addressees(found, at)
        if before and self._calls.begins_with_pronoun(text):
            return tuple(before)
        for found in (
            self._in_lead_in(lead_in),
            self._in_cells(lead_in, only_whole=False),
            self._in_lead_in(heading),
        ):
            if found:
                return self._as_addressees(found, at)
        return ()

    def _as_addressees(self, bodies: Sequence[Body], at: int) -> tuple[Addressee, ...]:
        """Return each body once; one that is named again by its abbreviation is the same."""
        found: dict[str, Addressee] = {}
        for body in bodies:
            party = self._bodies.refer(body, at=at)
            if any(body.text.lower() in other for other in found) or self._calls.is_publisher(body):
                continue
            known = (party.party_id, party.name, party.kind) if party else ()
            found[body.text.lower()] = Addressee(body.text, *known)
        return tuple(found.values())

    # --- lines and cells that say to whom ---------------------------------------------------------------------------

    def _in_address(self, text: str) -> list[Body]:
        match = self._lead_in.match(text.strip()) if text else None
        if not match or match.group("prefix"):
            return []
        line = self._consulted.sub("", self._purpose.sub("", match.group("body")))
        found: list[Body] = []
        for part in self._parting.split(line):
            bare = self._and.sub("", part).strip(" ,;:.–-")
            bodies = self._bodies.find(bare)
            if bodies and self._bodies.is_all(bare, bodies):
                found += bodies
            elif bare:
                known = bodies[0].party if len(bodies) == 1 else None
                found.append(Body(bare, known, 0, len(bare)))
        return [body for body in found if body.text.lower() not in self.table.not_bodies]

    def _in_label(self, text: str) -> list[Body]:
        """Return the bodies behind a word such as "Responsible:" and those alone in brackets at the end."""
        for match in self._label.finditer(text):
            found = self._bodies.find(match.group("body"))
            if found:
                return found
        last = re.search(r"[(\[]([^()\[\]]+)[)\]][\s.]*$", text)
        known = self._bodies.find_known(last.group(1)) if last else []
        return known if last and self._bodies.is_all(last.group(1), known) else []

    def _in_cells(self, text: str, *, only_whole: bool) -> list[Body]:
        """Return the bodies of the cells that hold nothing else; unless `only_whole`, else those of all cells."""
        if "|" not in text:
            return []
        cells = [(cell, self._bodies.find(cell)) for cell in (c.strip() for c in text.split("|"))]
        whole = [body for cell, bodies in cells if self._bodies.is_all(cell, bodies) for body in bodies]
        return whole or ([] if only_whole else [body for _, bodies in cells for body in bodies])

    def _in_lead_in(self, text: str) -> list[Body]:
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        for line in reversed(lines):
            found = self._in_line(line, is_last=line is lines[-1])
            if found:
                return found
        return []

    def _in_line(self, line: str, *, is_last: bool) -> list[Body]:
        match = self._lead_in.match(line)
        if match and len(match.group("body").split()) <= MAX_WORDS:
            prefix = match.group("prefix") or ""
            if not prefix or (len(prefix.split()) <= PREFIX_WORDS and self._prefix.search(prefix)):
                found = self._bodies.find(match.group("body"))
                if found:
                    return found
        if not is_last:
            return []
        named = self._bodies.find(line) if len(line.split()) <= MAX_WORDS else []
        if named and all(body.party for body in named) and self._bodies.is_all(line, named):
            return named
        last = re.split(r"(?<=[.;])\s+", line)[-1]
        told = self._calls.read_told(last)[:3]
        return told or ((self._calls.read(last)[:3] or self._calls.read_named(last)) if line.endswith(":") else [])
