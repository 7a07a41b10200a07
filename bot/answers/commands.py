"""The commands that need no archive: /start, /help, /language, and those that nobody knows."""

from __future__ import annotations

from bot.i18n.catalogue import TONGUE_NAMES, TONGUES, WORDS, Tongue
from bot.telegram.message import Button, OutgoingMessage, text
from bot.telegram.reply import Reply, say

MENU = ("help", "subscribe", "digest", "watch", "watching", "language", "about", "ask")
"""The commands of the menu, in its order."""
_SAID = {"start": "start", "help": "help here"}


def command(name: str, tongue: Tongue) -> Reply:
    """Reply to a command other than /language and /about."""
    return say(WORDS[tongue][_SAID.get(name, "unknown command")])


def choose_language(tongue: Tongue) -> Reply:
    """Ask which language the bot shall speak."""
    row = tuple(Button(name, f"language:{each}") for each, name in TONGUE_NAMES.items())
    return Reply(OutgoingMessage(text(WORDS[tongue]["choose language"]), (row,)))


def language_chosen(tongue: Tongue, *, edits: bool) -> Reply:
    """Say, in it, which language was chosen."""
    return say(WORDS[tongue]["language chosen"])._replace(edits=edits)


def named_language(argument: str) -> Tongue | None:
    """Return the language that «/language fr» or «/language العربية» names."""
    wanted = argument.strip().casefold()
    names = {name.casefold(): each for each, name in TONGUE_NAMES.items()}
    return TONGUES.get(wanted) or names.get(wanted)
