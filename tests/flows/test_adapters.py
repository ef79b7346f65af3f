"""Each adapter against a page, feed or answer of its kind: what it finds, and what it says when that has changed."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from invented_sources import make_adapter
from pydantic import ValidationError

from flows.adapter import Page, find_adapters
from flows.errors import FetchFailed, SourceChanged
from flows.web_addresses import is_fetchable
from warehouse.source_entries import FetchPurpose, ListedDocument

BASE = "https://bron.example.org"


class Pages:
    """Surroundings with pages at hand, each with its media type; another address cannot be fetched."""

    def __init__(self, pages: Mapping[str, bytes | str], folder: Path = Path()) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self._pages = pages

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        self.asked.append(url)
        found = self._pages.get(url.removeprefix(BASE))
        if found is None:
            raise FetchFailed(f"{url}: not there", reason="gone", what_to_do="Look.")
        return Page(url, found.encode() if isinstance(found, str) else found, None)

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...] | None:
        return None

    def miss_page(self, entry_url: str, error: FetchFailed) -> tuple[ListedDocument, ...]:
        raise error


def found(adapter: str, pages: Mapping[str, bytes | str], /, **settings: Any) -> list[str]:
    """The addresses that an adapter finds, without the part that all share."""
    documents = make_adapter(adapter, **settings).discover_documents(Pages(pages))
    return [document.address.removeprefix(BASE) for document in documents]


def why(adapter: str, pages: Mapping[str, bytes | str], /, **settings: Any) -> str:
    """Why an adapter stops."""
    with pytest.raises(SourceChanged) as caught:
        found(adapter, pages, **settings)
    assert caught.value.what_to_do.endswith(".")
    return str(caught.value)


def test_there_is_one_adapter_per_module() -> None:
    """Adding a file to flows/adapters adds an adapter of its name."""
    assert list(find_adapters()) == ["feed", "folder", "json", "listing", "sitemap", "sru", "urls"]


# --- urls and folder ---------------------------------------------------------------------------------------------------


def test_urls_come_from_the_settings_and_a_file(tmp_path: Path) -> None:
    """Both are read in order; comments and empty lines of the file are left out."""
    (tmp_path / "lijst.txt").write_text(f"# brieven\n\n{BASE}/2.pdf\n")
    adapter = make_adapter("urls", addresses=[f"{BASE}/1.pdf"], file="lijst.txt")
    documents = adapter.discover_documents(Pages({}, folder=tmp_path))
    assert [document.address for document in documents] == [f"{BASE}/1.pdf", f"{BASE}/2.pdf"]


@pytest.mark.parametrize(
    ("content", "words"), [(None, "cannot be read"), ("1.pdf", "found '1.pdf', against an address")]
)
def test_a_list_that_is_wrong_stops_the_source(tmp_path: Path, content: str | None, words: str) -> None:
    """A missing list and a line that is no address are told."""
    if content:
        (tmp_path / "lijst.txt").write_text(content)
    with pytest.raises(SourceChanged, match=words):
        list(make_adapter("urls", file="lijst.txt").discover_documents(Pages({}, folder=tmp_path)))


def test_a_folder_gives_its_documents_and_a_missing_one_stops_the_source(tmp_path: Path) -> None:
    """The path counts from the file of sources; an empty folder gives none."""
    (tmp_path / "in" / "2024").mkdir(parents=True)
    surroundings = Pages({}, folder=tmp_path)
    adapter = make_adapter("folder", path="in")
    assert list(adapter.discover_documents(surroundings)) == []
    (tmp_path / "in" / "2024" / "a.md").write_text("x")
    assert [Path(d.address).name for d in adapter.discover_documents(surroundings)] == ["a.md"]
    with pytest.raises(SourceChanged, match="found no folder"):
        list(make_adapter("folder", path="uit").discover_documents(surroundings))


# --- addresses that no server may give ---------------------------------------------------------------------------------

STRANGE = ["file:///etc/passwd", "//[x", "http://[", "http://a:b/"]


def strange_pages(address: str) -> dict[str, dict[str, bytes | str]]:
    """The same address in a feed, a sitemap, an answer of an API and one of SRU, each beside a good one."""
    record = sru_record(1, "pdf").replace(f"{BASE}/kst-1.pdf", address)
    return {
        "feed": {
            "/x": f'<rss version="2.0"><item><enclosure url="{address}"/></item><item><link>/a</link></item></rss>'
        },
        "sitemap": {"/x": f"<urlset><url><loc>{address}</loc></url><url><loc>/a</loc></url></urlset>"},
        "json": {"/x": json.dumps({"i": [{"u": address}, {"u": "/a"}]})},
        "sru": {"/x": sru_answer(2, record, sru_record(2, "pdf").replace(f"{BASE}/kst-2.pdf", "/a"))},
    }


@pytest.mark.parametrize("address", STRANGE)
@pytest.mark.parametrize("adapter", ["feed", "sitemap", "json", "sru"])
def test_a_malformed_address_stops_no_listing(adapter: str, address: str) -> None:
    """It is listed as it is, for the fetcher to refuse; the others go on, and relative ones count from the page."""
    extra = {"json": {"items": "i", "address": "u"}, "sru": {"query": "x"}}.get(adapter, {})
    [(_, content)] = strange_pages(address)[adapter].items()
    given = make_adapter(adapter, url=f"{BASE}/x", **extra)
    documents = [d.address for d in given.discover_documents(AnyPage(content))]
    assert len(documents) == 2
    assert not is_fetchable(documents[0])
    assert documents[1] == f"{BASE}/a"


class AnyPage(Pages):
    """Surroundings in which every address gives the same content."""

    def __init__(self, content: bytes | str) -> None:
        super().__init__({"": content})

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        return Page(url, str(self._pages[""]).encode(), None)


def test_a_page_with_a_malformed_base_counts_from_its_own_address() -> None:
    pages = {"/l": '<base href="http://["><a href="/r/1.pdf">x</a><a href="//[x">y</a>'}
    assert found("listing", pages, pages=[f"{BASE}/l"], entries="/r/") == ["/r/1.pdf"]


# --- feed --------------------------------------------------------------------------------------------------------------

RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>Rapporten</title>
<item><title>Eén</title><link>{BASE}/een</link><pubDate>Tue, 01 Oct 2024 10:00:00 +0200</pubDate>
  <enclosure url="{BASE}/een.pdf" type="application/pdf" length="1"/></item>
<item><title>Twee</title><link>{BASE}/twee</link>
  <enclosure url="{BASE}/twee.mp3" type="audio/mpeg" length="1"/></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Rapporten</title><id>a</id>
<entry><title>Drie</title><id>b</id><link href="/drie"/><updated>2024-10-02T08:00:00Z</updated></entry></feed>"""
RDF = f"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<item rdf:about="{BASE}/vier"><title>Vier</title><link>{BASE}/vier</link></item></rdf:RDF>"""


