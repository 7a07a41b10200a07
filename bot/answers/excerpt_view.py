"""Render the context of a quote, its citation, and the pages of its article."""

from __future__ import annotations

import re
from typing import Literal
from urllib.parse import urlencode

from bot.answers.callbacks import QuoteCallback
from bot.answers.citations import bibtex_entry, citation_text
from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from bot.telegram.message import (
    MAX_COPIED_LENGTH,
    MAX_MESSAGE_LENGTH,
    MAX_URL_LENGTH,
    Button,
    Buttons,
    OutgoingMessage,
    blockquote,
    bold,
    join_html,
    monospaced,
    plain_text,
    truncate,
    utf16_length,
)
from bot.views.quotes import render_citation
from index.models import Article, Excerpt
from index.text.segmentation.sentences import split_sentences

_MAX_TEXT_UNITS = MAX_MESSAGE_LENGTH - 800
"""The longest text in UTF-16 units; the rest of the message is left for the citation."""

_BUTTON_URL = re.compile(r"https?://([a-z0-9-]+\.)+[a-z]{2,}(:\d+)?([/?#][!-~]*)?", re.IGNORECASE)
"""Addresses that Telegram takes for a button; for any other it refuses the whole message."""


def render_excerpt(excerpt: Excerpt, lang: UiLanguage, buttons: Buttons = ()) -> OutgoingMessage:
    """Render an excerpt with its quote in bold.

    A text that is too long is reduced to the quote, and that is truncated if it is still too long.
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
    title = bold(plain_text(translator(lang).gettext("The quote in its context:")))
    body = join_html(
        [title, blockquote(join_html(parts)), render_citation(excerpt.article, lang)], "\n"
    )
    return OutgoingMessage(body, buttons)


def quote_buttons(
    article: Article,
    lang: UiLanguage,
    callback: QuoteCallback,
    deep_link: str,
    *,
    has_full_text: bool,
    searches_source: bool,
) -> Buttons:
    """Return the buttons of a quote; each carries `callback` with its own action.

    They show its article, the original page, its citation, and other quotes of its source, and
    share `deep_link`, which opens this quote.
    """
    _ = translator(lang).gettext

    def pack(action: Literal["page", "cite", "source"]) -> str:
        return callback.model_copy(update={"action": action, "page": None}).pack()

    article_row = []
    if has_full_text:
        # Translators: Button.
        article_row.append(Button(_("Full text"), pack("page")))
    if article.url and len(article.url) <= MAX_URL_LENGTH and _BUTTON_URL.fullmatch(article.url):
        # Translators: Button. It opens the page of the newspaper.
        article_row.append(Button(_("Original ↗"), url=article.url))
    share_url = f"https://t.me/share/url?{urlencode({'url': deep_link})}"
    quote_row = [
        # Translators: Button. It shows the citation of the quote, to be copied.
        Button(_("Cite"), pack("cite")),
        # Translators: Button. It shares a link to the quote.
        Button(_("Share"), url=share_url),
    ]
    source_row = []
    if searches_source:
        # Translators: Button. It asks the question again of this source alone.
        source_row.append(Button(_("Only this source"), pack("source")))
    return tuple(tuple(row) for row in (article_row, quote_row, source_row) if row)


def render_citations(article: Article, lang: UiLanguage) -> OutgoingMessage:
    """Render the citation of an article and its BibTeX entry, with buttons that copy them."""
    _ = translator(lang).gettext
    citation, entry = citation_text(article, lang), bibtex_entry(article)
    # Translators: Button.
    labels = ((_("Copy the citation"), citation), (_("Copy BibTeX"), entry))
    row = tuple(
        Button(label, copied_text=text) for label, text in labels if len(text) <= MAX_COPIED_LENGTH
    )
    pieces = [
        monospaced(plain_text(truncate(text, _MAX_TEXT_UNITS // 2))) for text in (citation, entry)
    ]
    return OutgoingMessage(join_html(pieces, "\n\n"), (row,) if row else ())


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
        translator(lang)
        # Translators: {page}: a page number; {pages}: the number of pages.
        .gettext("Page {page} of {pages}")
        .format(page=page_index + 1, pages=len(parts))
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
    callback = page_callback.model_copy(update={"action": "page", "page": page_index})
    return Button(label, callback.pack())
