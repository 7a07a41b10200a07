"""Render quotes as the results of an inline query."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n.formats import source_text
from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import is_partly_highlighted, publication_date_text, strip_controls
from bot.i18n.translations import translator
from bot.telegram.inline import MAX_RESULTS, InlineResult, StartButton
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    HtmlText,
    blockquote,
    bold,
    join_html,
    plain_text,
    truncate,
    utf16_length,
)
from bot.views.quotes import render_citation
from index.models import Quote

START_PAYLOAD = "inline"
"""The payload of /start when it comes from inline mode."""
_MAX_TITLE_UNITS = 100
_MAX_DESCRIPTION_UNITS = 200
_MAX_QUOTE_UNITS = MAX_MESSAGE_LENGTH - 600
"""The longest quote; the rest of the message is left for the citation."""


def render_results(quotes: Sequence[Quote], lang: UiLanguage) -> tuple[InlineResult, ...]:
    """Return the first quotes as results, each once."""
    unique = {f"{quote.article.number}-{quote.start}": quote for quote in quotes}
    return tuple(
        InlineResult(
            result_id,
            _title(quote, lang),
            truncate(_one_line(quote.text[slice(*quote.highlight)]), _MAX_DESCRIPTION_UNITS),
            _render_content(quote, lang),
        )
        for result_id, quote in list(unique.items())[:MAX_RESULTS]
    )


def question_button(lang: UiLanguage) -> StartButton:
    """Return the button that opens the bot instead of an answer to small talk."""
    # Translators: Button. It opens the private chat with the bot.
    return StartButton(translator(lang).gettext("Ask the bot a question"), START_PAYLOAD)


def no_answer_button(lang: UiLanguage) -> StartButton:
    """Return the button that says that nothing answers, and opens the bot."""
    # Translators: Button. It opens the private chat with the bot.
    return StartButton(translator(lang).gettext("No answer found: ask the bot"), START_PAYLOAD)


def _title(quote: Quote, lang: UiLanguage) -> str:
    runs = source_text(quote.article.source, lang), publication_date_text(quote.article, lang)
    return truncate(_one_line(" · ".join(runs)), _MAX_TITLE_UNITS)


def _one_line(text: str) -> str:
    return " ".join(strip_controls(text).split())


def _render_content(quote: Quote, lang: UiLanguage) -> HtmlText:
    """Render a quote in a block, its best sentence in bold, with its citation below it.

    A quote that is too long is truncated, without bold.
    """
    text = quote.text
    start, end = quote.highlight if is_partly_highlighted(quote) else (0, 0)
    if utf16_length(text) > _MAX_QUOTE_UNITS:
        text, start, end = truncate(text, _MAX_QUOTE_UNITS), 0, 0
    best = plain_text(text[start:end])
    parts = [plain_text(text[:start]), bold(best) if end else best, plain_text(text[end:])]
    return join_html([blockquote(join_html(parts)), render_citation(quote.article, lang)], "\n")
