"""`briefing feeds import` and `briefing feeds export`: lists of feeds, as any reader has them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.cli.context import Console, command
from bot.cli.feeds.manage import opened
from bot.cli.render import feeds, json_output
from bot.feeds.store.feeds import FollowedFeed
from bot.i18n import phrases
from index.errors import InvalidInputError


@command(None, "import")
@click.argument("file", metavar="FILE.opml")
@click.option("--paused", is_flag=True, help="Ask none of them until it is resumed.")
def take_in(console: Console, file: str, *, paused: bool) -> None:
    """Follow the feeds of a list in OPML, from a file or standard input (-)."""
    from index.ingest.feeds.opml import read_opml
    from index.ingest.text.files import read_file, read_stream

    content = read_stream(sys.stdin.buffer) if file == "-" else read_file(Path(file))
    read = read_opml(content)
    outlines = read.outlines
    if paused:
        outlines = tuple(each.model_copy(update={"paused": True}) for each in outlines)
    bad = [(name, f"it cannot be followed: {refusal}") for name, refusal in read.bad]

    async def follow() -> tuple[list[FollowedFeed], tuple[str, ...]]:
        async with opened(console) as (keeper, _):
            imported = await keeper.control.import_opml(outlines, console.user)
            there = await keeper.control.feeds.all()
        bad.extend((address, error.message) for address, error in imported.bad)
        return [each for each in there if each.number in imported.added], imported.known

    added, known = asyncio.run(follow())
    now = console.now()
    console.document(
        {
            "added": [json_output.feed(each, now) for each in added],
            "known": list(known),
            "bad": [{"name": name, "error": why} for name, why in bad],
        }
    )
    for name, why in bad:
        console.note(f"{phrases.visible(name)}: {phrases.visible(why)}")
    for each in added:
        console.say(feeds.feed(each, now, console.settings.zone))
    console.say(f"{len(added):,} added, {len(known):,} followed already, {len(bad):,} refused")
    if not (added or known):
        sys.exit(InvalidInputError.exit_code)


@command(None, "export")
@click.argument("file", metavar="[FILE.opml]", required=False, type=click.Path(path_type=Path))
def give_out(console: Console, file: Path | None) -> None:
    """Write all feeds as OPML, with what was decided of them, to a file or standard output."""
    content = asyncio.run(_written(console))
    if file:
        try:
            file.write_bytes(content)
        except OSError as error:
            raise InvalidInputError(
                f"{file} cannot be written: {error.strerror}", "Name another file"
            ) from None
        console.document({"file": str(file)})
        console.say(f"written: {phrases.visible(str(file))}")
    else:
        console.document({"opml": content.decode()})
        console.say(content.decode().rstrip("\n"))


async def _written(console: Console) -> bytes:
    async with opened(console) as (keeper, _):
        return await keeper.control.export_opml()
