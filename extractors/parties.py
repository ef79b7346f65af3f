"""Parties: public bodies that are addressed, and families of them, read from `extractors/lexicons/parties/*.toml`.

A party has a stable id whose first part is its region (``nl-uwv``, ``uk-home-office``, ``any-employers``), a kind, its
present name and all other names in print. A family names its members by a form ("gemeente {}"): the members are listed
once, whatever the number of forms, and an open family makes a party of any other name that stands in such a form.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from extractors.errors import InvalidLexicon
from extractors.lexicon import Words

GAZETTEER_FOLDER = Path(__file__).parent / "lexicons" / "parties"

Kind = Literal[
    "government",
    "ministry",
    "agency",
    "inspectorate",
    "municipality",
    "province",
    "water_board",
    "police",
    "parliament",
    "court",
    "regulator",
    "watchdog",
    "regional",
    "health",
    "education",
    "company",
    "collective",
    "international",
    "other",
]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""`watchdog` audits or advises, `regional` is a joint body of municipalities, `collective` stands for many bodies."""

ANYWHERE: Final = "any"
"""The region of collectives that every country has."""

_ID: Final = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")


@dataclass(frozen=True, slots=True)
class Party:
    """A public body, or a collective of them.

    `aliases` are recognised anywhere, `alone` only where such a name is all that is printed ("Kamer", "EZ"). `since`
    and `until` are the years in which it began and ended, `successor` the id of the body that took over; None if
    unknown or still there.
    """

    party_id: str
    name: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None
    successor: str | None = None

    @property
    def region(self) -> str:
        """The country or organisation that the party belongs to: the first part of its id."""
        return self.party_id.split("-", 1)[0]


@dataclass(frozen=True, slots=True)
class Family:
    """Parties that are named by a form: `forms` have one name at ``{}``, `lists` several ("gemeenten {}").

    Forms under `shared` are common to several countries ("Minister of {}") and count in reports of this region only.
    Behind those under `listed` ("City of {}") only known names count, for such bodies are all over the world.
    `members` are the known names. In an open family other names are parties too; `joints` are the small words that such
    a name may hold ("Alphen aan den Rijn"). `ands` join the names of a list.
    """

    family_id: str
    name: str
    kind: Kind
    forms: tuple[str, ...]
    lists: tuple[str, ...] = ()
    shared: frozenset[str] = frozenset()
    is_open: bool = False
    joints: tuple[str, ...] = ()
    ands: tuple[str, ...] = ()
    members: Mapping[str, Party] = field(default_factory=dict)
    listed: frozenset[str] = frozenset()

    def make_party(self, name: str) -> Party:
        """Return the party that an open family makes of a name; its id depends on the letters of the name only."""
        return Party(f"{self.family_id}-{make_slug(name)}", self.name.replace("{}", name), self.kind)


@dataclass(frozen=True, slots=True)
class PartyTables:
    """Everything that the files of parties hold: `articles` are words before a name that are not part of it."""

    parties: tuple[Party, ...]
    families: tuple[Family, ...]
    articles: tuple[str, ...]
    homes: Mapping[str, str]
    """The region whose parties a report means when it says no more, by the language it is in."""
    everywhere: tuple[str, ...]
    """Regions whose abbreviations count in every report; those of a country count in reports of that country."""


