"""Who issued a publication: its imprint, its running heads, its signature, and whom its first pages name."""

from __future__ import annotations

import re
from collections import Counter

from extractors.front import Front, clean_line
from extractors.lexicon import Lexicon, phrase_regex
from extractors.records import Document, ReportKind

_NAME = r"[A-Z][\w’'&.-]*(?:[ ]+(?:[a-z]{1,4}[ ]+)?[A-Z&][\w’'&.-]*){0,7}"

SIGNED_WORDS = 9
"""The name of a ministry has no more words."""

LINE_WORDS = 10
"""A name in a line of its own has no more words."""

_LINE_VOTES = 12
_HEAD_VOTES = 15
_COPYRIGHT_VOTES = 30
_AUTHOR_VOTES = 6
_MOST_VOTES_OF_TEXT = 6
"""How much each place speaks for the organisation that it names; the running text only breaks ties."""


def find_publisher(
    document: Document, front: Front, lexicon: Lexicon, *, kind: ReportKind = "report", title: str | None = None
) -> str | None:
    """Return who issued the document, None when no organisation is named.

    First the file's own word for it, then an imprint line ("uitgave van …"), the signature of a letter, and who answers
    by the title of a response; then the organisation for which most places speak: a line of its own on the first page,
    the running heads beside the title, the copyright line, the author of the file, the first pages, the text.
    """
    own = document.properties.get("publisher")
    if own:
        return clean_line(own)
    named = _in_imprint(front.text, lexicon)
    if named:
        return named
    if kind == "letter":
        signed = _signature(document.text, lexicon)
        if signed:
            return signed
    votes: Counter[str] = Counter()
    forms: dict[str, Counter[str]] = {}
    lines: set[str] = set()

    def vote(name: str, weight: int) -> None:
        bare = re.sub(r"^(?:De|Het|The)\s+", "", clean_line(name)).strip(" .,")
        if bare and bare.lower() not in lexicon.publication.publisher_words and not _is_excluded(bare, lexicon):
            votes[bare.lower()] += weight
            forms.setdefault(bare.lower(), Counter())[bare] += 1

    organisation = _organisation_regex(lexicon)
    for block in front.blocks:
        line = clean_line(document.text[block.start : block.end])
        if (
            block.page == 1
            and len(line.split()) <= LINE_WORDS
            and is_organisation(line, lexicon)
            and line not in (title or "")
        ):
            found = organisation.fullmatch(line.replace(",", "").replace("(", "").replace(")", ""))
            if found:
                vote(line, _LINE_VOTES)
                lines.add(line.lower())
    for name in _beside_title(document, title):
        vote(name, _HEAD_VOTES)
    for match in re.finditer(rf"(?:©|\bcopyright\b)\W*(?:(?:19|20)\d\d\W*)?({_NAME})", front.text, re.IGNORECASE):
        if len(match.group(1).split()) <= LINE_WORDS and match.group(1)[0].isupper():
            vote(match.group(1), _COPYRIGHT_VOTES)
    for text, weight, most in (
        (front.text[:2500], 4, 3),
        (front.text, 2, 4),
        (document.properties.get("author", ""), _AUTHOR_VOTES, 1),
        (document.text[:200_000], 1, _MOST_VOTES_OF_TEXT),
    ):
        counts = Counter(m.group(0) for m in organisation.finditer(text) if is_organisation(m.group(0), lexicon))
        for name, count in counts.items():
            vote(name, weight * min(count, most))
    # The same name in two spellings is one organisation; it is called as it is mostly printed.
    best = None
    if votes:
        winner = votes.most_common(1)[0][0]
        # "Ministry of X Department Y" is printed by the ministry, where that is also named by itself.
        shorter = [name for name, count in votes.items() if winner.startswith(f"{name} ") and count >= _AUTHOR_VOTES]
        best = forms[min(shorter, key=len, default=winner)].most_common(1)[0][0]
    if kind == "response" and title:
        answering = _responder(title, lexicon)
        if answering and not (best and best not in title and best.lower() in lines):
            return answering
    return best


