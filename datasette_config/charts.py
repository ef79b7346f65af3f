"""The charts, as the plugin datasette-dashboards wants them configured."""

from __future__ import annotations

import copy
import json
import tomllib
from collections.abc import Collection, Mapping
from functools import cache
from importlib import resources
from typing import Any, Final

from datasette_config.messages import KINDS, STANCES, Messages

PLUGIN: Final = "datasette-dashboards"
DASHBOARD: Final = "charts"
"""The name of our one dashboard in addresses."""
_LANGUAGE: Final = "en"
"""The language of the names that the configuration asks for."""
_CODES: Final[Mapping[str, tuple[str, ...]]] = {"kind": KINDS, "stance": STANCES}


def describe_charts(tables: Collection[str]) -> dict[str, Any]:
    """Return the configuration of the plugin for a build with these `tables`."""
    described = copy.deepcopy(_read_charts())
    charts = {name: chart for name, chart in described["charts"].items() if chart.pop("needs", None) in (None, *tables)}
    for name, chart in charts.items():
        chart["title"] = name.replace("_", " ")
        # Drawn as SVG, and without Vega's own menu, which has no name for screen readers and leads to the internet.
        chart["display"]["usermeta"] = {"embedOptions": {"actions": False, "renderer": "svg"}}
    described["charts"] = charts
    described["layout"] = [row for row in described["layout"] if set(row) <= set(charts)]
    return {DASHBOARD: {"title": "Charts", "description": "", **described}}


def translate_chart(chart: Mapping[str, Any], title: str, t: Messages) -> dict[str, Any]:
    """Return a chart of the configuration with its `title`, its codes and themes named in the reader's language."""
    translated = copy.deepcopy(dict(chart))
    translated["title"] = title
    if t.language != _LANGUAGE:
        translated["query"] = translated["query"].replace(f"n.name_{_LANGUAGE} ", "n.name ")
    for channel in translated["display"].get("encoding", {}).values():
        codes = _CODES.get(channel.get("field"))
        if codes:
            names = {code: t.name(channel["field"], code) for code in codes}
            guide = "legend" if "legend" in channel else "axis"
            shown = {"labelExpr": f"{json.dumps(names)}[datum.label] || datum.label"}
            channel[guide] = {**channel.get(guide, {}), **shown}
    return translated


@cache
def _read_charts() -> dict[str, Any]:
    return tomllib.loads(resources.files("datasette_config").joinpath("charts.toml").read_text("utf-8"))
