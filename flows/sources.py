"""The file of sources: what the operator names once, read and checked."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from extractors.records import ReportKind
from flows.adapter import SourceAdapter, WebAddress, find_adapters
from flows.clock import now
from flows.errors import InvalidSources
from warehouse.source_entries import SourceDescription

ALL: Final = "all"
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_PRESET: Final = "preset"

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class Source(BaseModel):
    """One source: who publishes, what is to be expected, when to ask, and the adapter that finds the documents."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    source_id: str
    publisher: Text
    licence: Text | None = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
    kind: ReportKind = "report"
    schedule: Text | None = None
    time_zone: Text = "Europe/Amsterdam"
    expect_at_least: Annotated[int, Field(ge=1)]
    homepage: WebAddress | None = None
    verified: Text | None = None
    delay_seconds: Annotated[float | None, Field(ge=0, le=3600)] = None
    recheck_days: Annotated[float, Field(ge=0, le=36_500)] = 30.0
    trust_dates: bool = False
    lists_everything: bool | None = None
    adapter_name: str
    adapter: SourceAdapter
    folder: Path

    @field_validator("schedule")
    @classmethod
    def _is_cron(cls, schedule: str | None) -> str | None:
        if schedule is not None:
            if len(schedule.split()) != 5:  # others know seconds too, Prefect does not
                raise ValueError("found no cron schedule, against five fields such as 0 5 * * *")
            try:
                CronSim(schedule, now())
            except CronSimError as error:
                raise ValueError(f"found no cron schedule ({error}), against five fields such as 0 5 * * *") from error
        return schedule

    @field_validator("time_zone")
    @classmethod
    def _is_zone(cls, time_zone: str) -> str:
        try:
            ZoneInfo(time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:  # OSError: part of a name, such as Europe
            raise ValueError("found no time zone, against one such as Europe/Amsterdam") from error
        return time_zone

    @property
    def is_whole_listing(self) -> bool:
        """Whether what it no longer lists is withdrawn: as the setting says, else as its adapter knows."""
        return self.adapter.lists_everything if self.lists_everything is None else self.lists_everything

    @property
    def description(self) -> SourceDescription:
        """What the warehouse keeps of it."""
        return SourceDescription(
            source_id=self.source_id,
            publisher=self.publisher,
            licence=self.licence,
            language=self.language,
            kind=self.kind,
            adapter=self.adapter_name,
            homepage=self.homepage,
            schedule=self.schedule,
            time_zone=self.time_zone,
            expected_count=self.expect_at_least,
            verified=self.verified,
        )


def load_sources(path: Path) -> tuple[Source, ...]:
    """Return the sources of a file, in its order.

    Raises:
        InvalidSources: when the file is missing, is no TOML, or says something that cannot be; the message names the
            source, the setting, what was found and what is expected.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InvalidSources(
            f"{path}: found no such file, against a file of sources; copy examples/sources.toml there, or name another "
            "in RODEDRAAD_SOURCES"
        ) from error
    except (OSError, ValueError) as error:  # ValueError: no UTF-8, no TOML, or a number of thousands of digits
        raise InvalidSources(f"{path}: found no TOML file in UTF-8 ({error}); correct it") from error
    tables = content.pop("source", {})
    if content:
        raise InvalidSources(
            f"{path}: found {', '.join(sorted(content))} beside the sources, against tables [source.NAME]; move or "
            "remove it"
        )
    if not isinstance(tables, dict) or not tables:
        raise InvalidSources(f"{path}: found no sources, against tables [source.NAME]; see examples/sources.toml")
    return tuple(_make_source(path, name, table) for name, table in tables.items())


def load_presets() -> tuple[Source, ...]:
    """Return the sources that the program brings along, by name."""
    return tuple(_make_source(Path("presets.toml"), name, {_PRESET: name}) for name in sorted(_read_presets()))


def choose_sources(sources: Collection[Source], wanted: Collection[str]) -> tuple[Source, ...]:
    """Return the sources with the ids `wanted`, each once, or all of them for ``all``.

    Raises:
        InvalidSources: for an id that there is not; the message suggests one that is like it.
    """
    by_id = {source.source_id: source for source in sources}
    if ALL in wanted and ALL not in by_id:
        return tuple(sources)
    for source_id in wanted:
        if source_id not in by_id:
            near = difflib.get_close_matches(source_id, by_id, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(by_id)}"
            raise InvalidSources(f"{source_id}: found no such source; {hint}")
    return tuple(by_id[source_id] for source_id in dict.fromkeys(wanted))


def _make_source(path: Path, name: str, table: Any) -> Source:
    subject = f"{path}: source {name}"
    if not _ID.fullmatch(name) or name == ALL:
        raise InvalidSources(f"{subject}: found that name, against lower-case letters, digits and hyphens; rename it")
    if not isinstance(table, dict):
        raise InvalidSources(f"{subject}: found {type(table).__name__}, against a table [source.{name}]; correct it")
    adapters = _adapters()
    values = _with_preset(subject, table)
    named = [key for key in values if key in adapters]
    if len(named) != 1:
        raise InvalidSources(
            f"{subject}: found {' and '.join(named) or 'no adapter'}, against one table "
            f"[source.{name}.ADAPTER] with an adapter of {', '.join(adapters)}; correct it"
        )
    adapter_name = named[0]
    settings = values.pop(adapter_name)
    for given in ("source_id", "adapter_name", "adapter", "folder"):
        if given in values:
            raise InvalidSources(f"{subject}: found {given}, which is no setting; remove it")
    try:
        adapter = adapters[adapter_name].model_validate(settings)
        return Source(
            source_id=name, adapter_name=adapter_name, adapter=adapter, folder=path.resolve().parent, **values
        )
    except ValidationError as error:
        raise InvalidSources(_explain(subject, error, adapter_name if error.title == "Adapter" else None)) from error


def _with_preset(subject: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a source over those of the preset that it names; tables are merged one level deep."""
    values = dict(table)
    if _PRESET not in values:
        return values
    presets, wanted = _read_presets(), values.pop(_PRESET)
    if not isinstance(wanted, str) or wanted not in presets:
        raise InvalidSources(
            f"{subject}: found the preset {wanted!r}, against one of {', '.join(sorted(presets))}; correct it"
        )
    merged = dict(presets[wanted])
    for key, value in values.items():
        both = isinstance(value, dict) and isinstance(merged.get(key), dict)
        merged[key] = {**merged[key], **value} if both else value
    return merged


def _explain(subject: str, error: ValidationError, adapter_name: str | None) -> str:
    first = error.errors()[0]
    place = ".".join(str(part) for part in (*([adapter_name] if adapter_name else []), *first["loc"]))
    message = str(first["msg"]).removeprefix("Value error, ")
    if first["type"] == "missing":
        return f"{subject}: found no {place}, which is needed; add it"
    if first["type"] == "extra_forbidden":
        return f"{subject}: found {place}, which is no setting; correct or remove it"
    return f"{subject}: {place or 'settings'} = {first.get('input')!r}: {message[:1].lower() + message[1:]}; correct it"


@cache
def _adapters() -> dict[str, type[SourceAdapter]]:
    return find_adapters()


@cache
def _read_presets() -> dict[str, dict[str, Any]]:
    text = resources.files("flows").joinpath("presets.toml").read_text("utf-8")
    presets: dict[str, dict[str, Any]] = tomllib.loads(text)["preset"]
    return presets
