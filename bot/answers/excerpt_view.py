"""Render the context of a quote, and the pages of an article."""

from __future__ import annotations

from bot.answers.callbacks import QuoteCallback
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    Button,
    OutgoingMessage,
    blockquote,
    bold,
    join_html,
    plain_text,
    truncate,
    utf16_length,
)
from bot.views.quotes import render_citation
from index.models import Article, Excerpt
from index.text.segmentation.sentences import split_sentences

_MAX_TEXT_UNITS = MAX_MESSAGE_LENGTH - 800
"""The longest text in UTF-16 units; the rest of the message is left for the citation."""


def render_excerpt(
    excerpt: Excerpt, lang: UiLanguage, full_text_callback: QuoteCallback | None
) -> OutgoingMessage:
    """Render an excerpt with its quote in bold.

    `full_text_callback` is the data of a button that shows the article; None leaves it out. A text
    that is too long is reduced to the quote, and that is truncated if it is still too long.
    """
    article_text = excerpt.article.text
    (start, end), (first, last) = (excerpt.start, excerpt.end), excerpt.quoted
    if utf16_length(article_text[start:end]) > _MAX_TEXT_UNITS:
        start, end = first, last
    parts = [
        plain_text(article_text[start:first]),
        bold(plain_text(article_text[first:last])),
        plain_text(article_text[last:end]),
    ]
    if excerpt.before or start > excerpt.start:
        parts.insert(0, plain_text("… "))
    if excerpt.after or end < excerpt.end:
        parts.append(plain_text(" …"))
    if utf16_length(article_text[start:end]) > _MAX_TEXT_UNITS:
        parts = [plain_text(truncate(article_text[first:last], _MAX_TEXT_UNITS))]
    title = bold(plain_text(translator(lang).gettext("The quote where it stands in its article:")))
    body = join_html(
        [title, blockquote(join_html(parts)), render_citation(excerpt.article, lang)], "\n"
    )
    buttons = (
        # Translators: Button.
        ((Button(translator(lang).gettext("Full text"), full_text_callback.pack()),),)
        if full_text_callback
        else ()
    )
    return OutgoingMessage(body, buttons)


def split_into_pages(article_text: str) -> list[str]:
    """Split a text into parts that each fit in a message, at sentence boundaries if possible.

    Every visible character is in exactly one part. A part that ends inside a sentence ends with
    "…".
    """
    parts: list[str] = []
    start = end = 0
    for sentence in split_sentences(article_text):
        if end and utf16_length(article_text[start : sentence.end]) <= _MAX_TEXT_UNITS:
            end = sentence.end
            continue
        parts.append(article_text[start:end])
        start, end = sentence
        while utf16_length(article_text[start:end]) > _MAX_TEXT_UNITS:
            piece = truncate(article_text[start:end], _MAX_TEXT_UNITS)
            parts.append(piece)
            start += len(piece) - 1
            start += len(article_text[start:end]) - len(article_text[start:end].lstrip())
    return [part for part in (*parts, article_text[start:end]) if part]


def render_page(
    article: Article, page_index: int, lang: UiLanguage, page_callback: QuoteCallback
) -> OutgoingMessage:
    """Render one page of an article; `page_index` counts from 0 and is clamped to the pages.

    The buttons of the other pages carry `page_callback` with their page.
    """
    parts = split_into_pages(article.text)
    page_index = min(max(page_index, 0), len(parts) - 1)
    heading = (
        # Translators: {page}: a page number; {pages}: the number of pages.
        translator(lang).gettext("{page} of {pages}").format(page=page_index + 1, pages=len(parts))
    )
    body = [blockquote(plain_text(parts[page_index])), render_citation(article, lang)]
    row = []
    if page_index > 0:
        row.append(_page_button("◀", page_callback, page_index - 1))
    if page_index + 1 < len(parts):
        row.append(_page_button("▶", page_callback, page_index + 1))
    if len(parts) > 1:
        body.insert(0, bold(plain_text(heading)))
    return OutgoingMessage(join_html(body, "\n"), (tuple(row),) if row else ())


def _page_button(label: str, page_callback: QuoteCallback, page_index: int) -> Button:
    return Button(label, page_callback.model_copy(update={"page": page_index}).pack())
