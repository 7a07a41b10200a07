"""When something goes wrong: one reference for the user, the log and the owners."""

from __future__ import annotations

import logging
import secrets
import traceback
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from bot.i18n.catalogue import WORDS, UiLanguage
from index.clock import Clock

logger = logging.getLogger(__name__)

AGAIN_AFTER = timedelta(hours=1)
"""Owners are told once of each kind of error in this time."""


class ErrorReporter:
    """Gives errors a reference, writes them to the log, and tells the owners of new kinds.

    What people wrote has no place in it: a kind is a type and the line where it arose.
    """

    def __init__(
        self,
        owners: Iterable[int],
        tell: Callable[[int, str], None],
        language: UiLanguage,
        clock: Clock,
    ) -> None:
        self._owners = owners
        self._tell = tell
        self._language = language
        self._clock = clock
        self._told: dict[str, datetime] = {}

    def failed(self, error: BaseException) -> str:
        """Note an error, and return its reference."""
        reference = secrets.token_hex(4)
        kind = _kind(error)
        logger.error("Reference %s: %s\n%s", reference, kind, _frames(error))
        logger.debug("Reference %s", reference, exc_info=error)
        now = self._clock()
        told = self._told.get(kind)
        if told is None or now - told >= AGAIN_AFTER:
            self._told[kind] = now
            words = WORDS[self._language]["owner told"].format(reference=reference, kind=kind)
            for owner in self._owners:
                self._tell(owner, words)
        return reference


def _frames(error: BaseException) -> str:
    """Return where an error and what it came from arose, without what people may have written."""
    chain: list[str] = []
    each: BaseException | None = error
    while each is not None:
        lines = "".join(traceback.format_tb(each.__traceback__))
        chain.append(f"{lines}{type(each).__name__}")
        each = each.__cause__ or each.__context__
    return "\nfrom\n".join(chain)


def _kind(error: BaseException) -> str:
    """Return where an error arose: «ValueError, answer.py:42»."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    return f"{type(error).__name__}, {Path(frames[-1].filename).name}:{frames[-1].lineno}"
