"""Finding a site's addresses, in a thread that nobody has to wait for."""

from __future__ import annotations

import asyncio
import socket
import threading
from contextlib import suppress

from aiohttp.abc import AbstractResolver, ResolveResult

_NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class ThreadedResolver(AbstractResolver):
    """The system's lookup. One that hangs holds up neither the loop's own threads nor its end.

    The system gives a lookup up after half a minute or more, and cannot be told to stop: in the
    loop's pool a few such names would keep everything else waiting, and `asyncio.run` from ending.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Return where a host can be reached. Raises `OSError` where it is not known."""
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
            with suppress(RuntimeError):  # the loop has ended meanwhile
                loop.call_soon_threadsafe(set_answer, result)

        threading.Thread(target=look_up, name="lookup", daemon=True).start()
        return await answer

    async def close(self) -> None:
        """Nothing is kept open."""


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
