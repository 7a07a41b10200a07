"""A message as Telegram takes it: HTML that keeps within its limits, and buttons below it.

What Telegram counts is what is left when the HTML is parsed, in UTF-16 units; so each piece of text
carries its own count, and a message is put together from pieces that fit. The limits are those of
https://core.telegram.org/bots/api.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from telegram.constants import MessageLimit

from bot.i18n.phrases import isolate, strip_controls

MAX_MESSAGE_LENGTH = int(MessageLimit.MAX_TEXT_LENGTH)
"""UTF-16 units of a message, after its HTML was parsed."""
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
"""Telegram drops what comes after so many entities (bold, links, quotes) without a word."""
MAX_URL_LENGTH = 2_000
"""Characters of an address that is still made a link."""
MIN_EXPANDABLE_UNITS = 400
"""UTF-16 units from which on a quote is folded, with an arrow to open it."""


class HtmlText(NamedTuple):
    """A piece of HTML, with what Telegram will count of it."""

    html: str
    utf16_units: int
    entities: int = 0

    def fits(self) -> bool:
        """Say whether a message can be this long."""
        return self.utf16_units <= MAX_MESSAGE_LENGTH and self.entities <= MAX_ENTITIES


class Button(NamedTuple):
    """A button below a message.

    `callback_data` (at most 64 bytes) comes back when it is pressed.
    """

    label: str
    callback_data: str


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


class OutgoingMessage(NamedTuple):
    """A whole message."""

    text: HtmlText
    buttons: Buttons = ()


def plain_text(text: str) -> HtmlText:
    """Return words as they are, escaped."""
    cleaned = strip_controls(text)
    return HtmlText(escape(cleaned, quote=False), utf16_length(cleaned))


def trusted_text(text: str) -> HtmlText:
    """Return the bot's own words, which may set their direction."""
    return HtmlText(escape(text, quote=False), utf16_length(text))


def bidi_isolate(piece: HtmlText) -> HtmlText:
    """Return a run whose direction touches nothing around it."""
    return HtmlText(
        isolate(piece.html), piece.utf16_units + utf16_length(isolate("")), piece.entities
    )


def join_html(pieces: Iterable[HtmlText], separator: str = "") -> HtmlText:
    """Return the pieces one after another."""
    pieces = list(pieces)
    gaps = max(0, len(pieces) - 1)
    return HtmlText(
        escape(separator, quote=False).join(piece.html for piece in pieces),
        sum(piece.utf16_units for piece in pieces) + gaps * utf16_length(separator),
        sum(piece.entities for piece in pieces),
    )


def bold(piece: HtmlText) -> HtmlText:
    """Return a piece in bold letters."""
    return HtmlText(f"<b>{piece.html}</b>", piece.utf16_units, piece.entities + 1)


def blockquote(piece: HtmlText) -> HtmlText:
    """Return a piece as a quote; a long one is folded."""
    expandable = " expandable" if piece.utf16_units >= MIN_EXPANDABLE_UNITS else ""
    return HtmlText(
        f"<blockquote{expandable}>{piece.html}</blockquote>", piece.utf16_units, piece.entities + 1
    )


def link(label: str, url: str) -> HtmlText:
    """Return a label that leads to an address."""
    label_html = plain_text(label)
    return HtmlText(
        f'<a href="{escape(url)}">{label_html.html}</a>',
        label_html.utf16_units,
        label_html.entities + 1,
    )


def utf16_length(text: str) -> int:
    """Return how many UTF-16 units `text` take."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, max_units: int) -> str:
    """Return `text`, cut so that no more than `utf16_units` are taken, with "…" where they are cut."""
    if utf16_length(text) <= max_units:
        return text
    taken = 0
    for position, char in enumerate(text):
        taken += utf16_length(char)
        if taken > max_units - 1:
            return f"{text[:position].rstrip()}…"
    return text
