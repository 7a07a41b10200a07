"""`briefing feeds poll`, and the decisions on articles that wait for approval."""

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
from bot.cli.feeds.manage import FeedSession, open_feeds
from bot.cli.params import NUMBER_PARAM
from bot.cli.render import feeds, json_output
from bot.feeds.poll_lock import polling_lock
from bot.feeds.store.approval_queue import PendingArticle
from bot.feeds.store.feeds import FollowedFeed
from bot.feeds.store.poll_stats import FeedPollStats, poll_stats_since, snapshot_counts
from bot.i18n import phrases
from index.errors import BriefingError, InvalidInputError

if TYPE_CHECKING:
    from bot.feeds.approvals import ApprovalCounts

_numbers_argument = click.argument("numbers", metavar="[NUMBER]...", nargs=-1, type=NUMBER_PARAM)
_all_option = click.option("--all", "select_all", is_flag=True, help="All articles that wait.")
_feed_option = click.option("--feed", type=NUMBER_PARAM, help="Only articles of this feed.")


@command(None, "poll")
@click.option(
    "--seconds",
    default=60.0,
    show_default=True,
    type=click.FloatRange(0, 86_400),
    help="Ask for what is due, or soon due, up to this time; the next poll goes on from there.",
)
def poll(console: Console, seconds: float) -> None:
    """Poll the feeds that are due, add what is new, and exit: for cron, if no bot runs."""
    if math.isnan(seconds):
        raise InvalidInputError("--seconds is not a number", "Give seconds, such as 60")
    asyncio.run(_poll(console, timedelta(seconds=seconds)))


async def _poll(console: Console, max_wait: timedelta) -> None:
    errors: dict[str, BaseException] = {}
    started_at = console.now()
    async with open_feeds(console, lambda error: errors.setdefault(str(error), error)) as (
        feed_services,
        write,
    ):
        poll_lock = polling_lock(console.settings.data_dir)
        try:
            poll_lock.acquire(timeout=0)
        except Timeout:
            raise BriefingError(
                "another process is polling the feeds of this archive",
                "It polls every feed that is due. Stop it to poll from here",
            ) from None
        try:
            counts_before = await write(snapshot_counts)
            await feed_services.poller.run(until=started_at + max_wait)
            stats_by_feed = await write(
                lambda connection: poll_stats_since(connection, counts_before)
            )
            await feed_services.delete_expired()
        finally:
            poll_lock.release()
        followed = await feed_services.feed_manager.feeds.list_all()
    error_documents = [console.report_error(_as_briefing_error(error)) for error in errors.values()]
    console.print_json(
        {
            **_print_poll_stats(console, followed, stats_by_feed, started_at),
            "errors": error_documents,
        }
    )
    if error_documents:
        sys.exit(BriefingError.exit_code)


def _as_briefing_error(error: BaseException) -> BriefingError:
    """Return an error to report: `error` itself, or a wrapper around an unexpected one."""
    if isinstance(error, BriefingError):
        return error
    return BriefingError(f"this should not happen ({error!r})", "The next poll tries again")


def _print_poll_stats(
    console: Console,
    followed: list[FollowedFeed],
    stats_by_feed: dict[int, FeedPollStats],
    started_at: datetime,
) -> dict[str, Any]:
    """Print the totals, and the figures of each feed that was polled or has a backlog.

    Return them as --json prints them.
    """
    now, zone = console.now(), console.settings.zone
    feed_documents, polled_count, waiting_count, queued_count = [], 0, 0, 0
    total = dict.fromkeys(FeedPollStats._fields, 0)
    for feed in followed:
        health, stats = feed.health, stats_by_feed.get(feed.number, FeedPollStats())
        last_polled_at = max(
            (instant for instant in (health.succeeded_at, health.failed_at) if instant),
            default=None,
        )
        was_polled = last_polled_at is not None and last_polled_at >= started_at
        polled_count, waiting_count = polled_count + was_polled, waiting_count + health.waiting
        queued_count += health.queued
        for kind, count in stats._asdict().items():
            total[kind] += count
        has_backlog = health.waiting or health.queued
        if not (was_polled or any(stats) or has_backlog):
            continue
        poll_document = {**stats._asdict(), "queued": health.queued}
        feed_documents.append({**poll_document, **json_output.serialize_feed(feed, now)})
        if any(stats) or has_backlog or health.failures:
            summary = feeds.poll_stats_text(stats, health.waiting, health.queued)
            console.print_line(f"{feed.number}  {feeds.feed_name(feed)}: {summary}")
        if was_polled and health.failures:
            console.print_line(feeds.render_failure(feed, now, zone))
    summary = feeds.poll_stats_text(FeedPollStats(**total), waiting_count, queued_count)
    console.print_line(f"{polled_count:,} asked, {summary}.")
    console.print_line(feeds.next_poll_text(followed, zone))
    backlog = {"waiting": waiting_count, "queued": queued_count}
    return {"asked": polled_count, **total, **backlog, "feeds": feed_documents}


