"""From an address to the feed that is meant."""

from __future__ import annotations

from collections import Counter

import pytest

from bot.feeds.services import FeedServices
from bot.feeds.store.feeds import DuplicateFeed, FollowedFeed
from index.errors import InvalidInputError
from index.ingest.feeds.models import FeedKind
from index.ingest.rejections import RejectReason, SourceRejected
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, page, rss, story
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import asked, serve, whole

LINKS = "".join(
    f'<li><a href="/news/{n}">The council of Noran opens bridge number {n}</a></li>'
    for n in range(9)
)


def front(head: str = "", links: str = LINKS) -> str:
    return f"<!doctype html><html><head><title>Noran</title>{head}</head><body><ul>{links}</ul></body></html>"


def sitemap(site: Site, count: int = 3) -> str:
    urls = "".join(
        f"<url><loc>{site.url(f'/news/{n}')}</loc><lastmod>2026-02-0{n + 1}</lastmod></url>"
        for n in range(count)
    )
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    return f'<?xml version="1.0"?><urlset xmlns="{space}">{urls}</urlset>'


def add(harness: FeedHarness, address: str) -> FollowedFeed:
    async def work(services: FeedServices) -> FollowedFeed:
        return await services.feed_manager.add(address, "nadia")

    feed: FollowedFeed = harness.run(work)
    return feed


def test_the_address_of_a_feed_is_that_feed(harness: FeedHarness, site: Site) -> None:
    found = add(harness, serve(site, [whole(1)])).discovered
    assert (found.address, found.kind, found.title) == (
        site.url("/rss"),
        FeedKind.RSS,
        "The Noran Ledger",
    )


@pytest.mark.parametrize("named", ["/news.xml", "news.xml", "{site}/news.xml"])
def test_the_feed_that_a_page_names_is_found(harness: FeedHarness, site: Site, named: str) -> None:
    serve(site, [whole(1)], "/news.xml")
    href = named.format(site=site.url("").rstrip("/"))
    link = f'<link rel="alternate" type="application/rss+xml" href="{href}">'
    assert add(harness, site.page("/", front(link))).discovered.address == site.url("/news.xml")


def test_a_feed_that_a_page_names_and_that_is_not_there_is_passed_over(
    harness: FeedHarness, site: Site
) -> None:
    serve(site, [whole(1)], "/there.xml")
    links = "".join(
        f'<link rel="alternate" type="application/rss+xml" href="{path}">'
        for path in ("/gone.xml", "/there.xml")
    )
    assert add(harness, site.page("/", front(links))).discovered.address == site.url("/there.xml")


def test_a_feed_that_no_page_names_is_found_where_feeds_usually_lie(
    harness: FeedHarness, site: Site
) -> None:
    serve(site, [whole(1)], "/feed/")
    assert add(harness, site.page("/", front())).discovered.address == site.url("/feed/")


