"""How commands end: settings that are wrong, errors that are meant for people, and exit codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NoReturn

import typer

if TYPE_CHECKING:
    from flows.settings import Settings

STOPPED: Final = 1
WRONG_USE: Final = 2
WITH_PROBLEMS: Final = 3


def read_settings() -> Settings:
    """Return the settings; a wrong one is named, and ends the command."""
    from pydantic import ValidationError

    from flows.settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "RODEDRAAD_" + str(first["loc"][0] if first["loc"] else "").upper()
        fail(f"{name}: found {first.get('input')!r}: {first['msg']}; correct the setting", WRONG_USE)


@contextmanager
def messages() -> Iterator[None]:
    """Turn the errors that are meant for people into one line and an exit code; the rest keep their traceback."""
    from extractors.errors import InvalidLexicon, UnreadableDocument
    from flows.errors import (
        AlreadyScheduled,
        FetchFailed,
        InvalidSources,
        NothingToRead,
        PublicationBlocked,
        ServerUnavailable,
    )
    from models.errors import ModelUnavailable
    from warehouse.search_records import InvalidSearch

    try:
        yield
    except (NothingToRead, InvalidSources, InvalidSearch) as error:
        fail(str(error), WRONG_USE)
    except (
        UnreadableDocument,
        InvalidLexicon,
        ModelUnavailable,
        FetchFailed,
        PublicationBlocked,
        ServerUnavailable,
        AlreadyScheduled,
    ) as error:
        fail(str(error), STOPPED)
    except OSError as error:
        fail(
            f"{error.filename or 'file system'}: {error.strerror or error}; free space or mend the permissions", STOPPED
        )
    except Exception as error:
        if not _is_for_people(error):
            raise
        fail(str(error), STOPPED)


def _is_for_people(error: Exception) -> bool:
    """Whether an error comes from the warehouse or the site, which only the commands that need them import."""
    return type(error).__module__.split(".")[0] in {"warehouse", "datasette_config"}


def fail(message: str, code: int) -> NoReturn:
    """Print one line and end the command with an exit code."""
    typer.echo(f"rodedraad: {message}", err=True)
    raise typer.Exit(code)
