"""Web addresses as they stand in pages, feeds and headers: joined and judged without failing on malformed ones."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit


def is_fetchable(address: str) -> bool:
    """Whether `address` is a well-formed http or https address with a host, which may be asked."""
    try:
        parts = urlsplit(address)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # such as "http://[" or a port that is no number
        return False


def join_address(base: str, address: str) -> str:
    """Return `address` as it counts from `base`; one that is malformed is returned as it is, and is not fetchable."""
    try:
        return urljoin(base, address.strip())
    except ValueError:
        return address
