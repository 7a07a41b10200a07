"""The commands that need no archive: /start, /help, /language, and those that nobody knows."""

from __future__ import annotations

from bot.i18n.catalogue import UI_LANGUAGE_NAMES, UI_LANGUAGES, WORDS, UiLanguage
from bot.telegram.message import Button, OutgoingMessage, text
from bot.telegram.reply import Reply, say

MENU = ("help", "subscribe", "digest", "watch", "watching", "language", "about", "ask")
"""The commands of the menu, in its order."""
_SAID = {"start": "start", "help": "help here"}


def command(name: str, lang: UiLanguage) -> Reply:
    """Reply to a command other than /language and /about."""
    return say(WORDS[lang][_SAID.get(name, "unknown command")])


def choose_language(lang: UiLanguage) -> Reply:
    """Ask which language the bot shall speak."""
    row = tuple(Button(name, f"language:{each}") for each, name in UI_LANGUAGE_NAMES.items())
    return Reply(OutgoingMessage(text(WORDS[lang]["choose language"]), (row,)))


def language_chosen(lang: UiLanguage, *, edits: bool) -> Reply:
    """Say, in it, which language was chosen."""
    return say(WORDS[lang]["language chosen"])._replace(edits=edits)


def named_language(argument: str) -> UiLanguage | None:
    """Return the language that «/language fr» or «/language العربية» names."""
    wanted = argument.strip().casefold()
    names = {name.casefold(): each for each, name in UI_LANGUAGE_NAMES.items()}
    return UI_LANGUAGES.get(wanted) or names.get(wanted)
