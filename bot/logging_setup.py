"""The log: on stderr, and without secrets."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}")
_PLACEHOLDER = "‹token›"
_VERBOSE_LOGGERS = ("aiohttp", "alembic")
"""Libraries whose INFO would name every call with its address; the bot's own lines say enough."""


class RedactingFormatter(logging.Formatter):
    """Writes a record, its traceback with it, without Telegram's token."""

    def __init__(self, token: str | None) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        return redact(super().format(record), self._token)


def configure_logging(level: str, token: str | None) -> None:
    """Write what is at least as grave as `level` to stderr."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(token))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors show whole answers
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def redact(text: str, token: str | None = None) -> str:
    """Return `text` with tokens of Telegram's bots, and `token` whatever its form, left out."""
    if token:
        text = text.replace(token, _PLACEHOLDER)
    return _TOKEN.sub(_PLACEHOLDER, text)
