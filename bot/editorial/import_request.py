"""What an editor's message asks to be added: links, a document, or a text: pure."""

from __future__ import annotations

from typing import NamedTuple

from bot.telegram.message_content import FileRef, ForwardOrigin, MessageContent
from index.urls import addresses_in

_FEW_WORDS = 10
"""With so few words beside them, links are what is meant; with more, the text is."""


class ImportRequest(NamedTuple):
    """What is to be added: the pages at `links`, or else the document, or else the text."""

    links: tuple[str, ...] = ()
    file: FileRef | None = None
    text: str | None = None
    origin: ForwardOrigin | None = None


def of_material(material: MessageContent) -> ImportRequest | None:
    """Return what a message asks to be added; None where there is nothing in it."""
    if material.file:
        return ImportRequest(file=material.file, origin=material.origin)
    if material.text is None or not material.text.strip():
        return None
    return of_text(material.text, material.hidden_links, material.origin)


def of_text(
    text: str, hidden_links: tuple[str, ...] = (), origin: ForwardOrigin | None = None
) -> ImportRequest:
    """Return what words ask to be added: the links in them, or themselves."""
    links = tuple(dict.fromkeys((*addresses_in(text), *hidden_links)))
    beside = _beside(text, links).split()
    if links and (len(beside) < _FEW_WORDS if origin is None else not beside):
        return ImportRequest(links=links)
    return ImportRequest(text=text, origin=origin)


def is_only_links(text: str) -> bool:
    """Say whether a message is nothing but links."""
    links = addresses_in(text)
    return bool(links) and not any(map(str.isalnum, _beside(text, tuple(links))))


def _beside(text: str, links: tuple[str, ...]) -> str:
    for link in sorted(links, key=len, reverse=True):
        text = text.replace(link, " ")
    return text
