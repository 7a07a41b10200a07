"""`briefing feeds …`: list, add, edit, pause, resume and remove feeds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from bot.cli.context import Console, command
from bot.cli.params import LANGUAGE_PARAM, LINE_PARAM, NUMBER_PARAM
from bot.cli.render import feeds as feed_text
from bot.cli.render import json_output
from bot.feeds.health import explain_rejection
from bot.feeds.store.feeds import FeedOptions, FollowedFeed
from bot.runtime.db_writer import DatabaseWriter
from index.errors import InvalidInputError
from index.ingest.rejections import SourceRejected
from index.progress import Progress, silent

if TYPE_CHECKING:
    from bot.feeds.services import FeedServices

_Item = TypeVar("_Item")
_numbers_argument = click.argument(
    "numbers", metavar="NUMBER...", nargs=-1, required=True, type=NUMBER_PARAM
)
_source_option = click.option("--source", type=LINE_PARAM, help="The source name of its articles.")
_language_option = click.option(
    "--language",
    type=LANGUAGE_PARAM,
    help="The language of articles that do not state one: ar, en, fr, …",
)
_require_option = click.option(
    "--require",
    multiple=True,
    type=LINE_PARAM,
    help="Take only articles with this word; given several times, with any of the words.",
)
_refuse_option = click.option(
    "--refuse",
    multiple=True,
    type=LINE_PARAM,
    help="Take no article with this word; given several times, with any of the words.",
)


class FeedSession(NamedTuple):
    """The feed services and the database writer, open for one command."""

    feed_services: FeedServices
    write: DatabaseWriter


@click.group()
def feeds() -> None:
    """Follow feeds, whose articles are added to the archive."""


@asynccontextmanager
async def open_feeds(
    console: Console, on_error: Callable[[BaseException], object] = lambda _: None
) -> AsyncIterator[FeedSession]:
    """Open the feeds of the archive. The embedding model is loaded only when it is first needed."""
    from bot.feeds.services import FeedServices
    from bot.runtime.executors import Executors

    with console.open_archive() as archive, console.open_database() as database:
        writer = DatabaseWriter(database)
        with closing(Executors()) as executors:
            try:
                yield FeedSession(
                    FeedServices(console.settings, archive, writer, executors, on_error), writer
                )
            finally:
                await writer.close()


@command(feeds, "list")
def list_(console: Console) -> None:
    """List the feeds with their health, and how to fix those that fail."""
    asyncio.run(_list(console))


async def _list(console: Console) -> None:
    async with open_feeds(console) as (feed_services, _):
        followed = await feed_services.feed_manager.feeds.list_all()
    _print_feeds(console, followed)
    if not followed:
        console.print_line(
            "No feed is followed. `briefing feeds add ADDRESS` follows one, and `briefing feeds "
            "import FILE.opml` those of a list, such as config/feeds.example.opml."
        )


@command(feeds, "show")
@click.argument("number", type=NUMBER_PARAM)
def show(console: Console, number: int) -> None:
    """Show one feed."""
    asyncio.run(_show(console, number))


async def _show(console: Console, number: int) -> None:
    async with open_feeds(console) as (feed_services, _):
        feed = await feed_services.feed_manager.feeds.get(number)
    now = console.now()
    console.print_json(json_output.serialize_feed(feed, now))
    console.print_line(feed_text.render_feed(feed, now, console.settings.zone))
    console.print_line(feed_text.render_origin(feed, console.settings.zone))


@command(feeds, "add")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@_source_option
@_language_option
@click.option("--hold", is_flag=True, help="Hold each article for an editor's approval.")
@_require_option
@_refuse_option
def add(
    console: Console,
    addresses: tuple[str, ...],
    source: str | None,
    language: str | None,
    hold: bool,
    require: tuple[str, ...],
    refuse: tuple[str, ...],
) -> None:
    """Follow the feed at each address: a feed, the feed of a page, or the page itself."""
    options = FeedOptions(source, language, hold, require, refuse)
    asyncio.run(_add(console, addresses, options))


async def _add(console: Console, addresses: Sequence[str], options: FeedOptions) -> None:
    async with open_feeds(console) as (feed_services, _):

        async def follow(address: str) -> FollowedFeed:
            return await feed_services.feed_manager.add(address, console.actor, options)

        with console.progress("feeds add") as progress:
            added, rejected = await _apply_to_each(console, addresses, follow, progress)
    _print_feeds(console, added, rejected)
    if added:
        console.print_line(
            "Their last 20 articles come with the next poll, and alert nobody: the bot polls by "
            "itself, else `briefing feeds poll` does."
        )
    _exit_if_rejected(rejected)


@command(feeds, "edit")
@click.argument("number", type=NUMBER_PARAM)
@_source_option
@_language_option
@click.option("--hold/--at-once", default=None, help="Hold articles for approval, or publish them.")
@_require_option
@_refuse_option
@click.option("--no-require", is_flag=True, help="Remove the required words.")
@click.option("--no-refuse", is_flag=True, help="Remove the refused words.")
def edit(
    console: Console,
    number: int,
    source: str | None,
    language: str | None,
    hold: bool | None,
    require: tuple[str, ...],
    refuse: tuple[str, ...],
    *,
    no_require: bool,
    no_refuse: bool,
) -> None:
    """Change the options of a feed; "" clears the source name or the language."""
    if (require and no_require) or (refuse and no_refuse):
        raise InvalidInputError("words are both given and removed", "Give one of the two options")
    changes: dict[str, Any] = {"source": source, "language": language, "hold": hold}
    changes["require"] = require if require or no_require else None
    changes["refuse"] = refuse if refuse or no_refuse else None
    if all(value is None for value in changes.values()):
        raise InvalidInputError(
            "nothing to change was named", "`briefing feeds edit --help` lists it"
        )
    asyncio.run(_edit(console, number, changes))


async def _edit(console: Console, number: int, changes: dict[str, Any]) -> None:
    async with open_feeds(console) as (feed_services, _):
        feed = await feed_services.feed_manager.update_options(number, console.actor, **changes)
    now = console.now()
    console.print_json(json_output.serialize_feed(feed, now))
    console.print_line(feed_text.render_feed(feed, now, console.settings.zone))


@command(feeds, "pause")
@_numbers_argument
def pause(console: Console, numbers: tuple[int, ...]) -> None:
    """Stop polling feeds until they are resumed."""
    asyncio.run(
        _apply_to_feeds(console, numbers, lambda feed_services: feed_services.feed_manager.pause)
    )


@command(feeds, "resume")
@_numbers_argument
def resume(console: Console, numbers: tuple[int, ...]) -> None:
    """Poll feeds again that were paused, or that their sites reported as gone."""
    asyncio.run(
        _apply_to_feeds(console, numbers, lambda feed_services: feed_services.feed_manager.resume)
    )


@command(feeds, "remove")
@_numbers_argument
def remove(console: Console, numbers: tuple[int, ...]) -> None:
    """Stop following feeds. Their articles stay; those that wait for approval are deleted."""
    asyncio.run(
        _apply_to_feeds(
            console, numbers, lambda feed_services: feed_services.feed_manager.feeds.remove
        )
    )


async def _apply_to_feeds(
    console: Console,
    numbers: Sequence[int],
    select_action: Callable[[FeedServices], Callable[[int, str], Awaitable[FollowedFeed]]],
) -> None:
    async with open_feeds(console) as (feed_services, _):
        action = select_action(feed_services)
        changed, rejected = await _apply_to_each(
            console, numbers, lambda number: action(number, console.actor)
        )
    _print_feeds(console, changed, rejected)
    _exit_if_rejected(rejected)


async def _apply_to_each(
    console: Console,
    items: Sequence[_Item],
    action: Callable[[_Item], Awaitable[FollowedFeed]],
    progress: Progress = silent,
) -> tuple[list[FollowedFeed], list[dict[str, Any]]]:
    """Apply `action` to each item; return the feeds, and the reported errors as JSON objects."""
    changed: list[FollowedFeed] = []
    rejected: list[dict[str, Any]] = []
    for index, item in enumerate(items):
        progress("addresses", index, len(items))
        try:
            changed.append(await action(item))
        except InvalidInputError as error:
            reported = explain_rejection(error) if isinstance(error, SourceRejected) else error
            labelled_error = InvalidInputError(f"{item}: {reported.message}", reported.remedy)
            rejected.append({"from": item, **console.report_error(labelled_error)})
    return changed, rejected


def _print_feeds(
    console: Console, followed: Sequence[FollowedFeed], rejected: list[dict[str, Any]] | None = None
) -> None:
    now = console.now()
    document: dict[str, Any] = {
        "feeds": [json_output.serialize_feed(feed, now) for feed in followed]
    }
    console.print_json(document if rejected is None else {**document, "refused": rejected})
    for feed in followed:
        console.print_line(feed_text.render_feed(feed, now, console.settings.zone))


def _exit_if_rejected(rejected: Sequence[object]) -> None:
    if rejected:
        sys.exit(InvalidInputError.exit_code)
