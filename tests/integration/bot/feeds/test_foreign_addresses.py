"""Feeds that name addresses of other sites: only the page there tells what is said, and by whom."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.feeds.services import FeedServices
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import Item, page, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import only, serve, whole

CLAIMED = "Invented words in the name of the Noran Times. " * 30


def claim(site: Site, host: str = "times.noran.test") -> Item:
    """An entry with invented words about an article of the Noran Times."""
    return whole(1, title="Invented", content=CLAIMED, link=site.url("/news/1", host))


def follow_digest(harness: FeedHarness, site: Site, *items: Item) -> None:
    """Follow a feed that is not of the Noran Times."""
    serve(site, items, "/digest", title="The Digest")
    harness.follow(site.url("/digest", "digest.noran.test"))


def follow_times(harness: FeedHarness, site: Site) -> None:
    """Follow the feed of the Noran Times, which carries its article whole."""
    item = whole(1, title="The mill is repaired", link=site.url("/news/1", "times.noran.test"))
    serve(site, [item], "/times", title="The Noran Times")
    harness.follow(site.url("/times", "times.noran.test"))


def test_the_page_at_another_sites_address_is_read_and_is_the_source(
    harness: FeedHarness, site: Site
) -> None:
    written = "2026-02-03T10:30:00+02:00"
    article_page = page("The mill is repaired", story(1), date=written, source="The Noran Times")
    site.page("/news/1", article_page)
    follow_digest(harness, site, claim(site))
    article = only(harness)
    assert (article.title, article.source) == ("The mill is repaired", "The Noran Times")
    assert article.text == story(1).replace("\n\n", "\n")
    assert article.published == datetime(2026, 2, 3, 8, 30, tzinfo=UTC)


def test_an_unread_page_of_another_site_is_not_claimed_and_gives_way_to_its_own_feed(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", "", status=403)
    follow_digest(harness, site, claim(site))
    article = only(harness)
    assert (article.source, article.url, article.only_summary) == ("The Digest", None, True)
    follow_times(harness, site)
    _, second = harness.articles
    assert (second.title, second.source) == ("The mill is repaired", "The Noran Times")
    assert (second.url, second.text) == (site.url("/news/1", "times.noran.test"), story(1) * 2)


def test_the_words_of_an_unread_page_get_the_source_of_its_own_feed(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", "", status=403)
    follow_digest(harness, site, claim(site)._replace(content=story(1) * 2))
    follow_times(harness, site)
    article = only(harness)
    assert (article.source, article.url) == (
        "The Noran Times",
        site.url("/news/1", "times.noran.test"),
    )
    assert not article.only_summary


def test_an_address_of_the_own_site_that_leads_to_another_site_has_that_sites_source(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", page("The mill is repaired", story(1), source="The Noran Times"))
    site.redirect("/go", site.url("/news/1", "times.noran.test"))
    item = Item(1, START, "Invented", link=site.url("/go", "digest.noran.test"))
    follow_digest(harness, site, item)
    article = only(harness)
    assert (article.title, article.source) == ("The mill is repaired", "The Noran Times")


def test_an_approved_page_of_another_site_keeps_its_source(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", page("The mill is repaired", story(1), source="The Noran Times"))
    serve(site, [claim(site)], "/digest", title="The Digest")
    harness.follow(site.url("/digest", "digest.noran.test"), hold=True)

    async def approve(services: FeedServices) -> None:
        await services.approvals.approve(await services.approvals.queue.list_open(), "nadia")

    harness.run(approve)
    assert only(harness).source == "The Noran Times"


def test_a_feed_takes_no_article_of_another_site_away_by_entries_that_share_its_text(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", page("Werdani speaks", story(2), source="The Noran Times"))
    links = [site.url(f"/news/1?copy={number}", "times.noran.test") for number in range(3)]
    claims = [
        claim(site)._replace(number=number, title=title, link=link, content="", summary=title)
        for number, (title, link) in enumerate(zip(("Cats", "Dogs", "Birds"), links, strict=True))
    ]
    follow_digest(harness, site, *claims[:1])
    serve(site, claims, "/digest", title="The Digest")
    harness.later(days=1)
    first = harness.articles[0]
    assert (first.title, first.source) == ("Werdani speaks", "The Noran Times")
    assert first.text == story(2).replace("\n\n", "\n")
