"""Settings: everything an operator may change, read from the environment (``RODEDRAAD_…``) and from a ``.env`` file."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings, with their defaults; each field is the environment variable ``RODEDRAAD_<FIELD>``."""

    model_config = SettingsConfigDict(
        env_prefix="RODEDRAAD_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        protected_namespaces=(),
    )

    home: Annotated[
        Path, Field(description="Folder for everything the program keeps: warehouse, originals, published site.")
    ] = Path("data")
    model: Annotated[
        str, Field(description="Embedding model: `multilingual-e5-small`, `hashing`, a folder, or a name on the hub.")
    ] = "multilingual-e5-small"
    second_model: Annotated[
        str,
        Field(description="Light model beside it: `universal-sentence-encoder`, or `none` for less to embed and keep."),
    ] = "universal-sentence-encoder"
    model_precision: Annotated[
        str, Field(description="`auto`, `fp32` or `bf16`; `auto` takes what this processor is fast at.")
    ] = "auto"
    model_cache: Annotated[Path, Field(description="Folder for rebuilt model weights (about 470 MB).")] = Path(
        "~/.cache/rodedraad"
    )
    extraction: Annotated[
        Literal["learned", "rules"],
        Field(description="`learned` lets a model decide which candidates are statements, `rules` needs no model."),
    ] = "learned"
    min_confidence: Annotated[
        float | None,
        Field(
            gt=0,
            lt=1,
            description="Confidence that a statement needs, more for fewer false alarms; empty for a balance per kind. "
            "What falls below goes to the list for review.",
        ),
    ] = None
    allow_hub: Annotated[bool, Field(description="Whether models may be fetched from the model hub.")] = False
    max_pages: Annotated[int, Field(ge=1, description="A document with more pages is refused.")] = 2000
    max_bytes: Annotated[int, Field(ge=1, description="A document with more bytes is refused.")] = 200_000_000
    workers: Annotated[
        int | None,
        Field(
            ge=0,
            description="Processes that read documents; empty for as many as cores, memory and documents suggest, 0 to "
            "read them in the run itself, without limits.",
        ),
    ] = None
    document_seconds: Annotated[
        float, Field(gt=0, description="Seconds that reading and extracting one document may take.")
    ] = 900.0
    document_memory: Annotated[
        int, Field(gt=0, description="Bytes of memory that a process may hold while it reads a document.")
    ] = 6_000_000_000
    max_failed_share: Annotated[
        float,
        Field(
            ge=0,
            le=1,
            description="Share of the documents of a run above which those that failed block publication, if five or "
            "more.",
        ),
    ] = 0.2
    ocr: Annotated[
        bool, Field(description="Whether scans are recognised where OCRmyPDF and Tesseract are installed.")
    ] = True
    host: Annotated[str, Field(description="Address on which `serve` listens.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535, description="Port on which `serve` listens.")] = 8001
    page_image_bytes: Annotated[
        int, Field(ge=0, description="Bytes of rendered pages that `serve` keeps on disk; the least used go first.")
    ] = 500_000_000
    fetch_timeout: Annotated[float, Field(gt=0, description="Seconds that one download may take in all.")] = 60.0
    contact: Annotated[
        str, Field(description="E-mail or web address of the operator, sent to publishers in the User-Agent.")
    ] = ""
    allow_private_addresses: Annotated[
        bool, Field(description="Whether URLs on this machine or a private network may be fetched.")
    ] = False
    allowed_networks: Annotated[
        str, Field(description="Private networks that may be fetched from, as `10.1.0.0/16`; several parted by commas.")
    ] = ""
    sources: Annotated[Path, Field(description="File that names the sources; see docs/sources.md.")] = Path(
        "sources.toml"
    )
    fetch_delay: Annotated[
        float, Field(ge=0, description="Seconds between two requests to one host, unless the source or host asks more.")
    ] = 1.0
    fetch_attempts: Annotated[
        int, Field(ge=1, le=10, description="How often a request is tried when it fails in a way that may pass.")
    ] = 3
    fetch_backoff: Annotated[
        float, Field(ge=0, description="Seconds before the second attempt, twice as many before the next.")
    ] = 2.0
    fetch_max_wait: Annotated[
        float, Field(ge=0, description="Longest wait in seconds that a server may ask for; the next run goes on then.")
    ] = 120.0
    fetch_journal_days: Annotated[
        float,
        Field(
            ge=1,
            le=36_500,
            description="Days for which every fetch is kept in the journal; of older ones those that later runs need.",
        ),
    ] = 90.0
    example_source: Annotated[
        Path, Field(description="Folder whose documents are marked as invented examples in the knowledge base.")
    ] = Path(__file__).resolve().parent.parent / "examples"

    @field_validator("allowed_networks")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        for part in filter(None, map(str.strip, given.split(","))):
            ipaddress.ip_network(part)
        return given

    @property
    def warehouse_path(self) -> Path:
        """The DuckDB file."""
        return self.home / "warehouse.duckdb"

    @property
    def site_dir(self) -> Path:
        """The folder with the published knowledge base."""
        return self.home / "site"

    @property
    def raw_dir(self) -> Path:
        """The content-addressed store of originals."""
        return self.home / "raw"

    @property
    def page_image_dir(self) -> Path:
        """The folder with rendered pages; it may be emptied at any time."""
        return self.home / "page-images"

    @property
    def cache_dir(self) -> Path:
        """`model_cache` with the home folder filled in."""
        return self.model_cache.expanduser()
