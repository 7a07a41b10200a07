"""A chat with the archive in the terminal, without Telegram."""

from __future__ import annotations

from collections.abc import Iterator

import click

from bot.cli.render import answers
from bot.i18n import phrases
from bot.i18n.catalogue import WORDS, UiLanguage, ui_language_of
from index.archive import Archive
from index.errors import BriefingError
from index.models import Answer, DateWindow
from index.questions import InvalidQuestion
from index.text.language import language_of

_LEAVE = frozenset(("/quit", "/exit", "/q"))


def chat(archive: Archive, lang: UiLanguage, marks: answers.HighlightMarks) -> None:
    """Greet, then reply to each line that is typed, until /quit or the end of the input."""
    words = WORDS[lang]
    for line in (words["hello"], phrases.archive_holds(archive.holdings(), lang), words["how"]):
        click.echo(line)
    talk = ChatSession(archive, lang, marks)
    for line in _typed():
        if line.lower() in _LEAVE:
            break
        click.echo(talk.reply(line))
    click.echo(words["bye"])


class ChatSession:
    """Replies to what is typed; remembers the last answer, which /nearest and /all go on from."""

    def __init__(self, archive: Archive, lang: UiLanguage, marks: answers.HighlightMarks) -> None:
        self._archive = archive
        self._lang = lang
        self._marks = marks
        self._last: Answer | None = None

    def reply(self, line: str) -> str:
        """Answer a question or obey a command; any other line with a slash gets the help."""
        command = line.lower()
        if not line.startswith("/"):
            return self._answer(line)
        if command not in ("/nearest", "/all"):
            return WORDS[self._lang]["help"]
        if self._last is None:
            return WORDS[self._lang]["not yet"]
        return self._nearest(self._last) if command == "/nearest" else self._all(self._last)

    def _answer(self, question: str, window: DateWindow | None = None) -> str:
        lang = self._spoken(question)
        try:
            found = self._archive.ask(question, window=window)
        except InvalidQuestion as fault:
            return phrases.bad_question(fault, lang)
        except BriefingError as error:
            return str(error)
        self._last = found = found.model_copy(update={"window": window or found.window})
        told = answers.answer(found, self._archive.holdings(), lang, self._marks)
        there_is = {"type nearest": found.nearest, "type all": phrases.is_narrow(found.window)}
        ways = [WORDS[lang][way] for way, is_there in there_is.items() if is_there]
        gap = [""] * bool(found.quotes and ways)
        return "\n".join([told, *gap, *ways])

    def _nearest(self, last: Answer) -> str:
        lang = self._spoken(last.question)
        if last.answered:
            return WORDS[lang]["is answered"]
        if not last.nearest:
            return phrases.archive_holds(self._archive.holdings(), lang)
        return answers.near(last, lang, self._marks)

    def _all(self, last: Answer) -> str:
        if phrases.is_narrow(last.window):
            return self._answer(last.question, phrases.EVERYWHERE)
        return WORDS[self._spoken(last.question)]["all dates"]

    def _spoken(self, question: str) -> UiLanguage:
        """Return the language of a question, where that is one of the bot's."""
        return ui_language_of(language_of(question), self._lang)


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("\n» ")
        except (EOFError, KeyboardInterrupt, RuntimeError):  # the last: there is no input at all
            click.echo()
            return
        yield line.strip()
