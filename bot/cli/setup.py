"""`briefing setup telegram`: set what Telegram shows of the bot."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from bot.cli.context import Console, command
from bot.cli.telegram_client import connect_to_telegram
from bot.i18n.phrases import strip_controls

if TYPE_CHECKING:
    from bot.telegram.profile import ProfileResult


@click.group()
def setup() -> None:
    """Set up what is outside the archive."""


@command(setup, "telegram")
def telegram(console: Console) -> None:
    """Set the bot's description, about text, command menus, suggested rights and picture.

    Only what differs is changed, so the command can be run again at any time. The name of the bot
    stays as it is, and so does a picture that it has.
    """
    results = asyncio.run(_apply_profile(console))
    changed = [result for result in results if result.changed]
    refused = [result for result in results if result.refusal is not None]
    console.print_json(
        {
            "changed": [_as_json(result) for result in changed],
            "refused": [{**_as_json(result), "reason": result.refusal} for result in refused],
            "unchanged": len(results) - len(changed) - len(refused),
        }
    )
    for result in changed:
        console.print_line(f"changed: {_label(result)}")
    for result in refused:
        console.print_line(
            f"left as it is, because Telegram refuses it: {_label(result)} "
            f"({strip_controls(result.refusal or '')})"
        )
    if not changed:
        console.print_line("Nothing else had to be changed." if refused else "All is set already.")


async def _apply_profile(console: Console) -> list[ProfileResult]:
    from bot.answers.commands import MENU
    from bot.telegram.profile import BotProfile

    settings = console.settings
    async with connect_to_telegram(settings.telegram) as client:
        return await BotProfile(client, settings.language, MENU).apply()


def _as_json(result: ProfileResult) -> dict[str, str | None]:
    return {"name": result.name, "language": result.language or None}


def _label(result: ProfileResult) -> str:
    if result.language is None:
        return result.name
    return f"{result.name} ({result.language or 'other languages'})"
