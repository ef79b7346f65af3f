"""Sites of invented reports, served as they are in earnest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from datasette.app import Datasette
from served_sites import HashedWords, publish

from datasette_config.registry import get_service
from datasette_config.server import make_app


@pytest.fixture
def serve_site() -> Iterator[Callable[..., Datasette]]:
    """Return a function that serves a site folder in process; ask through ``.client``."""
    served: list[Datasette] = []

    def serve(site_dir: Path, *, load_encoder: Callable[[], Any] = HashedWords) -> Datasette:
        datasette, _ = make_app(site_dir, load_encoder=load_encoder)
        served.append(datasette)
        return datasette

    yield serve
    for datasette in served:
        get_service(datasette).close()


@pytest.fixture(scope="session")
def site_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a published site that no test changes."""
    return publish(tmp_path_factory.mktemp("home"))


@pytest.fixture
def served(site_dir: Path, serve_site: Callable[..., Datasette]) -> Datasette:
    """Return the site of two reports, served."""
    return serve_site(site_dir)
