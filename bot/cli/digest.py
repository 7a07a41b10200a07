"""`briefing digest …`: the stories of a window, and what became of the editions sent of them."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import click

from bot.cli.context import Console, command
from bot.cli.params import LANGUAGE, NUMBER, since, until, window_of
from bot.cli.render import json_output, stories
from bot.digest.store.deliveries import STATES
from bot.i18n import phrases
from bot.i18n.catalogue import WORDS, ui_language_of
from index.models import DateWindow


@command(None, "told")
@since
@until
@click.option("--language", type=LANGUAGE, help="The reader's: ar, en or fr. It filters nothing.")
@click.option("--limit", type=click.IntRange(1, 2**31), help="At most so many; without it, all.")
@click.option("--why", is_flag=True, help="Say of each story why it stands where it does.")
def _told(
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
    latest = DateWindow(since=today - timedelta(days=1), until=today)
    window = window_of(since, until, console.settings.zone) or latest
    with console.archive() as archive:
        found = archive.stories(window, language=language or console.settings.language)[:limit]
        lang = ui_language_of(language, console.settings.language)
        console.document(json_output.digest(window, found))
        for number, each in enumerate(found, 1):
            console.say(stories.plain(number, each, lang, console.marks))
            console.say(f"{stories.why(each, lang)}\n" if why else "")
        if not found:
            nothing = WORDS[lang]["nothing"]
            console.say(nothing.format(window=phrases.window(window, lang)))
            console.say(phrases.archive_holds(archive.holdings(), lang))


@click.pass_context
def _or_told(context: click.Context, /, **options: Any) -> None:
    if context.invoked_subcommand is None:
        context.invoke(_told, **options)


digest = click.Group(
    "digest",
    params=_told.params,
    help=_told.help,
    callback=_or_told,
    invoke_without_command=True,
)


@command(digest, "ledger")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Only of this state; may be given several times.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
def ledger(console: Console, states: tuple[str, ...], limit: int) -> None:
    """Count the editions and alerts by what became of them, and list the newest."""
    from bot.digest.store.deliveries import counted, listed

    with console.database() as database, database.reading() as connection:
        counts = counted(connection)
        found = listed(connection, states or STATES, limit)
    shown = [each._asdict() for each in found]
    console.document({"subscribers": counts.subscribers, **counts.by_state, "deliveries": shown})
    console.say(f"subscribers {counts.subscribers:,}")
    console.say(", ".join(f"{state} {count:,}" for state, count in counts.by_state.items()))
    for each in found:
        why = f" ({each.why})" if each.why else ""
        console.say(
            f"  {each.number}: {each.kind} {each.of}, chat {each.chat}, due {each.due_at}: "
            f"{each.state}{why}"
        )


@command(digest, "resend")
@click.argument("edition", type=NUMBER)
def resend(console: Console, edition: int) -> None:
    """Let the bot send again one that may not have arrived: EDITION is its number in the ledger."""
    from bot.digest.store.deliveries import resend as planned_again

    with console.database() as database:
        before = planned_again(database, edition, console.now())
    console.document({"edition": edition, "was": before.state, "state": "planned"})
    console.say(
        f"{edition} ({before.kind} {before.of}, chat {before.chat}) is sent by the bot next"
    )
