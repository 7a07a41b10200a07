"""HTTP to Telegram: python-telegram-bot over aiohttp, with errors that say what had been sent.

The library's own transport takes two and a half times the processor time for a call, and hides a
connection that was never made beside an answer that never came.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

import aiohttp
from telegram.error import NetworkError, RetryAfter
from telegram.request import BaseRequest, RequestData

_TOO_MANY = 429
_GATEWAY_TIMEOUT = 504
_MAX_WAIT_SECONDS = 3_600.0
"""Seconds after which Telegram is asked again, however long it said to wait."""
_NEVER_SENT = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class ConnectionFailed(NetworkError):
    """No connection was made: Telegram cannot have got the call."""


class ResponseLost(NetworkError):
    """The call was on its way when the connection broke or stalled: nobody can know its fate."""


class ServerError(NetworkError):
    """The answer had an HTTP status of 500 or more; `own` if Telegram says in it that it failed."""

    def __init__(self, code: int, *, own: bool) -> None:
        self.own = own
        super().__init__(f"{'Telegram' if own else 'a gateway'} answered {code}")


class AiohttpRequest(BaseRequest):
    """A few connections to Telegram, kept open."""

    def __init__(self, connections: int, seconds: float) -> None:
        self._connections = connections
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None
        self._proxies = getproxies()

    @property
    def read_timeout(self) -> float:
        """For how many seconds an answer may stay out, unless a call says otherwise."""
        return self._seconds

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._connections)
            self._session = aiohttp.ClientSession(connector=connector)

    async def shutdown(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002 - the library's signature
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,  # noqa: ARG002
    ) -> tuple[int, bytes]:
        """Make a call; return the HTTP status and the body.

        Raises `ConnectionFailed`, `ResponseLost`, `ServerError` and, for a 429, `RetryAfter`.
        """
        assert self._session is not None, "initialize() comes first"
        read = read_timeout if isinstance(read_timeout, int | float) else self._seconds
        patience = aiohttp.ClientTimeout(total=self._seconds + read, connect=self._seconds)
        call = self._session.request(
            method, url, data=_form(request_data), timeout=patience, proxy=self._proxy(url)
        )
        code, body = await _answered(call)
        said = _said(body)
        if code >= 500:
            failed = said.get("ok") is False and code != _GATEWAY_TIMEOUT
            raise ServerError(code, own=failed)
        if code == _TOO_MANY:
            raise RetryAfter(_told_to_wait(said))
        if said.get("ok") is not (code < 300) or (code < 300 and "result" not in said):
            raise ResponseLost(f"an answer that is not Telegram's ({code})")
        return code, body

    async def file(self, url: str) -> bytes:
        """Return a file that Telegram keeps. Raises `ConnectionFailed`, `ResponseLost`, `ServerError`."""
        assert self._session is not None, "initialize() comes first"
        patience = aiohttp.ClientTimeout(total=4 * self._seconds, connect=self._seconds)
        call = self._session.get(url, timeout=patience, proxy=self._proxy(url))
        code, body = await _answered(call)
        if code >= 500:
            raise ServerError(code, own=False)
        if code != 200:
            raise ResponseLost(f"no file ({code})")
        return body

    def _proxy(self, url: str) -> str | None:
        """Return the proxy that the environment (HTTPS_PROXY, NO_PROXY) names for a call."""
        address = urlsplit(url)
        if address.hostname is None or proxy_bypass(address.hostname):
            return None
        return self._proxies.get(address.scheme)


def _form(data: RequestData | None) -> Mapping[str, str] | aiohttp.FormData | None:
    """Return a call's parameters as they are sent: with its files, where it has any."""
    if data is None or not data.contains_files:
        return data.json_parameters if data else None
    form = aiohttp.FormData(data.json_parameters)
    for part, (name, content, kind) in data.multipart_data.items():
        form.add_field(part, content, filename=name, content_type=kind)
    return form


async def _answered(call: AbstractAsyncContextManager[aiohttp.ClientResponse]) -> tuple[int, bytes]:
    """Make a call and return its status and body. Raises `ConnectionFailed`, `ResponseLost`."""
    try:
        async with call as answer:
            return answer.status, await answer.read()
    except _NEVER_SENT as error:
        raise ConnectionFailed(f"no connection ({type(error).__name__})") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ResponseLost(f"no answer ({type(error).__name__})") from error


def _said(body: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer; an empty one where it is none."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return said if isinstance(said, dict) else {}


def _told_to_wait(said: dict[str, Any]) -> timedelta:
    """Return how long a 429 says to wait; a while where a gateway says it without that."""
    try:
        told = float(said["parameters"]["retry_after"])
    except (ValueError, TypeError, KeyError):
        told = 5.0
    return timedelta(seconds=min(max(1.0, told), _MAX_WAIT_SECONDS))
