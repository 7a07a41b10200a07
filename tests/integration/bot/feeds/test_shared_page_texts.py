"""Feeds whose pages share one text: no article is lost, and none is cited as another."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import pytest

from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import Item, page, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_poller import asked, serve

WALL = (
    "This article is for subscribers of our paper. To go on reading choose a subscription: one month "
    "costs seven dinars, one year seventy, and you can end it whenever you like. Those who have one "
    "already sign in here."
)
HEADLINES = (
    "The harbour opens its gates",
    "An old mill burns down",
    "Council elects Salem Werdani",
    "Bridge closed for the winter",
)


def entries(site: Site, *, step: timedelta, summaries: bool = True) -> list[Item]:
    """Put a page with the same paragraph under each headline, `step` apart; return the entries."""
    return [
        Item(
            number,
            START - number * step,
            title=headline,
            summary=f"{headline}, said the council." if summaries else "",
            link=site.page(f"/news/{number}", page(headline, WALL)),
        )
        for number, headline in enumerate(HEADLINES, 1)
    ]


def cited(harness: FeedHarness) -> set[tuple[object, ...]]:
    """Return title, address, date, text and kind of each article."""
    return {
        (each.title, each.url, each.published, each.text, each.only_summary)
        for each in harness.articles
    }


def summaries(items: Sequence[Item]) -> set[tuple[object, ...]]:
    return {(each.title, each.link, each.at, each.summary, True) for each in items}


@pytest.mark.parametrize("step", [timedelta(days=1), timedelta(minutes=1)])
def test_pages_that_share_one_text_are_replaced_by_the_summaries_and_called_that(
    harness: FeedHarness, site: Site, step: timedelta
) -> None:
    items = entries(site, step=step)
    harness.follow(serve(site, items))
    assert cited(harness) == summaries(items)


def test_the_page_that_came_first_gives_way_to_its_summary_when_another_has_its_text(
    harness: FeedHarness, site: Site
) -> None:
    *others, first = entries(site, step=timedelta(days=1))
    harness.follow(serve(site, [first]))
    harness.later(days=1)
    serve(site, [*others, first])
    harness.later(days=1)
    assert cited(harness) == summaries([*others, first])
    assert sum(asked(site, f"/news/{number}") for number in range(1, 5)) == 5


def test_a_page_that_shares_its_text_is_no_article_if_the_feed_says_nothing_of_it(
    harness: FeedHarness, site: Site
) -> None:
    items = entries(site, step=timedelta(days=1), summaries=False)
    harness.follow(serve(site, items))
    assert harness.articles == []
    site.page("/news/4", page(HEADLINES[3], story(4)))
    serve(site, [*items[:3], items[3]._replace(summary="The bridge was closed.")])
    harness.later(days=1)
    assert [each.text for each in harness.articles] == [story(4).replace("\n\n", "\n")]


def test_pages_that_lead_to_one_address_are_no_articles_of_that_address(
    harness: FeedHarness, site: Site
) -> None:
    items = entries(site, step=timedelta(days=1))
    for number in range(1, 5):
        site.redirect(f"/news/{number}", "/login")
    site.page("/login", page("Sign in", WALL))
    harness.follow(serve(site, items))
    assert cited(harness) == summaries(items)


def test_an_approval_is_asked_of_the_summary_where_pages_share_one_text(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, entries(site, step=timedelta(days=1))), hold=True)
    pending = harness.run(lambda services: services.approvals.queue.list_open())
    assert {each.extracted.title for each in pending} == {*HEADLINES}
    assert all(each.extracted.only_summary for each in pending)


def test_the_same_story_under_two_headlines_of_one_day_is_one_article(
    harness: FeedHarness, site: Site
) -> None:
    headlines = ("Layla Hamdan of the council at the mill", "The old mill of Noran was repaired")
    items = [
        Item(
            number,
            START - timedelta(minutes=number),
            title=headline,
            link=site.page(f"/news/{number}", page(headline, story(1))),
        )
        for number, headline in enumerate(headlines, 1)
    ]
    harness.follow(serve(site, items))
    (article,) = harness.articles
    assert (article.title, article.url, article.published) == items[1][2:3] + items[1][5:6] + (
        items[1].at,
    )


def test_an_entry_that_comes_to_another_address_with_another_text_is_another_article(
    harness: FeedHarness, site: Site
) -> None:
    def item(number: int) -> Item:
        link = site.page(f"/news/{number}", page(HEADLINES[number], story(number)))
        return Item(number, START + timedelta(hours=number), HEADLINES[number], link=link, guid="1")

    harness.follow(serve(site, [item(0)]))
    serve(site, [item(1)])
    harness.later(days=1)
    assert [(each.title, each.url) for each in harness.articles] == [
        (HEADLINES[0], site.url("/news/0")),
        (HEADLINES[1], site.url("/news/1")),
    ]


def test_an_article_that_its_publisher_moves_and_corrects_has_its_new_title_and_address(
    harness: FeedHarness, site: Site
) -> None:
    def item(path: str, title: str) -> Item:
        link = site.page(path, page(title, story(1)))
        return Item(1, START, title, link=link, guid="1")

    harness.follow(serve(site, [item("/news/old", "The mill is repared")]))
    serve(site, [item("/news/new", "The mill is repaired")])
    harness.later(days=1)
    (article,) = harness.articles
    assert (article.title, article.url) == ("The mill is repaired", site.url("/news/new"))
