"""Resolve host names in daemon threads that never block the event loop or its end."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class ThreadedResolver(AbstractResolver):
    """The system's resolver, run in a daemon thread per lookup.

    A lookup may take half a minute or more to fail and cannot be cancelled. In the event loop's
    thread pool, a few such names would block other tasks and keep `asyncio.run` from returning.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return the addresses of a host. Raises `OSError` if it cannot be resolved."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[ResolveResult]] = loop.create_future()

        def set_answer(result: list[ResolveResult] | Exception) -> None:
            if answer.done():
                return
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)

        def look_up() -> None:
            result: list[ResolveResult] | Exception
            try:
                result = _resolve_host(host, port, family)
            except (OSError, ValueError) as error:
                result = error
            with suppress(RuntimeError):  # the loop has been closed meanwhile
                loop.call_soon_threadsafe(set_answer, result)

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Do nothing: there are no resources to release."""


def _resolve_host(host: str, port: int, family: int) -> list[ResolveResult]:
    infos = socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
    return [
        ResolveResult(
            hostname=host,
            host=str(socket_address[0]),
            port=port,
            family=address_family,
            proto=protocol,
            flags=_NUMERIC,
        )
        for address_family, _, protocol, _, socket_address in infos
    ]
