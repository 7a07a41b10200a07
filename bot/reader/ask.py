"""A question, and what can be asked of its answer: more quotes, what is around one, the article."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from bot.screens import excerpt as excerpts
from bot.screens.answer import answered, buttons, held, quotes, unanswered
from bot.store.inbox import Given, Shown
from bot.telegram.reply import Reply, say
from bot.words import WORDS, Tongue
from index.archive import Archive, Understood
from index.article import Quote
from index.errors import BadInput

QUOTES = 3
"""How many quotes an answer shows."""
MOST_QUOTES = 60
"""How many are shown of one question, however often more are asked for."""
LATE = timedelta(hours=1)
"""A question that waited longer is answered with an apology."""


def ask(
    archive: Archive,
    understood: Understood,
    tongue: Tongue,
    key: int,
    chat: int,
    *,
    waited: timedelta,
) -> Reply:
    """Answer a question of `chat`; `key` is the update that it came in."""
    found = archive.answer(understood, limit=QUOTES + 1)
    late = waited > LATE
    if not found.answered:
        screen = unanswered(found, archive.holdings(), tongue, key, late=late)
        return Reply(screen, Given(chat=chat, question=found.question, shown=()))
    more = len(found.quotes) > QUOTES
    found = found.model_copy(update={"quotes": found.quotes[:QUOTES]})
    laid = answered(found, tongue, key, late=late, more=more)
    shown = _shown(found.quotes[: laid.quotes])
    return Reply(laid.screen, Given(chat=chat, question=found.question, shown=shown))


def more(
    archive: Archive, understood: Understood, given: Given, of: int, tongue: Tongue, key: int
) -> Reply:
    """Show the next quotes after those of the answer to the update `of`."""
    seen = given.earlier + given.shown
    digests = {each.digest for each in seen}
    found = archive.answer(understood, limit=len(seen) + QUOTES + 1)
    fresh = [each for each in found.quotes if _digest(each.text) not in digests]
    first = len(seen) + 1
    left = buttons(len(given.shown), tongue, of, first=first - len(given.shown), more=False)
    if not fresh:
        return say(WORDS[tongue]["no more"])._replace(leaves=left)
    further = len(fresh) > QUOTES and len(seen) + QUOTES < MOST_QUOTES
    laid = quotes([], fresh[:QUOTES], tongue, key, first=first, more=further)
    shown = _shown(fresh[: laid.quotes])
    after = _going_on(given, shown=shown, earlier=seen, continues=of)
    return Reply(laid.screen, after, leaves=left)


def nearest(
    archive: Archive, understood: Understood, given: Given, of: int, tongue: Tongue, key: int
) -> Reply:
    """Show the passages nearest to a question that the archive has no answer to."""
    found = archive.answer(understood, limit=QUOTES)
    near = found.quotes or found.nearest
    if not near:
        return say(WORDS[tongue]["gone"])._replace(leaves=())
    laid = quotes([WORDS[tongue]["nearest"]], near, tongue, key)
    after = _going_on(given, shown=_shown(near[: laid.quotes]), continues=of)
    return Reply(laid.screen, after, leaves=())


def around(
    archive: Archive, shown: Shown, tongue: Tongue, *, full_text: str | None = None
) -> Reply:
    """Show the lines around a quote, as long as its article still has it."""
    try:
        found = archive.around(shown.article_id, shown.start, shown.end)
    except BadInput:
        return say(WORDS[tongue]["gone"])
    if _digest(found.article.text[shown.start : shown.end]) != shown.digest:
        return say(WORDS[tongue]["gone"])
    return Reply(excerpts.excerpt(found, tongue, full_text))


def page(
    archive: Archive, shown: Shown, number: int, tongue: Tongue, data: str, *, edits: bool
) -> Reply:
    """Show one page of a quote's article; `data` and a page's number lead to the others."""
    try:
        article = archive.article(shown.article_id)
    except BadInput:
        return say(WORDS[tongue]["gone"])
    return Reply(excerpts.page(article, number, tongue, data), edits=edits)


def about(archive: Archive, tongue: Tongue) -> Reply:
    """Say what the bot is and what its archive holds."""
    return say(f"{WORDS[tongue]['about']}\n\n{held(archive.holdings(), tongue)}")


def _going_on(given: Given, **changed: Any) -> Given:
    return given.model_copy(update={"continued_by": None, **changed})


def _shown(shown: Sequence[Quote]) -> tuple[Shown, ...]:
    return tuple(
        Shown(article_id=each.article.id, start=each.start, end=each.end, digest=_digest(each.text))
        for each in shown
    )


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]