def make_slug(name: str) -> str:
    """Return a name in small ASCII letters and hyphens: ``"Súdwest-Fryslân"`` gives ``"sudwest-fryslan"``."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", bare).strip("-")


# --- the files, as people write them ----------------------------------------------------------------------------------


def _check_form(form: str) -> str:
    if form.count("{}") != 1 or not (form.startswith("{} ") or form.endswith(" {}")):
        raise ValueError(f"form {form!r} has no single {{}} at its beginning or end; expected such as 'gemeente {{}}'")
    return form


Form = Annotated[str, AfterValidator(_check_form)]
Year = Annotated[int, Field(ge=1500, le=2100)]


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Former(_Entry):
    name: str
    since: Year | None = None
    until: Year | None = None


class _Ended(_Entry):
    until: Year
    successor: str | None = None


class _PartyEntry(_Entry):
    name: Annotated[str, Field(min_length=1)]
    kind: Kind
    aliases: Words = []
    alone: Words = []
    former: list[_Former] = []
    since: Year | None = None
    until: Year | None = None
    successor: str | None = None
    family: str | None = None
    members: Words = []


class _FamilyEntry(_Entry):
    name: Annotated[str, Field(pattern=r"\{\}")]
    kind: Kind
    forms: list[Form] = []
    lists: list[Form] = []
    shared: list[Form] = []
    listed: list[Form] = []
    open: bool = False
    joints: Words = []
    ands: Words = []
    members: Words = []
    aliases: dict[str, Words] = {}
    ended: dict[str, _Ended] = {}
    alone: bool = False


class _File(_Entry):
    articles: Words = []
    homes: dict[str, str] = {}
    everywhere: Words = []
    family: dict[str, _FamilyEntry] = {}
    party: dict[str, _PartyEntry] = {}


def read_parties(paths: Iterable[Path]) -> PartyTables:
    """Read and check files of parties.

    Raises:
        InvalidLexicon: for a malformed file or entry, an id that is used twice, and a successor or a family that is in
            none of the files.
    """
    files = [(path, _read_file(path)) for path in paths]
    origin: dict[str, Path] = {}
    for path, file in files:
        for party_id in (*file.party, *file.family):
            if not _ID.fullmatch(party_id):
                raise InvalidLexicon(f"{path}: [{party_id}]: expected an id such as nl-uwv; write its region first")
            if origin.setdefault(party_id, path) is not path:
                raise InvalidLexicon(f"{path}: [{party_id}] stands in {origin[party_id]} too; take it out of one")
    families = {key: entry for _, file in files for key, entry in file.family.items()}
    parties = [_make_party(party_id, entry) for _, file in files for party_id, entry in file.party.items()]
    known = {party.party_id: party for party in parties}
    members: dict[str, dict[str, Party]] = {key: _make_members(key, entry) for key, entry in families.items()}
    for path, file in files:
        for party_id, entry in file.party.items():
            if entry.family is not None and entry.family not in families:
                raise InvalidLexicon(f"{path}: [{party_id}]: no family {entry.family!r}; expected one of the files'")
            for name in entry.members if entry.family else ():
                members[entry.family or ""][name] = known[party_id]
    everything = (*parties, *(p for group in members.values() for p in group.values()))
    _check_successors(everything)
    return PartyTables(
        parties=tuple(parties),
        families=tuple(_make_family(key, entry, members[key]) for key, entry in families.items()),
        articles=tuple(word for _, file in files for word in file.articles),
        homes={language: region for _, file in files for language, region in file.homes.items()},
        everywhere=tuple(region for _, file in files for region in file.everywhere),
    )


def _read_file(path: Path) -> _File:
    try:
        table: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLexicon(f"{path}: {error}; expected a TOML file in UTF-8; correct the file") from error
    reserved = {"articles", "homes", "everywhere", "family"}
    parties = {key: entry for key, entry in table.items() if key not in reserved}
    try:
        return _File.model_validate({**{k: v for k, v in table.items() if k in reserved}, "party": parties})
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"] if part != "party")
        raise InvalidLexicon(
            f"{path}: [{place}]: found {first['input']!r}; {first['msg']}; {error.error_count()} places in all; "
            "correct the file"
        ) from error


def _make_party(party_id: str, entry: _PartyEntry) -> Party:
    names = (*entry.aliases, *(former.name for former in entry.former))
    return Party(party_id, entry.name, entry.kind, names, tuple(entry.alone), entry.since, entry.until, entry.successor)


def _make_members(family_id: str, entry: _FamilyEntry) -> dict[str, Party]:
    members: dict[str, Party] = {}
    for name in (*entry.members, *entry.ended):
        ended = entry.ended.get(name)
        successor = f"{family_id}-{make_slug(ended.successor)}" if ended and ended.successor else None
        aliases = tuple(entry.aliases.get(name, ()))
        party = Party(
            f"{family_id}-{make_slug(name)}",
            entry.name.replace("{}", name),
            entry.kind,
            alone=(name, *aliases) if entry.alone else (),
            until=ended.until if ended else None,
            successor=successor,
        )
        members.update(dict.fromkeys((name, *aliases), party))
    return members


def _make_family(family_id: str, entry: _FamilyEntry, members: Mapping[str, Party]) -> Family:
    return Family(
        family_id,
        entry.name,
        entry.kind,
        (*entry.forms, *(form for form in (*entry.shared, *entry.listed) if form not in entry.lists)),
        tuple(entry.lists),
        frozenset(entry.shared),
        entry.open,
        tuple(entry.joints),
        tuple(entry.ands),
        members,
        frozenset(entry.listed),
    )


def _check_successors(parties: Iterable[Party]) -> None:
    held = tuple(parties)
    ids = {party.party_id for party in held}
    for party in held:
        if party.successor is not None and party.successor not in ids:
            raise InvalidLexicon(
                f"parties: [{party.party_id}]: successor {party.successor!r} is no party; add it or correct the id"
            )
