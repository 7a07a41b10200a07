"""The commands that need no archive: /start, /help, /language, and those that nobody knows."""

from __future__ import annotations

from bot.i18n.catalogue import STRINGS, UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.telegram.message import Button, OutgoingMessage, plain_text
from bot.telegram.reply import Reply, say

MENU = ("help", "subscribe", "digest", "watch", "watching", "language", "about", "ask")
"""The commands of the menu, in its order."""
_STRING_KEYS = {"start": "start", "help": "help here"}


def reply_to_command(name: str, lang: UiLanguage) -> Reply:
    """Reply to a command other than /language and /about."""
    return say(STRINGS[lang][_STRING_KEYS.get(name, "unknown command")])


def ask_for_language(lang: UiLanguage) -> Reply:
    """Ask which language the bot shall speak."""
    row = tuple(Button(name, f"language:{code}") for code, name in UI_LANGUAGE_NAMES.items())
    return Reply(OutgoingMessage(plain_text(STRINGS[lang]["choose language"]), (row,)))


def confirm_language(lang: UiLanguage, *, edits: bool) -> Reply:
    """Say, in it, which language was chosen."""
    return say(STRINGS[lang]["language chosen"])._replace(edits=edits)


def parse_language(argument: str) -> UiLanguage | None:
    """Return the language that «/language fr» or «/language العربية» names."""
    requested = argument.strip().casefold()
    names = {name.casefold(): code for code, name in UI_LANGUAGE_NAMES.items()}
    return UI_LANGUAGES.get(requested) or names.get(requested)
