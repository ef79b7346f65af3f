"""The API's downloads: the whole knowledge base as one file, and each table as Parquet."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

from fastapi import APIRouter
from fastapi import Path as InPath
from fastapi.responses import FileResponse

from datasette_config.answers_records import DownloadsAnswer
from datasette_config.api_problems import INVALID, LIMITED, UNKNOWN
from datasette_config.service import SearchService
from datasette_config.site import Build
from warehouse.schema import PUBLISHED_TABLES
from warehouse.search_records import UnknownRecord

_PARQUET: Final = "application/vnd.apache.parquet"
_WHOLE: Final = {
    "kb.duckdb": ("application/vnd.duckdb", "All tables and views, for DuckDB."),
    "kb.db": ("application/vnd.sqlite3", "All tables and views with full-text search, for SQLite and Datasette."),
}


def make_download_router(service: SearchService) -> APIRouter:
    """Return the paths of the files."""
    router = APIRouter(prefix="/api", tags=["files"], responses=LIMITED)

    @router.get("/downloads", response_model=DownloadsAnswer, summary="Downloads", response_description="The answer.")
    async def list_downloads() -> dict[str, Any]:
        """Return the files of the build that is shown, with their size."""
        build = service.build
        files = [
            {
                "name": name,
                "media_type": media_type,
                "byte_count": path.stat().st_size,
                "description": description,
                "links": {"self": f"/api/downloads/{name}"},
            }
            for name, (path, media_type, description) in find_files(build).items()
        ]
        return {
            "build_id": build.index.build_id,
            "built_at": str(build.index.site.get("built_at", "")),
            "files": files,
        }

    @router.get(
        "/downloads/{name}",
        response_class=FileResponse,
        responses={
            200: {
                "description": "The file.",
                "content": {
                    media_type: {"schema": {"type": "string", "format": "binary"}}
                    for media_type in (_PARQUET, *(kind for kind, _ in _WHOLE.values()))
                },
            },
            **UNKNOWN,
            **INVALID,
        },
        summary="One file",
    )
    async def download(name: Annotated[str, InPath(max_length=100, examples=["kb.duckdb"])]) -> FileResponse:
        """Return a file; a part of it when a range is asked for."""
        found = find_files(service.build).get(name)
        if found is None:
            raise UnknownRecord(f"file {name:.80}: found none in this build")
        path, media_type, _ = found
        return FileResponse(path, media_type=media_type, filename=name)

    return router


def find_files(build: Build) -> dict[str, tuple[Path, str, str]]:
    """Return the path, the media type and the description of each file of `build` that can be downloaded, by name."""
    files = {name: (build.folder / name, *described) for name, described in _WHOLE.items()}
    for table in PUBLISHED_TABLES:
        path = build.folder / "parquet" / f"{table.name}.parquet"
        files[path.name] = (path, _PARQUET, table.description)
    return {name: found for name, found in files.items() if found[0].exists()}
