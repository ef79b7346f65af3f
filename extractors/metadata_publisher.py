"""Who issued a publication: every organisation that it names is a candidate, and each place of its name is evidence.

The imprint, the copyright line, a line of its own on the title page, the running heads and what the file says of itself
speak for a name; that it is addressed, pays, is investigated or stands in the title speaks against it. The candidate
with the most evidence is the publisher, if it has enough: a name that the running text alone holds has not.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from extractors.candidates import NAMED, Candidate, merge_names
from extractors.front import Front, clean_line
from extractors.lexicon import Lexicon, phrase_regex
from extractors.metadata_signature import find_signature, read_signature
from extractors.organisations import OrganisationReader, strip_name
from extractors.records import Block, Document, ReportKind

OFTEN = 8
"""A plan names the body that made it so many times, and twice as often as any other."""

ENOUGH = 12
"""A candidate with less evidence is not the publisher."""

HOUSE_WORDS = 4
"""A body is called by the one it belongs to where that has no longer name ("House of Commons Ferries Committee")."""

FEWEST_MENTIONS = 3
"""A name behind a copyright mark that has no word of organisations stands in the text so many times."""

SIGNATURE_CHARACTERS = 300
"""The body that signs a letter is named in so many characters behind its closing words."""

EDGE_BLOCKS = 2
"""The first and the last so many blocks of the title page are its edges, where letterheads and logos stand."""

HEAD_SHARE = 0.2
"""A running head stands on such a share of the pages, and on two at least."""

FRONT_LINE_WORDS = 16
"""A line of a title page that names an organisation has no more words."""

ANSWERING: Final[frozenset[ReportKind]] = frozenset({"response", "letter", "other"})
"""Kinds of publications that do not report on others."""

TEXT_CHARACTERS = 120_000
"""So much of the text is searched for names."""


def find_publisher(
    document: Document,
    front: Front,
    lexicon: Lexicon,
    organisations: OrganisationReader,
    *,
    kind: ReportKind = "report",
    title: str | None = None,
) -> str | None:
    """Return who issued the document, None when too little speaks for any organisation."""
    ranked = rank_publishers(document, front, lexicon, organisations, kind=kind, title=title)
    if not ranked or ranked[0].score < ENOUGH:
        return None
    return _uncapitalise(ranked[0].name, document.text)


def _uncapitalise(name: str, text: str) -> str:
    """Return a name in capitals as the text prints it otherwise, if it does."""
    if not name.isupper():
        return name
    words = r"\s+".join(map(re.escape, name.split()))
    others = (m.group(0) for m in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE))
    return next((" ".join(o.split()) for o in others if not o.isupper() and not o.islower()), name)


def rank_publishers(
    document: Document,
    front: Front,
    lexicon: Lexicon,
    organisations: OrganisationReader,
    *,
    kind: ReportKind = "report",
    title: str | None = None,
) -> list[Candidate]:
    """Return the candidates, the most likely publisher first; empty when the document names no organisation.

    Args:
        document: the publication.
        front: its first pages.
        lexicon: its language.
        organisations: the reader of names of that language.
        kind: what kind of publication it is; those who are otherwise reported on issue responses and letters.
        title: its title; what that names is mostly what the publication is about.
    """
    return _Ballot(document, front, lexicon, organisations, kind, title or "").count()


class _Ballot:
    """Gathers the evidence of one document."""

    def __init__(
        self,
        document: Document,
        front: Front,
        lexicon: Lexicon,
        organisations: OrganisationReader,
        kind: ReportKind,
        title: str,
    ) -> None:
        self.document = document
        self.front = front
        self.lexicon = lexicon
        self.kind = kind
        self.title = title
        self.reader = organisations
        self.candidates: dict[str, Candidate] = {}

    def add(self, name: str, evidence: str, times: int = 1) -> None:
        """Note one more piece of evidence for the organisation `name`."""
        bare = strip_name(name)
        key = self.reader.fold(bare)
        if not key:
            return
        candidate = self.candidates.setdefault(key, Candidate(key, Counter(), Counter()))
        candidate.forms[bare[:1].upper() + bare[1:]] += 1
        candidate.evidence[evidence] += times

    def count(self) -> list[Candidate]:
        """Return all candidates by their evidence."""
        self._ask_file()
        self._ask_imprint()
        self._ask_title_page()
        self._ask_heads()
        self._ask_text()
        merge_names(self.candidates, self.reader)
        for candidate in self.candidates.values():
            self._weigh_role(candidate)
        return sorted(self.candidates.values(), key=lambda c: (-c.score, len(c.key)))

    # --- what speaks for and against -----------------------------------------------------------------------------

    def _ask_file(self) -> None:
        properties = self.document.properties
        if properties.get("publisher"):
            self.add(properties["publisher"], "file: publisher")
        for part in re.split(r"\s*[,;]\s+", properties.get("author", "")):
            if self.reader.is_organisation(part) or self.reader.find_party(part):
                self.add(part, "file: author")

    def _ask_imprint(self) -> None:
        """Read the labels of the imprint and the title page: who issued, wrote, ordered or receives it."""
        table = self.lexicon.publication
        labels = (
            (table.issuers, "imprint: issued by", True),
            (table.bylines, "byline", False),
            (table.recipients, "addressed or paying", False),
        )
        for patterns, evidence, is_open in labels:
            for line in _lines(self.document, self.front.blocks):
                if evidence != "imprint: issued by" and len(line.split()) > FRONT_LINE_WORDS:
                    continue
                for match in phrase_regex(tuple(patterns)).finditer(line):
                    rest = line[match.end() :].lstrip(" :|\t\n")
                    name = self.reader.find_first(rest)
                    if name and (is_open or self.reader.names_body(name.text)):
                        self.add(name.text, evidence)
        self._ask_label_lines(table.issuers)
        for line in _lines(self.document, self.front.blocks):
            mark = re.search(r"(?:©|\bcopyright\b)\W*(?:\bcopyright\b\W*)?(?:(?:19|20)\d\d\W*)?", line, re.IGNORECASE)
            holder = self.reader.find_first(line[mark.end() : mark.end() + 120]) if mark else None
            if holder and not self._is_general(holder.text) and self._may_hold_rights(holder.text):
                self.add(holder.text, "copyright")
        if not self._is_letter():
            return
        signature = read_signature(self.document.text, self.lexicon)[:SIGNATURE_CHARACTERS]
        signed = find_signature(self.document.text, self.lexicon) or self.reader.find_ministry(signature)
        body = next(self.reader.find(signature), None)
        if signed:
            self.add(signed, "signature")
        elif body:
            self.add(body.text, "named in the signature")

    def _ask_label_lines(self, issuers: Sequence[str]) -> None:
        """Read labels that stand in a line of their own, with the name in the next."""
        alone = phrase_regex(tuple(f"^ {label} $" for label in issuers))
        for above, below in pairwise(_lines(self.document, self.front.blocks)):
            if alone.match(above):
                name = self.reader.find_first(below)
                if name:
                    self.add(name.text, "imprint: issued by")

    def _ask_title_page(self) -> None:
        blocks = [b for b in self.front.blocks if b.end > b.start]
        first = [b for b in blocks if b.page == 1]
        if not len(self.document.words):
            first = first[:12]
        edges = {id(b) for b in (*first[:EDGE_BLOCKS], *first[-EDGE_BLOCKS:])}
        before: str | None = None
        for block in blocks:
            line = clean_line(self.document.text[block.start : block.end])
            is_title_page = block in first
            names = self.reader.read_line(line) if len(line.split()) <= FRONT_LINE_WORDS else []
            whole = next((n for n in names if self._is_whole(n)), names[0] if names else None)
            for name in names:
                if not is_title_page:
                    self.add(name, "line in the imprint")
                    continue
                self.add(name, "line on the title page" if name == whole else "author’s affiliation")
                if id(block) in edges:
                    self.add(name, "at the edge of the title page")
            if names and before is not None and is_title_page and self._belongs_to(names[0], before):
                self.add(f"{before} {names[0]}", "line on the title page")
                self.add(f"{before} {names[0]}", "byline")
            house = phrase_regex(tuple(f"^ {h} $" for h in self.lexicon.publication.houses)).match(line)
            before = names[0] if len(names) == 1 else (line if house else None)

    def _belongs_to(self, name: str, above: str) -> bool:
        """Whether a body is named after the one in the line above it ("House of Commons", "Ferries Committee")."""
        table = self.lexicon.publication
        is_part = phrase_regex(tuple(table.dependants)).search(name) is not None
        return is_part and above.lower() not in name.lower() and len(above.split()) <= HOUSE_WORDS

    def _ask_heads(self) -> None:
        """Read the running heads: what stands in many of them, alone or beside the title."""
        wanted = set(re.findall(r"\w+", self.title.lower()))
        heads: dict[str, set[int]] = {}
        for block in self.document.blocks:
            if block.kind == "running_head":
                bare = re.sub(r"^[\W\d]+|\W*\b\d+\W*$", "", clean_line(block.furniture_text or ""))
                heads.setdefault(bare, set()).add(block.page)
        pages: dict[tuple[str, str], set[int]] = {}
        for head, found in heads.items():
            parts = [strip_name(p) for p in re.split(r"\s+[–—|•·■-]\s+|\s{3,}", head) if p]
            for name in {n for part in parts for n in self._names_in_head(part)}:
                pages.setdefault((name, "running head"), set()).update(found)
            for name in _beside_title(parts, wanted):
                pages.setdefault((name, "beside the title"), set()).update(found)
        least = max(2, HEAD_SHARE * len(self.document.pages))
        for (name, evidence), found in pages.items():
            if len(found) >= (least if evidence == "running head" else 2):
                self.add(name, evidence)

    def _names_in_head(self, part: str) -> Iterator[str]:
        """Yield the organisations that a part of a running head names, parties by their abbreviations too."""
        named = next(self.reader.find(part), None)
        if self.reader.is_organisation(part):
            yield part
        elif named and named.start == 0:
            yield named.text
        for short in re.findall(r"\b[A-Z]{2,6}\b", part):
            party = self.reader.find_party(short)
            if party:
                yield party.name

    def _ask_text(self) -> None:
        """Count how often the text names each candidate, lets it speak, and says that it is investigated."""
        table = self.lexicon.publication
        text = self.document.text[:TEXT_CHARACTERS]
        speaking = phrase_regex(tuple(f"^ {p}" for ps in self.lexicon.text.verbs.values() for p in ps))
        objects = phrase_regex(tuple(f"{phrase} $" for phrase in table.objects))
        end = self.front.text.rfind("\n") if len(self.document.words) else len(self.front.text)
        for found in self.reader.find(text):
            self.add(found.text, "named in the first pages" if found.start < end else "named in the text")
            if speaking.match(text[found.end : found.end + 40]):
                self.add(found.text, "speaks")
            if found.start < len(self.front.text) and objects.search(text[max(0, found.start - 40) : found.start]):
                self.add(found.text, "investigated")
        for match in re.finditer(r"(?:www\.|@|https?://(?:www\.)?)(?P<domain>[\w-]+)\.", self.front.text.lower()):
            for candidate in self.candidates.values():
                if _is_domain_of(match.group("domain"), candidate.name):
                    candidate.evidence["address on the internet"] = 1
        self._ask_most_named()
        if self.kind == "response":
            for pattern, name in table.responders:
                if phrase_regex((pattern,)).search(self.title):
                    self.add(name, "title of a response")

    def _ask_most_named(self) -> None:
        """Note which organisation a plan or decision names far more often than all others: its own."""
        if self.kind != "other":
            return
        counts = sorted(
            ((sum(c.evidence[kind] for kind in NAMED), k) for k, c in self.candidates.items()), reverse=True
        )
        if counts and counts[0][0] >= OFTEN and (len(counts) < 2 or counts[0][0] >= 2 * counts[1][0]):
            self.candidates[counts[0][1]].evidence["named most"] = 1

    def _weigh_role(self, candidate: Candidate) -> None:
        """Note whether a candidate is of the sort that issues such a publication, and whether the title is about it."""
        name = candidate.name
        is_overseer = self.reader.is_overseer(name)
        if is_overseer and self.kind not in ANSWERING:
            candidate.evidence["reports on others"] = 1
        if not is_overseer and self.kind == "response":
            candidate.evidence["answers others"] = 1
        table = self.lexicon.publication
        house = phrase_regex(tuple(f"^ {phrase}" for phrase in table.houses))
        if house.match(name) and not phrase_regex(tuple(table.dependants)).search(name):
            candidate.evidence["is a house"] = 1  # what a parliament publishes is mostly of one of its committees
        if self.kind == "response" and is_overseer:
            candidate.evidence["in the title"] += 1
        folded = self.reader.fold(self.title)
        if candidate.key in folded and candidate.key != folded and not (is_overseer and self.kind not in ANSWERING):
            candidate.evidence["in the title"] += 1

    # --- small questions -----------------------------------------------------------------------------------------

    def _is_whole(self, name: str) -> bool:
        """Whether a name is of a kind of body that has institutes: of these in one line the whole is the publisher."""
        return phrase_regex(tuple(self.lexicon.publication.wholes)).search(name) is not None

    def _is_general(self, name: str) -> bool:
        words = {w.lower().strip(".,") for w in name.split()}
        return bool(words & set(self.lexicon.publication.not_publishers))

    def _may_hold_rights(self, name: str) -> bool:
        if self.reader.is_organisation(name):
            return True
        mentions = len(re.findall(rf"(?<!\w){re.escape(name)}(?!\w)", self.document.text, re.IGNORECASE))
        least = FEWEST_MENTIONS if len(name.split()) < HOUSE_WORDS - 1 else FEWEST_MENTIONS - 1
        return mentions >= least and self.reader.fold(name) not in self.reader.fold(self.title)

    def _is_letter(self) -> bool:
        letter = tuple(self.lexicon.publication.kinds.get("letter", ()))
        return self.kind in ("letter", "response") and phrase_regex(letter).search(self.front.text[:3000]) is not None


def _lines(document: Document, blocks: Sequence[Block]) -> list[str]:
    return [" ".join(document.text[b.start : b.end].split()) for b in blocks if b.end > b.start]


def _beside_title(parts: Sequence[str], wanted: set[str]) -> Iterator[str]:
    """Yield what a running head of two parts prints beside the title ("Title – Bureau X")."""
    if len(parts) != 2 or not wanted:
        return
    for name, other in (parts, reversed(parts)):
        words = set(re.findall(r"\w+", other.lower()))
        is_name = name[:1].isupper() and len(name.split()) <= 10 and not any(c.isdigit() for c in name)
        is_name = is_name and len(re.findall(r"(?![ivxl]+\b)[^\W\d_]{3,}", name)) >= 2
        if (
            is_name
            and words
            and len(words & wanted) >= 0.5 * len(words)
            and not set(re.findall(r"\w+", name.lower())) & wanted
        ):
            yield name


def _is_domain_of(domain: str, name: str) -> bool:
    """Whether the domain of an address on the internet is made of a name: its words run together, or its initials."""
    words = re.findall(r"[^\W_]+", name.lower())
    initials = "".join(w[0] for w in words if len(w) > 3 or len(words) < 3)
    joined = "".join(words)
    bare = domain.replace("-", "")
    return len(bare) > 2 and (bare in (joined, initials) or (len(bare) > 5 and (bare in joined or joined in bare)))
