"""`briefing feeds import` and `briefing feeds export`: lists of feeds in OPML."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from bot.cli.context import Console, command
from bot.cli.feeds.manage import open_feeds
from bot.cli.render import feeds, json_output
from bot.feeds.store.feeds import FollowedFeed
from bot.i18n import phrases
from index.errors import InvalidInputError


@command(None, "import")
@click.argument("file", metavar="FILE.opml")
@click.option("--paused", is_flag=True, help="Do not poll these feeds until they are resumed.")
def import_opml(console: Console, file: str, *, paused: bool) -> None:
    """Follow the feeds of an OPML list, from a file or standard input (-)."""
    from index.ingest.sandbox import read_opml_in_sandbox
    from index.ingest.text.files import read_file, read_stream

    content = read_stream(sys.stdin.buffer) if file == "-" else read_file(Path(file))
    parsed = read_opml_in_sandbox(content)
    outlines = parsed.outlines
    if paused:
        outlines = tuple(outline.model_copy(update={"paused": True}) for outline in outlines)
    rejected = [(name, f"it cannot be followed: {refusal}") for name, refusal in parsed.rejected]

    async def import_outlines() -> tuple[list[FollowedFeed], tuple[str, ...]]:
        async with open_feeds(console) as (feed_services, _):
            imported = await feed_services.feed_manager.import_opml(outlines, console.actor)
            followed = await feed_services.feed_manager.feeds.list_all()
        rejected.extend((address, error.message) for address, error in imported.invalid)
        return [
            feed for feed in followed if feed.number in imported.added
        ], imported.already_followed

    added, already_followed = asyncio.run(import_outlines())
    now = console.now()
    console.print_json(
        {
            "added": [json_output.serialize_feed(feed, now) for feed in added],
            "known": list(already_followed),
            "bad": [{"name": name, "error": reason} for name, reason in rejected],
        }
    )
    for name, reason in rejected:
        console.print_note(f"{phrases.strip_controls(name)}: {phrases.strip_controls(reason)}")
    for feed in added:
        console.print_line(feeds.render_feed(feed, now, console.settings.zone))
    console.print_line(
        f"{len(added):,} added, {len(already_followed):,} followed already, "
        f"{len(rejected):,} refused"
    )
    if not (added or already_followed):
        sys.exit(InvalidInputError.exit_code)


@command(None, "export")
@click.argument("file", metavar="[FILE.opml]", required=False, type=click.Path(path_type=Path))
def export_opml(console: Console, file: Path | None) -> None:
    """Write all feeds and their options as OPML, to a file or standard output."""
    content = asyncio.run(_export_content(console))
    if file:
        try:
            file.write_bytes(content)
        except OSError as error:
            raise InvalidInputError(
                f"{file} cannot be written: {error.strerror}", "Name another file"
            ) from None
        console.print_json({"file": str(file)})
        console.print_line(f"written: {phrases.strip_controls(str(file))}")
    else:
        console.print_json({"opml": content.decode()})
        console.print_line(content.decode().rstrip("\n"))


async def _export_content(console: Console) -> bytes:
    async with open_feeds(console) as (feed_services, _):
        return await feed_services.feed_manager.export_opml()
