"""Telegram's Bot API through python-telegram-bot, and what its errors mean for a call.

`BadRequest` and what a broken connection raises are both `NetworkError` there: whether a call may
be made again is therefore decided here, in `classify_error`, and nowhere else.
"""

from __future__ import annotations

import asyncio
import os
import re
from datetime import timedelta
from enum import Enum, auto
from typing import Any, NamedTuple

from telegram import Bot, InputFile
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.settings import TelegramSettings
from bot.telegram.rate_limits import Backoff
from bot.telegram.transport import AiohttpRequest, ConnectionFailed, ResponseLost, ServerError

os.environ["PTB_TIMEDELTA"] = "true"  # the library's own switch: times to wait are timedeltas

MAX_CONCURRENT_CALLS = 16
"""How many messages may be on their way at once."""
MAX_CONCURRENT_BEST_EFFORT_CALLS = 4
"""How many calls beside them that may fail without harm."""
WANTED = ("message", "channel_post", "callback_query", "my_chat_member")
"""The kinds of updates that Telegram is asked for."""
_TOO_LARGE = "(413)"
_TRIES = 3


class SendOutcome(Enum):
    """What became of a call."""

    SENT = auto()
    NOT_SENT = auto()
    """It cannot have had an effect, and may be made again."""
    UNKNOWN = auto()
    """Nobody can know whether it had its effect."""
    FORBIDDEN = auto()
    """The bot may not write there: it was blocked, thrown out or silenced."""
    GONE = auto()
    """The message that was to be edited is no more, or is not to be edited."""
    REJECTED = auto()
    """Telegram refuses it, and would do so again."""
    REVOKED = auto()
    """The token is not, or no longer, valid: the call had no effect."""


_REFUSALS = (
    (
        re.compile(
            r"chat not found|not enough rights|need administrator|have no rights"
            r"|chat_write_forbidden|chat_restricted|peer_id_invalid|deactivated|topic_closed"
            r"|thread not found",
            re.IGNORECASE,
        ),
        SendOutcome.FORBIDDEN,
    ),
    (
        re.compile(r"message to edit not found|message can't be edited", re.IGNORECASE),
        SendOutcome.GONE,
    ),
)
"""What Telegram says where the bot may not write, or has nothing to edit."""
_OF_TOPIC = re.compile("thread not found|topic_closed|topic_deleted", re.IGNORECASE)
_MUTED = re.compile("not enough rights|have no rights|restricted|write_forbidden", re.IGNORECASE)


AGAIN = frozenset((SendOutcome.NOT_SENT, SendOutcome.REVOKED))
"""What had no effect and stays to be done."""


class ErrorVerdict(NamedTuple):
    """What an error means for the call that it came from."""

    fate: SendOutcome
    wait: float | None = None
    """For how many seconds Telegram said to wait."""
    moved_to: int | None = None
    """The chat's new id."""


class TelegramApi(Bot):
    """Telegram's Bot API."""

    def __init__(
        self, token: str, wire: AiohttpRequest, polling: AiohttpRequest, **where: Any
    ) -> None:
        """Make a client that calls over `wire`, and waits for updates over `polling`."""
        super().__init__(token, request=wire, get_updates_request=polling, **where)
        self._wire = wire

    async def raw_updates(self, offset: int | None, seconds: int) -> Any:
        """Wait at most `seconds` for updates from `offset` on, and return them as JSON gave them.

        The library's own objects would not do: one update that it cannot read, of a kind that
        Telegram has thought of since, would come again and again and let no other through.
        Raises `TelegramError`.
        """
        read = (self._request[0].read_timeout or 0) + seconds
        wanted = {"timeout": seconds, "offset": offset, "allowed_updates": WANTED}
        return await self._post("getUpdates", wanted, read_timeout=read)

    async def post_message(self, **fields: Any) -> None:
        """Send a message, and do not look at what Telegram makes of it.

        To build the library's object of it takes a third of the time of the call.
        Raises `TelegramError`.
        """
        await self._post("sendMessage", fields)

    async def post_document(self, name: str, content: bytes, **fields: Any) -> None:
        """Send a file, and do not look at what Telegram makes of it. Raises `TelegramError`."""
        await self._post("sendDocument", {"document": InputFile(content, name), **fields})

    async def post_photo(self, name: str, content: bytes, **fields: Any) -> None:
        """Send a picture, and do not look at what Telegram makes of it. Raises `TelegramError`."""
        await self._post("sendPhoto", {"photo": InputFile(content, name), **fields})

    async def download(self, file_id: str) -> bytes:
        """Fetch a document that somebody sent, trying thrice. Raises `TelegramError`."""
        backoff = Backoff()
        for _ in range(_TRIES - 1):
            try:
                return await self._downloaded(file_id)
            except (ConnectionFailed, ResponseLost, ServerError, RetryAfter) as error:
                await asyncio.sleep(wait_after(error, backoff))
        return await self._downloaded(file_id)

    async def _downloaded(self, file_id: str) -> bytes:
        file = await self.get_file(file_id)
        assert file.file_path is not None, "Telegram says where the file is"
        return await self._wire.file(file.file_path)


