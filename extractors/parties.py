"""Parties: public bodies that are addressed, from the gazetteer `extractors/lexicons/parties.toml`."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from extractors.errors import InvalidLexicon

GAZETTEER_FILE = Path(__file__).parent / "lexicons" / "parties.toml"
KINDS = frozenset(
    {
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
        "health",
        "collective",
        "international",
        "other",
    }
)


@dataclass(frozen=True, slots=True)
class Party:
    """A public body, or a collective of them: a stable id, its present name, its kind and all its names in print."""

    party_id: str
    name: str
    kind: str
    aliases: tuple[str, ...] = ()


class Gazetteer:
    """Recognises parties by their names and aliases, whole words, without regard to case and articles."""

    def __init__(self, parties: tuple[Party, ...]) -> None:
        self.parties = parties
        self._by_name: dict[str, Party] = {}
        for party in parties:
            for name in (party.name, *party.aliases):
                known = self._by_name.setdefault(_key(name), party)
                if known is not party:
                    raise InvalidLexicon(
                        f"{GAZETTEER_FILE.name}: {name!r} stands for {known.party_id} and {party.party_id}; "
                        "expected one party per name; take it out of one"
                    )
        names = sorted((n for p in parties for n in (p.name, *p.aliases)), key=len, reverse=True)
        forms = [re.escape(n) if len(n) > 5 else f"(?-i:{re.escape(n)})" for n in names]
        self._regex = re.compile(rf"(?<!\w)(?:{'|'.join(forms) or '(?!)'})(?!\w)", re.IGNORECASE)

    def recognise(self, name: str) -> Party | None:
        """Return the party that `name` is, or the longest one named inside it; None when it is unknown."""
        exact = self._by_name.get(_key(name))
        if exact:
            return exact
        match = max(self._regex.finditer(name), key=lambda m: len(m.group(0)), default=None)
        return self._by_name.get(_key(match.group(0))) if match else None

    def find_names(self, text: str) -> list[tuple[int, int]]:
        """Return where parties are named in `text`, in order; an empty list when none is."""
        return [m.span() for m in self._regex.finditer(text)]


def _key(name: str) -> str:
    bare = re.sub(r"^(?:de|het|the)\s+", "", name.strip().lower())
    return re.sub(r"[^\w]+", " ", bare).strip()


def read_gazetteer(path: Path) -> Gazetteer:
    """Read and check a gazetteer; raises `InvalidLexicon` for a malformed entry or a name of two parties."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLexicon(f"{path}: {error}; expected a TOML file in UTF-8; correct the file") from error
    parties = []
    for party_id, entry in table.items():
        if not isinstance(entry, dict) or not entry.get("name") or entry.get("kind") not in KINDS:
            raise InvalidLexicon(
                f"{path}: [{party_id}]: found {entry!r}, expected a name and a kind out of {', '.join(sorted(KINDS))}"
            )
        parties.append(Party(party_id, entry["name"], entry["kind"], tuple(entry.get("aliases", ()))))
    return Gazetteer(tuple(parties))


@lru_cache(maxsize=1)
def load_gazetteer() -> Gazetteer:
    """Return the gazetteer of the program."""
    return read_gazetteer(GAZETTEER_FILE)
