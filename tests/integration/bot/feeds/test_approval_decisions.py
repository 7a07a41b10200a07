"""Deciding on what feeds bring: on what was shown and no more, by who may at that moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.callbacks import EditorialCallback
from bot.feeds.services import FeedServices
from bot.runtime.executors import Executors
from bot.telegram.callback_data import parse_callback_data
from bot.telegram.message import OutgoingMessage
from tests.fakes.web.site import Site
from tests.fixtures.editors import UNSEEN
from tests.fixtures.newspaper_pages import RSS, Item, rss, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness

LAYLA = 2


def follow_with_approval(harness: FeedHarness, site: Site, count: int) -> None:
    """Follow a feed of so many articles, each of which waits for approval."""
    items = [
        Item(number, START - timedelta(hours=count - number), content=story(number) * 2)
        for number in range(1, count + 1)
    ]
    harness.follow(site.page("/rss", rss(items, site.url("").rstrip("/")), RSS), hold=True)


async def always(_: int) -> bool:
    return True


def tap(
    harness: FeedHarness, *taps: str, may: Callable[[int], Awaitable[bool]] = always
) -> OutgoingMessage:
    """Press buttons, one after the other; return the last screen."""

    async def act(services: FeedServices) -> OutgoingMessage:
        executors = Executors()
        try:
            handlers = ApprovalHandlers(harness.archive, services.approvals, executors, may)
            for data in taps:
                pressed = parse_callback_data(data)
                assert isinstance(pressed, EditorialCallback)
                reply = await handlers.handle_callback(pressed, LAYLA, "en")
            return reply.message
        finally:
            executors.close()

    screen: OutgoingMessage = harness.run(act)
    return screen


def said(screen: OutgoingMessage) -> str:
    return screen.text.html.translate(UNSEEN)


def data(screen: OutgoingMessage) -> list[str]:
    return [button.callback_data or "" for row in screen.buttons for button in row]


def test_who_is_revoked_in_the_middle_decides_no_further(harness: FeedHarness, site: Site) -> None:
    follow_with_approval(harness, site, 3)
    answers = [True, False]

    async def may(_: int) -> bool:
        return answers.pop(0)

    assert said(tap(harness, "held:1:yes:3", may=may)).startswith(
        "1 added.\nWaiting for approval: 2"
    )
    assert harness.titles == ["News number 1 of the ledger"]


def test_what_is_decided_on_is_what_was_shown_and_what_was_decided_on_counts_once(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 4)
    assert said(tap(harness, "held:2:refuse:0", "held:1:yes:3")).startswith("2 added.")
    assert harness.titles == ["News number 1 of the ledger", "News number 3 of the ledger"]
    assert said(tap(harness, "held:1:no:3")).startswith("Nothing was changed")
    assert [(entry.actor, entry.action) for entry in harness.archive.read_log(limit=1)] == [
        ("feed 1", "added")
    ]


def test_what_the_archive_has_from_elsewhere_is_told_apart(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 2)
    items = [Item(1, START, content=story(1) * 2, link=site.url("/1", "copies.noran.test"))]
    site.page("/two", rss(items, site.url("/two").rstrip("/")), RSS)
    harness.follow(site.url("/two", "copies.noran.test"))
    assert said(tap(harness, "held:1:yes:2")).startswith("1 added, 1 already there.")


def test_many_that_wait_are_paged_and_the_way_back_leads_to_the_page(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 10)
    last = tap(harness, "held:0:list:9")
    assert "9. News number 9" in said(last)
    assert data(last) == [
        "held:9:show:1",
        "held:10:show:1",
        "held:9:yes:10",
        "held:9:no:10",
        "held:0:list:0",
        "feeds:0:list",
    ]
    one = tap(harness, "held:10:show:1")
    assert data(one) == ["held:10:approve:1", "held:10:refuse:1", "held:0:list:1"]
    assert "9. News number 9" in said(tap(harness, "held:10:approve:1"))


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        ("held:1:approve:0", "An editor has approved it."),
        ("held:1:refuse:0", "An editor has refused it."),
    ],
)
def test_an_article_that_was_decided_on_says_so_and_cannot_be_decided_on_again(
    harness: FeedHarness, site: Site, after: str, expected: str
) -> None:
    follow_with_approval(harness, site, 1)
    shown = tap(harness, after, "held:1:show:0")
    assert expected in said(shown)
    assert data(shown) == ["held:0:list:0"]
    assert "Nothing was changed" in said(tap(harness, "held:1:approve:0"))


def test_an_article_whose_feed_was_removed_waits_no_longer(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 1)
    harness.run(lambda services: services.feed_manager.feeds.remove(1, "nadia"))
    assert said(tap(harness, "held:1:show:0")) == "This article is no longer waiting."
    assert "Nothing was changed" in said(tap(harness, "held:1:approve:0"))