def test_a_feed_gives_enclosures_that_are_documents_else_links() -> None:
    """RSS 2.0: an enclosure of another kind is left alone; the date of publication is no date of change."""
    feed = make_adapter("feed", url=f"{BASE}/rss")
    documents = list(feed.discover_documents(Pages({"/rss": RSS})))
    assert documents == [
        ListedDocument(f"{BASE}/een.pdf", "Eén", "2024-10-01"),
        ListedDocument(f"{BASE}/twee", "Twee"),
    ]
    assert not feed.lists_everything
    assert found("feed", {"/rss": RSS}, url=f"{BASE}/rss", prefer="link") == ["/een", "/twee"]


def test_atom_and_rss_1_are_feeds_as_well() -> None:
    """Atom gives a date of change, and its relative links count from the feed."""
    atom = make_adapter("feed", url=f"{BASE}/atom").discover_documents(Pages({"/atom": ATOM}))
    assert list(atom) == [ListedDocument(f"{BASE}/drie", "Drie", "2024-10-02", "2024-10-02T08:00:00Z")]
    assert found("feed", {"/rdf": RDF}, url=f"{BASE}/rdf") == ["/vier"]


@pytest.mark.parametrize("content", ["<html><body>Weg</body></html>", "", "{}", "<rss"])
def test_what_is_no_feed_stops_the_source(content: str) -> None:
    """An error page in the place of a feed is told."""
    assert "found no feed" in why("feed", {"/rss": content}, url=f"{BASE}/rss")


# --- sitemap -----------------------------------------------------------------------------------------------------------

NAMESPACE = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
URLSET = f"<urlset {NAMESPACE}>{{}}</urlset>"
INDEX = f"""<sitemapindex {NAMESPACE}><sitemap><loc>{BASE}/rapporten.xml</loc></sitemap>
<sitemap><loc>{BASE}/nieuws.xml</loc></sitemap><sitemap><loc>{BASE}/rapporten.xml</loc></sitemap></sitemapindex>"""


def url(path: str, lastmod: str = "") -> str:
    return f"<url><loc> {BASE}{path} </loc>{f'<lastmod>{lastmod}</lastmod>' if lastmod else ''}</url>"


