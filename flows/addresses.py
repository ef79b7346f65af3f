"""Guards which machines are asked: a name is resolved once, checked, and the connection goes to the checked address.

That the connection goes to the address that was checked, and not to what a second look-up of the name gives, is what
protects against DNS rebinding. Each redirect is a request of its own here, and is checked like the first.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
import urllib.request
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import httpx

from flows.errors import FetchFailed

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""From a host name and a port to its addresses; raises `OSError` when the name is not known."""

_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052
_KEPT_CONNECTIONS: Final = 4
_KEPT_ADDRESSES: Final = 60.0
"""Seconds for which the checked addresses of a host are used again, so that its name is not looked up each time."""


async def resolve_host(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of a host by the machine's own resolver, in its order; raises `OSError`."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(info[4][0]) for info in found))


def is_public(address: str) -> bool:
    """Return whether an IP address is one on the public internet, also where it stands for an IPv4 address."""
    ip = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo[1] if ip.teredo else None)
        if ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not ip.is_unspecified


class GuardedTransport(httpx.AsyncBaseTransport):
    """A transport of httpx that connects to public addresses only, and to those in `allowed` networks.

    Connections are kept and used again, per host. Behind a proxy (``HTTPS_PROXY`` …) the proxy resolves names; they are
    still refused where this machine knows them as private.
    """

    def __init__(
        self, *, allow_private: bool = False, allowed: Sequence[Network] = (), resolve: Resolve = resolve_host
    ) -> None:
        self._allow_private = allow_private
        self._allowed = tuple(allowed)
        self._resolve = resolve
        self._ssl: ssl.SSLContext | None = None
        self._by_host: dict[tuple[str, str | None], httpx.AsyncHTTPTransport] = {}
        self._checked: dict[str, tuple[float, tuple[str, ...]]] = {}

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to a checked address of its host; raises `FetchFailed` (private_address, unreachable)."""
        host = _host_of(request.url)
        proxy = _find_proxy(request.url)
        addresses = await self._find_addresses(request.url, is_needed=proxy is None)
        if proxy is not None:
            return await self._transport(host, proxy).handle_async_request(request)
        return await self._send(request, host, addresses)

    async def aclose(self) -> None:
        """Close all connections."""
        for transport in self._by_host.values():
            await transport.aclose()

    async def _find_addresses(self, url: httpx.URL, *, is_needed: bool) -> tuple[str, ...]:
        """Return the checked addresses of a host; empty where it is not known and a proxy will know it."""
        host = _host_of(url)
        found_at, addresses = self._checked.get(host, (0.0, ()))
        if addresses and time.monotonic() - found_at < _KEPT_ADDRESSES:
            return addresses
        try:
            addresses = tuple(await self._resolve(host, url.port or _port_of(url)))
        except (OSError, UnicodeError) as error:
            if not is_needed:
                return ()
            raise FetchFailed(
                f"{url}: the host {host} is not known ({error})",
                reason="unreachable",
                what_to_do="Check the address and the connection, then ingest it again.",
            ) from error
        for address in addresses:
            self._check(address, url)
        self._checked[host] = time.monotonic(), addresses
        return addresses

    async def _send(self, request: httpx.Request, host: str, addresses: Sequence[str]) -> httpx.Response:
        # One pool per host: connections are told apart by address there, and two hosts may share an address.
        transport = self._transport(host, None)
        for place, address in enumerate(addresses, start=1):
            pinned = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return await transport.handle_async_request(pinned)
            except httpx.ConnectError:
                if place == len(addresses):
                    raise
        raise httpx.ConnectError(f"{host} has no address", request=request)

    def _check(self, address: str, url: httpx.URL) -> None:
        if self._allow_private or is_public(address):
            return
        ip = ipaddress.ip_address(address.split("%")[0])
        if any(ip.version == network.version and ip in network for network in self._allowed):
            return
        raise FetchFailed(
            f"{url}: {_host_of(url)} is {address}, an address on this machine or a private network",
            reason="private_address",
            what_to_do="If that is meant, name its network in RODEDRAAD_ALLOWED_NETWORKS, or set "
            "RODEDRAAD_ALLOW_PRIVATE_ADDRESSES=1.",
        )

    def _transport(self, host: str, proxy: str | None) -> httpx.AsyncHTTPTransport:
        key = (host, proxy)
        if key not in self._by_host:
            self._ssl = self._ssl or httpx.create_ssl_context()
            self._by_host[key] = httpx.AsyncHTTPTransport(
                verify=self._ssl, proxy=proxy, limits=httpx.Limits(max_keepalive_connections=_KEPT_CONNECTIONS)
            )
        return self._by_host[key]


def _find_proxy(url: httpx.URL) -> str | None:
    proxies = urllib.request.getproxies()
    proxy = proxies.get(url.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(_host_of(url)):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _host_of(url: httpx.URL) -> str:
    """Return the name of a host as it goes over the wire: a name with other letters than ASCII in its coded form.

    The resolver and the connection must be given the same name: by another standard of coding it is another host.
    """
    return url.raw_host.decode("ascii")


def _port_of(url: httpx.URL) -> int:
    return 443 if url.scheme == "https" else 80
