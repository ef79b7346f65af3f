"""A real server on loopback, for the tests that need one."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from served_sites import HashedWords

from datasette_config.registry import get_service
from datasette_config.server import make_app


@contextlib.contextmanager
def running(site_dir: Path) -> Iterator[str]:
    """Run a server over `site_dir` in a thread and give its address."""
    datasette, app = make_app(site_dir, load_encoder=HashedWords)
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        deadline = time.monotonic() + 20
        while not server.started and thread.is_alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        get_service(datasette).close()
