"""`briefing admin …` and `briefing log`: who may edit, and who changed what."""

from __future__ import annotations

import asyncio

import click

from bot.cli.context import Console, command
from bot.cli.render import json_output
from bot.editorial.article_view import entry
from bot.i18n import phrases
from bot.settings import PREFIX
from index.errors import NotFoundError, SettingsError


@click.group()
def admin() -> None:
    """Invite, list and revoke admins, who may add, edit and remove articles from Telegram."""


@command(admin, "invite")
def invite(console: Console) -> None:
    """Print a link that makes whoever opens it first, within an hour, an admin."""
    from telegram.helpers import create_deep_linked_url

    from bot.editorial.roles import INVITATION_LASTS
    from bot.editorial.roles import invite as make

    username = asyncio.run(_username(console))
    now = console.now()
    with console.database() as database:
        words = make(database, console.user, now)
    link = create_deep_linked_url(username, words)
    until = (now + INVITATION_LASTS).isoformat(timespec="seconds")
    console.document({"link": link, "expires_at": until})
    console.say(f"{link}\nIt opens once, until {until}.")


@command(admin, "list")
def list_(console: Console) -> None:
    """List the admins; the owners stand in the settings."""
    from bot.editorial.roles import admins

    with console.database() as database:
        there = admins(database)
    console.document({"admins": [each._asdict() for each in there]})
    for each in there:
        console.say(f"{each.id} · {phrases.visible(each.name or '–')} · since {each.since}")
    if not there:
        console.say("There are no admins: `briefing admin invite` makes a link for one.")


@command(admin, "revoke")
@click.argument("user_id", type=int)
def revoke(console: Console, user_id: int) -> None:
    """Make an admin a reader again."""
    from bot.editorial.roles import revoke as make_reader

    with console.database() as database:
        if not make_reader(database, user_id, console.user, console.now()):
            raise NotFoundError(f"{user_id} is no admin", "`briefing admin list` shows who is")
    console.document({"revoked": user_id})
    console.say(f"revoked: {user_id}")


@command(None, "log")
@click.option("--about", help="Only of this article or person.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
@click.option("--below", type=click.IntRange(1, 2**62), help="Only entries below this number.")
def log(console: Console, about: str | None, limit: int, below: int | None) -> None:
    """Show who changed what, and when, the newest first."""
    with console.archive() as archive:
        found = archive.log(about=about, below=below, limit=limit)
    console.document({"entries": [json_output.entry(each) for each in found]})
    for each in found:
        console.say(f"{each.number} · {phrases.visible(entry(each))}")
    if not found:
        console.say("The log is empty.")


async def _username(console: Console) -> str:
    """Ask Telegram what the bot is called. Raises `SettingsError`."""
    from telegram.error import TelegramError

    from bot.telegram.api import client

    secret = console.settings.telegram.token
    if secret is None:
        raise SettingsError(
            "there is no token for Telegram, and so no bot to be an admin of",
            f"Ask @BotFather for one and set it as {PREFIX}TELEGRAM_TOKEN",
        )
    telegram = client(console.settings.telegram, secret.get_secret_value())
    try:
        await telegram.initialize()
        return str(telegram.username)
    except TelegramError as error:
        raise SettingsError(
            f"Telegram does not say what the bot is called: {error}",
            "See that it can be reached, and that the token is right",
        ) from None
    finally:
        await telegram.shutdown()
