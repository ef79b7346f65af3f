"""Bodies: the noun phrases that name who can act, by the words of a language and by the gazetteer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.gazetteer import Gazetteer, Naming
from extractors.lexicon import AddresseeTable
from extractors.parties import Party

ARTICLE_REACH = 12
"""An article begins no more characters before its name."""


TITLE_REACH = 20_000
"""The full name behind a bare title is looked up in so many characters before it …"""

MOST_TITLES = 60
"""… at so many places of the title …"""

NAME_REACH = 160
"""… in so many characters around each."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body that a text names: as printed, the party that it is (None when unknown), and ``[start, end)``."""

    text: str
    party: Party | None
    start: int
    end: int


def alternatives(words: Sequence[str]) -> str:
    """Return a pattern that matches any of `words`, the longest first; one that matches nothing for none."""
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)) or r"(?!)"


def whole_words(words: Sequence[str]) -> re.Pattern[str]:
    """Return a regular expression for any of `words`, whole and in any case."""
    return re.compile(rf"(?<!\w)(?:{alternatives(words)})(?!\w)", re.IGNORECASE)


def _body_regex(table: AddresseeTable) -> re.Pattern[str]:
    """Match a noun phrase around a word for a body: determiners and names before it, "van/of …" and names after it."""
    heads = "|".join(re.escape(b).replace(r"\*", r"[\w’'-]*") for b in sorted(table.bodies, key=len, reverse=True))
    article = rf"(?i:{alternatives(table.articles)})"
    join = rf"(?:\s*,\s*|\s+)(?:{alternatives(table.joints)})\s+"
    of = rf"(?:{alternatives(table.of)})"
    name = r"[A-ZÀ-Þ][\w’'&.-]*(?<!\.)"
    before = rf"(?:{article}\s+(?:(?!(?:{heads})\b)[a-zà-ÿ]+\s+)?)?(?:(?:{name}|[a-z]+-[a-z]+)\s+(?:{of}\s+)?){{0,4}}"
    head = rf"(?i:(?:{heads}))(?!\w)(?:\s+(?i:(?:{heads}))(?!\w))?"
    after = rf"(?:\s+{name}|(?:{join}(?:{article}\s+)?(?:{name}|{heads})(?:\s+(?:{name}|{heads})(?!\w))*)){{0,5}}"
    # The head is compared without regard to case, names keep theirs.
    return re.compile(rf"(?<!\w){before}{head}{after}")


