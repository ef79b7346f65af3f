"""The gazetteer: finds the parties that a text names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from extractors.errors import InvalidLexicon
from extractors.name_tree import SHORT_LETTERS, NameTree, Word, split_words
from extractors.parties import ANYWHERE, GAZETTEER_FOLDER, Family, Party, PartyTables, read_parties

MOST_NAME_WORDS: Final = 4
"""A name that no list knows has no more capitalised words ("gemeente Nieuw Verzonnendam aan de Rijn")."""

_CAPITALISED = r"[’'‘]?[A-ZÀ-Þ][\w’'-]*[a-zß-ÿ][\w’']*"


@dataclass(frozen=True, slots=True)
class Naming:
    """A place where a text names a party: ``text[start:end]``. Parties of several regions may share the name.

    `shared` are those that are named by a form which other countries use as well: it means them in reports of their own
    region only.
    """

    start: int
    end: int
    parties: tuple[Party, ...]
    shared: tuple[Party, ...] = ()


@dataclass(frozen=True, slots=True)
class _Form:
    """A form of a family: the name stands behind it, or before it."""

    family: Family
    is_list: bool
    is_before: bool
    is_shared: bool
    is_open: bool

    def name(self, start: int, end: int, parties: tuple[Party, ...]) -> Naming:
        """Return the naming of `parties` by this form."""
        return Naming(start, end, () if self.is_shared else parties, parties if self.is_shared else ())


class Gazetteer:
    """Recognises parties by their names: whole words, without regard to case but for short abbreviations."""

    def __init__(self, tables: PartyTables) -> None:
        self.parties = tables.parties
        self.families = tables.families
        self._homes = tables.homes
        self._everywhere = tables.everywhere
        self._articles = frozenset(tables.articles)
        self._tree: NameTree[Party | _Form] = NameTree()
        self._alone: NameTree[Party] = NameTree()
        self._members: dict[str, NameTree[Party]] = {}
        for party in tables.parties:
            for name in (party.name, *party.aliases):
                _refuse_doubles(name, party, self._tree.add(_checked(name, party), party))
            for name in party.alone:
                _refuse_doubles(name, party, self._alone.add(_checked(name, party), party))
        for family in tables.families:
            self._add_family(family)
        self._open = {f.family_id: _open_regexes(f) for f in tables.families if f.is_open}
        self._ands = {
            f.family_id: re.compile(rf"\s*,\s*(?:(?:{_either(f.ands)})\s+)?|\s+(?:{_either(f.ands)})\s+")
            for f in tables.families
            if f.lists
        }

    def _add_family(self, family: Family) -> None:
        members = self._members.setdefault(family.family_id, NameTree())
        for name, party in family.members.items():
            _refuse_doubles(name, party, members.add(_checked(name, party), party))
            if name in party.alone:
                self._alone.add(name, party)
        for form in (*family.forms, *family.lists):
            is_open = family.is_open and form not in family.listed
            planted = _Form(family, form in family.lists, form.startswith("{}"), form in family.shared, is_open)
            self._tree.add(form.replace("{}", " "), planted)

    # --- asking ---------------------------------------------------------------------------------------------------

    def find(self, text: str, *, region: str | None = None) -> list[Naming]:
        """Return where parties are named in `text`, in order and without overlap; an empty list when none is.

        Args:
            text: any text.
            region: the region of the report, None if unknown. Abbreviations of another country are not taken there.
        """
        words = split_words(text)
        shouts = text.isupper() and len(words) > MOST_NAME_WORDS
        found: list[Naming] = []
        for i, word in enumerate(words):
            if self._tree.begins(word):
                found += self._find_at(text, words, i, shouts=shouts)
        kept = (n for n in _drop_overlaps(found) if self._is_at_home(text[n.start : n.end], n, region))
        return _join_abbreviations(text, kept)

    def recognise(self, name: str, *, region: str | None = None) -> Party | None:
        """Return the party that `name` is, or the longest one that is named in it; None when it is unknown.

        Args:
            name: as printed.
            region: the region of the report, which decides between parties that share a name; None if unknown.
        """
        longest = max(self.find(name, region=region), key=_length, default=None)
        return self.recognise_alone(name, region=region) or (self.choose(longest, region) if longest else None)

    def recognise_alone(self, name: str, *, region: str | None = None) -> Party | None:
        """Return the party that has `name` among the names that count only where they are all that is printed."""
        words = split_words(name)
        while words and words[0].text.lower() in self._articles:
            words = words[1:]
        whole = self._alone.longest(words, 0) if words else None
        return self.choose(Naming(0, len(name), tuple(whole[1])), region) if whole and whole[0] == len(words) else None

    def choose(self, naming: Naming, region: str | None) -> Party | None:
        """Return the party that a naming means: that of `region`, else an international one, else the only one."""
        for party in (*naming.parties, *naming.shared):
            if party.region == region:
                return party
        for wanted in self._everywhere:
            own = next((party for party in naming.parties if party.region == wanted), None)
            if own:
                return own
        return naming.parties[0] if len(naming.parties) == 1 else None

    def find_home(self, text: str, *, language: str) -> str | None:
        """Return the region whose own parties a text names most, None when it names none that only one region has."""
        votes: Counter[str] = Counter()
        if language in self._homes:
            votes[self._homes[language]] += 1
        for naming in self.find(text):
            regions = {party.region for party in naming.parties}
            if len(regions) == 1 and ANYWHERE not in regions:
                votes.update(regions)
        return votes.most_common(1)[0][0] if votes else None

    # --- finding ---------------------------------------------------------------------------------------------------

    def _is_at_home(self, name: str, naming: Naming, region: str | None) -> bool:
        if region is None or any(p.region == region for p in (*naming.parties, *naming.shared)):
            return True
        is_abbreviation = len(name) <= SHORT_LETTERS and not name[1:].islower()
        return any(p.region in self._everywhere or not is_abbreviation for p in naming.parties)

    def _find_at(self, text: str, words: Sequence[Word], i: int, *, shouts: bool) -> list[Naming]:
        """Return the longest naming that begins at a word, or all members of the list that does.

        In a text that `shouts`, one that is set in capitals, a single word is no abbreviation.
        """
        best: list[Naming] = []
        for end, held in self._tree.walk(words, i):
            names = tuple(dict.fromkeys(party for party in held if isinstance(party, Party)))
            if names and not (shouts and end == i + 1):
                best = _longer(best, [Naming(words[i].start, words[end - 1].end, names)])
            for form in held:
                if isinstance(form, _Form):
                    read = self._read_before if form.is_before else self._read_behind
                    best = _longer(best, read(text, words, i, end, form))
        return best

    def _read_behind(self, text: str, words: Sequence[Word], i: int, end: int, form: _Form) -> list[Naming]:
        """Return the namings whose names stand behind the words of a form: one, or several in a list."""
        if end >= len(words) or not words[end].gap.startswith(" "):
            return []
        member = self._read_member(text, words, end, form)
        found: list[Naming] = []
        start = words[i].start
        while member is not None:
            stop, parties = member
            found.append(form.name(start, stop, parties))
            joint = self._ands[form.family.family_id].match(text, stop) if form.is_list else None
            while joint and end < len(words) and words[end].start < joint.end():
                end += 1
            if not joint or end == len(words):
                break
            start = words[end].start
            member = self._read_member(text, words, end, form)
        return found

    def _read_member(
        self, text: str, words: Sequence[Word], i: int, form: _Form
    ) -> tuple[int, tuple[Party, ...]] | None:
        """Return where the name of a member ends that begins at a word, and the party; None where none begins."""
        family = form.family
        known = self._members[family.family_id].longest(words, i)
        if known:
            return words[known[0] - 1].end, tuple(dict.fromkeys(known[1]))
        if form.is_open:
            match = self._open[family.family_id][0].match(text, words[i].start)
            if match:
                return match.end(), (family.make_party(match.group(0)),)
        return None

    def _read_before(self, text: str, words: Sequence[Word], i: int, end: int, form: _Form) -> list[Naming]:
        """Return the naming whose name stands before the words of a form ("Kent County Council")."""
        family = form.family
        if i == 0 or words[i].gap != " ":
            return []
        stop = words[end - 1].end
        for first in range(max(0, i - MOST_NAME_WORDS - 1), i):
            known = self._members[family.family_id].longest(words[first:i], 0)
            if known and first + known[0] == i:
                return [form.name(words[first].start, stop, tuple(dict.fromkeys(known[1])))]
        if not form.is_open or not words[i].text[:1].isupper():
            return []
        earliest = max(0, i - 2 * MOST_NAME_WORDS)
        match = self._open[family.family_id][1].search(text, words[earliest].start, words[i].start)
        name = match.group("name") if match else ""
        while name and name.split()[0].lower() in self._articles:
            name = name.partition(" ")[2]
        return [form.name(match.end("name") - len(name), stop, (family.make_party(name),))] if match and name else []


# --- building ---------------------------------------------------------------------------------------------------------


def _checked(name: str, party: Party) -> str:
    if not split_words(name):
        raise InvalidLexicon(f"parties: [{party.party_id}]: name {name!r} holds no word; take it out")
    return name


def _refuse_doubles(name: str, party: Party, before: Iterable[Party | _Form]) -> None:
    for other in before:
        if isinstance(other, Party) and other != party and other.region == party.region:
            raise InvalidLexicon(
                f"parties: {name!r} stands for {other.party_id} and {party.party_id}; "
                "expected one party of a region per name; take it out of one"
            )


def _open_regexes(family: Family) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Match a name that no list knows, where it begins and where it ends."""
    joint = rf"(?:(?:{_either(family.joints)})\s+)?"
    name = rf"{_CAPITALISED}(?: {joint}{_CAPITALISED}){{0,{MOST_NAME_WORDS - 1}}}"
    return re.compile(name), re.compile(rf"(?<!\w)(?P<name>{name})\s+$")


