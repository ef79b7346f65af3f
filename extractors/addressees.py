"""Addressees: who must act, as printed in the statement, its heading or its lead-in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.bodies import Body, BodyFinder, alternatives, whole_words
from extractors.gazetteer import Gazetteer
from extractors.lexicon import AddresseeTable, Lexicon, phrase_regex
from extractors.records import Addressee

MAX_WORDS = 16
"""As many words may stand before the verb of a call for its subject to be looked for among them."""

MOST_SENTENCES = 24
"""So many sentences and items of a statement are asked for who acts."""

FEW_WORDS = 7
"""Behind no more words stands the "that" of "recommend", or who is told to act ("that, at the earliest moment, …")."""

REACH = 240
"""So many characters of a clause are searched for bodies."""

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
        self.table: AddresseeTable = lexicon.addressees
        self._publisher = frozenset(re.findall(r"\w+", publisher.lower()))
        self._bodies = BodyFinder(self.table, gazetteer, region=region, text=text)
        table = self.table
        self._verb = whole_words(table.verbs)
        self._agent = whole_words(table.agents)
        self._beside = whole_words(table.beside)
        self._together = re.compile(
            rf"[\s,]*(?:{alternatives(table.together)})\W+(?:{alternatives(table.articles)})?\s*", re.I
        )
        self._that = whole_words(table.that)
        self._says = re.compile(rf"(?<!\w)(?:{alternatives(table.says)})[\s,]+(?:{alternatives(table.that)})\s+", re.I)
        self._worth = re.compile(rf"(?<!\w)(?:{alternatives(table.worth)})\s+(?:{alternatives(table.that)})\s+", re.I)
        self._undergone = phrase_regex(tuple(table.undergone))
        self._told = phrase_regex(tuple(table.told))
        self._pronoun = re.compile(rf"(?:^|[\s,])(?:{alternatives(table.pronouns)})\s*$", re.I)
        lead_ins = alternatives(table.lead_ins)
        self._lead_in = re.compile(
            rf"^\W*(?:\d[\d.]*\s+)?(?:[a-zA-Z\d][.)]\s+)?(?P<prefix>\w.{{0,60}}?\s+)??(?:{lead_ins})\s+(?P<body>.+?)\s*:?\s*$",
            re.I,
        )
        self._prefix = phrase_regex(tuple(lexicon.sections.get("recommendations", ())))
        self._label = re.compile(rf"(?<!\w)(?:{alternatives(table.labels)})\s*[:–]\s*(?P<body>[^.;|\n\])]+)", re.I)
        ands = alternatives(table.ands)
        self._and = re.compile(rf"^(?:{ands}|{lead_ins})\s+", re.I)
        self._parting = re.compile(rf"\s*[,;]\s+|\s+(?:{ands})\s+(?:{lead_ins})\s+", re.I)
        self._purpose = re.compile(rf"\s+(?:{alternatives(table.purposes)})\b.*?(?=\s(?:{ands})\s|$)", re.I)
        self._consulted = re.compile(
            rf"[\s,]+(?:{alternatives(table.consulted)})\b.*?(?=\s*,?\s(?:{ands})\s+(?:{lead_ins})\s|,\s+(?:{lead_ins})\s|$)",
            re.I,
        )
        self._between = [
            (
                re.compile(rf"(?<!\w)(?:{first})(?!\w)", re.I),
                re.compile(rf"(?<!\w)(?:{second})(?!\w)" if second else "", re.I),
            )
            for first, second in table.between
        ]
        self._unspoken = frozenset((*table.ands, *table.infinitive, *table.pronouns, ","))
        self._small = frozenset((*table.stop_words, *table.lead_ins, *table.articles, *table.authors))
        first_words = [w for cue in lexicon.cues.imperative for w in cue.lstrip("^ ").split()[0].split("|")]
        self._imperatives = frozenset(first_words)

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
            self._in_sentences(text),
        ):
            if found:
                return self._as_addressees(found, at)
        if before and self._begins_with_pronoun(text):
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
            if any(body.text.lower() in known for known in found) or self._is_publisher(body):
                continue
            found[body.text.lower()] = Addressee(
                body.text, party.party_id if party else None, party.name if party else None
            )
        return tuple(found.values())

    def _is_publisher(self, body: Body) -> bool:
        """Whether a body is named by words of the publisher's own name ("the Commission")."""
        words = [w for w in re.findall(r"\w+", body.text.lower()) if w not in self.table.articles]
        return bool(words) and self._publisher.issuperset(words)

    def _is_author(self, body: Body) -> bool:
        """Whether a body is likely the one that is speaking."""
        words = [w for w in body.text.lower().split() if w not in self.table.articles]
        return " ".join(words) in self.table.authors or self._is_publisher(body)

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
        told = self._told_in(last)[:3]
        return told or ((self._in_sentences(last)[:3] or self._spoken_to(last)) if line.endswith(":") else [])

    def _spoken_to(self, text: str) -> list[Body]:
        """Return the known parties behind "for" or "to", else all but those behind other prepositions."""
        to: list[Body] = []
        others: list[Body] = []
        end = 0
        for body in self._bodies.find_known(text):
            if self._is_author(body) or self._says.match(text[body.end :].lstrip()):
                end = body.end
                continue
            before = [w for w in text[end : body.start].lower().split() if w not in self.table.articles][-1:]
            if before and before[0] in self.table.lead_ins:
                to.append(body)
            elif not before or not self._beside.search(before[0]):
                others.append(body)
            end = body.end
        return to or others

    # --- sentences ----------------------------------------------------------------------------------------------------

    def _in_sentences(self, text: str) -> list[Body]:
        """Return the subjects of the calls in a statement, in order; without calls those that it begins with."""
        sentences = re.split(r"(?<=[.;:])\s+(?=[A-Z(•])|\n\s*\n", text)[:MOST_SENTENCES]
        called, colon, _ = text.partition(":")
        named = self._bodies.find(called) if colon and len(called.split()) <= MAX_WORDS else []
        if named and self._bodies.is_all(called, named):
            return named  # "Gemeente X: herstel de kade."
        first = re.match(r"\W*([\w’'-]+)", text)
        is_told = first is not None and first.group(1).lower() in self._imperatives
        found = [body for sentence in sentences for body in self._subject(sentence, with_agent=not is_told)]
        return found or self._leading(sentences[0])

    def _begins_with_pronoun(self, text: str) -> bool:
        verb = self._verb.search(text)
        return bool(verb and self._pronoun.fullmatch(text[: verb.start()].strip()))

    def _subject(self, sentence: str, *, with_agent: bool) -> list[Body]:
        """Return who acts by a sentence; where the reader is told to act, "by X" is only part of the explanation."""
        told = self._told_in(sentence)
        if told:
            return told
        words = re.findall(r"[\w’'-]+", sentence)
        verb = self._verb.search(sentence)
        if not words or not verb or words[0].lower() in self._imperatives or words[0].lower() in self.table.pronouns:
            return []
        rest = sentence[verb.end() :]
        if not self._is_undergone(rest):
            found = self._before_verb(sentence[: verb.start()])
            if found:
                return found
            after = self._bodies.find(rest[:REACH])
            if after and not rest[: after[0].start].strip():
                return self._run(rest[:REACH], after)
        agent = self._agent.search(rest) if with_agent else None
        return self._subjects(rest[agent.end() :][:REACH]) if agent else []

    def _before_verb(self, clause: str) -> list[Body]:
        """Return the subject of a verb from the clause before it, also where "it" stands for one named there."""
        if self._pronoun.search(clause):
            return self._subjects(clause)[:1]
        says = max(self._says.finditer(clause), key=re.Match.end, default=None)
        that = self._that.match(clause)
        start = says.end() if says else that.end() if that else 0
        clause = clause[start:]
        if len(clause.split()) <= MAX_WORDS:
            return self._subjects(clause)
        bodies = self._bodies.find(clause)
        return self._run(clause, bodies) if bodies and not clause[: bodies[0].start].strip() else []

    def _told_in(self, sentence: str) -> list[Body]:
        """Return whom the authors tell to act ("We recommend that X …", "X wordt geadviseerd om …")."""
        passive = self._told.search(sentence)
        if passive and len(sentence[: passive.start()].split()) <= MAX_WORDS:
            found = self._subjects(sentence[: passive.start()])
            if found:
                return found
        for worth in self._worth.finditer(sentence):
            found = self._near(sentence[worth.end() :])
            if found:
                return found
        for first, second in self._between:
            match = first.search(sentence)
            if not match or not self._is_spoken(sentence, match):
                continue
            rest = sentence[match.end() :]
            end = second.search(rest)
            that = self._that.search(" ".join(rest.split()[:FEW_WORDS]))
            found = (
                self._near(rest, stop=end.start(), is_object=True)
                if end and (match.start() or " " in match.group(0))
                else []
            )
            if not found and that:
                found = self._near(" ".join(rest.split())[that.end() :])
            if not found and end and self._pronoun.search(rest[: end.start()] or " ".join(rest.split()[:1])):
                found = self._subjects(sentence[: match.start()])[:1]
            if found:
                return found
        return []

    def _is_spoken(self, sentence: str, match: re.Match[str]) -> bool:
        """Whether the authors recommend there, and not those who are called upon ("The board should urge …")."""
        verbs = list(self._verb.finditer(sentence, 0, match.start()))
        before = re.findall(r"[\w’'-]+|,", sentence[verbs[-1].end() if verbs else 0 : match.start()].lower())
        if any(word in self.table.authors for word in before[-4:]):
            return True
        if verbs or (before and (before[0] in self._imperatives or before[-1] in self._unspoken)):
            return False
        return bool(before) or match.group(0).lower() not in self._imperatives

    def _near(self, rest: str, *, stop: int | None = None, is_object: bool = False) -> list[Body]:
        """Return the bodies at the beginning of what follows a word that tells somebody to act.

        Args:
            rest: what follows.
            stop: they stand before it, 0 for anywhere.
            is_object: whether they follow the word itself ("we urge the board to …"), so that only small words and the
                authors may stand between.
        """
        bodies = [body for body in self._bodies.find(rest[:REACH]) if not self._is_author(body)]
        if not bodies or (stop and bodies[0].start >= stop):
            return []
        before = rest[: bodies[0].start].lower()
        words = re.findall(r"[\w’'-]+", before)
        ends_aside = before.rstrip().endswith(",") and not is_object
        if len(words) > (MAX_WORDS if ends_aside else FEW_WORDS) or self._is_beside(before, is_near=True):
            return []
        is_aside = ends_aside or (bool(words) and self._beside.fullmatch(words[0]) is not None)
        if any(word not in self._small for word in words) and (is_object or not is_aside):
            return []
        run = self._run(rest[:REACH], bodies)
        return [] if self._is_undergone(rest[run[-1].end :]) else run

    def _leading(self, sentence: str) -> list[Body]:
        """Return the bodies that a sentence begins with and goes on about what they do ("NHS bodies to report …")."""
        words = sentence.split(maxsplit=1)
        that = self._that.match(sentence)
        start = that.end() if that else 0
        bodies = self._bodies.find(sentence[start : start + REACH])
        if not bodies or sentence[start : start + bodies[0].start].strip() or words[0].lower() in self._imperatives:
            return []
        if self._is_author(bodies[0]) or not (bodies[0].party or self._bodies.has_article(bodies[0].text)):
            return []
        run = self._run(sentence[start : start + REACH], bodies)
        rest = sentence[start + run[-1].end :]
        following = rest.split(maxsplit=1)[:1]
        if not following or not following[0].isalpha() or not following[0].islower():
            return []
        if self._says.search(" ".join(sentence.split()[:MAX_WORDS])):
            return []
        if any(first.match(rest.lstrip()) for first, _ in self._between):
            return []
        is_stopped = self._beside.fullmatch(following[0]) and following[0] not in self.table.infinitive
        return [] if is_stopped or self._is_undergone(rest) else run

    def _subjects(self, clause: str) -> list[Body]:
        """Return the bodies that act in a clause: not those after a preposition, or beside which another acts."""
        bodies = self._bodies.find(clause)
        end = 0
        while bodies and self._is_beside(clause[end : bodies[0].start], is_near=end == 0):
            end = bodies[0].end
            bodies = bodies[1:]
        return self._run(clause, bodies) if bodies else []

    def _is_undergone(self, rest: str) -> bool:
        """Whether what follows a verb says that something happens to its subject ("should be consulted")."""
        return self._undergone.search(re.split(r"[,;.]", rest)[0]) is not None

    def _is_beside(self, before: str, *, is_near: bool) -> bool:
        """Whether a body stands behind a preposition; "to" at the very beginning (`is_near`) only addresses it."""
        last = before.split()[-1:]
        if not last or not self._beside.search(last[0]):
            return False
        return not (is_near and last[0].lower() in self.table.lead_ins and len(before.split()) == 1)

    def _run(self, clause: str, bodies: Sequence[Body]) -> list[Body]:
        """Return the first body and those that are joined to it."""
        run = [bodies[0]]
        for body in bodies[1:]:
            between = clause[run[-1].end : body.start]
            if not (self._bodies.joined.fullmatch(between) or self._together.fullmatch(between)):
                break
            run.append(body)
        return run
