"""The charts, as the plugin datasette-dashboards wants them configured."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any, Final

PLUGIN: Final = "datasette-dashboards"
DASHBOARD: Final = "charts"
"""The name of our one dashboard in addresses."""


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


@cache
def _read_charts() -> dict[str, Any]:
    return tomllib.loads(resources.files("datasette_config").joinpath("charts.toml").read_text("utf-8"))
