"""Answer a question, and continue the answer: more quotes, all dates, the context of a quote."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from bot.answers import views
from bot.answers.callbacks import AnswerCallback
from bot.answers.quote_actions import text_digest
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import ALL_DATES, archive_stats_text
from bot.i18n.translations import translator
from bot.telegram.inbox import AnswerState, Conversation, QuotedPassage
from bot.telegram.message import Buttons
from bot.telegram.reply import Reply, say
from bot.views.quotes import group_by_article
from index.answering import EncodedQuestion
from index.archive import Archive
from index.models import Answer, DateWindow, Quote

QUOTES_PER_ANSWER = 3
"""The number of quotes in one message."""
QUOTES_PER_PART = 1
"""The number of quotes for each question of a message with several."""
MAX_QUOTES = 60
"""The largest number of quotes shown for one question, over all its continuations."""
LATE_AFTER = timedelta(hours=1)
"""The answer to a question that waited longer begins with an apology."""


def answer_question(
    archive: Archive,
    encoded: EncodedQuestion,
    lang: UiLanguage,
    update_id: int,
    chat_id: int,
    *,
    waited: timedelta,
    actor_id: int | None = None,
    conversation: Conversation | None = None,
    repeats_question: bool = False,
) -> Reply:
    """Answer a question asked in `chat_id` by the update `update_id`.

    `repeats_question` puts the question above the answer, for one that was asked by a button.

    `waited` is the time since the question was sent. `conversation` is what `actor_id` asked before
    and the question may have leaned on.
    """
    leans_on = conversation if encoded.after else None
    state = AnswerState(
        chat=chat_id,
        question=encoded.question,
        shown=(),
        actor=actor_id,
        understood=encoded.understood,
        lang=lang,
        after=(leans_on.question,) if leans_on else (),
        related_articles=leans_on.article_ids if leans_on else (),
    )
    return _build_answer_reply(
        archive,
        encoded,
        state,
        lang,
        update_id,
        late=waited > LATE_AFTER,
        repeats_question=repeats_question,
    )


def answer_several(
    archive: Archive,
    encoded_questions: Sequence[EncodedQuestion],
    message: str,
    lang: UiLanguage,
    update_id: int,
    chat_id: int,
    *,
    waited: timedelta,
) -> Reply:
    """Answer each question of a message with several, briefly, in one message."""
    answers = [archive.answer(encoded, limit=QUOTES_PER_PART + 1) for encoded in encoded_questions]
    rendered = views.render_parts(
        answers,
        lang,
        update_id,
        quotes_per_part=QUOTES_PER_PART,
        late=waited > LATE_AFTER,
        find_names=archive.find_names,
    )
    quotes = [quote for answer in answers for quote in answer.quotes[:QUOTES_PER_PART]]
    state = AnswerState(
        chat=chat_id,
        question=message,
        lang=lang,
        shown=quoted_passages(quotes[: rendered.quote_count]),
    )
    return Reply(rendered.message, state)


def search_again(
    archive: Archive,
    encoded: EncodedQuestion,
    state: AnswerState,
    previous_update_id: int,
    lang: UiLanguage,
    update_id: int,
) -> Reply:
    """Answer the question of the update `previous_update_id` again, as `state` says."""
    reply = _build_answer_reply(
        archive,
        encoded,
        AnswerState(
            chat=state.chat,
            question=state.question,
            shown=(),
            window=state.window,
            sources=state.sources,
            literal=state.literal,
            newest=state.newest,
            actor=state.actor,
            understood=encoded.understood,
            after=state.after,
            related_articles=state.related_articles,
            lang=state.lang,
            continues=previous_update_id,
        ),
        lang,
        update_id,
        late=False,
    )
    return reply._replace(remaining_buttons=_remaining_buttons(state, lang, previous_update_id))


def search_source(
    archive: Archive,
    encoded: EncodedQuestion,
    state: AnswerState,
    source: str,
    lang: UiLanguage,
    update_id: int,
) -> Reply:
    """Answer the question of an answer again, from one source alone."""
    state = state.model_copy(
        update={
            "shown": (),
            "earlier": (),
            "sources": (source,),
            "near": False,
            "on_subject": False,
            "continues": None,
            "continued_by": None,
        }
    )
    return _build_answer_reply(archive, encoded, state, lang, update_id, late=False)


def change_search(state: AnswerState, callback: AnswerCallback) -> AnswerState:
    """Return the state of an answer with the search that a button asks for."""
    changes: dict[str, Any] = {}
    match callback:
        case AnswerCallback(action="all"):
            changes = {"window": ALL_DATES}
        case AnswerCallback(action="sources"):
            changes = {"sources": ()}
        case AnswerCallback(action="literal"):
            changes = {"literal": True}
        case AnswerCallback(action="latest"):
            changes = {"on_subject": True}
        case AnswerCallback(action="nearest"):
            changes = {"on_subject": False}
        case AnswerCallback(action="newest"):
            changes = {"newest": True}
        case AnswerCallback(action="year", year=int(year)):
            changes = {"window": DateWindow(since=date(year, 1, 1), until=date(year, 12, 31))}
        case AnswerCallback(action="month", year=int(year), month=int(month)):
            last_day = calendar.monthrange(year, month)[1]
            changes = {
                "window": DateWindow(since=date(year, month, 1), until=date(year, month, last_day))
            }
    return state.model_copy(update=changes)


def more_quotes(
    archive: Archive,
    encoded: EncodedQuestion,
    state: AnswerState,
    previous_update_id: int,
    lang: UiLanguage,
    update_id: int,
) -> Reply:
    """Show the quotes that follow those of the answer to the update `previous_update_id`."""
    shown_before = state.earlier + state.shown
    digests = {passage.digest for passage in shown_before}
    answer = _find_answer(archive, encoded, state, len(shown_before) + QUOTES_PER_ANSWER + 1)
    candidates = answer.quotes + answer.nearest
    new_quotes = tuple(quote for quote in candidates if text_digest(quote.text) not in digests)
    offers = views.Offers.for_answer(answer)
    if not new_quotes:
        remaining_buttons = _remaining_buttons(
            state, lang, previous_update_id
        ) + views.follow_up_buttons(lang, previous_update_id, offers)
        return say(translator(lang).gettext("There are no more quotes."))._replace(
            remaining_buttons=remaining_buttons
        )
    shows_nearest = not new_quotes[0].answers
    alike = [quote for quote in new_quotes if quote.answers is not shows_nearest]
    shown_now = group_by_article(alike[:QUOTES_PER_ANSWER])
    has_more = (
        len(new_quotes) > len(shown_now) and len(shown_before) + QUOTES_PER_ANSWER < MAX_QUOTES
    )
    first_number = len(shown_before) + 1
    if shows_nearest:
        answer = answer.model_copy(update={"nearest": shown_now})
        rendered = _render_nearest(
            archive,
            encoded,
            answer,
            state,
            lang,
            update_id,
            has_more=has_more,
            first_number=first_number,
        )
    else:
        rendered = views.render_quotes(
            [],
            shown_now,
            lang,
            update_id,
            first_number=first_number,
            has_more=has_more,
            offers=offers,
            find_names=archive.find_names,
        )
    next_state = state.model_copy(
        update={**_scope_of(answer), "earlier": shown_before, "near": shows_nearest}
    )
    return _continuation_reply(rendered, shown_now, next_state, state, previous_update_id, lang)


def nearest_passages(
    archive: Archive,
    encoded: EncodedQuestion,
    state: AnswerState,
    previous_update_id: int,
    lang: UiLanguage,
    update_id: int,
) -> Reply:
    """Show the passages nearest to a question without an answer, or the newest on its subject."""
    answer = _find_answer(archive, encoded, state, QUOTES_PER_ANSWER + 1)
    if answer.answered or not answer.nearest:  # the archive has changed since
        return search_again(archive, encoded, state, previous_update_id, lang, update_id)
    has_more = len(answer.nearest) > QUOTES_PER_ANSWER
    nearest = group_by_article(answer.nearest[:QUOTES_PER_ANSWER])
    answer = answer.model_copy(update={"nearest": nearest})
    rendered = _render_nearest(archive, encoded, answer, state, lang, update_id, has_more=has_more)
    next_state = state.model_copy(update={**_scope_of(answer), "near": True, "earlier": ()})
    return _continuation_reply(
        rendered, answer.nearest, next_state, state, previous_update_id, lang
    )


def about(archive: Archive, lang: UiLanguage) -> Reply:
    """Describe the bot and the contents of its archive."""
    about = translator(lang).gettext(
        "An archive of news on Libya, quoted word for word. Nothing is generated."
    )
    return say(f"{about}\n\n{archive_stats_text(archive.stats(), lang)}")


def _continuation_reply(
    rendered: views.RenderedAnswer,
    quotes: Sequence[Quote],
    next_state: AnswerState,
    state: AnswerState,
    previous_update_id: int,
    lang: UiLanguage,
) -> Reply:
    """Return the reply that shows the rendered `quotes` and continues the answer of `state`."""
    next_state = next_state.model_copy(
        update={
            "shown": quoted_passages(quotes[: rendered.quote_count]),
            "continues": previous_update_id,
            "continued_by": None,
        }
    )
    return Reply(
        rendered.message,
        next_state,
        remaining_buttons=_remaining_buttons(state, lang, previous_update_id),
    )


def _build_answer_reply(
    archive: Archive,
    encoded: EncodedQuestion,
    state: AnswerState,
    lang: UiLanguage,
    update_id: int,
    *,
    late: bool,
    repeats_question: bool = False,
) -> Reply:
    answer = _find_answer(archive, encoded, state, QUOTES_PER_ANSWER + 1)
    state = state.model_copy(update=_scope_of(answer))
    if not answer.answered:
        message = views.render_no_answer(
            answer,
            archive.stats(),
            lang,
            update_id,
            late=late,
            has_newest=_has_newest(archive, encoded, answer),
        )
        return Reply(message, state)
    has_more = len(answer.quotes) > QUOTES_PER_ANSWER or bool(answer.nearest)
    quotes = group_by_article(answer.quotes[:QUOTES_PER_ANSWER])
    answer = answer.model_copy(update={"quotes": quotes})
    rendered = views.render_answer(
        answer,
        lang,
        update_id,
        late=late,
        has_more=has_more,
        repeats_question=repeats_question,
        periods=views.recent_periods(quotes, archive.today(), archive.stats()),
        find_names=archive.find_names,
    )
    quoted = quoted_passages(answer.quotes[: rendered.quote_count])
    return Reply(rendered.message, state.model_copy(update={"shown": quoted}))


def _find_answer(
    archive: Archive, encoded: EncodedQuestion, state: AnswerState, limit: int
) -> Answer:
    """Answer as `state` says, and name its dates in the answer if there are any."""
    if state.on_subject:
        answer = archive.find_newest_on_subject(encoded, limit=limit, sources=state.sources)
    else:
        answer = archive.answer(
            encoded, limit=limit, window=state.window, sources=state.sources, newest=state.newest
        )
    return answer.model_copy(update={"window": state.window or answer.window})


def _render_nearest(
    archive: Archive,
    encoded: EncodedQuestion,
    answer: Answer,
    state: AnswerState,
    lang: UiLanguage,
    update_id: int,
    *,
    has_more: bool,
    first_number: int = 1,
) -> views.RenderedAnswer:
    """Render the nearest passages of an answer, with the way to the others that `state` leaves."""
    return views.render_nearest(
        answer,
        lang,
        update_id,
        has_more=has_more,
        first_number=first_number,
        find_names=archive.find_names,
        on_subject=state.on_subject,
        has_newest=not state.on_subject and _has_newest(archive, encoded, answer),
    )


def _has_newest(archive: Archive, encoded: EncodedQuestion, answer: Answer) -> bool:
    """Return whether the archive has dated articles on the subject of a question."""
    sources = answer.sources or ()
    return bool(archive.find_newest_on_subject(encoded, limit=1, sources=sources).nearest)


def _scope_of(answer: Answer) -> dict[str, Any]:
    """Return the fields of an `AnswerState` by which its continuations search the same articles."""
    return {"window": answer.window, **({"sources": answer.sources} if answer.sources else {})}


def _remaining_buttons(state: AnswerState, lang: UiLanguage, previous_update_id: int) -> Buttons:
    """Return the buttons that stay below an answer once it has been continued."""
    return views.context_buttons(
        len(state.shown), lang, previous_update_id, first_number=len(state.earlier) + 1
    )


def quoted_passages(quotes: Sequence[Quote]) -> tuple[QuotedPassage, ...]:
    """Return the passages of quotes as the state of an answer keeps them."""
    return tuple(
        QuotedPassage(
            article_id=quote.article.id,
            start=quote.start,
            end=quote.end,
            digest=text_digest(quote.text),
        )
        for quote in quotes
    )