def test_a_site_without_a_feed_is_followed_by_the_sitemap_that_its_robots_txt_names(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/robots.txt", f"Sitemap: {site.url('/map.xml')}\n", "text/plain")
    site.page("/map.xml", sitemap(site), "application/xml")
    found = add(harness, site.page("/", front())).discovered
    assert (found.address, found.kind) == (site.url("/map.xml"), FeedKind.SITEMAP)


def test_a_section_is_followed_itself_before_the_sitemap_of_its_site(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/sitemap.xml", sitemap(site), "application/xml")
    found = add(harness, site.page("/politics", front())).discovered
    assert (found.address, found.kind) == (site.url("/politics"), FeedKind.LIST)


def test_a_page_that_lists_articles_is_followed_where_there_is_nothing_else(
    harness: FeedHarness, site: Site
) -> None:
    assert add(harness, site.page("/", front())).discovered.kind is FeedKind.LIST


def test_where_nothing_can_be_followed_that_is_said(harness: FeedHarness, site: Site) -> None:
    address = site.page("/", front(links='<li><a href="/x">Home</a></li>'))
    with pytest.raises(SourceRejected) as refused:
        add(harness, address)
    assert refused.value.reason is RejectReason.NO_FEED
    assert refused.value.remedy
    assert harness.run(lambda services: services.feed_manager.feeds.list_all()) == []


def test_a_site_that_does_not_answer_says_so(harness: FeedHarness, site: Site) -> None:
    with pytest.raises(SourceRejected) as refused:
        add(harness, site.url("/nothing"))
    assert refused.value.reason is RejectReason.NOT_FOUND


def test_a_feed_is_followed_once_under_whichever_of_its_addresses(
    harness: FeedHarness, site: Site
) -> None:
    address = serve(site, [whole(1)])
    add(harness, address)
    with pytest.raises(DuplicateFeed) as refused:
        add(harness, f"{address}?utm_source=x")
    assert refused.value.number == 1


def test_words_that_cannot_be_looked_for_are_refused_before_a_site_is_asked(
    harness: FeedHarness, site: Site
) -> None:
    with pytest.raises(InvalidInputError):
        harness.follow(serve(site, [whole(1)]), require=("the",))
    assert site.asked == []


def test_the_pages_of_a_sitemap_come_with_the_dates_of_their_pages(
    harness: FeedHarness, site: Site
) -> None:
    for n in range(3):
        date = f"2026-02-0{n + 1}T08:00:00+02:00"
        site.page(f"/news/{n}", page(f"Bridge {n}", story(n), date=date))
    harness.follow(site.page("/map.xml", sitemap(site), "application/xml"))
    assert {each.published.isoformat()[:10] for each in harness.articles if each.published} == {
        "2026-02-01",
        "2026-02-02",
        "2026-02-03",
    }
    assert all(each.date_found == "page" for each in harness.articles)


def test_the_newest_parts_of_a_sitemap_of_sitemaps_are_followed(
    harness: FeedHarness, site: Site
) -> None:
    space = "http://www.sitemaps.org/schemas/sitemap/0.9"
    parts = "".join(
        f"<sitemap><loc>{site.url(f'/part{n}.xml')}</loc><lastmod>2026-01-0{n}</lastmod></sitemap>"
        for n in range(1, 6)
    )
    for n in range(1, 6):
        body = sitemap(site, 1).replace("/news/0", f"/news/{n}")
        site.page(f"/part{n}.xml", body, "application/xml")
        site.page(f"/news/{n}", page(f"Bridge {n}", story(n)))
    index = f'<sitemapindex xmlns="{space}">{parts}</sitemapindex>'
    harness.follow(site.page("/sitemap.xml", index, "application/xml"))
    assert Counter(harness.titles) == Counter(["Bridge 3", "Bridge 4", "Bridge 5"])
    assert asked(site, "/part1.xml") == 0


def test_the_articles_that_a_page_lists_are_brought_and_then_only_new_ones(
    harness: FeedHarness, site: Site
) -> None:
    for n in range(12):
        site.page(f"/news/{n}", page(f"Bridge {n}", story(n), date="2026-02-04"))
    harness.follow(site.page("/politics", front()))
    assert len(harness.articles) == 9
    newest = '<li><a href="/news/11">The council of Noran opens the eleventh bridge</a></li>'
    site.page("/politics", front(links=newest + LINKS))
    harness.later(days=1)
    assert harness.titles[9:] == ["Bridge 11"]
    assert asked(site, "/news/3") == 1


def test_a_feed_in_windows_1256_that_calls_itself_utf_8_is_read_right(
    harness: FeedHarness, site: Site
) -> None:
    text = "افتتح مجلس بلدية نوران سوق السمك الجديد صباح الأربعاء بحضور رئيس البلدية. " * 12
    body = rss([whole(1, title="سوق نوران", content=text)], site.url("").rstrip("/"))
    harness.follow(site.page("/rss", body.encode("windows-1256", "replace"), RSS))
    assert harness.titles == ["سوق نوران"]
