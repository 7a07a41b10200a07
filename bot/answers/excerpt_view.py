"""The lines around a quote, and an article page by page."""

from __future__ import annotations

from bot.answers.views import citation
from bot.i18n.catalogue import WORDS, UiLanguage
from bot.telegram.message import (
    MAX_MESSAGE_LENGTH,
    Button,
    OutgoingMessage,
    blockquote,
    bold,
    clipped,
    joined,
    text,
    utf16,
)
from index.models import Article, Excerpt
from index.text.segmentation.sentences import sentences

_ROOM = MAX_MESSAGE_LENGTH - 800
"""What the text may take beside the citation."""


def excerpt(shown: Excerpt, lang: UiLanguage, full_text: str | None) -> OutgoingMessage:
    """Lay out an excerpt, the quote in bold; `full_text` is the data of a button to the whole."""
    words = shown.article.text
    (start, end), (first, last) = (shown.start, shown.end), shown.quoted
    if utf16(words[start:end]) > _ROOM:
        start, end = first, last
    parts = [text(words[start:first]), bold(text(words[first:last])), text(words[last:end])]
    if shown.before or start > shown.start:
        parts.insert(0, text("… "))
    if shown.after or end < shown.end:
        parts.append(text(" …"))
    if utf16(words[start:end]) > _ROOM:
        parts = [text(clipped(words[first:last], _ROOM))]
    title = bold(text(WORDS[lang]["around title"]))
    laid = joined([title, blockquote(joined(parts)), citation(shown.article, lang)], "\n")
    whole = ((Button(WORDS[lang]["full text"], full_text),),) if full_text else ()
    return OutgoingMessage(laid, whole)


def pages(article_text: str) -> list[str]:
    """Divide a text into parts that each fit a message, between sentences where that can be.

    Every character that can be seen is in exactly one part. A part that ends inside a sentence ends
    with "…".
    """
    found: list[str] = []
    start = end = 0
    for sentence in sentences(article_text):
        if end and utf16(article_text[start : sentence.end]) <= _ROOM:
            end = sentence.end
            continue
        found.append(article_text[start:end])
        start, end = sentence
        while utf16(article_text[start:end]) > _ROOM:
            piece = clipped(article_text[start:end], _ROOM)
            found.append(piece)
            start += len(piece) - 1
            start += len(article_text[start:end]) - len(article_text[start:end].lstrip())
    return [part for part in (*found, article_text[start:end]) if part]


def page(article: Article, number: int, lang: UiLanguage, data: str) -> OutgoingMessage:
    """Lay out one page (from 0) of an article; `data` and a number lead to the other pages."""
    parts = pages(article.text)
    number = min(max(number, 0), len(parts) - 1)
    said = WORDS[lang]["page"].format(page=number + 1, pages=len(parts))
    body = [blockquote(text(parts[number])), citation(article, lang)]
    row = []
    if number > 0:
        row.append(Button("◀", f"{data}:{number - 1}"))
    if number + 1 < len(parts):
        row.append(Button("▶", f"{data}:{number + 1}"))
    if len(parts) > 1:
        body.insert(0, bold(text(said)))
    return OutgoingMessage(joined(body, "\n"), (tuple(row),) if row else ())
