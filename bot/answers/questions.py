"""A question, and what goes on from its answer: more quotes, all dates, what is around a quote."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.answers import excerpt_view as excerpts
from bot.answers import views as screens
from bot.i18n.catalogue import WORDS, UiLanguage
from bot.i18n.phrases import EVERYWHERE, is_narrow
from bot.telegram.inbox import AnswerState, QuotedPassage
from bot.telegram.message import Buttons
from bot.telegram.reply import Reply, say
from index.answering import EncodedQuestion
from index.archive import Archive
from index.errors import InvalidInputError
from index.models import Answer, Quote

QUOTES = 3
"""How many quotes an answer shows."""
MAX_QUOTES = 60
"""How many are shown of one question, however often more are asked for."""
LATE = timedelta(hours=1)
"""A question that waited longer is answered with an apology."""


def ask(
    archive: Archive,
    understood: EncodedQuestion,
    lang: UiLanguage,
    key: int,
    chat: int,
    *,
    waited: timedelta,
) -> Reply:
    """Answer a question of `chat`; `key` is the update that it came in."""
    given = AnswerState(chat=chat, question=understood.question, shown=())
    return _answered(archive, understood, given, lang, key, late=waited > LATE)


def search_all_dates(
    archive: Archive,
    understood: EncodedQuestion,
    given: AnswerState,
    of: int,
    lang: UiLanguage,
    key: int,
) -> Reply:
    """Answer the question of the answer to the update `of` again, over all dates."""
    widened = given.model_copy(update={"window": EVERYWHERE})
    return _again(archive, understood, widened, of, lang, key)


def more_quotes(
    archive: Archive,
    understood: EncodedQuestion,
    given: AnswerState,
    of: int,
    lang: UiLanguage,
    key: int,
) -> Reply:
    """Show the next quotes after those of the answer to the update `of`."""
    seen = given.earlier + given.shown
    digests = {each.digest for each in seen}
    found = _found(archive, understood, given, len(seen) + QUOTES + 1)
    near = given.near and not found.answered
    there = found.nearest if near else found.quotes
    fresh = tuple(each for each in there if _digest(each.text) not in digests)
    wider = is_narrow(found.window)
    if not fresh:
        left = _left(given, lang, of) + screens.follow_up_buttons(lang, of, wider=wider)
        return say(WORDS[lang]["no more"])._replace(leaves=left)
    further = len(fresh) > QUOTES and len(seen) + QUOTES < MAX_QUOTES
    first = len(seen) + 1
    fresh = fresh[:QUOTES]
    if near:
        found = found.model_copy(update={"nearest": fresh})
        laid = screens.nearest(found, lang, key, more=further, first=first)
    else:
        laid = screens.quotes([], fresh, lang, key, first=first, more=further, wider=wider)
    after = _going_on(
        given,
        shown=_shown(fresh[: laid.quotes]),
        earlier=seen,
        window=found.window,
        near=near,
        continues=of,
    )
    return Reply(laid.screen, after, leaves=_left(given, lang, of))


def nearest(
    archive: Archive,
    understood: EncodedQuestion,
    given: AnswerState,
    of: int,
    lang: UiLanguage,
    key: int,
) -> Reply:
    """Show the passages nearest to a question that the archive has no answer to."""
    found = _found(archive, understood, given, QUOTES + 1)
    if found.answered or not found.nearest:  # the archive has changed since
        return _again(archive, understood, given, of, lang, key)
    more = len(found.nearest) > QUOTES
    found = found.model_copy(update={"nearest": found.nearest[:QUOTES]})
    laid = screens.nearest(found, lang, key, more=more)
    shown = _shown(found.nearest[: laid.quotes])
    after = _going_on(given, shown=shown, window=found.window, near=True, continues=of)
    return Reply(laid.screen, after, leaves=_left(given, lang, of))


def around(
    archive: Archive, shown: QuotedPassage, lang: UiLanguage, *, full_text: str | None = None
) -> Reply:
    """Show the lines around a quote, as long as its article still has it."""
    try:
        found = archive.around(shown.article_id, shown.start, shown.end)
    except InvalidInputError:
        return say(WORDS[lang]["gone"])
    if _digest(found.article.text[shown.start : shown.end]) != shown.digest:
        return say(WORDS[lang]["gone"])
    return Reply(excerpts.excerpt(found, lang, full_text))


def page(
    archive: Archive, shown: QuotedPassage, number: int, lang: UiLanguage, data: str, *, edits: bool
) -> Reply:
    """Show one page of a quote's article; `data` and a page's number lead to the others."""
    try:
        article = archive.article(shown.article_id)
    except InvalidInputError:
        return say(WORDS[lang]["gone"])
    return Reply(excerpts.page(article, number, lang, data), edits=edits)


def about(archive: Archive, lang: UiLanguage) -> Reply:
    """Say what the bot is and what its archive holds."""
    return say(f"{WORDS[lang]['about']}\n\n{screens.held(archive.holdings(), lang)}")


def _again(
    archive: Archive,
    understood: EncodedQuestion,
    given: AnswerState,
    of: int,
    lang: UiLanguage,
    key: int,
) -> Reply:
    """Answer a question anew where `given` says to search."""
    again = AnswerState(
        chat=given.chat, question=given.question, shown=(), window=given.window, continues=of
    )
    reply = _answered(archive, understood, again, lang, key, late=False)
    return reply._replace(leaves=_left(given, lang, of))


def _answered(
    archive: Archive,
    understood: EncodedQuestion,
    given: AnswerState,
    lang: UiLanguage,
    key: int,
    *,
    late: bool,
) -> Reply:
    found = _found(archive, understood, given, QUOTES + 1)
    given = given.model_copy(update={"window": found.window})
    if not found.answered:
        return Reply(screens.unanswered(found, archive.holdings(), lang, key, late=late), given)
    more = len(found.quotes) > QUOTES
    found = found.model_copy(update={"quotes": found.quotes[:QUOTES]})
    laid = screens.answered(found, lang, key, late=late, more=more)
    shown = _shown(found.quotes[: laid.quotes])
    return Reply(laid.screen, given.model_copy(update={"shown": shown}))


def _found(archive: Archive, understood: EncodedQuestion, given: AnswerState, limit: int) -> Answer:
    """Answer where `given` was searched, and say so: an open window as what it is."""
    found = archive.answer(understood, limit=limit, window=given.window)
    return found.model_copy(update={"window": given.window or found.window})


def _left(given: AnswerState, lang: UiLanguage, of: int) -> Buttons:
    """Return the buttons that stay below an answer that has been gone on from."""
    return screens.around(len(given.shown), lang, of, first=len(given.earlier) + 1)


def _going_on(given: AnswerState, **changed: Any) -> AnswerState:
    return given.model_copy(update={"continued_by": None, **changed})


def _shown(shown: Sequence[Quote]) -> tuple[QuotedPassage, ...]:
    return tuple(
        QuotedPassage(
            article_id=each.article.id, start=each.start, end=each.end, digest=_digest(each.text)
        )
        for each in shown
    )


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]
