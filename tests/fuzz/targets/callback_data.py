"""What buttons carry."""

from __future__ import annotations

from collections.abc import Iterator

import bot.app  # noqa: F401  # it brings every kind of button
from bot.telegram.callback_data import _KINDS, parse_callback_data

SEEDS = (
    *(f"{prefix}:1".encode() for prefix in sorted(_KINDS)),
    *(b"draft:12:publish", b"held:1:yes:3", b"set:drop:require:\xd9\x86"),
)


def evaluation_seeds() -> Iterator[bytes]:
    """Yield seeds from the evaluation data: it has no buttons."""
    return iter(())


def run(data: bytes) -> None:
    """Parse what a button carries; what is understood is understood again as it is packed."""
    text = data.decode(errors="replace")
    parsed = parse_callback_data(text)
    if parsed is not None and len(text.encode()) <= 64:
        assert parse_callback_data(parsed.pack()) == parsed
