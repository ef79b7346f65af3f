"""Which originals may be passed on, by the licence that their source states."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources


def allows_download(licence: str | None) -> bool:
    """Return whether anybody may pass on a file under `licence`; not where the source states none."""
    return bool(licence) and any(pattern.search(licence or "") for pattern in _patterns())


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    source = resources.files("datasette_config").joinpath("licences.toml")
    return tuple(re.compile(pattern, re.IGNORECASE) for pattern in tomllib.loads(source.read_text("utf-8"))["open"])
