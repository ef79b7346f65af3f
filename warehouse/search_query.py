"""Reads what people type into a search box: words, "phrases", beginn*, AND, OR, NOT, -word, (groups) and field:value.

No question is a wrong question: what cannot be read as an expression is read as plain words, and says so.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal

from warehouse.stemming import fold_text

LeafKind = Literal["word", "beginning", "phrase"]

_QUOTES: Final = '"“”„'
_TOKEN: Final = re.compile(
    rf"""(?P<field>[^\W\d_]+):(?:[{_QUOTES}](?P<quoted>[^{_QUOTES}]+)[{_QUOTES}]|(?P<value>=?[^\s()"“”„:/][^\s()"“”„]*))
    | (?P<minus>(?<![^\s(])-(?=[\w"“„]))?(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]
    | (?P<word>[^\W_]+(?:[-/.'’‐‑–][^\W_]+)*)(?P<star>\*)?)
    | (?P<sign>[()])""",
    re.VERBOSE,
)
_OPERATORS: Final = frozenset({"AND", "OR", "NOT"})
_DEEPEST: Final = 20
_MOST_TOKENS: Final = 400

_NOT_READ: Final = "the question could not be read as an expression with AND, OR, NOT; it was searched as plain words"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A word, the beginning of a word, or a phrase, as it was typed."""

    kind: LeafKind
    text: str


@dataclass(frozen=True, slots=True)
class Branch:
    """All of the parts (`and`), any of them (`or`), or none of them (`not`)."""

    operator: Literal["and", "or", "not"]
    parts: tuple[Leaf | Branch, ...]


Node = Leaf | Branch


@dataclass(frozen=True, slots=True)
class Question:
    """A question that was read.

    `leaves` are what a statement is ranked by, in the order typed: everything but what is excluded. `demand` is what a
    statement must fulfil to be found by words, None where any of the words will do. `filters` are those typed as
    ``field:value``. `text` is what an encoder should read. `message` says what could not be read.
    """

    text: str
    leaves: tuple[Leaf, ...]
    demand: Node | None
    filters: Mapping[str, tuple[str, ...]]
    message: str | None = None


def read_question(query: str) -> Question:
    """Read `query`; never fails. Without words `leaves` is empty, and `text` is too unless there are other signs."""
    filters: dict[str, tuple[str, ...]] = {}
    tokens: list[str | Node] = []
    for token in _cut(query):
        if isinstance(token, tuple):
            name, value = token
            filters[name] = (*filters.get(name, ()), value)
        else:
            tokens.append(token)
    message = None
    demand: Node | None = None
    if any(token in ("AND", "OR", "NOT", "-") for token in tokens):
        try:
            demand = _Parser(tokens).parse()
        except _Unreadable:
            message = _NOT_READ
            tokens = [Leaf("word", token) if token in _OPERATORS else token for token in tokens]
    if demand is None:
        required = tuple(token for token in tokens if isinstance(token, Leaf) and token.kind == "phrase")
        demand = _joined("and", required) if required else None
    leaves = tuple(dict.fromkeys(_positive(demand))) if message is None and _has_operators(tokens) else None
    if leaves is None:
        leaves = tuple(dict.fromkeys(token for token in tokens if isinstance(token, Leaf)))
    if _has_operators(tokens) and message is None:
        text = " ".join(leaf.text for leaf in leaves)
    else:
        text = _without_filters(query)
    return Question(text=text, leaves=leaves, demand=demand, filters=filters, message=message)


def make_question(query: str) -> str:
    """Return what an encoder should read of `query`: without filters, operators, excluded words and signs."""
    return read_question(query).text


def _cut(query: str) -> Iterator[str | Leaf | tuple[str, str]]:
    start = 0
    for _ in range(_MOST_TOKENS):
        match = _TOKEN.search(query, start)
        if match is None:
            return
        start = match.end()
        if match["field"]:
            value = match["quoted"] or match["value"]
            if name := _field_names().get(fold_text(match["field"])):
                yield name, _value_names(name).get(fold_text(value), value)
            else:
                # A colon after any other word is a colon; what follows it is read on its own.
                yield Leaf("word", match["field"])
                start = match.end("field") + 1
            continue
        if match["minus"]:
            yield "-"
        if match["sign"]:
            yield match["sign"]
        elif match["phrase"] is not None:
            if any(character.isalnum() for character in match["phrase"]):
                yield Leaf("phrase", match["phrase"])
        elif match["star"]:
            yield Leaf("beginning", match["word"])
        elif match["word"] in _OPERATORS:
            yield match["word"]
        else:
            yield Leaf("word", match["word"])


class _Unreadable(Exception):
    """The tokens are no expression."""


class _Parser:
    """A recursive-descent parser: NOT binds more than AND, AND more than OR; what stands side by side is AND."""

    def __init__(self, tokens: list[str | Node]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0

    def parse(self) -> Node:
        node = self._either()
        if self._at < len(self._tokens) or not list(_positive(node)):
            raise _Unreadable
        return node

    def _peek(self) -> str | Node | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _either(self) -> Node:
        parts = [self._all()]
        while self._peek() == "OR":
            self._at += 1
            parts.append(self._all())
        return _joined("or", tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while (found := self._peek()) not in (None, "OR", ")"):
            if found == "AND":
                self._at += 1
            parts.append(self._one())
        return _joined("and", tuple(parts))

    def _one(self) -> Node:
        found = self._peek()
        self._at += 1
        if isinstance(found, Leaf):
            return found
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _Unreadable
        if found in ("NOT", "-"):
            node: Node = Branch("not", (self._one(),))
        elif found == "(":
            node = self._either()
            if self._peek() != ")":
                raise _Unreadable
            self._at += 1
        else:
            raise _Unreadable
        self._depth -= 1
        return node


def _joined(operator: Literal["and", "or"], parts: tuple[Node, ...]) -> Node:
    return parts[0] if len(parts) == 1 else Branch(operator, parts)


def _positive(node: Node | None) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
    elif node is not None and node.operator != "not":
        for part in node.parts:
            yield from _positive(part)


def _has_operators(tokens: list[str | Node]) -> bool:
    return any(token in ("AND", "OR", "NOT", "-") for token in tokens)


def _without_filters(query: str) -> str:
    kept, end = [], 0
    for match in _TOKEN.finditer(query):
        if match["field"] and fold_text(match["field"]) in _field_names():
            kept.append(query[end : match.start()])
            end = match.end()
    text = "".join((*kept, query[end:])).translate(_SIGNS)
    return " ".join(text.split())


_SIGNS: Final = str.maketrans(dict.fromkeys(_QUOTES + "*", " "))


@cache
def _terms() -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(resources.files("warehouse").joinpath("search_terms.toml").read_text("utf-8"))


@cache
def _field_names() -> Mapping[str, str]:
    names: dict[str, str] = {}
    for field, typed in _terms()["fields"].items():
        assert isinstance(typed, list)
        names |= dict.fromkeys(typed, field)
    return names


@cache
def _value_names(field: str) -> Mapping[str, str]:
    values = _terms()["values"].get(field, {})
    assert isinstance(values, dict)
    return values
