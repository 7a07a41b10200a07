"""`briefing admin …` and `briefing log`: manage admins, and print the audit log."""

from __future__ import annotations

import asyncio

import click

from bot.cli.context import Console, command
from bot.cli.render import json_output
from bot.cli.telegram_client import connect_to_telegram
from bot.editorial.article_view import audit_entry_text
from bot.i18n import phrases
from index.errors import NotFoundError


@click.group()
def admin() -> None:
    """Invite, list and revoke admins, who may add, edit and remove articles from Telegram."""


@command(admin, "invite")
def invite(console: Console) -> None:
    """Print a link that makes the first user who opens it, within an hour, an admin."""
    from telegram.helpers import create_deep_linked_url

    from bot.editorial.roles import INVITATION_LIFETIME, create_invitation

    username = asyncio.run(_fetch_bot_username(console))
    now = console.now()
    with console.open_database() as database:
        token = create_invitation(database, console.actor, now)
    link = create_deep_linked_url(username, token)
    expires_at = (now + INVITATION_LIFETIME).isoformat(timespec="seconds")
    console.print_json({"link": link, "expires_at": expires_at})
    console.print_line(f"{link}\nIt opens once, until {expires_at}.")


@command(admin, "list")
def list_(console: Console) -> None:
    """List the admins. The owners are listed in the settings."""
    from bot.editorial.roles import list_admins

    with console.open_database() as database:
        admin_rows = list_admins(database)
    console.print_json({"admins": [admin_row._asdict() for admin_row in admin_rows]})
    for admin_row in admin_rows:
        name = phrases.strip_controls(admin_row.name or "–")
        console.print_line(f"{admin_row.id} · {name} · since {admin_row.since}")
    if not admin_rows:
        console.print_line("There are no admins: `briefing admin invite` makes a link for one.")


@command(admin, "revoke")
@click.argument("user_id", type=int)
def revoke(console: Console, user_id: int) -> None:
    """Make an admin a reader again."""
    from bot.editorial.roles import revoke_admin

    with console.open_database() as database:
        if not revoke_admin(database, user_id, console.actor, console.now()):
            raise NotFoundError(
                f"{user_id} is not an admin", "`briefing admin list` lists the admins"
            )
    console.print_json({"revoked": user_id})
    console.print_line(f"revoked: {user_id}")


@command(None, "log")
@click.option("--about", help="Only entries about this article or person.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 2**31))
@click.option("--below", type=click.IntRange(1, 2**62), help="Only entries below this number.")
def log(console: Console, about: str | None, limit: int, below: int | None) -> None:
    """Show who changed what and when, newest first."""
    with console.open_archive() as archive:
        audit_entries = archive.read_log(subject=about, before_number=below, limit=limit)
    console.print_json(
        {
            "entries": [
                json_output.serialize_audit_entry(audit_entry) for audit_entry in audit_entries
            ]
        }
    )
    for audit_entry in audit_entries:
        console.print_line(
            f"{audit_entry.number} · {phrases.strip_controls(audit_entry_text(audit_entry))}"
        )
    if not audit_entries:
        console.print_line("The log is empty.")


async def _fetch_bot_username(console: Console) -> str:
    """Return the username of the bot, from Telegram. Raises `SettingsError`."""
    async with connect_to_telegram(console.settings.telegram) as telegram:
        return str(telegram.username)
