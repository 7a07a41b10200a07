"""Replies to the commands that search nothing: /start, /help, /language, unknown commands."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from bot.answers.callbacks import LanguageCallback, PartCallback
from bot.i18n.languages import UI_LANGUAGE_NAMES, UI_LANGUAGES, UiLanguage
from bot.i18n.phrases import DIRECTION_MARKS, isolate
from bot.i18n.translations import N_, translator
from bot.telegram.command_menu import DESCRIPTIONS
from bot.telegram.inbox import AnswerState
from bot.telegram.message import Button, OutgoingMessage, plain_text, truncate, trusted_text
from bot.telegram.reply import Reply, say

MENU = (
    *(
        "help",
        "latest",
        "who",
        "timeline",
        "archive",
        "new",
        "subscribe",
        "digest",
        "pause",
        "resume",
        "unsubscribe",
    ),
    *("watch", "watching", "unwatch", "language", "about", "privacy", "ask"),
)
"""The commands of the menu, in order."""
_OTHER_COMMANDS = ("today", "week", "start", "forgetme")
"""Commands that readers may mean, beside those of the menu."""
_MAX_LABEL_UNITS = 60
_LONG_NAME = 5
"""A command may be meant if two letters differ, or one in a name shorter than this."""
HELP_TEXT = N_(
    "Ask in your own words, in Arabic, English or French; you can name a time, such as last week, "
    "or a source. Every quote is taken word for word from its article, with its source and date."
)
_GROUP_HELP = N_(
    "In groups: mention the bot, reply to one of its messages, or write /ask and the question."
)
_UNKNOWN_COMMAND = N_("I do not know this command. Write a question, or /help for help.")


def welcome(
    examples: Sequence[str], subscribe_data: str, lang: UiLanguage, update_id: int, chat_id: int
) -> Reply:
    """Say what the bot is, with buttons that ask `examples` and one that subscribes."""
    _ = translator(lang).gettext
    what = _(
        "Welcome. I answer questions on Libyan affairs with quotes from the news, word for word, "
        "each with its source and its date."
    )
    how = _("Write a question, or tap one:") if examples else _("Write a question.")
    # Translators: Button.
    subscribe = Button(_("Receive the daily digest"), subscribe_data)
    return with_examples(f"{what}\n\n{how}", examples, [subscribe], update_id, chat_id)


def with_examples(
    text: str,
    examples: Sequence[str],
    last_row: Sequence[Button],
    update_id: int,
    chat_id: int,
) -> Reply:
    """Return a reply with a button for each example question, and the buttons of `last_row`."""
    rows = [
        (
            Button(
                truncate(example, _MAX_LABEL_UNITS),
                PartCallback(update_id=update_id, part=part).pack(),
            ),
        )
        for part, example in enumerate(examples)
    ]
    message = OutgoingMessage(trusted_text(text), (*rows, tuple(last_row)))
    return Reply(message, AnswerState(chat=chat_id, question="\n".join(examples), shown=()))


def reader_help(lang: UiLanguage) -> str:
    """Explain how to ask, and list the commands of readers, one a line."""
    _ = translator(lang).gettext
    commands = [name for name in MENU if name != "help"]
    return "\n\n".join((_(HELP_TEXT), _(_GROUP_HELP), command_list(commands, lang)))


def command_list(commands: Iterable[str], lang: UiLanguage) -> str:
    """Return the commands with their descriptions, one a line."""
    _ = translator(lang).gettext
    mark = DIRECTION_MARKS[lang]
    return "\n".join(f"{mark}{isolate(f'/{name}')} – {_(DESCRIPTIONS[name])}" for name in commands)


def reply_to_command(name: str, lang: UiLanguage) -> Reply:
    """Reply to a command that needs no archive; name the nearest one if it is unknown."""
    if name == "help":
        return say(reader_help(lang))
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
