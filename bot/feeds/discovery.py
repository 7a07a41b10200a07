"""Discover the feed that an address means: at the address, linked from the page, or on the site."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urljoin, urlsplit

from bot.feeds.politeness import PolitenessPolicy
from bot.feeds.store.feeds import DiscoveredFeed
from bot.feeds.web_reader import WebReader
from index.ingest.feeds.models import Feed, FeedKind
from index.ingest.http.fetcher import FetchResult
from index.ingest.rejections import RejectReason, SourceRejected
from index.urls import parse_host

_MAX_NAMED_FEEDS = 4
_COMMON_FEED_PATHS = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml")
"""Usual paths of feeds, relative to the site's root."""
_COMMON_SITEMAP_PATHS = ("/news-sitemap.xml", "/sitemap.xml", "/sitemap_index.xml")
_FEED_KINDS = frozenset((FeedKind.RSS, FeedKind.ATOM, FeedKind.JSON))
_MIN_LISTED_ARTICLES = 5


async def discover_feed(
    address: str, web_reader: WebReader, politeness: PolitenessPolicy
) -> DiscoveredFeed:
    """Return the feed at an address, or one that the page there links to, or one of its site.

    For a site without a feed, return its sitemap, or the page itself if it lists articles. The page
    of a section takes precedence over the sitemap of the whole site. Raises `SourceRejected`.
    """
    page = await web_reader.get(address, politeness.request_slot)
    try:
        feed = await web_reader.read_feed(page)
    except SourceRejected as error:
        if error.reason is not RejectReason.NO_FEED:
            raise
        feed = Feed(kind=FeedKind.LIST)
    if feed.kind is not FeedKind.LIST:
        return _to_discovered(page.url if page.moved else address, feed)
    root = urljoin(page.url, "/")
    feed_addresses = feed.feeds[:_MAX_NAMED_FEEDS] or tuple(
        urljoin(root, path) for path in _COMMON_FEED_PATHS
    )
    if linked_feed := await _find_first(feed_addresses, web_reader, politeness, _FEED_KINDS):
        return linked_feed
    lists_articles = len(feed.entries) >= _MIN_LISTED_ARTICLES
    if lists_articles and urlsplit(page.url).path.strip("/"):
        return _to_discovered(page.url, feed)
    robots = await politeness.robots(page.url)
    sitemap_addresses = robots.sitemaps[:_MAX_NAMED_FEEDS] or tuple(
        urljoin(root, path) for path in _COMMON_SITEMAP_PATHS
    )
    if sitemap_feed := await _find_first(
        sitemap_addresses, web_reader, politeness, frozenset((FeedKind.SITEMAP,))
    ):
        return sitemap_feed
    if lists_articles:
        return _to_discovered(page.url, feed)
    raise SourceRejected(
        RejectReason.NO_FEED,
        "there is no feed, no sitemap and no page that lists articles",
        "Try the address of the site's news section, or of its feed",
    )


async def _find_first(
    addresses: tuple[str, ...],
    web_reader: WebReader,
    politeness: PolitenessPolicy,
    kinds: frozenset[FeedKind],
) -> DiscoveredFeed | None:
    """Return the first of the addresses that has a non-empty feed of one of the kinds."""
    for address in addresses:
        with suppress(SourceRejected):
            page: FetchResult = await web_reader.get(address, politeness.request_slot)
            feed = await web_reader.read_feed(page)
            if feed.kind in kinds and (feed.entries or feed.parts):
                return _to_discovered(page.url if page.moved else address, feed)
    return None


def _to_discovered(address: str, feed: Feed) -> DiscoveredFeed:
    return DiscoveredFeed(
        address, parse_host(address), feed.kind, feed.title, feed.page, feed.language
    )
