"""A chat with the archive in the terminal, without Telegram."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.cli.render import answers
from bot.i18n import phrases
from bot.i18n.catalogue import WORDS, Tongue, tongue_of
from index.archive import Archive
from index.errors import BriefingError
from index.models import Answer, DateWindow
from index.questions import InvalidQuestion
from index.text.language import language_of

_LEAVE = frozenset(("/quit", "/exit", "/q"))


def chat(archive: Archive, tongue: Tongue, marks: answers.HighlightMarks) -> None:
    """Greet, then reply to each line that is typed, until /quit or the end of the input."""
    words = WORDS[tongue]
    for line in (words["hello"], phrases.archive_holds(archive.holdings(), tongue), words["how"]):
        click.echo(line)
    talk = ChatSession(archive, tongue, marks)
    for line in _typed():
        if line.lower() in _LEAVE:
            break
        click.echo(talk.reply(line))
    click.echo(words["bye"])


class ChatSession:
    """Replies to what is typed; remembers the last answer, which /nearest and /all go on from."""

    def __init__(self, archive: Archive, tongue: Tongue, marks: answers.HighlightMarks) -> None:
        self._archive = archive
        self._tongue = tongue
        self._marks = marks
        self._last: Answer | None = None

    def reply(self, line: str) -> str:
        """Answer a question or obey a command; any other line with a slash gets the help."""
        command = line.lower()
        if not line.startswith("/"):
            return self._answer(line)
        if command not in ("/nearest", "/all"):
            return WORDS[self._tongue]["help"]
        if self._last is None:
            return WORDS[self._tongue]["not yet"]
        return self._nearest(self._last) if command == "/nearest" else self._all(self._last)

    def _answer(self, question: str, window: DateWindow | None = None) -> str:
        tongue = self._spoken(question)
        try:
            found = self._archive.ask(question, window=window)
        except InvalidQuestion as fault:
            return phrases.bad_question(fault, tongue)
        except BriefingError as error:
            return str(error)
        self._last = found = found.model_copy(update={"window": window or found.window})
        told = answers.answer(found, self._archive.holdings(), tongue, self._marks)
        there_is = {"type nearest": found.nearest, "type all": phrases.is_narrow(found.window)}
        ways = [WORDS[tongue][way] for way, is_there in there_is.items() if is_there]
        gap = [""] * bool(found.quotes and ways)
        return "\n".join([told, *gap, *ways])

    def _nearest(self, last: Answer) -> str:
        tongue = self._spoken(last.question)
        if last.answered:
            return WORDS[tongue]["is answered"]
        if not last.nearest:
            return phrases.archive_holds(self._archive.holdings(), tongue)
        return answers.near(last, tongue, self._marks)

    def _all(self, last: Answer) -> str:
        if phrases.is_narrow(last.window):
            return self._answer(last.question, phrases.EVERYWHERE)
        return WORDS[self._spoken(last.question)]["all dates"]

    def _spoken(self, question: str) -> Tongue:
        """Return the language of a question, where that is one of the bot's."""
        return tongue_of(language_of(question), self._tongue)


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("\n» ")
        except (EOFError, KeyboardInterrupt, RuntimeError):  # the last: there is no input at all
            click.echo()
            return
        yield line.strip()
