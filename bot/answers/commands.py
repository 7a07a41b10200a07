"""Replies to the commands that need no archive: /start, /help, /language, unknown commands."""

from __future__ import annotations

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.answers.callbacks import LanguageCallback
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.phrases import isolate
from bot.i18n.translations import N_, translator
from bot.telegram.message import Button, OutgoingMessage, plain_text
from bot.telegram.reply import Reply, say

MENU = (
    *("help", "latest", "new", "subscribe", "digest", "pause", "resume", "unsubscribe"),
    *("watch", "watching", "unwatch", "language", "about", "privacy", "ask"),
)
"""The commands of the menu, in order."""
_OTHER_COMMANDS = ("today", "week", "start", "forgetme")
"""Commands that readers may mean, beside those of the menu."""
_LONG_NAME = 5
"""A command may be meant if two letters differ, or one in a name shorter than this."""
READER_HELP = N_(
    "Ask in your own words, in Arabic, English or French; you can name a time, "
    "such as last week. Every quote is taken word for word from its article, "
    "with its source and date; the sentence nearest to your question is in "
    "bold. The buttons below an answer bring more quotes, and the lines around "
    "each one.\n\n"
    "In groups: mention the bot, reply to one of its messages, or write /ask "
    "and the question.\n\n"
    "/subscribe the daily digest · /digest its settings · /digest now the news "
    "in brief · /watch alerts · /language language · /about about the bot · /new a new "
    "conversation"
)
_REPLIES = {
    "start": N_(
        "Welcome. I answer questions on Libyan affairs with quotes from the news, "
        "word for word, each with its source and its date.\n\n"
        "Write a question, such as: who met in Paris?\n\n"
        "/help for help · /language to choose a language"
    ),
    "help": READER_HELP,
}
_UNKNOWN_COMMAND = N_("I do not know this command. Write a question, or /help for help.")


def reply_to_command(name: str, lang: UiLanguage) -> Reply:
    """Reply to a command that needs no archive; name the nearest one if it is unknown."""
    if name in _REPLIES:
        return say(translator(lang).gettext(_REPLIES[name]))
    nearest = process.extractOne(
        name,
        MENU + _OTHER_COMMANDS,
        scorer=OSA.distance,
        score_cutoff=2 if len(name) >= _LONG_NAME else 1,
    )
    if nearest is None:
        return say(translator(lang).gettext(_UNKNOWN_COMMAND))
    # Translators: {command}: a command of the bot, such as /digest.
    template = translator(lang).gettext("I do not know this command. Did you mean {command}?")
    return say(template.format(command=isolate(f"/{nearest[0]}")))


def ask_for_language(lang: UiLanguage) -> Reply:
    """Ask the user to choose a language."""
    row = tuple(
        Button(name, LanguageCallback(lang=code).pack()) for code, name in UI_LANGUAGE_NAMES.items()
    )
    return Reply(
        OutgoingMessage(
            plain_text(translator(lang).gettext("Which language shall I speak?")), (row,)
        )
    )


def confirm_language(lang: UiLanguage, *, edits: bool) -> Reply:
    """Confirm the chosen language, in that language."""
    return say(translator(lang).gettext("I will speak English."))._replace(edits=edits)


def parse_language(argument: str) -> UiLanguage | None:
    """Return the language named by the argument of /language: «fr», «العربية»; None if unknown."""
    requested = argument.strip().casefold()
    names = {name.casefold(): code for code, name in UI_LANGUAGE_NAMES.items()}
    return UI_LANGUAGES.get(requested) or names.get(requested)
