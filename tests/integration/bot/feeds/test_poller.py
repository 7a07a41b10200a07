"""Feeds followed over simulated time: what comes into the archive, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.feeds.services import FeedServices
from bot.feeds.store.approval_queue import PendingArticle
from bot.i18n.phrases import citation_runs
from index.models import Article, DateProvenance
from tests.fakes.web.site import Site
from tests.fixtures.editors import hidden_page
from tests.fixtures.newspaper_pages import RSS, Item, page, rss, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness


def serve(site: Site, items: Sequence[Item], path: str = "/rss", **about: str) -> str:
    """Put a feed on the site; return its address."""
    return site.page(path, rss(list(items), site.url("").rstrip("/"), **about), RSS)


def whole(number: int, **changes: Any) -> Item:
    """An article that its feed carries whole."""
    item = Item(number, START - timedelta(hours=number % 200), content=story(number) * 2)
    return item._replace(**changes)


def asked(site: Site, path: str) -> int:
    return sum(each.path == path for each in site.asked)


def only(harness: FeedHarness) -> Article:
    (article,) = harness.articles
    return article


def test_a_feed_with_summaries_brings_its_articles_from_their_pages(
    harness: FeedHarness, site: Site
) -> None:
    items = [
        Item(n, START - timedelta(hours=n), summary=f"What happened at quarter {n}.")
        for n in (1, 2)
    ]
    for n in (1, 2):
        site.page(f"/news/{n}", page(f"News number {n} of the ledger", story(n)))
    harness.follow(serve(site, items))
    assert harness.titles == ["News number 2 of the ledger", "News number 1 of the ledger"]
    first = harness.articles[0]
    assert first.text == story(2).replace("\n\n", "\n")
    assert (first.source, first.published) == ("The Noran Ledger", START - timedelta(hours=2))
    assert not first.only_summary


def test_a_feed_is_read_as_well_when_its_articles_have_stood_in_it_for_weeks(
    harness: FeedHarness, site: Site
) -> None:
    serve(site, [whole(1)])
    harness.follow(site.url("/rss"))
    for week in (1, 2, 3):
        serve(site, [whole(1 + week), whole(1)])
        harness.later(days=8)
        assert harness.feed().health.failures == 0
        assert len(harness.titles) == 1 + week


def test_an_article_that_its_feed_carries_whole_is_not_fetched(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    assert only(harness).text == story(1) * 2
    assert asked(site, "/news/1") == 0


@pytest.mark.parametrize("status", [403, 404])
def test_where_a_page_cannot_be_read_the_summary_is_kept_and_called_that(
    harness: FeedHarness, site: Site, status: int
) -> None:
    summary = "The harbour of Noran was opened again by its council on Thursday morning."
    site.page("/news/1", "", status=status)
    harness.follow(serve(site, [Item(1, START, summary=summary)]))
    article = only(harness)
    assert (article.text, article.only_summary) == (summary, True)
    assert citation_runs(article, "en")[-1] == "summary, not the whole article"


def test_a_page_that_fails_for_a_while_is_read_when_it_is_back(
    harness: FeedHarness, site: Site
) -> None:
    address = serve(site, [Item(1, START, summary="The harbour was opened again on Thursday.")])
    site.page("/news/1", "", status=503)
    harness.follow(address)
    assert harness.articles == []
    site.page("/news/1", page("News number 1 of the ledger", story(1)))
    harness.later(minutes=10)
    assert not only(harness).only_summary


def test_a_page_that_fails_for_hours_is_replaced_by_its_summary(
    harness: FeedHarness, site: Site
) -> None:
    address = serve(site, [Item(1, START, summary="The harbour was opened again on Thursday.")])
    site.page("/news/1", "", status=503)
    harness.follow(address)
    harness.later(hours=4)
    assert only(harness).only_summary
    assert asked(site, "/news/1") == 4


def test_an_entry_without_page_and_summary_brings_nothing(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [Item(1, START), whole(2)]))
    harness.later(hours=4)
    assert harness.titles == ["News number 2 of the ledger"]


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 01 Jan 2035 10:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sat, 02 May 1987 08:00 GMT",
    ],
)
def test_a_date_in_the_future_or_before_1990_is_called_uncertain(
    harness: FeedHarness, site: Site, written: str
) -> None:
    harness.follow(serve(site, [whole(1, at=None, date=written)]))
    assert only(harness).date_found is DateProvenance.UNCERTAIN


def test_an_article_dated_an_hour_ahead_is_called_uncertain(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1, at=START + timedelta(hours=1))]))
    assert only(harness).date_found is DateProvenance.UNCERTAIN


def test_an_entry_without_a_date_gets_that_of_its_page(harness: FeedHarness, site: Site) -> None:
    site.page("/news/1", page("News number 1", story(1), date="2026-02-03T10:30:00+02:00"))
    harness.follow(serve(site, [Item(1)]))
    assert only(harness).published == datetime(2026, 2, 3, 8, 30, tzinfo=UTC)
    assert only(harness).date_found is DateProvenance.PAGE


def test_where_feed_and_page_mean_two_days_the_earlier_is_kept_as_uncertain(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", page("News number 1", story(1), date="2025-11-03T10:30:00+02:00"))
    harness.follow(serve(site, [Item(1, START)]))
    article = only(harness)
    assert isinstance(article.published, date)
    assert article.published.isoformat()[:10] == "2025-11-03"
    assert article.date_found is DateProvenance.UNCERTAIN


def test_a_new_feed_brings_its_last_twenty_articles_and_alerts_nobody(
    harness: FeedHarness, site: Site
) -> None:
    items = [whole(n) for n in range(1, 31)]
    harness.follow(serve(site, items))
    assert harness.titles == [f"News number {n} of the ledger" for n in range(20, 0, -1)]
    assert all(each.suppress_alerts for each in harness.archive.arrivals(limit=99))
    serve(site, [whole(40, at=harness.time()), *items])
    harness.later(days=1)
    *_, last = harness.archive.arrivals(limit=99)
    assert (last.article.title, last.suppress_alerts) == ("News number 40 of the ledger", False)
    assert len(harness.articles) == 21


def test_what_a_first_poll_was_not_shown_is_no_news_if_it_is_older_than_the_feed(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(30)]))
    serve(site, [whole(31), whole(32, at=START + timedelta(hours=1)), whole(30)])
    harness.later(hours=2)
    arrivals = harness.archive.arrivals(limit=9)
    quiet = {each.article.published: each.suppress_alerts for each in arrivals}
    assert quiet == {
        START - timedelta(hours=30): True,
        START - timedelta(hours=31): True,
        START + timedelta(hours=1): False,
    }


@pytest.mark.parametrize(
    "renamed",
    [
        lambda item: item._replace(guid=f"other-{item.number}"),
        lambda item: item._replace(
            link=f"https://moved.example/a/{item.number}", guid=f"g{item.number}"
        ),
        lambda item: item._replace(at=START + timedelta(hours=30)),
        lambda item: item._replace(
            guid=f"x{item.number}", link=f"https://moved.example/{item.number}", at=None
        ),
    ],
    ids=["ids", "addresses", "dates", "all of them"],
)
def test_a_feed_that_changes_its_ids_dates_or_addresses_does_not_bring_its_past_again(
    harness: FeedHarness, site: Site, renamed: object
) -> None:
    items = [whole(n, guid=f"g{n}") for n in range(1, 6)]
    harness.follow(serve(site, items))
    assert callable(renamed)
    serve(site, [whole(20, at=START + timedelta(hours=1)), *map(renamed, items)])
    harness.later(days=2)
    assert len(harness.articles) == 6
    assert len(harness.archive.arrivals(limit=99)) == 6


def test_an_article_that_its_publisher_corrects_is_corrected_and_the_log_has_what_it_was(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    before = only(harness)
    serve(site, [whole(1, content=(story(1) * 2).replace("11", "14") + " A correction.")])
    harness.later(days=1)
    after = only(harness)
    assert after.text.endswith("A correction.")
    newest = harness.archive.read_log(subject=after.id, limit=1)[0]
    assert (newest.actor, newest.action) == ("feed 1", "edited")
    assert newest.before
    assert newest.before["text"] == before.text
    assert len(harness.archive.arrivals(limit=9)) == 1


def test_a_corrected_summary_has_the_page_read_again(harness: FeedHarness, site: Site) -> None:
    site.page("/news/1", page("Old", story(1)))
    harness.follow(serve(site, [Item(1, START, summary="The first news of the harbour.")]))
    site.page("/news/1", page("New", story(1) + " Three were hurt."))
    serve(site, [Item(1, START, summary="Corrected news of the harbour.")])
    harness.later(days=1)
    assert only(harness).text.endswith("Three were hurt.")


def test_a_feed_that_says_something_else_each_time_is_believed_three_times(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", page("Old", story(1)))
    harness.follow(serve(site, [Item(1, START, summary="The harbour. 0 comments")]))
    for comments in range(1, 9):
        serve(site, [Item(1, START, summary=f"The harbour. {comments} comments")])
        harness.later(days=1)
    assert asked(site, "/news/1") == 4


def test_what_an_editor_has_changed_is_not_changed_back(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [whole(1)]))
    harness.archive.edit(only(harness).id, actor="nadia", title="The editor's title")
    serve(site, [whole(1, title="Another title", content=story(1) * 2 + " More words.")])
    harness.later(days=1)
    assert only(harness).title == "The editor's title"
    assert only(harness).text.endswith("More words.")


def test_what_an_editor_removed_does_not_come_again(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [whole(1)]))
    harness.archive.remove(only(harness).id)
    serve(site, [whole(1, content=story(1) * 2 + " More words.")])
    harness.later(days=1)
    harness.follow(serve(site, [whole(1)], "/other"))
    assert harness.articles == []


def test_an_article_in_several_feeds_is_seen_once(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, [whole(1)]))
    serve(site, [whole(1)], "/second", title="The Sunday Ledger")
    elsewhere = site.url("/1", "copies.noran.test")
    other = whole(1, link=elsewhere, title="The same news elsewhere")
    serve(site, [other], "/third", title="The Copyist")
    harness.follow(site.url("/second"))
    harness.follow(site.url("/third", "copies.noran.test"))
    assert only(harness).source == "The Noran Ledger"
    assert len(harness.archive.arrivals(limit=9)) == 1


def test_only_the_feed_that_brought_an_article_corrects_it(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]))
    harness.follow(serve(site, [whole(1)], "/second"))
    serve(site, [whole(1, content=story(1) * 2 + " Of the second.")], "/second")
    harness.later(days=1)
    assert only(harness).text == story(1) * 2


def test_a_summary_gives_way_to_the_whole_article_of_another_feed(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", "", status=403)
    harness.follow(
        serve(site, [Item(1, START, summary="The harbour was opened again by its council.")])
    )
    assert only(harness).only_summary
    harness.follow(serve(site, [whole(1)], "/second"))
    assert (only(harness).text, only(harness).only_summary) == (story(1) * 2, False)


def test_another_days_bulletin_at_the_same_address_is_an_article_of_its_own(
    harness: FeedHarness, site: Site
) -> None:
    day = timedelta(days=1)
    bulletin = whole(1, link=site.url("/bulletin"), guid="a", title="The bulletin")
    harness.follow(serve(site, [bulletin._replace(at=START - day)]))
    harness.later(days=1)
    serve(site, [bulletin._replace(guid="b", content=story(2) * 2, at=harness.time())])
    harness.later(days=1)
    assert [each.text for each in harness.articles] == [story(1) * 2, story(2) * 2]


def test_words_are_required_and_refused_as_search_compares_them(
    harness: FeedHarness, site: Site
) -> None:
    texts = {1: "حفتر", 2: "the harbours", 3: "Haftar at the match"}
    items = [whole(n, content=f"{story(n)} {text} {story(n)}") for n, text in texts.items()]
    harness.follow(serve(site, items), require=("Hifter",), refuse=("match",))
    assert harness.titles == ["News number 1 of the ledger"]


def test_nothing_of_a_paused_feed_is_asked_or_brought(harness: FeedHarness, site: Site) -> None:
    number = harness.follow(serve(site, [whole(1)]))
    harness.run(lambda services: services.feed_manager.pause(number, "nadia"))
    before = asked(site, "/rss")
    harness.later(days=3)
    assert asked(site, "/rss") == before
    serve(site, [whole(2), whole(1)])
    harness.run(lambda services: services.feed_manager.resume(number, "nadia"))
    harness.later(minutes=10)
    assert len(harness.articles) == 2


def test_an_article_waits_for_an_editor_where_its_feed_is_held(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1), whole(2), whole(3)]), hold=True)
    assert harness.articles == []

    async def decide(services: FeedServices) -> Any:
        approving = services.approvals
        one, two, three = await approving.queue.list_open()
        done = await approving.approve([one, three], "nadia")
        await approving.reject([two], "nadia")
        again = await approving.approve([one], "nadia")
        return done, again, await approving.queue.count()

    done, again, left = harness.run(decide)
    assert (done.added, again.added, again.carried, left) == (2, 0, 0, 0)
    assert len(harness.articles) == 2
    harness.later(days=2)
    assert len(harness.articles) == 2
    assert harness.archive.read_log(limit=1)[0].actor == "feed 1"


def test_a_text_that_its_page_does_not_show_waits_for_an_editor_in_every_feed(
    harness: FeedHarness, site: Site
) -> None:
    site.page("/news/1", hidden_page("News number 1 of the ledger", story(1)))
    harness.follow(serve(site, [Item(1, START - timedelta(hours=1))]))

    async def list_pending(services: FeedServices) -> list[PendingArticle]:
        return await services.approvals.queue.list_open()

    (waiting,) = harness.run(list_pending)
    assert waiting.extracted.hidden
    assert harness.articles == []


def test_what_is_corrected_while_it_waits_waits_under_a_new_number(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, [whole(1)]), hold=True)
    serve(site, [whole(1, content=story(1) * 2 + " A correction.")])
    harness.later(days=1)

    async def list_pending(services: FeedServices) -> list[PendingArticle]:
        return await services.approvals.queue.list_open()

    (waiting,) = harness.run(list_pending)
    assert waiting.number == 2
    assert waiting.extracted.text.endswith("A correction.")


def test_a_feed_is_not_read_again_while_nothing_in_it_has_changed(
    harness: FeedHarness, site: Site
) -> None:
    body = rss([whole(1)], site.url("").rstrip("/"))

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(text=body, headers={"ETag": '"1"'}, content_type="application/rss+xml")

    harness.follow(site.put("/rss", answer))
    harness.later(days=3)
    conditional = [each for each in site.asked if "If-None-Match" in each.headers]
    assert len(conditional) == asked(site, "/rss") - 2 >= 3
    assert harness.feed().health.failures == 0
