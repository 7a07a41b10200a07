"""Render quotes word for word, each with its citation: source, date and link."""

from __future__ import annotations

from bot.i18n.languages import UiLanguage
from bot.i18n.phrases import citation_runs, is_partly_highlighted
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    MAX_URL_LENGTH,
    HtmlText,
    bidi_isolate,
    blockquote,
    bold,
    join_html,
    link,
    plain_text,
    truncate,
    utf16_length,
)
from index.models import Article, Quote

MAX_ALSO_REPORTED_BY = 3
"""The largest number of other articles with the same passage that are cited."""
_MAX_RUN_LENGTH = 150
_MAX_QUOTE_UNITS = MAX_MESSAGE_LENGTH - 1_500
"""The longest quote; the rest of the message is left for the lines above and below it."""
_VISIBLE_UNITS = 120
"""What a phone shows of a folded quote, at least: three lines of 40 characters."""
_MARKS = {"ar": "\u200f", "en": "\u200e", "fr": "\u200e"}
"""Direction marks (RLM, LRM): a line of isolates has no direction without a strong character."""


def render_quote(number: int, quote: Quote, lang: UiLanguage) -> HtmlText:
    """Render one quote, with its best sentence in bold, and its citation below it.

    A quote is not folded where that would hide a part of its best sentence. A quote that is too
    long is truncated, without bold.
    """
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
    may_fold = utf16_length(quote_text[:end]) <= _VISIBLE_UNITS
    lines = [
        blockquote(join_html(parts), may_fold=may_fold),
        render_citation(quote.article, lang, number),
    ]
    if quote.also:
        lines.append(_render_also_reported_by(quote, lang))
    return join_html(lines, "\n")


def render_citation(article: Article, lang: UiLanguage, number: int | None = None) -> HtmlText:
    """Render a citation on a line of its own: «2. source · 4 فبراير 2026، 12:51 · link»."""
    mark = _MARKS[lang]
    opening = mark if number is None else f"{mark}{number}. "
    return join_html([plain_text(opening), _render_citation_runs(article, lang)])


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
