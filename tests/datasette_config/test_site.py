"""The site that is shown changes when a new one is published, and nobody notices otherwise."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from invented_extractions import make_extraction
from served_sites import NL, publish

from datasette_config.registry import get_service
from datasette_config.site import SiteMissing
from warehouse.search_records import SiteUnreadable

pytestmark = pytest.mark.system

ServeSite = Callable[..., Datasette]

NEW = make_extraction("De brug wordt nieuw.", "Bouw een tweede brug.", name="Bruggen", published_date="2025")


async def total(served: Datasette, query: str) -> int:
    """Return how many statements a search finds."""
    answer = await served.client.get(f"/api/search?q={query}&mode=lexical")
    assert answer.status_code == 200, answer.text
    return int(answer.json()["total"])


def test_without_a_site_the_operator_is_told_what_to_do(tmp_path: Path, serve_site: ServeSite) -> None:
    """No folder, an empty folder, and a link that leads nowhere."""
    with pytest.raises(SiteMissing, match="rodedraad ingest"):
        serve_site(tmp_path / "site")
    (tmp_path / "site").mkdir()
    with pytest.raises(SiteMissing, match="rodedraad ingest"):
        serve_site(tmp_path / "site")
    (tmp_path / "site" / "current").symlink_to("builds/gone")
    with pytest.raises(SiteUnreadable, match="publish again"):
        serve_site(tmp_path / "site")


async def test_a_new_site_is_shown_without_a_restart(tmp_path: Path, serve_site: ServeSite) -> None:
    """Search, tables, counts and descriptions change together at the next request."""
    site_dir = publish(tmp_path, make_extraction(*NL))
    served = serve_site(site_dir)
    assert await total(served, "brug") == 0
    assert "Bruggen" not in (await served.client.get("/kb/reports.json")).text
    publish(tmp_path, NEW)
    assert await total(served, "brug") == 2
    assert "Bruggen" in (await served.client.get("/kb/reports.json")).text
    assert (await served.client.get("/kb.json?sql=select+count(*)+from+statements")).json()["rows"] == [[5]]
    assert (await served.client.get("/api/health")).json()["counts"]["statements"] == 5
    tables = {table["name"]: table["count"] for table in (await served.client.get("/kb.json")).json()["tables"]}
    assert tables["statements"] == 5
    assert "Bruggen" in (await served.client.get("/")).text


async def test_requests_under_way_do_not_fail_while_sites_change(tmp_path: Path, serve_site: ServeSite) -> None:
    """A load of requests over three publications: every one is answered, from one build or another."""
    site_dir = publish(tmp_path, make_extraction(*NL))
    served = serve_site(site_dir)
    await served.client.get("/")  # what uvicorn does before it lets requests in
    statuses: list[int] = []
    is_done = asyncio.Event()

    async def ask(path: str) -> None:
        while not is_done.is_set():
            statuses.append((await served.client.get(path)).status_code)

    async def publish_three() -> None:
        for i in range(3):
            await asyncio.to_thread(publish, tmp_path, make_extraction(f"De brug {i} staat er.", name=f"Brug {i}"))
            await asyncio.sleep(0.1)
        is_done.set()

    paths = ("/api/search?q=dijk", "/kb/statements.json", "/search?q=brug", "/", "/kb/reports")
    await asyncio.gather(publish_three(), *(ask(path) for path in paths))
    assert len(statuses) > 10
    assert set(statuses) == {200}
    assert await total(served, "brug") == 3


@pytest.mark.parametrize("path", ["/api/search?q=brug", "/api/reports", "/api/feed", "/kb/statements.json", "/"])
async def test_a_request_that_waits_while_its_build_is_removed_is_answered(
    tmp_path: Path, serve_site: ServeSite, path: str
) -> None:
    """All threads are busy while two new sites come and the old one goes; nobody was connected to it yet."""
    served = serve_site(publish(tmp_path, make_extraction(*NL)))
    await served.invoke_startup()
    service = get_service(served)
    old = service.build.folder
    release = threading.Event()
    for _ in range(8):
        service._executor.submit(release.wait, 20)
        served.executor.submit(release.wait, 20)
    asked = asyncio.create_task(served.client.get(path))
    await asyncio.sleep(0.2)
    for i in range(2):
        await asyncio.to_thread(publish, tmp_path, make_extraction(f"De brug {i} staat er.", name=f"Brug {i}"))
    assert not old.exists()
    release.set()
    answer = await asked
    assert answer.status_code == 200 and "brug" in answer.text.lower()


async def test_a_broken_new_build_leaves_the_old_one_up(tmp_path: Path, serve_site: ServeSite) -> None:
    """The old answers stay, health says why, and the next whole build is shown again."""
    site_dir = publish(tmp_path, make_extraction(*NL))
    served = serve_site(site_dir)
    assert await total(served, "dijk") == 1
    broken = site_dir / "builds" / "broken"
    broken.mkdir()
    (site_dir / "current").unlink()
    (site_dir / "current").symlink_to("builds/broken")
    for _ in range(2):
        assert await total(served, "dijk") == 1
    health = (await served.client.get("/api/health")).json()
    assert health["status"] == "degraded" and "broken" in health["messages"][0]
    home = (await served.client.get("/")).text
    assert health["messages"][0] in home and str(tmp_path) not in home + str(health)
    publish(tmp_path, NEW)
    assert await total(served, "brug") == 2
    assert (await served.client.get("/api/health")).json()["status"] == "ok"


@pytest.mark.parametrize("name", ["kb.db", "site.json", "settings.json", "metadata.yaml", "search/statements/year.npy"])
@pytest.mark.parametrize("is_removed", [True, False])
async def test_a_server_that_starts_on_a_broken_build_shows_the_one_before(
    tmp_path: Path, serve_site: ServeSite, name: str, is_removed: bool
) -> None:
    """A file of the newest build is gone or is something else: the old answers are there, and health says so."""
    publish(tmp_path, make_extraction(*NL))
    newest = (publish(tmp_path, NEW) / "current").resolve()
    (newest / name).unlink()
    if not is_removed:
        (newest / name).write_bytes(b"3")
    served = serve_site(tmp_path / "site")
    assert await total(served, "dijk") == 1 and await total(served, "brug") == 0
    health = (await served.client.get("/api/health")).json()
    assert health["status"] == "degraded" and newest.name in health["messages"][0]
    assert str(tmp_path) not in str(health)


async def test_files_that_go_while_they_are_shown_are_told_of(
    tmp_path: Path, serve_site: ServeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """Pages and the API say that it is not the asker's fault, and name no file; the log does."""
    served = serve_site(publish(tmp_path, make_extraction(*NL)))
    await served.client.get("/kb.json")  # what uvicorn does before it lets requests in
    (get_service(served).build.folder / "kb.db").unlink()
    for path in ("/search?q=dijk", "/api/search?q=dijk", "/api/reports", "/", "/kb/reports", "/kb/statements.json"):
        answer = await served.client.get(path)
        # Datasette may still have the file open.
        assert answer.status_code == 503 or path.startswith("/kb"), (path, answer.text[:300])
        assert str(tmp_path) not in answer.text and "Traceback" not in answer.text
    assert "Deze pagina kan niet" in (await served.client.get("/?lang=nl")).text
    assert str(tmp_path) in caplog.text