def test_an_index_leads_to_sitemaps_also_packed_ones() -> None:
    """Only the sitemaps that match are read, each once; entries and exclude choose among the addresses."""
    packed = gzip.compress(URLSET.format(url("/r/1.pdf", "2024-01-01") + url("/r/oud/2.pdf") + url("/x")).encode())
    pages = {"/sitemap.xml": INDEX, "/rapporten.xml": packed}
    adapter = make_adapter("sitemap", url=f"{BASE}/sitemap.xml", sitemaps="rapporten", entries="/r/", exclude="/oud/")
    assert list(adapter.discover_documents(Pages(pages))) == [ListedDocument(f"{BASE}/r/1.pdf", stamp="2024-01-01")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("<html/>", "found <html>, against a sitemap"),
        ("geen xml", "found no XML"),
        (b"\x1f\x8bgeen gzip", "damaged gzip"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><urlset>&b;</urlset><x/>', "found no XML"),
    ],
)
def test_what_is_no_sitemap_stops_the_source(content: bytes | str, words: str) -> None:
    """Other pages, damaged files and tricks with entities are told."""
    assert words in why("sitemap", {"/s": content}, url=f"{BASE}/s")


def test_a_packed_bomb_is_refused() -> None:
    """A small file that unpacks to hundreds of megabytes is not unpacked."""
    bomb = gzip.compress(bytes(100_000_000), 9)
    assert "found more than 60000000 bytes" in why("sitemap", {"/s": bomb}, url=f"{BASE}/s")


def test_entities_are_not_followed() -> None:
    """An entity that names a file of this machine gives nothing."""
    trick = '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><urlset><url><loc>&b;</loc></url></urlset>'
    assert found("sitemap", {"/s": trick}, url=f"{BASE}/s") == []


# --- listing -----------------------------------------------------------------------------------------------------------

LIST_1 = """<nav><a href="/r/menu.pdf">Menu</a></nav><main><a href="/r/1.pdf">Rapport 1</a>
<a href="r/2.pdf#p3">Rapport 2</a><a href="mailto:x@example.org">Mail</a><a rel="next" href="/l?p=2">Verder</a></main>"""
LIST_2 = """<main><a href="/r/2.pdf">Rapport 2</a><a href="/r/3 b.pdf">Rapport 3</a>
<a rel="next" href="/l?p=2">Verder</a></main>"""


def test_a_listing_follows_its_pages_and_stays_within_its_place() -> None:
    """The link with the relation next is followed until it leads nowhere new; each address is given once."""
    settings = {"pages": [f"{BASE}/l"], "entries": r"/r/.*\.pdf$", "within": "main", "next_page": "rel"}
    pages = {"/l": LIST_1, "/l?p=2": LIST_2}
    assert found("listing", pages, **settings) == ["/r/1.pdf", "/r/2.pdf", "/r/3%20b.pdf"]
    assert found("listing", pages, **{**settings, "next_page": r"\?p=\d+$"}) == [
        "/r/1.pdf", "/r/2.pdf", "/r/3%20b.pdf",
    ]  # fmt: skip
    newest = make_adapter("listing", **settings, newest_pages=1)
    assert len(list(newest.discover_documents(Pages(pages)))) == 2
    assert not newest.lists_everything
    assert make_adapter("listing", **settings).lists_everything
    assert not make_adapter("listing", **{**settings, "next_page": None}).lists_everything


def test_a_listing_counts_its_pages_until_nothing_is_new() -> None:
    """{page} counts on until a page has no new entry."""
    pages = {f"/l?page={n}": f'<a href="/r/{n}.pdf">x</a>' for n in range(3)} | {"/l?page=3": "<p>Niets gevonden</p>"}
    assert found("listing", pages, pages=[BASE + "/l?page={page}"], entries="/r/", first_page=0) == [
        "/r/0.pdf", "/r/1.pdf", "/r/2.pdf",
    ]  # fmt: skip


@pytest.mark.parametrize("last", [None, "<p>Niets gevonden</p>"])
def test_a_listing_with_a_place_ends_at_a_page_that_is_empty_or_not_there(last: str | None) -> None:
    """Counting on past the last page is no change of the source; a first page that is not there is one."""
    pages: dict[str, bytes | str] = {f"/l/{n}": f'<main><a href="/r/{n}.pdf">x</a></main>' for n in (1, 2)}
    if last:
        pages["/l/3"] = last
    settings = {"pages": [BASE + "/l/{page}"], "entries": "/r/", "within": "main"}
    assert found("listing", pages, **settings) == ["/r/1.pdf", "/r/2.pdf"]
    with pytest.raises(FetchFailed):
        found("listing", pages, **settings, first_page=4)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"entries": r"/rapport-\d+"}, r"found 4 links, none of which matches '/rapport-\\d+'"),
        ({"entries": "/r/", "within": "ul.reports"}, "found no links within 'ul.reports'"),
    ],
)
def test_a_listing_whose_markup_changed_stops_the_source(settings: dict[str, Any], words: str) -> None:
    """No entry on the first page, or no such place on it, is never taken for an empty list."""
    page = LIST_1.replace('rel="next"', "")
    assert words in why("listing", {"/l": page}, pages=[f"{BASE}/l"], **settings)


