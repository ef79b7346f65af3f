"""Addressees: who must act, as printed in the statement, its heading or its lead-in."""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.lexicon import AddresseeTable, Lexicon
from extractors.parties import Gazetteer
from extractors.records import Addressee

MAX_WORDS = 16
"""As many words may stand before the verb of a call for its subject to be looked for among them."""

MOST_SENTENCES = 3
"""So many sentences of a statement are asked for who acts."""


def _body_regex(table: AddresseeTable) -> re.Pattern[str]:
    """Match a noun phrase around a word for a body: determiners and names before it, "van/of …" and names after it."""
    heads = "|".join(re.escape(b).replace(r"\*", r"[\w’'-]*") for b in sorted(table.bodies, key=len, reverse=True))
    article = rf"(?i:{_alternatives(table.articles)})"
    join = rf"(?:\s*,\s*|\s+)(?:{_alternatives(table.joints)})\s+"
    of = rf"(?:{_alternatives(table.of)})"
    name = r"[A-ZÀ-Þ][\w’'&.-]*(?<!\.)"
    before = rf"(?:{article}\s+(?:(?!(?:{heads})\b)[a-zà-ÿ]+\s+)?)?(?:(?:{name}|[a-z]+-[a-z]+)\s+(?:{of}\s+)?){{0,4}}"
    after = rf"(?:\s+{name}|(?:{join}(?:{article}\s+)?(?:{name}|{heads})(?:\s+{name})*)){{0,5}}"
    # The head is compared without regard to case, names keep theirs.
    return re.compile(rf"(?<!\w){before}(?i:(?:{heads}))(?!\w){after}")


