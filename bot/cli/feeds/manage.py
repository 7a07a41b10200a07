"""`briefing feeds …`: which feeds are followed, and what is decided of them."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from bot.cli.context import Console, command
from bot.cli.params import LANGUAGE, LINE, NUMBER
from bot.cli.render import feeds as feed_text
from bot.cli.render import json_output
from bot.feeds.health import refusal_of
from bot.feeds.store.feeds import FeedOptions, FollowedFeed
from bot.runtime.db_writer import DatabaseWriter
from index.errors import InvalidInputError
from index.ingest.rejections import SourceRejected
from index.progress import Progress, silent

if TYPE_CHECKING:
    from bot.feeds.services import FeedServices

_Each = TypeVar("_Each")
_numbers = click.argument("numbers", metavar="NUMBER...", nargs=-1, required=True, type=NUMBER)
_source = click.option("--source", type=LINE, help="The name that its articles carry.")
_language = click.option(
    "--language", type=LANGUAGE, help="Of articles that do not say it themselves: ar, en, fr, …"
)
_require = click.option(
    "--require", multiple=True, type=LINE, help="A word that an article must have; one of several."
)
_refuse = click.option(
    "--refuse", multiple=True, type=LINE, help="A word that no article may have; none of several."
)


class FeedSession(NamedTuple):
    """The feeds, opened for a command."""

    keeper: FeedServices
    write: DatabaseWriter


@click.group()
def feeds() -> None:
    """Follow feeds, so that the archive fills itself."""


@asynccontextmanager
async def opened(
    console: Console, failed: Callable[[BaseException], object] = lambda _: None
) -> AsyncIterator[FeedSession]:
    """Open the feeds of the archive; the model is loaded where something is added, not before."""
    from bot.feeds.services import FeedServices

    with console.archive() as archive, console.database() as database:
        writing = DatabaseWriter(database)
        keeper = FeedServices(console.settings, archive, writing, failed=failed)
        try:
            yield FeedSession(keeper, writing)
        finally:
            keeper.close()
            await writing.close()


@command(feeds, "list")
def list_(console: Console) -> None:
    """List the feeds, each with how it is, and what to do where it is not well."""
    asyncio.run(_list(console))


async def _list(console: Console) -> None:
    async with opened(console) as (keeper, _):
        found = await keeper.control.feeds.all()
    _tell(console, found)
    if not found:
        console.say(
            "No feed is followed. `briefing feeds add ADDRESS` follows one, and `briefing feeds "
            "import FILE.opml` those of a list, such as config/feeds.example.opml."
        )


@command(feeds, "show")
@click.argument("number", type=NUMBER)
def show(console: Console, number: int) -> None:
    """Show one feed."""
    asyncio.run(_show(console, number))


async def _show(console: Console, number: int) -> None:
    async with opened(console) as (keeper, _):
        found = await keeper.control.feeds.one(number)
    now = console.now()
    console.document(json_output.feed(found, now))
    console.say(feed_text.feed(found, now, console.settings.zone))
    console.say(feed_text.origin(found, console.settings.zone))


@command(feeds, "add")
@click.argument("addresses", metavar="ADDRESS...", nargs=-1, required=True)
@_source
@_language
@click.option("--hold", is_flag=True, help="Each article waits for an editor's approval.")
@_require
@_refuse
def add(
    console: Console,
    addresses: tuple[str, ...],
    source: str | None,
    language: str | None,
    hold: bool,
    require: tuple[str, ...],
    refuse: tuple[str, ...],
) -> None:
    """Follow the feed at each address, or the one of the page there, or the page itself."""
    chosen = FeedOptions(source, language, hold, require, refuse)
    asyncio.run(_add(console, addresses, chosen))


async def _add(console: Console, addresses: Sequence[str], chosen: FeedOptions) -> None:
    async with opened(console) as (keeper, _):

        async def follow(address: str) -> FollowedFeed:
            return await keeper.control.add(address, console.user, chosen)

        with console.progress("feeds add") as progress:
            added, refused = await _with_each(console, addresses, follow, progress)
    _tell(console, added, refused)
    if added:
        console.say(
            "Their last 20 articles come with the next poll, and alert nobody: the bot polls by "
            "itself, else `briefing feeds poll` does."
        )
    _end(refused)


@command(feeds, "edit")
@click.argument("number", type=NUMBER)
@_source
@_language
@click.option("--hold/--at-once", default=None, help="Hold each article for approval, or not.")
@_require
@_refuse
@click.option("--no-require", is_flag=True, help="Take the required words away.")
@click.option("--no-refuse", is_flag=True, help="Take the refused words away.")
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
    """Decide anew on a feed; "" takes a source's name or a language away."""
    if (require and no_require) or (refuse and no_refuse):
        raise InvalidInputError(
            "words are named and taken away at once", "Give one of the two options"
        )
    changes: dict[str, Any] = {"source": source, "language": language, "hold": hold}
    changes["require"] = require if require or no_require else None
    changes["refuse"] = refuse if refuse or no_refuse else None
    if all(value is None for value in changes.values()):
        raise InvalidInputError(
            "nothing to change was named", "`briefing feeds edit --help` lists it"
        )
    asyncio.run(_edit(console, number, changes))


