"""The invented examples, ingested into a temporary home and served on a free port: what the scripts here look at."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 300
"""For the server and the language model; machines that are shared are slow at times."""


@contextmanager
def serve_examples() -> Iterator[str]:
    """Yield the address of a server that is ready to encode questions; it ends with the block.

    Raises:
        CalledProcessError: when the examples could not be ingested and published.
        TimeoutError: when the server is not ready in time.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="rodedraad-served-") as home:
        environment = {**os.environ, "RODEDRAAD_HOME": home}
        command = [sys.executable, "-m", "flows.cli"]
        subprocess.run([*command, "ingest", "examples/reports"], cwd=ROOT, env=environment, check=True)
        server = subprocess.Popen([*command, "serve", "--port", str(port)], cwd=ROOT, env=environment)
        try:
            wait_for(f"{address}/api/health")
            yield address
        finally:
            server.terminate()
            server.wait()


def wait_for(url: str) -> None:
    """Return when the server is ready to encode questions; raises `TimeoutError` when it is not in time."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            if fetch_json(url)["encoder"]["state"] == "ready":
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.3)
    raise TimeoutError(f"{url}: no answer within {START_SECONDS} seconds")


def fetch_json(url: str) -> Any:
    """Return the JSON that the server answers."""
    with urllib.request.urlopen(url) as answer:  # noqa: S310 - an address on this machine
        return json.load(answer)
