"""The answer to an inline query: results to insert, or a button that opens the bot."""

from __future__ import annotations

from typing import NamedTuple

from bot.telegram.message import HtmlText

MAX_RESULTS = 10
"""The largest number of results offered; Telegram allows 50."""


class InlineResult(NamedTuple):
    """A result: what the list shows, and the message that it inserts."""

    id: str
    """Unique among the results of an answer, 1 to 64 bytes."""
    title: str
    description: str
    content: HtmlText


class StartButton(NamedTuple):
    """A button above the results, which opens the bot with `/start payload`."""

    label: str
    payload: str


class InlineAnswer(NamedTuple):
    """The results of an inline query, at most `MAX_RESULTS`."""

    results: tuple[InlineResult, ...]
    is_personal: bool
    """Whether Telegram may show them only to who asked, not to others with the same query."""
    button: StartButton | None = None
