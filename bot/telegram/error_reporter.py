"""Report errors under one reference to the user, the log and the owners."""

from __future__ import annotations

import asyncio
import logging
import secrets
import traceback
from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from bot.i18n.languages import UiLanguage
from bot.i18n.translations import translator
from index.clock import Clock

logger = logging.getLogger(__name__)

OWNER_NOTICE_INTERVAL = timedelta(hours=1)
"""Owners are notified of each kind of error at most once in this time."""


class ErrorReporter:
    """Gives errors a reference, writes them to the log, and notifies the owners of new kinds.

    The kind of an error is its type and the line that raised it. Notices contain the kind, and the
    log also stack frames, but no messages of errors, which may quote users; the debug log has them.
    """

    def __init__(
        self,
        owners: Iterable[int],
        lang: UiLanguage,
        clock: Clock,
    ) -> None:
        self._owners = owners
        self._notices: asyncio.Queue[tuple[int, str]] = asyncio.Queue()
        self._lang = lang
        self._clock = clock
        self._last_reported_at: dict[str, datetime] = {}

    def report(self, error: BaseException) -> str:
        """Log an error, queue a notice to the owners if it is due; return the reference."""
        reference = secrets.token_hex(4)
        kind = _error_kind(error)
        logger.error("Reference %s: %s\n%s", reference, kind, _format_frames(error))
        logger.debug("Reference %s", reference, exc_info=error)
        now = self._clock()
        last_reported_at = self._last_reported_at.get(kind)
        if last_reported_at is None or now - last_reported_at >= OWNER_NOTICE_INTERVAL:
            self._last_reported_at[kind] = now
            text = (
                translator(self._lang)
                # Translators: {reference}: the identifier of the error in the log; {kind}: the
                # type of the error.
                .gettext(
                    "Error {reference}: {kind}. The log has the details under the same reference."
                )
                .format(reference=reference, kind=kind)
            )
            for owner in self._owners:
                self._notices.put_nowait((owner, text))
        return reference

    async def run(self, send_text: Callable[[int, str], Awaitable[object]]) -> None:
        """Send the notices to the owners with `send_text`, until cancelled."""
        while True:
            await send_text(*await self._notices.get())


def _format_frames(error: BaseException) -> str:
    """Return the stack frames and types of an error and its causes, without their messages."""
    chain: list[str] = []
    current: BaseException | None = error
    while current is not None:
        lines = "".join(traceback.format_tb(current.__traceback__))
        chain.append(f"{lines}{type(current).__name__}")
        current = current.__cause__ or current.__context__
    return "\nfrom\n".join(chain)


def _error_kind(error: BaseException) -> str:
    """Return the type of an error and the line that raised it: «ValueError, answer.py:42»."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__}, {Path(frames[-1].filename).name}:{frames[-1].lineno}"
