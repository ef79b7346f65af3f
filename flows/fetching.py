"""Fetching: one URL to bytes, with limits on what may be asked and how much may come back."""

from __future__ import annotations

import ipaddress
import socket
import time
from pathlib import PurePosixPath
from urllib.parse import urljoin, urlsplit

import httpx

from flows.errors import FetchFailed
from flows.settings import Settings

MAX_REDIRECTS = 5
CHUNK_BYTES = 65_536
_SUFFIX_OF_TYPE = {
    "application/pdf": ".pdf",
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
}


def fetch_document(url: str, *, settings: Settings) -> tuple[bytes, str]:
    """Return the bytes behind a URL and a file name with a suffix for their type.

    Raises:
        FetchFailed: for anything else than a whole document, with a stable reason: ``bad_address``,
            ``private_address``, ``unreachable``, ``http_status``, ``too_many_redirects``, ``too_large``, ``too_slow``.
    """
    deadline = time.monotonic() + settings.fetch_timeout
    agent = "RodeDraad/0.1" + (f" ({settings.contact})" if settings.contact else "")
    timeout = httpx.Timeout(settings.fetch_timeout, connect=min(10.0, settings.fetch_timeout))
    with httpx.Client(timeout=timeout, headers={"User-Agent": agent}, follow_redirects=False, trust_env=True) as client:
        address = url
        for _ in range(MAX_REDIRECTS + 1):
            _check_address(address, settings=settings)
            try:
                with client.stream("GET", address) as response:
                    if response.is_redirect:
                        address = urljoin(address, response.headers.get("location", ""))
                        continue
                    return _read_body(response, address, deadline, settings=settings)
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise FetchFailed(
                    f"{url}: no answer ({type(error).__name__}: {error}), expected a document",
                    reason="unreachable",
                    what_to_do="Check the address and the connection, then ingest it again.",
                ) from error
    raise FetchFailed(
        f"{url}: found more than {MAX_REDIRECTS} redirects, expected a document",
        reason="too_many_redirects",
        what_to_do="Open the address in a browser and use the address that it ends at.",
    )


def _check_address(url: str, *, settings: Settings) -> None:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise FetchFailed(
            f"{url}: found no http or https address",
            reason="bad_address",
            what_to_do="Give a full address that begins with https://.",
        )
    if settings.allow_private_addresses:
        return
    try:
        infos = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed(
            f"{url}: the host {parts.hostname} is not known ({error})",
            reason="unreachable",
            what_to_do="Check the address and the connection, then ingest it again.",
        ) from error
    for info in infos:
        if not ipaddress.ip_address(info[4][0]).is_global:
            raise FetchFailed(
                f"{url}: {parts.hostname} is {info[4][0]}, an address on this machine or a private network",
                reason="private_address",
                what_to_do="Set RODEDRAAD_ALLOW_PRIVATE_ADDRESSES=1 if that is meant.",
            )


def _read_body(response: httpx.Response, url: str, deadline: float, *, settings: Settings) -> tuple[bytes, str]:
    if response.status_code != 200:
        raise FetchFailed(
            f"{url}: the server answered {response.status_code}, expected 200",
            reason="http_status",
            what_to_do="Check the address; ingest it again when the server gives the document.",
        )
    body = bytearray()
    for chunk in response.iter_bytes(CHUNK_BYTES):
        body += chunk
        if len(body) > settings.max_bytes:
            raise FetchFailed(
                f"{url}: found more than {settings.max_bytes} bytes",
                reason="too_large",
                what_to_do="Raise RODEDRAAD_MAX_BYTES if the document is wanted.",
            )
        if time.monotonic() > deadline:
            raise FetchFailed(
                f"{url}: the download took longer than {settings.fetch_timeout:g} seconds",
                reason="too_slow",
                what_to_do="Raise RODEDRAAD_FETCH_TIMEOUT, or try again later.",
            )
    name = PurePosixPath(urlsplit(url).path).name or urlsplit(url).hostname or "document"
    kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
    suffix = _SUFFIX_OF_TYPE.get(kind, "")
    if suffix and PurePosixPath(name).suffix.lower() not in (".pdf", ".html", ".htm", ".md", ".txt", ".xhtml"):
        name += suffix
    return bytes(body), name
