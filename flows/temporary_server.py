"""Prefect's temporary server in a process of its own, started while the program is still loading.

Prefect can start such a server itself, but then imports all of it into this process too, which doubles the wait. This
module is both: `start_temporary_server` for the program, and ``python -m flows.temporary_server`` for the process.
``--prepare`` makes the empty database that new homes begin with (`make install` does it).
"""

from __future__ import annotations

import asyncio
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from flows.errors import ServerUnavailable
from flows.prefect_settings import database_template, prepare_prefect

START_SECONDS: Final[float] = 60.0
_APPLICATION = "prefect.server.api.server:create_app"


class TemporaryServer:
    """A Prefect server on loopback that ends when this process does, however that comes about.

    It takes any free port when `port` is 0; raises `ServerUnavailable` when the port is taken.
    """

    def __init__(self, port: int = 0) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                raise ServerUnavailable(
                    f"Prefect: found port {port} taken ({error.strerror}), against a free one for its server; give "
                    "another, stop what uses it, or set PREFECT_API_URL if that is your own server"
                ) from error
            self.port: int = probe.getsockname()[1]
        # The process watches its standard input: when this one dies, the pipe closes and the server goes too.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flows.temporary_server", str(self.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                "PREFECT_SERVER_UI_API_URL": self.api_url,  # where its interface asks
                "PREFECT_UI_URL": self.api_url.removesuffix("/api"),  # where notices link to
            },
            start_new_session=True,
        )

    @property
    def api_url(self) -> str:
        """What `PREFECT_API_URL` must be."""
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def is_running(self) -> bool:
        """Whether its process is there."""
        return self._process.poll() is None

    def wait(self, patience: float = START_SECONDS) -> None:
        """Return when the server answers; raises `ServerUnavailable` when it ends or takes longer than `patience`."""
        import httpx

        deadline = time.monotonic() + patience
        with httpx.Client(timeout=5.0, trust_env=False) as client:
            while time.monotonic() < deadline:
                if self._process.poll() is not None:
                    break
                try:
                    if client.get(f"{self.api_url}/health").status_code == 200:
                        return
                except httpx.TransportError:
                    time.sleep(0.05)
        self.stop()
        raise ServerUnavailable(
            f"Prefect: its server did not answer within {patience:g} seconds (exit code "
            f"{self._process.returncode}); run `python -m flows.temporary_server 4200` to see why, or set "
            "PREFECT_API_URL"
        )

    def stop(self) -> None:
        """End the server; a second call does nothing."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()


@contextmanager
def start_temporary_server(port: int = 0) -> Iterator[TemporaryServer | None]:
    """Start a server unless the operator has one (`PREFECT_API_URL`), and stop it at the end; any free port for 0.

    The variable is set at once, so that Prefect finds the server when it is imported; call `wait` before a flow runs.
    """
    if os.environ.get("PREFECT_API_URL"):
        yield None
        return
    server = TemporaryServer(port)
    os.environ["PREFECT_API_URL"] = server.api_url
    try:
        yield server
    finally:
        os.environ.pop("PREFECT_API_URL", None)
        server.stop()


def _leave_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def run_server(port: int) -> None:
    """Serve Prefect's API on loopback until standard input closes."""
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    sys.argv = [
        "uvicorn",
        "--factory",
        _APPLICATION,
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--log-level",
        "critical",
    ]
    runpy.run_module("uvicorn", run_name="__main__", alter_sys=True)


def prepare_database(path: Path) -> None:
    """Let Prefect make an empty database and put it at `path`; one that is there already is left alone."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        prepare_prefect(Path(folder))
        os.environ["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = f"sqlite+aiosqlite:///{folder}/{path.name}"
        asyncio.run(_create_database())
        (Path(folder) / path.name).replace(path)


async def _create_database() -> None:
    from prefect.server.database import provide_database_interface

    database = provide_database_interface()
    await database.create_db()
    # Closing the last connection moves the write-ahead log into the file.
    engine = await database.engine()
    await engine.dispose()


if __name__ == "__main__":
    if sys.argv[1:] == ["--prepare"]:
        prepare_database(database_template())
    else:
        run_server(int(sys.argv[1]))
