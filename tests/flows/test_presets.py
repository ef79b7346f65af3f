"""Presets against the recorded shape of the answers that they expect; all content is invented."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.adapter import Page
from flows.errors import FetchFailed
from flows.sources import Source, load_presets
from warehouse.source_entries import FetchPurpose, ListedDocument

PRESETS = {preset.source_id: preset for preset in load_presets()}


class Recorded:
    """Surroundings that give a first page, an empty one after it, and pages of entries."""

    folder = Path()

    def __init__(self, first: str, following: str, entry: str) -> None:
        self._listing = [first, following]
        self._entry = entry

    def read_page(self, url: str, *, purpose: FetchPurpose = "listing") -> Page:
        if purpose == "page":
            return Page(url, self._entry.encode(), "text/html")
        return Page(url, (self._listing.pop(0) if len(self._listing) > 1 else self._listing[0]).encode(), None)

    def documents_of_entry(self, entry_url: str, stamp: str | None) -> tuple[ListedDocument, ...] | None:
        return None

    def miss_page(self, entry_url: str, error: FetchFailed) -> tuple[ListedDocument, ...]:
        raise error


def listed(source: Source, first: str, following: str = "", entry: str = "") -> list[ListedDocument]:
    return list(source.adapter.discover_documents(Recorded(first, following or first, entry)))


SRU = """<?xml version="1.0" encoding="UTF-8"?><sru:searchRetrieveResponse
 xmlns:overheidwetgeving="http://standaarden.overheid.nl/wetgeving/" xmlns:dcterms="http://purl.org/dc/terms/"
 xmlns:sru="http://docs.oasis-open.org/ns/search-ws/sruResponse" xmlns:gzd="http://standaarden.overheid.nl/sru"
 ><sru:version>2.0</sru:version><sru:numberOfRecords>1</sru:numberOfRecords><sru:records><sru:record>
 <sru:recordSchema>http://standaarden.overheid.nl/sru/</sru:recordSchema><sru:recordData><gzd:gzd><gzd:originalData>
 <overheidwetgeving:meta><overheidwetgeving:owmskern><dcterms:identifier>blg-1</dcterms:identifier>
 <dcterms:title>Verzonnen bijlage</dcterms:title><dcterms:modified>2026-10-02</dcterms:modified>
 </overheidwetgeving:owmskern><overheidwetgeving:owmsmantel><dcterms:available>2026-10-01</dcterms:available>
 </overheidwetgeving:owmsmantel></overheidwetgeving:meta></gzd:originalData><gzd:enrichedData>
 <gzd:preferredUrl>https://zoek.officielebekendmakingen.nl/blg-1.html</gzd:preferredUrl>
 <gzd:itemUrl manifestation="metadata">https://repository.overheid.nl/frbr/1/metadata.xml</gzd:itemUrl>
 <gzd:itemUrl manifestation="pdf">https://repository.overheid.nl/frbr/1/blg-1.pdf</gzd:itemUrl>
 </gzd:enrichedData></gzd:gzd></sru:recordData></sru:record></sru:records>
 <sru:resultCountPrecision>info:srw/vocabulary/resultCountPrecision/1/estimate</sru:resultCountPrecision>
 </sru:searchRetrieveResponse>"""


@pytest.mark.parametrize("name", ["kamerstukken", "kamerstukken-bijlagen"])
def test_kamerstukken(name: str) -> None:
    """The PDF of the record in the repository is taken."""
    assert listed(PRESETS[name], SRU) == [
        ListedDocument(
            "https://repository.overheid.nl/frbr/1/blg-1.pdf", "Verzonnen bijlage", "2026-10-01", "2026-10-02"
        )
    ]


def test_european_ombudsman() -> None:
    """An item leads to the page of its decision by its key."""
    item = {
        "techKey": 142068,
        "documentDate": "2024-03-05T00:00:00Z",
        "caseRef": "1/2024/XX",
        "docVersionContent": {"title": "Invented decision", "updateDate": "2024-03-06", "content": "<p>x</p>"},
    }
    answer = json.dumps({"documents": [item], "pageItem": {"totalResult": 1}})
    assert listed(PRESETS["european-ombudsman"], answer, '{"documents": []}') == [
        ListedDocument(
            "https://www.ombudsman.europa.eu/en/decision/en/142068", "Invented decision", "2024-03-05", "2024-03-06"
        )
    ]


def test_govuk() -> None:
    """A result leads to its page on GOV.UK, and from there to the first PDF among the assets."""
    item = {
        "title": "Invented review",
        "link": "/government/publications/x",
        "public_timestamp": "2024-03-05T10:00:00Z",
    }
    page = """<a href="/government/publications/x/html">HTML</a>
    <a href="https://assets.publishing.service.gov.uk/media/65/annex.ods">ODS</a>
    <a href="https://assets.publishing.service.gov.uk/media/65/review.pdf">PDF</a>"""
    [document] = listed(PRESETS["govuk-independent-reports"], json.dumps({"results": [item]}), '{"results": []}', page)
    assert document.address == "https://assets.publishing.service.gov.uk/media/65/review.pdf"
    assert document.entry_url == "https://www.gov.uk/government/publications/x"
    assert document.published_date == "2024-03-05"


def test_gao() -> None:
    """An entry of the feed is a product page, which links the report."""
    feed = """<rss version="2.0"><channel><title>GAO Reports</title><item><title>Invented, Mar 5, 2024</title>
    <link>https://www.gao.gov/products/gao-24-100000</link><pubDate>Tue, 05 Mar 2024 10:00:00 -0500</pubDate></item>
    <item><title>Legal</title><link>https://www.gao.gov/legal/b-1</link></item></channel></rss>"""
    page = '<a href="/assets/gao-24-100000.pdf">Full report</a><a href="/assets/gao-24-100000-highlights.pdf">x</a>'
    [document] = listed(PRESETS["gao"], feed, entry=page)
    assert document.address == "https://www.gao.gov/assets/gao-24-100000.pdf"


@pytest.mark.parametrize(
    ("name", "link", "page", "document"),
    [
        (
            "nationale-ombudsman",
            "/publicaties/onderzoeken/2024001-verzonnen",
            '<a href="/system/files/onderzoek/Rapport%202024001.pdf">Rapport</a>',
            "https://www.nationaleombudsman.nl/system/files/onderzoek/Rapport%202024001.pdf",
        ),
        (
            "algemene-rekenkamer",
            "/publicaties/rapporten/2024/01/15/verzonnen",
            '<a href="/binaries/rekenkamer/documenten/rapporten/2024/01/15/verzonnen/Rapport.pdf">Rapport</a>',
            "https://www.rekenkamer.nl/binaries/rekenkamer/documenten/rapporten/2024/01/15/verzonnen/Rapport.pdf",
        ),
        (
            "nao",
            "/reports/invented-report/",
            '<a href="/wp-content/uploads/2024/03/invented-report.pdf">Report</a>',
            "https://www.nao.org.uk/wp-content/uploads/2024/03/invented-report.pdf",
        ),
        (
            "anao",
            "/work/performance-audit/invented-audit",
            "",
            "https://www.anao.gov.au/work/performance-audit/invented-audit",
        ),
    ],
)
def test_listings(name: str, link: str, page: str, document: str) -> None:
    """A link of the shape that is cited publicly is an entry, and its document is found on its page."""
    first = f'<a href="/">Home</a><a href="/over-ons">Over</a><a href="{link}">Verzonnen</a>'
    assert [found.address for found in listed(PRESETS[name], first, entry=page)] == [document]