@command(None, "held")
@_feed_option
@click.option("--text", is_flag=True, help="Print the text of each article.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="List at most this many.")
@click.option("--offset", default=0, type=click.IntRange(0, 2**31), help="Skip this many first.")
def list_pending(
    console: Console, feed: int | None, limit: int | None, offset: int, *, text: bool
) -> None:
    """List the articles that wait for approval, oldest first."""
    asyncio.run(_list_pending(console, feed, limit, offset, text=text))


async def _list_pending(
    console: Console, feed: int | None, limit: int | None, offset: int, *, text: bool
) -> None:
    async with open_feeds(console) as (feed_services, _):
        if feed is not None:
            await feed_services.feed_manager.feeds.get(feed)
        queue = feed_services.approvals.queue
        pending = await queue.list_open(feed_number=feed, limit=limit, offset=offset)
        count = await queue.count(feed)
    console.print_json(
        {
            "count": count,
            "held": [
                json_output.serialize_pending_article(pending_article)
                for pending_article in pending
            ],
        }
    )
    for pending_article in pending:
        console.print_line(feeds.render_pending_article(pending_article, console.settings.language))
        if text:
            console.print_line(f"\n{phrases.strip_controls(pending_article.extracted.text)}\n")
    console.print_line(
        f"{count:,} wait: `briefing feeds approve NUMBER… | --all`, or `briefing feeds refuse`"
        if count
        else "Nothing waits for approval."
    )


@command(None, "approve")
@_numbers_argument
@_all_option
@_feed_option
def approve(
    console: Console, numbers: tuple[int, ...], feed: int | None, *, select_all: bool
) -> None:
    """Add articles that wait for approval to the archive."""
    _check_selection(numbers, feed, select_all=select_all)
    asyncio.run(
        _decide(console, numbers, feed, lambda session: session.feed_services.approvals.approve)
    )


@command(None, "refuse")
@_numbers_argument
@_all_option
@_feed_option
def refuse(
    console: Console, numbers: tuple[int, ...], feed: int | None, *, select_all: bool
) -> None:
    """Refuse articles that wait for approval, permanently."""
    _check_selection(numbers, feed, select_all=select_all)
    asyncio.run(
        _decide(console, numbers, feed, lambda session: session.feed_services.approvals.reject)
    )


def _check_selection(numbers: tuple[int, ...], feed: int | None, *, select_all: bool) -> None:
    if bool(numbers) == select_all or (numbers and feed is not None):
        raise InvalidInputError(
            "name either the numbers of articles, or --all, with or without --feed",
            "`briefing feeds held` shows what waits",
        )


async def _decide(
    console: Console,
    numbers: tuple[int, ...],
    feed: int | None,
    select_decision: Callable[
        [FeedSession], Callable[[list[PendingArticle], str], Awaitable[ApprovalCounts]]
    ],
) -> None:
    """Decide on articles one by one; report numbers that are not waiting for a decision."""
    total = {"added": 0, "carried": 0, "refused": 0, "removed": 0}
    not_waiting: list[dict[str, Any]] = []
    async with open_feeds(console) as session:
        decide, queue = select_decision(session), session.feed_services.approvals.queue
        await session.feed_services.approvals.resume_unfinished()
        if feed is not None:
            await session.feed_services.feed_manager.feeds.get(feed)
        selected = [] if numbers else await queue.list_open(feed_number=feed)
        for number in dict.fromkeys(numbers):
            pending_article = await queue.find(number)
            if pending_article is None or pending_article.state != "open":
                not_waiting.append(
                    {
                        "number": number,
                        **console.report_error(_not_waiting_error(number, pending_article)),
                    }
                )
            else:
                selected.append(pending_article)
        with console.progress("feeds") as progress:
            for index, pending_article in enumerate(selected):
                progress("articles", index, len(selected))
                for kind, count in (
                    (await decide([pending_article], console.actor))._asdict().items()
                ):
                    total[kind] += count
    console.print_json({**total, "not_waiting": not_waiting})
    labels = {
        "added": "added",
        "carried": "there already",
        "refused": "refused",
        "removed": "removed before and left out",
    }
    parts = [f"{count:,} {labels[kind]}" for kind, count in total.items() if count]
    console.print_line(", ".join(parts) or "nothing was decided")
    if not_waiting:
        sys.exit(InvalidInputError.exit_code)


_NOT_WAITING_REASONS = {
    "approving": "the article is being put into the archive",
    "renewed": "the article was corrected meanwhile, and waits under another number",
    "settled": "what its publisher said of the article since needs no approval",
}


def _not_waiting_error(number: int, pending_article: PendingArticle | None) -> InvalidInputError:
    reason = "no article of that number waits for approval"
    if pending_article is not None:
        reason = _NOT_WAITING_REASONS.get(
            pending_article.state, f"the article was {pending_article.state} already"
        )
    return InvalidInputError(f"{number}: {reason}", "`briefing feeds held` shows what waits")
