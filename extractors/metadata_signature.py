"""Who signs a letter: the body of the minister or commissioner below its last lines."""

from __future__ import annotations

import re

from extractors.lexicon import Lexicon, phrase_regex

LAST_CHARACTERS = 3000
"""The signature of a letter, with its annexes, stands in the last so many characters."""

UNCLOSED_CHARACTERS = 1000
"""Where a letter has no closing words, the signature is looked for in its last so many characters."""

SIGNED_WORDS = 9
"""The name of a ministry has no more words."""


def read_signature(text: str, lexicon: Lexicon) -> str:
    """Return what stands behind the closing words of a letter, its last words where it has none; on one line."""
    end = " ".join(text[-LAST_CHARACTERS:].split())
    closings = list(phrase_regex(tuple(lexicon.publication.closings)).finditer(end))
    return end[closings[-1].end() :] if closings else end[-UNCLOSED_CHARACTERS:]


def find_signature(text: str, lexicon: Lexicon) -> str | None:
    """Return the ministry of the minister who signs a letter, None without such a signature."""
    end = read_signature(text, lexicon)
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