class AddresseeFinder:
    """Finds addressees by the tables of one language, and the parties that they are."""

    def __init__(self, lexicon: Lexicon, gazetteer: Gazetteer) -> None:
        self.table: AddresseeTable = lexicon.addressees
        self.gazetteer = gazetteer
        self._verb = _words(self.table.verbs)
        self._agent = _words(self.table.agents)
        self._beside = _words(self.table.beside)
        lead_ins = "|".join(re.escape(w).replace(r"\ ", r"\s*") for w in self.table.lead_ins)
        self._lead_in = re.compile(rf"^\W*(?:[a-zA-Z\d][.)]\s+)?(?:{lead_ins})\s+(?P<body>.+?)\s*:?\s*$", re.IGNORECASE)
        ands = _alternatives(self.table.ands)
        self._and = re.compile(rf"^(?:{ands}|{lead_ins})\s+", re.IGNORECASE)
        self._parting = re.compile(rf"\s*[,;]\s+|\s+(?:{ands})\s+(?:{lead_ins})\s+", re.IGNORECASE)
        articles = _alternatives(self.table.articles)
        of = _alternatives(self.table.of)
        self._joins = re.compile(rf"[\s,]*(?:{ands}|{of})?[\s,]*(?:{articles})?\s*", re.IGNORECASE)
        self._purpose = re.compile(
            rf"\s+(?:{_alternatives(self.table.purposes)})\b.*?(?=\s(?:{ands})\s|$)", re.IGNORECASE
        )
        self._between = [
            (
                re.compile(rf"(?<!\w)(?:{first})(?!\w)", re.IGNORECASE),
                re.compile(rf"(?<!\w)(?:{second})(?!\w)", re.IGNORECASE),
            )
            for first, second in self.table.between
        ]
        self._body = _body_regex(self.table)
        first_words = [w for cue in lexicon.cues.imperative for w in cue.lstrip("^ ").split()[0].split("|")]
        self._imperatives = frozenset(first_words)

    def find(self, text: str, *, lead_in: str = "", heading: str = "", address: str = "") -> tuple[Addressee, ...]:
        """Return who is addressed, nobody where the document names nobody.

        Args:
            text: the statement.
            lead_in: the text that announces it.
            heading: the title of its section.
            address: the line above it that only says to whom it goes ("To the Board and the Ministry"). Such a line is
                what the authors say of it themselves and goes before what the sentence names.
        """
        for source in (
            self._in_address(address),
            self._in_sentence(text),
            self._in_lead_in(lead_in),
            self._in_lead_in(heading),
        ):
            if source:
                return tuple(self._recognise(name) for name in source)
        return ()

    def _in_address(self, text: str) -> list[str]:
        match = self._lead_in.match(text.strip()) if text else None
        if not match:
            return []
        line = self._purpose.sub("", match.group("body"))
        parts = self._parting.split(line)
        return [part for part in (self._trim(self._and.sub("", p)) for p in parts) if part]

    def _in_sentence(self, text: str) -> list[str]:
        """Return the subject of the first call, else the body after its verb or after "by"."""
        for sentence in re.split(r"(?<=[.;:])\s+(?=[A-Z(•])", text)[:MOST_SENTENCES]:
            found = self._subject(sentence)
            if found:
                return found
        return []

    def _subject(self, sentence: str) -> list[str]:
        start = 0
        told = None
        for first, second in self._between:
            told = first.search(sentence)
            if told:
                start = told.end()
                end = second.search(sentence, start)
                if end and end.start() > start:
                    found = self._subjects(sentence[start : end.start()], direct=True)
                    if found:
                        return found
                break
        words = re.findall(r"[\w’'-]+", sentence[start:])
        if not words or (told is None and words[0].lower() in self._imperatives):
            return []
        verb = self._verb.search(sentence, start)
        if verb:
            found = self._subjects(sentence[start : verb.start()])
            if found:
                return found
            after = self._body.match(sentence[verb.end() : verb.end() + 120].lstrip())
            if after:
                return self._complete(after.group(0))
            agent = self._agent.search(sentence, verb.end())
            if agent:
                return self._subjects(sentence[agent.end() :][:160], direct=True, stops=True)
        elif told is not None:
            return self._subjects(" ".join(sentence[start:].split()[:12]), direct=True)
        return []

    def _subjects(self, clause: str, *, direct: bool = False, stops: bool = False) -> list[str]:
        """Return the bodies that act in a clause: not those after a preposition, or beside which another acts.

        `direct` clauses begin with who acts; `stops` ends at the first words between that name no body.
        """
        if len(clause.split()) > (MAX_WORDS if not direct else 3 * MAX_WORDS):
            return []
        found: list[str] = []
        end = 0
        for start, stop in self._spans(clause):
            before = clause[end:start]
            if not direct and not found and self._beside.search(" ".join(before.split()[-1:])):
                end = stop
                continue
            if self._beside.search(before) and found:
                break
            if stops and found and not self._joins.fullmatch(before):
                break
            name = self._trim(clause[start:stop])
            if name and not any(name in other for other in found):
                found.append(name)
            end = stop
        return found

    def _complete(self, name: str) -> list[str]:
        return [trimmed] if (trimmed := self._trim(name)) else []

    def _in_lead_in(self, text: str) -> list[str]:
        if not text:
            return []
        for line in reversed(text.splitlines()):
            match = self._lead_in.match(line)
            if match and len(match.group("body").split()) <= MAX_WORDS:
                found = self._bodies(match.group("body")) or self._known(match.group("body"))
                if found:
                    return found
        if text.rstrip().endswith(":"):
            last = re.split(r"(?<=[.;])\s+", text.strip())[-1]
            return self._in_sentence(last)[:3] or self._known(last)
        if "|" in text:  # the other cells of a table row
            return [c for cell in text.split("|") for c in (self._bodies(cell) or self._known(cell))]
        return []

    def _spans(self, text: str) -> list[tuple[int, int]]:
        """Return where bodies are named, in order; a name that the gazetteer knows is taken whole."""
        known = self.gazetteer.find_names(text)
        spans: list[tuple[int, int]] = []
        for match in self._body.finditer(text):
            start, end = match.span()
            for a, b in known:
                if a < end and start < b:
                    start, end = min(start, a), max(end, b)
            spans.append((start, end))
        spans += [(a, b) for a, b in known if not any(a < end and start < b for start, end in spans)]
        return sorted(spans)

    def _bodies(self, text: str) -> list[str]:
        found: list[str] = []
        for start, end in self._spans(text):
            name = self._trim(text[start:end])
            if name and not any(name in other for other in found):
                found.append(name)
        return found

    def _known(self, text: str) -> list[str]:
        return [text[a:b] for a, b in self.gazetteer.find_names(text)]

    def _trim(self, name: str) -> str:
        words = name.split()
        while words and words[0].lower().strip(",") in self.table.stop_words:
            words.pop(0)
        bare = " ".join(words).strip(" ,;:.–-")
        return "" if bare.lower() in self.table.not_bodies else bare

    def _recognise(self, name: str) -> Addressee:
        party = self.gazetteer.recognise(name)
        return Addressee(name, party.party_id if party else None, party.name if party else None)


def _alternatives(words: Sequence[str]) -> str:
    return "|".join(re.escape(w) for w in sorted(words, key=len, reverse=True)) or r"(?!)"


def _words(words: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{_alternatives(words)})(?!\w)", re.IGNORECASE)
