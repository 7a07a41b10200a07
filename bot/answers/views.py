"""Render an answer as a message: each quote in a block, its best sentence in bold, its citation.

Without an answer, the message says so, and buttons offer other searches.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.answers.callbacks import AnswerCallback, QuoteCallback
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import (
    answer_heading,
    archive_stats_text,
    is_narrow,
    nearest_lines,
    no_answer_lines,
    searched_dates_lines,
)
from bot.i18n.translations import translator
from bot.telegram.message import (
    Button,
    Buttons,
    OutgoingMessage,
    bold,
    join_html,
    plain_text,
    trusted_text,
)
from bot.views.quotes import render_quote
from index.models import Answer, ArchiveStats, Quote


class RenderedAnswer(NamedTuple):
    """A message, and the number of quotes that fit in it."""

    message: OutgoingMessage
    quote_count: int


def render_answer(
    answer: Answer, lang: UiLanguage, update_id: int, *, late: bool, has_more: bool
) -> RenderedAnswer:
    """Render an answer to the update `update_id`.

    `late` adds an apology; `has_more` says that there are more quotes than those of `answer`.
    """
    heading = [
        *_apology_lines(lang, late=late),
        *searched_dates_lines(answer, lang),
        answer_heading(answer, lang),
    ]
    can_widen = is_narrow(answer.window)
    return render_quotes(
        heading, answer.quotes, lang, update_id, has_more=has_more, can_widen=can_widen
    )


def render_no_answer(
    answer: Answer, stats: ArchiveStats, lang: UiLanguage, update_id: int, *, late: bool
) -> OutgoingMessage:
    """Say that there is no answer, describe the archive, and offer other searches as buttons."""
    lines = _apology_lines(lang, late=late)
    if not stats.articles:
        return OutgoingMessage(trusted_text("\n\n".join([*lines, archive_stats_text(stats, lang)])))
    lines += [*no_answer_lines(answer, lang), archive_stats_text(stats, lang)]
    buttons = follow_up_buttons(
        lang,
        update_id,
        offer_nearest=bool(answer.nearest),
        offer_all_dates=is_narrow(answer.window),
    )
    return OutgoingMessage(trusted_text("\n\n".join(lines)), buttons)


def render_nearest(
    answer: Answer, lang: UiLanguage, update_id: int, *, has_more: bool, first_number: int = 1
) -> RenderedAnswer:
    """Render the passages nearest to a question without an answer, labelled as such."""
    can_widen = is_narrow(answer.window)
    heading = nearest_lines(answer, lang)
    return render_quotes(
        heading,
        answer.nearest,
        lang,
        update_id,
        first_number=first_number,
        has_more=has_more,
        can_widen=can_widen,
    )


def render_quotes(
    heading: Sequence[str],
    quotes: Sequence[Quote],
    lang: UiLanguage,
    update_id: int,
    *,
    first_number: int = 1,
    has_more: bool = False,
    can_widen: bool = False,
) -> RenderedAnswer:
    """Render the quotes that fit below `heading`, at least one.

    The quotes are numbered from `first_number`.
    """
    title = join_html([bold(plain_text(line)) for line in heading], "\n")
    blocks = [title] if heading else []
    count = 0
    for number, quote in enumerate(quotes, first_number):
        block = render_quote(number, quote, lang)
        if count and not join_html([*blocks, block], "\n\n").fits():
            break
        blocks.append(block)
        count += 1
    has_more = has_more or count < len(quotes)
    follow_ups = follow_up_buttons(lang, update_id, offer_more=has_more, offer_all_dates=can_widen)
    message = OutgoingMessage(
        join_html(blocks, "\n\n"),
        (*context_buttons(count, lang, update_id, first_number=first_number), *follow_ups),
    )
    return RenderedAnswer(message, count)


def context_buttons(count: int, lang: UiLanguage, update_id: int, *, first_number: int) -> Buttons:
    """Return one row of buttons, which show the context of each of `count` quotes."""
    # Translators: Button. {number}: the quote's number.
    label = translator(lang).gettext("Around {number}")
    row = tuple(
        Button(
            label.format(number=first_number + index),
            QuoteCallback(action="around", update_id=update_id, quote_index=index).pack(),
        )
        for index in range(count)
    )
    return (row,) if row else ()


def follow_up_buttons(
    lang: UiLanguage,
    update_id: int,
    *,
    offer_more: bool = False,
    offer_nearest: bool = False,
    offer_all_dates: bool = False,
) -> Buttons:
    """Return the buttons that continue an answer, each in a row of its own."""
    _ = translator(lang).gettext
    more = AnswerCallback(action="more", update_id=update_id)
    nearest = AnswerCallback(action="nearest", update_id=update_id)
    all_dates = AnswerCallback(action="all", update_id=update_id)
    offers = (
        # Translators: Button.
        (offer_more, _("More quotes"), more),
        # Translators: Button.
        (offer_nearest, _("Nearest passages"), nearest),
        # Translators: Button.
        (offer_all_dates, _("Search all dates"), all_dates),
    )
    return tuple(
        (Button(label, callback.pack()),) for is_offered, label, callback in offers if is_offered
    )


def _apology_lines(lang: UiLanguage, *, late: bool) -> list[str]:
    return (
        [
            translator(lang).gettext(
                "Sorry: I was away when your question came. Here is the answer, late."
            )
        ]
        if late
        else []
    )