async def test_connections_to_an_old_build_are_let_go(tmp_path: Path, serve_site: ServeSite) -> None:
    """After a change no file of the old build stays open, so that its disk space comes free."""
    site_dir = publish(tmp_path, make_extraction(*NL))
    served = serve_site(site_dir)
    old = get_service(served).build.folder
    for path in ("/kb/statements", "/api/search?q=dijk", "/"):
        await served.client.get(path)
    assert _is_open(old)
    publish(tmp_path, NEW)
    for path in ("/kb/statements", "/api/search?q=brug", "/"):
        await served.client.get(path)
    gc.collect()
    assert not _is_open(old)


def _is_open(folder: Path) -> bool:
    opened: list[Any] = []
    for entry in Path("/proc/self/fd").iterdir():
        try:
            opened.append(entry.readlink())
        except OSError:
            continue  # closed since the listing
    return any(str(path).startswith(str(folder)) for path in opened)


def test_the_settings_of_the_site_are_followed(site_dir: Path, serve_site: ServeSite) -> None:
    """Datasette gets the limits that the publication wrote."""
    assert serve_site(site_dir).setting("sql_time_limit_ms") == 5_000


@pytest.mark.parametrize("path", ["/kb.json", "/kb.csv", "/kb.xlsx"])
async def test_a_query_that_does_not_end_is_ended(site_dir: Path, serve_site: ServeSite, path: str) -> None:
    """An analyst is told so, and the next query is answered."""
    served = serve_site(site_dir)
    served.sql_time_limit_ms = 50
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    assert (await served.client.get(path, params={"sql": endless})).status_code == 400
    assert (await served.client.get(path, params={"sql": "select count(*) from reports"})).status_code == 200
