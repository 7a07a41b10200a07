"""Outgoing messages: HTML within Telegram's limits, and buttons.

Telegram counts the text that is left after parsing the HTML, in UTF-16 code units. Each piece of
text therefore carries its own count, and a message is joined from pieces that fit. The limits are
those of https://core.telegram.org/bots/api.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import NamedTuple

from telegram.constants import InlineKeyboardButtonLimit, MessageLimit

from bot.i18n.phrases import isolate, strip_controls

MAX_MESSAGE_LENGTH = int(MessageLimit.MAX_TEXT_LENGTH)
"""The limit of a message in UTF-16 units, after parsing its HTML."""
MAX_CAPTION_LENGTH = int(MessageLimit.CAPTION_LENGTH)
"""Telegram's limit of the text below a file, in UTF-16 units."""
MAX_ENTITIES = int(MessageLimit.MESSAGE_ENTITIES)
"""The limit of entities (bold, links, quotes); Telegram silently drops any further ones."""
MAX_COPIED_LENGTH = int(InlineKeyboardButtonLimit.MAX_COPY_TEXT)
"""The longest text, in characters, that a button copies."""
MAX_URL_LENGTH = 2_000
"""The longest address, in characters, that is made a link."""
MIN_EXPANDABLE_UNITS = 400
"""The length in UTF-16 units from which a quote is collapsed, with an arrow to expand it."""


class HtmlText(NamedTuple):
    """A piece of HTML, with its UTF-16 units and entities as Telegram counts them."""

    html: str
    utf16_units: int
    entities: int = 0

    def fits(self) -> bool:
        """Return whether the piece fits in one message."""
        return self.utf16_units <= MAX_MESSAGE_LENGTH and self.entities <= MAX_ENTITIES


class Button(NamedTuple):
    """A button below a message, with exactly one of the following.

    Telegram sends `callback_data` (at most 64 bytes) back when the button is pressed, opens `url`,
    or puts `copied_text` on the clipboard.
    """

    label: str
    callback_data: str | None = None
    url: str | None = None
    copied_text: str | None = None
    """At most `MAX_COPIED_LENGTH` characters."""


Buttons = tuple[tuple[Button, ...], ...]
"""Rows of buttons."""


class OutgoingMessage(NamedTuple):
    """The text of a message and its buttons."""

    text: HtmlText
    buttons: Buttons = ()


def plain_text(text: str) -> HtmlText:
    """Return escaped text, without control characters or bidi controls."""
    cleaned = strip_controls(text)
    return HtmlText(escape(cleaned, quote=False), utf16_length(cleaned))


def trusted_text(text: str) -> HtmlText:
    """Return escaped text of the bot itself, which may contain bidi controls."""
    return HtmlText(escape(text, quote=False), utf16_length(text))


def bidi_isolate(piece: HtmlText) -> HtmlText:
    """Wrap a run of text in a bidi isolate."""
    return HtmlText(
        isolate(piece.html), piece.utf16_units + utf16_length(isolate("")), piece.entities
    )


def join_html(pieces: Iterable[HtmlText], separator: str = "") -> HtmlText:
    """Join pieces; `separator` is escaped."""
    pieces = list(pieces)
    gaps = max(0, len(pieces) - 1)
    return HtmlText(
        escape(separator, quote=False).join(piece.html for piece in pieces),
        sum(piece.utf16_units for piece in pieces) + gaps * utf16_length(separator),
        sum(piece.entities for piece in pieces),
    )


def bold(piece: HtmlText) -> HtmlText:
    """Return a piece in bold."""
    return HtmlText(f"<b>{piece.html}</b>", piece.utf16_units, piece.entities + 1)


def monospaced(piece: HtmlText) -> HtmlText:
    """Return a piece in a fixed-width font; a reader copies all of it by tapping it."""
    return HtmlText(f"<code>{piece.html}</code>", piece.utf16_units, piece.entities + 1)


def blockquote(piece: HtmlText, *, may_fold: bool = True) -> HtmlText:
    """Return a piece as a block quote, expandable if it is long and `may_fold`."""
    is_expandable = may_fold and piece.utf16_units >= MIN_EXPANDABLE_UNITS
    expandable = " expandable" if is_expandable else ""
    return HtmlText(
        f"<blockquote{expandable}>{piece.html}</blockquote>", piece.utf16_units, piece.entities + 1
    )


def link(label: str, url: str) -> HtmlText:
    """Return a link to a URL."""
    label_html = plain_text(label)
    return HtmlText(
        f'<a href="{escape(url)}">{label_html.html}</a>',
        label_html.utf16_units,
        label_html.entities + 1,
    )


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def truncate(text: str, max_units: int) -> str:
    """Return `text` truncated to at most `max_units` UTF-16 units, with "…" if it was cut."""
    if utf16_length(text) <= max_units:
        return text
    units = 0
    for position, char in enumerate(text):
        units += utf16_length(char)
        if units > max_units - 1:
            return f"{text[:position].rstrip()}…"
    return text
