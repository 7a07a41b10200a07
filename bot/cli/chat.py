"""A chat with the archive in the terminal, without Telegram."""

from __future__ import annotations

from collections.abc import Iterator

from bot.answers.small_talk import REPLIED_INTENTS, small_talk_text
from bot.cli.output import echo
from bot.cli.render import answers
from bot.i18n import phrases
from bot.i18n.languages import UiLanguage, match_ui_language
from bot.i18n.translations import translator
from index.archive import Archive
from index.errors import BriefingError
from index.models import Answer, DateWindow
from index.questions import InvalidQuestion
from index.text.language import detect_language

_EXIT_COMMANDS = frozenset(("/quit", "/exit", "/q"))


def run_chat(archive: Archive, lang: UiLanguage, marks: answers.HighlightMarks) -> None:
    """Greet, then reply to each input line until /quit or the end of input."""
    _ = translator(lang).gettext
    for line in (
        _(
            "Ask an archive of news on Libya, in Arabic, English or French, and read "
            "the passages that answer, word for word."
        ),
        phrases.archive_contents_text(archive.stats(), lang),
        _(
            "Type a question and press Enter, for example: who met in Paris? (/help "
            "for help, /quit to leave)"
        ),
    ):
        echo(line)
    session = ChatSession(archive, lang, marks)
    for line in _read_lines():
        if line.lower() in _EXIT_COMMANDS:
            break
        echo(session.reply(line))
    echo(_("Goodbye."))


class ChatSession:
    """Reply to input lines. /nearest and /all continue from the last answer."""

    def __init__(self, archive: Archive, lang: UiLanguage, marks: answers.HighlightMarks) -> None:
        self._archive = archive
        self._lang = lang
        self._marks = marks
        self._last_answer: Answer | None = None
        self._earlier: tuple[str, ...] = ()

    def reply(self, line: str) -> str:
        """Answer a question or run a command; reply to an unknown command with the help text."""
        command = line.lower()
        if not line.startswith("/"):
            return self._answer(line)
        if command == "/new":
            self._earlier = ()
            return translator(self._lang).gettext(
                "Done: your next question starts a new conversation."
            )
        if command not in ("/nearest", "/all"):
            return translator(self._lang).gettext(
                "Ask in your own words; you can name a time, such as last week. Every "
                "quote is taken word for word from its article, with its source and date, "
                "and the sentence nearest to your question is marked.\n"
                "/nearest the passages nearest to a question without an answer · /all the "
                "same question over all dates · /quit to leave"
            )
        if self._last_answer is None:
            return translator(self._lang).gettext(
                "Ask a question first: /nearest and /all go back to the last one."
            )
        return (
            self._render_nearest(self._last_answer)
            if command == "/nearest"
            else self._answer_for_all_dates(self._last_answer)
        )

    def _answer(self, question: str, window: DateWindow | None = None) -> str:
        lang = self._question_lang(question)
        try:
            answer = self._archive.ask(question, window=window, after=self._earlier)
        except InvalidQuestion as error:
            return phrases.question_error_text(error, lang)
        except BriefingError as error:
            return str(error)
        if answer.intent in REPLIED_INTENTS:
            return small_talk_text(answer.intent, lang)
        self._earlier = (answer.understood or answer.corrected or answer.question,)
        self._last_answer = answer = answer.model_copy(update={"window": window or answer.window})
        rendered = answers.render_answer(answer, self._archive.stats(), lang, self._marks)
        _ = translator(lang).gettext
        hints_with_conditions = (
            (_("/nearest shows the nearest passages."), answer.nearest and not answer.answered),
            (_("/all searches all dates."), phrases.is_narrow(answer.window)),
        )
        hints = [hint for hint, applies in hints_with_conditions if applies]
        gap = [""] * bool(answer.quotes and hints)
        return "\n".join([rendered, *gap, *hints])

    def _render_nearest(self, last_answer: Answer) -> str:
        lang = self._question_lang(last_answer.question)
        if last_answer.answered:
            return translator(lang).gettext(
                "The last question was answered: its quotes are the nearest passages."
            )
        if not last_answer.nearest:
            return phrases.archive_contents_text(self._archive.stats(), lang)
        return answers.render_nearest_quotes(last_answer, lang, self._marks)

    def _answer_for_all_dates(self, last_answer: Answer) -> str:
        if phrases.is_narrow(last_answer.window):
            return self._answer(last_answer.question, phrases.ALL_DATES)
        return translator(self._question_lang(last_answer.question)).gettext(
            "All dates were searched."
        )

    def _question_lang(self, question: str) -> UiLanguage:
        """Return the language of a question if the bot speaks it, else the default language."""
        return match_ui_language(detect_language(question), self._lang)


def _read_lines() -> Iterator[str]:
    while True:
        try:
            line = input("\n» ")
        except (EOFError, KeyboardInterrupt, RuntimeError):  # RuntimeError: stdin is missing
            echo()
            return
        yield line.strip()
