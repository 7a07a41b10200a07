"""`briefing feeds poll`, and what editors decide of the articles that it holds for them."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import click
from filelock import Timeout

from bot.cli.context import Console, command
from bot.cli.feeds.manage import FeedSession, opened
from bot.cli.params import NUMBER
from bot.cli.render import feeds, json_output
from bot.feeds.poll_turn import polling_turn
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FollowedFeed
from bot.feeds.store.poll_stats import FeedPollStats, poll_stats_since, snapshot_counts
from bot.i18n import phrases
from index.errors import BriefingError, InvalidInputError

if TYPE_CHECKING:
    from bot.feeds.approvals import ApprovalCounts

_numbers = click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=NUMBER)
_all = click.option("--all", "all_of_them", is_flag=True, help="All that wait.")
_feed = click.option("--feed", type=NUMBER, help="Only what this feed brought.")


@command(None, "poll")
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, 86_400),
    help="Wait so long for what is due soon, such as the next page of a site.",
)
def poll(console: Console, seconds: float) -> None:
    """Ask the feeds that are due, bring what is new, and end: for cron, where no bot runs."""
    if math.isnan(seconds):
        raise InvalidInputError("--seconds is no number", "Give seconds, such as 60")
    asyncio.run(_poll(console, timedelta(seconds=seconds)))


async def _poll(console: Console, patience: timedelta) -> None:
    errors: dict[str, BaseException] = {}
    begun = console.now()
    async with opened(console, lambda error: errors.setdefault(str(error), error)) as (
        keeper,
        write,
    ):
        turn = polling_turn(console.settings.data_dir)
        try:
            turn.acquire(timeout=0)
        except Timeout:
            raise BriefingError(
                "another process is polling the feeds of this archive",
                "Nothing is missed: it asks all that are due. Stop it to poll from here",
            ) from None
        try:
            before = await write(snapshot_counts)
            await keeper.poller.run(until=begun + patience)
            what = await write(lambda connection: poll_stats_since(connection, before))
            await keeper.forget()
        finally:
            turn.release()
        followed = await keeper.control.feeds.all()
    wrong = [console.told(_of_here(error)) for error in errors.values()]
    console.document({**_tell_what_came(console, followed, what, begun), "errors": wrong})
    if wrong:
        sys.exit(BriefingError.exit_code)


def _of_here(error: BaseException) -> BriefingError:
    """Return what went wrong on this machine, as it is told."""
    if isinstance(error, BriefingError):
        return error
    return BriefingError(f"this should not happen ({error!r})", "What was not done is tried again")


def _tell_what_came(
    console: Console, followed: list[FollowedFeed], what: dict[int, FeedPollStats], begun: datetime
) -> dict[str, Any]:
    """Tell what came from all feeds, and from each that was asked, or has something to be read.

    Returns what --json prints of it.
    """
    now, zone = console.now(), console.settings.zone
    told, asked, waiting = [], 0, 0
    total = dict.fromkeys(FeedPollStats._fields, 0)
    for each in followed:
        health, brought = each.health, what.get(each.number, FeedPollStats())
        last = max((at for at in (health.succeeded_at, health.failed_at) if at), default=None)
        was_asked = last is not None and last >= begun
        asked, waiting = asked + was_asked, waiting + health.waiting
        for kind, count in brought._asdict().items():
            total[kind] += count
        if not (was_asked or any(brought) or health.waiting):
            continue
        told.append({**brought._asdict(), **json_output.feed(each, now)})
        if any(brought) or health.waiting or health.failures:
            said = feeds.came(brought, health.waiting)
            console.say(f"{each.number}  {feeds.name(each)}: {said}")
        if was_asked and health.failures:
            console.say(feeds.failure(each, now, zone))
    console.say(f"{asked:,} asked, {feeds.came(FeedPollStats(**total), waiting)}.")
    console.say(feeds.next_time(followed, zone))
    return {"asked": asked, **total, "waiting": waiting, "feeds": told}


@command(None, "held")
@_feed
@click.option("--text", is_flag=True, help="With the text of each.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many.")
@click.option("--offset", default=0, type=click.IntRange(0, 2**31), help="Pass over so many first.")
def held(console: Console, feed: int | None, limit: int | None, offset: int, *, text: bool) -> None:
    """List the articles that wait for approval, those first that came first."""
    asyncio.run(_held(console, feed, limit, offset, text=text))


async def _held(
    console: Console, feed: int | None, limit: int | None, offset: int, *, text: bool
) -> None:
    async with opened(console) as (keeper, _):
        if feed is not None:
            await keeper.control.feeds.one(feed)
        waiting = keeper.approving.held
        found = await waiting.open(feed=feed, limit=limit, offset=offset)
        count = await waiting.count(feed)
    console.document({"count": count, "held": [json_output.held(each) for each in found]})
    for each in found:
        console.say(feeds.held(each, console.settings.language))
        if text:
            console.say(f"\n{phrases.visible(each.brought.text)}\n")
    console.say(
        f"{count:,} wait: `briefing feeds approve NUMBER… | --all`, or `briefing feeds refuse`"
        if count
        else "Nothing waits for approval."
    )


@command(None, "approve")
@_numbers
@_all
@_feed
def approve(
    console: Console, numbers: tuple[int, ...], feed: int | None, *, all_of_them: bool
) -> None:
    """Put articles into the archive that wait for approval."""
    _check(numbers, feed, all_of_them=all_of_them)
    asyncio.run(_decide(console, numbers, feed, lambda to: to.keeper.approving.approve))


@command(None, "refuse")
@_numbers
@_all
@_feed
def refuse(
    console: Console, numbers: tuple[int, ...], feed: int | None, *, all_of_them: bool
) -> None:
    """Leave articles out that wait for approval, for good."""
    _check(numbers, feed, all_of_them=all_of_them)
    asyncio.run(_decide(console, numbers, feed, lambda to: to.keeper.approving.refuse))


def _check(numbers: tuple[int, ...], feed: int | None, *, all_of_them: bool) -> None:
    if bool(numbers) == all_of_them or (numbers and feed is not None):
        raise InvalidInputError(
            "name either the numbers of articles, or --all, with or without --feed",
            "`briefing feeds held` shows what waits",
        )


async def _decide(
    console: Console,
    numbers: tuple[int, ...],
    feed: int | None,
    how: Callable[[FeedSession], Callable[[list[PendingArticle], str], Awaitable[ApprovalCounts]]],
) -> None:
    """Decide on articles one after another; those that do not wait are named."""
    total = {"added": 0, "carried": 0, "refused": 0, "removed": 0}
    wrong: list[dict[str, Any]] = []
    async with opened(console) as feeds_there:
        decide, waiting = how(feeds_there), feeds_there.keeper.approving.held
        await feeds_there.keeper.approving.finish()
        if feed is not None:
            await feeds_there.keeper.control.feeds.one(feed)
        chosen = [] if numbers else await waiting.open(feed=feed)
        for number in dict.fromkeys(numbers):
            item = await waiting.one(number)
            if item is None or item.state != "open":
                wrong.append({"number": number, **console.told(_not_waiting(number, item))})
            else:
                chosen.append(item)
        with console.progress("feeds") as progress:
            for place, item in enumerate(chosen):
                progress("articles", place, len(chosen))
                for kind, count in (await decide([item], console.user))._asdict().items():
                    total[kind] += count
    console.document({**total, "not_waiting": wrong})
    said = {
        "added": "added",
        "carried": "there already",
        "refused": "refused",
        "removed": "removed before and left out",
    }
    parts = [f"{count:,} {said[kind]}" for kind, count in total.items() if count]
    console.say(", ".join(parts) or "nothing was decided")
    if wrong:
        sys.exit(InvalidInputError.exit_code)


_WHY_NOT = {
    "approving": "the article is being put into the archive",
    "renewed": "the article was corrected meanwhile, and waits under another number",
    "settled": "what its publisher said of the article since needs no approval",
}


def _not_waiting(number: int, item: PendingArticle | None) -> InvalidInputError:
    why = "no article of that number waits for approval"
    if item is not None:
        why = _WHY_NOT.get(item.state, f"the article was {item.state} already")
    return InvalidInputError(f"{number}: {why}", "`briefing feeds held` shows what waits")
