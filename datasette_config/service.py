"""What the pages and the API share: search over the build that is shown now, and how the whole is doing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from datasette_config.encoder import QueryEncoder
from datasette_config.originals import Originals, PageUnavailable
from datasette_config.site import Build, ServedSite
from warehouse.search import SearchIndex
from warehouse.search_records import SearchRequest, SearchResults, SiteUnreadable

if TYPE_CHECKING:
    from fastapi import FastAPI

_Found = TypeVar("_Found")

_SEARCH_THREADS: Final = 4
_DRAWING_THREADS: Final = 2


@dataclass(frozen=True, slots=True)
class Health:
    """How the service is doing: `is_degraded` when questions are searched by words only, and why."""

    build_id: str
    built_at: str
    counts: dict[str, int]
    model_id: str
    encoder_model_id: str | None
    encoder_state: str
    messages: tuple[str, ...]

    @property
    def is_degraded(self) -> bool:
        """Whether a person should look."""
        return bool(self.messages)


class SearchService:
    """Search and look-ups for requests: encoding and reading run in threads, beside the event loop."""

    def __init__(self, site: ServedSite, encoder: QueryEncoder, originals: Originals | None = None) -> None:
        self.site = site
        self.encoder = encoder
        self.originals = originals
        self.api: FastAPI | None = None
        """The API over this service, once Datasette's application is made."""
        self._executor = ThreadPoolExecutor(max_workers=_SEARCH_THREADS, thread_name_prefix="search")
        # Drawing a page takes seconds at worst: whoever waits for one must not keep searches waiting.
        self._drawing = ThreadPoolExecutor(max_workers=_DRAWING_THREADS, thread_name_prefix="draw")

    @property
    def build(self) -> Build:
        """The build that is shown now."""
        return self.site.build

    async def search(
        self, request: SearchRequest, *, facet_limit: int = 0, passage_limit: int = 0, page_count: int = 1
    ) -> SearchResults:
        """Find the statements that answer `request`; by words when the question has no vector of the site's model.

        With `page_count` so many pages of `request.limit` results are given as one, from one search.
        """
        vector, model_id = None, self.build.index.model_id
        if request.mode != "lexical" and self.build.index.dimension and request.question:
            vector = await self.encoder.encode(request.question, model_id=model_id)

        def run(index: SearchIndex) -> SearchResults:
            # Another build may be shown by now.
            is_fitting = vector is not None and vector.shape == (index.dimension,) and index.model_id == model_id
            fitting = vector if is_fitting else None
            return index.search(
                request,
                query_vector=fitting,
                facet_limit=facet_limit,
                passage_limit=passage_limit,
                page_count=page_count,
            )

        return await self.ask(run)

    async def ask(self, read: Callable[[SearchIndex], _Found]) -> _Found:
        """Run `read` on the build that is shown when its turn comes, in a thread; what it raises is raised here."""

        def read_shown() -> _Found:
            return read(self.build.index)

        return await self.run(read_shown)

    def warm_up(self) -> None:
        """Begin to load, in threads, what the first question would wait for."""
        self.encoder.warm_up()
        self._executor.submit(self.build.index.guess_languages, "eerste vraag")

    def close(self) -> None:
        """Stop the threads."""
        self.encoder.close()
        for executor in (self._executor, self._drawing):
            executor.shutdown(wait=False, cancel_futures=True)

    async def draw_page(self, document_id: str, page: int) -> bytes:
        """Return a page as a picture, drawn in threads of its own. Raises `PageUnavailable`."""
        if self.originals is None:
            raise PageUnavailable(f"page {page}: this site has no originals; read its text instead")
        return await asyncio.get_running_loop().run_in_executor(
            self._drawing, self.originals.render_page, document_id, page
        )

    async def run(self, read: Callable[[], _Found]) -> _Found:
        """Run `read` in a thread; what it raises is raised here.

        It is run again when the build it read was removed while it waited for its turn.
        """
        while True:
            build = self.build
            try:
                return await asyncio.get_running_loop().run_in_executor(self._executor, read)
            except SiteUnreadable:
                await self.site.refresh()
                if self.build is build:
                    raise

    def health(self) -> Health:
        """Return how the service is doing, without waiting for anything."""
        index, encoder = self.build.index, self.encoder
        messages = [self.site.problem] if self.site.problem else []
        if not index.dimension and len(index):
            messages.append(
                f"site: found no vectors of the model {index.model_id}, against one per statement; questions are "
                "searched by words; run `rodedraad ingest` again to embed them"
            )
        elif encoder.model_id and encoder.model_id != index.model_id:
            messages.append(
                f"encoder: found the model {encoder.model_id}, against the site's {index.model_id}; questions are "
                "searched by words; serve with that model, or ingest again with this one"
            )
        if encoder.state == "unavailable":
            messages.append(
                "encoder: the model cannot be loaded; questions are searched by words; the log of the server says why"
            )
        elif encoder.message:
            messages.append(
                "encoder: a question could not be encoded and was searched by words; the log of the server says why"
            )
        return Health(
            build_id=index.build_id,
            built_at=str(index.site.get("built_at", "")),
            counts={name: int(count) for name, count in dict(index.site.get("counts", {})).items()},
            model_id=index.model_id,
            encoder_model_id=encoder.model_id,
            encoder_state=encoder.state,
            messages=tuple(messages),
        )
