"""The words of layout: what a caption, the number of a page or the heading of a chapter begins with, as data."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from extractors.errors import InvalidLexicon

LAYOUT_FILE = Path(__file__).parent.parent / "lexicons" / "layout.toml"

_Words = Annotated[list[Annotated[str, Field(pattern=r"^\w+$")]], Field(min_length=1)]


class LayoutWords(BaseModel):
    """The table of `lexicons/layout.toml`: single words in lower case, of all languages together."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    chapters: _Words
    captions: _Words
    pages: _Words
    of: _Words
    contents: _Words

    def either(self, name: str) -> str:
        """Return a pattern that matches any word of the list `name`, the longest first, with or without a full stop."""
        words = sorted(getattr(self, name), key=len, reverse=True)
        return "|".join(rf"{re.escape(word)}\.?" for word in words)


def read_layout_words(path: Path) -> LayoutWords:
    """Read and check a table of layout words; raises `InvalidLexicon` for a file that lacks one or has other words."""
    try:
        return LayoutWords.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        found = f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
        raise InvalidLexicon(f"{path}: {found}; expected lists of single words; correct the file") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidLexicon(f"{path}: {error}; expected a TOML file in UTF-8; correct the file") from error


@lru_cache(maxsize=1)
def load_layout_words() -> LayoutWords:
    """Return the layout words of the program."""
    return read_layout_words(LAYOUT_FILE)
