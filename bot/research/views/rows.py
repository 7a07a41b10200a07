"""Put buttons into rows that a phone shows without cutting their labels."""

from __future__ import annotations

from collections.abc import Sequence

from bot.telegram.message import Button, Buttons


def split_rows(buttons: Sequence[Button], row_length: int) -> Buttons:
    """Return rows of at most `row_length` buttons."""
    return tuple(
        tuple(buttons[start : start + row_length]) for start in range(0, len(buttons), row_length)
    )
