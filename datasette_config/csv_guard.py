"""Keeps formulas out of the CSV that Datasette itself writes, on the way to the reader."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from datasette_config.exports import disarm

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]


def is_csv(scope: MutableMapping[str, Any]) -> bool:
    """Return whether the request asks Datasette for CSV."""
    return str(scope["path"]).endswith(".csv")


def guard_csv(send: Send) -> Send:
    """Return `send` for an answer in CSV: cells that begin like a formula get an apostrophe in front, row by row."""
    is_guarded = False
    held = b""

    async def send_guarded(message: Message) -> None:
        nonlocal is_guarded, held
        if message["type"] == "http.response.start":
            headers = dict(message.get("headers", []))
            # Datasette calls CSV plain text unless it is to be downloaded.
            is_guarded = headers.get(b"content-type", b"").startswith((b"text/csv", b"text/plain"))
            if is_guarded:
                message = {**message, "headers": [pair for pair in message["headers"] if pair[0] != b"content-length"]}
        elif is_guarded and message["type"] == "http.response.body":
            held += message.get("body", b"")
            is_last = not message.get("more_body", False)
            ready = held if is_last else _whole_rows(held)
            held = held[len(ready) :]
            message = {**message, "body": _disarm_rows(ready)}
        await send(message)

    return send_guarded


def _whole_rows(held: bytes) -> bytes:
    """Return the part of `held` up to a line end outside quotation marks; nothing when there is none at its end."""
    # Datasette sends row by row, so that this is nearly always everything.
    return held if held.endswith(b"\n") and held.count(b'"') % 2 == 0 else b""


def _disarm_rows(rows: bytes) -> bytes:
    # A page of a report is longer than the 128 KiB at which Python's reader gives up; the bound is one for the process.
    csv.field_size_limit(sys.maxsize)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    for row in csv.reader(io.StringIO(rows.decode("utf-8"), newline="")):
        writer.writerow([disarm(cell) for cell in row])
    return file.getvalue().encode("utf-8")
