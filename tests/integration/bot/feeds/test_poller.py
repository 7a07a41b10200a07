"""Feeds followed over simulated time: what comes into the archive, and what does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.feeds.services import FeedServices
from bot.i18n.phrases import citation_runs
from index.models import Article, DateProvenance
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, Item, page, rss, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import Desk


def serve(site: Site, items: Sequence[Item], path: str = "/rss", **about: str) -> str:
    """Put a feed on the site; return its address."""
    return site.page(path, rss(list(items), site.url("").rstrip("/"), **about), RSS)


def whole(number: int, **changes: Any) -> Item:
    """An article that its feed carries whole."""
    item = Item(number, START - timedelta(hours=number % 200), content=story(number) * 2)
    return item._replace(**changes)


def asked(site: Site, path: str) -> int:
    return sum(each.path == path for each in site.asked)


def only(desk: Desk) -> Article:
    (article,) = desk.articles
    return article


def test_a_feed_with_summaries_brings_its_articles_from_their_pages(desk: Desk, site: Site) -> None:
    items = [
        Item(n, START - timedelta(hours=n), summary=f"What happened at quarter {n}.")
        for n in (1, 2)
    ]
    for n in (1, 2):
        site.page(f"/news/{n}", page(f"News number {n} of the ledger", story(n)))
    desk.follow(serve(site, items))
    assert desk.titles == ["News number 2 of the ledger", "News number 1 of the ledger"]
    first = desk.articles[0]
    assert first.text == story(2).replace("\n\n", "\n")
    assert (first.source, first.published) == ("The Noran Ledger", START - timedelta(hours=2))
    assert not first.only_summary


def test_a_feed_is_read_as_well_when_its_articles_have_stood_in_it_for_weeks(
    desk: Desk, site: Site
) -> None:
    serve(site, [whole(1)])
    desk.follow(site.url("/rss"))
    for week in (1, 2, 3):
        serve(site, [whole(1 + week), whole(1)])
        desk.later(days=8)
        assert desk.feed().health.failures == 0
        assert len(desk.titles) == 1 + week


def test_an_article_that_its_feed_carries_whole_is_not_fetched(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]))
    assert only(desk).text == story(1) * 2
    assert asked(site, "/news/1") == 0


@pytest.mark.parametrize("status", [403, 404])
def test_where_a_page_cannot_be_read_the_summary_is_kept_and_called_that(
    desk: Desk, site: Site, status: int
) -> None:
    summary = "The harbour of Noran was opened again by its council on Thursday morning."
    site.page("/news/1", "", status=status)
    desk.follow(serve(site, [Item(1, START, summary=summary)]))
    article = only(desk)
    assert (article.text, article.only_summary) == (summary, True)
    assert citation_runs(article, "en")[-1] == "the feed's summary, not the whole article"


def test_a_page_that_fails_for_a_while_is_read_when_it_is_back(desk: Desk, site: Site) -> None:
    address = serve(site, [Item(1, START, summary="The harbour was opened again on Thursday.")])
    site.page("/news/1", "", status=503)
    desk.follow(address)
    assert desk.articles == []
    site.page("/news/1", page("News number 1 of the ledger", story(1)))
    desk.later(minutes=10)
    assert not only(desk).only_summary


def test_a_page_that_fails_for_hours_is_replaced_by_its_summary(desk: Desk, site: Site) -> None:
    address = serve(site, [Item(1, START, summary="The harbour was opened again on Thursday.")])
    site.page("/news/1", "", status=503)
    desk.follow(address)
    desk.later(hours=4)
    assert only(desk).only_summary
    assert asked(site, "/news/1") == 4


def test_an_entry_without_page_and_summary_brings_nothing(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [Item(1, START), whole(2)]))
    desk.later(hours=4)
    assert desk.titles == ["News number 2 of the ledger"]


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 01 Jan 2035 10:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sat, 02 May 1987 08:00 GMT",
    ],
)
def test_a_date_in_the_future_or_before_1990_is_called_uncertain(
    desk: Desk, site: Site, written: str
) -> None:
    desk.follow(serve(site, [whole(1, at=None, date=written)]))
    assert only(desk).date_found is DateProvenance.UNCERTAIN


def test_an_article_dated_an_hour_ahead_is_called_uncertain(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1, at=START + timedelta(hours=1))]))
    assert only(desk).date_found is DateProvenance.UNCERTAIN


def test_an_entry_without_a_date_gets_that_of_its_page(desk: Desk, site: Site) -> None:
    site.page("/news/1", page("News number 1", story(1), date="2026-02-03T10:30:00+02:00"))
    desk.follow(serve(site, [Item(1)]))
    assert only(desk).published == datetime(2026, 2, 3, 8, 30, tzinfo=UTC)
    assert only(desk).date_found is DateProvenance.PAGE


def test_where_feed_and_page_mean_two_days_the_earlier_is_kept_as_uncertain(
    desk: Desk, site: Site
) -> None:
    site.page("/news/1", page("News number 1", story(1), date="2025-11-03T10:30:00+02:00"))
    desk.follow(serve(site, [Item(1, START)]))
    article = only(desk)
    assert isinstance(article.published, date)
    assert article.published.isoformat()[:10] == "2025-11-03"
    assert article.date_found is DateProvenance.UNCERTAIN


def test_a_new_feed_brings_its_last_twenty_articles_and_alerts_nobody(
    desk: Desk, site: Site
) -> None:
    items = [whole(n) for n in range(1, 31)]
    desk.follow(serve(site, items))
    assert desk.titles == [f"News number {n} of the ledger" for n in range(20, 0, -1)]
    assert all(each.suppress_alerts for each in desk.archive.arrivals(limit=99))
    serve(site, [whole(40, at=desk.time()), *items])
    desk.later(days=1)
    *_, last = desk.archive.arrivals(limit=99)
    assert (last.article.title, last.suppress_alerts) == ("News number 40 of the ledger", False)
    assert len(desk.articles) == 21


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
    desk: Desk, site: Site, renamed: object
) -> None:
    items = [whole(n, guid=f"g{n}") for n in range(1, 6)]
    desk.follow(serve(site, items))
    assert callable(renamed)
    serve(site, [whole(20, at=START + timedelta(hours=1)), *map(renamed, items)])
    desk.later(days=2)
    assert len(desk.articles) == 6
    assert len(desk.archive.arrivals(limit=99)) == 6


def test_an_article_that_its_publisher_corrects_is_corrected_and_the_log_has_what_it_was(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, [whole(1)]))
    before = only(desk)
    serve(site, [whole(1, content=(story(1) * 2).replace("11", "14") + " A correction.")])
    desk.later(days=1)
    after = only(desk)
    assert after.text.endswith("A correction.")
    newest = desk.archive.read_log(subject=after.id, limit=1)[0]
    assert (newest.actor, newest.action) == ("feed 1", "edited")
    assert newest.before
    assert newest.before["text"] == before.text
    assert len(desk.archive.arrivals(limit=9)) == 1


def test_a_corrected_summary_has_the_page_read_again(desk: Desk, site: Site) -> None:
    site.page("/news/1", page("Old", story(1)))
    desk.follow(serve(site, [Item(1, START, summary="The first news of the harbour.")]))
    site.page("/news/1", page("New", story(1) + " Three were hurt."))
    serve(site, [Item(1, START, summary="Corrected news of the harbour.")])
    desk.later(days=1)
    assert only(desk).text.endswith("Three were hurt.")


def test_a_feed_that_says_something_else_each_time_is_believed_three_times(
    desk: Desk, site: Site
) -> None:
    site.page("/news/1", page("Old", story(1)))
    desk.follow(serve(site, [Item(1, START, summary="The harbour. 0 comments")]))
    for comments in range(1, 9):
        serve(site, [Item(1, START, summary=f"The harbour. {comments} comments")])
        desk.later(days=1)
    assert asked(site, "/news/1") == 4


def test_what_an_editor_has_changed_is_not_changed_back(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]))
    desk.archive.edit(only(desk).id, actor="nadia", title="The editor's title")
    serve(site, [whole(1, title="Another title", content=story(1) * 2 + " More words.")])
    desk.later(days=1)
    assert only(desk).title == "The editor's title"
    assert only(desk).text.endswith("More words.")


def test_what_an_editor_removed_does_not_come_again(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]))
    desk.archive.remove(only(desk).id)
    serve(site, [whole(1, content=story(1) * 2 + " More words.")])
    desk.later(days=1)
    desk.follow(serve(site, [whole(1)], "/other"))
    assert desk.articles == []


def test_an_article_in_several_feeds_is_seen_once(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]))
    serve(site, [whole(1)], "/second", title="The Sunday Ledger")
    other = whole(1, link="https://copies.example/1", title="The same news elsewhere")
    serve(site, [other], "/third", title="The Copyist")
    desk.follow(site.url("/second"))
    desk.follow(site.url("/third"))
    assert only(desk).source == "The Noran Ledger"
    assert len(desk.archive.arrivals(limit=9)) == 1


def test_only_the_feed_that_brought_an_article_corrects_it(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]))
    desk.follow(serve(site, [whole(1)], "/second"))
    serve(site, [whole(1, content=story(1) * 2 + " Of the second.")], "/second")
    desk.later(days=1)
    assert only(desk).text == story(1) * 2


def test_a_summary_gives_way_to_the_whole_article_of_another_feed(desk: Desk, site: Site) -> None:
    site.page("/news/1", "", status=403)
    desk.follow(
        serve(site, [Item(1, START, summary="The harbour was opened again by its council.")])
    )
    assert only(desk).only_summary
    desk.follow(serve(site, [whole(1)], "/second"))
    assert (only(desk).text, only(desk).only_summary) == (story(1) * 2, False)


def test_another_days_bulletin_at_the_same_address_is_an_article_of_its_own(
    desk: Desk, site: Site
) -> None:
    day = timedelta(days=1)
    bulletin = whole(1, link="https://noran.example/bulletin", guid="a", title="The bulletin")
    desk.follow(serve(site, [bulletin._replace(at=START - day)]))
    desk.later(days=1)
    serve(site, [bulletin._replace(guid="b", content=story(2) * 2, at=desk.time())])
    desk.later(days=1)
    assert [each.text for each in desk.articles] == [story(1) * 2, story(2) * 2]


def test_words_are_required_and_refused_as_search_compares_them(desk: Desk, site: Site) -> None:
    texts = {1: "حفتر", 2: "the harbours", 3: "Haftar at the match"}
    items = [whole(n, content=f"{story(n)} {text} {story(n)}") for n, text in texts.items()]
    desk.follow(serve(site, items), require=("Hifter",), refuse=("match",))
    assert desk.titles == ["News number 1 of the ledger"]


def test_nothing_of_a_paused_feed_is_asked_or_brought(desk: Desk, site: Site) -> None:
    number = desk.follow(serve(site, [whole(1)]))
    desk.run(lambda keeper: keeper.feed_manager.pause(number, "nadia"))
    before = asked(site, "/rss")
    desk.later(days=3)
    assert asked(site, "/rss") == before
    serve(site, [whole(2), whole(1)])
    desk.run(lambda keeper: keeper.feed_manager.resume(number, "nadia"))
    desk.later(minutes=10)
    assert len(desk.articles) == 2


def test_an_article_waits_for_an_editor_where_its_feed_is_held(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1), whole(2), whole(3)]), hold=True)
    assert desk.articles == []

    async def decide(keeper: FeedServices) -> Any:
        approving = keeper.approvals
        one, two, three = await approving.queue.list_open()
        done = await approving.approve([one, three], "nadia")
        await approving.reject([two], "nadia")
        again = await approving.approve([one], "nadia")
        return done, again, await approving.queue.count()

    done, again, left = desk.run(decide)
    assert (done.added, again.added, again.carried, left) == (2, 0, 0, 0)
    assert len(desk.articles) == 2
    desk.later(days=2)
    assert len(desk.articles) == 2
    assert desk.archive.read_log(limit=1)[0].actor == "feed 1"


def test_what_is_corrected_while_it_waits_waits_under_a_new_number(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, [whole(1)]), hold=True)
    serve(site, [whole(1, content=story(1) * 2 + " A correction.")])
    desk.later(days=1)

    async def held(keeper: FeedServices) -> Any:
        return await keeper.approvals.queue.list_open()

    (waiting,) = desk.run(held)
    assert waiting.number == 2
    assert waiting.brought.text.endswith("A correction.")


def test_a_feed_is_not_read_again_while_nothing_in_it_has_changed(desk: Desk, site: Site) -> None:
    body = rss([whole(1)], site.url("").rstrip("/"))

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.headers.get("If-None-Match") == '"1"':
            return web.Response(status=304)
        return web.Response(text=body, headers={"ETag": '"1"'}, content_type="application/rss+xml")

    desk.follow(site.put("/rss", answer))
    desk.later(days=3)
    conditional = [each for each in site.asked if "If-None-Match" in each.headers]
    assert len(conditional) == asked(site, "/rss") - 2 >= 3
    assert desk.feed().health.failures == 0