async def _edit(console: Console, number: int, changes: dict[str, Any]) -> None:
    async with opened(console) as (keeper, _):
        found = await keeper.control.choose(number, console.user, **changes)
    now = console.now()
    console.document(json_output.feed(found, now))
    console.say(feed_text.feed(found, now, console.settings.zone))


@command(feeds, "pause")
@_numbers
def pause(console: Console, numbers: tuple[int, ...]) -> None:
    """Ask feeds no more, until they are resumed."""
    asyncio.run(_with_feeds(console, numbers, lambda keeper: keeper.control.pause))


@command(feeds, "resume")
@_numbers
def resume(console: Console, numbers: tuple[int, ...]) -> None:
    """Ask feeds again that were paused, or were gone."""
    asyncio.run(_with_feeds(console, numbers, lambda keeper: keeper.control.resume))


@command(feeds, "remove")
@_numbers
def remove(console: Console, numbers: tuple[int, ...]) -> None:
    """Follow feeds no longer; their articles stay, and what waits for approval goes."""
    asyncio.run(_with_feeds(console, numbers, lambda keeper: keeper.control.feeds.remove))


async def _with_feeds(
    console: Console,
    numbers: Sequence[int],
    chosen: Callable[[FeedServices], Callable[[int, str], Awaitable[FollowedFeed]]],
) -> None:
    async with opened(console) as (keeper, _):
        act = chosen(keeper)
        done, refused = await _with_each(console, numbers, lambda each: act(each, console.user))
    _tell(console, done, refused)
    _end(refused)


async def _with_each(
    console: Console,
    items: Sequence[_Each],
    act: Callable[[_Each], Awaitable[FollowedFeed]],
    progress: Progress = silent,
) -> tuple[list[FollowedFeed], list[dict[str, Any]]]:
    """Do something with each; return the feeds, and those that were refused and named."""
    done: list[FollowedFeed] = []
    refused: list[dict[str, Any]] = []
    for place, each in enumerate(items):
        progress("addresses", place, len(items))
        try:
            done.append(await act(each))
        except InvalidInputError as error:
            told = refusal_of(error) if isinstance(error, SourceRejected) else error
            named = InvalidInputError(f"{each}: {told.message}", told.remedy)
            refused.append({"from": each, **console.told(named)})
    return done, refused


def _tell(
    console: Console, found: Sequence[FollowedFeed], refused: list[dict[str, Any]] | None = None
) -> None:
    now = console.now()
    told: dict[str, Any] = {"feeds": [json_output.feed(each, now) for each in found]}
    console.document(told if refused is None else {**told, "refused": refused})
    for each in found:
        console.say(feed_text.feed(each, now, console.settings.zone))


def _end(refused: Sequence[object]) -> None:
    if refused:
        sys.exit(InvalidInputError.exit_code)