def test_entries_are_pages_with_documents() -> None:
    """Of each page the first matching link is the document, or all; a page without one is skipped, read, or an error."""
    pages = {
        "/l": '<a href="/p/1">Een</a><a href="/p/2">Twee</a>',
        "/p/1": '<base href="/files/"><a href="a.pdf">pdf</a><a href="b.pdf">pdf</a><a href="samenvatting.pdf">pdf</a>',
        "/p/2": "<p>Alleen tekst</p>",
    }
    settings = {"pages": [f"{BASE}/l"], "entries": "/p/", "document_links": r"\.pdf$", "exclude": "samenvatting"}
    assert found("listing", pages, **settings) == ["/files/a.pdf"]
    assert found("listing", pages, **settings, take="all") == ["/files/a.pdf", "/files/b.pdf"]
    assert found("listing", pages, **settings, without_documents="page") == ["/files/a.pdf", "/p/2"]
    assert "/p/2: found 0 links" in why("listing", pages, **settings, without_documents="fail")


# --- sru ---------------------------------------------------------------------------------------------------------------

SRU = "http://docs.oasis-open.org/ns/search-ws/sruResponse"


def sru_record(number: int, *manifestations: str) -> str:
    files = "".join(f'<g:itemUrl manifestation="{m}">{BASE}/kst-{number}.{m}</g:itemUrl>' for m in manifestations)
    return (
        f"<s:record><s:recordData><g:gzd><g:originalData><d:title>Brief {number}</d:title>"
        f"<d:modified>2024-10-0{number}</d:modified><d:available>2024-09-0{number}</d:available></g:originalData>"
        f"<g:enrichedData><g:preferredUrl>{BASE}/kst-{number}</g:preferredUrl>{files}</g:enrichedData></g:gzd>"
        "</s:recordData></s:record>"
    )


def sru_answer(total: int | str, *records: str) -> str:
    return (
        f'<s:searchRetrieveResponse xmlns:s="{SRU}" xmlns:g="http://standaarden.overheid.nl/sru" '
        f'xmlns:d="http://purl.org/dc/terms/"><s:version>2.0</s:version><s:numberOfRecords>{total}</s:numberOfRecords>'
        f"<s:records>{''.join(records)}</s:records></s:searchRetrieveResponse>"
    )


class Sru(Pages):
    """A service that gives answers in turn."""

    def __init__(self, *answers: str) -> None:
        super().__init__({})
        self._answers = list(answers)

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        self.asked.append(url)
        return Page(url, self._answers.pop(0).encode(), "application/xml")


def test_sru_pages_through_the_records_and_takes_the_best_file() -> None:
    """The next page begins after the records that came; pdf comes before html, a record with neither is left out."""
    service = Sru(
        sru_answer(3, sru_record(1, "xml", "html", "pdf"), sru_record(2, "html")), sru_answer(3, sru_record(3, "xml"))
    )
    adapter = make_adapter("sru", url=f"{BASE}/sru", query='w.publicatienaam=="Kamerstuk"', page_size=2)
    assert list(adapter.discover_documents(service)) == [
        ListedDocument(f"{BASE}/kst-1.pdf", "Brief 1", "2024-09-01", "2024-10-01"),
        ListedDocument(f"{BASE}/kst-2.html", "Brief 2", "2024-09-02", "2024-10-02"),
    ]
    assert ["startRecord=1&maximumRecords=2" in service.asked[0], "startRecord=3" in service.asked[1]] == [True, True]
    assert "query=w.publicatienaam%3D%3D%22Kamerstuk%22" in service.asked[0]
    assert adapter.lists_everything
    assert not make_adapter("sru", url=BASE, query="dt.modified>={since}").lists_everything


