"""What our pages load or offer beside HTML: pictures of pages, originals, citations."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

from datasette.app import Datasette
from datasette.utils.asgi import AsgiFileDownload, NotFound, Response

from datasette_config.citations import cite_as_bibtex
from datasette_config.licences import allows_download
from datasette_config.messages import messages_for
from datasette_config.originals import PageUnavailable
from datasette_config.registry import get_service
from datasette_config.service import SearchService
from warehouse.page_lookup import find_document, find_page_size, is_quoted
from warehouse.search_lookup import find_statement
from warehouse.search_records import Row, UnknownRecord

# The address holds the hash of the content, so what it gives never changes.
_FOR_EVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_NOT_IN_A_NAME: Final = re.compile(r"[^\w.()+ -]+")


async def page_picture(datasette: Datasette, request: Any) -> Response:
    """Return a page of a report as a picture: any where its licence is open, else those that a statement stands on."""
    service = get_service(datasette)
    document_id, page = request.url_vars["document_id"], int(request.url_vars["page"])

    def is_shown() -> bool:
        connection = _connection(service)
        if service.originals is None or find_page_size(connection, document_id, page) is None:
            return False
        # A picture of the page belongs to a quotation on it; without one, to whom the licence allows it.
        return is_quoted(connection, document_id, page) or allows_download(
            find_document(connection, document_id)["licence"]
        )

    if not await service.run(is_shown):
        raise NotFound(f"document {document_id[:12]}: found no picture of page {page} that may be shown from here")
    try:
        content = await service.draw_page(document_id, page)
    except PageUnavailable as error:
        return Response.text(str(error), status=404)
    return Response(content, content_type="image/webp", headers=_FOR_EVER)


async def original_file(datasette: Datasette, request: Any) -> Response | AsgiFileDownload:
    """Send the file that a report was read from, where its licence lets anybody pass it on."""
    service = get_service(datasette)
    document_id = request.url_vars["document_id"]

    def find() -> tuple[Row, Path] | None:
        try:
            document = find_document(_connection(service), document_id)
        except UnknownRecord:
            return None
        path = service.originals.find_original(document_id) if service.originals else None
        return (document, path) if path and allows_download(document["licence"]) else None

    found = await service.run(find)
    if found is None:
        raise NotFound(f"document {document_id[:12]}: found none that may be passed on from here")
    document, path = found
    name = _NOT_IN_A_NAME.sub("_", document["file_name"] or path.name)
    return AsgiFileDownload(
        str(path),
        filename=name if name.isascii() else path.name,
        # Whatever is in it, a browser only saves it.
        content_type="application/octet-stream",
        headers={"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"},
    )


async def citation_file(datasette: Datasette, request: Any) -> Response:
    """Return the BibTeX entry of a statement."""
    service = get_service(datasette)
    statement_id = request.url_vars["statement_id"]

    def find() -> Row:
        return find_statement(_connection(service), statement_id)

    try:
        statement = await service.run(find)
    except UnknownRecord as error:
        raise NotFound(str(error)) from error
    entry = cite_as_bibtex(
        statement, address=statement_address(datasette, request, statement_id), t=messages_for(request)
    )
    return Response(
        entry,
        content_type="application/x-bibtex; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{statement_id}.bib"'},
    )


def statement_address(datasette: Datasette, request: Any, statement_id: str) -> str:
    """Return the permanent address of a statement, with the host that the reader used."""
    address: str = datasette.absolute_url(request, f"/kb/statements/{statement_id}")
    return address


def _connection(service: SearchService) -> Any:
    return service.build.index.connections.get()
