"""A chat with the archive in the terminal, without Telegram."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.screens import phrases, plain
from bot.words import WORDS, Tongue, tongue_of
from index.archive import Archive
from index.errors import BriefingError
from index.questions import BadQuestion
from index.text.language import language_of

_LEAVE = frozenset(("/quit", "/exit", "/q"))


def chat(archive: Archive, tongue: Tongue, marks: plain.Marks) -> None:
    """Greet, then answer each line that is typed, until /quit or the end of the input.

    Any other line that begins with a slash gets the help.
    """
    words = WORDS[tongue]
    for line in (words["hello"], phrases.archive_holds(archive.holdings(), tongue), words["how"]):
        click.echo(line)
    for line in _typed():
        if line.lower() in _LEAVE:
            break
        if line.startswith("/"):
            click.echo(words["help"])
        else:
            click.echo(reply(archive, line, tongue, marks))
    click.echo(words["bye"])


def reply(archive: Archive, question: str, otherwise: Tongue, marks: plain.Marks) -> str:
    """Answer one line, in the language that it is written in where that is one of the bot's."""
    tongue = tongue_of(language_of(question), otherwise)
    try:
        found = archive.ask(question)
    except BadQuestion as fault:
        return phrases.bad_question(fault, tongue)
    except BriefingError as error:
        return str(error)
    return plain.answer(found, archive.holdings(), tongue, marks)


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("\n» ")
        except (EOFError, KeyboardInterrupt, RuntimeError):  # the last: there is no input at all
            click.echo()
            return
        yield line.strip()
