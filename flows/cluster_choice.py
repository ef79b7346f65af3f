"""Which cluster reads documents, and where it meets the run."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ClusterChoice:
    """Where documents are read: by the cluster at `address`, or by a local one that is started when it is None.

    `exchange` is a folder or an fsspec URL; None is a folder in the home of the program.
    """

    address: str | None = None
    exchange: str | None = None
