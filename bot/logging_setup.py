"""Set up logging to stderr, with secrets redacted."""

from __future__ import annotations

import logging
import re

_TOKEN = re.compile(r"(?<!\d)\d{5,}:[A-Za-z0-9_-]{20,}")
_PLACEHOLDER = "‹token›"
_VERBOSE_LOGGERS = ("aiohttp", "alembic")
"""Libraries that log every call with its URL at INFO; only their warnings are logged."""


class RedactingFormatter(logging.Formatter):
    """Formats a record and its traceback, and replaces bot tokens with a placeholder."""

    def __init__(self, token: str | None) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._token = token

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text, redacted."""
        return redact(super().format(record), self._token)


def configure_logging(level: str, token: str | None) -> None:
    """Log records of `level` or above to stderr, with `token` redacted."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter(token))
    logging.basicConfig(level=level, handlers=[handler])
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors contain whole responses
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def redact(text: str, token: str | None = None) -> str:
    """Return `text` with `token`, and whatever looks like a Telegram bot token, replaced."""
    if token:
        text = text.replace(token, _PLACEHOLDER)
    return _TOKEN.sub(_PLACEHOLDER, text)
