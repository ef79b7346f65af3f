"""Calls: who acts by a sentence, as its subject, its agent, or the one whom the authors tell to act."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.bodies import Body, BodyFinder, alternatives, whole_words
from extractors.lexicon import Lexicon, phrase_regex

MAX_WORDS = 16
"""As many words may stand before the verb of a call for its subject to be looked for among them."""

MOST_SENTENCES = 24
"""So many sentences and items of a statement are asked for who acts."""

FEW_WORDS = 7
"""Behind no more words stands the "that" of "recommend", or who is told to act ("that, at the earliest moment, …")."""

RELATIVE_WORDS = 3
"""A relative pronoun stands at most so many words before the verb of its clause."""

REACH = 240
"""So many characters of a clause are searched for bodies."""


class CallReader:
    """Reads who acts by the tables of one language.

    Args:
        lexicon: of the language of the report.
        bodies: what finds bodies in it.
        publisher: of the report, which addresses nobody but others; empty if unknown.
    """

    def __init__(self, lexicon: Lexicon, bodies: BodyFinder, *, publisher: str = "") -> None:
        table = lexicon.addressees
        self.table = table
        self._bodies = bodies
        self._publisher = frozenset(re.findall(r"\w+", publisher.lower()))
        self._verb = whole_words(table.verbs)
        self._agent = whole_words(table.agents)
        self._beside = whole_words(table.beside)
        self._that = whole_words(table.that)
        articles, that = alternatives(table.articles), alternatives(table.that)
        self._together = re.compile(rf"[\s,]*(?:{alternatives(table.together)})\W+(?:{articles})?\s*", re.IGNORECASE)
        self._says = re.compile(rf"(?<!\w)(?:{alternatives(table.says)})[\s,]+(?:{that})\s+", re.IGNORECASE)
        self._worth = re.compile(
            rf"(?<!\w)(?:{alternatives(table.worth)})\s+(?:{that}|{alternatives(table.when)})\s+", re.IGNORECASE
        )
        self._pronoun = re.compile(rf"(?:^|[\s,])(?:{alternatives(table.pronouns)})\s*$", re.IGNORECASE)
        self._undergone = phrase_regex(tuple(table.undergone))
        self._told = phrase_regex(tuple(table.told))
        self._between = [(_whole(first), _whole(second) if second else _whole("")) for first, second in table.between]
        self._unspoken = frozenset((*table.ands, *table.infinitive, *table.pronouns, ","))
        self._small = frozenset((*table.stop_words, *table.lead_ins, *table.articles, *table.authors))
        first_words = [w for cue in lexicon.cues.imperative for w in cue.lstrip("^ ").split()[0].split("|")]
        self._imperatives = frozenset(first_words)

    def read(self, text: str) -> list[Body]:
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

    def begins_with_pronoun(self, text: str) -> bool:
        """Whether a text says what "they" should do, who were named before it."""
        verb = self._verb.search(text)
        return bool(verb and self._pronoun.fullmatch(text[: verb.start()].strip()))

    def read_told(self, sentence: str) -> list[Body]:
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
            fronted = self._fronted(sentence[: match.start()], rest)
            if fronted:
                return fronted
            end = second.search(rest)
            that = self._that.search(" ".join(rest.split()[:FEW_WORDS]))
            is_verb = match.start() > 0 or " " in match.group(0)  # "Advises X …" tells of X
            found = self._near(rest, stop=end.start(), is_object=True) if end and is_verb else []
            if not found and that:
                found = self._near(" ".join(rest.split())[that.end() :])
            if not found and end and self._pronoun.search(rest[: end.start()] or " ".join(rest.split()[:1])):
                found = self._subjects(sentence[: match.start()])[:1]
            if found:
                return found
        return []

    def read_named(self, text: str) -> list[Body]:
        """Return the known parties behind "for" or "to", else all but those behind other prepositions."""
        to: list[Body] = []
        others: list[Body] = []
        end = 0
        for body in self._bodies.find_known(text):
            if self.is_author(body) or self._says.match(text[body.end :].lstrip()):
                end = body.end
                continue
            before = [w for w in text[end : body.start].lower().split() if w not in self.table.articles][-1:]
            if before and before[0] in self.table.lead_ins:
                to.append(body)
            elif not before or not self._beside.search(before[0]):
                others.append(body)
            end = body.end
        return to or others

    def is_publisher(self, body: Body) -> bool:
        """Whether a body is named by words of the publisher's own name ("the Commission")."""
        words = [w for w in re.findall(r"\w+", body.text.lower()) if w not in self.table.articles]
        return bool(words) and self._publisher.issuperset(words)

    def is_author(self, body: Body) -> bool:
        """Whether a body is likely the one that is speaking."""
        words = [w for w in body.text.lower().split() if w not in self.table.articles]
        return " ".join(words) in self.table.authors or self.is_publisher(body)

    def _subject(self, sentence: str, *, with_agent: bool) -> list[Body]:
        """Return who acts by a sentence; where the reader is told to act, "by X" is only part of the explanation."""
        told = self.read_told(sentence)
        if told:
            return told
        words = re.findall(r"[\w’'-]+", sentence)
        verb = self._find_verb(sentence)
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

    def _find_verb(self, sentence: str) -> re.Match[str] | None:
        """Return the first verb of a call that does not stand in a relative clause ("employers who must repay")."""
        for verb in self._verb.finditer(sentence):
            before = re.findall(r"[\w’'-]+", sentence[: verb.start()].lower())[-RELATIVE_WORDS:]
            if not any(word in self.table.relatives for word in before[len(before) == 1 :]):
                return verb
        return None

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

    def _fronted(self, before: str, rest: str) -> list[Body]:
        """Return the bodies that stand before the verb when its subject follows ("De minister raden wij aan …")."""
        if rest.split(maxsplit=1)[:1] and rest.split(maxsplit=1)[0].lower() in self.table.authors:
            bodies = self._bodies.find(before)
            return bodies if self._bodies.is_all(before, bodies) else []
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
        bodies = [body for body in self._bodies.find(rest[:REACH]) if not self.is_author(body)]
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
        following = rest[run[-1].end :]
        # Behind an object only what follows at once is said of it ("we recommend the board be given …").
        return [] if self._is_undergone(" ".join(following.split()[:2]) if is_object else following) else run

    def _leading(self, sentence: str) -> list[Body]:
        """Return the bodies that a sentence begins with and goes on about what they do ("NHS bodies to report …")."""
        words = sentence.split(maxsplit=1)
        that = self._that.match(sentence)
        start = that.end() if that else 0
        bodies = self._bodies.find(sentence[start : start + REACH])
        if not bodies or sentence[start : start + bodies[0].start].strip() or words[0].lower() in self._imperatives:
            return []
        if self.is_author(bodies[0]) or not (bodies[0].party or self._bodies.has_article(bodies[0].text)):
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
        return [] if is_stopped or following[0] in self.table.relatives or self._is_undergone(rest) else run

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


def _whole(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)" if pattern else "", re.IGNORECASE)