def _either(words: Sequence[str]) -> str:
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(words, key=len, reverse=True)) or r"(?!)"


# --- namings ----------------------------------------------------------------------------------------------------------


def _length(naming: Naming) -> int:
    return naming.end - naming.start


def _start(naming: Naming) -> int:
    return naming.start


def _longer(left: list[Naming], right: list[Naming]) -> list[Naming]:
    """Return the namings that reach further; those that share a range become one."""
    if not left or not right:
        return left or right
    if left[-1].end == right[-1].end and len(left) == len(right) == 1 and left[0].start == right[0].start:
        one, other = left[0], right[0]
        parties = tuple(dict.fromkeys((*one.parties, *other.parties)))
        return [Naming(one.start, one.end, parties, tuple(dict.fromkeys((*one.shared, *other.shared))))]
    return right if right[-1].end > left[-1].end or right[0].start < left[0].start else left


def _drop_overlaps(found: Sequence[Naming]) -> list[Naming]:
    """Return the namings in order; of two that overlap the longer one stays."""
    kept: list[Naming] = []
    for naming in sorted(found, key=_start):
        while kept and kept[-1].end > naming.start and _length(kept[-1]) < _length(naming):
            kept.pop()
        if not kept or kept[-1].end <= naming.start:
            kept.append(naming)
    return kept


def _join_abbreviations(text: str, namings: Iterable[Naming]) -> list[Naming]:
    """Join a name and the abbreviation of the same party that stands in brackets behind it, and close brackets."""
    joined: list[Naming] = []
    for found in namings:
        opens = "(" in text[found.start : found.end] and text[found.end : found.end + 1] == ")"
        naming = replace(found, end=found.end + 1) if opens else found
        last = joined[-1] if joined else None
        if (
            last
            and text[last.end : naming.start] == " ("
            and text[naming.end : naming.end + 1] == ")"
            and {*last.parties, *last.shared} & {*naming.parties, *naming.shared}
        ):
            joined[-1] = replace(last, end=naming.end + 1)
        else:
            joined.append(naming)
    return joined


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of the program; raises `InvalidLexicon` for a malformed file."""
    return Gazetteer(read_parties(sorted(GAZETTEER_FOLDER.glob("*.toml"))))
