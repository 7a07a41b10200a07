"""An answer as a message: each quote in a block, its best sentence bold, then source and date.

Where there is no answer, the message says so, and buttons lead on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from bot.i18n.languages import UiLanguage, match_ui_language
from bot.i18n.phrases import (
    archive_contents_text,
    citation_runs,
    is_narrow,
    is_partly_highlighted,
    no_answer_lines,
    searched_dates_lines,
)
from bot.i18n.phrases import nearest_lines as nearest_head
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    MAX_URL_LENGTH,
    Button,
    Buttons,
    HtmlText,
    OutgoingMessage,
    bidi_isolate,
    blockquote,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    trusted_text,
    utf16_length,
)
from index.models import Answer, ArchiveStats, Article, Quote

MAX_ALSO_REPORTED_BY = 3
"""How many other articles with the same passage are named."""
_MAX_RUN_LENGTH = 150
_MAX_QUOTE_UNITS = MAX_MESSAGE_LENGTH - 1_500
"""What a quote may take beside the lines above and below it."""
_MARKS = {"ar": "\u200f", "en": "\u200e", "fr": "\u200e"}
"""A line of isolates has no direction of its own: an invisible letter gives it one."""


class RenderedAnswer(NamedTuple):
    """A message, and how many of the quotes it shows; the others had no room in it."""

    message: OutgoingMessage
    quote_count: int


def render_answer(
    answer: Answer, lang: UiLanguage, update_id: int, *, late: bool, has_more: bool
) -> RenderedAnswer:
    """Lay out an answer.

    `update_id` is the update that asked, `has_more` whether there are more quotes.
    """
    _ = translator(lang).gettext
    heading = [
        *_apology_lines(lang, late=late),
        *searched_dates_lines(answer, lang),
        _("From the archive:"),
    ]
    can_widen = is_narrow(answer.window)
    return render_quotes(
        heading, answer.quotes, lang, update_id, has_more=has_more, can_widen=can_widen
    )


def render_no_answer(
    answer: Answer, stats: ArchiveStats, lang: UiLanguage, update_id: int, *, late: bool
) -> OutgoingMessage:
    """Say that the archive has no answer, and what it holds; buttons lead to what else there is."""
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
    """Lay out the passages nearest to a question without an answer, and call them that."""
    can_widen = is_narrow(answer.window)
    heading = nearest_head(answer, lang)
    return render_quotes(
        heading,
        answer.nearest,
        lang,
        update_id,
        first_number=first_number,
        has_more=has_more,
        can_widen=can_widen,
    )


def archive_stats_text(stats: ArchiveStats, lang: UiLanguage) -> str:
    """Say what the archive holds, to readers, who cannot add to it."""
    if not stats.articles:
        return translator(lang).gettext(
            "The archive is empty: no article has been added to it yet."
        )
    return archive_contents_text(stats, lang)


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
    """Lay out the quotes that have room below `heading`, at least one, numbered from `first_number`."""
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
    """Return the row of buttons that show the lines around each of `count` quotes."""
    # Translators: Button. {number}: the quote's number.
    label = translator(lang).gettext("Around {number}")
    row = tuple(
        Button(label.format(number=first_number + index), f"around:{update_id}:{index}")
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
    """Return the buttons that go on from an answer, of which one is taken: a row for each."""
    offers = {"more": offer_more, "nearest": offer_nearest, "all": offer_all_dates}
    _ = translator(lang).gettext
    labels = {
        # Translators: Button.
        "more": _("More quotes"),
        # Translators: Button.
        "nearest": _("Nearest passages"),
        # Translators: Button.
        "all": _("Search all dates"),
    }
    return tuple(
        (Button(labels[action], f"{action}:{update_id}"),)
        for action, is_offered in offers.items()
        if is_offered
    )


def render_quote(number: int, quote: Quote, lang: UiLanguage) -> HtmlText:
    """Lay out one quote, word for word, and its citation below it."""
    quote_text = quote.text
    start, end = quote.highlight if is_partly_highlighted(quote) else (0, 0)
    if utf16_length(quote_text) > _MAX_QUOTE_UNITS:
        quote_text, start, end = truncate(quote_text, _MAX_QUOTE_UNITS), 0, 0
    parts = [
        plain_text(quote_text[:start]),
        plain_text(quote_text[start:end]),
        plain_text(quote_text[end:]),
    ]
    if end:
        parts[1] = bold(parts[1])
    lines = [blockquote(join_html(parts)), render_citation(quote.article, lang, number)]
    if quote.also:
        lines.append(_render_also_reported_by(quote, lang))
    return join_html(lines, "\n")


def render_citation(article: Article, lang: UiLanguage, number: int | None = None) -> HtmlText:
    """Cite an article on a line of its own: «2. source · 4 فبراير 2026، 12:51 · link»."""
    mark = _MARKS[match_ui_language(article.language, lang)]
    opening = mark if number is None else f"{mark}{number}. "
    return join_html([plain_text(opening), _render_citation_runs(article, lang)])


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


def _render_citation_runs(article: Article, lang: UiLanguage) -> HtmlText:
    runs = [
        bidi_isolate(plain_text(truncate(run, _MAX_RUN_LENGTH)))
        for run in citation_runs(article, lang)
    ]
    if article.url and len(article.url) <= MAX_URL_LENGTH:
        runs.append(link(translator(lang).gettext("link"), article.url))
    return join_html(runs, " · ")


def _render_also_reported_by(quote: Quote, lang: UiLanguage) -> HtmlText:
    citations = [
        bidi_isolate(_render_citation_runs(article, lang))
        for article in quote.also[:MAX_ALSO_REPORTED_BY]
    ]
    unnamed_count = len(quote.also) - len(citations)
    if unnamed_count:
        citations.append(plain_text(f"+{unnamed_count}"))
    before, _separator, after = (
        # Translators: {sources}: citations of articles.
        translator(lang).gettext("Also carried by: {sources}").partition("{sources}")
    )
    return join_html([plain_text(before), join_html(citations, " · "), plain_text(after)])
