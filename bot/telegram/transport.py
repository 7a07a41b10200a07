"""HTTP transport for python-telegram-bot on aiohttp.

Its errors tell whether a call can have reached Telegram. The library's own transport needs six
times the processor time for a call (docs/decisions/telegram-library.md).
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

_TOO_MANY_REQUESTS = 429
_GATEWAY_TIMEOUT = 504
_MAX_WAIT_SECONDS = 3_600.0
"""Upper limit of the seconds to wait after a 429, whatever Telegram names."""
_CONNECTION_ERRORS = (
    aiohttp.ClientConnectorError,
    aiohttp.ClientHttpProxyError,
    aiohttp.ConnectionTimeoutError,
    aiohttp.InvalidURL,
)


class ConnectionFailed(NetworkError):
    """No connection was made: the call cannot have reached Telegram."""


class ResponseLost(NetworkError):
    """The connection broke or stalled after the call had left: its effect is unknown."""


class ServerError(NetworkError):
    """The response has an HTTP status of 500 or more.

    `from_telegram` is True if it is Telegram's own JSON, which means that the call had no effect.
    """

    def __init__(self, status: int, *, from_telegram: bool) -> None:
        self.from_telegram = from_telegram
        super().__init__(f"{'Telegram' if from_telegram else 'a gateway'} answered {status}")


class AiohttpRequest(BaseRequest):
    """A pool of persistent connections to Telegram."""

    def __init__(self, max_connections: int, timeout: float) -> None:
        """Set the size of the pool, and the timeout of connecting and of reading, in seconds."""
        self._max_connections = max_connections
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None
        self._proxies = getproxies()

    @property
    def read_timeout(self) -> float:
        """Default timeout of a response in seconds."""
        return self._timeout

    async def initialize(self) -> None:
        """Open the session."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._max_connections)
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
        """Make a call; return the HTTP status and the body of the response.

        Raises `ConnectionFailed`, `ResponseLost`, `ServerError` and, for a 429, `RetryAfter`.
        """
        assert self._session is not None, "initialize() comes first"
        read_seconds = read_timeout if isinstance(read_timeout, int | float) else self._timeout
        client_timeout = aiohttp.ClientTimeout(
            total=self._timeout + read_seconds, connect=self._timeout
        )
        call = self._session.request(
            method,
            url,
            data=_form_data(request_data),
            timeout=client_timeout,
            proxy=self._find_proxy(url),
        )
        status, body = await _read_response(call)
        response = _parse_json_object(body)
        if status >= 500:
            is_telegram_error = response.get("ok") is False and status != _GATEWAY_TIMEOUT
            raise ServerError(status, from_telegram=is_telegram_error)
        if status == _TOO_MANY_REQUESTS:
            raise RetryAfter(_parse_retry_after(response))
        if response.get("ok") is not (status < 300) or (status < 300 and "result" not in response):
            raise ResponseLost(f"a response that is not Telegram's ({status})")
        return status, body

    async def download(self, url: str) -> bytes:
        """Return the content of a file on Telegram's server.

        Raises `ConnectionFailed`, `ResponseLost`, `ServerError`.
        """
        assert self._session is not None, "initialize() comes first"
        client_timeout = aiohttp.ClientTimeout(total=4 * self._timeout, connect=self._timeout)
        call = self._session.get(url, timeout=client_timeout, proxy=self._find_proxy(url))
        status, body = await _read_response(call)
        if status >= 500:
            raise ServerError(status, from_telegram=False)
        if status != 200:
            raise ResponseLost(f"no file ({status})")
        return body

    def _find_proxy(self, url: str) -> str | None:
        """Return the proxy for a URL according to the environment (HTTPS_PROXY, NO_PROXY)."""
        parsed_url = urlsplit(url)
        if parsed_url.hostname is None or proxy_bypass(parsed_url.hostname):
            return None
        return self._proxies.get(parsed_url.scheme)


def _form_data(data: RequestData | None) -> Mapping[str, str] | aiohttp.FormData | None:
    """Return the form fields of a call: multipart with its files, else URL-encoded."""
    if data is None or not data.contains_files:
        return data.json_parameters if data else None
    form = aiohttp.FormData(data.json_parameters)
    for field_name, (name, content, content_type) in data.multipart_data.items():
        form.add_field(field_name, content, filename=name, content_type=content_type)
    return form


async def _read_response(
    call: AbstractAsyncContextManager[aiohttp.ClientResponse],
) -> tuple[int, bytes]:
    """Await a response; return its status and body. Raises `ConnectionFailed`, `ResponseLost`."""
    try:
        async with call as response:
            return response.status, await response.read()
    except _CONNECTION_ERRORS as error:
        raise ConnectionFailed(f"no connection ({type(error).__name__})") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ResponseLost(f"no answer ({type(error).__name__})") from error


def _parse_json_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object in a response; an empty one if there is none."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _parse_retry_after(response: dict[str, Any]) -> timedelta:
    """Return the time to wait after a 429: five seconds if a gateway names none."""
    try:
        seconds = float(response["parameters"]["retry_after"])
    except (ValueError, TypeError, KeyError):
        seconds = 5.0
    return timedelta(seconds=min(max(1.0, seconds), _MAX_WAIT_SECONDS))
