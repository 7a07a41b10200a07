"""Set up logging to stderr, and redact secrets in whatever leaves the process as text."""

from __future__ import annotations

import logging
import re
import threading

_TOKEN = re.compile(r"(?<!\d)\d{5,}(?::|%3A)[A-Za-z0-9_-]{20,}", re.IGNORECASE)
"""A bot token, also as it stands in a quoted URL."""
_PLACEHOLDER = "‹token›"
_VERBOSE_LOGGERS = ("aiohttp", "alembic")
"""Libraries that log every call with its URL at INFO; only their warnings are logged."""

_secrets: set[str] = set()

logger = logging.getLogger(__name__)


class RedactingFormatter(logging.Formatter):
    """Formats a record and its traceback, and replaces secrets with a placeholder."""

    def __init__(self) -> None:
        super().__init__("%(levelname)s %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's text, redacted."""
        return redact(super().format(record))


def configure_logging(level: str) -> None:
    """Log records of `level` or above to stderr, and with them warnings and errors of threads."""
    handler = logging.StreamHandler()
    handler.setFormatter(RedactingFormatter())
    logging.basicConfig(level=level, handlers=[handler])
    logging.captureWarnings(capture=True)
    threading.excepthook = _log_thread_error
    logging.getLogger("telegram").setLevel(logging.CRITICAL)  # its errors contain whole responses
    for name in _VERBOSE_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def register_secret(secret: str) -> None:
    """Let `redact` replace this text from now on, whatever its form."""
    _secrets.update((secret, secret.replace(":", "%3A")))


def redact(text: str) -> str:
    """Return `text` with registered secrets, and whatever looks like a bot token, replaced."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _PLACEHOLDER)
    return _TOKEN.sub(_PLACEHOLDER, text)


def _log_thread_error(error: threading.ExceptHookArgs) -> None:
    if error.exc_value is not None:
        logger.error("A thread failed.", exc_info=error.exc_value)
