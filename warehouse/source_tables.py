"""The tables of sources: what they are, what they list, and everything that was asked of web servers."""

from __future__ import annotations

from typing import Final

from warehouse.columns import Column, Table

_FACTS: Final = "Facts about the sources of this knowledge base, gathered by Rode Draad; free to reuse."

SOURCES: Final = Table(
    "sources",
    "The sources that the operator named: what each is, and how its last run went.",
    (
        Column("source_id", "VARCHAR", "Name of the source, as set by the operator.", "id", is_required=True),
        Column("publisher", "VARCHAR", "Who publishes there.", "name", is_required=True),
        Column("licence", "VARCHAR", "Licence that the publisher states.", "text"),
        Column("language", "VARCHAR", "ISO 639-1 code of the language of most documents.", "code", is_required=True),
        Column("kind", "VARCHAR", "Kind of most documents: report, advice, evaluation, letter …", "code",
               is_required=True),
        Column("adapter", "VARCHAR", "How its documents are found: folder, urls, feed, sitemap, listing, sru or json.",
               "code", is_required=True, is_indexed=True),
        Column("homepage", "VARCHAR", "A page for people about it.", "url"),
        Column("schedule", "VARCHAR", "When it is asked, in the form of cron; empty when only by hand.", "text"),
        Column("time_zone", "VARCHAR", "The time zone of that schedule.", "code", is_required=True),
        Column("expected_count", "INTEGER", "The least number of documents that it must list.", "count",
               is_required=True),
        Column("verified", "VARCHAR", "When and how the settings of the source were verified.", "text"),
        Column("last_started_at", "TIMESTAMP", "When its last run began (UTC).", "clock"),
        Column("last_finished_at", "TIMESTAMP", "When that run ended (UTC); empty if it was cut off.", "clock"),
        Column("last_success_at", "TIMESTAMP", "When its last run began that went well (UTC).", "clock"),
        Column("last_outcome", "VARCHAR", "running, succeeded or failed.", "code", is_indexed=True),
        Column("last_message", "VARCHAR", "Why the last run failed; empty when it went well.", "text"),
        Column("listed_count", "INTEGER", "Documents that it listed in its last run.", "count"),
        Column("new_count", "INTEGER", "Documents of that run that were new or had changed.", "count"),
        Column("unchanged_count", "INTEGER", "Documents of that run that were as before.", "count"),
        Column("failed_count", "INTEGER", "Documents of that run that could not be fetched or read.", "count"),
        Column("first_seen_at", "TIMESTAMP", "When the program first ran this source (UTC).", "clock",
               is_required=True),
    ),
    key=("source_id",),
    licence=_FACTS,
    is_journal=True,
)  # fmt: skip

LISTINGS: Final = Table(
    "listings",
    "The documents that each source lists: one row per source and address. A row stays when the document is no longer "
    "listed.",
    (
        Column("source_id", "VARCHAR", "The source.", "id", "sources.source_id", is_required=True),
        Column("address", "VARCHAR", "Address or path of the document.", "url", is_required=True),
        Column("entry_url", "VARCHAR", "The page on which the document was found; empty when it is listed itself.",
               "url"),
        Column("title", "VARCHAR", "Title by the listing.", "text"),
        Column("published_date", "VARCHAR", "Publication date by the listing.", "date"),
        Column("stamp", "VARCHAR", "What the listing says of its last change, as printed there.", "text"),
        Column("is_listed", "BOOLEAN", "Whether the last whole listing still had it; always true for sources that list "
               "their newest documents only.", "flag", is_required=True),
        Column("first_listed_at", "TIMESTAMP", "When the source first listed it (UTC).", "clock", is_required=True),
        Column("last_listed_at", "TIMESTAMP", "When the source last listed it (UTC).", "clock", is_required=True),
    ),
    key=("source_id", "address"),
    licence=_FACTS,
    is_published=False,
    is_journal=True,
)  # fmt: skip

FETCHES: Final = Table(
    "fetches",
    "Everything that was asked of a web server: one row per address that was asked for, with how that went.",
    (
        Column("fetch_id", "VARCHAR", "Id made from the address and the time.", "id", is_required=True),
        Column("source_id", "VARCHAR", "The source that it was asked for; empty for an address given by hand.", "id",
               "sources.source_id"),
        Column("purpose", "VARCHAR", "document, page (where documents are linked), listing or robots.", "code",
               is_required=True),
        Column("url", "VARCHAR", "The address that was asked for.", "url", is_required=True),
        Column("final_url", "VARCHAR", "The address that answered, where redirects led elsewhere.", "url"),
        Column("fetched_at", "TIMESTAMP", "When the asking began (UTC).", "clock", is_required=True),
        Column("duration_seconds", "DOUBLE", "How long it took, with retries and without polite delays.", "number",
               is_required=True),
        Column("attempt_count", "INTEGER", "How often it was tried; 0 when it was refused before anything was sent.",
               "count", is_required=True),
        Column("status", "INTEGER", "HTTP status of the last answer; empty when there was none.", "number"),
        Column("byte_count", "BIGINT", "Bytes of content that came in the last answer, after decompression.", "count",
               is_required=True),
        Column("document_id", "VARCHAR", "The sha256 of the document that is there, 64 hexadecimal digits.", "hash"),
        Column("media_type", "VARCHAR", "Media type that the server gave.", "code"),
        Column("etag", "VARCHAR", "ETag that the server gave, for the next time.", "text"),
        Column("last_modified", "VARCHAR", "Last-Modified that the server gave, for the next time.", "text"),
        Column("outcome", "VARCHAR", "new, changed, same (fetched, but as before), not_modified (nothing sent), read "
               "(a page) or failed.", "code", is_required=True),
        Column("reason", "VARCHAR", "A short stable code of why it failed, such as http_status or robots.", "code"),
        Column("message", "VARCHAR", "What was found, against what was expected.", "text"),
    ),
    key=("fetch_id",),
    licence=_FACTS,
    is_published=False,
    order="fetched_at DESC, fetch_id",
    is_journal=True,
)  # fmt: skip
