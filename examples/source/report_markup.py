"""The light markup in which the examples are written: TOML front matter, then blocks parted by blank lines.

A block is a heading (``#``, ``##``), a list (``- ``, ``1. ``, ``a. ``), a command (``!contents``, ``!pagebreak``,
``!caption text``), a fence (``::: box`` … ``:::``) or a paragraph. Inside text ``**bold**``, ``*italic*`` and
``[^a footnote]`` are known. A block that is indented by three spaces continues the list item before it.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MARKS = {
    "nl": "VERZONNEN VOORBEELD – geschreven voor Rode Draad",
    "en": "INVENTED EXAMPLE – written for Rode Draad",
    "de": "ERFUNDENES BEISPIEL – geschrieben für Rode Draad",
}
"""What every example says of itself, on its first page and at the foot of each page."""

_ITEM = re.compile(r"(?P<indent> *)(?P<marker>-|\d+\.|[a-z]\.) (?P<text>.*)")


@dataclass(frozen=True, slots=True)
class Piece:
    """One block of a source: `kind` is heading, item, paragraph, fence or command.

    `level` is the depth of a heading (from 1) or the nesting of an item or paragraph (0 at the margin). `name` is the
    marker of an item or the name of a fence or command, `arguments` the rest of its line, `inside` what a fence holds
    (a table keeps its `lines` unread).
    """

    kind: str
    text: str = ""
    level: int = 0
    name: str = ""
    arguments: str = ""
    inside: tuple[Piece, ...] = ()
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """One example: its front matter and the body as written."""

    facts: dict[str, Any]
    body: str

    @property
    def mark(self) -> str:
        """The words that mark the example as invented, in its language."""
        return MARKS[self.facts["language"]]


def read_source(path: Path) -> Source:
    """Read one ``.report`` file; raises `ValueError` when the front matter is missing."""
    _, front, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    return Source(tomllib.loads(front), body.strip() + "\n")


def parse_pieces(body: str) -> tuple[Piece, ...]:
    """Return the blocks of a body in order; an empty tuple for an empty body."""
    pieces: list[Piece] = []
    lines = body.split("\n")
    i = 0
    while i < len(lines):
        line = lines[i]
        if not line.strip():
            i += 1
        elif line.startswith("::: "):
            end = next(j for j in range(i + 1, len(lines)) if lines[j] == ":::")
            name, _, arguments = line[4:].partition(" ")
            held = lines[i + 1 : end]
            inside = () if name == "table" else parse_pieces("\n".join(held))
            pieces.append(Piece("fence", name=name, arguments=arguments, inside=inside, lines=tuple(held)))
            i = end + 1
        elif line.startswith("!"):
            name, _, arguments = line[1:].partition(" ")
            pieces.append(Piece("command", name=name, arguments=arguments))
            i += 1
        elif line.startswith("#"):
            hashes, _, text = line.partition(" ")
            pieces.append(Piece("heading", text, len(hashes)))
            i += 1
        elif item := _ITEM.fullmatch(line):
            nested = int(bool(item["indent"]))
            pieces.append(Piece("item", item["text"], nested, item["marker"]))
            i += 1
        else:
            pieces.append(Piece("paragraph", line.strip(), int(line.startswith("   "))))
            i += 1
    return tuple(pieces)
