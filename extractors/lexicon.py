"""Lexicons: everything that is known about a language, as data, validated when it is loaded.

A lexicon is a TOML file ``extractors/lexicons/<language>.toml``. Adding a language is adding a file. Patterns are
written as in `models.pipeline.compile_cue`; in titles and phrases a word may also hold ``*`` for any letters.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from extractors.errors import InvalidLexicon
from extractors.records import ReportKind, SectionRole, Stance, StatementKind
from models.pipeline import Pipeline, compile_cue, load_pipeline

LEXICON_FOLDER = Path(__file__).parent / "lexicons"


def _check_cue(pattern: str) -> str:
    compile_cue(pattern)
    return pattern


def _check_words(words: list[str]) -> list[str]:
    if any(w != w.strip() or not w for w in words):
        raise ValueError("a word is empty or has white space around it; expected bare words")
    return words


Cue = Annotated[str, AfterValidator(_check_cue)]
Words = Annotated[list[str], AfterValidator(_check_words)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TextTable(_Table):
    """Abbreviations that end no sentence, the words before the number of a statement, and what the publisher does."""

    abbreviations: Words
    labels: dict[StatementKind, Words]
    verbs: dict[StatementKind, Words]
    back_references: Words


class CueTable(_Table):
    """Cue groups; the file of the Dutch lexicon says what each is for."""

    recommend: list[Cue]
    ought: list[Cue]
    must: list[Cue]
    imperative: list[Cue]
    conclude: list[Cue]
    find: list[Cue]
    learn: list[Cue]
    announce_recommendation: list[Cue]
    announce_conclusion: list[Cue]
    announce_finding: list[Cue]
    announce_lesson: list[Cue]
    cited: list[Cue]
    done: list[Cue]
    lead: list[Cue]


class AddresseeTable(_Table):
    """How a text names who must act."""

    lead_ins: Words
    bodies: Words
    verbs: Words
    between: list[tuple[str, str]]
    stop_words: Words
    articles: Words
    of: Words
    joints: Words
    ands: Words
    agents: Words
    beside: Words
    together: Words
    consulted: Words
    purposes: Words
    labels: Words
    told: list[Cue]
    worth: Words
    that: Words
    when: Words
    says: Words
    undergone: list[Cue]
    infinitive: Words
    pronouns: Words
    relatives: Words
    titles: Words
    authors: Words
    not_bodies: Words


class DateTable(_Table):
    """Words of dates, terms and deadlines; the file of the Dutch lexicon says what each is for."""

    months: Annotated[list[str], Field(min_length=12, max_length=12)]
    homonyms: Words
    seasons: dict[str, Annotated[int, Field(ge=1, le=12)]]
    numbers: dict[str, int]
    units: dict[str, Literal["day", "week", "month", "quarter", "year"]]
    terms: dict[str, Annotated[int, Field(ge=1)]]
    some: Words
    day_kinds: Words
    ordinals: dict[str, Annotated[int, Field(ge=1, le=4)]]
    quarters: Words
    halves: Words
    relative_years: dict[str, int]
    the: Words
    of: Words
    by: Words
    before: Words
    start: Words
    during: Words
    outright: Words
    within: Words
    coming: Words
    end_of: Words
    early: Words
    middle: Words
    until: Words
    ranges: Words
    after: Words
    anchors: Words
    labels: Words
    events: list[Cue]
    at_once: Words
    yearly: Words
    planned: Words

    __hash__ = object.__hash__


class CaseTable(_Table):
    """How a text names the cases that it compares."""

    lead_ins: Words
    heads: Words
    joints: Words
    articles: Words


class PublicationTable(_Table):
    """Words around the title, date, number and publisher of a report."""

    published: Words
    not_published: Words
    numbers: Words
    not_numbers: Words
    series: Words
    papers: Words
    titles: Words
    issuers: Words
    publisher_words: Words
    publisher_names: Words
    single_names: Words
    name_joints: Words
    partings: Words
    not_publishers: Words
    name_stops: Words
    overseers: Words
    bylines: Words
    recipients: Words
    objects: Words
    houses: Words
    dependants: Words
    wholes: Words
    subjects: Words
    generic: Words
    released: Words
    closings: Words
    signers: list[tuple[str, str]]
    responders: list[tuple[str, str]]
    sources: Words
    kinds: dict[ReportKind, Words]
    cases: CaseTable


class ResponseCueTable(_Table):
    """Cue groups of a reaction; the file of the Dutch lexicon says what each is for."""

    accepted: list[Cue]
    agreed: list[Cue]
    fully: list[Cue]
    partly: list[Cue]
    rejected: list[Cue]
    weighed: list[Cue]
    noted: list[Cue]
    acted: list[Cue]
    named: list[Cue]
    contrast: list[Cue]
    reserved: list[Cue]
    followed: list[Cue]
    topic: list[Cue]
    unsaid: list[Cue]
    replied: list[Cue]


class ResponseColumnTable(_Table):
    """Headers of the columns of a table of reactions, and cells that are a stance by themselves."""

    recommendation: Words
    response: Words
    status: Words
    stances: dict[Stance, Words]


class ResponseTable(_Table):
    """How a body reacts to a recommendation, and how it says to which one."""

    references: Words
    before_number: Words
    joints: Words
    ranges: Words
    ordinals: dict[str, Annotated[int, Field(ge=1)]]
    all_of: Words
    several: Words
    negation: Words
    exceptions: Words
    answers: Words
    titles: Words
    afterwords: Words
    cues: ResponseCueTable
    columns: ResponseColumnTable


class Lexicon(_Table):
    """One language."""

    language: Annotated[str, Field(pattern=r"^[a-z]{2}$")]
    name: str
    text: TextTable
    sections: dict[SectionRole | Literal["void"], Words]
    cues: CueTable
    addressees: AddresseeTable
    dates: DateTable
    publication: PublicationTable
    responses: ResponseTable

    def pipeline(self) -> Pipeline:
        """Return the pipeline that splits texts of this language and marks its cues."""
        cues: dict[str, list[str]] = dict(self.cues.model_dump())
        reactions = self.responses.cues.model_dump()
        cues.update({f"response_{group}": patterns for group, patterns in reactions.items()})
        return load_pipeline(self.language, abbreviations=self.text.abbreviations, cues=cues)


def read_lexicon(path: Path) -> Lexicon:
    """Read and check one lexicon file.

    Raises:
        InvalidLexicon: when the file is no TOML, lacks a part, has one too many, or a pattern is malformed.
    """
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLexicon(f"{path}: {error}; expected a TOML file in UTF-8; correct the file") from error
    try:
        lexicon = Lexicon.model_validate(table)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidLexicon(
            f"{path}: {place}: {first['msg']}; {error.error_count()} places in all; correct the file"
        ) from error
    if path.stem != lexicon.language:
        raise InvalidLexicon(f"{path}: language {lexicon.language!r} against the file name; rename one of the two")
    return lexicon


@lru_cache(maxsize=1)
def load_lexicons() -> dict[str, Lexicon]:
    """Return all lexicons by language code; raises `InvalidLexicon` for a malformed one, before anything is read."""
    return {path.stem: read_lexicon(path) for path in sorted(LEXICON_FOLDER.glob("[a-z][a-z].toml"))}


def lexicons_hash(folder: Path = LEXICON_FOLDER, *, language: str | None = None) -> str:
    """Return 12 hexadecimal digits that change when any lexicon or file of parties in `folder` changes.

    With `language` the lexicons of other languages do not count.
    """
    digest = hashlib.sha256()
    others = () if language is None else {path for path in folder.glob("[a-z][a-z].toml") if path.stem != language}
    for path in sorted(folder.rglob("*.toml")):
        if path in others:
            continue
        digest.update(path.relative_to(folder).as_posix().encode() + b"\x00" + path.read_bytes())
    return digest.hexdigest()[:12]


@lru_cache(maxsize=512)
def phrase_regex(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """Return one regular expression that finds any of `patterns` as whole words; nothing for no patterns.

    The syntax is that of cues; ``^`` and ``$`` are the beginning and the end of the text.
    """
    parts = [_phrase(p) for p in patterns]
    return re.compile("|".join(parts) or r"(?!)", re.IGNORECASE)


def _phrase(pattern: str) -> str:
    out = ""
    joint = ""
    for word in pattern.split():
        if word == "^":
            out += r"^\W*"
        elif word == "$":
            out += r"\W*$"
        elif word in ("...", ".."):
            joint = rf"\W+(?:[^\W_]+\W+){{0,{8 if word == '...' else 3}}}?"
        else:
            forms = "|".join(re.escape(f).replace(r"\*", r"\w*") for f in word.split("|"))
            out += (joint if out and not out.endswith(r"^\W*") else "") + rf"(?<!\w)(?:{forms})(?!\w)"
            joint = r"\W+"
    return f"(?:{out})"
