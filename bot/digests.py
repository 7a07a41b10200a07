"""`briefing digest`: the stories of a window."""

from __future__ import annotations

from datetime import date, timedelta

import click

from bot.console import Console, command
from bot.options import LANGUAGE, since, until, window_of
from bot.screens import documents, phrases, stories
from bot.words import WORDS, tongue_of
from index.article import Window


@command(None, "digest")
@since
@until
@click.option("--language", type=LANGUAGE, help="The reader's: ar, en or fr. It filters nothing.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many; without it, all.")
@click.option("--why", is_flag=True, help="Say of each story why it stands where it does.")
def digest(
    console: Console,
    since: date | None,
    until: date | None,
    language: str | None,
    limit: int | None,
    *,
    why: bool,
) -> None:
    """Tell what was published as stories: of yesterday and today, or of the days that are named."""
    today = console.now().date()
    latest = Window(since=today - timedelta(days=1), until=today)
    window = window_of(since, until, console.settings.zone) or latest
    with console.archive() as archive:
        found = archive.stories(window, language=language or console.settings.language)[:limit]
        tongue = tongue_of(language, console.settings.language)
        console.document(documents.digest(window, found))
        for number, each in enumerate(found, 1):
            console.say(stories.plain(number, each, tongue, console.marks))
            console.say(f"{stories.why(each, tongue)}\n" if why else "")
        if not found:
            nothing = WORDS[tongue]["nothing"]
            console.say(nothing.format(window=phrases.window(window, tongue)))
            console.say(phrases.archive_holds(archive.holdings(), tongue))