DIAGNOSTIC = f"""<searchRetrieveResponse xmlns="{SRU}" xmlns:n="http://docs.oasis-open.org/ns/search-ws/diagnostic">
<version>2.0</version><diagnostics><n:diagnostic><n:uri>info:srw/diagnostic/1/10</n:uri>
<n:message>mismatched input</n:message></n:diagnostic></diagnostics></searchRetrieveResponse>"""


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (DIAGNOSTIC, "found no number of records (mismatched input)"),
        ("<html>Onderhoud</html>", "found <html>"),
        ("Onderhoud", "found no XML"),
        (sru_answer(20_000), "found 20000 records, against at most 10000"),
        (sru_answer("veel"), "found no number of records"),
    ],
)
def test_an_answer_that_is_no_listing_stops_the_source(answer: str, words: str) -> None:
    """A diagnostic comes with status 200 and is told; so are other pages and a query that finds far too much."""
    with pytest.raises(SourceChanged) as caught:
        list(make_adapter("sru", url=BASE, query="x").discover_documents(Sru(answer)))
    assert words in str(caught.value)


# --- json --------------------------------------------------------------------------------------------------------------


def test_json_leads_by_paths_to_the_fields() -> None:
    """Relative addresses count from base; a moment is cut to its date."""
    items = [{"link": "/r/1", "t": "Eén", "at": "2024-10-01T10:00:00Z", "v": 7}, {"link": f"{BASE}/r/2"}]
    adapter = make_adapter(
        "json",
        url=f"{BASE}/api?start={{offset}}",
        page_size=2,
        items="data.results",
        address="link",
        base="https://www.example.org",
        title="t",
        published_date="at",
        stamp="v",
    )
    pages = {"/api?start=0": {"data": {"results": items}}, "/api?start=2": {"data": {"results": []}}}
    documents = adapter.discover_documents(Pages({path: json.dumps(answer) for path, answer in pages.items()}))
    assert list(documents) == [
        ListedDocument("https://www.example.org/r/1", "Eén", "2024-10-01", "7"),
        ListedDocument(f"{BASE}/r/2"),
    ]


def test_json_follows_the_address_of_the_next_page() -> None:
    """`next` leads to the following page until there is none."""
    pages = {
        "/api": json.dumps({"items": [{"u": "/1"}], "next": "/api?p=2"}),
        "/api?p=2": json.dumps({"items": [{"u": "/2"}], "next": None}),
    }
    assert found("json", pages, url=f"{BASE}/api", items="items", address="u", next="next") == ["/1", "/2"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("<html/>", "found no JSON"),
        ('{"results": null}', "found nothing at 'results', against a list"),
        ('{"results": {"a": 1}}', "found a dict at 'results'"),
        ('{"results": [{"url": "/1"}, {"name": "x"}]}', "found no text at 'url' of an item"),
        ("[" * 100_000, "found no JSON"),
    ],
)
def test_an_answer_of_another_form_stops_the_source(answer: str, words: str) -> None:
    """Every item is accounted for: one without an address is no document that may be passed over."""
    assert words in why("json", {"/api": answer}, url=f"{BASE}/api", items="results", address="url")


def test_a_path_that_does_not_fit_the_answer_stops_the_source() -> None:
    """Functions of JMESPath fail on values of another kind."""
    answer = '{"results": [{"url": "/1", "n": 7}]}'
    words = why("json", {"/api": answer}, url=f"{BASE}/api", items="results", address="url", stamp="length(n)")
    assert "the path 'length(n)' does not fit the answer" in words


# --- settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adapter", "settings", "words"),
    [
        ("feed", {"url": "rss.xml"}, "against one that begins with https://"),
        ("feed", {"url": BASE, "take": "all"}, "found take without document_links"),
        ("listing", {"pages": [], "entries": "x"}, "at least 1"),
        ("listing", {"pages": [BASE], "entries": "("}, "found no regular expression"),
        ("listing", {"pages": [BASE], "entries": "x", "within": "a["}, "found no CSS selector"),
        ("listing", {"pages": [BASE + "/{page}"], "entries": "x", "next_page": "rel"}, "against one of them"),
        ("feed", {"url": "http://["}, "found no web address"),
        ("urls", {}, "found neither addresses nor file"),
        ("json", {"url": BASE, "items": "a[", "address": "b"}, "found no JMESPath expression"),
        ("json", {"url": BASE + "/{offset}", "items": "a", "address": "b"}, "found {offset} without page_size"),
        ("json", {"url": BASE + "/{page}", "items": "a", "address": "b", "next": "c"}, "against one way"),
        ("folder", {"path": "x", "glob": "*.pdf"}, "Extra inputs are not permitted"),
    ],
)
def test_wrong_settings_are_refused(adapter: str, settings: dict[str, Any], words: str) -> None:
    """A mistake in the settings is told before anything is asked."""
    with pytest.raises(ValidationError) as caught:
        make_adapter(adapter, **settings)
    assert words in str(caught.value)
