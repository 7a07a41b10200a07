"""`briefing digest …`: the stories of a date window, and the ledger of deliveries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import click

from bot.cli.context import Console, command
from bot.cli.params import LANGUAGE_PARAM, NUMBER_PARAM, build_window, since_option, until_option
from bot.cli.render import json_output, stories
from bot.digest.store.deliveries import STATES
from bot.i18n import phrases
from bot.i18n.languages import match_ui_language
from bot.i18n.translations import translator
from index.models import DateWindow


@command(None, "digest")
@since_option
@until_option
@click.option(
    "--language", type=LANGUAGE_PARAM, help="The reader's language: ar, en or fr. Not a filter."
)
@click.option(
    "--limit", type=click.IntRange(1, 2**31), help="Show at most this many; by default, all."
)
@click.option("--why", is_flag=True, help="Explain the rank of each story.")
def _show_stories(
    console: Console,
    since: date | None,
    until: date | None,
    language: str | None,
    limit: int | None,
    *,
    why: bool,
) -> None:
    """Show the stories of a period; by default, of yesterday and today."""
    today = console.now().date()
    default_window = DateWindow(since=today - timedelta(days=1), until=today)
    window = build_window(since, until, console.settings.zone) or default_window
    with console.open_archive() as archive:
        digest_stories = archive.stories(window, language=language or console.settings.language)[
            :limit
        ]
        lang = match_ui_language(language, console.settings.language)
        console.print_json(json_output.serialize_digest(window, digest_stories))
        for rank, story in enumerate(digest_stories, 1):
            console.print_line(stories.render_story(rank, story, lang, console.marks))
            console.print_line(f"{phrases.rank_explanation_text(story, lang)}\n" if why else "")
        if not digest_stories:
            # Translators: {window}: a period, such as “since 4 February 2026”.
            nothing_found = translator(lang).gettext(
                "Nothing in the archive was published {window}."
            )
            console.print_line(nothing_found.format(window=phrases.window_text(window, lang)))
            console.print_line(phrases.archive_contents_text(archive.stats(), lang))


@click.pass_context
def _show_stories_by_default(context: click.Context, /, **options: Any) -> None:
    if context.invoked_subcommand is None:
        context.invoke(_show_stories, **options)


digest = click.Group(
    "digest",
    params=_show_stories.params,
    help=_show_stories.help,
    callback=_show_stories_by_default,
    invoke_without_command=True,
)


@command(digest, "ledger")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(STATES),
    help="Only deliveries in this state; may be given several times.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
def show_deliveries(console: Console, states: tuple[str, ...], limit: int) -> None:
    """Count the editions and alerts by state, and list the newest."""
    from bot.digest.store.deliveries import count_deliveries, list_deliveries

    with console.open_database() as database, database.read_transaction() as connection:
        counts = count_deliveries(connection)
        delivery_rows = list_deliveries(connection, states or STATES, limit)
    delivery_documents = [delivery_row._asdict() for delivery_row in delivery_rows]
    console.print_json(
        {"subscribers": counts.subscribers, **counts.by_state, "deliveries": delivery_documents}
    )
    console.print_line(f"subscribers {counts.subscribers:,}")
    console.print_line(", ".join(f"{state} {count:,}" for state, count in counts.by_state.items()))
    for delivery_row in delivery_rows:
        reason = f" ({delivery_row.why})" if delivery_row.why else ""
        console.print_line(
            f"  {delivery_row.number}: {delivery_row.kind} {delivery_row.of}, "
            f"chat {delivery_row.chat}, due {delivery_row.due_at}: {delivery_row.state}{reason}"
        )


@command(digest, "resend")
@click.argument("edition", type=NUMBER_PARAM)
def resend(console: Console, edition: int) -> None:
    """Have the bot resend a delivery that may not have arrived.

    EDITION is its number in the ledger.
    """
    from bot.digest.store import deliveries

    with console.open_database() as database:
        previous = deliveries.resend(database, edition, console.now())
    console.print_json({"edition": edition, "was": previous.state, "state": "planned"})
    console.print_line(
        f"{edition} ({previous.kind} {previous.of}, chat {previous.chat}) is sent by the bot next"
    )
