"""Datasette reads what is published without further help."""

from __future__ import annotations

import html
import json
from pathlib import Path

import pytest
import yaml
from datasette.app import SETTINGS, Datasette
from invented_extractions import ADVICE, MODEL, NOON, embed, fill

from warehouse.datasette_metadata import load_queries
from warehouse.publication import publish_site
from warehouse.schema import PUBLISHED_TABLES
from warehouse.store import Warehouse
from warehouse.views import VIEWS


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a published build."""
    folder = tmp_path_factory.mktemp("published")
    with Warehouse.open(folder / "warehouse.duckdb") as opened:
        fill(opened)
        embed(opened)
        return publish_site(opened, folder / "site", model_id=MODEL, built_at=NOON).path


def test_settings_and_metadata_are_what_datasette_reads(site: Path) -> None:
    """The metadata is plain YAML; the settings are known to this Datasette."""
    metadata = yaml.safe_load((site / "metadata.yaml").read_text("utf-8"))
    assert metadata["databases"]["kb"]["queries"].keys() == load_queries().keys()
    assert set(json.loads((site / "settings.json").read_text())) <= {setting.name for setting in SETTINGS}


async def test_datasette_shows_the_site(site: Path) -> None:
    """Datasette serves the folder as it is: tables, facets, its own search box, views and ready-made queries."""
    datasette = Datasette(
        [], immutables=[str(site / "kb.db")], metadata=yaml.safe_load((site / "metadata.yaml").read_text("utf-8")),
        settings=json.loads((site / "settings.json").read_text()),
    )  # fmt: skip
    await datasette.invoke_startup()
    about = (await datasette.client.get("/kb.json")).json()
    shown = {table["name"] for table in about["tables"] if not table["hidden"]}
    assert shown == {table.name for table in PUBLISHED_TABLES}
    for table in ("statements", "recommendations"):
        found = (await datasette.client.get(f"/kb/{table}.json?_search=nakomt&_shape=array")).json()
        assert [row["text"] for row in found] == [ADVICE[0]] * 2, table
    for described in (*PUBLISHED_TABLES, *VIEWS):
        page = await datasette.client.get(f"/kb/{described.name}")
        assert page.status_code == 200, described.name
        assert described.description[:60] in html.unescape(page.text)
    facets = (await datasette.client.get("/kb/statements.json")).json()["facet_results"]
    assert {"kind", "language", "section_role", "published_year"} <= set(facets)
    for name, query in load_queries().items():
        answer = await datasette.client.get(f"/kb/{name}.json", params={"_shape": "array", **query["example"]})
        assert answer.status_code == 200, (name, answer.text)
        page = await datasette.client.get(f"/kb/{name}", params=query["example"])
        assert query["description"][:60] in html.unescape(page.text)
