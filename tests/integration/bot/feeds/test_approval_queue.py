"""What waits for an editor, from the feed to the decision: nothing old replaces what is newer."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from bot.editorial.approvals import ApprovalHandlers
from bot.editorial.callbacks import EditorialCallback
from bot.feeds.services import FeedServices
from bot.runtime.executors import Executors
from bot.telegram.callback_data import parse_callback_data
from index.errors import StoreError
from tests.fakes.web.site import Site
from tests.fixtures.newspaper_pages import RSS, Item, rss, story
from tests.fixtures.virtual_time import START
from tests.integration.bot.feeds.conftest import Desk
from tests.integration.bot.feeds.test_approval_decisions import always, follow_held, said, tap

ITEM = Item(1, START - timedelta(hours=3), content=story(1) * 2)
CORRECTED = ITEM._replace(content=ITEM.content + "\n\nCORRECTION: there were ninety-nine of them.")


def serve(site: Site, item: Item, path: str = "/rss") -> str:
    return site.page(path, rss([item], site.url("").rstrip("/")), RSS)


def corrected(desk: Desk) -> list[bool]:
    return ["CORRECTION" in article.text for article in desk.articles]


def states(desk: Desk) -> list[str]:
    async def read(keeper: FeedServices) -> list[str]:
        found = [await keeper.approvals.queue.find(number) for number in range(1, 9)]
        return [each.state for each in found if each]

    found: list[str] = desk.run(read)
    return found


def test_what_is_published_meanwhile_waits_no_longer(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    desk.run(lambda keeper: keeper.feed_manager.update_options(1, "nadia", hold=False))
    serve(site, CORRECTED)
    desk.later(days=2)
    assert "Nothing was changed" in said(tap(desk, "held:1:approve:0"))
    assert corrected(desk) == [True]
    shown = said(tap(desk, "held:1:show:0"))
    assert "what its publisher has said since needs no approval" in shown


def test_what_another_feed_publishes_meanwhile_waits_no_longer_once_it_is_corrected(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    desk.follow(serve(site, CORRECTED, "/other"))
    serve(site, CORRECTED)
    desk.later(days=2)
    assert states(desk) == ["settled"]
    assert corrected(desk) == [True]


def test_a_correction_that_the_words_refuse_takes_the_former_text_with_it(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), hold=True, refuse=("correction",))
    serve(site, CORRECTED)
    desk.later(days=2)
    assert states(desk) == ["settled"]


def test_a_correction_of_an_approved_article_waits_for_approval_too(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    tap(desk, "held:1:approve:0")
    serve(site, CORRECTED)
    desk.later(days=2)
    assert (corrected(desk), states(desk)) == ([False], ["approved", "open"])
    assert said(tap(desk, "held:2:approve:0")).startswith("Added 1.")
    assert corrected(desk) == [True]


def test_a_refused_correction_leaves_its_article_and_the_next_one_waits_again(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    tap(desk, "held:1:approve:0")
    serve(site, CORRECTED)
    desk.later(days=2)
    tap(desk, "held:2:refuse:0")
    assert corrected(desk) == [False]
    serve(site, CORRECTED._replace(content=f"{CORRECTED.content} Ninety-eight, rather."))
    desk.later(days=2)
    assert states(desk) == ["approved", "refused", "open"]


def test_a_correction_with_a_refused_word_leaves_its_article_as_it_was(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), refuse=("correction",))
    serve(site, CORRECTED)
    desk.later(days=2)
    assert corrected(desk) == [False]


def test_a_correction_under_another_id_waits_for_approval_too(desk: Desk, site: Site) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    tap(desk, "held:1:approve:0")
    serve(site, CORRECTED._replace(guid="another", title="Another title"))
    desk.later(days=2)
    assert (corrected(desk), states(desk)) == ([False], ["approved", "open"])


@pytest.mark.parametrize("first", ["approve", "refuse"])
def test_of_two_who_decide_at_once_one_does_and_the_other_is_told(
    desk: Desk, site: Site, first: str
) -> None:
    follow_held(desk, site, 1)
    second = {"approve": "refuse", "refuse": "approve"}[first]

    async def act(keeper: FeedServices) -> Any:
        lanes = Executors()
        held = ApprovalHandlers(desk.archive, keeper.approvals, lanes, always)
        taps = [parse_callback_data(f"held:1:{what}:0") for what in (first, second)]
        try:
            return await asyncio.gather(
                *(
                    held.handle_callback(tap, 2, "en")
                    for tap in taps
                    if isinstance(tap, EditorialCallback)
                )
            )
        finally:
            lanes.close()

    one, other = desk.run(act)
    assert said(one.message).startswith({"approve": "Added 1.", "refuse": "Refused 1."}[first])
    assert said(other.message).startswith("Nothing was changed")
    assert len(desk.titles) == (first == "approve")


def test_what_was_approved_right_before_a_crash_is_put_into_the_archive_after_it(
    desk: Desk, site: Site
) -> None:
    follow_held(desk, site, 1)

    async def crash(keeper: FeedServices) -> None:
        item = await keeper.approvals.queue.find(1)
        assert item
        await keeper.approvals.queue.claim(item, "telegram 2")

    desk.run(crash)
    assert not desk.titles
    desk.run(lambda keeper: keeper.approvals.resume_unfinished())
    assert (desk.titles, states(desk)) == (["News number 1 of the ledger"], ["approved"])


def test_what_cannot_be_put_into_the_archive_waits_again(
    desk: Desk, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow_held(desk, site, 1)
    with monkeypatch.context() as broken:

        def full(*_: object, **__: object) -> None:
            raise StoreError("no room is left on the disk", "Free some space")

        broken.setattr(desk.archive._store, "save", full)
        with pytest.raises(StoreError):
            tap(desk, "held:1:approve:0")
    assert said(tap(desk, "held:1:approve:0")).startswith("Added 1.")


def test_what_an_editor_removed_from_the_archive_does_not_wait_for_approval(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM))
    desk.archive.remove(desk.articles[0].id, actor="nadia")
    desk.follow(serve(site, ITEM, "/other"), hold=True)
    assert states(desk) == []


def test_what_an_editor_removed_while_it_waited_stays_out_and_whoever_approves_is_told(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), hold=True)
    desk.follow(serve(site, ITEM, "/other"))
    desk.archive.remove(desk.articles[0].id, actor="nadia")
    told = said(tap(desk, "held:1:approve:0"))
    assert told.startswith("Removed by an editor before, and left out 1.")
    assert not desk.titles


def test_what_waited_carries_the_name_that_its_feed_has_when_it_is_approved(
    desk: Desk, site: Site
) -> None:
    follow_held(desk, site, 1)
    desk.run(
        lambda keeper: keeper.feed_manager.update_options(1, "nadia", source="The Noran Gazette")
    )
    tap(desk, "held:1:approve:0")
    assert desk.articles[0].source == "The Noran Gazette"


def test_a_correction_that_comes_while_the_former_text_is_approved_is_not_lost(
    desk: Desk, site: Site
) -> None:
    desk.follow(serve(site, ITEM), hold=True)

    async def claim(keeper: FeedServices) -> None:
        item = await keeper.approvals.queue.find(1)
        assert item
        await keeper.approvals.queue.claim(item, "telegram 2")

    desk.run(claim)
    serve(site, CORRECTED)
    desk.later(days=2)
    desk.run(lambda keeper: keeper.approvals.resume_unfinished())
    assert (corrected(desk), states(desk)) == ([False], ["approved", "open"])
    tap(desk, "held:2:approve:0")
    assert corrected(desk) == [True]
