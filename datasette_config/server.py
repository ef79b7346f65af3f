"""Serves a published site: Datasette's pages and the search API in one process."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from datasette import handle_exception
from datasette.app import Datasette

from datasette_config.encoder import EncodesQueries, QueryEncoder
from datasette_config.originals import Originals
from datasette_config.registry import PLUGIN, get_service, set_service
from datasette_config.service import SearchService
from datasette_config.site import ServedSite

_HERE: Final = Path(__file__).parent


def make_app(
    site_dir: Path, *, load_encoder: Callable[[], EncodesQueries], originals: Originals | None = None
) -> tuple[Datasette, Any]:
    """Return Datasette and the ASGI application that shows the site in `site_dir` and searches it.

    `load_encoder` is called once, when the first question comes or `warm_up` is called on the service. Without
    `originals` no page of a report is shown as a picture, and none can be downloaded. Raises
    `SiteMissing` when nothing is published there, and `SiteUnreadable` when no build is whole.
    """
    # Prefect brings rich, with which Datasette would print every value in a traceback, those of requests included.
    handle_exception.rich = None
    site = ServedSite(site_dir)
    datasette = Datasette(
        files=[],
        settings=dict(site.build.settings),
        cors=False,
        metadata={"plugins": {PLUGIN: {"shows_site": True}, "datasette-mcp": {"canned_queries": True}}},
        # Given here and not by the plugin, so that other sites of whoever has Rode Draad installed keep their look.
        template_dir=str(_HERE / "templates"),
        static_mounts=[("rodedraad", str(_HERE / "static"))],
    )
    set_service(datasette, SearchService(site, QueryEncoder(load_encoder), originals))
    site.attach(datasette)
    # Datasette made an application for its own client before it knew the service.
    app = datasette.client.app = datasette.app()
    return datasette, app


def serve(
    site_dir: Path,
    *,
    host: str = "127.0.0.1",
    port: int = 8001,
    model: str = "multilingual-e5-small",
    second_model: str = "universal-sentence-encoder",
    cache_dir: Path,
    precision: str = "auto",
    allow_hub: bool = False,
    originals: Originals | None = None,
    log_level: str = "warning",
) -> None:
    """Show the site in `site_dir` on ``http://host:port`` until the process is told to stop.

    Questions are encoded by `model` and `second_model`, loaded from `cache_dir` in the background. Raises
    `SiteMissing` when nothing is published in `site_dir`.
    """
    import uvicorn

    def load_encoder() -> EncodesQueries:
        from models.joined import load_query_encoder

        encoder: EncodesQueries = load_query_encoder(
            model, second_model, cache_dir=cache_dir, precision=precision, allow_hub=allow_hub
        )
        return encoder

    datasette, app = make_app(site_dir, load_encoder=load_encoder, originals=originals)
    service = get_service(datasette)
    service.warm_up()
    uvicorn.run(app, host=host, port=port, log_level=log_level, lifespan="on", access_log=log_level != "warning")
    service.close()
