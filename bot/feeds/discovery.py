"""From an address that somebody gives to the feed that is meant: there, or named there, or near."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from bot.feeds.politeness import PolitenessPolicy
from bot.feeds.store.feeds import DiscoveredFeed
from bot.feeds.web_reader import WebReader
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.http.fetcher import FetchResult
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import host_of

_MAX_NAMED_FEEDS = 4
_USUAL = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml")
"""Where feeds usually lie, seen from a site's root."""
_SITEMAPS = ("/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_FEEDS = frozenset((FeedKind.RSS, FeedKind.ATOM, FeedKind.JSON))
_MIN_LISTED_ARTICLES = 5


async def find(address: str, pages: WebReader, courtesy: PolitenessPolicy) -> DiscoveredFeed:
    """Return the feed at an address, or the one that the page there names, or its site has.

    A site without a feed is followed by its sitemap, or by the page itself where that lists
    articles: a section's own page goes before the sitemap of the whole site. Raises `SourceRejected`.
    """
    page = await pages.get(address, courtesy.request_slot)
    try:
        read = await pages.feed(page)
    except SourceRejected as refused:
        if refused.refusal is not RejectReason.NO_FEED:
            raise
        read = Feed(kind=FeedKind.LIST)
    if read.kind is not FeedKind.LIST:
        return _found(page.url if page.moved else address, read)
    root = urljoin(page.url, "/")
    near = read.feeds[:_MAX_NAMED_FEEDS] or tuple(urljoin(root, each) for each in _USUAL)
    if named := await _first(near, pages, courtesy, _FEEDS):
        return named
    listed = len(read.entries) >= _MIN_LISTED_ARTICLES
    if listed and urlsplit(page.url).path.strip("/"):
        return _found(page.url, read)
    robots = await courtesy.robots(page.url)
    maps = robots.sitemaps[:_MAX_NAMED_FEEDS] or tuple(urljoin(root, each) for each in _SITEMAPS)
    if mapped := await _first(maps, pages, courtesy, frozenset((FeedKind.SITEMAP,))):
        return mapped
    if listed:
        return _found(page.url, read)
    raise SourceRejected(
        RejectReason.NO_FEED,
        "there is no feed, no sitemap and no page that lists articles",
        "Try the address of the site's news section, or of its feed",
    )


async def _first(
    addresses: tuple[str, ...],
    pages: WebReader,
    courtesy: PolitenessPolicy,
    kinds: frozenset[FeedKind],
) -> DiscoveredFeed | None:
    """Return the first of the addresses at which there is something of these kinds."""
    for address in addresses:
        with suppress(SourceRejected):
            page: FetchResult = await pages.get(address, courtesy.request_slot)
            read = await pages.feed(page)
            if read.kind in kinds and (read.entries or read.parts):
                return _found(page.url if page.moved else address, read)
    return None


def _found(address: str, read: Feed) -> DiscoveredFeed:
    return DiscoveredFeed(
        address, host_of(address), read.kind, read.title, read.page, read.language
    )
