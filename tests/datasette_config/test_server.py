"""A real server on loopback: pages and API from one process, also while sites change."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from invented_extractions import make_extraction
from running_servers import running
from served_sites import NL, HashedWords, publish

from datasette_config.registry import get_service
from datasette_config.server import make_app

pytestmark = pytest.mark.system


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
