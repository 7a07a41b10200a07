"""What waits for an editor, from the feed to the decision: nothing old replaces what is newer."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.callbacks import EditorialCallback
from bot.feeds.services import FeedServices
from bot.runtime.executors import Executors
from bot.telegram.callback_data import parse_callback_data
from bot.telegram.reply import Reply
from index.errors import StoreError
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, Item, rss, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import FeedHarness
from tests.integration.bot.feeds.test_approval_decisions import (
    always,
    follow_with_approval,
    said,
    tap,
)

ITEM = Item(1, START - timedelta(hours=3), content=story(1) * 2)
CORRECTED = ITEM._replace(content=ITEM.content + "\n\nCORRECTION: there were ninety-nine of them.")


def serve(site: Site, item: Item, path: str = "/rss") -> str:
    return site.page(path, rss([item], site.url("").rstrip("/")), RSS)


def corrected(harness: FeedHarness) -> list[bool]:
    return ["CORRECTION" in article.text for article in harness.articles]


def states(harness: FeedHarness) -> list[str]:
    async def read(services: FeedServices) -> list[str]:
        found = [await services.approvals.queue.find(number) for number in range(1, 9)]
        return [each.state for each in found if each]

    found: list[str] = harness.run(read)
    return found


def test_what_is_published_meanwhile_waits_no_longer(harness: FeedHarness, site: Site) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    harness.run(lambda services: services.feed_manager.update_options(1, "nadia", hold=False))
    serve(site, CORRECTED)
    harness.later(days=2)
    assert "Nothing was changed" in said(tap(harness, "held:1:approve:0"))
    assert corrected(harness) == [True]
    shown = said(tap(harness, "held:1:show:0"))
    assert "its publisher has changed it since, and the new version needs no approval" in shown


def test_what_another_feed_publishes_meanwhile_waits_no_longer_once_it_is_corrected(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    harness.follow(serve(site, CORRECTED, "/other"))
    serve(site, CORRECTED)
    harness.later(days=2)
    assert states(harness) == ["settled"]
    assert corrected(harness) == [True]


def test_a_correction_that_the_words_refuse_takes_the_former_text_with_it(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True, refuse=("correction",))
    serve(site, CORRECTED)
    harness.later(days=2)
    assert states(harness) == ["settled"]


def test_a_correction_of_an_approved_article_waits_for_approval_too(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    tap(harness, "held:1:approve:0")
    serve(site, CORRECTED)
    harness.later(days=2)
    assert (corrected(harness), states(harness)) == ([False], ["approved", "open"])
    assert said(tap(harness, "held:2:approve:0")).startswith("1 added.")
    assert corrected(harness) == [True]


def test_a_refused_correction_leaves_its_article_and_the_next_one_waits_again(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    tap(harness, "held:1:approve:0")
    serve(site, CORRECTED)
    harness.later(days=2)
    tap(harness, "held:2:refuse:0")
    assert corrected(harness) == [False]
    serve(site, CORRECTED._replace(content=f"{CORRECTED.content} Ninety-eight, rather."))
    harness.later(days=2)
    assert states(harness) == ["approved", "refused", "open"]


def test_a_correction_with_a_refused_word_leaves_its_article_as_it_was(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), refuse=("correction",))
    serve(site, CORRECTED)
    harness.later(days=2)
    assert corrected(harness) == [False]


def test_a_correction_under_another_id_waits_for_approval_too(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    tap(harness, "held:1:approve:0")
    serve(site, CORRECTED._replace(guid="another", title="Another title"))
    harness.later(days=2)
    assert (corrected(harness), states(harness)) == ([False], ["approved", "open"])


@pytest.mark.parametrize("first", ["approve", "refuse"])
def test_of_two_who_decide_at_once_one_does_and_the_other_is_told(
    harness: FeedHarness, site: Site, first: str
) -> None:
    follow_with_approval(harness, site, 1)
    second = {"approve": "refuse", "refuse": "approve"}[first]

    async def act(services: FeedServices) -> list[Reply]:
        executors = Executors()
        handlers = ApprovalHandlers(harness.archive, services.approvals, executors, always)
        taps = [parse_callback_data(f"held:1:{what}:0") for what in (first, second)]
        try:
            return await asyncio.gather(
                *(
                    handlers.handle_callback(tap, 2, "en")
                    for tap in taps
                    if isinstance(tap, EditorialCallback)
                )
            )
        finally:
            executors.close()

    one, other = harness.run(act)
    assert said(one.message).startswith({"approve": "1 added.", "refuse": "1 refused."}[first])
    assert said(other.message).startswith("Nothing was changed")
    assert len(harness.titles) == (first == "approve")


def test_what_was_approved_right_before_a_crash_is_put_into_the_archive_after_it(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 1)

    async def crash(services: FeedServices) -> None:
        item = await services.approvals.queue.find(1)
        assert item
        await services.approvals.queue.claim(item, "telegram 2")

    harness.run(crash)
    assert not harness.titles
    harness.run(lambda services: services.approvals.resume_unfinished())
    assert (harness.titles, states(harness)) == (["News number 1 of the ledger"], ["approved"])


def test_what_cannot_be_put_into_the_archive_waits_again(
    harness: FeedHarness, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_with_approval(harness, site, 1)
    with monkeypatch.context() as broken:

        def full(*_: object, **__: object) -> None:
            raise StoreError("no room is left on the disk", "Free some space")

        broken.setattr(harness.archive._store, "save", full)
        with pytest.raises(StoreError):
            tap(harness, "held:1:approve:0")
    assert said(tap(harness, "held:1:approve:0")).startswith("1 added.")


def test_what_an_editor_removed_from_the_archive_does_not_wait_for_approval(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM))
    harness.archive.remove(harness.articles[0].id, actor="nadia")
    harness.follow(serve(site, ITEM, "/other"), hold=True)
    assert states(harness) == []


def test_what_an_editor_removed_while_it_waited_stays_out_and_whoever_approves_is_told(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)
    harness.follow(serve(site, ITEM, "/other"))
    harness.archive.remove(harness.articles[0].id, actor="nadia")
    reply_text = said(tap(harness, "held:1:approve:0"))
    assert reply_text.startswith("1 left out (removed by an editor before).")
    assert not harness.titles


def test_what_waited_carries_the_name_that_its_feed_has_when_it_is_approved(
    harness: FeedHarness, site: Site
) -> None:
    follow_with_approval(harness, site, 1)
    harness.run(
        lambda services: services.feed_manager.update_options(
            1, "nadia", source="The Noran Gazette"
        )
    )
    tap(harness, "held:1:approve:0")
    assert harness.articles[0].source == "The Noran Gazette"


def test_a_correction_that_comes_while_the_former_text_is_approved_is_not_lost(
    harness: FeedHarness, site: Site
) -> None:
    harness.follow(serve(site, ITEM), hold=True)

    async def claim(services: FeedServices) -> None:
        item = await services.approvals.queue.find(1)
        assert item
        await services.approvals.queue.claim(item, "telegram 2")

    harness.run(claim)
    serve(site, CORRECTED)
    harness.later(days=2)
    harness.run(lambda services: services.approvals.resume_unfinished())
    assert (corrected(harness), states(harness)) == ([False], ["approved", "open"])
    tap(harness, "held:2:approve:0")
    assert corrected(harness) == [True]
