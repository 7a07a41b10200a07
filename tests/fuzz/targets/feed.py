"""Feeds: RSS, Atom, JSON Feed, sitemaps and lists of articles."""

from __future__ import annotations

from collections.abc import Iterator

from index.ingest.feeds.reader import read_feed
from index.ingest.sandbox import SandboxResponse
from tests.fixtures.feed_documents import SITE, atom, item, rss
from tests.fuzz.harness import HINTS, evaluation_feeds, read_or_refuse

SEEDS = (
    rss(item(description="<p>نوران", pubDate="Sat, 07 Mar 2026 10:00:00 +0200"), item()).encode(),
    atom(f'<entry xml:base="{SITE}"><title type="html">&lt;b&gt;</title></entry>').encode(),
    b'{"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [{"id": 1}]}',
    b"<urlset><url><loc>https://noran.example/1</loc><lastmod>2026-03-07</lastmod></url></urlset>",
    b"<html><body><article><h2><a href=/news/1>The harbour is open</a></h2></article></body>",
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data."""
    return evaluation_feeds()


def run(data: bytes) -> None:
    """Read a feed, and write it as the sandbox does."""
    if feed := read_or_refuse(lambda: read_feed(data, HINTS)):
        SandboxResponse(feed=feed).model_dump_json().encode()