class BodyFinder:
    """Finds bodies in texts of one report.

    Args:
        table: how the language names who must act.
        gazetteer: the parties.
        region: the region of the report, which decides between parties that share a name; None if unknown.
        text: the whole report, where the full name behind "the Department" is looked up.
    """

    def __init__(
        self, table: AddresseeTable, gazetteer: Gazetteer, *, region: str | None = None, text: str = ""
    ) -> None:
        self.table = table
        self.gazetteer = gazetteer
        self.region = region
        self._text = text
        self._phrase = _body_regex(table)
        articles = alternatives(table.articles)
        self._article = re.compile(rf"(?:{articles})\s+", re.IGNORECASE)
        ands = alternatives(table.ands)
        self._article_before = re.compile(rf"(?<!\w)(?:{articles})\s+$", re.IGNORECASE)
        of = alternatives(table.of)
        joint = rf"(?:\s*,\s*(?:(?:{ands})\s+)?|\s+(?:{ands})\s+(?:(?:{of})\s+)?)"
        self._joint = re.compile(joint, re.IGNORECASE)
        self.joined = re.compile(rf"{joint}(?:(?:{articles})\s+)?", re.IGNORECASE)
        self._filling = re.compile(rf"[\s,]*(?:{ands}|{of})?[\s,]*(?:{articles})?\s*", re.IGNORECASE)

    def find(self, text: str) -> list[Body]:
        """Return the bodies that `text` names, in order; those joined by "and" are parted where they can be."""
        namings = self.gazetteer.find(text, region=self.region)
        spans = sorted([(n.start, n.end) for n in namings] + [match.span() for match in self._phrase.finditer(text)])
        clusters: list[tuple[int, int]] = []
        for start, end in spans:
            if clusters and start < clusters[-1][1]:
                clusters[-1] = clusters[-1][0], max(end, clusters[-1][1])
            else:
                clusters.append((start, end))
        bodies = []
        for begin, end in clusters:
            article = self._article_before.search(text, max(0, begin - ARTICLE_REACH), begin)
            start = article.start() if article else begin
            inside = [n for n in namings if start <= n.start and n.end <= end]
            for a, b in self._part(text, start, end, inside):
                body = self._make(text, a, b, [n for n in inside if a <= n.start and n.end <= b])
                if body:
                    bodies.append(body)
        return bodies

    def find_known(self, text: str) -> list[Body]:
        """Return only the parties of the gazetteer that `text` names, in order."""
        namings = self.gazetteer.find(text, region=self.region)
        made = (self._make(text, n.start, n.end, [n]) for n in namings)
        return [body for body in made if body]

    def is_all(self, text: str, bodies: Sequence[Body]) -> bool:
        """Whether a text holds nothing but these bodies, numbers, articles and what joins them."""
        end = 0
        for body in bodies:
            if not self._is_filling(text[end : body.start]):
                return False
            end = body.end
        return bool(bodies) and self._is_filling(text[end:])

    def has_article(self, name: str) -> bool:
        """Whether a name begins with an article or another determiner."""
        return self._article.match(name) is not None

    def refer(self, body: Body, *, at: int) -> Party | None:
        """Return the party of the last full name before `at` that a bare title such as "the Department" stands for."""
        bare = self._article.sub("", body.text.lower(), count=1)
        if bare not in self.table.titles:
            return body.party
        title = re.compile(rf"(?<!\w){re.escape(bare)}(?!\w)", re.IGNORECASE)
        places = list(title.finditer(self._text, max(0, at - TITLE_REACH), at))
        for place in reversed(places[-MOST_TITLES:]):
            start = max(0, place.start() - NAME_REACH)
            window = self._text[start : place.end() + NAME_REACH]
            for naming in self.gazetteer.find(window, region=self.region):
                holds = start + naming.start <= place.start() and place.end() <= start + naming.end
                party = self.gazetteer.choose(naming, self.region) if holds and _length(naming) > len(bare) else None
                if party:
                    return party
        return body.party

    def _part(self, text: str, start: int, end: int, namings: Sequence[Naming]) -> list[tuple[int, int]]:
        """Part a phrase at its "and" and commas where a name of its own follows: with an article, or a known one."""
        parts: list[tuple[int, int]] = []
        begin, last = start, start
        for joint in self._joint.finditer(text, start, end):
            if any(n.start < joint.end() and joint.start() < n.end for n in namings):
                continue
            following = self._article.match(text, joint.end())
            after = following.end() if following else joint.end()
            is_known = any(n.start == after or n.start == joint.end() for n in namings)
            if joint.start() > last and (following or is_known):
                parts.append((begin, joint.start()))
                begin = joint.end()
            last = joint.end()
        return [*parts, (begin, end)]

    def _make(self, text: str, start: int, end: int, namings: Sequence[Naming]) -> Body | None:
        words = text[start:end].split()
        while words and words[0].lower().strip(",") in self.table.stop_words:
            words.pop(0)
        name = " ".join(words).strip(" ,;:.–-")
        if not name or name.lower() in self.table.not_bodies:
            return None
        longest = max(namings, key=_length, default=None)
        party = self.gazetteer.recognise_alone(name, region=self.region)
        if party is None:
            # An abbreviation of another country counts where it is a body by the words of the language.
            party = self.gazetteer.choose(longest, self.region) if longest else self.gazetteer.recognise(name)
        return Body(name, party, start, end)

    def _is_filling(self, text: str) -> bool:
        return self._filling.fullmatch(re.sub(r"[\d()\[\].:;/&•–-]+", " ", text)) is not None


def _length(naming: Naming) -> int:
    return naming.end - naming.start