def client(settings: TelegramSettings, token: str) -> TelegramApi:
    """Return a client for `token`; nothing is sent yet."""
    named = {"base_url": settings.base_url, "base_file_url": settings.base_file_url}
    where: dict[str, Any] = {name: str(url) for name, url in named.items() if url}
    return TelegramApi(
        token,
        AiohttpRequest(
            MAX_CONCURRENT_CALLS + MAX_CONCURRENT_BEST_EFFORT_CALLS, settings.patience_seconds
        ),
        AiohttpRequest(1, settings.patience_seconds),
        **where,
    )


def classify_error(error: TelegramError) -> ErrorVerdict:
    """Say what an error means: whether the call may be made again, and when.

    An answer of Telegram's own says that the call had no effect. A gateway's (an HTTP status of 500
    or more without Telegram's JSON, or 504) does not know, nor does a connection that broke after
    it was made, nor an answer that cannot be read.
    """
    match error:
        case RetryAfter():
            return ErrorVerdict(SendOutcome.NOT_SENT, wait=told_to_wait(error))
        case ChatMigrated():
            return ErrorVerdict(SendOutcome.NOT_SENT, moved_to=error.new_chat_id)
        case ConnectionFailed():
            return ErrorVerdict(SendOutcome.NOT_SENT)
        case ServerError():
            return ErrorVerdict(SendOutcome.NOT_SENT if error.own else SendOutcome.UNKNOWN)
        case ResponseLost():
            return ErrorVerdict(SendOutcome.UNKNOWN)
        case InvalidToken():
            return ErrorVerdict(SendOutcome.REVOKED)
    return ErrorVerdict(_refusal(error))


def _refusal(error: TelegramError) -> SendOutcome:
    """Tell refusals apart; what is none of Telegram's is of unknown fate."""
    if isinstance(error, Forbidden):
        return SendOutcome.FORBIDDEN
    if not (isinstance(error, BadRequest) or _TOO_LARGE in error.message):
        return SendOutcome.UNKNOWN
    said = (fate for words, fate in _REFUSALS if words.search(error.message))
    return next(said, SendOutcome.REJECTED)


def is_of_topic(error: TelegramError | None) -> bool:
    """Say whether a refusal is of a forum's topic alone, which is closed or gone."""
    return bool(error and _OF_TOPIC.search(error.message))


def is_muted(error: TelegramError | None) -> bool:
    """Say whether a refusal is for now: the bot is there, and may be let write again."""
    return bool(error and _MUTED.search(error.message))


def wait_after(error: Exception, backoff: Backoff) -> float:
    """Return for how many seconds to wait after a failure: as told, else longer each time."""
    return told_to_wait(error) if isinstance(error, RetryAfter) else backoff.next()


def told_to_wait(error: RetryAfter) -> float:
    """Return for how many seconds Telegram said to wait."""
    told: timedelta | int = error.retry_after
    return told.total_seconds() if isinstance(told, timedelta) else float(told)
