"""Determine what an editor's message asks to add: links, a document or a text; pure."""

from __future__ import annotations

from typing import NamedTuple

from bot.telegram.message_content import FileRef, ForwardOrigin, MessageContent
from index.urls import find_urls

_MIN_TEXT_WORDS = 10
"""With fewer words beside them, links are the material; with more, the text is."""


class ImportRequest(NamedTuple):
    """Material to add: the pages at `links`, or else the document, or else the text."""

    links: tuple[str, ...] = ()
    file: FileRef | None = None
    text: str | None = None
    origin: ForwardOrigin | None = None


def request_from_content(content: MessageContent) -> ImportRequest | None:
    """Return what a message asks to add; None if it has no content."""
    if content.file:
        return ImportRequest(file=content.file, origin=content.origin)
    if content.text is None or not content.text.strip():
        return None
    return request_from_text(content.text, content.hidden_links, content.origin)


def request_from_text(
    text: str, hidden_links: tuple[str, ...] = (), origin: ForwardOrigin | None = None
) -> ImportRequest:
    """Return what a text asks to add: the links in it, or the text itself."""
    links = tuple(dict.fromkeys((*find_urls(text), *hidden_links)))
    other_words = _text_without_links(text, links).split()
    if links and (len(other_words) < _MIN_TEXT_WORDS if origin is None else not other_words):
        return ImportRequest(links=links)
    return ImportRequest(text=text, origin=origin)


def is_only_links(text: str) -> bool:
    """Return whether a message consists of links only."""
    links = find_urls(text)
    return bool(links) and not any(map(str.isalnum, _text_without_links(text, tuple(links))))


def _text_without_links(text: str, links: tuple[str, ...]) -> str:
    for link in sorted(links, key=len, reverse=True):
        text = text.replace(link, " ")
    return text
