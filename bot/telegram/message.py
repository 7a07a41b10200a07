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

from bot.i18n.phrases import isolated, visible

MAX_MESSAGE_LENGTH = int(MessageLimit.MAX_TEXT_LENGTH)
"""UTF-16 units of a message, after its HTML was parsed."""
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
"""Telegram drops what comes after so many entities (bold, links, quotes) without a word."""
MAX_URL_LENGTH = 2_000
"""Characters of an address that is still made a link."""
EXPANDABLE_FROM = 400
"""UTF-16 units from which on a quote is folded, with an arrow to open it."""


class HtmlText(NamedTuple):
    """A piece of HTML, with what Telegram will count of it."""

    html: str
    units: int
    entities: int = 0

    def fits(self) -> bool:
        """Say whether a message can be this long."""
        return self.units <= MAX_MESSAGE_LENGTH and self.entities <= MAX_ENTITIES


class Button(NamedTuple):
    """A button below a message; `data` (at most 64 bytes) comes back when it is pressed."""

    label: str
    data: str


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


class OutgoingMessage(NamedTuple):
    """A whole message."""

    text: HtmlText
    buttons: Buttons = ()


def text(words: str) -> HtmlText:
    """Return words as they are, escaped."""
    shown = visible(words)
    return HtmlText(escape(shown, quote=False), utf16(shown))


def trusted_text(words: str) -> HtmlText:
    """Return the bot's own words, which may set their direction."""
    return HtmlText(escape(words, quote=False), utf16(words))


def bidi_isolate(piece: HtmlText) -> HtmlText:
    """Return a run whose direction touches nothing around it."""
    return HtmlText(isolated(piece.html), piece.units + utf16(isolated("")), piece.entities)


def joined(pieces: Iterable[HtmlText], between: str = "") -> HtmlText:
    """Return the pieces one after another."""
    pieces = list(pieces)
    gaps = max(0, len(pieces) - 1)
    return HtmlText(
        escape(between, quote=False).join(piece.html for piece in pieces),
        sum(piece.units for piece in pieces) + gaps * utf16(between),
        sum(piece.entities for piece in pieces),
    )


def bold(piece: HtmlText) -> HtmlText:
    """Return a piece in bold letters."""
    return HtmlText(f"<b>{piece.html}</b>", piece.units, piece.entities + 1)


def blockquote(piece: HtmlText) -> HtmlText:
    """Return a piece as a quote; a long one is folded."""
    expandable = " expandable" if piece.units >= EXPANDABLE_FROM else ""
    return HtmlText(
        f"<blockquote{expandable}>{piece.html}</blockquote>", piece.units, piece.entities + 1
    )


def link(label: str, address: str) -> HtmlText:
    """Return a label that leads to an address."""
    shown = text(label)
    return HtmlText(
        f'<a href="{escape(address)}">{shown.html}</a>', shown.units, shown.entities + 1
    )


def utf16(words: str) -> int:
    """Return how many UTF-16 units `words` take."""
    return len(words.encode("utf-16-le", "surrogatepass")) // 2


def clipped(words: str, units: int) -> str:
    """Return `words`, cut so that no more than `units` are taken, with "…" where they are cut."""
    if utf16(words) <= units:
        return words
    taken = 0
    for number, char in enumerate(words):
        taken += utf16(char)
        if taken > units - 1:
            return f"{words[:number].rstrip()}…"
    return words
