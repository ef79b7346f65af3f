"""A real server on loopback: pages and API from one process, also while sites change."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import uvicorn
from invented_extractions import make_extraction
from served_sites import NL, HashedWords, publish

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


def fetch(address: str) -> tuple[int, bytes]:
    """Return status and body of a page."""
    with urllib.request.urlopen(address, timeout=20) as answer:
        return answer.status, answer.read()


def test_one_process_serves_pages_and_api_while_sites_change(tmp_path: Path) -> None:
    """Sixty requests, twenty at a time, over two publications: all are answered, and the last show the last site."""
    site_dir = publish(tmp_path, make_extraction(*NL))
    with running(site_dir) as base:
        paths = ["/api/search?q=dijk", "/search?q=dijk", "/kb/statements.json", "/", "/api/health", "/kb/reports"] * 10
        with ThreadPoolExecutor(20) as pool:
            answers = [pool.submit(fetch, base + path) for path in paths]
            for i in range(2):
                publish(tmp_path, make_extraction(f"De brug {i} staat er.", name=f"Brug {i}"))
            assert {answer.result()[0] for answer in answers} == {200}
        found = json.loads(fetch(f"{base}/api/search?q=brug&mode=lexical")[1])
        assert found["total"] == 2
        health = json.loads(fetch(f"{base}/api/health")[1])
        assert (health["status"], health["counts"]["statements"]) == ("ok", 5)


def test_a_warm_service_has_loaded_its_model(site_dir: Path) -> None:
    """After the warm-up the first question waits for nothing."""
    datasette, _ = make_app(site_dir, load_encoder=HashedWords)
    service = get_service(datasette)
    service.warm_up()
    service.encoder.warm_up().result(20)
    assert service.health().encoder_state == "ready"
    service.close()