def _in_imprint(text: str, lexicon: Lexicon) -> str | None:
    imprint = phrase_regex(tuple(lexicon.publication.publishers))
    named_outright = phrase_regex(tuple(lexicon.publication.issuers))
    organisation = _organisation_regex(lexicon)
    for match in sorted(imprint.finditer(text), key=lambda m: not named_outright.search(m.group(0))):
        issuer = organisation.match(text[match.end() : match.end() + 160].lstrip(" :\n"))
        if issuer and (named_outright.search(match.group(0)) or is_organisation(issuer.group(0), lexicon)):
            return clean_line(issuer.group(0))
    return None


def _organisation_regex(lexicon: Lexicon) -> re.Pattern[str]:
    words = "|".join(map(re.escape, lexicon.publication.publisher_words))
    return re.compile(rf"{_NAME}(?:[ ]+(?:{words})(?!\w))?")


def _is_excluded(name: str, lexicon: Lexicon) -> bool:
    words = {w.lower().strip(".,") for w in name.split()}
    return bool(words & set(lexicon.publication.not_publishers)) or len(name) < 3


def _beside_title(document: Document, title: str | None) -> list[str]:
    """Return what running heads print beside the title ("Title – Bureau X"), once per page that has it."""
    found: list[str] = []
    wanted = set(re.findall(r"\w+", (title or "").lower()))
    for block in document.blocks:
        parts = re.split(r"\s+[–—|•·-]\s+", block.furniture_text or "")
        if block.kind != "running_head" or len(parts) != 2 or not wanted:
            continue
        for name, other in (parts, reversed(parts)):
            words = set(re.findall(r"\w+", other.lower()))
            spoken = set(re.findall(r"\w+", name.lower()))
            is_name = name[:1].isupper() and len(name.split()) <= LINE_WORDS and not any(c.isdigit() for c in name)
            is_name = is_name and len(re.findall(r"(?![ivxl]+\b)[^\W\d_]{3,}", name)) >= 2
            if is_name and words and len(words & wanted) >= 0.5 * len(words) and not spoken & wanted:
                found.append(name)
    return list(dict.fromkeys(found))


def _signature(text: str, lexicon: Lexicon) -> str | None:
    """Return the ministry of the minister who signs a letter, None without such a signature."""
    end = " ".join(text[-1500:].split())
    small = {*lexicon.publication.cases.joints, *lexicon.addressees.beside}
    for spoken, body in lexicon.publication.signers:
        for match in reversed(
            list(re.finditer(rf"(?<!\w){re.escape(spoken)}\s+(?P<rest>.{{3,90}})", end, re.IGNORECASE))
        ):
            kept: list[str] = []
            for word in match.group("rest").split()[:SIGNED_WORDS]:
                bare = word.strip(",.")
                if bare.lower() in small:
                    kept.append(word.lower())
                elif bare[:1].isupper() and len(bare) > 1:
                    kept.append(word.capitalize() if word.isupper() else word)
                    if word.endswith((",", ".")) and not _goes_on(match.group("rest"), word):
                        break
                else:
                    break
            while kept and kept[-1].islower():
                kept.pop()
            if kept:
                return f"{body} {' '.join(kept).strip(' ,.')}"
    return None


def _goes_on(text: str, word: str) -> bool:
    """Whether the name of a ministry goes on after a comma: the next word but one is a small one ("A, B and C")."""
    following = text[text.index(word) + len(word) :].split()
    return word.endswith(",") and len(following) > 2 and following[1].islower() and following[2][:1].isupper()


def _responder(title: str, lexicon: Lexicon) -> str | None:
    for pattern, name in lexicon.publication.responders:
        if phrase_regex((pattern,)).search(title):
            return name
    return None


def is_organisation(name: str, lexicon: Lexicon) -> bool:
    """Whether a name has a word by which organisations are known ("… Bureau"), and is not that word alone."""
    words = {w.lower().strip(".,") for w in name.split()}
    return any(w.strip(".") in words or w in name.lower().split() for w in lexicon.publication.publisher_words) and (
        len(name.split()) > 1 or name.lower() not in lexicon.publication.publisher_words
    )
